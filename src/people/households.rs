//! Households of the residents' register: they suggest who may be guardian of whom.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::persons::{Person, person};
use crate::base::{Actor, Date, Error, HouseholdId, Instant, PersonId, Result, today};

/// Somebody who lives in a household, as the register says.
pub struct NewHouseholdMember<'a> {
    /// The register's code of the household.
    pub registry_code: &'a str,
    /// Where it lives.
    pub address: &'a str,
    /// Who.
    pub person: PersonId,
    /// Intestatario scheda, coniuge, figlio …
    pub relation: &'a str,
    /// Since when.
    pub since: Option<Date>,
}

/// A child in the applicant's household.
pub struct HouseholdMember {
    /// The child.
    pub person: Person,
    /// The relation in the register.
    pub relation: String,
}

/// Records where somebody lives. Who lived in another household has left it on the day before, or
/// yesterday where nobody says since when.
///
/// # Errors
/// The database's own failure.
pub fn record_household_member(
    tx: &Transaction<'_>,
    new: &NewHouseholdMember<'_>,
    now: Instant,
) -> Result<()> {
    let household: HouseholdId = tx
        .prepare_cached(
            "insert into household (registry_code, address, imported_at) values (?1, ?2, ?3)
             on conflict (registry_code)
             do update set address = excluded.address, imported_at = excluded.imported_at
             returning id",
        )?
        .query_row((new.registry_code, new.address, now), |row| row.get(0))?;
    let since = new.since.unwrap_or_else(|| today(now));
    tx.prepare_cached(
        "insert into household_left (person_id, household_id, since, until)
         select person_id, household_id, since, ?3 from household_member
         where person_id = ?1 and household_id <> ?2 and coalesce(since, '') <= ?3",
    )?
    .execute((new.person, household, since.yesterday().unwrap_or(since)))?;
    tx.prepare_cached(
        "insert into household_member (person_id, household_id, relation, since)
         values (?1, ?2, ?3, ?4)
         on conflict (person_id) do update
         set household_id = excluded.household_id, relation = excluded.relation,
             since = coalesce(excluded.since, case
               when household_id = excluded.household_id then since else ?5 end)",
    )?
    .execute((new.person, household, new.relation, new.since, since))?;
    Ok(())
}

/// Who lives with each of some people on a day, as the residents' register says, themselves
/// included. Who is in no household of the register then is not in the map.
///
/// # Errors
/// The database's own failure.
pub fn household_mates(
    db: &Connection,
    people: &[PersonId],
    day: Date,
) -> Result<BTreeMap<PersonId, Vec<PersonId>>> {
    let sql = "with home as materialized (
                 select m.person_id, m.household_id from json_each(?1) j
                 cross join household_member m on m.person_id = j.value
                 where coalesce(m.since, '') <= ?2
                 union
                 select l.person_id, l.household_id from json_each(?1) j
                 cross join household_left l on l.person_id = j.value
                 where coalesce(l.since, '') <= ?2 and l.until >= ?2)
               select h.person_id, o.person_id from home h
               cross join household_member o on o.household_id = h.household_id
               where coalesce(o.since, '') <= ?2
               union
               select h.person_id, o.person_id from home h
               cross join household_left o on o.household_id = h.household_id
               where coalesce(o.since, '') <= ?2 and o.until >= ?2";
    let people = serde_json::to_string(people).map_err(Error::internal)?;
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map((people, day), |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut mates: BTreeMap<PersonId, Vec<PersonId>> = BTreeMap::new();
    for row in rows {
        let (person, mate) = row?;
        mates.entry(person).or_default().push(mate);
    }
    Ok(mates)
}

/// The minors who live in the actor's own household: what step 1 offers to choose from.
///
/// # Errors
/// The database's own failure.
pub fn children_in_household(
    db: &Connection,
    actor: &Actor,
    day: Date,
) -> Result<Vec<HouseholdMember>> {
    let Some(adult) = actor.person() else {
        return Ok(Vec::new());
    };
    let household: Option<HouseholdId> = db
        .prepare_cached("select household_id from household_member where person_id = ?1")?
        .query_row([adult], |row| row.get(0))
        .optional()?;
    let Some(household) = household else {
        return Ok(Vec::new());
    };
    let adults_were_born_by = day.saturating_sub(jiff::Span::new().years(18));
    let mut statement = db.prepare_cached(
        "select m.person_id, m.relation from household_member m join person p on p.id = m.person_id
         where m.household_id = ?1 and m.person_id <> ?2 and p.birth_date > ?3
         order by p.birth_date",
    )?;
    let rows = statement.query_map((household, adult, adults_were_born_by), |row| {
        Ok((row.get::<_, PersonId>(0)?, row.get::<_, String>(1)?))
    })?;
    rows.map(|row| {
        let (id, relation) = row?;
        Ok(HouseholdMember {
            person: person(db, id)?,
            relation,
        })
    })
    .collect()
}

/// Everybody of a person's household in the residents' register, with their relation; nobody when
/// the register doesn't know the person. For staff.
///
/// # Errors
/// The database's own failure.
pub fn household_of(db: &Connection, of: PersonId) -> Result<Vec<HouseholdMember>> {
    let mut statement = db.prepare_cached(
        "select m.person_id, m.relation
         from household_member own join household_member m on m.household_id = own.household_id
              join person p on p.id = m.person_id
         where own.person_id = ?1 order by p.birth_date, p.id",
    )?;
    let rows = statement.query_map([of], |row| {
        Ok((row.get::<_, PersonId>(0)?, row.get::<_, String>(1)?))
    })?;
    rows.map(|row| {
        let (id, relation) = row?;
        Ok(HouseholdMember {
            person: person(db, id)?,
            relation,
        })
    })
    .collect()
}
