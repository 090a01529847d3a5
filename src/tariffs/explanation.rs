//! Why an amount is what it is: enough to compute it again and to tell it in words (invariant 6).

use serde::{Deserialize, Serialize};

use super::bands::{Band, Line};
use super::facts::{FactName, IseeFact, Value};
use super::price::{Percent, Price};
use super::rule::{Effect, Rounding, Unit};
use super::when::NotMet;
use crate::base::Cents;

/// Why an amount is what it is. Kept as JSON; the day is not part of it, so that all days which the
/// same rule and facts price share one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// What is charged to the family.
    pub amount: Cents,
    /// Name of the rule.
    pub rule: String,
    /// Version of the rule.
    pub version: i64,
    /// The act that set it.
    pub act: Option<String>,
    /// Which ISEE counted, or why none did.
    pub isee: IseeUse,
    /// How the rule rounds.
    pub rounding: Rounding,
    /// The way from the facts to the amount, in order.
    pub steps: Vec<Step>,
}

/// Which ISEE counted, or why none did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "use", rename_all = "snake_case")]
pub enum IseeUse {
    /// This one.
    Used(IseeFact),
    /// The price is the same for all.
    NotNeeded,
    /// Who does not live in the comune pays a price of their own.
    NonResident,
    /// None is recorded.
    Missing,
    /// The one that is recorded does not hold on that day.
    NotValid(IseeFact),
}

/// One step of a computation, with its numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// What one unit of a component costs, and why. A new component begins here.
    UnitPrice {
        /// The component's code.
        component: String,
        /// Its name for people; empty: the unit says it.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        label: String,
        /// What is counted.
        unit: Unit,
        /// The price of one.
        price: Price,
        /// Where it stands in the rule, from the outside in.
        why: Vec<Why>,
    },
    /// A discount or a surcharge that was given.
    Modified {
        /// Its name.
        label: String,
        /// What it does.
        effect: Effect,
        /// The price of which it is a percentage, where that is not the one before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<Price>,
        /// What it was given for, as many times.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        each: Option<Counted>,
        /// Before.
        from: Price,
        /// After.
        to: Price,
    },
    /// One that was not given.
    Refused {
        /// Its name.
        label: String,
        /// Why.
        why: Refusal,
    },
    /// Only a part of the price is due.
    Prorata {
        /// The fact above the line, and what it says.
        of: (FactName, u32),
        /// The fact below it, where it is one, and what it says.
        over: (Option<FactName>, u32),
        /// Before.
        from: Price,
        /// After.
        to: Price,
    },
    /// The price of one unit is rounded.
    RoundedUnit {
        /// Before.
        from: Price,
        /// After.
        to: Cents,
        /// How, where that is not as in the rest of the rule.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Rounding>,
    },
    /// The first units are not charged here.
    Beyond {
        /// What is counted.
        unit: Unit,
        /// How many there were.
        counted: u32,
        /// So many are not charged.
        after: u32,
    },
    /// Not all of the units are charged.
    Capped {
        /// What is counted.
        unit: Unit,
        /// How many there were.
        counted: u32,
        /// How many are charged.
        most: u32,
    },
    /// So many units; what they give is added to the sum.
    Times {
        /// What is counted.
        unit: Unit,
        /// The price of one.
        price: Price,
        /// How many.
        quantity: u32,
        /// Their product.
        gives: Price,
    },
    /// What a component gives is raised to its least, or lowered to its most; the sum changes with it.
    Limited {
        /// Before.
        from: Price,
        /// After.
        to: Price,
        /// The limit of each unit of a fact, and how many there are.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        each: Option<(Price, FactName, u32)>,
    },
    /// What a component gives is rounded; the sum changes with it.
    RoundedComponent {
        /// Before.
        from: Price,
        /// After.
        to: Cents,
        /// How, where that is not as in the rest of the rule.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Rounding>,
    },
    /// The sum is raised to the least of a period.
    AtLeast {
        /// Before.
        from: Price,
        /// After.
        to: Price,
    },
    /// The sum is lowered to the most of a period.
    AtMost {
        /// Before.
        from: Price,
        /// After.
        to: Price,
    },
    /// The sum is rounded.
    RoundedTotal {
        /// Before.
        from: Price,
        /// After.
        to: Cents,
        /// How, where that is not as the rule rounds its units.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Rounding>,
    },
    /// Another body pays a part, in whole cents.
    Aided {
        /// Who.
        by: String,
        /// What it pays.
        pays: Cents,
        /// What is left for the family.
        left: Cents,
        /// Which part it pays, and at most how much; not kept before 2026-11-28.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        share: Option<(Percent, Option<Price>)>,
    },
    /// The office gave back what a day was charged: it costs nothing.
    GivenBack,
    /// Only an instalment is due now: the part of the whole between two percentages.
    Instalment {
        /// Of several that are asked for together, the first one; else zero.
        #[serde(default, skip_serializing_if = "is_zero")]
        first: u32,
        /// Which one, from 1; of several the last one.
        number: u32,
        /// Of so many.
        count: u32,
        /// What all of them give.
        whole: Cents,
        /// What the earlier ones asked for.
        from: Percent,
        /// That and this one.
        to: Percent,
        /// What this one asks for.
        pays: Cents,
        /// The same part of what other bodies pay.
        aided: Cents,
    },
}

/// How many times something was given: those of a fact beyond some.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// The fact.
    pub fact: FactName,
    /// What it says.
    pub count: u32,
    /// So many of them do not count.
    pub after: u32,
}

impl Counted {
    /// How many count.
    pub fn times(&self) -> u32 {
        self.count.saturating_sub(self.after)
    }
}

/// Where in the rule a unit price stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum Why {
    /// The row of a table.
    Row {
        /// The fact that chooses it.
        fact: FactName,
        /// What it says.
        value: Value,
    },
    /// The band that the ISEE falls into.
    Band(Band),
    /// Another band than that of the ISEE, because of a modifier.
    Shifted {
        /// So many places away.
        by: i32,
        /// The band whose price holds.
        band: Band,
    },
    /// The place of the ISEE on a straight line.
    Line(Line),
    /// No valid ISEE.
    NoIsee,
    /// The child does not live in the comune.
    NonResident,
}

/// Why a discount or a surcharge was not given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum Refusal {
    /// Its condition does not hold.
    NotMet(NotMet),
    /// It does not add up with a better one.
    BetterOne {
        /// That one's name.
        label: String,
    },
    /// The price does not come from a band, or there is no band beyond.
    NoBand,
    /// What it is given for did not happen, or not often enough.
    NoneCounted(Counted),
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}
