//! What was paid elsewhere: each row becomes a receipt and its credit, once.

use super::enrolments::{known_person, known_service};
use super::{Fault, Import, Outcome, Plan};
use crate::base::CsvRow;
use crate::payments::receipts::{self, ImportedPayment, Reception};

pub(super) const PLAN: Plan = Plan {
    required: &[
        "intestatario",
        "codice_fiscale",
        "servizio",
        "importo",
        "data",
        "riferimento",
    ],
    optional: &["mezzo"],
    row: payment,
};

fn payment(import: &mut Import<'_>, row: &CsvRow) -> Result<Outcome, Fault> {
    let payer = known_person(import, row, "intestatario")?;
    let child = known_person(import, row, "codice_fiscale")?;
    let service = known_service(import, row)?;
    let amount = row.cents("importo")?;
    import.total += amount;
    let payment = ImportedPayment {
        payer,
        child,
        service: service.id,
        amount,
        paid_on: row.date("data")?,
        means: row.optional("mezzo").unwrap_or(""),
        reference: row.text("riferimento")?,
    };
    match receipts::record_imported_payment(import.tx, &payment, import.now)? {
        Reception::AlreadyKnown => Ok(Outcome::Unchanged),
        Reception::Credited { .. } | Reception::Suspense => Ok(Outcome::Added),
    }
}
