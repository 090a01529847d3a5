//! "Come la vede il genitore": a clerk looks at a family's own pages, for a few minutes, with a
//! reason that the audit log keeps. What may be done meanwhile is decided in the dispatcher: reading.

use serde_json::json;

use super::families;
use crate::base::Permission::{Office, Staff};
use crate::base::{Error, Result, Text};
use crate::identity;
use crate::people;
use crate::store::{self, AuditEvent};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, post};

/// Shorter is no reason.
const SHORTEST_REASON: usize = 5;

pub(super) fn routes() -> Vec<Route> {
    vec![
        post("/ufficio/famiglie/:person/vista", Office, open),
        post("/ufficio/vista/chiudi", Staff, close),
    ]
}

fn open(cx: &mut Cx) -> Result<Reply> {
    let id = cx.id("person")?;
    let person = cx.read(|db| people::person_by_public_id(db, &id))?;
    let reason: String = cx.form.text("reason").trim().chars().take(200).collect();
    if reason.chars().count() < SHORTEST_REASON {
        return Err(Error::refused(Text::new("error-view-reason")));
    }
    let session = cx.session.clone().ok_or(Error::Forbidden)?;
    let (actor, now) = (cx.actor.clone(), cx.now);
    cx.write(move |tx| {
        identity::open_view(tx, &session, person.id, now)?;
        let event = AuditEvent {
            action: "view-as-family",
            subject: "person",
            subject_id: Some(person.id.0),
            payload: json!({ "reason": reason }),
        };
        store::audit(tx, &actor, now, &event)
    })?;
    cx.redirect("/area")
}

fn close(cx: &mut Cx) -> Result<Reply> {
    let session = cx.session.clone().ok_or(Error::Forbidden)?;
    let person = cx.write(move |tx| identity::close_view(tx, &session))?;
    match person {
        Some(id) => {
            let person = cx.read(|db| people::person(db, id))?;
            cx.redirect(families::href(&person))
        }
        None => cx.redirect("/ufficio"),
    }
}
