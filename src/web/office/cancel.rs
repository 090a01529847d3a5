//! "Disdici un pasto" for a family on the phone: its next days, who asked, and the receipts to read
//! out.

use serde_json::{Value, json};

use super::desk;
use super::families::{self, identity_bar};
use crate::attendance;
use crate::base::Permission::Office;
use crate::base::{Error, Result, Text};
use crate::people::{self, Person};
use crate::processes::cancelling::{self, Bookable};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

const TEMPLATE: &str = "office/cancel.html";
/// So many days of each enrolment are offered: two weeks of school.
const OFFERED: usize = 10;
/// The longest note of who asked, in characters.
const LONGEST_REASON: usize = 200;

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/ufficio/famiglie/:person/disdici", Office, show),
        post("/ufficio/famiglie/:person/disdici", Office, cancel),
        get("/ufficio/famiglie/:person/disdici/fatto", Office, done),
    ]
}

/// Where a family's days are cancelled.
pub(super) fn href(person: &Person) -> String {
    format!("{}/disdici", families::href(person))
}

fn title(person: &Person) -> String {
    format!("Disdici un pasto per {}", person.full_name())
}

fn family(cx: &Cx) -> Result<Person> {
    let id = cx.id("person")?;
    cx.read(|db| people::person_by_public_id(db, &id))
}

fn data(cx: &Cx, person: &Person) -> Result<Value> {
    let (desk, today) = (desk(cx, person.id)?, cx.today());
    cx.read(|db| {
        let groups = cancelling::bookable(db, &desk, OFFERED, cx.now)?;
        let group = |g: &Bookable| {
            json!({
                "enrolment": g.enrolment, "service": g.service, "next": g.next,
                "cancelled": g.cancelled, "today_locked": g.today_locked,
            })
        };
        Ok(json!({
            "family": identity_bar(db, person, today)?,
            "href": href(person),
            "groups": groups.iter().map(group).collect::<Vec<_>>(),
            "ticked": cx.form.all("day").collect::<Vec<_>>(),
            "reason": cx.form.text("reason"),
            "longest": LONGEST_REASON,
        }))
    })
}

fn show(cx: &mut Cx) -> Result<Reply> {
    let person = family(cx)?;
    cx.page(TEMPLATE, title(&person), data(cx, &person)?)
}

/// Cancels, once however often it is sent, and leads to the receipts.
fn cancel(cx: &mut Cx) -> Result<Reply> {
    let person = family(cx)?;
    match cancelled(cx, &person) {
        Err(error @ (Error::Invalid(_) | Error::Refused(_))) => {
            let data = data(cx, &person)?;
            cx.page_again(error, TEMPLATE, title(&person), data)
        }
        other => other,
    }
}

fn cancelled(cx: &Cx, person: &Person) -> Result<Reply> {
    let reason = cx.form.text("reason").trim().to_owned();
    if reason.chars().count() > LONGEST_REASON {
        let text = Text::new("error-too-long").with("max", LONGEST_REASON);
        return Err(Error::field("reason", text));
    }
    let wanted = cancelling::ticked(cx.form.all("day"))?;
    let (staff, now) = (cx.staff()?.clone(), cx.now);
    let (family, href) = (person.id, href(person));
    cx.write_once(move |tx| {
        let done = cancelling::cancel_on_behalf(tx, &staff, family, &wanted, &reason, now)?;
        let numbers: Vec<_> = done.iter().map(|d| d.cancelled.number.as_str()).collect();
        Ok(format!("{href}/fatto?ricevute={}", numbers.join("_")))
    })
}

/// The receipts of what was just cancelled.
fn done(cx: &mut Cx) -> Result<Reply> {
    let person = family(cx)?;
    let (desk, today) = (desk(cx, person.id)?, cx.today());
    let numbers: Vec<&str> = cx.query.text("ricevute").split('_').take(400).collect();
    let (receipts, bar) = cx.read(|db| {
        let receipts = attendance::receipts(db, &desk, &numbers, today)?;
        Ok((receipts, identity_bar(db, &person, today)?))
    })?;
    if receipts.is_empty() {
        return cx.redirect(href(&person));
    }
    let data = json!({
        "family": bar,
        "href": href(&person),
        "receipts": receipts,
        "late": receipts.iter().any(|receipt| receipt.cancelled.late),
    });
    cx.page("office/cancel_done.html", "Disdetta registrata", data)
}
