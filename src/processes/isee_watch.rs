//! Which children have no ISEE that counts, or soon none; and what parents declared and nobody has
//! checked.

use jiff::ToSpan;
use rusqlite::{Connection, Transaction};
use serde::Serialize;
use serde_json::json;

use crate::base::{
    Actor, Cents, Date, Error, Instant, Permission, PersonId, PublicId, Result, SchoolYear,
};
use crate::isee::IseeKind;
use crate::people;
use crate::store::{self, AuditEvent};

/// Rows on a page of the office's lists.
pub const PAGE: u32 = 25;
/// "Soon" is within so many days.
pub const SOON_DAYS: i64 = 60;
/// Persons whom a search narrows a list down to, at most.
const FOUND: u32 = 500;

/// Which of the enrolled children.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cover {
    /// No ISEE counts today.
    None,
    /// What counts ends within [`SOON_DAYS`] days.
    Soon,
    /// What counts ends on 31 December.
    YearEnd,
}

impl Cover {
    fn as_str(self) -> &'static str {
        match self {
            Cover::None => "none",
            Cover::Soon => "soon",
            Cover::YearEnd => "year-end",
        }
    }
}

/// An enrolled child in the list.
#[derive(Debug, Serialize)]
pub struct ChildRow {
    /// The child.
    pub child: PublicId,
    /// Surname and name.
    pub name: String,
    /// Fiscal code.
    pub fiscal_code: String,
    /// The services that it is enrolled in today.
    pub services: String,
    /// Who pays.
    pub payer: PublicId,
    /// Surname and name.
    pub payer_name: String,
    /// Until when an ISEE counts.
    pub covered_to: Option<Date>,
}

/// How many children each list has, and how many declarations wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Without.
    pub none: i64,
    /// Soon without.
    pub soon: i64,
    /// Until 31 December.
    pub year_end: i64,
    /// Declared and not yet checked.
    pub declared: i64,
}

// ?1 first day of the school year, ?2 today: an enrolment lives in one school year. What follows
// without a gap prolongs what counts today. A cross join keeps the order that is written: the index of
// services and first days, not the whole table.
const CHILDREN: &str = "with enrolled as (
       select e.child_id, min(e.payer_id) as payer_id, group_concat(distinct s.name) as services
       from service s cross join enrolment e on e.service_id = s.id and e.from_date between ?1 and ?2
       where coalesce(e.to_date, '9999-12-31') >= ?2
       group by e.child_id),
     now as (
       select c.child_id, c.payer_id, c.services, (select i.valid_to from isee i
           where i.child_id = c.child_id and i.valid_from <= ?2 and i.valid_to >= ?2
             and not exists (select 1 from isee_withdrawal w where w.isee_id = i.id)
           order by i.recorded_at desc, i.id desc limit 1) as ends
       from enrolled c),
     cover as (
       select n.child_id, n.payer_id, n.services, (select max(f.valid_to) from isee f
           where f.child_id = n.child_id and f.valid_from <= date(n.ends, '+1 day')
             and f.valid_to >= n.ends
             and not exists (select 1 from isee_withdrawal w where w.isee_id = f.id)) as covered_to
       from now n)";

/// The narrowed ids of a search; `None` when nothing is searched.
pub(super) fn searched(db: &Connection, text: &str) -> Result<Option<String>> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let found = people::search_people(db, text, FOUND)?;
    let ids: Vec<PersonId> = found.iter().map(|person| person.id).collect();
    Ok(Some(serde_json::to_string(&ids).map_err(Error::internal)?))
}

pub(super) fn for_office(actor: &Actor) -> Result<()> {
    match actor.may(Permission::Office) {
        true => Ok(()),
        false => Err(Error::Forbidden),
    }
}

pub(super) fn soon(day: Date) -> Date {
    day.checked_add(SOON_DAYS.days()).unwrap_or(day)
}

fn year_end(day: Date) -> Date {
    jiff::civil::date(day.year(), 12, 31)
}

