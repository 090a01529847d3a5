//! What moves money without a charge or a receipt: transfers between two accounts of a payer,
//! refunds, write-offs, and the reversal of a mistake. Each has a row that says who, when and why.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Transaction};
use serde_json::json;

use super::{Cause, NewEntry, account, comune_account, post};
use crate::base::{
    AccountId, Actor, Cents, Date, EntryId, Error, Instant, Permission, PublicId, RefundId, Result,
    StaffId, Text, TransferId, WriteOffId,
};
use crate::store::{self, AuditEvent};

/// Credit that is to go to another account of the same payer.
pub struct NewTransfer<'a> {
    /// Where it is.
    pub from: AccountId,
    /// Where it goes.
    pub to: AccountId,
    /// Cents, above zero and not above the credit.
    pub amount: Cents,
    /// The civil day that it counts for.
    pub day: Date,
    /// Why.
    pub reason: &'a str,
}

/// A debt that is to be given up, or a credit that is to be kept.
pub struct NewWriteOff<'a> {
    /// Whose.
    pub account: AccountId,
    /// Cents: above zero in the family's favour.
    pub amount: Cents,
    /// The civil day that it counts for.
    pub day: Date,
    /// Why; the family reads it.
    pub reason: &'a str,
}

/// What a statement says of a transfer or of a write-off beside its amount.
#[derive(Clone, Debug, Default)]
pub struct Moved {
    /// Child and service at the other end of a transfer.
    pub other: String,
    /// Why.
    pub reason: String,
}

/// Staff who handle money, or the program itself.
fn mover(actor: &Actor) -> Result<Option<StaffId>> {
    match actor {
        Actor::System(_) => Ok(None),
        _ if actor.may(Permission::Money) => Ok(actor.staff().map(|staff| staff.id)),
        _ => Err(Error::Forbidden),
    }
}

fn required(reason: &str) -> Result<&str> {
    match reason.trim() {
        "" => Err(Error::field("reason", Text::new("error-required"))),
        reason => Ok(reason),
    }
}

/// Moves credit to another account of the same payer.
///
/// # Errors
/// `Forbidden` for who handles no money; a refusal when the accounts have two payers or the credit
/// is smaller than the amount.
pub fn transfer(
    tx: &Transaction<'_>,
    actor: &Actor,
    new: &NewTransfer<'_>,
    now: Instant,
) -> Result<TransferId> {
    let (staff, reason) = (mover(actor)?, required(new.reason)?);
    let (from, to) = (account(tx, new.from)?, account(tx, new.to)?);
    if from.id == to.id || from.payer_id != to.payer_id {
        return Err(Error::refused(Text::new("error-transfer-accounts")));
    }
    if !new.amount.is_positive() || new.amount > from.balance {
        let text = Text::new("error-transfer-credit").with("credit", from.balance);
        return Err(Error::field("amount", text));
    }
    tx.prepare_cached(
        "insert into transfer (public_id, from_id, to_id, amount, day, reason, staff_id, recorded_at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute((
        PublicId::random()?,
        from.id,
        to.id,
        new.amount,
        new.day,
        reason,
        staff,
        now,
    ))?;
    let id = TransferId(tx.last_insert_rowid());
    let entry = NewEntry {
        day: new.day,
        debit: from.id,
        credit: to.id,
        amount: new.amount,
        cause: Cause::Transfer(id),
    };
    post(tx, &entry, now)?;
    let payload = json!({ "from": from.id, "to": to.id, "amount": new.amount, "reason": reason });
    log(
        tx,
        actor,
        ("transfer-credit", "transfer", id.0),
        payload,
        now,
    )?;
    Ok(id)
}

/// Gives up a debt or keeps a credit.
///
/// # Errors
/// `Forbidden` for who handles no money; a field error when there is less to write off.
pub fn write_off(
    tx: &Transaction<'_>,
    actor: &Actor,
    new: &NewWriteOff<'_>,
    now: Instant,
) -> Result<WriteOffId> {
    let (staff, reason) = (mover(actor)?, required(new.reason)?);
    let staff = staff.ok_or(Error::Forbidden)?;
    let family = account(tx, new.account)?;
    // Never more than there is, and only towards zero.
    let left = -family.balance;
    let towards_zero = new.amount.is_positive() == left.is_positive();
    if new.amount == Cents::ZERO || !towards_zero || new.amount.abs() > left.abs() {
        let text = Text::new("error-write-off-amount").with("balance", family.balance);
        return Err(Error::field("amount", text));
    }
    tx.prepare_cached(
        "insert into write_off (public_id, account_id, amount, day, reason, staff_id, recorded_at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute((
        PublicId::random()?,
        family.id,
        new.amount,
        new.day,
        reason,
        staff,
        now,
    ))?;
    let id = WriteOffId(tx.last_insert_rowid());
    let comune = comune_account(tx, "write_off", None)?;
    let (debit, credit) = if new.amount.is_positive() {
        (comune, family.id)
    } else {
        (family.id, comune)
    };
    let entry = NewEntry {
        day: new.day,
        debit,
        credit,
        amount: new.amount.abs(),
        cause: Cause::WriteOff(id),
    };
    post(tx, &entry, now)?;
    let payload = json!({ "account": family.id, "amount": new.amount, "reason": reason });
    log(tx, actor, ("write-off", "write_off", id.0), payload, now)?;
    Ok(id)
}

