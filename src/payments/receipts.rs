//! Receipts: the only way by which money paid through pagoPA enters the ledger. What the comune's own
//! cash desk takes is a receipt too (`desk.rs`). One receipt gives
//! one credit, whatever is replayed, reordered, sent twice at once or cut by a crash (invariant 3).

use rusqlite::{Connection, OptionalExtension, Transaction};
use sha2::{Digest, Sha256};

use super::notices::{self, Notice, NoticeState};
use super::platform;
use super::positions::PositionState;
use super::rt::RawReceipt;
use super::settled;
use super::shares::{parts, shares};
use super::traceable::Traceable;
use crate::base::{
    AccountId, Cents, Date, Error, Instant, NoticeId, PersonId, PublicId, ReceiptId, Result,
    ServiceId, Text, day_of,
};
use crate::ledger::{self, Cause, NewEntry};
use crate::{municipality, people};

pub use super::receipt_lists::{
    Doubled, Payment, ReceiptRow, doubled_of, payments_into, payments_of, receipts_between,
    receipts_in_suspense, receipts_of_notice, receipts_of_payer, years_with_payments,
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

/// Whether the notice of an IUV of ours has its receipt.
///
/// # Errors
/// The database's own failure.
pub fn is_credited(db: &Connection, iuv: &str) -> Result<bool> {
    match notices::notice_by_number(db, &format!("3{iuv}"))? {
        Some(notice) => settled::paid_by_receipt(db, notice.id),
        None => Ok(false),
    }
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
        Some(notice)
            if !settled::paid_by_receipt(tx, notice.id)?
                && !settled::paid_otherwise(tx, notice.id, &raw.key)? =>
        {
            Some(notice)
        }
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
            traceable: Traceable::of(&raw.means, &raw.psp),
            payer: raw
                .payer
                .as_ref()
                .map(|p| (p.name.as_str(), p.code.as_str())),
            credited: payable.is_some(),
            source: "gateway",
            origin: "",
            raw: &raw.raw,
        },
        now,
    )?;
    let Some(notice) = payable else {
        return Ok(Reception::Suspense);
    };
    settled::give_way(tx, notice.id, Some(&raw.key), id, now)?;
    credit(tx, id, notice, raw.amount, raw.paid_at, now)?;
    notices::set_state(tx, notice.id, NoticeState::Paid, now)?;
    platform::heard(tx, notice.id, PositionState::Paid, now)?;
    Ok(Reception::Credited {
        differs: notice.amount != raw.amount,
    })
}

pub(super) struct NewReceipt<'a> {
    pub(super) key: &'a str,
    pub(super) notice: Option<NoticeId>,
    pub(super) notice_number: &'a str,
    pub(super) amount: Cents,
    pub(super) paid_at: Instant,
    pub(super) psp: &'a str,
    pub(super) means: &'a str,
    pub(super) traceable: Traceable,
    pub(super) payer: Option<(&'a str, &'a str)>,
    pub(super) credited: bool,
    pub(super) source: &'static str,
    pub(super) origin: &'a str,
    pub(super) raw: &'a [u8],
}

pub(super) fn insert(
    tx: &Transaction<'_>,
    new: &NewReceipt<'_>,
    now: Instant,
) -> Result<ReceiptId> {
    let sha256: [u8; 32] = Sha256::digest(new.raw).into();
    let sql =
        "insert into receipt (public_id, receipt_key, notice_id, notice_number, amount, paid_at,
           psp, means, traceable, payer_name, payer_code, outcome, source, origin, raw, raw_sha256,
           received_at)
         values (:public_id, :key, :notice, :notice_number, :amount, :paid_at, :psp, :means,
           :traceable, :payer_name, :payer_code, :outcome, :source, :origin, :raw, :sha256, :now)";
    tx.prepare_cached(sql)?.execute(rusqlite::named_params! {
        ":public_id": PublicId::random()?, ":key": new.key, ":notice": new.notice,
        ":notice_number": new.notice_number, ":amount": new.amount, ":paid_at": new.paid_at,
        ":psp": new.psp, ":means": new.means, ":traceable": new.traceable,
        ":payer_name": new.payer.map(|p| p.0), ":payer_code": new.payer.map(|p| p.1),
        ":outcome": if new.credited { "credited" } else { "suspense" },
        ":source": new.source, ":origin": new.origin, ":raw": new.raw, ":sha256": sha256, ":now": now,
    })?;
    Ok(ReceiptId(tx.last_insert_rowid()))
}

