//! "Rimborsi": the credits of the family, asking for one, and what became of it.

use std::sync::Arc;

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::base::Permission::Citizen;
use crate::base::{Error, PublicId, Result, Text};
use crate::ledger::{self, FamilyAccount};
use crate::refunds::{self, Bank, Case, CaseState, Destination, NewRequest, Wish};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

const NEW: &str = "citizen/refunds/new.html";
const CASE: &str = "citizen/refunds/case.html";

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/area/rimborsi", Citizen, list),
        get("/area/rimborsi/nuovo", Citizen, new),
        post("/area/rimborsi/nuovo", Citizen, ask),
        get("/area/rimborsi/:id", Citizen, show),
        post("/area/rimborsi/:id/iban", Citizen, bank),
        post("/area/rimborsi/:id/ritira", Citizen, withdraw),
    ]
}

/// A case's state in words, and its colour.
fn state(cx: &Cx, state: CaseState) -> Value {
    let (key, tone) = match state {
        CaseState::Asked => ("refunds-state-asked", "info"),
        CaseState::Approved => ("refunds-state-approved", "ok"),
        CaseState::Listed => ("refunds-state-listed", "info"),
        CaseState::Paid => ("refunds-state-paid", "ok"),
        CaseState::Returned => ("refunds-state-returned", "bad"),
        CaseState::Rejected => ("refunds-state-rejected", "bad"),
        CaseState::Transferred => ("refunds-state-transferred", "ok"),
        CaseState::Refused => ("refunds-state-refused", "bad"),
        CaseState::Withdrawn => ("refunds-state-withdrawn", "warn"),
    };
    json!({ "word": cx.say_text(&Text::new(key)), "tone": tone })
}

fn label(account: &FamilyAccount) -> String {
    format!("{} – {}", account.child_name, account.service)
}

/// Accounts with credit and no open case.
fn free(db: &Connection, cx: &Cx, cases: &[Case]) -> Result<Vec<FamilyAccount>> {
    let mut accounts = ledger::accounts_of_payer(db, &cx.actor)?;
    let open = |account: &FamilyAccount| {
        cases.iter().any(|case| {
            case.account_id == account.id
                && matches!(
                    case.state,
                    CaseState::Asked | CaseState::Approved | CaseState::Listed
                )
        })
    };
    accounts.retain(|account| account.balance.is_positive() && !open(account));
    Ok(accounts)
}

fn list(cx: &mut Cx) -> Result<Reply> {
    let data = cx.read(|db| {
        let cases = refunds::of_payer(db, &cx.actor)?;
        let mut credits = Vec::new();
        for account in free(db, cx, &cases)? {
            let told = refunds::proposal_before(db, &account, None, cx.today())?.decision;
            let why = told.reasons.iter().map(|text| cx.say_text(text));
            credits.push(json!({
                "account": account,
                "reasons": why.collect::<Vec<_>>(),
            }));
        }
        let cases = cases
            .iter()
            .map(|case| json!({ "case": case, "state": state(cx, case.state) }));
        Ok(json!({
            "credits": credits,
            "cases": cases.collect::<Vec<_>>(),
            "rule": refunds::refund_policy(db)?.name,
        }))
    })?;
    cx.page("citizen/refunds/list.html", cx.say("refunds-title"), data)
}

fn new_data(cx: &Cx, typed: &Value) -> Result<Value> {
    cx.read(|db| {
        let cases = refunds::of_payer(db, &cx.actor)?;
        let credit = |account: &FamilyAccount| {
            let text = Text::new("refund-new-credit").with("credit", account.balance);
            json!({ "value": account.public_id, "label": label(account), "help": cx.say_text(&text) })
        };
        let from = free(db, cx, &cases)?;
        let all = ledger::accounts_of_payer(db, &cx.actor)?;
        let mut typed = typed.clone();
        if from.len() == 1 && typed["account"].as_str().unwrap_or("").is_empty() {
            typed["account"] = json!(from[0].public_id);
        }
        // Who has one account only has nowhere to move a credit to.
        let movable = all.len() > 1;
        if !movable || typed["wish"] != "transfer" {
            typed["wish"] = "refund".into();
        }
        Ok(json!({
            "options": from.iter().map(credit).collect::<Vec<_>>(),
            "targets": all.iter().map(|account| json!({
                "value": account.public_id, "label": label(account),
            })).collect::<Vec<_>>(),
            "movable": movable,
            "savings_book": refunds::refund_policy(db)?.savings_book,
            "typed": typed,
        }))
    })
}

fn new(cx: &mut Cx) -> Result<Reply> {
    let data = new_data(
        cx,
        &json!({ "account": cx.query.text("conto"), "wish": "refund" }),
    )?;
    cx.page(NEW, cx.say("refund-new-title"), data)
}

/// What the form says: the account, and a bank account or another account of theirs.
struct Asked {
    account: PublicId,
    to: std::result::Result<Bank, PublicId>,
    note: String,
}

