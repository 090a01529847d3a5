//! "Piani di rate" of the office: what families ask, the plan before it is accepted, and those that
//! run.

use std::sync::Arc;

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::base::Permission::Money;
use crate::base::{Cents, Error, PersonId, PublicId, Result, Text};
use crate::ledger;
use crate::people;
use crate::plans::{self, Filter, Plan, PlanState};
use crate::processes;
use crate::web::citizen::plans as family;
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

/// Rows on a page.
const PAGE: u32 = 25;
const PLAN: &str = "office/plan.html";

/// Each state: in addresses, and what many of them are called.
const STATES: [(PlanState, &str, &str); 7] = [
    (PlanState::Asked, "da-decidere", "Da decidere"),
    (PlanState::Running, "in-corso", "In corso"),
    (PlanState::Fallen, "decaduti", "Decaduti"),
    (PlanState::Ended, "conclusi", "Conclusi"),
    (PlanState::Cancelled, "revocati", "Revocati"),
    (PlanState::Refused, "respinti", "Respinti"),
    (PlanState::Withdrawn, "ritirati", "Ritirati"),
];

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/ufficio/rate", Money, list),
        get("/ufficio/rate/:id", Money, show),
        get("/ufficio/rate/:id/avvisi.pdf", Money, notices_pdf),
        post("/ufficio/rate/:id/accetta", Money, accept),
        post("/ufficio/rate/:id/respingi", Money, refuse),
        post("/ufficio/rate/:id/revoca", Money, cancel),
    ]
}

fn href(id: &PublicId) -> String {
    format!("/ufficio/rate/{id}")
}

