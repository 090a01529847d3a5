//! Monotone numbers: applications, cancellations, notices, attestations.

use rusqlite::Transaction;

use crate::base::Result;

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
