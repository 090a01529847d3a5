//! How much of an account can be moved away.

use rusqlite::Connection;

use super::account;
use crate::base::{AccountId, Cents, Result};

/// What of an account's credit an approved refund will give back, in cents: the decision has promised
/// it, and it is not moved away.
///
/// # Errors
/// The database's own failure.
pub fn promised(db: &Connection, of: AccountId) -> Result<Cents> {
    let sql = "select coalesce(sum(amount), 0) from refund
               where account_id = ?1 and state in ('asked', 'approved', 'listed') and state <> 'asked'";
    Ok(db.prepare_cached(sql)?.query_row([of], |row| row.get(0))?)
}

/// How much can be moved away from an account: its credit, or what was paid on it, moved to it and
/// neither moved on nor given back, if that is more. With a refund approved, the credit beside it.
///
/// # Errors
/// The database's own failure.
pub fn movable(db: &Connection, of: AccountId) -> Result<Cents> {
    let sql = "with touching as (
           select amount, cause, cause_id from ledger_entry where credit_id = ?1
           union all
           select -amount, cause, cause_id from ledger_entry where debit_id = ?1)
         select coalesce(sum(t.amount), 0)
         from touching t left join ledger_entry o on t.cause = 'reversal' and o.id = t.cause_id
         where coalesce(o.cause, t.cause) in ('receipt', 'settlement', 'transfer', 'refund')";
    let paid: Cents = db.prepare_cached(sql)?.query_row([of], |row| row.get(0))?;
    let balance = account(db, of)?.balance;
    let most = match promised(db, of)? {
        Cents::ZERO => paid.max(balance),
        promised => balance - promised,
    };
    Ok(most.max(Cents::ZERO))
}
