//! What a notice's last day does to it. A top-up that a family asked for is short-lived; what bills
//! ask for stays payable unless all of its services say otherwise (`pays_after_due`): pagoPA itself
//! blocks nothing after that day.

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::notices::{self, Notice, NoticeEvent, NoticeState};
use crate::base::{Date, Instant, NoticeId, Result, day_of};
use crate::store;

/// A notice `n` that ends with its last day. What an earlier system issued is never a top-up of ours.
const ENDS: &str =
    "((n.origin = '' and not exists (select 1 from notice_share h where h.notice_id = n.id))
     or not exists (
       select 1 from account a join service s on s.id = a.service_id
       where s.pays_after_due = 1 and (a.id = n.account_id or a.id in (
         select h.account_id from notice_share h where h.notice_id = n.id))))";

/// Whether nobody can pay a notice after its last day. What was due on the very day on which it was
/// made is an old debt and never ends by itself.
///
/// # Errors
/// The database's own failure.
pub fn expires(db: &Connection, notice: &Notice) -> Result<bool> {
    if notice
        .due_date
        .is_none_or(|due| due <= day_of(notice.created_at))
    {
        return Ok(false);
    }
    let sql = format!("select 1 from payment_notice n where n.id = ?1 and {ENDS}");
    let found = db
        .prepare_cached(&sql)?
        .query_row([notice.id], |_| Ok(()))
        .optional()?;
    Ok(found.is_some())
}

/// The open notices whose last day is over and that end with it.
///
/// # Errors
/// The database's own failure.
pub fn over(db: &Connection, today: Date) -> Result<Vec<NoticeId>> {
    let sql = format!(
        "select n.id, n.due_date, n.created_at from payment_notice n
         where n.state = 'open' and n.due_date is not null and n.due_date < ?1 and {ENDS}"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map([today], |row| {
        let (due, made): (Date, Instant) = (row.get(1)?, row.get(2)?);
        Ok((row.get(0)?, due > day_of(made)))
    })?;
    let all: Vec<(NoticeId, bool)> = rows.collect::<rusqlite::Result<_>>()?;
    Ok(all
        .into_iter()
        .filter_map(|(id, ends)| ends.then_some(id))
        .collect())
}

/// Ends an open notice, and has the platform told: who pays it all the same is credited.
///
/// # Errors
/// The database's own failure.
pub fn expire(tx: &Transaction<'_>, notice: NoticeId, now: Instant) -> Result<()> {
    if notices::notice(tx, notice)?.state != NoticeState::Open {
        return Ok(());
    }
    notices::set_state(tx, notice, NoticeState::Expired, now)?;
    store::outbox_push(tx, notices::WITHDRAWN, &NoticeEvent { notice }, now)
}
