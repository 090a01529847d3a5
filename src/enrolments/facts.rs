//! Facts of a child that the office records because tariffs ask for them: a disability, an
//! exemption, a timetable.
//!
//! The value is plain: it says no more than that a price changes, charges explain themselves with
//! it, and a day of a thousand children is priced in one query. The reason (a certificate, an act
//! of the social services) can say something of health or hardship (GDPR art. 9), so it is sealed
//! with the folder's key; the office reads it, each reading is logged, and neither schools nor
//! kitchens have a page that asks for facts.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, Transaction};
use serde::Serialize;
use serde_json::json;

use crate::base::{
    Actor, Date, Error, Instant, Permission, PersonId, PublicId, Result, ServiceId, Text,
};
use crate::store::{self, AuditEvent, SealingKey};

/// The name of the exemption that the social services decide: reminders leave it alone.
pub const SOCIAL_SERVICES_EXEMPTION: &str = "social_services_exemption";

/// A fact that is to be recorded.
pub struct NewFact<'a> {
    /// The child.
    pub child: PersonId,
    /// For this service; none: for every one.
    pub service: Option<ServiceId>,
    /// Its name, as rules ask for it.
    pub name: &'a str,
    /// Its value, as rule files write it: `yes`, `3`, `part_time`.
    pub value: &'a str,
    /// First day.
    pub from: Date,
    /// Last day, if it is known.
    pub to: Option<Date>,
    /// Why: the act or the certificate.
    pub reason: &'a str,
}

/// A fact as the office reads it.
#[derive(Clone, Debug, Serialize)]
pub struct ChildFact {
    /// Names it outside.
    pub public_id: PublicId,
    /// The service; none: every one.
    #[serde(skip)]
    pub service_id: Option<ServiceId>,
    /// Name of the service.
    pub service: Option<String>,
    /// Its name, as rules ask for it.
    pub name: String,
    /// Its value, as rule files write it.
    pub value: String,
    /// First day.
    pub from: Date,
    /// Last day, if it is known.
    pub to: Option<Date>,
    /// Why.
    pub reason: String,
    /// Who recorded it; empty for an import.
    pub staff: String,
    /// When.
    pub recorded_at: Instant,
    /// When it was withdrawn, if it was a mistake.
    pub withdrawn_at: Option<Instant>,
}

/// What each of some children is known for: values by name.
pub type FactsOfEach = BTreeMap<PersonId, BTreeMap<String, String>>;

/// Ties a sealed reason to its child and fact: it can't be moved to another.
fn context(child: PersonId, name: &str) -> String {
    format!("child-fact:{}:{name}", child.0)
}

pub(super) fn require_office(actor: &Actor) -> Result<()> {
    match actor {
        Actor::System(_) => Ok(()),
        _ if actor.may(Permission::Office) => Ok(()),
        _ => Err(Error::Forbidden),
    }
}

/// Records a fact. Rows are facts: where two overlap the later one counts.
///
/// # Errors
/// `Forbidden` for who is not of the office; field errors for a missing reason and for a period that
/// ends before it begins.
pub fn record_fact(
    tx: &Transaction<'_>,
    key: &SealingKey,
    actor: &Actor,
    new: &NewFact<'_>,
    now: Instant,
) -> Result<()> {
    require_office(actor)?;
    let reason = new.reason.trim();
    for (field, text) in [("name", new.name), ("value", new.value), ("reason", reason)] {
        if text.is_empty() {
            return Err(Error::field(field, Text::new("error-required")));
        }
    }
    if new.to.is_some_and(|to| to < new.from) {
        return Err(Error::field("to", Text::new("error-period-backwards")));
    }
    tx.prepare_cached(
        "insert into child_fact (public_id, child_id, service_id, name, value, from_date, to_date,
                                 sealed, staff_id, recorded_at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute((
        PublicId::random()?,
        new.child,
        new.service,
        new.name,
        new.value,
        new.from,
        new.to,
        key.seal(&context(new.child, new.name), reason.as_bytes())?,
        actor.staff().map(|staff| staff.id),
        now,
    ))?;
    // What it is stays out of the log: who may read the log need not know of an illness.
    let payload = json!({ "fact": tx.last_insert_rowid(), "service": new.service,
                          "from": new.from, "to": new.to });
    log(tx, actor, "record-child-fact", new.child, payload, now)
}

/// Sets the last day of a child's fact.
///
/// # Errors
/// `Forbidden`; `NotFound` for a fact of another child or one that was withdrawn; a field error for
/// a day before the first.
pub fn end_fact(
    tx: &Transaction<'_>,
    actor: &Actor,
    child: PersonId,
    fact: &PublicId,
    last: Date,
    now: Instant,
) -> Result<()> {
    require_office(actor)?;
    let (id, from, before) = open_fact(tx, child, fact)?;
    if last < from {
        return Err(Error::field("last", Text::new("error-period-backwards")));
    }
    tx.prepare_cached("update child_fact set to_date = ?2 where id = ?1")?
        .execute((id, last))?;
    let payload = json!({ "fact": id, "from": from, "before": before, "to": last });
    log(tx, actor, "end-child-fact", child, payload, now)
}

/// Takes back a fact that was recorded by mistake: it never held. What was charged with it stays.
///
/// # Errors
/// `Forbidden`; `NotFound` for a fact of another child or one that was withdrawn.
pub fn withdraw_fact(
    tx: &Transaction<'_>,
    actor: &Actor,
    child: PersonId,
    fact: &PublicId,
    now: Instant,
) -> Result<()> {
    require_office(actor)?;
    let (id, from, to) = open_fact(tx, child, fact)?;
    tx.prepare_cached("update child_fact set withdrawn_at = ?2 where id = ?1")?
        .execute((id, now))?;
    let payload = json!({ "fact": id, "from": from, "to": to });
    log(tx, actor, "withdraw-child-fact", child, payload, now)
}

fn open_fact(
    db: &Connection,
    child: PersonId,
    fact: &PublicId,
) -> Result<(i64, Date, Option<Date>)> {
    let sql = "select id, from_date, to_date from child_fact
               where public_id = ?1 and child_id = ?2 and withdrawn_at is null";
    Ok(db.prepare_cached(sql)?.query_row((fact, child), |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
    })?)
}

