//! Migrations by `user_version`, on a connection of their own. `schema.sql` equals their sum.

use std::path::Path;

use rusqlite::Connection;

use super::connect::{self, DATABASE_FILE};
use super::guard::Guard;
use crate::base::{Error, Result};

/// Each migration brings the database from its index to the next version.
const MIGRATIONS: &[&str] = &[
    include_str!("../../assets/migrations/0001_spine.sql"),
    include_str!("../../assets/migrations/0002_office.sql"),
    include_str!("../../assets/migrations/0003_changeover.sql"),
    include_str!("../../assets/migrations/0004_key_check.sql"),
    include_str!("../../assets/migrations/0005_day_prices.sql"),
    include_str!("../../assets/migrations/0006_feedback.sql"),
    include_str!("../../assets/migrations/0007_public_links.sql"),
    include_str!("../../assets/migrations/0008_crest.sql"),
    include_str!("../../assets/migrations/0009_isee.sql"),
    include_str!("../../assets/migrations/0010_refunds.sql"),
    include_str!("../../assets/migrations/0011_bills.sql"),
    include_str!("../../assets/migrations/0012_tariff_drafts.sql"),
    include_str!("../../assets/migrations/0013_reports.sql"),
    include_str!("../../assets/migrations/0014_accounts.sql"),
    include_str!("../../assets/migrations/0015_plans.sql"),
    include_str!("../../assets/migrations/0016_cash_desk.sql"),
    include_str!("../../assets/migrations/0017_late_isee.sql"),
    include_str!("../../assets/migrations/0018_prices_aside.sql"),
    include_str!("../../assets/migrations/0019_aid_and_residence.sql"),
    include_str!("../../assets/migrations/0020_bill_scopes.sql"),
    include_str!("../../assets/migrations/0021_family_accounts.sql"),
    include_str!("../../assets/migrations/0022_isee_papers.sql"),
    include_str!("../../assets/migrations/0023_bill_rhythm.sql"),
    include_str!("../../assets/migrations/0024_pagopa.sql"),
    include_str!("../../assets/migrations/0025_known_prices.sql"),
    include_str!("../../assets/migrations/0026_long_desk_work.sql"),
    include_str!("../../assets/migrations/0027_settlement.sql"),
    include_str!("../../assets/migrations/0028_suspensions.sql"),
    include_str!("../../assets/migrations/0029_partner.sql"),
    include_str!("../../assets/migrations/0030_positions.sql"),
    include_str!("../../assets/migrations/0031_notices.sql"),
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
    // A table that is made anew is gone for a moment: references are checked before the commit.
    connection.pragma_update(None, "foreign_keys", false)?;
    for (index, sql) in MIGRATIONS.iter().enumerate().skip(from) {
        let tx = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Exclusive)?;
        tx.execute_batch(sql)?;
        let version = i64::try_from(index + 1).map_err(Error::internal)?;
        tx.pragma_update(None, "user_version", version)?;
        if tx.prepare("pragma foreign_key_check")?.exists([])? {
            return Err(Error::Internal(format!(
                "migration {version} would leave references that lead nowhere: nothing was changed"
            )));
        }
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

/// The schema version of a database, whatever program it is of.
///
/// # Errors
/// The database's own failure.
pub fn version(connection: &Connection) -> Result<usize> {
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
    // A table that was renamed has its name in quotes.
    rows.map(|sql| {
        Ok(sql?
            .replace('"', "")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" "))
    })
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
    fn notices_and_what_refers_to_them_survive_a_table_that_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(DATABASE_FILE);
        let before = Connection::open(&file).unwrap();
        before.execute_batch(MIGRATIONS[0]).unwrap();
        before
            .execute_batch(
                "pragma foreign_keys = off; pragma user_version = 1;
                 insert into person (id, public_id, surname, name, search_name, created_at, updated_at)
                   values (1, '00000000000000000000000001', 'Rossi', 'Mara', 'rossi mara', 0, 0);
                 insert into account (id, public_id, kind) values (1, '00000000000000000000000002', 'opening');
                 insert into payment_notice values (7, '00000000000000000000000003', '302032002700000251',
                   1, 1, 500, 'x', null, 'open', 1, 2);
                 insert into cart values (1, '00000000000000000000000004', 1, 0, null);
                 insert into cart_notice values (1, 7);",
            )
            .unwrap();
        drop(before);
        migrate(folder.path()).unwrap();
        let after = Connection::open(&file).unwrap();
        let found: (String, String) = after
            .query_row(
                "select n.notice_number, n.origin from cart_notice c
                 join payment_notice n on n.id = c.notice_id",
                [],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .unwrap();
        assert_eq!(found, ("302032002700000251".to_owned(), String::new()));
        let touch = "update payment_notice set notice_number = '001340105455507221'";
        assert!(after.execute(touch, []).is_err());
        assert!(after.execute("delete from payment_notice", []).is_err());
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
