//! Special diets. The catalogue says what the kitchen leaves out, never why. Which child eats which
//! diet is special-category data (GDPR art. 9): sealed with the folder's key, read by staff who
//! handle diets, each reading logged (invariant 9).

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, Transaction};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::base::{Actor, Date, Error, Instant, PersonId, Result, Role, SchoolId, Text};
use crate::store::{self, AuditEvent, SealingKey};

/// A diet that the kitchen prepares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Diet {
    /// `GLU`.
    pub code: String,
    /// `Senza glutine`.
    pub name: String,
    /// The foods that are left out, as the kitchen reads them.
    pub excluded: String,
}

impl Diet {
    fn read(row: &Row<'_>) -> rusqlite::Result<Diet> {
        Ok(Diet {
            code: row.get(0)?,
            name: row.get(1)?,
            excluded: row.get(2)?,
        })
    }
}

/// What a child eats on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChildDiet {
    /// The diet.
    #[serde(flatten)]
    pub diet: Diet,
    /// First day.
    pub from: Date,
    /// Last day, if it is known.
    pub to: Option<Date>,
}

/// A diet that a child eats from a day on.
pub struct NewChildDiet<'a> {
    /// The child.
    pub child: PersonId,
    /// A code of the catalogue; `None`: the ordinary menu again.
    pub code: Option<&'a str>,
    /// First day.
    pub from: Date,
    /// Last day, if it is known.
    pub to: Option<Date>,
}

/// Adds a diet to the catalogue, or changes the one with this code.
///
/// # Errors
/// A field error for an empty code or name.
pub fn save_diet(tx: &Transaction<'_>, actor: &Actor, diet: &Diet, now: Instant) -> Result<()> {
    let (code, name) = (diet.code.trim(), diet.name.trim());
    for (field, text) in [("code", code), ("name", name)] {
        if text.is_empty() {
            return Err(Error::field(field, Text::new("error-required")));
        }
    }
    tx.prepare_cached(
        "insert into diet (code, name, excluded) values (?1, ?2, ?3)
         on conflict (code) do update set name = excluded.name, excluded = excluded.excluded",
    )?
    .execute((code, name, diet.excluded.trim()))?;
    if actor.staff().is_some() {
        let event = AuditEvent {
            action: "save-diet",
            subject: "diet",
            subject_id: None,
            payload: json!(diet),
        };
        store::audit(tx, actor, now, &event)?;
    }
    Ok(())
}

