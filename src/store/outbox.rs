//! What must happen outside, or in a slice above, because of a change: written with the change,
//! done later, again until it is done.

use rusqlite::{Connection, OptionalExtension, Row, Transaction};
use serde::Serialize;

use crate::base::{Error, Instant, Result};

/// Something to do.
#[derive(Clone, Debug)]
pub struct OutboxRow {
    /// The row.
    pub id: i64,
    /// What to do.
    pub kind: String,
    /// With what, as JSON; ids only.
    pub payload: String,
    /// How often it was tried.
    pub attempts: i64,
    /// The kind of the last refusal; empty: none.
    pub fault: String,
    /// It is a dead letter.
    pub dead: bool,
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
        "select id, kind, payload, attempts, fault, dead_at is not null from outbox
         where done_at is null and dead_at is null and next_at <= ?1
           and kind in (select value from json_each(?2))
         order by next_at, id limit ?3",
    )?;
    let kinds = serde_json::to_string(kinds).map_err(Error::internal)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map((now, kinds, limit), row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// It is done.
///
/// # Errors
/// The database's own failure.
pub fn outbox_done(tx: &Transaction<'_>, id: i64, now: Instant) -> Result<()> {
    tx.prepare_cached("update outbox set done_at = ?2, last_error = '' where id = ?1")?
        .execute((id, now))?;
    Ok(())
}

/// So often something is tried before it waits for the office: with an hour between the later ones,
/// more than a day.
pub const MOST_ATTEMPTS: i64 = 36;

/// Why something was not done: the kind of the refusal, which pages put into words, and what the
/// other side said, for who must mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxFault {
    /// A key of the message catalogue.
    pub kind: &'static str,
    /// The other side's words; the first 500 characters are kept.
    pub detail: String,
}

/// It failed; it is due again after 2, 4, 8 … seconds, at most an hour, and after
/// [`MOST_ATTEMPTS`] not by itself any more.
///
/// # Errors
/// The database's own failure.
pub fn outbox_failed(
    tx: &Transaction<'_>,
    row: &OutboxRow,
    fault: &OutboxFault,
    now: Instant,
) -> Result<()> {
    let attempts = row.attempts + 1;
    let seconds = 2_i64
        .saturating_pow(u32::try_from(attempts).unwrap_or(12).min(12))
        .min(3600);
    let dead = (attempts >= MOST_ATTEMPTS).then_some(now);
    note(
        tx,
        row.id,
        fault,
        (attempts, now.plus_millis(seconds * 1000), dead),
    )
}

/// It can't be done yet, through no fault of its own: it is due again at a moment, and this was no
/// attempt.
///
/// # Errors
/// The database's own failure.
pub fn outbox_postponed(
    tx: &Transaction<'_>,
    row: &OutboxRow,
    fault: &OutboxFault,
    at: Instant,
) -> Result<()> {
    note(tx, row.id, fault, (row.attempts, at, None))
}

/// It was refused for good: a dead letter, until the office tries again or says that it is settled.
///
/// # Errors
/// The database's own failure.
pub fn outbox_buried(
    tx: &Transaction<'_>,
    row: &OutboxRow,
    fault: &OutboxFault,
    now: Instant,
) -> Result<()> {
    note(tx, row.id, fault, (row.attempts + 1, now, Some(now)))
}

fn note(
    tx: &Transaction<'_>,
    id: i64,
    fault: &OutboxFault,
    (attempts, next, dead): (i64, Instant, Option<Instant>),
) -> Result<()> {
    let detail: String = fault.detail.chars().take(500).collect();
    tx.prepare_cached(
        "update outbox set attempts = ?2, next_at = ?3, dead_at = ?4, fault = ?5, last_error = ?6
         where id = ?1 and done_at is null",
    )?
    .execute((id, attempts, next, dead, fault.kind, detail))?;
    Ok(())
}

/// What waits need not wait any more.
///
/// # Errors
/// The database's own failure.
pub fn outbox_due(tx: &Transaction<'_>, id: i64, now: Instant) -> Result<()> {
    let sql =
        "update outbox set next_at = ?2 where id = ?1 and done_at is null and dead_at is null";
    tx.prepare_cached(sql)?.execute((id, now))?;
    Ok(())
}

