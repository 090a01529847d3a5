//! What charging asks of the other slices: whom a day charges, and with which ISEE.

use std::collections::BTreeSet;

use rusqlite::Connection;

use super::recorded;
use super::siblings;
use super::stays::{self, Stays};
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
    /// What else the tariff asks for: its place among siblings, its time in the service, what the
    /// office recorded.
    pub(super) asked: Vec<(String, Value)>,
}

/// What a day of service says by itself: the facts that charging gives to a tariff.
const KNOWN_OF_A_DAY: [&str; 10] = [
    "resident",
    "meals",
    "days_present",
    "month",
    "weekday",
    "grade",
    "entry_day",
    "entry_month",
    "months_since_entry",
    "age_months",
];

/// What only bills know, which charge fees (`periods`).
const COUNTED_BY_BILLS: [&str; 11] = [
    "weeks",
    "months",
    "periods",
    "years",
    "times",
    "school",
    "opening_days",
    "absence_days",
    "consecutive_absence_days",
    "enrolled_days",
    "exit_day",
];

/// Whether a day of a prepaid service that is charged by itself knows a fact.
fn known_of_a_day(rule: &Rule, fact: &str) -> bool {
    let recorded = recorded::is_recorded(rule, fact) && !recorded::COUNTED.contains(&fact);
    KNOWN_OF_A_DAY.contains(&fact) || siblings::tells(rule, fact) || recorded
}

/// Whether a bill tells a fact, or the office records it.
pub(super) fn known_to_bills(rule: &Rule, fact: &str) -> bool {
    let told = KNOWN_OF_A_DAY.contains(&fact) || COUNTED_BY_BILLS.contains(&fact);
    told || siblings::tells(rule, fact) || recorded::is_recorded(rule, fact)
}

/// Says whether a service can be charged by a rule: everything that it asks for is told or recorded
/// by somebody. Of a prepaid service, days alone must tell what meals, days and hours cost.
///
/// # Errors
/// A refusal that names what is missing.
pub fn require_chargeable(rule: &Rule, prepaid: bool) -> Result<()> {
    if prepaid {
        return require_priceable(rule);
    }
    let asked = rule.asks_for().into_iter();
    let unknown: Vec<&str> = asked.filter(|fact| !known_to_bills(rule, fact)).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let text = Text::new("error-rule-facts-unsupplied").with("facts", unknown.join(", "));
    Err(Error::refused(text.with("name", rule.name.as_str())))
}

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
    let of_days = rule.days_ask_for().into_iter();
    let mut unknown: BTreeSet<&str> = of_days.filter(|fact| !known_of_a_day(rule, fact)).collect();
    let of_all = rule.asks_for().into_iter();
    unknown.extend(of_all.filter(|fact| !known_to_bills(rule, fact)));
    if !unknown.is_empty() {
        let unknown: Vec<&str> = unknown.into_iter().collect();
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
    let times = match stays::are_asked(rule) {
        true => Some((
            Stays::load(db, service.id, &children)?,
            people::birth_dates(db, &children)?,
        )),
        false => None,
    };
    let fact = |fact: DayFact| {
        let child = fact.enrolment.child_id;
        let mut asked = Vec::new();
        if let Some((stays, born)) = &times {
            asked.extend(stays::told(
                rule,
                stays,
                born.get(&child).copied(),
                (child, day),
            ));
        }
        asked.extend(
            places
                .get(&fact.enrolment.id)
                .into_iter()
                .flatten()
                .cloned(),
        );
        asked.extend(recorded::values(rule, known.get(&child)));
        Fact {
            isee: isee.get(&child).map(counted),
            resident: residents.on(child, day),
            asked,
            charged: fact.decision.charged,
            enrolment: fact.enrolment,
        }
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
