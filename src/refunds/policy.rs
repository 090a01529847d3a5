//! The comune's rule of refunds as data (docs/refunds.md), and what it says of a case: a pure
//! function, with the reasons in words.

use serde::{Deserialize, Deserializer};

use crate::base::{Cents, Date, Error, Result, Text};

/// The rule of a comune. Whatever a file leaves out is not asked for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefundPolicy {
    /// Whose rule it is.
    pub name: String,
    /// Where it is published.
    #[serde(default)]
    pub source: String,
    /// What is less is not paid out.
    #[serde(default)]
    pub minimum: Minimum,
    /// Day of the year until which who left may ask.
    #[serde(default)]
    pub deadline: Option<MonthDay>,
    /// Only for children who have left the service; others keep their credit.
    #[serde(default)]
    pub only_leavers: bool,
    /// While a sibling uses the service, the credit goes there and is not paid out.
    #[serde(default)]
    pub sibling_first: bool,
    /// What the payer owes for other accounts is withheld first.
    #[serde(default = "yes")]
    pub arrears_first: bool,
    /// Whether a postal savings book may receive the money.
    #[serde(default = "yes")]
    pub savings_book: bool,
    /// Within how many days the comune pays.
    #[serde(default)]
    pub pay_within_days: Option<u16>,
    /// What is given back of a fee for days that were not used.
    #[serde(default)]
    pub unused: Option<Unused>,
}

fn yes() -> bool {
    true
}

impl Default for RefundPolicy {
    /// The rule of a comune that has set none: every credit can be asked for, arrears first.
    fn default() -> RefundPolicy {
        RefundPolicy {
            name: "Regola di base".to_owned(),
            source: String::new(),
            minimum: Minimum::Nothing,
            deadline: None,
            only_leavers: false,
            sibling_first: false,
            arrears_first: true,
            savings_book: true,
            pay_within_days: None,
            unused: None,
        }
    }
}

/// The least that is paid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Minimum {
    /// Any amount is paid out.
    #[default]
    Nothing,
    /// `"12.01"`: this much is paid out, a cent less is not.
    Amount(Cents),
    /// `"one-meal"`: the price of one meal of the child.
    OneMeal,
}

impl<'de> Deserialize<'de> for Minimum {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Minimum, D::Error> {
        match String::deserialize(from)?.as_str() {
            "one-meal" => Ok(Minimum::OneMeal),
            text => match Cents::parse_decimal(text) {
                Ok(amount) if amount >= Cents::ZERO => Ok(Minimum::Amount(amount)),
                _ => Err(serde::de::Error::custom(format!(
                    "`{text}` is no minimum: write an amount like \"12.01\", or \"one-meal\""
                ))),
            },
        }
    }
}

/// A day of any year, `"07-15"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthDay {
    month: i8,
    day: i8,
}

impl MonthDay {
    /// The first such day that is not before another.
    fn on_or_after(self, day: Date) -> Option<Date> {
        [day.year(), day.year().checked_add(1)?]
            .into_iter()
            .filter_map(|year| Date::new(year, self.month, self.day).ok())
            .find(|candidate| *candidate >= day)
    }
}

impl<'de> Deserialize<'de> for MonthDay {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<MonthDay, D::Error> {
        let text = String::deserialize(from)?;
        let parts = text.split_once('-').map(|(m, d)| (m.parse(), d.parse()));
        match parts {
            // A common year: the 29th of February is no deadline.
            Some((Ok(month), Ok(day))) if Date::new(2025, month, day).is_ok() => {
                Ok(MonthDay { month, day })
            }
            _ => Err(serde::de::Error::custom(format!(
                "`{text}` is no day of the year: write month and day like \"07-15\""
            ))),
        }
    }
}

/// So much of a fee is given back for each stretch of so many days in a row that were not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unused {
    /// `"12"`.
    pub percent: Percent,
    /// 30.
    pub days: std::num::NonZeroU32,
}

/// Hundredths of a percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Percent(i64);

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Percent, D::Error> {
        let text = String::deserialize(from)?;
        match Cents::parse_decimal(&text) {
            Ok(Cents(hundredths @ 0..=10_000)) => Ok(Percent(hundredths)),
            _ => Err(serde::de::Error::custom(format!(
                "`{text}` is no percentage: write a number from \"0\" to \"100\", with two decimals at the most"
            ))),
        }
    }
}

impl std::fmt::Display for Percent {
    /// `12` or `12,5`: as Italians write it, without the sign.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let number = Cents(self.0).to_italian();
        f.write_str(number.trim_end_matches('0').trim_end_matches(','))
    }
}

/// What is given back for days that were not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reduction {
    /// Whole stretches of days.
    pub stretches: u32,
    /// Of the fee, for one stretch.
    pub each: Percent,
    /// Of the fee, in all; never more than all of it.
    pub percent: Percent,
}

