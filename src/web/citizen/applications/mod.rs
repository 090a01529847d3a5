//! "Nuova domanda per i servizi scolastici" and "Domande inviate".

mod calls;
mod documents;
mod sending;
mod sent;
mod steps;

use std::sync::Arc;

use serde_json::{Value, json};

use crate::applications::{self, Draft, Step, receipt_pdf};
use crate::base::{Error, PublicId, Result, Text};
use crate::calls::CallState;
use crate::documents::{Document, DocumentKind};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::Route;

pub(super) fn routes() -> Vec<Route> {
    [
        calls::routes(),
        steps::routes(),
        documents::routes(),
        sending::routes(),
        sent::routes(),
    ]
    .concat()
}

/// The last segment of a step's address.
fn slug(step: Step) -> &'static str {
    match step {
        Step::Applicant => "richiedente",
        Step::Child => "alunno",
        Step::Service => "dati",
        Step::Declarations => "dichiarazioni",
        Step::Documents => "documenti",
        Step::Sending => "invio",
    }
}

/// The fixed label of a step.
fn label(step: Step) -> &'static str {
    match step {
        Step::Applicant => "app-step-1",
        Step::Child => "app-step-2",
        Step::Service => "app-step-3",
        Step::Declarations => "app-step-4",
        Step::Documents => "app-step-5",
        Step::Sending => "app-step-6",
    }
}

/// Its name in the stepper.
fn short(step: Step) -> &'static str {
    match step {
        Step::Applicant => "app-short-1",
        Step::Child => "app-short-2",
        Step::Service => "app-short-3",
        Step::Declarations => "app-short-4",
        Step::Documents => "app-short-5",
        Step::Sending => "app-short-6",
    }
}

fn address(draft: &PublicId, step: Step) -> String {
    format!("/area/domande/bozza/{draft}/{}", slug(step))
}

fn sent_address(application: &PublicId) -> String {
    format!("/area/domande/inviata/{application}")
}

/// What an address of a draft leads to.
enum Found {
    /// The draft.
    Draft(Box<Draft>),
    /// The application that it became: the parent went back in the browser.
    Sent(PublicId),
}

/// The actor's draft in the address.
///
/// # Errors
/// `NotFound`, also for somebody else's.
fn find(cx: &Cx) -> Result<Found> {
    let id = cx.id("id")?;
    let person = cx.person()?;
    let found = cx.read(|db| {
        let draft = applications::draft(db, &cx.app.key, &cx.actor, &id);
        match draft {
            Err(Error::NotFound) => {
                let sent = applications::sent_before(db, person, &id)?;
                Ok(Err(sent.ok_or(Error::NotFound)?))
            }
            other => Ok(Ok(other?)),
        }
    })?;
    Ok(match found {
        Ok(draft) => Found::Draft(Box::new(draft)),
        Err(sent) => Found::Sent(sent),
    })
}

/// Leads to the application that a draft became.
fn already_sent(cx: &Cx, sent: &PublicId) -> Result<Reply> {
    cx.redirect_saying(sent_address(sent), &Text::new("app-sent-already"))
}

/// What every step's page shows: stepper, call, revision; `own` is the step's.
fn step_data(cx: &Cx, draft: &Draft, step: Step, own: Value) -> Result<Value> {
    let mut steps = Vec::new();
    for each in Step::ALL {
        let reached = each <= draft.last_step;
        let faults = cx.read(|db| applications::faults(db, &cx.actor, draft, each, cx.now))?;
        let done = each < draft.last_step && faults.is_empty();
        steps.push(json!({
            "short": cx.say(short(each)),
            "label": cx.say(label(each)),
            "state": if each == step { "current" } else if done { "done" } else { "todo" },
            "href": if reached { address(&draft.public_id, each) } else { String::new() },
        }));
    }
    let before = Step::of(step.number() - 1);
    let mut data = json!({
        "draft": {
            "id": draft.public_id,
            "revision": draft.revision,
            "saved_at": draft.updated_at,
            "new": draft.revision == 1,
        },
        "call": draft.call,
        "closed": draft.call.state(cx.now) == CallState::Closed,
        "steps": steps,
        "step": step.number(),
        "step_label": cx.say(label(step)),
        "back": match before {
            Some(before) => address(&draft.public_id, before),
            None => "/area/domande/nuova".to_owned(),
        },
        "crumbs": [
            { "label": cx.say("home-title"), "href": "/area" },
            { "label": cx.say("app-calls-title"), "href": "/area/domande/nuova" },
            { "label": cx.say(short(step)), "href": "" },
        ],
    });
    if let (Some(all), Value::Object(own)) = (data.as_object_mut(), own) {
        all.extend(own);
    }
    Ok(data)
}

/// Shows a step, or shows it again with what must be mended.
fn show_step(
    cx: &Cx,
    draft: &Draft,
    step: Step,
    template: &'static str,
    own: Value,
    error: Option<Error>,
) -> Result<Reply> {
    let data = step_data(cx, draft, step, own)?;
    let title = format!("{} – {}", cx.say(label(step)), draft.call.title);
    match error {
        None => cx.page(template, title, data),
        Some(error) => cx.page_again(error, template, title, data),
    }
}

/// A step that was not reached yet leads back to the furthest one that was.
fn too_far(cx: &Cx, draft: &Draft, step: Step) -> Option<Result<Reply>> {
    (step > draft.last_step).then(|| cx.redirect(address(&draft.public_id, draft.last_step)))
}

/// Saves a draft from within a handler.
fn save(cx: &Cx, draft: &Draft, reached: Step) -> Result<()> {
    let (app, actor) = (Arc::clone(&cx.app), cx.actor.clone());
    let (draft, now) = (draft.clone(), cx.now);
    cx.write(move |tx| applications::save(tx, &app.key, &actor, &draft, reached, now))
}

/// How a list shows a document.
fn listed(document: &Document, address: &str) -> Value {
    json!({
        "id": document.public_id,
        "name": document.filename,
        "certificate": document.kind == DocumentKind::Certificate,
        "size": receipt_pdf::size_it(u64::try_from(document.size).unwrap_or(0)),
        "kind": match document.media_type {
            crate::documents::MediaType::Pdf => "PDF",
            crate::documents::MediaType::Jpeg => "JPEG",
            crate::documents::MediaType::Png => "PNG",
        },
        "href": format!("{address}/{}", document.public_id),
    })
}

/// Sends a document to who may have it: its applicant.
fn download(cx: &Cx, document: Document) -> Result<Reply> {
    let (name, media_type) = (document.filename.clone(), document.media_type.as_str());
    let bytes = match document.kind {
        // Opening a certificate goes the way on which staff leave a trace.
        DocumentKind::Certificate => {
            let (app, actor, now) = (Arc::clone(&cx.app), cx.actor.clone(), cx.now);
            cx.write(move |tx| {
                applications::attachment_bytes(tx, &app.key, &actor, &document, now)
            })?
        }
        _ => cx.read(|db| crate::documents::bytes(db, &document))?,
    };
    cx.file(name, media_type, bytes)
}
