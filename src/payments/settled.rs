//! A payment that a settlement flow declares while its receipt has not come: the money is there, so it
//! is credited at once, flagged, with a cause of its own. The receipt takes its place: what the flow
//! credited is undone in the transaction that credits the receipt, so nothing is ever credited twice.

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::notices::{self, Notice, NoticeState};
use super::shares::{parts, shares};
use crate::base::{
    Actor, Cents, Date, EntryId, Error, Instant, NoticeId, Permission, ReceiptId, Result,
    SettledId, Text, day_of,
};
use crate::ledger::{self, Cause, NewEntry};

/// What a flow says of a payment.
#[derive(Clone, Copy, Debug)]
pub struct Declared<'a> {
    /// What its receipt will be called.
    pub iur: &'a str,
    /// Which of the payment's transfers, 1 to 5.
    pub transfer: u8,
    /// Cents, above zero.
    pub amount: Cents,
    /// The civil day of the payment.
    pub day: Date,
}

/// The actor in whose name the program undoes what a receipt replaces.
const PROGRAM: Actor = Actor::System("settlement");

/// Credits what a flow declares to its notice, once: `None` when this payment was credited before, by
/// a receipt, by this flow or by another one.
///
/// # Errors
/// The database's own failure.
pub fn credit_declared(
    tx: &Transaction<'_>,
    notice: &Notice,
    declared: &Declared<'_>,
    now: Instant,
) -> Result<Option<SettledId>> {
    let before = "select 1 from settled_payment where iur = ?1 and transfer = ?2";
    let known = tx
        .prepare_cached(before)?
        .exists((declared.iur, declared.transfer))?;
    if known || paid_by_receipt(tx, notice.id)? {
        return Ok(None);
    }
    tx.prepare_cached(
        "insert into settled_payment (iur, transfer, notice_id, amount, day, recorded_at)
         values (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute((
        declared.iur,
        declared.transfer,
        notice.id,
        declared.amount,
        declared.day,
        now,
    ))?;
    let id = SettledId(tx.last_insert_rowid());
    let pagopa = ledger::pagopa_account(tx)?;
    for (line, part) in (0..).zip(parts(&shares(tx, notice.id)?, notice, declared.amount)) {
        let entry = NewEntry {
            day: declared.day,
            debit: pagopa,
            credit: part.account,
            amount: part.amount,
            cause: Cause::Settlement(id),
        };
        ledger::post_line(tx, &entry, line, now)?;
    }
    notices::set_state(tx, notice.id, NoticeState::Paid, now)?;
    Ok(Some(id))
}

/// Whether a receipt has credited a notice.
///
/// # Errors
/// The database's own failure.
pub fn paid_by_receipt(db: &Connection, notice: NoticeId) -> Result<bool> {
    let sql = "select 1 from receipt where notice_id = ?1 and outcome = 'credited'";
    Ok(db.prepare_cached(sql)?.exists([notice])?)
}

/// The credit that a flow's payment gave and that still stands, if it does.
///
/// # Errors
/// The database's own failure.
pub fn standing(db: &Connection, iur: &str, transfer: u8) -> Result<Option<SettledId>> {
    let sql = "select p.id from settled_payment p where p.iur = ?1 and p.transfer = ?2
                 and not exists (select 1 from settled_payment_end e where e.settled_id = p.id)";
    let found = db
        .prepare_cached(sql)?
        .query_row((iur, transfer), |row| row.get(0));
    Ok(found.optional()?)
}

/// Whether a flow credited another payment of the notice than the one that a receipt is of: it was
/// paid twice.
///
/// # Errors
/// The database's own failure.
pub(super) fn paid_otherwise(db: &Connection, notice: NoticeId, iur: &str) -> Result<bool> {
    let sql = "select 1 from settled_payment p where p.notice_id = ?1 and p.iur <> ?2
                 and not exists (select 1 from settled_payment_end e where e.settled_id = p.id)";
    Ok(db.prepare_cached(sql)?.exists((notice, iur))?)
}

/// Undoes what flows credited to a notice: the receipt of that payment (`iur`) has come and is
/// credited instead. A payment of an earlier system, which has no such name, is taken for it.
pub(super) fn give_way(
    tx: &Transaction<'_>,
    notice: NoticeId,
    iur: Option<&str>,
    receipt: ReceiptId,
    now: Instant,
) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "select p.id, p.day from settled_payment p
         where p.notice_id = ?1 and p.iur = coalesce(?2, p.iur)
           and not exists (select 1 from settled_payment_end e where e.settled_id = p.id)",
    )?;
    let standing: Vec<(SettledId, Date)> = statement
        .query_map((notice, iur), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (id, day) in standing {
        let why = "la ricevuta è arrivata";
        // On its own day: no day, month or year ever counts the payment twice.
        reverse(tx, &PROGRAM, id, why, (day, now))?;
        tx.prepare_cached(
            "insert into settled_payment_end (settled_id, receipt_id, at) values (?1, ?2, ?3)",
        )?
        .execute((id, receipt, now))?;
    }
    Ok(())
}

/// Takes back what a flow credited: the payment was revoked, or never was. What the family owes stands
/// in the ledger again; its notice, which the platform takes for paid, is withdrawn.
///
/// # Errors
/// `Forbidden` for who is no accountant; a refusal when it was taken back or replaced before; a field
/// error without a reason.
pub fn take_back(
    tx: &Transaction<'_>,
    actor: &Actor,
    id: SettledId,
    reason: &str,
    now: Instant,
) -> Result<()> {
    let staff = match actor.staff() {
        Some(staff) if actor.may(Permission::Accounting) => staff.id,
        _ => return Err(Error::Forbidden),
    };
    let ended = "select 1 from settled_payment_end where settled_id = ?1";
    if tx.prepare_cached(ended)?.exists([id])? {
        return Err(Error::refused(Text::new("error-reversed-already")));
    }
    reverse(tx, actor, id, reason, (day_of(now), now))?;
    let notice = "select notice_id from settled_payment where id = ?1";
    let notice: NoticeId = tx
        .prepare_cached(notice)?
        .query_row([id], |row| row.get(0))?;
    notices::set_state(tx, notice, NoticeState::Cancelled, now)?;
    tx.prepare_cached(
        "insert into settled_payment_end (settled_id, reason, staff_id, at) values (?1, ?2, ?3, ?4)",
    )?
    .execute((id, reason, staff, now))?;
    Ok(())
}

fn reverse(
    tx: &Transaction<'_>,
    actor: &Actor,
    id: SettledId,
    reason: &str,
    (day, now): (Date, Instant),
) -> Result<()> {
    let sql = "select id from ledger_entry where cause = 'settlement' and cause_id = ?1
               order by cause_line";
    let mut statement = tx.prepare_cached(sql)?;
    let entries: Vec<EntryId> = statement
        .query_map([id], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for entry in entries {
        ledger::reverse(tx, actor, entry, reason, day, now)?;
    }
    Ok(())
}
