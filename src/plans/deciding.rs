//! What the office decides of a plan: accept, refuse, take back.

use std::collections::VecDeque;

use rusqlite::Transaction;
use serde_json::json;

use super::asking::{changed, log, require_choice, require_money, tell};
use super::cases::{Debt, Plan, PlanState, note, plan, staff_of};
use super::rule::{Instalment, PlanRule, divide};
use super::running::close;
use crate::base::{
    Actor, Cents, Date, Error, Instant, NoticeId, PublicId, Result, Text, date_it, today,
};
use crate::payments::{self, Share, notices, platform};
use crate::store::SealingKey;

/// How the office accepts a plan.
pub struct Acceptance<'a> {
    /// What is owed now and may be divided, the oldest first.
    pub debts: &'a [Debt],
    /// The notices that ask for these debts until now.
    pub replaced: &'a [NoticeId],
    /// What the clerk was shown in all, in cents.
    pub shown: Cents,
    /// Into how many instalments.
    pub number: u16,
    /// When the first one is due.
    pub first_due: Date,
}

/// Accepts a plan: the notices of its debts are withdrawn and one per instalment is made, in one
/// transaction, so that nothing can be paid twice.
///
/// # Errors
/// `Forbidden`; a conflict when it is decided, or when the debts are not those that were shown; field
/// errors of `number` and `first_due`.
pub fn accept(
    tx: &Transaction<'_>,
    actor: &Actor,
    id: &PublicId,
    rule: &PlanRule,
    how: &Acceptance<'_>,
    now: Instant,
) -> Result<()> {
    require_money(actor)?;
    let plan = asked(tx, id)?;
    let total: Cents = how.debts.iter().map(|debt| debt.amount).sum();
    if total != how.shown {
        return Err(Error::conflict(Text::new("error-plan-debts")));
    }
    require_choice(rule, total, how.number)?;
    let day = today(now);
    let latest = day.saturating_add(jiff::Span::new().years(1));
    if how.first_due <= day || how.first_due > latest {
        let text = Text::new("error-plan-first-due").with("latest", latest);
        return Err(Error::field("first_due", text));
    }
    tx.prepare_cached(
        "update plan set state = 'running', amount = ?2, tolerance_days = ?3, missed_limit = ?4,
                         decided_at = ?5, decided_by = ?6
         where id = ?1 and state = 'asked'",
    )?
    .execute((
        plan.id,
        total,
        rule.tolerance_days,
        rule.falls_after_missed,
        now,
        staff_of(actor),
    ))?;
    for notice in how.replaced {
        notices::withdraw(tx, *notice, now)?;
    }
    let instalments = divide(total, how.number, how.first_due, rule.every_months);
    for notice in issue(tx, &plan, how.debts, &instalments, now)? {
        platform::replace(tx, notice, how.replaced)?;
    }
    let payload = json!({ "amount": total, "instalments": how.number, "first_due": how.first_due,
                          "debts": how.debts.iter().map(|d| (d.account, d.amount)).collect::<Vec<_>>(),
                          "replaced": how.replaced });
    log(tx, actor, "accept-plan", plan.id, payload, now)?;
    let lines: Vec<String> = instalments
        .iter()
        .map(|one| {
            format!(
                "{}. {} entro il {}",
                one.number,
                one.amount,
                date_it(one.due_date)
            )
        })
        .collect();
    let body = format!(
        "Il piano di rate è accolto: {total} in {} rate.\n\n{}\n\nOgni rata ha il suo avviso, in \
         «Pagamenti». Gli avvisi di prima per questi debiti non valgono più.",
        how.number,
        lines.join("\n")
    );
    tell(tx, plan.payer_id, &body, now)
}

