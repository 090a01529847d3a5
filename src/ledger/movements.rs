//! What moves money without a charge or a receipt: transfers between two accounts of a payer,
//! refunds, write-offs, and the reversal of a mistake. Each has a row that says who, when and why.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Transaction};
use serde_json::json;

use super::movable::{movable, promised};
use super::{Cause, NewEntry, account, comune_account, moved_receipts, post};
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

/// What a statement says of a transfer or of a write-off, or of its reversal, beside the amount.
#[derive(Clone, Debug)]
pub struct Moved {
    /// Names the transfer or the write-off outside.
    pub public_id: PublicId,
    /// It was undone.
    pub reversed: bool,
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
    mover(actor)?;
    let credit = account(tx, new.from)?.balance - promised(tx, new.from)?;
    if !new.amount.is_positive() || new.amount > credit {
        let text = Text::new("error-transfer-credit").with("credit", credit);
        return Err(Error::field("amount", text));
    }
    moves(tx, actor, new, now)
}

/// Moves what was paid on an account to where it belongs: another account of the same payer. Also
/// where charges have used it up meanwhile, so that the first account may owe again.
///
/// # Errors
/// Those of [`transfer`], with what [`movable`] says for the credit.
pub fn move_payment(
    tx: &Transaction<'_>,
    actor: &Actor,
    new: &NewTransfer<'_>,
    now: Instant,
) -> Result<TransferId> {
    mover(actor)?;
    let most = movable(tx, new.from)?;
    if !new.amount.is_positive() || new.amount > most {
        let text = Text::new("error-transfer-paid").with("most", most);
        return Err(Error::field("amount", text));
    }
    let id = moves(tx, actor, new, now)?;
    moved_receipts::mark(tx, id, new.from, new.amount)?;
    Ok(id)
}

fn moves(
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
    let free = family.balance - promised(tx, family.id)?;
    let left = if family.balance.is_positive() {
        -free.max(Cents::ZERO)
    } else {
        -family.balance
    };
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

/// A transfer or a write-off, to look at it and to undo it.
#[derive(Clone, Debug)]
pub struct Movement {
    /// Its entry.
    pub entry: EntryId,
    /// Where the credit was, or whose the write-off is.
    pub account: AccountId,
    /// Where a transfer's credit went.
    pub other: Option<AccountId>,
    /// Cents: above zero the account was credited by it.
    pub amount: Cents,
    /// The civil day that it counts for.
    pub day: Date,
    /// Why.
    pub reason: String,
    /// Who did it; empty for the program.
    pub staff: String,
    /// It was undone before.
    pub reversed: bool,
}

/// A transfer or a write-off by its public id, for staff who handle money.
///
/// # Errors
/// `NotFound`.
pub fn movement(db: &Connection, id: &PublicId) -> Result<Movement> {
    let sql = "with moves (cause, id, account_id, other_id, amount, day, reason, staff_id) as (
           select 'transfer', id, from_id, to_id, -amount, day, reason, staff_id
           from transfer where public_id = ?1
           union all
           select 'write_off', id, account_id, null, amount, day, reason, staff_id
           from write_off where public_id = ?1)
         select e.id, m.account_id, m.other_id, m.amount, m.day, m.reason, coalesce(s.name, ''),
           exists (select 1 from ledger_entry r where r.cause = 'reversal' and r.cause_id = e.id)
         from moves m cross join ledger_entry e on e.cause = m.cause and e.cause_id = m.id
         left join staff s on s.id = m.staff_id";
    Ok(db.prepare_cached(sql)?.query_row([id], |row| {
        Ok(Movement {
            entry: row.get(0)?,
            account: row.get(1)?,
            other: row.get(2)?,
            amount: row.get(3)?,
            day: row.get(4)?,
            reason: row.get(5)?,
            staff: row.get(6)?,
            reversed: row.get(7)?,
        })
    })?)
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

/// What a statement says of an account's transfers and write-offs and of their reversals, by entry.
///
/// # Errors
/// The database's own failure.
pub fn moved(db: &Connection, account: AccountId) -> Result<HashMap<EntryId, Moved>> {
    let mut statement = db.prepare_cached(
        "with moves (cause, id, public_id, other_id, reason) as (
           select 'transfer', id, public_id, to_id, reason from transfer where from_id = ?1
           union all
           select 'transfer', id, public_id, from_id, reason from transfer where to_id = ?1
           union all
           select 'write_off', id, public_id, null, reason from write_off where account_id = ?1)
         select e.id, r.id, m.public_id, coalesce(p.name || ' – ' || s.name, ''), m.reason
         from moves m cross join ledger_entry e on e.cause = m.cause and e.cause_id = m.id
         left join ledger_entry r on r.cause = 'reversal' and r.cause_id = e.id
         left join account o on o.id = m.other_id left join person p on p.id = o.child_id
         left join service s on s.id = o.service_id",
    )?;
    let mut rows = statement.query([account])?;
    let mut all = HashMap::new();
    while let Some(row) = rows.next()? {
        let reversal: Option<EntryId> = row.get(1)?;
        let moved = Moved {
            public_id: row.get(2)?,
            reversed: reversal.is_some(),
            other: row.get(3)?,
            reason: row.get(4)?,
        };
        all.extend(reversal.map(|reversal| (reversal, moved.clone())));
        all.insert(row.get(0)?, moved);
    }
    Ok(all)
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
