//! "File del partner": what goes to and comes from the intermediary that speaks to pagoPA in the
//! comune's place. Only where there is one.

use serde_json::{Value, json};

use crate::base::Permission::Accounting;
use crate::base::{Error, PublicId, Result, Text};
use crate::config::Numbers;
use crate::payments::partner::{self, FileKind, FileState, PartnerFile};
use crate::processes::partner as exchange;
use crate::store::{self, AuditEvent};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

/// So many files are listed.
const LISTED: u32 = 100;
/// So many positions are shown before they go; the file has them all.
const SHOWN: usize = 200;
/// The largest file that is brought, in MiB.
const MIB: usize = 20;
const LIST: &str = "office/partner.html";
const TITLE: &str = "File del partner pagoPA";

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/ufficio/partner", Accounting, list),
        get("/ufficio/partner/posizioni", Accounting, preview),
        post("/ufficio/partner/posizioni", Accounting, make),
        post("/ufficio/partner/file", Accounting, bring).mib(MIB),
        get("/ufficio/partner/file/:id", Accounting, show),
        post("/ufficio/partner/file/:id/registra", Accounting, take),
        post("/ufficio/partner/file/:id/scarta", Accounting, discard),
        get("/ufficio/partner/file/:id/scarica", Accounting, download),
    ]
}

fn require_partner(cx: &Cx) -> Result<()> {
    match cx.app.config.pagopa.has_partner() {
        true => Ok(()),
        false => Err(Error::NotFound),
    }
}

fn href(id: &PublicId) -> String {
    format!("/ufficio/partner/file/{id}")
}

fn list_data(cx: &Cx) -> Result<Value> {
    let config = &cx.app.config.pagopa.partner;
    cx.read(|db| {
        let files = partner::files(db, LISTED)?;
        let waiting = exchange::waiting(db, cx.now)?;
        Ok(json!({
            "partner": config.name,
            "theirs": config.numbers == Numbers::Partner,
            "folders": config.out.is_some() || config.incoming.is_some(),
            "waiting": waiting.rows.len(),
            "total": waiting.total,
            "files": files.iter().map(|file| shown(cx, file)).collect::<Vec<_>>(),
        }))
    })
}

fn shown(cx: &Cx, file: &PartnerFile) -> Value {
    let mut value = json!(file);
    let kind = match file.kind {
        FileKind::Positions => "office-partner-positions",
        FileKind::Notices => "office-partner-notices",
        FileKind::Receipts => "office-partner-receipts",
    };
    value["kind_word"] = cx.say(kind).into();
    value["href"] = href(&file.public_id).into();
    value["ours"] = (file.kind == FileKind::Positions).into();
    value
}

fn list(cx: &mut Cx) -> Result<Reply> {
    require_partner(cx)?;
    let data = list_data(cx)?;
    cx.page(LIST, TITLE, data)
}

/// What the next file will say.
fn preview(cx: &mut Cx) -> Result<Reply> {
    require_partner(cx)?;
    let waiting = cx.read(|db| exchange::waiting(db, cx.now))?;
    let rows = waiting.rows.iter().take(SHOWN).map(|row| {
        let mut value = json!(row);
        value["number"] = row.notice.shown_number().into();
        value
    });
    let data = json!({
        "rows": rows.collect::<Vec<_>>(),
        "count": waiting.rows.len(),
        "more": waiting.rows.len().saturating_sub(SHOWN),
        "total": waiting.total,
    });
    cx.page(
        "office/partner_positions.html",
        "Posizioni da inviare",
        data,
    )
}

fn make(cx: &mut Cx) -> Result<Reply> {
    require_partner(cx)?;
    match exchange::make(&cx.app, &cx.actor)? {
        Some(file) => cx.redirect_saying(
            href(&file.public_id),
            &Text::new("office-partner-made").with("rows", file.figures.taken),
        ),
        None => cx.redirect_saying("/ufficio/partner", &Text::new("office-partner-nothing")),
    }
}

fn bring(cx: &mut Cx) -> Result<Reply> {
    require_partner(cx)?;
    let file = cx.form.take_files().into_iter().next();
    let brought = match file.filter(|file| !file.bytes.is_empty()) {
        Some(file) => exchange::bring(&cx.app, &cx.actor, &file.filename, file.bytes),
        None => Err(Error::field("file", Text::new("error-required"))),
    };
    match brought {
        Ok(report) if report.again => cx.redirect_saying(
            href(&report.file.public_id),
            &Text::new("office-partner-again"),
        ),
        Ok(report) => cx.redirect(href(&report.file.public_id)),
        Err(error) => {
            let data = list_data(cx)?;
            cx.page_again(error, LIST, TITLE, data)
        }
    }
}

fn asked(cx: &Cx) -> Result<PartnerFile> {
    require_partner(cx)?;
    let id = cx.id("id")?;
    cx.read(|db| partner::file(db, &id))
}

fn show(cx: &mut Cx) -> Result<Reply> {
    let file = asked(cx)?;
    let (_, report) = cx.read(|db| partner::content(db, &file))?;
    let faults: Value = serde_json::from_str(&report).map_err(Error::internal)?;
    let data = json!({ "file": shown(cx, &file), "faults": faults });
    cx.page("office/partner_file.html", file.name.clone(), data)
}

/// Takes in what was looked at.
fn take(cx: &mut Cx) -> Result<Reply> {
    let file = asked(cx)?;
    if file.state != FileState::Preview {
        return cx.redirect(href(&file.public_id));
    }
    let (bytes, _) = cx.read(|db| partner::content(db, &file))?;
    let taken = exchange::take(&cx.app, &cx.actor, &file.name, bytes)?;
    cx.write(move |tx| partner::discard(tx, &file))?;
    let text = Text::new("office-partner-taken").with("rows", taken.file.figures.taken);
    cx.redirect_saying(href(&taken.file.public_id), &text)
}

fn discard(cx: &mut Cx) -> Result<Reply> {
    let file = asked(cx)?;
    let (actor, now) = (cx.actor.clone(), cx.now);
    cx.write(move |tx| {
        partner::discard(tx, &file)?;
        let event = AuditEvent {
            action: "partner-file-discarded",
            subject: "file",
            subject_id: None,
            payload: json!({ "file": file.name, "kind": file.kind }),
        };
        store::audit(tx, &actor, now, &event)
    })?;
    cx.redirect_saying("/ufficio/partner", &Text::new("office-partner-discarded"))
}

/// The file as it went or came: names and fiscal codes are in it, so each reading is logged.
fn download(cx: &mut Cx) -> Result<Reply> {
    let file = asked(cx)?;
    let (actor, now, fetched) = (cx.actor.clone(), cx.now, file.clone());
    let to_folder = cx.app.config.pagopa.partner.out.is_some();
    let bytes = cx.write(move |tx| {
        let (bytes, _) = partner::content(tx, &fetched)?;
        if !to_folder {
            partner::mark_fetched(tx, &fetched)?;
        }
        let event = AuditEvent {
            action: "partner-file-read",
            subject: "file",
            subject_id: None,
            payload: json!({ "file": fetched.name, "kind": fetched.kind }),
        };
        store::audit(tx, &actor, now, &event)?;
        Ok(bytes)
    })?;
    let media_type = match file.name.rsplit('.').next() {
        Some("json") => "application/json",
        Some("xlsx") => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Some("xml") => "application/xml",
        Some("zip") => "application/zip",
        _ => "text/csv; charset=utf-8",
    };
    cx.file(file.name, media_type, bytes)
}
