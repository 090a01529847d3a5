//! When children used a service: whatever the class and whoever paid. A change of class or payer
//! ends an enrolment and begins another one, and is no second entry: fees that are due once, once a
//! month or once a year look here.

use std::collections::BTreeMap;

use jiff::ToSpan;
use rusqlite::Connection;

use crate::base::{Date, PersonId, Result, SchoolYear, ServiceId};
use crate::enrolments::{self, Enrolment};
use crate::tariffs::{Rule, Value};

/// The enrolments of some children in a service, by child, the earliest first.
pub(super) struct Stays(BTreeMap<PersonId, Vec<Enrolment>>);

impl Stays {
    pub(super) fn load(
        db: &Connection,
        service: ServiceId,
        children: &[PersonId],
    ) -> Result<Stays> {
        let mut stays: BTreeMap<PersonId, Vec<Enrolment>> = BTreeMap::new();
        for enrolment in enrolments::of_children_in_service(db, children, service)? {
            stays.entry(enrolment.child_id).or_default().push(enrolment);
        }
        Ok(Stays(stays))
    }

    /// Those of a child, the earliest first.
    pub(super) fn of(&self, child: PersonId) -> &[Enrolment] {
        self.0.get(&child).map_or(&[], Vec::as_slice)
    }

    /// Those of all children that have a day between two.
    pub(super) fn between(&self, (from, to): (Date, Date)) -> Vec<Enrolment> {
        let all = self.0.values().flatten();
        all.filter(|stay| stay.from <= to && last_of(stay) >= from)
            .cloned()
            .collect()
    }

    /// The first day between two on which a child is enrolled.
    pub(super) fn first_day(&self, child: PersonId, days: (Date, Date)) -> Option<Date> {
        self.within(child, days).map(|(first, _)| first).min()
    }

    /// The last one.
    pub(super) fn last_day(&self, child: PersonId, days: (Date, Date)) -> Option<Date> {
        self.within(child, days).map(|(_, last)| last).max()
    }

    /// In how many calendar months between two days a child is enrolled.
    pub(super) fn months(&self, child: PersonId, days: (Date, Date)) -> usize {
        let months = months_of(days).into_iter();
        months
            .filter(|month| self.first_day(child, *month).is_some())
            .count()
    }

    /// The stay that holds on a day.
    pub(super) fn on(&self, child: PersonId, day: Date) -> Option<&Enrolment> {
        self.of(child).iter().find(|stay| stay.holds_on(day))
    }

    fn within(
        &self,
        child: PersonId,
        (from, to): (Date, Date),
    ) -> impl Iterator<Item = (Date, Date)> {
        let stays = self.of(child).iter();
        stays
            .map(move |stay| (stay.from.max(from), last_of(stay).min(to)))
            .filter(|(first, last)| first <= last)
    }
}

fn last_of(stay: &Enrolment) -> Date {
    stay.to.unwrap_or(Date::MAX)
}

/// What a rule may ask of the time of a child in a service and of its age.
pub(super) const TOLD: [&str; 6] = [
    "entry_day",
    "entry_month",
    "exit_day",
    "enrolled_days",
    "months_since_entry",
    "age_months",
];

/// Whether a rule asks for any of it.
pub(super) fn are_asked(rule: &Rule) -> bool {
    let asked = rule.asks_for();
    TOLD.iter().any(|fact| asked.contains(fact))
}

/// What a rule asks of it in the month of a day: the child enters with its first day in the service in
/// the school year, and is so many months old on the first day of the month.
pub(super) fn told(
    rule: &Rule,
    stays: &Stays,
    born: Option<Date>,
    (child, day): (PersonId, Date),
) -> Vec<(String, Value)> {
    let year = SchoolYear::of(day);
    let year = (year.starts_on(), year.ends_on());
    let month = (day.first_of_month(), day.last_of_month());
    let entry = stays.first_day(child, year);
    let exit = stays.last_day(child, year);
    let is_now = |day: &Date| month.0 <= *day && *day <= month.1;
    let number = |number: i8| u32::try_from(number).ok();
    let days = month.0.series(1.day()).take_while(|day| *day <= month.1);
    let enrolled = days.filter(|day| stays.on(child, *day).is_some()).count();
    let found = [
        entry.filter(is_now).and_then(|day| number(day.day())),
        entry.and_then(|day| number(day.month())),
        exit.filter(is_now).and_then(|day| number(day.day())),
        u32::try_from(enrolled).ok(),
        entry.map(|day| months_from(day.first_of_month(), month.0)),
        born.map(|born| months_from(born, month.0)),
    ];
    let asked = rule.asks_for();
    let found = TOLD.into_iter().zip(found);
    found
        .filter(|(fact, _)| asked.contains(fact))
        .filter_map(|(fact, number)| Some((fact.to_owned(), number?.into())))
        .collect()
}

/// Whole months from one day to another.
fn months_from(from: Date, to: Date) -> u32 {
    let span = from.until((jiff::Unit::Month, to));
    let months = span.map_or(0, |span| span.get_months());
    u32::try_from(months).unwrap_or(0)
}

/// The calendar months of a period, cut to it.
pub(super) fn months_of((from, to): (Date, Date)) -> Vec<(Date, Date)> {
    let firsts = from.first_of_month().series(1.month());
    let months = firsts.take_while(|first| *first <= to);
    months
        .map(|first| (first.max(from), first.last_of_month().min(to)))
        .collect()
}
