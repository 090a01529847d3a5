//! A bill on paper: its lines, and why each costs what it costs.

use super::{Bill, BillLine};
use crate::base::{Cents, Date, Instant, date_it, datetime_it};
use crate::charging::charge_pdf::{bodies, days, reasons};
use crate::payments::notices::NoticeState;
use crate::pdf::{self, Column, Flow, Length, Letterhead, Meta, PdfError, Role, Row, Style, Table};

/// What is printed.
pub struct Printed {
    /// Who issued it.
    pub municipality: Letterhead,
    /// Fiscal code of the payer.
    pub fiscal_code: String,
    /// The bill.
    pub bill: Bill,
    /// Its lines, each with the sentences of its page.
    pub lines: Vec<(BillLine, Vec<String>)>,
    /// The day on which it is printed.
    pub on: Date,
}

/// The bill as a PDF. The same content gives the same bytes.
///
/// # Errors
/// Those of [`pdf::write`].
pub fn render(printed: &Printed) -> Result<Vec<u8>, PdfError> {
    let bill = &printed.bill;
    let title = format!("Bolletta {}/{}", bill.number, bill.year);
    let meta = Meta {
        title: format!("{title} di {}", bill.payer),
        author: printed.municipality.name.clone(),
        created: Instant::from_rome(printed.on.at(0, 0, 0, 0)),
    };
    let mut flow = Flow::new(meta, &format!("{} · {title}", printed.municipality.name));
    printed.municipality.print(&mut flow);
    flow.text(Role::H1, Style::H1, &title);
    flow.space(Length::mm(3));
    flow.facts(&[
        ("Intestatario dei pagamenti", bill.payer.as_str()),
        ("Codice fiscale", &printed.fiscal_code),
        ("Periodo", &days(Some(bill.from), bill.to)),
        ("Emessa il", &datetime_it(bill.issued_at)),
        ("Motivo dello storno", &bill.reason),
        ("Pagamento", &payment(bill)),
    ]);
    flow.heading(Role::H2, "Che cosa si paga");
    flow.table(&lines(printed));
    flow.heading(Role::H2, "Perché");
    for (line, sentences) in &printed.lines {
        let head = format!(
            "{}, {}, {}: {}",
            line.child,
            line.service,
            days(Some(line.from), line.to),
            line.amount
        );
        flow.heading(Role::H3, &head);
        reasons(&mut flow, sentences);
        if line.before != Cents::ZERO {
            flow.paragraph(&format!(
                "Per questi giorni erano già stati addebitati {}: questa è la differenza.",
                line.before
            ));
        }
        if line.aided != Cents::ZERO {
            flow.paragraph(&match bodies(&line.aided_by) {
                none if none.is_empty() => format!("A carico di altri enti: {}.", line.aided),
                bodies => format!("A carico di altri enti: {bodies}."),
            });
        }
    }
    pdf::write(&flow.finish(&format!("Stampata il {}", date_it(printed.on))))
}

fn payment(bill: &Bill) -> String {
    match (bill.notice_state, bill.due_date) {
        (None, _) if bill.total < Cents::ZERO => "niente da pagare, torna a credito".to_owned(),
        (None, _) => "niente da pagare, coperta dal credito".to_owned(),
        (Some(NoticeState::Paid), _) => "pagata".to_owned(),
        (Some(NoticeState::Open), Some(due)) => {
            format!("{} entro il {} con l’avviso pagoPA", bill.due, date_it(due))
        }
        (Some(NoticeState::Open), None) => format!("{} con l’avviso pagoPA", bill.due),
        (Some(_), _) => "l’avviso non vale più: vedi «Pagamenti»".to_owned(),
    }
}

fn lines(printed: &Printed) -> Table {
    let row = |(line, _): &(BillLine, Vec<String>)| {
        Row::new([
            line.child.clone(),
            line.service.clone(),
            days(Some(line.from), line.to),
            match line.days {
                0 => String::new(),
                days => days.to_string(),
            },
            line.amount.to_string(),
        ])
    };
    let mut rows: Vec<Row> = printed.lines.iter().map(row).collect();
    rows.push(Row::total("Totale", printed.bill.total.to_string()));
    Table {
        columns: vec![
            Column::text("Alunno", 28),
            Column::text("Servizio", 40),
            Column::text("Periodo", 52),
            Column::amount("Giorni", 20),
            Column::amount("Importo", 30),
        ],
        rows,
        row_headers: true,
    }
}
