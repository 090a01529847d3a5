//! What the platform is known to have of each notice. `payment_notice.state` is what a family sees;
//! this is the platform's side, as it was heard last.

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::NoticeNumber;
use super::gateway::Position;
use super::positions::PositionState;
use crate::base::{Cents, Date, Instant, NoticeId, Result};

/// How the platform names the position of a notice (IUPD): once and for ever, so that asking again
/// finds what a call left behind that nobody answered.
pub fn iupd(number: &NoticeNumber) -> String {
    format!("campanella-{number}")
}

/// A position as it was heard of last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Where it stands there.
    pub state: PositionState,
    /// What was pushed last, in cents.
    pub amount: Cents,
    /// The last day to pay that was pushed last.
    pub due_date: Option<Date>,
}

/// What the platform has of a notice; none when nothing was ever acknowledged.
///
/// # Errors
/// The database's own failure.
pub fn known(db: &Connection, notice: NoticeId) -> Result<Option<Known>> {
    let sql = "select state, amount, due_date from platform_position where notice_id = ?1";
    let found = db.prepare_cached(sql)?.query_row([notice], |row| {
        Ok(Known {
            state: row.get(0)?,
            amount: row.get(1)?,
            due_date: row.get(2)?,
        })
    });
    Ok(found.optional()?)
}

/// The platform acknowledged a position.
///
/// # Errors
/// The database's own failure.
pub fn pushed(
    tx: &Transaction<'_>,
    notice: NoticeId,
    position: &Position,
    now: Instant,
) -> Result<()> {
    tx.prepare_cached(
        "insert into platform_position (notice_id, iupd, state, amount, due_date, pushed_at, heard_at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?6)
         on conflict (notice_id) do update set
           state = excluded.state, amount = excluded.amount, due_date = excluded.due_date,
           pushed_at = excluded.pushed_at, heard_at = excluded.heard_at",
    )?
    .execute((
        notice,
        iupd(&position.notice_number),
        PositionState::Valid,
        position.amount,
        position.due_date,
        now,
    ))?;
    Ok(())
}

/// Something was heard of a position that is there: what was paid stays paid.
///
/// # Errors
/// The database's own failure.
pub fn heard(
    tx: &Transaction<'_>,
    notice: NoticeId,
    state: PositionState,
    now: Instant,
) -> Result<()> {
    tx.prepare_cached(
        "update platform_position set state = ?2, heard_at = ?3
         where notice_id = ?1 and (?2 in ('PAID', 'REPORTED') or state not in ('PAID', 'REPORTED'))",
    )?
    .execute((notice, state, now))?;
    Ok(())
}

/// Writes down that a notice takes the place of others. It is published when the platform can't have
/// those paid any more: two notices for one debt would be paid twice.
///
/// # Errors
/// The database's own failure.
pub fn replace(tx: &Transaction<'_>, notice: NoticeId, replaced: &[NoticeId]) -> Result<()> {
    for old in replaced {
        tx.prepare_cached(
            "insert or ignore into notice_replacement (notice_id, replaced_id) values (?1, ?2)",
        )?
        .execute((notice, old))?;
    }
    Ok(())
}

/// The notices that a notice takes the place of.
///
/// # Errors
/// The database's own failure.
pub fn replaced_by(db: &Connection, notice: NoticeId) -> Result<Vec<NoticeId>> {
    let sql = "select replaced_id from notice_replacement where notice_id = ?1 order by 1";
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map([notice], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The notices that take the place of a notice.
///
/// # Errors
/// The database's own failure.
pub fn replacing(db: &Connection, notice: NoticeId) -> Result<Vec<NoticeId>> {
    let sql = "select notice_id from notice_replacement where replaced_id = ?1 order by 1";
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map([notice], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
