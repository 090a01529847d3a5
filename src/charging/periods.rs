//! What the days of a period cost, enrolment by enrolment: the lines of a bill before anybody
//! compares them with what was charged before. Nothing is written here.
//!
//! A line stands for a calendar month of one enrolment. Where the tariff, the ISEE or the facts of
//! the child change inside it, days before and after are priced apart (DESIGN section 5: price by
//! date of service), unless the rule needs the whole month (a cap, a part of the fee): then what
//! holds on its first day counts. A month's fee is that of its first day; a yearly one belongs to
//! the first month of the enrolment in the school year, one "once" to the first of the enrolment.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use jiff::ToSpan;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::charges;
use super::days::closed_elsewhere;
use super::facts::counted;
use super::recorded;
use super::siblings::{self, Place};
use crate::attendance::Span;
use crate::base::{
    Cents, Date, EnrolmentId, Error, IseeId, PersonId, Result, SchoolYear, TariffId, Text,
};
use crate::enrolments::{self, Enrolment};
use crate::isee;
use crate::municipality::Service;
use crate::people;
use crate::tariffs::{self, Explanation, Facts, IseeFact, IseeUse, Part, Rule, Unpriced, Value};

/// Some days of an enrolment, and what they cost.
#[derive(Debug)]
pub struct PeriodPrice {
    /// The enrolment.
    pub enrolment: Enrolment,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// How many days are charged.
    pub days: u32,
    /// What closed days of a prepaid service were charged already.
    pub charged: Cents,
    /// The price, or why there is none.
    pub price: Result<Priced, PeriodFault>,
}

/// A price with its reasons.
#[derive(Debug)]
pub struct Priced {
    /// The tariff.
    pub tariff: TariffId,
    /// The ISEE that made the price, if one did.
    pub isee: Option<IseeId>,
    /// Why.
    pub explanation: Explanation,
}

/// Why some days have no price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeriodFault {
    /// No tariff is published for that day.
    NoTariff(Date),
    /// The tariff can't price what is known.
    Unpriced(Unpriced),
}

impl PeriodFault {
    /// What to tell.
    pub fn text(&self) -> Text {
        match self {
            PeriodFault::NoTariff(day) => Text::new("error-no-tariff").with("day", *day),
            PeriodFault::Unpriced(why) => why.text(),
        }
    }
}

/// Prices a period of a service for the enrolments after a given one. What costs nothing and has
/// nothing to explain has no line.
///
/// # Errors
/// The database's own failure.
pub fn price_period(
    db: &Connection,
    service: &Service,
    period: (Date, Date),
    after: EnrolmentId,
    limit: u32,
) -> Result<(Option<EnrolmentId>, Vec<PeriodPrice>)> {
    let enrolments = enrolments::of_service_between(db, service.id, period, after, limit)?;
    let Some(last) = enrolments.last().map(|e| e.id) else {
        return Ok((None, Vec::new()));
    };
    let mut scene = Scene::load(db, service, &enrolments, period)?;
    let mut prices = Vec::new();
    for enrolment in &enrolments {
        for month in months_of(period) {
            scene.month(db, enrolment, month, &mut prices)?;
        }
        scene.instalments(db, enrolment, period, &mut prices)?;
    }
    Ok((Some(last), prices))
}

/// Says whether a service can be billed for a period now: days still to come have no facts.
///
/// # Errors
/// A refusal that names the service.
pub fn require_billable(
    db: &Connection,
    service: &Service,
    (_, to): (Date, Date),
    today: Date,
) -> Result<()> {
    if service.prepaid || to < today {
        return Ok(());
    }
    let rule = match tariffs::tariff_on(db, service.id, to) {
        Ok((_, rule)) => rule,
        Err(Error::Refused(_)) => return Ok(()),
        Err(error) => return Err(error),
    };
    if rule.components.iter().any(|c| c.unit.is_daily()) {
        let text = Text::new("error-bill-not-over").with("service", service.name.as_str());
        return Err(Error::field("to", text.with("day", to)));
    }
    Ok(())
}

