//! The comune's coat of arms: a PNG picture beside its name on every page. Without one the pages
//! show Campanella's bell.

use rusqlite::{Connection, OptionalExtension, Transaction};
use sha2::{Digest, Sha256};

use crate::base::{Error, Result};

/// The largest coat of arms, in bytes: every first visit on a phone loads it.
pub const LARGEST_CREST: usize = 100 * 1024;

/// A coat of arms: bytes of a PNG picture.
#[derive(Clone)]
pub struct Crest(Vec<u8>);

impl Crest {
    /// Takes the bytes of a file.
    ///
    /// # Errors
    /// When they are no PNG picture (its signature: ISO/IEC 15948, section 5.2), or too many.
    pub fn new(bytes: Vec<u8>) -> Result<Crest> {
        if infer::get(&bytes).is_none_or(|kind| kind.mime_type() != "image/png") {
            return Err(Error::Internal(
                "the coat of arms must be a PNG picture".to_owned(),
            ));
        }
        if bytes.len() > LARGEST_CREST {
            return Err(Error::Internal(format!(
                "the coat of arms has {} kB: make it smaller, {} kB at most (256 pixels high are enough)",
                bytes.len().div_ceil(1024),
                LARGEST_CREST / 1024
            )));
        }
        Ok(Crest(bytes))
    }
}

/// Sets the coat of arms, or replaces it.
///
/// # Errors
/// The database's own failure.
pub fn save_crest(tx: &Transaction<'_>, crest: &Crest) -> Result<()> {
    tx.execute(
        "insert into crest (id, png, sha256) values (1, ?1, ?2)
         on conflict (id) do update set png = excluded.png, sha256 = excluded.sha256",
        (&crest.0, Sha256::digest(&crest.0).as_slice()),
    )?;
    Ok(())
}

/// The picture's bytes.
///
/// # Errors
/// `NotFound` where the comune has set none.
pub fn crest(db: &Connection) -> Result<Vec<u8>> {
    db.prepare_cached("select png from crest where id = 1")?
        .query_row([], |row| row.get(0))
        .optional()?
        .ok_or(Error::NotFound)
}

/// Changes with the picture, so that browsers may keep it: in its address.
pub(super) fn crest_version(db: &Connection) -> Result<Option<String>> {
    let sql = "select lower(hex(substr(sha256, 1, 6))) from crest where id = 1";
    Ok(db
        .prepare_cached(sql)?
        .query_row([], |row| row.get(0))
        .optional()?)
}
