//! Who uses a service on a day, and who pays for it.

use rusqlite::{Connection, OptionalExtension};

use super::{Enrolment, SELECT};
use crate::base::{Date, Error, PersonId, Result, ServiceId};

/// A child who uses a service, and who pays for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct User {
    /// The child.
    pub child: PersonId,
    /// Who pays.
    pub payer: PersonId,
    /// The service.
    pub service: ServiceId,
}

/// Who of some children uses which service on a day.
///
/// # Errors
/// The database's own failure.
pub fn users_among(db: &Connection, children: &[PersonId], day: Date) -> Result<Vec<User>> {
    let sql = "select child_id, payer_id, service_id from enrolment
               where child_id in (select value from json_each(?1)) and from_date <= ?2
                 and coalesce(to_date, '9999-12-31') >= ?2";
    users(db, sql, children, day)
}

/// For whom some people pay on a day, and for which service.
///
/// # Errors
/// The database's own failure.
pub fn users_of_payers(db: &Connection, payers: &[PersonId], day: Date) -> Result<Vec<User>> {
    let sql = "select child_id, payer_id, service_id from enrolment
               where payer_id in (select value from json_each(?1)) and from_date <= ?2
                 and coalesce(to_date, '9999-12-31') >= ?2";
    users(db, sql, payers, day)
}

fn users(db: &Connection, sql: &str, people: &[PersonId], day: Date) -> Result<Vec<User>> {
    let people = serde_json::to_string(people).map_err(Error::internal)?;
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map((people, day), |row| {
        Ok(User {
            child: row.get(0)?,
            payer: row.get(1)?,
            service: row.get(2)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The enrolment by which a child uses a service on a day; none where it does not.
///
/// # Errors
/// The database's own failure.
pub fn holding(
    db: &Connection,
    child: PersonId,
    service: ServiceId,
    day: Date,
) -> Result<Option<Enrolment>> {
    let sql = format!(
        "{SELECT} where e.child_id = ?1 and e.service_id = ?2 and e.from_date <= ?3
           and coalesce(e.to_date, '9999-12-31') >= ?3"
    );
    Ok(db
        .prepare_cached(&sql)?
        .query_row((child, service, day), Enrolment::read)
        .optional()?)
}