/// Writes down what the plan divides and makes a notice for each instalment. The oldest debt is
/// paid first: an instalment takes from it until nothing is left, then from the next.
fn issue(
    tx: &Transaction<'_>,
    plan: &Plan,
    debts: &[Debt],
    instalments: &[Instalment],
    now: Instant,
) -> Result<Vec<NoticeId>> {
    for (line, debt) in (0_i64..).zip(debts) {
        tx.prepare_cached(
            "insert into plan_debt (plan_id, line, account_id, amount) values (?1, ?2, ?3, ?4)",
        )?
        .execute((plan.id, line, debt.account, debt.amount))?;
    }
    let mut left: VecDeque<Share> = debts
        .iter()
        .map(|debt| Share {
            account: debt.account,
            amount: debt.amount,
        })
        .collect();
    let mut made = Vec::new();
    for one in instalments {
        let shares = take(&mut left, one.amount);
        let subject = format!(
            "Servizi scolastici - rata {} di {}",
            one.number,
            instalments.len()
        );
        let due = Some(one.due_date);
        let notice = payments::create_shared(tx, plan.payer_id, &shares, &subject, due, now)?;
        tx.prepare_cached(
            "insert into plan_instalment (plan_id, number, due_date, amount, notice_id)
             values (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((plan.id, one.number, one.due_date, one.amount, notice.id))?;
        made.push(notice.id);
    }
    Ok(made)
}

/// Takes an amount from the first shares that are left.
fn take(left: &mut VecDeque<Share>, amount: Cents) -> Vec<Share> {
    let mut taken = Vec::new();
    let mut missing = amount;
    while missing.is_positive()
        && let Some(first) = left.front_mut()
    {
        let part = first.amount.min(missing);
        taken.push(Share {
            amount: part,
            ..*first
        });
        first.amount = first.amount - part;
        missing = missing - part;
        if !first.amount.is_positive() {
            left.pop_front();
        }
    }
    taken
}

/// The family's words, for who decides; each reading is logged.
///
/// # Errors
/// `Forbidden` for who handles no money; when the key does not open them.
pub fn read_note(
    tx: &Transaction<'_>,
    key: &SealingKey,
    actor: &Actor,
    id: &PublicId,
    now: Instant,
) -> Result<Option<String>> {
    require_money(actor)?;
    let plan = plan(tx, id)?;
    let words = note(tx, key, &plan)?;
    if words.is_some() {
        log(tx, actor, "read-plan-note", plan.id, json!({}), now)?;
    }
    Ok(words)
}

/// Refuses a request; the family reads the reason.
///
/// # Errors
/// `Forbidden`; a field error without a reason; a conflict when it is decided.
pub fn refuse(
    tx: &Transaction<'_>,
    actor: &Actor,
    id: &PublicId,
    reason: &str,
    now: Instant,
) -> Result<()> {
    require_money(actor)?;
    let (plan, reason) = (asked(tx, id)?, given(reason)?);
    tx.prepare_cached(
        "update plan set state = 'refused', reason = ?2, decided_at = ?3, decided_by = ?4
         where id = ?1 and state = 'asked'",
    )?
    .execute((plan.id, reason, now, staff_of(actor)))?;
    log(
        tx,
        actor,
        "refuse-plan",
        plan.id,
        json!({ "reason": reason }),
        now,
    )?;
    let body = format!(
        "La richiesta di pagare a rate non è accolta.\n\nMotivo: {reason}\n\nIl debito resta da pagare \
         con gli avvisi che hai. Se hai difficoltà, rispondi qui."
    );
    tell(tx, plan.payer_id, &body, now)
}

/// Takes a running plan back: what is left is due at once.
///
/// # Errors
/// `Forbidden`; a field error without a reason; a conflict when it does not run.
pub fn cancel(
    tx: &Transaction<'_>,
    actor: &Actor,
    id: &PublicId,
    reason: &str,
    now: Instant,
) -> Result<()> {
    require_money(actor)?;
    let (plan, reason) = (plan(tx, id)?, given(reason)?);
    changed(usize::from(plan.state == PlanState::Running))?;
    let rest = close(tx, &plan, PlanState::Cancelled, reason, now)?;
    let payload = json!({ "reason": reason, "rest": rest });
    log(tx, actor, "cancel-plan", plan.id, payload, now)?;
    let body = format!(
        "Il piano di rate è stato revocato.\n\nMotivo: {reason}\n\nResta da pagare {rest}, in una volta \
         sola. Gli avvisi delle rate non valgono più: trovi quello nuovo in «Pagamenti»."
    );
    tell(tx, plan.payer_id, &body, now)
}

fn asked(tx: &Transaction<'_>, id: &PublicId) -> Result<Plan> {
    let plan = plan(tx, id)?;
    changed(usize::from(plan.state == PlanState::Asked))?;
    Ok(plan)
}

fn given(reason: &str) -> Result<&str> {
    match reason.trim() {
        "" => Err(Error::field("reason", Text::new("error-plan-reason"))),
        reason => Ok(reason),
    }
}
