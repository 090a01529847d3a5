//! The attestation on paper (facts of the tax authority's practice: TUIR art. 15, circ. 18/E/2016,
//! L. 160/2019 art. 1 c. 679). Fields without data are left out; amounts are never added up over
//! children, because the cap is each child's.

use super::content::{AttestationContent, ChildSection, PaymentRow, ServiceSection};
use crate::base::{Cents, Instant, date_it};
use crate::charging::charge_pdf;
use crate::pdf::{
    self, Column, Flow, Ink, Length, Meta, PdfError, Role, Row, Style, Symbol, Table,
    euros_in_words,
};

const EXEMPTION: &str = "Esente da imposta di bollo – art. 5, c. 1, Tabella all. B, DPR 642/1972.";

/// The attestation as a PDF. The same content gives the same bytes.
///
/// # Errors
/// [`PdfError::QrTooLong`] when the verification address fits in no QR code; else see
/// [`pdf::write`].
pub fn render(content: &AttestationContent) -> Result<Vec<u8>, PdfError> {
    let verification_qr = content
        .verification
        .as_ref()
        .map(|verification| Symbol::smallest_qr(&verification.url))
        .transpose()?;
    let number = content.full_number();
    let mut flow = Flow::new(meta(content), &running_head(content, &number));
    content.municipality.print(&mut flow);
    opening(&mut flow, content, &number);
    summary(&mut flow, content);
    for child in &content.children {
        child_section(&mut flow, child, content);
    }
    notes(&mut flow, content);
    split_box(&mut flow);
    closing(&mut flow, content, verification_qr);
    pdf::write(&flow.finish(&format!("Attestazione n. {number}")))
}

fn meta(content: &AttestationContent) -> Meta {
    Meta {
        title: title(content),
        author: content.municipality.name.clone(),
        created: Instant::from_rome(content.issued_on.at(0, 0, 0, 0)),
    }
}

fn title(content: &AttestationContent) -> String {
    format!(
        "Attestazione di pagamento ai fini della detrazione fiscale (mod.\u{a0}730\u{a0}/\u{a0}Redditi\u{a0}PF) – anno d’imposta {}",
        content.year
    )
}

fn running_head(content: &AttestationContent, number: &str) -> String {
    format!(
        "{} · Attestazione n. {number} · {}",
        content.municipality.name, content.payer.name
    )
}

fn opening(flow: &mut Flow, content: &AttestationContent, number: &str) {
    flow.text(Role::H1, Style::H1, &title(content));
    flow.space(Length::mm(2));
    let mut issue = format!("N. {number} del {}", date_it(content.issued_on));
    if let Some(registry) = &content.registry {
        issue.push_str(&format!(" · Protocollo {registry}"));
    }
    flow.text(Role::P, Style::STRONG, &issue);
    if content.revision > 0 {
        let replaced = content
            .replaces_issue_of
            .map(|day| format!(" del {}", date_it(day)))
            .unwrap_or_default();
        let text = format!(
            "Revisione {}: annulla e sostituisce l’attestazione n. {number}{replaced}.",
            content.revision
        );
        flow.text(Role::P, Style::BODY, &text);
    }
    flow.heading(Role::H2, "Intestatario dei pagamenti");
    flow.facts(&[
        ("Cognome e nome", &content.payer.name),
        ("Codice fiscale", &content.payer.fiscal_code),
        ("Residenza", &content.payer.residence),
    ]);
    flow.space(Length::mm(2));
    flow.paragraph(&format!(
        "Si attesta che nell’anno {} sono state pagate a questo ente, per i servizi e gli alunni sotto indicati, le somme che seguono. Conta l’anno in cui il pagamento è stato fatto, anche se il servizio riguarda un altro anno.",
        content.year
    ));
}

/// With more than one section, all figures at a glance: one line each, and no sum.
fn summary(flow: &mut Flow, content: &AttestationContent) {
    let mut rows = Vec::new();
    for child in &content.children {
        for service in &child.services {
            rows.push(Row::new([
                child.child.name.clone(),
                service.service_name.clone(),
                service.code.map_or("–", |code| code.number()).to_owned(),
                service.net.to_string(),
            ]));
        }
    }
    if rows.len() < 2 {
        return;
    }
    flow.heading(Role::H2, "Riepilogo");
    flow.table(&Table {
        columns: vec![
            Column::text("Alunno", 65),
            Column::text("Servizio", 55),
            Column::text("Cod. 730", 18),
            Column::amount("Importo attestato", 32),
        ],
        rows,
        row_headers: true,
    });
}

