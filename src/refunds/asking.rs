//! Asking: by the family, or by the office for who has left.

use rusqlite::Transaction;
use serde_json::json;

use super::bank::Bank;
use super::cases::{Wish, case_of_payer};
use super::deciding::proposal_before;
use super::policy::Outcome;
use crate::base::{
    AccountId, Actor, Error, Instant, Permission, PersonId, PublicId, RefundId, Result, StaffId,
    Text, today,
};
use crate::ledger::{self, FamilyAccount};
use crate::messages;
use crate::store::{self, AuditEvent, SealingKey};

/// What a family asks.
pub struct NewRequest<'a> {
    /// The account with the credit.
    pub account: &'a PublicId,
    /// Pay it out to this bank account, or move it to this account of theirs.
    pub to: Destination<'a>,
    /// What the family adds.
    pub note: &'a str,
}

/// Where the credit is to go.
pub enum Destination<'a> {
    /// To the bank.
    Bank(&'a Bank),
    /// To another account of the same payer.
    Account(&'a PublicId),
}

/// Asks for a refund or a transfer.
///
/// # Errors
/// `NotFound` for an account that is not the actor's; a refusal when there is no credit, the rule
/// gives nothing back, or a request is open already.
pub fn ask(
    tx: &Transaction<'_>,
    key: &SealingKey,
    actor: &Actor,
    new: &NewRequest<'_>,
    now: Instant,
) -> Result<PublicId> {
    let account = ledger::account_of_payer(tx, actor, new.account)?;
    require_free(tx, &account)?;
    let (wish, target, bank) = match new.to {
        Destination::Bank(bank) => (Wish::Refund, None, Some(bank)),
        Destination::Account(id) => {
            let target = ledger::account_of_payer(tx, actor, id)?;
            if target.id == account.id {
                return Err(Error::field("target", Text::new("error-transfer-accounts")));
            }
            (Wish::Transfer, Some(target.id), None)
        }
    };
    let rule = proposal_before(tx, &account, target, today(now))?.decision;
    if rule.outcome == Outcome::Keep
        && let Some(why) = rule.reasons.into_iter().next_back()
    {
        return Err(Error::refused(why));
    }
    insert(
        tx,
        key,
        actor,
        &account,
        (wish, target, bank),
        new.note,
        now,
    )
}

/// Opens a case for an account whose child has left, and asks the family for its bank account.
///
/// # Errors
/// `Forbidden` for who handles no money; a refusal without credit or with an open case.
pub fn open_for_leaver(
    tx: &Transaction<'_>,
    key: &SealingKey,
    actor: &Actor,
    account: AccountId,
    now: Instant,
) -> Result<PublicId> {
    require_money(actor)?;
    let account = ledger::account(tx, account)?;
    require_free(tx, &account)?;
    let id = insert(
        tx,
        key,
        actor,
        &account,
        (Wish::Refund, None, None),
        "",
        now,
    )?;
    let body = format!(
        "Sul conto {} di {} resta un credito di {}.\n\nPer riaverlo apri «Rimborsi» in «Pagamenti» e \
         scrivi l’IBAN. Se preferisci spostarlo a un altro figlio, rispondi qui.",
        account.service, account.child_name, account.balance
    );
    tell(tx, account.payer_id, &body, now)?;
    Ok(id)
}

fn require_free(tx: &Transaction<'_>, account: &FamilyAccount) -> Result<()> {
    if !account.balance.is_positive() {
        return Err(Error::refused(Text::new("error-refund-no-credit")));
    }
    let sql = "select exists (select 1 from refund where account_id = ?1
                 and state in ('asked', 'approved', 'listed'))";
    let open: bool = tx
        .prepare_cached(sql)?
        .query_row([account.id], |row| row.get(0))?;
    if open {
        return Err(Error::conflict(Text::new("error-refund-open")));
    }
    Ok(())
}

