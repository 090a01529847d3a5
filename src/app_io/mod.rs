//! Messages on App IO: one for each notice that the comune issues and one for each reminder of it, to
//! who owes, never about the child. Off until `[io]` is in `campanella.toml` (docs/app-io.md).
//!
//! A message is sent at most once: it is noted before it goes out, and what became of one whose answer
//! was lost is not tried again.

mod client;
mod content;
mod sending;

use rusqlite::{Connection, Transaction};

use crate::base::{Actor, Error, Instant, NoticeId, PersonId, Result};

pub use client::{Client, IoError};
pub use sending::{forget_waiting, round};

/// Who is not on App IO, or takes no messages of the comune, is asked about again after a week.
const ASKED_AGAIN_AFTER: i64 = 7 * 24 * 3_600_000;

/// Whether a person takes these messages: everybody does who has not switched them off.
///
/// # Errors
/// The database's own failure.
pub fn is_on(db: &Connection, person: PersonId) -> Result<bool> {
    let sql = "select not exists (select 1 from io_refusal where person_id = ?1)";
    Ok(db
        .prepare_cached(sql)?
        .query_row([person], |row| row.get(0))?)
}

/// Switches these messages on or off: each for themselves, in "I miei dati".
///
/// # Errors
/// `Forbidden` for who is no citizen.
pub fn switch(tx: &Transaction<'_>, actor: &Actor, on: bool, now: Instant) -> Result<()> {
    let person = actor.person().ok_or(Error::Forbidden)?;
    if on {
        tx.prepare_cached("delete from io_refusal where person_id = ?1")?
            .execute([person])?;
    } else {
        tx.prepare_cached("insert or ignore into io_refusal (person_id, at) values (?1, ?2)")?
            .execute((person, now))?;
    }
    Ok(())
}

/// Whether it was heard lately that a person can't be reached there.
fn known_unreachable(db: &Connection, person: PersonId, now: Instant) -> Result<bool> {
    let sql = "select exists (select 1 from io_profile
               where person_id = ?1 and reachable = 0 and asked_at > ?2)";
    let since = now.plus_millis(-ASKED_AGAIN_AFTER);
    Ok(db
        .prepare_cached(sql)?
        .query_row((person, since), |row| row.get(0))?)
}

fn note_profile(
    tx: &Transaction<'_>,
    person: PersonId,
    reachable: bool,
    now: Instant,
) -> Result<()> {
    tx.prepare_cached(
        "insert into io_profile (person_id, reachable, asked_at) values (?1, ?2, ?3)
         on conflict (person_id) do update set reachable = excluded.reachable, asked_at = excluded.asked_at",
    )?
    .execute((person, reachable, now))?;
    Ok(())
}

/// Notes a message before it goes out; false: it was noted before.
fn claim(tx: &Transaction<'_>, notice: NoticeId, occasion: &str, now: Instant) -> Result<bool> {
    let rows = tx
        .prepare_cached(
            "insert or ignore into io_message (notice_id, occasion, sent_at) values (?1, ?2, ?3)",
        )?
        .execute((notice, occasion, now))?;
    Ok(rows == 1)
}

/// Notes what App IO calls the message.
fn confirm(tx: &Transaction<'_>, notice: NoticeId, occasion: &str, io_id: &str) -> Result<()> {
    tx.prepare_cached("update io_message set io_id = ?3 where notice_id = ?1 and occasion = ?2")?
        .execute((notice, occasion, io_id))?;
    Ok(())
}

/// It certainly did not go out: it may be tried again.
fn release(tx: &Transaction<'_>, notice: NoticeId, occasion: &str) -> Result<()> {
    tx.prepare_cached(
        "delete from io_message where notice_id = ?1 and occasion = ?2 and io_id = ''",
    )?
    .execute((notice, occasion))?;
    Ok(())
}

#[cfg(test)]
mod tests;
