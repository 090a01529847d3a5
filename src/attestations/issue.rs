//! Issuing: what was issued stays byte for byte; a revision is made only when the facts changed.

use rusqlite::{Connection, OptionalExtension, Row, Transaction};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::attestation_pdf;
use super::compute::{Computed, Policy, Why, compute};
use super::content::{AttestationContent, ChildSection, Responsible, Verification};
use super::facts::{attested_payer, facts};
use super::notes::notes;
use crate::base::{
    Actor, AttestationId, Date, DocumentId, Error, Instant, PersonId, PublicId, Result, Text,
    date_it, day_of,
};
use crate::documents::{self, DocumentKind};
use crate::municipality::{self, Municipality};
use crate::pdf::Letterhead;
use crate::store::{self, AuditEvent};

/// An issued attestation.
#[derive(Clone, Debug, Serialize)]
pub struct Attestation {
    /// Inside.
    #[serde(skip)]
    pub id: AttestationId,
    /// Outside; also the code of `/verifica`.
    pub public_id: PublicId,
    /// The tax year.
    pub year: i16,
    /// To whom.
    #[serde(skip)]
    pub payer_id: PersonId,
    /// The progressive number within the year.
    pub number: u32,
    /// 0 for the first issue.
    pub revision: u32,
    /// The PDF.
    #[serde(skip)]
    pub document: DocumentId,
    /// When.
    pub issued_at: Instant,
    #[serde(skip)]
    facts_sha256: [u8; 32],
}

impl Attestation {
    /// `2025/000123`.
    pub fn full_number(&self) -> String {
        format!("{}/{:06}", self.year, self.number)
    }

    /// The name of its file: no personal data.
    pub fn filename(&self) -> String {
        let revision = match self.revision {
            0 => String::new(),
            n => format!("-rev{n}"),
        };
        format!(
            "attestazione-{}-{:06}{revision}.pdf",
            self.year, self.number
        )
    }
}

const SELECT: &str =
    "select id, public_id, year, payer_id, number, revision, document_id, issued_at,
        facts_sha256 from attestation";

fn read(row: &Row<'_>) -> rusqlite::Result<Attestation> {
    Ok(Attestation {
        id: row.get(0)?,
        public_id: row.get(1)?,
        year: row.get(2)?,
        payer_id: row.get(3)?,
        number: row.get(4)?,
        revision: row.get(5)?,
        document: row.get(6)?,
        issued_at: row.get(7)?,
        facts_sha256: row.get(8)?,
    })
}

/// What asking for an attestation came to.
#[derive(Clone, Debug)]
pub enum Issue {
    /// A new document: the first, or a revision.
    New(Attestation),
    /// The facts are those of the document that is there.
    Unchanged(Attestation),
    /// There is nothing to attest.
    Nothing(Why),
}

/// The current attestation of a payer's year.
///
/// # Errors
/// The database's own failure.
pub fn current(db: &Connection, payer: PersonId, year: i16) -> Result<Option<Attestation>> {
    let sql = format!("{SELECT} where payer_id = ?1 and year = ?2 order by revision desc limit 1");
    Ok(db
        .prepare_cached(&sql)?
        .query_row((payer, year), read)
        .optional()?)
}

/// An attestation of the actor's.
///
/// # Errors
/// `NotFound`, also for somebody else's.
pub fn attestation_of_payer(db: &Connection, actor: &Actor, id: &PublicId) -> Result<Attestation> {
    let payer = actor.person().ok_or(Error::NotFound)?;
    let sql = format!("{SELECT} where public_id = ?1 and payer_id = ?2");
    Ok(db.prepare_cached(&sql)?.query_row((id, payer), read)?)
}

pub(super) fn by_code(
    db: &Connection,
    code: &PublicId,
) -> Result<(Attestation, AttestationContent)> {
    let sql = format!("{SELECT} where public_id = ?1");
    let attestation = db.prepare_cached(&sql)?.query_row([code], read)?;
    let content = content(db, attestation.id)?;
    Ok((attestation, content))
}

