//! Who is enrolled, in numbers: for statistics.

use rusqlite::Connection;

use crate::base::{Date, Result, SchoolId, ServiceId};

/// Children who use a service in a school on a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Headcount {
    /// All of them.
    pub all: i64,
    /// Those who live in the comune.
    pub residents: i64,
    /// Girls.
    pub girls: i64,
    /// Boys; of the others the sex is not recorded.
    pub boys: i64,
}

/// How many children use each service in each school on a day.
///
/// # Errors
/// The database's own failure.
pub fn headcounts(db: &Connection, day: Date) -> Result<Vec<(ServiceId, SchoolId, Headcount)>> {
    let mut statement = db.prepare_cached(
        "select service_id, school_id, count(*), sum(resident), sum(coalesce(sex = 'F', 0)),
           sum(coalesce(sex = 'M', 0))
         from (select distinct e.service_id, c.school_id, p.id, p.resident, p.sex
               from service s
               cross join enrolment e on e.service_id = s.id and e.from_date <= ?1
                 and coalesce(e.to_date, '9999-12-31') >= ?1
               join school_class c on c.id = e.class_id join person p on p.id = e.child_id)
         group by service_id, school_id order by service_id, school_id",
    )?;
    let rows = statement.query_map([day], |row| {
        let count = Headcount {
            all: row.get(2)?,
            residents: row.get(3)?,
            girls: row.get(4)?,
            boys: row.get(5)?,
        };
        Ok((row.get(0)?, row.get(1)?, count))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
