//! Receipts as they are shown: what a family paid, what the office looks for.

use std::collections::BTreeMap;

use rusqlite::{Connection, Row};
use serde::Serialize;

use super::NoticeNumber;
use super::notices::Notice;
use super::traceable::Traceable;
use crate::base::{
    AccountId, Actor, Cents, Date, EntryId, Error, Instant, PersonId, PublicId, ReceiptId, Result,
    day_of,
};
use crate::ledger;

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
    /// The earlier system that took it; empty for our own.
    pub origin: String,
    /// The comune's own cash desk took it: there is a receipt to print.
    pub at_desk: bool,
    /// It was a mistake of the cash desk, and was undone.
    pub cancelled: bool,
    /// The account that it was credited to.
    #[serde(skip)]
    pub account_id: AccountId,
    /// The child.
    pub child: String,
    /// The service.
    pub service: String,
}

// What a bill asked for several children comes as one receipt: each account has its part of it.
const PAYMENT: &str = "select r.id, r.public_id, n.public_id, r.notice_number, r.paid_at, e.amount,
        iif(n.amount <> r.amount, n.amount, null), r.psp, r.means, r.traceable, r.payer_name, r.payer_code, a.id,
        c.surname || ' ' || c.name, s.name, r.origin, r.source = 'cash_desk', u.id is not null,
        e.id";
const OF_ENTRY: &str = "join receipt r on r.id = e.cause_id
    left join ledger_entry u on u.cause = 'reversal' and u.cause_id = e.id
    left join payment_notice n on n.id = r.notice_id
    join person c on c.id = a.child_id
    join service s on s.id = a.service_id";
const OF_ACCOUNT: &str =
    "from account a join ledger_entry e on e.credit_id = a.id and e.cause = 'receipt'";

fn payment(row: &Row<'_>) -> rusqlite::Result<Payment> {
    let reference: String = row.get(3)?;
    let (paid_at, amount) = (row.get(4)?, row.get(5)?);
    let asked: Option<Cents> = row.get(6)?;
    let paid_by: (Option<String>, Option<String>) = (row.get(10)?, row.get(11)?);
    Ok(Payment {
        id: row.get(0)?,
        public_id: row.get(1)?,
        notice: row.get(2)?,
        reference: match NoticeNumber::parse(&reference) {
            Ok(number) => number.grouped(),
            Err(_) => reference,
        },
        paid_at,
        day: day_of(paid_at),
        amount,
        asked,
        psp: row.get(7)?,
        means: row.get(8)?,
        traceable: row.get(9)?,
        paid_by: paid_by.0.zip(paid_by.1),
        account_id: row.get(12)?,
        child: row.get(13)?,
        service: row.get(14)?,
        origin: row.get(15)?,
        at_desk: row.get(16)?,
        cancelled: row.get(17)?,
    })
}

