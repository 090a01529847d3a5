//! What a backup says of itself.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::sha256_of;
use crate::base::{Cents, Error, Instant, Result};
use crate::store::{DATABASE_FILE, migrations};

/// The version of the archive's make-up.
pub(super) const FORMAT: u32 = 1;

/// `manifest.json`: which program wrote the backup and when, and what must be found in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of the archive's make-up.
    pub format: u32,
    /// The program that wrote it.
    pub program: String,
    /// The schema version of the database.
    pub schema_version: usize,
    /// When the copy was taken, RFC 3339 in UTC.
    pub created_at: String,
    /// A fictional comune.
    pub demo: bool,
    /// The database inside.
    pub database: Member,
    /// What it holds.
    pub figures: Figures,
}

/// A file inside a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256 in hexadecimal digits.
    pub sha256: String,
}

/// How much is in a database: rows of every table, and the ledger's control totals in euros.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Rows by table.
    pub rows: BTreeMap<String, i64>,
    /// The sum of all ledger entries.
    pub posted: Cents,
    /// The balance of all accounts of a kind: `family` is what families have left (or owe).
    pub balances: BTreeMap<String, Cents>,
}

impl Manifest {
    /// Describes a copy of the database.
    pub(super) fn of(db: &Connection, file: &Path, now: Instant) -> Result<Manifest> {
        let source = std::fs::File::open(file).map_err(|e| Error::io(file, e))?;
        let bytes = source.metadata().map_err(|e| Error::io(file, e))?.len();
        Ok(Manifest {
            format: FORMAT,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            schema_version: migrations::version(db)?,
            created_at: now.to_string(),
            demo: crate::store::stamp(db)?.demo,
            database: Member {
                name: DATABASE_FILE.to_owned(),
                bytes,
                sha256: sha256_of(source).map_err(|e| Error::io(file, e))?,
            },
            figures: Figures::of(db)?,
        })
    }
}

impl Figures {
    /// Counts.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn of(db: &Connection) -> Result<Figures> {
        let mut tables = db.prepare(
            "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'",
        )?;
        let names = tables.query_map([], |row| row.get::<_, String>(0))?;
        let mut rows = BTreeMap::new();
        for name in names {
            let name = name?;
            let sql = format!(
                "/* backup */ select count(*) from \"{}\"",
                name.replace('"', "\"\"")
            );
            rows.insert(name, db.query_row(&sql, [], |row| row.get(0))?);
        }
        let posted = db.query_row(
            "/* backup */ select coalesce(sum(amount), 0) from ledger_entry",
            [],
            |row| row.get(0),
        )?;
        let mut kinds = db.prepare(
            "/* backup */ select a.kind, sum(e.amount) from (
               select credit_id as account_id, amount from ledger_entry
               union all select debit_id, -amount from ledger_entry) e
             join account a on a.id = e.account_id group by a.kind",
        )?;
        let balances = kinds
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        Ok(Figures {
            rows,
            posted,
            balances,
        })
    }
}