/// Tries a dead letter again from the beginning.
///
/// # Errors
/// The database's own failure.
pub fn outbox_revived(tx: &Transaction<'_>, id: i64, now: Instant) -> Result<()> {
    tx.prepare_cached(
        "update outbox set dead_at = null, attempts = 0, next_at = ?2
         where id = ?1 and done_at is null and dead_at is not null",
    )?
    .execute((id, now))?;
    Ok(())
}

/// What is still to be done of a kind with exactly this payload; the oldest first.
///
/// # Errors
/// The database's own failure.
pub fn outbox_open(
    db: &Connection,
    kind: &str,
    payload: &impl Serialize,
) -> Result<Option<OutboxRow>> {
    let payload = serde_json::to_string(payload).map_err(Error::internal)?;
    let sql = "select id, kind, payload, attempts, fault, dead_at is not null from outbox
               where done_at is null and kind = ?1 and payload = ?2 order by id limit 1";
    Ok(db
        .prepare_cached(sql)?
        .query_row((kind, payload), row)
        .optional()?)
}

fn row(row: &Row<'_>) -> rusqlite::Result<OutboxRow> {
    Ok(OutboxRow {
        id: row.get(0)?,
        kind: row.get(1)?,
        payload: row.get(2)?,
        attempts: row.get(3)?,
        fault: row.get(4)?,
        dead: row.get(5)?,
    })
}

/// Something that was tried and is not done.
#[derive(Debug, Serialize)]
pub struct OutboxStuck {
    /// The row.
    #[serde(skip)]
    pub id: i64,
    /// What to do.
    #[serde(skip)]
    pub kind: String,
    /// With what.
    #[serde(skip)]
    pub payload: String,
    /// How often it was tried.
    pub attempts: i64,
    /// Since when it waits.
    pub created_at: Instant,
    /// When it is tried again; of a dead letter, when it died.
    pub next_at: Instant,
    /// The kind of the last refusal.
    pub fault: String,
    /// The other side's words.
    pub detail: String,
    /// It is a dead letter.
    pub dead: bool,
}

const STUCK: &str = "select id, kind, payload, attempts, created_at, next_at, fault, last_error,
                            dead_at is not null from outbox";

/// Dead letters, or what failed and is tried again by itself, of some kinds: the oldest first.
///
/// # Errors
/// The database's own failure.
pub fn outbox_stuck(
    db: &Connection,
    kinds: &[&str],
    dead: bool,
    limit: u32,
    offset: u32,
) -> Result<Vec<OutboxStuck>> {
    let which = which(dead);
    let order = if dead { "dead_at, id" } else { "next_at, id" };
    let sql = format!("{STUCK} where {which} order by {order} limit ?2 offset ?3");
    let kinds = serde_json::to_string(kinds).map_err(Error::internal)?;
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map((kinds, limit, offset), |row| {
        Ok(OutboxStuck {
            id: row.get(0)?,
            kind: row.get(1)?,
            payload: row.get(2)?,
            attempts: row.get(3)?,
            created_at: row.get(4)?,
            next_at: row.get(5)?,
            fault: row.get(6)?,
            detail: row.get(7)?,
            dead: row.get(8)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many [`outbox_stuck`] has.
///
/// # Errors
/// The database's own failure.
pub fn outbox_stuck_count(db: &Connection, kinds: &[&str], dead: bool) -> Result<i64> {
    let sql = format!("select count(*) from outbox where {}", which(dead));
    let kinds = serde_json::to_string(kinds).map_err(Error::internal)?;
    Ok(db
        .prepare_cached(&sql)?
        .query_row([kinds], |row| row.get(0))?)
}

fn which(dead: bool) -> &'static str {
    if dead {
        "done_at is null and dead_at > 0 and kind in (select value from json_each(?1))"
    } else {
        "done_at is null and dead_at is null and next_at > 0 and fault <> ''
         and kind in (select value from json_each(?1))"
    }
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

/// What failed at least three times and is tried again, the next due first.
///
/// # Errors
/// The database's own failure.
pub fn outbox_failures(db: &Connection, limit: u32) -> Result<Vec<OutboxFailure>> {
    let mut statement = db.prepare_cached(
        "select kind, attempts, created_at, next_at, last_error from outbox
         where done_at is null and dead_at is null and next_at > 0 and attempts >= 3 order by next_at, id limit ?1",
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
