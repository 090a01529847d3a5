//! Which children count together for a tariff: no two resolutions define "the second child" alike,
//! so the rule says whose order it means (`tariffs::Siblings`).

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;

use crate::base::{Date, EnrolmentId, PersonId, Result};
use crate::enrolments::{self, Enrolment, User};
use crate::municipality::Service;
use crate::people;
use crate::tariffs::{Rule, Siblings, Value};

/// A child's place among those who count, and how many there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    order: u32,
    users: u32,
    minors: u32,
}

impl Place {
    /// What it says of the facts that a rule asks for.
    pub(super) fn asked(self, rule: &Rule) -> Vec<(String, Value)> {
        let asked = rule.asks_for();
        let values = [self.order, self.users, self.minors];
        ASKED
            .into_iter()
            .zip(values)
            .filter(|(fact, _)| asked.contains(fact))
            .map(|(fact, value)| (fact.to_owned(), value.into()))
            .collect()
    }
}

/// The facts that need a look at the household.
pub(super) const ASKED: [&str; 3] = ["child_order", "users_in_household", "minors_in_household"];

/// The place of each enrolment's child, where the rule asks for it. The household is that of the residents'
/// register; a child who is not in it has those whom the same person pays for.
pub(super) fn places(
    db: &Connection,
    service: &Service,
    rule: &Rule,
    enrolments: &[&Enrolment],
    day: Date,
) -> Result<BTreeMap<EnrolmentId, Place>> {
    let asked = rule.asks_for();
    if !ASKED.iter().any(|fact| asked.contains(fact)) {
        return Ok(BTreeMap::new());
    }
    let children: Vec<PersonId> = enrolments.iter().map(|e| e.child_id).collect();
    let payers: Vec<PersonId> = enrolments.iter().map(|e| e.payer_id).collect();
    let mates = people::household_mates(db, &children, day)?;
    let paid = enrolments::users_of_payers(db, &payers, day)?;
    let mut everybody: BTreeSet<PersonId> = mates.values().flatten().copied().collect();
    everybody.extend(paid.iter().map(|user| user.child));
    let everybody: Vec<PersonId> = everybody.into_iter().collect();
    let born = people::birth_dates(db, &everybody)?;
    let users = enrolments::users_among(db, &everybody, day)?;
    let scene = Scene {
        service,
        rule,
        day,
        born: &born,
        users: &users,
    };
    let place = |enrolment: &&Enrolment| {
        let paid = paid.iter().filter(|user| user.payer == enrolment.payer_id);
        let paid: BTreeSet<PersonId> = paid.map(|user| user.child).collect();
        let household = match mates.get(&enrolment.child_id) {
            Some(mates) => mates.iter().copied().collect(),
            None => paid,
        };
        (enrolment.id, scene.place(enrolment, &household))
    };
    Ok(enrolments.iter().map(place).collect())
}

struct Scene<'a> {
    service: &'a Service,
    rule: &'a Rule,
    day: Date,
    born: &'a BTreeMap<PersonId, Date>,
    users: &'a [User],
}

impl Scene<'_> {
    fn place(&self, enrolment: &Enrolment, household: &BTreeSet<PersonId>) -> Place {
        let here = |user: &&User| user.service == self.service.id;
        let children = |users: &mut dyn Iterator<Item = &User>| -> BTreeSet<PersonId> {
            users.map(|user| user.child).collect()
        };
        let live_here = |user: &&User| household.contains(&user.child);
        let minors: BTreeSet<PersonId> = household
            .iter()
            .copied()
            .filter(|person| self.is_minor(*person))
            .collect();
        let users = match self.rule.siblings {
            Siblings::AnyService => children(&mut self.users.iter().filter(live_here)),
            Siblings::SamePayer => {
                let same = |user: &&User| user.payer == enrolment.payer_id;
                children(&mut self.users.iter().filter(here).filter(same))
            }
            Siblings::Users | Siblings::Minors => {
                children(&mut self.users.iter().filter(here).filter(live_here))
            }
        };
        let counted = match self.rule.siblings {
            Siblings::Minors => &minors,
            _ => &users,
        };
        let child = enrolment.child_id;
        let older = counted.iter().filter(|other| self.is_older(**other, child));
        Place {
            order: 1 + count(older.count()),
            users: count(users.len()),
            minors: count(minors.len()),
        }
    }

    fn is_minor(&self, person: PersonId) -> bool {
        let born = self.born.get(&person);
        let of_age = born.and_then(|born| born.checked_add(jiff::Span::new().years(18)).ok());
        of_age.is_some_and(|of_age| self.day < of_age)
    }

    /// Twins have an order too: that in which they were recorded.
    fn is_older(&self, other: PersonId, child: PersonId) -> bool {
        let age = |person: PersonId| (self.born.get(&person).copied().unwrap_or(Date::MAX), person);
        other != child && age(other) < age(child)
    }
}

fn count(many: usize) -> u32 {
    u32::try_from(many).unwrap_or(u32::MAX)
}
