//! The certificate that came with a declaration: sealed, as it says what a household earns.

use rusqlite::{Connection, OptionalExtension, Transaction};
use serde_json::json;

use super::Isee;
use crate::base::{Actor, DocumentId, Error, Instant, IseeId, Permission, PublicId, Result};
use crate::documents::{self, Document, NewUpload};
use crate::store::{self, AuditEvent, SealingKey};

/// Checks and seals the certificate of a declaration that is about to be recorded.
///
/// # Errors
/// A field error on `certificate` for what is no PDF, JPEG or PNG, or is too large.
pub fn store_certificate(
    tx: &Transaction<'_>,
    key: &SealingKey,
    filename: &str,
    bytes: Vec<u8>,
    now: Instant,
) -> Result<DocumentId> {
    let upload = NewUpload {
        field: "certificate",
        filename: filename.to_owned(),
        bytes,
        certificate: true,
    };
    Ok(documents::store_upload(tx, key, &upload, now)?.id)
}

pub(super) fn keep(tx: &Transaction<'_>, isee: IseeId, document: DocumentId) -> Result<()> {
    tx.prepare_cached("insert into isee_document (isee_id, document_id) values (?1, ?2)")?
        .execute((isee, document))?;
    Ok(())
}

/// The certificate of a declaration, opened: for who declared it, and for the office, whose every
/// reading is in the audit log.
///
/// # Errors
/// `NotFound` where there is none, and for a parent whose declaration it is not; `Forbidden` for
/// other staff.
pub fn read_certificate(
    tx: &Transaction<'_>,
    key: &SealingKey,
    actor: &Actor,
    isee: &PublicId,
    now: Instant,
) -> Result<(Document, Vec<u8>)> {
    let found = super::by_public_id(tx, isee)?;
    match actor {
        Actor::Citizen(person) if found.declared_by == Some(*person) => {}
        Actor::Citizen(_) => return Err(Error::NotFound),
        _ if actor.may(Permission::Office) => {}
        _ => return Err(Error::Forbidden),
    }
    let document = of_isee(tx, &found)?.ok_or(Error::NotFound)?;
    if actor.staff().is_some() {
        let event = AuditEvent {
            action: "read-isee-certificate",
            subject: "isee",
            subject_id: Some(found.id.0),
            payload: json!({ "document": document.id }),
        };
        store::audit(tx, actor, now, &event)?;
    }
    let bytes = documents::open_sealed(tx, key, &document)?;
    Ok((document, bytes))
}

fn of_isee(db: &Connection, isee: &Isee) -> Result<Option<Document>> {
    let id: Option<DocumentId> = db
        .prepare_cached("select document_id from isee_document where isee_id = ?1")?
        .query_row([isee.id], |row| row.get(0))
        .optional()?;
    id.map(|id| documents::document(db, id)).transpose()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::base::{Cents, Role, StaffActor};
    use crate::isee::{IseeKind, NewLodged, lodge, of_child};
    use crate::testing::{Comune, morning};

    #[test]
    fn a_certificate_is_sealed_read_by_the_office_with_a_trace_and_by_who_sent_it() {
        let comune = Comune::new();
        let (clerk, mother, luca) = (comune.as_clerk(), comune.as_mother(), comune.luca);
        let accountant = Actor::Staff(StaffActor {
            id: comune.clerk.id,
            roles: vec![Role::Accountant],
        });
        let key = SealingKey::load(&comune.folder.path().join("test.key")).unwrap();
        comune
            .write(move |tx| {
                let pdf = b"%PDF-1.7 ISEE 9000".to_vec();
                let document = store_certificate(tx, &key, "isee.pdf", pdf.clone(), morning())?;
                let new = NewLodged {
                    child: luca,
                    value: Cents(900_000),
                    kind: IseeKind::Minorenni,
                    protocol: "INPS-ISEE-2026-01234567X-00",
                    omissions: false,
                    lodged_on: date(2026, 11, 3),
                    own_from: date(2026, 10, 20),
                    own_to: date(2026, 12, 31),
                    certificate: Some(document),
                };
                lodge(tx, &mother, &new, morning())?;
                let isee = of_child(tx, luca)?.remove(0);
                assert_eq!((isee.source.as_str(), isee.certificate), ("uploaded", true));
                let waits: i64 =
                    tx.query_row("select count(*) from isee_waiting", [], |row| row.get(0))?;
                assert_eq!(waits, 1);
                let stored = documents::document(tx, document)?;
                assert!(documents::bytes(tx, &stored).is_err());
                let read = |actor: &Actor| {
                    read_certificate(tx, &key, actor, &isee.public_id, morning()).map(|read| read.1)
                };
                let logged = || -> i64 {
                    let sql = "select count(*) from audit_entry
                               where action = 'read-isee-certificate'";
                    tx.query_row(sql, [], |row| row.get(0)).unwrap()
                };
                assert_eq!(read(&mother)?, pdf);
                assert_eq!(logged(), 0);
                assert_eq!(read(&clerk)?, pdf);
                assert_eq!(logged(), 1);
                assert!(matches!(read(&Actor::Citizen(luca)), Err(Error::NotFound)));
                assert!(matches!(read(&accountant), Err(Error::Forbidden)));
                assert!(documents::delete_upload(tx, document).is_err());
                Ok(())
            })
            .unwrap();
    }
}
