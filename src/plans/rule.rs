//! The comune's conditions for paying in instalments as data (the section `[plan]` of the rule of
//! reminders, docs/billing.md), and the instalments of a sum: pure functions.

use std::ops::RangeInclusive;

use jiff::ToSpan;
use serde::{Deserialize, Deserializer, Serialize};

use crate::base::{Cents, Date, Text};

/// More instalments than this nobody grants (L. 160/2019, art. 1, comma 796).
const MOST: u16 = 72;

/// The conditions of a comune.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanRule {
    /// What is less is not divided.
    #[serde(default, deserialize_with = "amount")]
    pub minimum_debt: Cents,
    /// No instalment is less.
    #[serde(default, deserialize_with = "amount")]
    pub minimum_instalment: Cents,
    /// The most instalments, whatever is owed.
    #[serde(deserialize_with = "instalments")]
    pub maximum_instalments: u16,
    /// Fewer for smaller debts.
    #[serde(default, rename = "tier")]
    pub tiers: Vec<Tier>,
    /// The first instalment is due so many days after the decision.
    #[serde(default = "thirty", deserialize_with = "days")]
    pub first_after_days: u16,
    /// Months from one instalment to the next.
    #[serde(default = "one", deserialize_with = "from_one")]
    pub every_months: u16,
    /// So many days late an instalment is missed.
    #[serde(default, deserialize_with = "days")]
    pub tolerance_days: u16,
    /// With so many missed instalments the plan falls.
    #[serde(default = "one", deserialize_with = "from_one")]
    pub falls_after_missed: u16,
    /// Debts that went to forced collection are not divided.
    #[serde(default = "yes")]
    pub exclude_in_collection: bool,
}

/// For debts up to an amount, at most so many instalments.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// The debt that it reaches to.
    #[serde(deserialize_with = "amount")]
    pub up_to: Cents,
    /// The most instalments.
    #[serde(deserialize_with = "instalments")]
    pub instalments: u16,
}

fn thirty() -> u16 {
    30
}

fn one() -> u16 {
    1
}

fn yes() -> bool {
    true
}

fn amount<'de, D: Deserializer<'de>>(from: D) -> Result<Cents, D::Error> {
    let text = String::deserialize(from)?;
    match Cents::parse_decimal(&text) {
        Ok(amount) if amount >= Cents::ZERO => Ok(amount),
        _ => Err(serde::de::Error::custom(format!(
            "`{text}` is no amount: write it like \"100.00\""
        ))),
    }
}

fn within<'de, D: Deserializer<'de>>(
    from: D,
    range: RangeInclusive<u16>,
    what: &str,
) -> Result<u16, D::Error> {
    let number = i64::deserialize(from)?;
    match u16::try_from(number) {
        Ok(fits) if range.contains(&fits) => Ok(fits),
        _ => Err(serde::de::Error::custom(format!(
            "`{number}` is no number of {what}: write one from {} to {}",
            range.start(),
            range.end()
        ))),
    }
}

fn instalments<'de, D: Deserializer<'de>>(from: D) -> Result<u16, D::Error> {
    within(from, 2..=MOST, "instalments")
}

fn days<'de, D: Deserializer<'de>>(from: D) -> Result<u16, D::Error> {
    within(from, 0..=365, "days")
}

fn from_one<'de, D: Deserializer<'de>>(from: D) -> Result<u16, D::Error> {
    within(from, 1..=12, "months or instalments")
}

impl PlanRule {
    /// How many instalments a debt may be divided into.
    ///
    /// # Errors
    /// Why it may not be divided, in words.
    pub fn choices(&self, debt: Cents) -> Result<RangeInclusive<u16>, Text> {
        if !debt.is_positive() {
            return Err(Text::new("plan-why-nothing"));
        }
        if debt < self.minimum_debt {
            return Err(Text::new("plan-why-below")
                .with("minimum", self.minimum_debt)
                .with("debt", debt));
        }
        let tier = self.tiers.iter().filter(|tier| debt <= tier.up_to);
        let tier = tier.min_by_key(|tier| tier.up_to);
        let most = tier.map_or(self.maximum_instalments, |tier| {
            tier.instalments.min(self.maximum_instalments)
        });
        // Rounded down: the smallest instalment is not below the minimum.
        let fitting = debt.0 / self.minimum_instalment.0.max(1);
        let most = most.min(u16::try_from(fitting).unwrap_or(MOST));
        match most {
            0 | 1 => Err(Text::new("plan-why-one").with("minimum", self.minimum_instalment)),
            most => Ok(2..=most),
        }
    }

    /// When the first instalment of a plan is due that is decided on a day.
    pub fn first_due(&self, decided_on: Date) -> Date {
        decided_on.saturating_add(i64::from(self.first_after_days).days())
    }
}

/// One instalment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Instalment {
    /// From 1.
    pub number: u16,
    /// The last day to pay it.
    pub due_date: Date,
    /// Cents.
    pub amount: Cents,
}

/// A sum in equal instalments that add up to the cent: the first ones are a cent larger where it
/// does not go without remainder. Each is due on the same day of its month, or on the last one
/// where a month is shorter.
pub fn divide(total: Cents, number: u16, first_due: Date, every_months: u16) -> Vec<Instalment> {
    let parts = i64::from(number.max(1));
    let (each, larger) = (total.0 / parts, total.0 % parts);
    (0..number.max(1))
        .map(|place| Instalment {
            number: place + 1,
            due_date: first_due
                .saturating_add((i64::from(place) * i64::from(every_months)).months()),
            amount: Cents(each + i64::from(i64::from(place) < larger)),
        })
        .collect()
}
