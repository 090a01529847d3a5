//! A small pool of read-only connections.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;

use super::connect;
use crate::base::Result;

/// Idle connections that are kept, with their prepared statements: as many as the server works on
/// requests at once. More are opened when more read at once, and closed after.
const KEPT: usize = 64;

pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Readers {
        Readers {
            path: path.to_owned(),
            idle: Mutex::default(),
        }
    }

    pub(super) fn with<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let idle = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        let connection = match idle {
            Some(connection) => connection,
            None => connect::reader(&self.path)?,
        };
        // One snapshot for all statements of a page: a total and its rows can't disagree.
        let snapshot = connection.unchecked_transaction()?;
        let result = work(&snapshot);
        drop(snapshot);
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT {
            idle.push(connection);
        }
        result
    }
}
