//! Schools and their classes.

use rusqlite::{Connection, OptionalExtension, Row, Transaction};
use serde::{Deserialize, Serialize};

use crate::base::{ClassId, PublicId, Result, SchoolId, SchoolYear};

/// The grade of a school.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// Asilo nido, 0 to 3 years.
    Nido,
    /// Scuola dell'infanzia, 3 to 6 years.
    Infanzia,
    /// Scuola primaria.
    Primaria,
    /// Scuola secondaria di primo grado.
    Secondaria,
}

impl Grade {
    /// As files and the database write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Grade::Nido => "nido",
            Grade::Infanzia => "infanzia",
            Grade::Primaria => "primaria",
            Grade::Secondaria => "secondaria",
        }
    }

    /// Out of a file or the database.
    pub fn parse(text: &str) -> Option<Grade> {
        let all = [
            Grade::Nido,
            Grade::Infanzia,
            Grade::Primaria,
            Grade::Secondaria,
        ];
        all.into_iter()
            .find(|grade| grade.as_str().eq_ignore_ascii_case(text.trim()))
    }
}

/// A school that is to be added.
pub struct NewSchool<'a> {
    /// The office's or the ministry's code.
    pub code: &'a str,
    /// Name.
    pub name: &'a str,
    /// Grade.
    pub grade: Grade,
    /// Address.
    pub address: &'a str,
}

/// A school.
#[derive(Clone, Debug, Serialize)]
pub struct SchoolRow {
    /// Inside.
    #[serde(skip)]
    pub id: SchoolId,
    /// Outside.
    pub public_id: PublicId,
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Grade.
    pub grade: String,
    /// Address.
    pub address: String,
}

/// A class of a school in a year.
#[derive(Clone, Debug, Serialize)]
pub struct SchoolClassRow {
    /// Inside.
    #[serde(skip)]
    pub id: ClassId,
    /// Outside.
    pub public_id: PublicId,
    /// `1A`.
    pub name: String,
    /// Its school.
    #[serde(skip)]
    pub school_id: SchoolId,
    /// Its school's name.
    pub school: String,
    /// Its school's grade.
    pub grade: String,
}

/// Adds a school, or changes the one with this code.
///
/// # Errors
/// The database's own failure.
pub fn add_school(tx: &Transaction<'_>, new: &NewSchool<'_>) -> Result<SchoolId> {
    let sql =
        "insert into school (public_id, code, name, grade, address) values (?1, ?2, ?3, ?4, ?5)
               on conflict (code) do update
               set name = excluded.name, grade = excluded.grade, address = excluded.address
               returning id";
    let values = (
        PublicId::random()?,
        new.code,
        new.name,
        new.grade.as_str(),
        new.address,
    );
    Ok(tx
        .prepare_cached(sql)?
        .query_row(values, |row| row.get(0))?)
}

/// Adds a class; one that is there already is found.
///
/// # Errors
/// The database's own failure.
pub fn add_class(
    tx: &Transaction<'_>,
    school: SchoolId,
    year: SchoolYear,
    name: &str,
) -> Result<ClassId> {
    let sql = "insert into school_class (public_id, school_id, year, name) values (?1, ?2, ?3, ?4)
               on conflict (school_id, year, name) do update set name = excluded.name
               returning id";
    Ok(tx
        .prepare_cached(sql)?
        .query_row((PublicId::random()?, school, year, name), |row| row.get(0))?)
}

/// The schools, by grade and name.
///
/// # Errors
/// The database's own failure.
pub fn schools(db: &Connection) -> Result<Vec<SchoolRow>> {
    let mut statement = db.prepare_cached(
        "select id, public_id, code, name, grade, address from school
         order by case grade when 'nido' then 0 when 'infanzia' then 1 when 'primaria' then 2 else 3 end, name",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(SchoolRow {
            id: row.get(0)?,
            public_id: row.get(1)?,
            code: row.get(2)?,
            name: row.get(3)?,
            grade: row.get(4)?,
            address: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The school with a code.
///
/// # Errors
/// The database's own failure.
pub fn school_by_code(db: &Connection, code: &str) -> Result<Option<SchoolId>> {
    let sql = "select id from school where code = ?1";
    Ok(db
        .prepare_cached(sql)?
        .query_row([code], |row| row.get(0))
        .optional()?)
}

fn class_row(row: &Row<'_>) -> rusqlite::Result<SchoolClassRow> {
    Ok(SchoolClassRow {
        id: row.get(0)?,
        public_id: row.get(1)?,
        name: row.get(2)?,
        school_id: row.get(3)?,
        school: row.get(4)?,
        grade: row.get(5)?,
    })
}

/// The classes of a school year, by school and name.
///
/// # Errors
/// The database's own failure.
pub fn classes_of_year(db: &Connection, year: SchoolYear) -> Result<Vec<SchoolClassRow>> {
    let mut statement = db.prepare_cached(
        "select c.id, c.public_id, c.name, s.id, s.name, s.grade
         from school s join school_class c on c.school_id = s.id
         where c.year = ?1 order by s.name, c.name",
    )?;
    let rows = statement.query_map([year], class_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A class by its public id.
///
/// # Errors
/// `NotFound`.
pub fn class_by_public_id(db: &Connection, id: &PublicId) -> Result<SchoolClassRow> {
    let sql = "select c.id, c.public_id, c.name, s.id, s.name, s.grade
               from school_class c join school s on s.id = c.school_id where c.public_id = ?1";
    Ok(db.prepare_cached(sql)?.query_row([id], class_row)?)
}

/// A class by its inner id.
///
/// # Errors
/// `NotFound`.
pub fn class(db: &Connection, id: ClassId) -> Result<SchoolClassRow> {
    let sql = "select c.id, c.public_id, c.name, s.id, s.name, s.grade
               from school_class c join school s on s.id = c.school_id where c.id = ?1";
    Ok(db.prepare_cached(sql)?.query_row([id], class_row)?)
}

/// The class with a name in a school and year.
///
/// # Errors
/// The database's own failure.
pub fn find_class(
    db: &Connection,
    school: SchoolId,
    year: SchoolYear,
    name: &str,
) -> Result<Option<ClassId>> {
    let sql = "select id from school_class where school_id = ?1 and year = ?2 and name = ?3";
    Ok(db
        .prepare_cached(sql)?
        .query_row((school, year, name), |row| row.get(0))
        .optional()?)
}
