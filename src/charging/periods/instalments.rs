//! What of a yearly price falls due in a period.
//!
//! An instalment is owed by who is enrolled on its day, whatever the run; the ISEE and the other
//! facts are those of that day. Who comes after the day of an instalment pays its share on the
//! child's first day of the school year: what the rule gives for who enters then is the whole. Where
//! not everybody has the same instalments, that day says which a child has in the school year.

use std::rc::Rc;

use jiff::ToSpan;
use jiff::civil::date;
use rusqlite::Connection;

use super::{PeriodPrice, Scene, count, line};
use crate::base::{Date, Result, SchoolYear, TariffId};
use crate::enrolments::Enrolment;
use crate::tariffs::{self, Facts, Instalment, Part, Rule};

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
            let falls_due = |one: &Instalment| due_on(one, year) == day;
            if !enters && !rule.instalments.iter().any(falls_due) {
                continue;
            }
            let own = self.own_instalments(db, enrolment, (tariff, &rule), year)?;
            let numbered = (1..).zip(&own);
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
                .and_then(|whole| tariffs::instalments(&own, whole, *first..=*last));
            let isee = conditions.isee.map(|(id, _)| id);
            prices.push(line(enrolment, (day, day), 0, (tariff, isee), price));
        }
        Ok(())
    }

    /// The instalments of a child in a school year, as they follow each other: what is known of its
    /// first day in it says which they are, so that no later change adds a part or leaves one out.
    fn own_instalments(
        &mut self,
        db: &Connection,
        enrolment: &Enrolment,
        (tariff, rule): (TariffId, &Rule),
        year: SchoolYear,
    ) -> Result<Vec<Instalment>> {
        let days = (year.starts_on(), year.ends_on());
        let child = enrolment.child_id;
        let first = self.stays.first_day(child, days).unwrap_or(days.0);
        let mut facts = Facts::on(first);
        if rule.instalments.iter().any(|one| !one.when.0.is_empty()) {
            if !self.entry.contains_key(&(tariff, first)) {
                let of_each = self.asked(db, rule, first)?;
                self.entry.insert((tariff, first), of_each);
            }
            let known = self.entry.get(&(tariff, first));
            let conditions = known.and_then(|all| all.get(&enrolment.id));
            let stay = self.stays.on(child, first).unwrap_or(enrolment);
            facts = self.common(stay, &conditions.cloned().unwrap_or_default(), first);
        }
        let mut own = tariffs::instalments_for(rule, &facts);
        own.sort_by_key(|one| due_on(one, SchoolYear::starting_in(2000)));
        Ok(own)
    }
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
