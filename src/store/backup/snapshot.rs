//! A consistent copy of the database, taken while others go on working.

use std::fs::File;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::Partial;
use crate::base::{Error, Result, StorageFault};
use crate::store::connect::{self, DATABASE_FILE};

/// The name of the readable copy while a backup is made or verified; a killed process leaves it
/// behind and the next one takes it over.
const COPY: &str = "campanella.copy";

/// A place for a readable copy, for its owner alone, as long as it is needed.
pub(super) struct Scratch(Partial);

impl Scratch {
    pub(super) fn take(folder: &Path) -> Result<Scratch> {
        Partial::create(folder.join(COPY)).map(Scratch)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0.path
    }

    pub(super) fn file(&self) -> &File {
        self.0.file()
    }

    /// A disk without room for the copy names the copy.
    pub(super) fn explain(&self, error: Error) -> Error {
        match error {
            Error::Storage(StorageFault::Full, _) => {
                self.0.failed(std::io::ErrorKind::StorageFull.into())
            }
            other => other,
        }
    }
}

/// A copy of a folder's database as it was at one moment.
pub struct Snapshot {
    // Closed before its file goes.
    connection: Connection,
    scratch: Scratch,
}

impl Snapshot {
    /// Takes it into a folder with room for it.
    ///
    /// # Errors
    /// When it can't be written, another backup is under way, or the database is damaged.
    pub fn take(folder: &Path, scratch: &Path) -> Result<Snapshot> {
        let source = connect::reader(&folder.join(DATABASE_FILE))?;
        let scratch = Scratch::take(scratch)?;
        let name = scratch.path().to_str();
        let name = name.ok_or_else(|| Error::Internal("the file name is not UTF-8".to_owned()))?;
        // A reader may not write the database, but `vacuum into` writes another file.
        source.pragma_update(None, "query_only", false)?;
        let copied = source.execute("vacuum into ?1", [name]);
        copied.map_err(|error| scratch.explain(error.into()))?;
        let connection = connect::reader(scratch.path())?;
        let verdict: String =
            connection.query_row("pragma integrity_check(1)", [], |row| row.get(0))?;
        if verdict != "ok" {
            return Err(Error::Storage(StorageFault::Damaged, verdict));
        }
        Ok(Snapshot {
            connection,
            scratch,
        })
    }

    /// The copy, for looking at it.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The copy's file.
    pub(super) fn path(&self) -> &Path {
        self.scratch.path()
    }
}

/// Where a readable copy lies when nobody names a place: where the database itself does, else in
/// the system's folder for such things.
pub fn scratch_for(folder: &Path) -> PathBuf {
    if folder.is_dir() {
        folder.to_owned()
    } else {
        std::env::temp_dir()
    }
}
