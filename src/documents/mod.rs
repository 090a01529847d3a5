//! Documents: what families upload and what the comune issues. The bytes live in the database, so
//! that one backup holds everything; medical certificates are sealed with the folder's key
//! (invariant 9).
//!
//! Whose a document is, is known by who refers to it: the slice that hands a [`Document`] out has
//! decided who may see it.

mod content_check;

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, Row, Transaction};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::base::{Actor, DocumentId, Error, Instant, PublicId, Result, Role};
use crate::store::{self, AuditEvent, SealingKey};

pub use content_check::{LARGEST, MediaType, check_upload, clean_name};

/// What a document is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DocumentKind {
    /// Attached to an application.
    Attachment,
    /// A medical certificate attached to an application: sealed.
    Certificate,
    /// The receipt of an application.
    Receipt,
    /// A payment notice.
    Notice,
    /// An attestation of payments.
    Attestation,
}

impl DocumentKind {
    /// As it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            DocumentKind::Attachment => "attachment",
            DocumentKind::Certificate => "certificate",
            DocumentKind::Receipt => "receipt",
            DocumentKind::Notice => "notice",
            DocumentKind::Attestation => "attestation",
        }
    }
}

impl ToSql for DocumentKind {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for DocumentKind {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<DocumentKind> {
        let all = [
            DocumentKind::Attachment,
            DocumentKind::Certificate,
            DocumentKind::Receipt,
            DocumentKind::Notice,
            DocumentKind::Attestation,
        ];
        let text = value.as_str()?;
        all.into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or(FromSqlError::InvalidType)
    }
}

/// A stored document, without its bytes.
#[derive(Clone, Debug, Serialize)]
pub struct Document {
    /// Inside.
    #[serde(skip)]
    pub id: DocumentId,
    /// Outside.
    pub public_id: PublicId,
    /// What it is for.
    pub kind: DocumentKind,
    /// Its name.
    pub filename: String,
    /// What it is.
    pub media_type: MediaType,
    /// Bytes.
    pub size: i64,
    /// SHA-256 of the clear bytes.
    #[serde(skip)]
    pub sha256: [u8; 32],
    /// When it was stored.
    pub created_at: Instant,
}

const COLUMNS: &str =
    "d.id, d.public_id, d.kind, d.filename, d.media_type, d.size, d.sha256, d.created_at";

impl Document {
    fn read(row: &Row<'_>) -> rusqlite::Result<Document> {
        let media_type: String = row.get(4)?;
        Ok(Document {
            id: row.get(0)?,
            public_id: row.get(1)?,
            kind: row.get(2)?,
            filename: row.get(3)?,
            media_type: MediaType::parse(&media_type).ok_or_else(|| {
                rusqlite::Error::FromSqlConversionFailure(
                    4,
                    rusqlite::types::Type::Text,
                    Box::new(FromSqlError::InvalidType),
                )
            })?,
            size: row.get(5)?,
            sha256: row.get(6)?,
            created_at: row.get(7)?,
        })
    }
}

/// A file that somebody sends.
pub struct NewUpload {
    /// The field of the form, for what is said when it is refused.
    pub field: &'static str,
    /// The name on the sender's machine.
    pub filename: String,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// A medical certificate: sealed, and read by who handles diets only.
    pub certificate: bool,
}

/// Checks an upload by its content and stores it.
///
/// # Errors
/// A field error that says what was found instead of a PDF, JPEG or PNG of at most 5 MB.
pub fn store_upload(
    tx: &Transaction<'_>,
    key: &SealingKey,
    upload: &NewUpload,
    now: Instant,
) -> Result<Document> {
    let media_type = check_upload(upload.field, &upload.filename, &upload.bytes)?;
    let kind = if upload.certificate {
        DocumentKind::Certificate
    } else {
        DocumentKind::Attachment
    };
    // The name of a certificate may tell what the certificate seals.
    let name = match kind {
        DocumentKind::Certificate => content_check::stored_name("certificato", media_type),
        _ => content_check::stored_name(&upload.filename, media_type),
    };
    insert(tx, Some(key), kind, &name, media_type, &upload.bytes, now)
}

/// Stores a PDF that the comune issues.
///
/// # Errors
/// The database's own failure.
pub fn store_issued(
    tx: &Transaction<'_>,
    kind: DocumentKind,
    filename: &str,
    pdf: &[u8],
    now: Instant,
) -> Result<Document> {
    insert(tx, None, kind, filename, MediaType::Pdf, pdf, now)
}

fn insert(
    tx: &Transaction<'_>,
    key: Option<&SealingKey>,
    kind: DocumentKind,
    filename: &str,
    media_type: MediaType,
    bytes: &[u8],
    now: Instant,
) -> Result<Document> {
    let public_id = PublicId::random()?;
    let sealed = match (kind, key) {
        (DocumentKind::Certificate, Some(key)) => Some(key.seal(&context(&public_id), bytes)?),
        (DocumentKind::Certificate, None) => {
            return Err(Error::Internal("a certificate needs the key".to_owned()));
        }
        _ => None,
    };
    let sha256: [u8; 32] = Sha256::digest(bytes).into();
    let size = i64::try_from(bytes.len()).map_err(Error::internal)?;
    tx.prepare_cached(
        "insert into document (public_id, kind, filename, media_type, size, sha256, sealed, created_at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute((
        &public_id,
        kind,
        filename,
        media_type.as_str(),
        size,
        sha256,
        sealed.is_some(),
        now,
    ))?;
    let id = DocumentId(tx.last_insert_rowid());
    tx.prepare_cached("insert into document_content (document_id, bytes) values (?1, ?2)")?
        .execute((id, sealed.as_deref().unwrap_or(bytes)))?;
    document(tx, id)
}