/// Everything that was recorded of a child, with its reasons, the newest first; the reading is
/// logged.
///
/// # Errors
/// `Forbidden` for who is not of the office; when the key does not open what is sealed.
pub fn read_facts(
    tx: &Transaction<'_>,
    key: &SealingKey,
    actor: &Actor,
    child: PersonId,
    now: Instant,
) -> Result<Vec<ChildFact>> {
    require_office(actor)?;
    let facts = facts_of_child(tx, key, child)?;
    if actor.staff().is_some() && !facts.is_empty() {
        log(tx, actor, "read-child-facts", child, json!({}), now)?;
    }
    Ok(facts)
}

/// The same for an export that was asked for and logged. Who calls decides who may.
///
/// # Errors
/// When the key does not open what is sealed.
pub fn facts_of_child(
    db: &Connection,
    key: &SealingKey,
    child: PersonId,
) -> Result<Vec<ChildFact>> {
    let mut statement = db.prepare_cached(
        "select f.public_id, f.service_id, s.name, f.name, f.value, f.from_date, f.to_date,
                coalesce(w.name, ''), f.recorded_at, f.withdrawn_at, f.sealed
         from child_fact f left join service s on s.id = f.service_id
         left join staff w on w.id = f.staff_id
         where f.child_id = ?1 order by f.id desc",
    )?;
    let rows = statement.query_map([child], |row| {
        let fact = ChildFact {
            public_id: row.get(0)?,
            service_id: row.get(1)?,
            service: row.get(2)?,
            name: row.get(3)?,
            value: row.get(4)?,
            from: row.get(5)?,
            to: row.get(6)?,
            reason: String::new(),
            staff: row.get(7)?,
            recorded_at: row.get(8)?,
            withdrawn_at: row.get(9)?,
        };
        Ok((fact, row.get::<_, Vec<u8>>(10)?))
    })?;
    rows.map(|row| {
        let (mut fact, sealed) = row?;
        fact.reason = open_reason(key, child, &fact.name, &sealed)?;
        Ok(fact)
    })
    .collect()
}

/// The reason of a child's fact, as it was sealed.
pub(super) fn open_reason(
    key: &SealingKey,
    child: PersonId,
    name: &str,
    sealed: &[u8],
) -> Result<String> {
    let reason = key.open(&context(child, name), sealed)?;
    String::from_utf8(reason).map_err(Error::internal)
}

/// What is known of each of some children on a day of a service: of several values the one that was
/// recorded last.
///
/// # Errors
/// The database's own failure.
pub fn facts_of_each(
    db: &Connection,
    children: &[PersonId],
    service: ServiceId,
    day: Date,
) -> Result<FactsOfEach> {
    let mut statement = db.prepare_cached(
        "select child_id, name, value from child_fact
         where child_id in (select value from json_each(?1))
           and (service_id is null or service_id = ?2) and from_date <= ?3
           and coalesce(to_date, '9999-12-31') >= ?3 and withdrawn_at is null
         order by id",
    )?;
    let children = serde_json::to_string(children).map_err(Error::internal)?;
    let mut known = FactsOfEach::new();
    let mut rows = statement.query((children, service, day))?;
    while let Some(row) = rows.next()? {
        let of_child = known.entry(row.get(0)?).or_default();
        of_child.insert(row.get(1)?, row.get(2)?);
    }
    Ok(known)
}

