//! Receipts: the only way by which money paid through pagoPA enters the ledger. One receipt gives
//! one credit, whatever is replayed, reordered, sent twice at once or cut by a crash (DESIGN 6.3).

use rusqlite::{Connection, OptionalExtension, Row, Transaction};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::notices::{self, Notice, NoticeState};
use super::rt::RawReceipt;
use super::traceable::Traceable;
use crate::base::{
    AccountId, Actor, Cents, Date, Error, Instant, NoticeId, PersonId, PublicId, ReceiptId, Result,
    ServiceId, Text, day_of,
};
use crate::ledger::{self, Cause, NewEntry};
use crate::{municipality, people};

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

/// A payment that was credited, as families and attestations see it.
#[derive(Clone, Debug, Serialize)]
pub struct Payment {
    /// The receipt, inside.
    #[serde(skip)]
    pub id: ReceiptId,
    /// The receipt, outside.
    pub public_id: PublicId,
    /// The notice that it paid; none for imported payments.
    pub notice: Option<PublicId>,
    /// 18 digits in groups of four, or the reference of an imported payment.
    pub reference: String,
    /// When it was paid.
    pub paid_at: Instant,
    /// The civil day of that, in Rome.
    pub day: Date,
    /// Cents.
    pub amount: Cents,
    /// What the notice asked for, where that was something else.
    pub asked: Option<Cents>,
    /// Who took it.
    pub psp: String,
    /// By which means; empty when nobody knows.
    pub means: String,
    /// Whether it can be deducted.
    pub traceable: Traceable,
    /// Who really paid, when the receipt says so: name and fiscal code.
    #[serde(skip)]
    pub paid_by: Option<(String, String)>,
    /// The account that it was credited to.
    #[serde(skip)]
    pub account_id: AccountId,
    /// The child.
    pub child: String,
    /// The service.
    pub service: String,
}

const PAYMENT: &str = "select r.id, r.public_id, n.public_id, r.notice_number, r.paid_at, r.amount,
        n.amount, r.psp, r.means, r.traceable, r.payer_name, r.payer_code, a.id,
        c.surname || ' ' || c.name, s.name
    from account a
    join ledger_entry e on e.credit_id = a.id and e.cause = 'receipt'
    join receipt r on r.id = e.cause_id
    left join payment_notice n on n.id = r.notice_id
    join person c on c.id = a.child_id
    join service s on s.id = a.service_id";

fn payment(row: &Row<'_>) -> rusqlite::Result<Payment> {
    let reference: String = row.get(3)?;
    let (paid_at, amount) = (row.get(4)?, row.get(5)?);
    let asked: Option<Cents> = row.get(6)?;
    let paid_by: (Option<String>, Option<String>) = (row.get(10)?, row.get(11)?);
    Ok(Payment {
        id: row.get(0)?,
        public_id: row.get(1)?,
        notice: row.get(2)?,
        reference: match super::NoticeNumber::parse(&reference) {
            Ok(number) => number.grouped(),
            Err(_) => reference,
        },
        paid_at,
        day: day_of(paid_at),
        amount,
        asked: asked.filter(|asked| *asked != amount),
        psp: row.get(7)?,
        means: row.get(8)?,
        traceable: row.get(9)?,
        paid_by: paid_by.0.zip(paid_by.1),
        account_id: row.get(12)?,
        child: row.get(13)?,
        service: row.get(14)?,
    })
}

