//! What must happen outside, or in a slice above, because of a change: written with the change,
//! done later, again until it is done.

use rusqlite::{Connection, Transaction};
use serde::Serialize;

use crate::base::{Error, Instant, Result};

/// Something to do.
#[derive(Debug)]
pub struct OutboxRow {
    /// The row.
    pub id: i64,
    /// What to do.
    pub kind: String,
    /// With what, as JSON; ids only.
    pub payload: String,
    /// How often it was tried.
    pub attempts: i64,
}

/// Writes down something to do after this transaction.
///
/// # Errors
/// The database's own failure.
pub fn outbox_push(
    tx: &Transaction<'_>,
    kind: &str,
    payload: &impl Serialize,
    now: Instant,
) -> Result<()> {
    let payload = serde_json::to_string(payload).map_err(Error::internal)?;
    tx.prepare_cached(
        "insert into outbox (kind, payload, created_at, next_at) values (?1, ?2, ?3, ?3)",
    )?
    .execute((kind, payload, now))?;
    Ok(())
}

/// What is due of some kinds, oldest first: each worker takes its own, so that none waits behind
/// another's.
///
/// # Errors
/// The database's own failure.
pub fn outbox_take(
    db: &Connection,
    kinds: &[&str],
    now: Instant,
    limit: usize,
) -> Result<Vec<OutboxRow>> {
    let mut statement = db.prepare_cached(
        "select id, kind, payload, attempts from outbox
         where done_at is null and next_at <= ?1 and kind in (select value from json_each(?2))
         order by next_at, id limit ?3",
    )?;
    let kinds = serde_json::to_string(kinds).map_err(Error::internal)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map((now, kinds, limit), |row| {
        Ok(OutboxRow {
            id: row.get(0)?,
            kind: row.get(1)?,
            payload: row.get(2)?,
            attempts: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// It is done.
///
/// # Errors
/// The database's own failure.
pub fn outbox_done(tx: &Transaction<'_>, id: i64, now: Instant) -> Result<()> {
    tx.prepare_cached("update outbox set done_at = ?2 where id = ?1")?
        .execute((id, now))?;
    Ok(())
}

/// It failed; it is due again after 2, 4, 8 … seconds, at most an hour.
///
/// # Errors
/// The database's own failure.
pub fn outbox_failed(tx: &Transaction<'_>, row: &OutboxRow, why: &str, now: Instant) -> Result<()> {
    let seconds = 2_i64
        .saturating_pow(u32::try_from(row.attempts + 1).unwrap_or(12).min(12))
        .min(3600);
    tx.prepare_cached(
        "update outbox set attempts = attempts + 1, last_error = ?2, next_at = ?3 where id = ?1",
    )?
    .execute((row.id, why, now.plus_millis(seconds * 1000)))?;
    Ok(())
}

/// Something that keeps failing.
#[derive(Debug, Serialize)]
pub struct OutboxFailure {
    /// What to do.
    pub kind: String,
    /// How often it was tried.
    pub attempts: i64,
    /// Since when it waits.
    pub created_at: Instant,
    /// When it is tried again.
    pub next_at: Instant,
    /// Why it failed last, for the administrator.
    pub last_error: String,
}

/// What failed at least three times and is not done, the next due first.
///
/// # Errors
/// The database's own failure.
pub fn outbox_failures(db: &Connection, limit: u32) -> Result<Vec<OutboxFailure>> {
    let mut statement = db.prepare_cached(
        "select kind, attempts, created_at, next_at, last_error from outbox
         where done_at is null and next_at > 0 and attempts >= 3 order by next_at, id limit ?1",
    )?;
    let rows = statement.query_map([limit], |row| {
        Ok(OutboxFailure {
            kind: row.get(0)?,
            attempts: row.get(1)?,
            created_at: row.get(2)?,
            next_at: row.get(3)?,
            last_error: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
