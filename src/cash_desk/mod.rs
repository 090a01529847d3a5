//! The cash desk ("Cassa"): the counter of the office that takes money from who can't or won't pay
//! through pagoPA. Off until the accountant allows a means.
//!
//! What it takes is a receipt like any other (`payments`), with a number of its own in each year. A
//! mistake is cancelled: the number stays, the entries are reversed.

mod cancelling;
mod means;
pub mod receipt_pdf;
mod receipts;
mod register;
mod taking;

use rusqlite::{Connection, OptionalExtension, Transaction};
use serde_json::json;

use crate::base::{Actor, Error, Instant, Permission, Result, StaffId};
use crate::store::{self, AuditEvent};

pub use cancelling::{cancel, may_cancel};
pub use means::Means;
pub use receipts::{
    DeskLine, DeskReceipt, Filter, Paid, attach_scan, lines_of_account, printed, receipt,
    receipt_of_payer, receipts, scan, takers,
};
pub use register::{Day, NewDeposit, record_deposit, register};
pub use taking::{NewTaking, Plan, Target, account_of_target, open_notices, plan, take, targets};

/// The means that the comune allows; none: the cash desk is off.
///
/// # Errors
/// The database's own failure.
pub fn allowed_means(db: &Connection) -> Result<Vec<Means>> {
    let sql = "select means from cash_desk_setting order by id desc limit 1";
    let words: Option<String> = db
        .prepare_cached(sql)?
        .query_row([], |row| row.get(0))
        .optional()?;
    let words = words.unwrap_or_default();
    Ok(words.split(' ').filter_map(Means::parse).collect())
}

/// Says which means the cash desk takes from now on; none switches it off.
///
/// # Errors
/// `Forbidden` for who is not the accountant.
pub fn allow_means(
    tx: &Transaction<'_>,
    actor: &Actor,
    means: &[Means],
    now: Instant,
) -> Result<()> {
    let staff = staff_with(actor, Permission::Accounting)?;
    let words = |means: &[Means]| {
        let words: Vec<&str> = means.iter().map(|means| means.as_str()).collect();
        words.join(" ")
    };
    let (before, after) = (words(&allowed_means(tx)?), words(means));
    tx.prepare_cached(
        "insert into cash_desk_setting (means, staff_id, recorded_at) values (?1, ?2, ?3)",
    )?
    .execute((&after, staff, now))?;
    let payload = json!({ "before": before, "after": after });
    let id = tx.last_insert_rowid();
    log(
        tx,
        actor,
        ("set-cash-desk", "cash_desk_setting", id),
        payload,
        now,
    )
}

fn staff_with(actor: &Actor, permission: Permission) -> Result<StaffId> {
    match actor.staff() {
        Some(staff) if actor.may(permission) => Ok(staff.id),
        _ => Err(Error::Forbidden),
    }
}

fn log(
    tx: &Transaction<'_>,
    actor: &Actor,
    (action, subject, id): (&str, &str, i64),
    payload: serde_json::Value,
    now: Instant,
) -> Result<()> {
    let event = AuditEvent {
        action,
        subject,
        subject_id: Some(id),
        payload,
    };
    store::audit(tx, actor, now, &event)
}

#[cfg(test)]
mod tests;
