//! Request keys: a form that is sent twice gets the answer of the first time.

use rusqlite::{Connection, OptionalExtension, Transaction};

use crate::base::{Actor, Instant, Result};

fn name(actor: &Actor) -> String {
    let (kind, id) = actor.signature();
    format!("{kind}:{}", id.unwrap_or(0))
}

/// Where the first sending of this form led to, if there was one by the same actor.
///
/// # Errors
/// The database's own failure.
pub fn answered_before(db: &Connection, actor: &Actor, key: &str) -> Result<Option<String>> {
    let sql = "select location from request_key where key = ?1 and actor = ?2";
    Ok(db
        .prepare_cached(sql)?
        .query_row((key, name(actor)), |row| row.get(0))
        .optional()?)
}

/// Remembers where this form led to, in the transaction of its effect.
///
/// # Errors
/// The database's own failure; a key that is remembered already.
pub fn remember_answer(
    tx: &Transaction<'_>,
    actor: &Actor,
    key: &str,
    location: &str,
    now: Instant,
) -> Result<()> {
    tx.prepare_cached(
        "insert into request_key (key, actor, location, created_at) values (?1, ?2, ?3, ?4)",
    )?
    .execute((key, name(actor), location, now))?;
    Ok(())
}

/// Forgets keys older than a week: no browser sends a form again after that.
///
/// # Errors
/// The database's own failure.
pub fn forget_old_requests(tx: &Transaction<'_>, now: Instant) -> Result<usize> {
    let week = 7 * 24 * 3600 * 1000;
    Ok(tx.execute(
        "delete from request_key where created_at < ?1",
        [now.plus_millis(-week)],
    )?)
}
