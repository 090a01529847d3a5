//! The public pages: news and the ways in.

mod verify;

use serde_json::json;

use super::cx::Cx;
use super::reply::Reply;
use super::route::{Route, get};
use crate::base::{Actor, Permission, Result};
use crate::news;

pub(super) fn routes() -> Vec<Route> {
    [
        vec![get("/", Permission::Public, welcome)],
        verify::routes(),
    ]
    .concat()
}

/// "Area riservata": the buttons of the identity providers, the news below.
fn welcome(cx: &mut Cx) -> Result<Reply> {
    if matches!(cx.actor, Actor::Citizen(_)) {
        return cx.redirect("/area");
    }
    cx.ensure_session(None)?;
    let now = cx.now;
    let news = cx.read(|db| news::current_news(db, now, 5))?;
    let title = cx.say("welcome-title");
    cx.page("public/welcome.html", title, json!({ "news": news }))
}
