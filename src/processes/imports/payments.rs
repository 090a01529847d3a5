//! What was paid elsewhere: each row becomes a receipt and its credit, once.

use jiff::civil::Time;

use super::enrolments::{known_person, known_service};
use super::{Fault, Import, Outcome, Plan, order_of};
use crate::base::{CsvRow, Instant, Text};
use crate::payments::receipts::{self, ImportedPayment, MoreOfPayment};
use crate::payments::{NoticeNumber, NoticeNumberError, Traceable};

pub(super) const PLAN: Plan = Plan {
    required: &[
        "intestatario",
        "codice_fiscale",
        "servizio",
        "importo",
        "data",
        "riferimento",
    ],
    optional: &[
        "mezzo",
        "ora",
        "prestatore",
        "numero_avviso",
        "id_ricevuta",
        "versante",
        "versante_codice_fiscale",
        "tracciabile",
        "sistema",
        "ordine",
    ],
    row: payment,
};

fn payment(import: &mut Import<'_>, row: &CsvRow) -> Result<Outcome, Fault> {
    let amount = row.cents("importo")?;
    import.total += amount;
    let payer = known_person(import, row, "intestatario")?;
    let child = known_person(import, row, "codice_fiscale")?;
    let service = known_service(import, row)?;
    let reference = row.text("riferimento")?;
    import.once(row, format!("payment:{}:{reference}", payer.0))?;
    let time: Option<Time> = row.optional_as("ora", |_: jiff::Error| Text::new("import-time"))?;
    let time = time.unwrap_or(Time::constant(12, 0, 0, 0));
    let notice: Option<NoticeNumber> = row.optional_as("numero_avviso", NoticeNumberError::text)?;
    let traceable = match row
        .optional("tracciabile")
        .map(str::to_lowercase)
        .as_deref()
    {
        None => None,
        Some("si" | "sì" | "1") => Some(Traceable::Yes),
        Some("no" | "0") => Some(Traceable::No),
        Some("ignoto" | "non accertato") => Some(Traceable::Unknown),
        Some(_) => {
            return Err(row
                .error("tracciabile", Text::new("import-traceable"))
                .into());
        }
    };
    let payment = ImportedPayment {
        payer,
        child,
        service: service.id,
        amount,
        paid_at: Instant::from_rome(row.date("data")?.to_datetime(time)),
        means: row.optional("mezzo").unwrap_or(""),
        reference,
        more: MoreOfPayment {
            receipt_key: row.optional("id_ricevuta"),
            notice_number: notice.as_ref().map(NoticeNumber::as_str),
            psp: row.optional("prestatore").unwrap_or(""),
            paid_by: row
                .optional("versante")
                .zip(row.optional("versante_codice_fiscale")),
            traceable,
            origin: row.optional("sistema").unwrap_or(&import.origin),
        },
    };
    let order = order_of(row)?;
    match receipts::take_imported_payment(import.tx, &payment, import.now)? {
        None => Ok(Outcome::Unchanged),
        Some(entry) => {
            import.post_later(order, entry);
            Ok(Outcome::Added)
        }
    }
}
