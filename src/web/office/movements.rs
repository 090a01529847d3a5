//! Moving credit between two accounts of a family, writing off what will not be paid or given back,
//! and undoing either: each with its reason, which the family reads in its statement.

use serde_json::{Value, json};

use super::families::{self, identity_bar};
use crate::base::Permission::Money;
use crate::base::{Cents, Error, PublicId, Result, Text};
use crate::cash_desk::{self, Target};
use crate::ledger::{self, FamilyAccount, Movement, NewTransfer, NewWriteOff};
use crate::people::{self, Person};
use crate::plans;
use crate::refunds;
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

const TEMPLATE: &str = "office/movements.html";
const MOVEMENT: &str = "office/movement.html";

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
        get("/ufficio/famiglie/:person/movimenti/:id", Money, movement),
        post(
            "/ufficio/famiglie/:person/movimenti/:id/storna",
            Money,
            reverse,
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
        let mut others = cash_desk::targets(db, person.id, cx.today())?;
        others.retain(|other| other.id != account.public_id);
        let most = ledger::movable(db, account.id)?;
        Ok(json!({
            "family": identity_bar(db, person, cx.today())?,
            "href": href(person, account),
            "label": label(account),
            "balance": account.balance,
            "credit": account.balance.is_positive(),
            "even": account.balance == Cents::ZERO,
            "balance_abs": account.balance.abs(),
            "amount": account.balance.abs().to_italian(),
            "most": most.is_positive().then_some(most),
            "to_move": proposed(cx, account.balance, most).to_italian(),
            "preview": preview(cx, account, &others, most),
            "dropped": dropped(cx, account),
            "targets": others.iter().map(|other| json!({
                "value": other.id,
                "label": format!("{} – {} ({})", other.child, other.service, other.balance),
            })).collect::<Vec<_>>(),
            "action": cx.path.rsplit('/').next().unwrap_or(""),
            "typed": cx.form.typed(),
        }))
    })
}

/// The payment that the page was opened for; else the credit.
fn proposed(cx: &Cx, balance: Cents, most: Cents) -> Cents {
    match Cents::parse_it(cx.query.text("importo")) {
        Ok(amount) if amount.is_positive() => amount.min(most),
        _ if balance.is_positive() => balance,
        _ => most,
    }
}

/// Both balances before and after, once the form says what is to go where.
fn preview(cx: &Cx, from: &FamilyAccount, others: &[Target], most: Cents) -> Option<Value> {
    let target = cx.form.text("target");
    let to = others.iter().find(|to| to.id.as_str() == target)?;
    let amount = Cents::parse_it(cx.form.text("amount")).ok()?;
    let fits = amount.is_positive() && amount <= most;
    fits.then(|| {
        json!({
            "amount": amount,
            "owes": (amount > from.balance).then(|| label(from)),
            "rows": [
                changed(&label(from), from.balance, -amount),
                changed(&format!("{} – {}", to.child, to.service), to.balance, amount),
            ],
        })
    })
}

/// The balance before and after a write-off, once the form says how much.
fn dropped(cx: &Cx, of: &FamilyAccount) -> Option<Value> {
    let amount = Cents::parse_it(cx.form.text("amount")).ok()?;
    let fits = amount.is_positive() && amount <= of.balance.abs();
    let by = if of.balance.is_positive() {
        -amount
    } else {
        amount
    };
    fits.then(|| json!({ "amount": amount, "rows": [changed(&label(of), of.balance, by)] }))
}

