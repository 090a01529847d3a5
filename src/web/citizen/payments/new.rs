//! "Nuovo pagamento": for which children and services, and how much, all in one form; and notices that
//! wait already, so that nobody pays a bill twice.

use std::collections::BTreeSet;

use rusqlite::Transaction;
use serde_json::{Value, json};

use super::rows::{self, Row};
use super::{open_ones, together};
use crate::base::{Actor, Cents, Date, Error, PublicId, Result, Text};
use crate::enrolments;
use crate::ledger;
use crate::payments::notices::{self, NoticeState};
use crate::plans::{self, PlanState};
use crate::web::cx::Cx;
use crate::web::reply::Reply;

const TEMPLATE: &str = "citizen/payments/new.html";

pub(super) fn show(cx: &mut Cx) -> Result<Reply> {
    let data = data(cx)?;
    cx.page(TEMPLATE, cx.say("new-payment-title"), data)
}

/// What a form chose: notices that are there, and amounts for new ones.
struct Chosen {
    notices: Vec<PublicId>,
    amounts: Vec<(PublicId, Cents)>,
}

pub(super) fn create(cx: &mut Cx) -> Result<Reply> {
    let made = chosen(cx).and_then(|chosen| {
        let (actor, today, now) = (cx.actor.clone(), cx.today(), cx.now);
        cx.write_once(move |tx| {
            let mut all = Vec::new();
            for id in &chosen.notices {
                let notice = notices::notice_of_payer(tx, &actor, id)?;
                if notice.state != NoticeState::Open {
                    return Err(Error::refused(Text::new("error-notice-not-open")));
                }
                all.push(notice.public_id);
            }
            let mut wrong = Vec::new();
            for (row, amount) in &chosen.amounts {
                let account = account_for(tx, &actor, row, today)?;
                match notices::create(tx, &actor, &account, *amount, None, now) {
                    Ok(notice) => all.push(notice.public_id),
                    Err(Error::Invalid(mut fields)) => {
                        for fault in &mut fields {
                            fault.field = rows::field("amount", row);
                        }
                        wrong.extend(fields);
                    }
                    Err(error) => return Err(error),
                }
            }
            if !wrong.is_empty() {
                return Err(Error::Invalid(wrong));
            }
            let mut seen = BTreeSet::new();
            all.retain(|id| seen.insert(id.as_str().to_owned()));
            Ok(match all.as_slice() {
                [one] => format!("/area/pagamenti/avvisi/{one}"),
                many => together::address(many),
            })
        })
    });
    match made {
        Ok(reply) => Ok(reply),
        Err(error) => {
            let data = data(cx)?;
            cx.page_again(error, TEMPLATE, cx.say("new-payment-title"), data)
        }
    }
}

/// Reads the form. An amount that was typed beside a box that is not ticked is no payment that
/// silently does not happen: it is a fault.
fn chosen(cx: &Cx) -> Result<Chosen> {
    let rows = cx.read(|db| rows::rows(db, cx))?;
    let mut checks = cx.form.check();
    let mut amounts = Vec::new();
    // Out of the form, not out of the rows: a form that is sent twice chooses the same both times.
    for (id, _) in cx.form.beginning("pick-") {
        let id: PublicId = id.parse().map_err(|()| Error::NotFound)?;
        let amount = checks.amount(&rows::field("amount", &id));
        amounts.push((id, amount));
    }
    for row in &rows {
        let name = rows::field("amount", &row.id);
        let typed = cx.form.text(&name);
        let ticked = amounts.iter().any(|(id, _)| *id == row.id);
        if !ticked && !typed.is_empty() && typed != row.suggestion() {
            checks.wrong(name, Text::new("error-basket-not-ticked"));
        }
    }
    let notices = cx.form.all("notice").map(|id| id.parse());
    let notices: Vec<PublicId> = notices
        .collect::<std::result::Result<_, ()>>()
        .map_err(|()| Error::NotFound)?;
    if amounts.is_empty() && notices.is_empty() {
        checks.wrong("rows", Text::new("error-basket-empty"));
    }
    checks.done()?;
    Ok(Chosen { notices, amounts })
}

/// The account that was chosen; the enrolment of a child for whom nothing was ever charged or paid
/// has none yet, and gets it now.
fn account_for(
    tx: &Transaction<'_>,
    actor: &Actor,
    chosen: &PublicId,
    today: Date,
) -> Result<PublicId> {
    match ledger::account_of_payer(tx, actor, chosen) {
        Ok(account) => return Ok(account.public_id),
        Err(Error::NotFound) => {}
        Err(error) => return Err(error),
    }
    let enrolment = enrolments::of_family_by_id(tx, actor, chosen, today)?;
    if actor.person() != Some(enrolment.payer_id) {
        return Err(Error::NotFound);
    }
    let id = ledger::family_account(
        tx,
        enrolment.payer_id,
        enrolment.child_id,
        enrolment.service_id,
    )?;
    Ok(ledger::account(tx, id)?.public_id)
}

fn data(cx: &Cx) -> Result<Value> {
    let payer = cx.person()?;
    let open = open_ones(cx)?;
    let (rows, plan) = cx.read(|db| {
        let plan = plans::open_of_person(db, payer)?;
        let running = plan.filter(|plan| plan.state == PlanState::Running);
        Ok((rows::rows(db, cx)?, running))
    })?;
    let sent = !cx.form.is_empty();
    let wanted = cx.query.some("conto");
    let alone = rows.len() == 1 && open.is_empty();
    let picked: BTreeSet<&str> = cx.form.all("notice").collect();
    let soon = cx.today().saturating_add(jiff::Span::new().days(31));
    let ticked = |notice: &Value| {
        if sent {
            return notice["public_id"]
                .as_str()
                .is_some_and(|id| picked.contains(id));
        }
        // What a bill asks for is what one comes for; an attempt that was given up is not, and what
        // may be paid already even less.
        let due = notice["due_date"]
            .as_str()
            .and_then(|day| day.parse::<Date>().ok());
        wanted.is_none() && notice["waiting"].is_null() && due.is_some_and(|day| day <= soon)
    };
    let open: Vec<Value> = open
        .into_iter()
        .map(|mut notice| {
            notice["ticked"] = ticked(&notice).into();
            notice
        })
        .collect();
    let row = |row: &Row| {
        let mut amount = row.suggestion();
        let mut ticked = wanted.is_none() && row.owed;
        if sent {
            amount = cx.form.text(&rows::field("amount", &row.id)).to_owned();
            ticked = cx.form.has(&rows::field("pick", &row.id));
        } else if wanted.as_deref() == Some(row.id.as_str()) {
            ticked = true;
            amount = cx.query.some("importo").unwrap_or(amount);
        }
        json!({
            "id": row.id,
            "label": row.label,
            "help": row.help,
            "packs": row.packs,
            "amount": amount,
            "ticked": ticked,
        })
    };
    Ok(json!({
        "rows": rows.iter().map(row).collect::<Vec<_>>(),
        "open": open,
        // Who has one thing only to pay for need not choose it.
        "alone": alone,
        "plan": plan.map(|plan| plan.public_id),
    }))
}
