//! What was charged, in sums: for the accountant's reports.

use std::collections::HashMap;

use rusqlite::Connection;

use crate::base::{
    Cents, ChargeId, Date, Error, ExplanationId, PersonId, Result, SchoolId, ServiceId, TariffId,
};
use crate::tariffs::{Explanation, Step, Unit};

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

/// A charge of a child that corrects no earlier one.
#[derive(Clone, Copy, Debug)]
pub struct ChildCharge {
    /// The child.
    pub child: PersonId,
    /// The service.
    pub service: ServiceId,
    /// First day; of a day's charge: the day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// The tariff that priced it.
    pub tariff: TariffId,
    /// Why it costs what it costs.
    pub explanation: ExplanationId,
}

/// The charges of some children with their day (a bill's line: its last one) between two, both
/// included: without those that correct others, and those that were given back.
///
/// # Errors
/// The database's own failure.
pub fn charges_of_children(
    db: &Connection,
    children: &[PersonId],
    (from, to): (Date, Date),
) -> Result<Vec<ChildCharge>> {
    let mut statement = db.prepare_cached(
        "select e.child_id, e.service_id, coalesce(c.from_day, c.day), c.day, c.tariff_id,
           c.explanation_id
         from json_each(?1) j cross join enrolment e on e.child_id = j.value
         cross join charge c on c.enrolment_id = e.id and c.day between ?2 and ?3
         where c.before = 0 and c.reverses is null
           and not exists (select 1 from charge r where r.reverses = c.id)
         order by c.day, c.id",
    )?;
    let children = serde_json::to_string(children).map_err(Error::internal)?;
    let rows = statement.query_map((children, from, to), |row| {
        Ok(ChildCharge {
            child: row.get(0)?,
            service: row.get(1)?,
            from: row.get(2)?,
            to: row.get(3)?,
            tariff: row.get(4)?,
            explanation: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A charge of which other bodies pay a part.
#[derive(Clone, Debug)]
pub struct AidedFor {
    /// The charge.
    pub charge: ChargeId,
    /// The child.
    pub child: PersonId,
    /// Surname and name of the child.
    pub name: String,
    /// Fiscal code of the child.
    pub fiscal_code: String,
    /// Days or meals that it charges; none for a charge that corrects an earlier one.
    pub days: i64,
    /// The same for months.
    pub months: i64,
}

/// For whom some charges are, and what they count.
///
/// # Errors
/// The database's own failure.
pub fn aided_for(db: &Connection, charges: &[ChargeId]) -> Result<Vec<AidedFor>> {
    let mut statement = db.prepare_cached(
        "select c.id, e.child_id, p.surname || ' ' || p.name, l.fiscal_code, c.before, x.body
         from json_each(?1) j cross join charge c on c.id = j.value
         join enrolment e on e.id = c.enrolment_id join person p on p.id = e.child_id
         join identity_link l on l.person_id = p.id and l.current = 1
         join explanation x on x.id = c.explanation_id",
    )?;
    let charges = serde_json::to_string(charges).map_err(Error::internal)?;
    let mut rows = statement.query([charges])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let (before, body): (Cents, String) = (row.get(4)?, row.get(5)?);
        let explanation: Explanation = serde_json::from_str(&body).map_err(Error::internal)?;
        let counted = |units: &[Unit]| -> i64 {
            let steps = explanation.steps.iter();
            let counted = steps.map(|step| match step {
                Step::Times { unit, quantity, .. } if units.contains(unit) => i64::from(*quantity),
                _ => 0,
            });
            // Two prices of one day are one day.
            counted.max().filter(|_| before == Cents::ZERO).unwrap_or(0)
        };
        all.push(AidedFor {
            charge: row.get(0)?,
            child: row.get(1)?,
            name: row.get(2)?,
            fiscal_code: row.get(3)?,
            days: counted(&[Unit::Meal, Unit::Day]),
            months: counted(&[Unit::Month]),
        });
    }
    Ok(all)
}
