//! Imports from CSV files (tariffs: TOML). One file is one transaction: all of it or nothing,
//! unless bad rows are to be skipped. `--dry-run` does everything and takes it back.

mod attendance;
mod enrolments;
mod isee;
mod payments;
mod people;
mod schools;
mod tariffs;

use std::fs::File;
use std::path::Path;

use rusqlite::Transaction;

use crate::app::App;
use crate::base::{Actor, Cents, CsvError, CsvIn, CsvRow, Error, Instant, Result, Text};
use crate::store::{self, AuditEvent, SealingKey, Urgency};

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The residents' register: households with a minor.
    Residents,
    /// Children and who answers for them, also non-residents.
    Children,
    /// Schools.
    Schools,
    /// Classes of school years.
    Classes,
    /// Enrolments.
    Enrolments,
    /// ISEE values.
    Isee,
    /// A tariff rule (TOML).
    Tariffs,
    /// Who was present on which day.
    Attendance,
    /// What was paid elsewhere.
    Payments,
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Added,
    Changed,
    Unchanged,
}

/// A row, or something behind it, that can't be taken.
#[derive(Debug)]
pub enum Fault {
    /// The row says where and why.
    Row(CsvError),
    /// Something else failed.
    Other(Error),
}

impl From<CsvError> for Fault {
    fn from(error: CsvError) -> Fault {
        Fault::Row(error)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        Fault::Other(error)
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Fault {
        Fault::Other(error.into())
    }
}

/// What every row needs.
pub(super) struct Import<'a> {
    tx: &'a Transaction<'a>,
    key: &'a SealingKey,
    now: Instant,
    /// Amounts of the file, added up: the control total.
    total: Cents,
    /// Registers that the rows make up together.
    registers: attendance::Registers,
}

/// How a kind is read: its columns and what a row does.
struct Plan {
    required: &'static [&'static str],
    optional: &'static [&'static str],
    row: fn(&mut Import<'_>, &CsvRow) -> Result<Outcome, Fault>,
}

/// What came of a file.
#[derive(Debug, Default)]
pub struct Report {
    /// Rows that brought something new.
    pub added: u64,
    /// Rows that changed something.
    pub changed: u64,
    /// Rows that were there already.
    pub unchanged: u64,
    /// Rows that can't be taken.
    pub bad: Vec<CsvError>,
    /// Columns of the file that the import does not know.
    pub unknown_columns: Vec<String>,
    /// The sum of the file's amounts, where it has amounts.
    pub total: Cents,
    /// Whether it was written.
    pub written: bool,
}

/// Imports a file.
///
/// # Errors
/// When the file can't be read at all; rows that can't be taken are in the report, and then nothing
/// is written unless `skip_bad`.
pub fn import(
    app: &std::sync::Arc<App>,
    kind: Kind,
    path: &Path,
    dry_run: bool,
    skip_bad: bool,
) -> Result<Report, Fault> {
    if kind == Kind::Tariffs {
        return tariffs::import(app, path, dry_run);
    }
    let plan = plan(kind);
    let name = path
        .file_name()
        .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let file = File::open(path).map_err(|e| Error::io(path, e))?;
    let rows = CsvIn::open(&name, file, plan.required, plan.optional)?;
    let (app, now) = (std::sync::Arc::clone(app), app.now());
    let mut report = Report {
        unknown_columns: rows.unknown_columns().to_vec(),
        ..Report::default()
    };
    // The transaction's error carries the report out when nothing is to be written.
    let (tell, told) = std::sync::mpsc::channel();
    let written = std::sync::Arc::clone(&app)
        .store
        .write(Urgency::Background, move |tx| {
            let outcome = all_rows(tx, &app, &plan, rows, now, &mut report);
            let keep = outcome.is_ok() && !dry_run && (skip_bad || report.bad.is_empty());
            if keep {
                note(tx, kind, &name, &report, now)?;
            }
            report.written = keep;
            // The receiver lives as long as this call.
            let _ = tell.send((report, outcome));
            if keep { Ok(()) } else { Err(Error::Forbidden) }
        });
    match (told.try_recv(), written) {
        (Ok((report, Ok(()))), Ok(()) | Err(Error::Forbidden)) => Ok(report),
        (Ok((_, Err(fault))), _) => Err(fault),
        (_, Err(error)) => Err(error.into()),
        (Err(_), Ok(())) => Err(Error::Internal("the import gave no report".to_owned()).into()),
    }
}

fn plan(kind: Kind) -> Plan {
    match kind {
        Kind::Residents => people::RESIDENTS,
        Kind::Children => people::CHILDREN,
        Kind::Schools => schools::SCHOOLS,
        Kind::Classes => schools::CLASSES,
        Kind::Enrolments => enrolments::PLAN,
        Kind::Isee => isee::PLAN,
        Kind::Attendance => attendance::PLAN,
        Kind::Payments | Kind::Tariffs => payments::PLAN,
    }
}

fn all_rows(
    tx: &Transaction<'_>,
    app: &App,
    plan: &Plan,
    rows: CsvIn<File>,
    now: Instant,
    report: &mut Report,
) -> Result<(), Fault> {
    let mut import = Import {
        tx,
        key: &app.key,
        now,
        total: Cents::ZERO,
        registers: attendance::Registers::new(),
    };
    for row in rows {
        // A row that fails half-way leaves nothing behind.
        tx.execute_batch("savepoint import_row")
            .map_err(Error::from)?;
        let outcome = row.map_err(Fault::Row).and_then(|row| {
            let line = row.line();
            (plan.row)(&mut import, &row).map_err(|fault| in_row(fault, &row, line))
        });
        match outcome {
            Ok(Outcome::Added) => report.added += 1,
            Ok(Outcome::Changed) => report.changed += 1,
            Ok(Outcome::Unchanged) => report.unchanged += 1,
            Err(Fault::Row(error)) => {
                tx.execute_batch("rollback to import_row")
                    .map_err(Error::from)?;
                report.bad.push(error);
            }
            Err(fault @ Fault::Other(_)) => return Err(fault),
        }
        tx.execute_batch("release import_row")
            .map_err(Error::from)?;
    }
    attendance::save(&import)?;
    report.total = import.total;
    Ok(())
}

/// A rule that a slice's function refused becomes the row's fault.
fn in_row(fault: Fault, row: &CsvRow, _line: u64) -> Fault {
    match fault {
        Fault::Other(Error::Refused(refusal)) => Fault::Row(row.error("", refusal.text)),
        Fault::Other(Error::Invalid(mut fields)) if !fields.is_empty() => {
            let first = fields.swap_remove(0);
            Fault::Row(row.error(&first.field, first.text))
        }
        Fault::Other(Error::NotFound) => Fault::Row(row.error("", Text::new("import-not-found"))),
        other => other,
    }
}

fn note(tx: &Transaction<'_>, kind: Kind, name: &str, report: &Report, now: Instant) -> Result<()> {
    let event = AuditEvent {
        action: "import",
        subject: "file",
        subject_id: None,
        payload: serde_json::json!({
            "kind": format!("{kind:?}").to_lowercase(), "file": name, "added": report.added,
            "changed": report.changed, "unchanged": report.unchanged, "bad": report.bad.len(),
        }),
    };
    store::audit(tx, &Actor::System("import"), now, &event)
}
