//! Enrolments: which child uses which service, in which class, from which day, and who pays.

mod exemptions;
mod facts;
mod interruptions;
mod reports;
mod users;

use rusqlite::{Connection, OptionalExtension, Row, Transaction};
use serde::Serialize;

use crate::base::{
    Actor, ApplicationId, ClassId, Date, EnrolmentId, Error, Instant, PersonId, PublicId, Result,
    SchoolId, SchoolYear, ServiceId, Text,
};

pub use exemptions::{Exemption, exemption_reasons, exemptions, log_exemptions_file};
pub use facts::{
    ChildFact, FactsOfEach, NewFact, SOCIAL_SERVICES_EXEMPTION, end_fact, exempted, fact_changes,
    fact_recorded_since, facts_begun, facts_of_child, facts_of_each, read_facts, record_fact,
    withdraw_fact,
};
pub use interruptions::{Interruptions, interrupt, interruptions, resume};
pub use reports::{Headcount, headcounts};
pub use users::{User, holding, users_among, users_of_payers};

/// An enrolment that is to be made.
pub struct NewEnrolment {
    /// The child.
    pub child: PersonId,
    /// The intestatario dei pagamenti.
    pub payer: PersonId,
    /// The service.
    pub service: ServiceId,
    /// The class, and with it the school and the school year.
    pub class: ClassId,
    /// First day.
    pub from: Date,
    /// Last day, if it is known.
    pub to: Option<Date>,
    /// The accepted application that it comes from.
    pub application: Option<ApplicationId>,
}

/// An enrolment with the names that pages show.
#[derive(Clone, Debug, Serialize)]
pub struct Enrolment {
    /// Inside.
    #[serde(skip)]
    pub id: EnrolmentId,
    /// Outside.
    pub public_id: PublicId,
    /// The child.
    #[serde(skip)]
    pub child_id: PersonId,
    /// Surname and name of the child.
    pub child: String,
    /// Given name of the child: what a parent calls them.
    pub child_name: String,
    /// The payer.
    #[serde(skip)]
    pub payer_id: PersonId,
    /// The service.
    #[serde(skip)]
    pub service_id: ServiceId,
    /// Name of the service.
    pub service: String,
    /// Kind of the service.
    pub kind: String,
    /// The class.
    #[serde(skip)]
    pub class_id: ClassId,
    /// Name of the class.
    pub class: String,
    /// The school.
    #[serde(skip)]
    pub school_id: SchoolId,
    /// Name of the school.
    pub school: String,
    /// Grade of the school.
    pub grade: String,
    /// First day.
    pub from: Date,
    /// Last day, if it is known.
    pub to: Option<Date>,
}

const SELECT: &str = "select e.id, e.public_id, e.child_id, p.surname || ' ' || p.name, p.name,
        e.payer_id, e.service_id, s.name, s.kind, e.class_id, c.name, c.school_id, sc.name,
        sc.grade, e.from_date, e.to_date
    from enrolment e
    join person p on p.id = e.child_id
    join service s on s.id = e.service_id
    join school_class c on c.id = e.class_id
    join school sc on sc.id = c.school_id";

impl Enrolment {
    fn read(row: &Row<'_>) -> rusqlite::Result<Enrolment> {
        Ok(Enrolment {
            id: row.get(0)?,
            public_id: row.get(1)?,
            child_id: row.get(2)?,
            child: row.get(3)?,
            child_name: row.get(4)?,
            payer_id: row.get(5)?,
            service_id: row.get(6)?,
            service: row.get(7)?,
            kind: row.get(8)?,
            class_id: row.get(9)?,
            class: row.get(10)?,
            school_id: row.get(11)?,
            school: row.get(12)?,
            grade: row.get(13)?,
            from: row.get(14)?,
            to: row.get(15)?,
        })
    }

    /// Whether it holds on a day.
    pub fn holds_on(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }
}

