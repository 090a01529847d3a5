//! The receipt of a submitted application (art. 18-bis L. 241/1990: the office issues one when an
//! application is presented): what was sent, when, and the digest that proves it.

use crate::base::{Date, Instant, date_it, datetime_it};
use crate::pdf::{
    self, Column, Flow, Ink, Length, Letterhead, Meta, PdfError, Role, Row, Style, Table,
};

/// What the receipt says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptData {
    /// Who received the application.
    pub municipality: Letterhead,
    /// The number of the application: `D-2026-000123`.
    pub number: String,
    /// When it was sent.
    pub submitted_at: Instant,
    /// The title of the call.
    pub call_title: String,
    /// The applicant, who becomes the payer.
    pub applicant: Applicant,
    /// The child.
    pub child: Child,
    /// Service data as label and value, in the order of the form. Never a diet: the receipt says
    /// only that one was asked for.
    pub service: Vec<(String, String)>,
    /// What was declared and accepted.
    pub declarations: Vec<Declaration>,
    /// The attachments.
    pub attachments: Vec<Attachment>,
    /// SHA-256 of the frozen content, 64 hexadecimal digits.
    pub content_sha256: String,
    /// What happens next, one paragraph each.
    pub next_steps: Vec<String>,
}

/// The applicant; empty fields are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applicant {
    /// Surname and name.
    pub name: String,
    /// Fiscal code.
    pub fiscal_code: String,
    /// Place and date of birth, as written.
    pub birth: String,
    /// Address of residence.
    pub residence: String,
    /// Telephone.
    pub phone: String,
    /// E-mail.
    pub email: String,
}

/// The child; empty fields are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Child {
    /// Surname and name.
    pub name: String,
    /// Fiscal code.
    pub fiscal_code: String,
    /// Place of birth.
    pub birth_place: String,
    /// Date of birth.
    pub birth_date: Option<Date>,
    /// Address of residence.
    pub residence: String,
}

/// A text that the applicant accepted, or declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// What: `Informativa sulla privacy`.
    pub title: String,
    /// The version that was shown; empty where there is none.
    pub version: String,
    /// When it was accepted.
    pub accepted_at: Option<Instant>,
}

/// An attached file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// The file's name.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256, 64 hexadecimal digits.
    pub sha256: String,
}

/// The receipt as a PDF. The same data give the same bytes.
///
/// # Errors
/// See [`pdf::write`].
pub fn render(data: &ReceiptData) -> Result<Vec<u8>, PdfError> {
    let title = format!("Ricevuta di presentazione della domanda n. {}", data.number);
    let meta = Meta {
        title,
        author: data.municipality.name.clone(),
        created: data.submitted_at,
    };
    let running_head = format!("{} · Domanda n. {}", data.municipality.name, data.number);
    let mut flow = Flow::new(meta, &running_head);
    data.municipality.print(&mut flow);
    opening(&mut flow, data);
    people(&mut flow, data);
    service(&mut flow, data);
    declarations(&mut flow, data);
    attachments(&mut flow, data);
    digest(&mut flow, data);
    next_steps(&mut flow, data);
    pdf::write(&flow.finish(&format!("Ricevuta della domanda n. {}", data.number)))
}

fn opening(flow: &mut Flow, data: &ReceiptData) {
    flow.text(
        Role::H1,
        Style::H1,
        "Ricevuta di presentazione della domanda",
    );
    flow.space(Length::mm(3));
    flow.boxed(Some(Ink::TINT), &|flow| {
        flow.facts(&[
            ("Numero della domanda", &data.number),
            (
                "Presentata il",
                &datetime_it(data.submitted_at).replace(", ", ", ore "),
            ),
            ("Avviso", &data.call_title),
        ]);
    });
    flow.space(Length::mm(4));
    flow.paragraph(
        "La domanda è arrivata all’ufficio. I dati, le dichiarazioni e i documenti qui elencati sono quelli inviati e non possono più essere cambiati.",
    );
}

