//! The only way from an adult to a child: a dated guardianship, with how it was verified
//! (invariant 7).

use rusqlite::{Connection, OptionalExtension, Transaction};

use crate::base::{Actor, Date, Error, Instant, PersonId, Result};

/// In what quality an adult answers for a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GuardianshipTitle {
    /// Genitore.
    Parent,
    /// Tutore.
    Guardian,
    /// Affidatario.
    Foster,
}

impl GuardianshipTitle {
    /// As it is stored and sent in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            GuardianshipTitle::Parent => "parent",
            GuardianshipTitle::Guardian => "guardian",
            GuardianshipTitle::Foster => "foster",
        }
    }

    /// Out of a form or the database.
    pub fn parse(text: &str) -> Option<GuardianshipTitle> {
        match text {
            "parent" => Some(GuardianshipTitle::Parent),
            "guardian" => Some(GuardianshipTitle::Guardian),
            "foster" => Some(GuardianshipTitle::Foster),
            _ => None,
        }
    }
}

/// A guardianship that is to be granted.
pub struct NewGuardianship {
    /// The adult.
    pub adult: PersonId,
    /// The child.
    pub child: PersonId,
    /// In what quality.
    pub title: GuardianshipTitle,
    /// `office` after a look at papers, or `registry`.
    pub verified_by: &'static str,
    /// From which day.
    pub from: Date,
}

/// A child of somebody.
pub struct Guardianship {
    /// The child.
    pub child: PersonId,
    /// In what quality.
    pub title: String,
}

/// Grants a guardianship, unless the adult has one of this child already; says whether it did.
///
/// # Errors
/// The database's own failure.
pub fn grant_guardianship(
    tx: &Transaction<'_>,
    new: &NewGuardianship,
    now: Instant,
) -> Result<bool> {
    if holds(tx, new.adult, new.child, new.from)? {
        return Ok(false);
    }
    tx.prepare_cached(
        "insert into guardianship (adult_id, child_id, title, verified_by, from_date, recorded_at)
         values (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute((
        new.adult,
        new.child,
        new.title.as_str(),
        new.verified_by,
        new.from,
        now,
    ))?;
    Ok(true)
}

/// The children of whom an actor is guardian on a day.
///
/// # Errors
/// The database's own failure.
pub fn children_of(db: &Connection, actor: &Actor, day: Date) -> Result<Vec<Guardianship>> {
    let Some(adult) = actor.person() else {
        return Ok(Vec::new());
    };
    let mut statement = db.prepare_cached(
        "select g.child_id, g.title from guardianship g join person c on c.id = g.child_id
         where g.adult_id = ?1 and g.from_date <= ?2 and coalesce(g.to_date, '9999-12-31') >= ?2
         order by c.birth_date, c.id",
    )?;
    let rows = statement.query_map((adult, day), |row| {
        Ok(Guardianship {
            child: row.get(0)?,
            title: row.get(1)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Who answers for whom, and how that is known: what the office's family sheet shows.
#[derive(Clone, Debug)]
pub struct Tie {
    /// The adult.
    pub adult: PersonId,
    /// The child.
    pub child: PersonId,
    /// In what quality.
    pub title: GuardianshipTitle,
    /// `office` or `registry`.
    pub verified_by: String,
    /// From which day.
    pub from: Date,
}

/// The guardianships of a day in which somebody is the adult or the child, the eldest child first:
/// for staff.
///
/// # Errors
/// The database's own failure.
pub fn ties_of(db: &Connection, person: PersonId, day: Date) -> Result<Vec<Tie>> {
    let mut statement = db.prepare_cached(
        "select g.adult_id, g.child_id, g.title, g.verified_by, g.from_date
         from guardianship g join person c on c.id = g.child_id
         where (g.adult_id = ?1 or g.child_id = ?1) and g.from_date <= ?2
           and coalesce(g.to_date, '9999-12-31') >= ?2
         order by c.birth_date, c.id, g.adult_id",
    )?;
    let mut rows = statement.query((person, day))?;
    let mut ties = Vec::new();
    while let Some(row) = rows.next()? {
        let title: String = row.get(2)?;
        ties.push(Tie {
            adult: row.get(0)?,
            child: row.get(1)?,
            title: GuardianshipTitle::parse(&title)
                .ok_or_else(|| Error::Internal(format!("no guardianship is called {title}")))?,
            verified_by: row.get(3)?,
            from: row.get(4)?,
        });
    }
    Ok(ties)
}

/// Refuses whoever is not guardian of the child on that day; the child's existence is not betrayed.
///
/// # Errors
/// `NotFound`.
pub fn require_guardian(db: &Connection, actor: &Actor, child: PersonId, day: Date) -> Result<()> {
    match actor.person() {
        Some(adult) if holds(db, adult, child, day)? => Ok(()),
        _ => Err(Error::NotFound),
    }
}

fn holds(db: &Connection, adult: PersonId, child: PersonId, day: Date) -> Result<bool> {
    let sql = "select 1 from guardianship where adult_id = ?1 and child_id = ?2
               and from_date <= ?3 and coalesce(to_date, '9999-12-31') >= ?3 limit 1";
    let found = db
        .prepare_cached(sql)?
        .query_row((adult, child, day), |_| Ok(()))
        .optional()?;
    Ok(found.is_some())
}
