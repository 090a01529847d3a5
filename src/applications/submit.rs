//! Sending an application: checked as a whole, frozen with a SHA-256, numbered, receipted. What was
//! sent never changes (invariant 4).

use rusqlite::{Connection, OptionalExtension, Transaction};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::content::{
    Acceptance, Frozen, FrozenApplicant, FrozenChild, FrozenService, FrozenText, Step,
};
use super::drafts::{self, Draft};
use super::{receipt, rules};
use crate::base::{
    Actor, ApplicationId, Error, Instant, LegalTextId, PersonId, PublicId, Result, Text, today,
};
use crate::calls;
use crate::documents::{self, DocumentKind};
use crate::municipality;
use crate::people::{self, FiscalCode, GuardianshipTitle, NewPerson, Person, Sex};
use crate::store::{self, SealingKey};

/// Ties the sealed part to its application.
pub(super) fn context(application: &PublicId) -> String {
    format!("application:{application}")
}

/// Sends a draft. Sending it again, after a double click or an answer that got lost, finds the
/// application that it became.
///
/// # Errors
/// A refusal when the call is not open, when the child has an application for this call already;
/// a conflict when the draft changed since the summary with `revision` was read; field errors for
/// what is missing. The draft is kept in every case.
pub fn submit(
    tx: &Transaction<'_>,
    key: &SealingKey,
    actor: &Actor,
    draft_id: &PublicId,
    revision: i64,
    now: Instant,
) -> Result<PublicId> {
    let applicant_id = actor.person().ok_or(Error::NotFound)?;
    if let Some(sent) = sent_before(tx, applicant_id, draft_id)? {
        return Ok(sent);
    }
    let draft = drafts::draft(tx, key, actor, draft_id)?;
    draft.call.require_open(now)?;
    if draft.revision != revision {
        let text = Text::new("error-draft-changed-before-sending").with("at", draft.updated_at);
        return Err(Error::conflict(text));
    }
    let applicant = people::person(tx, applicant_id)?;
    drafts::require_complete_data(&applicant)?;
    let mut missing = Vec::new();
    for step in Step::ALL {
        missing.extend(rules::faults(tx, actor, &draft, step, now)?);
    }
    if !missing.is_empty() {
        return Err(Error::Invalid(missing));
    }
    let child_id = register_child(tx, actor, &draft, now)?;
    require_none_alive(tx, &draft, child_id)?;
    insert(tx, key, &draft, &applicant, child_id, now)
}

/// The application that a draft became, for its applicant.
///
/// # Errors
/// The database's own failure.
pub fn sent_before(
    db: &Connection,
    applicant: PersonId,
    draft: &PublicId,
) -> Result<Option<PublicId>> {
    let sql = "select public_id from application where draft_ref = ?1 and applicant_id = ?2";
    Ok(db
        .prepare_cached(sql)?
        .query_row((draft, applicant), |row| row.get(0))
        .optional()?)
}

/// The child as a person: out of the household, or by the fiscal code that was typed.
fn register_child(
    tx: &Transaction<'_>,
    actor: &Actor,
    draft: &Draft,
    now: Instant,
) -> Result<PersonId> {
    if let Some(chosen) = draft.content.applicant.register_child() {
        let household = rules::household(tx, actor, now)?;
        let member = household.iter().find(|m| m.person.public_id == chosen);
        return Ok(member.ok_or(Error::NotFound)?.person.id);
    }
    let child = &draft.content.child;
    let new = NewPerson {
        sex: Sex::parse(&child.sex),
        birth_date: rules::birth_of(child),
        birth_place: Some(child.birth_place.clone()),
        address: Some(child.address.clone()),
        postal_code: Some(child.postal_code.clone()),
        town: Some(child.town.clone()),
        ..NewPerson::of(&code_of(draft)?, &child.surname, &child.name, now)
    };
    people::find_or_add(tx, &new, now)
}

