//! The period that is to be billed next, by the rhythm that the office gave each service. It is only
//! proposed: any other period can be drafted.

use rusqlite::{Connection, Transaction};
use serde_json::json;

use super::runs::require_money;
use crate::base::{Actor, Date, Instant, Result, ServiceId};
use crate::municipality::{self, Rhythm, Service};
use crate::store::{self, AuditEvent};

/// The next period of a service, first and last day: what follows the last one that was published;
/// of a service that was never billed, the last one that is over. None without a rhythm.
///
/// # Errors
/// The database's own failure.
pub fn next_period(
    db: &Connection,
    service: &Service,
    today: Date,
) -> Result<Option<(Date, Date)>> {
    let sql = "select max(to_day) from bill_run where state = 'published' and kind = 'period'
                 and (service_id is null or service_id = ?1)";
    let last = db
        .prepare_cached(sql)?
        .query_row([service.id], |row| row.get(0))?;
    Ok(service.bill_rhythm.next(last, today))
}

/// The next period of all services together: where each has a rhythm, and all of them give the same.
///
/// # Errors
/// The database's own failure.
pub fn next_period_of_all(
    db: &Connection,
    services: &[Service],
    today: Date,
) -> Result<Option<(Date, Date)>> {
    let Some((first, others)) = services.split_first() else {
        return Ok(None);
    };
    let period = next_period(db, first, today)?;
    for other in others {
        if next_period(db, other, today)? != period {
            return Ok(None);
        }
    }
    Ok(period)
}

/// Gives a service another rhythm.
///
/// # Errors
/// `Forbidden`.
pub fn set_rhythm(
    tx: &Transaction<'_>,
    actor: &Actor,
    service: ServiceId,
    rhythm: &Rhythm,
    now: Instant,
) -> Result<()> {
    require_money(actor)?;
    let before = municipality::service(tx, service)?.bill_rhythm;
    municipality::set_bill_rhythm(tx, service, rhythm)?;
    let event = AuditEvent {
        action: "set-bill-rhythm",
        subject: "service",
        subject_id: Some(service.0),
        payload: json!({ "before": before, "after": rhythm }),
    };
    store::audit(tx, actor, now, &event)
}
