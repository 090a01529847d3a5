//! Files that the accountant brings, and the question to the platform.

use serde_json::{Value, json};

use super::{HERE, OVERVIEW, data};
use crate::base::{CsvError, Error, Result, Text};
use crate::processes::imports::{Fault, upload_treasury};
use crate::processes::{payments, settlement};
use crate::settlement::Applied;
use crate::web::cx::Cx;
use crate::web::form::Upload;
use crate::web::reply::Reply;

/// So many bad rows are shown.
const SHOWN: usize = 50;

/// Asks the platform for flows at once.
pub(super) fn ask(cx: &mut Cx) -> Result<Reply> {
    if let Some(gateway) = payments::gateway(&cx.app)? {
        settlement::fetch_now(&cx.app, gateway.as_ref())?;
    }
    cx.redirect_saying(HERE, &Text::new("reconciliation-asked"))
}

fn uploaded(cx: &mut Cx, field: &str) -> Result<Upload> {
    let mut files = cx.form.take_files().into_iter();
    let file = files.find(|file| file.field == field);
    file.ok_or_else(|| Error::field(field, Text::new("error-required")))
}

fn again(cx: &Cx, error: Error, bad: Vec<Value>) -> Result<Reply> {
    let mut data = data(cx)?;
    data["bad"] = bad.into();
    cx.page_again(error, OVERVIEW, "Riconciliazione", data)
}

/// A settlement flow as XML.
pub(super) fn flow(cx: &mut Cx) -> Result<Reply> {
    let done = uploaded(cx, "file")
        .and_then(|file| settlement::upload_flow(&cx.app, &cx.actor, &file.filename, &file.bytes));
    match done {
        Ok(applied) => {
            let said = match applied {
                Applied::New => "reconciliation-flow-new",
                Applied::Overwrote => "reconciliation-flow-overwrote",
                Applied::Older => "reconciliation-flow-older",
                Applied::AlreadyKnown => "reconciliation-flow-known",
            };
            let text = Text {
                key: said,
                args: Vec::new(),
            };
            cx.redirect_saying(HERE, &text)
        }
        Err(error) => again(cx, error, Vec::new()),
    }
}

/// Movements of the treasury as CSV or as the OPI journal.
pub(super) fn lines(cx: &mut Cx) -> Result<Reply> {
    let file = match uploaded(cx, "lines") {
        Ok(file) => file,
        Err(error) => return again(cx, error, Vec::new()),
    };
    let skip_bad = cx.form.has("skip_bad");
    let done = upload_treasury(&cx.app, &cx.actor, &file.filename, file.bytes, skip_bad);
    let report = match done {
        Ok(report) => report,
        Err(Fault::Row(bad)) => {
            return again(cx, Error::field("lines", bad.message), Vec::new());
        }
        Err(Fault::Other(error)) => return Err(error),
    };
    let sentence = |bad: &CsvError| json!({ "line": bad.line, "column": bad.column, "what": cx.say_text(&bad.message) });
    let bad: Vec<Value> = report.bad.iter().take(SHOWN).map(sentence).collect();
    if !report.written {
        let text = Text::new("reconciliation-lines-bad").with("count", report.bad.len());
        return again(cx, Error::field("lines", text), bad);
    }
    let text = Text::new("reconciliation-lines-new")
        .with("added", i64::try_from(report.added).unwrap_or(i64::MAX))
        .with(
            "unchanged",
            i64::try_from(report.unchanged).unwrap_or(i64::MAX),
        )
        .with("left_out", report.bad.len())
        .with("total", report.total);
    cx.redirect_saying(HERE, &text)
}