/// Enrols a child. A class lives one school year, and so does the enrolment in it: without a last
/// day it ends with the year.
///
/// # Errors
/// A refusal when the first day is not in the class's year, and when the child has an enrolment in this service that overlaps.
pub fn enrol(tx: &Transaction<'_>, new: &NewEnrolment, now: Instant) -> Result<EnrolmentId> {
    let year: SchoolYear = tx
        .prepare_cached("select year from school_class where id = ?1")?
        .query_row([new.class], |row| row.get(0))?;
    if new.from < year.starts_on() || new.from > year.ends_on() {
        let text = Text::new("error-from-outside-year").with("year", year.to_string());
        return Err(Error::refused(text));
    }
    let to = new.to.map_or(year.ends_on(), |to| to.min(year.ends_on()));
    let overlaps: bool = tx
        .prepare_cached(
            "select exists (select 1 from enrolment where child_id = ?1 and service_id = ?2
               and coalesce(to_date, '9999-12-31') >= ?3 and from_date <= ?4)",
        )?
        .query_row((new.child, new.service, new.from, to), |row| row.get(0))?;
    if overlaps {
        return Err(Error::refused(Text::new("error-enrolled-already")));
    }
    tx.prepare_cached(
        "insert into enrolment (public_id, child_id, payer_id, service_id, class_id, from_date,
                                to_date, application_id, created_at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute((
        PublicId::random()?,
        new.child,
        new.payer,
        new.service,
        new.class,
        new.from,
        to,
        new.application,
        now,
    ))?;
    Ok(EnrolmentId(tx.last_insert_rowid()))
}

/// Sets the last day of an enrolment, as an earlier system or the register tells it.
///
/// # Errors
/// A refusal for a day before the first.
pub fn set_end(tx: &Transaction<'_>, id: EnrolmentId, to: Option<Date>) -> Result<()> {
    let rows = tx
        .prepare_cached(
            "update enrolment set to_date = ?2 where id = ?1 and from_date <= coalesce(?2, '9999-12-31')",
        )?
        .execute((id, to))?;
    match rows {
        1 => Ok(()),
        _ => Err(Error::field("al", Text::new("error-period-backwards"))),
    }
}