fn code_of(draft: &Draft) -> Result<FiscalCode> {
    FiscalCode::parse(&draft.content.child.fiscal_code)
        .map_err(|error| Error::field("fiscal_code", error.text()))
}

/// One live application per call and child; a refused one is not alive.
fn require_none_alive(db: &Connection, draft: &Draft, child: PersonId) -> Result<()> {
    let sql = "select exists (select 1 from application_live where call_id = ?1 and child_id = ?2)";
    let alive: bool = db
        .prepare_cached(sql)?
        .query_row((draft.call.id, child), |row| row.get(0))?;
    if alive {
        Err(Error::refused(Text::new("error-application-live")))
    } else {
        Ok(())
    }
}

fn insert(
    tx: &Transaction<'_>,
    key: &SealingKey,
    draft: &Draft,
    applicant: &Person,
    child: PersonId,
    now: Instant,
) -> Result<PublicId> {
    let public_id = PublicId::random()?;
    let number = next_number(tx, now)?;
    let frozen = freeze(tx, draft, applicant)?;
    let content = serde_json::to_string(&frozen).map_err(Error::internal)?;
    let special = draft.special.seal(key, &context(&public_id))?;
    let sha256 = digest(tx, &content, &special, draft)?;
    let receipt = receipt::print(tx, &number, draft, &frozen, &sha256, now)?;
    let filename = format!("ricevuta-{number}.pdf");
    let receipt = documents::store_issued(tx, DocumentKind::Receipt, &filename, &receipt, now)?;
    tx.prepare_cached(
        "insert into application (public_id, number, call_id, applicant_id, child_id, content,
                                  special, sha256, submitted_at, receipt_id, draft_ref)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute((
        &public_id,
        number,
        draft.call.id,
        applicant.id,
        child,
        content,
        special,
        sha256,
        now,
        receipt.id,
        &draft.public_id,
    ))?;
    let id = ApplicationId(tx.last_insert_rowid());
    tx.prepare_cached(
        "insert into application_attachment (application_id, document_id, position)
         select ?1, document_id, position from draft_attachment where draft_id = ?2",
    )?
    .execute((id, draft.id))?;
    tx.prepare_cached(
        "insert into application_live (call_id, child_id, application_id) values (?1, ?2, ?3)",
    )?
    .execute((draft.call.id, child, id))?;
    tx.prepare_cached(
        "insert into application_event (application_id, at, state) values (?1, ?2, 'submitted')",
    )?
    .execute((id, now))?;
    store::outbox_push(tx, SUBMITTED, &Submitted { application: id }, now)?;
    drafts::remove(tx, draft.id)?;
    Ok(public_id)
}

/// The outbox kind: an application was sent.
pub const SUBMITTED: &str = "application-submitted";

/// What the outbox says of it.
#[derive(Serialize, Deserialize)]
pub struct Submitted {
    /// Which.
    pub application: ApplicationId,
}

/// What a notification says of an application.
pub struct Brief {
    /// Who sent it.
    pub applicant: PersonId,
    /// `D-2026-000123`.
    pub number: String,
    /// The call.
    pub call: String,
    /// Surname and name of the child.
    pub child: String,
}

/// What a notification says of an application.
///
/// # Errors
/// `NotFound`.
pub fn brief(db: &Connection, id: ApplicationId) -> Result<Brief> {
    let sql = "select a.applicant_id, a.number, c.title, p.surname || ' ' || p.name
               from application a join call c on c.id = a.call_id join person p on p.id = a.child_id
               where a.id = ?1";
    Ok(db.prepare_cached(sql)?.query_row([id], |row| {
        Ok(Brief {
            applicant: row.get(0)?,
            number: row.get(1)?,
            call: row.get(2)?,
            child: row.get(3)?,
        })
    })?)
}

/// `D-2026-000123`: counted anew each calendar year of Rome.
fn next_number(tx: &Transaction<'_>, now: Instant) -> Result<String> {
    let year = today(now).year();
    let n = store::next_number(tx, &format!("applications-{year}"), 1)?;
    Ok(format!("D-{year}-{n:06}"))
}

