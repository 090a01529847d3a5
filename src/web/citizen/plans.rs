//! "Pagare a rate": what may be divided and on which conditions, the instalments before they are
//! asked for, and what became of the request.

use std::sync::Arc;

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::base::Permission::Citizen;
use crate::base::{Cents, Date, PersonId, Result, Text};
use crate::ledger;
use crate::payments::notices::NoticeState;
use crate::payments::{self, notice_pdf};
use crate::plans::{self, Plan, PlanRule, PlanState, PlannedInstalment};
use crate::processes;
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

const NEW: &str = "citizen/plans/new.html";
const PLAN: &str = "citizen/plans/plan.html";
/// What the notices of all instalments are for: without personal data.
const PLAN_SUBJECT: &str = "Servizi scolastici - piano di rate";
/// What a family writes is a reason, not a letter.
const LONGEST: usize = 1000;

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/area/rate", Citizen, list),
        get("/area/rate/nuova", Citizen, new),
        post("/area/rate/nuova", Citizen, ask),
        get("/area/rate/:id", Citizen, show),
        get("/area/rate/:id/avvisi.pdf", Citizen, notices_pdf),
        post("/area/rate/:id/ritira", Citizen, withdraw),
    ]
}

/// A plan's state in words, and its colour.
pub(in crate::web) fn state(cx: &Cx, state: PlanState) -> Value {
    let (key, tone) = match state {
        PlanState::Asked => ("plans-state-asked", "info"),
        PlanState::Withdrawn => ("plans-state-withdrawn", "off"),
        PlanState::Refused => ("plans-state-refused", "bad"),
        PlanState::Running => ("plans-state-running", "info"),
        PlanState::Ended => ("plans-state-ended", "ok"),
        PlanState::Fallen => ("plans-state-fallen", "bad"),
        PlanState::Cancelled => ("plans-state-cancelled", "bad"),
    };
    json!({ "word": cx.say(key), "tone": tone })
}

fn instalment(cx: &Cx, one: &PlannedInstalment) -> Value {
    let (key, tone) = match one.state {
        NoticeState::Paid => ("plans-instalment-paid", "ok"),
        NoticeState::Open if one.due_date < cx.today() => ("plans-instalment-late", "bad"),
        NoticeState::Open => ("plans-instalment-open", "info"),
        NoticeState::Expired | NoticeState::Cancelled => ("plans-instalment-replaced", "off"),
    };
    json!({
        "instalment": one,
        "open": one.state == NoticeState::Open,
        "state": { "word": cx.say(key), "tone": tone },
    })
}

/// A plan as pages show it: its state, what it divides, its instalments, what is left of it.
pub(in crate::web) fn drawn(cx: &Cx, db: &Connection, plan: &Plan) -> Result<Value> {
    let instalments = plans::instalments(db, plan)?;
    Ok(json!({
        "plan": plan,
        "owes": false,
        "href": format!("/area/rate/{}", plan.public_id),
        "state": state(cx, plan.state),
        "debts": plans::debts(db, plan)?,
        "left": plan.amount.unwrap_or_default() - plan.paid,
        "unpaid": instalments.iter().any(|one| one.state == NoticeState::Open),
        "instalments": instalments.iter().map(|one| instalment(cx, one)).collect::<Vec<_>>(),
    }))
}

/// What a statement says of a payer's plan: the one that waits or runs; none otherwise, and then
/// whether there is a debt for which one can be asked.
pub(in crate::web) fn in_statement(cx: &Cx, db: &Connection, payer: PersonId) -> Result<Value> {
    let owes = |account: &ledger::FamilyAccount| account.balance < Cents::ZERO;
    Ok(match plans::open_of_person(db, payer)? {
        Some(plan) => drawn(cx, db, &plan)?,
        None => {
            json!({ "plan": null, "owes": ledger::accounts_of_person(db, payer)?.iter().any(owes) })
        }
    })
}

/// The conditions in sentences.
pub(in crate::web) fn conditions(cx: &Cx, rule: &PlanRule) -> Vec<String> {
    let mut texts = Vec::new();
    if rule.minimum_debt.is_positive() {
        texts.push(Text::new("plans-rule-debt").with("minimum", rule.minimum_debt));
    }
    if rule.minimum_instalment.is_positive() {
        texts.push(Text::new("plans-rule-instalment").with("minimum", rule.minimum_instalment));
    }
    for tier in &rule.tiers {
        let text = Text::new("plans-rule-tier").with("amount", tier.up_to);
        texts.push(text.with("most", i64::from(tier.instalments)));
    }
    let most = i64::from(rule.maximum_instalments);
    texts.push(Text::new("plans-rule-most").with("most", most));
    let text = Text::new("plans-rule-dates").with("days", i64::from(rule.first_after_days));
    texts.push(text.with("months", i64::from(rule.every_months)));
    if rule.exclude_in_collection {
        texts.push(Text::new("plans-rule-collection"));
    }
    let text = Text::new("plans-rule-falls").with("missed", i64::from(rule.falls_after_missed));
    texts.push(text.with("days", i64::from(rule.tolerance_days)));
    texts.iter().map(|text| cx.say_text(text)).collect()
}

/// The instalments of a sum under a rule, before anybody decides.
pub(in crate::web) fn preview(rule: &PlanRule, total: Cents, number: u16, first: Date) -> Value {
    json!(plans::divide(total, number, first, rule.every_months))
}

