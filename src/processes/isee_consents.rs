//! Whose ISEE the comune may fetch from INPS and has not got: consents that applications carry.

use rusqlite::Connection;
use serde::Serialize;

use super::isee_watch::{for_office, searched, soon};
use crate::base::{Actor, Date, Instant, PublicId, Result, SchoolYear};

/// A consent, and the child whose ISEE is to be looked up with it.
#[derive(Debug, Serialize)]
pub struct ConsentRow {
    /// Surname and name of the child.
    pub name: String,
    /// Its fiscal code.
    pub fiscal_code: String,
    /// Who consented.
    pub applicant: PublicId,
    /// Surname and name.
    pub applicant_name: String,
    /// Their fiscal code.
    pub applicant_code: String,
    /// The application that says so.
    pub application: PublicId,
    /// Its number.
    pub number: String,
    /// When it was sent.
    pub at: Instant,
    /// Protocol of the child's newest DSU; empty where none is known.
    pub protocol: String,
    /// Until when an ISEE counts.
    pub covered_to: Option<Date>,
}

// ?1 first year of the school year, ?2 its first day, ?3 today, ?4 when "soon" ends. The newest
// application of the child that consents, for this school year or a later one: of a child who is
// enrolled, or whose application was accepted. The cross joins go from the few calls of these years
// through the index of those who consent.
const CONSENTS: &str = "with consent as (
       select a.child_id, max(a.id) as id
       from call k
       cross join application a indexed by application_with_isee_consent on a.call_id = k.id
       cross join application_state s on s.application_id = a.id
       where k.year >= ?1 and json_extract(a.content, '$.service.isee_consent')
         and (s.state = 'accepted' and not exists (select 1 from enrolment g
                where g.application_id = a.id and g.to_date < ?3)
              or s.state = 'submitted' and exists (select 1 from enrolment e
                where e.child_id = a.child_id and e.from_date between ?2 and ?3
                  and coalesce(e.to_date, '9999-12-31') >= ?3))
       group by a.child_id),
     now as (
       select c.child_id, c.id, (select i.valid_to from isee i
           where i.child_id = c.child_id and i.valid_from <= ?3 and i.valid_to >= ?3
             and not exists (select 1 from isee_withdrawal w where w.isee_id = i.id)
           order by i.recorded_at desc, i.id desc limit 1) as ends
       from consent c),
     cover as (
       select n.child_id, n.id, (select max(f.valid_to) from isee f
           where f.child_id = n.child_id and f.valid_from <= date(n.ends, '+1 day')
             and f.valid_to >= n.ends
             and not exists (select 1 from isee_withdrawal w where w.isee_id = f.id)) as covered_to
       from now n)";

/// How many consents wait to be looked up.
///
/// # Errors
/// `Forbidden` for who is not of the office.
pub fn count(db: &Connection, actor: &Actor, day: Date) -> Result<i64> {
    for_office(actor)?;
    let year = SchoolYear::of(day);
    let sql = format!(
        "{CONSENTS} select count(*) from cover where covered_to is null or covered_to <= ?4"
    );
    let asked = (year.starts_on().year(), year.starts_on(), day, soon(day));
    Ok(db
        .prepare_cached(&sql)?
        .query_row(asked, |row| row.get(0))?)
}

/// A page of the consents to look up, by the child's name, and how many there are in all.
///
/// # Errors
/// `Forbidden` for who is not of the office.
pub fn consents(
    db: &Connection,
    actor: &Actor,
    text: &str,
    day: Date,
    (limit, offset): (u32, u32),
) -> Result<(Vec<ConsentRow>, i64)> {
    for_office(actor)?;
    let mut statement = db.prepare_cached(&format!(
        "{CONSENTS} select p.surname || ' ' || p.name, lc.fiscal_code, y.public_id,
            y.surname || ' ' || y.name, la.fiscal_code, a.public_id, a.number, a.submitted_at,
            coalesce((select i.protocol from isee i where i.child_id = c.child_id
              and i.protocol <> '' order by i.recorded_at desc, i.id desc limit 1), ''),
            c.covered_to, count(*) over ()
         from cover c cross join application a on a.id = c.id
         cross join person p on p.id = c.child_id cross join person y on y.id = a.applicant_id
         cross join identity_link lc on lc.person_id = p.id and lc.current = 1
         cross join identity_link la on la.person_id = y.id and la.current = 1
         where (c.covered_to is null or c.covered_to <= ?4)
           and (?5 is null or p.id in (select value from json_each(?5))
                or y.id in (select value from json_each(?5)))
         order by p.surname, p.name, p.id limit ?6 offset ?7"
    ))?;
    let year = SchoolYear::of(day).starts_on();
    let ids = searched(db, text)?;
    let mut total = 0;
    let asked = (year.year(), year, day, soon(day), ids, limit, offset);
    let rows = statement.query_map(asked, |row| {
        total = row.get(10)?;
        Ok(ConsentRow {
            name: row.get(0)?,
            fiscal_code: row.get(1)?,
            applicant: row.get(2)?,
            applicant_name: row.get(3)?,
            applicant_code: row.get(4)?,
            application: row.get(5)?,
            number: row.get(6)?,
            at: row.get(7)?,
            protocol: row.get(8)?,
            covered_to: row.get(9)?,
        })
    })?;
    let rows = rows.collect::<rusqlite::Result<_>>()?;
    Ok((rows, total))
}
