//! Files of the partner: the numbers that it gave, and what was paid. A good line is taken though
//! another is bad: money does not wait for somebody else's slip. A bad line is told with its number, and
//! once it is mended the whole file may come again: what was taken is known.

use std::io::Cursor;
use std::sync::Arc;

use jiff::civil::Time;
use rusqlite::Transaction;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::zipped;
use crate::app::App;
use crate::base::{Actor, Cents, CsvError, CsvIn, CsvRow, Error, Instant, PublicId, Result, Text};
use crate::catalogue::Language;
use crate::config::Partner;
use crate::municipality;
use crate::payments::notices;
use crate::payments::partner::{self, Figures, FileKind, FileState, NewFile, PartnerFile};
use crate::payments::receipts::{self, Reception};
use crate::payments::{NoticeNumber, NoticeNumberError, RawReceipt, Subject};
use crate::store::{self, AuditEvent, Urgency};

/// So many bad lines are kept with the file; the report in the folder has all.
const LISTED: usize = 200;

const RECEIPTS: (&[&str], &[&str]) = (
    &["numero_avviso", "importo", "data", "id_ricevuta"],
    &[
        "ora",
        "mezzo",
        "prestatore",
        "versante",
        "versante_codice_fiscale",
        "ente",
    ],
);
const NOTICES: (&[&str], &[&str]) = (&["posizione", "numero_avviso"], &["importo"]);

/// A line that can't be taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The line as editors count it; 0: the whole file.
    pub line: u64,
    /// The column, by our name; empty when it is not about one.
    pub column: String,
    /// What is wrong and what to do, in Italian.
    pub message: String,
}

/// What came of a file.
#[derive(Clone, Debug)]
pub struct FileReport {
    /// The file as it is kept.
    pub file: PartnerFile,
    /// The lines that can't be taken.
    pub faults: Vec<Fault>,
    /// The same bytes were taken before: nothing was done, and `file` is the one of then.
    pub again: bool,
}

/// Brings a file: everything is done and taken back, and the file is kept to be looked at.
///
/// # Errors
/// A refusal when it is no file that the partner sends.
pub fn bring(app: &Arc<App>, actor: &Actor, name: &str, content: Vec<u8>) -> Result<FileReport> {
    exchange(app, actor, name, content, FileState::Preview)
}

/// Takes a file in.
///
/// # Errors
/// A refusal when it is no file that the partner sends; the database's own failure, and then nothing
/// of it was taken.
pub fn take(app: &Arc<App>, actor: &Actor, name: &str, content: Vec<u8>) -> Result<FileReport> {
    exchange(app, actor, name, content, FileState::Done)
}

fn exchange(
    app: &Arc<App>,
    actor: &Actor,
    name: &str,
    content: Vec<u8>,
    state: FileState,
) -> Result<FileReport> {
    let (config, actor, now) = (app.config.pagopa.partner.clone(), actor.clone(), app.now());
    let name: String = name.chars().take(120).collect();
    let (kind, rows) = read(&config, &name, &content)?;
    let words = Arc::clone(app);
    app.store.write(Urgency::Background, move |tx| {
        if let Some(file) = partner::taken_before(tx, &content)? {
            return Ok(FileReport {
                file,
                faults: Vec::new(),
                again: true,
            });
        }
        let creditor = municipality::municipality(tx)?.fiscal_code.to_string();
        tx.execute_batch("savepoint partner_file")?;
        let mut taking = Taking {
            tx,
            creditor,
            now,
            figures: Figures::default(),
            bad: Vec::new(),
        };
        for row in rows {
            taking.line(row)?;
        }
        let (figures, bad) = (taking.figures, taking.bad);
        if state == FileState::Preview {
            tx.execute_batch("rollback to partner_file")?;
        }
        tx.execute_batch("release partner_file")?;
        let faults: Vec<Fault> = bad.iter().map(|error| fault(&words, error)).collect();
        let listed = faults.get(..LISTED).unwrap_or(&faults);
        let new = NewFile {
            kind,
            batch: None,
            name: &name,
            state,
            figures,
            report: &serde_json::to_string(listed).map_err(Error::internal)?,
            content: &content,
            staff: actor.staff().map(|staff| staff.id),
        };
        let file = partner::keep_file(tx, &new, now)?;
        let event = AuditEvent {
            action: "partner-file",
            subject: "file",
            subject_id: None,
            payload: json!({
                "file": name, "kind": kind, "state": state, "taken": figures.taken,
                "known": figures.known, "suspense": figures.suspense, "bad": figures.bad,
                "total": figures.total,
            }),
        };
        store::audit(tx, &actor, now, &event)?;
        Ok(FileReport {
            file,
            faults,
            again: false,
        })
    })
}

