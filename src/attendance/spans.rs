//! The facts of many enrolments over a stretch of days: what a bill is made of.

use std::collections::BTreeMap;

use jiff::ToSpan;
use rusqlite::Connection;

use super::rule::{Decision, Family, Mark, decide};
use crate::base::{Date, EnrolmentId, Instant, Result, SchoolId};
use crate::calendar::Calendar;
use crate::enrolments::{self, Enrolment, Interruptions};
use crate::municipality::Service;

/// The days of some enrolments of one service.
pub struct Span<'a> {
    service: &'a Service,
    calendar: Calendar<'a>,
    said: BTreeMap<(EnrolmentId, Date), Family>,
    marks: BTreeMap<(EnrolmentId, Date), Mark>,
    interrupted: Interruptions,
}

impl<'a> Span<'a> {
    /// Reads the facts of enrolments between two days, both included, in four queries.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn load(
        db: &Connection,
        service: &'a Service,
        enrolments: &[Enrolment],
        (from, to): (Date, Date),
    ) -> Result<Span<'a>> {
        let ids: Vec<EnrolmentId> = enrolments.iter().map(|e| e.id).collect();
        let interrupted = enrolments::interruptions(db, &ids, (from, to))?;
        let ids = serde_json::to_string(&ids).map_err(crate::base::Error::internal)?;
        Ok(Span {
            service,
            calendar: Calendar::load(db, service, from, to)?,
            said: said(db, &ids, from, to)?,
            marks: marks(db, &ids, from, to)?,
            interrupted,
        })
    }

    /// What holds on a day of an enrolment; none where the service does not run for its school, or
    /// the enrolment does not hold.
    pub fn decision(&self, enrolment: &Enrolment, day: Date) -> Option<Decision> {
        let runs = enrolment.holds_on(day) && self.calendar.runs(enrolment.school_id, day).is_yes();
        runs.then(|| {
            let key = (enrolment.id, day);
            let family = self.said.get(&key).copied().unwrap_or(Family::Silent);
            let family = family.unless(self.interrupted.on(enrolment.id, day));
            let mark = self.marks.get(&key).copied().unwrap_or(Mark::None);
            decide(family, mark, self.service.charge_absent)
        })
    }

    /// On how many days between two, both included, the service runs in a school.
    pub fn opening_days(&self, school: SchoolId, (from, to): (Date, Date)) -> u32 {
        let days = from.series(1.day()).take_while(|day| *day <= to);
        let open = days.filter(|day| self.calendar.runs(school, *day).is_yes());
        u32::try_from(open.count()).unwrap_or(u32::MAX)
    }
}

fn said(
    db: &Connection,
    ids: &str,
    from: Date,
    to: Date,
) -> Result<BTreeMap<(EnrolmentId, Date), Family>> {
    // Ordered by what was said: the newest word overwrites the earlier ones.
    let mut statement = db.prepare_cached(
        "select enrolment_id, day, restored, late from cancellation
         where enrolment_id in (select value from json_each(?1)) and day between ?2 and ?3
         order by id",
    )?;
    let rows = statement.query_map((ids, from, to), |row| {
        let said = match (row.get(2)?, row.get(3)?) {
            (true, _) => Family::Silent,
            (false, true) => Family::Late,
            (false, false) => Family::Cancelled,
        };
        Ok(((row.get(0)?, row.get(1)?), said))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn marks(
    db: &Connection,
    ids: &str,
    from: Date,
    to: Date,
) -> Result<BTreeMap<(EnrolmentId, Date), Mark>> {
    // Ordered by save: the newest register of a day overwrites the earlier ones.
    let mut statement = db.prepare_cached(
        "select m.enrolment_id, r.day, m.present
         from register_mark m join register r on r.id = m.register_id
         where m.enrolment_id in (select value from json_each(?1)) and r.day between ?2 and ?3
         order by r.id",
    )?;
    let rows = statement.query_map((ids, from, to), |row| {
        let present: bool = row.get(2)?;
        let mark = if present { Mark::Present } else { Mark::Absent };
        Ok(((row.get(0)?, row.get(1)?), mark))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Whether a school or a family said something of a day between two, both included, after an instant.
///
/// # Errors
/// The database's own failure.
pub fn recorded_since(db: &Connection, (from, to): (Date, Date), since: Instant) -> Result<bool> {
    // Most often nothing at all was said since: the newest rows know.
    let sql = "select (select saved_at from register order by id desc limit 1) > ?3
         and exists (select 1 from register where day between ?1 and ?2 and saved_at > ?3)
       or (select at from cancellation order by id desc limit 1) > ?3
         and exists (select 1 from cancellation where day between ?1 and ?2 and at > ?3)";
    let found: Option<bool> = db
        .prepare_cached(sql)?
        .query_row((from, to, since), |row| row.get(0))?;
    Ok(found.unwrap_or(false))
}
