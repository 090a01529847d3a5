//! Publishing a tariff that the office wrote: the rule must hold its own examples, and the service
//! must be able to charge by it.

use rusqlite::Transaction;

use crate::base::{Actor, Date, Instant, PublicId, Result};
use crate::charging;
use crate::municipality;
use crate::tariffs::{self, RuleFault};

/// Publishes a draft for the days from `from` on. Days that are closed keep what they were charged.
///
/// # Errors
/// `Forbidden` for who is not of the office; the faults of the file, its own examples included; a
/// refusal when a prepaid service can't be charged by it, and a conflict when somebody else changed
/// the draft meanwhile.
pub fn publish(
    tx: &Transaction<'_>,
    actor: &Actor,
    (id, revision): (&PublicId, i64),
    from: Date,
    now: Instant,
) -> Result<PublicId> {
    let draft = tariffs::draft(tx, id)?;
    let service = municipality::service(tx, draft.service)?;
    let rule = tariffs::ready(&draft.source).map_err(RuleFault::into_error)?;
    charging::require_chargeable(&rule, service.prepaid)?;
    tariffs::publish_draft(tx, actor, (id, revision), &service.code, from, now)
}
