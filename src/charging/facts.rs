//! What charging asks of the other slices: whom a day charges, and with which ISEE.

use rusqlite::Connection;

use crate::attendance::{self, DayFact};
use crate::base::{Date, EnrolmentId, IseeId, PersonId, Result};
use crate::enrolments::Enrolment;
use crate::isee::{self, Isee};
use crate::municipality::Service;
use crate::people;
use crate::tariffs::IseeFact;

/// An enrolment on a day, whether the day is charged, and what its price depends on.
pub(super) struct Fact {
    pub(super) enrolment: Enrolment,
    pub(super) charged: bool,
    pub(super) isee: Option<(IseeId, IseeFact)>,
    pub(super) resident: bool,
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
    let children: Vec<PersonId> = facts.iter().map(|fact| fact.enrolment.child_id).collect();
    let isee = isee::isee_of_each(db, &children, day)?;
    let residents = people::residents_among(db, &children)?;
    let fact = |fact: DayFact| Fact {
        isee: isee.get(&fact.enrolment.child_id).map(counted),
        resident: residents.contains(&fact.enrolment.child_id),
        charged: fact.decision.charged,
        enrolment: fact.enrolment,
    };
    Ok(facts.into_iter().map(fact).collect())
}

fn counted(isee: &Isee) -> (IseeId, IseeFact) {
    let fact = IseeFact {
        value: isee.value,
        protocol: isee.protocol.clone(),
        valid_from: isee.valid_from,
        valid_to: isee.valid_to,
    };
    (isee.id, fact)
}
