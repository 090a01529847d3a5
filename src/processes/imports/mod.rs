//! Imports from CSV files (tariffs: TOML). One file is one transaction: all of it or nothing,
//! unless bad rows are to be skipped. `--dry-run` does everything and takes it back.

mod attendance;
mod changeover;
mod diets;
mod enrolments;
mod history;
mod isee;
mod meter;
mod notices;
mod payments;
mod people;
mod schools;
mod tariffs;
mod treasury;

use std::collections::HashSet;
use std::path::Path;

use rusqlite::Transaction;

use crate::app::App;
use crate::base::{Actor, Cents, CsvError, CsvIn, CsvRow, Error, Instant, Result, Text};
use crate::ledger::{self, NewEntry};
use crate::store::{self, AuditEvent, SealingKey, Urgency};

use super::settlement;
use meter::{Meter, Metered};

pub use changeover::{Changeover, ChangeoverReport, import_all};
pub use meter::Heard;
pub use treasury::upload_treasury;

/// How files are to be imported.
#[derive(Clone)]
pub struct How {
    /// Everything is done and taken back.
    pub dry_run: bool,
    /// Rows that can't be taken are left out; without it they refuse everything.
    pub skip_bad: bool,
    /// Hears how far it is.
    pub heard: Heard,
}

/// What a file holds, in the order in which files refer to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Schools.
    Schools,
    /// Classes of school years.
    Classes,
    /// Persons: payers, parents, children, with their addresses and contacts.
    People,
    /// The residents' register: households with a minor.
    Residents,
    /// Children and who answers for them, also non-residents.
    Children,
    /// Enrolments.
    Enrolments,
    /// Diets of children.
    Diets,
    /// ISEE values.
    Isee,
    /// A tariff rule (TOML).
    Tariffs,
    /// Days without service.
    Closures,
    /// Who was present on which day.
    Attendance,
    /// Days that an earlier system has charged.
    Closings,
    /// Notices of an earlier supplier.
    Notices,
    /// Opening balances.
    Balances,
    /// What was paid elsewhere.
    Payments,
    /// What was charged elsewhere, line by line.
    Charges,
    /// Movements of the treasurer's account: CSV, or the OPI journal.
    Treasury,
    /// A settlement flow (XML).
    Settlement,
}

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It brought something new.
    Added,
    /// It changed something: what, before and after.
    Changed(String),
    /// It was there already.
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
    /// The earlier system, by name.
    origin: String,
    /// What is to be posted when all rows are read, in the order of the earlier system's ledger.
    entries: Vec<(i64, NewEntry)>,
    /// What this run has brought: a row that stands twice in a file is a mistake of the file.
    seen: HashSet<String>,
}

