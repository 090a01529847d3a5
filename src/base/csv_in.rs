//! The one reader of CSV files that every import uses: files of the municipal register, of the old
//! supplier, of the bank, as Italian spreadsheets write them.
//!
//! It takes UTF-8 (with or without its mark), UTF-16 with its mark and Windows-1252; `;`, `,` and
//! tab; column names in any order and spelling of case, accents, spaces and underscores. Errors
//! are data with the line and the column, so that a clerk can mend the file. Rows are read one by
//! one: a file larger than the memory is no trouble.

mod decoding;
mod layout;
mod mapping;

use std::fmt;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek};
use std::str::FromStr;
use std::sync::Arc;

use super::{Cents, Date, Text};
use decoding::{Contents, Decoded, sniff};
use layout::{Layout, lay_out};
use mapping::{AmountFormat, DateFormat};
pub use mapping::{Mapping, guarded, unguarded};

/// No row is longer (in bytes of UTF-8): a quote that is never closed must not swallow the file.
const LONGEST_ROW: usize = 256 * 1024;
/// Ends the last row of every file, so that all rows end alike; a blank line is nothing.
const LAST_NEWLINE: &[u8] = b"\n";

/// What is wrong in a file, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvError {
    /// The file's name.
    pub file: String,
    /// The line as editors count it, 1 for the first.
    pub line: u64,
    /// The column, by the name that the import gives it.
    pub column: Option<String>,
    /// What is wrong and what to do.
    pub message: Text,
}

/// For logs: without the values of the row.
impl fmt::Display for CsvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        if let Some(column) = &self.column {
            write!(f, "{column}: ")?;
        }
        f.write_str(self.message.key)
    }
}

impl std::error::Error for CsvError {}

/// The rows of a CSV file. After an error in one row the next row can be read.
pub struct CsvIn<R: Read> {
    reader: csv::Reader<Source<R>>,
    layout: Arc<Layout>,
    unknown: Vec<String>,
    left_out: u64,
    failed: bool,
}

type Source<R> = io::Chain<io::Chain<Cursor<Vec<u8>>, BufReader<Decoded<R>>>, &'static [u8]>;