fn child_section(flow: &mut Flow, section: &ChildSection, content: &AttestationContent) {
    for (index, service) in section.services.iter().enumerate() {
        flow.keep(&|flow| {
            if index == 0 {
                child_head(flow, section);
            }
            service_head(flow, service);
        });
        flow.keep(&|flow| {
            figures(flow, service, content.year);
            net_amount(flow, service, content.year);
        });
        payments(flow, service, content.year);
    }
}

fn child_head(flow: &mut Flow, section: &ChildSection) {
    let child = &section.child;
    flow.heading(Role::H2, &format!("Alunno: {}", child.name));
    let birth = child.birth_date.map(date_it).unwrap_or_default();
    flow.facts(&[
        ("Codice fiscale", &child.fiscal_code),
        ("Data di nascita", &birth),
        ("Intestatario in qualità di", &child.payer_title),
    ]);
}

fn service_head(flow: &mut Flow, service: &ServiceSection) {
    flow.heading(Role::H3, &service.service_name);
    let code = match service.code {
        Some(code) => format!(
            "quadro E, righi E8–E10, codice {} (indicativo)",
            code.number()
        ),
        None => "spesa non detraibile".to_owned(),
    };
    flow.facts(&[
        ("Scuola", &service.school),
        ("Classe o sezione", &service.class),
        ("Anni scolastici", &service.school_years.join(", ")),
        ("Dichiarazione dei redditi", &code),
    ]);
    flow.space(Length::mm(2));
}

fn figures(flow: &mut Flow, service: &ServiceSection, year: i16) {
    let mut rows = vec![(
        "A",
        "Pagato con strumenti tracciabili (art. 1, c. 679, L. 160/2019)".to_owned(),
        service.traceable,
    )];
    let others = [
        (
            "B",
            "Pagato in altro modo (contanti): non detraibile".to_owned(),
            service.otherwise_paid,
        ),
        (
            "C",
            "Pagato con mezzo non accertato".to_owned(),
            service.not_ascertained,
        ),
        (
            "D",
            format!("Rimborsato nel {year} su pagamenti dello stesso anno"),
            service.refunds_same_year,
        ),
    ];
    rows.extend(
        others
            .into_iter()
            .filter(|(_, _, amount)| *amount != Cents::ZERO),
    );
    for (paid_in, amount) in &service.refunds_earlier {
        let what = format!(
            "Rimborsato nel {year} su spese {paid_in} (mod. 730, rigo D7, codice 4, se detratte)"
        );
        rows.push(("E", what, *amount));
    }
    if service.aided != Cents::ZERO {
        let bodies = match charge_pdf::bodies(&service.aided_by) {
            none if none.is_empty() => none,
            bodies => format!(": {bodies}"),
        };
        let what = format!(
            "A carico di altri enti per il servizio del {year}, non pagato dalla famiglia e non compreso negli altri importi{bodies}"
        );
        rows.push(("F", what, service.aided));
    }
    flow.table(&Table {
        columns: vec![
            Column::text("Voce", 14),
            Column::text("Descrizione", 121),
            Column::amount("Importo", 35),
        ],
        rows: rows
            .into_iter()
            .map(|(letter, what, amount)| Row::new([letter.to_owned(), what, amount.to_string()]))
            .collect(),
        row_headers: true,
    });
}

/// The figure that goes into the return, in digits and in words.
fn net_amount(flow: &mut Flow, service: &ServiceSection, year: i16) {
    let label = match service.refunds_same_year {
        Cents::ZERO => "Importo attestato (A)",
        _ => "Importo attestato (A − D)",
    };
    let residual = residual_note(service, year);
    flow.boxed(Some(Ink::TINT), &|flow| {
        let large = Style::H2.in_face(pdf::Face::Bold);
        let large = Style {
            ink: Ink::BLACK,
            ..large
        };
        flow.pair((label, large), (&service.net.to_string(), large));
        let words = format!("euro {}", euros_in_words(service.net));
        flow.pair(("in lettere", Style::SMALL), (&words, Style::BODY));
    });
    flow.space(Length::mm(2));
    if let Some(residual) = residual {
        flow.note(&residual);
    }
}

fn residual_note(service: &ServiceSection, year: i16) -> Option<String> {
    service.residual_credit.is_positive().then(|| {
        format!(
            "Credito residuo al 31/12/{year}: {}, ricompreso nell’importo attestato perché già versato.",
            service.residual_credit
        )
    })
}

