//! What the days of a period cost, enrolment by enrolment: the lines of a bill before anybody
//! compares them with what was charged before. Nothing is written here.
//!
//! A line stands for a calendar month of one enrolment. Where the tariff, the ISEE or the facts of
//! the child change inside it, days before and after are priced apart (DESIGN section 5: price by
//! date of service), unless the rule needs the whole month (a cap, a part of the fee): then what
//! holds on its first day counts. A month's fee is that of its first day; a yearly one belongs to
//! the first month of the enrolment in the school year, one "once" to the first of the enrolment.

mod corrections;
mod instalments;
mod months;
mod rules;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::iter::Sum;
use std::rc::Rc;

use jiff::ToSpan;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use self::months::{LONG_ABSENCE, LOOK_BACK_DAYS, monday_of};
use self::rules::Rules;
pub use self::rules::{TariffsByDay, tariffs_of_period};
use super::charges;
use super::days::closed_elsewhere;
use super::facts::counted;
use super::recorded;
use super::siblings;
use super::stays::{self, Stays, months_of};
use crate::attendance::{Decision, Span};
use crate::base::{Cents, Date, EnrolmentId, Error, IseeId, PersonId, Result, TariffId, Text};
use crate::enrolments::{self, Enrolment};
use crate::isee;
use crate::municipality::Service;
use crate::people::{self, Residences};
use crate::tariffs::{self, Explanation, Facts, IseeFact, IseeUse, Rule, Unpriced, Value};

/// What closed days were charged, in cents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AlreadyCharged {
    /// The family.
    pub amount: Cents,
    /// What other bodies were asked for with it.
    pub aided: Cents,
}

impl Sum for AlreadyCharged {
    fn sum<I: Iterator<Item = AlreadyCharged>>(all: I) -> AlreadyCharged {
        all.fold(AlreadyCharged::default(), |sum, one| AlreadyCharged {
            amount: sum.amount + one.amount,
            aided: sum.aided + one.aided,
        })
    }
}

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
    /// What closed days of a prepaid service were charged already; none: they are no such days.
    pub charged: Option<AlreadyCharged>,
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
    /// It has a price, and its bill could not be issued for this reason, which is the administrator's.
    NotIssued(String),
    /// It has a price, and the comune's ISEE rule lets it wait for the new ISEE until that day.
    Held(Date),
}

impl PeriodFault {
    /// What to tell.
    pub fn text(&self) -> Text {
        match self {
            PeriodFault::NoTariff(day) => Text::new("error-no-tariff").with("day", *day),
            PeriodFault::Unpriced(why) => why.text(),
            PeriodFault::NotIssued(why) => {
                Text::new("error-bill-not-issued").with("why", why.as_str())
            }
            PeriodFault::Held(until) => Text::new("error-bill-held").with("until", *until),
        }
    }
}

/// Prices a period of a service for the enrolments after a given one. What costs nothing and has
/// nothing to explain has no line. `kept`: the tariffs that hold, whatever is published now.
///
/// # Errors
/// The database's own failure.
pub fn price_period(
    db: &Connection,
    service: &Service,
    kept: Option<&TariffsByDay>,
    period: (Date, Date),
    after: EnrolmentId,
    limit: u32,
) -> Result<(Option<EnrolmentId>, Vec<PeriodPrice>)> {
    let rules = Rules::kept(db, service, period, kept)?;
    priced(db, service, rules, period, after, limit)
}

/// The same, as one rule would price all of it: for trying a draft.
///
/// # Errors
/// The database's own failure.
pub fn price_period_by(
    db: &Connection,
    service: &Service,
    rule: &Rule,
    period: (Date, Date),
    after: EnrolmentId,
    limit: u32,
) -> Result<(Option<EnrolmentId>, Vec<PeriodPrice>)> {
    let rules = Rules::only(rule);
    priced(db, service, rules, period, after, limit)
}

fn priced(
    db: &Connection,
    service: &Service,
    rules: Rules,
    period: (Date, Date),
    after: EnrolmentId,
    limit: u32,
) -> Result<(Option<EnrolmentId>, Vec<PeriodPrice>)> {
    // Closed days of who left before them, as was told afterwards, are given back.
    let since = match service.prepaid {
        true => period.0.saturating_sub(1.year()),
        false => period.0,
    };
    let period_seen = (since, period.1);
    let enrolments = enrolments::of_service_between(db, service.id, period_seen, after, limit)?;
    let Some(last) = enrolments.last().map(|e| e.id) else {
        return Ok((None, Vec::new()));
    };
    Ok((Some(last), each(db, service, rules, &enrolments, period)?))
}

