//! Who is in the data folder: every process that has it open, and the one that serves it.
//!
//! A kill leaves the newest writes in the write-ahead log beside the database. Whoever takes that
//! log away takes acknowledged writes away, and SQLite would open the rest without a word. So the
//! folder says in `campanella.open` whether its log must be there.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;

use super::connect::DATABASE_FILE;
use crate::base::{Error, Result, StorageFault};

/// Locked (shared) by every process that has the database open; holds the database's identity as
/// long as the write-ahead log is needed.
const OPEN_FILE: &str = "campanella.open";
/// Locked by the process that serves the folder; holds its number.
const SERVING_FILE: &str = "campanella.serving";

/// A process that has the folder open.
pub(super) struct Guard {
    file: File,
    path: PathBuf,
    database: PathBuf,
    mark: String,
}

fn lock_file(folder: &Path, name: &str) -> Result<(File, PathBuf)> {
    let path = folder.join(name);
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    let file = options
        .open(&path)
        .map_err(|error| Error::beside(&path, error))?;
    Ok((file, path))
}

/// Another file under the same name (a restored backup) is not the database that was left open.
fn identity(database: &Path) -> Option<String> {
    let metadata = std::fs::metadata(database).ok()?;
    #[cfg(unix)]
    let inode = std::os::unix::fs::MetadataExt::ino(&metadata);
    #[cfg(not(unix))]
    let inode = u64::from(metadata.is_file());
    Some(inode.to_string())
}

impl Guard {
    /// Enters a folder, before its database is opened.
    ///
    /// # Errors
    /// `LogMissing` when the last process was killed and the log has gone since.
    pub(super) fn enter(folder: &Path) -> Result<Guard> {
        let (file, path) = lock_file(folder, OPEN_FILE)?;
        let mut guard = Guard {
            file,
            path,
            database: folder.join(DATABASE_FILE),
            mark: String::new(),
        };
        match guard.file.try_lock() {
            // Nobody else is in: whoever was here last has left, or was killed.
            Ok(()) => guard.require_log()?,
            Err(TryLockError::WouldBlock) => guard.check(guard.file.lock_shared())?,
            Err(TryLockError::Error(error)) => return Err(Error::beside(&guard.path, error)),
        }
        Ok(guard)
    }

    fn check<T>(&self, done: std::io::Result<T>) -> Result<T> {
        done.map_err(|error| Error::beside(&self.path, error))
    }

    fn require_log(&mut self) -> Result<()> {
        let mut mark = String::new();
        let read = self.file.read_to_string(&mut mark);
        self.check(read)?;
        let mut log = self.database.as_os_str().to_owned();
        log.push("-wal");
        let left_open = identity(&self.database).is_some_and(|id| id == mark.trim());
        if left_open && !Path::new(&log).exists() && !self.brought_home()? {
            let detail = format!("{}", Path::new(&log).display());
            return Err(Error::Storage(StorageFault::LogMissing, detail));
        }
        Ok(())
    }

    /// Whether the database was written after the last commit: another program (`sqlite3`) that
    /// opens it after a kill moves the log into it, and takes the log away rightly.
    fn brought_home(&self) -> Result<bool> {
        let database = std::fs::metadata(&self.database).and_then(|file| file.modified());
        let last_commit = self.file.metadata().and_then(|file| file.modified());
        Ok(self.check(database)? >= self.check(last_commit)?)
    }

    /// The database is open and has its log; others may come in.
    ///
    /// # Errors
    /// When the folder can't be written.
    pub(super) fn opened(&mut self) -> Result<()> {
        self.mark = identity(&self.database).unwrap_or_default();
        let written = self
            .file
            .set_len(0)
            .and_then(|()| self.write_mark())
            .and_then(|()| self.file.lock_shared());
        self.check(written)
    }

    fn write_mark(&mut self) -> std::io::Result<()> {
        self.file.rewind()?;
        self.file.write_all(self.mark.as_bytes())
    }

    /// Something was committed: the file's time says when.
    pub(super) fn committed(&mut self) {
        if let Err(error) = self.write_mark() {
            tracing::warn!(%error, "the folder does not say when it was last written");
        }
    }

    /// Leaves. The last one out brings the log home, so that the file alone is the whole comune, and
    /// says that the log is not needed any more.
    pub(super) fn leave(self, connection: &Connection) {
        // Who asks in vain has let go of the lock, so that of two who leave at once one is the last.
        if self.file.try_lock().is_err() {
            return;
        }
        // A checkpoint that waits for a reader keeps every writer out meanwhile, and a replicating
        // program always reads: whoever reads is not waited for.
        let impatient = connection.busy_timeout(Duration::ZERO);
        let home = connection.query_row("pragma wal_checkpoint(truncate)", [], |row| {
            let (busy, logged, copied): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok(busy == 0 || (logged >= 0 && logged == copied))
        });
        // What can't be brought home stays in the log, which then stays needed.
        if impatient.is_ok() && home == Ok(true) {
            let forgotten = self.file.set_len(0).and_then(|()| self.file.sync_all());
            if let Err(error) = forgotten {
                tracing::warn!(%error, "the folder still says that its log is needed");
            }
        }
    }
}

