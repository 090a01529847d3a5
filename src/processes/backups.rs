//! A backup of a folder, whatever state it is in: the copy, the invariants in it, the file, the mark.

use std::path::Path;

use crate::base::{Error, Instant, Result};
use crate::config::CONFIG_FILE;
use crate::processes::checks::{self, Finding};
use crate::store::{
    self, BackupOrder, DATABASE_FILE, Encryption, Keys, Manifest, SCHEMA_VERSION, SealingKey,
    Snapshot, Store, Urgency, Written,
};

/// What is to be backed up, and where to.
pub struct Order<'a> {
    /// The data folder.
    pub folder: &'a Path,
    /// The key of sealed data: it opens certificates for a look, and is not in the backup. A folder
    /// whose key is lost is backed up all the same.
    pub key: Option<&'a SealingKey>,
    /// Where the readable copy lies meanwhile.
    pub scratch: &'a Path,
    /// The new file.
    pub target: &'a Path,
    /// Who can open it.
    pub encryption: &'a Encryption,
    /// This moment.
    pub now: Instant,
}

/// A backup that was made.
pub struct Made {
    /// The file.
    pub written: Written,
    /// The invariants that do not hold in it: it is kept, and is no good backup.
    pub wrong: Vec<Finding>,
    /// Why the folder could not note down that it has a good backup; the file is good all the same.
    pub unmarked: Option<Error>,
}

/// Makes a backup while others go on working. The database of an older program is taken as it is.
///
/// # Errors
/// When the copy or the file can't be written, the database is damaged, or its log is missing.
pub fn backup(order: &Order<'_>) -> Result<Made> {
    if !order.folder.join(DATABASE_FILE).exists() {
        return Err(Error::Internal(format!(
            "{} holds no Campanella database: name the folder with --data",
            order.folder.display()
        )));
    }
    let version = store::schema_version_of(order.folder)?;
    if version > SCHEMA_VERSION {
        return Err(Error::Internal(format!(
            "the database has version {version}, newer than this program's {SCHEMA_VERSION}: back it \
             up with the newer program"
        )));
    }
    // Held open, so that nobody takes the log away meanwhile; an older one this program can't open.
    let open = match version {
        SCHEMA_VERSION => Some(Store::open(order.folder)?),
        _ => {
            store::require_log(order.folder)?;
            None
        }
    };
    let snapshot = Snapshot::take(order.folder, order.scratch)?;
    let wrong = wrong_in(version, snapshot.connection(), order.key)?;
    let config = order.folder.join(CONFIG_FILE);
    let config = match std::fs::read(&config) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(Error::io(&config, error)),
    };
    let written = store::write_backup(&BackupOrder {
        snapshot: &snapshot,
        config,
        target: order.target,
        encryption: order.encryption,
        now: order.now,
    })?;
    let now = order.now;
    let unmarked = match open {
        Some(store) if wrong.is_empty() => store
            .write(Urgency::Background, move |tx| {
                store::set_mark(tx, store::LAST_BACKUP, now)
            })
            .err(),
        _ => None,
    };
    Ok(Made {
        written,
        wrong,
        unmarked,
    })
}

/// Reads a backup and looks for the invariants in it.
///
/// # Errors
/// When the file is damaged, of a newer program, or can't be decrypted.
pub fn verify(file: &Path, keys: &Keys, scratch: &Path) -> Result<(Manifest, Vec<Finding>)> {
    store::verify_backup(file, keys, scratch, |db| {
        wrong_in(store::schema_version_in(db)?, db, None)
    })
}

/// What is wrong; a database of an older program is not judged by this one's rules.
fn wrong_in(
    version: usize,
    db: &rusqlite::Connection,
    key: Option<&SealingKey>,
) -> Result<Vec<Finding>> {
    if version != SCHEMA_VERSION {
        return Ok(Vec::new());
    }
    let mut findings = checks::check_database(db, key)?;
    findings.retain(|finding| !finding.ok);
    Ok(findings)
}
