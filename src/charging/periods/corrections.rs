//! Closed days of prepaid services that would cost something else by what is known now.

use rusqlite::Connection;

use super::{AlreadyCharged, PeriodPrice, Scene, count, line};
use crate::base::{Cents, Date, Result};
use crate::enrolments::Enrolment;
use crate::tariffs::{self, Part};

impl Scene<'_> {
    /// Closed days of a prepaid service that would cost something else by what is known now: a late
    /// or corrected ISEE, a corrected tariff; or nothing at all: a closure that was recorded
    /// afterwards, an enrolment that ended before, a day that the office gave back.
    pub(super) fn closed_days(
        &mut self,
        db: &Connection,
        enrolment: &Enrolment,
        (from, to): (Date, Date),
        prices: &mut Vec<PeriodPrice>,
    ) -> Result<()> {
        let charged = self
            .charged
            .range((enrolment.id, from)..=(enrolment.id, to))
            .map(|((_, day), charged)| (*day, *charged));
        let charged: Vec<(Date, AlreadyCharged)> = charged.collect();
        let (Some((first, _)), Some((last, _))) = (charged.first(), charged.last()) else {
            return Ok(());
        };
        let closed: Vec<Date> = charged.iter().map(|(day, _)| *day).collect();
        for (stretch, conditions) in self.stretches(db, enrolment, (*first, *last), &closed)? {
            let within = |day: Date| (stretch.0..=stretch.1).contains(&day);
            let days = charged.iter().filter(|(day, _)| within(*day));
            let before: AlreadyCharged = days.clone().map(|(_, charged)| *charged).sum();
            let still = days.filter(|(day, _)| self.still_charges(enrolment, *day));
            let days = count(still.count());
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
            // Day by day, as they were charged: a sum that is rounded once differs from them.
            let now = match days {
                0 => Ok(AlreadyCharged::default()),
                _ => price(1).map(|told| AlreadyCharged {
                    amount: Cents(told.amount.0 * i64::from(days)),
                    aided: Cents(told.aided().0 * i64::from(days)),
                }),
            };
            if now.is_ok_and(|now| now == before) {
                continue;
            }
            let isee = conditions.isee.map(|(id, _)| id);
            let ids = (*tariff, isee);
            let mut found = line(enrolment, stretch, days, ids, price(days));
            found.charged = Some(before);
            prices.push(found);
        }
        Ok(())
    }

    /// Whether a day that was charged would be charged by what is known now.
    fn still_charges(&self, enrolment: &Enrolment, day: Date) -> bool {
        let decision = self.span.decision(enrolment, day);
        !self.reversed.contains(&(enrolment.id, day)) && decision.is_some_and(|d| d.charged)
    }
}
