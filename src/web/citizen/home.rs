//! The family's home: what to do first, then the fixed links.

use serde_json::json;

use crate::base::Permission::Citizen;
use crate::base::Result;
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};
use crate::{identity, messages, people};

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/area", Citizen, home),
        post("/area/esci", Citizen, leave),
    ]
}

fn home(cx: &mut Cx) -> Result<Reply> {
    let person = cx.person()?;
    let (me, unread) = cx.read(|db| {
        Ok((
            people::person(db, person)?,
            messages::unread_by_family(db, person)?,
        ))
    })?;
    let data = json!({ "me": me, "missing": me.missing(), "unread": unread });
    cx.page("citizen/home.html", cx.say("home-title"), data)
}

/// "Esci".
fn leave(cx: &mut Cx) -> Result<Reply> {
    if let Some(session) = cx.session.clone() {
        cx.write(move |tx| identity::end_session(tx, &session))?;
    }
    cx.forget_session();
    cx.redirect("/")
}
