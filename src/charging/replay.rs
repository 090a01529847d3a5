//! What closed days cost, seen again: each charge with the facts of its day, as a rule asks for
//! them. Nothing is written.

use std::collections::HashMap;

use rusqlite::{Connection, Rows};

use super::facts::counted;
use super::stays::{self, Stays};
use super::{recorded, siblings};
use crate::base::{Cents, Date, EnrolmentId, Error, PersonId, Result};
use crate::enrolments::{self, Enrolment};
use crate::isee::{self, Isee};
use crate::municipality::Service;
use crate::people::{self, Residences};
use crate::tariffs::{Facts, Rule};

/// A charge of a day, and what the day knew.
pub struct Replayed<'a> {
    /// Who was charged for what.
    pub enrolment: &'a Enrolment,
    /// What was charged then.
    pub charged: Cents,
    /// The facts of that day, as far as a day knows them.
    pub facts: Facts,
}

/// How many days of a service are closed from a day on, and the last of them; none where none is.
///
/// # Errors
/// The database's own failure.
pub fn closed_from(db: &Connection, service: &Service, from: Date) -> Result<Option<(i64, Date)>> {
    let sql = "select count(*), max(day) from day_closing where service_id = ?1 and day >= ?2";
    let (days, last): (i64, Option<Date>) = db
        .prepare_cached(sql)?
        .query_row((service.id, from), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(last.map(|last| (days, last)))
}

/// Goes through what a service charged between two days, both included, day by day. One day is in
/// memory at a time, besides what is known of each child.
///
/// # Errors
/// The database's own failure; what `each` returns.
pub fn replay(
    db: &Connection,
    service: &Service,
    rule: &Rule,
    (from, to): (Date, Date),
    mut each: impl FnMut(Replayed<'_>) -> Result<()>,
) -> Result<()> {
    let mut statement = db.prepare_cached(
        "select c.day, c.enrolment_id, c.amount from charge c
         join enrolment e on e.id = c.enrolment_id and e.service_id = ?1
         where c.day between ?2 and ?3 and c.bill_line_id is null order by c.day",
    )?;
    day_by_day(
        db,
        service,
        rule,
        statement.query((service.id, from, to))?,
        &mut each,
    )
}

/// The same of some enrolments alone.
pub(super) fn replay_of(
    db: &Connection,
    service: &Service,
    rule: &Rule,
    (of, from, to): (&[EnrolmentId], Date, Date),
    mut each: impl FnMut(Replayed<'_>) -> Result<()>,
) -> Result<()> {
    let of = serde_json::to_string(of).map_err(Error::internal)?;
    let mut statement = db.prepare_cached(
        "select c.day, c.enrolment_id, c.amount from charge c
         where c.enrolment_id in (select value from json_each(?1)) and c.day between ?2 and ?3
           and c.bill_line_id is null order by c.day",
    )?;
    day_by_day(
        db,
        service,
        rule,
        statement.query((of, from, to))?,
        &mut each,
    )
}

fn day_by_day(
    db: &Connection,
    service: &Service,
    rule: &Rule,
    mut rows: Rows<'_>,
    each: &mut impl FnMut(Replayed<'_>) -> Result<()>,
) -> Result<()> {
    let mut known = Known::default();
    let mut day: Option<Date> = None;
    let mut charges: Vec<(EnrolmentId, Cents)> = Vec::new();
    while let Some(row) = rows.next()? {
        let next: Date = row.get(0)?;
        if let Some(day) = day.filter(|day| *day != next) {
            known.tell(db, service, rule, day, &charges, each)?;
            charges.clear();
        }
        day = Some(next);
        charges.push((row.get(1)?, row.get(2)?));
    }
    match day {
        Some(day) => known.tell(db, service, rule, day, &charges, each),
        None => Ok(()),
    }
}

/// The facts that closing a day would give to a tariff for one enrolment, by what is known now.
///
/// # Errors
/// The database's own failure.
pub(super) fn facts_of(
    db: &Connection,
    service: &Service,
    rule: &Rule,
    enrolment: EnrolmentId,
    day: Date,
) -> Result<Option<Facts>> {
    let mut found = None;
    let charges = [(enrolment, Cents::ZERO)];
    Known::default().tell(db, service, rule, day, &charges, &mut |told| {
        found = Some(told.facts);
        Ok(())
    })?;
    Ok(found)
}

/// What is asked once for each enrolment and child.
#[derive(Default)]
pub(super) struct Known {
    enrolments: HashMap<EnrolmentId, Enrolment>,
    isee: HashMap<PersonId, Vec<Isee>>,
    residents: Residences,
}

impl Known {
    fn tell(
        &mut self,
        db: &Connection,
        service: &Service,
        rule: &Rule,
        day: Date,
        charges: &[(EnrolmentId, Cents)],
        each: &mut impl FnMut(Replayed<'_>) -> Result<()>,
    ) -> Result<()> {
        self.learn(db, charges)?;
        let enrolments = charges.iter().filter_map(|(id, _)| self.enrolments.get(id));
        let enrolments: Vec<&Enrolment> = enrolments.collect();
        let places = siblings::places(db, service, rule, &enrolments, day)?;
        let children: Vec<PersonId> = enrolments.iter().map(|e| e.child_id).collect();
        let recorded = match recorded::asked_facts(rule).is_empty() {
            true => Default::default(),
            false => enrolments::facts_of_each(db, &children, service.id, day)?,
        };
        let times = match stays::are_asked(rule) {
            true => Some((
                Stays::load(db, service.id, &children)?,
                people::birth_dates(db, &children)?,
            )),
            false => None,
        };
        for (id, charged) in charges {
            let Some(enrolment) = self.enrolments.get(id) else {
                continue;
            };
            let child = enrolment.child_id;
            let isee = self
                .isee
                .get(&child)
                .and_then(|all| isee::counting(all, day));
            let resident = self.residents.on(child, day);
            // The facts that closing a day gives to a tariff.
            let mut facts = Facts::on(day)
                .with_isee(isee.map(|isee| counted(isee).1))
                .with("resident", resident)
                .with("meals", 1)
                .with("days_present", 1)
                .with("grade", enrolment.grade.as_str());
            if let Some((stays, born)) = &times {
                let born = born.get(&child).copied();
                let told = stays::told(rule, stays, born, (child, day));
                facts.values.extend(told);
            }
            let place = places.get(id).into_iter().flatten().cloned();
            facts.values.extend(place);
            let known = recorded.get(&child);
            facts.values.extend(recorded::values(rule, known));
            each(Replayed {
                enrolment,
                charged: *charged,
                facts,
            })?;
        }
        Ok(())
    }

    /// An enrolment, and the ISEE and the residence of its child on a day.
    pub(super) fn on(
        &mut self,
        db: &Connection,
        id: EnrolmentId,
        day: Date,
    ) -> Result<(&Enrolment, Option<Cents>, bool)> {
        self.learn(db, &[(id, Cents::ZERO)])?;
        let enrolment = self.enrolments.get(&id).ok_or(Error::NotFound)?;
        let child = enrolment.child_id;
        let isee = self
            .isee
            .get(&child)
            .and_then(|all| isee::counting(all, day));
        let resident = self.residents.on(child, day);
        Ok((enrolment, isee.map(|isee| isee.value), resident))
    }

    fn learn(&mut self, db: &Connection, charges: &[(EnrolmentId, Cents)]) -> Result<()> {
        let mut new = Vec::new();
        for (id, _) in charges {
            if !self.enrolments.contains_key(id) {
                let enrolment = enrolments::enrolment(db, *id)?;
                new.push(enrolment.child_id);
                self.enrolments.insert(*id, enrolment);
            }
        }
        self.residents.extend(people::residences(db, &new)?);
        for child in new {
            self.isee.insert(child, isee::of_child(db, child)?);
        }
        Ok(())
    }
}
