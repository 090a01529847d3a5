//! Notices of an earlier supplier: what families still have in their hands and may pay.

use super::enrolments::{known_person, known_service};
use super::{Fault, Import, Outcome, Plan};
use crate::base::{CsvRow, Text};
use crate::ledger;
use crate::payments::notices::{self, ImportedNotice, NoticeState};
use crate::payments::{NoticeNumber, NoticeNumberError};

pub(super) const PLAN: Plan = Plan {
    required: &[
        "numero_avviso",
        "intestatario",
        "codice_fiscale",
        "servizio",
        "importo",
    ],
    optional: &["causale", "scadenza", "stato", "sistema"],
    row: notice,
};

fn notice(import: &mut Import<'_>, row: &CsvRow) -> Result<Outcome, Fault> {
    let amount = row.cents("importo")?;
    import.total += amount;
    if !amount.is_positive() {
        return Err(row
            .error("importo", Text::new("error-not-an-amount"))
            .into());
    }
    let number: NoticeNumber = row.required_as("numero_avviso", NoticeNumberError::text)?;
    import.once(row, format!("notice:{}", number.as_str()))?;
    let payer = known_person(import, row, "intestatario")?;
    let child = known_person(import, row, "codice_fiscale")?;
    let service = known_service(import, row)?;
    let state = match row.optional("stato").map(str::to_lowercase).as_deref() {
        None | Some("aperto") => NoticeState::Open,
        Some("pagato") => NoticeState::Paid,
        Some("scaduto") => NoticeState::Expired,
        Some("annullato") => NoticeState::Cancelled,
        Some(_) => return Err(row.error("stato", Text::new("import-notice-state")).into()),
    };
    let new = ImportedNotice {
        number,
        account: ledger::family_account(import.tx, payer, child, service.id)?,
        payer,
        amount,
        subject: row.optional("causale").unwrap_or(""),
        due_date: row.optional_date("scadenza")?,
        state,
        origin: row.optional("sistema").unwrap_or(&import.origin),
    };
    let added = notices::record_imported_notice(import.tx, &new, import.now)?;
    Ok(if added {
        Outcome::Added
    } else {
        Outcome::Unchanged
    })
}
