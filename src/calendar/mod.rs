//! On which days a service runs: its weekdays and season, national holidays, closures.

mod holidays;

use rusqlite::{Connection, Transaction};

use crate::base::{Actor, Date, Instant, Result, SchoolId, ServiceId};
use crate::municipality::Service;
use crate::store::{self, AuditEvent};

pub use holidays::{easter, national_holiday};

/// Whether a service runs on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Runs {
    /// It does.
    Yes,
    /// Not on this weekday, or out of its season.
    NotAServiceDay,
    /// It would, but for this: a holiday, a closure, a strike.
    Closed(String),
}

impl Runs {
    /// Whether it does.
    pub fn is_yes(&self) -> bool {
        *self == Runs::Yes
    }
}

/// The calendar of a service over a stretch of days: closures are read once.
pub struct Calendar<'a> {
    service: &'a Service,
    closures: Vec<(Date, Option<SchoolId>, String)>,
}

impl Calendar<'_> {
    /// Reads the closures of a service between two days.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn load<'a>(
        db: &Connection,
        service: &'a Service,
        from: Date,
        to: Date,
    ) -> Result<Calendar<'a>> {
        let mut statement = db.prepare_cached(
            "select day, school_id, reason from closure
             where day between ?1 and ?2 and (service_id is null or service_id = ?3)",
        )?;
        let rows = statement.query_map((from, to, service.id), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
        Ok(Calendar {
            service,
            closures: rows.collect::<rusqlite::Result<_>>()?,
        })
    }

    /// Whether the service runs in a school on a day.
    pub fn runs(&self, school: SchoolId, day: Date) -> Runs {
        if !self.service.runs_on(day) {
            return Runs::NotAServiceDay;
        }
        if let Some(name) = national_holiday(day) {
            return Runs::Closed(name.to_owned());
        }
        let closure = self
            .closures
            .iter()
            .find(|(closed, which, _)| *closed == day && which.is_none_or(|which| which == school));
        match closure {
            Some((_, _, reason)) => Runs::Closed(reason.clone()),
            None => Runs::Yes,
        }
    }

    /// Whether the service runs on a day in any school: no closure of all of them.
    pub fn runs_anywhere(&self, day: Date) -> bool {
        self.service.runs_on(day)
            && national_holiday(day).is_none()
            && !self
                .closures
                .iter()
                .any(|(closed, which, _)| *closed == day && which.is_none())
    }
}

/// A closure that is to be made.
pub struct NewClosure<'a> {
    /// The service; `None`: all.
    pub service: Option<ServiceId>,
    /// The school; `None`: all.
    pub school: Option<SchoolId>,
    /// The day.
    pub day: Date,
    /// Why, as families read it: "Sciopero", "Santo patrono".
    pub reason: &'a str,
}

/// Whether this very closure is recorded.
///
/// # Errors
/// The database's own failure.
pub fn is_recorded(db: &Connection, new: &NewClosure<'_>) -> Result<bool> {
    let sql = "select 1 from closure
               where day = ?3 and service_id is ?1 and school_id is ?2 and reason = ?4";
    Ok(db
        .prepare_cached(sql)?
        .exists((new.service, new.school, new.day, new.reason.trim()))?)
}

/// Closes a service on a day.
///
/// # Errors
/// The database's own failure.
pub fn add_closure(
    tx: &Transaction<'_>,
    actor: &Actor,
    new: &NewClosure<'_>,
    now: Instant,
) -> Result<()> {
    tx.prepare_cached(
        "insert into closure (service_id, school_id, day, reason, created_at) values (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute((new.service, new.school, new.day, new.reason.trim(), now))?;
    let event = AuditEvent {
        action: "add-closure",
        subject: "closure",
        subject_id: Some(tx.last_insert_rowid()),
        payload: serde_json::json!({ "day": new.day, "reason": new.reason }),
    };
    store::audit(tx, actor, now, &event)
}

/// Whether a closure on a day between two, both included, was recorded after an instant.
///
/// # Errors
/// The database's own failure.
pub fn recorded_since(db: &Connection, (from, to): (Date, Date), since: Instant) -> Result<bool> {
    let sql =
        "select exists (select 1 from closure where day between ?1 and ?2 and created_at > ?3)";
    Ok(db
        .prepare_cached(sql)?
        .query_row((from, to, since), |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::municipality;
    use crate::testing::{Comune, morning};
    use jiff::civil::date;

    #[test]
    fn a_closure_of_one_school_leaves_the_others_open() {
        let comune = Comune::new();
        let (school, meals) = (comune.school, comune.meals);
        let day = date(2026, 11, 10);
        let clerk = comune.as_clerk();
        comune
            .write(move |tx| {
                let new = NewClosure {
                    service: None,
                    school: Some(school),
                    day,
                    reason: "Elezioni",
                };
                add_closure(tx, &clerk, &new, morning())
            })
            .unwrap();
        comune
            .store
            .read(|db| {
                let service = municipality::service(db, meals)?;
                let calendar = Calendar::load(db, &service, day, day)?;
                assert_eq!(
                    calendar.runs(school, day),
                    Runs::Closed("Elezioni".to_owned())
                );
                assert!(calendar.runs(SchoolId(school.0 + 100), day).is_yes());
                assert!(calendar.runs_anywhere(day));
                assert_eq!(
                    calendar.runs(school, date(2026, 11, 8)),
                    Runs::NotAServiceDay,
                    "a Sunday"
                );
                Ok(())
            })
            .unwrap();
    }
}
