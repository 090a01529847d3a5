//! The audit log: a hash chain over salted hashes. The payload, which is personal, is apart and
//! can be erased; the chain verifies all the same (invariant 8).

use rusqlite::{Connection, OptionalExtension, Transaction};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::random_bytes;
use crate::base::{Actor, Error, Instant, Result};

/// Something that staff did, or that must be seen later.
pub struct AuditEvent<'a> {
    /// What was done: `accept-application`, `read-diet` …
    pub action: &'a str,
    /// To what kind of thing: the table's name.
    pub subject: &'a str,
    /// To which.
    pub subject_id: Option<i64>,
    /// What before and after.
    pub payload: Value,
}

/// Where the chain is broken.
#[derive(Debug, PartialEq, Eq)]
pub struct AuditFault {
    /// The first entry that does not fit.
    pub id: i64,
    /// Why, in English.
    pub why: &'static str,
}

/// Writes an event into the chain, in the transaction of the deed itself.
///
/// # Errors
/// The database's own failure.
pub fn audit(
    tx: &Transaction<'_>,
    actor: &Actor,
    now: Instant,
    event: &AuditEvent<'_>,
) -> Result<()> {
    let salt = random_bytes::<16>()?;
    let payload = serde_json::to_string(&event.payload).map_err(Error::internal)?;
    let payload_hash = salted(&salt, &payload);
    let last: Option<(i64, [u8; 32])> = tx
        .prepare_cached("select id, hash from audit_entry order by id desc limit 1")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (id, before) = match last {
        Some((last, hash)) => (last + 1, hash),
        None => (1, first_link(tx)?),
    };
    let (kind, actor_id) = actor.signature();
    let link = Link {
        id,
        at: now,
        actor: kind.to_owned(),
        actor_id,
        action: event.action.to_owned(),
        subject: event.subject.to_owned(),
        subject_id: event.subject_id,
        payload_hash,
    };
    tx.prepare_cached(
        "insert into audit_entry
           (id, at, actor, actor_id, action, subject, subject_id, payload_hash, hash)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute((
        id,
        now,
        kind,
        actor_id,
        event.action,
        event.subject,
        event.subject_id,
        payload_hash,
        link.hash(&before),
    ))?;
    tx.prepare_cached("insert into audit_payload (audit_id, salt, payload) values (?1, ?2, ?3)")?
        .execute((id, salt, payload))?;
    Ok(())
}

/// That something was done: an entry without its payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditTrace {
    /// When.
    pub at: Instant,
    /// What kind of actor: see [`Actor::signature`].
    pub actor: String,
    /// Which of them.
    pub actor_id: Option<i64>,
    /// What was done.
    pub action: String,
}

/// What was done to one thing, the oldest first.
///
/// # Errors
/// The database's own failure.
pub fn audit_trail(db: &Connection, subject: &str, subject_id: i64) -> Result<Vec<AuditTrace>> {
    let sql = "select at, actor, actor_id, action from audit_entry
               where subject = ?1 and subject_id = ?2 order by id";
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map((subject, subject_id), |row| {
        Ok(AuditTrace {
            at: row.get(0)?,
            actor: row.get(1)?,
            actor_id: row.get(2)?,
            action: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// One entry of the chain, as it is hashed.
struct Link {
    id: i64,
    at: Instant,
    actor: String,
    actor_id: Option<i64>,
    action: String,
    subject: String,
    subject_id: Option<i64>,
    payload_hash: [u8; 32],
}

impl Link {
    fn hash(&self, before: &[u8; 32]) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(before);
        hasher.update(self.id.to_be_bytes());
        hasher.update(self.at.0.to_be_bytes());
        for text in [&self.actor, &self.action, &self.subject] {
            hasher.update((text.len() as u64).to_be_bytes());
            hasher.update(text.as_bytes());
        }
        for id in [self.actor_id, self.subject_id] {
            hasher.update([u8::from(id.is_some())]);
            hasher.update(id.unwrap_or(0).to_be_bytes());
        }
        hasher.update(self.payload_hash);
        hasher.finalize().into()
    }
}

fn first_link(db: &Connection) -> Result<[u8; 32]> {
    Ok(
        db.query_row("select audit_salt from stamp where id = 1", [], |row| {
            row.get(0)
        })?,
    )
}

fn salted(salt: &[u8; 16], payload: &str) -> [u8; 32] {
    Sha256::new()
        .chain_update(salt)
        .chain_update(payload.as_bytes())
        .finalize()
        .into()
}

/// Goes through the whole chain; `None` when every link and every payload still there fits.
///
/// # Errors
/// The database's own failure.
pub fn verify_audit_chain(db: &Connection) -> Result<Option<AuditFault>> {
    let mut statement = db.prepare(
        "select e.id, e.at, e.actor, e.actor_id, e.action, e.subject, e.subject_id, e.payload_hash,
                e.hash, p.salt, p.payload
         from audit_entry e left join audit_payload p on p.audit_id = e.id order by e.id",
    )?;
    let mut rows = statement.query([])?;
    let mut before = first_link(db)?;
    let mut expected = 1;
    while let Some(row) = rows.next()? {
        let link = Link {
            id: row.get(0)?,
            at: row.get(1)?,
            actor: row.get(2)?,
            actor_id: row.get(3)?,
            action: row.get(4)?,
            subject: row.get(5)?,
            subject_id: row.get(6)?,
            payload_hash: row.get(7)?,
        };
        let fault = |why| Ok(Some(AuditFault { id: link.id, why }));
        if link.id != expected {
            return fault("an entry before it is missing");
        }
        let hash: [u8; 32] = row.get(8)?;
        if link.hash(&before) != hash {
            return fault("its hash does not follow from the entry before");
        }
        let salt: Option<[u8; 16]> = row.get(9)?;
        let payload: Option<String> = row.get(10)?;
        if let (Some(salt), Some(payload)) = (salt, payload)
            && salted(&salt, &payload) != link.payload_hash
        {
            return fault("its payload was changed");
        }
        before = hash;
        expected += 1;
    }
    Ok(None)
}
