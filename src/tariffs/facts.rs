//! What a price depends on: facts of a child, a household and a period, each by its name.
//!
//! Campanella knows the names in [`known`]; a rule may declare more ([`FactRule`]), which the office
//! records or which follow from others.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::explanation::IseeUse;
use super::when::When;
use crate::base::{Cents, Date};

/// What a fact says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Yes or no.
    Flag(bool),
    /// A count.
    Number(u32),
    /// One of some words.
    Word(String),
    /// An amount.
    Amount {
        /// Cents.
        cents: Cents,
    },
}

impl From<bool> for Value {
    fn from(flag: bool) -> Value {
        Value::Flag(flag)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Value {
        Value::Number(number)
    }
}

impl From<&str> for Value {
    fn from(word: &str) -> Value {
        Value::Word(word.to_owned())
    }
}

/// As rule files write it: `yes`, `3`, `primaria`.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Flag(true) => f.write_str("yes"),
            Value::Flag(false) => f.write_str("no"),
            Value::Number(number) => number.fmt(f),
            Value::Word(word) => f.write_str(word),
            Value::Amount { cents } => f.write_str(&cents.to_decimal()),
        }
    }
}

/// What kind of value a fact has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FactKind {
    /// Yes or no; no when nothing is recorded.
    Flag,
    /// A count.
    Number,
    /// One of some words.
    Choice,
    /// An amount of euros; nothing when nothing is recorded.
    Amount,
}

impl FactKind {
    /// Whether a value is of this kind.
    pub fn fits(self, value: &Value) -> bool {
        matches!(
            (self, value),
            (FactKind::Flag, Value::Flag(_))
                | (FactKind::Number, Value::Number(_))
                | (FactKind::Choice, Value::Word(_))
                | (FactKind::Amount, Value::Amount { .. })
        )
    }
}

/// The facts that every rule may use without declaring them. Their Italian names are in the
/// catalogue (`explain-fact`).
const KNOWN: [(&str, FactKind); 34] = [
    ("resident", FactKind::Flag),
    ("occasional", FactKind::Flag),
    ("disability", FactKind::Flag),
    ("severe_disability", FactKind::Flag),
    ("disabled_minor", FactKind::Flag),
    ("social_services_exemption", FactKind::Flag),
    ("child_order", FactKind::Number),
    ("users_in_household", FactKind::Number),
    ("minors_in_household", FactKind::Number),
    ("meals", FactKind::Number),
    ("days_present", FactKind::Number),
    ("opening_days", FactKind::Number),
    ("hours", FactKind::Number),
    ("weeks", FactKind::Number),
    ("months", FactKind::Number),
    ("periods", FactKind::Number),
    ("years", FactKind::Number),
    ("times", FactKind::Number),
    ("month", FactKind::Number),
    ("weekday", FactKind::Number),
    ("entry_day", FactKind::Number),
    ("entry_month", FactKind::Number),
    ("exit_day", FactKind::Number),
    ("enrolled_days", FactKind::Number),
    ("months_since_entry", FactKind::Number),
    ("age_months", FactKind::Number),
    ("absence_days", FactKind::Number),
    ("illness_days", FactKind::Number),
    ("consecutive_absence_days", FactKind::Number),
    ("grade", FactKind::Choice),
    ("school", FactKind::Choice),
    ("timetable", FactKind::Choice),
    ("meal_type", FactKind::Choice),
    ("trip", FactKind::Choice),
];

/// The kind of a fact that every rule may use; none for a name that a rule must declare.
pub fn known(name: &str) -> Option<FactKind> {
    let found = KNOWN.iter().find(|(known, _)| *known == name);
    found.map(|(_, kind)| *kind)
}

/// The names that every rule may use, for the message that lists them.
pub fn known_names() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().map(|(name, _)| *name)
}

/// A fact that a rule declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactRule {
    /// Its name in the file.
    pub code: String,
    /// Its name for people: "orario ridotto".
    pub label: String,
    /// What its values are.
    pub kind: FactKind,
    /// Where they come from.
    pub source: FactSource,
}

/// Where a declared fact comes from. A value that is given wins over one that would follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FactSource {
    /// The office records it.
    Recorded,
    /// It is true where any of these holds.
    AnyOf(Vec<When>),
    /// It is the number of the ISEE band, from 1: these are the inclusive upper bounds. Without a
    /// valid ISEE it is the last band.
    IseeBand(Vec<Cents>),
    /// It sorts another number into named ranges.
    Ranges {
        /// The other fact.
        of: String,
        /// Ranges with both ends; their names.
        ranges: Vec<(Range, String)>,
    },
    /// The place among the children of a [`SiblingGroup`](super::rule::SiblingGroup), or their number.
    Siblings {
        /// The place, and not the number.
        order: bool,
    },
}

/// Whole numbers from one to another, both included; an end that is missing is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// The first.
    pub from: Option<u32>,
    /// The last.
    pub to: Option<u32>,
}

impl Range {
    /// Whether a number is in it.
    pub fn has(self, number: u32) -> bool {
        self.from.is_none_or(|from| from <= number) && self.to.is_none_or(|to| number <= to)
    }

    /// Reads `3`, `3+`, `3-5`.
    pub fn parse(text: &str) -> Option<Range> {
        let number = |text: &str| text.trim().parse::<u32>().ok();
        if let Some(from) = text.strip_suffix('+') {
            let from = Some(number(from)?);
            return Some(Range { from, to: None });
        }
        let (from, to) = text.split_once('-').unwrap_or((text, text));
        let (from, to) = (number(from)?, number(to)?);
        (from <= to).then_some(Range {
            from: Some(from),
            to: Some(to),
        })
    }