/// What was recorded of some children from a day between two on, both included: child, first day and
/// value. Of several records of one fact from the same day the last one counts.
///
/// # Errors
/// The database's own failure.
pub fn facts_begun(
    db: &Connection,
    children: &[PersonId],
    service: ServiceId,
    name: &str,
    (from, to): (Date, Date),
) -> Result<BTreeMap<(PersonId, Date), String>> {
    let mut statement = db.prepare_cached(
        "select child_id, from_date, value from child_fact
         where child_id in (select value from json_each(?1)) and name = ?3
           and (service_id is null or service_id = ?2) and from_date between ?4 and ?5
           and withdrawn_at is null
         order by id",
    )?;
    let children = serde_json::to_string(children).map_err(Error::internal)?;
    let rows = statement.query_map((children, service, name, from, to), |row| {
        Ok(((row.get(0)?, row.get(1)?), row.get(2)?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The days on which what is known of a child can change inside a period: for prices of a period.
///
/// # Errors
/// The database's own failure.
pub fn fact_changes(
    db: &Connection,
    children: &[PersonId],
    (from, to): (Date, Date),
) -> Result<BTreeSet<Date>> {
    let mut statement = db.prepare_cached(
        "select from_date, to_date from child_fact
         where child_id in (select value from json_each(?1)) and withdrawn_at is null",
    )?;
    let children = serde_json::to_string(children).map_err(Error::internal)?;
    let mut days = BTreeSet::new();
    let mut rows = statement.query([children])?;
    while let Some(row) = rows.next()? {
        days.insert(row.get(0)?);
        let last: Option<Date> = row.get(1)?;
        days.extend(last.and_then(|last| last.tomorrow().ok()));
    }
    days.retain(|day| from < *day && *day <= to);
    Ok(days)
}

/// The children that the social services have exempted on a day; without a service: from all.
///
/// # Errors
/// The database's own failure.
pub fn exempted(db: &Connection, day: Date) -> Result<BTreeSet<(PersonId, Option<ServiceId>)>> {
    let mut statement = db.prepare_cached(
        "select child_id, service_id from child_fact
         where name = ?1 and value = 'yes' and from_date <= ?2
           and coalesce(to_date, '9999-12-31') >= ?2 and withdrawn_at is null",
    )?;
    let rows = statement.query_map((SOCIAL_SERVICES_EXEMPTION, day), |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn log(
    tx: &Transaction<'_>,
    actor: &Actor,
    action: &'static str,
    child: PersonId,
    payload: serde_json::Value,
    now: Instant,
) -> Result<()> {
    if actor.staff().is_none() {
        return Ok(());
    }
    let event = AuditEvent {
        action,
        subject: "person",
        subject_id: Some(child.0),
        payload,
    };
    store::audit(tx, actor, now, &event)
}

/// Whether a fact of any child was recorded after an instant.
///
/// # Errors
/// The database's own failure.
pub fn fact_recorded_since(db: &Connection, since: Instant) -> Result<bool> {
    let sql = "select recorded_at > ?1 from child_fact order by id desc limit 1";
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

    const DAY: Date = date(2026, 11, 3);

    fn new(child: PersonId, value: &'static str, from: Date) -> NewFact<'static> {
        NewFact {
            child,
            service: None,
            name: "disability",
            value,
            from,
            to: None,
            reason: "Verbale n. 12",
        }
    }

    #[test]
    fn a_fact_holds_from_its_first_to_its_last_day_and_the_newest_counts() {
        let comune = Comune::new();
        let (clerk, luca, sara, meals) =
            (comune.as_clerk(), comune.luca, comune.sara, comune.meals);
        let key = SealingKey::load(&comune.folder.path().join("test.key")).unwrap();
        comune
            .write(move |tx| {
                let known = |child, day| -> Result<Option<String>> {
                    let mut known = facts_of_each(tx, &[luca, sara], meals, day)?;
                    Ok(known
                        .remove(&child)
                        .and_then(|mut of| of.remove("disability")))
                };
                record_fact(tx, &key, &clerk, &new(luca, "yes", DAY), morning())?;
                assert_eq!(known(luca, date(2026, 11, 2))?, None);
                assert_eq!(known(luca, DAY)?.as_deref(), Some("yes"));
                assert_eq!(known(sara, DAY)?, None);
                let facts = read_facts(tx, &key, &clerk, luca, morning())?;
                assert_eq!(facts[0].reason, "Verbale n. 12");
                assert_eq!(facts[0].staff, "Carla Neri");
                let first = facts[0].public_id.clone();

                // Of another service it says nothing; of this one the later record counts.
                let other: ServiceId =
                    tx.query_row("select id from service where code = 'nido'", [], |r| {
                        r.get(0)
                    })?;
                let elsewhere = NewFact {
                    service: Some(other),
                    ..new(luca, "no", DAY)
                };
                record_fact(tx, &key, &clerk, &elsewhere, morning())?;
                assert_eq!(known(luca, DAY)?.as_deref(), Some("yes"));
                record_fact(
                    tx,
                    &key,
                    &clerk,
                    &new(luca, "no", date(2026, 11, 5)),
                    morning(),
                )?;
                assert_eq!(known(luca, date(2026, 11, 5))?.as_deref(), Some("no"));
                let newest = read_facts(tx, &key, &clerk, luca, morning())?.remove(0);
                withdraw_fact(tx, &clerk, luca, &newest.public_id, morning())?;
                assert_eq!(known(luca, date(2026, 11, 5))?.as_deref(), Some("yes"));

                // Each belongs to one child, ends once it began, and is gone when withdrawn.
                let missing = end_fact(tx, &clerk, sara, &first, DAY, morning());
                assert!(matches!(missing, Err(Error::NotFound)));
                let early = end_fact(tx, &clerk, luca, &first, date(2026, 11, 2), morning());
                assert!(matches!(early, Err(Error::Invalid(_))));
                end_fact(tx, &clerk, luca, &first, date(2026, 11, 4), morning())?;
                assert_eq!(known(luca, date(2026, 11, 4))?.as_deref(), Some("yes"));
                assert_eq!(known(luca, date(2026, 11, 5))?, None);
                let again = withdraw_fact(tx, &clerk, luca, &newest.public_id, morning());
                assert!(matches!(again, Err(Error::NotFound)));
                let inside = fact_changes(tx, &[luca], (date(2026, 11, 1), date(2026, 11, 30)))?;
                assert_eq!(
                    inside.into_iter().collect::<Vec<_>>(),
                    [DAY, date(2026, 11, 5)]
                );
                Ok(())
            })
            .unwrap();
    }

    #[test]
    fn only_the_office_records_and_reads_and_the_reason_is_sealed() {
        let comune = Comune::new();
        let (clerk, mother, luca) = (comune.as_clerk(), comune.as_mother(), comune.luca);
        let key = SealingKey::load(&comune.folder.path().join("test.key")).unwrap();
        comune
            .write(move |tx| {
                for actor in [mother, Actor::Stranger] {
                    let refused = record_fact(tx, &key, &actor, &new(luca, "yes", DAY), morning());
                    assert!(matches!(refused, Err(Error::Forbidden)));
                    let refused = read_facts(tx, &key, &actor, luca, morning());
                    assert!(matches!(refused, Err(Error::Forbidden)));
                }
                let silent = NewFact {
                    reason: " ",
                    ..new(luca, "yes", DAY)
                };
                let refused = record_fact(tx, &key, &clerk, &silent, morning());
                assert!(matches!(refused, Err(Error::Invalid(_))));
                record_fact(tx, &key, &clerk, &new(luca, "yes", DAY), morning())?;
                let sealed: Vec<u8> =
                    tx.query_row("select sealed from child_fact", [], |row| row.get(0))?;
                assert!(!sealed.windows(7).any(|bytes| bytes == b"Verbale"));
                read_facts(tx, &key, &clerk, luca, morning())?;
                let mut actions = tx.prepare("select action from audit_entry order by id")?;
                let actions: Vec<String> = actions
                    .query_map([], |row| row.get(0))?
                    .collect::<rusqlite::Result<_>>()?;
                assert_eq!(actions, ["record-child-fact", "read-child-facts"]);
                let logged: bool = tx.query_row(
                    "select exists (select 1 from audit_payload where payload like '%Verbale%' or payload like '%disab%')",
                    [],
                    |row| row.get(0),
                )?;
                assert!(!logged);
                for sql in ["update child_fact set value = 'no'", "delete from child_fact"] {
                    assert!(tx.execute(sql, []).is_err(), "{sql}");
                }
                Ok(())
            })
            .unwrap();
    }
}