/// Ties a sealed certificate to its row: it can't be read in another's place.
fn context(public_id: &PublicId) -> String {
    format!("certificate:{public_id}")
}

/// A document.
///
/// # Errors
/// `NotFound`.
pub fn document(db: &Connection, id: DocumentId) -> Result<Document> {
    let sql = format!("select {COLUMNS} from document d where d.id = ?1");
    Ok(db.prepare_cached(&sql)?.query_row([id], Document::read)?)
}

/// The bytes of a document that is not sealed.
///
/// # Errors
/// `Forbidden` for a certificate: see [`certificate_bytes`].
pub fn bytes(db: &Connection, document: &Document) -> Result<Vec<u8>> {
    match document.kind {
        DocumentKind::Certificate => Err(Error::Forbidden),
        _ => stored_bytes(db, document),
    }
}

/// The bytes of a certificate: for the family that sent it, and for staff who handle diets, whose
/// every reading is in the audit log (invariant 9).
///
/// # Errors
/// `Forbidden` for other staff.
pub fn certificate_bytes(
    tx: &Transaction<'_>,
    key: &SealingKey,
    actor: &Actor,
    document: &Document,
    now: Instant,
) -> Result<Vec<u8>> {
    if document.kind != DocumentKind::Certificate {
        return Err(Error::NotFound);
    }
    match actor {
        Actor::Citizen(_) => {}
        Actor::Staff(staff) | Actor::Desk { staff, .. } if staff.has(Role::Diets) => {
            let event = AuditEvent {
                action: "read-certificate",
                subject: "document",
                subject_id: Some(document.id.0),
                payload: json!({}),
            };
            store::audit(tx, actor, now, &event)?;
        }
        _ => return Err(Error::Forbidden),
    }
    open_sealed(tx, key, document)
}

/// The clear bytes of a sealed document: for the slice that has decided who may see it, and has
/// logged the reading.
///
/// # Errors
/// When it does not open with this key.
pub fn open_sealed(db: &Connection, key: &SealingKey, document: &Document) -> Result<Vec<u8>> {
    key.open(&context(&document.public_id), &stored_bytes(db, document)?)
}