fn insert(
    tx: &Transaction<'_>,
    key: &SealingKey,
    actor: &Actor,
    account: &FamilyAccount,
    (wish, target, bank): (Wish, Option<AccountId>, Option<&Bank>),
    note: &str,
    now: Instant,
) -> Result<PublicId> {
    let id = PublicId::random()?;
    let sealed = bank.map(|bank| bank.seal(key, &id)).transpose()?;
    let opened_by = match actor {
        Actor::Staff(_) => "office",
        _ => "family",
    };
    tx.prepare_cached(
        "insert into refund (public_id, account_id, wish, target_id, bank, note, opened_by, asked_at,
                             asked_on, state, updated_at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'asked', ?8)",
    )?
    .execute((
        &id,
        account.id,
        wish,
        target,
        sealed,
        note.trim(),
        opened_by,
        now,
        today(now),
    ))?;
    log(
        tx,
        actor,
        "open-refund",
        RefundId(tx.last_insert_rowid()),
        json!({ "wish": wish }),
        now,
    )?;
    Ok(id)
}

/// Adds the bank account to a case that the office opened, or corrects it before the decision.
///
/// # Errors
/// `NotFound` for somebody else's case; a conflict when it is decided.
pub fn add_bank(
    tx: &Transaction<'_>,
    key: &SealingKey,
    actor: &Actor,
    id: &PublicId,
    bank: &Bank,
    now: Instant,
) -> Result<()> {
    let case = case_of_payer(tx, actor, id)?;
    let sealed = bank.seal(key, id)?;
    let sql = "update refund set bank = ?2, wish = 'refund', target_id = null, updated_at = ?3
               where id = ?1 and state = 'asked'";
    changed(tx.prepare_cached(sql)?.execute((case.id, sealed, now))?)?;
    log(tx, actor, "set-refund-bank", case.id, json!({}), now)
}

/// The family changes its mind.
///
/// # Errors
/// `NotFound` for somebody else's case; a conflict when it is decided.
pub fn withdraw(tx: &Transaction<'_>, actor: &Actor, id: &PublicId, now: Instant) -> Result<()> {
    let case = case_of_payer(tx, actor, id)?;
    let sql = "update refund set state = 'withdrawn', bank = null, updated_at = ?2
               where id = ?1 and state = 'asked'";
    changed(tx.prepare_cached(sql)?.execute((case.id, now))?)?;
    log(tx, actor, "withdraw-refund", case.id, json!({}), now)
}

/// A conditional update that found nothing: somebody was faster.
pub(super) fn changed(rows: usize) -> Result<()> {
    match rows {
        0 => Err(Error::conflict(Text::new("error-refund-state"))),
        _ => Ok(()),
    }
}

pub(super) fn require_money(actor: &Actor) -> Result<StaffId> {
    match actor.staff() {
        Some(staff) if actor.may(Permission::Money) => Ok(staff.id),
        _ => Err(Error::Forbidden),
    }
}

/// The accountant, who lists and pays what the office has approved.
pub(super) fn require_accounting(actor: &Actor) -> Result<StaffId> {
    match actor.staff() {
        Some(staff) if actor.may(Permission::Accounting) => Ok(staff.id),
        _ => Err(Error::Forbidden),
    }
}

/// What staff did, also at the counter, goes into the audit log; never an IBAN.
pub(super) fn log(
    tx: &Transaction<'_>,
    actor: &Actor,
    action: &str,
    id: RefundId,
    payload: serde_json::Value,
    now: Instant,
) -> Result<()> {
    if actor.staff().is_none() {
        return Ok(());
    }
    let event = AuditEvent {
        action,
        subject: "refund",
        subject_id: Some(id.0),
        payload,
    };
    store::audit(tx, actor, now, &event)
}

pub(super) fn tell(tx: &Transaction<'_>, payer: PersonId, body: &str, now: Instant) -> Result<()> {
    messages::write_message(tx, &Actor::System("refunds"), payer, body, now)
}