fn list(cx: &mut Cx) -> Result<Reply> {
    let data = cx.read(|db| {
        let mine = plans::of_payer(db, &cx.actor)?;
        let open = |plan: &&Plan| matches!(plan.state, PlanState::Asked | PlanState::Running);
        Ok(json!({
            "may_ask": !mine.iter().any(|plan| open(&plan)),
            "plans": mine.iter().map(|plan| json!({
                "plan": plan, "state": state(cx, plan.state),
            })).collect::<Vec<_>>(),
        }))
    })?;
    cx.page("citizen/plans/list.html", cx.say("plans-title"), data)
}

fn new_data(cx: &Cx, number: &str) -> Result<Value> {
    let payer = cx.person()?;
    cx.read(|db| {
        let open = plans::open_of_person(db, payer)?;
        let rule = processes::plans::rule(db)?;
        let (Some(rule), None) = (&rule, &open) else {
            return Ok(json!({
                "offered": rule.is_some(),
                "open": open.map(|plan| plan.public_id),
            }));
        };
        let offer = processes::plans::offer(db, rule, payer, cx.today())?;
        let choices = rule.choices(offer.total);
        // Without a choice yet: as many as there can be, the smallest instalments.
        let number = choices.as_ref().ok().map(|choices| {
            let typed = number.parse().ok().filter(|typed| choices.contains(typed));
            typed.unwrap_or(*choices.end())
        });
        let first = rule.first_due(cx.today());
        Ok(json!({
            "offered": true,
            "open": null,
            "conditions": conditions(cx, rule),
            "offer": offer,
            "why_not": choices.as_ref().err().map(|why| cx.say_text(why)),
            "choices": choices.ok().map(|choices| choices.map(|n| json!({
                "value": n.to_string(), "label": n.to_string(),
            })).collect::<Vec<_>>()),
            "number": number.map(|n| n.to_string()),
            "preview": number.map(|number| preview(rule, offer.total, number, first)),
            "note": cx.form.text("note"),
            "longest": LONGEST,
        }))
    })
}

fn new(cx: &mut Cx) -> Result<Reply> {
    let data = new_data(cx, cx.query.text("rate"))?;
    cx.page(NEW, cx.say("plan-new-title"), data)
}

fn ask(cx: &mut Cx) -> Result<Reply> {
    let mut checks = cx.form.check();
    let number = checks.choice("number", |text| text.parse::<u16>().ok());
    let note = checks.optional("note", LONGEST).unwrap_or_default();
    let made = checks.done().and_then(|()| {
        let (app, actor, now) = (Arc::clone(&cx.app), cx.actor.clone(), cx.now);
        let number = number.unwrap_or_default();
        cx.write_once(move |tx| {
            let id = processes::plans::ask(tx, &app.key, &actor, number, &note, now)?;
            Ok(format!("/area/rate/{id}"))
        })
    });
    match made {
        Ok(Reply::Redirect(place)) => cx.redirect_saying(place, &Text::new("plan-asked")),
        Ok(reply) => Ok(reply),
        Err(error) => {
            let data = new_data(cx, cx.form.text("number"))?;
            cx.page_again(error, NEW, cx.say("plan-new-title"), data)
        }
    }
}

fn plan_data(cx: &Cx) -> Result<Value> {
    let id = cx.id("id")?;
    cx.read(|db| {
        let plan = plans::plan_of_payer(db, &cx.actor, &id)?;
        let next = match plan.state {
            PlanState::Asked => "plan-next-asked",
            PlanState::Withdrawn => "plan-next-withdrawn",
            PlanState::Refused => "plan-next-refused",
            PlanState::Running => "plan-next-running",
            PlanState::Ended => "plan-next-ended",
            PlanState::Fallen => "plan-next-fallen",
            PlanState::Cancelled => "plan-next-cancelled",
        };
        let mut data = drawn(cx, db, &plan)?;
        data["next"] = cx.say(next).into();
        data["note"] = plans::note(db, &cx.app.key, &plan)?.into();
        Ok(data)
    })
}

fn show(cx: &mut Cx) -> Result<Reply> {
    let data = plan_data(cx)?;
    cx.page(PLAN, cx.say("plan-title"), data)
}

fn notices_pdf(cx: &mut Cx) -> Result<Reply> {
    let id = cx.id("id")?;
    let plan = cx.read(|db| plans::plan_of_payer(db, &cx.actor, &id))?;
    notices_of(cx, &plan)
}

/// The notices of a plan's instalments that are still to be paid, as one PDF.
pub(in crate::web) fn notices_of(cx: &Cx, plan: &Plan) -> Result<Reply> {
    let simulated = cx.app.demo;
    let data = cx.read(|db| {
        let mut open = Vec::new();
        for one in plans::instalments(db, plan)? {
            if one.state == NoticeState::Open {
                let notice = payments::notices::notice(db, one.notice_id)?;
                open.push((u32::from(one.number), notice));
            }
        }
        payments::instalments_data(db, &open, PLAN_SUBJECT, simulated)
    })?;
    let name = format!("avvisi-rate-{}.pdf", plan.asked_on);
    cx.file(name, "application/pdf", notice_pdf::render(&data)?)
}

fn withdraw(cx: &mut Cx) -> Result<Reply> {
    let (id, actor, now) = (cx.id("id")?, cx.actor.clone(), cx.now);
    match cx.write(move |tx| plans::withdraw(tx, &actor, &id, now)) {
        Ok(()) => cx.redirect_saying("/area/rate", &Text::new("plan-withdrawn")),
        Err(error) => {
            let data = plan_data(cx)?;
            cx.page_again(error, PLAN, cx.say("plan-title"), data)
        }
    }
}
