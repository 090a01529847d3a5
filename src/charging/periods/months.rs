//! The lines of a month.

use std::collections::BTreeSet;

use jiff::ToSpan;
use rusqlite::Connection;

use super::super::recorded;
use super::{Conditions, PeriodPrice, Scene, count, line, no_price};
use crate::base::{Date, Result, SchoolYear};
use crate::enrolments::Enrolment;
use crate::tariffs::{self, Component, Explanation, Facts, Part, Rule, Step, Unit, Unpriced};

/// The fact that looks at the days before a period.
pub(super) const LONG_ABSENCE: &str = "consecutive_absence_days";

/// The count of the office without which a component has no price.
const HOURS: &str = recorded::COUNTED[0];

/// So many days before a period an absence may have begun; what was before counts no more.
pub(super) const LOOK_BACK_DAYS: i32 = 62;

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
        let waits = rule.needs_a_period() || rule.needs_the_month();
        let whole = self.service.prepaid || waits || !has_days(&rule);
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
            let (facts, days) = self.facts(enrolment, (rule, &conditions), stretch, (from, to));
            let isee = conditions.isee.map(|(id, _)| id);
            let price = match hours_missing(rule, &facts, days, part) {
                Some(missing) => Err(missing),
                None => tariffs::price(rule, &facts, part),
            };
            // Nothing was counted: there is nothing to charge and nothing to explain.
            let counted = |told: &Explanation| {
                let mut steps = told.steps.iter();
                steps.any(|step| matches!(step, Step::Times { .. }))
            };
            if price.as_ref().is_ok_and(|told| !counted(told)) {
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
        (rule, conditions): (&Rule, &Conditions),
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
        let present = decisions.iter().filter(|(_, d)| d.present).count();
        let whole_month = (month.0.first_of_month(), month.0.last_of_month());
        let year = SchoolYear::of(stretch.0);
        let year = (year.starts_on(), year.ends_on());
        // A fee falls due where the child's first day is: with a second enrolment it is not paid again.
        let begins = |within: (Date, Date)| {
            let first = self.stays.first_day(enrolment.child_id, within);
            u32::from(first.is_some_and(|day| stretch.0 <= day && day <= stretch.1))
        };
        let mut facts = self
            .common(enrolment, conditions, stretch.0)
            .with("meals", count(charged.len()))
            .with("days_present", count(present))
            .with(
                "opening_days",
                self.span.opening_days(enrolment.school_id, whole_month),
            )
            .with("weeks", self.weeks(enrolment, stretch.0, &charged))
            .with("months", begins(whole_month))
            .with("periods", begins(self.period))
            .with("years", begins(year))
            .with("times", begins((Date::MIN, Date::MAX)));
        if rule.asks_for().contains(LONG_ABSENCE) {
            facts = facts.with(LONG_ABSENCE, self.longest_absence(enrolment, month));
        }
        if rule.asks_for().contains("absence_days") {
            facts = facts.with("absence_days", count(decisions.len() - present));
        }
        for fact in recorded::COUNTED {
            let counted = self.counted(fact, enrolment.child_id, stretch);
            if let Some(counted) = counted.or(self.uncounted(fact, enrolment, month)) {
                facts = facts.with(fact, counted);
            }
        }
        (facts, count(charged.len()))
    }

    /// What stands for a count of the office in a part of a month without one: nothing, where another
    /// part has it or where it is of days that need not have been.
    fn uncounted(&self, fact: &str, enrolment: &Enrolment, month: (Date, Date)) -> Option<u32> {
        let month = (month.0.first_of_month(), month.1.last_of_month());
        let elsewhere = self.counted(fact, enrolment.child_id, month);
        (fact != HOURS || elsewhere.is_some()).then_some(0)
    }

    /// The ISO weeks of charged days. A week that had one before these days, also in the month
    /// before or in an enrolment before, was charged with that one.
    fn weeks(&self, enrolment: &Enrolment, from: Date, charged: &[Date]) -> u32 {
        let weeks: BTreeSet<Date> = charged.iter().copied().map(monday_of).collect();
        let begun = |monday: Date| {
            let mut days = monday.series(1.day()).take_while(|day| *day < from);
            days.any(|day| {
                let decision = self.decision(enrolment.child_id, day);
                decision.is_some_and(|decision| decision.charged)
            })
        };
        count(weeks.into_iter().filter(|week| !begun(*week)).count())
    }

    /// The longest unbroken absence that reaches into some days, in calendar days: from its first
    /// day, which may be before, to its last one among these.
    fn longest_absence(&self, enrolment: &Enrolment, (from, to): (Date, Date)) -> u32 {
        let child = enrolment.child_id;
        let mut away: Option<Date> = None;
        let mut longest = 0;
        let since = from.saturating_sub(LOOK_BACK_DAYS.days());
        for day in since.series(1.day()).take_while(|day| *day <= to) {
            if self.stays.on(child, day).is_none() {
                away = None;
                continue;
            }
            match self.decision(child, day) {
                Some(decision) if decision.present => away = None,
                Some(_) => {
                    let begun = *away.get_or_insert(day);
                    if from <= day {
                        longest = longest.max(1 + days_between(begun, day));
                    }
                }
                // A Sunday breaks no absence.
                None => {}
            }
        }
        longest
    }
}

/// Monday of the ISO week of a day.
pub(super) fn monday_of(day: Date) -> Date {
    day.saturating_sub(i32::from(day.weekday().to_monday_zero_offset()).days())
}

fn days_between(from: Date, to: Date) -> u32 {
    (to - from).get_days().unsigned_abs()
}

/// Hours that nobody counted of a child who was there: they are not nothing.
fn hours_missing(rule: &Rule, facts: &Facts, days: u32, part: Part) -> Option<Unpriced> {
    let counts = |component: &&Component| {
        component.count.as_deref().unwrap_or(HOURS) == HOURS && component.unit == Unit::Hour
    };
    let missing = days > 0 && part != Part::Period && !facts.values.contains_key(HOURS);
    let component = rule.components.iter().find(counts).filter(|_| missing)?;
    Some(Unpriced::Missing {
        component: component.code.clone(),
        fact: HOURS.to_owned(),
    })
}

fn has_days(rule: &Rule) -> bool {
    rule.components.iter().any(|c| c.unit.is_daily())
}
