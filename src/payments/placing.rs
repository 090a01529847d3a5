//! Receipts that wait in suspense (a notice that was paid before, or that nobody knows): the office
//! credits each to an account, once, and from then on it is a payment like any other.

use rusqlite::{Connection, OptionalExtension, Transaction};
use serde_json::json;

use crate::base::{
    Actor, Cents, Error, Instant, Permission, PublicId, ReceiptId, Result, Text, day_of,
};
use crate::ledger::{self, Cause, NewEntry};
use crate::store::{self, AuditEvent};

/// A receipt that waits.
#[derive(Clone, Copy, Debug)]
pub struct Suspended {
    /// Inside.
    pub id: ReceiptId,
    /// Cents.
    pub amount: Cents,
    /// When it was paid.
    pub paid_at: Instant,
}

/// A receipt that waits in suspense and was not credited yet.
///
/// # Errors
/// `NotFound`.
pub fn suspended(db: &Connection, receipt: &PublicId) -> Result<Suspended> {
    let sql = "select r.id, r.amount, r.paid_at from receipt r
               where r.public_id = ?1 and r.outcome = 'suspense' and not exists (
                 select 1 from receipt_placement p where p.receipt_id = r.id)";
    let found = db.prepare_cached(sql)?.query_row([receipt], |row| {
        Ok(Suspended {
            id: row.get(0)?,
            amount: row.get(1)?,
            paid_at: row.get(2)?,
        })
    });
    found.optional()?.ok_or(Error::NotFound)
}

/// Credits a receipt that waits to a family's account, for the civil day of the payment.
///
/// # Errors
/// `Forbidden` for who handles no money; `NotFound` for a receipt that does not wait any more, or an
/// account that is no family's; a field error without a reason.
pub fn place(
    tx: &Transaction<'_>,
    actor: &Actor,
    receipt: &PublicId,
    account: &PublicId,
    reason: &str,
    now: Instant,
) -> Result<()> {
    let staff = match actor.staff() {
        Some(staff) if actor.may(Permission::Money) => staff.id,
        _ => return Err(Error::Forbidden),
    };
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Error::field("reason", Text::new("error-required")));
    }
    let receipt = suspended(tx, receipt)?;
    let account = ledger::account_by_public_id(tx, account)?;
    tx.prepare_cached(
        "insert into receipt_placement (receipt_id, account_id, reason, staff_id, at)
         values (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute((receipt.id, account.id, reason, staff, now))?;
    let entry = NewEntry {
        day: day_of(receipt.paid_at),
        debit: ledger::pagopa_account(tx)?,
        credit: account.id,
        amount: receipt.amount,
        cause: Cause::Receipt(receipt.id),
    };
    ledger::post(tx, &entry, now)?;
    let event = AuditEvent {
        action: "place-receipt",
        subject: "receipt",
        subject_id: Some(receipt.id.0),
        payload: json!({ "account": account.id, "amount": receipt.amount, "reason": reason }),
    };
    store::audit(tx, actor, now, &event)
}