/// Whether a stored document still has the bytes that were stored, and opens with this key if it is
/// sealed: for `campanella check`, which looks at hashes and shows nothing.
///
/// # Errors
/// The database's own failure.
pub fn is_sound(db: &Connection, key: &SealingKey, document: &Document) -> Result<bool> {
    let stored = stored_bytes(db, document)?;
    let clear = match document.kind {
        DocumentKind::Certificate => key.open(&context(&document.public_id), &stored),
        _ => Ok(stored),
    };
    Ok(clear.is_ok_and(|bytes| <[u8; 32]>::from(Sha256::digest(&bytes)) == document.sha256))
}

/// The same without the key: a sealed document is only looked for.
///
/// # Errors
/// The database's own failure.
pub fn is_sound_unopened(db: &Connection, document: &Document) -> Result<bool> {
    let stored = stored_bytes(db, document)?;
    Ok(document.kind == DocumentKind::Certificate
        || <[u8; 32]>::from(Sha256::digest(&stored)) == document.sha256)
}

fn stored_bytes(db: &Connection, document: &Document) -> Result<Vec<u8>> {
    let sql = "select bytes from document_content where document_id = ?1";
    Ok(db
        .prepare_cached(sql)?
        .query_row([document.id], |row| row.get(0))?)
}

/// Deletes an upload that no application stands on.
///
/// # Errors
/// The database refuses what is in use.
pub fn delete_upload(tx: &Transaction<'_>, id: DocumentId) -> Result<()> {
    tx.prepare_cached("delete from document where id = ?1")?
        .execute([id])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::StaffActor;
    use crate::testing::{Comune, morning};

    fn upload(certificate: bool) -> NewUpload {
        NewUpload {
            field: "file",
            filename: "celiachia di Luca.pdf".to_owned(),
            bytes: b"%PDF-1.7 celiachia".to_vec(),
            certificate,
        }
    }

    #[test]
    fn a_certificate_is_sealed_and_read_by_the_diets_role_with_a_trace() {
        let comune = Comune::new();
        let (diets, plain) = (
            comune.as_clerk(),
            Actor::Staff(StaffActor {
                id: comune.clerk.id,
                roles: vec![Role::Office],
            }),
        );
        let key = SealingKey::load(&comune.folder.path().join("test.key")).unwrap();
        comune
            .write(move |tx| {
                let document = store_upload(tx, &key, &upload(true), morning())?;
                assert_eq!(document.filename, "certificato.pdf");
                let stored = stored_bytes(tx, &document)?;
                assert!(!stored.windows(9).any(|w| w == b"celiachia"));
                assert!(!stored.starts_with(b"%PDF"));
                assert!(matches!(bytes(tx, &document), Err(Error::Forbidden)));
                let read = |actor| certificate_bytes(tx, &key, actor, &document, morning());
                assert!(matches!(read(&plain), Err(Error::Forbidden)));
                let count = || -> i64 {
                    tx.query_row(
                        "select count(*) from audit_entry where action = 'read-certificate'",
                        [],
                        |row| row.get(0),
                    )
                    .unwrap()
                };
                assert_eq!(count(), 0);
                assert_eq!(read(&diets)?, b"%PDF-1.7 celiachia");
                assert_eq!(count(), 1);
                Ok(())
            })
            .unwrap();
    }

    #[test]
    fn what_is_issued_stays() {
        let comune = Comune::new();
        let issued = comune
            .write(|tx| store_issued(tx, DocumentKind::Receipt, "r.pdf", b"%PDF-1.7", morning()))
            .unwrap();
        assert_eq!(
            comune.store.read(|db| bytes(db, &issued)).unwrap(),
            b"%PDF-1.7"
        );
        let id = issued.id;
        assert!(comune.write(move |tx| delete_upload(tx, id)).is_err());
    }
}
