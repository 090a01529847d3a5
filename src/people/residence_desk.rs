//! What the office records of a residence: where a family shows that it moved in or out before the
//! residents' register says so.

use rusqlite::{Connection, OptionalExtension, Transaction};
use serde::Serialize;
use serde_json::json;

use super::residence::{EVER, insert, residences, settle};
use crate::base::{Actor, Date, Error, Instant, Permission, PersonId, Result, StaffId, Text};
use crate::store::{self, AuditEvent};

/// A residence that is to be recorded.
pub struct NewResidence<'a> {
    /// Whose.
    pub person: PersonId,
    /// Lives in the comune, or does no more.
    pub resident: bool,
    /// From this day on.
    pub from: Date,
    /// Where it is known from: a certificate, a declaration.
    pub source: &'a str,
}

/// A residence as the office reads it.
#[derive(Clone, Debug, Serialize)]
pub struct KnownResidence {
    /// Names it among those of the person.
    pub id: i64,
    /// Lives in the comune, or does not.
    pub resident: bool,
    /// The first day; none: what held before anything was recorded.
    pub from: Option<Date>,
    /// Where it is known from; empty for the residents' register.
    pub source: String,
    /// Who recorded it; empty for the residents' register.
    pub staff: String,
    /// When.
    pub recorded_at: Instant,
    /// When it was withdrawn, if it was a mistake.
    pub withdrawn_at: Option<Instant>,
    /// The newest that the office recorded and did not take back: it can be taken back.
    pub last: bool,
}

fn require_office(actor: &Actor) -> Result<StaffId> {
    match actor.staff() {
        Some(staff) if actor.may(Permission::Office) => Ok(staff.id),
        _ => Err(Error::Forbidden),
    }
}

