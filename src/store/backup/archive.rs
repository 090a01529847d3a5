//! The archive itself: packing, and reading with every byte accounted for.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use super::encryption::Keys;
use super::manifest::Manifest;
use super::{Hashing, sha256_of};
use crate::base::{Error, Result};

const MANIFEST: &str = "manifest.json";
const CONFIG: &str = "campanella.toml";
const SUMS: &str = "SHA256SUMS";
/// What is read into memory is small.
const SMALL: u64 = 1 << 20;

/// Where packing failed: at the copy that is read, or at the file that is written.
pub(super) enum Fault {
    Source(std::io::Error),
    Other(std::io::Error),
}

/// Packs the manifest, the configuration and the database, and their hashes in the notation of
/// `sha256sum`.
pub(super) fn pack(
    out: impl Write,
    manifest: &Manifest,
    config: Option<&[u8]>,
    database: &Path,
) -> Result<(), Fault> {
    let mut tar = tar::Builder::new(out);
    let mut sums = String::new();
    let text = serde_json::to_vec_pretty(manifest).map_err(|e| Fault::Other(e.into()))?;
    let small = [
        Some((MANIFEST, text.as_slice())),
        config.map(|c| (CONFIG, c)),
    ];
    for (name, bytes) in small.into_iter().flatten() {
        let sum = sha256_of(bytes).map_err(Fault::Other)?;
        sums.push_str(&sum_line(&sum, name));
        append(&mut tar, name, bytes.len() as u64, bytes).map_err(Fault::Other)?;
    }
    let source = File::open(database).map_err(Fault::Source)?;
    let member = &manifest.database;
    sums.push_str(&sum_line(&member.sha256, &member.name));
    append(&mut tar, &member.name, member.bytes, source).map_err(Fault::Other)?;
    append(&mut tar, SUMS, sums.len() as u64, sums.as_bytes()).map_err(Fault::Other)?;
    tar.finish().map_err(Fault::Other)
}

fn sum_line(sum: &str, name: &str) -> String {
    format!("{sum}  {name}\n")
}

fn append<W: Write>(
    tar: &mut tar::Builder<W>,
    name: &str,
    size: u64,
    bytes: impl Read,
) -> std::io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_mode(0o600);
    header.set_size(size);
    tar.append_data(&mut header, name, bytes)
}

/// What was read of a backup.
pub(super) struct Unpacked {
    pub(super) manifest: Manifest,
    pub(super) config: Option<Vec<u8>>,
}

/// Reads a backup from end to end: the manifest goes to `accept`, which may refuse it before
/// anything is written, the database to `out`.
pub(super) fn unpack(
    file: &Path,
    keys: &Keys,
    accept: impl FnOnce(&Path, &Manifest) -> Result<()>,
    out: &mut dyn Write,
) -> Result<Unpacked> {
    let source = keys.open(file)?;
    let mut tar = tar::Archive::new(source);
    let mut accept = Some(accept);
    let (mut manifest, mut config, mut sums): (Option<Manifest>, _, _) =
        (None, None, String::new());
    let mut whole = false;
    for entry in tar.entries().map_err(|e| damaged(file, e))? {
        let mut entry = entry.map_err(|e| unreadable(file, manifest.is_some(), e))?;
        let size = entry.size();
        let name = entry.path().map_err(|e| damaged(file, e))?;
        let name = name.to_string_lossy().into_owned();
        match (name.as_str(), &manifest) {
            (MANIFEST, None) => {
                let bytes = small(file, &mut entry, size)?;
                let read: Manifest =
                    serde_json::from_slice(&bytes).map_err(|e| damaged(file, e.into()))?;
                if let Some(accept) = accept.take() {
                    accept(file, &read)?;
                }
                sums.push_str(&sum_line(&sum(&bytes, file)?, MANIFEST));
                manifest = Some(read);
            }
            (CONFIG, Some(_)) => {
                let bytes = small(file, &mut entry, size)?;
                sums.push_str(&sum_line(&sum(&bytes, file)?, CONFIG));
                config = Some(bytes);
            }
            (SUMS, Some(_)) => {
                let bytes = small(file, &mut entry, size)?;
                whole = bytes == sums.as_bytes();
            }
            (other, Some(read)) if other == read.database.name => {
                let found = copy(file, &mut entry, out)?;
                if found != read.database.sha256 || size != read.database.bytes {
                    return Err(damaged(file, "its database has another hash".into_error()));
                }
                sums.push_str(&sum_line(&found, other));
            }
            _ => return Err(not_a_backup(file)),
        }
    }
    // What comes after the last member belongs to the file too: age ends with its last chunk.
    copy(file, &mut tar.into_inner(), &mut std::io::sink())?;
    match manifest {
        None => Err(not_a_backup(file)),
        Some(_) if !whole => Err(damaged(file, "its end is missing".into_error())),
        Some(manifest) => Ok(Unpacked { manifest, config }),
    }
}

fn sum(bytes: &[u8], file: &Path) -> Result<String> {
    sha256_of(bytes).map_err(|e| Error::io(file, e))
}

fn small(file: &Path, source: &mut impl Read, size: u64) -> Result<Vec<u8>> {
    if size > SMALL {
        return Err(damaged(file, "a small member is large".into_error()));
    }
    let mut bytes = Vec::new();
    source
        .read_to_end(&mut bytes)
        .map_err(|e| damaged(file, e))?;
    Ok(bytes)
}

/// Copies and hashes; reading and writing fail with different sentences.
fn copy(file: &Path, source: &mut impl Read, out: &mut dyn Write) -> Result<String> {
    let mut hashing = Hashing::new(out);
    let mut buffer = vec![0; 1 << 16];
    let wrote = |e: std::io::Error| Error::beside(Path::new("the copy"), e);
    loop {
        let read = source.read(&mut buffer).map_err(|e| damaged(file, e))?;
        if read == 0 {
            return hashing.finish().map_err(wrote);
        }
        hashing.write_all(&buffer[..read]).map_err(wrote)?;
    }
}

trait IntoError {
    fn into_error(self) -> std::io::Error;
}

impl IntoError for &str {
    fn into_error(self) -> std::io::Error {
        std::io::Error::other(self)
    }
}

fn damaged(file: &Path, why: std::io::Error) -> Error {
    Error::Internal(format!(
        "{} is damaged or cut short ({why}): take another backup",
        file.display()
    ))
}

fn unreadable(file: &Path, begun: bool, why: std::io::Error) -> Error {
    if begun {
        damaged(file, why)
    } else {
        not_a_backup(file)
    }
}

fn not_a_backup(file: &Path) -> Error {
    let mut start = [0; 16];
    let read = File::open(file).and_then(|mut file| file.read_exact(&mut start));
    let path = file.display();
    Error::Internal(if read.is_ok() && &start == b"SQLite format 3\0" {
        format!(
            "{path} is a database, not a backup: put it into an empty data folder as {}, then run \
             `campanella check`",
            crate::store::DATABASE_FILE
        )
    } else {
        format!("{path} is not a backup of Campanella, or its beginning is damaged")
    })
}