/// What was paid counts on the civil day of the payment, in Rome.
fn credit(
    tx: &Transaction<'_>,
    receipt: ReceiptId,
    notice: &Notice,
    amount: Cents,
    paid_at: Instant,
    now: Instant,
) -> Result<()> {
    let pagopa = ledger::pagopa_account(tx)?;
    for (line, part) in (0..).zip(parts(&shares(tx, notice.id)?, notice, amount)) {
        let entry = NewEntry {
            day: day_of(paid_at),
            debit: pagopa,
            credit: part.account,
            amount: part.amount,
            cause: Cause::Receipt(receipt),
        };
        ledger::post_line(tx, &entry, line, now)?;
    }
    Ok(())
}

/// A payment that an earlier system took.
#[derive(Clone, Copy)]
pub struct ImportedPayment<'a> {
    /// Who owed and is attested: the intestatario.
    pub payer: PersonId,
    /// The child.
    pub child: PersonId,
    /// The service.
    pub service: ServiceId,
    /// Cents, above zero.
    pub amount: Cents,
    /// When it was paid (the order, for a transfer).
    pub paid_at: Instant,
    /// By which means, in Italian: `carta`, `bonifico`, `contanti`, `pagoPA`.
    pub means: &'a str,
    /// The number of its receipt, if there is one: two payments that are alike in everything else
    /// are told apart by it.
    pub reference: &'a str,
    /// What is known beyond that.
    pub more: MoreOfPayment<'a>,
}

/// What some files say of a payment beyond the necessary.
#[derive(Clone, Copy, Default)]
pub struct MoreOfPayment<'a> {
    /// The receiptId of its telematic receipt: the same receipt that comes by another way is known.
    pub receipt_key: Option<&'a str>,
    /// The notice that it paid, 18 digits.
    pub notice_number: Option<&'a str>,
    /// Who took it.
    pub psp: &'a str,
    /// Who really paid: name and fiscal code.
    pub paid_by: Option<(&'a str, &'a str)>,
    /// Whether it can be deducted, where the file knows better than the means tells.
    pub traceable: Option<Traceable>,
    /// The earlier system that took it; empty for our own.
    pub origin: &'a str,
}

/// Records a payment of the past as a receipt and credits it, once: the same row again changes
/// nothing and answers [`Reception::AlreadyKnown`].
///
/// # Errors
/// Those of [`take_imported_payment`].
pub fn record_imported_payment(
    tx: &Transaction<'_>,
    payment: &ImportedPayment<'_>,
    now: Instant,
) -> Result<Reception> {
    match take_imported_payment(tx, payment, now)? {
        Some(entry) => {
            ledger::post(tx, &entry, now)?;
            Ok(Reception::Credited { differs: false })
        }
        None => Ok(Reception::AlreadyKnown),
    }
}