fn changed(account: &str, balance: Cents, by: Cents) -> Value {
    json!({
        "account": account,
        "before": balance,
        "after": balance + by,
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
    let payer = of.0.id;
    let place = format!("{}/estratto-conto", families::href(&of.0));
    let data = data(cx, &of.0, &of.1)?;
    // What is wrong is said at once; what is right is shown before it is done.
    if !cx.form.has("confirm") && !data["preview"].is_null() && !reason.is_empty() {
        return cx.page(TEMPLATE, "Sposta o stralcia", data);
    }
    let done = checks.done().and_then(|()| {
        let target = target.ok_or(Error::NotFound)?;
        cx.write_once(move |tx| {
            let to = cash_desk::account_of_target(tx, payer, &target, today)?;
            let new = NewTransfer {
                from,
                to,
                amount,
                day: today,
                reason: &reason,
            };
            ledger::move_payment(tx, &actor, &new, now)?;
            plans::lower_credited(tx, payer, &[(to, amount)], now)?;
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
    let payer = of.0.id;
    let place = format!("{}/estratto-conto", families::href(&of.0));
    let data = data(cx, &of.0, &of.1)?;
    if !cx.form.has("confirm") && !data["dropped"].is_null() && !reason.is_empty() {
        return cx.page(TEMPLATE, "Sposta o stralcia", data);
    }
    let done = checks.done().and_then(|()| {
        cx.write_once(move |tx| {
            let new = NewWriteOff {
                account,
                amount,
                day: today,
                reason: &reason,
            };
            ledger::write_off(tx, &actor, &new, now)?;
            plans::lower_credited(tx, payer, &[(account, amount)], now)?;
            Ok(place)
        })
    });
    answered(cx, &of, done, Text::new("office-written-off"))
}

/// Accounts, each with what a movement credited it.
type Moved = Vec<(FamilyAccount, Cents)>;

/// A transfer or a write-off of a family, and the accounts that it moved.
fn moved(cx: &Cx) -> Result<(Person, Movement, Moved)> {
    let (person, id) = (cx.id("person")?, cx.id("id")?);
    cx.read(|db| {
        let person = people::person_by_public_id(db, &person)?;
        let movement = ledger::movement(db, &id)?;
        let mut accounts = vec![(ledger::account(db, movement.account)?, movement.amount)];
        if let Some(other) = movement.other {
            accounts.push((ledger::account(db, other)?, -movement.amount));
        }
        match accounts.iter().all(|(of, _)| of.payer_id == person.id) {
            true => Ok((person, movement, accounts)),
            false => Err(Error::NotFound),
        }
    })
}

fn movement_page(cx: &Cx, error: Option<Error>) -> Result<Reply> {
    let (person, movement, accounts) = moved(cx)?;
    let back = accounts
        .iter()
        .map(|(account, by)| changed(&label(account), account.balance, -*by));
    let data = json!({
        "family": cx.read(|db| identity_bar(db, &person, cx.today()))?,
        "href": format!("{}/movimenti/{}", families::href(&person), cx.param("id")),
        "statement": format!("{}/estratto-conto", families::href(&person)),
        "transfer": movement.other.is_some(),
        "accounts": accounts.iter().map(|(account, _)| label(account)).collect::<Vec<_>>(),
        "amount": movement.amount.abs(),
        "day": movement.day,
        "reason": movement.reason,
        "staff": movement.staff,
        "reversed": movement.reversed,
        "rows": back.collect::<Vec<_>>(),
        "typed": cx.form.typed(),
    });
    let title = match movement.other {
        Some(_) => "Storna un trasferimento",
        None => "Storna uno stralcio",
    };
    match error {
        None => cx.page(MOVEMENT, title, data),
        Some(error) => cx.page_again(error, MOVEMENT, title, data),
    }
}

fn movement(cx: &mut Cx) -> Result<Reply> {
    movement_page(cx, None)
}

/// Undoes it by an entry the other way round.
fn reverse(cx: &mut Cx) -> Result<Reply> {
    let (person, movement, accounts) = moved(cx)?;
    let (payer, credits) = (person.id, accounts.iter().map(|(of, by)| (of.id, -*by)));
    let credits: Vec<_> = credits.collect();
    let mut checks = cx.form.check();
    let reason = checks.required("reason", 200);
    let (actor, now, today) = (cx.actor.clone(), cx.now, cx.today());
    let id = cx.id("id")?;
    let place = format!("{}/estratto-conto", families::href(&person));
    let done = checks.done().and_then(|()| {
        cx.write_once(move |tx| {
            ledger::reverse(tx, &actor, movement.entry, &reason, today, now)?;
            plans::lower_credited(tx, payer, &credits, now)?;
            refunds::reopen_for(tx, &actor, &id, now)?;
            Ok(place)
        })
    });
    match done {
        Ok(Reply::Redirect(place)) => {
            cx.redirect_saying(place, &Text::new("office-movement-reversed"))
        }
        Err(error @ (Error::Invalid(_) | Error::Refused(_))) => movement_page(cx, Some(error)),
        other => other,
    }
}
