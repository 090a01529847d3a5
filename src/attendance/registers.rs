//! What the schools say: the register of a class on a day. Everybody who is booked is present by
//! default; each save is a new record.

use std::collections::{BTreeMap, HashSet};

use rusqlite::{Connection, OptionalExtension, Transaction};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::cancellations::{Cancelled, cancelled_in_class};
use super::rule::Mark;
use crate::base::{
    Actor, ClassId, Date, EnrolmentId, Error, Instant, PublicId, Result, SchoolId, SchoolYear,
    Text, today,
};
use crate::calendar::{Calendar, Runs};
use crate::enrolments;
use crate::municipality::{SchoolClassRow, Service};

/// A class in the list of a day.
#[derive(Debug, Serialize)]
pub struct ClassOfDay {
    /// The class.
    pub class: SchoolClassRow,
    /// Whether the service runs in this school on this day.
    pub runs: bool,
    /// How many are booked.
    pub booked: i64,
    /// When the register was saved.
    pub saved_at: Option<Instant>,
    /// Present and absent, once it is saved.
    pub present: i64,
    /// Absent.
    pub absent: i64,
}

/// The register of a class on a day.
#[derive(Debug, Serialize)]
pub struct Register {
    /// The children, by name.
    pub rows: Vec<RegisterRow>,
    /// When it was last saved, and by whom.
    pub saved_at: Option<Instant>,
    /// Who saved it.
    pub saved_by: Option<String>,
    /// Why there is nothing to mark, if the service does not run.
    pub closed: Option<String>,
    /// Names what is shown: who is in the class, what families and school have said. A page that
    /// was drawn from another version must not be saved over this one.
    pub version: String,
}

/// What a school sends for a class and a day.
pub struct Sent<'a> {
    /// Who is there, of those who are booked.
    pub present: &'a [PublicId],
    /// The [`Register::version`] that the marks were made on; none for a file.
    pub drawn_from: Option<&'a str>,
    /// The office has closed the day.
    pub locked: bool,
}

/// A child in the register.
#[derive(Debug, Serialize)]
pub struct RegisterRow {
    /// The enrolment.
    pub enrolment: PublicId,
    #[serde(skip)]
    enrolment_id: EnrolmentId,
    /// Surname and name.
    pub child: String,
    /// As marked; before the first save: booked is present, cancelled or interrupted is absent.
    pub present: bool,
    /// What the family said.
    pub cancelled: Option<Cancelled>,
    /// The service is interrupted for this child on this day: it is not expected.
    pub interrupted: bool,
}

/// Staff see the classes of their schools; the program itself all of them.
fn require_scope(actor: &Actor, school: SchoolId) -> Result<()> {
    match actor {
        Actor::System(_) => Ok(()),
        _ => match actor.staff().map(|staff| staff.schools()) {
            Some(None) => Ok(()),
            Some(Some(schools)) if schools.contains(&school) => Ok(()),
            _ => Err(Error::NotFound),
        },
    }
}

/// The classes of the actor's schools in which somebody is booked on a day.
///
/// # Errors
/// The database's own failure.
pub fn classes_of_day(
    db: &Connection,
    actor: &Actor,
    service: &Service,
    day: Date,
) -> Result<Vec<ClassOfDay>> {
    let calendar = Calendar::load(db, service, day, day)?;
    let mut statement = db.prepare_cached(
        "select c.id, c.public_id, c.name, s.id, s.name, s.grade, count(*), r.saved_at,
                coalesce((select sum(present) from register_mark m where m.register_id = r.id), 0),
                coalesce((select sum(1 - present) from register_mark m where m.register_id = r.id), 0)
         from school s join school_class c on c.school_id = s.id
         join enrolment e on e.class_id = c.id and e.service_id = ?2
           and e.from_date <= ?3 and coalesce(e.to_date, '9999-12-31') >= ?3
         left join register r on r.id = (select max(id) from register
           where class_id = c.id and service_id = ?2 and day = ?3)
         where c.year = ?1
         group by c.id order by s.name, c.name",
    )?;
    let rows = statement.query_map((SchoolYear::of(day), service.id, day), |row| {
        Ok(ClassOfDay {
            class: SchoolClassRow {
                id: row.get(0)?,
                public_id: row.get(1)?,
                name: row.get(2)?,
                school_id: row.get(3)?,
                school: row.get(4)?,
                grade: row.get(5)?,
            },
            runs: calendar.runs(row.get(3)?, day).is_yes(),
            booked: row.get(6)?,
            saved_at: row.get(7)?,
            present: row.get(8)?,
            absent: row.get(9)?,
        })
    })?;
    let mut classes = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    classes.retain(|row| require_scope(actor, row.class.school_id).is_ok());
    Ok(classes)
}