fn asked(cx: &Cx) -> Result<Asked> {
    let mut checks = cx.form.check();
    let account = checks.choice("account", |text| text.parse().ok());
    let wish = checks.choice("wish", Wish::parse);
    let note = checks.optional("note", 1000).unwrap_or_default();
    let joint = checks.optional("joint_with", 100).unwrap_or_default();
    let to = match wish {
        Some(Wish::Transfer) => checks.choice("target", |text| text.parse().ok()).map(Err),
        Some(Wish::Refund) => {
            let iban = checks.required("iban", 50);
            match Bank::parse(&iban, &joint) {
                Ok(bank) => Some(Ok(bank)),
                Err(_) => {
                    checks.wrong("iban", Text::new("error-iban"));
                    None
                }
            }
        }
        None => None,
    };
    checks.done()?;
    match (account, to) {
        (Some(account), Some(to)) => Ok(Asked { account, to, note }),
        _ => Err(Error::NotFound),
    }
}

fn ask(cx: &mut Cx) -> Result<Reply> {
    let made = asked(cx).and_then(|asked| {
        let (app, actor, now) = (Arc::clone(&cx.app), cx.actor.clone(), cx.now);
        cx.write_once(move |tx| {
            let new = NewRequest {
                account: &asked.account,
                to: match &asked.to {
                    Ok(bank) => Destination::Bank(bank),
                    Err(account) => Destination::Account(account),
                },
                note: &asked.note,
            };
            let id = refunds::ask(tx, &app.key, &actor, &new, now)?;
            Ok(format!("/area/rimborsi/{id}"))
        })
    });
    match made {
        Ok(Reply::Redirect(place)) => cx.redirect_saying(place, &Text::new("refund-asked")),
        Ok(reply) => Ok(reply),
        Err(error) => {
            let data = new_data(cx, &cx.form.typed())?;
            cx.page_again(error, NEW, cx.say("refund-new-title"), data)
        }
    }
}

fn case_data(cx: &Cx) -> Result<Value> {
    let id = cx.id("id")?;
    cx.read(|db| {
        let case = refunds::case_of_payer(db, &cx.actor, &id)?;
        let target = match case.target {
            Some(target) => Some(label(&ledger::account(db, target)?)),
            None => None,
        };
        let next = match case.state {
            CaseState::Asked => "refund-case-next-asked",
            CaseState::Approved => "refund-case-next-approved",
            CaseState::Listed => "refund-case-next-listed",
            CaseState::Paid => "refund-case-next-paid",
            CaseState::Returned => "refund-case-next-returned",
            CaseState::Rejected => "refund-case-next-rejected",
            CaseState::Transferred => "refund-case-next-transferred",
            CaseState::Refused => "refund-case-next-refused",
            CaseState::Withdrawn => "refund-case-next-withdrawn",
        };
        Ok(json!({
            "bank": case.bank_masked(db, &cx.app.key)?,
            "target": target,
            "state": state(cx, case.state),
            "next": cx.say_text(&Text::new(next)),
            "savings_book": refunds::refund_policy(db)?.savings_book,
            "open": case.state == CaseState::Asked,
            "typed": cx.form.typed(),
            "case": case,
        }))
    })
}

fn show(cx: &mut Cx) -> Result<Reply> {
    let data = case_data(cx)?;
    cx.page(CASE, cx.say("refund-case-title"), data)
}

fn bank(cx: &mut Cx) -> Result<Reply> {
    let id = cx.id("id")?;
    let mut checks = cx.form.check();
    let iban = checks.required("iban", 50);
    let joint = checks.optional("joint_with", 100).unwrap_or_default();
    let checked = checks.done().and_then(|()| Bank::parse(&iban, &joint));
    let (app, actor, now) = (Arc::clone(&cx.app), cx.actor.clone(), cx.now);
    let case = id.clone();
    let saved = checked.and_then(|bank| {
        cx.write(move |tx| refunds::add_bank(tx, &app.key, &actor, &case, &bank, now))
    });
    match saved {
        Ok(()) => {
            let place = format!("/area/rimborsi/{id}");
            cx.redirect_saying(place, &Text::new("refund-bank-saved"))
        }
        Err(error) => {
            let data = case_data(cx)?;
            cx.page_again(error, CASE, cx.say("refund-case-title"), data)
        }
    }
}

fn withdraw(cx: &mut Cx) -> Result<Reply> {
    let (id, actor, now) = (cx.id("id")?, cx.actor.clone(), cx.now);
    let case = id.clone();
    match cx.write(move |tx| refunds::withdraw(tx, &actor, &case, now)) {
        Ok(()) => cx.redirect_saying("/area/rimborsi", &Text::new("refund-withdrawn")),
        Err(error) => {
            let data = case_data(cx)?;
            cx.page_again(error, CASE, cx.say("refund-case-title"), data)
        }
    }
}