/// The address of the list with what is asked for.
fn narrowed(slug: &str, q: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in [("stato", slug), ("q", q)] {
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    query.finish()
}

fn list(cx: &mut Cx) -> Result<Reply> {
    let q = cx.query.text("q").to_owned();
    let slug = cx.query.text("stato").to_owned();
    let state = STATES.iter().find(|(_, known, _)| *known == slug);
    let state = state.map(|(state, ..)| *state);
    let words = people::search_name(&q);
    let page = super::page_number(cx);
    let data = cx.read(|db| {
        let filter = |state| Filter {
            state,
            words: words.clone(),
        };
        let mut tabs = vec![(None, "", "Tutti", plans::count(db, &filter(None))?)];
        for (of, slug, word) in STATES {
            tabs.push((Some(of), slug, word, plans::count(db, &filter(Some(of)))?));
        }
        let shown = tabs.iter().find(|(of, ..)| *of == state);
        let total = shown.map_or(0, |tab| tab.3);
        let offset = page.saturating_sub(1).saturating_mul(PAGE);
        let here = narrowed(&slug, &q);
        Ok(json!({
            "q": q,
            "slug": slug,
            "tabs": tabs.iter().map(|(of, slug, word, count)| json!({
                "label": word, "count": count, "current": *of == state,
                "href": format!("/ufficio/rate?{}", narrowed(slug, &q)),
            })).collect::<Vec<_>>(),
            "plans": plans::plans(db, &filter(state), PAGE, offset)?.iter().map(|plan| json!({
                "plan": plan, "state": family::state(cx, plan.state), "href": href(&plan.public_id),
            })).collect::<Vec<_>>(),
            "offered": processes::plans::rule(db)?.is_some(),
            "page_number": page,
            "pages": super::pages(total, PAGE),
            "base": if here.is_empty() { "?".to_owned() } else { format!("?{here}&") },
        }))
    })?;
    cx.page("office/plans.html", "Piani di rate", data)
}

/// The plans of a family as its sheet lists them.
///
/// # Errors
/// The database's own failure.
pub(super) fn on_sheet(cx: &Cx, db: &Connection, person: PersonId) -> Result<Vec<Value>> {
    let row = |plan: &Plan| json!({ "plan": plan, "state": family::state(cx, plan.state), "href": href(&plan.public_id) });
    Ok(plans::of_person(db, person)?.iter().map(row).collect())
}

/// What the clerk may grant: the debts of today, the number and the first day that the address or
/// the form says or that the family and the rule propose, and the instalments of that.
fn proposed(cx: &Cx, db: &Connection, plan: &Plan) -> Result<Value> {
    let Some(rule) = processes::plans::rule(db)? else {
        return Ok(json!({ "offered": false, "offer": null }));
    };
    let offer = processes::plans::offer(db, &rule, plan.payer_id, cx.today())?;
    let choices = rule.choices(offer.total);
    let form = if cx.form.is_empty() {
        &cx.query
    } else {
        &cx.form
    };
    let mut checks = form.check();
    let first = checks.date("first_due", false);
    let first = first.unwrap_or_else(|| rule.first_due(cx.today()));
    let number = choices.as_ref().ok().map(|choices| {
        let asked = form.text("number").parse().unwrap_or(plan.wanted);
        asked.clamp(*choices.start(), *choices.end())
    });
    Ok(json!({
        "offered": true,
        "offer": offer,
        "conditions": family::conditions(cx, &rule),
        "why_not": choices.as_ref().err().map(|why| cx.say_text(why)),
        "choices": choices.ok().map(|choices| choices.map(|n| json!({
            "value": n.to_string(), "label": n.to_string(),
        })).collect::<Vec<_>>()),
        "number": number.map(|n| n.to_string()),
        "first_due": first.to_string(),
        "preview": number.map(|number| family::preview(&rule, offer.total, number, first)),
    }))
}

fn plan_data(cx: &Cx) -> Result<(String, Value)> {
    let id = cx.id("id")?;
    // Reading the family's words is logged, so it is a write.
    let (app, actor, now, of) = (Arc::clone(&cx.app), cx.actor.clone(), cx.now, id.clone());
    let note = cx.write(move |tx| plans::read_note(tx, &app.key, &actor, &of, now))?;
    cx.read(|db| {
        let plan = plans::plan(db, &id)?;
        let mut data = family::drawn(cx, db, &plan)?;
        data["href"] = href(&plan.public_id).into();
        data["family"] = format!("/ufficio/famiglie/{}", plan.payer_public).into();
        data["note"] = note.into();
        data["running"] = (plan.state == PlanState::Running).into();
        data["proposal"] = match plan.state {
            PlanState::Asked => proposed(cx, db, &plan)?,
            _ => Value::Null,
        };
        data["owed_less"] = Value::Null;
        if plan.state == PlanState::Running {
            // Paid or written off beside the plan: then it asks for more than is owed.
            let mut owed = Cents::ZERO;
            for debt in plans::debts(db, &plan)? {
                owed += (-ledger::balance(db, debt.account)?).max(Cents::ZERO);
            }
            let left = plan.amount.unwrap_or_default() - plan.paid;
            data["owed_less"] = json!((owed < left).then_some(owed));
        }
        let earlier = plans::of_person(db, plan.payer_id)?;
        let earlier = earlier.iter().filter(|other| other.id < plan.id);
        data["earlier"] = earlier
            .map(|other| {
                json!({ "plan": other, "state": family::state(cx, other.state),
                        "href": href(&other.public_id) })
            })
            .collect();
        data["action"] = cx.path.rsplit('/').next().unwrap_or("").into();
        data["typed"] = cx.form.typed();
        Ok((format!("Piano di rate di {}", plan.payer), data))
    })
}

fn show(cx: &mut Cx) -> Result<Reply> {
    let (title, data) = plan_data(cx)?;
    cx.page(PLAN, title, data)
}

fn notices_pdf(cx: &mut Cx) -> Result<Reply> {
    let id = cx.id("id")?;
    let plan = cx.read(|db| plans::plan(db, &id))?;
    family::notices_of(cx, &plan)
}

/// Leads back to the plan with a sentence, or shows it again with what is wrong.
fn answered(cx: &Cx, done: Result<()>, sentence: &'static str) -> Result<Reply> {
    match done {
        Ok(()) => cx.redirect_saying(href(&cx.id("id")?), &Text::new(sentence)),
        Err(error @ (Error::Invalid(_) | Error::Refused(_))) => {
            let (title, data) = plan_data(cx)?;
            cx.page_again(error, PLAN, title, data)
        }
        Err(error) => Err(error),
    }
}

fn accept(cx: &mut Cx) -> Result<Reply> {
    let (id, actor, now) = (cx.id("id")?, cx.actor.clone(), cx.now);
    let mut checks = cx.form.check();
    let number = checks.choice("number", |text| text.parse::<u16>().ok());
    let first = checks.date("first_due", true);
    let shown = checks.choice("shown", |text| Cents::parse_decimal(text).ok());
    let done = checks.done().and_then(|()| {
        let (Some(number), Some(first), Some(shown)) = (number, first, shown) else {
            return Err(Error::NotFound);
        };
        cx.write(move |tx| processes::plans::accept(tx, &actor, &id, (number, first), shown, now))
    });
    answered(cx, done, "office-plan-accepted")
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
        .and_then(|reason| cx.write(move |tx| plans::refuse(tx, &actor, &id, &reason, now)));
    answered(cx, done, "office-plan-refused")
}

fn cancel(cx: &mut Cx) -> Result<Reply> {
    let (id, actor, now) = (cx.id("id")?, cx.actor.clone(), cx.now);
    let done = reason(cx)
        .and_then(|reason| cx.write(move |tx| plans::cancel(tx, &actor, &id, &reason, now)));
    answered(cx, done, "office-plan-cancelled")
}
