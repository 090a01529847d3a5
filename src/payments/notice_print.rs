//! A notice as it is handed out: the PDF's data and the QR code as a picture.

use std::fmt::Write;

use rusqlite::Connection;

use super::notice_pdf::{NoticeData, Payment, PostalAccount};
use super::notices::Notice;
use crate::base::{Error, Result};
use crate::municipality;
use crate::pdf::Symbol;
use crate::people;

/// What the model has room for: the debtor's name.
const NAME: usize = 70;

/// What the PDF of a notice says. `simulated`: it was made in a demo and can't be paid.
///
/// What is too long is printed nowhere cut and unsaid: [`super::notice_pdf::render`] refuses it by the
/// name of the field, so that who can change it is told. Only a name, which nobody may change, is
/// shortened at a word: the fiscal code stands beside it.
///
/// # Errors
/// The database's own failure.
pub fn notice_data(db: &Connection, notice: &Notice, simulated: bool) -> Result<NoticeData> {
    data(db, notice, vec![payment(notice, None)], simulated)
}

/// What one PDF says of several instalments of a payer, each with its number among all.
///
/// # Errors
/// `NotFound` without any; the database's own failure.
pub fn instalments_data(
    db: &Connection,
    instalments: &[(u32, Notice)],
    subject: &str,
    simulated: bool,
) -> Result<NoticeData> {
    let (_, first) = instalments.first().ok_or(Error::NotFound)?;
    let payments = instalments
        .iter()
        .map(|(number, notice)| payment(notice, Some(*number)))
        .collect();
    let mut data = data(db, first, payments, simulated)?;
    subject.clone_into(&mut data.subject);
    Ok(data)
}

fn payment(notice: &Notice, instalment: Option<u32>) -> Payment {
    Payment {
        instalment,
        notice_number: notice.notice_number,
        amount: notice.amount,
        due_date: notice.due_date,
    }
}

fn data(
    db: &Connection,
    notice: &Notice,
    payments: Vec<Payment>,
    simulated: bool,
) -> Result<NoticeData> {
    let comune = municipality::municipality(db)?;
    let debtor = people::person(db, notice.payer_id)?;
    let place = [&debtor.postal_code, &debtor.town];
    let place: Vec<&str> = place.into_iter().flatten().map(String::as_str).collect();
    let address = [debtor.address.clone().unwrap_or_default(), place.join(" ")];
    let address: Vec<String> = address
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    Ok(NoticeData {
        subject: notice.subject.clone(),
        creditor_info: comune.contacts(),
        creditor_name: comune.name,
        creditor_department: comune.department,
        creditor_fiscal_code: comune.fiscal_code,
        debtor_name: shortened(&debtor.full_name(), NAME),
        debtor_fiscal_code: Some(debtor.fiscal_code.to_string()),
        debtor_address: address.join(", "),
        payments,
        cbill: comune.cbill,
        postal: postal(db)?,
        simulated,
        created_at: notice.created_at,
    })
}

/// The postal account, where Poste have authorised the comune to print slips.
fn postal(db: &Connection) -> Result<Option<PostalAccount>> {
    let settings = municipality::pagopa_settings(db)?;
    if settings.postal_account.is_empty() || settings.postal_authorisation.is_empty() {
        return Ok(None);
    }
    Ok(Some(PostalAccount {
        number: settings.postal_account,
        holder: settings.postal_holder,
        authorisation: settings.postal_authorisation,
    }))
}

/// A name in so many characters: whole words, with a dot after the last where some are left out.
fn shortened(name: &str, most: usize) -> String {
    if name.chars().count() <= most {
        return name.to_owned();
    }
    let room: String = name.chars().take(most - 1).collect();
    let whole = room
        .rsplit_once(' ')
        .map_or(room.as_str(), |(whole, _)| whole);
    format!("{}.", whole.trim_end_matches([' ', '.']))
}

/// The QR code of a notice as SVG, black on white with its quiet zone.
///
/// # Errors
/// When the amount does not fit into the code; no notice has such a one.
pub fn notice_qr_svg(db: &Connection, notice: &Notice) -> Result<String> {
    let creditor = municipality::municipality(db)?.fiscal_code;
    let text = notice
        .notice_number
        .qr_payload(&creditor, notice.amount)
        .map_err(Error::internal)?;
    let symbol = Symbol::pagopa_qr(&text)?;
    let mut path = String::new();
    for [x, y, width, height] in &symbol.dark {
        write!(path, "M{x} {y}h{width}v{height}h-{width}z").map_err(Error::internal)?;
    }
    let side = symbol.modules;
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" width=\"200\" height=\"200\" shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path d=\"{path}\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_cut_between_words_and_says_so() {
        assert_eq!(shortened("Rossi Maria", 70), "Rossi Maria");
        let long = "Wickramasinghe Mudiyanselage Rallage Chandrasekara Bandaranayake Kumari";
        let cut = shortened(long, 70);
        assert_eq!(
            cut,
            "Wickramasinghe Mudiyanselage Rallage Chandrasekara Bandaranayake."
        );
        assert!(shortened(&"è".repeat(90), 70).chars().count() <= 70);
    }
}
