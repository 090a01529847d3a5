//! Several files as one that every desk computer opens: a ZIP.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::base::{Date, Error, Result};

/// Packs files, each with its name and its day. PDFs are compressed already: nothing is compressed
/// again. The same files give the same bytes.
///
/// # Errors
/// When two have the same name, or a day is one that the format can't hold.
pub fn archive(files: Vec<(String, Date, Vec<u8>)>) -> Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, day, bytes) in files {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(noon(day)?);
        zip.start_file(name, options).map_err(Error::internal)?;
        zip.write_all(&bytes).map_err(Error::internal)?;
    }
    Ok(zip.finish().map_err(Error::internal)?.into_inner())
}

fn noon(day: Date) -> Result<DateTime> {
    let year = u16::try_from(day.year()).map_err(Error::internal)?;
    let month = u8::try_from(day.month()).map_err(Error::internal)?;
    let of_month = u8::try_from(day.day()).map_err(Error::internal)?;
    DateTime::from_date_and_time(year, month, of_month, 12, 0, 0).map_err(Error::internal)
}