fn fault(app: &App, error: &CsvError) -> Fault {
    Fault {
        line: error.line,
        column: error.column.clone().unwrap_or_default(),
        message: app.catalogue.say(Language::Italian, &error.message),
    }
}

/// A row of a file, or a receipt that is a file of its own.
enum Row {
    Csv(FileKind, Result<CsvRow, CsvError>),
    Rt(Box<Result<RawReceipt, CsvError>>),
}

/// Tells what a file holds by what stands in it.
fn read(config: &Partner, name: &str, content: &[u8]) -> Result<(FileKind, Vec<Row>)> {
    let start = content.trim_ascii_start();
    let start = start.strip_prefix("\u{feff}".as_bytes()).unwrap_or(start);
    if start.starts_with(b"<") {
        let receipt = RawReceipt::parse(start).map_err(|error| {
            let text = Text::new("partner-not-a-receipt").with("reason", error.to_string());
            Error::field("file", text)
        })?;
        return Ok((FileKind::Receipts, vec![Row::Rt(Box::new(Ok(receipt)))]));
    }
    if zipped::is_zip(content) {
        let found = zipped::receipts(name, content)?.into_iter();
        let rows = found.map(|receipt| Row::Rt(Box::new(receipt)));
        return Ok((FileKind::Receipts, rows.collect()));
    }
    let open = |(required, optional): (&[&'static str], &[&'static str]), mapping| {
        CsvIn::open_mapped(
            name,
            Cursor::new(content.to_vec()),
            required,
            optional,
            mapping,
        )
    };
    let rows = |kind, rows: CsvIn<_>| (kind, rows.map(|row| Row::Csv(kind, row)).collect());
    // Receipts first: their files may well name the position too.
    match open(RECEIPTS, &config.receipts) {
        Ok(found) => Ok(rows(FileKind::Receipts, found)),
        Err(no_receipts) => match open(NOTICES, &config.notices) {
            Ok(found) => Ok(rows(FileKind::Notices, found)),
            Err(_) => Err(Error::field("file", no_receipts.message)),
        },
    }
}

struct Taking<'a> {
    tx: &'a Transaction<'a>,
    creditor: String,
    now: Instant,
    figures: Figures,
    bad: Vec<CsvError>,
}

/// What a line brought.
enum Brought {
    New(Cents),
    Suspense(Cents),
    Known,
}

