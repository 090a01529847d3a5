//! "I miei dati": what the login brought, and what the person adds.

use serde_json::{Value, json};

use crate::app_io;
use crate::base::Permission::Citizen;
use crate::base::{Result, Text};
use crate::people::{self, Person};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

const TEMPLATE: &str = "citizen/my_data.html";

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/area/dati", Citizen, show),
        post("/area/dati", Citizen, save),
        post("/area/dati/io", Citizen, switch_io),
    ]
}

fn data(cx: &Cx, me: &Person, typed: &Value) -> Result<Value> {
    // Where App IO is not configured there is nothing to switch.
    let io = match &cx.app.config.io {
        Some(_) => Some(cx.read(|db| app_io::is_on(db, me.id))?),
        None => None,
    };
    Ok(json!({ "me": me, "missing": me.missing(), "typed": typed, "io": io }))
}

/// Messages on App IO: wanted or not.
fn switch_io(cx: &mut Cx) -> Result<Reply> {
    let (actor, on, now) = (cx.actor.clone(), cx.form.text("io") == "on", cx.now);
    cx.write(move |tx| app_io::switch(tx, &actor, on, now))?;
    let said = if on {
        "my-data-io-on"
    } else {
        "my-data-io-off"
    };
    cx.redirect_saying("/area/dati", &Text::new(said))
}

fn show(cx: &mut Cx) -> Result<Reply> {
    let id = cx.person()?;
    let me = cx.read(|db| people::person(db, id))?;
    let data = data(cx, &me, &Value::Null)?;
    cx.page(TEMPLATE, cx.say("my-data-title"), data)
}

fn save(cx: &mut Cx) -> Result<Reply> {
    let id = cx.person()?;
    let me = cx.read(|db| people::person(db, id))?;
    let saved = changed(cx, me.clone()).and_then(|changed| {
        let now = cx.now;
        cx.write(move |tx| people::update_contacts(tx, &changed, now))
    });
    match saved {
        Ok(()) => cx.redirect_saying("/area/dati", &Text::new("my-data-saved")),
        Err(error) => {
            let data = data(cx, &me, &cx.form.typed())?;
            cx.page_again(error, TEMPLATE, cx.say("my-data-title"), data)
        }
    }
}

/// The person as the form would have them. Name and fiscal code come from the identity provider
/// and can't be typed.
fn changed(cx: &Cx, me: Person) -> Result<Person> {
    let today = cx.today();
    let mut checks = cx.form.check();
    let changed = Person {
        birth_date: checks.date("birth_date", true),
        birth_place: Some(checks.required("birth_place", 80)),
        address: Some(checks.required("address", 120)),
        postal_code: Some(checks.required("postal_code", 5)),
        town: Some(checks.required("town", 80)),
        phone: checks.phone("phone"),
        email: checks.email("email"),
        revision: cx.form.text("revision").parse().unwrap_or(0),
        ..me
    };
    if changed.phone.is_none() {
        checks.wrong("phone", Text::new("error-required"));
    }
    if changed.email.is_none() {
        checks.wrong("email", Text::new("error-required"));
    }
    if changed.birth_date.is_some_and(|date| date > today) {
        checks.wrong("birth_date", Text::new("error-date-in-future"));
    }
    let code = changed.postal_code.as_deref().unwrap_or("");
    if !code.is_empty() && (code.len() != 5 || !code.bytes().all(|b| b.is_ascii_digit())) {
        checks.wrong("postal_code", Text::new("error-postal-code"));
    }
    checks.done()?;
    Ok(changed)
}
