//! What families and contributions cover of what a service costs, for the budget.
//!
//! Rules: D.L. 55/1983 art. 6 (the share is set with the budget) and D.M. 31/12/1983 (which services
//! are "a domanda individuale"); nido costs count for half (L. 498/1992 art. 5); D.Lgs. 267/2000
//! art. 243 c. 2: income is tariffs and contributions for the service, by the year they belong to.

use std::collections::HashMap;

use rusqlite::{Connection, Transaction};
use serde_json::json;

use super::require_accounting;
use crate::base::{Actor, Cents, Date, Error, Instant, Result, ServiceId, Text};
use crate::ledger;
use crate::municipality::{self, Service};
use crate::store::{self, AuditEvent};

/// What a service costs in a year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cost {
    /// All its costs, in cents.
    pub amount: Cents,
    /// Contributions for it (region, State), in cents.
    pub grants: Cents,
    /// Where the figures come from.
    pub note: String,
}

/// A cost as it is typed.
pub struct NewCost<'a> {
    /// The service.
    pub service: ServiceId,
    /// The year of the budget.
    pub year: i16,
    /// All its costs, in cents.
    pub amount: Cents,
    /// Contributions for it, in cents.
    pub grants: Cents,
    /// Where the figures come from.
    pub note: &'a str,
}

/// A service and what covers its cost.
#[derive(Clone, Debug)]
pub struct Coverage {
    /// The service.
    pub service: Service,
    /// What was typed; none: nobody has yet.
    pub cost: Option<Cost>,
    /// What of the cost counts, in cents: half of a nido's.
    pub counted: Cents,
    /// Charged to families for days of the year, in cents.
    pub charged: Cents,
    /// Charged to other bodies for families, in cents.
    pub aided: Cents,
    /// Paid by families in the year, in cents: told beside, not counted.
    pub paid: Cents,
}

impl Coverage {
    /// What covers the cost, in cents.
    pub fn income(&self) -> Cents {
        let grants = self.cost.as_ref().map_or(Cents::ZERO, |cost| cost.grants);
        self.charged + self.aided + grants
    }

    /// In hundredths of a percent, half up; none without a cost.
    pub fn rate(&self) -> Option<i64> {
        rate(self.income(), self.counted)
    }
}

/// Hundredths of a percent, half up; none where nothing is to be covered.
pub(super) fn rate(income: Cents, cost: Cents) -> Option<i64> {
    let (income, cost) = (i128::from(income.0), i128::from(cost.0));
    let rate = (cost > 0).then(|| (income * 20_000 + cost).div_euclid(2 * cost))?;
    i64::try_from(rate).ok()
}

impl Coverage {
    /// The rate of several services together, of those whose cost was typed.
    pub fn rate_of(all: &[&Coverage]) -> Option<i64> {
        let known = || all.iter().filter(|one| one.cost.is_some());
        rate(
            known().map(|one| one.income()).sum(),
            known().map(|one| one.counted).sum(),
        )
    }
}

/// Every service in a calendar year.
///
/// # Errors
/// The database's own failure.
pub fn coverage(db: &Connection, year: i16) -> Result<Vec<Coverage>> {
    let (from, to) = (
        jiff::civil::date(year, 1, 1),
        jiff::civil::date(year, 12, 31),
    );
    let mut charged: HashMap<ServiceId, (Cents, Cents)> = HashMap::new();
    for flow in ledger::flows(db, from, to)? {
        let sums = charged.entry(flow.service).or_default();
        sums.0 += flow.charged;
        sums.1 += flow.paid;
    }
    let aided: HashMap<ServiceId, Cents> = ledger::aided(db, from, to)?
        .into_iter()
        .map(|one| (one.service, one.amount))
        .collect();
    let mut costs = costs(db, year)?;
    let services = municipality::services(db)?.into_iter().map(|service| {
        let cost = costs.remove(&service.id);
        let all = cost.as_ref().map_or(Cents::ZERO, |cost| cost.amount);
        let (charged, paid) = charged.get(&service.id).copied().unwrap_or_default();
        Coverage {
            counted: match service.kind.as_str() {
                "nido" => Cents((all.0 + 1) / 2),
                _ => all,
            },
            cost,
            charged,
            aided: aided.get(&service.id).copied().unwrap_or_default(),
            paid,
            service,
        }
    });
    Ok(services.collect())
}

fn costs(db: &Connection, year: i16) -> Result<HashMap<ServiceId, Cost>> {
    let mut statement = db.prepare_cached(
        "select service_id, amount, grants, note from service_cost where year = ?1",
    )?;
    let rows = statement.query_map([year], |row| {
        let cost = Cost {
            amount: row.get(1)?,
            grants: row.get(2)?,
            note: row.get(3)?,
        };
        Ok((row.get(0)?, cost))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Writes down what a service costs in a year.
///
/// # Errors
/// `Forbidden` for who is no accountant; field errors of `amount`, `grants` and `year`.
pub fn record_cost(
    tx: &Transaction<'_>,
    actor: &Actor,
    new: &NewCost<'_>,
    now: Instant,
) -> Result<()> {
    let staff = require_accounting(actor)?;
    for (field, amount) in [("amount", new.amount), ("grants", new.grants)] {
        if amount < Cents::ZERO {
            return Err(Error::field(field, Text::new("error-not-an-amount")));
        }
    }
    if Date::new(new.year, 1, 1).is_err() || !(1950..=2200).contains(&new.year) {
        return Err(Error::field("year", Text::new("error-not-a-date")));
    }
    tx.prepare_cached(
        "insert into service_cost (service_id, year, amount, grants, note, staff_id, recorded_at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         on conflict (service_id, year) do update set amount = excluded.amount,
           grants = excluded.grants, note = excluded.note, staff_id = excluded.staff_id,
           recorded_at = excluded.recorded_at",
    )?
    .execute((
        new.service,
        new.year,
        new.amount,
        new.grants,
        new.note,
        staff,
        now,
    ))?;
    let event = AuditEvent {
        action: "record-cost",
        subject: "service",
        subject_id: Some(new.service.0),
        payload: json!({ "year": new.year, "amount": new.amount, "grants": new.grants }),
    };
    store::audit(tx, actor, now, &event)
}