/// What an attestation says.
///
/// # Errors
/// `NotFound`.
pub fn content(db: &Connection, id: AttestationId) -> Result<AttestationContent> {
    let sql = "select content from attestation where id = ?1";
    let text: String = db.prepare_cached(sql)?.query_row([id], |row| row.get(0))?;
    serde_json::from_str(&text).map_err(Error::internal)
}

/// The current attestations of a year after a number, by number: to write them into a folder in
/// chunks.
///
/// # Errors
/// The database's own failure.
pub fn current_of_year(
    db: &Connection,
    year: i16,
    after: u32,
    limit: u32,
) -> Result<Vec<Attestation>> {
    let sql = format!(
        "{SELECT} a where a.year = ?1 and a.number > ?2 and a.revision =
           (select max(revision) from attestation b where b.year = a.year and b.number = a.number)
         order by a.number limit ?3"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map((year, after, limit), read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The PDF of an attestation, byte for byte as it was issued.
///
/// # Errors
/// `NotFound`.
pub fn pdf(db: &Connection, attestation: &Attestation) -> Result<Vec<u8>> {
    let document = documents::document(db, attestation.document)?;
    documents::bytes(db, &document)
}

/// What there would be to attest, without issuing it, and whether the current document says it.
///
/// # Errors
/// `NotFound` for a person that does not exist.
pub fn outlook(db: &Connection, payer: PersonId, year: i16, today: Date) -> Result<Outlook> {
    let sections = match compute(&facts(db, payer, year)?, Policy::Debtor) {
        Computed::Nothing(why) => return Ok(Outlook::Nothing(why)),
        Computed::Sections(sections) => sections,
    };
    let sha256 = fingerprint(db, payer, &sections, year < today.year())?;
    Ok(match current(db, payer, year)? {
        Some(current) if current.facts_sha256 == sha256 => Outlook::Current(current),
        Some(current) => Outlook::Outdated(current),
        None => Outlook::Ready,
    })
}

/// How a payer's year stands.
#[derive(Clone, Debug)]
pub enum Outlook {
    /// The document that is there says it all.
    Current(Attestation),
    /// Something changed since this one.
    Outdated(Attestation),
    /// None was issued yet.
    Ready,
    /// There is nothing to attest.
    Nothing(Why),
}

/// Issues the attestation of a payer's year: the first, or a revision when the facts changed; else
/// gives the one that is there. `public_url` is where it can be verified.
///
/// # Errors
/// A refusal for a year that has not begun.
pub fn issue(
    tx: &Transaction<'_>,
    actor: &Actor,
    payer: PersonId,
    year: i16,
    public_url: &str,
    now: Instant,
) -> Result<Issue> {
    let today = day_of(now);
    if year > today.year() {
        let text = Text::new("error-attestation-future").with("year", year.to_string());
        return Err(Error::refused(text));
    }
    let sections = match compute(&facts(tx, payer, year)?, Policy::Debtor) {
        Computed::Nothing(why) => return Ok(Issue::Nothing(why)),
        Computed::Sections(sections) => sections,
    };
    let year_is_over = year < today.year();
    let sha256 = fingerprint(tx, payer, &sections, year_is_over)?;
    let before = current(tx, payer, year)?;
    if let Some(current) = before.as_ref().filter(|c| c.facts_sha256 == sha256) {
        return Ok(Issue::Unchanged(current.clone()));
    }
    let (number, revision) = match &before {
        Some(current) => (current.number, current.revision + 1),
        None => {
            let next = store::next_number(tx, &format!("attestation-{year}"), 1)?;
            (u32::try_from(next).map_err(Error::internal)?, 0)
        }
    };
    let code = PublicId::random()?;
    let content = AttestationContent {
        notes: notes(&sections, year, (!year_is_over).then_some(today)),
        replaces_issue_of: before.map(|current| day_of(current.issued_at)),
        verification: Some(Verification {
            url: format!("{public_url}/verifica/{code}"),
            code: code.to_string(),
        }),
        ..frame(tx, payer, year, number, revision, today, sections)?
    };
    let attestation = keep(tx, payer, &code, &content, &sha256, now)?;
    let event = AuditEvent {
        action: "attestation-issued",
        subject: "attestation",
        subject_id: Some(attestation.id.0),
        payload: json!({ "year": year, "number": number, "revision": revision }),
    };
    store::audit(tx, actor, now, &event)?;
    Ok(Issue::New(attestation))
}

/// The facts' SHA-256: figures, rows, children and who is attested. Not the address, nor what the
/// comune prints around them, nor which bodies paid what others pay: that makes no new revision.
fn fingerprint(
    db: &Connection,
    payer: PersonId,
    sections: &[ChildSection],
    year_is_over: bool,
) -> Result<[u8; 32]> {
    let payer = attested_payer(db, payer)?;
    let mut sections = sections.to_vec();
    for service in sections.iter_mut().flat_map(|child| &mut child.services) {
        service.aided_by.clear();
    }
    let facts = json!({
        "payer": [payer.name, payer.fiscal_code],
        "children": sections,
        "year_is_over": year_is_over,
    });
    Ok(Sha256::digest(facts.to_string().as_bytes()).into())
}

fn frame(
    db: &Connection,
    payer: PersonId,
    year: i16,
    number: u32,
    revision: u32,
    issued_on: Date,
    children: Vec<ChildSection>,
) -> Result<AttestationContent> {
    let comune = municipality::municipality(db)?;
    Ok(AttestationContent {
        year,
        number,
        revision,
        issued_on,
        replaces_issue_of: None,
        registry: None,
        payer: attested_payer(db, payer)?,
        children,
        notes: Vec::new(),
        responsible: Responsible {
            role: "Il responsabile del settore".to_owned(),
            name: comune.responsible.clone(),
        },
        verification: None,
        privacy: privacy(&comune),
        municipality: letterhead(comune),
    })
}

fn privacy(comune: &Municipality) -> String {
    format!(
        "Titolare del trattamento dei dati: {}. Responsabile della protezione dei dati: {}.",
        comune.name, comune.privacy_contact
    )
}

fn letterhead(comune: Municipality) -> Letterhead {
    Letterhead {
        name: comune.name,
        department: comune.department,
        address: comune.address,
        fiscal_code: comune.fiscal_code.to_string(),
        vat_number: String::new(),
        certified_mail: comune.pec,
        contacts: format!("tel. {} · {}", comune.phone, comune.email),
    }
}

fn keep(
    tx: &Transaction<'_>,
    payer: PersonId,
    code: &PublicId,
    content: &AttestationContent,
    facts_sha256: &[u8; 32],
    now: Instant,
) -> Result<Attestation> {
    let pdf = attestation_pdf::render(content)?;
    let text = serde_json::to_string(content).map_err(Error::internal)?;
    let name = format!(
        "attestazione {} del {}.pdf",
        content.full_number().replace('/', "-"),
        date_it(content.issued_on).replace('/', "-")
    );
    let document = documents::store_issued(tx, DocumentKind::Attestation, &name, &pdf, now)?;
    tx.prepare_cached(
        "insert into attestation (public_id, year, payer_id, number, revision, content, document_id,
                                  issued_at, facts_sha256)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute((
        code,
        content.year,
        payer,
        content.number,
        content.revision,
        text,
        document.id,
        now,
        facts_sha256,
    ))?;
    let id = AttestationId(tx.last_insert_rowid());
    let sql = format!("{SELECT} where id = ?1");
    Ok(tx.prepare_cached(&sql)?.query_row([id], read)?)
}
