//! Drafts (bozze): what a parent is filling in. Only their applicant sees them.

use rusqlite::{Connection, OptionalExtension, Row, Transaction};
use serde::Serialize;

use super::content::{
    Acceptance, ApplicantChoice, Content, OTHER_CHILD, Special, Step, TypedChild,
};
use super::rules::{self, MOST_ATTACHMENTS};
use crate::base::{
    Actor, CallId, DraftId, Error, FieldError, Instant, PersonId, PublicId, Result, Text,
};
use crate::calls::{self, Call};
use crate::documents::{self, Document, NewUpload};
use crate::people::{self, Person};
use crate::store::SealingKey;

/// A draft.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Inside.
    pub id: DraftId,
    /// Outside.
    pub public_id: PublicId,
    /// The call.
    pub call: Call,
    /// What was typed.
    pub content: Content,
    /// Health data.
    pub special: Special,
    /// The furthest step that was reached.
    pub last_step: Step,
    /// Changes with each change: two tabs don't overwrite each other silently.
    pub revision: i64,
    /// When it was saved last.
    pub updated_at: Instant,
    /// The attachments, in the order in which they came.
    pub attachments: Vec<Document>,
}

/// A draft in the list of calls.
#[derive(Clone, Debug, Serialize)]
pub struct DraftRow {
    /// Outside.
    pub public_id: PublicId,
    /// The call.
    #[serde(skip)]
    pub call_id: CallId,
    /// Given name of the child; empty when it is not known yet.
    pub child: String,
    /// 1 to 6.
    pub last_step: u8,
    /// When it was saved last.
    pub updated_at: Instant,
}

/// Whether who begins a draft has confirmed that they read the call's privacy notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrivacyNotice {
    /// They have: this version, now.
    Read,
    /// They have not.
    Unread,
}

fn context(public_id: &PublicId) -> String {
    format!("draft:{public_id}")
}

fn applicant(actor: &Actor) -> Result<PersonId> {
    actor.person().ok_or(Error::NotFound)
}

/// Begins a draft of an open call, once its privacy notice was read: data are asked for afterwards
/// (GDPR art. 13 c. 1).
///
/// # Errors
/// A refusal when the call is not open, or the applicant's own data are not complete; a field error
/// at `privacy` when the notice was not confirmed.
pub fn start(
    tx: &Transaction<'_>,
    actor: &Actor,
    call: &PublicId,
    notice: PrivacyNotice,
    now: Instant,
) -> Result<PublicId> {
    let applicant = applicant(actor)?;
    let call = calls::call_by_public_id(tx, call)?;
    call.require_open(now)?;
    require_complete_data(&people::person(tx, applicant)?)?;
    let mut content = Content::default();
    content.accepted.privacy = match notice {
        PrivacyNotice::Read => Some(Acceptance {
            text: call.privacy,
            at: now,
        }),
        PrivacyNotice::Unread => {
            return Err(Error::field("privacy", Text::new("error-privacy-missing")));
        }
    };
    let content = serde_json::to_string(&content).map_err(Error::internal)?;
    let public_id = PublicId::random()?;
    tx.prepare_cached(
        "insert into draft (public_id, call_id, applicant_id, content, created_at, updated_at)
         values (?1, ?2, ?3, ?4, ?5, ?5)",
    )?
    .execute((&public_id, call.id, applicant, content, now))?;
    Ok(public_id)
}

pub(super) fn require_complete_data(applicant: &Person) -> Result<()> {
    if applicant.missing().is_empty() {
        Ok(())
    } else {
        Err(Error::refused(Text::new("error-my-data-missing")))
    }
}