fn people(flow: &mut Flow, data: &ReceiptData) {
    let applicant = &data.applicant;
    flow.heading(Role::H2, "Richiedente e intestatario dei pagamenti");
    flow.facts(&[
        ("Cognome e nome", &applicant.name),
        ("Codice fiscale", &applicant.fiscal_code),
        ("Nascita", &applicant.birth),
        ("Residenza", &applicant.residence),
        ("Telefono", &applicant.phone),
        ("E-mail", &applicant.email),
    ]);
    let child = &data.child;
    let birth = match (child.birth_place.as_str(), child.birth_date) {
        ("", Some(day)) => date_it(day),
        (place, Some(day)) => format!("{place}, {}", date_it(day)),
        (place, None) => place.to_owned(),
    };
    flow.heading(Role::H2, "Alunno");
    flow.facts(&[
        ("Cognome e nome", &child.name),
        ("Codice fiscale", &child.fiscal_code),
        ("Nascita", &birth),
        ("Residenza", &child.residence),
    ]);
}

fn service(flow: &mut Flow, data: &ReceiptData) {
    if data.service.is_empty() {
        return;
    }
    flow.heading(Role::H2, "Dati del servizio");
    let facts: Vec<(&str, &str)> = data
        .service
        .iter()
        .map(|(label, value)| (label.as_str(), value.as_str()))
        .collect();
    flow.facts(&facts);
}

fn declarations(flow: &mut Flow, data: &ReceiptData) {
    if data.declarations.is_empty() {
        return;
    }
    flow.heading(Role::H2, "Dichiarazioni");
    let row = |declaration: &Declaration| {
        Row::new([
            declaration.title.clone(),
            declaration.version.clone(),
            declaration.accepted_at.map(datetime_it).unwrap_or_default(),
        ])
    };
    flow.table(&Table {
        columns: vec![
            Column::text("Dichiarazione", 106),
            Column::text("Versione", 30),
            Column::text("Accettata il", 34),
        ],
        rows: data.declarations.iter().map(row).collect(),
        row_headers: true,
    });
}

fn attachments(flow: &mut Flow, data: &ReceiptData) {
    flow.heading(Role::H2, "Documenti allegati");
    if data.attachments.is_empty() {
        flow.paragraph("Nessun documento allegato.");
        return;
    }
    let row = |attachment: &Attachment| {
        Row::new([
            attachment.name.clone(),
            size_it(attachment.size),
            attachment.sha256.clone(),
        ])
    };
    flow.table(&Table {
        columns: vec![
            Column::text("Nome del file", 86),
            Column::amount("Dimensione", 26),
            Column::code("Impronta SHA-256", 58),
        ],
        rows: data.attachments.iter().map(row).collect(),
        row_headers: true,
    });
}

fn digest(flow: &mut Flow, data: &ReceiptData) {
    flow.heading(Role::H2, "Impronta della domanda");
    flow.text(Role::P, Style::CODE, &data.content_sha256);
    flow.space(Length::mm(1));
    flow.note(
        "Impronta SHA-256 di quanto inviato: se anche un solo carattere cambiasse, l’impronta sarebbe diversa.",
    );
}

fn next_steps(flow: &mut Flow, data: &ReceiptData) {
    if data.next_steps.is_empty() {
        return;
    }
    flow.keep(&|flow| {
        flow.heading(Role::H2, "Che cosa succede ora");
        for step in &data.next_steps {
            flow.paragraph(step);
        }
    });
}

/// `1,2 MB`, `340 kB`: a size as file managers show it (1 kB = 1000 bytes).
pub fn size_it(bytes: u64) -> String {
    match bytes {
        0..1000 => format!("{bytes} byte"),
        1000..1_000_000 => format!("{} kB", bytes.div_ceil(1000)),
        _ => {
            let tenths = bytes.div_ceil(100_000);
            format!("{},{} MB", tenths / 10, tenths % 10)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_written_as_people_read_them() {
        for (bytes, text) in [
            (999, "999 byte"),
            (1000, "1 kB"),
            (339_001, "340 kB"),
            (1_150_000, "1,2 MB"),
            (10_000_000, "10,0 MB"),
        ] {
            assert_eq!(size_it(bytes), text);
        }
    }
}