/// Makes sure that the newest writes are there, without opening the database.
///
/// # Errors
/// `LogMissing` when the last process was killed and the log has gone since.
pub fn require_log(folder: &Path) -> Result<()> {
    Guard::enter(folder).map(|_| ())
}

/// The one process that serves a folder; the lock ends with the process, however it ends.
pub struct Serving {
    _file: File,
}

/// Takes a folder for serving it (or for changing its schema): one process at a time.
///
/// # Errors
/// When another process serves it; the sentence names the process.
pub fn take_folder(folder: &Path) -> Result<Serving> {
    let (mut file, path) = lock_file(folder, SERVING_FILE)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            // Its number is a help, not a need.
            let _ = file.read_to_string(&mut holder);
            return Err(Error::Internal(format!(
                "{} is served already by process {}: stop that server first, or name another \
                 folder with --data",
                folder.display(),
                holder.trim()
            )));
        }
        Err(TryLockError::Error(error)) => return Err(Error::beside(&path, error)),
    }
    file.set_len(0)
        .and_then(|()| write!(file, "{}", std::process::id()))
        .map_err(|error| Error::beside(&path, error))?;
    Ok(Serving { _file: file })
}

#[cfg(test)]
mod tests {
    use super::super::{Store, migrate};
    use super::*;

    #[test]
    fn a_log_that_was_taken_away_is_missed() {
        let folder = tempfile::tempdir().unwrap();
        migrate(folder.path()).unwrap();
        drop(Store::open(folder.path()).unwrap());
        // Left in order: there is no log, and none is needed.
        let store = Store::open(folder.path()).unwrap();
        let (database, log) = (DATABASE_FILE, format!("{DATABASE_FILE}-wal"));
        assert!(folder.path().join(&log).exists());
        // What a kill leaves behind is a copy of the folder taken now, but with another inode.
        let killed = tempfile::tempdir().unwrap();
        for name in [database, &log, OPEN_FILE] {
            std::fs::copy(folder.path().join(name), killed.path().join(name)).unwrap();
        }
        drop(store);
        let inode = identity(&killed.path().join(database)).unwrap();
        std::fs::write(killed.path().join(OPEN_FILE), inode).unwrap();
        std::fs::rename(killed.path().join(&log), killed.path().join("away")).unwrap();
        let missed = Store::open(killed.path()).map(|_| ());
        assert!(
            matches!(missed, Err(Error::Storage(StorageFault::LogMissing, _))),
            "{missed:?}"
        );
        std::fs::rename(killed.path().join("away"), killed.path().join(&log)).unwrap();
        drop(Store::open(killed.path()).unwrap());
        drop(Store::open(killed.path()).unwrap());
    }

    #[test]
    fn a_reader_that_stays_keeps_nobody_from_leaving() {
        let folder = tempfile::tempdir().unwrap();
        migrate(folder.path()).unwrap();
        let store = Store::open(folder.path()).unwrap();
        let note = |store: &Store, name: &'static str| {
            let written = store.write(super::super::Urgency::Interactive, move |tx| {
                super::super::set_mark(tx, name, crate::base::Instant(1))
            });
            written.unwrap();
        };
        note(&store, "before");
        // Another program reads, as one that replicates does all the time.
        let reader = Connection::open(folder.path().join(DATABASE_FILE)).unwrap();
        reader
            .execute_batch("begin; select * from counter")
            .unwrap();
        note(&store, "after");
        #[expect(clippy::disallowed_methods, reason = "a stopwatch")]
        let begun = std::time::Instant::now();
        drop(store);
        assert!(begun.elapsed() < Duration::from_secs(2), "it waited");
        // The log could not come home: it is still needed, and there.
        assert!(
            !std::fs::read(folder.path().join(OPEN_FILE))
                .unwrap()
                .is_empty()
        );
        drop(reader);
        drop(Store::open(folder.path()).unwrap());
        assert!(
            std::fs::read(folder.path().join(OPEN_FILE))
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn one_process_serves_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let serving = take_folder(folder.path()).unwrap();
        let second = take_folder(folder.path()).map(|_| ()).unwrap_err();
        let sentence = second.to_string();
        let me = std::process::id().to_string();
        assert!(
            sentence.contains("served already") && sentence.contains(&me),
            "{sentence}"
        );
        drop(serving);
        take_folder(folder.path()).unwrap();
    }
}
