//! Messages: one thread between each family and the office.

use rusqlite::{Connection, Transaction};
use serde::Serialize;
use serde_json::json;

use crate::base::{AccountId, Actor, Error, Instant, PersonId, PublicId, Result, Text};
use crate::store::{self, AuditEvent};

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
    /// The account that it asks to top up.
    pub top_up: Option<PublicId>,
}

/// A thread in the office's list.
#[derive(Serialize)]
pub struct Thread {
    /// The family's side.
    pub person: PublicId,
    /// Surname and name.
    pub name: String,
    /// The last message; of a thread that waits, the family's last.
    pub last: String,
    /// Who wrote it.
    pub last_author: String,
    /// When.
    pub at: Instant,
    /// How many of the family's messages nobody has read.
    pub unread: i64,
    /// Since their last message nobody of the office has written. A notice of the program is no
    /// answer.
    pub waiting: bool,
}

/// Which threads the office lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threads {
    /// Every one.
    All,
    /// With something that nobody of the office has read.
    Unread,
    /// Whose family has had no answer.
    Waiting,
}

impl Threads {
    /// As the queries write it, so that each is read off an index in the order of the list.
    fn condition(self) -> &'static str {
        match self {
            Threads::All => "t.waiting between 0 and 1",
            Threads::Unread => "t.waiting between 0 and 1 and t.unread > 0",
            Threads::Waiting => "t.waiting = 1",
        }
    }
}

/// The thread of a family, oldest first. Who may see it is the actor's own person, or staff.
///
/// # Errors
/// The database's own failure.
pub fn thread(db: &Connection, person: PersonId) -> Result<Vec<Message>> {
    let mut statement = db.prepare_cached(
        "select m.author, s.name, m.body, m.at, m.read_at, a.public_id
         from message m left join staff s on s.id = m.staff_id
         left join message_top_up t on t.message_id = m.id left join account a on a.id = t.account_id
         where m.person_id = ?1 order by m.id",
    )?;
    let rows = statement.query_map([person], |row| {
        Ok(Message {
            author: row.get(0)?,
            staff: row.get(1)?,
            body: row.get(2)?,
            at: row.get(3)?,
            read_at: row.get(4)?,
            top_up: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Tells a family that an account of theirs wants money: below the text a button leads to the payment.
///
/// # Errors
/// A field error for an empty or too long text.
pub fn ask_to_top_up(
    tx: &Transaction<'_>,
    account: AccountId,
    person: PersonId,
    body: &str,
    now: Instant,
) -> Result<()> {
    write(
        tx,
        &Actor::System("notifications"),
        (person, Some(account)),
        body,
        now,
    )
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
    write(tx, actor, (person, None), body, now)
}

fn write(
    tx: &Transaction<'_>,
    actor: &Actor,
    (person, top_up): (PersonId, Option<AccountId>),
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
    let message = tx.last_insert_rowid();
    if let Some(account) = top_up {
        tx.prepare_cached("insert into message_top_up (message_id, account_id) values (?1, ?2)")?
            .execute((message, account))?;
    }
    if staff.is_some() {
        let event = AuditEvent {
            action: "write-message",
            subject: "message",
            subject_id: Some(message),
            payload: json!({ "person": person }),
        };
        store::audit(tx, actor, now, &event)?;
    }
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
    let messages = tx.prepare_cached(sql)?.execute((person, now))?;
    if messages > 0 && actor.staff().is_some() {
        let event = AuditEvent {
            action: "mark-messages-read",
            subject: "person",
            subject_id: Some(person.0),
            payload: json!({ "messages": messages }),
        };
        store::audit(tx, actor, now, &event)?;
    }
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

// Of each thread the message that a list shows; the triggers on `message` keep the rows.
const THREADS: &str =
    "select p.public_id, p.surname || ' ' || p.name, m.body, m.author, m.at, t.unread, t.waiting
     from message_thread t join message m on m.id = t.shown_id join person p on p.id = t.person_id";

/// The threads for the office: first those that wait for an answer, the longest waiting on top;
/// then the others, the latest on top.
///
/// # Errors
/// The database's own failure.
pub fn threads(db: &Connection, which: Threads, limit: u32, offset: u32) -> Result<Vec<Thread>> {
    let mut statement = db.prepare_cached(&format!(
        "{THREADS} where {} order by t.waiting desc, t.place, t.shown_id limit ?1 offset ?2",
        which.condition()
    ))?;
    let rows = statement.query_map((limit, offset), |row| {
        Ok(Thread {
            person: row.get(0)?,
            name: row.get(1)?,
            last: row.get(2)?,
            last_author: row.get(3)?,
            at: row.get(4)?,
            unread: row.get(5)?,
            waiting: row.get(6)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many threads there are of a kind.
///
/// # Errors
/// The database's own failure.
pub fn count_threads(db: &Connection, which: Threads) -> Result<i64> {
    let sql = format!(
        "select count(*) from message_thread t where {}",
        which.condition()
    );
    Ok(db.prepare_cached(&sql)?.query_row([], |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Comune, morning};

    #[test]
    fn a_thread_waits_until_the_office_answers() {
        let comune = Comune::new();
        let (clerk, mother, other) = (comune.as_clerk(), comune.mother, comune.luca);
        comune
            .write(move |tx| {
                let family = Actor::Citizen(mother);
                let at = |minutes: i64| morning().plus_millis(minutes * 60_000);
                let count = |which| count_threads(tx, which);
                write_message(tx, &family, mother, "Luca è intollerante?", at(0))?;
                write_message(tx, &clerk, other, "Benvenuti.", at(1))?;
                assert_eq!((count(Threads::Waiting)?, count(Threads::Unread)?), (1, 1));

                // Reading is not answering.
                mark_read(tx, &clerk, mother, at(2))?;
                assert_eq!((count(Threads::Waiting)?, count(Threads::Unread)?), (1, 0));
                // Nor is a notice of the program.
                write_message(tx, &Actor::System("test"), mother, "Avviso", at(2))?;
                let first = &threads(tx, Threads::All, 10, 0)?[0];
                assert_eq!((first.last_author.as_str(), first.unread), ("family", 0));
                assert!(first.waiting);

                write_message(tx, &clerk, mother, "No.", at(3))?;
                assert_eq!((count(Threads::Waiting)?, count(Threads::All)?), (0, 2));
                assert_eq!(unread_by_family(tx, mother)?, 2);
                mark_read(tx, &family, mother, at(4))?;
                assert_eq!(unread_by_family(tx, mother)?, 0);
                let logged: i64 = tx.query_row(
                    "select count(*) from audit_entry where action in ('write-message', 'mark-messages-read')",
                    [],
                    |row| row.get(0),
                )?;
                assert_eq!(logged, 3);
                Ok(())
            })
            .unwrap();
    }

    #[test]
    fn nobody_writes_into_the_thread_of_another_family() {
        let comune = Comune::new();
        let (mother, stranger) = (comune.mother, Actor::Citizen(comune.luca));
        let refused =
            comune.write(move |tx| write_message(tx, &stranger, mother, "Ciao", morning()));
        assert!(matches!(refused, Err(Error::NotFound)));
        let family = comune.as_mother();
        let empty = comune.write(move |tx| write_message(tx, &family, mother, " \r\n ", morning()));
        assert!(matches!(empty, Err(Error::Invalid(_))));
    }
}
