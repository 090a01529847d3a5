//! The pagoPA payment notice: one payment, or instalments by two or by three a row; with or without due
//! dates; with the postal slip where the comune has a postal account.
//!
//! Geometry of the official model (Avvisi, attachment 1), fixed sentences of version 3.5, which
//! may not be altered. Coordinates are tenths of a millimetre from the top left corner.

mod drawing;
mod instalments;
mod postal;
mod sections;
mod whole;

use super::NoticeNumber;
use crate::base::{Cents, Date, Instant};
use crate::pdf::{self, DisplayList, Meta, PdfError, Symbol};
use crate::people::EntityFiscalCode;

pub use postal::PostalAccount;

/// What the notice says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeData {
    /// What is paid for, at most 90 characters. No personal data: it travels with the payment.
    pub subject: String,
    /// The comune, at most 50 characters.
    pub creditor_name: String,
    /// The office, at most 50 characters; may be empty.
    pub creditor_department: String,
    /// Where to ask, at most 100 characters; may be empty.
    pub creditor_info: String,
    /// The fiscal code of the comune.
    pub creditor_fiscal_code: EntityFiscalCode,
    /// The debtor, at most 70 characters.
    pub debtor_name: String,
    /// The debtor's fiscal code; `None` only when it is not known.
    pub debtor_fiscal_code: Option<String>,
    /// The debtor's address, at most 140 characters; may be empty.
    pub debtor_address: String,
    /// What is to be paid: one payment, or instalments.
    pub payments: Vec<Payment>,
    /// The SIA code of the comune, where it has one.
    pub cbill: Option<String>,
    /// The comune's postal account, where it may print slips.
    pub postal: Option<PostalAccount>,
    /// True in the demo: the notice says that it can't be paid.
    pub simulated: bool,
    /// When the notice was made.
    pub created_at: Instant,
}

/// One payment of a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Which instalment it is, from 1; `None`: the whole ("Rata unica").
    pub instalment: Option<u32>,
    /// The notice number.
    pub notice_number: NoticeNumber,
    /// The amount, at most 99,999,999.99 euros: what the QR code carries.
    pub amount: Cents,
    /// The last day to pay; `None` for a notice without a due date.
    pub due_date: Option<Date>,
}

/// The notice as a PDF. The same data give the same bytes.
///
/// # Errors
/// [`PdfError::TooLong`] or [`PdfError::Invalid`] names the field that can't be printed.
pub fn render(data: &NoticeData) -> Result<Vec<u8>, PdfError> {
    check(data)?;
    let mut list = DisplayList::new(Meta {
        title: format!("Avviso di pagamento – {}", data.subject),
        author: data.creditor_name.clone(),
        created: data.created_at,
    });
    sections::grounds(&mut list);
    sections::head(&mut list, data);
    sections::creditor(&mut list, data);
    sections::debtor(&mut list, data);
    sections::how_much(&mut list, data);
    sections::where_to_pay(&mut list, data);
    match data.payments.as_slice() {
        [
            payment @ Payment {
                instalment: None, ..
            },
        ] => {
            whole::payment_data(&mut list, data, payment)?;
            if let Some(account) = &data.postal {
                postal::slip(&mut list, data, account, payment, &postal::WHOLE, 2055)?;
            }
        }
        payments => instalments::rows(&mut list, data, payments)?,
    }
    pdf::write(&list)
}

/// The QR code of one payment.
fn qr(data: &NoticeData, payment: &Payment) -> Result<Symbol, PdfError> {
    let text = payment
        .notice_number
        .qr_payload(&data.creditor_fiscal_code, payment.amount)
        .map_err(|_| PdfError::Invalid {
            field: "amount",
            reason: "it is not between 0.01 and 99,999,999.99 euros",
        })?;
    Symbol::pagopa_qr(&text)
}

/// The limits of the official model (Avvisi 3.5).
fn check(data: &NoticeData) -> Result<(), PdfError> {
    let postal = data.postal.as_ref();
    let fields = [
        ("subject", data.subject.as_str(), 90),
        ("creditor_name", &data.creditor_name, 50),
        ("creditor_department", &data.creditor_department, 50),
        ("creditor_info", &data.creditor_info, 100),
        ("debtor_name", &data.debtor_name, 70),
        (
            "debtor_fiscal_code",
            data.debtor_fiscal_code.as_deref().unwrap_or(""),
            16,
        ),
        ("debtor_address", &data.debtor_address, 140),
        ("cbill", data.cbill.as_deref().unwrap_or(""), 5),
        ("postal_account", postal.map_or("", |p| &p.number), 12),
        ("postal_holder", postal.map_or("", |p| &p.holder), 50),
        (
            "postal_authorisation",
            postal.map_or("", |p| &p.authorisation),
            60,
        ),
    ];
    for (field, value, max) in fields {
        let length = value.chars().count();
        if length > max {
            return Err(PdfError::TooLong { field, length, max });
        }
    }
    let required = [
        ("subject", &data.subject),
        ("creditor_name", &data.creditor_name),
        ("debtor_name", &data.debtor_name),
    ];
    for (field, value) in required {
        if value.trim().is_empty() {
            return Err(PdfError::Invalid {
                field,
                reason: "it is empty",
            });
        }
    }
    let instalments = data.payments.iter().filter(|p| p.instalment.is_some());
    if data.payments.is_empty() || (data.payments.len() > 1 && instalments.count() == 0) {
        return Err(PdfError::Invalid {
            field: "payments",
            reason: "a notice has one payment, or instalments",
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