impl<'a> Import<'a> {
    fn new(tx: &'a Transaction<'a>, app: &'a App, origin: &str, now: Instant) -> Import<'a> {
        Import {
            tx,
            key: &app.key,
            now,
            total: Cents::ZERO,
            registers: attendance::Registers::new(),
            origin: origin.to_owned(),
            entries: Vec::new(),
            seen: HashSet::new(),
        }
    }

    /// Refuses a row that the same run has read before.
    fn once(&mut self, row: &CsvRow, key: String) -> Result<(), Fault> {
        if self.seen.insert(key) {
            return Ok(());
        }
        Err(row.error("", Text::new("import-twice")).into())
    }

    fn post_later(&mut self, order: i64, entry: NewEntry) {
        self.entries.push((order, entry));
    }

    /// Posts what the rows have left to post. Statements show the lines of a day in the order of
    /// posting: a file that tells the earlier order keeps it.
    fn post_all(&mut self) -> Result<()> {
        let mut entries = std::mem::take(&mut self.entries);
        entries.sort_by_key(|(order, _)| *order);
        for (_, entry) in &entries {
            ledger::post(self.tx, entry, self.now)?;
        }
        Ok(())
    }
}

/// The place of a row's entry in the earlier ledger; rows without one come after those that have.
fn order_of(row: &CsvRow) -> Result<i64, Fault> {
    let order = row.optional_as("ordine", |_: std::num::ParseIntError| {
        Text::new("import-order")
    })?;
    Ok(order.unwrap_or(i64::MAX))
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
    /// Rows that the mapping leaves out.
    pub left_out: u64,
    /// Every row that was taken, with its line: what became of it.
    pub rows: Vec<(u64, Outcome)>,
    /// Whether it was written.
    pub written: bool,
}

impl Report {
    /// Rows that were read: taken or refused.
    pub fn read(&self) -> u64 {
        self.added + self.changed + self.unchanged + self.bad.len() as u64
    }
}

/// Imports a file.
///
/// # Errors
/// When the file can't be read at all; rows that can't be taken are in the report, and then nothing
/// is written unless bad rows are to be skipped.
pub fn import(
    app: &std::sync::Arc<App>,
    kind: Kind,
    path: &Path,
    how: &How,
) -> Result<Report, Fault> {
    let (dry_run, skip_bad) = (how.dry_run, how.skip_bad);
    if kind == Kind::Tariffs {
        return tariffs::import(app, path, dry_run);
    }
    if kind == Kind::Settlement {
        return settlement::import(app, path, how);
    }
    let plan = plan(kind);
    let name = path
        .file_name()
        .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    if kind == Kind::Treasury
        && let Some(bytes) = treasury::journal_of(path, how)?
    {
        return treasury::import_journal(app, &name, &bytes, how);
    }
    let file = Meter::new(&how.heard).open(path)?;
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
            let mut import = Import::new(tx, &app, "", now);
            let outcome = all_rows(&mut import, &plan, rows, &mut report);
            let outcome = outcome.and_then(|()| Ok(import.post_all()?));
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
        Kind::People => people::PEOPLE,
        Kind::Residents => people::RESIDENTS,
        Kind::Children => people::CHILDREN,
        Kind::Schools => schools::SCHOOLS,
        Kind::Classes => schools::CLASSES,
        Kind::Enrolments => enrolments::PLAN,
        Kind::Isee => isee::PLAN,
        Kind::Attendance => attendance::PLAN,
        Kind::Diets => diets::DIETS,
        Kind::Closures => diets::CLOSURES,
        Kind::Closings => history::CLOSINGS,
        Kind::Notices => notices::PLAN,
        Kind::Balances => history::BALANCES,
        Kind::Charges => history::CHARGES,
        Kind::Treasury => treasury::PLAN,
        Kind::Payments | Kind::Tariffs | Kind::Settlement => payments::PLAN,
    }
}

fn all_rows(
    import: &mut Import<'_>,
    plan: &Plan,
    mut rows: CsvIn<Metered>,
    report: &mut Report,
) -> Result<(), Fault> {
    let tx = import.tx;
    import.total = Cents::ZERO;
    for row in rows.by_ref() {
        // A row that fails half-way leaves nothing behind.
        tx.execute_batch("savepoint import_row")
            .map_err(Error::from)?;
        let outcome = row.map_err(Fault::Row).and_then(|row| {
            let outcome = (plan.row)(import, &row).map_err(|fault| in_row(fault, &row));
            outcome.map(|outcome| (row.line(), outcome))
        });
        match outcome {
            Ok((line, outcome)) => {
                match &outcome {
                    Outcome::Added => report.added += 1,
                    Outcome::Changed(_) => report.changed += 1,
                    Outcome::Unchanged => report.unchanged += 1,
                }
                report.rows.push((line, outcome));
            }
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
    attendance::save(import)?;
    import.registers.clear();
    report.left_out = rows.left_out();
    report.total = import.total;
    Ok(())
}

/// A rule that a slice's function refused becomes the row's fault.
fn in_row(fault: Fault, row: &CsvRow) -> Fault {
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
