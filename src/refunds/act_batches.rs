//! The drafts of many debtors at once: which debts a job turns into letters, and the letters for as
//! long as they can be downloaded. What is printed comes from `processes::collecting`.

use std::collections::HashMap;

use jiff::ToSpan;
use rusqlite::{Connection, Transaction};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::acts::record;
use super::asking::require_money;
use super::collection::Collection;
use super::debts::{Debtor, debts_among};
use crate::base::{
    AccountId, Actor, Cents, Date, Error, Instant, PersonId, PublicId, Result, StaffActor, StaffId,
    Text, day_of,
};
use crate::jobs::{self, Job};
use crate::store::{self, AuditEvent};

/// The kind of job that makes the drafts of many debtors.
pub const COLLECT: &str = "collection-acts";

/// For so many days the letters of a batch can be downloaded.
pub const KEPT_DAYS: i32 = 28;

/// Letters per transaction when they are forgotten.
const FORGET: u32 = 100;

/// What a job of [`COLLECT`] works on.
#[derive(Debug, Serialize, Deserialize)]
pub struct Batch {
    /// Who started it.
    staff: StaffId,
    /// Each debtor with the accounts that were shown, in the order of the letters.
    payers: Vec<(PersonId, Vec<PublicId>)>,
}

impl Batch {
    /// What a job was asked for.
    ///
    /// # Errors
    /// When its parameters are not those of a batch: a fault of who enqueued.
    pub fn of(job: &Job) -> Result<Batch> {
        serde_json::from_value(job.params.clone()).map_err(Error::internal)
    }

    /// What is left of the debts of some debtors from a place on, and how many debtors were looked at.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn debts(
        &self,
        db: &Connection,
        from: usize,
        most: usize,
        today: Date,
    ) -> Result<(Vec<Debtor>, usize)> {
        let payers: Vec<_> = self.payers.iter().skip(from).take(most).collect();
        let accounts = payers.iter().flat_map(|(_, accounts)| accounts.clone());
        let accounts: Vec<PublicId> = accounts.collect();
        Ok((debts_among(db, &accounts, today)?, payers.len()))
    }

    fn actor(&self) -> Actor {
        Actor::Staff(StaffActor {
            id: self.staff,
            roles: Vec::new(),
        })
    }
}

