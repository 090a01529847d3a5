//! Persons: parents, children, payers.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, Transaction};
use serde::Serialize;

use super::residence::record_residence;
use super::search::search_name;
use super::{FiscalCode, Sex};
use crate::base::{Actor, Date, Error, Instant, PersonId, PublicId, Result, Text, today};

/// A person, as pages show one.
#[derive(Clone, Debug, Serialize)]
pub struct Person {
    /// Inside.
    #[serde(skip)]
    pub id: PersonId,
    /// Outside.
    pub public_id: PublicId,
    /// The current fiscal code.
    pub fiscal_code: FiscalCode,
    /// Surname.
    pub surname: String,
    /// Given name.
    pub name: String,
    /// Sex, as the registry writes it.
    pub sex: Option<Sex>,
    /// Birth.
    pub birth_date: Option<Date>,
    /// Place of birth, as written.
    pub birth_place: Option<String>,
    /// Street and number.
    pub address: Option<String>,
    /// Postal code (CAP).
    pub postal_code: Option<String>,
    /// Town.
    pub town: Option<String>,
    /// Resident in the comune, says the residents' register.
    pub resident: bool,
    /// Phone.
    pub phone: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// Changes with each change: two tabs don't overwrite each other silently.
    pub revision: i64,
}

pub(super) const COLUMNS: &str =
    "p.id, p.public_id, l.fiscal_code, p.surname, p.name, p.sex, p.birth_date,
    p.birth_place, p.address, p.postal_code, p.town, p.resident, p.phone, p.email, p.revision";

impl Person {
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Person> {
        Ok(Person {
            id: row.get(0)?,
            public_id: row.get(1)?,
            fiscal_code: row.get(2)?,
            surname: row.get(3)?,
            name: row.get(4)?,
            sex: row.get(5)?,
            birth_date: row.get(6)?,
            birth_place: row.get(7)?,
            address: row.get(8)?,
            postal_code: row.get(9)?,
            town: row.get(10)?,
            resident: row.get(11)?,
            phone: row.get(12)?,
            email: row.get(13)?,
            revision: row.get(14)?,
        })
    }

    /// Surname and name.
    pub fn full_name(&self) -> String {
        format!("{} {}", self.surname, self.name)
    }

    /// What an applicant still has to fill in before an application can start: field names of
    /// "I miei dati".
    pub fn missing(&self) -> Vec<&'static str> {
        let fields = [
            ("birth_date", self.birth_date.is_none()),
            ("birth_place", self.birth_place.is_none()),
            ("address", self.address.is_none()),
            ("postal_code", self.postal_code.is_none()),
            ("town", self.town.is_none()),
            ("phone", self.phone.is_none()),
            ("email", self.email.is_none()),
        ];
        fields
            .iter()
            .filter(|(_, missing)| *missing)
            .map(|(field, _)| *field)
            .collect()
    }
}

/// A person who is to be registered.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// Fiscal code.
    pub fiscal_code: FiscalCode,
    /// Surname.
    pub surname: String,
    /// Given name.
    pub name: String,
    /// Sex.
    pub sex: Option<Sex>,
    /// Birth.
    pub birth_date: Option<Date>,
    /// Place of birth.
    pub birth_place: Option<String>,
    /// Street and number.
    pub address: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Town.
    pub town: Option<String>,
    /// In the residents' register.
    pub resident: bool,
    /// Phone.
    pub phone: Option<String>,
    /// E-mail.
    pub email: Option<String>,
}

impl NewPerson {
    /// Somebody of whom only an identity is known; sex and birth are read out of the fiscal code.
    pub fn of(fiscal_code: &FiscalCode, surname: &str, name: &str, now: Instant) -> NewPerson {
        let birth_date = fiscal_code.birth_date(today(now));
        let place = fiscal_code
            .birth_place_code()
            .and_then(|code| super::lookup(code, birth_date.unwrap_or_else(|| today(now))));
        NewPerson {
            fiscal_code: fiscal_code.clone(),
            surname: surname.to_owned(),
            name: name.to_owned(),
            sex: fiscal_code.sex(),
            birth_date,
            birth_place: place.map(|place| place.name.to_owned()),
            address: None,
            postal_code: None,
            town: None,
            resident: false,
            phone: None,
            email: None,
        }
    }
}

/// Registers a person with their fiscal code.
///
/// # Errors
/// When the fiscal code belongs to somebody else already.
pub fn add_person(tx: &Transaction<'_>, new: &NewPerson, now: Instant) -> Result<PersonId> {
    if find_by_fiscal_code(tx, &new.fiscal_code)?.is_some() {
        return Err(Error::field(
            "fiscal_code",
            Text::new("error-fiscal-code-known"),
        ));
    }
    tx.prepare_cached(
        "insert into person (public_id, surname, name, sex, birth_date, birth_place, address,
                             postal_code, town, resident, phone, email, search_name,
                             created_at, updated_at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?14)",
    )?
    .execute((
        PublicId::random()?,
        new.surname.trim(),
        new.name.trim(),
        new.sex,
        new.birth_date,
        &new.birth_place,
        &new.address,
        &new.postal_code,
        &new.town,
        new.resident,
        &new.phone,
        &new.email,
        search_name(&format!("{} {}", new.surname, new.name)),
        now,
    ))?;
    let id = PersonId(tx.last_insert_rowid());
    // Not by a trigger: SQLite then looks for the new id in every table that refers to a person.
    tx.prepare_cached(
        "insert into person_search (rowid, search_name) select id, search_name from person where id = ?1",
    )?
    .execute([id])?;
    tx.prepare_cached(
        "insert into identity_link (fiscal_code, person_id, current, created_at) values (?1, ?2, 1, ?3)",
    )?
    .execute((&new.fiscal_code, id, now))?;
    Ok(id)
}