/// The draft as it is frozen: checked values, the applicant's data of this day, names beside ids.
fn freeze(db: &Connection, draft: &Draft, applicant: &Person) -> Result<Frozen> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let (choice, child) = (&draft.content.applicant, &draft.content.child);
    let service = &draft.content.service;
    let class = municipality::class_by_public_id(
        db,
        &service.class.parse().map_err(|()| Error::NotFound)?,
    )?;
    let accepted = &draft.content.accepted;
    let accepted = [accepted.privacy, accepted.conditions];
    Ok(Frozen {
        applicant: FrozenApplicant {
            title: GuardianshipTitle::parse(&choice.title)
                .ok_or_else(|| Error::field("title", Text::new("error-title-missing")))?,
            surname: applicant.surname.clone(),
            name: applicant.name.clone(),
            fiscal_code: applicant.fiscal_code.clone(),
            birth_date: applicant.birth_date,
            birth_place: text(&applicant.birth_place),
            address: text(&applicant.address),
            postal_code: text(&applicant.postal_code),
            town: text(&applicant.town),
            phone: text(&applicant.phone),
            email: text(&applicant.email),
        },
        child: FrozenChild {
            from_register: choice.register_child().is_some(),
            surname: child.surname.trim().to_owned(),
            name: child.name.trim().to_owned(),
            sex: Sex::parse(&child.sex),
            birth_date: rules::birth_of(child),
            birth_place: child.birth_place.clone(),
            fiscal_code: code_of(draft)?,
            address: child.address.clone(),
            postal_code: child.postal_code.clone(),
            town: child.town.clone(),
        },
        service: FrozenService {
            class: class.public_id,
            class_name: class.name,
            school: class.school,
            isee_consent: service.isee_consent,
            isee_value: rules::isee_value(&service.isee_value)
                .map_err(|_| Error::field("isee_value", Text::new("error-not-an-amount")))?,
            discounts: service.discounts.trim().to_owned(),
        },
        accepted: accepted
            .into_iter()
            .flatten()
            .map(|acceptance| frozen_text(db, acceptance))
            .collect::<Result<_>>()?,
    })
}

fn frozen_text(db: &Connection, acceptance: Acceptance) -> Result<FrozenText> {
    let text = calls::legal_text(db, acceptance.text)?;
    Ok(FrozenText {
        text: acceptance.text,
        title: text.title,
        version: text.version,
        at: acceptance.at,
    })
}

/// What the digest covers, in this order, each part with its length before it: the content, the
/// sealed part, kind, name and digest of each attachment, and the accepted texts in full. The
/// sealed part goes in as it is stored, because the digest of a short diet code could be guessed.
fn digest(db: &Connection, content: &str, special: &[u8], draft: &Draft) -> Result<[u8; 32]> {
    let accepted = &draft.content.accepted;
    let texts: Vec<LegalTextId> = [accepted.privacy, accepted.conditions]
        .into_iter()
        .flatten()
        .map(|acceptance| acceptance.text)
        .collect();
    sha256_of(db, content, special, &draft.attachments, &texts)
}

pub(super) fn sha256_of(
    db: &Connection,
    content: &str,
    special: &[u8],
    attachments: &[documents::Document],
    texts: &[LegalTextId],
) -> Result<[u8; 32]> {
    let mut hasher = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hasher.update((bytes.len() as u64).to_be_bytes());
        hasher.update(bytes);
    };
    part(content.as_bytes());
    part(special);
    for document in attachments {
        part(document.kind.as_str().as_bytes());
        part(document.filename.as_bytes());
        part(&document.sha256);
    }
    for id in texts {
        let text = calls::legal_text(db, *id)?;
        part(text.title.as_bytes());
        part(text.body.as_bytes());
    }
    Ok(hasher.finalize().into())
}
