//! "Residenza": since when a child lives in the comune, as the register and the office know it.

use serde_json::{Value, json};

use super::families::{self, identity_bar};
use super::isee_form::asked;
use crate::base::Permission::Office;
use crate::base::{Error, PersonId, Result, Text};
use crate::people::{self, NewResidence, Person};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

const TEMPLATE: &str = "office/residence.html";

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/ufficio/famiglie/:person/residenza/:child", Office, show),
        post("/ufficio/famiglie/:person/residenza/:child", Office, record),
        post(
            "/ufficio/famiglie/:person/residenza/:child/annulla",
            Office,
            withdraw,
        ),
    ]
}

fn href(person: &Person, child: &Person) -> String {
    format!("{}/residenza/{}", families::href(person), child.public_id)
}

fn title(child: &Person) -> String {
    format!("Residenza di {}", child.full_name())
}

/// What the sheet says of a child: whether it lives in the comune today, and since when.
///
/// # Errors
/// The database's own failure.
pub(super) fn on_sheet(cx: &Cx, db: &rusqlite::Connection, child: PersonId) -> Result<Value> {
    let today = cx.today();
    let known = people::known_residences(db, child)?;
    let holds = known.iter().filter(|one| one.withdrawn_at.is_none());
    let since = holds
        .filter_map(|one| one.from)
        .filter(|from| *from <= today)
        .max();
    let resident = people::residences(db, &[child])?.on(child, today);
    Ok(json!({ "resident": resident, "since": since }))
}

fn page_data(cx: &Cx, person: &Person, child: &Person) -> Result<Value> {
    cx.read(|db| {
        let known = people::known_residences(db, child.id)?;
        Ok(json!({
            "family": identity_bar(db, person, cx.today())?,
            "child_name": child.name,
            "href": href(person, child),
            "resident": people::residences(db, &[child.id])?.on(child.id, cx.today()),
            "rows": known,
            "today": cx.today(),
            "typed": cx.form.typed(),
        }))
    })
}

fn show(cx: &mut Cx) -> Result<Reply> {
    let (person, child) = asked(cx)?;
    let data = page_data(cx, &person, &child)?;
    cx.page(TEMPLATE, title(&child), data)
}

fn record(cx: &mut Cx) -> Result<Reply> {
    let (person, child) = asked(cx)?;
    let done = recorded(cx, &person, &child);
    answered(cx, (&person, &child), done, "office-residence-recorded")
}

fn recorded(cx: &Cx, person: &Person, child: &Person) -> Result<Reply> {
    let mut checks = cx.form.check();
    let resident = checks.choice("resident", |value| match value {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    });
    let from = checks.date("from", true);
    let source = checks.required("source", 200);
    checks.done()?;
    let (Some(resident), Some(from)) = (resident, from) else {
        return Err(Error::refused(Text::new("error-choose")));
    };
    let (actor, now, id, place) = (cx.actor.clone(), cx.now, child.id, href(person, child));
    cx.write_once(move |tx| {
        let new = NewResidence {
            person: id,
            resident,
            from,
            source: &source,
        };
        people::register_residence(tx, &actor, &new, now)?;
        Ok(place)
    })
}

fn withdraw(cx: &mut Cx) -> Result<Reply> {
    let (person, child) = asked(cx)?;
    let last: i64 = cx.form.text("last").parse().unwrap_or(0);
    let (actor, now, id, place) = (cx.actor.clone(), cx.now, child.id, href(&person, &child));
    let done = cx.write_once(move |tx| {
        people::withdraw_residence(tx, &actor, id, last, now)?;
        Ok(place)
    });
    answered(cx, (&person, &child), done, "office-residence-withdrawn")
}

/// Leads on with a sentence, or shows the page again with what is wrong.
fn answered(
    cx: &Cx,
    (person, child): (&Person, &Person),
    done: Result<Reply>,
    sentence: &'static str,
) -> Result<Reply> {
    match done {
        Ok(Reply::Redirect(place)) => cx.redirect_saying(place, &Text::new(sentence)),
        Err(error @ (Error::Invalid(_) | Error::Refused(_))) => {
            let data = page_data(cx, person, child)?;
            cx.page_again(error, TEMPLATE, title(child), data)
        }
        other => other,
    }
}
