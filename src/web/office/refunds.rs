//! "Rimborsi" of the office: what waits for a decision, the rule's proposal beside it, and credits
//! of those who left.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::base::Permission::{Accounting, Money};
use crate::base::{Cents, Date, Error, PublicId, Result, Text};
use crate::ledger;
use crate::people;
use crate::refunds::policy::Outcome;
use crate::refunds::{self, Case, CaseState, Filter};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

/// Rows on a page.
const PAGE: u32 = 25;
const CASE: &str = "office/refund.html";

/// Each state: how it is stored, in addresses, in words, and its colour.
const STATES: [(CaseState, &str, &str, &str); 9] = [
    (CaseState::Asked, "da-decidere", "Da decidere", "warn"),
    (CaseState::Approved, "approvati", "Approvati", "info"),
    (CaseState::Listed, "in-pagamento", "In pagamento", "info"),
    (CaseState::Paid, "pagati", "Pagati", "ok"),
    (CaseState::Returned, "tornati", "Tornati indietro", "bad"),
    (CaseState::Rejected, "non-pagati", "Non pagati", "bad"),
    (CaseState::Transferred, "spostati", "Credito spostato", "ok"),
    (CaseState::Refused, "respinti", "Respinti", "bad"),
    (CaseState::Withdrawn, "ritirati", "Ritirati", "warn"),
];

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/ufficio/rimborsi", Money, list),
        get("/ufficio/rimborsi/richieste/:id", Money, show),
        post("/ufficio/rimborsi/richieste/:id/approva", Money, approve),
        post("/ufficio/rimborsi/richieste/:id/sposta", Money, transfer),
        post("/ufficio/rimborsi/richieste/:id/trattieni", Money, withhold),
        post("/ufficio/rimborsi/richieste/:id/respingi", Money, refuse),
        post(
            "/ufficio/rimborsi/richieste/:id/tornato",
            Accounting,
            returned,
        ),
        post("/ufficio/rimborsi/richieste/:id/annulla", Money, take_back),
        post(
            "/ufficio/rimborsi/richieste/:id/non-pagato",
            Accounting,
            rejected,
        ),
    ]
}

/// Where a case is.
pub(super) fn href(id: &PublicId) -> String {
    format!("/ufficio/rimborsi/richieste/{id}")
}

/// A state in words, and its colour.
pub(super) fn state_word(state: CaseState) -> Value {
    let found = STATES.iter().find(|(known, ..)| *known == state);
    let (word, tone) = found.map_or(("", "info"), |(_, _, word, tone)| (*word, *tone));
    json!({ "word": word, "tone": tone })
}

/// What the address asks for beside a page: `q=…&stato=…&`.
fn query(pairs: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        query.append_pair(name, value);
    }
    query.finish()
}

pub(super) fn base(pairs: &[(&str, &str)]) -> String {
    match query(pairs) {
        query if query.is_empty() => "?".to_owned(),
        query => format!("?{query}&"),
    }
}

fn offset(page: u32) -> u32 {
    page.saturating_sub(1).saturating_mul(PAGE)
}

fn list(cx: &mut Cx) -> Result<Reply> {
    let (q, slug) = (
        cx.query.text("q").to_owned(),
        cx.query.text("stato").to_owned(),
    );
    let state = STATES.iter().find(|(_, known, ..)| *known == slug);
    let state = state.map(|(state, ..)| *state);
    let words = people::search_name(&q);
    let page = super::page_number(cx);
    let data = cx.read(|db| {
        let filter = |state| Filter {
            state,
            words: words.clone(),
        };
        let mut tabs = vec![(None, "", "Tutti", refunds::count(db, &filter(None))?)];
        for (of, slug, word, _) in STATES {
            let count = refunds::count(db, &filter(Some(of)))?;
            tabs.push((Some(of), slug, word, count));
        }
        let total = tabs
            .iter()
            .find(|(of, ..)| *of == state)
            .map_or(0, |tab| tab.3);
        let rows = refunds::cases(db, &filter(state), PAGE, offset(page))?;
        Ok(json!({
            "q": q,
            "slug": slug,
            "tabs": tabs.iter().map(|(of, slug, word, count)| json!({
                "label": word, "count": count, "current": *of == state,
                "href": format!("/ufficio/rimborsi?{}", query(&[("stato", slug), ("q", &q)])),
            })).collect::<Vec<_>>(),
            "cases": rows.iter().map(|case| json!({
                "case": case, "state": state_word(case.state), "href": href(&case.public_id),
            })).collect::<Vec<_>>(),
            "page_number": page,
            "pages": super::pages(total, PAGE),
            "base": base(&[("stato", &slug), ("q", &q)]),
        }))
    })?;
    cx.page("office/refunds.html", "Rimborsi", data)
}

