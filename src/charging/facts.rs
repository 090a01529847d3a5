//! What charging asks of the other slices: whom a day charges, and with which ISEE.

use rusqlite::Connection;

use crate::attendance::{self, DayFact};
use crate::base::{Date, EnrolmentId, IseeId, PersonId, Result};
use crate::enrolments::Enrolment;
use crate::isee;
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
    let facts = attendance::day_facts(db, service, day, after, limit)?;
    let fact = |fact: DayFact| Fact {
        enrolment: fact.enrolment,
        charged: fact.decision.charged,
    };
    Ok(facts.into_iter().map(fact).collect())
}

/// The ISEE that holds for a child on a day.
pub(super) fn isee_on(
    db: &Connection,
    child: PersonId,
    day: Date,
) -> Result<Option<(IseeId, IseeFact)>> {
    let found = isee::isee_on(db, child, day)?.map(|isee| {
        let fact = IseeFact {
            value: isee.value,
            protocol: isee.protocol,
            valid_from: isee.valid_from,
            valid_to: isee.valid_to,
        };
        (isee.id, fact)
    });
    Ok(found)
}
