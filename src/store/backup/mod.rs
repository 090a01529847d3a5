//! Backup and restore of the whole comune as one file (docs/backup.md).
//!
//! A backup is a tar archive, so that it opens without Campanella too: `manifest.json`, the
//! configuration, the database with every document inside, and `SHA256SUMS` over all of them. It may
//! be encrypted with age. The sealing key is never in it.

mod archive;
mod encryption;
mod manifest;
mod restore;
mod snapshot;

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use sha2::{Digest, Sha256};

use super::connect;
use super::migrations::{self, SCHEMA_VERSION};
use crate::base::{Error, Instant, Result};

pub use encryption::{Encryption, Keys};
pub use manifest::{Figures, Manifest};
pub use restore::restore_from;
pub use snapshot::{Snapshot, scratch_for};

/// The mark of the last backup that was verified ([`super::mark`]).
pub const LAST_BACKUP: &str = "last-backup";

/// What a backup was written from, and how.
pub struct BackupOrder<'a> {
    /// The copy that was taken.
    pub snapshot: &'a Snapshot,
    /// `campanella.toml`, where there is one.
    pub config: Option<Vec<u8>>,
    /// The new file.
    pub target: &'a Path,
    /// Who can open it.
    pub encryption: &'a Encryption,
    /// When the copy was taken.
    pub now: Instant,
}

/// A backup that was written and read again.
pub struct Written {
    /// What it holds.
    pub manifest: Manifest,
    /// The size of the file.
    pub bytes: u64,
    /// The SHA-256 of the file as it lies there, in hexadecimal digits.
    pub sha256: String,
}

/// Writes a backup under another name, reads it again, and only then gives it its name; nothing that
/// is there is ever overwritten.
///
/// # Errors
/// When the target exists or can't be written, or what was read again differs.
pub fn write_backup(order: &BackupOrder<'_>) -> Result<Written> {
    refuse_existing(order.target)?;
    let manifest = Manifest::of(
        order.snapshot.connection(),
        order.snapshot.path(),
        order.now,
    )?;
    let partial = Partial::create(beside(order.target, ".partial"))?;
    let out = Hashing::new(BufWriter::new(partial.file()));
    let mut out = order.encryption.wrap(out).map_err(|e| partial.failed(e))?;
    archive::pack(
        &mut out,
        &manifest,
        order.config.as_deref(),
        order.snapshot.path(),
    )
    .map_err(|fault| match fault {
        archive::Fault::Source(error) => Error::beside(order.snapshot.path(), error),
        archive::Fault::Other(error) => partial.failed(error),
    })?;
    let sha256 = out
        .finish()
        .and_then(Hashing::finish)
        .map_err(|e| partial.failed(e))?;
    partial.sync()?;
    let bytes = read_again(&partial, order.encryption, &manifest, &sha256)?;
    partial.publish(order.target)?;
    Ok(Written {
        manifest,
        bytes,
        sha256,
    })
}

/// The file that was written is the file that lies there; where we can open it, its members too.
fn read_again(
    partial: &Partial,
    encryption: &Encryption,
    manifest: &Manifest,
    sha256: &str,
) -> Result<u64> {
    let differs = || {
        Error::Internal(format!(
            "{} is not what was written: the disk or the memory fails, look at `dmesg`",
            partial.path.display()
        ))
    };
    let mut hashing = Hashing::new(std::io::sink());
    let mut file = File::open(&partial.path).map_err(|e| partial.failed(e))?;
    let bytes = std::io::copy(&mut file, &mut hashing).map_err(|e| partial.failed(e))?;
    if hashing.finish().map_err(|e| partial.failed(e))? != sha256 {
        return Err(differs());
    }
    if let Some(keys) = encryption.keys() {
        let mut sink = std::io::sink();
        let read = archive::unpack(&partial.path, &keys, |_, _| Ok(()), &mut sink)?;
        if read.manifest != *manifest {
            return Err(differs());
        }
    }
    Ok(bytes)
}

/// Reads a backup from its first byte to its last, and its database with SQLite. The readable copy
/// lies in `scratch` as long as `look` is at it.
///
/// # Errors
/// When the file is damaged, cut short, of a newer program, or can't be decrypted.
pub fn verify_backup<T>(
    file: &Path,
    keys: &Keys,
    scratch: &Path,
    look: impl FnOnce(&Connection) -> Result<T>,
) -> Result<(Manifest, T)> {
    let copy = snapshot::Scratch::take(scratch)?;
    let mut out = copy.file();
    let read = archive::unpack(
        file,
        keys,
        |_, manifest| require_known(file, manifest),
        &mut out,
    )
    .map_err(|error| copy.explain(error))?;
    let connection = connect::reader(copy.path())?;
    require_same(file, &connection, &read.manifest)?;
    let seen = look(&connection)?;
    Ok((read.manifest, seen))
}

