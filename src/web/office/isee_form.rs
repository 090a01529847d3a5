//! An ISEE that a clerk types: on an application's page, or for a child of the family on the phone.

use serde_json::{Value, json};

use super::families::{self, identity_bar};
use super::sheet;
use crate::base::Permission::Office;
use crate::base::{Error, PersonId, Result, Text};
use crate::isee::{self, IseeKind, NewIsee};
use crate::people::{self, Person};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

const TEMPLATE: &str = "office/isee.html";

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/ufficio/famiglie/:person/isee/:child", Office, show),
        post(
            "/ufficio/famiglie/:person/isee/:child",
            Office,
            record_for_child,
        ),
    ]
}

/// What the form needs beside its address.
pub(super) fn data(cx: &Cx) -> Value {
    json!({
        "kinds": [
            { "value": IseeKind::Minorenni, "label": "Per prestazioni ai minorenni" },
            { "value": IseeKind::Ordinario, "label": "Ordinario" },
            { "value": IseeKind::Corrente, "label": "Corrente" },
        ],
        "year_end": format!("{}-12-31", cx.today().year()),
        "typed": cx.form.typed(),
    })
}

/// Records what was typed, once however often it is sent, and leads to `location`.
///
/// # Errors
/// Field errors for what is missing or wrong.
pub(super) fn record(cx: &Cx, child: PersonId, location: String) -> Result<Reply> {
    let mut checks = cx.form.check();
    let value = checks.amount("value");
    let kind = checks.choice("kind", IseeKind::parse);
    let protocol = checks.optional("protocol", 40).unwrap_or_default();
    let valid_from = checks.date("valid_from", true);
    let valid_to = checks.date("valid_to", true);
    checks.done()?;
    let (Some(kind), Some(valid_from), Some(valid_to)) = (kind, valid_from, valid_to) else {
        return Err(Error::refused(Text::new("error-choose")));
    };
    let omissions = cx.form.has("omissions");
    let (actor, now) = (cx.actor.clone(), cx.now);
    let recorded = cx.write_once(move |tx| {
        let new = NewIsee {
            child,
            value,
            kind,
            protocol: &protocol,
            omissions,
            valid_from,
            valid_to,
        };
        isee::record_isee(tx, &actor, &new, now)?;
        Ok(location)
    })?;
    match recorded {
        Reply::Redirect(location) => {
            cx.redirect_saying(location, &Text::new("office-isee-recorded"))
        }
        other => Ok(other),
    }
}

/// Somebody, and a child that their sheet is about.
fn asked(cx: &Cx) -> Result<(Person, Person)> {
    let (person, child, today) = (cx.id("person")?, cx.id("child")?, cx.today());
    cx.read(|db| {
        let person = people::person_by_public_id(db, &person)?;
        let child = people::person_by_public_id(db, &child)?;
        let ties = people::ties_of(db, person.id, today)?;
        if !sheet::children_ids(db, person.id, &ties)?.contains(&child.id) {
            return Err(Error::NotFound);
        }
        Ok((person, child))
    })
}

fn page_data(cx: &Cx, person: &Person, child: &Person) -> Result<Value> {
    let (actor, now, id) = (cx.actor.clone(), cx.now, child.id);
    // Reading is logged, so it is a write.
    let known = cx.write(move |tx| isee::read_for_office(tx, &actor, id, now))?;
    let family = cx.read(|db| identity_bar(db, person, cx.today()))?;
    Ok(json!({
        "family": family,
        "child_name": child.name,
        "action": format!("{}/isee/{}", families::href(person), child.public_id),
        "isee": known,
        "form": data(cx),
    }))
}

fn title(child: &Person) -> String {
    format!("ISEE di {}", child.full_name())
}

fn show(cx: &mut Cx) -> Result<Reply> {
    let (person, child) = asked(cx)?;
    let data = page_data(cx, &person, &child)?;
    cx.page(TEMPLATE, title(&child), data)
}

fn record_for_child(cx: &mut Cx) -> Result<Reply> {
    let (person, child) = asked(cx)?;
    let back = format!("{}#isee", families::href(&person));
    match record(cx, child.id, back) {
        Err(error @ (Error::Invalid(_) | Error::Refused(_))) => {
            let data = page_data(cx, &person, &child)?;
            cx.page_again(error, TEMPLATE, title(&child), data)
        }
        other => other,
    }
}
