//! The one SQLite file of a comune: one writer, many readers, migrations, sealing, audit, outbox.
//!
//! Slices get a [`rusqlite::Connection`] or [`rusqlite::Transaction`] and write plain SQL; they
//! never open a connection of their own.

mod audit;
mod backup;
mod connect;
mod counters;
mod guard;
mod migrations;
mod outbox;
mod readers;
mod requests;
mod sealing;
mod writer;

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, Transaction};

use crate::base::{Error, Instant, Result};

pub use audit::{AuditEvent, AuditFault, AuditTrace, audit, audit_trail, verify_audit_chain};
pub use backup::{
    BackupOrder, Encryption, Figures, Keys, LAST_BACKUP, Manifest, Snapshot, Written, restore_from,
    schema_version_of, scratch_for, verify_backup, write_backup,
};
pub use connect::DATABASE_FILE;
#[cfg(debug_assertions)]
pub use connect::RECORD_SQL;
pub use counters::{mark, next_number, raise_number, set_mark, upcoming_number};
pub use guard::{Serving, require_log, take_folder};
pub use migrations::{
    Migrated, SCHEMA_VERSION, migrate, schema_text, version as schema_version_in,
};
pub use outbox::{
    OutboxFailure, OutboxFault, OutboxRow, OutboxStuck, outbox_buried, outbox_done, outbox_due,
    outbox_failed, outbox_failures, outbox_open, outbox_postponed, outbox_push, outbox_revived,
    outbox_stuck, outbox_stuck_count, outbox_take,
};
pub use requests::{answered_before, forget_old_requests, remember_answer};
pub use sealing::{SealingKey, random_bytes};
pub use writer::Urgency;

use guard::Guard;
use readers::Readers;
use writer::Writer;

/// The open database of one comune.
pub struct Store {
    path: PathBuf,
    writer: Writer,
    readers: Readers,
}

impl Store {
    /// Opens the database of a data folder that was made by [`migrate`] before.
    ///
    /// # Errors
    /// When the file is missing, is of another schema version, or can't be opened.
    pub fn open(folder: &Path) -> Result<Store> {
        let path = folder.join(DATABASE_FILE);
        let mut guard = Guard::enter(folder)?;
        let connection = connect::writer(&path)?;
        migrations::require_current(&connection)?;
        guard.opened()?;
        Ok(Store {
            readers: Readers::new(&path),
            writer: Writer::start(connection, guard)?,
            path,
        })
    }

    /// The database file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Runs a closure on a read-only connection, on one snapshot of the data.
    ///
    /// # Errors
    /// What the closure returns, or the database's own failure.
    pub fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.readers.with(work)
    }

    /// Runs a closure in a write transaction; what it returns is on disk when this returns.
    ///
    /// Interactive work goes before the steps of jobs; closures that wait together are committed
    /// together. An error rolls back this closure alone.
    ///
    /// # Errors
    /// What the closure returns, or the database's own failure.
    pub fn write<T: Send + 'static>(
        &self,
        urgency: Urgency,
        work: impl FnOnce(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.writer.run(urgency, work)
    }
}

/// Makes sure that a key is the one with which this folder's data are sealed; a folder that was
/// never opened with a key takes this one.
///
/// # Errors
/// When the folder's data are sealed with another key.
pub fn require_key(store: &Store, key: &SealingKey, file: &Path) -> Result<()> {
    const CONTEXT: &str = "key-check";
    let sealed: Option<Vec<u8>> = store.read(|db| {
        let sql = "select sealed from key_check where id = 1";
        Ok(db.query_row(sql, [], |row| row.get(0)).optional()?)
    })?;
    match sealed {
        Some(sealed) => key.open(CONTEXT, &sealed).map(|_| ()).map_err(|_| {
            Error::Internal(format!(
                "{} is not the key of this data folder: put the right key there, or name it with --key",
                file.display()
            ))
        }),
        None => {
            let sealed = key.seal(CONTEXT, CONTEXT.as_bytes())?;
            store.write(Urgency::Interactive, move |tx| {
                let sql = "insert into key_check (id, sealed) values (1, ?1) on conflict do nothing";
                tx.execute(sql, [sealed])?;
                Ok(())
            })
        }
    }
}

/// What a database says of itself.
pub struct Stamp {
    /// A fictional comune: the demo identity provider and the sandbox gateway exist only here.
    pub demo: bool,
    /// When the folder was made.
    pub created_at: Instant,
}

/// Reads the stamp.
///
/// # Errors
/// `NotFound` when the folder was never initialised.
pub fn stamp(db: &Connection) -> Result<Stamp> {
    let sql = "select demo, created_at from stamp where id = 1";
    Ok(db.query_row(sql, [], |row| {
        Ok(Stamp {
            demo: row.get(0)?,
            created_at: row.get(1)?,
        })
    })?)
}

/// Stamps a new database, once and for ever.
///
/// # Errors
/// When it is stamped already.
pub fn set_stamp(tx: &Transaction<'_>, demo: bool, now: Instant) -> Result<()> {
    let salt = random_bytes::<32>()?;
    tx.execute(
        "insert into stamp (id, demo, created_at, audit_salt) values (1, ?1, ?2, ?3)",
        (demo, now, salt),
    )
    .map_err(|error| match error {
        rusqlite::Error::SqliteFailure(..) => {
            Error::Internal("this data folder is initialised already".to_owned())
        }
        other => other.into(),
    })?;
    Ok(())
}
