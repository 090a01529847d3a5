//! What time does to a running plan: a late instalment is told once, a missed one makes the plan
//! fall, the last payment ends it.

use std::collections::{HashMap, HashSet};

use jiff::ToSpan;
use rusqlite::{Connection, Transaction};
use serde_json::json;

use super::asking::{changed, log, tell};
use super::cases::{Plan, PlanState, debts, instalments, plan_by_id};
use crate::base::{
    AccountId, Actor, Cents, Date, Instant, NoticeId, PersonId, PlanId, Result, date_it, day_of,
    today,
};
use crate::ledger;
use crate::payments::notices::{self, NoticeState};
use crate::payments::{self, Share, platform, shares};

/// The day after which an instalment is missed.
pub fn last_day(due_date: Date, tolerance_days: u16) -> Date {
    due_date.saturating_add(i64::from(tolerance_days).days())
}

/// What running plans still ask for on each account, in cents, and since which day: reminders leave
/// it alone.
///
/// # Errors
/// The database's own failure.
pub fn covered(db: &Connection) -> Result<HashMap<AccountId, (Cents, Date)>> {
    let mut statement = db.prepare_cached(
        "select h.account_id, sum(h.amount), l.decided_at from plan l
         join plan_instalment i on i.plan_id = l.id
         join payment_notice n on n.id = i.notice_id and n.state = 'open'
         join notice_share h on h.notice_id = n.id
         where l.state = 'running' group by h.account_id",
    )?;
    let rows = statement.query_map([], |row| {
        let since: Instant = row.get(2)?;
        Ok((row.get(0)?, (row.get(1)?, day_of(since))))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The open notices that plans made: instalments of those that run, and what is left of those that are
/// over, which is due at once and is the old debt.
///
/// # Errors
/// The database's own failure.
pub fn own_notices(db: &Connection) -> Result<HashSet<NoticeId>> {
    let mut statement = db.prepare_cached(
        "select n.id from plan l join plan_instalment i on i.plan_id = l.id
         join payment_notice n on n.id = i.notice_id and n.state = 'open'
         where l.state = 'running'
         union all
         select n.id from plan l join payment_notice n on n.id = l.rest_notice_id and n.state = 'open'
         where l.state in ('fallen', 'cancelled')",
    )?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Whether a notice is an instalment of a running plan, which only its own payment, the plan's fall
/// or the office's cancelling takes back.
///
/// # Errors
/// The database's own failure.
pub fn holds(db: &Connection, notice: NoticeId) -> Result<bool> {
    let sql = "select exists (select 1 from plan_instalment i join plan l on l.id = i.plan_id
               where i.notice_id = ?1 and l.state = 'running')";
    Ok(db
        .prepare_cached(sql)?
        .query_row([notice], |row| row.get(0))?)
}

/// Whether a running plan divides what an account owes.
///
/// # Errors
/// The database's own failure.
pub fn divides(db: &Connection, payer: PersonId, account: AccountId) -> Result<bool> {
    let sql = "select exists (select 1 from plan l join plan_debt d on d.plan_id = l.id
               where l.payer_id = ?1 and l.state = 'running' and d.account_id = ?2)";
    Ok(db
        .prepare_cached(sql)?
        .query_row((payer, account), |row| row.get(0))?)
}

/// The running plans for which something is to be done: all is paid, or an instalment is late and
/// nobody said so, or missed.
///
/// # Errors
/// The database's own failure.
pub fn waiting(db: &Connection, today: Date) -> Result<Vec<PlanId>> {
    let mut statement = db.prepare_cached(
        "select l.id from plan l where l.state = 'running' and (
           not exists (select 1 from plan_instalment i join payment_notice n on n.id = i.notice_id
             where i.plan_id = l.id and n.state <> 'paid')
           or exists (select 1 from plan_instalment i join payment_notice n on n.id = i.notice_id
             where i.plan_id = l.id and n.state = 'open' and i.due_date < ?1 and i.reminded_at is null)
           or l.missed_limit <= (
             select count(*) from plan_instalment i join payment_notice n on n.id = i.notice_id
             where i.plan_id = l.id and n.state = 'open'
               and date(i.due_date, l.tolerance_days || ' days') < ?1))",
    )?;
    let rows = statement.query_map([today], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Does what is to be done for a plan. Twice the same day changes nothing.
///
/// # Errors
/// The database's own failure.
pub fn advance(tx: &Transaction<'_>, id: PlanId, now: Instant) -> Result<()> {
    let (plan, today) = (plan_by_id(tx, id)?, today(now));
    if plan.state != PlanState::Running {
        return Ok(());
    }
    let all = instalments(tx, &plan)?;
    if all.iter().all(|one| one.state == NoticeState::Paid) {
        return end(tx, &plan, now);
    }
    let late: Vec<_> = all
        .iter()
        .filter(|one| one.state == NoticeState::Open && one.due_date < today)
        .collect();
    let missed = late
        .iter()
        .filter(|one| last_day(one.due_date, plan.tolerance_days) < today)
        .count();
    if missed >= usize::from(plan.missed_limit) {
        return fall(tx, &plan, now);
    }
    for one in late.into_iter().filter(|one| !one.reminded) {
        let sql = "update plan_instalment set reminded_at = ?3 where plan_id = ?1 and number = ?2";
        tx.prepare_cached(sql)?
            .execute((plan.id, one.number, now))?;
        let until = match plan.tolerance_days {
            0 => "Pagala oggi".to_owned(),
            days => format!("Pagala entro il {}", date_it(last_day(one.due_date, days))),
        };
        let body = format!(
            "La rata {} di {} è scaduta il {}: {}.\n\n{until}, con l’avviso che trovi in «Pagamenti». \
             Con le rate non pagate il piano decade e quello che resta si paga in una volta sola. Se \
             hai difficoltà, rispondi qui.",
            one.number,
            all.len(),
            date_it(one.due_date),
            one.amount
        );
        tell(tx, plan.payer_id, &body, now)?;
    }
    Ok(())
}

fn end(tx: &Transaction<'_>, plan: &Plan, now: Instant) -> Result<()> {
    tx.prepare_cached("update plan set state = 'ended', closed_at = ?2 where id = ?1")?
        .execute((plan.id, now))?;
    log(
        tx,
        &Actor::System("plans"),
        "end-plan",
        plan.id,
        json!({}),
        now,
    )?;
    let body = "Hai pagato tutte le rate: il piano è concluso. Non devi fare altro.";
    tell(tx, plan.payer_id, body, now)
}

fn fall(tx: &Transaction<'_>, plan: &Plan, now: Instant) -> Result<()> {
    let rest = close(tx, plan, PlanState::Fallen, "", now)?;
    let payload = json!({ "rest": rest });
    log(
        tx,
        &Actor::System("plans"),
        "fall-plan",
        plan.id,
        payload,
        now,
    )?;
    let body = format!(
        "Il piano di rate è decaduto, perché le rate non sono state pagate in tempo.\n\nResta da pagare \
         {rest}, in una volta sola. Gli avvisi delle rate non valgono più: trovi quello nuovo in \
         «Pagamenti». Se hai difficoltà, rispondi qui."
    );
    tell(tx, plan.payer_id, &body, now)
}

/// Closes a running plan before its end: the open instalments are withdrawn, and one notice asks for
/// what is left of them and still owed. How much that is.
pub(super) fn close(
    tx: &Transaction<'_>,
    plan: &Plan,
    state: PlanState,
    reason: &str,
    now: Instant,
) -> Result<Cents> {
    let mut asked: HashMap<AccountId, Cents> = HashMap::new();
    let mut withdrawn = Vec::new();
    for one in instalments(tx, plan)? {
        if one.state != NoticeState::Open {
            continue;
        }
        for share in shares(tx, one.notice_id)? {
            *asked.entry(share.account).or_default() += share.amount;
        }
        notices::withdraw(tx, one.notice_id, now)?;
        withdrawn.push(one.notice_id);
    }
    let mut left = Vec::new();
    for debt in debts(tx, plan)? {
        let asked = asked.get(&debt.account).copied().unwrap_or_default();
        // What was paid or written off beside the plan is not asked for again.
        let amount = asked.min(-ledger::balance(tx, debt.account)?);
        if amount.is_positive() {
            left.push(Share {
                account: debt.account,
                amount,
            });
        }
    }
    let rest: Cents = left.iter().map(|share| share.amount).sum();
    let subject = "Servizi scolastici - resto del piano di rate";
    let notice = match rest.is_positive() {
        true => {
            let due = Some(today(now));
            let rest = payments::create_shared(tx, plan.payer_id, &left, subject, due, now)?;
            platform::replace(tx, rest.id, &withdrawn)?;
            Some(rest.id)
        }
        false => None,
    };
    let rows = tx
        .prepare_cached(
            "update plan set state = ?2, reason = ?3, closed_at = ?4, rest_notice_id = ?5
             where id = ?1 and state = 'running'",
        )?
        .execute((plan.id, state, reason, now, notice))?;
    changed(rows)?;
    Ok(rest)
}
