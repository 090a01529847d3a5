//! Receipts: the only way by which money paid through pagoPA enters the ledger. One receipt gives
//! one credit, whatever is replayed, reordered, sent twice at once or cut by a crash (DESIGN 6.3).

use rusqlite::{Connection, OptionalExtension, Transaction};
use sha2::{Digest, Sha256};

use super::notices::{self, NoticeState};
use super::rt::RawReceipt;
use super::traceable::Traceable;
use crate::base::{
    AccountId, Cents, Date, Error, Instant, NoticeId, PersonId, PublicId, ReceiptId, Result,
    ServiceId, Text, day_of,
};
use crate::ledger::{self, Cause, NewEntry};
use crate::{municipality, people};

pub use super::receipt_lists::{
    Payment, ReceiptRow, payments_into, payments_of, receipts_between, receipts_in_suspense,
    receipts_of_notice, receipts_of_payer, years_with_payments,
};

/// What became of a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reception {
    /// It was credited. `differs`: the notice asked for another amount.
    Credited {
        /// Whether the notice asked for another amount.
        differs: bool,
    },
    /// It was kept and not credited: its notice was paid before, or is not ours. The office sees it.
    Suspense,
    /// It was here already; nothing happened.
    AlreadyKnown,
}

/// Whether a receipt is here already: asked before a write, so that a replay costs none.
///
/// # Errors
/// The database's own failure.
pub fn is_known(db: &Connection, key: &str) -> Result<bool> {
    let sql = "select 1 from receipt where receipt_key = ?1";
    let found = db
        .prepare_cached(sql)?
        .query_row([key], |_| Ok(()))
        .optional()?;
    Ok(found.is_some())
}

/// Takes in a receipt: stores it as it came and credits the account of its notice, all in this
/// transaction. The sender may be told "received" when it is committed, not before.
///
/// # Errors
/// The database's own failure; then nothing happened and the sender sends again.
pub fn receive(tx: &Transaction<'_>, raw: &RawReceipt, now: Instant) -> Result<Reception> {
    if is_known(tx, &raw.key)? {
        return Ok(Reception::AlreadyKnown);
    }
    let ours = municipality::municipality(tx)?.fiscal_code.as_str() == raw.creditor;
    let notice = match ours {
        true => notices::notice_by_number(tx, &raw.notice_number)?,
        false => None,
    };
    let payable = match &notice {
        Some(notice) if !has_credit(tx, notice.id)? => Some(notice),
        _ => None,
    };
    let id = insert(
        tx,
        &NewReceipt {
            key: &raw.key,
            notice: notice.as_ref().map(|n| n.id),
            notice_number: &raw.notice_number,
            amount: raw.amount,
            paid_at: raw.paid_at,
            psp: &raw.psp,
            means: &raw.means,
            payer: raw
                .payer
                .as_ref()
                .map(|p| (p.name.as_str(), p.code.as_str())),
            credited: payable.is_some(),
            source: "gateway",
            raw: &raw.raw,
        },
        now,
    )?;
    let Some(notice) = payable else {
        return Ok(Reception::Suspense);
    };
    credit(tx, id, notice.account_id, raw.amount, raw.paid_at, now)?;
    notices::set_state(tx, notice.id, NoticeState::Paid, now)?;
    Ok(Reception::Credited {
        differs: notice.amount != raw.amount,
    })
}

fn has_credit(db: &Connection, notice: NoticeId) -> Result<bool> {
    let sql = "select 1 from receipt where notice_id = ?1 and outcome = 'credited'";
    let found = db
        .prepare_cached(sql)?
        .query_row([notice], |_| Ok(()))
        .optional()?;
    Ok(found.is_some())
}

struct NewReceipt<'a> {
    key: &'a str,
    notice: Option<NoticeId>,
    notice_number: &'a str,
    amount: Cents,
    paid_at: Instant,
    psp: &'a str,
    means: &'a str,
    payer: Option<(&'a str, &'a str)>,
    credited: bool,
    source: &'static str,
    raw: &'a [u8],
}

