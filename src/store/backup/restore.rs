//! A backup back into a folder.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::encryption::Keys;
use super::manifest::Manifest;
use super::{Partial, archive, require_known, require_same, sync_folder_of, unwritable};
use crate::base::{Error, Result, StorageFault};
use crate::store::connect::{self, DATABASE_FILE};

/// The database on its way; no program takes it for one.
const COMING: &str = "restoring";
const CONFIG: &str = "campanella.toml";

/// Puts a backup into an empty folder; the database gets its name when all of it is on disk and
/// verified. The caller then migrates it if needed.
///
/// # Errors
/// When the folder holds something, or the backup is damaged, of a newer program, or can't be
/// decrypted; then the folder is as it was.
pub fn restore_from(file: &Path, keys: &Keys, folder: &Path) -> Result<Manifest> {
    require_empty(folder)?;
    let made = MadeFolder::make(folder)?;
    let coming = Partial::create(folder.join(COMING))?;
    let full = |error| match error {
        Error::Storage(StorageFault::Full, _) => {
            coming.failed(std::io::ErrorKind::StorageFull.into())
        }
        other => other,
    };
    let accept = |file: &Path, manifest: &Manifest| require_known(file, manifest);
    let read = archive::unpack(file, keys, accept, &mut coming.file()).map_err(full)?;
    coming.sync()?;
    let connection = connect::reader(&coming.path)?;
    require_same(file, &connection, &read.manifest)?;
    drop(connection);
    let config = read.config.as_deref();
    let config = config
        .map(|bytes| Config::write(folder, bytes))
        .transpose()?;
    coming.publish(&folder.join(DATABASE_FILE))?;
    if let Some(config) = config {
        config.keep();
    }
    made.keep();
    Ok(read.manifest)
}

/// What a killed restore left behind counts as nothing.
fn require_empty(folder: &Path) -> Result<()> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(unwritable(folder, error)),
    };
    let left = folder.join(COMING).exists();
    for entry in entries {
        let name = entry.map_err(|e| Error::io(folder, e))?.file_name();
        let ours = name == COMING || (left && name == CONFIG);
        if !ours && name != "lost+found" {
            return Err(Error::Internal(format!(
                "{} is not empty ({} is there): restore into an empty or new folder, nothing was \
                 changed",
                folder.display(),
                name.to_string_lossy()
            )));
        }
    }
    Ok(())
}

/// A folder that goes again if nothing came into it.
struct MadeFolder(Option<PathBuf>);

impl MadeFolder {
    fn make(folder: &Path) -> Result<MadeFolder> {
        if folder.is_dir() {
            return Ok(MadeFolder(None));
        }
        std::fs::create_dir_all(folder).map_err(|e| unwritable(folder, e))?;
        sync_folder_of(folder)?;
        Ok(MadeFolder(Some(folder.to_owned())))
    }

    fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for MadeFolder {
    fn drop(&mut self) {
        if let Some(folder) = &self.0 {
            // Not empty is not ours.
            let _ = std::fs::remove_dir(folder);
        }
    }
}

/// The configuration, which goes again unless the database follows it.
struct Config(Option<PathBuf>);

impl Config {
    fn write(folder: &Path, bytes: &[u8]) -> Result<Config> {
        let path = folder.join(CONFIG);
        let config = Config(Some(path.clone()));
        let written = File::create(&path).and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        });
        written.map_err(|e| unwritable(&path, e))?;
        Ok(config)
    }

    fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Config {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            let _ = std::fs::remove_file(path);
        }
    }
}
