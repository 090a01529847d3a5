//! The "quietanza": what a family paid through pagoPA, on paper.

use rusqlite::Connection;

use super::NoticeNumber;
use super::receipt_lists::{Payment, payments_of_receipt};
use super::traceable::Traceable;
use crate::base::{Actor, Cents, Error, Instant, PublicId, Result, datetime_it};
use crate::municipality;
use crate::pdf::{
    self, Column, Flow, Length, Letterhead, Meta, PdfError, Role, Row, Style, Table, euros_in_words,
};
use crate::people;

/// What is printed.
pub struct Printed {
    /// Who was paid.
    pub municipality: Letterhead,
    /// Surname and name of who owed.
    pub payer: String,
    /// Their fiscal code.
    pub fiscal_code: String,
    /// Who paid, where the receipt names somebody else; else empty.
    pub paid_by: String,
    /// When.
    pub paid_at: Instant,
    /// Who took the money; may be empty.
    pub psp: String,
    /// By which means; may be empty.
    pub means: String,
    /// Whether the expense can be deducted.
    pub traceable: Traceable,
    /// The notice's number in groups of four, or the reference of an imported payment.
    pub reference: String,
    /// The identifier of the payment (IUV); empty for an imported one.
    pub iuv: String,
    /// The identifier of the receipt (receiptId of the RT).
    pub receipt: String,
    /// What was paid: service and child, cents.
    pub lines: Vec<(String, Cents)>,
    /// True in the demo.
    pub simulated: bool,
}

/// What the paper of a receipt says: one of the actor's that was credited and not undone.
///
/// # Errors
/// `NotFound`, also for somebody else's.
pub fn printed(
    db: &Connection,
    actor: &Actor,
    receipt: &PublicId,
    simulated: bool,
) -> Result<Printed> {
    let payer = actor.person().ok_or(Error::NotFound)?;
    let (key, paid) = payments_of_receipt(db, payer, receipt)?;
    let first: &Payment = paid.first().ok_or(Error::NotFound)?;
    if first.cancelled {
        return Err(Error::NotFound);
    }
    let person = people::person(db, payer)?;
    let iuv = NoticeNumber::parse(&first.reference).map(|number| number.iuv().to_string());
    let others = first
        .paid_by
        .clone()
        .filter(|(_, code)| *code != person.fiscal_code.to_string());
    Ok(Printed {
        municipality: municipality::municipality(db)?.letterhead(),
        payer: person.full_name(),
        fiscal_code: person.fiscal_code.to_string(),
        paid_by: others.map_or(String::new(), |(name, code)| format!("{name} ({code})")),
        paid_at: first.paid_at,
        psp: first.psp.clone(),
        means: first.means.clone(),
        traceable: first.traceable,
        reference: first.reference.clone(),
        iuv: iuv.unwrap_or_default(),
        receipt: key,
        lines: paid
            .iter()
            .map(|p| (format!("{} – {}", p.service, p.child), p.amount))
            .collect(),
        simulated,
    })
}

/// The quietanza as a PDF. The same content gives the same bytes.
///
/// # Errors
/// Those of [`pdf::write`].
pub fn render(printed: &Printed) -> std::result::Result<Vec<u8>, PdfError> {
    let title = "Quietanza di pagamento";
    let meta = Meta {
        title: format!("{title} {}", printed.reference),
        author: printed.municipality.name.clone(),
        created: printed.paid_at,
    };
    let mut flow = Flow::new(meta, &format!("{} · {title}", printed.municipality.name));
    printed.municipality.print(&mut flow);
    flow.text(Role::H1, Style::H1, title);
    flow.space(Length::mm(3));
    if printed.simulated {
        let text = "SIMULAZIONE – quietanza dimostrativa, senza valore.";
        flow.text(Role::P, Style::STRONG, text);
        flow.space(Length::mm(3));
    }
    let paid_at = datetime_it(printed.paid_at).replace(", ", ", ore ");
    flow.facts(&[
        ("Intestatario dei pagamenti", &printed.payer),
        ("Codice fiscale", &printed.fiscal_code),
        ("Pagato da", &printed.paid_by),
        ("Pagato il", &paid_at),
        ("Pagato presso", &printed.psp),
        ("Mezzo di pagamento", &printed.means),
        ("Codice avviso", &printed.reference),
        ("IUV", &printed.iuv),
        ("Identificativo della ricevuta", &printed.receipt),
    ]);
    flow.heading(Role::H2, "Che cosa è stato pagato");
    flow.table(&table(printed));
    let total = printed.lines.iter().map(|(_, amount)| *amount).sum();
    flow.paragraph(&format!("In lettere: euro {}.", euros_in_words(total)));
    flow.paragraph(
        "L’importo è sul conto del servizio. Eventuali commissioni di chi ha riscosso non sono comprese.",
    );
    flow.heading(Role::H2, "Per la dichiarazione dei redditi");
    flow.paragraph(deduction(printed.traceable));
    pdf::write(&flow.finish(title))
}

fn deduction(traceable: Traceable) -> &'static str {
    match traceable {
        Traceable::Yes => {
            "Pagamento tracciabile: se la spesa è detraibile, vale per la detrazione (L. 160/2019, art. 1, \
             c. 679). Usa l’attestazione annuale del comune, che riunisce tutti i pagamenti dell’anno."
        }
        Traceable::No => {
            "Pagamento in contanti: non è tracciabile e non dà diritto alla detrazione (L. 160/2019, art. \
             1, c. 679)."
        }
        Traceable::Unknown => {
            "La ricevuta non dice con quale mezzo è stato pagato: conserva la prova del pagamento. \
             L’attestazione annuale del comune riporta a parte i pagamenti di cui non si conosce il mezzo."
        }
    }
}

fn table(printed: &Printed) -> Table {
    let row = |(what, amount): &(String, Cents)| Row::new([what.clone(), amount.to_string()]);
    let mut rows: Vec<Row> = printed.lines.iter().map(row).collect();
    let total: Cents = printed.lines.iter().map(|(_, amount)| *amount).sum();
    rows.push(Row::total("Totale", total.to_string()));
    Table {
        columns: vec![
            Column::text("Servizio e alunno", 130),
            Column::amount("Importo", 40),
        ],
        rows,
        row_headers: true,
    }
}
