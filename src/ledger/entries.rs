//! Reading an account line by line: what statements and attestations are made of.

use rusqlite::{Connection, Row};

use super::Cause;
use crate::base::{
    AccountId, Cents, ChargeId, Date, EntryId, Error, Instant, ReceiptId, RefundId, Result,
    SettledId, TransferId, WriteOffId,
};

/// One entry, seen from one of its two accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountEntry {
    /// The entry.
    pub id: EntryId,
    /// The account it is seen from.
    pub account: AccountId,
    /// The civil day that it counts for.
    pub day: Date,
    /// When it was posted.
    pub posted_at: Instant,
    /// Credited minus debited: above zero in the family's favour.
    pub amount: Cents,
    /// Why it is there.
    pub cause: Cause,
}

/// What an account was debited and credited in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Turnover {
    /// The sum of debits.
    pub debited: Cents,
    /// The sum of credits.
    pub credited: Cents,
}

fn read(row: &Row<'_>) -> rusqlite::Result<(AccountEntry, String, i64)> {
    let entry = AccountEntry {
        id: row.get(0)?,
        account: row.get(1)?,
        day: row.get(2)?,
        posted_at: row.get(3)?,
        amount: row.get(4)?,
        cause: Cause::Opening(0),
    };
    Ok((entry, row.get(5)?, row.get(6)?))
}

fn cause(kind: &str, id: i64) -> Result<Cause> {
    match kind {
        "charge" => Ok(Cause::Charge(ChargeId(id))),
        "receipt" => Ok(Cause::Receipt(ReceiptId(id))),
        "opening" => Ok(Cause::Opening(id)),
        "reversal" => Ok(Cause::Reversal(EntryId(id))),
        "transfer" => Ok(Cause::Transfer(TransferId(id))),
        "refund" => Ok(Cause::Refund(RefundId(id))),
        "write_off" => Ok(Cause::WriteOff(WriteOffId(id))),
        "settlement" => Ok(Cause::Settlement(SettledId(id))),
        other => Err(Error::Internal(format!("an entry has the cause `{other}`"))),
    }
}

/// The entries of an account whose day is in a period, both ends included, by day and posting.
///
/// # Errors
/// The database's own failure.
pub fn entries(
    db: &Connection,
    account: AccountId,
    from: Date,
    to: Date,
) -> Result<Vec<AccountEntry>> {
    let mut statement = db.prepare_cached(
        "select id, credit_id, day, posted_at, amount, cause, cause_id from ledger_entry
         where credit_id = ?1 and day between ?2 and ?3
         union all
         select id, debit_id, day, posted_at, -amount, cause, cause_id from ledger_entry
         where debit_id = ?1 and day between ?2 and ?3
         order by 3, 1",
    )?;
    let rows = statement.query_map((account, from, to), read)?;
    rows.map(|row| {
        let (entry, kind, id) = row?;
        Ok(AccountEntry {
            cause: cause(&kind, id)?,
            ..entry
        })
    })
    .collect()
}

/// The balance of an account at the beginning of a day: the sum of the entries of earlier days.
///
/// # Errors
/// The database's own failure.
pub fn balance_before(db: &Connection, account: AccountId, day: Date) -> Result<Cents> {
    let sql = "select (select coalesce(sum(amount), 0) from ledger_entry where credit_id = ?1 and day < ?2)
                    - (select coalesce(sum(amount), 0) from ledger_entry where debit_id = ?1 and day < ?2)";
    Ok(db
        .prepare_cached(sql)?
        .query_row((account, day), |row| row.get(0))?)
}

/// The entries after a given one in the order of posting, each with the family's account that it
/// charged, if it did: for who goes on where they stopped.
///
/// # Errors
/// The database's own failure.
pub fn charged_after(
    db: &Connection,
    after: EntryId,
    limit: u32,
) -> Result<Vec<(EntryId, Option<AccountId>)>> {
    let mut statement = db.prepare_cached(
        "select e.id, case when e.cause = 'charge' and a.kind = 'family' then a.id end
         from ledger_entry e join account a on a.id = e.debit_id
         where e.id > ?1 order by e.id limit ?2",
    )?;
    let rows = statement.query_map((after, limit), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The balance of an account after each of its entries, in the order of posting.
///
/// # Errors
/// The database's own failure.
pub fn running_balance(db: &Connection, account: AccountId) -> Result<Vec<(EntryId, Cents)>> {
    let mut statement = db.prepare_cached(
        "select id, amount from ledger_entry where credit_id = ?1
         union all
         select id, -amount from ledger_entry where debit_id = ?1
         order by 1",
    )?;
    let rows = statement.query_map([account], |row| {
        Ok((row.get::<_, EntryId>(0)?, row.get::<_, Cents>(1)?))
    })?;
    let mut balance = Cents::ZERO;
    rows.map(|row| {
        let (entry, change) = row?;
        balance += change;
        Ok((entry, balance))
    })
    .collect()
}

/// What an account was debited and credited in all.
///
/// # Errors
/// The database's own failure.
pub fn turnover(db: &Connection, account: AccountId) -> Result<Turnover> {
    let sql = "select (select coalesce(sum(amount), 0) from ledger_entry where debit_id = ?1),
                      (select coalesce(sum(amount), 0) from ledger_entry where credit_id = ?1)";
    Ok(db.prepare_cached(sql)?.query_row([account], |row| {
        Ok(Turnover {
            debited: row.get(0)?,
            credited: row.get(1)?,
        })
    })?)
}

/// The first and the last day on which an account has entries.
///
/// # Errors
/// The database's own failure.
pub fn first_and_last_day(db: &Connection, account: AccountId) -> Result<Option<(Date, Date)>> {
    // Four seeks in the two indices instead of a walk through all entries.
    let sql = "select min(coalesce(d.first, c.first), coalesce(c.first, d.first)),
                      max(coalesce(d.last, c.last), coalesce(c.last, d.last))
               from (select (select min(day) from ledger_entry where debit_id = ?1) as first,
                            (select max(day) from ledger_entry where debit_id = ?1) as last) d,
                    (select (select min(day) from ledger_entry where credit_id = ?1) as first,
                            (select max(day) from ledger_entry where credit_id = ?1) as last) c";
    let (first, last): (Option<Date>, Option<Date>) = db
        .prepare_cached(sql)?
        .query_row([account], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(first.zip(last))
}
