//! What the exemptions of the social services left off, as far as the charges' explanations tell.

use std::collections::{BTreeSet, HashMap, hash_map::Entry};

use rusqlite::Connection;

use super::reductions::reasons_of;
use crate::base::{Cents, Date, PersonId, Result, TariffId};
use crate::charging;
use crate::enrolments::{Exemption, SOCIAL_SERVICES_EXEMPTION};
use crate::tariffs::{self, Rule, Test, Value};

/// What an exemption left off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spared {
    /// How many charges it lowered.
    pub charges: i64,
    /// By how much, in cents: an estimate where a cap or a rounding came after it.
    pub amount: Cents,
}

/// What the rule calls that which it gives to exempted children.
fn labels(rule: &Rule) -> BTreeSet<String> {
    let for_exempted =
        |test: &Test| matches!(test, Test::Be { one_of } if one_of.contains(&Value::Flag(true)));
    let given = rule.modifiers.iter().filter(|modifier| {
        let mut tests = modifier.when.0.iter();
        tests.any(|(fact, test)| fact == SOCIAL_SERVICES_EXEMPTION && for_exempted(test))
    });
    given.map(|modifier| modifier.label.clone()).collect()
}

/// What each of some exemptions left off the charges of a period, in their order. Where two hold on
/// the days of one charge, the one that was recorded last has it, as in prices.
///
/// # Errors
/// The database's own failure.
pub fn spared(
    db: &Connection,
    exemptions: &[Exemption],
    (from, to): (Date, Date),
) -> Result<Vec<Spared>> {
    let children: BTreeSet<PersonId> = exemptions.iter().map(|one| one.child).collect();
    let children: Vec<PersonId> = children.into_iter().collect();
    let explanations = charging::explanations_between(db, from, to)?;
    let mut rules: HashMap<TariffId, BTreeSet<String>> = HashMap::new();
    let mut all = vec![Spared::default(); exemptions.len()];
    for charge in charging::charges_of_children(db, &children, (from, to))? {
        let holding = exemptions.iter().zip(&mut all).filter(|(one, _)| {
            one.child == charge.child && one.covers(charge.service, charge.from, charge.to)
        });
        let newest = holding.max_by_key(|(one, _)| one.recorded_at);
        let (Some((_, sum)), Some(explanation)) = (newest, explanations.get(&charge.explanation))
        else {
            continue;
        };
        let given = match rules.entry(charge.tariff) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(labels(&tariffs::tariff(db, charge.tariff)?)),
        };
        let reasons = reasons_of(explanation).into_iter();
        let by_exemption = reasons.filter(|(label, _)| given.contains(label));
        let left_off: Vec<Cents> = by_exemption.map(|(_, less)| less).collect();
        if !left_off.is_empty() {
            sum.charges += 1;
            sum.amount += left_off.into_iter().sum::<Cents>();
        }
    }
    Ok(all)
}