    /// Whether two have a number in common.
    pub fn meets(self, other: Range) -> bool {
        let below = |from: Option<u32>, to: Option<u32>| match (from, to) {
            (Some(from), Some(to)) => from <= to,
            _ => true,
        };
        below(self.from, other.to) && below(other.from, self.to)
    }
}

/// An ISEE that holds for a child.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IseeFact {
    /// Cents.
    pub value: Cents,
    /// Protocol of INPS (numero di protocollo DSU); empty when it was not recorded.
    pub protocol: String,
    /// First day.
    pub valid_from: Date,
    /// Last day.
    pub valid_to: Date,
}

/// What a price depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The ISEE recorded for the child, if there is one.
    pub isee: Option<IseeFact>,
    /// The day of the service: prices and ISEE hold by day.
    pub day: Date,
    /// Everything else, by name.
    pub values: BTreeMap<String, Value>,
}

impl Facts {
    /// Nothing is known but the day.
    pub fn on(day: Date) -> Facts {
        Facts {
            isee: None,
            day,
            values: BTreeMap::new(),
        }
    }

    /// The same with one more fact.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Facts {
        self.values.insert(name.to_owned(), value.into());
        self
    }

    /// The same with an ISEE.
    pub fn with_isee(mut self, isee: Option<IseeFact>) -> Facts {
        self.isee = isee;
        self
    }
}

/// The facts as a rule sees them: with what it declares and what is understood when nothing is said.
pub(super) struct View<'a> {
    pub(super) facts: &'a Facts,
    pub(super) declared: &'a [FactRule],
    isee: Option<&'a IseeFact>,
    /// Whether somebody asked for the ISEE.
    isee_asked: Cell<bool>,
}

impl<'a> View<'a> {
    pub(super) fn of(facts: &'a Facts, declared: &'a [FactRule]) -> View<'a> {
        let holds = |isee: &&IseeFact| isee.valid_from <= facts.day && facts.day <= isee.valid_to;
        View {
            facts,
            declared,
            isee: facts.isee.as_ref().filter(holds),
            isee_asked: Cell::new(false),
        }
    }

    /// The ISEE, while it holds. Whoever asks depends on it.
    pub(super) fn isee(&self) -> Option<&'a IseeFact> {
        self.isee_asked.set(true);
        self.isee
    }

    /// Which ISEE counted for whoever asked; none when nobody did.
    pub(super) fn isee_used(&self) -> Option<IseeUse> {
        self.isee_asked
            .get()
            .then(|| match (self.isee, &self.facts.isee) {
                (Some(used), _) => IseeUse::Used(used.clone()),
                (None, Some(stale)) => IseeUse::NotValid(stale.clone()),
                (None, None) => IseeUse::Missing,
            })
    }

    /// What a fact says; none where nobody knows.
    pub(super) fn value(&self, name: &str) -> Option<Value> {
        if let Some(given) = self.facts.values.get(name) {
            return Some(given.clone());
        }
        match self.declared.iter().find(|fact| fact.code == name) {
            Some(fact) => self.follows(fact),
            None => match (name, known(name)) {
                ("resident", _) => Some(Value::Flag(true)),
                ("child_order", _) => Some(Value::Number(1)),
                ("month", _) => u32::try_from(self.facts.day.month()).ok().map(Value::from),
                ("weekday", _) => {
                    let weekday = self.facts.day.weekday().to_monday_one_offset();
                    u32::try_from(weekday).ok().map(Value::from)
                }
                (_, Some(FactKind::Flag)) => Some(Value::Flag(false)),
                _ => None,
            },
        }
    }

    fn follows(&self, fact: &FactRule) -> Option<Value> {
        match &fact.source {
            FactSource::Recorded => match fact.kind {
                FactKind::Flag => Some(Value::Flag(false)),
                FactKind::Amount => Some(Value::Amount { cents: Cents::ZERO }),
                FactKind::Number | FactKind::Choice => None,
            },
            FactSource::Siblings { order } => order.then_some(Value::Number(1)),
            FactSource::AnyOf(all) => Some(Value::Flag(
                all.iter().any(|when| when.fails(self).is_none()),
            )),
            FactSource::IseeBand(bounds) => {
                let band = match self.isee() {
                    Some(isee) => bounds.partition_point(|to| *to < isee.value),
                    None => bounds.len(),
                };
                u32::try_from(band + 1).ok().map(Value::Number)
            }
            FactSource::Ranges { of, ranges } => match self.value(of)? {
                Value::Number(number) => ranges
                    .iter()
                    .find(|(range, _)| range.has(number))
                    .map(|(_, name)| Value::Word(name.clone())),
                _ => None,
            },
        }
    }

    /// What a fact is called: its name in the catalogue, or the label that the rule gives it.
    pub(super) fn name(&self, code: &str) -> FactName {
        let declared = self.declared.iter().find(|fact| fact.code == code);
        FactName {
            code: code.to_owned(),
            label: declared.map_or_else(String::new, |fact| fact.label.clone()),
        }
    }
}

/// What a fact is called in an explanation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactName {
    /// Its name in the rule.
    pub code: String,
    /// The rule's own label; empty for the facts that every rule may use.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
}