/// What was recorded of somebody's residence, the newest first.
///
/// # Errors
/// The database's own failure.
pub fn known_residences(db: &Connection, person: PersonId) -> Result<Vec<KnownResidence>> {
    let mut statement = db.prepare_cached(
        "select r.id, r.resident, nullif(r.from_date, ?2), r.source, coalesce(s.name, ''),
           r.recorded_at, r.withdrawn_at
         from residence r left join staff s on s.id = r.staff_id
         where r.person_id = ?1 order by r.id desc",
    )?;
    let last = last(db, person)?;
    let rows = statement.query_map((person, EVER), |row| {
        let id = row.get(0)?;
        Ok(KnownResidence {
            id,
            resident: row.get(1)?,
            from: row.get(2)?,
            source: row.get(3)?,
            staff: row.get(4)?,
            recorded_at: row.get(5)?,
            withdrawn_at: row.get(6)?,
            last: last == Some(id),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The newest row of a person that holds, if the office recorded it.
fn last(db: &Connection, person: PersonId) -> Result<Option<i64>> {
    let sql = "select id, staff_id from residence
               where person_id = ?1 and withdrawn_at is null and from_date <> ?2
               order by id desc limit 1";
    let found: Option<(i64, Option<StaffId>)> = db
        .prepare_cached(sql)?
        .query_row((person, EVER), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(found.and_then(|(id, staff)| staff.map(|_| id)))
}

/// Records a residence for the office. What was charged stays as it was; the next bill proposes the
/// difference.
///
/// # Errors
/// `Forbidden` for who is not of the office; field errors for a missing source and for what holds on
/// that day already.
pub fn register_residence(
    tx: &Transaction<'_>,
    actor: &Actor,
    new: &NewResidence<'_>,
    now: Instant,
) -> Result<()> {
    require_office(actor)?;
    let source = new.source.trim();
    if source.is_empty() {
        return Err(Error::field("source", Text::new("error-required")));
    }
    let before = residences(tx, &[new.person])?.on(new.person, new.from);
    if before == new.resident {
        return Err(Error::field("resident", Text::new("error-residence-same")));
    }
    let held = (new.resident, Some(new.from));
    insert(tx, actor, new.person, held, source, now)?;
    let payload = json!({ "from": new.from, "resident": new.resident, "before": before });
    log(tx, actor, "record-residence", new.person, payload, now)
}

/// Takes back the last residence that the office recorded: it was a mistake. `id` is the one that was
/// shown.
///
/// # Errors
/// `Forbidden` for who is not of the office; a conflict when it is no more the last.
pub fn withdraw_residence(
    tx: &Transaction<'_>,
    actor: &Actor,
    person: PersonId,
    id: i64,
    now: Instant,
) -> Result<()> {
    let staff = require_office(actor)?;
    if last(tx, person)? != Some(id) {
        return Err(Error::conflict(Text::new("error-residence-not-last")));
    }
    let held = "select from_date, resident from residence where id = ?1";
    let (from, resident): (Date, bool) = tx
        .prepare_cached(held)?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    tx.prepare_cached("update residence set withdrawn_at = ?2, withdrawn_by = ?3 where id = ?1")?
        .execute((id, now, staff))?;
    settle(tx, person, now)?;
    let payload = json!({ "from": from, "resident": resident });
    log(tx, actor, "withdraw-residence", person, payload, now)
}

fn log(
    tx: &Transaction<'_>,
    actor: &Actor,
    action: &'static str,
    person: PersonId,
    payload: serde_json::Value,
    now: Instant,
) -> Result<()> {
    let event = AuditEvent {
        action,
        subject: "person",
        subject_id: Some(person.0),
        payload,
    };
    store::audit(tx, actor, now, &event)
}

/// Whether a residence was recorded or withdrawn after an instant.
///
/// # Errors
/// The database's own failure.
pub fn residence_changed_since(db: &Connection, since: Instant) -> Result<bool> {
    let sql = "select exists (select 1 from (
                 select recorded_at from residence order by id desc limit 1) where recorded_at > ?1)
               or exists (select 1 from residence where withdrawn_at > ?1)";
    Ok(db
        .prepare_cached(sql)?
        .query_row([since], |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::people;
    use crate::testing::{Comune, morning};

    #[test]
    fn the_office_records_a_residence_and_takes_the_last_one_back() {
        let comune = Comune::new();
        let (luca, clerk, mother) = (comune.luca, comune.as_clerk(), comune.as_mother());
        comune
            .write(move |tx| {
                let moved = date(2026, 11, 1);
                let now = morning();
                let on = |day: Date| -> Result<bool> { Ok(residences(tx, &[luca])?.on(luca, day)) };
                let new = |resident, from, source| NewResidence {
                    person: luca,
                    resident,
                    from,
                    source,
                };
                let wrong = |new: NewResidence<'_>| match register_residence(tx, &clerk, &new, now)
                {
                    Err(Error::Invalid(fields)) => fields[0].field.clone(),
                    _ => String::new(),
                };
                assert_eq!(wrong(new(true, moved, "carta d’identità")), "resident");
                assert_eq!(wrong(new(false, moved, " ")), "source");
                let by_mother = register_residence(tx, &mother, &new(false, moved, "detto"), now);
                assert!(matches!(by_mother, Err(Error::Forbidden)));
                register_residence(tx, &clerk, &new(false, moved, " certificato "), now)?;
                assert!(on(date(2026, 10, 31))? && !on(moved)?);
                assert!(!people::person(tx, luca)?.resident);
                let known = known_residences(tx, luca)?;
                assert_eq!((known.len(), known[0].from), (2, Some(moved)));
                assert_eq!(known[0].source, "certificato");
                assert!(known[0].last && !known[1].last && known[1].from.is_none());

                // What will hold changes nothing today.
                let later = date(2026, 12, 1);
                register_residence(tx, &clerk, &new(true, later, "prenotato"), now)?;
                assert!(!people::person(tx, luca)?.resident);
                let stale = withdraw_residence(tx, &clerk, luca, known[0].id, now);
                assert!(matches!(stale, Err(Error::Refused(_))));
                for _ in 0..2 {
                    let last = known_residences(tx, luca)?;
                    let last = last.iter().find(|one| one.last).unwrap().id;
                    withdraw_residence(tx, &clerk, luca, last, now)?;
                }
                assert!(on(moved)? && on(later)?);
                assert!(people::person(tx, luca)?.resident);
                let known = known_residences(tx, luca)?;
                assert!(known.iter().all(|one| !one.last));
                let logged = "select count(*) from audit_entry
                              where action in ('record-residence', 'withdraw-residence')";
                let logged: i64 = tx.query_row(logged, [], |row| row.get(0))?;
                assert_eq!(logged, 4);
                for change in [
                    "update residence set resident = 1 - resident",
                    "update residence set withdrawn_at = null",
                    "delete from residence",
                ] {
                    assert!(tx.execute(change, []).is_err(), "{change}");
                }
                assert!(!residence_changed_since(tx, now)?);
                assert!(residence_changed_since(tx, now.plus_millis(-1))?);
                Ok(())
            })
            .unwrap();
    }
}
