//! One [`App`] holds one comune's folder; there are no globals.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::base::{Clock, Error, Instant, Result};
use crate::catalogue::Catalogue;
use crate::config::Config;
use crate::store::{self, SealingKey, Store};

/// Rounds of work that serve everybody who waits: a crowd that asks at once makes two rounds, not
/// one each.
#[derive(Default)]
pub struct Rounds {
    begun: AtomicU64,
    /// The last round that ended well.
    ended: Mutex<u64>,
}

impl Rounds {
    /// Makes a round, unless one that began after this call has ended well meanwhile.
    ///
    /// # Errors
    /// The round's own.
    pub fn join(&self, round: impl FnOnce() -> Result<()>) -> Result<()> {
        let asked = self.begun.load(Ordering::SeqCst);
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        if *ended > asked {
            return Ok(());
        }
        let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        round()?;
        *ended = number;
        Ok(())
    }
}

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
    /// A fictional comune (invariant 13).
    pub demo: bool,
    /// The rounds with the payment platform.
    pub payment_rounds: Rounds,
    /// When a payment platform outside was asked for receipts, in milliseconds; later than now where
    /// it wants to be left alone until then.
    pub receipts_asked: AtomicI64,
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
            payment_rounds: Rounds::default(),
            receipts_asked: AtomicI64::new(0),
            store,
        })
    }

    /// This moment.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_shares_its_rounds() {
        let (rounds, made) = (Rounds::default(), AtomicU64::new(0));
        let barrier = std::sync::Barrier::new(40);
        std::thread::scope(|scope| {
            for _ in 0..40 {
                scope.spawn(|| {
                    barrier.wait();
                    let round = || {
                        made.fetch_add(1, Ordering::SeqCst);
                        std::thread::sleep(std::time::Duration::from_millis(200));
                        Ok(())
                    };
                    rounds.join(round).unwrap();
                });
            }
        });
        let made = made.into_inner();
        assert!((1..=3).contains(&made), "{made} rounds");
        let failed = rounds.join(|| Err(Error::Forbidden));
        assert!(failed.is_err(), "who asks later gets a round of their own");
    }
}