/// Prices a period for some enrolments of a service; `kept` as in [`price_period`].
///
/// # Errors
/// The database's own failure.
pub fn price_enrolments(
    db: &Connection,
    service: &Service,
    kept: Option<&TariffsByDay>,
    enrolments: &[Enrolment],
    period: (Date, Date),
) -> Result<Vec<PeriodPrice>> {
    let rules = Rules::kept(db, service, period, kept)?;
    each(db, service, rules, enrolments, period)
}

fn each(
    db: &Connection,
    service: &Service,
    rules: Rules,
    enrolments: &[Enrolment],
    period: (Date, Date),
) -> Result<Vec<PeriodPrice>> {
    let mut scene = Scene::load(db, service, rules, enrolments, period)?;
    let mut prices = Vec::new();
    for enrolment in enrolments {
        for month in months_of(period) {
            scene.month(db, enrolment, month, &mut prices)?;
        }
        if enrolment.to.is_none_or(|to| to >= period.0) {
            scene.instalments(db, enrolment, period, &mut prices)?;
        }
    }
    Ok(prices)
}

/// What a closed day of an enrolment costs by what is known now.
///
/// # Errors
/// The database's own failure.
pub(super) fn price_closed_day(
    db: &Connection,
    service: &Service,
    enrolment: &Enrolment,
    day: Date,
) -> Result<Result<Priced, PeriodFault>> {
    let rules = Rules::published(db, service, (day, day))?;
    let one = std::slice::from_ref(enrolment);
    let mut scene = Scene::load(db, service, rules, one, (day, day))?;
    let conditions = scene.conditions(db, enrolment, day)?;
    let (tariff, rule) = match scene.rule_on(day) {
        Ok(found) => found.clone(),
        Err(fault) => return Ok(Err(fault)),
    };
    let facts = scene.common(enrolment, &conditions, day);
    let facts = facts.with("meals", 1).with("days_present", 1);
    let price = tariffs::price(&rule, &facts, tariffs::Part::Day);
    let ids = (tariff, conditions.isee.map(|(id, _)| id));
    Ok(line(enrolment, (day, day), 1, ids, price).price)
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

/// What a price depends on besides the days, as far as the rule of the day asks for it: what it does
/// not ask for changes nothing and cuts no month.
#[derive(Clone, Default, PartialEq)]
struct Conditions {
    isee: Option<(IseeId, IseeFact)>,
    facts: Vec<(String, Value)>,
}

/// Everything that is read once for a chunk of enrolments.
struct Scene<'a> {
    service: &'a Service,
    enrolments: &'a [Enrolment],
    children: Vec<PersonId>,
    /// The days that are priced in one go: a run's.
    period: (Date, Date),
    /// All enrolments of the children in the service.
    stays: Stays,
    born: BTreeMap<PersonId, Date>,
    /// What the office counted in a period, by fact: child and first day.
    numbers: BTreeMap<&'static str, BTreeMap<(PersonId, Date), u32>>,
    span: Span<'a>,
    residents: Residences,
    rules: Rules,
    elsewhere: Vec<(Date, Date)>,
    /// Of prepaid services: what closed days were charged.
    charged: BTreeMap<(EnrolmentId, Date), AlreadyCharged>,
    /// Of them, the days that the office gave back.
    reversed: BTreeSet<(EnrolmentId, Date)>,
    conditions: BTreeMap<Date, BTreeMap<EnrolmentId, Conditions>>,
    /// Those of the first days of a school year, as a tariff asks for them.
    entry: BTreeMap<(TariffId, Date), BTreeMap<EnrolmentId, Conditions>>,
}

