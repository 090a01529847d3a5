//! The money of the family on the phone: its statement, why a charge costs what it costs, its
//! notices and attestations on paper. The desk sees what the family's own pages would show.

use rusqlite::Connection;
use serde_json::{Value, json};

use super::desk;
use super::families::{self, identity_bar};
use crate::attestations::{self, Issue};
use crate::base::Permission::Money;
use crate::base::{Actor, Error, Result, Text};
use crate::payments::notices::{self, Notice};
use crate::payments::{notice_data, notice_pdf};
use crate::people::{self, Person};
use crate::web::citizen::statement;
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

const STATEMENT: &str = "office/statement.html";

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/ufficio/famiglie/:person/estratto-conto", Money, show),
        get(
            "/ufficio/famiglie/:person/estratto-conto.csv",
            Money,
            download,
        ),
        get("/ufficio/famiglie/:person/addebiti/:id", Money, charge),
        get(
            "/ufficio/famiglie/:person/avvisi/:id/avviso.pdf",
            Money,
            notice,
        ),
        post("/ufficio/famiglie/:person/attestazioni", Money, attest),
        get(
            "/ufficio/famiglie/:person/attestazioni/:id/attestazione.pdf",
            Money,
            attestation,
        ),
    ]
}

/// Whose money it is, and the desk that acts for them.
fn payer(cx: &Cx) -> Result<(Person, Actor)> {
    let id = cx.id("person")?;
    let person = cx.read(|db| people::person_by_public_id(db, &id))?;
    let desk = desk(cx, person.id)?;
    Ok((person, desk))
}

/// A page's data with the bar on top.
fn with_bar(cx: &Cx, person: &Person, mut data: Value) -> Result<Value> {
    data["family"] = cx.read(|db| identity_bar(db, person, cx.today()))?;
    Ok(data)
}

fn show(cx: &mut Cx) -> Result<Reply> {
    let (person, desk) = payer(cx)?;
    let base = format!("{}/estratto-conto", families::href(&person));
    let (data, error) = statement::page_data(cx, &desk, &base)?;
    let mut data = with_bar(cx, &person, data)?;
    data["base"] = base.into();
    let title = format!("Estratto conto di {}", person.full_name());
    match error {
        None => cx.page(STATEMENT, title, data),
        Some(error) => cx.page_again(error, STATEMENT, title, data),
    }
}

fn download(cx: &mut Cx) -> Result<Reply> {
    let (_, desk) = payer(cx)?;
    statement::file(cx, &desk)
}

fn charge(cx: &mut Cx) -> Result<Reply> {
    let (person, desk) = payer(cx)?;
    let data = statement::charge_data(cx, &desk)?;
    let data = with_bar(cx, &person, data)?;
    cx.page("office/charge.html", "Perché questo importo?", data)
}

fn notice(cx: &mut Cx) -> Result<Reply> {
    let (id, (_, desk), simulated) = (cx.id("id")?, payer(cx)?, cx.app.demo);
    let data = cx.read(|db| {
        let notice = notices::notice_of_payer(db, &desk, &id)?;
        let name = format!("avviso-{}.pdf", notice.notice_number);
        Ok((name, notice_data(db, &notice, simulated)?))
    });
    let (name, data) = data?;
    cx.file(name, "application/pdf", notice_pdf::render(&data)?)
}

/// Issues a year's attestation, or a revision of it, and leads back to where it is printed.
fn attest(cx: &mut Cx) -> Result<Reply> {
    let (person, _) = payer(cx)?;
    let year: i16 = cx.form.text("year").parse().map_err(|_| Error::NotFound)?;
    let (actor, now, payer) = (cx.actor.clone(), cx.now, person.id);
    let public_url = cx.app.config.public_url.clone();
    let issued =
        cx.write(move |tx| attestations::issue(tx, &actor, payer, year, &public_url, now))?;
    let text = match issued {
        Issue::New(_) | Issue::Unchanged(_) => "office-attestation-ready",
        Issue::Nothing(_) => "office-attestation-nothing",
    };
    let text = Text::new(text).with("year", year.to_string());
    let back = format!("{}#attestazioni", families::href(&person));
    cx.redirect_saying(back, &text)
}

fn attestation(cx: &mut Cx) -> Result<Reply> {
    let (id, (_, desk)) = (cx.id("id")?, payer(cx)?);
    let (attestation, bytes) = cx.read(|db| {
        let attestation = attestations::attestation_of_payer(db, &desk, &id)?;
        let bytes = attestations::pdf(db, &attestation)?;
        Ok((attestation, bytes))
    })?;
    cx.file(attestation.filename(), "application/pdf", bytes)
}

/// Where a notice of a family is printed.
pub(super) fn notice_href(person: &Person, notice: &Notice) -> String {
    let family = families::href(person);
    format!("{family}/avvisi/{}/avviso.pdf", notice.public_id)
}

/// The open notices of the family as its sheet lists them.
///
/// # Errors
/// The database's own failure.
pub(super) fn open_notices(db: &Connection, desk: &Actor, person: &Person) -> Result<Vec<Value>> {
    let open = notices::open_notices(db, desk)?;
    let row = |notice: &Notice| {
        json!({
            "number": notice.notice_number.grouped(),
            "amount": notice.amount,
            "due_date": notice.due_date,
            "created_at": notice.created_at,
            "child": notice.child,
            "service": notice.service,
            "pdf": notice_href(person, notice),
        })
    };
    Ok(open.iter().map(row).collect())
}
