//! Why an amount is what it is: enough to compute it again and to tell it in words (invariant 6).

use serde::{Deserialize, Serialize};

use super::bands::{Band, Line};
use super::engine::instalments::between;
use super::facts::{FactName, IseeFact, Value};
use super::price::{Percent, Price, RoundingMode, TooLarge};
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

/// A computation that does not give what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inconsistent;

impl From<TooLarge> for Inconsistent {
    fn from(_: TooLarge) -> Inconsistent {
        Inconsistent
    }
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

fn must(good: bool) -> Result<(), Inconsistent> {
    if good { Ok(()) } else { Err(Inconsistent) }
}

impl Explanation {
    /// What other bodies pay, in cents: of an instalment, its part.
    pub fn aided(&self) -> Cents {
        if let Some(Step::Instalment { aided, .. }) = self.steps.last() {
            return *aided;
        }
        let aids = self.steps.iter().map(|step| match step {
            Step::Aided { pays, .. } => *pays,
            _ => Cents::ZERO,
        });
        aids.sum()
    }

    /// What each other body pays, in the order of the rule: together [`aided`](Self::aided). Of an
    /// instalment each pays its part; a cent that does not divide is the last one's.
    ///
    /// # Errors
    /// [`TooLarge`].
    pub fn aided_by(&self) -> Result<Vec<(&str, Cents)>, TooLarge> {
        let mut all: Vec<(&str, Cents)> = Vec::new();
        for step in &self.steps {
            if let Step::Aided { by, pays, .. } = step {
                match all.iter_mut().find(|(body, _)| body == by) {
                    Some((_, sum)) => *sum += *pays,
                    None => all.push((by, *pays)),
                }
            }
        }
        if let Some(Step::Instalment { from, to, .. }) = self.steps.last() {
            for (_, pays) in &mut all {
                *pays = between(*pays, *from, *to)?;
            }
            let told: Cents = all.iter().map(|(_, pays)| *pays).sum();
            if let Some((_, last)) = all.last_mut() {
                *last += self.aided() - told;
            }
        }
        all.retain(|(_, pays)| *pays != Cents::ZERO);
        Ok(all)
    }

    /// Computes the amount again out of the steps alone.
    ///
    /// # Errors
    /// [`Inconsistent`] when a step does not follow from the ones before, or the amount from all.
    pub fn recompute(&self) -> Result<Cents, Inconsistent> {
        let mut one = Price::zero();
        let mut line = Price::zero();
        let mut sum = Price::zero();
        let mut base = Price::zero();
        // How many units the steps before leave.
        let mut units: Option<u32> = None;
        for step in &self.steps {
            match step {
                Step::UnitPrice { price, why, .. } => {
                    self.bears_out(why, price)?;
                    one = price.clone();
                    base = price.clone();
                    units = None;
                }
                Step::Modified {
                    effect,
                    of,
                    each,
                    from,
                    to,
                    ..
                } => {
                    let times = each.as_ref().map_or(1, Counted::times);
                    must(of.as_ref().is_none_or(|of| *of == base))?;
                    must(*from == one && effect.on(&one, of.as_ref(), times) == *to)?;
                    one = to.clone();
                }
                Step::Prorata { of, over, from, to } => {
                    must(*from == one && one.part_of(of.1, over.1) == *to)?;
                    one = to.clone();
                }
                Step::RoundedUnit { from, to, by } => {
                    must(*from == one && *to == by.unwrap_or(self.rounding).round(&one)?)?;
                    one = Price::from(*to);
                }
                Step::Times {
                    price,
                    quantity,
                    gives,
                    ..
                } => {
                    must(*price == one && *gives == one.times(*quantity))?;
                    must(units.is_none_or(|units| units == *quantity))?;
                    sum = sum.plus(gives);
                    line = gives.clone();
                }
                Step::Limited { from, to, each } => {
                    let limit = each.as_ref().map(|(one, _, count)| one.times(*count));
                    must(*from == line && limit.is_none_or(|limit| limit == *to))?;
                    sum = sum.minus(&line).plus(to);
                    line = to.clone();
                }
                Step::RoundedComponent { from, to, by } => {
                    must(*from == line && *to == by.unwrap_or(self.rounding).round(&line)?)?;
                    sum = sum.minus(&line).plus(&Price::from(*to));
                }
                Step::AtLeast { from, to } => {
                    must(*from == sum && from < to)?;
                    sum = to.clone();
                }
                Step::AtMost { from, to } => {
                    must(*from == sum && to < from)?;
                    sum = to.clone();
                }
                Step::RoundedTotal { from, to, by } => {
                    must(*from == sum && *to == by.unwrap_or(self.rounding).round(&sum)?)?;
                    sum = Price::from(*to);
                }
                Step::Aided {
                    pays, left, share, ..
                } => {
                    let whole = *pays + *left;
                    must(sum == Price::from(whole) && Cents::ZERO <= *pays && *pays <= whole)?;
                    if let Some((percent, most)) = share {
                        let part = aided(*percent, most.as_ref(), whole, self.rounding.mode)?;
                        must(part == *pays)?;
                    }
                    sum = Price::from(*left);
                }
                Step::Instalment {
                    whole,
                    from,
                    to,
                    pays,
                    ..
                } => {
                    must(sum == Price::from(*whole) && between(*whole, *from, *to)? == *pays)?;
                    sum = Price::from(*pays);
                }
                Step::Refused { .. } => {}
                Step::Beyond { counted, after, .. } => {
                    must(after < counted)?;
                    units = counted.checked_sub(*after);
                }
                Step::Capped { counted, most, .. } => {
                    must(most < counted && units.is_none_or(|units| units == *counted))?;
                    units = Some(*most);
                }
            }
        }
        must(sum == Price::from(self.amount))?;
        Ok(self.amount)
    }

