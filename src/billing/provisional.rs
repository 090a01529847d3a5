//! What days that are not billed yet cost by what is known now: shown as provisional, posted nowhere.

use jiff::ToSpan;
use rusqlite::Connection;
use serde::Serialize;

use crate::base::{Actor, Cents, Date, EnrolmentId, Error, Result};
use crate::{charging, enrolments, municipality};

/// Days of a child's service that no bill has yet.
#[derive(Clone, Debug, Serialize)]
pub struct Provisional {
    /// Given name of the child.
    pub child: String,
    /// The service.
    pub service: String,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// Charged days.
    pub days: u32,
    /// Cents; none where there is no price yet.
    pub amount: Option<Cents>,
}

/// What the postpaid services of the actor's children cost since the beginning of last month, as
/// far as no bill has it.
///
/// # Errors
/// `Forbidden` for who is no citizen.
pub fn provisional(db: &Connection, actor: &Actor, today: Date) -> Result<Vec<Provisional>> {
    let payer = actor.person().ok_or(Error::Forbidden)?;
    let since = today.first_of_month().saturating_sub(1.month());
    let mut all = Vec::new();
    for service in municipality::services(db)? {
        if service.prepaid {
            continue;
        }
        let period = (since, today);
        let theirs = enrolments::of_payer_between(db, payer, service.id, period)?;
        if theirs.is_empty() {
            continue;
        }
        for price in charging::price_enrolments(db, &service, None, &theirs, period)? {
            if is_billed(db, price.enrolment.id, price.from)? {
                continue;
            }
            all.push(Provisional {
                child: price.enrolment.child_name,
                service: service.name.clone(),
                from: price.from,
                to: price.to,
                days: price.days,
                amount: price.price.ok().map(|priced| priced.explanation.amount),
            });
        }
    }
    Ok(all)
}

/// Whether a published bill has a day of an enrolment.
fn is_billed(db: &Connection, enrolment: EnrolmentId, day: Date) -> Result<bool> {
    let sql = "select exists (select 1 from bill_line where enrolment_id = ?1 and from_day <= ?2
                 and to_day >= ?2 and bill_id is not null)";
    Ok(db
        .prepare_cached(sql)?
        .query_row((enrolment, day), |row| row.get(0))?)
}