/// What the rule says, for a case that waits for a decision.
fn proposed(cx: &Cx, db: &rusqlite::Connection, case: &Case) -> Result<Value> {
    let told = refunds::proposal(db, case, cx.now)?;
    let decision = &told.decision;
    let word = match decision.outcome {
        Outcome::Refund => format!("Rimborsare {}", decision.amount),
        Outcome::Transfer => format!("Spostare {}", decision.amount),
        Outcome::Withhold => format!("Usare {} per i debiti", decision.withheld),
        Outcome::Keep => "Non rimborsare".to_owned(),
    };
    // What the form offers: the rule's amount, or all that is left.
    let offered = match decision.amount {
        Cents::ZERO => (case.balance - told.arrears.min(case.balance)).max(Cents::ZERO),
        amount => amount,
    };
    Ok(json!({
        "word": word,
        "outcome": match decision.outcome {
            Outcome::Refund => "refund",
            Outcome::Transfer => "transfer",
            Outcome::Withhold => "withhold",
            Outcome::Keep => "keep",
        },
        "reasons": decision.reasons.iter().map(|text| cx.say_text(text)).collect::<Vec<_>>(),
        "arrears": told.arrears,
        "owing": told.arrears.is_positive(),
        "amount": offered.to_italian(),
        "targets": told.targets.iter().map(|account| json!({
            "value": account.public_id,
            "label": format!("{} – {} ({})", account.child, account.service, account.balance),
        })).collect::<Vec<_>>(),
        "target": told.targets.first().map(|account| account.public_id.clone()),
    }))
}

fn case_data(cx: &Cx) -> Result<Value> {
    let id = cx.id("id")?;
    cx.read(|db| {
        let case = refunds::case(db, &id)?;
        let open = case.state == CaseState::Asked;
        let target = match case.target {
            Some(target) => {
                let account = ledger::account(db, target)?;
                Some(format!("{} – {}", account.child, account.service))
            }
            None => None,
        };
        Ok(json!({
            "href": href(&case.public_id),
            "family": format!("/ufficio/famiglie/{}", case.payer_public),
            "bank": case.bank_masked(db, &cx.app.key)?,
            "target": target,
            "state": state_word(case.state),
            "accountant": cx.actor.may(Accounting),
            "open": open,
            "paid": case.state == CaseState::Paid,
            "rule": refunds::refund_policy(db)?.name,
            "proposal": if open { proposed(cx, db, &case)? } else { Value::Null },
            "typed": cx.form.typed(),
            "action": cx.path.rsplit('/').next().unwrap_or(""),
            "case": case,
        }))
    })
}

fn title(data: &Value) -> String {
    let text = |name: &str| data["case"][name].as_str().unwrap_or("").to_owned();
    format!("Rimborso a {}", text("payer"))
}

fn show(cx: &mut Cx) -> Result<Reply> {
    let data = case_data(cx)?;
    let title = title(&data);
    cx.page(CASE, title, data)
}

