//! What of a yearly price falls due in a period.

use std::rc::Rc;

use jiff::ToSpan;
use rusqlite::Connection;

use super::{PeriodPrice, Scene, count, line, months_of};
use crate::base::{Date, Result, SchoolYear};
use crate::enrolments::Enrolment;
use crate::tariffs::{self, Part};

impl Scene<'_> {
    /// The instalments that fall due in the period, of what the school year costs.
    pub(super) fn instalments(
        &mut self,
        db: &Connection,
        enrolment: &Enrolment,
        (from, to): (Date, Date),
        prices: &mut Vec<PeriodPrice>,
    ) -> Result<()> {
        for day in from.series(1.day()).take_while(|day| *day <= to) {
            let Ok((tariff, rule)) = self.rule_on(day) else {
                continue;
            };
            let due = |i: &tariffs::Instalment| (i.month, i.day) == (day.month(), day.day());
            let Some(number) = rule.instalments.iter().position(due) else {
                continue;
            };
            let (tariff, rule) = (*tariff, Rc::clone(rule));
            let year = SchoolYear::of(day);
            let begun = year.starts_on().max(enrolment.from);
            let ends = year.ends_on().min(enrolment.to.unwrap_or(Date::MAX));
            // Who comes after the day of an instalment pays it with what is left: by hand.
            if day < begun || ends < begun {
                continue;
            }
            let conditions = self.conditions(db, enrolment, begun)?;
            let facts = self
                .common(enrolment, &conditions, begun)
                .with("months", months_between(begun, ends))
                .with("years", 1)
                .with("periods", 1)
                .with("times", u32::from(year.starts_on() <= enrolment.from));
            let price = tariffs::price(&rule, &facts, Part::Period)
                .and_then(|whole| tariffs::instalment(&rule, whole, number + 1));
            let isee = conditions.isee.map(|(id, _)| id);
            prices.push(line(enrolment, (day, day), 0, (tariff, isee), price));
        }
        Ok(())
    }
}

/// How many calendar months two days and the days between them touch.
fn months_between(from: Date, to: Date) -> u32 {
    count(months_of((from, to)).len())
}
