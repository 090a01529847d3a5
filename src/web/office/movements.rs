//! Moving credit between two accounts of a family, and writing off what will not be paid or given
//! back: each with its reason, which the family reads in its statement.

use serde_json::{Value, json};

use super::families::{self, identity_bar};
use crate::base::Permission::Money;
use crate::base::{Cents, Error, PublicId, Result, Text};
use crate::ledger::{self, FamilyAccount, NewTransfer, NewWriteOff};
use crate::people::{self, Person};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

const TEMPLATE: &str = "office/movements.html";

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/ufficio/famiglie/:person/conti/:account", Money, show),
        post(
            "/ufficio/famiglie/:person/conti/:account/sposta",
            Money,
            transfer,
        ),
        post(
            "/ufficio/famiglie/:person/conti/:account/stralcia",
            Money,
            write_off,
        ),
    ]
}

/// Somebody, and an account that they pay for.
fn asked(cx: &Cx) -> Result<(Person, FamilyAccount)> {
    let (person, account) = (cx.id("person")?, cx.id("account")?);
    cx.read(|db| {
        let person = people::person_by_public_id(db, &person)?;
        let account = ledger::account_by_public_id(db, &account)?;
        match account.payer_id == person.id {
            true => Ok((person, account)),
            false => Err(Error::NotFound),
        }
    })
}

fn label(account: &FamilyAccount) -> String {
    format!("{} – {}", account.child, account.service)
}

fn href(person: &Person, account: &FamilyAccount) -> String {
    format!("{}/conti/{}", families::href(person), account.public_id)
}

fn data(cx: &Cx, person: &Person, account: &FamilyAccount) -> Result<Value> {
    cx.read(|db| {
        let mut others = ledger::accounts_of_person(db, person.id)?;
        others.retain(|other| other.id != account.id);
        Ok(json!({
            "family": identity_bar(db, person, cx.today())?,
            "href": href(person, account),
            "label": label(account),
            "balance": account.balance,
            "credit": account.balance.is_positive(),
            "even": account.balance == Cents::ZERO,
            "amount": account.balance.abs().to_italian(),
            "targets": others.iter().map(|other| json!({
                "value": other.public_id,
                "label": format!("{} ({})", label(other), other.balance),
            })).collect::<Vec<_>>(),
            "action": cx.path.rsplit('/').next().unwrap_or(""),
            "typed": cx.form.typed(),
        }))
    })
}

fn show(cx: &mut Cx) -> Result<Reply> {
    let (person, account) = asked(cx)?;
    let data = data(cx, &person, &account)?;
    cx.page(TEMPLATE, "Sposta o stralcia", data)
}

/// Leads to the statement with a sentence, or shows the form again with what is wrong.
fn answered(
    cx: &Cx,
    (person, account): &(Person, FamilyAccount),
    done: Result<Reply>,
    sentence: Text,
) -> Result<Reply> {
    match done {
        Ok(Reply::Redirect(place)) => cx.redirect_saying(place, &sentence),
        Ok(other) => Ok(other),
        Err(error @ (Error::Invalid(_) | Error::Refused(_))) => {
            let data = data(cx, person, account)?;
            cx.page_again(error, TEMPLATE, "Sposta o stralcia", data)
        }
        Err(error) => Err(error),
    }
}

fn transfer(cx: &mut Cx) -> Result<Reply> {
    let of = asked(cx)?;
    let mut checks = cx.form.check();
    let target: Option<PublicId> = checks.choice("target", |text| text.parse().ok());
    let amount = checks.amount("amount");
    let reason = checks.required("reason", 200);
    let (actor, now, today, from) = (cx.actor.clone(), cx.now, cx.today(), of.1.id);
    let place = format!("{}/estratto-conto", families::href(&of.0));
    let done = checks.done().and_then(|()| {
        let target = target.ok_or(Error::NotFound)?;
        cx.write_once(move |tx| {
            let new = NewTransfer {
                from,
                to: ledger::account_by_public_id(tx, &target)?.id,
                amount,
                day: today,
                reason: &reason,
            };
            ledger::transfer(tx, &actor, &new, now)?;
            Ok(place)
        })
    });
    answered(cx, &of, done, Text::new("office-credit-moved"))
}

fn write_off(cx: &mut Cx) -> Result<Reply> {
    let of = asked(cx)?;
    let mut checks = cx.form.check();
    let amount = checks.amount("amount");
    let reason = checks.required("reason", 200);
    let (actor, now, today, account) = (cx.actor.clone(), cx.now, cx.today(), of.1.id);
    // A debt is given up in the family's favour, a credit against it.
    let amount = if of.1.balance.is_positive() {
        -amount
    } else {
        amount
    };
    let place = format!("{}/estratto-conto", families::href(&of.0));
    let done = checks.done().and_then(|()| {
        cx.write_once(move |tx| {
            let new = NewWriteOff {
                account,
                amount,
                day: today,
                reason: &reason,
            };
            ledger::write_off(tx, &actor, &new, now)?;
            Ok(place)
        })
    });
    answered(cx, &of, done, Text::new("office-written-off"))
}
