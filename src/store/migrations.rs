//! Migrations by `user_version`, on a connection of their own. `schema.sql` equals their sum.

use std::path::Path;

use rusqlite::Connection;

use super::connect::{self, DATABASE_FILE};
use super::guard::Guard;
use crate::base::{Error, Result};

/// Each migration brings the database from its index to the next version.
const MIGRATIONS: &[&str] = &[
    include_str!("../../assets/migrations/0001_spine.sql"),
    include_str!("../../assets/migrations/0007_key_check.sql"),
];

/// The version that this program writes.
pub const SCHEMA_VERSION: usize = MIGRATIONS.len();

/// What [`migrate`] did.
#[derive(Debug, PartialEq, Eq)]
pub struct Migrated {
    /// The version that was found; 0 for a new file.
    pub from: usize,
    /// The version now.
    pub to: usize,
}

/// Makes the database of a folder, or brings it to this program's version. All or nothing.
///
/// # Errors
/// When the file is of a newer program, or the folder can't be written.
pub fn migrate(folder: &Path) -> Result<Migrated> {
    std::fs::create_dir_all(folder).map_err(|e| Error::beside(folder, e))?;
    let mut guard = Guard::enter(folder)?;
    let mut connection = connect::creator(&folder.join(DATABASE_FILE))?;
    guard.opened()?;
    let from = version(&connection)?;
    if from > SCHEMA_VERSION {
        return Err(newer(from));
    }
    for (index, sql) in MIGRATIONS.iter().enumerate().skip(from) {
        let tx = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Exclusive)?;
        tx.execute_batch(sql)?;
        let version = i64::try_from(index + 1).map_err(Error::internal)?;
        tx.pragma_update(None, "user_version", version)?;
        tx.commit()?;
    }
    guard.leave(&connection);
    Ok(Migrated {
        from,
        to: SCHEMA_VERSION,
    })
}

/// Refuses a database of another version than this program's.
pub(super) fn require_current(connection: &Connection) -> Result<()> {
    match version(connection)? {
        SCHEMA_VERSION => Ok(()),
        found if found > SCHEMA_VERSION => Err(newer(found)),
        found => Err(Error::Internal(format!(
            "the database has version {found}, this program needs {SCHEMA_VERSION}: \
             make a backup and run `campanella migrate`"
        ))),
    }
}

fn newer(found: usize) -> Error {
    Error::Internal(format!(
        "the database has version {found}, newer than this program's {SCHEMA_VERSION}: \
         run the newer program"
    ))
}

fn version(connection: &Connection) -> Result<usize> {
    let version: i64 = connection.query_row("pragma user_version", [], |row| row.get(0))?;
    usize::try_from(version).map_err(Error::internal)
}

/// The normalised text of every table, index and trigger, to compare two databases.
///
/// # Errors
/// The database's own failure.
pub fn schema_text(connection: &Connection) -> Result<Vec<String>> {
    let mut statement = connection.prepare(
        "select sql from sqlite_master where sql is not null and name not like 'sqlite_%' order by type, name",
    )?;
    let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
    rows.map(|sql| Ok(sql?.split_whitespace().collect::<Vec<_>>().join(" ")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schema_sql_is_the_sum_of_the_migrations() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(
            migrate(folder.path()).unwrap(),
            Migrated {
                from: 0,
                to: SCHEMA_VERSION
            }
        );
        assert_eq!(migrate(folder.path()).unwrap().from, SCHEMA_VERSION);
        let migrated = Connection::open(folder.path().join(DATABASE_FILE)).unwrap();
        let written = Connection::open_in_memory().unwrap();
        written
            .execute_batch(include_str!("../../schema.sql"))
            .unwrap();
        assert_eq!(
            schema_text(&migrated).unwrap(),
            schema_text(&written).unwrap()
        );
    }

    #[test]
    fn a_newer_database_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        migrate(folder.path()).unwrap();
        let connection = Connection::open(folder.path().join(DATABASE_FILE)).unwrap();
        connection.pragma_update(None, "user_version", 999).unwrap();
        let refused = migrate(folder.path()).unwrap_err().to_string();
        assert!(refused.contains("newer program"), "{refused}");
    }
}
