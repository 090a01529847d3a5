//! Monotone numbers: applications, cancellations, notices, attestations; and marks of progress.

use rusqlite::{Connection, OptionalExtension, Transaction};

use crate::base::{Instant, Result};

/// Takes the next number of a series, inside the transaction that uses it: no gap after a
/// rollback, never the same number twice. The first one is `first`.
///
/// # Errors
/// The database's own failure.
pub fn next_number(tx: &Transaction<'_>, series: &str, first: i64) -> Result<i64> {
    let sql = "insert into counter (name, next) values (?1, ?2 + 1)
               on conflict (name) do update set next = next + 1
               returning next - 1";
    Ok(tx
        .prepare_cached(sql)?
        .query_row((series, first), |row| row.get(0))?)
}

/// Makes a series go on at a number at least: those below were given elsewhere.
///
/// # Errors
/// The database's own failure.
pub fn raise_number(tx: &Transaction<'_>, series: &str, next: i64) -> Result<()> {
    let sql = "insert into counter (name, next) values (?1, ?2)
               on conflict (name) do update set next = max(next, excluded.next)";
    tx.prepare_cached(sql)?.execute((series, next))?;
    Ok(())
}

/// The number that a series gives next; `None` before its first.
///
/// # Errors
/// The database's own failure.
pub fn upcoming_number(db: &Connection, series: &str) -> Result<Option<i64>> {
    let sql = "select next from counter where name = ?1";
    Ok(db
        .prepare_cached(sql)?
        .query_row([series], |row| row.get(0))
        .optional()?)
}

/// How far something has come that goes on from there: the moment up to which a platform was asked.
///
/// # Errors
/// The database's own failure.
pub fn mark(db: &Connection, name: &str) -> Result<Option<Instant>> {
    let sql = "select next from counter where name = ?1";
    Ok(db
        .prepare_cached(sql)?
        .query_row([name], |row| row.get(0))
        .optional()?)
}

/// Moves such a mark.
///
/// # Errors
/// The database's own failure.
pub fn set_mark(tx: &Transaction<'_>, name: &str, at: Instant) -> Result<()> {
    let sql = "insert into counter (name, next) values (?1, ?2)
               on conflict (name) do update set next = excluded.next";
    tx.prepare_cached(sql)?.execute((name, at))?;
    Ok(())
}
