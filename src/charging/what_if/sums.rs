//! What a rule would have charged, added up: charge by charge, and chunk by chunk of a job.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::{BandSum, ChildSum, WhatIf, Whose, whose};
use crate::base::{Cents, Date, EnrolmentId, PersonId, Result};
use crate::charging::periods::{PeriodFault, PeriodPrice};
use crate::charging::replay::{Known, Replayed};
use crate::charging::{facts, recorded};
use crate::enrolments::Enrolment;
use crate::municipality::Service;
use crate::people;
use crate::tariffs::{self, Facts, Part, Rule, Unpriced, Value};

/// What makes two days cost the same: the ISEE that holds, the other facts, and the month where the
/// rule asks for it.
type Alike = (Option<Cents>, BTreeMap<String, Value>, i8);

/// Sums of some charges. Ids only: names are looked up when somebody reads them.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Sums {
    all: Sum,
    unpriced: i64,
    why_unpriced: Option<PeriodFault>,
    /// In the order of [`whose`].
    bands: Vec<Sum>,
    children: BTreeMap<PersonId, OfChild>,
    /// Facts that the rule asks for and that some day knew.
    met: BTreeSet<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Sum {
    days: i64,
    charged: Cents,
    would: Cents,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct OfChild {
    payer: PersonId,
    sum: Sum,
    /// In which bands a charge of the child is.
    bands: BTreeSet<usize>,
}

impl Sum {
    fn add(&mut self, other: Sum) {
        self.days += other.days;
        self.charged += other.charged;
        self.would += other.would;
    }
}

impl Sums {
    /// Takes what was added up elsewhere.
    pub(super) fn add(&mut self, other: Sums) {
        self.all.add(other.all);
        self.unpriced += other.unpriced;
        if self.why_unpriced.is_none() {
            self.why_unpriced = other.why_unpriced;
        }
        if self.bands.len() < other.bands.len() {
            self.bands.resize(other.bands.len(), Sum::default());
        }
        for (band, theirs) in self.bands.iter_mut().zip(other.bands) {
            band.add(theirs);
        }
        for (child, theirs) in other.children {
            match self.children.get_mut(&child) {
                Some(own) => {
                    own.sum.add(theirs.sum);
                    own.bands.extend(theirs.bands);
                }
                None => {
                    self.children.insert(child, theirs);
                }
            }
        }
        self.met.extend(other.met);
    }

    /// With the words of the rule and the names of the children.
    pub(super) fn told(self, db: &Connection, service: &Service, rule: &Rule) -> Result<WhatIf> {
        let in_band = |place| {
            let children = self.children.values();
            children
                .filter(|child| child.bands.contains(&place))
                .count()
        };
        let bands = whose(rule).into_iter().enumerate().map(|(place, whose)| {
            let sum = self.bands.get(place).copied().unwrap_or_default();
            BandSum {
                whose,
                children: in_band(place),
                days: sum.days,
                charged: sum.charged,
                would: sum.would,
            }
        });
        let ids: Vec<PersonId> = self.children.keys().copied().collect();
        let mut names = people::full_names(db, &ids)?;
        let children = self.children.iter().map(|(child, of)| ChildSum {
            child: *child,
            payer: of.payer,
            name: names.remove(child).unwrap_or_default(),
            days: of.sum.days,
            charged: of.sum.charged,
            would: of.sum.would,
        });
        let mut children: Vec<ChildSum> = children.collect();
        children.sort_by(|a, b| a.name.cmp(&b.name));
        let waits = rule.needs_a_period() || rule.components.iter().any(|c| !c.unit.is_daily());
        Ok(WhatIf {
            days: self.all.days,
            charged: self.all.charged,
            would: self.all.would,
            bands: bands.collect(),
            unpriced: self.unpriced,
            why_unpriced: self.why_unpriced.as_ref().map(PeriodFault::text),
            unrecorded: unmet(rule)
                .into_iter()
                .filter(|fact| !self.met.contains(*fact))
                .map(str::to_owned)
                .collect(),
            needs_a_period: service.prepaid && waits,
            children,
        })
    }
}

/// The facts that a rule asks for and that must be met on a day: what the office records is met where
/// it is recorded; all else that is known is told.
fn unmet(rule: &Rule) -> BTreeSet<&str> {
    let told =
        |fact: &&str| facts::known_to_bills(rule, fact) && !recorded::is_recorded(rule, fact);
    let asked = rule.asks_for().into_iter();
    asked.filter(|fact| !told(fact)).collect()
}

/// A rule at work on charges. Equal facts are priced once.
pub(super) struct Trying<'a> {
    rule: &'a Rule,
    by_month: bool,
    prices: BTreeMap<Alike, std::result::Result<Cents, Unpriced>>,
    whose: Vec<Whose>,
    /// Facts that the rule asks for and that were not met so far.
    unmet: BTreeSet<&'a str>,
    pub(super) sums: Sums,
}

