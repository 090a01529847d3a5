//! The table of calls with the drafts, a call to read, its legal texts.

use serde_json::{Value, json};

use crate::applications::{self, DraftRow, PrivacyNotice};
use crate::base::Permission::Citizen;
use crate::base::{Error, Instant, Result, Text, time_it};
use crate::calls::{self, Call, CallState};
use crate::people;
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/area/domande/nuova", Citizen, list),
        get("/area/avvisi/:id", Citizen, read),
        get("/area/avvisi/:id/domanda", Citizen, begin),
        post("/area/avvisi/:id/domanda", Citizen, start),
        get("/area/avvisi/:id/:text", Citizen, read_text),
        get("/area/domande/bozza/:id/elimina", Citizen, ask_to_delete),
        post("/area/domande/bozza/:id/elimina", Citizen, delete),
    ]
}

fn list(cx: &mut Cx) -> Result<Reply> {
    let person = cx.person()?;
    let (calls, drafts, missing) = cx.read(|db| {
        Ok((
            calls::calls(db, cx.now)?,
            applications::drafts(db, &cx.actor)?,
            people::person(db, person)?.missing(),
        ))
    })?;
    let (closed, current): (Vec<_>, Vec<_>) = calls
        .iter()
        .partition(|call| call.state(cx.now) == CallState::Closed);
    let rows = |calls: Vec<&Call>| -> Vec<Value> {
        calls
            .into_iter()
            .map(|call| row(call, &drafts, cx.now))
            .collect()
    };
    let data = json!({
        "current": rows(current),
        "closed": rows(closed),
        "missing": !missing.is_empty(),
        "crumbs": crumbs(cx, &cx.say("app-calls-title"), false),
    });
    let title = cx.say("app-calls-title");
    cx.page("citizen/applications/calls.html", title, data)
}

fn crumbs(cx: &Cx, last: &str, below_calls: bool) -> Value {
    let mut crumbs = vec![json!({ "label": cx.say("home-title"), "href": "/area" })];
    if below_calls {
        let label = cx.say("app-calls-title");
        crumbs.push(json!({ "label": label, "href": "/area/domande/nuova" }));
    }
    crumbs.push(json!({ "label": last, "href": "" }));
    crumbs.into()
}

/// A call in the table; drafts of a closed call stay there to be read or deleted.
fn row(call: &Call, drafts: &[DraftRow], now: Instant) -> Value {
    let drafts: Vec<_> = drafts.iter().filter(|d| d.call_id == call.id).collect();
    json!({
        "call": call,
        "opens_time": time_it(call.opens_at),
        "closes_time": time_it(call.closes_at),
        "opens_day": crate::base::day_of(call.opens_at),
        "closes_day": crate::base::day_of(call.closes_at),
        "state": call.state(now),
        "days_left": call.days_left(now),
        "drafts": drafts,
    })
}

/// "+ Nuova domanda": the privacy notice comes before the first question. Where nothing can be
/// begun, the call's page says why.
fn begin(cx: &mut Cx) -> Result<Reply> {
    let call = call_to_begin(cx)?;
    let person = cx.person()?;
    let complete = cx.read(|db| Ok(people::person(db, person)?.missing().is_empty()))?;
    if call.state(cx.now) == CallState::Open && complete {
        notice(cx, &call, None)
    } else {
        cx.redirect(format!("/area/avvisi/{}", call.public_id))
    }
}

fn call_to_begin(cx: &Cx) -> Result<Call> {
    let id = cx.id("id")?;
    cx.read(|db| calls::call_by_public_id(db, &id))
}

fn notice(cx: &Cx, call: &Call, error: Option<Error>) -> Result<Reply> {
    let text = cx.read(|db| calls::legal_text(db, call.privacy))?;
    let title = cx.say("app-begin-title");
    let crumbs = crumbs(cx, &title, true);
    let data = json!({ "call": call, "text": text, "crumbs": crumbs });
    let template = "citizen/applications/begin.html";
    match error {
        None => cx.page(template, title, data),
        Some(error) => cx.page_again(error, template, title, data),
    }
}

/// "Inizia la domanda".
fn start(cx: &mut Cx) -> Result<Reply> {
    let call = call_to_begin(cx)?;
    let notice_read = if cx.form.has("privacy") {
        PrivacyNotice::Read
    } else {
        PrivacyNotice::Unread
    };
    let (id, actor, now) = (call.public_id.clone(), cx.actor.clone(), cx.now);
    let started = cx.write_once(move |tx| {
        let draft = applications::start(tx, &actor, &id, notice_read, now)?;
        Ok(super::address(&draft, applications::Step::Applicant))
    });
    match started {
        Err(error) => notice(cx, &call, Some(error)),
        other => other,
    }
}

/// A call, to be read at any time.
fn read(cx: &mut Cx) -> Result<Reply> {
    let id = cx.id("id")?;
    let (call, drafts, missing) = cx.read(|db| {
        let person = cx.person()?;
        Ok((
            calls::call_by_public_id(db, &id)?,
            applications::drafts(db, &cx.actor)?,
            people::person(db, person)?.missing(),
        ))
    })?;
    let mut data = row(&call, &drafts, cx.now);
    data["missing"] = json!(!missing.is_empty());
    data["year"] = json!(call.school_year().to_string());
    data["crumbs"] = crumbs(cx, &call.title, true);
    cx.page("citizen/applications/call.html", call.title, data)
}

/// The privacy notice or the general conditions on a page of their own.
fn read_text(cx: &mut Cx) -> Result<Reply> {
    let id = cx.id("id")?;
    let which = cx.param("text").to_owned();
    let (call, text) = cx.read(|db| {
        let call = calls::call_by_public_id(db, &id)?;
        let text = match which.as_str() {
            "privacy" => call.privacy,
            "condizioni" => call.conditions,
            _ => return Err(Error::NotFound),
        };
        Ok((call, calls::legal_text(db, text)?))
    })?;
    let title = text.title.clone();
    let data = json!({
        "text": text,
        "call": call,
        "crumbs": [
            { "label": cx.say("home-title"), "href": "/area" },
            { "label": call.title, "href": format!("/area/avvisi/{}", call.public_id) },
            { "label": title, "href": "" },
        ],
    });
    cx.page("citizen/applications/legal_text.html", title, data)
}

fn ask_to_delete(cx: &mut Cx) -> Result<Reply> {
    let draft = match super::find(cx)? {
        super::Found::Draft(draft) => draft,
        super::Found::Sent(sent) => return super::already_sent(cx, &sent),
    };
    let title = cx.say("app-delete-title");
    let data = json!({
        "call": draft.call,
        "child": draft.content.child.name,
        "saved_at": draft.updated_at,
        "attachments": draft.attachments.len(),
        "draft_href": format!("/area/domande/bozza/{}", draft.public_id),
        "crumbs": crumbs(cx, &title, true),
    });
    cx.page("citizen/applications/delete.html", title, data)
}

fn delete(cx: &mut Cx) -> Result<Reply> {
    let (id, actor) = (cx.id("id")?, cx.actor.clone());
    if let super::Found::Sent(sent) = super::find(cx)? {
        return super::already_sent(cx, &sent);
    }
    cx.write(move |tx| applications::delete(tx, &actor, &id))?;
    cx.redirect_saying("/area/domande/nuova", &Text::new("app-draft-deleted"))
}
