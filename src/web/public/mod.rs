//! The public pages: news and the ways in.

mod feedback;
mod simulator;
mod verify;

use serde_json::json;

use super::cx::Cx;
use super::reply::Reply;
use super::route::{Route, get};
use crate::base::{Actor, Error, Permission, Result};
use crate::calls::LegalKind;
use crate::{calls, municipality, news};

pub(super) fn routes() -> Vec<Route> {
    [
        vec![
            get("/", Permission::Public, welcome),
            get("/privacy", Permission::Public, privacy),
            get("/stemma", Permission::Public, crest),
        ],
        feedback::routes(),
        simulator::routes(),
        verify::routes(),
    ]
    .concat()
}

/// The privacy notice: the comune's own page, or else the newest text that applicants accept.
fn privacy(cx: &mut Cx) -> Result<Reply> {
    let (elsewhere, text) = cx.read(|db| {
        Ok((
            municipality::municipality(db)?.privacy_url,
            calls::newest_legal_text(db, LegalKind::Privacy, None)?,
        ))
    })?;
    if let Some(address) = elsewhere {
        return cx.redirect(address.as_str());
    }
    let text = text.ok_or(Error::NotFound)?;
    cx.page(
        "public/privacy.html",
        text.title.clone(),
        json!({ "text": text }),
    )
}

/// The comune's coat of arms.
fn crest(cx: &mut Cx) -> Result<Reply> {
    Ok(Reply::Picture(cx.read(municipality::crest)?))
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