impl<'a> Trying<'a> {
    pub(super) fn new(rule: &'a Rule) -> Trying<'a> {
        let whose = whose(rule);
        Trying {
            rule,
            by_month: rule.asks_for().contains("month"),
            prices: BTreeMap::new(),
            unmet: unmet(rule),
            sums: Sums {
                bands: vec![Sum::default(); whose.len()],
                ..Sums::default()
            },
            whose,
        }
    }

    /// A closed day of a prepaid service.
    pub(super) fn day(&mut self, replayed: &Replayed<'_>) {
        let known = &replayed.facts.values;
        let met = self.unmet.extract_if(.., |fact| known.contains_key(*fact));
        self.sums.met.extend(met.map(str::to_owned));
        let would = match self.price(&replayed.facts) {
            Ok(would) => would,
            Err(unpriced) => return self.unpriced(1, PeriodFault::Unpriced(unpriced)),
        };
        let sum = Sum {
            days: 1,
            charged: replayed.charged,
            would,
        };
        self.add(replayed.enrolment, &whose_day(&replayed.facts), sum);
    }

    /// What bills of a postpaid service charged to the enrolments after one up to another, the last
    /// included. How many charges that were.
    pub(super) fn billed(
        &mut self,
        db: &Connection,
        service: &Service,
        (from, to): (Date, Date),
        (after, last): (EnrolmentId, EnrolmentId),
    ) -> Result<i64> {
        let (mut known, mut count) = (Known::default(), 0);
        let mut statement = db.prepare_cached(
            "select c.enrolment_id, c.from_day, c.amount from enrolment e
             cross join charge c on c.enrolment_id = e.id and c.day between ?2 and ?3
             where e.service_id = ?1 and e.id > ?4 and e.id <= ?5 and c.bill_line_id is not null",
        )?;
        let mut rows = statement.query((service.id, from, to, after, last))?;
        while let Some(row) = rows.next()? {
            let (enrolment, isee, resident) = known.on(db, row.get(0)?, row.get(1)?)?;
            let sum = Sum {
                charged: row.get(2)?,
                ..Sum::default()
            };
            self.add(enrolment, &WhoseDay::of(resident, isee), sum);
            count += 1;
        }
        Ok(count)
    }

    /// What the rule makes of days of a postpaid service, in the months that were billed.
    pub(super) fn priced(
        &mut self,
        db: &Connection,
        lines: &[PeriodPrice],
        billed: &BTreeSet<Date>,
    ) -> Result<()> {
        let mut known = Known::default();
        let billed = |day: Date| billed.contains(&day.first_of_month());
        for line in lines.iter().filter(|line| billed(line.from)) {
            let would = match &line.price {
                Ok(priced) => priced.explanation.amount,
                Err(fault) => {
                    self.unpriced(i64::from(line.days.max(1)), fault.clone());
                    continue;
                }
            };
            let (enrolment, isee, resident) = known.on(db, line.enrolment.id, line.from)?;
            let sum = Sum {
                days: i64::from(line.days),
                charged: Cents::ZERO,
                would,
            };
            self.add(enrolment, &WhoseDay::of(resident, isee), sum);
        }
        Ok(())
    }

    fn unpriced(&mut self, days: i64, why: PeriodFault) {
        self.sums.unpriced += days;
        self.sums.why_unpriced.get_or_insert(why);
    }

    fn add(&mut self, enrolment: &Enrolment, whose: &WhoseDay, sum: Sum) {
        self.sums.all.add(sum);
        let child = self.sums.children.entry(enrolment.child_id);
        let child = child.or_insert_with(|| OfChild {
            payer: enrolment.payer_id,
            sum: Sum::default(),
            bands: BTreeSet::new(),
        });
        child.sum.add(sum);
        if let Some(place) = self.whose.iter().position(|band| whose.is(*band)) {
            self.sums.bands[place].add(sum);
            child.bands.insert(place);
        }
    }

    fn price(&mut self, facts: &Facts) -> std::result::Result<Cents, Unpriced> {
        let isee = facts.isee.as_ref().map(|isee| isee.value);
        let month = if self.by_month { facts.day.month() } else { 0 };
        let alike = (isee, facts.values.clone(), month);
        let rule = self.rule;
        let price = || tariffs::price(rule, facts, Part::Day).map(|told| told.amount);
        self.prices.entry(alike).or_insert_with(price).clone()
    }
}

/// Whose a day is: of a resident with an ISEE, the ISEE itself.
enum WhoseDay {
    Isee(Cents),
    NoIsee,
    NonResident,
}

impl WhoseDay {
    fn of(resident: bool, isee: Option<Cents>) -> WhoseDay {
        match (resident, isee) {
            (false, _) => WhoseDay::NonResident,
            (true, Some(isee)) => WhoseDay::Isee(isee),
            (true, None) => WhoseDay::NoIsee,
        }
    }

    fn is(&self, whose: Whose) -> bool {
        match (self, whose) {
            (WhoseDay::Isee(isee), Whose::Band(band)) => band.has(*isee),
            (WhoseDay::NoIsee, Whose::NoIsee) | (WhoseDay::NonResident, Whose::NonResident) => true,
            _ => false,
        }
    }
}

fn whose_day(facts: &Facts) -> WhoseDay {
    let resident = facts.values.get("resident") != Some(&Value::Flag(false));
    WhoseDay::of(resident, facts.isee.as_ref().map(|isee| isee.value))
}
