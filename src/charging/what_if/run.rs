//! The same comparison as a job: for more charges than somebody waits for. Each step prices some
//! enrolments, of a prepaid service in one month; the sums of all of them are the answer.

use jiff::ToSpan;
use rusqlite::{Connection, OptionalExtension, Transaction};
use serde_json::json;
use std::collections::BTreeSet;

use super::sums::{Sums, Trying};
use super::{WhatIf, billed_months, bills};
use crate::base::{
    Actor, Date, EnrolmentId, Error, Instant, JobId, Permission, PublicId, Result, ServiceId,
    day_of,
};
use crate::charging::replay::replay_of;
use crate::charging::stays::months_of;
use crate::jobs::{self, Job, Step};
use crate::municipality::{self, Service};
use crate::store::{self, AuditEvent};
use crate::tariffs::{self, Rule, RuleFault};

/// The kind of job that compares a tariff with what was charged.
pub const WHAT_IF: &str = "what-if";

/// For so many days the answer is kept.
const KEPT_DAYS: i32 = 28;

/// Enrolments per step, of a prepaid service in one month and of a postpaid one in the whole period:
/// below 50 ms.
const CHUNK: u32 = 40;
const CHUNK_OF_BILLS: u32 = 8;

/// Comparisons per transaction when they are forgotten.
const FORGET: u32 = 2;

/// What is to be compared.
pub struct NewWhatIf<'a> {
    /// The service.
    pub service: &'a Service,
    /// The rule's text.
    pub source: &'a str,
    /// First and last day.
    pub period: (Date, Date),
    /// The page that shows the answer.
    pub page: &'a str,
}

