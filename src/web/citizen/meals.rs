//! "Disdici un pasto": the next days of every child, a range of days, and the proof.

use std::collections::BTreeMap;

use jiff::ToSpan;
use serde_json::{Value, json};

use crate::attendance::{self, Cancelled};
use crate::base::Permission::Citizen;
use crate::base::{Date, Error, PublicId, Result, Text};
use crate::charging;
use crate::enrolments::{self, Enrolment};
use crate::municipality::{self, Service};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

const TEMPLATE: &str = "citizen/meals.html";

/// So many days are offered to be ticked; the range takes the others.
const OFFERED: usize = 5;

/// The longest range, in days.
const LONGEST: i64 = 92;

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/area/disdici", Citizen, show),
        post("/area/disdici", Citizen, cancel_ticked),
        post("/area/disdici/periodo", Citizen, cancel_range),
        post("/area/disdici/ripristina", Citizen, restore),
        get("/area/disdici/fatto", Citizen, done),
    ]
}

/// The enrolments of the family that hold now or later, with their services.
pub(super) fn booked(cx: &Cx) -> Result<Vec<(Enrolment, Service)>> {
    let (actor, today) = (cx.actor.clone(), cx.today());
    cx.read(|db| {
        let all = enrolments::of_family(db, &actor, today)?;
        let current = all
            .into_iter()
            .filter(|e| e.to.is_none_or(|to| to >= today) && e.kind != "transport");
        current
            .map(|e| Ok((municipality::service(db, e.service_id)?, e)))
            .map(|pair| pair.map(|(s, e)| (e, s)))
            .collect()
    })
}

fn data(cx: &Cx) -> Result<Value> {
    let now = cx.now;
    let mut groups = Vec::new();
    for (enrolment, service) in booked(cx)? {
        let choices =
            cx.read(|db| attendance::bookable_days(db, &enrolment, &service, now, usize::MAX))?;
        let (cancelled, free): (Vec<_>, Vec<_>) =
            choices.into_iter().partition(|c| c.cancelled.is_some());
        groups.push(json!({
            "enrolment": enrolment,
            "service": service,
            "next": free.into_iter().take(OFFERED).collect::<Vec<_>>(),
            "cancelled": cancelled,
        }));
    }
    Ok(json!({ "groups": groups, "typed": cx.form.typed() }))
}

fn show(cx: &mut Cx) -> Result<Reply> {
    cx.page(TEMPLATE, cx.say("meals-title"), data(cx)?)
}

fn again(cx: &Cx, error: Error) -> Result<Reply> {
    cx.page_again(error, TEMPLATE, cx.say("meals-title"), data(cx)?)
}

/// The ticked days: `enrolment:day` in each box.
fn cancel_ticked(cx: &mut Cx) -> Result<Reply> {
    let mut wanted: BTreeMap<String, Vec<Date>> = BTreeMap::new();
    for value in cx.form.all("day") {
        let (enrolment, day) = value.split_once(':').ok_or(Error::NotFound)?;
        let day = day.parse().map_err(|_| Error::NotFound)?;
        wanted.entry(enrolment.to_owned()).or_default().push(day);
    }
    if wanted.is_empty() {
        return again(cx, Error::field("day", Text::new("error-cancel-choose")));
    }
    let wanted = wanted
        .into_iter()
        .map(|(id, days)| Ok((id.parse().map_err(|()| Error::NotFound)?, days)));
    let wanted = wanted.collect::<Result<Vec<(PublicId, Vec<Date>)>>>()?;
    cancel(cx, wanted)
}

