//! Why an amount is what it is: enough to compute it again and to tell it in words (invariant 6).

use serde::{Deserialize, Serialize};

use super::bands::{Band, Line};
use super::engine::instalments::between;
use super::facts::{FactName, IseeFact, Value};
use super::price::{Percent, Price, TooFine};
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
        /// The fact below it, and what it says.
        over: (FactName, u32),
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
    /// What a component gives is rounded; the sum changes with it.
    RoundedComponent {
        /// Before.
        from: Price,
        /// After.
        to: Cents,
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
    },
    /// Another body pays a part, in whole cents.
    Aided {
        /// Who.
        by: String,
        /// What it pays.
        pays: Cents,
        /// What is left for the family.
        left: Cents,
    },
    /// The office gave back what a day was charged: it costs nothing.
    GivenBack,
    /// Only an instalment is due now: the part of the whole between two percentages.
    Instalment {
        /// Which one, from 1.
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
}

/// A computation that does not give what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inconsistent;

impl From<TooFine> for Inconsistent {
    fn from(_: TooFine) -> Inconsistent {
        Inconsistent
    }
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

    /// Computes the amount again out of the steps alone.
    ///
    /// # Errors
    /// [`Inconsistent`] when a step does not follow from the ones before, or the amount from all.
    pub fn recompute(&self) -> Result<Cents, Inconsistent> {
        let mut one = Price::zero();
        let mut line = Price::zero();
        let mut sum = Price::zero();
        for step in &self.steps {
            match step {
                Step::UnitPrice { price, why, .. } => {
                    self.bears_out(why, *price)?;
                    one = *price;
                }
                Step::Modified {
                    effect, from, to, ..
                } => {
                    must(*from == one && effect.on(one)? == *to)?;
                    one = *to;
                }
                Step::Prorata { of, over, from, to } => {
                    must(*from == one && one.part_of(of.1, over.1)? == *to)?;
                    one = *to;
                }
                Step::RoundedUnit { from, to } => {
                    must(*from == one && *to == self.rounding.round(one))?;
                    one = Price::from(*to);
                }
                Step::Times {
                    price,
                    quantity,
                    gives,
                    ..
                } => {
                    must(*price == one && *gives == one.times(*quantity)?)?;
                    line = *gives;
                    sum = sum.plus(*gives)?;
                }
                Step::RoundedComponent { from, to } => {
                    must(*from == line && *to == self.rounding.round(line))?;
                    sum = sum.minus(line)?.plus(Price::from(*to))?;
                }
                Step::AtLeast { from, to } => {
                    must(*from == sum && from < to)?;
                    sum = *to;
                }
                Step::AtMost { from, to } => {
                    must(*from == sum && to < from)?;
                    sum = *to;
                }
                Step::RoundedTotal { from, to } => {
                    must(*from == sum && *to == self.rounding.round(sum))?;
                    sum = Price::from(*to);
                }
                Step::Aided { pays, left, .. } => {
                    must(sum == Price::from(*pays + *left) && *pays >= Cents::ZERO)?;
                    sum = Price::from(*left);
                }
                Step::GivenBack => {}
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
                Step::Capped { counted, most, .. } => must(most < counted)?,
            }
        }
        must(sum == Price::from(self.amount))?;
        Ok(self.amount)
    }

    /// Whether the ISEE that counted is where the price says.
    fn bears_out(&self, why: &[Why], price: Price) -> Result<(), Inconsistent> {
        for one in why {
            match (one, &self.isee) {
                (Why::Band(band), IseeUse::Used(isee)) => must(band.has(isee.value))?,
                (Why::Line(line), IseeUse::Used(isee)) => must(line.at(isee.value)? == price)?,
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
    /// What it makes of a price; a shift of bands changed it before.
    pub(super) fn on(self, price: Price) -> Result<Price, TooFine> {
        match self {
            Effect::Percent(percent) => price.changed_by(percent),
            Effect::Less(part) => price.minus(part),
            Effect::More(part) => price.plus(part),
            Effect::Price(instead) => Ok(instead),
            Effect::Shift(_) => Ok(price),
        }
    }
}

impl Line {
    /// The price of an ISEE.
    pub(super) fn at(&self, isee: Cents) -> Result<Price, TooFine> {
        Price::on_line((self.from, self.first), (self.to, self.last), isee)
    }
}

impl Rounding {
    /// A price in whole units of this rounding.
    pub(super) fn round(&self, price: Price) -> Cents {
        price.round_to(self.to, self.mode)
    }

    /// The same amount when it is one already.
    pub(super) fn whole(&self, price: Price) -> Option<Cents> {
        let rounded = self.round(price);
        (Price::from(rounded) == price).then_some(rounded)
    }
}
