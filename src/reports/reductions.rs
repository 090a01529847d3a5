//! Reductions and exemptions by their reason, as the explanations of the charges name it. No names:
//! a reason may say something of a child's health.

use std::collections::{BTreeMap, HashMap};

use rusqlite::Connection;

use super::bands::BandKey;
use super::income::{Share, with_reasons};
use crate::base::{Cents, ExplanationId, Result, ServiceId};
use crate::charging::ChargedWhen;
use crate::tariffs::{Explanation, Price, RoundingMode, Step};

/// What a reason did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reduced {
    /// The charges that it lowered.
    pub share: Share,
    /// How many of them cost nothing.
    pub free: i64,
    /// What it took off, in cents: an estimate where a cap or a rounding came after it.
    pub taken_off: Cents,
}

/// What lowered a charge, each with what it took off in cents.
pub(super) fn reasons_of(explanation: &Explanation) -> Vec<(String, Cents)> {
    let mut found: Vec<(String, Cents)> = Vec::new();
    let mut of_unit: Vec<(&str, Price)> = Vec::new();
    for step in &explanation.steps {
        match step {
            Step::UnitPrice { .. } => of_unit.clear(),
            Step::Modified {
                label, from, to, ..
            } if to < from => {
                of_unit.push((label.as_str(), from.minus(to)));
            }
            Step::Times { quantity, .. } => {
                found.extend(of_unit.drain(..).map(|(label, less)| {
                    let less = less.times(*quantity).round(RoundingMode::HalfUp);
                    (label.to_owned(), less.unwrap_or_default())
                }));
            }
            Step::Aided { by, pays, .. } if pays.is_positive() => {
                found.push((format!("A carico di {by}"), *pays));
            }
            _ => {}
        }
    }
    if found.is_empty() && explanation.amount == Cents::ZERO {
        found.push((
            format!("Gratuito per tariffa: {}", BandKey::of(explanation)),
            Cents::ZERO,
        ));
    }
    found
}

/// The reductions of a period by service and reason. A charge that two reasons lowered stands under
/// both.
///
/// # Errors
/// The database's own failure.
pub fn reductions(
    db: &Connection,
    when: &ChargedWhen,
) -> Result<BTreeMap<(ServiceId, String), Reduced>> {
    let (charged, explanations) = with_reasons(db, when)?;
    let reasons: HashMap<ExplanationId, Vec<(String, Cents)>> = explanations
        .iter()
        .map(|(id, explanation)| (*id, reasons_of(explanation)))
        .collect();
    let mut all: BTreeMap<(ServiceId, String), Reduced> = BTreeMap::new();
    for one in &charged {
        for (label, less) in reasons.get(&one.explanation).into_iter().flatten() {
            let reduced = all.entry((one.service, label.clone())).or_default();
            reduced.share.add(one);
            reduced.taken_off += *less * one.first;
            if explanations
                .get(&one.explanation)
                .is_some_and(|e| e.amount == Cents::ZERO)
            {
                reduced.free += one.charges;
            }
        }
    }
    Ok(all)
}
