//! What undoes a decision or a payment: an approval taken back, a line that the treasury did not pay, a
//! payment that the bank sent back, a transfer that was reversed.

use rusqlite::{OptionalExtension, Transaction};
use serde_json::json;

use super::asking::{changed, log, require_accounting, require_money, tell};
use super::cases::case;
use super::deciding::given;
use crate::base::{Actor, Cents, Error, Instant, PublicId, Result, today};
use crate::ledger::{self, Cause};

/// Takes an approval back before it is on a list, with a reason that the family reads: the case waits
/// for a decision again. What went against debts stays there.
///
/// # Errors
/// `Forbidden`; a conflict when it is not approved any more; a field error without a reason.
pub fn take_back(
    tx: &Transaction<'_>,
    actor: &Actor,
    id: &PublicId,
    reason: &str,
    now: Instant,
) -> Result<()> {
    require_money(actor)?;
    let (case, reason) = (case(tx, id)?, given(reason)?);
    let sql = "update refund set state = 'asked', amount = null, reason = ?2, decided_at = null,
                      decided_by = null, updated_at = ?3
               where id = ?1 and state = 'approved'";
    changed(tx.prepare_cached(sql)?.execute((case.id, reason, now))?)?;
    let payload = json!({ "amount": case.amount, "reason": reason });
    log(tx, actor, "take-back-refund", case.id, payload, now)?;
    let body = format!(
        "L’approvazione del rimborso per {} di {} è stata annullata: {reason}\n\nIl credito resta sul \
         conto. Ti scriviamo quando l’ufficio ha deciso di nuovo.",
        case.service, case.child
    );
    tell(tx, case.payer_id, &body, now)
}

/// Opens again the case whose decision made a transfer that was reversed just now. Nothing happens
/// where no case made it, or the account has another open case.
///
/// # Errors
/// `Forbidden` for who handles no money.
pub fn reopen_for(
    tx: &Transaction<'_>,
    actor: &Actor,
    transfer: &PublicId,
    now: Instant,
) -> Result<()> {
    require_money(actor)?;
    let sql = "select r.public_id, t.amount from transfer t
               join refund_transfer x on x.transfer_id = t.id join refund r on r.id = x.refund_id
               where t.public_id = ?1 and r.state = 'transferred' and not exists (
                 select 1 from refund o where o.account_id = r.account_id
                   and o.state in ('asked', 'approved', 'listed'))";
    let found: Option<(PublicId, Cents)> = tx
        .prepare_cached(sql)?
        .query_row([transfer], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((id, amount)) = found else {
        return Ok(());
    };
    let case = case(tx, &id)?;
    let sql =
        "update refund set state = 'asked', amount = null, decided_at = null, decided_by = null,
                 updated_at = ?2, withheld = (
                   select coalesce(sum(t.amount), 0) from refund_transfer x
                   join transfer t on t.id = x.transfer_id
                   join ledger_entry e on e.cause = 'transfer' and e.cause_id = t.id
                   where x.refund_id = ?1 and not exists (
                     select 1 from ledger_entry r where r.cause = 'reversal' and r.cause_id = e.id))
               where id = ?1 and state = 'transferred'";
    changed(tx.prepare_cached(sql)?.execute((case.id, now))?)?;
    let payload = json!({ "amount": amount });
    log(tx, actor, "reopen-refund", case.id, payload, now)
}

/// The treasury did not pay a line of a list: nothing is posted, and the family can ask again.
///
/// # Errors
/// `Forbidden` for who is no accountant; a conflict when it is not waiting on a list; a field error without a reason.
pub fn rejected(
    tx: &Transaction<'_>,
    actor: &Actor,
    id: &PublicId,
    reason: &str,
    now: Instant,
) -> Result<()> {
    require_accounting(actor)?;
    let (case, reason) = (case(tx, id)?, given(reason)?);
    let sql = "update refund set state = 'rejected', reason = ?2, updated_at = ?3
               where id = ?1 and state = 'listed'";
    changed(tx.prepare_cached(sql)?.execute((case.id, reason, now))?)?;
    let payload = json!({ "reason": reason });
    log(tx, actor, "refund-rejected", case.id, payload, now)?;
    let body = format!(
        "Il rimborso per {} di {} non è stato pagato: {reason}\n\nIl credito resta sul conto. Controlla \
         l’IBAN e chiedi di nuovo il rimborso.",
        case.service, case.child
    );
    tell(tx, case.payer_id, &body, now)
}

/// The bank sent the money back: the entry is reversed today, and the family can ask again.
///
/// # Errors
/// `Forbidden` for who is no accountant; a conflict when it is not paid; a field error without a reason.
pub fn returned(
    tx: &Transaction<'_>,
    actor: &Actor,
    id: &PublicId,
    reason: &str,
    now: Instant,
) -> Result<()> {
    require_accounting(actor)?;
    let (case, reason) = (case(tx, id)?, given(reason)?);
    let sql = "update refund set state = 'returned', reason = ?2, updated_at = ?3
               where id = ?1 and state = 'paid'";
    changed(tx.prepare_cached(sql)?.execute((case.id, reason, now))?)?;
    let entry = ledger::entry_of(tx, Cause::Refund(case.id))?.ok_or(Error::NotFound)?;
    ledger::reverse(tx, actor, entry, reason, today(now), now)?;
    log(
        tx,
        actor,
        "refund-returned",
        case.id,
        json!({ "reason": reason }),
        now,
    )?;
    let body = format!(
        "Il bonifico del rimborso per {} di {} è tornato indietro: {reason}\n\nIl credito è di nuovo \
         sul conto. Controlla l’IBAN e chiedi di nuovo il rimborso.",
        case.service, case.child
    );
    tell(tx, case.payer_id, &body, now)
}
