//! The parts in which an amount is paid.

use std::ops::RangeInclusive;

use super::Unpriced;
use crate::base::Cents;
use crate::tariffs::explanation::{Explanation, Step};
use crate::tariffs::facts::{Facts, View};
use crate::tariffs::price::{Percent, Price, RoundingMode, TooLarge};
use crate::tariffs::rule::{Instalment, Rule};
use crate::tariffs::when::When;

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

/// The instalments of those for whom these facts hold, in the order of the rule: the first ones whose
/// condition holds, else those without one. They make the whole, whatever the facts are.
pub fn instalments_for(rule: &Rule, facts: &Facts) -> Vec<Instalment> {
    let view = View::of(facts, &rule.facts);
    let all = rule.instalments.iter();
    let conditions = all.map(|one| &one.when).filter(|when| !when.0.is_empty());
    let mut holding = conditions.filter(|when| when.fails(&view).is_none());
    let everybody_else = When::default();
    let theirs = holding.next().unwrap_or(&everybody_else);
    let own = rule.instalments.iter().filter(|one| one.when == *theirs);
    own.cloned().collect()
}

/// What one of some instalments that make the whole asks for of an amount; `number` is from 1.
/// Without instalments the whole is asked for at once.
///
/// # Errors
/// [`Unpriced::TooLarge`].
pub fn instalment(
    all: &[Instalment],
    whole: Explanation,
    number: usize,
) -> Result<Explanation, Unpriced> {
    instalments(all, whole, number..=number)
}

/// What several of them ask for together: of who comes when some are past.
///
/// # Errors
/// [`Unpriced::TooLarge`].
pub fn instalments(
    all: &[Instalment],
    whole: Explanation,
    numbers: RangeInclusive<usize>,
) -> Result<Explanation, Unpriced> {
    let (first, last) = numbers.into_inner();
    let (mut from, mut to) = (Percent::zero(), Percent::zero());
    for (number, instalment) in (1..=last).zip(all) {
        if number == first {
            from = to;
        }
        to = to.plus(instalment.percent);
    }
    if all.is_empty() {
        return Ok(whole);
    }
    let pays = between(whole.amount, from, to)?;
    let aided = between(whole.aided(), from, to)?;
    let mut part = whole;
    part.steps.push(Step::Instalment {
        first: if first < last { count(first) } else { 0 },
        number: count(last),
        count: count(all.len()),
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
