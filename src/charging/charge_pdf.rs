//! "Perché questo importo?" on paper: one charge, with the sentences of its page.

use crate::base::{Cents, Date, Instant, date_it};
use crate::ledger::AidedBy;
use crate::pdf::{self, Flow, Length, Letterhead, Meta, PdfError, Role, Style};

/// What is printed.
pub struct Printed {
    /// Who charged it.
    pub municipality: Letterhead,
    /// Surname and name of the child.
    pub child: String,
    /// The service.
    pub service: String,
    /// The first day, where there are several.
    pub from: Option<Date>,
    /// The day, or the last one.
    pub day: Date,
    /// Cents.
    pub amount: Cents,
    /// What was charged for the same days before, in cents.
    pub before: Cents,
    /// The day on which it was charged.
    pub posted_on: Date,
    /// Why it costs that.
    pub sentences: Vec<String>,
    /// The day on which it is printed.
    pub on: Date,
}

/// The explanation as a PDF. The same content gives the same bytes.
///
/// # Errors
/// Those of [`pdf::write`].
pub fn render(printed: &Printed) -> Result<Vec<u8>, PdfError> {
    let title = format!("Perché {}", printed.amount);
    let days = days(printed.from, printed.day);
    let meta = Meta {
        title: format!("{title}: {}, {}, {days}", printed.child, printed.service),
        author: printed.municipality.name.clone(),
        created: Instant::from_rome(printed.on.at(0, 0, 0, 0)),
    };
    let mut flow = Flow::new(meta, &format!("{} · {title}", printed.municipality.name));
    printed.municipality.print(&mut flow);
    flow.text(Role::H1, Style::H1, &title);
    flow.space(Length::mm(3));
    let before = match printed.before {
        Cents::ZERO => String::new(),
        before => before.to_string(),
    };
    flow.facts(&[
        ("Alunno", printed.child.as_str()),
        ("Servizio", &printed.service),
        ("Giorni", &days),
        ("Importo", &printed.amount.to_string()),
        ("Già addebitati prima", &before),
        ("Addebitato il", &date_it(printed.posted_on)),
    ]);
    flow.heading(Role::H2, "Come si è calcolato");
    reasons(&mut flow, &printed.sentences);
    pdf::write(&flow.finish(&format!("Stampato il {}", date_it(printed.on))))
}

/// One day, or from when to when.
pub fn days(from: Option<Date>, to: Date) -> String {
    match from.filter(|from| *from != to) {
        Some(from) => format!("dal {} al {}", date_it(from), date_it(to)),
        None => date_it(to),
    }
}

/// The sentences in their order, each on a line of its own.
pub fn reasons(flow: &mut Flow, sentences: &[String]) {
    for (number, sentence) in (1..).zip(sentences) {
        flow.paragraph(&format!("{number}. {sentence}"));
    }
}

/// Who pays what beside the family: `Regione Toscana 200,00 €; INPS 50,00 €`. Empty where nobody is
/// named.
pub fn bodies(aided_by: &[AidedBy]) -> String {
    if aided_by.iter().all(|one| one.body.is_none()) {
        return String::new();
    }
    let told = aided_by.iter().map(|one| {
        let body = one.body.as_deref().unwrap_or("altri");
        format!("{body} {}", one.amount)
    });
    told.collect::<Vec<_>>().join("; ")
}
