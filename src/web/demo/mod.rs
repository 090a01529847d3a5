//! The pages of the demo: its test identity provider. They exist in a demo folder only; the routes
//! answer 404 elsewhere, because their permission is [`Permission::Demo`].

mod bank;
mod sandbox;

use serde_json::json;

use super::cx::Cx;
use super::reply::Reply;
use super::route::{Route, get, post};
use crate::base::{Error, Permission, Result, Text};
use crate::identity::{self, VerifiedIdentity};
use crate::people::FiscalCode;

pub(super) fn routes() -> Vec<Route> {
    let access = vec![
        get("/demo/accesso", Permission::Demo, choose),
        post("/demo/accesso", Permission::Demo, enter).rationed(),
        post("/demo/accesso/nuovo", Permission::Demo, enter_newcomer).rationed(),
    ];
    [access, sandbox::routes(), bank::routes()].concat()
}

/// The people of the fictional comune, by name.
fn choose(cx: &mut Cx) -> Result<Reply> {
    cx.ensure_session(None)?;
    show(cx, None)
}

fn show(cx: &Cx, error: Option<Error>) -> Result<Reply> {
    let search = cx.query.text("q").to_owned();
    let people = cx.read(|db| identity::demo_people(db, &search, 12))?;
    let people: Vec<_> = people
        .iter()
        .map(|p| json!({ "id": p.public_id, "name": p.name, "fiscal_code": p.fiscal_code, "children": p.children }))
        .collect();
    let data = json!({ "people": people, "q": search, "typed": cx.form.typed() });
    let (template, title) = ("demo/access.html", cx.say("demo-access-title"));
    match error {
        None => cx.page(template, title, data),
        Some(error) => cx.page_again(error, template, title, data),
    }
}

fn enter(cx: &mut Cx) -> Result<Reply> {
    let person = cx.form.public_id("person")?;
    let identity = cx.read(|db| identity::demo_identity(db, &person))?;
    log_in(cx, identity)
}

fn enter_newcomer(cx: &mut Cx) -> Result<Reply> {
    let mut checks = cx.form.check();
    let (surname, name) = (checks.required("surname", 80), checks.required("name", 80));
    let code = match FiscalCode::parse(cx.form.text("fiscal_code")) {
        Ok(code) => Some(code),
        Err(error) => {
            checks.wrong("fiscal_code", error.text());
            None
        }
    };
    let checked = checks.done();
    let identity = match (checked, code) {
        (Ok(()), Some(code)) => cx.read(|db| identity::demo_newcomer(db, code, &surname, &name))?,
        (Err(error), _) => return show(cx, Some(error)),
        (Ok(()), None) => return Err(Error::refused(Text::new("error-choose"))),
    };
    log_in(cx, identity)
}

/// What every identity provider ends in: the person is found or registered, the session begins
/// anew, and the page that was asked for opens.
fn log_in(cx: &mut Cx, identity: VerifiedIdentity) -> Result<Reply> {
    let (now, before) = (cx.now, cx.session.clone());
    let wanted = before
        .as_ref()
        .and_then(|session| session.return_to.clone());
    let (token, session) = cx.write(move |tx| {
        let person = identity::register_identity(tx, &identity, now)?;
        identity::open_citizen(tx, before.as_ref(), person, identity.method().as_str(), now)
    })?;
    cx.set_session(&token, session);
    cx.redirect(
        wanted
            .filter(|path| path.starts_with("/area"))
            .unwrap_or_else(|| "/area".to_owned()),
    )
}
