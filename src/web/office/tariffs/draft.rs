//! A draft: how it reads and whether its examples hold; its text; throwing it away.

use serde_json::{Value, json};

use super::{HERE, asked_draft, draft_frame, telling, title_of, told_faults};
use crate::base::Permission::Office;
use crate::base::{Error, FieldError, Result, Text};
use crate::municipality::Service;
use crate::tariffs::{self, Draft};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

const TEXT: &str = "office/tariffs/text.html";

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/ufficio/tariffe/bozze/:draft", Office, show),
        get("/ufficio/tariffe/bozze/:draft/testo", Office, text),
        post("/ufficio/tariffe/bozze/:draft/testo", Office, save),
        get(
            "/ufficio/tariffe/bozze/:draft/tariffa.toml",
            Office,
            download,
        ),
        post("/ufficio/tariffe/bozze/:draft/elimina", Office, discard),
    ]
}

fn show(cx: &mut Cx) -> Result<Reply> {
    let (draft, service) = asked_draft(cx)?;
    let rule = tariffs::parse(&draft.source).ok();
    let data = json!({
        "draft": draft_frame(cx, &draft, &service, ""),
        "act": rule.as_ref().and_then(|rule| rule.act.clone()),
        "told": rule.as_ref().map(|rule| telling::tell(cx, rule)),
        "lines": super::show::lines(&draft.source),
    });
    cx.page("office/tariffs/draft.html", title_of(&draft), data)
}

fn text_data(cx: &Cx, draft: &Draft, service: &Service, source: &str) -> Value {
    let mut frame = draft_frame(cx, draft, service, "/testo");
    frame["revision"] = match cx.form.some("revision") {
        Some(seen) => seen.into(),
        None => draft.revision.into(),
    };
    json!({
        "draft": frame,
        "source": source,
        "longest": tariffs::LONGEST_SOURCE,
    })
}

fn text(cx: &mut Cx) -> Result<Reply> {
    let (draft, service) = asked_draft(cx)?;
    let data = text_data(cx, &draft, &service, &draft.source);
    cx.page(TEXT, title_of(&draft), data)
}

/// Keeps what was typed, faulty or not: a faulty draft is only not published.
fn save(cx: &mut Cx) -> Result<Reply> {
    let (draft, service) = asked_draft(cx)?;
    let source = cx.form.text("source").replace("\r\n", "\n");
    let source = format!("{source}\n");
    let revision = cx.form.text("revision").parse().unwrap_or(0);
    let (actor, now, id) = (cx.actor.clone(), cx.now, draft.public_id.clone());
    let kept = source.clone();
    let saved = cx.write(move |tx| tariffs::save_draft(tx, &actor, &id, revision, &kept, now));
    if let Err(error) = saved {
        let data = text_data(cx, &draft, &service, &source);
        return cx.page_again(error, TEXT, title_of(&draft), data);
    }
    let Err(faults) = tariffs::parse(&source) else {
        let place = format!("{HERE}/bozze/{}", draft.public_id);
        return cx.redirect_saying(place, &Text::new("office-tariff-draft-saved"));
    };
    // Saved with its faults: the page says them at once, each with its line.
    cx.form = crate::web::form::Form::default();
    let (draft, service) = asked_draft(cx)?;
    let data = text_data(cx, &draft, &service, &draft.source);
    let fields = told_faults(cx, &faults).into_iter().map(|fault| {
        let text = Text::new("office-tariff-fault")
            .with("line", fault["line"].as_i64().unwrap_or_default())
            .with("place", fault["place"].as_str().unwrap_or_default())
            .with("message", fault["message"].as_str().unwrap_or_default());
        FieldError::new("source", text)
    });
    let faults = Error::Invalid(fields.collect());
    cx.page_again(faults, TEXT, title_of(&draft), data)
}

fn download(cx: &mut Cx) -> Result<Reply> {
    let (draft, service) = asked_draft(cx)?;
    let name = format!("bozza-tariffa-{}.toml", service.code);
    cx.file(name, "application/toml", draft.source.into_bytes())
}

fn discard(cx: &mut Cx) -> Result<Reply> {
    let id = cx.id("draft")?;
    let revision = cx.form.text("revision").parse().unwrap_or(0);
    let (actor, now) = (cx.actor.clone(), cx.now);
    cx.write(move |tx| tariffs::drop_draft(tx, &actor, &id, revision, now))?;
    cx.redirect_saying(HERE, &Text::new("office-tariff-draft-dropped"))
}
