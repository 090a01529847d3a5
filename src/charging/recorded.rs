//! The facts that the office records of a child (`enrolments::facts`), as tariffs ask for them:
//! what a page offers to record, and what was recorded, typed as the rule needs it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use rusqlite::Connection;

use crate::base::{Cents, Date, Error, Result, ServiceId, Text};
use crate::enrolments::Enrolment;
use crate::tariffs::{self, FactKind, FactSource, Rule, Unpriced, Value};

/// The facts that every rule may use and the office records. All others follow from the register,
/// the household, the ISEE and the enrolment.
const RECORDABLE: [&str; 11] = [
    "occasional",
    "disability",
    "severe_disability",
    "disabled_minor",
    "social_services_exemption",
    "entry_month",
    "timetable",
    "meal_type",
    "trip",
    COUNTED[0],
    COUNTED[1],
];

/// Those of them that count something in a period: a record says how many there were from its first
/// day on, and counts once, where that day is.
pub(super) const COUNTED: [&str; 2] = ["hours", "illness_days"];

/// A fact that a rule asks the office for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AskedFact {
    /// Its name in the rule.
    pub name: String,
    /// The rule's own label; empty for the facts that every rule may use.
    pub label: String,
    /// What its values are.
    #[serde(skip)]
    pub kind: FactKind,
    /// The words that the rule tells apart, if it is one of some words.
    pub words: BTreeSet<String>,
}

impl AskedFact {
    /// A flag that every rule may use.
    pub fn flag(name: &str) -> AskedFact {
        AskedFact {
            name: name.to_owned(),
            label: String::new(),
            kind: FactKind::Flag,
            words: BTreeSet::new(),
        }
    }

    /// Whether a value can be recorded, as rule files write it.
    pub fn takes(&self, value: &str) -> bool {
        match typed(self.kind, value) {
            Some(Value::Word(word)) => self.words.is_empty() || self.words.contains(&word),
            Some(_) => true,
            None => false,
        }
    }
}

/// Whether the office records a fact that a rule asks for.
pub(super) fn is_recorded(rule: &Rule, name: &str) -> bool {
    match rule.facts.iter().find(|fact| fact.code == name) {
        Some(declared) => declared.source == FactSource::Recorded,
        None => RECORDABLE.contains(&name),
    }
}

/// The facts that a rule asks the office for.
pub fn asked_facts(rule: &Rule) -> Vec<AskedFact> {
    let asked = rule.asks_for();
    let asked = asked.into_iter().filter(|name| is_recorded(rule, name));
    asked
        .filter_map(|name| {
            let declared = rule.facts.iter().find(|fact| fact.code == name);
            Some(AskedFact {
                name: name.to_owned(),
                label: declared.map_or_else(String::new, |fact| fact.label.clone()),
                kind: rule.fact_kind(name)?,
                words: rule.words_of(name),
            })
        })
        .collect()
}

/// The facts that the published tariffs of a service ask the office for, from a day on.
///
/// # Errors
/// The database's own failure.
pub fn facts_asked(db: &Connection, service: ServiceId, from: Date) -> Result<Vec<AskedFact>> {
    let later = tariffs::tariffs_of(db, service)?.into_iter();
    let later = later
        .map(|tariff| tariff.valid_from)
        .filter(|day| *day > from);
    let days: BTreeSet<Date> = std::iter::once(from).chain(later).collect();
    let mut all = Vec::<AskedFact>::new();
    for day in days {
        let rule = match tariffs::tariff_on(db, service, day) {
            Ok((_, rule)) => rule,
            // No tariff is published for that day.
            Err(Error::Refused(_)) => continue,
            Err(error) => return Err(error),
        };
        for fact in asked_facts(&rule) {
            match all.iter_mut().find(|known| known.name == fact.name) {
                Some(known) => known.words.extend(fact.words),
                None => all.push(fact),
            }
        }
    }
    Ok(all)
}

/// What was recorded of a child, where the rule asks for it. A value that the rule can't read is as
/// good as none. What counts something in a period is not among them.
pub(super) fn values(
    rule: &Rule,
    known: Option<&BTreeMap<String, String>>,
) -> Vec<(String, Value)> {
    let asked = rule.asks_for();
    let asked = asked.into_iter().filter(|name| is_recorded(rule, name));
    let asked = asked.filter(|name| !COUNTED.contains(name));
    asked
        .filter_map(|name| {
            let recorded = known.and_then(|known| known.get(name))?;
            let value = typed(rule.fact_kind(name)?, recorded)?;
            Some((name.to_owned(), value))
        })
        .collect()
}

fn typed(kind: FactKind, value: &str) -> Option<Value> {
    match (kind, value) {
        (FactKind::Flag, "yes") => Some(Value::Flag(true)),
        (FactKind::Flag, "no") => Some(Value::Flag(false)),
        (FactKind::Flag, _) => None,
        (FactKind::Number, value) => value.parse().ok().map(Value::Number),
        (FactKind::Amount, value) => {
            let cents = Cents::parse_decimal(&value.replace(',', ".")).ok()?;
            (cents >= Cents::ZERO).then_some(Value::Amount { cents })
        }
        (FactKind::Choice, value) => (!value.is_empty()).then(|| Value::Word(value.to_owned())),
    }
}

/// So many children are named when a fact is missing; of the others it is said how many they are.
const NAMED: usize = 20;

/// What to tell when children have no price on a day: of a fact that the office records, whose it is.
/// All of them are named, so that the office can mend them at once.
pub(super) fn unpriced(rule: &Rule, children: &[(Enrolment, Unpriced)]) -> Error {
    let is_missing = |why: &Unpriced| match why {
        Unpriced::Missing { fact, .. } | Unpriced::NoRow { fact, .. }
            if is_recorded(rule, fact) =>
        {
            Some(fact.clone())
        }
        _ => None,
    };
    let Some((enrolment, why)) = children.first() else {
        return Error::Internal("every day has a price".to_owned());
    };
    let missing = children.iter().find_map(|(_, why)| is_missing(why));
    let Some(fact) = missing else {
        return Error::refused(why.text());
    };
    let declared = rule.facts.iter().find(|declared| declared.code == fact);
    let label = declared.map_or("", |declared| declared.label.as_str());
    let names = children.iter().filter(|(_, why)| is_missing(why).is_some());
    let names: BTreeSet<&str> = names.map(|(child, _)| child.child.as_str()).collect();
    let named: Vec<&str> = names.iter().take(NAMED).copied().collect();
    let key = match names.len() {
        1 => "error-day-fact-missing",
        _ => "error-day-facts-missing",
    };
    let count = |many: usize| u32::try_from(many).unwrap_or(u32::MAX);
    Error::refused(
        Text::new(key)
            .with(
                "fact",
                if label.is_empty() {
                    fact.as_str()
                } else {
                    "label"
                },
            )
            .with("factlabel", label)
            .with("child", named.join("; "))
            .with("count", count(names.len()))
            .with("more", count(names.len() - named.len()))
            .with("service", enrolment.service.as_str()),
    )
}