impl<'a> Scene<'a> {
    fn load(
        db: &Connection,
        service: &'a Service,
        rules: Rules,
        enrolments: &'a [Enrolment],
        (from, to): (Date, Date),
    ) -> Result<Scene<'a>> {
        let children: Vec<PersonId> = enrolments.iter().map(|e| e.child_id).collect();
        let stays = Stays::load(db, service.id, &children)?;
        // Whole months, the week that the first one cuts, and as far as an absence may reach back.
        let first = from.first_of_month();
        let since = match rules.ask_for(LONG_ABSENCE) {
            true => first.saturating_sub(LOOK_BACK_DAYS.days()),
            false => monday_of(first),
        };
        let whole = (since, to.last_of_month());
        let mut numbers = BTreeMap::new();
        for fact in recorded::COUNTED
            .into_iter()
            .filter(|fact| rules.ask_for(fact))
        {
            let begun = (first, whole.1);
            let found = enrolments::facts_begun(db, &children, service.id, fact, begun)?;
            let typed = found
                .into_iter()
                .filter_map(|(key, value)| Some((key, value.parse().ok()?)));
            numbers.insert(fact, typed.collect());
        }
        Ok(Scene {
            numbers,
            born: match rules.ask_for("age_months") {
                true => people::birth_dates(db, &children)?,
                false => BTreeMap::new(),
            },
            service,
            enrolments,
            period: (from, to),
            span: Span::load(db, service, &stays.between(whole), whole)?,
            stays,
            residents: people::residences(db, &children)?,
            children,
            rules,
            elsewhere: closed_elsewhere(db, service.id)?,
            charged: match service.prepaid {
                true => charges::of_days(db, enrolments, from, to)?,
                false => BTreeMap::new(),
            },
            reversed: match service.prepaid {
                true => charges::reversed_days(db, enrolments, from, to)?,
                false => BTreeSet::new(),
            },
            conditions: BTreeMap::new(),
            entry: BTreeMap::new(),
        })
    }

    fn rule_on(&self, day: Date) -> Result<&(TariffId, Rc<Rule>), PeriodFault> {
        self.rules.on(day)
    }

    /// How many of a fact the office counted of a child from days between two on; none where it
    /// counted nothing.
    fn counted(&self, fact: &str, child: PersonId, (from, to): (Date, Date)) -> Option<u32> {
        let all = self.numbers.get(fact)?;
        let found = all.range((child, from)..=(child, to));
        found.map(|(_, number)| *number).reduce(u32::saturating_add)
    }

    /// What holds for a child on a day, in whichever enrolment.
    fn decision(&self, child: PersonId, day: Date) -> Option<Decision> {
        let stay = self.stays.on(child, day)?;
        self.span.decision(stay, day)
    }

    fn conditions(
        &mut self,
        db: &Connection,
        enrolment: &Enrolment,
        day: Date,
    ) -> Result<Conditions> {
        if !self.conditions.contains_key(&day) {
            let of_each = match self.rules.on(day) {
                Ok((_, rule)) => self.asked(db, &Rc::clone(rule), day)?,
                Err(_) => BTreeMap::new(),
            };
            self.conditions.insert(day, of_each);
        }
        let found = self
            .conditions
            .get(&day)
            .and_then(|all| all.get(&enrolment.id));
        Ok(found.cloned().unwrap_or_default())
    }

    /// What a rule asks for, of each enrolment.
    fn asked(
        &self,
        db: &Connection,
        rule: &Rule,
        day: Date,
    ) -> Result<BTreeMap<EnrolmentId, Conditions>> {
        let isee = match rule.asks_for_isee() {
            true => isee::isee_of_each(db, &self.children, day)?,
            false => BTreeMap::new(),
        };
        let all: Vec<&Enrolment> = self.enrolments.iter().collect();
        let places = siblings::places(db, self.service, rule, &all, day)?;
        let known = match recorded::asked_facts(rule).is_empty() {
            true => Default::default(),
            false => enrolments::facts_of_each(db, &self.children, self.service.id, day)?,
        };
        let times = stays::are_asked(rule);
        let weekday = rule.asks_for().contains("weekday");
        let of_each = self.enrolments.iter().map(|e| {
            let mut facts = match times {
                true => {
                    let born = self.born.get(&e.child_id).copied();
                    stays::told(rule, &self.stays, born, (e.child_id, day))
                }
                false => Vec::new(),
            };
            facts.extend(places.get(&e.id).into_iter().flatten().cloned());
            facts.extend(recorded::values(rule, known.get(&e.child_id)));
            if rule.asks_for().contains("resident") {
                let resident = self.residents.on(e.child_id, day);
                facts.push(("resident".to_owned(), resident.into()));
            }
            // A price of Mondays is that of each Monday.
            if weekday && let Ok(number) = u32::try_from(day.weekday().to_monday_one_offset()) {
                facts.push(("weekday".to_owned(), number.into()));
            }
            let isee = isee.get(&e.child_id).map(counted);
            (e.id, Conditions { isee, facts })
        });
        Ok(of_each.collect())
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

    /// What is known of an enrolment on any day.
    fn common(&self, enrolment: &Enrolment, conditions: &Conditions, day: Date) -> Facts {
        let isee = conditions.isee.as_ref().map(|(_, isee)| isee.clone());
        let mut facts = Facts::on(day)
            .with_isee(isee)
            .with("resident", self.residents.on(enrolment.child_id, day))
            .with("grade", enrolment.grade.as_str())
            .with("school", enrolment.school.as_str());
        facts.values.extend(conditions.facts.iter().cloned());
        facts
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
        charged: None,
        price,
    }
}

fn no_price(enrolment: &Enrolment, (from, to): (Date, Date), fault: PeriodFault) -> PeriodPrice {
    PeriodPrice {
        enrolment: enrolment.clone(),
        from,
        to,
        days: 0,
        charged: None,
        price: Err(fault),
    }
}

fn count(many: usize) -> u32 {
    u32::try_from(many).unwrap_or(u32::MAX)
}
