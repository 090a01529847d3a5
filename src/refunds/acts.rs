//! Drafts of executive notices that were made: when, by whom, for what.

use std::collections::HashMap;

use rusqlite::{Connection, Transaction};
use serde::Serialize;
use serde_json::json;

use super::asking::require_money;
use super::collection::Collection;
use crate::base::{
    AccountId, Actor, Cents, Date, Error, Instant, JobId, PersonId, Result, StaffId, today,
};
use crate::store::{self, AuditEvent};

/// A draft that was made.
#[derive(Clone, Debug, Serialize)]
pub struct Act {
    /// The day.
    pub made_on: Date,
    /// What it asked for, in cents.
    pub amount: Cents,
    /// Who made it.
    pub staff: String,
}

/// Notes that the draft for a debtor was made, with the bills of each debt in words.
///
/// # Errors
/// `Forbidden` for who handles no money.
pub fn note_act(
    tx: &Transaction<'_>,
    actor: &Actor,
    collection: &Collection<'_>,
    bills: &HashMap<AccountId, String>,
    now: Instant,
) -> Result<()> {
    let staff = require_money(actor)?;
    record(tx, (actor, staff), None, collection, bills, now)?;
    Ok(())
}

/// Writes down a draft, its debts and who made it; `job` is the work that made it. Its id.
pub(super) fn record(
    tx: &Transaction<'_>,
    (actor, staff): (&Actor, StaffId),
    job: Option<JobId>,
    collection: &Collection<'_>,
    bills: &HashMap<AccountId, String>,
    now: Instant,
) -> Result<i64> {
    tx.prepare_cached(
        "insert into collection_act (payer_id, made_on, amount, staff_id, at, job_id)
         values (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute((
        collection.payer,
        today(now),
        collection.total(),
        staff,
        now,
        job,
    ))?;
    let act = tx.last_insert_rowid();
    for debt in &collection.debts {
        let words = bills.get(&debt.account_id).map_or("", String::as_str);
        tx.prepare_cached(
            "insert into collection_act_debt (act_id, account_id, since, amount, bills)
             values (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((act, debt.account_id, debt.since, debt.due(), words))?;
    }
    let event = AuditEvent {
        action: "make-collection-act",
        subject: "collection_act",
        subject_id: Some(act),
        payload: json!({ "payer": collection.payer, "amount": collection.total() }),
    };
    store::audit(tx, actor, now, &event)?;
    Ok(act)
}

/// The newest draft of each of some payers; those of work that is not done yet don't show.
///
/// # Errors
/// The database's own failure.
pub fn last_acts(db: &Connection, payers: &[PersonId]) -> Result<HashMap<PersonId, Act>> {
    let mut statement = db.prepare_cached(
        "select a.payer_id, a.made_on, a.amount, s.name from json_each(?1) j
         cross join collection_act a on a.id = (
           select max(c.id) from collection_act c where c.payer_id = j.value and (c.job_id is null
             or exists (select 1 from job where id = c.job_id and state = 'done')))
         join staff s on s.id = a.staff_id",
    )?;
    let payers = serde_json::to_string(payers).map_err(Error::internal)?;
    let rows = statement.query_map([payers], |row| {
        let act = Act {
            made_on: row.get(1)?,
            amount: row.get(2)?,
            staff: row.get(3)?,
        };
        Ok((row.get(0)?, act))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
