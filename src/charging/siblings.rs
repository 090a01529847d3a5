//! Which children count together for a tariff: no two resolutions define "the second child" alike,
//! so the rule says whose order it means (`tariffs::Siblings`).

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;

use crate::base::{Date, EnrolmentId, PersonId, Result, ServiceId};
use crate::enrolments::{self, Enrolment, User};
use crate::municipality::{self, Service};
use crate::people;
use crate::tariffs::{FactSource, Rule, Siblings, Value};

/// The facts that need a look at the household, besides those of `[[siblings]]`.
const ASKED: [&str; 3] = ["child_order", "users_in_household", "minors_in_household"];

/// Whether a fact is told here.
pub(super) fn tells(rule: &Rule, fact: &str) -> bool {
    let declared = rule.facts.iter().find(|declared| declared.code == fact);
    let of_group = declared.is_some_and(|fact| matches!(fact.source, FactSource::Siblings { .. }));
    of_group || ASKED.contains(&fact)
}

/// What a rule asks of the place of each enrolment's child among others. The household is that of
/// the residents' register; a child who is not in it has those whom the same person pays for.
pub(super) fn places(
    db: &Connection,
    service: &Service,
    rule: &Rule,
    enrolments: &[&Enrolment],
    day: Date,
) -> Result<BTreeMap<EnrolmentId, Vec<(String, Value)>>> {
    let asked = rule.asks_for();
    if !asked.iter().any(|fact| tells(rule, fact)) {
        return Ok(BTreeMap::new());
    }
    let mut groups = Vec::new();
    for group in &rule.sibling_groups {
        let mut services = Vec::new();
        for code in &group.services {
            services.extend(municipality::service_by_code(db, code)?.map(|service| service.id));
        }
        groups.push((group, services));
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
        let own = [service.id];
        let plain = scene.counted(enrolment, &household, rule.siblings, &own);
        let users = match rule.siblings {
            Siblings::Minors => scene.counted(enrolment, &household, Siblings::Users, &own),
            _ => plain.clone(),
        };
        let minors = scene.counted(enrolment, &household, Siblings::Minors, &own);
        let child = enrolment.child_id;
        let mut facts = vec![
            (ASKED[0].to_owned(), scene.order(child, &plain, false)),
            (ASKED[1].to_owned(), count(users.len())),
            (ASKED[2].to_owned(), count(minors.len())),
        ];
        for (group, services) in &groups {
            let services = match group.services.is_empty() {
                true => &own[..],
                false => services.as_slice(),
            };
            let counted = scene.counted(enrolment, &household, group.who, services);
            let order = scene.order(child, &counted, group.youngest_first);
            facts.push((group.order_fact(), order));
            facts.push((group.count_fact(), count(counted.len())));
        }
        facts.retain(|(fact, _)| asked.contains(fact.as_str()));
        let facts = facts
            .into_iter()
            .map(|(fact, number)| (fact, number.into()));
        (enrolment.id, facts.collect())
    };
    Ok(enrolments.iter().map(place).collect())
}

struct Scene<'a> {
    day: Date,
    born: &'a BTreeMap<PersonId, Date>,
    users: &'a [User],
}

impl Scene<'_> {
    /// The children who count together.
    fn counted(
        &self,
        enrolment: &Enrolment,
        household: &BTreeSet<PersonId>,
        who: Siblings,
        services: &[ServiceId],
    ) -> BTreeSet<PersonId> {
        let here = |user: &&User| services.contains(&user.service);
        let live_here = |user: &&User| household.contains(&user.child);
        let same = |user: &&User| user.payer == enrolment.payer_id;
        let users = self.users.iter();
        match who {
            Siblings::AnyService => users.filter(live_here).map(|user| user.child).collect(),
            Siblings::SamePayer => {
                let found = users.filter(here).filter(same);
                found.map(|user| user.child).collect()
            }
            Siblings::Users => {
                let found = users.filter(here).filter(live_here);
                found.map(|user| user.child).collect()
            }
            Siblings::Minors => {
                let found = household.iter().copied();
                found.filter(|person| self.is_minor(*person)).collect()
            }
        }
    }

    /// Which one a child is among others, from 1.
    fn order(&self, child: PersonId, others: &BTreeSet<PersonId>, youngest_first: bool) -> u32 {
        let before = others.iter().filter(|other| match youngest_first {
            true => self.is_older(child, **other),
            false => self.is_older(**other, child),
        });
        1 + count(before.count())
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
