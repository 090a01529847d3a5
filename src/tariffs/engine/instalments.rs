//! The parts in which an amount is paid.

use std::ops::RangeInclusive;

use super::Unpriced;
use crate::base::Cents;
use crate::tariffs::explanation::{Explanation, Step};
use crate::tariffs::price::{Percent, Price, RoundingMode, TooLarge};
use crate::tariffs::rule::Rule;

/// The part of an amount between two percentages of it: rounded so that all parts together give
/// the whole.
pub(in crate::tariffs) fn between(
    whole: Cents,
    from: Percent,
    to: Percent,
) -> Result<Cents, TooLarge> {
    let whole = Price::from(whole);
    let up_to = |percent: Percent| percent.of(&whole).round(RoundingMode::HalfUp);
    Ok(up_to(to)? - up_to(from)?)
}

/// What an instalment of a rule asks for of a whole amount; `number` is from 1, in the order of the
/// rule. Without instalments the whole is asked for at once.
///
/// # Errors
/// [`Unpriced::TooLarge`].
pub fn instalment(rule: &Rule, whole: Explanation, number: usize) -> Result<Explanation, Unpriced> {
    instalments(rule, whole, number..=number)
}

/// What several instalments of a rule ask for together: of who comes when some are past.
///
/// # Errors
/// [`Unpriced::TooLarge`].
pub fn instalments(
    rule: &Rule,
    whole: Explanation,
    numbers: RangeInclusive<usize>,
) -> Result<Explanation, Unpriced> {
    let (first, last) = numbers.into_inner();
    let (mut from, mut to) = (Percent::zero(), Percent::zero());
    for (number, instalment) in (1..=last).zip(&rule.instalments) {
        if number == first {
            from = to;
        }
        to = to.plus(instalment.percent);
    }
    if rule.instalments.is_empty() {
        return Ok(whole);
    }
    let pays = between(whole.amount, from, to)?;
    let aided = between(whole.aided(), from, to)?;
    let mut part = whole;
    part.steps.push(Step::Instalment {
        first: if first < last { count(first) } else { 0 },
        number: count(last),
        count: count(rule.instalments.len()),
        whole: part.amount,
        from,
        to,
        pays,
        aided,
    });
    part.amount = pays;
    Ok(part)
}

fn count(many: usize) -> u32 {
    u32::try_from(many).unwrap_or(u32::MAX)
}