/// Records a payment of the past as a receipt; what it answers is to be posted in this
/// transaction. `None`: it was here already.
///
/// # Errors
/// A field error for an amount that is not above zero or a day in the future; a refusal when the
/// reference is known with another payment.
pub fn take_imported_payment(
    tx: &Transaction<'_>,
    payment: &ImportedPayment<'_>,
    now: Instant,
) -> Result<Option<NewEntry>> {
    if !payment.amount.is_positive() {
        return Err(Error::field("importo", Text::new("error-not-an-amount")));
    }
    let day = day_of(payment.paid_at);
    if day > day_of(now) {
        return Err(Error::field("data", Text::new("error-date-in-future")));
    }
    let payer = people::person(tx, payment.payer)?.fiscal_code;
    let raw = serde_json::json!({
        "payer": payer,
        "child": people::person(tx, payment.child)?.fiscal_code,
        "service": municipality::service(tx, payment.service)?.code,
        "amount": payment.amount,
        "paid_on": day,
        "means": payment.means,
        "reference": payment.reference,
    })
    .to_string();
    let key = match (payment.more.receipt_key, payment.reference) {
        (Some(key), _) => key.to_owned(),
        (None, "") => {
            let digest: [u8; 32] = Sha256::digest(raw.as_bytes()).into();
            let hex: String = digest.iter().take(16).map(|b| format!("{b:02x}")).collect();
            format!("import:{hex}")
        }
        (None, reference) => format!("import:{payer}:{reference}"),
    };
    let account = ledger::family_account(tx, payment.payer, payment.child, payment.service)?;
    if let Some(known) = credited_as(tx, &key)? {
        if known == (account, payment.amount, day) {
            return Ok(None);
        }
        return Err(Error::field(
            "riferimento",
            Text::new("error-payment-reference-known").with("reference", payment.reference),
        ));
    }
    if says_what_a_flow_said(tx, &payment.more)? {
        return Ok(None);
    }
    let notice = match payment.more.notice_number {
        Some(number) => notices::notice_by_number(tx, number)?.filter(|n| n.account_id == account),
        None => None,
    };
    if let Some(notice) = &notice {
        if settled::paid_by_receipt(tx, notice.id)? {
            return Err(Error::field(
                "numero_avviso",
                Text::new("import-notice-paid").with("number", notice.notice_number.as_str()),
            ));
        }
        notices::set_state(tx, notice.id, NoticeState::Paid, now)?;
    }
    let more = &payment.more;
    let new = NewReceipt {
        key: &key,
        notice: notice.as_ref().map(|n| n.id),
        notice_number: more.notice_number.unwrap_or(payment.reference),
        amount: payment.amount,
        paid_at: payment.paid_at,
        psp: more.psp,
        means: payment.means,
        traceable: more
            .traceable
            .unwrap_or_else(|| Traceable::of(payment.means, more.psp)),
        payer: more.paid_by,
        credited: true,
        source: "import",
        origin: more.origin,
        raw: raw.as_bytes(),
    };
    let id = insert(tx, &new, now)?;
    if let Some(notice) = &notice {
        settled::give_way(tx, notice.id, more.receipt_key, id, now)?;
    }
    Ok(Some(NewEntry {
        day,
        debit: ledger::pagopa_account(tx)?,
        credit: account,
        amount: payment.amount,
        cause: Cause::Receipt(id),
    }))
}

/// Whether a row says of a payment no more than a settlement flow did, which credited it: what stands
/// here came back from an export. A row that knows who took it, or how, is the receipt.
fn says_what_a_flow_said(db: &Connection, more: &MoreOfPayment<'_>) -> Result<bool> {
    let more_is_known = !more.psp.is_empty()
        || more.paid_by.is_some()
        || more.traceable != Some(Traceable::Unknown);
    let Some(key) = more.receipt_key.filter(|_| !more_is_known) else {
        return Ok(false);
    };
    // Of a payment for several accounts, the rows after the first are numbered.
    let iur = key.rsplit_once('/').map_or(key, |(iur, _)| iur);
    Ok(settled::standing(db, iur, 1)?.is_some() || settled::standing(db, key, 1)?.is_some())
}

/// What the receipt with a key credited: the account, how much, for which day.
fn credited_as(db: &Connection, key: &str) -> Result<Option<(AccountId, Cents, Date)>> {
    let sql = "select e.credit_id, r.amount, e.day from receipt r
               join ledger_entry e on e.cause = 'receipt' and e.cause_id = r.id
               where r.receipt_key = ?1";
    Ok(db
        .prepare_cached(sql)?
        .query_row([key], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?)
}
