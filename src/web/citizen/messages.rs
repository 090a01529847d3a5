//! "Comunicazioni": the one thread between a family and the office.

use serde_json::{Value, json};

use crate::base::Permission::Citizen;
use crate::base::{Result, Text};
use crate::messages;
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

const TEMPLATE: &str = "citizen/messages.html";

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/area/comunicazioni", Citizen, show),
        post("/area/comunicazioni", Citizen, write),
    ]
}

fn data(cx: &Cx, typed: &str) -> Result<Value> {
    let me = cx.person()?;
    let thread = cx.read(|db| messages::thread(db, me))?;
    Ok(json!({ "thread": thread, "body": typed, "longest": messages::LONGEST }))
}

/// The page says what is new; by being shown it is read.
fn show(cx: &mut Cx) -> Result<Reply> {
    let (me, actor, now) = (cx.person()?, cx.actor.clone(), cx.now);
    let data = data(cx, "")?;
    if !cx.is_view() && cx.read(|db| messages::unread_by_family(db, me))? > 0 {
        cx.write(move |tx| messages::mark_read(tx, &actor, me, now))?;
    }
    cx.page(TEMPLATE, cx.say("messages-title"), data)
}

fn write(cx: &mut Cx) -> Result<Reply> {
    let (me, actor, now) = (cx.person()?, cx.actor.clone(), cx.now);
    let body = cx.form.text("body").to_owned();
    let written = cx.write_once(move |tx| {
        messages::write_message(tx, &actor, me, &body, now)?;
        Ok("/area/comunicazioni".to_owned())
    });
    match written {
        Ok(Reply::Redirect(location)) => cx.redirect_saying(location, &Text::new("messages-sent")),
        Ok(other) => Ok(other),
        Err(error) => {
            let data = data(cx, cx.form.text("body"))?;
            cx.page_again(error, TEMPLATE, cx.say("messages-title"), data)
        }
    }
}
