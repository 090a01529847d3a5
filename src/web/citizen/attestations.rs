//! "Stampa attestazione pagamenti": a row for each year with payments.

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::attestations::{self, Attestation, Issue, Outlook};
use crate::base::Permission::Citizen;
use crate::base::{Actor, Date, Error, PersonId, Result, Text};
use crate::payments::receipts;
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/area/attestazioni", Citizen, list),
        post("/area/attestazioni", Citizen, issue),
        get("/area/attestazioni/:id/attestazione.pdf", Citizen, pdf),
    ]
}

fn list(cx: &mut Cx) -> Result<Reply> {
    let (payer, today) = (cx.person()?, cx.today());
    let years = cx.read(|db| years(db, payer, today))?;
    cx.page(
        "citizen/attestations.html",
        cx.say("attestations-title"),
        json!({ "years": years }),
    )
}

/// A payer's years, newest first, each with what there is to attest.
pub(in crate::web) fn years(db: &Connection, payer: PersonId, today: Date) -> Result<Vec<Value>> {
    let mut years = receipts::years_with_payments(db, payer)?;
    // Last year is what everybody looks for, also who paid nothing.
    if !years.contains(&(today.year() - 1)) {
        years.push(today.year() - 1);
        years.sort_unstable_by(|a, b| b.cmp(a));
    }
    let each = |year| {
        let outlook = attestations::outlook(db, payer, year, today)?;
        Ok(row(year, today.year(), &outlook))
    };
    years.into_iter().map(each).collect()
}

fn row(year: i16, this_year: i16, outlook: &Outlook) -> Value {
    let (state, issued, why): (_, Option<&Attestation>, _) = match outlook {
        Outlook::Current(issued) => ("current", Some(issued), None),
        Outlook::Outdated(issued) => ("outdated", Some(issued), None),
        Outlook::Ready => ("ready", None, None),
        Outlook::Nothing(why) => ("nothing", None, Some(why)),
    };
    json!({
        "year": year,
        "running": year == this_year,
        "state": state,
        "why": why,
        "issued": issued.map(|a| json!({
            "id": a.public_id, "number": a.full_number(), "revision": a.revision,
            "issued_at": a.issued_at,
        })),
    })
}

/// Issues a payer's attestation of the year that the form names, or a revision of it.
pub(in crate::web) fn issued(cx: &Cx, payer: PersonId) -> Result<(i16, Issue)> {
    let year: i16 = cx.form.text("year").parse().map_err(|_| Error::NotFound)?;
    let (actor, now) = (cx.actor.clone(), cx.now);
    let public_url = cx.app.config.public_url.clone();
    let issued =
        cx.write(move |tx| attestations::issue(tx, &actor, payer, year, &public_url, now))?;
    Ok((year, issued))
}

fn issue(cx: &mut Cx) -> Result<Reply> {
    let (year, issued) = issued(cx, cx.person()?)?;
    match issued {
        Issue::New(_) | Issue::Unchanged(_) => {
            let text = Text::new("attestation-ready").with("year", year.to_string());
            cx.redirect_saying("/area/attestazioni", &text)
        }
        Issue::Nothing(_) => {
            let text = Text::new("error-attestation-nothing").with("year", year.to_string());
            Err(Error::refused(text))
        }
    }
}

fn pdf(cx: &mut Cx) -> Result<Reply> {
    file(cx, &cx.actor)
}

/// The document of an attestation of the actor's.
pub(in crate::web) fn file(cx: &Cx, actor: &Actor) -> Result<Reply> {
    let id = cx.id("id")?;
    let (attestation, bytes) = cx.read(|db| {
        let attestation = attestations::attestation_of_payer(db, actor, &id)?;
        let bytes = attestations::pdf(db, &attestation)?;
        Ok((attestation, bytes))
    })?;
    cx.file(attestation.filename(), "application/pdf", bytes)
}
