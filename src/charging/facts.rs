//! What charging asks of the other slices: whom a day charges, with which ISEE, and whether the
//! service ran at all.

use rusqlite::{Connection, OptionalExtension};

use crate::base::{Date, EnrolmentId, IseeId, PersonId, Result};
use crate::enrolments::{self, Enrolment};
use crate::municipality::Service;
use crate::tariffs::IseeFact;

/// An enrolment on a day, and whether the day is charged.
pub(super) struct Fact {
    pub(super) enrolment: Enrolment,
    pub(super) charged: bool,
}

/// The facts of a day, by enrolment, after a given one.
pub(super) fn day_facts(
    db: &Connection,
    service: &Service,
    day: Date,
    after: EnrolmentId,
    limit: u32,
) -> Result<Vec<Fact>> {
    let enrolled = enrolments::of_service_after(db, service.id, day, after, limit)?;
    let fact = |enrolment| Fact {
        enrolment,
        charged: true,
    };
    Ok(enrolled.into_iter().map(fact).collect())
}

/// The ISEE that holds for a child on a day.
pub(super) fn isee_on(
    db: &Connection,
    child: PersonId,
    day: Date,
) -> Result<Option<(IseeId, IseeFact)>> {
    let sql = "select id, value, protocol, valid_from, valid_to from isee
               where child_id = ?1 and valid_from <= ?2 and valid_to >= ?2 and omissions = 0
               order by recorded_at desc, id desc limit 1";
    let found = db.prepare_cached(sql)?.query_row((child, day), |row| {
        let fact = IseeFact {
            value: row.get(1)?,
            protocol: row.get(2)?,
            valid_from: row.get(3)?,
            valid_to: row.get(4)?,
        };
        Ok((row.get(0)?, fact))
    });
    Ok(found.optional()?)
}

/// Whether a service runs on a day in any school.
pub(super) fn runs_on(_db: &Connection, service: &Service, day: Date) -> Result<bool> {
    Ok(service.runs_on(day))
}
