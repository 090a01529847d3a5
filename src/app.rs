//! One [`App`] holds one comune's folder; there are no globals.

use std::path::{Path, PathBuf};

use crate::base::{Clock, Error, Instant, Result};
use crate::catalogue::Catalogue;
use crate::config::Config;
use crate::store::{self, SealingKey, Store};

/// One comune: its folder, its database, its key, its clock.
pub struct App {
    /// The data folder.
    pub folder: PathBuf,
    /// The database.
    pub store: Store,
    /// The key of sealed data; it is not in the folder.
    pub key: SealingKey,
    /// Where "now" comes from.
    pub clock: Clock,
    /// How the installation is reached.
    pub config: Config,
    /// Every sentence.
    pub catalogue: Catalogue,
    /// A fictional comune (DESIGN 6.13).
    pub demo: bool,
}

/// The key file of a data folder: beside it, never inside, so that a copy of the folder alone does
/// not open sealed data.
pub fn key_file(folder: &Path) -> PathBuf {
    let mut name = folder.as_os_str().to_owned();
    name.push(".key");
    PathBuf::from(name)
}

impl App {
    /// Opens a folder that `init` or `demo` made.
    ///
    /// # Errors
    /// When the folder, its key or its configuration can't be used; the sentence says what to do.
    pub fn open(folder: &Path, key_file: &Path) -> Result<App> {
        if !folder.join(store::DATABASE_FILE).exists() {
            return Err(Error::Internal(format!(
                "{} holds no Campanella database: run `campanella init` or name the folder with --data",
                folder.display()
            )));
        }
        let store = Store::open(folder)?;
        let stamp = store.read(store::stamp)?;
        let key = SealingKey::load(key_file)?;
        store::require_key(&store, &key, key_file)?;
        Ok(App {
            folder: folder.to_owned(),
            key,
            clock: Clock::System,
            config: Config::load(folder)?,
            catalogue: Catalogue::load()?,
            demo: stamp.demo,
            store,
        })
    }

    /// This moment.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }
}
