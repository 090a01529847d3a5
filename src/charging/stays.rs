//! When children used a service: whatever the class and whoever paid. A change of class or payer
//! ends an enrolment and begins another one, and is no second entry: fees that are due once, once a
//! month or once a year look here.

use std::collections::BTreeMap;

use jiff::ToSpan;
use rusqlite::Connection;

use crate::base::{Date, PersonId, Result, ServiceId};
use crate::enrolments::{self, Enrolment};

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

/// The calendar months of a period, cut to it.
pub(super) fn months_of((from, to): (Date, Date)) -> Vec<(Date, Date)> {
    let firsts = from.first_of_month().series(1.month());
    let months = firsts.take_while(|first| *first <= to);
    months
        .map(|first| (first.max(from), first.last_of_month().min(to)))
        .collect()
}
