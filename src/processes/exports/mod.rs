//! Exports: what the comune has, as CSV, JSON or a spreadsheet, row by row out of one snapshot, so
//! that memory stays small however many rows there are. An export reads across the slices, one
//! statement for each sheet, and writes nothing but its line in the audit log.
//!
//! What [`import_all`](super::imports::import_all) takes, [`export_all`] writes in the same columns.

mod archive;
mod folder;
mod sheets;
mod writers;

use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};

use rusqlite::{Connection, Row};
use serde_json::json;

use crate::app::App;
use crate::base::{Actor, Cents, Error, Instant, PersonId, Result};
use crate::diets;
use crate::store::{self, AuditEvent, Urgency};

pub use archive::archive;
pub use folder::{Exported, export_all};
pub use sheets::Sheet;
pub use writers::Format;

use writers::Writer;

/// How a column is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum As {
    /// As it is; days are texts already.
    Text,
    /// Cents as a quoted decimal.
    Amount,
    /// A moment: RFC 3339 in UTC.
    Moment,
    /// The time of day of a moment in Rome.
    RomeTime,
    /// The day of a moment in Rome.
    RomeDay,
    /// A count.
    Count,
    /// Bytes, as hex digits.
    Hex,
}

/// One field of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing is known.
    Empty,
    /// May be anybody's words: guarded where a spreadsheet would evaluate it.
    Text(String),
    /// Written by us: amounts, moments.
    Safe(String),
    /// A whole number.
    Count(i64),
}

impl Cell {
    fn read(row: &Row<'_>, place: usize, how: As) -> rusqlite::Result<(Cell, Cents)> {
        let (mut cell, mut amount) = (Cell::Empty, Cents::ZERO);
        match how {
            As::Text => {
                if let Some(text) = row.get::<_, Option<String>>(place)? {
                    cell = Cell::Text(text);
                }
            }
            As::Amount => {
                if let Some(cents) = row.get::<_, Option<Cents>>(place)? {
                    amount = cents;
                    cell = Cell::Safe(cents.to_decimal());
                }
            }
            As::Moment | As::RomeDay | As::RomeTime => {
                if let Some(at) = row.get::<_, Option<Instant>>(place)? {
                    let local = at.in_rome();
                    cell = Cell::Safe(match how {
                        As::RomeDay => local.date().to_string(),
                        As::RomeTime => local.time().to_string(),
                        _ => at.to_string(),
                    });
                }
            }
            As::Count => {
                if let Some(count) = row.get(place)? {
                    cell = Cell::Count(count);
                }
            }
            As::Hex => {
                let bytes: Vec<u8> = row.get(place)?;
                cell = Cell::Safe(bytes.iter().map(|b| format!("{b:02x}")).collect());
            }
        }
        Ok((cell, amount))
    }
}

/// What was written of a sheet: the control figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Rows.
    pub rows: u64,
    /// The sum of its amounts.
    pub total: Cents,
}

/// Writes one sheet. Sealed diets are in [`Sheet::Diets`] alone: who asks for it is logged.
///
/// # Errors
/// When the file can't be written, or a year is asked of a sheet that has none.
pub fn export(
    app: &App,
    sheet: Sheet,
    format: Format,
    year: Option<i16>,
    out: Box<dyn Write + Send>,
) -> Result<Written> {
    if year.is_some() && !sheet.has_years() {
        return Err(Error::Internal(format!(
            "{} have no year: leave --year out",
            sheet.name()
        )));
    }
    // Logged before the first byte leaves: a reading that fails half-way was one.
    log(
        app,
        sheet.name(),
        format.name(),
        year,
        sheet == Sheet::Diets,
    )?;
    app.store
        .read(|db| write(db, app, sheet, format, year, out))
}

/// A small table of a page as a file, in the memory: what a clerk takes along of a list.
///
/// # Errors
/// When a spreadsheet can't hold it.
pub fn table(
    format: Format,
    title: &str,
    names: &[&str],
    rows: impl Iterator<Item = Vec<Cell>>,
) -> Result<Vec<u8>> {
    let bytes = Shared::default();
    let mut writer = Writer::start(format, title, names, Box::new(bytes.clone()))?;
    for row in rows {
        writer.row(&row)?;
    }
    writer.finish()?;
    let written = bytes.0.lock().map_err(Error::internal)?;
    Ok(written.clone())
}

/// Bytes that are still at hand when the writer is done with them.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut all = self.0.lock().map_err(|_| std::io::ErrorKind::Other)?;
        all.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn log(app: &App, what: &str, format: &str, year: Option<i16>, diets: bool) -> Result<()> {
    let now = app.now();
    let payload = json!({ "what": what, "format": format, "year": year, "diets": diets });
    app.store.write(Urgency::Background, move |tx| {
        let event = AuditEvent {
            action: "export",
            subject: "file",
            subject_id: None,
            payload,
        };
        store::audit(tx, &Actor::System("export"), now, &event)
    })
}

fn write(
    db: &Connection,
    app: &App,
    sheet: Sheet,
    format: Format,
    year: Option<i16>,
    out: Box<dyn Write + Send>,
) -> Result<Written> {
    let columns = sheet.columns();
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let mut writer = Writer::start(format, sheet.name(), &names, out)?;
    let mut written = Written::default();
    if sheet == Sheet::Diets {
        written.rows = write_diets(db, app, &mut writer)?;
        writer.finish()?;
        return Ok(written);
    }
    let mut statement = db.prepare(sheet.sql())?;
    let year = year.map(|year| format!("{year:04}"));
    let mut rows = match sheet.has_years() {
        true => statement.query([year])?,
        false => statement.query([])?,
    };
    let mut cells = Vec::with_capacity(columns.len());
    while let Some(row) = rows.next()? {
        cells.clear();
        for (place, (_, how)) in columns.iter().enumerate() {
            let (cell, amount) = Cell::read(row, place, *how)?;
            cells.push(cell);
            written.total += amount;
        }
        writer.row(&cells)?;
        written.rows += 1;
    }
    writer.finish()?;
    Ok(written)
}

fn write_diets(db: &Connection, app: &App, writer: &mut Writer) -> Result<u64> {
    let sql = "/* export */ select distinct c.child_id, l.fiscal_code from child_diet c
               join identity_link l on l.person_id = c.child_id and l.current = 1 order by c.child_id";
    let mut statement = db.prepare(sql)?;
    let mut children = statement.query([])?;
    let mut count = 0;
    while let Some(row) = children.next()? {
        let (child, code): (PersonId, String) = (row.get(0)?, row.get(1)?);
        for period in diets::periods_of_child(db, &app.key, child)? {
            let text = |text: Option<String>| text.map_or(Cell::Empty, Cell::Text);
            writer.row(&[
                Cell::Text(code.clone()),
                text(period.code),
                text(Some(period.from.to_string())),
                text(period.to.map(|day| day.to_string())),
            ])?;
            count += 1;
        }
    }
    Ok(count)
}

/// A file that only its owner may read: it holds personal data.
pub fn private_file(path: &Path) -> Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|e| Error::io(path, e))
}
