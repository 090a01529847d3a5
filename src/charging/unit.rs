//! What one unit of a service costs a child now: for who pays in advance.

use rusqlite::Connection;

use super::replay::facts_of;
use crate::base::{Cents, Date, PersonId, Result};
use crate::enrolments;
use crate::municipality::Service;
use crate::tariffs::{self, Part, Rule};

/// What a meal (a day, an hour) costs a child on a day by what is known now, in cents; none where the
/// child is not enrolled then or later, or the rule can't price a day by itself.
///
/// # Errors
/// The database's own failure.
pub fn unit_price(
    db: &Connection,
    service: &Service,
    rule: &Rule,
    child: PersonId,
    day: Date,
) -> Result<Option<Cents>> {
    let enrolments = enrolments::of_child(db, child)?;
    let enrolment = enrolments
        .into_iter()
        .find(|e| e.service_id == service.id && e.to.is_none_or(|last| last >= day));
    let Some(enrolment) = enrolment else {
        return Ok(None);
    };
    let facts = facts_of(db, service, rule, enrolment.id, day)?;
    let told = facts.and_then(|facts| tariffs::price(rule, &facts, Part::Day).ok());
    Ok(told.map(|told| told.amount))
}
