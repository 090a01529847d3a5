//! The three formats, each written row by row.

use std::io::Write;

use rust_xlsxwriter::{Workbook, XlsxError};
use serde_json::{Map, Value};

use super::Cell;
use crate::base::{Error, Result, guarded};

/// In which format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// UTF-8 with its mark, `;`, every field quoted: what spreadsheets and `import` read.
    Csv,
    /// An array with one object on each line.
    Json,
    /// A workbook with one sheet; every cell but counts is a text, so nothing is evaluated.
    Xlsx,
}

impl Format {
    /// Also the ending of files.
    pub fn name(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Json => "json",
            Format::Xlsx => "xlsx",
        }
    }
}

type Out = Box<dyn Write + Send>;

/// A file under way.
pub(super) enum Writer {
    Csv(Box<csv::Writer<Out>>),
    Json {
        out: Out,
        names: Vec<String>,
        first: bool,
    },
    Xlsx {
        book: Box<Workbook>,
        next: u32,
        out: Out,
    },
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Internal(format!("the export can't be written: {error}"))
}

fn in_workbook(error: XlsxError) -> Error {
    match error {
        XlsxError::RowColumnLimitError | XlsxError::MaxStringLengthExceeded => Error::Internal(
            "a spreadsheet can't hold that much: export it as csv or json".to_owned(),
        ),
        other => failed(other),
    }
}

impl Writer {
    pub(super) fn start(
        format: Format,
        title: &str,
        names: &[&str],
        mut out: Out,
    ) -> Result<Writer> {
        match format {
            Format::Csv => {
                out.write_all("\u{feff}".as_bytes()).map_err(failed)?;
                let mut csv = csv::WriterBuilder::new()
                    .delimiter(b';')
                    .quote_style(csv::QuoteStyle::Always)
                    .terminator(csv::Terminator::CRLF)
                    .from_writer(out);
                csv.write_record(names).map_err(failed)?;
                Ok(Writer::Csv(Box::new(csv)))
            }
            Format::Json => {
                out.write_all(b"[").map_err(failed)?;
                let names = names.iter().map(|name| (*name).to_owned()).collect();
                Ok(Writer::Json {
                    out,
                    names,
                    first: true,
                })
            }
            Format::Xlsx => {
                let mut book = Box::new(Workbook::new());
                // Rows leave the memory as soon as the next begins.
                let sheet = book
                    .add_worksheet_with_constant_memory()
                    .map_err(in_workbook)?;
                sheet.set_name(title).map_err(in_workbook)?;
                for (column, name) in (0..).zip(names) {
                    sheet.write_string(0, column, *name).map_err(in_workbook)?;
                }
                Ok(Writer::Xlsx { book, next: 1, out })
            }
        }
    }

    pub(super) fn row(&mut self, cells: &[Cell]) -> Result<()> {
        match self {
            Writer::Csv(csv) => {
                for cell in cells {
                    match cell {
                        Cell::Empty => csv.write_field(""),
                        Cell::Text(text) => csv.write_field(guarded(text).as_bytes()),
                        Cell::Safe(text) => csv.write_field(text),
                        Cell::Count(count) => csv.write_field(count.to_string()),
                    }
                    .map_err(failed)?;
                }
                csv.write_record(None::<&[u8]>).map_err(failed)
            }
            Writer::Json { out, names, first } => {
                let mut object = Map::new();
                for (name, cell) in names.iter().zip(cells) {
                    let value = match cell {
                        Cell::Empty => Value::Null,
                        Cell::Text(text) | Cell::Safe(text) => Value::String(text.clone()),
                        Cell::Count(count) => Value::from(*count),
                    };
                    object.insert(name.clone(), value);
                }
                let mark = if std::mem::take(first) { "\n" } else { ",\n" };
                write!(out, "{mark}{}", Value::Object(object)).map_err(failed)
            }
            Writer::Xlsx { book, next, .. } => {
                let sheet = book.worksheet_from_index(0).map_err(in_workbook)?;
                for (column, cell) in (0..).zip(cells) {
                    match cell {
                        Cell::Empty => continue,
                        Cell::Text(text) | Cell::Safe(text) => {
                            sheet.write_string(*next, column, text)
                        }
                        Cell::Count(count) => sheet.write_string(*next, column, count.to_string()),
                    }
                    .map_err(in_workbook)?;
                }
                *next += 1;
                Ok(())
            }
        }
    }

    pub(super) fn finish(self) -> Result<()> {
        match self {
            Writer::Csv(csv) => {
                let mut out = csv.into_inner().map_err(failed)?;
                out.flush().map_err(failed)
            }
            Writer::Json { mut out, .. } => {
                out.write_all(b"\n]\n").map_err(failed)?;
                out.flush().map_err(failed)
            }
            Writer::Xlsx {
                mut book, mut out, ..
            } => {
                let bytes = book.save_to_buffer().map_err(in_workbook)?;
                out.write_all(&bytes).map_err(failed)?;
                out.flush().map_err(failed)
            }
        }
    }
}
