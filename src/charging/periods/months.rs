//! The lines of a month.

use std::collections::BTreeSet;

use rusqlite::Connection;

use super::{Conditions, PeriodPrice, Scene, count, line, no_price};
use crate::base::{Date, Result, SchoolYear};
use crate::enrolments::Enrolment;
use crate::tariffs::{self, Facts, Part, Rule};

impl Scene<'_> {
    /// The lines of a month, or of the part of it that the period has.
    pub(super) fn month(
        &mut self,
        db: &Connection,
        enrolment: &Enrolment,
        (from, to): (Date, Date),
        prices: &mut Vec<PeriodPrice>,
    ) -> Result<()> {
        if self.service.prepaid {
            self.closed_days(db, enrolment, (from, to), prices)?;
        }
        let held = (
            from.max(enrolment.from),
            to.min(enrolment.to.unwrap_or(Date::MAX)),
        );
        let billed_before = |day: Date| {
            let mut all = self.elsewhere.iter();
            all.any(|(first, last)| (*first..=*last).contains(&day))
        };
        if held.1 < held.0 || (billed_before(held.0) && billed_before(held.1)) {
            return Ok(());
        }
        let service_days = self.service_days(enrolment, held);
        let (tariff, rule) = match self.rule_on(held.0) {
            Ok(found) => found.clone(),
            Err(fault) => {
                // A prepaid service whose days nobody could close has nothing to compare either.
                if !service_days.is_empty() && !self.service.prepaid {
                    prices.push(no_price(enrolment, held, fault));
                }
                return Ok(());
            }
        };
        let whole = self.service.prepaid || rule.needs_a_period() || !has_days(&rule);
        let stretches = match whole {
            true => vec![(held, self.conditions(db, enrolment, held.0)?)],
            false => self.stretches(db, enrolment, held, &service_days)?,
        };
        for (stretch, conditions) in stretches {
            let part = match (self.service.prepaid, rule.instalments.is_empty()) {
                (true, true) => Part::Period,
                (true, false) => continue,
                (false, true) => Part::Whole,
                (false, false) => Part::Day,
            };
            let (tariff, rule) = match whole {
                true => (tariff, &rule),
                false => match self.rule_on(stretch.0) {
                    Ok((tariff, rule)) => (*tariff, rule),
                    Err(fault) => {
                        prices.push(no_price(enrolment, stretch, fault));
                        continue;
                    }
                },
            };
            let (facts, days) = self.facts(enrolment, &conditions, stretch, (from, to));
            let isee = conditions.isee.map(|(id, _)| id);
            let price = tariffs::price(rule, &facts, part);
            if price.as_ref().is_ok_and(|told| told.steps.is_empty()) {
                continue;
            }
            prices.push(line(enrolment, stretch, days, (tariff, isee), price));
        }
        Ok(())
    }

    /// Cuts a month where what its days are priced by changes.
    pub(super) fn stretches(
        &mut self,
        db: &Connection,
        enrolment: &Enrolment,
        (from, to): (Date, Date),
        service_days: &[Date],
    ) -> Result<Vec<((Date, Date), Conditions)>> {
        let first = self.conditions(db, enrolment, from)?;
        let tariff = |scene: &Scene<'_>, day| scene.rule_on(day).ok().map(|(id, _)| *id);
        let mut all = vec![((from, to), first)];
        for day in service_days.iter().copied() {
            let now = self.conditions(db, enrolment, day)?;
            let Some(((begun, end), before)) = all.last_mut() else {
                continue;
            };
            if *before != now || tariff(self, *begun) != tariff(self, day) {
                *end = day.yesterday().unwrap_or(day);
                all.push(((day, to), now));
            }
        }
        // What changed on the first day of service changed nothing: no day was before it.
        all.retain(|((begun, end), _)| begun <= end);
        Ok(all)
    }

    /// What is known of a stretch of a month, and how many of its days are charged.
    fn facts(
        &self,
        enrolment: &Enrolment,
        conditions: &Conditions,
        stretch: (Date, Date),
        month: (Date, Date),
    ) -> (Facts, u32) {
        let days = self.service_days(enrolment, stretch);
        let decisions = days.iter().filter_map(|day| {
            let decision = self.span.decision(enrolment, *day)?;
            Some((*day, decision))
        });
        let decisions: Vec<_> = decisions.collect();
        let charged: Vec<Date> = decisions
            .iter()
            .filter(|(_, decision)| decision.charged)
            .map(|(day, _)| *day)
            .collect();
        let mut away = 0;
        let mut longest = 0;
        for (_, decision) in &decisions {
            away = if decision.present { 0 } else { away + 1 };
            longest = longest.max(away);
        }
        let weeks: BTreeSet<_> = charged
            .iter()
            .map(|day| (day.iso_week_date().year(), day.iso_week_date().week()))
            .collect();
        let present = decisions.iter().filter(|(_, d)| d.present).count();
        let first_of_month = month.0.first_of_month().max(enrolment.from);
        let year = SchoolYear::of(stretch.0);
        let begins = |day: Date| u32::from(stretch.0 <= day && day <= stretch.1);
        let whole_month = (month.0.first_of_month(), month.0.last_of_month());
        let facts = self
            .common(enrolment, conditions, stretch.0)
            .with("meals", count(charged.len()))
            .with("days_present", count(present))
            .with("consecutive_absence_days", longest)
            .with(
                "opening_days",
                self.span.opening_days(enrolment.school_id, whole_month),
            )
            .with("weeks", count(weeks.len()))
            .with("months", begins(first_of_month))
            .with("periods", begins(month.0.max(enrolment.from)))
            .with("years", begins(year.starts_on().max(enrolment.from)))
            .with("times", begins(enrolment.from));
        (facts, count(charged.len()))
    }
}

fn has_days(rule: &Rule) -> bool {
    rule.components.iter().any(|c| c.unit.is_daily())
}
