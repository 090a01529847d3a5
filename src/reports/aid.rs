//! What other bodies owe: a region, INPS, the social services, child by child, so that each can be
//! asked for its part.

use std::collections::{BTreeMap, HashMap};

use rusqlite::Connection;

use crate::base::{Cents, ChargeId, Date, PersonId, Result, ServiceId};
use crate::charging::{self, AidedFor};
use crate::ledger;

/// What a body owes for a child's service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AidedChild {
    /// The body, as the tariff names it; none for what was posted when all had one account.
    pub body: Option<String>,
    /// The service.
    pub service: ServiceId,
    /// The child.
    pub child: PersonId,
    /// Surname and name.
    pub name: String,
    /// Fiscal code.
    pub fiscal_code: String,
    /// Days or meals that were charged.
    pub days: i64,
    /// Months that were charged.
    pub months: i64,
    /// Cents.
    pub amount: Cents,
}

/// What other bodies owe for days between two, both included: by body, service and name.
///
/// # Errors
/// The database's own failure.
pub fn aid_by_body(db: &Connection, from: Date, to: Date) -> Result<Vec<AidedChild>> {
    let asked = ledger::aided_by_body(db, from, to)?;
    let ids: Vec<ChargeId> = asked.iter().map(|one| one.charge).collect();
    let whose = charging::aided_for(db, &ids)?.into_iter();
    let whose: HashMap<ChargeId, AidedFor> = whose.map(|one| (one.charge, one)).collect();
    let mut all: BTreeMap<(Option<String>, ServiceId, String, PersonId), AidedChild> =
        BTreeMap::new();
    for one in asked {
        let Some(child) = whose.get(&one.charge) else {
            continue;
        };
        let key = (
            one.body.clone(),
            one.service,
            child.name.clone(),
            child.child,
        );
        let sum = all.entry(key).or_insert_with(|| AidedChild {
            body: one.body,
            service: one.service,
            child: child.child,
            name: child.name.clone(),
            fiscal_code: child.fiscal_code.clone(),
            days: 0,
            months: 0,
            amount: Cents::ZERO,
        });
        sum.days += child.days;
        sum.months += child.months;
        sum.amount += one.amount;
    }
    Ok(all.into_values().collect())
}