/// The names of the classes whose register of a day was not saved, in schools where the service runs.
///
/// # Errors
/// The database's own failure.
pub fn registers_missing(db: &Connection, service: &Service, day: Date) -> Result<Vec<String>> {
    // Riders are counted on the bus, not in a class register.
    if service.kind == "transport" {
        return Ok(Vec::new());
    }
    let classes = classes_of_day(db, &Actor::System("attendance"), service, day)?;
    let missing = classes
        .iter()
        .filter(|row| row.saved_at.is_none() && row.runs);
    Ok(missing
        .map(|row| format!("{}, {}", row.class.school, row.class.name))
        .collect())
}

/// The register of a class on a day.
///
/// # Errors
/// `NotFound` for a class of somebody else's school.
pub fn register(
    db: &Connection,
    actor: &Actor,
    class: &SchoolClassRow,
    service: &Service,
    day: Date,
) -> Result<Register> {
    require_scope(actor, class.school_id)?;
    let calendar = Calendar::load(db, service, day, day)?;
    let closed = match calendar.runs(class.school_id, day) {
        Runs::Yes => None,
        Runs::NotAServiceDay => Some(String::new()),
        Runs::Closed(reason) => Some(reason),
    };
    let saved: Option<(i64, Instant, Option<String>)> = db
        .prepare_cached(
            "select r.id, r.saved_at, s.name from register r left join staff s on s.id = r.staff_id
             where r.class_id = ?1 and r.service_id = ?2 and r.day = ?3 order by r.id desc limit 1",
        )?
        .query_row((class.id, service.id, day), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    let marks = match &saved {
        Some((id, _, _)) => marks_of(db, *id)?,
        None => BTreeMap::new(),
    };
    let mut rows = Vec::new();
    let mut said = cancelled_in_class(db, class.id, service.id, day)?;
    let booked = enrolments::of_class(db, class.id, service.id, day)?;
    let ids: Vec<EnrolmentId> = booked.iter().map(|enrolment| enrolment.id).collect();
    let interruptions = enrolments::interruptions(db, &ids, (day, day))?;
    for enrolment in booked {
        let cancelled = said.remove(&enrolment.id);
        let interrupted = interruptions.on(enrolment.id, day);
        rows.push(RegisterRow {
            present: marks
                .get(&enrolment.id)
                .copied()
                .unwrap_or(cancelled.is_none() && !interrupted),
            enrolment: enrolment.public_id,
            enrolment_id: enrolment.id,
            child: enrolment.child,
            cancelled,
            interrupted,
        });
    }
    let version = version_of(saved.as_ref().map(|(id, _, _)| *id), &rows);
    let (saved_at, saved_by) = saved.map_or((None, None), |(_, at, by)| (Some(at), by));
    Ok(Register {
        version,
        rows,
        saved_at,
        saved_by,
        closed,
    })
}

fn version_of(saved: Option<i64>, rows: &[RegisterRow]) -> String {
    let mut hash = Sha256::new();
    hash.update(saved.unwrap_or(0).to_be_bytes());
    for row in rows {
        hash.update(row.enrolment_id.0.to_be_bytes());
        let said = row.cancelled.as_ref().map_or("", |said| &said.number);
        hash.update(said.as_bytes());
        if row.interrupted {
            hash.update(b"interrupted");
        }
    }
    hash.finalize()
        .iter()
        .take(8)
        .map(|b| format!("{b:02x}"))
        .collect()
}

fn marks_of(db: &Connection, register: i64) -> Result<BTreeMap<EnrolmentId, bool>> {
    let mut statement = db
        .prepare_cached("select enrolment_id, present from register_mark where register_id = ?1")?;
    let rows = statement.query_map([register], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Saves the register of a class: who of the booked children is present. Answers how many are
/// present and absent.
///
/// # Errors
/// `NotFound` for a class of somebody else's school; a refusal for a day to come, a day on which the
/// service does not run, or one that is locked; a conflict when another tablet has saved, a family
/// has cancelled, a child has joined or is expected again since the register was drawn: its marks know nothing of that.
pub fn save_register(
    tx: &Transaction<'_>,
    actor: &Actor,
    (class, service, day): (&SchoolClassRow, &Service, Date),
    sent: &Sent<'_>,
    now: Instant,
) -> Result<(usize, usize)> {
    if sent.locked {
        return Err(Error::refused(
            Text::new("error-register-locked").with("day", day),
        ));
    }
    if day > today(now) {
        return Err(Error::refused(
            Text::new("error-register-future").with("day", day),
        ));
    }
    let current = register(tx, actor, class, service, day)?;
    if current.closed.is_some() {
        return Err(Error::refused(
            Text::new("error-register-closed").with("day", day),
        ));
    }
    if sent.drawn_from.is_some_and(|seen| seen != current.version) {
        return Err(Error::conflict(Text::new("error-register-changed")));
    }
    let id = insert(tx, actor, class.id, service, day, now)?;
    let present: HashSet<&PublicId> = sent.present.iter().collect();
    let mut counts = (0, 0);
    for row in &current.rows {
        let here = present.contains(&row.enrolment);
        mark(tx, id, row.enrolment_id, here)?;
        if here { counts.0 += 1 } else { counts.1 += 1 }
    }
    Ok(counts)
}

fn insert(
    tx: &Transaction<'_>,
    actor: &Actor,
    class: ClassId,
    service: &Service,
    day: Date,
    now: Instant,
) -> Result<i64> {
    tx.prepare_cached(
        "insert into register (class_id, service_id, day, saved_at, staff_id) values (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute((class, service.id, day, now, actor.staff().map(|staff| staff.id)))?;
    Ok(tx.last_insert_rowid())
}

fn mark(tx: &Transaction<'_>, register: i64, enrolment: EnrolmentId, present: bool) -> Result<()> {
    tx.prepare_cached(
        "insert into register_mark (register_id, enrolment_id, present) values (?1, ?2, ?3)",
    )?
    .execute((register, enrolment, present))?;
    Ok(())
}

/// The marks of a day for enrolments between two ids, by the newest register of each class.
pub(super) fn marks_on(
    db: &Connection,
    service: &Service,
    day: Date,
    first: EnrolmentId,
    last: EnrolmentId,
) -> Result<BTreeMap<EnrolmentId, Mark>> {
    let mut statement = db.prepare_cached(
        "select m.enrolment_id, m.present
         from (select max(id) as id from register where day = ?1 and service_id = ?2 group by class_id) r
         join register_mark m on m.register_id = r.id
         where m.enrolment_id between ?3 and ?4",
    )?;
    let rows = statement.query_map((day, service.id, first, last), |row| {
        let present: bool = row.get(1)?;
        Ok((
            row.get(0)?,
            if present { Mark::Present } else { Mark::Absent },
        ))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What the newest register says of an enrolment on a day.
///
/// # Errors
/// The database's own failure.
pub fn mark_of(db: &Connection, enrolment: EnrolmentId, day: Date) -> Result<Option<bool>> {
    let marks = marks_of_enrolment(db, enrolment, day, day)?;
    Ok(marks.get(&day).map(|mark| *mark == Mark::Present))
}

/// The marks of one enrolment over a stretch of days.
pub(super) fn marks_of_enrolment(
    db: &Connection,
    enrolment: EnrolmentId,
    from: Date,
    to: Date,
) -> Result<BTreeMap<Date, Mark>> {
    // Ordered by save: the newest register of a day overwrites the earlier ones.
    let mut statement = db.prepare_cached(
        "select r.day, m.present from register_mark m join register r on r.id = m.register_id
         where m.enrolment_id = ?1 and r.day between ?2 and ?3 order by r.id",
    )?;
    let rows = statement.query_map((enrolment, from, to), |row| {
        let present: bool = row.get(1)?;
        Ok((
            row.get(0)?,
            if present { Mark::Present } else { Mark::Absent },
        ))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
