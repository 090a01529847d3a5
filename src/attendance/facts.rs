//! The facts of days: for charging, a service's day; for a family, an enrolment's month.

use std::collections::BTreeMap;

use jiff::ToSpan;
use rusqlite::Connection;
use serde::Serialize;

use super::cancellations::Cancelled;
use super::registers::{marks_of_enrolment, marks_on};
use super::rule::{Decision, Family, Mark, cut_off, decide};
use crate::base::{Date, EnrolmentId, Instant, Result, today};
use crate::calendar::{Calendar, Runs};
use crate::enrolments::{self, Enrolment};
use crate::municipality::Service;

/// An enrolment on a day, and what holds.
pub struct DayFact {
    /// The enrolment.
    pub enrolment: Enrolment,
    /// What the family said.
    pub family: Family,
    /// What the school said.
    pub mark: Mark,
    /// What holds. On a closed day nobody is present and nobody is charged.
    pub decision: Decision,
}

/// The facts of a service on a day, by enrolment, after a given one.
///
/// # Errors
/// The database's own failure.
pub fn day_facts(
    db: &Connection,
    service: &Service,
    day: Date,
    after: EnrolmentId,
    limit: u32,
) -> Result<Vec<DayFact>> {
    let enrolled = enrolments::of_service_after(db, service.id, day, after, limit)?;
    let (Some(first), Some(last)) = (enrolled.first(), enrolled.last()) else {
        return Ok(Vec::new());
    };
    let said = cancellations_on(db, day, first.id, last.id)?;
    let marks = marks_on(db, service, day, first.id, last.id)?;
    let calendar = Calendar::load(db, service, day, day)?;
    let ids: Vec<EnrolmentId> = enrolled.iter().map(|enrolment| enrolment.id).collect();
    let interrupted = enrolments::interruptions(db, &ids, (day, day))?;
    let fact = |enrolment: Enrolment| {
        let family = said.get(&enrolment.id).copied().unwrap_or(Family::Silent);
        let family = family.unless(interrupted.on(enrolment.id, day));
        let mark = marks.get(&enrolment.id).copied().unwrap_or(Mark::None);
        let decision = if calendar.runs(enrolment.school_id, day).is_yes() {
            decide(family, mark, service.charge_absent)
        } else {
            Decision {
                present: false,
                charged: false,
            }
        };
        DayFact {
            enrolment,
            family,
            mark,
            decision,
        }
    };
    Ok(enrolled.into_iter().map(fact).collect())
}

fn cancellations_on(
    db: &Connection,
    day: Date,
    first: EnrolmentId,
    last: EnrolmentId,
) -> Result<BTreeMap<EnrolmentId, Family>> {
    // Ordered by what was said: the newest word overwrites the earlier ones.
    let mut statement = db.prepare_cached(
        "select enrolment_id, restored, late from cancellation
         where day = ?1 and enrolment_id between ?2 and ?3 order by id",
    )?;
    let rows = statement.query_map((day, first, last), |row| {
        let (restored, late): (bool, bool) = (row.get(1)?, row.get(2)?);
        Ok((
            row.get(0)?,
            match (restored, late) {
                (true, _) => Family::Silent,
                (false, true) => Family::Late,
                (false, false) => Family::Cancelled,
            },
        ))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What a family sees of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DayState {
    /// The service does not run on such days, or the enrolment does not hold.
    Out,
    /// It would run, but is closed.
    Closed,
    /// To come, booked.
    Booked,
    /// Cancelled by the family.
    Cancelled,
    /// Used: eaten.
    Present,
    /// Not used, and not cancelled in time.
    Absent,
    /// The service is interrupted for this child, and was not used.
    Interrupted,
}

/// A day of an enrolment.
#[derive(Clone, Debug, Serialize)]
pub struct DayView {
    /// The day.
    pub day: Date,
    /// What it is.
    pub state: DayState,
    /// Why it is closed.
    pub reason: String,
    /// The family's cancellation, also when the school saw the child all the same.
    pub cancelled: Option<Cancelled>,
    /// The family can still cancel it in time.
    pub can_cancel: bool,
}

/// The days of an enrolment from one to another, in a constant number of queries.
///
/// # Errors
/// The database's own failure.
pub fn days_of_enrolment(
    db: &Connection,
    enrolment: &Enrolment,
    service: &Service,
    (from, to): (Date, Date),
    now: Instant,
) -> Result<Vec<DayView>> {
    let calendar = Calendar::load(db, service, from, to)?;
    let marks = marks_of_enrolment(db, enrolment.id, from, to)?;
    let said = cancellations_of(db, enrolment.id, from, to)?;
    let interrupted = enrolments::interruptions(db, &[enrolment.id], (from, to))?;
    let view = |day: Date| {
        let cancelled = said.get(&day).cloned();
        let mark = marks.get(&day).copied().unwrap_or(Mark::None);
        let runs = calendar.runs(enrolment.school_id, day);
        let reason = if let Runs::Closed(reason) = &runs {
            reason.clone()
        } else {
            String::new()
        };
        let in_time = now <= cut_off(service, day);
        let state = match runs {
            Runs::NotAServiceDay => DayState::Out,
            _ if !enrolment.holds_on(day) => DayState::Out,
            Runs::Closed(_) => DayState::Closed,
            Runs::Yes if interrupted.on(enrolment.id, day) && mark != Mark::Present => {
                DayState::Interrupted
            }
            Runs::Yes => state_of(cancelled.as_ref(), mark, day >= today(now)),
        };
        let ahead = today(now).saturating_add(service.cancel_ahead_days.days());
        let can_cancel = state == DayState::Booked && in_time && day <= ahead;
        DayView {
            day,
            state,
            reason,
            cancelled,
            can_cancel,
        }
    };
    Ok(from
        .series(1.day())
        .take_while(|day| *day <= to)
        .map(view)
        .collect())
}

fn state_of(cancelled: Option<&Cancelled>, mark: Mark, to_come: bool) -> DayState {
    let family = cancelled.map_or(Family::Silent, Cancelled::family);
    match (family, mark) {
        (Family::Silent, Mark::None) if to_come => DayState::Booked,
        (_, Mark::Present) | (Family::Silent, Mark::None) => DayState::Present,
        (Family::Cancelled, _) => DayState::Cancelled,
        (Family::Late, Mark::None) if to_come => DayState::Cancelled,
        (Family::Silent | Family::Late, _) => DayState::Absent,
    }
}

pub(super) fn cancellations_of(
    db: &Connection,
    enrolment: EnrolmentId,
    from: Date,
    to: Date,
) -> Result<BTreeMap<Date, Cancelled>> {
    let mut statement = db.prepare_cached(
        "select day, restored, receipt_number, at, late, staff_id is not null from cancellation
         where enrolment_id = ?1 and day between ?2 and ?3 order by id",
    )?;
    let mut newest = BTreeMap::new();
    let mut rows = statement.query((enrolment, from, to))?;
    while let Some(row) = rows.next()? {
        let day: Date = row.get(0)?;
        if row.get(1)? {
            newest.remove(&day);
        } else {
            newest.insert(
                day,
                Cancelled {
                    day,
                    number: row.get(2)?,
                    at: row.get(3)?,
                    late: row.get(4)?,
                    by_office: row.get(5)?,
                },
            );
        }
    }
    Ok(newest)
}