impl Reduction {
    /// What that is of a fee, rounded half-up to the cent.
    pub fn of(self, fee: Cents) -> Cents {
        let exact = i128::from(fee.0) * i128::from(self.percent.0);
        Cents(i64::try_from((exact + 5_000).div_euclid(10_000)).unwrap_or(i64::MAX))
    }
}

impl Unused {
    /// What is given back for so many days in a row.
    pub fn reduction(self, consecutive_days: u32) -> Reduction {
        let stretches = consecutive_days / self.days.get();
        let percent = (i64::from(stretches) * self.percent.0).min(10_000);
        Reduction {
            stretches,
            each: self.percent,
            percent: Percent(percent),
        }
    }
}

/// What is known of a case.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The account's credit.
    pub credit: Cents,
    /// What the payer owes for other accounts.
    pub arrears: Cents,
    /// What one meal of the child cost last, if there was one.
    pub meal_price: Option<Cents>,
    /// A child of the same payer who still uses a service: given name.
    pub sibling: Option<String>,
    /// The child's last day in the service; none while they use it.
    pub left_on: Option<Date>,
    /// When the family asked.
    pub asked_on: Date,
    /// The family wants the credit moved to a sibling, not paid out.
    pub wants_transfer: bool,
}

/// What the rule proposes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Pay it out.
    Refund,
    /// Move it to the sibling.
    Transfer,
    /// All of it goes against arrears.
    Withhold,
    /// It stays on the account.
    Keep,
}

/// What the rule proposes, and why.
#[derive(Clone, Debug)]
pub struct Decision {
    /// What happens.
    pub outcome: Outcome,
    /// What is paid out or moved.
    pub amount: Cents,
    /// What goes against arrears before.
    pub withheld: Cents,
    /// Each step in words, in order.
    pub reasons: Vec<Text>,
}

/// What a rule says of a case.
pub fn decide(policy: &RefundPolicy, facts: &Facts) -> Decision {
    let mut decision = Decision {
        outcome: Outcome::Keep,
        amount: Cents::ZERO,
        withheld: Cents::ZERO,
        reasons: vec![Text::new("refund-why-credit").with("credit", facts.credit)],
    };
    if !facts.credit.is_positive() {
        decision.reasons = vec![Text::new("refund-why-no-credit")];
        return decision;
    }
    if let Some(text) = too_early_or_late(policy, facts) {
        decision.reasons.push(text);
        return decision;
    }
    if policy.arrears_first && facts.arrears.is_positive() {
        decision.withheld = facts.credit.min(facts.arrears);
        let text = Text::new("refund-why-arrears").with("arrears", facts.arrears);
        decision
            .reasons
            .push(text.with("withheld", decision.withheld));
    }
    let rest = facts.credit - decision.withheld;
    if rest == Cents::ZERO {
        decision.outcome = Outcome::Withhold;
        return decision;
    }
    if let Some(sibling) = facts
        .sibling
        .as_ref()
        .filter(|_| policy.sibling_first || facts.wants_transfer)
    {
        let key = if facts.wants_transfer {
            "refund-why-transfer-wanted"
        } else {
            "refund-why-sibling"
        };
        let text = Text::new(key).with("child", sibling.as_str());
        decision.reasons.push(text);
        (decision.outcome, decision.amount) = (Outcome::Transfer, rest);
        return decision;
    }
    let minimum = match policy.minimum {
        Minimum::Nothing => None,
        Minimum::Amount(amount) => {
            Some(Text::new("refund-why-below").with("minimum", amount)).filter(|_| rest < amount)
        }
        Minimum::OneMeal => facts
            .meal_price
            .filter(|price| rest < *price)
            .map(|price| Text::new("refund-why-below-meal").with("minimum", price)),
    };
    if let Some(text) = minimum {
        decision.reasons.push(text.with("rest", rest));
        return decision;
    }
    let text = Text::new("refund-why-paid").with("amount", rest);
    decision.reasons.push(text);
    if let Some(days) = policy.pay_within_days {
        let text = Text::new("refund-why-within").with("days", i64::from(days));
        decision.reasons.push(text);
    }
    (decision.outcome, decision.amount) = (Outcome::Refund, rest);
    decision
}

/// Why the rule does not apply to who still uses the service, or asks after the last day.
fn too_early_or_late(policy: &RefundPolicy, facts: &Facts) -> Option<Text> {
    let Some(left_on) = facts.left_on else {
        return policy
            .only_leavers
            .then(|| Text::new("refund-why-still-there"));
    };
    let last = policy.deadline?.on_or_after(left_on)?;
    (facts.asked_on > last).then(|| Text::new("refund-why-late").with("deadline", last))
}

/// Reads a rule.
///
/// # Errors
/// A field error of `source` that names the line and the fault.
pub fn parse_refund_policy(source: &str) -> Result<RefundPolicy> {
    toml::from_str(source).map_err(|error| wrong_file(&error))
}

/// What is wrong with a rule's text.
pub(super) fn wrong_file(error: &toml::de::Error) -> Error {
    let text = Text::new("error-policy-file").with("fault", error.to_string());
    Error::field("source", text)
}

#[cfg(test)]
mod tests;
