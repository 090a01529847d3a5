//! Backup and restore of the whole comune as one file.

use std::path::Path;

use rusqlite::Connection;

use super::connect::{self, DATABASE_FILE};
use super::migrations;
use crate::base::{Error, Result};

/// Writes a consistent copy of the database, taken while others go on working, and checks it.
/// Documents are inside the database, so the one file is everything but the sealing key.
///
/// # Errors
/// When the target exists, can't be written, or the copy fails its integrity check.
pub fn backup_into(folder: &Path, target: &Path) -> Result<u64> {
    if target.exists() {
        return Err(Error::Internal(format!(
            "{} exists: name a new file, a backup is never overwritten",
            target.display()
        )));
    }
    let source = connect::reader(&folder.join(DATABASE_FILE))?;
    let name = target
        .to_str()
        .ok_or_else(|| Error::Internal("the file name is not UTF-8".to_owned()))?;
    // A reader may not write the database, but `vacuum into` writes another file.
    source.pragma_update(None, "query_only", false)?;
    source.execute("vacuum into ?1", [name])?;
    let copy = Connection::open(target)?;
    verify(&copy)?;
    drop(copy);
    let file = std::fs::File::open(target).map_err(|e| Error::io(target, e))?;
    file.sync_all().map_err(|e| Error::io(target, e))?;
    Ok(file.metadata().map_err(|e| Error::io(target, e))?.len())
}

/// Puts a backup into a folder that has no database yet; the caller then migrates it if needed.
///
/// # Errors
/// When the folder holds a database, or the file is no sound backup of this or an older program.
pub fn restore_from(file: &Path, folder: &Path) -> Result<()> {
    let target = folder.join(DATABASE_FILE);
    if target.exists() {
        return Err(Error::Internal(format!(
            "{} holds a database already: restore into an empty folder",
            folder.display()
        )));
    }
    let source = connect::reader(file)?;
    verify(&source)?;
    drop(source);
    std::fs::create_dir_all(folder).map_err(|e| Error::io(folder, e))?;
    // Under another name first: a copy that is cut short must not pass for a database.
    let partial = folder.join("restoring.sqlite");
    std::fs::copy(file, &partial).map_err(|e| Error::io(&partial, e))?;
    let copied = std::fs::File::open(&partial).map_err(|e| Error::io(&partial, e))?;
    copied.sync_all().map_err(|e| Error::io(&partial, e))?;
    std::fs::rename(&partial, &target).map_err(|e| Error::io(&target, e))
}

fn verify(copy: &Connection) -> Result<()> {
    let unsound = |why: String| Error::Internal(format!("not a sound Campanella database: {why}"));
    let verdict: String = copy
        .query_row("pragma integrity_check(1)", [], |row| row.get(0))
        .map_err(|e| unsound(e.to_string()))?;
    if verdict != "ok" {
        return Err(unsound(verdict));
    }
    super::stamp(copy).map_err(|_| unsound("it has no stamp".to_owned()))?;
    let version: usize = copy
        .query_row("pragma user_version", [], |row| row.get::<_, i64>(0))?
        .try_into()
        .map_err(Error::internal)?;
    if version > migrations::SCHEMA_VERSION {
        return Err(unsound(format!("version {version} needs a newer program")));
    }
    Ok(())
}