/// What a price depends on besides the days.
#[derive(Clone, PartialEq)]
struct Conditions {
    isee: Option<(IseeId, IseeFact)>,
    place: Option<Place>,
    recorded: Vec<(String, Value)>,
}

/// Everything that is read once for a chunk of enrolments.
struct Scene<'a> {
    service: &'a Service,
    enrolments: &'a [Enrolment],
    children: Vec<PersonId>,
    span: Span<'a>,
    residents: BTreeSet<PersonId>,
    /// The tariffs by the first day on which each holds in the period.
    rules: BTreeMap<Date, Option<(TariffId, Rc<Rule>)>>,
    elsewhere: Vec<(Date, Date)>,
    /// Of prepaid services: what closed days were charged.
    charged: BTreeMap<(EnrolmentId, Date), Cents>,
    conditions: BTreeMap<Date, BTreeMap<EnrolmentId, Conditions>>,
}

impl<'a> Scene<'a> {
    fn load(
        db: &Connection,
        service: &'a Service,
        enrolments: &'a [Enrolment],
        (from, to): (Date, Date),
    ) -> Result<Scene<'a>> {
        let children: Vec<PersonId> = enrolments.iter().map(|e| e.child_id).collect();
        // Whole months and, for instalments, the whole school year.
        let whole = (from.first_of_month(), to.last_of_month());
        let mut rules = BTreeMap::new();
        let begin = tariffs::tariffs_of(db, service.id)?;
        let begin = begin.into_iter().map(|t| t.valid_from);
        for day in begin
            .filter(|day| whole.0 < *day && *day <= to)
            .chain([whole.0])
        {
            let rule = match tariffs::tariff_on(db, service.id, day) {
                Ok((id, rule)) => Some((id, Rc::new(rule))),
                Err(Error::Refused(_)) => None,
                Err(error) => return Err(error),
            };
            rules.insert(day, rule);
        }
        Ok(Scene {
            service,
            enrolments,
            span: Span::load(db, service, enrolments, whole)?,
            residents: people::residents_among(db, &children)?,
            children,
            rules,
            elsewhere: closed_elsewhere(db, service.id)?,
            charged: match service.prepaid {
                true => charges::of_days(db, enrolments, from, to)?,
                false => BTreeMap::new(),
            },
            conditions: BTreeMap::new(),
        })
    }

    fn rule_on(&self, day: Date) -> Result<&(TariffId, Rc<Rule>), PeriodFault> {
        let found = self.rules.range(..=day).next_back();
        let found = found.and_then(|(_, rule)| rule.as_ref());
        found.ok_or(PeriodFault::NoTariff(day))
    }

    fn conditions(
        &mut self,
        db: &Connection,
        enrolment: &Enrolment,
        day: Date,
    ) -> Result<Conditions> {
        if !self.conditions.contains_key(&day) {
            let isee = isee::isee_of_each(db, &self.children, day)?;
            let all: Vec<&Enrolment> = self.enrolments.iter().collect();
            let places = match self.rule_on(day) {
                Ok((_, rule)) => siblings::places(db, self.service, rule, &all, day)?,
                Err(_) => BTreeMap::new(),
            };
            let known = enrolments::facts_of_each(db, &self.children, self.service.id, day)?;
            let of_each = self.enrolments.iter().map(|e| {
                let conditions = Conditions {
                    isee: isee.get(&e.child_id).map(counted),
                    place: places.get(&e.child_id).copied(),
                    recorded: match self.rule_on(day) {
                        Ok((_, rule)) => recorded::values(rule, e, known.get(&e.child_id)),
                        Err(_) => Vec::new(),
                    },
                };
                (e.id, conditions)
            });
            let of_each = of_each.collect();
            self.conditions.insert(day, of_each);
        }
        let found = self
            .conditions
            .get(&day)
            .and_then(|all| all.get(&enrolment.id));
        let none = Conditions {
            isee: None,
            place: None,
            recorded: Vec::new(),
        };
        Ok(found.cloned().unwrap_or(none))
    }

    /// The lines of a month, or of the part of it that the period has.
    fn month(
        &mut self,
        db: &Connection,
        enrolment: &Enrolment,
        (from, to): (Date, Date),
        prices: &mut Vec<PeriodPrice>,
    ) -> Result<()> {
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
        if self.service.prepaid {
            self.closed_days(db, enrolment, &service_days, prices)?;
        }
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

    /// The days of a stretch on which the service runs for an enrolment and was not billed elsewhere.
    fn service_days(&self, enrolment: &Enrolment, (from, to): (Date, Date)) -> Vec<Date> {
        let elsewhere = |day: &Date| {
            let mut all = self.elsewhere.iter();
            all.any(|(first, last)| first <= day && day <= last)
        };
        let days = from.series(1.day()).take_while(|day| *day <= to);
        days.filter(|day| self.span.decision(enrolment, *day).is_some() && !elsewhere(day))
            .collect()
    }

    /// Cuts a month where what its days are priced by changes.
    fn stretches(
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

    /// What is known of an enrolment on any day.
    fn common(&self, enrolment: &Enrolment, conditions: &Conditions, day: Date) -> Facts {
        let isee = conditions.isee.as_ref().map(|(_, isee)| isee.clone());
        let entry = enrolment.from.month();
        let mut facts = Facts::on(day)
            .with_isee(isee)
            .with("resident", self.residents.contains(&enrolment.child_id))
            .with("entry_month", u32::try_from(entry).unwrap_or(1))
            .with("grade", enrolment.grade.as_str())
            .with("school", enrolment.school.as_str());
        facts.values.extend(conditions.recorded.iter().cloned());
        match conditions.place {
            Some(place) => place.tell(facts),
            None => facts,
        }
    }

    /// Closed days of a prepaid service that would cost something else by what is known now: a late
    /// or corrected ISEE, a corrected tariff.
    fn closed_days(
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
            let before: Cents = days.iter().filter_map(|day| charged(self, *day)).sum();
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
            let now = one.map(|told| Cents(told.amount.0 * i64::from(count(days.len()))));
            if now.as_ref().is_ok_and(|now| *now == before) {
                continue;
            }
            let isee = conditions.isee.map(|(id, _)| id);
            let ids = (*tariff, isee);
            let mut found = line(enrolment, stretch, count(days.len()), ids, all);
            found.charged = before;
            prices.push(found);
        }
        Ok(())
    }

    /// The instalments that fall due in the period, of what the school year costs.
    fn instalments(
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

fn line(
    enrolment: &Enrolment,
    (from, to): (Date, Date),
    days: u32,
    (tariff, isee): (TariffId, Option<IseeId>),
    price: Result<Explanation, Unpriced>,
) -> PeriodPrice {
    let price = price
        .map_err(PeriodFault::Unpriced)
        .map(|explanation| Priced {
            tariff,
            // Kept with the charge is the ISEE that made the price, not one that did not count.
            isee: isee.filter(|_| matches!(explanation.isee, IseeUse::Used(_))),
            explanation,
        });
    PeriodPrice {
        enrolment: enrolment.clone(),
        from,
        to,
        days,
        charged: Cents::ZERO,
        price,
    }
}

fn no_price(enrolment: &Enrolment, (from, to): (Date, Date), fault: PeriodFault) -> PeriodPrice {
    PeriodPrice {
        enrolment: enrolment.clone(),
        from,
        to,
        days: 0,
        charged: Cents::ZERO,
        price: Err(fault),
    }
}

fn has_days(rule: &Rule) -> bool {
    rule.components.iter().any(|c| c.unit.is_daily())
}

/// The calendar months of a period, cut to it.
fn months_of((from, to): (Date, Date)) -> Vec<(Date, Date)> {
    let firsts = from.first_of_month().series(1.month());
    let months = firsts.take_while(|first| *first <= to);
    months
        .map(|first| (first.max(from), first.last_of_month().min(to)))
        .collect()
}

/// How many calendar months two days and the days between them touch.
fn months_between(from: Date, to: Date) -> u32 {
    count(months_of((from, to)).len())
}

fn count(many: usize) -> u32 {
    u32::try_from(many).unwrap_or(u32::MAX)
}
