//! Asking for a plan, and taking the request back.

use rusqlite::Transaction;
use serde_json::json;

use super::cases::{context, open_of_person, plan_of_payer};
use super::rule::PlanRule;
use crate::base::{
    Actor, Cents, Error, Instant, Permission, PersonId, PlanId, PublicId, Result, Text, today,
};
use crate::messages;
use crate::store::{self, AuditEvent, SealingKey};

/// What a family asks.
pub struct NewRequest<'a> {
    /// Who owes.
    pub payer: PersonId,
    /// What may be divided today, in cents.
    pub debt: Cents,
    /// Into how many instalments.
    pub wanted: u16,
    /// The family's words; empty: none.
    pub note: &'a str,
}

/// Asks for a plan. Nothing changes for the debts until the office decides.
///
/// # Errors
/// A refusal with the reason when the rule does not divide the debt, or something is open already;
/// a field error `number` for instalments that the rule does not grant.
pub fn ask(
    tx: &Transaction<'_>,
    key: &SealingKey,
    rule: &PlanRule,
    new: &NewRequest<'_>,
    now: Instant,
) -> Result<PublicId> {
    if open_of_person(tx, new.payer)?.is_some() {
        return Err(Error::conflict(Text::new("error-plan-open")));
    }
    require_choice(rule, new.debt, new.wanted)?;
    let id = PublicId::random()?;
    let sealed = match new.note.trim() {
        "" => None,
        note => Some(key.seal(&context(&id), note.as_bytes())?),
    };
    tx.prepare_cached(
        "insert into plan (public_id, payer_id, state, asked_amount, wanted, note, asked_at, asked_on)
         values (?1, ?2, 'asked', ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute((&id, new.payer, new.debt, new.wanted, sealed, now, today(now)))?;
    Ok(id)
}

/// Whether the rule grants so many instalments for a debt.
pub(super) fn require_choice(rule: &PlanRule, debt: Cents, number: u16) -> Result<()> {
    let choices = rule.choices(debt).map_err(Error::refused)?;
    if !choices.contains(&number) {
        let text = Text::new("error-plan-number").with("most", i64::from(*choices.end()));
        return Err(Error::field("number", text));
    }
    Ok(())
}

/// The family changes its mind before the office has decided.
///
/// # Errors
/// `NotFound` for somebody else's; a conflict when it is decided.
pub fn withdraw(tx: &Transaction<'_>, actor: &Actor, id: &PublicId, now: Instant) -> Result<()> {
    let plan = plan_of_payer(tx, actor, id)?;
    let sql = "update plan set state = 'withdrawn', note = null where id = ?1 and state = 'asked'";
    changed(tx.prepare_cached(sql)?.execute([plan.id])?)?;
    log(tx, actor, "withdraw-plan", plan.id, json!({}), now)
}

/// A conditional update that found nothing: somebody was faster.
pub(super) fn changed(rows: usize) -> Result<()> {
    match rows {
        0 => Err(Error::conflict(Text::new("error-plan-state"))),
        _ => Ok(()),
    }
}

pub(super) fn require_money(actor: &Actor) -> Result<()> {
    match actor.staff() {
        Some(_) if actor.may(Permission::Money) => Ok(()),
        _ => Err(Error::Forbidden),
    }
}

/// What staff or time did goes into the audit log; never the family's words.
pub(super) fn log(
    tx: &Transaction<'_>,
    actor: &Actor,
    action: &str,
    id: PlanId,
    payload: serde_json::Value,
    now: Instant,
) -> Result<()> {
    if matches!(actor, Actor::Citizen(_)) {
        return Ok(());
    }
    let event = AuditEvent {
        action,
        subject: "plan",
        subject_id: Some(id.0),
        payload,
    };
    store::audit(tx, actor, now, &event)
}

pub(super) fn tell(tx: &Transaction<'_>, payer: PersonId, body: &str, now: Instant) -> Result<()> {
    messages::write_message(tx, &Actor::System("plans"), payer, body, now)
}
