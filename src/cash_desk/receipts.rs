//! The receipts of the cash desk as they are read: by the office all, by a family its own.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Row, Transaction};
use serde::Serialize;
use serde_json::json;

use super::receipt_pdf::Printed;
use super::{Means, log, staff_with};
use crate::base::{
    AccountId, Actor, Cents, Date, DocumentId, EntryId, Error, Instant, Permission, PersonId,
    PublicId, ReceiptId, Result, StaffId, Text,
};
use crate::documents::{self, Document, NewUpload};
use crate::payments::NoticeNumber;
use crate::store::SealingKey;
use crate::{municipality, people};

/// A receipt of the cash desk.
#[derive(Clone, Debug, Serialize)]
pub struct DeskReceipt {
    /// Inside.
    #[serde(skip)]
    pub id: ReceiptId,
    /// Outside.
    pub public_id: PublicId,
    /// `12/2026`.
    pub number: String,
    /// Cents.
    pub amount: Cents,
    /// By which means.
    pub means: Means,
    /// The civil day on which the money came.
    pub received_on: Date,
    /// Number of the cheque, of the transfer …; may be empty.
    pub reference: String,
    /// Who paid, where it was not the payer.
    pub paid_by: Option<String>,
    /// Who took it.
    pub taken_by: String,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// Whose accounts.
    #[serde(skip)]
    pub payer_id: PersonId,
    /// Names the payer outside.
    pub payer_public: PublicId,
    /// Surname and name of the payer.
    pub payer: String,
    /// It was a mistake.
    pub cancelled: Option<Cancelled>,
}

/// How a receipt was cancelled.
#[derive(Clone, Debug, Serialize)]
pub struct Cancelled {
    /// The civil day.
    pub on: Date,
    /// Why.
    pub reason: String,
    /// By whom.
    pub by: String,
}

// The first entry names the payer: all accounts of a receipt are theirs.
const SELECT: &str = "select r.id, r.public_id, d.number || '/' || d.year, r.amount, d.means,
        d.received_on, d.reference, r.payer_name, s.name, r.received_at, a.payer_id, p.public_id,
        p.surname || ' ' || p.name, x.day, x.reason, t.name
    from cash_desk_receipt d join receipt r on r.id = d.receipt_id
    join staff s on s.id = d.staff_id
    join ledger_entry e on e.cause = 'receipt' and e.cause_id = d.receipt_id and e.cause_line = 0
    join account a on a.id = e.credit_id join person p on p.id = a.payer_id
    left join cash_desk_cancellation x on x.receipt_id = d.receipt_id
    left join staff t on t.id = x.staff_id";

fn read(row: &Row<'_>) -> rusqlite::Result<DeskReceipt> {
    let cancelled: Option<Date> = row.get(13)?;
    let cancelled = cancelled.map(|on| {
        Ok::<_, rusqlite::Error>(Cancelled {
            on,
            reason: row.get(14)?,
            by: row.get(15)?,
        })
    });
    Ok(DeskReceipt {
        id: row.get(0)?,
        public_id: row.get(1)?,
        number: row.get(2)?,
        amount: row.get(3)?,
        means: row.get(4)?,
        received_on: row.get(5)?,
        reference: row.get(6)?,
        paid_by: row.get(7)?,
        taken_by: row.get(8)?,
        recorded_at: row.get(9)?,
        payer_id: row.get(10)?,
        payer_public: row.get(11)?,
        payer: row.get(12)?,
        cancelled: cancelled.transpose()?,
    })
}

/// A receipt, for staff who handle money.
///
/// # Errors
/// `NotFound`.
pub fn receipt(db: &Connection, id: &PublicId) -> Result<DeskReceipt> {
    let sql = format!("{SELECT} where r.public_id = ?1");
    Ok(db.prepare_cached(&sql)?.query_row([id], read)?)
}

/// A receipt of the actor's.
///
/// # Errors
/// `NotFound`, also for somebody else's.
pub fn receipt_of_payer(db: &Connection, actor: &Actor, id: &PublicId) -> Result<DeskReceipt> {
    let found = receipt(db, id)?;
    match actor.person() == Some(found.payer_id) {
        true => Ok(found),
        false => Err(Error::NotFound),
    }
}

/// Which receipts are listed.
#[derive(Clone, Copy, Debug)]
pub struct Filter {
    /// Received from this day on.
    pub from: Date,
    /// Until this day.
    pub to: Date,
    /// By this means only.
    pub means: Option<Means>,
    /// Taken by this person only.
    pub taken_by: Option<StaffId>,
}

