//! Who lives in the comune, and since when: prices of non-residents hold by day, so a family that
//! moves in or out changes no day before.

use std::collections::BTreeMap;

use rusqlite::{Connection, Transaction};

use crate::base::{Actor, Date, Error, Instant, PersonId, Result, today};

/// The first day of all.
pub(super) const EVER: &str = "0001-01-01";

/// What is known of the residence of some people.
#[derive(Debug, Default)]
pub struct Residences(BTreeMap<PersonId, Vec<(Date, bool)>>);

impl Residences {
    /// Whether somebody lives in the comune on a day; who is not known does not.
    pub fn on(&self, person: PersonId, day: Date) -> bool {
        let known = self.0.get(&person).map_or(&[][..], Vec::as_slice);
        let before = known.iter().rfind(|(from, _)| *from <= day);
        before
            .or(known.first())
            .is_some_and(|(_, resident)| *resident)
    }

    /// Those of other people besides.
    pub fn extend(&mut self, others: Residences) {
        self.0.extend(others.0);
    }
}

/// The residence of some people.
///
/// # Errors
/// The database's own failure.
pub fn residences(db: &Connection, people: &[PersonId]) -> Result<Residences> {
    let sql = "select p.id, coalesce(r.from_date, ?2), coalesce(r.resident, p.resident)
               from json_each(?1) j cross join person p on p.id = j.value
               left join residence r on r.person_id = p.id and r.withdrawn_at is null order by r.from_date, r.id";
    let people = serde_json::to_string(people).map_err(Error::internal)?;
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query((people, EVER))?;
    let mut all = Residences::default();
    while let Some(row) = rows.next()? {
        let of_person = all.0.entry(row.get(0)?).or_default();
        of_person.push((row.get(1)?, row.get(2)?));
    }
    Ok(all)
}

/// Records that somebody lives in the comune from a day on, or does no more. What held before is
/// kept. Without a day it is today: what was charged before stays as it was.
///
/// # Errors
/// The database's own failure.
pub fn record_residence(
    tx: &Transaction<'_>,
    actor: &Actor,
    person: PersonId,
    held: (bool, Option<Date>),
    now: Instant,
) -> Result<()> {
    insert(tx, actor, person, held, "", now)
}

/// The same, and where it is known from; empty for the residents' register.
pub(super) fn insert(
    tx: &Transaction<'_>,
    actor: &Actor,
    person: PersonId,
    (resident, from): (bool, Option<Date>),
    source: &str,
    now: Instant,
) -> Result<()> {
    let staff = actor.staff().map(|staff| staff.id);
    let add =
        "insert into residence (person_id, resident, from_date, recorded_at, staff_id, source)
               select id, coalesce(?2, resident), ?3, ?4, ?5, ?6 from person where id = ?1";
    let known = "select 1 from residence where person_id = ?1";
    let mut statement = tx.prepare_cached(add)?;
    if !tx.prepare_cached(known)?.exists([person])? {
        statement.execute((person, None::<bool>, EVER, now, staff, ""))?;
    }
    let from = from.unwrap_or_else(|| today(now));
    statement.execute((person, Some(resident), from, now, staff, source))?;
    settle(tx, person, now)
}

/// Has the person's row say what holds today.
pub(super) fn settle(tx: &Transaction<'_>, person: PersonId, now: Instant) -> Result<()> {
    let resident = residences(tx, &[person])?.on(person, today(now));
    tx.prepare_cached(
        "update person set resident = ?2, updated_at = ?3, revision = revision + 1
         where id = ?1 and resident <> ?2",
    )?
    .execute((person, resident, now))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::testing::{Comune, morning};

    #[test]
    fn residence_holds_by_day_and_what_was_before_stays() {
        let comune = Comune::new();
        let (luca, sara) = (comune.luca, comune.sara);
        comune
            .write(move |tx| {
                let on = |day: Date| -> Result<(bool, bool)> {
                    let known = residences(tx, &[luca, sara])?;
                    Ok((known.on(luca, day), known.on(sara, day)))
                };
                let (before, moved) = (date(2026, 10, 31), date(2026, 11, 1));
                assert_eq!(on(before)?, (true, true));
                let register = Actor::System("import");
                record_residence(tx, &register, luca, (false, Some(moved)), morning())?;
                assert_eq!((on(before)?, on(moved)?), ((true, true), (false, true)));
                // Without a day: from today, the third of November.
                record_residence(tx, &register, luca, (true, None), morning())?;
                assert_eq!(on(date(2026, 11, 2))?, (false, true));
                assert_eq!(on(date(2026, 11, 3))?, (true, true));
                assert!(!residences(tx, &[])?.on(luca, moved));
                Ok(())
            })
            .unwrap();
    }
}
