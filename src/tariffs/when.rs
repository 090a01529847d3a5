//! Conditions on facts: `when = { grade = "primaria", child_order = { from = 2 } }`.

use serde::{Deserialize, Serialize};

use super::asking::Asked;
use super::facts::{FactName, Range, Value, View};
use crate::base::Cents;

/// Tests that must all hold, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct When(pub Vec<(String, Test)>);

/// What one fact must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "must", rename_all = "snake_case")]
pub enum Test {
    /// One of these.
    Be {
        /// The values.
        one_of: Vec<Value>,
    },
    /// A number in a range.
    Lie {
        /// The range.
        #[serde(flatten)]
        within: Range,
    },
    /// A valid ISEE in a range, both ends included.
    Isee {
        /// The lowest.
        from: Option<Cents>,
        /// The highest.
        to: Option<Cents>,
    },
    /// Not all of these hold together.
    Not {
        /// What must not be so.
        all: When,
    },
    /// Whether there is a valid ISEE at all.
    HasIsee {
        /// There must be one, or there must be none.
        valid: bool,
    },
}

/// Why a condition does not hold: its first test that fails, and what was found instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotMet {
    /// The fact.
    pub fact: FactName,
    /// What it must be.
    pub test: Test,
    /// What it is, as rule files write it; none where nobody knows.
    pub found: Option<String>,
}

impl When {
    /// Adds what it speaks of.
    pub(super) fn ask<'a>(&'a self, asked: &mut Asked<'a>) {
        for (name, test) in &self.0 {
            match (name.as_str(), test) {
                (_, Test::Not { all }) => all.ask(asked),
                ("isee", _) => asked.isee = true,
                (fact, _) => {
                    asked.facts.insert(fact);
                }
            }
        }
    }

    /// The first test that fails.
    pub(super) fn fails(&self, view: &View<'_>) -> Option<NotMet> {
        self.0.iter().find_map(|(name, test)| {
            let (holds, found) = test.holds(name, view);
            // What must not be so is told by the fact that its first test speaks of.
            let name = match test {
                Test::Not { all } => all.0.first().map_or("", |(name, _)| name.as_str()),
                _ => name,
            };
            (!holds).then(|| NotMet {
                fact: view.name(name),
                test: test.clone(),
                found,
            })
        })
    }
}

impl Test {
    fn holds(&self, name: &str, view: &View<'_>) -> (bool, Option<String>) {
        match self {
            Test::Not { all } => match all.fails(view) {
                Some(_) => (true, None),
                None => {
                    let first = all.0.first();
                    (
                        false,
                        first.and_then(|(name, test)| test.holds(name, view).1),
                    )
                }
            },
            Test::HasIsee { valid } => (view.isee().is_some() == *valid, None),
            Test::Isee { from, to } => match view.isee() {
                Some(isee) => {
                    let within = from.is_none_or(|from| from <= isee.value)
                        && to.is_none_or(|to| isee.value <= to);
                    (within, Some(isee.value.to_string()))
                }
                None => (false, None),
            },
            Test::Be { one_of } => {
                let value = view.value(name);
                let holds = value.as_ref().is_some_and(|value| one_of.contains(value));
                (holds, value.map(|value| value.to_string()))
            }
            Test::Lie { within } => match view.value(name) {
                Some(Value::Number(number)) => (within.has(number), Some(number.to_string())),
                other => (false, other.map(|value| value.to_string())),
            },
        }
    }
}
