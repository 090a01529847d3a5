//! What parents declared is compared with INPS (DPR 445/2000 art. 71).

use rusqlite::Transaction;
use serde_json::json;

use crate::base::{Actor, Error, Instant, IseeId, Permission, PublicId, Result};
use crate::store::{self, AuditEvent};

/// Notes that a declared ISEE is what INPS says. One that was checked before, or that a newer record
/// has taken the place of, stays as it is.
///
/// # Errors
/// `Forbidden` for who is not of the office; `NotFound`.
pub fn check_declared(
    tx: &Transaction<'_>,
    actor: &Actor,
    isee: &PublicId,
    now: Instant,
) -> Result<()> {
    let (Some(staff), true) = (actor.staff(), actor.may(Permission::Office)) else {
        return Err(Error::Forbidden);
    };
    let sql = "select i.id, exists (select 1 from isee_waiting w where w.isee_id = i.id)
               from isee i where i.public_id = ?1";
    let (id, waits): (IseeId, bool) = tx
        .prepare_cached(sql)?
        .query_row([isee], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if !waits {
        return Ok(());
    }
    tx.prepare_cached("insert into isee_check (isee_id, staff_id, at) values (?1, ?2, ?3)")?
        .execute((id, staff.id, now))?;
    let event = AuditEvent {
        action: "check-isee",
        subject: "isee",
        subject_id: Some(id.0),
        payload: json!({}),
    };
    store::audit(tx, actor, now, &event)
}