/// The figures of the manifest are those of the database, and SQLite finds it sound.
fn require_same(file: &Path, connection: &Connection, manifest: &Manifest) -> Result<()> {
    let unsound = |why: &str| {
        Error::Internal(format!(
            "{} is not a sound backup ({why}): take another one",
            file.display()
        ))
    };
    let verdict: String =
        connection.query_row("pragma integrity_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(unsound(&verdict));
    }
    super::stamp(connection).map_err(|_| unsound("its database was never initialised"))?;
    if Figures::of(connection)? != manifest.figures {
        return Err(unsound("its database has other figures than its manifest"));
    }
    Ok(())
}

/// Refuses a backup of a newer program, before anything of it is written.
fn require_known(file: &Path, manifest: &Manifest) -> Result<()> {
    if manifest.schema_version > SCHEMA_VERSION || manifest.format > manifest::FORMAT {
        return Err(Error::Internal(format!(
            "{} was written by Campanella {} (schema version {}), this is {} (schema version \
             {SCHEMA_VERSION}): install {} or newer and restore with that",
            file.display(),
            manifest.program,
            manifest.schema_version,
            env!("CARGO_PKG_VERSION"),
            manifest.program,
        )));
    }
    Ok(())
}

/// The schema version of a folder's database, whatever program it is of.
///
/// # Errors
/// When there is none, or it can't be read.
pub fn schema_version_of(folder: &Path) -> Result<usize> {
    migrations::version(&connect::reader(&folder.join(super::DATABASE_FILE))?)
}

fn refuse_existing(target: &Path) -> Result<()> {
    if target.exists() {
        return Err(Error::Internal(format!(
            "{} exists: name a new file, a backup is never overwritten",
            target.display()
        )));
    }
    Ok(())
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// A file that is being written: locked, for its owner alone, and gone again unless it is published.
struct Partial {
    path: PathBuf,
    lock: File,
}

impl Partial {
    /// Takes the name, also over what a killed process left there.
    fn create(path: PathBuf) -> Result<Partial> {
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let lock = options.open(&path).map_err(|e| unwritable(&path, e))?;
        if lock.try_lock().is_err() {
            return Err(Error::Internal(format!(
                "{} is being written by another process: wait for its end",
                path.display()
            )));
        }
        lock.set_len(0).map_err(|e| unwritable(&path, e))?;
        Ok(Partial { path, lock })
    }

    fn file(&self) -> &File {
        &self.lock
    }

    fn failed(&self, error: std::io::Error) -> Error {
        unwritable(&self.path, error)
    }

    fn sync(&self) -> Result<()> {
        self.lock.sync_all().map_err(|e| self.failed(e))
    }

    /// Gives it its name, which nobody has, and makes the name last.
    fn publish(&self, target: &Path) -> Result<()> {
        // A link fails where a rename would overwrite; disks without links get the rename.
        match std::fs::hard_link(&self.path, target) {
            Ok(()) => {}
            Err(_) => {
                refuse_existing(target)?;
                std::fs::rename(&self.path, target).map_err(|e| self.failed(e))?;
            }
        }
        let _ = std::fs::remove_file(&self.path);
        sync_folder_of(target)
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // Published or failed: under this name there is nothing to keep.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// A name lasts when its folder is on disk.
fn sync_folder_of(path: &Path) -> Result<()> {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let folder = parent.unwrap_or(Path::new("."));
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|e| unwritable(folder, e))
}

/// A file outside the data folder that can't be written: what the administrator does about it.
fn unwritable(path: &Path, error: std::io::Error) -> Error {
    use std::io::ErrorKind;
    let path = path.display();
    Error::Internal(match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            format!("{path}: the disk is full, nothing was kept: make room or name another place")
        }
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => format!(
            "{path} can't be written ({error}): check the folder's owner and that its disk is not \
             mounted read-only"
        ),
        ErrorKind::NotFound => {
            format!("{path} can't be written: its folder does not exist, make it first")
        }
        _ => format!("{path}: {error}"),
    })
}

/// Hashes what goes through.
struct Hashing<W> {
    inner: W,
    sha: Sha256,
}

impl<W: Write> Hashing<W> {
    fn new(inner: W) -> Hashing<W> {
        Hashing {
            inner,
            sha: Sha256::new(),
        }
    }

    fn finish(mut self) -> std::io::Result<String> {
        self.inner.flush()?;
        Ok(hex(&self.sha.finalize()))
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.sha.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

fn sha256_of(mut source: impl Read) -> std::io::Result<String> {
    let mut hashing = Hashing::new(std::io::sink());
    std::io::copy(&mut source, &mut hashing)?;
    hashing.finish()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