/// The enrolments that an actor may see as a family: of children whose guardian they are on this
/// day, newest first. Ended ones are there too.
///
/// # Errors
/// The database's own failure.
pub fn of_family(db: &Connection, actor: &Actor, day: Date) -> Result<Vec<Enrolment>> {
    let Some(adult) = actor.person() else {
        return Ok(Vec::new());
    };
    let sql = format!(
        "{SELECT} where e.child_id in
           (select child_id from guardianship where adult_id = ?1 and from_date <= ?2
              and coalesce(to_date, '9999-12-31') >= ?2)
         order by p.birth_date, e.child_id, s.name, e.from_date desc"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map((adult, day), Enrolment::read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// One enrolment, if the actor may see it as a family.
///
/// # Errors
/// `NotFound`, also for somebody else's child.
pub fn of_family_by_id(
    db: &Connection,
    actor: &Actor,
    id: &PublicId,
    day: Date,
) -> Result<Enrolment> {
    let adult = actor.person().ok_or(Error::NotFound)?;
    let sql = format!(
        "{SELECT} where e.public_id = ?1 and e.child_id in
           (select child_id from guardianship where adult_id = ?2 and from_date <= ?3
              and coalesce(to_date, '9999-12-31') >= ?3)"
    );
    Ok(db
        .prepare_cached(&sql)?
        .query_row((id, adult, day), Enrolment::read)?)
}

/// The enrolment that an accepted application became. Who may see the application is decided before.
///
/// # Errors
/// The database's own failure.
pub fn of_application(db: &Connection, application: ApplicationId) -> Result<Option<Enrolment>> {
    let sql = format!("{SELECT} where e.application_id = ?1");
    Ok(db
        .prepare_cached(&sql)?
        .query_row([application], Enrolment::read)
        .optional()?)
}

/// The enrolments of a class in a service that hold on a day, by name: the register.
///
/// # Errors
/// The database's own failure.
pub fn of_class(
    db: &Connection,
    class: ClassId,
    service: ServiceId,
    day: Date,
) -> Result<Vec<Enrolment>> {
    let sql = format!(
        "{SELECT} where e.class_id = ?1 and e.service_id = ?2 and e.from_date <= ?3
           and coalesce(e.to_date, '9999-12-31') >= ?3
         order by p.search_name, e.id"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map((class, service, day), Enrolment::read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The enrolments of a service that hold on a day, after a given one: for jobs that go through all
/// of them in chunks.
///
/// # Errors
/// The database's own failure.
pub fn of_service_after(
    db: &Connection,
    service: ServiceId,
    day: Date,
    after: EnrolmentId,
    limit: u32,
) -> Result<Vec<Enrolment>> {
    let sql = format!(
        "{SELECT} where e.id > ?1 and e.service_id = ?2 and e.from_date <= ?3
           and coalesce(e.to_date, '9999-12-31') >= ?3
         order by e.id limit ?4"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map((after, service, day, limit), Enrolment::read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The enrolments of a service that hold on any day between two, both included, after a given one:
/// for bills.
///
/// # Errors
/// The database's own failure.
pub fn of_service_between(
    db: &Connection,
    service: ServiceId,
    (from, to): (Date, Date),
    after: EnrolmentId,
    limit: u32,
) -> Result<Vec<Enrolment>> {
    let sql = format!(
        "{SELECT} where e.id > ?1 and e.service_id = ?2 and e.from_date <= ?4
           and coalesce(e.to_date, '9999-12-31') >= ?3
         order by e.id limit ?5"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map((after, service, from, to, limit), Enrolment::read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The enrolments of some children in a service, ended ones too, the earliest first: who changes
/// class or payer has several.
///
/// # Errors
/// The database's own failure.
pub fn of_children_in_service(
    db: &Connection,
    children: &[PersonId],
    service: ServiceId,
) -> Result<Vec<Enrolment>> {
    let sql = format!(
        "{SELECT} where e.child_id in (select value from json_each(?1)) and e.service_id = ?2
         order by e.from_date, e.id"
    );
    let children = serde_json::to_string(children).map_err(Error::internal)?;
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map((children, service), Enrolment::read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The enrolments of a service that a person pays for and that hold on any day between two, both
/// included.
///
/// # Errors
/// The database's own failure.
pub fn of_payer_between(
    db: &Connection,
    payer: PersonId,
    service: ServiceId,
    (from, to): (Date, Date),
) -> Result<Vec<Enrolment>> {
    let sql = format!(
        "{SELECT} where e.payer_id = ?1 and e.service_id = ?2 and e.from_date <= ?4
           and coalesce(e.to_date, '9999-12-31') >= ?3
         order by e.id"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map((payer, service, from, to), Enrolment::read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many enrolments of a service hold on any day between two, both included.
///
/// # Errors
/// The database's own failure.
pub fn count_between(db: &Connection, service: ServiceId, from: Date, to: Date) -> Result<i64> {
    let sql = "select count(*) from enrolment where service_id = ?1 and from_date <= ?3
                 and coalesce(to_date, '9999-12-31') >= ?2";
    Ok(db
        .prepare_cached(sql)?
        .query_row((service, from, to), |row| row.get(0))?)
}

/// How many enrolments of a service hold on a day.
///
/// # Errors
/// The database's own failure.
pub fn count_of_service(db: &Connection, service: ServiceId, day: Date) -> Result<i64> {
    let sql = "select count(*) from enrolment where service_id = ?1 and from_date <= ?2
                 and coalesce(to_date, '9999-12-31') >= ?2";
    Ok(db
        .prepare_cached(sql)?
        .query_row((service, day), |row| row.get(0))?)
}

/// An enrolment, whether it still holds or not: for slices that keep its id.
///
/// # Errors
/// `NotFound`.
pub fn enrolment(db: &Connection, id: EnrolmentId) -> Result<Enrolment> {
    let sql = format!("{SELECT} where e.id = ?1");
    Ok(db.prepare_cached(&sql)?.query_row([id], Enrolment::read)?)
}

/// The enrolments of a child, for staff.
///
/// # Errors
/// The database's own failure.
pub fn of_child(db: &Connection, child: PersonId) -> Result<Vec<Enrolment>> {
    let sql = format!("{SELECT} where e.child_id = ?1 order by e.from_date desc");
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map([child], Enrolment::read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Whether somebody was enrolled after an instant.
///
/// # Errors
/// The database's own failure.
pub fn enrolled_since(db: &Connection, since: Instant) -> Result<bool> {
    let sql = "select created_at > ?1 from enrolment order by id desc limit 1";
    let found = db
        .prepare_cached(sql)?
        .query_row([since], |row| row.get(0))
        .optional()?;
    Ok(found.unwrap_or(false))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::testing::{Comune, morning};

    #[test]
    fn an_enrolment_lives_in_the_year_of_its_class() {
        let comune = Comune::new();
        let new = |from, to| NewEnrolment {
            child: comune.luca,
            payer: comune.mother,
            service: comune.meals,
            class: comune.class,
            from,
            to,
            application: None,
        };
        let summer = new(date(2026, 8, 31), None);
        let refused = comune.write(move |tx| enrol(tx, &summer, morning()));
        assert!(matches!(refused, Err(Error::Refused(_))), "the year before");
        let (open, luca) = (new(date(2026, 9, 21), None), comune.luca);
        let ends = comune.write(move |tx| {
            enrol(tx, &open, morning())?;
            Ok(of_child(tx, luca)?.remove(0).to)
        });
        assert_eq!(ends.unwrap(), Some(date(2027, 8, 31)));
        // Also one whose last day lies beyond overlaps only within the year.
        let again = new(date(2027, 8, 31), Some(date(2028, 6, 30)));
        assert!(
            comune
                .write(move |tx| enrol(tx, &again, morning()))
                .is_err()
        );
    }
}