/// What was paid into the actor's accounts, newest first.
///
/// # Errors
/// `Forbidden` for who is no citizen.
pub fn payments_of(db: &Connection, actor: &Actor, limit: u32) -> Result<Vec<Payment>> {
    let payer = actor.person().ok_or(Error::Forbidden)?;
    let sql = format!(
        "{PAYMENT} where a.kind = 'family' and a.payer_id = ?1
         order by r.paid_at desc, r.id desc limit ?2"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map((payer, limit), payment)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What was paid into an account between two days, both included, oldest first.
///
/// # Errors
/// The database's own failure.
pub fn payments_into(
    db: &Connection,
    account: AccountId,
    from: Date,
    to: Date,
) -> Result<Vec<Payment>> {
    let sql =
        format!("{PAYMENT} where a.id = ?1 and e.day between ?2 and ?3 order by r.paid_at, r.id");
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map((account, from, to), payment)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The calendar years in which something was paid into a payer's accounts, newest first.
///
/// # Errors
/// The database's own failure.
pub fn years_with_payments(db: &Connection, payer: PersonId) -> Result<Vec<i16>> {
    let mut statement = db.prepare_cached(
        "select distinct cast(substr(e.day, 1, 4) as integer) from account a
         join ledger_entry e on e.credit_id = a.id and e.cause = 'receipt'
         where a.kind = 'family' and a.payer_id = ?1 order by 1 desc",
    )?;
    let rows = statement.query_map([payer], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A receipt as the office sees it.
#[derive(Clone, Debug, Serialize)]
pub struct ReceiptRow {
    /// Outside.
    pub public_id: PublicId,
    /// `receiptId`.
    pub key: String,
    /// As it came.
    pub notice_number: String,
    /// When it was paid.
    pub paid_at: Instant,
    /// Cents.
    pub amount: Cents,
    /// What the notice asked for, where there is one.
    pub asked: Option<Cents>,
    /// Who took it.
    pub psp: String,
    /// By which means.
    pub means: String,
    /// Whether it can be deducted.
    pub traceable: Traceable,
    /// Whether it was credited.
    pub credited: bool,
    /// Whether the notice is known: a receipt in suspense without one is not ours or unknown.
    pub known_notice: bool,
    /// The intestatario: surname and name; empty when nobody knows.
    pub payer: String,
    /// Their fiscal code.
    pub payer_code: String,
    /// The child.
    pub child: String,
    /// The service.
    pub service: String,
    /// `gateway` or `import`.
    pub source: String,
    /// When it came.
    pub received_at: Instant,
}

// The account is that of the entry, or of the notice for a receipt in suspense.
const RECEIPT: &str =
    "select r.public_id, r.receipt_key, r.notice_number, r.paid_at, r.amount, n.amount,
        r.psp, r.means, r.traceable, r.outcome = 'credited', r.notice_id is not null,
        coalesce(p.surname || ' ' || p.name, ''), coalesce(l.fiscal_code, ''),
        coalesce(c.surname || ' ' || c.name, ''), coalesce(s.name, ''), r.source, r.received_at
    from receipt r
    left join payment_notice n on n.id = r.notice_id
    left join ledger_entry e on e.cause = 'receipt' and e.cause_id = r.id and e.cause_line = 0
    left join account a on a.id = coalesce(e.credit_id, n.account_id)
    left join person p on p.id = a.payer_id
    left join identity_link l on l.person_id = p.id and l.current = 1
    left join person c on c.id = a.child_id
    left join service s on s.id = a.service_id";

fn receipt_row(row: &Row<'_>) -> rusqlite::Result<ReceiptRow> {
    Ok(ReceiptRow {
        public_id: row.get(0)?,
        key: row.get(1)?,
        notice_number: row.get(2)?,
        paid_at: row.get(3)?,
        amount: row.get(4)?,
        asked: row.get(5)?,
        psp: row.get(6)?,
        means: row.get(7)?,
        traceable: row.get(8)?,
        credited: row.get(9)?,
        known_notice: row.get(10)?,
        payer: row.get(11)?,
        payer_code: row.get(12)?,
        child: row.get(13)?,
        service: row.get(14)?,
        source: row.get(15)?,
        received_at: row.get(16)?,
    })
}

fn receipt_rows(
    db: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
) -> Result<Vec<ReceiptRow>> {
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map(values, receipt_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The receipts of a period by moment of payment, newest first: both ends included.
///
/// # Errors
/// The database's own failure.
pub fn receipts_between(
    db: &Connection,
    from: Date,
    to: Date,
    limit: u32,
) -> Result<Vec<ReceiptRow>> {
    let start = Instant::from_rome(from.at(0, 0, 0, 0));
    let end = Instant::from_rome(to.tomorrow().unwrap_or(to).at(0, 0, 0, 0));
    let sql = format!(
        "{RECEIPT} where r.paid_at >= ?1 and r.paid_at < ?2
         order by r.paid_at desc, r.id desc limit ?3"
    );
    receipt_rows(db, &sql, (start, end, limit))
}

/// The receipts that wait for the office, newest first.
///
/// # Errors
/// The database's own failure.
pub fn receipts_in_suspense(db: &Connection, limit: u32) -> Result<Vec<ReceiptRow>> {
    let sql = format!("{RECEIPT} where r.outcome = 'suspense' order by r.id desc limit ?1");
    receipt_rows(db, &sql, [limit])
}

/// The receipts of one notice.
///
/// # Errors
/// The database's own failure.
pub fn receipts_of_notice(db: &Connection, notice: &Notice) -> Result<Vec<ReceiptRow>> {
    let sql = format!("{RECEIPT} where r.notice_id = ?1 order by r.id");
    receipt_rows(db, &sql, [notice.id])
}

/// The credited receipts of one payer, newest first, for staff.
///
/// # Errors
/// The database's own failure.
pub fn receipts_of_payer(db: &Connection, payer: PersonId, limit: u32) -> Result<Vec<ReceiptRow>> {
    let sql = format!(
        "{RECEIPT} where r.id in (
           select e.cause_id from account a
           join ledger_entry e on e.credit_id = a.id and e.cause = 'receipt'
           where a.kind = 'family' and a.payer_id = ?1)
         order by r.paid_at desc, r.id desc limit ?2"
    );
    receipt_rows(db, &sql, (payer, limit))
}
