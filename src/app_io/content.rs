//! What a message says: the notice's own words, never the child's.

use serde::Serialize;

use crate::base::{Cents, Instant, date_it};
use crate::municipality::Municipality;
use crate::payments::notices::Notice;

/// A message as App IO takes it (`NewMessage`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewMessage {
    /// Who receives it: the payer.
    pub fiscal_code: String,
    /// What it says.
    pub content: Content,
}

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Content {
    /// 10 to 120 characters.
    pub subject: String,
    /// 80 to 10,000 characters.
    pub markdown: String,
    /// The last second of the last day, in Rome, written in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_date: Option<String>,
    /// What the app's button pays.
    pub payment_data: PaymentData,
}

/// What the app's button pays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PaymentData {
    /// Cents, as a number.
    #[serde(serialize_with = "cents")]
    pub amount: Cents,
    /// 18 digits.
    pub notice_number: String,
    /// Whether the button goes when the day is past.
    pub invalid_after_due_date: bool,
    /// The comune.
    pub payee: Payee,
}

/// Who is paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Payee {
    /// Its fiscal code.
    pub fiscal_code: String,
}

fn cents<S: serde::Serializer>(amount: &Cents, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_i64(amount.0)
}

/// The message about a notice; `reminder`: it was due already.
pub(super) fn message(
    notice: &Notice,
    fiscal_code: &str,
    comune: &Municipality,
    pays_after_due: bool,
    reminder: bool,
) -> NewMessage {
    let begins = if reminder { "Promemoria" } else { "Avviso" };
    let subject: String = format!("{begins} di pagamento: {}", notice.subject)
        .chars()
        .take(120)
        .collect();
    let opening = if reminder {
        format!(
            "Per {} risulta ancora da pagare questo avviso per i servizi scolastici.",
            comune.name
        )
    } else {
        format!(
            "{} ha emesso un avviso di pagamento per i servizi scolastici.",
            comune.name
        )
    };
    let mut lines = vec![
        format!("- Oggetto: {}", notice.subject),
        format!("- Importo: {}", notice.amount),
    ];
    if let Some(day) = notice.due_date {
        lines.push(format!("- Da pagare entro il {}", date_it(day)));
    }
    lines.push(format!(
        "- Codice avviso: {}",
        notice.notice_number.grouped()
    ));
    let markdown = format!(
        "{opening}\n\n{}\n\nPuoi pagare con il pulsante di questo messaggio, oppure dal sito del Comune, \
         nell’area riservata, alla voce «Pagamenti»: lì trovi anche il dettaglio. Se hai già pagato non \
         devi fare altro.",
        lines.join("\n")
    );
    let last_second = |day: crate::base::Date| Instant::from_rome(day.at(23, 59, 59, 0));
    NewMessage {
        fiscal_code: fiscal_code.to_owned(),
        content: Content {
            subject,
            markdown,
            due_date: notice.due_date.map(|day| utc(last_second(day))),
            payment_data: PaymentData {
                amount: notice.amount,
                notice_number: notice.notice_number.to_string(),
                invalid_after_due_date: notice.due_date.is_some() && !pays_after_due,
                payee: Payee {
                    fiscal_code: comune.fiscal_code.to_string(),
                },
            },
        },
    }
}

/// `2026-12-31T22:59:59.000Z`.
fn utc(at: Instant) -> String {
    let instant = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    instant.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}