fn insert(tx: &Transaction<'_>, new: &NewReceipt<'_>, now: Instant) -> Result<ReceiptId> {
    let sha256: [u8; 32] = Sha256::digest(new.raw).into();
    let sql = "insert into receipt (public_id, receipt_key, notice_id, notice_number, amount, paid_at,
           psp, means, traceable, payer_name, payer_code, outcome, source, raw, raw_sha256, received_at)
         values (:public_id, :key, :notice, :notice_number, :amount, :paid_at, :psp, :means,
           :traceable, :payer_name, :payer_code, :outcome, :source, :raw, :sha256, :now)";
    tx.prepare_cached(sql)?.execute(rusqlite::named_params! {
        ":public_id": PublicId::random()?, ":key": new.key, ":notice": new.notice,
        ":notice_number": new.notice_number, ":amount": new.amount, ":paid_at": new.paid_at,
        ":psp": new.psp, ":means": new.means, ":traceable": Traceable::of(new.means, new.psp),
        ":payer_name": new.payer.map(|p| p.0), ":payer_code": new.payer.map(|p| p.1),
        ":outcome": if new.credited { "credited" } else { "suspense" },
        ":source": new.source, ":raw": new.raw, ":sha256": sha256, ":now": now,
    })?;
    Ok(ReceiptId(tx.last_insert_rowid()))
}

/// What was paid counts on the civil day of the payment, in Rome.
fn credit(
    tx: &Transaction<'_>,
    receipt: ReceiptId,
    account: AccountId,
    amount: Cents,
    paid_at: Instant,
    now: Instant,
) -> Result<()> {
    let entry = NewEntry {
        day: day_of(paid_at),
        debit: ledger::pagopa_account(tx)?,
        credit: account,
        amount,
        cause: Cause::Receipt(receipt),
    };
    ledger::post(tx, &entry, now)?;
    Ok(())
}

/// A payment that an earlier system took.
pub struct ImportedPayment<'a> {
    /// Who owed and is attested: the intestatario.
    pub payer: PersonId,
    /// The child.
    pub child: PersonId,
    /// The service.
    pub service: ServiceId,
    /// Cents, above zero.
    pub amount: Cents,
    /// The day of the payment (of the order, for a transfer).
    pub paid_on: Date,
    /// By which means, in Italian: `carta`, `bonifico`, `contanti`, `pagoPA`.
    pub means: &'a str,
    /// The number of its receipt, if there is one: two payments that are alike in everything else
    /// are told apart by it.
    pub reference: &'a str,
}

/// Records a payment of the past as a receipt and credits it, once: the same row again changes
/// nothing and answers [`Reception::AlreadyKnown`].
///
/// # Errors
/// A field error for an amount that is not above zero or a day in the future; a refusal when the
/// reference is known with another payment.
pub fn record_imported_payment(
    tx: &Transaction<'_>,
    payment: &ImportedPayment<'_>,
    now: Instant,
) -> Result<Reception> {
    if !payment.amount.is_positive() {
        return Err(Error::field("amount", Text::new("error-not-an-amount")));
    }
    if payment.paid_on > day_of(now) {
        return Err(Error::field("paid_on", Text::new("error-date-in-future")));
    }
    let payer = people::person(tx, payment.payer)?.fiscal_code;
    let raw = serde_json::json!({
        "payer": payer,
        "child": people::person(tx, payment.child)?.fiscal_code,
        "service": municipality::service(tx, payment.service)?.code,
        "amount": payment.amount,
        "paid_on": payment.paid_on,
        "means": payment.means,
        "reference": payment.reference,
    })
    .to_string();
    let key = match payment.reference {
        "" => {
            let digest: [u8; 32] = Sha256::digest(raw.as_bytes()).into();
            let hex: String = digest.iter().take(16).map(|b| format!("{b:02x}")).collect();
            format!("import:{hex}")
        }
        reference => format!("import:{payer}:{reference}"),
    };
    if let Some(known) = raw_of(tx, &key)? {
        if known == raw.as_bytes() {
            return Ok(Reception::AlreadyKnown);
        }
        return Err(Error::field(
            "reference",
            Text::new("error-payment-reference-known").with("reference", payment.reference),
        ));
    }
    let account = ledger::family_account(tx, payment.payer, payment.child, payment.service)?;
    let paid_at = Instant::from_rome(payment.paid_on.at(12, 0, 0, 0));
    let new = NewReceipt {
        key: &key,
        notice: None,
        notice_number: payment.reference,
        amount: payment.amount,
        paid_at,
        psp: "",
        means: payment.means,
        payer: None,
        credited: true,
        source: "import",
        raw: raw.as_bytes(),
    };
    let id = insert(tx, &new, now)?;
    credit(tx, id, account, payment.amount, paid_at, now)?;
    Ok(Reception::Credited { differs: false })
}

fn raw_of(db: &Connection, key: &str) -> Result<Option<Vec<u8>>> {
    let sql = "select raw from receipt where receipt_key = ?1";
    Ok(db
        .prepare_cached(sql)?
        .query_row([key], |row| row.get(0))
        .optional()?)
}
