//! Presences in sums: for statistics.

use rusqlite::Connection;

use crate::base::{Date, Result, SchoolId, ServiceId};

/// How many presences the schools confirmed in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presences {
    /// The service.
    pub service: ServiceId,
    /// The school.
    pub school: SchoolId,
    /// `2026-09`.
    pub month: String,
    /// Children present, day by day.
    pub count: i64,
}

/// The presences between two days, both included, as the newest register of each class says.
///
/// # Errors
/// The database's own failure.
pub fn presences(db: &Connection, from: Date, to: Date) -> Result<Vec<Presences>> {
    let mut statement = db.prepare_cached(
        "select r.service_id, c.school_id, substr(r.day, 1, 7) as month, count(*)
         from register r
         join register_mark m on m.register_id = r.id and m.present = 1
         join school_class c on c.id = r.class_id
         where r.day between ?1 and ?2
           and not exists (select 1 from register n where n.class_id = r.class_id
             and n.service_id = r.service_id and n.day = r.day and n.id > r.id)
         group by r.service_id, c.school_id, month order by month",
    )?;
    let rows = statement.query_map((from, to), |row| {
        Ok(Presences {
            service: row.get(0)?,
            school: row.get(1)?,
            month: row.get(2)?,
            count: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
