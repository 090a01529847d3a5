//! Sent applications: the frozen content and the history that grows beside it.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, Row, Transaction};
use serde::Serialize;

use super::content::{Frozen, Special};
use super::receipt::hex;
use super::submit::{context, sha256_of};
use crate::base::{Actor, ApplicationId, Error, Instant, PersonId, PublicId, Result};
use crate::calls::{self, Call};
use crate::diets::{self, Diet};
use crate::documents::{self, Document, DocumentKind};
use crate::store::SealingKey;

/// Where an application stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Inviata: the office has not decided.
    Submitted,
    /// Accolta.
    Accepted,
    /// Respinta.
    Refused,
}

impl State {
    /// As it is stored, and as the office's filter writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Submitted => "submitted",
            State::Accepted => "accepted",
            State::Refused => "refused",
        }
    }

    /// Out of a filter or the database.
    pub fn parse(text: &str) -> Option<State> {
        [State::Submitted, State::Accepted, State::Refused]
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}

impl ToSql for State {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for State {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<State> {
        State::parse(value.as_str()?).ok_or(FromSqlError::InvalidType)
    }
}

/// A sent application in a list.
#[derive(Clone, Debug, Serialize)]
pub struct SentRow {
    /// Outside.
    pub public_id: PublicId,
    /// `D-2026-000123`.
    pub number: String,
    /// The call's title.
    pub call: String,
    /// Surname and name of the child, as it was sent.
    pub child: String,
    /// Surname and name of the applicant, as it was sent.
    pub applicant: String,
    /// When it was sent.
    pub submitted_at: Instant,
    /// Where it stands.
    pub state: State,
    /// Since when.
    pub since: Instant,
}

pub(super) const ROWS: &str = "select a.public_id, a.number, c.title,
        json_extract(a.content, '$.child.surname') || ' ' || json_extract(a.content, '$.child.name'),
        json_extract(a.content, '$.applicant.surname') || ' ' || json_extract(a.content, '$.applicant.name'),
        a.submitted_at, s.state, s.since";

impl SentRow {
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<SentRow> {
        Ok(SentRow {
            public_id: row.get(0)?,
            number: row.get(1)?,
            call: row.get(2)?,
            child: row.get(3)?,
            applicant: row.get(4)?,
            submitted_at: row.get(5)?,
            state: row.get(6)?,
            since: row.get(7)?,
        })
    }
}

/// Something that happened to an application.
#[derive(Clone, Debug, Serialize)]
pub struct Event {
    /// When.
    pub at: Instant,
    /// What it became.
    pub state: State,
    /// What the family is told: why it was refused, for instance.
    pub note: String,
    /// The clerk who decided; pages of families leave it out.
    pub staff: Option<String>,
}

/// A sent application in full, without its health data.
#[derive(Clone, Debug, Serialize)]
pub struct Application {
    /// Inside.
    #[serde(skip)]
    pub id: ApplicationId,
    /// Outside.
    pub public_id: PublicId,
    /// `D-2026-000123`.
    pub number: String,
    /// The call.
    pub call: Call,
    /// Who sent it, and pays.
    #[serde(skip)]
    pub applicant_id: PersonId,
    /// For whom.
    #[serde(skip)]
    pub child_id: PersonId,
    /// What was sent.
    pub content: Frozen,
    /// When.
    pub submitted_at: Instant,
    /// The digest of what was sent, in hexadecimal digits.
    pub sha256: String,
    /// The receipt.
    pub receipt: Document,
    /// The attachments, in their order.
    pub attachments: Vec<Document>,
    /// What happened, oldest first.
    pub history: Vec<Event>,
    /// Where it stands.
    pub state: State,
    #[serde(skip)]
    content_text: String,
    #[serde(skip)]
    special: Option<Vec<u8>>,
    #[serde(skip)]
    digest: [u8; 32],
}

/// The applications that the actor sent, the latest first.
///
/// # Errors
/// The database's own failure.
pub fn sent(db: &Connection, actor: &Actor) -> Result<Vec<SentRow>> {
    let Some(applicant) = actor.person() else {
        return Ok(Vec::new());
    };
    let sql = format!(
        "{ROWS} from application a join call c on c.id = a.call_id
         join application_state s on s.application_id = a.id
         where a.applicant_id = ?1 order by a.submitted_at desc, a.id desc"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map([applicant], SentRow::read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A sent application, for its applicant only.
///
/// # Errors
/// `NotFound`, also for somebody else's.
pub fn sent_application(db: &Connection, actor: &Actor, id: &PublicId) -> Result<Application> {
    let application = load(db, id)?;
    match actor.person() {
        Some(person) if person == application.applicant_id => Ok(application),
        _ => Err(Error::NotFound),
    }
}

pub(super) fn load(db: &Connection, id: &PublicId) -> Result<Application> {
    let sql = "select a.id, a.number, a.call_id, a.applicant_id, a.child_id, a.content, a.special,
                      a.sha256, a.submitted_at, a.receipt_id, s.state
               from application a join application_state s on s.application_id = a.id
               where a.public_id = ?1";
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query([id])?;
    let row = rows.next()?.ok_or(Error::NotFound)?;
    let id_inside = row.get(0)?;
    let content_text: String = row.get(5)?;
    let digest: [u8; 32] = row.get(7)?;
    Ok(Application {
        id: id_inside,
        public_id: id.clone(),
        number: row.get(1)?,
        call: calls::call(db, row.get(2)?)?,
        applicant_id: row.get(3)?,
        child_id: row.get(4)?,
        content: serde_json::from_str(&content_text).map_err(Error::internal)?,
        submitted_at: row.get(8)?,
        sha256: hex(&digest),
        receipt: documents::document(db, row.get(9)?)?,
        attachments: attachments(db, id_inside)?,
        history: history(db, id_inside)?,
        state: row.get(10)?,
        content_text,
        special: row.get(6)?,
        digest,
    })
}

fn attachments(db: &Connection, id: ApplicationId) -> Result<Vec<Document>> {
    let sql = "select document_id from application_attachment where application_id = ?1 order by position";
    let mut statement = db.prepare_cached(sql)?;
    let ids = statement.query_map([id], |row| row.get(0))?;
    ids.map(|id| documents::document(db, id?)).collect()
}

fn history(db: &Connection, id: ApplicationId) -> Result<Vec<Event>> {
    let mut statement = db.prepare_cached(
        "select e.at, e.state, e.note, s.name
         from application_event e left join staff s on s.id = e.staff_id
         where e.application_id = ?1 order by e.id",
    )?;
    let rows = statement.query_map([id], |row| {
        Ok(Event {
            at: row.get(0)?,
            state: row.get(1)?,
            note: row.get(2)?,
            staff: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

impl Application {
    pub(super) fn special(&self, key: &SealingKey) -> Result<Special> {
        Special::open(key, &context(&self.public_id), self.special.as_deref())
    }

    /// The diet that was asked for, for the applicant who asked for it.
    ///
    /// # Errors
    /// `NotFound` for anybody else.
    pub fn own_diet(
        &self,
        db: &Connection,
        key: &SealingKey,
        actor: &Actor,
    ) -> Result<Option<Diet>> {
        if actor.person() != Some(self.applicant_id) {
            return Err(Error::NotFound);
        }
        diets::diet(db, &self.special(key)?.diet_code)
    }

    /// Whether everything is still as it was sent.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn is_intact(&self, db: &Connection) -> Result<bool> {
        let texts: Vec<_> = self.content.accepted.iter().map(|t| t.text).collect();
        let special = self.special.as_deref().unwrap_or_default();
        let now = sha256_of(db, &self.content_text, special, &self.attachments, &texts)?;
        Ok(now == self.digest)
    }

    /// One of its attachments.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn attachment(&self, id: &PublicId) -> Result<&Document> {
        let found = self.attachments.iter().find(|d| d.public_id == *id);
        found.ok_or(Error::NotFound)
    }
}

/// The bytes of an attachment; a certificate is for the applicant and for staff who handle diets,
/// whose reading is logged.
///
/// # Errors
/// `Forbidden` for other staff.
pub fn attachment_bytes(
    tx: &Transaction<'_>,
    key: &SealingKey,
    actor: &Actor,
    document: &Document,
    now: Instant,
) -> Result<Vec<u8>> {
    match document.kind {
        DocumentKind::Certificate => documents::certificate_bytes(tx, key, actor, document, now),
        _ => documents::bytes(tx, document),
    }
}
