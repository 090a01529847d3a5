//! A receipt that was wrong: its number stays used, its paper says so, its entries are reversed.

use rusqlite::Transaction;
use serde_json::json;

use super::receipts::{DeskReceipt, receipt};
use super::{log, staff_with};
use crate::base::{
    Actor, EntryId, Error, Instant, Permission, PublicId, Result, Text, day_of, today,
};
use crate::ledger;

/// Whether an actor may cancel a receipt: a cashier on the day of its recording, the accountant
/// always.
pub fn may_cancel(actor: &Actor, of: &DeskReceipt, now: Instant) -> bool {
    let same_day = day_of(of.recorded_at) == today(now);
    actor.may(Permission::Accounting) || (same_day && actor.may(Permission::Cashier))
}

/// Cancels a receipt. What it withdrew stays withdrawn: the debt is in the account again, and the
/// family can pay it from there.
///
/// # Errors
/// `NotFound`; a refusal for one that is cancelled already, or of a day that is over for who is not
/// the accountant; a field error without a reason.
pub fn cancel(
    tx: &Transaction<'_>,
    actor: &Actor,
    id: &PublicId,
    reason: &str,
    now: Instant,
) -> Result<()> {
    let staff = staff_with(actor, Permission::Money)?;
    let of = receipt(tx, id)?;
    if of.cancelled.is_some() {
        return Err(Error::conflict(Text::new("error-reversed-already")));
    }
    if !may_cancel(actor, &of, now) {
        return Err(Error::refused(Text::new("error-cash-desk-late")));
    }
    let entries: Vec<EntryId> = tx
        .prepare_cached(
            "select id from ledger_entry where cause = 'receipt' and cause_id = ?1 order by id",
        )?
        .query_map([of.id], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for entry in entries {
        ledger::reverse(tx, actor, entry, reason, today(now), now)?;
    }
    tx.prepare_cached(
        "insert into cash_desk_cancellation (receipt_id, day, reason, staff_id, cancelled_at)
         values (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute((of.id, today(now), reason.trim(), staff, now))?;
    let payload = json!({ "number": of.number, "amount": of.amount, "reason": reason });
    log(
        tx,
        actor,
        ("cancel-cash-desk-receipt", "receipt", of.id.0),
        payload,
        now,
    )
}
