//! The test identity provider of a demo folder: it vouches for any person of the fictional comune.
//! Its answer goes through the same session code as everybody's.

use rusqlite::Connection;

use super::verified::{Method, VerifiedIdentity};
use crate::base::{Error, PublicId, Result};
use crate::people::FiscalCode;
use crate::store;

/// Somebody who can log in.
pub struct DemoPerson {
    /// Named in the form.
    pub public_id: PublicId,
    /// Surname and name.
    pub name: String,
    /// Fiscal code.
    pub fiscal_code: FiscalCode,
    /// How many children of theirs are enrolled.
    pub children: i64,
}

fn require_demo(db: &Connection) -> Result<()> {
    if store::stamp(db)?.demo {
        Ok(())
    } else {
        Err(Error::NotFound)
    }
}

/// The adults of the demo whose name contains a text, payers first.
///
/// # Errors
/// `NotFound` outside a demo folder.
pub fn demo_people(db: &Connection, search: &str, limit: u32) -> Result<Vec<DemoPerson>> {
    require_demo(db)?;
    let mut statement = db.prepare_cached(
        "select p.public_id, p.surname || ' ' || p.name, l.fiscal_code,
                (select count(distinct e.child_id) from enrolment e where e.payer_id = p.id) as n
         from person p join identity_link l on l.person_id = p.id and l.current = 1
         where p.birth_date < '2006-01-01' and p.search_name like '%' || ?1 || '%'
         order by n desc, p.search_name limit ?2",
    )?;
    let search = crate::people::search_name(search);
    let rows = statement.query_map((search, limit), |row| {
        Ok(DemoPerson {
            public_id: row.get(0)?,
            name: row.get(1)?,
            fiscal_code: row.get(2)?,
            children: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Vouches for one of them.
///
/// # Errors
/// `NotFound` outside a demo folder, or when there is no such person.
pub fn demo_identity(db: &Connection, public_id: &PublicId) -> Result<VerifiedIdentity> {
    require_demo(db)?;
    let sql = "select l.fiscal_code, p.surname, p.name
               from person p join identity_link l on l.person_id = p.id and l.current = 1
               where p.public_id = ?1";
    Ok(db.query_row(sql, [public_id], |row| {
        Ok(VerifiedIdentity {
            fiscal_code: row.get(0)?,
            surname: row.get(1)?,
            name: row.get(2)?,
            method: Method::Demo,
        })
    })?)
}

/// Vouches for somebody whom the demo does not know yet: the first login of a new family.
///
/// # Errors
/// `NotFound` outside a demo folder.
pub fn demo_newcomer(
    db: &Connection,
    fiscal_code: FiscalCode,
    surname: &str,
    name: &str,
) -> Result<VerifiedIdentity> {
    require_demo(db)?;
    Ok(VerifiedIdentity {
        fiscal_code,
        surname: surname.trim().to_owned(),
        name: name.trim().to_owned(),
        method: Method::Demo,
    })
}
