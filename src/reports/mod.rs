//! What the office and the accountant answer for: sums over what other slices hold. Nothing here is
//! charged, paid or told to a family. What is typed by the accountant alone (costs, VAT, the place in
//! the budget) is kept here. docs/reports.md says what each figure means.

mod aid;
mod bands;
mod coverage;
mod exemptions;
mod income;
mod notices;
mod reductions;
mod vat;

use rusqlite::Transaction;
use serde_json::json;

use crate::base::{Actor, Error, Instant, Permission, Result, ServiceId, StaffId};
use crate::municipality;
use crate::store::{self, AuditEvent};

pub use aid::{AidedChild, aid_by_body};
pub use bands::BandKey;
pub use coverage::{Cost, Coverage, NewCost, coverage, record_cost};
pub use exemptions::{Spared, spared};
pub use income::{Share, by_band, by_school, grouped};
pub use notices::{Unnoticed, debts_without_notice};
pub use reductions::{Reduced, reductions};
pub use vat::{NewVat, VatRate, VatSetting, VatTakings, record_vat, vat_register, vat_settings};

/// The accountant.
fn require_accounting(actor: &Actor) -> Result<StaffId> {
    match actor.staff() {
        Some(staff) if actor.may(Permission::Accounting) => Ok(staff.id),
        _ => Err(Error::Forbidden),
    }
}

/// Says where the takings of a service stand in the budget, and whether it is a "servizio a domanda
/// individuale".
///
/// # Errors
/// `Forbidden` for who is no accountant.
pub fn place_in_budget(
    tx: &Transaction<'_>,
    actor: &Actor,
    service: ServiceId,
    chapter: &str,
    individual_demand: bool,
    now: Instant,
) -> Result<()> {
    require_accounting(actor)?;
    let before = municipality::service(tx, service)?;
    municipality::place_in_budget(tx, service, chapter, individual_demand)?;
    let event = AuditEvent {
        action: "place-in-budget",
        subject: "service",
        subject_id: Some(service.0),
        payload: json!({
            "before": { "chapter": before.budget_chapter, "demand": before.individual_demand },
            "after": { "chapter": chapter, "demand": individual_demand },
        }),
    };
    store::audit(tx, actor, now, &event)
}

#[cfg(test)]
mod tests;
