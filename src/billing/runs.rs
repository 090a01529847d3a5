//! Bill runs: which period, how far it is.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, Transaction};
use serde::Serialize;
use serde_json::json;

use crate::base::{
    Actor, BillRunId, Cents, Date, Error, Instant, JobId, Permission, PersonId, PublicId, Result,
    ServiceId, Text,
};
use crate::jobs::{self, Job, Step};
use crate::store::{self, AuditEvent};

/// The kind of job that deletes the lines of a draft that was thrown away.
pub const BILL_DISCARD: &str = "bill-discard";

/// So many lines are deleted in one transaction: some 50 ms.
const LINES_AT_ONCE: u32 = 2_000;

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RunState {
    /// Its lines are being computed.
    Drafting,
    /// A clerk checks it.
    Draft,
    /// Its bills are being published.
    Publishing,
    /// It is published.
    Published,
    /// It was thrown away.
    Discarded,
}

const STATES: [(RunState, &str); 5] = [
    (RunState::Drafting, "drafting"),
    (RunState::Draft, "draft"),
    (RunState::Publishing, "publishing"),
    (RunState::Published, "published"),
    (RunState::Discarded, "discarded"),
];

impl ToSql for RunState {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let found = STATES.iter().find(|(state, _)| state == self);
        Ok(found.map_or("", |(_, word)| *word).into())
    }
}

impl FromSql for RunState {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<RunState> {
        let word = value.as_str()?;
        let found = STATES.iter().find(|(_, known)| *known == word);
        found
            .map(|(state, _)| *state)
            .ok_or(FromSqlError::InvalidType)
    }
}

/// What a run is made for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A period.
    #[default]
    Period,
    /// What late ISEEs change for some children.
    Children,
    /// One charged day that the office gives back.
    Reversal,
}

impl ToSql for Kind {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let word = match self {
            Kind::Period => "period",
            Kind::Children => "children",
            Kind::Reversal => "reversal",
        };
        Ok(word.into())
    }
}

