//! Privacy notices and general conditions. A version that somebody accepted never changes: a new
//! wording is a new version.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, Transaction};
use serde::Serialize;
use serde_json::json;

use crate::base::{Actor, Error, Instant, LegalTextId, Result, ServiceId, Text};
use crate::store::{self, AuditEvent};

/// What a text is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LegalKind {
    /// Informativa sulla privacy (GDPR art. 13).
    Privacy,
    /// Condizioni generali del servizio.
    Conditions,
}

impl LegalKind {
    /// As it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            LegalKind::Privacy => "privacy",
            LegalKind::Conditions => "conditions",
        }
    }
}

impl ToSql for LegalKind {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for LegalKind {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<LegalKind> {
        match value.as_str()? {
            "privacy" => Ok(LegalKind::Privacy),
            "conditions" => Ok(LegalKind::Conditions),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

/// A text that is to be published.
pub struct NewLegalText<'a> {
    /// What it is about.
    pub kind: LegalKind,
    /// The service that it is for; `None`: every service.
    pub service: Option<ServiceId>,
    /// Title.
    pub title: &'a str,
    /// Paragraphs, separated by blank lines.
    pub body: &'a str,
}

/// A published version.
#[derive(Clone, Debug, Serialize)]
pub struct LegalText {
    /// Inside.
    #[serde(skip)]
    pub id: LegalTextId,
    /// What it is about.
    pub kind: LegalKind,
    /// 1, 2, 3 … for each kind and service.
    pub version: i64,
    /// Title.
    pub title: String,
    /// Paragraphs, separated by blank lines.
    pub body: String,
    /// Since when it is there.
    pub published_at: Instant,
}

const SELECT: &str = "select id, kind, version, title, body, published_at from legal_text";

impl LegalText {
    fn read(row: &Row<'_>) -> rusqlite::Result<LegalText> {
        Ok(LegalText {
            id: row.get(0)?,
            kind: row.get(1)?,
            version: row.get(2)?,
            title: row.get(3)?,
            body: row.get(4)?,
            published_at: row.get(5)?,
        })
    }
}

/// Publishes the next version of a text. Calls keep the version that they were made with.
///
/// # Errors
/// A field error for an empty title or body.
pub fn publish_legal_text(
    tx: &Transaction<'_>,
    actor: &Actor,
    new: &NewLegalText<'_>,
    now: Instant,
) -> Result<LegalTextId> {
    for (field, text) in [("title", new.title), ("body", new.body)] {
        if text.trim().is_empty() {
            return Err(Error::field(field, Text::new("error-required")));
        }
    }
    let version = newest_legal_text(tx, new.kind, new.service)?.map_or(1, |text| text.version + 1);
    tx.prepare_cached(
        "insert into legal_text (kind, service_id, version, title, body, published_at)
         values (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute((
        new.kind,
        new.service,
        version,
        new.title.trim(),
        new.body.trim(),
        now,
    ))?;
    let id = LegalTextId(tx.last_insert_rowid());
    if actor.staff().is_some() {
        let event = AuditEvent {
            action: "publish-legal-text",
            subject: "legal_text",
            subject_id: Some(id.0),
            payload: json!({ "kind": new.kind, "version": version, "title": new.title.trim() }),
        };
        store::audit(tx, actor, now, &event)?;
    }
    Ok(id)
}

/// A version.
///
/// # Errors
/// `NotFound`.
pub fn legal_text(db: &Connection, id: LegalTextId) -> Result<LegalText> {
    let sql = format!("{SELECT} where id = ?1");
    Ok(db.prepare_cached(&sql)?.query_row([id], LegalText::read)?)
}

/// The newest version for a service (`None`: the one for every service).
///
/// # Errors
/// The database's own failure.
pub fn newest_legal_text(
    db: &Connection,
    kind: LegalKind,
    service: Option<ServiceId>,
) -> Result<Option<LegalText>> {
    let sql = format!(
        "{SELECT} where kind = ?1 and coalesce(service_id, 0) = coalesce(?2, 0)
         order by version desc limit 1"
    );
    Ok(db
        .prepare_cached(&sql)?
        .query_row((kind, service), LegalText::read)
        .optional()?)
}
