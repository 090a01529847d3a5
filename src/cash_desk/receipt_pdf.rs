//! The paper that who pays at the cash desk takes home.

use super::{Means, Paid};
use crate::base::{Cents, Date, Instant, date_it, datetime_it};
use crate::payments::Traceable;
use crate::pdf::{
    self, Column, Flow, Ink, Length, Letterhead, Meta, PdfError, Role, Row, Style, Table,
    euros_in_words,
};

/// What is printed.
pub struct Printed {
    /// Who took the money.
    pub municipality: Letterhead,
    /// `12/2026`.
    pub number: String,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// The civil day on which the money came.
    pub received_on: Date,
    /// Surname and name of the payer.
    pub payer: String,
    /// Fiscal code of the payer.
    pub fiscal_code: String,
    /// Who paid, where it was not the payer; else empty.
    pub paid_by: String,
    /// By which means.
    pub means: Means,
    /// Number of the cheque, of the transfer …; may be empty.
    pub reference: String,
    /// What it pays.
    pub paid: Vec<Paid>,
    /// Cents.
    pub total: Cents,
    /// The numbers of the notices that need not be paid any more.
    pub withdrawn: Vec<String>,
    /// Who took the money for the comune.
    pub taken_by: String,
    /// When and why it was cancelled.
    pub cancelled: Option<(Date, String)>,
}

/// The receipt as a PDF. The same content gives the same bytes.
///
/// # Errors
/// Those of [`pdf::write`].
pub fn render(printed: &Printed) -> Result<Vec<u8>, PdfError> {
    let title = format!("Ricevuta di cassa n. {}", printed.number);
    let meta = Meta {
        title: title.clone(),
        author: printed.municipality.name.clone(),
        created: printed.recorded_at,
    };
    let mut flow = Flow::new(meta, &format!("{} · {title}", printed.municipality.name));
    printed.municipality.print(&mut flow);
    flow.text(Role::H1, Style::H1, &title);
    flow.space(Length::mm(3));
    if let Some((on, reason)) = &printed.cancelled {
        flow.boxed(Some(Ink::TINT), &|flow| {
            flow.text(Role::P, Style::H1, "ANNULLATA");
            let why = format!(
                "Annullata il {}: {reason}. Non vale come prova di pagamento.",
                date_it(*on)
            );
            flow.text(Role::P, Style::BODY, &why);
        });
        flow.space(Length::mm(4));
    }
    let recorded = datetime_it(printed.recorded_at).replace(", ", ", ore ");
    flow.facts(&[
        ("Intestatario dei pagamenti", &printed.payer),
        ("Codice fiscale", &printed.fiscal_code),
        ("Pagato da", &printed.paid_by),
        ("Ricevuto il", &date_it(printed.received_on)),
        ("Mezzo di pagamento", &printed.means.italian().to_owned()),
        ("Riferimento", &printed.reference),
        ("Ricevuto da", &printed.taken_by),
        ("Registrata il", &recorded),
    ]);
    flow.heading(Role::H2, "Che cosa paga");
    flow.table(&paid(printed));
    flow.paragraph(&format!(
        "In lettere: euro {}.",
        euros_in_words(printed.total)
    ));
    if !printed.withdrawn.is_empty() {
        flow.paragraph(&format!(
            "Avvisi pagoPA ritirati, da non pagare più: {}.",
            printed.withdrawn.join("; ")
        ));
    }
    if printed.cancelled.is_none() {
        flow.heading(Role::H2, "Per la dichiarazione dei redditi");
        flow.paragraph(deduction(printed.means));
    }
    pdf::write(&flow.finish(&title))
}

fn deduction(means: Means) -> &'static str {
    match means.traceable() {
        Traceable::Yes => {
            "Pagamento tracciabile: se la spesa è detraibile, vale per la detrazione (L. 160/2019, art. 1, \
             c. 679). L’attestazione annuale del comune lo riporta tra i pagamenti tracciabili. Conserva \
             anche la prova della carta, dell’assegno o del versamento."
        }
        Traceable::No | Traceable::Unknown => {
            "Pagamento in contanti: non è tracciabile e non dà diritto alla detrazione (L. 160/2019, art. \
             1, c. 679). L’attestazione annuale del comune lo riporta a parte."
        }
    }
}

fn paid(printed: &Printed) -> Table {
    let row = |paid: &Paid| {
        Row::new([
            format!("{} – {}", paid.service, paid.child),
            paid.amount.to_string(),
        ])
    };
    let mut rows: Vec<Row> = printed.paid.iter().map(row).collect();
    rows.push(Row::total("Totale", printed.total.to_string()));
    Table {
        columns: vec![
            Column::text("Servizio e alunno", 130),
            Column::amount("Importo", 40),
        ],
        rows,
        row_headers: true,
    }
}