/// Posts money that was given back, on the day on which it was paid. The case itself is kept by
/// `refunds`, which decides and logs.
///
/// # Errors
/// When the refund was posted before.
pub fn refund(
    tx: &Transaction<'_>,
    id: RefundId,
    from: AccountId,
    amount: Cents,
    day: Date,
    now: Instant,
) -> Result<EntryId> {
    let entry = NewEntry {
        day,
        debit: from,
        credit: comune_account(tx, "refunds", None)?,
        amount,
        cause: Cause::Refund(id),
    };
    post(tx, &entry, now)
}

/// The entry that a cause posted, if it did.
///
/// # Errors
/// The database's own failure.
pub fn entry_of(db: &Connection, cause: Cause) -> Result<Option<EntryId>> {
    let sql = "select id from ledger_entry where cause = ?1 and cause_id = ?2 and cause_line = 0";
    Ok(db
        .prepare_cached(sql)?
        .query_row(cause.columns(), |row| row.get(0))
        .optional()?)
}

/// Undoes an entry by one the other way round.
///
/// # Errors
/// `Forbidden` for who handles no money; a refusal for an entry that was reversed before or is a
/// reversal itself.
pub fn reverse(
    tx: &Transaction<'_>,
    actor: &Actor,
    entry: EntryId,
    reason: &str,
    day: Date,
    now: Instant,
) -> Result<EntryId> {
    mover(actor)?;
    let reason = required(reason)?;
    let sql = "select debit_id, credit_id, amount, cause from ledger_entry where id = ?1";
    let (debit, credit, amount, cause): (AccountId, AccountId, Cents, String) =
        tx.prepare_cached(sql)?.query_row([entry], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?;
    if cause == "reversal" || entry_of(tx, Cause::Reversal(entry))?.is_some() {
        return Err(Error::refused(Text::new("error-reversed-already")));
    }
    let reversal = NewEntry {
        day,
        debit: credit,
        credit: debit,
        amount,
        cause: Cause::Reversal(entry),
    };
    let id = post(tx, &reversal, now)?;
    let payload = json!({ "reason": reason, "amount": amount });
    log(
        tx,
        actor,
        ("reverse-entry", "ledger_entry", entry.0),
        payload,
        now,
    )?;
    Ok(id)
}

fn log(
    tx: &Transaction<'_>,
    actor: &Actor,
    (action, subject, id): (&str, &str, i64),
    payload: serde_json::Value,
    now: Instant,
) -> Result<()> {
    let event = AuditEvent {
        action,
        subject,
        subject_id: Some(id),
        payload,
    };
    store::audit(tx, actor, now, &event)
}

/// What was given back out of an account up to a day and did not come back, oldest first.
///
/// # Errors
/// The database's own failure.
pub fn refunds_paid(db: &Connection, account: AccountId, to: Date) -> Result<Vec<(Date, Cents)>> {
    let mut statement = db.prepare_cached(
        "select e.day, e.amount from ledger_entry e
         where e.debit_id = ?1 and e.day <= ?2 and e.cause = 'refund' and not exists (
           select 1 from ledger_entry r where r.cause = 'reversal' and r.cause_id = e.id)
         order by e.day, e.id",
    )?;
    let rows = statement.query_map((account, to), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What a statement says of an account's transfers and write-offs in a period, by entry.
///
/// # Errors
/// The database's own failure.
pub fn moved_between(
    db: &Connection,
    account: AccountId,
    from: Date,
    to: Date,
) -> Result<HashMap<EntryId, Moved>> {
    let mut statement = db.prepare_cached(
        "select e.id, p.name || ' – ' || s.name, t.reason
         from transfer t join ledger_entry e on e.cause = 'transfer' and e.cause_id = t.id
         join account o on o.id = t.to_id join person p on p.id = o.child_id
         join service s on s.id = o.service_id
         where t.from_id = ?1 and t.day between ?2 and ?3
         union all
         select e.id, p.name || ' – ' || s.name, t.reason
         from transfer t join ledger_entry e on e.cause = 'transfer' and e.cause_id = t.id
         join account o on o.id = t.from_id join person p on p.id = o.child_id
         join service s on s.id = o.service_id
         where t.to_id = ?1 and t.day between ?2 and ?3
         union all
         select e.id, '', w.reason
         from write_off w join ledger_entry e on e.cause = 'write_off' and e.cause_id = w.id
         where w.account_id = ?1 and w.day between ?2 and ?3",
    )?;
    let rows = statement.query_map((account, from, to), |row| {
        let moved = Moved {
            other: row.get(1)?,
            reason: row.get(2)?,
        };
        Ok((row.get(0)?, moved))
    })?;
    // An account that sent to itself would be told twice; the table refuses that.
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Whether this folder itself moved that much on an account: what it exported comes back in a file
/// with the movement's own reference.
///
/// # Errors
/// The database's own failure.
pub fn moved_here(
    db: &Connection,
    account: AccountId,
    reference: &str,
    amount: Cents,
) -> Result<bool> {
    // The movement first, then its entry by its cause: the ledger grows without end.
    let sql = "select exists (
         select 1 from (
             select 'transfer' as cause, id from transfer where public_id = ?2
             union all select 'refund', id from refund where public_id = ?2
             union all select 'write_off', id from write_off where public_id = ?2
             union all select 'reversal', cast(substr(?2, 8) as integer) where ?2 glob 'storno-*') m
         cross join ledger_entry e on e.cause = m.cause and e.cause_id = m.id
         where e.amount = abs(?3) and ?1 = iif(?3 > 0, e.credit_id, e.debit_id))";
    Ok(db
        .prepare_cached(sql)?
        .query_row((account, reference, amount), |row| row.get(0))?)
}
