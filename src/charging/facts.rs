//! What charging asks of the other slices: whom a day charges, and with which ISEE.

use rusqlite::Connection;

use super::recorded;
use super::siblings::{self, Place};
use crate::attendance::{self, DayFact};
use crate::base::{Date, EnrolmentId, Error, IseeId, PersonId, Result, Text};
use crate::enrolments::{self, Enrolment};
use crate::isee::{self, Isee};
use crate::municipality::Service;
use crate::people;
use crate::tariffs::{IseeFact, Rule, Value};

/// An enrolment on a day, whether the day is charged, and what its price depends on.
pub(super) struct Fact {
    pub(super) enrolment: Enrolment,
    pub(super) charged: bool,
    pub(super) isee: Option<(IseeId, IseeFact)>,
    pub(super) resident: bool,
    /// Its place among siblings, where the tariff asks for it.
    pub(super) place: Option<Place>,
    /// What the office recorded, where the tariff asks for it.
    pub(super) recorded: Vec<(String, Value)>,
}

/// What a day of service says by itself: the facts that charging gives to a tariff.
const KNOWN_OF_A_DAY: [&str; 5] = ["resident", "meals", "days_present", "month", "grade"];

/// What counts fees, which bills charge (`periods`).
const COUNTED_BY_BILLS: [&str; 5] = ["weeks", "months", "periods", "years", "times"];

/// Says whether days of service alone can be priced by a rule: everything that it asks for is known
/// on the day, and nothing in it waits for the end of a period.
///
/// # Errors
/// A refusal that names what is missing.
pub fn require_priceable(rule: &Rule) -> Result<()> {
    let refuse = |text: Text| Err(Error::refused(text.with("name", rule.name.as_str())));
    // A monthly fee beside the meals comes with the bill; a fee alone has nothing for a day to price.
    if !rule.components.iter().any(|c| c.unit.is_daily()) {
        return refuse(Text::new("error-rule-not-daily"));
    }
    if rule.needs_a_period() {
        return refuse(Text::new("error-rule-needs-a-period"));
    }
    if rule.rounds_days_apart() {
        return refuse(Text::new("error-rule-rounds-apart"));
    }
    let asked = rule.asks_for();
    let unknown: Vec<&str> = asked
        .into_iter()
        .filter(|fact| !KNOWN_OF_A_DAY.contains(fact) && !siblings::ASKED.contains(fact))
        .filter(|fact| !recorded::is_recorded(rule, fact) && !COUNTED_BY_BILLS.contains(fact))
        .collect();
    if !unknown.is_empty() {
        let text = Text::new("error-rule-facts-unrecorded");
        return refuse(text.with("facts", unknown.join(", ")));
    }
    Ok(())
}

/// The facts of a day, by enrolment, after a given one.
pub(super) fn day_facts(
    db: &Connection,
    service: &Service,
    rule: &Rule,
    day: Date,
    after: EnrolmentId,
    limit: u32,
) -> Result<Vec<Fact>> {
    let facts = attendance::day_facts(db, service, day, after, limit)?;
    let children: Vec<PersonId> = facts.iter().map(|fact| fact.enrolment.child_id).collect();
    let isee = isee::isee_of_each(db, &children, day)?;
    let enrolments: Vec<&Enrolment> = facts.iter().map(|fact| &fact.enrolment).collect();
    let places = siblings::places(db, service, rule, &enrolments, day)?;
    let residents = people::residences(db, &children)?;
    let known = enrolments::facts_of_each(db, &children, service.id, day)?;
    let fact = |fact: DayFact| Fact {
        isee: isee.get(&fact.enrolment.child_id).map(counted),
        resident: residents.on(fact.enrolment.child_id, day),
        place: places.get(&fact.enrolment.id).copied(),
        recorded: recorded::values(rule, &fact.enrolment, known.get(&fact.enrolment.child_id)),
        charged: fact.decision.charged,
        enrolment: fact.enrolment,
    };
    Ok(facts.into_iter().map(fact).collect())
}

pub(super) fn counted(isee: &Isee) -> (IseeId, IseeFact) {
    let fact = IseeFact {
        value: isee.value,
        protocol: isee.protocol.clone(),
        valid_from: isee.valid_from,
        valid_to: isee.valid_to,
    };
    (isee.id, fact)
}
