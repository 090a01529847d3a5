//! Staff log in and out.

use serde_json::json;

use crate::base::Permission::{Public, Staff};
use crate::base::{Actor, Error, Result};
use crate::identity;
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

const TEMPLATE: &str = "office/access.html";
const TITLE: &str = "Accesso per gli uffici e le scuole";

/// The page with what was typed; never the password.
fn data(cx: &Cx, username: &str) -> serde_json::Value {
    json!({
        "username": username,
        "crumbs": [{ "label": cx.say("shell-home"), "href": "/" }, { "label": TITLE }],
    })
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/ufficio/accesso", Public, show),
        post("/ufficio/accesso", Public, enter).rationed(),
        post("/ufficio/esci", Staff, leave),
    ]
}

fn show(cx: &mut Cx) -> Result<Reply> {
    if matches!(cx.actor, Actor::Staff(_)) {
        return cx.redirect(home_of(&cx.actor));
    }
    cx.ensure_session(None)?;
    cx.page(TEMPLATE, TITLE, data(cx, ""))
}

fn enter(cx: &mut Cx) -> Result<Reply> {
    let (username, now) = (cx.form.text("username").to_owned(), cx.now);
    // Not trimmed: a password may begin or end with a space.
    let password = cx.form.all("password").next().unwrap_or("").to_owned();
    let attempt = cx.read(|db| identity::attempt_login(db, &username, &password, now))?;
    let account = match attempt {
        Ok(account) => account,
        Err((known, text)) => {
            if let Some(staff) = known {
                cx.write(move |tx| identity::note_login(tx, staff, false, now))?;
            }
            let data = data(cx, &username);
            return cx.page_again(Error::refused(text), TEMPLATE, TITLE, data);
        }
    };
    let before = cx.session.clone();
    let wanted = before
        .as_ref()
        .and_then(|session| session.return_to.clone());
    let id = account.id;
    let (token, session) = cx.write(move |tx| {
        identity::note_login(tx, id, true, now)?;
        identity::open_staff(tx, before.as_ref(), id, now)
    })?;
    let (staff, _) = cx.read(|db| identity::staff_actor(db, id))?;
    cx.set_session(&token, session);
    let home = home_of(&Actor::Staff(staff));
    cx.redirect(
        wanted
            .filter(|path| is_staff_page(path))
            .unwrap_or_else(|| home.to_owned()),
    )
}

fn is_staff_page(path: &str) -> bool {
    (path.starts_with("/ufficio") || path.starts_with("/scuola")) && path != "/ufficio/accesso"
}

/// Where a member of staff starts the day.
fn home_of(actor: &Actor) -> &'static str {
    use crate::base::Permission;
    if actor.may(Permission::Money) {
        "/ufficio"
    } else {
        "/scuola"
    }
}

fn leave(cx: &mut Cx) -> Result<Reply> {
    if let Some(session) = cx.session.clone() {
        cx.write(move |tx| identity::end_session(tx, &session))?;
    }
    cx.forget_session();
    cx.redirect("/ufficio/accesso")
}
