//! Telematic receipts in a ZIP, one in each file of it. What is unpacked is bounded, whatever the archive
//! says of itself.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use crate::base::{CsvError, Error, Result, Text};
use crate::payments::RawReceipt;

/// A month of a large comune fits in.
const MOST_FILES: usize = 20_000;
/// One receipt is some 3 kB.
const LARGEST_FILE: u64 = 256 * 1024;
/// All of them together, in bytes.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Whether bytes are a ZIP of receipts; a spreadsheet is a ZIP too, and is none.
pub(super) fn is_zip(content: &[u8]) -> bool {
    content.starts_with(b"PK\x03\x04")
        && ZipArchive::new(Cursor::new(content))
            .is_ok_and(|zip| zip.index_for_name("[Content_Types].xml").is_none())
}

/// The receipts of a ZIP; for a file that is none, the fault with its place in the ZIP.
///
/// # Errors
/// A field error when the ZIP can't be read or is too large.
pub(super) fn receipts(
    name: &str,
    content: &[u8],
) -> Result<Vec<std::result::Result<RawReceipt, CsvError>>> {
    let broken = |error: &dyn std::fmt::Display| {
        let text = Text::new("partner-zip-broken").with("reason", error.to_string());
        Error::field("file", text)
    };
    let too_large = || Error::field("file", Text::new("partner-zip-too-large"));
    let mut zip = ZipArchive::new(Cursor::new(content)).map_err(|e| broken(&e))?;
    if zip.len() > MOST_FILES {
        return Err(too_large());
    }
    let (mut found, mut left) = (Vec::new(), LARGEST);
    for index in 0..zip.len() {
        let file = zip.by_index(index).map_err(|e| broken(&e))?;
        if !file.is_file() {
            continue;
        }
        let inside = file.name().map(std::borrow::Cow::into_owned);
        let mut bytes = Vec::new();
        file.take(LARGEST_FILE.min(left) + 1)
            .read_to_end(&mut bytes)
            .map_err(|e| broken(&e))?;
        let read = u64::try_from(bytes.len()).map_err(Error::internal)?;
        left = left.checked_sub(read).ok_or_else(too_large)?;
        let text = bytes.trim_ascii_start();
        let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
        found.push(RawReceipt::parse(text).map_err(|error| CsvError {
            file: name.to_owned(),
            line: u64::try_from(index).unwrap_or(0) + 1,
            column: inside.ok(),
            message: Text::new("partner-not-a-receipt").with("reason", error.to_string()),
        }));
    }
    Ok(found)
}