impl<R: Read + Seek> CsvIn<R> {
    /// Opens a file (`file` is its name for messages) and finds its columns by the header.
    ///
    /// # Errors
    /// When the file is empty, is a spreadsheet or can't be read; when a required column is
    /// missing (the message lists what is there) or a known one stands twice.
    pub fn open(
        file: &str,
        read: R,
        required: &[&'static str],
        optional: &[&'static str],
    ) -> Result<CsvIn<R>, CsvError> {
        CsvIn::open_mapped(file, read, required, optional, &Mapping::default())
    }

    /// The same, for a file of another shape.
    ///
    /// # Errors
    /// Those of [`CsvIn::open`], and a mapping that names columns that are not there.
    pub fn open_mapped(
        file: &str,
        mut read: R,
        required: &[&'static str],
        optional: &[&'static str],
        mapping: &Mapping,
    ) -> Result<CsvIn<R>, CsvError> {
        let wrong = |line: u64, message: Text| CsvError {
            file: file.to_owned(),
            line,
            column: None,
            message,
        };
        let unreadable = |error: io::Error| wrong(1, unreadable_text(&error));
        let encoding = match sniff(&mut read).map_err(unreadable)? {
            Contents::Text(encoding) => mapping.encoding.map_or(encoding, |e| e.encoding()),
            Contents::Spreadsheet => return Err(wrong(1, Text::new("csv-spreadsheet"))),
        };
        let mut decoded = BufReader::new(Decoded::new(read, encoding, LONGEST_ROW));
        let start = up_to_header(&mut decoded).map_err(unreadable)?;
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(
                mapping
                    .delimiter
                    .map_or_else(|| delimiter(&start), |d| d.byte()),
            )
            .has_headers(false)
            .flexible(true)
            .from_reader(Cursor::new(start).chain(decoded).chain(LAST_NEWLINE));
        let mut header = csv::StringRecord::new();
        match reader.read_record(&mut header) {
            Ok(true) => {}
            Ok(false) => return Err(wrong(1, Text::new("csv-empty"))),
            Err(error) => return Err(wrong(1, csv_text(&error))),
        }
        let line = first_line(&reader, &header, 1);
        let (layout, unknown) = lay_out(file, &header, required, optional, mapping)
            .map_err(|text| wrong(line, text))?;
        Ok(CsvIn {
            reader,
            layout: Arc::new(layout),
            unknown,
            left_out: 0,
            failed: false,
        })
    }

    /// The file's columns that the import doesn't know, as the header spells them.
    pub fn unknown_columns(&self) -> &[String] {
        &self.unknown
    }

    /// How many rows the mapping has left out so far.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }
}

impl<R: Read + Seek> Iterator for CsvIn<R> {
    type Item = Result<CsvRow, CsvError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if self.failed {
                return None;
            }
            let line = self.reader.position().line();
            let (file, _) = self.reader.get_mut().get_mut();
            file.get_mut().1.get_mut().allow(LONGEST_ROW);
            let mut record = csv::StringRecord::new();
            match self.reader.read_record(&mut record) {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => {
                    // The rest of the file can't be trusted.
                    self.failed = true;
                    return Some(Err(self.layout.error(line, None, csv_text(&error))));
                }
            }
            if record.iter().all(|field| field.trim().is_empty()) {
                continue;
            }
            let line = first_line(&self.reader, &record, line);
            if let Err(message) = self.layout.check(&record) {
                return Some(Err(self.layout.error(line, None, message)));
            }
            let Some(fields) = self.layout.fields(&record) else {
                self.left_out += 1;
                continue;
            };
            return Some(Ok(CsvRow {
                layout: Arc::clone(&self.layout),
                fields,
                line,
            }));
        }
    }
}

/// The line on which the record just read begins. (Its own position is before the blank lines
/// that precede it.)
fn first_line<S: Read>(reader: &csv::Reader<S>, record: &csv::StringRecord, before: u64) -> u64 {
    let inside = record
        .iter()
        .flat_map(str::bytes)
        .filter(|byte| *byte == b'\n')
        .count() as u64;
    before.max(reader.position().line().saturating_sub(inside + 1))
}

/// A row that is not blank. Fields are trimmed; an empty one counts as absent.
#[derive(Debug)]
pub struct CsvRow {
    layout: Arc<Layout>,
    /// The known columns, in the layout's order.
    fields: csv::StringRecord,
    line: u64,
}

impl CsvRow {
    /// The line on which the row begins, as editors count.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// A field, if the file has it and it is not empty.
    pub fn optional(&self, column: &str) -> Option<&str> {
        let place = self
            .layout
            .columns
            .iter()
            .position(|(name, _)| *name == column)?;
        let field = self.fields.get(place)?;
        (!field.is_empty()).then_some(field)
    }

    /// A field that must not be empty.
    ///
    /// # Errors
    /// When it is.
    pub fn text(&self, column: &str) -> Result<&str, CsvError> {
        self.optional(column)
            .ok_or_else(|| self.error(column, Text::new("error-required")))
    }

    /// A field read by its type's own rule, or `None` when it is empty; `say` words the failure.
    ///
    /// # Errors
    /// When the field is filled in and can't be read.
    pub fn optional_as<T: FromStr>(
        &self,
        column: &str,
        say: impl FnOnce(T::Err) -> Text,
    ) -> Result<Option<T>, CsvError> {
        let field = self.optional(column).map(T::from_str).transpose();
        field.map_err(|error| self.error(column, say(error)))
    }

    /// A field that must be filled in, read by its type's own rule: `row.required_as("codice_fiscale",
    /// FiscalCodeError::text)`.
    ///
    /// # Errors
    /// When it is empty or can't be read.
    pub fn required_as<T: FromStr>(
        &self,
        column: &str,
        say: impl FnOnce(T::Err) -> Text,
    ) -> Result<T, CsvError> {
        T::from_str(self.text(column)?).map_err(|error| self.error(column, say(error)))
    }

    /// A day, written `2026-11-03` or `03/11/2026`.
    ///
    /// # Errors
    /// When it is empty or no such day.
    pub fn date(&self, column: &str) -> Result<Date, CsvError> {
        self.read_date(column, self.text(column)?)
    }

    /// A day, or `None` when it is empty.
    ///
    /// # Errors
    /// When it is no such day.
    pub fn optional_date(&self, column: &str) -> Result<Option<Date>, CsvError> {
        let field = self.optional(column);
        field.map(|field| self.read_date(column, field)).transpose()
    }

    /// An amount of euros, written `1234.50`, `1.234,50` or `12,5`.
    ///
    /// # Errors
    /// When it is empty or no amount.
    pub fn cents(&self, column: &str) -> Result<Cents, CsvError> {
        self.read_cents(column, self.text(column)?)
    }

    /// An amount of euros, or `None` when it is empty.
    ///
    /// # Errors
    /// When it is no amount.
    pub fn optional_cents(&self, column: &str) -> Result<Option<Cents>, CsvError> {
        let field = self.optional(column);
        field
            .map(|field| self.read_cents(column, field))
            .transpose()
    }

    /// What is wrong with one field of this row.
    pub fn error(&self, column: &str, message: Text) -> CsvError {
        self.layout.error(self.line, Some(column), message)
    }

    fn read_date(&self, column: &str, field: &str) -> Result<Date, CsvError> {
        let format: DateFormat = self.layout.mapping.dates;
        format
            .read(field)
            .ok_or_else(|| self.error(column, Text::new("error-not-a-date")))
    }

    fn read_cents(&self, column: &str, field: &str) -> Result<Cents, CsvError> {
        let format: AmountFormat = self.layout.mapping.amounts;
        let amount = format
            .read(field)
            .map_err(|_| self.error(column, Text::new("error-not-an-amount")))?;
        let other_sign = self.layout.mapping.negate.iter().any(|name| name == column);
        Ok(if other_sign { -amount } else { amount })
    }
}

/// The bytes up to the end of the first line that is not blank.
fn up_to_header(source: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    loop {
        let from = start.len();
        let read = source
            .by_ref()
            .take(LONGEST_ROW as u64)
            .read_until(b'\n', &mut start)?;
        if read == 0 || !start[from..].trim_ascii().is_empty() {
            return Ok(start);
        }
    }
}

/// The delimiter that stands most often in the header outside quotes, `;` if in doubt.
fn delimiter(header: &[u8]) -> u8 {
    let mut counts = [(b',', 0), (b'\t', 0), (b';', 0)];
    let mut quoted = false;
    for &byte in header {
        quoted ^= byte == b'"';
        if let Some((_, count)) = counts.iter_mut().find(|(mark, _)| !quoted && *mark == byte) {
            *count += 1;
        }
    }
    counts
        .into_iter()
        .max_by_key(|(_, count)| *count)
        .map_or(b';', |(mark, _)| mark)
}

fn csv_text(error: &csv::Error) -> Text {
    match error.kind() {
        csv::ErrorKind::Io(error) => unreadable_text(error),
        _ => Text::new("csv-illegible"),
    }
}

fn unreadable_text(error: &io::Error) -> Text {
    match error.kind() {
        io::ErrorKind::FileTooLarge => Text::new("csv-row-too-long"),
        _ => Text::new("csv-unreadable").with("reason", error.to_string()),
    }
}

#[cfg(test)]
mod tests;
