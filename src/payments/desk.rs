//! What the comune's own cash desk took, as a receipt like any other: payments, statement and
//! attestation need not know another kind.

use rusqlite::Transaction;

use super::receipts::{NewReceipt, insert};
use super::shares::Share;
use super::traceable::Traceable;
use crate::base::{Cents, Instant, ReceiptId, Result, day_of};
use crate::ledger::{self, Cause, NewEntry};

/// Money that the cash desk took.
pub struct DeskPayment<'a> {
    /// The receipt's number: `12/2026`.
    pub number: &'a str,
    /// What it pays: accounts of one payer, cents above zero.
    pub shares: &'a [Share],
    /// When the money came.
    pub paid_at: Instant,
    /// Whose cash desk.
    pub taken_by: &'a str,
    /// By which means, in Italian.
    pub means: &'a str,
    /// Whether it can be deducted.
    pub traceable: Traceable,
    /// Who paid, where it was not the debtor.
    pub paid_by: Option<&'a str>,
    /// All that was recorded, as JSON.
    pub raw: &'a str,
}

/// Stores it as a receipt and credits its accounts, in this transaction. It belongs to no notice: one
/// that is paid through pagoPA all the same is credited as any other.
///
/// # Errors
/// When the number was given before, or an amount is not above zero: the tables refuse both.
pub fn take_at_desk(
    tx: &Transaction<'_>,
    payment: &DeskPayment<'_>,
    now: Instant,
) -> Result<ReceiptId> {
    let amount: Cents = payment.shares.iter().map(|share| share.amount).sum();
    let new = NewReceipt {
        key: &format!("cassa:{}", payment.number),
        notice: None,
        notice_number: &format!("Cassa n. {}", payment.number),
        amount,
        paid_at: payment.paid_at,
        psp: payment.taken_by,
        means: payment.means,
        traceable: payment.traceable,
        payer: payment.paid_by.map(|name| (name, "")),
        credited: true,
        source: "cash_desk",
        origin: "",
        raw: payment.raw.as_bytes(),
    };
    let receipt = insert(tx, &new, now)?;
    let desk = ledger::cash_desk_account(tx)?;
    for (line, share) in (0..).zip(payment.shares) {
        let entry = NewEntry {
            day: day_of(payment.paid_at),
            debit: desk,
            credit: share.account,
            amount: share.amount,
            cause: Cause::Receipt(receipt),
        };
        ledger::post_line(tx, &entry, line, now)?;
    }
    Ok(receipt)
}
