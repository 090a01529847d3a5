//! An explanation computed again out of its steps alone: whoever changes one of them is found out.

use super::bands::Line;
use super::engine::instalments::between;
use super::explanation::{Counted, Explanation, IseeUse, Step, Why};
use super::price::{Percent, Price, RoundingMode, TooLarge};
use super::rule::{Effect, Rounding};
use crate::base::Cents;

/// A computation that does not give what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inconsistent;

impl From<TooLarge> for Inconsistent {
    fn from(_: TooLarge) -> Inconsistent {
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
                Step::Refused { .. } | Step::GivenBack => {}
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