/// The person of a fiscal code, also of one that is not current any more.
///
/// # Errors
/// The database's own failure.
pub fn find_by_fiscal_code(db: &Connection, code: &FiscalCode) -> Result<Option<PersonId>> {
    let sql = "select person_id from identity_link where fiscal_code = ?1";
    Ok(db
        .prepare_cached(sql)?
        .query_row([code], |row| row.get(0))
        .optional()?)
}

/// The person of a fiscal code, registered now if nobody has it.
///
/// # Errors
/// The database's own failure.
pub fn find_or_add(tx: &Transaction<'_>, new: &NewPerson, now: Instant) -> Result<PersonId> {
    match find_by_fiscal_code(tx, &new.fiscal_code)? {
        Some(id) => Ok(id),
        None => add_person(tx, new, now),
    }
}

/// A person by their inner id. Who may see them is decided by who hands the id out.
///
/// # Errors
/// `NotFound`.
pub fn person(db: &Connection, id: PersonId) -> Result<Person> {
    let sql = format!(
        "select {COLUMNS} from person p join identity_link l on l.person_id = p.id and l.current = 1
         where p.id = ?1"
    );
    Ok(db.prepare_cached(&sql)?.query_row([id], Person::read)?)
}

/// The birth dates of some people; who has none recorded is not in the map.
///
/// # Errors
/// The database's own failure.
pub fn birth_dates(db: &Connection, people: &[PersonId]) -> Result<BTreeMap<PersonId, Date>> {
    let sql = "select id, birth_date from person
               where birth_date is not null and id in (select value from json_each(?1))";
    let people = serde_json::to_string(people).map_err(Error::internal)?;
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map([people], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Surname and name of some people.
///
/// # Errors
/// The database's own failure.
pub fn full_names(db: &Connection, people: &[PersonId]) -> Result<BTreeMap<PersonId, String>> {
    let sql = "select id, surname || ' ' || name from person
               where id in (select value from json_each(?1))";
    let people = serde_json::to_string(people).map_err(Error::internal)?;
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map([people], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A person by their public id: for staff only.
///
/// # Errors
/// `NotFound`.
pub fn person_by_public_id(db: &Connection, id: &PublicId) -> Result<Person> {
    let sql = format!(
        "select {COLUMNS} from person p join identity_link l on l.person_id = p.id and l.current = 1
         where p.public_id = ?1"
    );
    Ok(db.prepare_cached(&sql)?.query_row([id], Person::read)?)
}

/// Takes over what the residents' register says of a person it knows already: name, birth,
/// residence (from a day on, where it changes; without a day from today). Phone and e-mail are the
/// family's own and stay. Says whether anything changed.
///
/// # Errors
/// The database's own failure.
pub fn update_from_register(
    tx: &Transaction<'_>,
    id: PersonId,
    (new, since): (&NewPerson, Option<Date>),
    now: Instant,
) -> Result<bool> {
    let moves = person(tx, id)?.resident != new.resident;
    if moves {
        let register = Actor::System("residents");
        record_residence(tx, &register, id, (new.resident, since), now)?;
    }
    let rows = tx
        .prepare_cached(
            "update person set surname = ?2, name = ?3, sex = ?4, birth_date = ?5, birth_place = ?6,
                    address = ?7, postal_code = ?8, town = ?9, resident = ?10, search_name = ?11,
                    updated_at = ?12, revision = revision + 1
             where id = ?1 and (surname, name, sex, birth_date, birth_place, address, postal_code,
                                town, resident)
                           is not (?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute((
            id,
            new.surname.trim(),
            new.name.trim(),
            new.sex,
            new.birth_date,
            &new.birth_place,
            &new.address,
            &new.postal_code,
            &new.town,
            new.resident,
            search_name(&format!("{} {}", new.surname, new.name)),
            now,
        ))?;
    Ok(rows > 0 || moves)
}

/// Saves what a person may change of themselves in "I miei dati".
///
/// # Errors
/// A conflict when somebody changed the person since `revision` was read.
pub fn update_contacts(tx: &Transaction<'_>, changed: &Person, now: Instant) -> Result<()> {
    let rows = tx
        .prepare_cached(
            "update person set birth_date = ?3, birth_place = ?4, address = ?5, postal_code = ?6,
                    town = ?7, phone = ?8, email = ?9, updated_at = ?10, revision = revision + 1
             where id = ?1 and revision = ?2",
        )?
        .execute((
            changed.id,
            changed.revision,
            changed.birth_date,
            &changed.birth_place,
            &changed.address,
            &changed.postal_code,
            &changed.town,
            &changed.phone,
            &changed.email,
            now,
        ))?;
    match rows {
        1 => Ok(()),
        _ => Err(Error::conflict(Text::new("error-changed-elsewhere"))),
    }
}
