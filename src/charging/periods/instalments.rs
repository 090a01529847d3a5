//! What of a yearly price falls due in a period.
//!
//! An instalment is owed by who is enrolled on its day, whatever the run; the ISEE and the other
//! facts are those of that day. Who comes after the day of an instalment pays its share on the
//! child's first day of the school year: what the rule gives for who enters then is the whole.

use std::rc::Rc;

use jiff::ToSpan;
use jiff::civil::date;
use rusqlite::Connection;

use super::{PeriodPrice, Scene, count, line};
use crate::base::{Date, Result, SchoolYear};
use crate::enrolments::Enrolment;
use crate::tariffs::{self, Instalment, Part, Rule};

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
            if rule.instalments.is_empty() || !enrolment.holds_on(day) {
                continue;
            }
            let (tariff, rule) = (*tariff, Rc::clone(rule));
            let year = SchoolYear::of(day);
            let days = (year.starts_on(), year.ends_on());
            let enters = self.stays.first_day(enrolment.child_id, days) == Some(day);
            let numbered = (1..).zip(&rule.instalments);
            let due = numbered.filter(|(_, instalment)| {
                let due = due_on(instalment, year);
                due == day || (enters && due < day)
            });
            let due: Vec<usize> = due.map(|(number, _)| number).collect();
            let (Some(first), Some(last)) = (due.first(), due.last()) else {
                continue;
            };
            let conditions = self.conditions(db, enrolment, day)?;
            let child = enrolment.child_id;
            let first_ever = self.stays.first_day(child, (Date::MIN, Date::MAX));
            let facts = self
                .common(enrolment, &conditions, day)
                .with("months", count(self.stays.months(child, days)))
                .with("years", 1)
                .with("periods", 1)
                .with("times", u32::from(first_ever >= Some(days.0)));
            let price = tariffs::price(&rule, &facts, Part::Period)
                .and_then(|whole| tariffs::instalments(&rule, whole, *first..=*last));
            let isee = conditions.isee.map(|(id, _)| id);
            prices.push(line(enrolment, (day, day), 0, (tariff, isee), price));
        }
        Ok(())
    }
}

/// A rule with its instalments as they follow each other in a school year.
pub(super) fn in_order(mut rule: Rule) -> Rule {
    let year = SchoolYear::starting_in(2000);
    rule.instalments.sort_by_key(|one| due_on(one, year));
    rule
}

/// The day of an instalment in a school year.
fn due_on(instalment: &Instalment, year: SchoolYear) -> Date {
    let begins = year.starts_on();
    let calendar_year = match (instalment.month, instalment.day) < (begins.month(), begins.day()) {
        true => year.ends_on().year(),
        false => begins.year(),
    };
    // The 29th of February is the last day of the month in other years.
    let first = date(calendar_year, instalment.month, 1);
    let last = first.last_of_month();
    first.saturating_add((instalment.day - 1).days()).min(last)
}