impl FromSql for Kind {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Kind> {
        match value.as_str()? {
            "period" => Ok(Kind::Period),
            "children" => Ok(Kind::Children),
            "reversal" => Ok(Kind::Reversal),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

/// A run.
#[derive(Clone, Debug, Serialize)]
pub struct Run {
    /// Inside.
    #[serde(skip)]
    pub id: BillRunId,
    /// Outside.
    pub public_id: PublicId,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// One service, or all.
    #[serde(skip)]
    pub service_id: Option<ServiceId>,
    /// Its name; empty: all.
    pub service: String,
    /// How far it is.
    pub state: RunState,
    /// The last day to pay.
    pub due_date: Option<Date>,
    /// What drafts or publishes it.
    #[serde(skip)]
    pub job: Option<JobId>,
    /// When it was begun.
    pub created_at: Instant,
    /// When it was published.
    pub published_at: Option<Instant>,
    /// What it is made for.
    pub kind: Kind,
    /// The children, where it is made for some.
    #[serde(skip)]
    pub children: Option<Vec<PersonId>>,
    /// Payers with at least one line, once it is drafted; so too the following.
    pub payers: i64,
    /// Lines.
    pub lines: i64,
    /// Lines without a price.
    pub faults: i64,
    /// What families are charged in all, less what they get back: cents.
    pub total: Cents,
}

const SELECT: &str =
    "select r.id, r.public_id, r.from_day, r.to_day, r.service_id, coalesce(s.name, ''),
        r.state, r.due_date, r.job_id, r.created_at, r.published_at, r.kind, r.children, r.payers,
        r.lines, r.faults, r.total
    from bill_run r left join service s on s.id = r.service_id";

fn read(row: &Row<'_>) -> rusqlite::Result<Run> {
    let children: Option<String> = row.get(12)?;
    Ok(Run {
        id: row.get(0)?,
        public_id: row.get(1)?,
        from: row.get(2)?,
        to: row.get(3)?,
        service_id: row.get(4)?,
        service: row.get(5)?,
        state: row.get(6)?,
        due_date: row.get(7)?,
        job: row.get(8)?,
        created_at: row.get(9)?,
        published_at: row.get(10)?,
        kind: row.get(11)?,
        children: children.and_then(|ids| serde_json::from_str(&ids).ok()),
        payers: row.get(13)?,
        lines: row.get(14)?,
        faults: row.get(15)?,
        total: row.get(16)?,
    })
}

/// A run that is to be made.
pub struct NewRun {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// One service; none: all of them.
    pub service: Option<ServiceId>,
    /// Also what the comune's ISEE rule would let wait for the new ISEE.
    pub include_held: bool,
    /// What it is made for.
    pub kind: Kind,
    /// With [`Kind::Children`]: whose lines.
    pub children: Option<Vec<PersonId>>,
    /// With [`Kind::Reversal`]: why.
    pub reason: String,
}

impl NewRun {
    /// A run over a period, of one service or of all.
    pub fn period((from, to): (Date, Date), service: Option<ServiceId>) -> NewRun {
        NewRun {
            from,
            to,
            service,
            include_held: false,
            kind: Kind::Period,
            children: None,
            reason: String::new(),
        }
    }
}

pub(super) fn insert(
    tx: &Transaction<'_>,
    actor: &Actor,
    new: &NewRun,
    now: Instant,
) -> Result<Run> {
    let children = new.children.as_ref().map(serde_json::to_string);
    tx.prepare_cached(
        "insert into bill_run (public_id, from_day, to_day, service_id, state, staff_id, created_at,
                               kind, children, reason)
         values (?1, ?2, ?3, ?4, 'drafting', ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute((
        PublicId::random()?,
        new.from,
        new.to,
        new.service,
        actor.staff().map(|staff| staff.id),
        now,
        new.kind,
        children.transpose().map_err(Error::internal)?,
        &new.reason,
    ))?;
    let sql = format!("{SELECT} where r.id = ?1");
    let id = BillRunId(tx.last_insert_rowid());
    Ok(tx.prepare_cached(&sql)?.query_row([id], read)?)
}

pub(super) fn set_job(tx: &Transaction<'_>, run: BillRunId, job: JobId) -> Result<()> {
    tx.prepare_cached("update bill_run set job_id = ?2 where id = ?1")?
        .execute((run, job))?;
    Ok(())
}

pub(super) fn set_state(tx: &Transaction<'_>, run: BillRunId, state: RunState) -> Result<()> {
    tx.prepare_cached("update bill_run set state = ?2 where id = ?1")?
        .execute((run, state))?;
    Ok(())
}

/// Adds up the lines of a run, and keeps the sums with it; says how many lines there are.
pub(super) fn keep_totals(tx: &Transaction<'_>, run: BillRunId) -> Result<i64> {
    let sql = "update bill_run set (payers, lines, faults, total) =
                 (select count(distinct l.payer_id), count(*), count(l.fault), coalesce(sum(l.amount), 0)
                  from bill_line l where l.run_id = ?1)
               where id = ?1 returning lines";
    Ok(tx.prepare_cached(sql)?.query_row([run], |row| row.get(0))?)
}

/// Ends a run: nothing of it changes any more.
pub(super) fn set_published(tx: &Transaction<'_>, run: BillRunId, now: Instant) -> Result<()> {
    tx.prepare_cached("update bill_run set state = 'published', published_at = ?2 where id = ?1")?
        .execute((run, now))?;
    Ok(())
}

/// A run by its public id, for staff.
///
/// # Errors
/// `NotFound`.
pub fn run(db: &Connection, id: &PublicId) -> Result<Run> {
    let sql = format!("{SELECT} where r.public_id = ?1");
    Ok(db.prepare_cached(&sql)?.query_row([id], read)?)
}

/// The run that a job works on.
pub(super) fn of_job(db: &Connection, job: &Job) -> Result<Run> {
    run(
        db,
        &job.param("run")?.parse().map_err(|()| Error::NotFound)?,
    )
}

/// The run that is being drafted, checked or published, if there is one: two at once would charge
/// the same days twice.
///
/// # Errors
/// The database's own failure.
pub fn open_run(db: &Connection) -> Result<Option<Run>> {
    let sql =
        format!("{SELECT} where r.state in ('drafting', 'draft', 'publishing') order by r.id");
    Ok(db.prepare_cached(&sql)?.query_row([], read).optional()?)
}

/// Runs that were not thrown away, newest first; without those of single days.
///
/// # Errors
/// The database's own failure.
pub fn runs(db: &Connection, limit: u32, offset: u32) -> Result<Vec<Run>> {
    let sql = format!(
        "{SELECT} where r.state in ('drafting', 'draft', 'publishing', 'published') and r.kind <> 'reversal'
         order by r.id desc limit ?1 offset ?2"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map((limit, offset), read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The last published run of the same services that ended before a run begins: what its amounts are
/// compared with.
///
/// # Errors
/// The database's own failure.
pub fn previous_run(db: &Connection, of: &Run) -> Result<Option<Run>> {
    let sql = format!(
        "{SELECT} where r.state = 'published' and r.to_day < ?1 and r.service_id is ?2 and r.kind = 'period'
         order by r.to_day desc, r.id limit 1"
    );
    Ok(db
        .prepare_cached(&sql)?
        .query_row((of.from, of.service_id), read)
        .optional()?)
}

/// A published run that shares days with a period and does not lie within it: then a correction
/// could not tell what was charged for which days.
pub(super) fn cut_by(db: &Connection, new: &NewRun) -> Result<Option<Run>> {
    let sql = format!(
        "{SELECT} where r.state = 'published' and r.from_day <= ?2 and r.to_day >= ?1
           and not (r.from_day >= ?1 and r.to_day <= ?2)
           and (?3 is null or r.service_id is null or r.service_id = ?3)
         order by r.id limit 1"
    );
    Ok(db
        .prepare_cached(&sql)?
        .query_row((new.from, new.to, new.service), read)
        .optional()?)
}

/// Throws a draft away with its lines. Nothing was charged.
///
/// # Errors
/// `Forbidden`; a refusal when it is published or being published.
pub fn discard(tx: &Transaction<'_>, actor: &Actor, id: &PublicId, now: Instant) -> Result<()> {
    require_money(actor)?;
    let run = run(tx, id)?;
    if !matches!(run.state, RunState::Draft | RunState::Drafting) {
        return Err(Error::conflict(Text::new("error-bill-run-not-draft")));
    }
    set_state(tx, run.id, RunState::Discarded)?;
    if delete_some(tx, run.id)? == LINES_AT_ONCE {
        // Nobody waits while a city's lines are deleted.
        let (key, params) = (
            format!("{BILL_DISCARD}:{}", run.public_id),
            json!({ "run": run.public_id, "from": run.from, "to": run.to }),
        );
        jobs::enqueue(tx, BILL_DISCARD, &key, &params, run.lines, now)?;
    }
    let event = AuditEvent {
        action: "discard-bills",
        subject: "bill_run",
        subject_id: Some(run.id.0),
        payload: json!({ "from": run.from, "to": run.to }),
    };
    store::audit(tx, actor, now, &event)
}

/// Deletes some lines of a run that was thrown away; says how many.
fn delete_some(tx: &Transaction<'_>, run: BillRunId) -> Result<u32> {
    let sql = "delete from bill_line where id in
                 (select id from bill_line where run_id = ?1 and bill_id is null limit ?2)";
    let deleted = tx.prepare_cached(sql)?.execute((run, LINES_AT_ONCE))?;
    u32::try_from(deleted).map_err(Error::internal)
}

/// One step of deleting what was thrown away: the job registry's entry for [`BILL_DISCARD`].
///
/// # Errors
/// The database's own failure.
pub fn discard_step(tx: &Transaction<'_>, job: &Job, _now: Instant) -> Result<Step> {
    let run = of_job(tx, job)?;
    let deleted = delete_some(tx, run.id)?;
    if deleted < LINES_AT_ONCE {
        return Ok(Step::Finished(json!({})));
    }
    let done = job.done + i64::from(deleted);
    Ok(Step::More {
        cursor: done.to_string(),
        done: done.min(job.total),
    })
}

/// Whether somebody may bill.
pub(super) fn require_money(actor: &Actor) -> Result<()> {
    match actor.may(Permission::Money) || matches!(actor, Actor::System(_)) {
        true => Ok(()),
        false => Err(Error::Forbidden),
    }
}
