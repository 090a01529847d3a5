//! How far an import is, told by the bytes that were read of its files.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::base::Error;

/// Hears how far an import is: bytes read, and of how many.
pub type Heard = Arc<dyn Fn(u64, u64) + Send + Sync>;

/// Adds up what is read of all files of an import.
#[derive(Clone)]
pub(super) struct Meter {
    read: Arc<AtomicU64>,
    total: Arc<AtomicU64>,
    heard: Heard,
}

impl Meter {
    pub(super) fn new(heard: &Heard) -> Meter {
        Meter {
            read: Arc::default(),
            total: Arc::default(),
            heard: Arc::clone(heard),
        }
    }

    /// Opens a file that belongs to the import.
    pub(super) fn open(&self, path: &Path) -> Result<Metered, Error> {
        let file = File::open(path).map_err(|e| Error::io(path, e))?;
        let size = file.metadata().map_err(|e| Error::io(path, e))?.len();
        self.total.fetch_add(size, Ordering::Relaxed);
        Ok(Metered {
            file,
            meter: self.clone(),
        })
    }
}

/// A file whose reading is heard of.
pub(super) struct Metered {
    file: File,
    meter: Meter,
}

impl Read for Metered {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        let meter = &self.meter;
        let read = meter.read.fetch_add(count as u64, Ordering::Relaxed) + count as u64;
        let total = meter.total.load(Ordering::Relaxed);
        // What a file begins with is read twice: once to tell its encoding.
        (meter.heard)(read.min(total), total);
        Ok(count)
    }
}

impl Seek for Metered {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}
