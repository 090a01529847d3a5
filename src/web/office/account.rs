//! The money of the family on the phone: its statement, why a charge costs what it costs, its
//! notices and attestations on paper. The desk sees what the family's own pages would show.

use rusqlite::Connection;
use serde_json::{Value, json};

use super::desk;
use super::families::{self, identity_bar};
use crate::attestations::Issue;
use crate::base::Permission::Money;
use crate::base::{Actor, Error, Result, Text};
use crate::billing;
use crate::payments::notices::{self, Notice};
use crate::people::{self, Person};
use crate::web::citizen::{attestations, payments, reason_files, statement, statement_files};
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
        get("/ufficio/famiglie/:person/estratto-conto.pdf", Money, print),
        get("/ufficio/famiglie/:person/addebiti/:id", Money, charge),
        post(
            "/ufficio/famiglie/:person/addebiti/:id/storna",
            Money,
            reverse,
        ),
        get(
            "/ufficio/famiglie/:person/addebiti/:id/perche.pdf",
            Money,
            print_charge,
        ),
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
    statement_files::csv_of(cx, &desk)
}

fn print(cx: &mut Cx) -> Result<Reply> {
    let (_, desk) = payer(cx)?;
    statement_files::pdf_of(cx, &desk)
}

fn charge(cx: &mut Cx) -> Result<Reply> {
    charge_page(cx, None)
}

/// Why a charge is what it is; a closed day can be given back from there.
fn charge_page(cx: &Cx, error: Option<Error>) -> Result<Reply> {
    let (person, desk) = payer(cx)?;
    let data = statement::charge_data(cx, &desk)?;
    let mut data = with_bar(cx, &person, data)?;
    let id = cx.id("id")?;
    let reversal = cx.read(|db| billing::reversal(db, &cx.actor, person.id, &id))?;
    data["reversal"] = json!(reversal.map(|found| {
        let account = &found.charge.account;
        json!({
            "done": found.charge.reversed,
            "amount": (!found.is_empty()).then_some(found.amount),
            "aided": found.aided.is_positive().then_some(found.aided),
            "action": format!("{}/addebiti/{id}/storna", families::href(&person)),
            "rows": [{
                "account": format!("{} – {}", account.child, account.service),
                "before": account.balance,
                "after": account.balance + found.amount,
            }],
        })
    }));
    data["typed"] = cx.form.typed();
    let (template, title) = ("office/charge.html", "Perché questo importo?");
    match error {
        None => cx.page(template, title, data),
        Some(error) => cx.page_again(error, template, title, data),
    }
}

/// Gives a charged day back.
fn reverse(cx: &mut Cx) -> Result<Reply> {
    let (person, _) = payer(cx)?;
    let mut checks = cx.form.check();
    let reason = checks.required("reason", 200);
    let (actor, now, id) = (cx.actor.clone(), cx.now, cx.id("id")?);
    let (payer, place) = (
        person.id,
        format!("{}/estratto-conto", families::href(&person)),
    );
    let done = checks.done().and_then(|()| {
        cx.write_once(move |tx| {
            billing::reverse_charge(tx, &actor, payer, &id, &reason, now)?;
            Ok(place)
        })
    });
    match done {
        Ok(Reply::Redirect(place)) => {
            cx.redirect_saying(place, &Text::new("office-charge-reversed"))
        }
        Err(error @ (Error::Invalid(_) | Error::Refused(_))) => charge_page(cx, Some(error)),
        other => other,
    }
}

fn print_charge(cx: &mut Cx) -> Result<Reply> {
    let (_, desk) = payer(cx)?;
    reason_files::charge_of(cx, &desk)
}

fn notice(cx: &mut Cx) -> Result<Reply> {
    let (_, desk) = payer(cx)?;
    payments::notice::file(cx, &desk)
}

/// Issues a year's attestation, or a revision of it, and leads back to where it is printed.
fn attest(cx: &mut Cx) -> Result<Reply> {
    let (person, _) = payer(cx)?;
    let (year, issued) = attestations::issued(cx, person.id)?;
    let text = match issued {
        Issue::New(_) | Issue::Unchanged(_) => "office-attestation-ready",
        Issue::Nothing(_) => "office-attestation-nothing",
    };
    let text = Text::new(text).with("year", year.to_string());
    let back = format!("{}#attestazioni", families::href(&person));
    cx.redirect_saying(back, &text)
}

fn attestation(cx: &mut Cx) -> Result<Reply> {
    let (_, desk) = payer(cx)?;
    attestations::file(cx, &desk)
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
            "number": notice.shown_number(),
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