fn cancel_range(cx: &mut Cx) -> Result<Reply> {
    let mut checks = cx.form.check();
    let (from, to) = (checks.date("from", true), checks.date("to", true));
    if let (Some(from), Some(to)) = (from, to)
        && (from > to || to > from.saturating_add(LONGEST.days()))
    {
        checks.wrong("to", Text::new("error-cancel-range"));
    }
    if let Err(error) = checks.done() {
        return again(cx, error);
    }
    let (Some(from), Some(to)) = (from, to) else {
        return Err(Error::NotFound);
    };
    let days: Vec<Date> = from.series(1.day()).take_while(|day| *day <= to).collect();
    let enrolments = cx
        .form
        .all("enrolment")
        .map(|id| id.parse().map_err(|()| Error::NotFound));
    let enrolments = enrolments.collect::<Result<Vec<PublicId>>>()?;
    if enrolments.is_empty() {
        return again(
            cx,
            Error::field("enrolment", Text::new("error-cancel-choose")),
        );
    }
    cancel(
        cx,
        enrolments
            .into_iter()
            .map(|id| (id, days.clone()))
            .collect(),
    )
}

/// Cancels, once however often it is sent, and leads to the receipts.
fn cancel(cx: &Cx, wanted: Vec<(PublicId, Vec<Date>)>) -> Result<Reply> {
    let (actor, now, today) = (cx.actor.clone(), cx.now, cx.today());
    let reply = cx.write_once(move |tx| {
        let mut receipts: Vec<Cancelled> = Vec::new();
        let mut counted = false;
        for (id, days) in &wanted {
            let enrolment = enrolments::of_family_by_id(tx, &actor, id, today)?;
            let service = municipality::service(tx, enrolment.service_id)?;
            // Once the day's closing has begun, whoever was not cancelled is charged.
            let locked = charging::is_locked(tx, &service, today)?;
            let mut days = days.clone();
            let asked = days.len();
            days.retain(|day| !(locked && *day == today));
            counted |= days.len() < asked;
            if !days.is_empty() {
                receipts.extend(attendance::cancel(
                    tx, &actor, &enrolment, &service, &days, now,
                )?);
            }
        }
        // Of several children and days, it is enough that there is something to cancel.
        if receipts.is_empty() {
            let why = if counted {
                "error-cancel-day-closed"
            } else {
                "error-cancel-nothing"
            };
            return Err(Error::field("day", Text::new(why)));
        }
        let numbers: Vec<_> = receipts
            .iter()
            .map(|receipt| receipt.number.as_str())
            .collect();
        Ok(format!(
            "/area/disdici/fatto?ricevute={}",
            numbers.join("_")
        ))
    });
    match reply {
        Err(error @ (Error::Invalid(_) | Error::Refused(_))) => again(cx, error),
        other => other,
    }
}

fn restore(cx: &mut Cx) -> Result<Reply> {
    let id = cx.form.public_id("enrolment")?;
    let day: Date = cx.form.text("day").parse().map_err(|_| Error::NotFound)?;
    let (actor, now, today) = (cx.actor.clone(), cx.now, cx.today());
    let restored = cx.write(move |tx| {
        let enrolment = enrolments::of_family_by_id(tx, &actor, &id, today)?;
        let service = municipality::service(tx, enrolment.service_id)?;
        let receipt = attendance::restore(tx, &actor, &enrolment, &service, day, now)?;
        Ok((receipt, service.kind))
    });
    match restored {
        Ok((receipt, kind)) => {
            let text = Text::new("meals-restored")
                .with("kind", kind.as_str())
                .with("day", day)
                .with("number", receipt.number);
            cx.redirect_saying("/area/disdici", &text)
        }
        Err(error) => again(cx, error),
    }
}

/// The receipts of what was just cancelled.
fn done(cx: &mut Cx) -> Result<Reply> {
    let (actor, today) = (cx.actor.clone(), cx.today());
    let numbers: Vec<&str> = cx.query.text("ricevute").split('_').take(400).collect();
    let receipts = cx.read(|db| attendance::receipts(db, &actor, &numbers, today))?;
    if receipts.is_empty() {
        return cx.redirect("/area/disdici");
    }
    let late = receipts.iter().any(|receipt| receipt.cancelled.late);
    // A meal among them decides the words: the kitchen is told of it.
    let nido_only = receipts.iter().all(|receipt| receipt.kind == "nido");
    let kind = if nido_only { "nido" } else { "meals" };
    cx.page(
        "citizen/meals_done.html",
        cx.say("meals-done-title"),
        json!({ "receipts": receipts, "late": late, "kind": kind }),
    )
}