/// What was paid into the actor's accounts, newest first.
///
/// # Errors
/// `Forbidden` for who is no citizen.
pub fn payments_of(db: &Connection, actor: &Actor, limit: u32) -> Result<Vec<Payment>> {
    let payer = actor.person().ok_or(Error::Forbidden)?;
    let sql = format!(
        "{PAYMENT} {OF_ACCOUNT} {OF_ENTRY} where a.kind = 'family' and a.payer_id = ?1
         order by r.paid_at desc, r.id desc limit ?2"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map((payer, limit), payment)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What was paid into an account between two days, both included, oldest first. What was undone was
/// not paid; what was moved was paid where it was moved to, on the day on which it was paid.
///
/// # Errors
/// The database's own failure.
pub fn payments_into(
    db: &Connection,
    account: AccountId,
    from: Date,
    to: Date,
) -> Result<Vec<Payment>> {
    let there: BTreeMap<EntryId, Cents> = ledger::receipts_on(db, account, from, to)?
        .into_iter()
        .collect();
    let ids: Vec<&EntryId> = there.keys().collect();
    let ids = serde_json::to_string(&ids).map_err(Error::internal)?;
    let sql = format!(
        "{PAYMENT} from json_each(?1) j cross join ledger_entry e on e.id = j.value
         cross join account a on a.id = e.credit_id {OF_ENTRY}
         order by r.paid_at, r.id"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map([ids], |row| Ok((row.get::<_, EntryId>(18)?, payment(row)?)))?;
    let mut all = Vec::new();
    for row in rows {
        let (entry, payment) = row?;
        all.push(Payment {
            amount: there.get(&entry).copied().unwrap_or(payment.amount),
            account_id: account,
            ..payment
        });
    }
    Ok(all)
}

/// What a receipt credited to a payer, each account apart, and the receipt's key; empty where it
/// credited nothing of theirs.
///
/// # Errors
/// `NotFound` for a receipt that nobody knows.
pub(super) fn payments_of_receipt(
    db: &Connection,
    payer: PersonId,
    receipt: &PublicId,
) -> Result<(String, Vec<Payment>)> {
    let (id, key): (ReceiptId, String) = db
        .prepare_cached("select id, receipt_key from receipt where public_id = ?1")?
        .query_row([receipt], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let sql = format!(
        "{PAYMENT} from ledger_entry e join account a on a.id = e.credit_id {OF_ENTRY}
         where e.cause = 'receipt' and e.cause_id = ?1 and a.kind = 'family' and a.payer_id = ?2
         order by e.cause_line"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map((id, payer), payment)?;
    Ok((key, rows.collect::<rusqlite::Result<_>>()?))
}

/// A second payment of a notice that was paid already: the office looks at it.
#[derive(Clone, Debug, Serialize)]
pub struct Doubled {
    /// 18 digits in groups of four.
    pub reference: String,
    /// When it was paid.
    pub paid_at: Instant,
    /// The civil day of that, in Rome.
    pub day: Date,
    /// Cents.
    pub amount: Cents,
    /// Who took it.
    pub psp: String,
}

/// The payments of the actor's notices that wait in suspense, newest first.
///
/// # Errors
/// `Forbidden` for who is no citizen.
pub fn doubled_of(db: &Connection, actor: &Actor) -> Result<Vec<Doubled>> {
    let payer = actor.person().ok_or(Error::Forbidden)?;
    let mut statement = db.prepare_cached(
        "select r.notice_number, r.paid_at, r.amount, r.psp from receipt r
         join payment_notice n on n.id = r.notice_id
         where r.outcome = 'suspense' and n.payer_id = ?1
           and not exists (select 1 from receipt_placement p where p.receipt_id = r.id)
         order by r.id desc",
    )?;
    let rows = statement.query_map([payer], |row| {
        let (number, paid_at): (String, Instant) = (row.get(0)?, row.get(1)?);
        Ok(Doubled {
            reference: match NoticeNumber::parse(&number) {
                Ok(number) => number.grouped(),
                Err(_) => number,
            },
            paid_at,
            day: day_of(paid_at),
            amount: row.get(2)?,
            psp: row.get(3)?,
        })
    })?;
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
    /// `gateway`, `import` or `cash_desk`.
    pub source: String,
    /// It was a mistake of the cash desk, and was undone.
    pub cancelled: bool,
    /// When it came.
    pub received_at: Instant,
}

// The account is that of the entry, or of the notice for a receipt in suspense.
const RECEIPT: &str =
    "select r.public_id, r.receipt_key, r.notice_number, r.paid_at, r.amount, n.amount,
        r.psp, r.means, r.traceable, r.outcome = 'credited' or e.id is not null, r.notice_id is not null,
        coalesce(p.surname || ' ' || p.name, ''), coalesce(l.fiscal_code, ''),
        coalesce(c.surname || ' ' || c.name, ''), coalesce(s.name, ''), r.source, r.received_at,
        u.id is not null
    from receipt r
    left join payment_notice n on n.id = r.notice_id
    left join ledger_entry e on e.cause = 'receipt' and e.cause_id = r.id and e.cause_line = 0
    left join ledger_entry u on u.cause = 'reversal' and u.cause_id = e.id
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
        cancelled: row.get(17)?,
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
    let sql = format!(
        "{RECEIPT} where r.outcome = 'suspense' and not exists (
           select 1 from receipt_placement x where x.receipt_id = r.id)
         order by r.id desc limit ?1"
    );
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
