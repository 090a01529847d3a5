//! Publishing a draft: from which day, what it replaces, what stays as it was charged.

use serde_json::{Value, json};

use super::{HERE, asked_draft, draft_frame, title_of};
use crate::base::Permission::Office;
use crate::base::{Date, Error, Result, Text};
use crate::charging;
use crate::municipality::Service;
use crate::processes::tariff_desk;
use crate::tariffs::{self, Draft};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

const TEMPLATE: &str = "office/tariffs/publish.html";

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/ufficio/tariffe/bozze/:draft/pubblica", Office, ask),
        post("/ufficio/tariffe/bozze/:draft/pubblica", Office, publish),
    ]
}

/// The day that was asked for; else the one that the file names, else tomorrow.
fn from_day(cx: &Cx, draft: &Draft) -> Date {
    let typed = cx.form.some("from").or(cx.query.some("dal"));
    let typed = typed.and_then(|text| crate::base::parse_date(&text));
    let named = || Some(tariffs::parse(&draft.source).ok()?.applies?.from);
    let tomorrow = || cx.today().tomorrow().ok();
    typed
        .or_else(|| named().filter(|day| *day > cx.today()))
        .or_else(tomorrow)
        .unwrap_or(cx.today())
}

fn data(cx: &Cx, draft: &Draft, service: &Service) -> Result<Value> {
    let from = from_day(cx, draft);
    let rule = tariffs::parse(&draft.source).ok();
    // Why the service can't be charged by this rule, if that is so.
    let unfit = rule.as_ref();
    let unfit = unfit.and_then(
        |rule| match charging::require_chargeable(rule, service.prepaid) {
            Err(Error::Refused(refusal)) => Some(cx.say_text(&refusal.text)),
            _ => None,
        },
    );
    let (before, next, closed) = cx.read(|db| {
        let before = match tariffs::tariff_on(db, service.id, from) {
            Ok((_, rule)) => Some(json!({ "name": rule.name, "version": rule.version })),
            Err(Error::Refused(_)) => None,
            Err(error) => return Err(error),
        };
        let next = tariffs::tariff_after(db, service.id, from)?;
        Ok((before, next, charging::closed_from(db, service, from)?))
    })?;
    let frame = draft_frame(cx, draft, service, "/pubblica");
    let ready = frame["check"]["ready"] == true && unfit.is_none();
    Ok(json!({
        "draft": frame,
        "act": rule.and_then(|rule| rule.act),
        "from": from,
        "moved": false,
        "before": before,
        "until": next.and_then(|day| day.yesterday().ok()),
        "closed": closed.map(|(days, last)| json!({ "days": days, "last": last })),
        "unfit": unfit,
        "ready": ready,
        "prepaid": service.prepaid,
    }))
}

fn ask(cx: &mut Cx) -> Result<Reply> {
    let (draft, service) = asked_draft(cx)?;
    let data = data(cx, &draft, &service)?;
    cx.page(TEMPLATE, format!("Pubblica: {}", title_of(&draft)), data)
}

fn publish(cx: &mut Cx) -> Result<Reply> {
    let (draft, service) = asked_draft(cx)?;
    let mut checks = cx.form.check();
    let from = checks.date("from", true);
    let revision = cx.form.text("revision").parse().unwrap_or(0);
    // What happens depends on the day: nobody publishes for one whose consequences were not shown.
    let seen = crate::base::parse_date(cx.form.text("seen"));
    if from.is_some() && from != seen {
        let mut data = data(cx, &draft, &service)?;
        data["moved"] = true.into();
        return cx.page(TEMPLATE, format!("Pubblica: {}", title_of(&draft)), data);
    }
    let (actor, now, id) = (cx.actor.clone(), cx.now, draft.public_id.clone());
    let done = checks.done().and_then(|()| {
        let from = from.ok_or(Error::NotFound)?;
        cx.write(move |tx| tariff_desk::publish(tx, &actor, (&id, revision), from, now))
    });
    match done {
        Ok(tariff) => {
            let text = Text::new("office-tariff-published").with("day", from.unwrap_or(cx.today()));
            cx.redirect_saying(format!("{HERE}/{tariff}"), &text)
        }
        Err(error) => {
            let data = data(cx, &draft, &service)?;
            let title = format!("Pubblica: {}", title_of(&draft));
            cx.page_again(told(error, &draft), TEMPLATE, title, data)
        }
    }
}

/// A file that is not fit to be published is not a field of this page: the page lists its faults.
fn told(error: Error, draft: &Draft) -> Error {
    match error {
        Error::Invalid(fields) if fields.iter().any(|wrong| wrong.field != "from") => {
            let faults = tariffs::ready(&draft.source).err().unwrap_or_default();
            Error::refused(Text::new("error-tariff-not-ready").with("count", faults.len()))
        }
        other => other,
    }
}