/// Writes down that the drafts for these debtors are to be made: a job reads these debts and no others.
///
/// # Errors
/// `Forbidden` for who handles no money.
pub fn start_acts(
    tx: &Transaction<'_>,
    actor: &Actor,
    chosen: &[Collection<'_>],
    now: Instant,
) -> Result<Job> {
    let staff = require_money(actor)?;
    let payers = chosen.iter().map(|one| {
        let accounts = one.debts.iter().map(|debt| debt.account.clone());
        (one.payer, accounts.collect())
    });
    let batch = Batch {
        staff,
        payers: payers.collect(),
    };
    let total = i64::try_from(batch.payers.len()).map_err(Error::internal)?;
    let params = serde_json::to_value(&batch).map_err(Error::internal)?;
    let key = format!("{COLLECT}:{}", PublicId::random()?);
    let job = jobs::enqueue(tx, COLLECT, &key, &params, total, now)?;
    let event = AuditEvent {
        action: "make-collection-acts",
        subject: "job",
        subject_id: Some(job.id.0),
        payload: json!({ "debtors": total }),
    };
    store::audit(tx, actor, now, &event)?;
    Ok(job)
}

/// The moment after which the letters of a batch are gone.
fn kept_until(job: &Job) -> Instant {
    let last = day_of(job.created_at).saturating_add(KEPT_DAYS.days());
    Instant::from_rome(last.at(23, 59, 59, 0))
}

/// Refuses to go on with a batch whose first letters may be forgotten already.
///
/// # Errors
/// A refusal that says to start anew.
pub fn require_fresh(job: &Job, now: Instant) -> Result<()> {
    match now > kept_until(job) {
        true => Err(Error::refused(Text::new("error-collection-too-old"))),
        false => Ok(()),
    }
}

/// Notes a draft that a job made, and keeps its letter. Nobody sees either before the job is done.
///
/// # Errors
/// The database's own failure.
pub fn keep_act(
    tx: &Transaction<'_>,
    (job, batch): (&Job, &Batch),
    collection: &Collection<'_>,
    bills: &HashMap<AccountId, String>,
    pdf: &[u8],
    now: Instant,
) -> Result<()> {
    let by = (&batch.actor(), batch.staff);
    let act = record(tx, by, Some(job.id), collection, bills, now)?;
    tx.prepare_cached(
        "insert into collection_letter (act_id, kept_until, pdf) values (?1, ?2, ?3)",
    )?
    .execute((act, kept_until(job), pdf))?;
    Ok(())
}

/// How many drafts a job has made, and what they ask for in all, in cents.
///
/// # Errors
/// The database's own failure.
pub fn acts_of_job(db: &Connection, job: &Job) -> Result<(i64, Cents)> {
    let sql = "select count(*), coalesce(sum(amount), 0) from collection_act where job_id = ?1";
    Ok(db
        .prepare_cached(sql)?
        .query_row([job.id], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

/// A batch whose letters can be downloaded.
#[derive(Clone, Debug, Serialize)]
pub struct Kept {
    /// The job that made them.
    pub job: PublicId,
    /// When it was started.
    pub started_at: Instant,
    /// The last day.
    pub until: Date,
    /// How many letters.
    pub letters: i64,
    /// What they ask for in all, in cents.
    pub total: Cents,
    /// Who had them made.
    pub staff: String,
}

/// The batches whose letters can be downloaded, the newest first.
///
/// # Errors
/// The database's own failure.
pub fn kept_batches(db: &Connection, now: Instant) -> Result<Vec<Kept>> {
    let mut statement = db.prepare_cached(
        "select j.public_id, j.created_at, min(l.kept_until), count(*), sum(a.amount), s.name
         from collection_letter l cross join collection_act a on a.id = l.act_id
         cross join job j on j.id = a.job_id and j.state = 'done' join staff s on s.id = a.staff_id
         where l.kept_until >= ?1 group by j.id order by j.id desc",
    )?;
    let rows = statement.query_map([now], |row| {
        Ok(Kept {
            job: row.get(0)?,
            started_at: row.get(1)?,
            until: day_of(row.get(2)?),
            letters: row.get(3)?,
            total: row.get(4)?,
            staff: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A letter of a batch.
pub struct KeptLetter {
    /// Who it is for.
    pub payer: PersonId,
    /// What it asks for, in cents.
    pub amount: Cents,
    /// The day on which it was made.
    pub made_on: Date,
    /// The letter.
    pub pdf: Vec<u8>,
}

/// The letters of a batch that is done, in their order; who takes them is logged.
///
/// # Errors
/// `Forbidden` for who handles no money; `NotFound` when there are none, or none any more.
pub fn take_letters(
    tx: &Transaction<'_>,
    actor: &Actor,
    job: &PublicId,
    now: Instant,
) -> Result<Vec<KeptLetter>> {
    require_money(actor)?;
    let mut statement = tx.prepare_cached(
        "select a.payer_id, a.amount, a.made_on, l.pdf, j.id from job j
         join collection_act a on a.job_id = j.id join collection_letter l on l.act_id = a.id
         where j.public_id = ?1 and j.state = 'done' and l.kept_until >= ?2 order by a.id",
    )?;
    let mut rows = statement.query((job, now))?;
    let (mut letters, mut subject) = (Vec::new(), None);
    while let Some(row) = rows.next()? {
        subject = Some(row.get(4)?);
        letters.push(KeptLetter {
            payer: row.get(0)?,
            amount: row.get(1)?,
            made_on: row.get(2)?,
            pdf: row.get(3)?,
        });
    }
    if letters.is_empty() {
        return Err(Error::NotFound);
    }
    let event = AuditEvent {
        action: "download-collection-acts",
        subject: "job",
        subject_id: subject,
        payload: json!({ "letters": letters.len() }),
    };
    store::audit(tx, actor, now, &event)?;
    Ok(letters)
}

/// Forgets some letters whose time is over; the records of their drafts stay. Says whether any was.
///
/// # Errors
/// The database's own failure.
pub fn forget_letters(tx: &Transaction<'_>, now: Instant) -> Result<bool> {
    let sql = "delete from collection_letter where act_id in (
                 select act_id from collection_letter where kept_until < ?1 limit ?2)";
    Ok(tx.prepare_cached(sql)?.execute((now, FORGET))? > 0)
}