/// Leads back to the case with a sentence, or shows it again with what is wrong.
fn answered(cx: &Cx, done: Result<()>, sentence: &'static str) -> Result<Reply> {
    match done {
        Ok(()) => cx.redirect_saying(
            href(&cx.id("id")?),
            &Text {
                key: sentence,
                args: Vec::new(),
            },
        ),
        Err(error @ (Error::Invalid(_) | Error::Refused(_))) => {
            let data = case_data(cx)?;
            let title = title(&data);
            cx.page_again(error, CASE, title, data)
        }
        Err(error) => Err(error),
    }
}

fn amount(cx: &Cx) -> Result<Cents> {
    let mut checks = cx.form.check();
    let amount = checks.amount("amount");
    checks.done()?;
    Ok(amount)
}

fn approve(cx: &mut Cx) -> Result<Reply> {
    let (id, first) = (cx.id("id")?, cx.form.has("arrears_first"));
    let (app, actor, now) = (Arc::clone(&cx.app), cx.actor.clone(), cx.now);
    let done = amount(cx).and_then(|amount| {
        cx.write(move |tx| refunds::approve(tx, &app.key, &actor, &id, amount, first, now))
    });
    answered(cx, done, "office-refund-approved")
}

fn transfer(cx: &mut Cx) -> Result<Reply> {
    let (id, first, actor, now) = (
        cx.id("id")?,
        cx.form.has("arrears_first"),
        cx.actor.clone(),
        cx.now,
    );
    let mut checks = cx.form.check();
    let target: Option<PublicId> = checks.choice("target", |text| text.parse().ok());
    let amount = checks.amount("amount");
    let done = checks.done().and_then(|()| {
        let target = target.ok_or(Error::NotFound)?;
        cx.write(move |tx| refunds::transfer_to(tx, &actor, &id, &target, amount, first, now))
    });
    answered(cx, done, "office-refund-transferred")
}

fn withhold(cx: &mut Cx) -> Result<Reply> {
    let (id, actor, now) = (cx.id("id")?, cx.actor.clone(), cx.now);
    let done = cx.write(move |tx| refunds::withhold(tx, &actor, &id, now));
    answered(cx, done, "office-refund-withheld")
}

/// A reason that the family will read.
fn reason(cx: &Cx) -> Result<String> {
    let mut checks = cx.form.check();
    let reason = checks.optional("reason", 1000).unwrap_or_default();
    checks.done()?;
    Ok(reason)
}

fn refuse(cx: &mut Cx) -> Result<Reply> {
    let (id, actor, now) = (cx.id("id")?, cx.actor.clone(), cx.now);
    let done = reason(cx)
        .and_then(|reason| cx.write(move |tx| refunds::refuse(tx, &actor, &id, &reason, now)));
    answered(cx, done, "office-refund-refused")
}

fn returned(cx: &mut Cx) -> Result<Reply> {
    let (id, actor, now) = (cx.id("id")?, cx.actor.clone(), cx.now);
    let done = reason(cx)
        .and_then(|reason| cx.write(move |tx| refunds::returned(tx, &actor, &id, &reason, now)));
    answered(cx, done, "office-refund-returned")
}

fn take_back(cx: &mut Cx) -> Result<Reply> {
    let (id, actor, now) = (cx.id("id")?, cx.actor.clone(), cx.now);
    let done = reason(cx)
        .and_then(|reason| cx.write(move |tx| refunds::take_back(tx, &actor, &id, &reason, now)));
    answered(cx, done, "office-refund-taken-back")
}

fn rejected(cx: &mut Cx) -> Result<Reply> {
    let (id, actor, now) = (cx.id("id")?, cx.actor.clone(), cx.now);
    let done = reason(cx)
        .and_then(|reason| cx.write(move |tx| refunds::rejected(tx, &actor, &id, &reason, now)));
    answered(cx, done, "office-refund-rejected")
}

/// A day in a form, today when none is typed.
pub(super) fn day(cx: &Cx, name: &str) -> Result<Date> {
    let mut checks = cx.form.check();
    let day = checks.date(name, true);
    checks.done()?;
    day.ok_or(Error::NotFound)
}
