//! `campanella backup` and `restore`.

use std::path::PathBuf;

use super::{Done, Place, output};
use crate::store;

/// Writes the whole comune into one file.
#[derive(clap::Args)]
pub struct BackupOptions {
    /// The new file
    file: PathBuf,
}

/// Puts a backup into an empty data folder.
#[derive(clap::Args)]
pub struct RestoreOptions {
    /// The backup
    file: PathBuf,
}

pub(super) fn backup(place: &Place, options: &BackupOptions) -> Done {
    let size = store::backup_into(&place.folder, &options.file)?;
    output::line(format!(
        "{}: {size} bytes, checked.",
        options.file.display()
    ));
    output::line(format!(
        "Keep a copy of {} as well, somewhere else.",
        place.key.display()
    ));
    Ok(())
}

pub(super) fn restore(place: &Place, options: &RestoreOptions) -> Done {
    store::restore_from(&options.file, &place.folder)?;
    let migrated = store::migrate(&place.folder)?;
    output::line(format!(
        "{} is restored (schema version {}).",
        place.folder.display(),
        migrated.to
    ));
    if !place.key.exists() {
        output::line(format!(
            "Put the key file back to {}: without it diets and certificates can't be read.",
            place.key.display()
        ));
    }
    Ok(())
}