/// The actor's drafts, the latest first.
///
/// # Errors
/// The database's own failure.
pub fn drafts(db: &Connection, actor: &Actor) -> Result<Vec<DraftRow>> {
    let Some(applicant) = actor.person() else {
        return Ok(Vec::new());
    };
    let mut statement = db.prepare_cached(
        "select public_id, call_id, coalesce(json_extract(content, '$.child.name'), ''), last_step,
                updated_at
         from draft where applicant_id = ?1 order by updated_at desc, id desc",
    )?;
    let rows = statement.query_map([applicant], |row| {
        Ok(DraftRow {
            public_id: row.get(0)?,
            call_id: row.get(1)?,
            child: row.get(2)?,
            last_step: row.get(3)?,
            updated_at: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A draft, for its applicant only.
///
/// # Errors
/// `NotFound`, also for somebody else's.
pub fn draft(db: &Connection, key: &SealingKey, actor: &Actor, id: &PublicId) -> Result<Draft> {
    let applicant = applicant(actor)?;
    let sql = "select id, call_id, content, special, last_step, revision, updated_at
               from draft where public_id = ?1 and applicant_id = ?2";
    let raw = db
        .prepare_cached(sql)?
        .query_row((id, applicant), Raw::read)?;
    Ok(Draft {
        call: calls::call(db, raw.call)?,
        content: serde_json::from_str(&raw.content).map_err(Error::internal)?,
        special: Special::open(key, &context(id), raw.special.as_deref())?,
        last_step: Step::of(raw.last_step).unwrap_or(Step::Applicant),
        revision: raw.revision,
        updated_at: raw.updated_at,
        attachments: attachments(db, raw.id)?,
        id: raw.id,
        public_id: id.clone(),
    })
}

struct Raw {
    id: DraftId,
    call: CallId,
    content: String,
    special: Option<Vec<u8>>,
    last_step: u8,
    revision: i64,
    updated_at: Instant,
}

impl Raw {
    fn read(row: &Row<'_>) -> rusqlite::Result<Raw> {
        Ok(Raw {
            id: row.get(0)?,
            call: row.get(1)?,
            content: row.get(2)?,
            special: row.get(3)?,
            last_step: row.get(4)?,
            revision: row.get(5)?,
            updated_at: row.get(6)?,
        })
    }
}

fn attachments(db: &Connection, draft: DraftId) -> Result<Vec<Document>> {
    let sql = "select document_id from draft_attachment where draft_id = ?1 order by position";
    let mut statement = db.prepare_cached(sql)?;
    let ids = statement.query_map([draft], |row| row.get(0))?;
    ids.map(|id| documents::document(db, id?)).collect()
}

impl Draft {
    /// Step 1 as it is chosen; a child of the register fills step 2 in, another one empties what
    /// the register had filled in.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn choose(
        &mut self,
        db: &Connection,
        actor: &Actor,
        choice: ApplicantChoice,
        now: Instant,
    ) -> Result<()> {
        let before = self.content.applicant.register_child();
        let household = rules::household(db, actor, now)?;
        let chosen = choice.register_child();
        let member = household
            .iter()
            .find(|m| chosen.as_ref() == Some(&m.person.public_id));
        self.content.applicant = choice;
        match member {
            Some(member) => self.content.child = of_register(&member.person),
            None if before.is_some() => self.content.child = TypedChild::default(),
            None => {}
        }
        if household.is_empty() {
            OTHER_CHILD.clone_into(&mut self.content.applicant.child);
        }
        Ok(())
    }
}

fn of_register(child: &Person) -> TypedChild {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    TypedChild {
        surname: child.surname.clone(),
        name: child.name.clone(),
        sex: child.sex.map_or("", |sex| sex.as_str()).to_owned(),
        birth_date: child.birth_date.map_or_else(String::new, |d| d.to_string()),
        birth_place: text(&child.birth_place),
        fiscal_code: child.fiscal_code.to_string(),
        address: text(&child.address),
        postal_code: text(&child.postal_code),
        town: text(&child.town),
    }
}

/// Saves a draft as it is, faults included, if nobody saved it since `draft.revision` was read.
/// `reached` is the step that the parent is at now. Also a closed call's draft can be saved: it is
/// kept, and can't be sent.
///
/// # Errors
/// A conflict that says when the other tab saved; `NotFound` for somebody else's draft.
pub fn save(
    tx: &Transaction<'_>,
    key: &SealingKey,
    actor: &Actor,
    draft: &Draft,
    reached: Step,
    now: Instant,
) -> Result<()> {
    let applicant = applicant(actor)?;
    let content = serde_json::to_string(&draft.content).map_err(Error::internal)?;
    let special = draft.special.seal(key, &context(&draft.public_id))?;
    let rows = tx
        .prepare_cached(
            "update draft set content = ?4, special = ?5, last_step = max(last_step, ?6),
                    revision = revision + 1, updated_at = ?7
             where public_id = ?1 and applicant_id = ?2 and revision = ?3",
        )?
        .execute((
            &draft.public_id,
            applicant,
            draft.revision,
            content,
            special,
            reached.number(),
            now,
        ))?;
    if rows == 1 {
        return Ok(());
    }
    let saved_at = saved_at(tx, applicant, &draft.public_id)?;
    Err(Error::conflict(
        Text::new("error-draft-changed").with("at", saved_at),
    ))
}

fn saved_at(db: &Connection, applicant: PersonId, id: &PublicId) -> Result<Instant> {
    let sql = "select updated_at from draft where public_id = ?1 and applicant_id = ?2";
    Ok(db
        .prepare_cached(sql)?
        .query_row((id, applicant), |row| row.get(0))?)
}

/// Attaches a file. Files add up, so two tabs don't disturb each other here.
///
/// # Errors
/// Field errors of [`documents::store_upload`], or for one file too many.
pub fn attach(
    tx: &Transaction<'_>,
    key: &SealingKey,
    actor: &Actor,
    draft_id: &PublicId,
    upload: &NewUpload,
    now: Instant,
) -> Result<()> {
    let draft = draft(tx, key, actor, draft_id)?;
    if draft.attachments.len() >= MOST_ATTACHMENTS {
        let text = Text::new("error-document-many").with("max", MOST_ATTACHMENTS);
        return Err(Error::Invalid(vec![FieldError::new(upload.field, text)]));
    }
    let document = documents::store_upload(tx, key, upload, now)?;
    tx.prepare_cached(
        "insert into draft_attachment (draft_id, document_id, position)
         select ?1, ?2, coalesce(max(position), 0) + 1 from draft_attachment where draft_id = ?1",
    )?
    .execute((draft.id, document.id))?;
    touch(tx, draft.id, now)
}

/// Takes an attachment away again.
///
/// # Errors
/// `NotFound` when the actor's draft has no such attachment.
pub fn detach(
    tx: &Transaction<'_>,
    key: &SealingKey,
    actor: &Actor,
    draft_id: &PublicId,
    document: &PublicId,
    now: Instant,
) -> Result<()> {
    let draft = draft(tx, key, actor, draft_id)?;
    let attached = draft.attachments.iter().find(|d| d.public_id == *document);
    let document = attached.ok_or(Error::NotFound)?.id;
    tx.prepare_cached("delete from draft_attachment where draft_id = ?1 and document_id = ?2")?
        .execute((draft.id, document))?;
    documents::delete_upload(tx, document)?;
    touch(tx, draft.id, now)
}

/// A summary that is open in another tab is not what would be sent any more.
fn touch(tx: &Transaction<'_>, draft: DraftId, now: Instant) -> Result<()> {
    tx.prepare_cached("update draft set revision = revision + 1, updated_at = ?2 where id = ?1")?
        .execute((draft, now))?;
    Ok(())
}

/// Deletes a draft with its attachments. One that is gone already is gone.
///
/// # Errors
/// The database's own failure.
pub fn delete(tx: &Transaction<'_>, actor: &Actor, id: &PublicId) -> Result<()> {
    let applicant = applicant(actor)?;
    let found: Option<DraftId> = tx
        .prepare_cached("select id from draft where public_id = ?1 and applicant_id = ?2")?
        .query_row((id, applicant), |row| row.get(0))
        .optional()?;
    let Some(draft) = found else { return Ok(()) };
    let attached = attachments(tx, draft)?;
    remove(tx, draft)?;
    for document in attached {
        documents::delete_upload(tx, document.id)?;
    }
    Ok(())
}

/// Removes a draft; what was attached stays stored.
pub(super) fn remove(tx: &Transaction<'_>, draft: DraftId) -> Result<()> {
    tx.prepare_cached("delete from draft where id = ?1")?
        .execute([draft])?;
    Ok(())
}
