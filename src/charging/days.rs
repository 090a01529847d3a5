//! Which days are closed, and which wait.

use std::collections::BTreeSet;

use jiff::ToSpan;
use rusqlite::{Connection, OptionalExtension, Transaction};
use serde::Serialize;

use crate::base::{
    AccountId, Cents, Date, Error, Instant, JobId, Result, SchoolYear, ServiceId, Text,
};
use crate::calendar::Calendar;
use crate::jobs;
use crate::municipality::Service;
use crate::tariffs;

use super::day_close::DAY_CLOSE;

/// A day that was priced and posted.
#[derive(Clone, Debug, Serialize)]
pub struct ClosedDay {
    /// The day.
    pub day: Date,
    /// When it was closed.
    pub closed_at: Instant,
    /// How many charges.
    pub charges: i64,
    /// In all.
    pub total: Cents,
}

/// Whether a day of a service is closed.
///
/// # Errors
/// The database's own failure.
pub fn is_closed(db: &Connection, service: ServiceId, day: Date) -> Result<bool> {
    let sql = "select 1 from day_closing where service_id = ?1 and day = ?2
               union all
               select 1 from closed_elsewhere where service_id = ?1 and ?2 between from_date and to_date";
    let found = db
        .prepare_cached(sql)?
        .query_row((service, day), |_| Ok(()))
        .optional()?;
    Ok(found.is_some())
}

/// Whether the facts of a day count no more: it is closed, or its closing has begun and may have
/// priced them already.
///
/// # Errors
/// The database's own failure.
pub fn is_locked(db: &Connection, service: &Service, day: Date) -> Result<bool> {
    Ok(is_closed(db, service.id, day)? || jobs::has_begun(db, &job_key(service, day))?)
}

/// What names the job that closes a day.
pub(super) fn job_key(service: &Service, day: Date) -> String {
    format!("{DAY_CLOSE}:{}:{day}", service.code)
}

/// Writes down that a day is closed, with how many charges and what they give in all.
pub(super) fn record_closing(
    tx: &Transaction<'_>,
    service: ServiceId,
    day: Date,
    job: JobId,
    (charges, total): (i64, Cents),
    now: Instant,
) -> Result<()> {
    tx.prepare_cached(
        "insert into day_closing (service_id, day, job_id, closed_at, charges, total)
         values (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute((service, day, job, now, charges, total))?;
    Ok(())
}

/// Records that an earlier system has charged the days of a service between two, both included:
/// they are closed here too, and nobody pays them twice. Says whether that is new.
///
/// # Errors
/// A refusal when the period ends before it begins, or a day in it was closed here.
pub fn record_closed_elsewhere(
    tx: &Transaction<'_>,
    service: ServiceId,
    from: Date,
    to: Date,
) -> Result<bool> {
    if to < from {
        return Err(Error::field("al", Text::new("error-period-backwards")));
    }
    let sql = "select 1 from closed_elsewhere where service_id = ?1 and from_date <= ?2 and to_date >= ?3";
    let known = tx.prepare_cached(sql)?.exists((service, from, to))?;
    if known {
        return Ok(false);
    }
    let here = closed_between(tx, service, from, to)?;
    if let Some(day) = here.first() {
        // A folder's own days come back: they are closed here, and that is what the row says.
        if from == to {
            return Ok(false);
        }
        return Err(Error::refused(
            Text::new("import-closed-here").with("day", *day),
        ));
    }
    tx.prepare_cached(
        "insert into closed_elsewhere (service_id, from_date, to_date) values (?1, ?2, ?3)
         on conflict (service_id, from_date) do update set to_date = excluded.to_date",
    )?
    .execute((service, from, to))?;
    Ok(true)
}

/// Whether a day of an account was charged here.
///
/// # Errors
/// The database's own failure.
pub fn charged_here(db: &Connection, account: AccountId, day: Date) -> Result<Option<Cents>> {
    let sql = "select sum(amount) from charge where account_id = ?1 and day = ?2
               and bill_line_id is null";
    Ok(db
        .prepare_cached(sql)?
        .query_row((account, day), |row| row.get(0))?)
}

/// What the line of a bill charged to an account, by what names it: for what was exported and comes
/// back.
///
/// # Errors
/// The database's own failure.
pub fn billed_here(db: &Connection, account: AccountId, reference: &str) -> Result<Option<Cents>> {
    let sql = "select amount from charge
               where public_id = ?2 and account_id = ?1 and bill_line_id is not null";
    Ok(db
        .prepare_cached(sql)?
        .query_row((account, reference), |row| row.get(0))
        .optional()?)
}

/// The last closed days of a service, newest first.
///
/// # Errors
/// The database's own failure.
pub fn closed_days(
    db: &Connection,
    service: ServiceId,
    limit: u32,
    offset: u32,
) -> Result<Vec<ClosedDay>> {
    let mut statement = db.prepare_cached(
        "select day, closed_at, charges, total from day_closing where service_id = ?1
         order by day desc limit ?2 offset ?3",
    )?;
    let rows = statement.query_map((service, limit, offset), |row| {
        Ok(ClosedDay {
            day: row.get(0)?,
            closed_at: row.get(1)?,
            charges: row.get(2)?,
            total: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The days of a prepaid service that wait to be closed, up to and with one, oldest first: days on
/// which it runs, since its first tariff, at the earliest since the beginning of the school year
/// before.
///
/// # Errors
/// The database's own failure.
pub fn days_to_close(db: &Connection, service: &Service, until: Date) -> Result<Vec<Date>> {
    let first_tariff = tariffs::tariffs_of(db, service.id)?
        .last()
        .map(|t| t.valid_from);
    let Some(first_tariff) = first_tariff.filter(|_| service.prepaid) else {
        return Ok(Vec::new());
    };
    let last_year = SchoolYear::starting_in(SchoolYear::of(until).first_year() - 1);
    let since = first_tariff.max(last_year.starts_on());
    let closed = closed_between(db, service.id, since, until)?;
    let elsewhere = closed_elsewhere(db, service.id)?;
    let calendar = Calendar::load(db, service, since, until)?;
    let days = since.series(1.day()).take_while(|day| *day <= until);
    Ok(days
        .filter(|day| {
            !closed.contains(day)
                && !elsewhere.iter().any(|(from, to)| from <= day && day <= to)
                && calendar.runs_anywhere(*day)
        })
        .collect())
}

/// The stretches of days that an earlier system charged.
pub(super) fn closed_elsewhere(db: &Connection, service: ServiceId) -> Result<Vec<(Date, Date)>> {
    let sql = "select from_date, to_date from closed_elsewhere where service_id = ?1";
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map([service], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn closed_between(
    db: &Connection,
    service: ServiceId,
    from: Date,
    to: Date,
) -> Result<BTreeSet<Date>> {
    let sql = "select day from day_closing where service_id = ?1 and day between ?2 and ?3";
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map((service, from, to), |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