fn payments(flow: &mut Flow, service: &ServiceSection, year: i16) {
    if service.rows.is_empty() {
        flow.note(&format!("Nessun pagamento nel {year}."));
        return;
    }
    let with_period = service.rows.iter().any(|row| !row.period.is_empty());
    let mut columns = vec![Column::text("Data", 21)];
    if with_period {
        columns.push(Column::text("Periodo", 27));
    }
    columns.push(Column::code("IUV o ricevuta", 40));
    columns.push(Column::text(
        "Pagato con",
        if with_period { 56 } else { 83 },
    ));
    columns.push(Column::amount("Importo", 26));
    let cells = |row: &PaymentRow| {
        let mut cells = vec![date_it(row.date)];
        if with_period {
            cells.push(row.period.clone());
        }
        cells.extend([
            row.reference.clone(),
            paid_with(row),
            row.amount.to_string(),
        ]);
        Row::new(cells)
    };
    let mut rows: Vec<Row> = service.rows.iter().map(cells).collect();
    let total: Cents = service.rows.iter().map(|row| row.amount).sum();
    rows.push(Row::total(
        &format!("Totale dei pagamenti del {year}"),
        total.to_string(),
    ));
    flow.space(Length::mm(2));
    // Its words never stand alone at the foot of a page: the table's head and some rows follow.
    flow.ensure(Length::mm(40));
    flow.text(Role::P, Style::STRONG, "Dettaglio dei pagamenti");
    flow.space(Length::mm(1));
    flow.table(&Table {
        columns,
        rows,
        row_headers: true,
    });
}

/// `Carta – Banca di Prova; pagato da Bianchi Ugo`.
fn paid_with(row: &PaymentRow) -> String {
    let earlier = match row.origin.as_str() {
        "" => String::new(),
        origin => format!("registrato dal sistema precedente ({origin})"),
    };
    let how = [row.means.as_str(), row.psp.as_str(), &earlier];
    let how: Vec<&str> = how.into_iter().filter(|part| !part.is_empty()).collect();
    let how = how.join(" – ");
    match &row.payer_if_other {
        Some(payer) if how.is_empty() => format!("Pagato da {payer}"),
        Some(payer) => format!("{how}; pagato da {payer}"),
        None => how,
    }
}

fn notes(flow: &mut Flow, content: &AttestationContent) {
    if content.notes.is_empty() {
        return;
    }
    flow.heading(Role::H2, "Note");
    for note in &content.notes {
        flow.note(note);
    }
}

/// The parents may write how they share the expense; the comune does not compute it
/// (circ. 18/E/2016).
fn split_box(flow: &mut Flow) {
    flow.space(Length::mm(5));
    flow.boxed(None, &|flow| {
        flow.text(Role::H2, Style::H3, "Ripartizione della spesa");
        flow.text(
            Role::P,
            Style::SMALL,
            "Annotazione a cura dei genitori, se la spesa è sostenuta in misura diversa da quella dell’intestazione.",
        );
        for _ in 0..2 {
            flow.space(Length::mm(5));
            flow.blanks(&[("Genitore", 62), ("quota %", 14), ("firma", 40)]);
        }
    });
}

fn closing(flow: &mut Flow, content: &AttestationContent, qr: Option<Symbol>) {
    flow.space(Length::mm(5));
    flow.keep(&|flow| {
        flow.text(Role::P, Style::BODY, EXEMPTION);
        flow.space(Length::mm(3));
        flow.text(
            Role::P,
            Style::BODY,
            "Firma autografa sostituita a mezzo stampa ai sensi dell’art. 3, comma 2, del D.Lgs. 12 febbraio 1993, n. 39",
        );
        let responsible = &content.responsible;
        let signed = format!("{}: {}", responsible.role, responsible.name);
        flow.text(Role::P, Style::STRONG, &signed);
    });
    if let (Some(verification), Some(symbol)) = (&content.verification, qr) {
        flow.space(Length::mm(6));
        flow.keep(&|flow| {
            let alt = format!("Codice QR della pagina di verifica {}", verification.url);
            flow.qr_beside(Length::mm(27), symbol.clone(), &alt, &|flow| {
                flow.space(Length::mm(3));
                flow.text(Role::P, Style::STRONG, "Verifica di questo documento");
                let code = format!("Codice di verifica: {}", verification.code);
                flow.text(Role::P, Style::BODY, &code);
                flow.link("Inquadra il codice QR o apri ", &verification.url);
                // As long as the tax authority may ask for it (five years after the return was filed).
                let until = format!(
                    "La verifica è possibile fino al 31/12/{}.",
                    content.year + 6
                );
                flow.text(Role::P, Style::SMALL, &until);
            });
        });
    }
    if !content.privacy.is_empty() {
        flow.space(Length::mm(5));
        flow.note(&content.privacy);
    }
}
