//! "Disdici un pasto": the next days of every child, a range of days, and the proof.

use serde_json::{Value, json};

use crate::attendance;
use crate::base::Permission::Citizen;
use crate::base::{Date, Error, PublicId, Result, Text};
use crate::enrolments;
use crate::municipality;
use crate::processes::cancelling::{self, Bookable, Wanted};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

const TEMPLATE: &str = "citizen/meals.html";

/// So many days are offered to be ticked; the range takes the others.
const OFFERED: usize = 5;

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/area/disdici", Citizen, show),
        post("/area/disdici", Citizen, cancel_ticked),
        post("/area/disdici/periodo", Citizen, cancel_range),
        post("/area/disdici/ripristina", Citizen, restore),
        get("/area/disdici/fatto", Citizen, done),
    ]
}

fn data(cx: &Cx) -> Result<Value> {
    let (groups, suspended) = cx.read(|db| {
        let groups = cancelling::bookable(db, &cx.actor, OFFERED, cx.now)?;
        let enrolments = groups.iter().map(|group| group.enrolment.id);
        let suspended = super::suspended::shown(db, cx, enrolments)?;
        Ok((groups, suspended))
    })?;
    let group = |g: &Bookable| {
        json!({
            "enrolment": g.enrolment, "service": g.service,
            "next": g.next, "cancelled": g.cancelled,
        })
    };
    let groups: Vec<_> = groups.iter().map(group).collect();
    Ok(json!({ "groups": groups, "suspended": suspended, "typed": cx.form.typed() }))
}

fn show(cx: &mut Cx) -> Result<Reply> {
    cx.page(TEMPLATE, cx.say("meals-title"), data(cx)?)
}

fn again(cx: &Cx, error: Error) -> Result<Reply> {
    cx.page_again(error, TEMPLATE, cx.say("meals-title"), data(cx)?)
}

fn cancel_ticked(cx: &mut Cx) -> Result<Reply> {
    match cancelling::ticked(cx.form.all("day")) {
        Ok(wanted) => cancel(cx, wanted),
        Err(error) => again(cx, error),
    }
}

fn cancel_range(cx: &mut Cx) -> Result<Reply> {
    let mut checks = cx.form.check();
    let (from, to) = (checks.date("from", true), checks.date("to", true));
    if let Err(error) = checks.done() {
        return again(cx, error);
    }
    let (Some(from), Some(to)) = (from, to) else {
        return Err(Error::NotFound);
    };
    let days = match cancelling::stretch(from, to) {
        Ok(days) => days,
        Err(error) => return again(cx, error),
    };
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
fn cancel(cx: &Cx, wanted: Vec<Wanted>) -> Result<Reply> {
    let (actor, now) = (cx.actor.clone(), cx.now);
    let reply = cx.write_once(move |tx| {
        let done = cancelling::cancel_days(tx, &actor, &wanted, now)?;
        let numbers: Vec<_> = done.iter().map(|d| d.cancelled.number.as_str()).collect();
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
