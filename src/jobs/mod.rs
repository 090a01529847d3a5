//! Long work (invariant 12): started once per key, done in steps of one short transaction each,
//! resumed where it stopped. The server and the command line use this same runner, side by side:
//! each step reads the cursor and moves it in one write transaction, so two processes on one job
//! never do a step twice; the lease only keeps an idle process from joining in needlessly.

use rusqlite::{Connection, OptionalExtension, Row, Transaction};
use serde::Serialize;
use serde_json::Value;

use crate::base::{Actor, Error, Instant, JobId, PublicId, Result};
use crate::store::{self, AuditEvent, AuditTrace, Store, Urgency};

/// Another process may take a job over after so much silence. Short, because after a kill the work
/// waits so long; two at once on one job only get in each other's way.
const LEASE: i64 = 5_000;

/// In a job's history: somebody had it try again.
pub const RESUME: &str = "resume-job";
/// In a job's history: it stopped, and says why.
pub const FAIL: &str = "fail-job";
/// In a job's history: its worker was gone, and another went on.
pub const CATCH_UP: &str = "catch-up-job";

/// What one step did.
pub enum Step {
    /// There is more; the cursor says where to go on, `done` how much is done by now.
    More {
        /// Where to go on: the kind's own notation.
        cursor: String,
        /// How many of the job's `total` are done.
        done: i64,
    },
    /// That was the last step.
    Finished(Value),
}

/// A job, as a step and a page see it.
#[derive(Clone, Debug, Serialize)]
pub struct Job {
    /// Inside.
    #[serde(skip)]
    pub id: JobId,
    /// Outside.
    pub public_id: PublicId,
    /// What kind of work.
    pub kind: String,
    /// What it works on.
    pub params: Value,
    /// `waiting`, `running`, `done`, `failed`.
    pub state: String,
    /// Where to go on.
    pub cursor: String,
    /// So many are done.
    pub done: i64,
    /// Of so many.
    pub total: i64,
    /// What came out.
    pub result: Value,
    /// Why it failed, for the administrator.
    pub error: String,
    /// When it was started.
    pub created_at: Instant,
    /// When it last moved.
    pub updated_at: Instant,
}

/// One step of a kind of work, inside a transaction of its own of at most some 50 ms.
pub type StepFn = dyn Fn(&Transaction<'_>, &Job, Instant) -> Result<Step> + Send + Sync;

const SELECT: &str =
    "select id, public_id, kind, params, state, cursor, done, total, result, error,
    created_at, updated_at from job";

fn read(row: &Row<'_>) -> rusqlite::Result<Job> {
    let json = |text: String| serde_json::from_str(&text).unwrap_or(Value::Null);
    Ok(Job {
        id: row.get(0)?,
        public_id: row.get(1)?,
        kind: row.get(2)?,
        params: json(row.get(3)?),
        state: row.get(4)?,
        cursor: row.get(5)?,
        done: row.get(6)?,
        total: row.get(7)?,
        result: json(row.get(8)?),
        error: row.get(9)?,
        created_at: row.get(10)?,
        updated_at: row.get(11)?,
    })
}

/// Writes down work to do; the same key finds the job that is there. A failed one waits again.
///
/// # Errors
/// The database's own failure.
pub fn enqueue(
    tx: &Transaction<'_>,
    kind: &str,
    key: &str,
    params: &Value,
    total: i64,
    now: Instant,
) -> Result<Job> {
    let sql = "insert into job (public_id, kind, key, params, state, total, created_at, updated_at)
               values (?1, ?2, ?3, ?4, 'waiting', ?5, ?6, ?6)
               on conflict (key) do update
               set state = case state when 'failed' then 'waiting' else state end, error = ''
               returning id";
    let id: JobId = tx.prepare_cached(sql)?.query_row(
        (
            PublicId::random()?,
            kind,
            key,
            params.to_string(),
            total,
            now,
        ),
        |row| row.get(0),
    )?;
    job(tx, id)
}

/// A job.
///
/// # Errors
/// `NotFound`.
pub fn job(db: &Connection, id: JobId) -> Result<Job> {
    Ok(db
        .prepare_cached(&format!("{SELECT} where id = ?1"))?
        .query_row([id], read)?)
}

/// A job by its public id.
///
/// # Errors
/// `NotFound`.
pub fn job_by_public_id(db: &Connection, id: &PublicId) -> Result<Job> {
    Ok(db
        .prepare_cached(&format!("{SELECT} where public_id = ?1"))?
        .query_row([id], read)?)
}

/// Which jobs are asked for; what is not said is not narrowed down.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter<'a> {
    /// Only in this state.
    pub state: Option<&'a str>,
    /// Only of this kind.
    pub kind: Option<&'a str>,
}