/// The lists' sizes.
///
/// # Errors
/// `Forbidden` for who is not of the office.
pub fn counts(db: &Connection, actor: &Actor, day: Date) -> Result<Counts> {
    for_office(actor)?;
    let mut statement = db.prepare_cached(&format!(
        "{CHILDREN} select count(*) filter (where covered_to is null),
            count(*) filter (where covered_to <= ?3), count(*) filter (where covered_to = ?4)
         from cover"
    ))?;
    let year = SchoolYear::of(day).starts_on();
    let (none, soon, year_end) = statement
        .query_row((year, day, soon(day), year_end(day)), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
    let declared = db
        .prepare_cached("select count(*) from isee_waiting")?
        .query_row([], |row| row.get(0))?;
    Ok(Counts {
        none,
        soon,
        year_end,
        declared,
    })
}

/// A page of the enrolled children of a kind, by name, and how many there are in all.
///
/// # Errors
/// `Forbidden` for who is not of the office.
pub fn children(
    db: &Connection,
    actor: &Actor,
    which: Cover,
    text: &str,
    day: Date,
    (limit, offset): (u32, u32),
) -> Result<(Vec<ChildRow>, i64)> {
    for_office(actor)?;
    let mut statement = db.prepare_cached(&format!(
        "{CHILDREN} select p.public_id, p.surname || ' ' || p.name, l.fiscal_code, c.services,
            y.public_id, y.surname || ' ' || y.name, c.covered_to, count(*) over ()
         from cover c join person p on p.id = c.child_id join person y on y.id = c.payer_id
         join identity_link l on l.person_id = c.child_id and l.current = 1
         where case ?3 when 'none' then c.covered_to is null when 'soon' then c.covered_to <= ?4
                       else c.covered_to = ?5 end
           and (?6 is null or c.child_id in (select value from json_each(?6))
                or c.payer_id in (select value from json_each(?6)))
         order by p.surname, p.name, p.id limit ?7 offset ?8"
    ))?;
    let year = SchoolYear::of(day).starts_on();
    let mut total = 0;
    let ids = searched(db, text)?;
    let rows = statement.query_map(
        (
            year,
            day,
            which.as_str(),
            soon(day),
            year_end(day),
            ids,
            limit,
            offset,
        ),
        |row| {
            total = row.get(7)?;
            Ok(ChildRow {
                child: row.get(0)?,
                name: row.get(1)?,
                fiscal_code: row.get(2)?,
                services: row.get::<_, String>(3)?.replace(',', ", "),
                payer: row.get(4)?,
                payer_name: row.get(5)?,
                covered_to: row.get(6)?,
            })
        },
    )?;
    let rows = rows.collect::<rusqlite::Result<_>>()?;
    Ok((rows, total))
}

/// A declared ISEE that nobody has checked.
#[derive(Debug, Serialize)]
pub struct DeclaredRow {
    /// The ISEE.
    pub isee: PublicId,
    /// The child.
    pub child: PublicId,
    /// Surname and name.
    pub name: String,
    /// Fiscal code.
    pub fiscal_code: String,
    /// Who declared.
    pub parent: PublicId,
    /// Surname and name.
    pub parent_name: String,
    /// Value.
    pub value: Cents,
    /// Kind.
    pub kind: IseeKind,
    /// Protocol of the DSU.
    pub protocol: String,
    /// With "omissioni o difformità".
    pub omissions: bool,
    /// First day on which it counts.
    pub valid_from: Date,
    /// Last day on which it counts.
    pub valid_to: Date,
    /// The certificate came with it.
    pub certificate: bool,
    /// When.
    pub at: Instant,
}

/// A page of what parents declared and nobody has checked, the oldest first, and how many there are
/// in all. The reading is logged.
///
/// # Errors
/// `Forbidden` for who is not of the office.
pub fn declared(
    tx: &Transaction<'_>,
    actor: &Actor,
    text: &str,
    (limit, offset): (u32, u32),
    now: Instant,
) -> Result<(Vec<DeclaredRow>, i64)> {
    for_office(actor)?;
    let mut statement = tx.prepare_cached(
        "select i.public_id, p.public_id, p.surname || ' ' || p.name, l.fiscal_code, y.public_id,
            y.surname || ' ' || y.name, i.value, i.kind, i.protocol, i.omissions, i.valid_from,
            i.valid_to, i.recorded_at, count(*) over (),
            exists (select 1 from isee_document d where d.isee_id = i.id)
         from isee_waiting w cross join isee i on i.id = w.isee_id join person p on p.id = i.child_id
         join person y on y.id = i.person_id
         join identity_link l on l.person_id = i.child_id and l.current = 1
         where ?1 is null or i.child_id in (select value from json_each(?1))
            or i.person_id in (select value from json_each(?1))
         order by i.recorded_at, i.id limit ?2 offset ?3",
    )?;
    let mut total = 0;
    let rows = statement.query_map((searched(tx, text)?, limit, offset), |row| {
        total = row.get(13)?;
        Ok(DeclaredRow {
            isee: row.get(0)?,
            child: row.get(1)?,
            name: row.get(2)?,
            fiscal_code: row.get(3)?,
            parent: row.get(4)?,
            parent_name: row.get(5)?,
            value: row.get(6)?,
            kind: row.get(7)?,
            protocol: row.get(8)?,
            omissions: row.get(9)?,
            valid_from: row.get(10)?,
            valid_to: row.get(11)?,
            certificate: row.get(14)?,
            at: row.get(12)?,
        })
    })?;
    let rows: Vec<DeclaredRow> = rows.collect::<rusqlite::Result<_>>()?;
    if !rows.is_empty() {
        let event = AuditEvent {
            action: "list-declared-isee",
            subject: "isee",
            subject_id: None,
            payload: json!({ "rows": rows.len() }),
        };
        store::audit(tx, actor, now, &event)?;
    }
    Ok((rows, total))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::enrolments::{self, NewEnrolment};
    use crate::isee::{self, NewIsee};
    use crate::testing::Comune;

    fn noon(day: Date) -> Instant {
        Instant::from_rome(day.at(12, 0, 0, 0))
    }

    /// Luca eats at school until June; his ISEE of 2026 was recorded in October.
    fn comune() -> Comune {
        let comune = Comune::new();
        let new = NewEnrolment {
            child: comune.luca,
            payer: comune.mother,
            service: comune.meals,
            class: comune.class,
            from: date(2026, 9, 15),
            to: None,
            application: None,
        };
        comune
            .write(move |tx| enrolments::enrol(tx, &new, noon(date(2026, 9, 1))))
            .unwrap();
        comune
    }

    fn record(comune: &Comune, from: Date, to: Date, on: Date) {
        let luca = comune.luca;
        comune
            .write(move |tx| {
                let new = NewIsee {
                    child: luca,
                    value: Cents(1_000_000),
                    kind: IseeKind::Minorenni,
                    protocol: "",
                    omissions: false,
                    valid_from: from,
                    valid_to: to,
                };
                isee::record_isee(tx, &Actor::System("import"), &new, noon(on))
            })
            .unwrap();
    }

    fn counted(comune: &Comune, day: Date) -> (i64, i64, i64) {
        let counts = comune.store.read(|db| counts(db, &comune.as_clerk(), day));
        let counts = counts.unwrap();
        (counts.none, counts.soon, counts.year_end)
    }

    #[test]
    fn a_child_is_listed_until_something_counts_and_nothing_is_about_to_end() {
        let comune = comune();
        assert_eq!(counted(&comune, date(2026, 10, 5)), (1, 0, 0));
        assert_eq!(counted(&comune, date(2026, 9, 14)), (0, 0, 0));
        record(
            &comune,
            date(2026, 10, 1),
            date(2026, 12, 31),
            date(2026, 10, 5),
        );
        assert_eq!(counted(&comune, date(2026, 10, 5)), (0, 0, 1));
        assert_eq!(counted(&comune, date(2026, 11, 3)), (0, 1, 1));
        let clerk = comune.as_clerk();
        let listed = |text: &'static str| {
            let read = comune.store.read(|db| {
                let day = date(2026, 11, 3);
                children(db, &clerk, Cover::Soon, text, day, (PAGE, 0))
            });
            read.unwrap().1
        };
        assert_eq!(
            (listed(""), listed("rossi luca"), listed("verdi")),
            (1, 1, 0)
        );
        // What follows without a gap prolongs it.
        record(
            &comune,
            date(2027, 1, 1),
            date(2027, 12, 31),
            date(2026, 11, 2),
        );
        assert_eq!(counted(&comune, date(2026, 11, 3)), (0, 0, 0));
        let refused = comune
            .store
            .read(|db| counts(db, &comune.as_mother(), date(2026, 11, 3)));
        assert!(matches!(refused, Err(Error::Forbidden)));
    }
}
