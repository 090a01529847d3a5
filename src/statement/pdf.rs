//! The statement on paper: the same lines as the page, oldest first, with the balance before and
//! after.

use crate::base::{Cents, Date, Instant, date_it};
use crate::pdf::{self, Column, Flow, Length, Letterhead, Meta, PdfError, Role, Row, Style, Table};

/// What is printed.
pub struct Printed {
    /// Who issues it.
    pub municipality: Letterhead,
    /// Surname and name of the payer.
    pub payer: String,
    /// Fiscal code of the payer.
    pub fiscal_code: String,
    /// Which children and services: "Luca, Refezione scolastica".
    pub what: String,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// The day on which it is printed.
    pub on: Date,
    /// The balance before the first day.
    pub opening: Cents,
    /// The lines.
    pub lines: Vec<PrintedLine>,
    /// What was charged in the period.
    pub debit: Cents,
    /// What was credited in the period.
    pub credit: Cents,
    /// The balance after the last day.
    pub closing: Cents,
}

/// A line on paper.
pub struct PrintedLine {
    /// The day that it counts for.
    pub day: Date,
    /// What it is.
    pub what: String,
    /// Why a charge costs that, in short; empty for what is no charge.
    pub why: String,
    /// What was charged by it.
    pub debit: Option<Cents>,
    /// What was credited by it.
    pub credit: Option<Cents>,
    /// The balance after it.
    pub balance: Cents,
}

/// The statement as a PDF. The same content gives the same bytes.
///
/// # Errors
/// Those of [`pdf::write`].
pub fn render(printed: &Printed) -> Result<Vec<u8>, PdfError> {
    let title = format!("Estratto conto di {}", printed.payer);
    let meta = Meta {
        title: title.clone(),
        author: printed.municipality.name.clone(),
        created: Instant::from_rome(printed.on.at(0, 0, 0, 0)),
    };
    let mut flow = Flow::new(meta, &format!("{} · {title}", printed.municipality.name));
    printed.municipality.print(&mut flow);
    flow.text(Role::H1, Style::H1, &title);
    flow.space(Length::mm(3));
    let period = format!("dal {} al {}", date_it(printed.from), date_it(printed.to));
    flow.facts(&[
        ("Intestatario dei pagamenti", &printed.payer),
        ("Codice fiscale", &printed.fiscal_code),
        ("Conti", &printed.what),
        ("Periodo", &period),
        ("Stampato il", &date_it(printed.on)),
    ]);
    flow.heading(Role::H2, "In breve");
    flow.table(&Table {
        columns: vec![Column::text("Voce", 130), Column::amount("Importo", 40)],
        rows: vec![
            figure("Saldo iniziale", printed.opening),
            figure("Addebitato nel periodo", -printed.debit),
            figure("Accreditato nel periodo", printed.credit),
            Row::total("Saldo finale", printed.closing.to_string()),
        ],
        row_headers: true,
    });
    flow.note("Sopra lo zero è un credito della famiglia, sotto è una somma da pagare.");
    flow.heading(Role::H2, "Movimenti");
    if printed.lines.is_empty() {
        flow.paragraph("In questi giorni non ci sono movimenti.");
    } else {
        flow.table(&movements(printed));
    }
    pdf::write(&flow.finish(&format!("Estratto conto {period}")))
}

fn figure(label: &str, amount: Cents) -> Row {
    Row::new([label.to_owned(), amount.to_string()])
}

fn movements(printed: &Printed) -> Table {
    let amount = |amount: Option<Cents>| amount.map_or_else(String::new, |a| a.to_string());
    let line = |line: &PrintedLine| {
        Row::new([
            date_it(line.day),
            match line.why.as_str() {
                "" => line.what.clone(),
                why => format!("{}. {why}", line.what.trim_end_matches('.')),
            },
            amount(line.debit),
            amount(line.credit),
            line.balance.to_string(),
        ])
    };
    Table {
        columns: vec![
            Column::text("Data", 22),
            Column::text("Descrizione e perché", 85),
            Column::amount("Addebito", 21),
            Column::amount("Accredito", 21),
            Column::amount("Saldo", 21),
        ],
        rows: printed.lines.iter().map(line).collect(),
        row_headers: true,
    }
}
