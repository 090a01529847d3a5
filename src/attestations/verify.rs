//! What a third party sees who checks a document: enough to compare, not enough to learn.

use rusqlite::Connection;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::issue::{by_code, current};
use crate::base::{Cents, Date, Error, PublicId, Result, day_of};
use crate::documents;

/// The check of one document.
#[derive(Clone, Debug, Serialize)]
pub struct Verified {
    /// `2025/000123`.
    pub number: String,
    /// The tax year.
    pub year: i16,
    /// 0 for the first issue.
    pub revision: u32,
    /// The day of issue.
    pub issued_on: Date,
    /// The day of issue of the newer revision that replaced it; none for the current one.
    pub replaced_on: Option<Date>,
    /// The payer: `R**** M***`.
    pub payer: String,
    /// What is attested for each child and service.
    pub lines: Vec<VerifiedLine>,
    /// SHA-256 of the file as it was issued, in hexadecimal digits.
    pub sha256: String,
}

/// What is attested for one child and one service.
#[derive(Clone, Debug, Serialize)]
pub struct VerifiedLine {
    /// The child, masked.
    pub child: String,
    /// The service.
    pub service: String,
    /// Cents.
    pub net: Cents,
}

/// Looks up the code of a document.
///
/// # Errors
/// `NotFound`: nothing was issued under it.
pub fn verify(db: &Connection, code: &PublicId) -> Result<Verified> {
    let (attestation, content) = by_code(db, code)?;
    let newest = current(db, attestation.payer_id, attestation.year)?.ok_or(Error::NotFound)?;
    let document = documents::document(db, attestation.document)?;
    let line = |child: &str, service: &super::content::ServiceSection| VerifiedLine {
        child: masked(child),
        service: service.service_name.clone(),
        net: service.net,
    };
    Ok(Verified {
        number: attestation.full_number(),
        year: attestation.year,
        revision: attestation.revision,
        issued_on: content.issued_on,
        replaced_on: (newest.id != attestation.id).then(|| day_of(newest.issued_at)),
        payer: masked(&content.payer.name),
        lines: content
            .children
            .iter()
            .flat_map(|c| c.services.iter().map(|s| line(&c.child.name, s)))
            .collect(),
        sha256: document.sha256.iter().map(|b| format!("{b:02x}")).collect(),
    })
}

/// Looks up a file by its bytes.
///
/// # Errors
/// `NotFound`: these bytes were never issued as an attestation.
pub fn verify_bytes(db: &Connection, bytes: &[u8]) -> Result<Verified> {
    let sha256: [u8; 32] = Sha256::digest(bytes).into();
    let sql =
        "/* verify */ select a.public_id from attestation a join document d on d.id = a.document_id
               where d.sha256 = ?1";
    let code: PublicId = db.query_row(sql, [sha256], |row| row.get(0))?;
    verify(db, &code)
}

/// `Rossi Mara` → `R**** M***`.
fn masked(name: &str) -> String {
    let word = |word: &str| {
        let hidden = word.chars().count().saturating_sub(1);
        let first: String = word.chars().take(1).collect();
        first + &"*".repeat(hidden)
    };
    name.split_whitespace()
        .map(word)
        .collect::<Vec<_>>()
        .join(" ")
}
