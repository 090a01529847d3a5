//! Closed days of prepaid services that would cost something else by what is known now.

use rusqlite::Connection;

use super::{PeriodPrice, Scene, count, line};
use crate::base::{Cents, Date, Result};
use crate::enrolments::Enrolment;
use crate::tariffs::{self, Part};

impl Scene<'_> {
    /// Closed days of a prepaid service that would cost something else by what is known now: a late
    /// or corrected ISEE, a corrected tariff.
    pub(super) fn closed_days(
        &mut self,
        db: &Connection,
        enrolment: &Enrolment,
        service_days: &[Date],
        prices: &mut Vec<PeriodPrice>,
    ) -> Result<()> {
        let charged = |scene: &Scene<'_>, day: Date| {
            let found = scene.charged.get(&(enrolment.id, day));
            found.copied()
        };
        let closed: Vec<Date> = service_days
            .iter()
            .copied()
            .filter(|day| charged(self, *day).is_some())
            .collect();
        let (Some(first), Some(last)) = (closed.first(), closed.last()) else {
            return Ok(());
        };
        for (stretch, conditions) in self.stretches(db, enrolment, (*first, *last), &closed)? {
            let days = closed
                .iter()
                .copied()
                .filter(|day| (stretch.0..=stretch.1).contains(day));
            let days: Vec<Date> = days.collect();
            let charged = days.iter().filter_map(|day| charged(self, *day));
            let (before, aided): (Vec<Cents>, Vec<Cents>) = charged.unzip();
            let before: Cents = before.into_iter().sum();
            let aided: Cents = aided.into_iter().sum();
            let Ok((tariff, rule)) = self.rule_on(stretch.0) else {
                continue;
            };
            let common = self.common(enrolment, &conditions, stretch.0);
            let price = |days: u32| {
                let facts = common
                    .clone()
                    .with("meals", days)
                    .with("days_present", days);
                tariffs::price(rule, &facts, Part::Day)
            };
            let (one, all) = (price(1), price(count(days.len())));
            // Day by day, as they were charged: a sum that is rounded once differs from them.
            let times = |cents: Cents| Cents(cents.0 * i64::from(count(days.len())));
            let now = one.map(|told| (times(told.amount), times(told.aided())));
            if now.as_ref().is_ok_and(|now| *now == (before, aided)) {
                continue;
            }
            let isee = conditions.isee.map(|(id, _)| id);
            let ids = (*tariff, isee);
            let mut found = line(enrolment, stretch, count(days.len()), ids, all);
            found.charged = before;
            found.charged_aided = aided;
            prices.push(found);
        }
        Ok(())
    }
}