impl Filter<'_> {
    /// Two conditions, so that the state goes along its index.
    fn condition(self) -> &'static str {
        match self.state {
            Some(_) => "where state = ?1 and (?2 is null or kind = ?2)",
            None => "where ?1 is null and (?2 is null or kind = ?2)",
        }
    }
}

/// Jobs, newest first.
///
/// # Errors
/// The database's own failure.
pub fn list(db: &Connection, filter: Filter<'_>, limit: u32, offset: u32) -> Result<Vec<Job>> {
    let condition = filter.condition();
    let sql = format!("{SELECT} {condition} order by id desc limit ?3 offset ?4");
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map((filter.state, filter.kind, limit, offset), read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many jobs of a kind, or of all kinds, are in a state.
///
/// # Errors
/// The database's own failure.
pub fn count(db: &Connection, state: &str, kind: Option<&str>) -> Result<i64> {
    let sql = "select count(*) from job where state = ?1 and (?2 is null or kind = ?2)";
    Ok(db
        .prepare_cached(sql)?
        .query_row((state, kind), |row| row.get(0))?)
}

/// The last jobs, newest first.
///
/// # Errors
/// The database's own failure.
pub fn recent(db: &Connection, limit: u32) -> Result<Vec<Job>> {
    list(db, Filter::default(), limit, 0)
}

/// What happened to a job: the audit log knows who started and resumed it, when it failed, when it
/// went on after an interruption. The first entry is its start.
///
/// # Errors
/// The database's own failure.
pub fn history(db: &Connection, id: JobId) -> Result<Vec<AuditTrace>> {
    store::audit_trail(db, "job", id.0)
}

/// Jobs that wait, or whose worker fell silent.
///
/// # Errors
/// The database's own failure.
pub fn unfinished(db: &Connection, now: Instant) -> Result<Vec<Job>> {
    let sql =
        format!("{SELECT} where state in ('waiting', 'running') and lease_until < ?1 order by id");
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map([now], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Has a failed job wait again: it goes on where it stopped. Says whether it did; a job that has not
/// failed, or that somebody else resumed just before, is left alone.
///
/// # Errors
/// `NotFound` when no job has this id.
pub fn retry(tx: &Transaction<'_>, actor: &Actor, id: &PublicId, now: Instant) -> Result<bool> {
    let job = job_by_public_id(tx, id)?;
    let sql = "update job set state = 'waiting', error = '', updated_at = ?2
               where id = ?1 and state = 'failed'";
    let resumed = tx.prepare_cached(sql)?.execute((job.id, now))? == 1;
    if resumed {
        note(tx, actor, RESUME, job.id, now)?;
    }
    Ok(resumed)
}

/// Takes over a job whose worker fell silent, and writes down that it goes on after an interruption:
/// once, however many ask.
fn catch_up(tx: &Transaction<'_>, id: JobId, now: Instant) -> Result<()> {
    let sql =
        "update job set lease_until = ?2 where id = ?1 and state = 'running' and lease_until < ?3";
    let silent = tx
        .prepare_cached(sql)?
        .execute((id, now.plus_millis(LEASE), now))?;
    match silent {
        1 => note(tx, &Actor::System("jobs"), CATCH_UP, id, now),
        _ => Ok(()),
    }
}

fn note(
    tx: &Transaction<'_>,
    actor: &Actor,
    action: &'static str,
    id: JobId,
    now: Instant,
) -> Result<()> {
    let event = AuditEvent {
        action,
        subject: "job",
        subject_id: Some(id.0),
        payload: Value::Null,
    };
    store::audit(tx, actor, now, &event)
}

/// Works on a job until it is finished or failed. `progress` hears of every step; a job that is
/// done already gives its result at once.
///
/// # Errors
/// The step's own error, which is also written into the job.
pub fn run(
    store: &Store,
    id: JobId,
    step: &'static StepFn,
    now: impl Fn() -> Instant,
    mut progress: impl FnMut(&Job),
) -> Result<Job> {
    // Only a job that had begun can have been interrupted: a new one needs no write of its own.
    if store.read(|db| job(db, id))?.state == "running" {
        let at = now();
        store.write(Urgency::Background, move |tx| catch_up(tx, id, at))?;
    }
    loop {
        let at = now();
        let worked = store.write(Urgency::Background, move |tx| one_step(tx, id, step, at));
        match worked {
            Ok(job) => {
                progress(&job);
                if job.state != "running" {
                    return Ok(job);
                }
            }
            // The work is as it was and goes on when the disk does: it has not failed.
            Err(error @ Error::Storage(..)) => return Err(error),
            Err(error) => {
                let why = error.to_string();
                store.write(Urgency::Background, move |tx| {
                    tx.execute(
                        "update job set state = 'failed', error = ?2, lease_until = 0, updated_at = ?3
                         where id = ?1",
                        (id, why, at),
                    )?;
                    note(tx, &Actor::System("jobs"), FAIL, id, at)
                })?;
                return Err(error);
            }
        }
    }
}

/// Works on a job to its end inside one transaction of the caller's, who has nobody waiting: the
/// demo, which plays hundreds of days.
///
/// # Errors
/// The step's own error; the caller's transaction is not worth keeping then.
pub fn run_within(tx: &Transaction<'_>, id: JobId, step: &StepFn, now: Instant) -> Result<Job> {
    loop {
        let job = one_step(tx, id, step, now)?;
        if job.state != "running" {
            return Ok(job);
        }
    }
}

/// Does one step and writes down how far it came: one transaction.
fn one_step(tx: &Transaction<'_>, id: JobId, step: &StepFn, now: Instant) -> Result<Job> {
    let current = job(tx, id)?;
    if current.state == "done" || current.state == "failed" {
        return Ok(current);
    }
    let (cursor, done, state, result) = match step(tx, &current, now)? {
        Step::More { cursor, done } => (cursor, done, "running", Value::Null),
        Step::Finished(result) => (String::new(), current.total, "done", result),
    };
    let lease = if state == "done" {
        Instant(0)
    } else {
        now.plus_millis(LEASE)
    };
    tx.prepare_cached(
        "update job set cursor = ?2, done = ?3, state = ?4, result = ?5, lease_until = ?6,
                updated_at = ?7 where id = ?1",
    )?
    .execute((id, cursor, done, state, result.to_string(), lease, now))?;
    job(tx, id)
}

/// Whether a job with this key exists and is done.
///
/// # Errors
/// The database's own failure.
pub fn is_done(db: &Connection, key: &str) -> Result<bool> {
    let sql = "select state = 'done' from job where key = ?1";
    Ok(db
        .prepare_cached(sql)?
        .query_row([key], |row| row.get(0))
        .optional()?
        .unwrap_or(false))
}

/// Whether a job with this key waits, runs, is done, or failed after its first step.
///
/// # Errors
/// The database's own failure.
pub fn has_begun(db: &Connection, key: &str) -> Result<bool> {
    let sql = "select state <> 'failed' or cursor <> '' from job where key = ?1";
    Ok(db
        .prepare_cached(sql)?
        .query_row([key], |row| row.get(0))
        .optional()?
        .unwrap_or(false))
}

impl Job {
    /// A parameter that the kind can't do without.
    ///
    /// # Errors
    /// When it is missing: a fault of who enqueued.
    pub fn param(&self, name: &str) -> Result<&str> {
        let value = self.params.get(name).and_then(Value::as_str);
        value.ok_or_else(|| Error::Internal(format!("job {} lacks `{name}`", self.kind)))
    }
}