/// Writes down that a rule is to be compared with what a service charged; who asks while the same is
/// under way finds it.
///
/// # Errors
/// `Forbidden` for who is not of the office.
pub fn start_what_if(
    tx: &Transaction<'_>,
    actor: &Actor,
    new: &NewWhatIf<'_>,
    now: Instant,
) -> Result<Job> {
    if !actor.may(Permission::Office) {
        return Err(Error::Forbidden);
    }
    let (from, to) = new.period;
    let newest = newest_what_if(tx, new.service, new.source, new.period)?;
    if let Some(job) = newest.filter(|job| job.state == "waiting" || job.state == "running") {
        return Ok(job);
    }
    let billed = match new.service.prepaid {
        true => BTreeSet::new(),
        false => billed_months(tx, new.service, new.period)?,
    };
    let total = "select count(*) from enrolment e
                 cross join charge c on c.enrolment_id = e.id and c.day between ?2 and ?3
                 where e.service_id = ?1 and (c.bill_line_id is null) = ?4";
    let values = (new.service.id, from, to, new.service.prepaid);
    let total: i64 = tx
        .prepare_cached(total)?
        .query_row(values, |row| row.get(0))?;
    let params = json!({
        "service": new.service.code, "from": from, "to": to, "page": new.page, "billed": billed,
    });
    let key = format!("{WHAT_IF}:{}", PublicId::random()?);
    let job = jobs::enqueue(tx, WHAT_IF, &key, &params, total, now)?;
    let last = day_of(now).saturating_add(KEPT_DAYS.days());
    tx.prepare_cached(
        "insert into what_if_run (job_id, service_id, from_day, to_day, source, kept_until)
         values (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute((
        job.id,
        new.service.id,
        from,
        to,
        new.source,
        Instant::from_rome(last.at(23, 59, 59, 0)),
    ))?;
    let event = AuditEvent {
        action: "compare-tariff",
        subject: "job",
        subject_id: Some(job.id.0),
        payload: json!({ "service": new.service.code, "from": from, "to": to }),
    };
    store::audit(tx, actor, now, &event)?;
    Ok(job)
}

/// The newest comparison of exactly this text with this period.
///
/// # Errors
/// The database's own failure.
pub fn newest_what_if(
    db: &Connection,
    service: &Service,
    source: &str,
    (from, to): (Date, Date),
) -> Result<Option<Job>> {
    let sql = "select job_id from what_if_run
               where service_id = ?1 and from_day = ?2 and to_day = ?3 and source = ?4
               order by job_id desc limit 1";
    let id: Option<JobId> = db
        .prepare_cached(sql)?
        .query_row((service.id, from, to, source), |row| row.get(0))
        .optional()?;
    id.map(|id| jobs::job(db, id)).transpose()
}

/// What a job works on.
struct Run {
    service: Service,
    rule: Rule,
    period: (Date, Date),
}

fn run(db: &Connection, job: JobId) -> Result<Run> {
    let sql = "select service_id, from_day, to_day, source from what_if_run where job_id = ?1";
    let (service, from, to, source): (ServiceId, Date, Date, String) =
        db.prepare_cached(sql)?.query_row([job], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?;
    Ok(Run {
        service: municipality::service(db, service)?,
        rule: tariffs::parse_published(&source).map_err(RuleFault::into_error)?,
        period: (from, to),
    })
}

/// What a comparison that is done found; none before, or when it was forgotten.
///
/// # Errors
/// The database's own failure.
pub fn what_if_found(db: &Connection, job: &Job) -> Result<Option<WhatIf>> {
    if job.state != "done" {
        return Ok(None);
    }
    let run = run(db, job.id)?;
    let mut all = Sums::default();
    let sql = "select sums from what_if_part where job_id = ?1 order by position";
    let mut statement = db.prepare_cached(sql)?;
    let mut parts = statement.query([job.id])?;
    while let Some(part) = parts.next()? {
        all.add(parsed(&part.get::<_, String>(0)?)?);
    }
    all.told(db, &run.service, &run.rule).map(Some)
}

fn parsed(sums: &str) -> Result<Sums> {
    serde_json::from_str(sums).map_err(Error::internal)
}

/// Where a job goes on: which enrolments (after one, up to another), in which month of the period,
/// and how many charges are compared so far.
struct Cursor {
    after: i64,
    last: i64,
    month: usize,
    done: i64,
}

impl Cursor {
    fn read(text: &str) -> Result<Cursor> {
        let mut words = text.split_whitespace();
        let mut number = || match words.next() {
            Some(word) => word.parse::<i64>().map_err(Error::internal),
            None => Ok(0),
        };
        Ok(Cursor {
            after: number()?,
            last: number()?,
            month: usize::try_from(number()?).map_err(Error::internal)?,
            done: number()?,
        })
    }

    fn step(&self) -> Step {
        Step::More {
            cursor: format!("{} {} {} {}", self.after, self.last, self.month, self.done),
            done: self.done,
        }
    }
}

/// One step of a comparison: the job registry's entry for [`WHAT_IF`].
///
/// # Errors
/// `NotFound` when it was forgotten; the database's own failure.
pub fn what_if_step(tx: &Transaction<'_>, job: &Job, _: Instant) -> Result<Step> {
    let run = run(tx, job.id)?;
    let cursor = Cursor::read(&job.cursor)?;
    match run.service.prepaid {
        true => days_step(tx, job, &run, cursor),
        false => bills_step(tx, job, &run, cursor),
    }
}

/// Some enrolments of a prepaid service in one month.
fn days_step(tx: &Transaction<'_>, job: &Job, run: &Run, mut at: Cursor) -> Result<Step> {
    let enrolments = charged(tx, run, &at)?;
    let Some(last) = enrolments.last() else {
        return Ok(finished(&at));
    };
    at.last = last.0;
    let months = months_of(run.period);
    let mut trying = Trying::new(&run.rule);
    if let Some((from, to)) = months.get(at.month) {
        let of = (enrolments.as_slice(), *from, *to);
        replay_of(tx, &run.service, &run.rule, of, |replayed| {
            trying.day(&replayed);
            at.done += 1;
            Ok(())
        })?;
    }
    keep(tx, job, at.after, trying.sums)?;
    at.month += 1;
    if at.month >= months.len() {
        (at.after, at.last, at.month) = (at.last, 0, 0);
    }
    Ok(at.step())
}

/// The next enrolments that were charged in the period; in later months the same as in the first.
fn charged(db: &Connection, run: &Run, at: &Cursor) -> Result<Vec<EnrolmentId>> {
    let last = if at.month == 0 { i64::MAX } else { at.last };
    let most = if at.month == 0 { CHUNK } else { u32::MAX };
    let mut statement = db.prepare_cached(
        "select e.id from enrolment e where e.service_id = ?1 and e.id > ?2 and e.id <= ?3
           and exists (select 1 from charge c where c.enrolment_id = e.id and c.day between ?4 and ?5)
         order by e.id limit ?6",
    )?;
    let (from, to) = run.period;
    let rows = statement.query_map((run.service.id, at.after, last, from, to, most), |row| {
        row.get(0)
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Some enrolments of a postpaid service.
fn bills_step(tx: &Transaction<'_>, job: &Job, run: &Run, mut at: Cursor) -> Result<Step> {
    let billed = job.params.get("billed").cloned().unwrap_or_default();
    let billed: BTreeSet<Date> = serde_json::from_value(billed).map_err(Error::internal)?;
    let mut trying = Trying::new(&run.rule);
    let chunk = (EnrolmentId(at.after), CHUNK_OF_BILLS);
    let of = (&run.service, &run.rule);
    let (last, count) = bills(tx, &mut trying, of, (run.period, &billed), chunk)?;
    keep(tx, job, at.after, trying.sums)?;
    at.done += count;
    match last {
        Some(last) => {
            at.after = last.0;
            Ok(at.step())
        }
        None => Ok(finished(&at)),
    }
}

fn finished(at: &Cursor) -> Step {
    Step::Finished(json!({ "charges": at.done }))
}

/// Adds sums to those that were found for the same enrolments.
fn keep(tx: &Transaction<'_>, job: &Job, position: i64, found: Sums) -> Result<()> {
    let before = "select sums from what_if_part where job_id = ?1 and position = ?2";
    let before: Option<String> = tx
        .prepare_cached(before)?
        .query_row((job.id, position), |row| row.get(0))
        .optional()?;
    let mut sums = match before {
        Some(before) => parsed(&before)?,
        None => Sums::default(),
    };
    sums.add(found);
    let sums = serde_json::to_string(&sums).map_err(Error::internal)?;
    tx.prepare_cached(
        "insert into what_if_part (job_id, position, sums) values (?1, ?2, ?3)
         on conflict do update set sums = excluded.sums",
    )?
    .execute((job.id, position, sums))?;
    Ok(())
}

/// Forgets some comparisons whose time is over. Says whether any was.
///
/// # Errors
/// The database's own failure.
pub fn forget_what_ifs(tx: &Transaction<'_>, now: Instant) -> Result<bool> {
    let sql = "delete from what_if_run where job_id in (
                 select job_id from what_if_run where kept_until < ?1 limit ?2)";
    Ok(tx.prepare_cached(sql)?.execute((now, FORGET))? > 0)
}
