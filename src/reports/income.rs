//! What was charged, by band and by school.

use std::collections::{BTreeMap, HashMap, HashSet};

use rusqlite::Connection;

use super::bands::BandKey;
use crate::base::{Cents, ExplanationId, PersonId, Result, SchoolId, ServiceId};
use crate::charging::{self, Charged, ChargedWhen};
use crate::tariffs::Explanation;

/// A part of what was charged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Whom it was charged for.
    pub children: HashSet<PersonId>,
    /// How many charges.
    pub charges: i64,
    /// Cents.
    pub amount: Cents,
    /// What other bodies pay, in cents.
    pub aided: Cents,
}

impl Share {
    pub(super) fn add(&mut self, one: &Charged) {
        self.children.insert(one.child);
        self.charges += one.charges;
        self.amount += one.amount;
        self.aided += one.aided;
    }
}

/// Charges in groups.
pub fn grouped<K: Ord>(
    charged: &[Charged],
    key: impl Fn(&Charged) -> Option<K>,
) -> BTreeMap<K, Share> {
    let mut groups: BTreeMap<K, Share> = BTreeMap::new();
    for one in charged {
        if let Some(key) = key(one) {
            groups.entry(key).or_default().add(one);
        }
    }
    groups
}

/// The charges of a period and their reasons.
pub(super) fn with_reasons(
    db: &Connection,
    when: &ChargedWhen,
) -> Result<(Vec<Charged>, HashMap<ExplanationId, Explanation>)> {
    let charged = charging::charged(db, when)?;
    let reasons = charging::explanations_between(db, when.from, when.to)?;
    Ok((charged, reasons))
}

/// What was charged by service and band.
///
/// # Errors
/// The database's own failure.
pub fn by_band(
    db: &Connection,
    when: &ChargedWhen,
) -> Result<BTreeMap<(ServiceId, BandKey), Share>> {
    let (charged, reasons) = with_reasons(db, when)?;
    let bands: HashMap<ExplanationId, BandKey> = reasons
        .iter()
        .map(|(id, explanation)| (*id, BandKey::of(explanation)))
        .collect();
    Ok(grouped(&charged, |one| {
        let band = bands.get(&one.explanation)?;
        Some((one.service, *band))
    }))
}

/// What was charged by school and service.
///
/// # Errors
/// The database's own failure.
pub fn by_school(
    db: &Connection,
    when: &ChargedWhen,
) -> Result<BTreeMap<(SchoolId, ServiceId), Share>> {
    let charged = charging::charged(db, when)?;
    Ok(grouped(&charged, |one| Some((one.school, one.service))))
}