/// The catalogue, by name.
///
/// # Errors
/// The database's own failure.
pub fn diets(db: &Connection) -> Result<Vec<Diet>> {
    let mut statement =
        db.prepare_cached("select code, name, excluded from diet order by name, code")?;
    let rows = statement.query_map([], Diet::read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The diet with a code.
///
/// # Errors
/// The database's own failure.
pub fn diet(db: &Connection, code: &str) -> Result<Option<Diet>> {
    let sql = "select code, name, excluded from diet where code = ?1";
    Ok(db
        .prepare_cached(sql)?
        .query_row([code], Diet::read)
        .optional()?)
}

/// Ties a sealed code to its child: it can't be moved to another.
fn context(child: PersonId) -> String {
    format!("child-diet:{}", child.0)
}

/// Sealed codes are filled up to so many bytes: their length says nothing, not even whether there is
/// a special diet.
const WIDTH: usize = 64;

fn seal(key: &SealingKey, child: PersonId, code: &str) -> Result<Vec<u8>> {
    let mut clear = code.as_bytes().to_vec();
    clear.resize(clear.len().next_multiple_of(WIDTH).max(WIDTH), 0);
    key.seal(&context(child), &clear)
}

/// The code; `None`: the ordinary menu.
fn open(key: &SealingKey, child: PersonId, sealed: &[u8]) -> Result<Option<String>> {
    let mut clear = key.open(&context(child), sealed)?;
    clear.truncate(
        clear
            .iter()
            .position(|byte| *byte == 0)
            .unwrap_or(clear.len()),
    );
    let code = String::from_utf8(clear).map_err(Error::internal)?;
    Ok((!code.is_empty()).then_some(code))
}

/// Refuses staff who do not handle diets, and everybody who is not staff.
///
/// # Errors
/// `Forbidden`.
pub fn require_diets_role(actor: &Actor) -> Result<()> {
    match actor {
        Actor::System(_) => Ok(()),
        _ if actor.staff().is_some_and(|staff| staff.has(Role::Diets)) => Ok(()),
        _ => Err(Error::Forbidden),
    }
}

/// Records what a child eats from a day on. Rows are facts: a later one counts where two overlap.
///
/// # Errors
/// `Forbidden` for staff who do not handle diets; a refusal for a code that is not in the
/// catalogue or a period that ends before it begins.
pub fn record_child_diet(
    tx: &Transaction<'_>,
    key: &SealingKey,
    actor: &Actor,
    new: &NewChildDiet<'_>,
    now: Instant,
) -> Result<()> {
    require_diets_role(actor)?;
    let code = new.code.unwrap_or("");
    if !code.is_empty() && diet(tx, code)?.is_none() {
        return Err(Error::field("diet", Text::new("error-diet-unknown")));
    }
    if new.to.is_some_and(|to| to < new.from) {
        return Err(Error::field("to", Text::new("error-period-backwards")));
    }
    tx.prepare_cached(
        "insert into child_diet (child_id, from_date, to_date, sealed, recorded_at)
         values (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute((
        new.child,
        new.from,
        new.to,
        seal(key, new.child, code)?,
        now,
    ))?;
    if actor.staff().is_some() {
        // The code stays out of the log: who may read the log need not know the diet.
        let event = AuditEvent {
            action: "record-diet",
            subject: "person",
            subject_id: Some(new.child.0),
            payload: json!({ "from": new.from, "to": new.to }),
        };
        store::audit(tx, actor, now, &event)?;
    }
    Ok(())
}

/// A diet of a child over a stretch of days, opened.
pub struct DietPeriod {
    /// A code of the catalogue; `None`: the ordinary menu.
    pub code: Option<String>,
    /// First day.
    pub from: Date,
    /// Last day, if it is known.
    pub to: Option<Date>,
}

/// Every diet of a child, in the order of recording: for imports and for an export that was asked
/// for and logged. Who calls decides who may.
///
/// # Errors
/// When the key does not open what is sealed.
pub fn periods_of_child(
    db: &Connection,
    key: &SealingKey,
    child: PersonId,
) -> Result<Vec<DietPeriod>> {
    let mut statement = db.prepare_cached(
        "select sealed, from_date, to_date from child_diet where child_id = ?1 order by id",
    )?;
    let rows = statement.query_map([child], |row| {
        Ok((row.get::<_, Vec<u8>>(0)?, row.get(1)?, row.get(2)?))
    })?;
    rows.map(|row| {
        let (sealed, from, to) = row?;
        Ok(DietPeriod {
            code: open(key, child, &sealed)?,
            from,
            to,
        })
    })
    .collect()
}

/// How many children with a special diet use a service with meals on a day, by school. What is
/// opened is counted and forgotten.
///
/// # Errors
/// When the key does not open what is sealed.
pub fn special_diets(
    db: &Connection,
    key: &SealingKey,
    day: Date,
) -> Result<BTreeMap<SchoolId, i64>> {
    let mut statement = db.prepare_cached(
        "/* whole */ select distinct c.school_id, d.child_id, d.sealed from child_diet d
         join enrolment e on e.child_id = d.child_id and e.from_date <= ?1
           and coalesce(e.to_date, '9999-12-31') >= ?1
         join service s on s.id = e.service_id and s.kind in ('meals', 'nido')
         join school_class c on c.id = e.class_id
         where d.id = (select max(n.id) from child_diet n
           where n.child_id = d.child_id and n.from_date <= ?1
             and coalesce(n.to_date, '9999-12-31') >= ?1)",
    )?;
    let rows = statement.query_map([day], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get::<_, Vec<u8>>(2)?))
    })?;
    let mut by_school = BTreeMap::new();
    for row in rows {
        let (school, child, sealed) = row?;
        if open(key, child, &sealed)?.is_some() {
            *by_school.entry(school).or_default() += 1;
        }
    }
    Ok(by_school)
}

/// What a child eats on a day, for staff who handle diets; the reading is logged.
///
/// # Errors
/// `Forbidden` for everybody else.
pub fn diet_of_child(
    tx: &Transaction<'_>,
    key: &SealingKey,
    actor: &Actor,
    child: PersonId,
    day: Date,
    now: Instant,
) -> Result<Option<ChildDiet>> {
    require_diets_role(actor)?;
    if actor.staff().is_some() {
        let event = AuditEvent {
            action: "read-diet",
            subject: "person",
            subject_id: Some(child.0),
            payload: json!({ "day": day }),
        };
        store::audit(tx, actor, now, &event)?;
    }
    let found: Option<(Vec<u8>, Date, Option<Date>)> = tx
        .prepare_cached(
            "select sealed, from_date, to_date from child_diet
             where child_id = ?1 and from_date <= ?2 and coalesce(to_date, '9999-12-31') >= ?2
             order by id desc limit 1",
        )?
        .query_row((child, day), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    let Some((sealed, from, to)) = found else {
        return Ok(None);
    };
    let Some(code) = open(key, child, &sealed)? else {
        return Ok(None);
    };
    Ok(diet(tx, &code)?.map(|diet| ChildDiet { diet, from, to }))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::base::StaffActor;
    use crate::testing::{Comune, morning};

    #[test]
    fn a_diet_is_sealed_logged_and_only_for_the_diets_role() {
        let comune = Comune::new();
        let (clerk, luca, sara) = (comune.as_clerk(), comune.luca, comune.sara);
        let plain = Actor::Staff(StaffActor {
            id: comune.clerk.id,
            roles: vec![Role::Office],
        });
        let key = SealingKey::load(&comune.folder.path().join("test.key")).unwrap();
        comune
            .write(move |tx| {
                let gluten = Diet {
                    code: "GLU".to_owned(),
                    name: "Senza glutine".to_owned(),
                    excluded: "frumento, orzo".to_owned(),
                };
                save_diet(tx, &clerk, &gluten, morning())?;
                let record = |actor: &Actor, code, from| {
                    let new = NewChildDiet {
                        child: luca,
                        code,
                        from,
                        to: None,
                    };
                    record_child_diet(tx, &key, actor, &new, morning())
                };
                assert!(matches!(
                    record(&plain, Some("GLU"), date(2026, 9, 15)),
                    Err(Error::Forbidden)
                ));
                assert!(record(&clerk, Some("XXX"), date(2026, 9, 15)).is_err());
                record(&clerk, Some("GLU"), date(2026, 9, 15))?;
                record(&clerk, None, date(2026, 11, 10))?;
                let read = |actor: &Actor, child, day| {
                    diet_of_child(tx, &key, actor, child, day, morning())
                };
                assert_eq!(read(&clerk, luca, date(2026, 9, 14))?, None);
                let eats = ChildDiet {
                    diet: gluten,
                    from: date(2026, 9, 15),
                    to: None,
                };
                assert_eq!(read(&clerk, luca, date(2026, 11, 3))?, Some(eats));
                assert_eq!(read(&clerk, luca, date(2026, 11, 10))?, None);
                assert!(matches!(
                    read(&plain, luca, date(2026, 11, 3)),
                    Err(Error::Forbidden)
                ));
                let readings: i64 = tx.query_row(
                    "select count(*) from audit_entry where action = 'read-diet' and subject_id = ?1",
                    [luca],
                    |row| row.get(0),
                )?;
                assert_eq!(readings, 3);
                let mut all = tx.prepare("select length(sealed) from child_diet")?;
                let lengths: std::collections::BTreeSet<i64> =
                    all.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
                assert_eq!(lengths.len(), 1, "the length says nothing");
                // A sealed code that is moved to another child does not open.
                tx.execute("update child_diet set child_id = ?1", [sara])?;
                assert!(read(&clerk, sara, date(2026, 11, 3)).is_err());
                Ok(())
            })
            .unwrap();
    }
}
