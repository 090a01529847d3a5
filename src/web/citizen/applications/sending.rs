//! Step 6: the summary, "Invia la richiesta", the confirmation.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Found, address, already_sent, find, label, listed, sent_address, show_step, too_far};
use crate::applications::{self, Draft, Step, doubts, receipt_pdf};
use crate::base::Permission::Citizen;
use crate::base::{Error, Result, Text, parse_date, time_it};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};
use crate::{calls, diets, municipality, people};

const TEMPLATE: &str = "citizen/applications/step6.html";

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/area/domande/bozza/:id/invio", Citizen, show),
        post("/area/domande/bozza/:id/invio", Citizen, send),
        get("/area/domande/inviata/:id/conferma", Citizen, confirmation),
    ]
}

fn show(cx: &mut Cx) -> Result<Reply> {
    match find(cx)? {
        Found::Sent(sent) => already_sent(cx, &sent),
        Found::Draft(draft) => match too_far(cx, &draft, Step::Sending) {
            Some(back) => back,
            None => page(cx, &draft, None),
        },
    }
}

fn page(cx: &Cx, draft: &Draft, error: Option<Error>) -> Result<Reply> {
    let own = summary(cx, draft)?;
    show_step(cx, draft, Step::Sending, TEMPLATE, own, error)
}

fn summary(cx: &Cx, draft: &Draft) -> Result<Value> {
    let person = cx.person()?;
    let typed = &draft.content.service;
    let (me, class, diet, texts) = cx.read(|db| {
        let class = typed.class.parse().map_err(|()| Error::NotFound);
        let class = class.and_then(|id| municipality::class_by_public_id(db, &id));
        let accepted = &draft.content.accepted;
        let mut texts = Vec::new();
        for accepted in [accepted.privacy, accepted.conditions]
            .into_iter()
            .flatten()
        {
            texts.push((calls::legal_text(db, accepted.text)?, accepted.at));
        }
        Ok((
            people::person(db, person)?,
            class.ok(),
            diets::diet(db, &draft.special.diet_code)?,
            texts,
        ))
    })?;
    let mut incomplete = Vec::new();
    for step in Step::ALL {
        let faults = cx.read(|db| applications::faults(db, &cx.actor, draft, step, cx.now))?;
        if !faults.is_empty() {
            incomplete.push(json!({
                "label": cx.say(label(step)),
                "href": address(&draft.public_id, step),
                "count": faults.len(),
            }));
        }
    }
    let doubts: Vec<_> = doubts(&draft.content.child)
        .into_iter()
        .map(|doubt| cx.say_text(&doubt.text()))
        .collect();
    let base = format!("/area/domande/bozza/{}/documenti", draft.public_id);
    let attachments: Vec<_> = draft.attachments.iter().map(|d| listed(d, &base)).collect();
    let edit = |step| address(&draft.public_id, step);
    Ok(json!({
        "me": me,
        "content": draft.content,
        "birth_date": parse_date(&draft.content.child.birth_date),
        "class": class,
        "serves_food": draft.call.serves_food(),
        "diet": diet,
        "texts": texts,
        "attachments": attachments,
        "incomplete": incomplete,
        "doubts": doubts,
        "edit": {
            "applicant": edit(Step::Applicant),
            "child": edit(Step::Child),
            "service": edit(Step::Service),
            "declarations": edit(Step::Declarations),
            "documents": edit(Step::Documents),
        },
    }))
}

/// "Invia la richiesta". The draft stays whatever goes wrong; a second click finds the first.
fn send(cx: &mut Cx) -> Result<Reply> {
    if let Found::Sent(sent) = find(cx)? {
        // The second click of a double one sees what the first one saw.
        return cx.redirect(confirmation_address(&sent));
    }
    if cx.form.has("save_draft") {
        // Every step has saved already: this only says so, and leaves.
        let text = Text::new("app-draft-saved").with("time", time_it(cx.now));
        return cx.redirect_saying("/area/domande/nuova", &text);
    }
    let id = cx.id("id")?;
    let revision = cx.form.text("revision").parse().unwrap_or(0);
    let (app, actor, now) = (Arc::clone(&cx.app), cx.actor.clone(), cx.now);
    let sent = cx.write_once(move |tx| {
        let application = applications::submit(tx, &app.key, &actor, &id, revision, now)?;
        Ok(confirmation_address(&application))
    });
    let error = match sent {
        Ok(reply) => return Ok(reply),
        Err(Error::Invalid(_)) => Error::refused(Text::new("error-application-incomplete")),
        Err(error @ Error::Refused(_)) => error,
        Err(error) => return Err(error),
    };
    match find(cx)? {
        Found::Draft(draft) => page(cx, &draft, Some(error)),
        Found::Sent(sent) => cx.redirect(confirmation_address(&sent)),
    }
}

fn confirmation_address(application: &crate::base::PublicId) -> String {
    format!("{}/conferma", sent_address(application))
}

fn confirmation(cx: &mut Cx) -> Result<Reply> {
    let id = cx.id("id")?;
    let sent = cx.read(|db| applications::sent_application(db, &cx.actor, &id))?;
    let title = cx.say("app-confirmed-title");
    let data = json!({
        "sent": sent,
        "receipt_size": receipt_pdf::size_it(u64::try_from(sent.receipt.size).unwrap_or(0)),
        "receipt_href": format!("{}/ricevuta", sent_address(&id)),
        "detail_href": sent_address(&id),
        "crumbs": [
            { "label": cx.say("home-title"), "href": "/area" },
            { "label": cx.say("app-sent-title"), "href": "/area/domande" },
            { "label": title, "href": "" },
        ],
    });
    cx.page("citizen/applications/confirmation.html", title, data)
}
