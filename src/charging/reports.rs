//! What was charged, in sums: for the accountant's reports.

use std::collections::HashMap;

use rusqlite::Connection;

use crate::base::{Cents, Date, Error, ExplanationId, PersonId, Result, SchoolId, ServiceId};
use crate::tariffs::Explanation;

/// Which charges are looked at.
#[derive(Clone, Copy, Debug)]
pub struct ChargedWhen {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// One service only.
    pub service: Option<ServiceId>,
    /// One school only.
    pub school: Option<SchoolId>,
}

/// The charges of a child that have the same reasons.
#[derive(Clone, Copy, Debug)]
pub struct Charged {
    /// Why they cost what they cost.
    pub explanation: ExplanationId,
    /// The child.
    pub child: PersonId,
    /// The service.
    pub service: ServiceId,
    /// The school.
    pub school: SchoolId,
    /// How many.
    pub charges: i64,
    /// How many of them correct no earlier one.
    pub first: i64,
    /// Cents, in all.
    pub amount: Cents,
    /// What other bodies pay, in cents.
    pub aided: Cents,
}

/// The charges of a period by reasons and child.
///
/// # Errors
/// The database's own failure.
pub fn charged(db: &Connection, when: &ChargedWhen) -> Result<Vec<Charged>> {
    let mut statement = db.prepare_cached(
        "select g.explanation_id, e.child_id, e.service_id, c.school_id, g.charges, g.first, g.amount,
           g.aided
         from (select explanation_id, enrolment_id, count(*) as charges, sum(before = 0) as first,
                 sum(amount) as amount, sum(aided) as aided
               from charge where day between ?1 and ?2 group by explanation_id, enrolment_id) g
         join enrolment e on e.id = g.enrolment_id
         join school_class c on c.id = e.class_id
         where (?3 is null or e.service_id = ?3) and (?4 is null or c.school_id = ?4)",
    )?;
    let values = (when.from, when.to, when.service, when.school);
    let rows = statement.query_map(values, |row| {
        Ok(Charged {
            explanation: row.get(0)?,
            child: row.get(1)?,
            service: row.get(2)?,
            school: row.get(3)?,
            charges: row.get(4)?,
            first: row.get(5)?,
            amount: row.get(6)?,
            aided: row.get(7)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The reasons of the charges of a period.
///
/// # Errors
/// The database's own failure.
pub fn explanations_between(
    db: &Connection,
    from: Date,
    to: Date,
) -> Result<HashMap<ExplanationId, Explanation>> {
    let mut statement = db.prepare_cached(
        "select id, body from explanation
         where id in (select explanation_id from charge where day between ?1 and ?2)",
    )?;
    let rows = statement.query_map((from, to), |row| {
        Ok((row.get::<_, ExplanationId>(0)?, row.get::<_, String>(1)?))
    })?;
    rows.map(|row| {
        let (id, body) = row?;
        let explanation = serde_json::from_str(&body).map_err(Error::internal)?;
        Ok((id, explanation))
    })
    .collect()
}
