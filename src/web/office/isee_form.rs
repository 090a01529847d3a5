//! An ISEE that a clerk types: on an application's page, or for a child of the family on the phone.

use rusqlite::Connection;
use serde_json::{Value, json};

use super::families::{self, identity_bar};
use super::sheet;
use crate::base::Permission::Office;
use crate::base::{Error, PersonId, Result, Text};
use crate::isee::{self, Isee, IseeKind, NewLodged};
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
        "today": cx.today(),
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
    let lodged_on = checks.date("lodged_on", false).unwrap_or(cx.today());
    let own_from = checks.date("valid_from", true);
    let own_to = checks.date("valid_to", true);
    checks.done()?;
    let (Some(kind), Some(own_from), Some(own_to)) = (kind, own_from, own_to) else {
        return Err(Error::refused(Text::new("error-choose")));
    };
    let omissions = cx.form.has("omissions");
    let (actor, now) = (cx.actor.clone(), cx.now);
    let recorded = cx.write_once(move |tx| {
        let new = NewLodged {
            child,
            value,
            kind,
            protocol: &protocol,
            omissions,
            lodged_on,
            own_from,
            own_to,
            certificate: None,
        };
        isee::lodge(tx, &actor, &new, now)?;
        Ok(location)
    })?;
    match recorded {
        Reply::Redirect(location) => {
            let said = cx.read(|db| said(cx, db, child))?;
            cx.redirect_saying(location, &said)
        }
        other => Ok(other),
    }
}

/// From when the newest record counts, and why.
fn said(cx: &Cx, db: &Connection, child: PersonId) -> Result<Text> {
    let records = isee::of_child(db, child)?;
    let newest = records.first().ok_or(Error::NotFound)?;
    let (why, _) = isee::why(db, newest)?;
    Ok(Text::new("office-isee-counts")
        .with("from", newest.valid_from)
        .with("to", newest.valid_to)
        .with("why", cx.say_text(&why)))
}

/// The records of a child as the pages of the office show them, each with why it counts when it does.
pub(super) fn with_reasons(cx: &Cx, db: &Connection, records: &[Isee]) -> Result<Vec<Value>> {
    let each = |isee: &Isee| {
        let (from, to) = isee::why(db, isee)?;
        let mut row = json!(isee);
        row["why"] = format!("{} {}", cx.say_text(&from), cx.say_text(&to)).into();
        Ok(row)
    };
    records.iter().map(each).collect()
}

/// Somebody, and a child that their sheet is about.
///
/// # Errors
/// `NotFound` for a child who is not on that sheet.
pub(super) fn asked(cx: &Cx) -> Result<(Person, Person)> {
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
    let (family, known) = cx.read(|db| {
        let family = identity_bar(db, person, cx.today())?;
        Ok((family, with_reasons(cx, db, &known)?))
    })?;
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
