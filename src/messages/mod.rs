//! Messages: one thread between each family and the office.

use rusqlite::{Connection, Transaction};
use serde::Serialize;

use crate::base::{Actor, Error, Instant, PersonId, PublicId, Result, Text};

/// The longest message, in characters.
pub const LONGEST: usize = 4000;

/// A message.
#[derive(Serialize)]
pub struct Message {
    /// `family`, `office` or `system`.
    pub author: String,
    /// The clerk's name, when the office wrote it.
    pub staff: Option<String>,
    /// Paragraphs, separated by blank lines.
    pub body: String,
    /// When.
    pub at: Instant,
    /// When the other side read it.
    pub read_at: Option<Instant>,
}

/// A thread in the office's list.
#[derive(Serialize)]
pub struct Thread {
    /// The family's side.
    pub person: PublicId,
    /// Surname and name.
    pub name: String,
    /// The last message.
    pub last: String,
    /// Who wrote it.
    pub last_author: String,
    /// When.
    pub at: Instant,
    /// How many of the family's messages nobody has read.
    pub unread: i64,
}

/// The thread of a family, oldest first. Who may see it is the actor's own person, or staff.
///
/// # Errors
/// The database's own failure.
pub fn thread(db: &Connection, person: PersonId) -> Result<Vec<Message>> {
    let mut statement = db.prepare_cached(
        "select m.author, s.name, m.body, m.at, m.read_at
         from message m left join staff s on s.id = m.staff_id
         where m.person_id = ?1 order by m.id",
    )?;
    let rows = statement.query_map([person], |row| {
        Ok(Message {
            author: row.get(0)?,
            staff: row.get(1)?,
            body: row.get(2)?,
            at: row.get(3)?,
            read_at: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Writes into the thread of a family: the family itself, or the office.
///
/// # Errors
/// A field error for an empty or too long text.
pub fn write_message(
    tx: &Transaction<'_>,
    actor: &Actor,
    person: PersonId,
    body: &str,
    now: Instant,
) -> Result<()> {
    let body = body.trim().replace("\r\n", "\n");
    if body.is_empty() {
        return Err(Error::field("body", Text::new("error-required")));
    }
    if body.chars().count() > LONGEST {
        return Err(Error::field(
            "body",
            Text::new("error-too-long").with("max", LONGEST),
        ));
    }
    let (author, staff) = match actor {
        Actor::Citizen(who) if *who == person => ("family", None),
        Actor::Staff(staff) | Actor::Desk { staff, .. } => ("office", Some(staff.id)),
        Actor::System(_) => ("system", None),
        Actor::Citizen(_) | Actor::Stranger => return Err(Error::NotFound),
    };
    tx.prepare_cached(
        "insert into message (public_id, person_id, author, staff_id, body, at)
         values (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute((PublicId::random()?, person, author, staff, body, now))?;
    Ok(())
}

/// Notes that one side has read what the other wrote.
///
/// # Errors
/// The database's own failure.
pub fn mark_read(
    tx: &Transaction<'_>,
    actor: &Actor,
    person: PersonId,
    now: Instant,
) -> Result<()> {
    let sql = if matches!(actor, Actor::Citizen(_)) {
        "update message set read_at = ?2
         where person_id = ?1 and author in ('office', 'system') and read_at is null"
    } else {
        "update message set read_at = ?2 where person_id = ?1 and author = 'family' and read_at is null"
    };
    tx.prepare_cached(sql)?.execute((person, now))?;
    Ok(())
}

/// How many messages a family has not read.
///
/// # Errors
/// The database's own failure.
pub fn unread_by_family(db: &Connection, person: PersonId) -> Result<i64> {
    let sql = "select count(*) from message
               where author in ('office', 'system') and person_id = ?1 and read_at is null";
    Ok(db
        .prepare_cached(sql)?
        .query_row([person], |row| row.get(0))?)
}

/// The threads for the office: those that wait for an answer first, then the latest.
///
/// # Errors
/// The database's own failure.
pub fn threads(db: &Connection, only_unread: bool, limit: u32, offset: u32) -> Result<Vec<Thread>> {
    let mut statement = db.prepare_cached(
        "with last as (select person_id, max(id) as id from message group by person_id),
              waiting as (select person_id, count(*) as n from message
                          where author = 'family' and read_at is null group by person_id)
         select p.public_id, p.surname || ' ' || p.name, m.body, m.author, m.at, coalesce(w.n, 0) as n
         from last join message m on m.id = last.id join person p on p.id = m.person_id
              left join waiting w on w.person_id = m.person_id
         where ?1 = 0 or w.n > 0
         order by n = 0, m.at desc limit ?2 offset ?3",
    )?;
    let rows = statement.query_map((only_unread, limit, offset), |row| {
        Ok(Thread {
            person: row.get(0)?,
            name: row.get(1)?,
            last: row.get(2)?,
            last_author: row.get(3)?,
            at: row.get(4)?,
            unread: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