impl Taking<'_> {
    /// One line, all of it or nothing.
    fn line(&mut self, row: Row) -> Result<()> {
        self.tx.execute_batch("savepoint partner_line")?;
        match self.row(row) {
            Ok(Brought::New(amount)) => {
                self.figures.taken += 1;
                self.figures.total += amount;
            }
            Ok(Brought::Suspense(amount)) => {
                self.figures.taken += 1;
                self.figures.suspense += 1;
                self.figures.total += amount;
            }
            Ok(Brought::Known) => self.figures.known += 1,
            Err(Bad::Line(error)) => {
                self.tx.execute_batch("rollback to partner_line")?;
                self.figures.bad += 1;
                self.bad.push(error);
            }
            Err(Bad::Failed(error)) => return Err(error),
        }
        self.tx.execute_batch("release partner_line")?;
        Ok(())
    }

    fn row(&mut self, row: Row) -> Result<Brought, Bad> {
        match row {
            Row::Rt(receipt) => Ok(self.receipt(&(*receipt)?)?),
            Row::Csv(FileKind::Notices, row) => {
                let row = row?;
                self.number(&row).map_err(|bad| bad.in_row(&row))
            }
            Row::Csv(_, row) => {
                let row = row?;
                let receipt = self.raw(&row)?;
                self.receipt(&receipt)
                    .map_err(|error| Bad::Failed(error).in_row(&row))
            }
        }
    }

    fn receipt(&self, receipt: &RawReceipt) -> Result<Brought> {
        Ok(match receipts::receive(self.tx, receipt, self.now)? {
            Reception::Credited { .. } => Brought::New(receipt.amount),
            Reception::Suspense => Brought::Suspense(receipt.amount),
            Reception::AlreadyKnown => Brought::Known,
        })
    }

    fn raw(&self, row: &CsvRow) -> Result<RawReceipt, Bad> {
        let number: NoticeNumber = row.required_as("numero_avviso", NoticeNumberError::text)?;
        let amount = row.cents("importo")?;
        if !amount.is_positive() {
            return Err(row
                .error("importo", Text::new("error-not-an-amount"))
                .into());
        }
        let time: Option<Time> =
            row.optional_as("ora", |_: jiff::Error| Text::new("import-time"))?;
        let day = row.date("data")?;
        if day > crate::base::today(self.now) {
            return Err(row.error("data", Text::new("error-date-in-future")).into());
        }
        let paid_at = day.to_datetime(time.unwrap_or(Time::constant(12, 0, 0, 0)));
        let payer = row
            .optional("versante")
            .zip(row.optional("versante_codice_fiscale"));
        let key = row.text("id_ricevuta")?;
        let (means, psp) = (row.optional("mezzo"), row.optional("prestatore"));
        let creditor = row.optional("ente").unwrap_or(&self.creditor).to_owned();
        // There is no telematic receipt: what the line says is kept in its place.
        let raw = json!({
            "line": row.line(), "id_ricevuta": key, "numero_avviso": number.as_str(),
            "importo": amount, "data": day, "ora": time.map(|t| t.to_string()), "mezzo": means,
            "prestatore": psp, "ente": creditor,
        });
        Ok(RawReceipt {
            key: key.to_owned(),
            creditor,
            notice_number: number.to_string(),
            amount,
            paid_at: Instant::from_rome(paid_at),
            psp: psp.unwrap_or("").to_owned(),
            means: means.unwrap_or("").to_owned(),
            payer: payer.map(|(name, code)| Subject {
                code: code.to_uppercase(),
                name: name.to_owned(),
            }),
            raw: raw.to_string().into_bytes(),
        })
    }

    fn number(&self, row: &CsvRow) -> Result<Brought, Bad> {
        let position = row.text("posizione")?;
        let unknown = || row.error("posizione", Text::new("partner-position-unknown"));
        let id: PublicId = position.parse().map_err(|()| unknown())?;
        let notice = match notices::notice_by_public_id(self.tx, &id) {
            Err(Error::NotFound) => return Err(unknown().into()),
            other => other?,
        };
        let number: NoticeNumber = row.required_as("numero_avviso", NoticeNumberError::text)?;
        let amount = row.optional_cents("importo")?;
        if amount.is_some_and(|amount| amount != notice.amount) {
            let text = Text::new("partner-amount-differs").with("ours", notice.amount);
            return Err(row.error("importo", text).into());
        }
        Ok(
            match partner::give_number(self.tx, &notice, &number, self.now)? {
                true => Brought::New(notice.amount),
                false => Brought::Known,
            },
        )
    }
}

/// Why a line was not taken.
enum Bad {
    Line(CsvError),
    Failed(Error),
}

impl Bad {
    /// A rule that a slice refused is the line's fault.
    fn in_row(self, row: &CsvRow) -> Bad {
        match self {
            Bad::Failed(Error::Refused(refusal)) => Bad::Line(row.error("", refusal.text)),
            Bad::Failed(Error::Invalid(mut fields)) if !fields.is_empty() => {
                let first = fields.swap_remove(0);
                Bad::Line(row.error(&first.field, first.text))
            }
            other => other,
        }
    }
}

impl From<CsvError> for Bad {
    fn from(error: CsvError) -> Bad {
        Bad::Line(error)
    }
}

impl From<Error> for Bad {
    fn from(error: Error) -> Bad {
        Bad::Failed(error)
    }
}
