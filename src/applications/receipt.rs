//! What the receipt of an application says: the facts for [`super::receipt_pdf`].

use rusqlite::Connection;

use super::content::{Frozen, FrozenApplicant, FrozenChild};
use super::drafts::Draft;
use super::receipt_pdf::{self, Applicant, Attachment, Child, Declaration, ReceiptData};
use crate::base::{Instant, Result, date_it};
use crate::documents::DocumentKind;
use crate::municipality::{self, Municipality};
use crate::pdf::Letterhead;

/// The receipt as a PDF.
///
/// # Errors
/// When it can't be printed.
pub(super) fn print(
    db: &Connection,
    number: &str,
    draft: &Draft,
    frozen: &Frozen,
    sha256: &[u8; 32],
    now: Instant,
) -> Result<Vec<u8>> {
    let service = &frozen.service;
    let mut facts = vec![
        ("Servizio", draft.call.service.clone()),
        ("Anno scolastico", draft.call.school_year().to_string()),
        ("Scuola", service.school.clone()),
        ("Classe", service.class_name.clone()),
        (
            "Acquisizione dell’ISEE",
            consent(service.isee_consent).to_owned(),
        ),
    ];
    if draft.call.serves_food() {
        facts.insert(4, ("Dieta speciale", diet_asked(draft).to_owned()));
    }
    if let Some(value) = service.isee_value {
        facts.push(("ISEE dichiarato", value.to_string()));
    }
    if !service.discounts.is_empty() {
        facts.push(("Altri sconti richiesti", service.discounts.clone()));
    }
    let attachment = |document: &crate::documents::Document| Attachment {
        name: match document.kind {
            DocumentKind::Certificate => format!("{} (certificato, riservato)", document.filename),
            _ => document.filename.clone(),
        },
        size: u64::try_from(document.size).unwrap_or(0),
        sha256: hex(&document.sha256),
    };
    let data = ReceiptData {
        municipality: letterhead(municipality::municipality(db)?),
        number: number.to_owned(),
        submitted_at: now,
        call_title: draft.call.title.clone(),
        applicant: applicant(&frozen.applicant),
        child: child(&frozen.child),
        service: facts
            .into_iter()
            .map(|(label, value)| (label.to_owned(), value))
            .collect(),
        declarations: frozen
            .accepted
            .iter()
            .map(|text| Declaration {
                title: text.title.clone(),
                version: text.version.to_string(),
                accepted_at: Some(text.at),
            })
            .collect(),
        attachments: draft.attachments.iter().map(attachment).collect(),
        content_sha256: hex(sha256),
        next_steps: NEXT_STEPS.iter().map(|step| (*step).to_owned()).collect(),
    };
    Ok(receipt_pdf::render(&data)?)
}

const NEXT_STEPS: [&str; 3] = [
    "L’ufficio esamina la domanda. Se manca qualcosa ti scrive in “Comunicazioni”.",
    "L’esito lo leggi in “Domande inviate” e in “Comunicazioni”.",
    "La domanda inviata non si può modificare: per una correzione scrivi all’ufficio.",
];

/// Never which one: the receipt is an ordinary document.
fn diet_asked(draft: &Draft) -> &'static str {
    if draft.special.diet_code.is_empty() {
        "Non richiesta"
    } else {
        "Richiesta (dato riservato)"
    }
}

fn consent(given: bool) -> &'static str {
    if given {
        "Autorizzata"
    } else {
        "Non autorizzata"
    }
}

fn letterhead(comune: Municipality) -> Letterhead {
    Letterhead {
        name: comune.name,
        department: comune.department,
        address: comune.address,
        fiscal_code: comune.fiscal_code.to_string(),
        vat_number: String::new(),
        certified_mail: comune.pec,
        contacts: format!("Tel. {} · {}", comune.phone, comune.email),
    }
}

fn applicant(applicant: &FrozenApplicant) -> Applicant {
    let birth = match applicant.birth_date {
        Some(day) => format!("{}, {}", applicant.birth_place, date_it(day)),
        None => applicant.birth_place.clone(),
    };
    Applicant {
        name: format!("{} {}", applicant.surname, applicant.name),
        fiscal_code: applicant.fiscal_code.to_string(),
        birth,
        residence: residence(&applicant.address, &applicant.postal_code, &applicant.town),
        phone: applicant.phone.clone(),
        email: applicant.email.clone(),
    }
}

fn child(child: &FrozenChild) -> Child {
    Child {
        name: format!("{} {}", child.surname, child.name),
        fiscal_code: child.fiscal_code.to_string(),
        birth_place: child.birth_place.clone(),
        birth_date: child.birth_date,
        residence: residence(&child.address, &child.postal_code, &child.town),
    }
}

/// `Via Roma 1, 56017 Borgo San Lieto`; what is unknown is left out.
pub(super) fn residence(address: &str, postal_code: &str, town: &str) -> String {
    let place = format!("{postal_code} {town}");
    [address.trim(), place.trim()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(", ")
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a String can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