/// Receipts in the order of their numbers.
///
/// # Errors
/// The database's own failure.
pub fn receipts(db: &Connection, filter: &Filter) -> Result<Vec<DeskReceipt>> {
    let sql = format!(
        "{SELECT} where d.received_on between ?1 and ?2 and d.means = coalesce(?3, d.means)
           and d.staff_id = coalesce(?4, d.staff_id) order by d.year, d.number"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let of = (filter.from, filter.to, filter.means, filter.taken_by);
    let rows = statement.query_map(of, read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Who has ever taken money: id inside and outside, and name.
///
/// # Errors
/// The database's own failure.
pub fn takers(db: &Connection) -> Result<Vec<(StaffId, PublicId, String)>> {
    let mut statement = db.prepare_cached(
        "select s.id, s.public_id, s.name from staff s
         where exists (select 1 from cash_desk_receipt d where d.staff_id = s.id) order by s.name",
    )?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What a receipt pays on one account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Paid {
    /// Surname and name of the child.
    pub child: String,
    /// The service.
    pub service: String,
    /// Cents.
    pub amount: Cents,
}

/// All that a receipt says, for its page and its paper.
///
/// # Errors
/// The database's own failure.
pub fn printed(db: &Connection, of: &DeskReceipt) -> Result<Printed> {
    let mut statement = db.prepare_cached(
        "select c.surname || ' ' || c.name, s.name, e.amount from ledger_entry e
         join account a on a.id = e.credit_id join person c on c.id = a.child_id
         join service s on s.id = a.service_id
         where e.cause = 'receipt' and e.cause_id = ?1 order by e.cause_line",
    )?;
    let paid = statement.query_map([of.id], |row| {
        Ok(Paid {
            child: row.get(0)?,
            service: row.get(1)?,
            amount: row.get(2)?,
        })
    })?;
    let mut statement = db.prepare_cached(
        "select n.notice_number from cash_desk_notice w join payment_notice n on n.id = w.notice_id
         where w.receipt_id = ?1 order by n.id",
    )?;
    let withdrawn = statement.query_map([of.id], |row| row.get::<_, NoticeNumber>(0))?;
    let payer = people::person(db, of.payer_id)?;
    Ok(Printed {
        municipality: municipality::municipality(db)?.letterhead(),
        number: of.number.clone(),
        recorded_at: of.recorded_at,
        received_on: of.received_on,
        payer: payer.full_name(),
        fiscal_code: payer.fiscal_code.to_string(),
        paid_by: of.paid_by.clone().unwrap_or_default(),
        means: of.means,
        reference: of.reference.clone(),
        paid: paid.collect::<rusqlite::Result<_>>()?,
        total: of.amount,
        withdrawn: withdrawn
            .map(|number| Ok(number?.grouped()))
            .collect::<Result<_>>()?,
        taken_by: of.taken_by.clone(),
        cancelled: of.cancelled.as_ref().map(|c| (c.on, c.reason.clone())),
    })
}

/// What a statement says of an entry of the cash desk, or of its reversal.
#[derive(Clone, Debug)]
pub struct DeskLine {
    /// Names the receipt outside.
    pub receipt: PublicId,
    /// `12/2026`.
    pub number: String,
}

/// The entries of an account that the cash desk made, and their reversals.
///
/// # Errors
/// The database's own failure.
pub fn lines_of_account(db: &Connection, account: AccountId) -> Result<HashMap<EntryId, DeskLine>> {
    let mut statement = db.prepare_cached(
        "select e.id, u.id, r.public_id, d.number || '/' || d.year from ledger_entry e
         cross join cash_desk_receipt d on d.receipt_id = e.cause_id
         join receipt r on r.id = d.receipt_id
         left join ledger_entry u on u.cause = 'reversal' and u.cause_id = e.id
         where e.credit_id = ?1 and e.cause = 'receipt'",
    )?;
    let mut rows = statement.query([account])?;
    let mut lines = HashMap::new();
    while let Some(row) = rows.next()? {
        let line = DeskLine {
            receipt: row.get(2)?,
            number: row.get(3)?,
        };
        let reversal: Option<EntryId> = row.get(1)?;
        lines.extend(reversal.map(|reversal| (reversal, line.clone())));
        lines.insert(row.get(0)?, line);
    }
    Ok(lines)
}

/// The scanned proof of a receipt, if there is one.
///
/// # Errors
/// The database's own failure.
pub fn scan(db: &Connection, of: &DeskReceipt) -> Result<Option<Document>> {
    let sql = "select document_id from cash_desk_scan where receipt_id = ?1";
    let found: Option<DocumentId> = db
        .prepare_cached(sql)?
        .query_row([of.id], |row| row.get(0))
        .optional()?;
    found.map(|id| documents::document(db, id)).transpose()
}

/// Puts a scan of the proof beside a receipt, once.
///
/// # Errors
/// `Forbidden` for who is no cashier; a field error for a file that is none; a refusal when there is
/// a scan already.
pub fn attach_scan(
    tx: &Transaction<'_>,
    key: &SealingKey,
    actor: &Actor,
    of: &DeskReceipt,
    upload: &NewUpload,
    now: Instant,
) -> Result<()> {
    staff_with(actor, Permission::Cashier)?;
    if scan(tx, of)?.is_some() {
        return Err(Error::conflict(Text::new("error-cash-desk-scanned")));
    }
    let document = documents::store_upload(tx, key, upload, now)?;
    tx.prepare_cached("insert into cash_desk_scan (receipt_id, document_id) values (?1, ?2)")?
        .execute((of.id, document.id))?;
    let payload = json!({ "number": of.number, "document": document.public_id });
    log(
        tx,
        actor,
        ("scan-cash-desk-proof", "receipt", of.id.0),
        payload,
        now,
    )
}
