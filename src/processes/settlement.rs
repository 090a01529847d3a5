//! Settlement flows come in: from the platform by the round of payments, and as files of the office.

use std::path::Path;

use super::imports::{Fault, How, Outcome, Report};
use crate::app::App;
use crate::base::{Actor, Cents, CsvError, Error, Instant, Result, Text};
use crate::payments::fdr;
use crate::payments::flows::RawFlow;
use crate::payments::gateway::PaymentGateway;
use crate::settlement::{self, Applied};
use crate::store::{self, AuditEvent, Urgency};

/// Up to when the platform was asked for flows.
const MARK: &str = "flows-polled";
/// The platform is asked so often: once an hour.
const EVERY: i64 = 3_600_000;
/// Every question goes back so far before the last one: a provider may overwrite a flow until the
/// fourth day after its settlement. Ten days.
const OVERLAP: i64 = 10 * 24 * 3_600_000;
/// So many rows that wait for a receipt are looked at again in one go.
const WAITING: u32 = 500;

/// The share that settlement has in a round of payments: rows that a new receipt explains move on, and
/// once an hour the platform is asked for flows. Called as often as one likes.
///
/// # Errors
/// The database's or the platform's failure; what was not done is done by the next round.
pub fn fetch(app: &App, gateway: &dyn PaymentGateway) -> Result<()> {
    let now = app.now();
    let (mark, news) = app
        .store
        .read(|db| Ok((store::mark(db, MARK)?, settlement::has_news(db)?)))?;
    if news {
        app.store.write(Urgency::Background, move |tx| {
            settlement::look_again(tx, WAITING, now)
        })?;
    }
    // A demo's clock may have been set back since.
    if mark.is_some_and(|mark| mark <= now && now.0 - mark.0 < EVERY) {
        return Ok(());
    }
    ask(app, gateway, mark, now)
}

/// The same without waiting for the hour: the accountant asks.
///
/// # Errors
/// Those of [`fetch`].
pub fn fetch_now(app: &App, gateway: &dyn PaymentGateway) -> Result<()> {
    let mark = app.store.read(|db| store::mark(db, MARK))?;
    ask(app, gateway, mark, app.now())
}

fn ask(app: &App, gateway: &dyn PaymentGateway, mark: Option<Instant>, now: Instant) -> Result<()> {
    let since = mark.map_or(Instant(0), |mark| mark.min(now).plus_millis(-OVERLAP));
    for flow in gateway.poll_flows(since, now)? {
        // One flow, one transaction.
        app.store.write(Urgency::Background, move |tx| {
            if settlement::foreign(tx, &flow)? {
                tracing::warn!(flow = flow.id, "a settlement flow of another creditor came");
                return Ok(());
            }
            settlement::apply(tx, &flow, "gateway", now)?;
            Ok(())
        })?;
    }
    app.store.write(Urgency::Background, move |tx| {
        settlement::look_again(tx, WAITING, now)?;
        store::set_mark(tx, MARK, now)
    })
}

/// Reads a settlement flow out of bytes: of this comune only.
///
/// # Errors
/// A field error `file` that says what is wrong.
pub fn read_flow(app: &App, bytes: &[u8]) -> Result<RawFlow> {
    let flow = fdr::parse(bytes).map_err(|wrong| Error::field("file", wrong.text()))?;
    if app.store.read(|db| settlement::foreign(db, &flow))? {
        let text = Text::new("settlement-foreign").with("creditor", flow.creditor.as_str());
        return Err(Error::field("file", text));
    }
    Ok(flow)
}

/// Takes in a flow that a member of staff has uploaded.
///
/// # Errors
/// Those of [`read_flow`].
pub fn upload_flow(app: &App, actor: &Actor, name: &str, bytes: &[u8]) -> Result<Applied> {
    let flow = read_flow(app, bytes)?;
    let (actor, name, now) = (actor.clone(), name.to_owned(), app.now());
    app.store.write(Urgency::Interactive, move |tx| {
        let applied = settlement::apply(tx, &flow, "file", now)?;
        log(tx, &actor, &name, &flow, applied, now)?;
        Ok(applied)
    })
}

/// `campanella import settlement`.
///
/// # Errors
/// When the file can't be read; what is no flow of this comune is the report's one bad row.
pub(super) fn import(app: &App, path: &Path, how: &How) -> Result<Report, Fault> {
    let size = std::fs::metadata(path)
        .map_err(|e| Error::io(path, e))?
        .len();
    let name = path
        .file_name()
        .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let bad = |message: Text| Report {
        bad: vec![CsvError {
            file: name.clone(),
            line: 0,
            column: None,
            message,
        }],
        ..Report::default()
    };
    if size > fdr::LARGEST as u64 {
        return Ok(bad(fdr::FdrError::TooLarge.text()));
    }
    let bytes = std::fs::read(path).map_err(|e| Error::io(path, e))?;
    let flow = match read_flow(app, &bytes) {
        Ok(flow) => flow,
        Err(Error::Invalid(mut fields)) if !fields.is_empty() => {
            return Ok(bad(fields.swap_remove(0).text));
        }
        Err(other) => return Err(other.into()),
    };
    let (now, dry_run, file) = (app.now(), how.dry_run, name.clone());
    let total = flow.total;
    let rows = flow.rows.len() as u64;
    let (tell, told) = std::sync::mpsc::channel();
    let written = app.store.write(Urgency::Background, move |tx| {
        let applied = settlement::apply(tx, &flow, "file", now)?;
        // The receiver lives as long as this call.
        let _ = tell.send(applied);
        if dry_run {
            return Err(Error::Forbidden);
        }
        log(tx, &Actor::System("import"), &file, &flow, applied, now)
    });
    match (told.try_recv(), written) {
        (Ok(applied), Ok(()) | Err(Error::Forbidden)) => {
            Ok(told_of(applied, rows, total, !dry_run))
        }
        (_, Err(error)) => Err(error.into()),
        (Err(_), Ok(())) => Err(Error::Internal("the import gave no report".to_owned()).into()),
    }
}

fn told_of(applied: Applied, rows: u64, total: Cents, written: bool) -> Report {
    let mut report = Report {
        total,
        written,
        ..Report::default()
    };
    let outcome = match applied {
        Applied::New => {
            report.added = rows;
            Outcome::Added
        }
        Applied::Overwrote => {
            report.changed = rows;
            Outcome::Changed("an earlier revision of the flow".to_owned())
        }
        Applied::Older | Applied::AlreadyKnown => {
            report.unchanged = rows;
            Outcome::Unchanged
        }
    };
    report.rows.push((1, outcome));
    report
}

fn log(
    tx: &rusqlite::Transaction<'_>,
    actor: &Actor,
    name: &str,
    flow: &RawFlow,
    applied: Applied,
    now: Instant,
) -> Result<()> {
    let event = AuditEvent {
        action: "import",
        subject: "file",
        subject_id: None,
        payload: serde_json::json!({
            "kind": "settlement", "file": name, "flow": flow.id, "total": flow.total,
            "rows": flow.rows.len(), "applied": format!("{applied:?}"),
        }),
    };
    store::audit(tx, actor, now, &event)
}