    /// Whether the ISEE that counted is where the price says.
    fn bears_out(&self, why: &[Why], price: &Price) -> Result<(), Inconsistent> {
        for one in why {
            match (one, &self.isee) {
                (Why::Band(band), IseeUse::Used(isee)) => must(band.has(isee.value))?,
                (Why::Line(line), IseeUse::Used(isee)) => must(line.at(isee.value) == *price)?,
                (Why::Band(_) | Why::Line(_) | Why::Shifted { .. }, _)
                    if !matches!(self.isee, IseeUse::Used(_)) =>
                {
                    return Err(Inconsistent);
                }
                _ => {}
            }
        }
        Ok(())
    }
}

impl Effect {
    /// What it makes of a price, so many times; a percentage may be one of another price, `of`. A
    /// shift of bands changed the price before.
    pub(super) fn on(&self, price: &Price, of: Option<&Price>, times: u32) -> Price {
        match self {
            Effect::Percent(percent) => match (percent.times(times), of) {
                (percent, None) => price.changed_by(percent),
                (percent, Some(of)) if percent.is_negative() => {
                    price.minus(&percent.without_sign().of(of))
                }
                (percent, Some(of)) => price.plus(&percent.of(of)),
            },
            Effect::Less(part) => price.minus(&part.times(times)),
            Effect::More(part) => price.plus(&part.times(times)),
            Effect::Price(instead) => instead.clone(),
            Effect::Shift(_) => price.clone(),
        }
    }
}

/// What another body pays of an amount: a part, at most so much, in whole cents.
pub(super) fn aided(
    percent: Percent,
    most: Option<&Price>,
    amount: Cents,
    mode: RoundingMode,
) -> Result<Cents, TooLarge> {
    let part = percent.of(&amount.into());
    let part = most.map_or(part.clone(), |most| part.min(most.clone()));
    // Rounded against the family it would pay more than its share.
    Ok(part.round(mode)?.min(amount))
}

impl Line {
    /// The price of an ISEE.
    pub(super) fn at(&self, isee: Cents) -> Price {
        Price::on_line((self.from, &self.first), (self.to, &self.last), isee)
    }
}

impl Rounding {
    /// A price in whole units of this rounding.
    pub(super) fn round(&self, price: &Price) -> Result<Cents, TooLarge> {
        price.round_to(self.to, self.mode)
    }
}
