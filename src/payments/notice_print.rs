//! A notice as it is handed out: the PDF's data and the QR code as a picture.

use std::fmt::Write;

use rusqlite::Connection;

use super::notice_pdf::NoticeData;
use super::notices::Notice;
use crate::base::{Error, Result};
use crate::municipality;
use crate::pdf::QrSymbol;
use crate::people;

/// What the PDF of a notice says. `simulated`: it was made in a demo and can't be paid.
///
/// # Errors
/// The database's own failure.
pub fn notice_data(db: &Connection, notice: &Notice, simulated: bool) -> Result<NoticeData> {
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
        creditor_name: first(&comune.name, 50),
        creditor_department: first(&comune.department, 50),
        creditor_info: first(&format!("{} · {}", comune.phone, comune.email), 100),
        creditor_fiscal_code: comune.fiscal_code,
        debtor_name: first(&debtor.full_name(), 70),
        debtor_fiscal_code: Some(debtor.fiscal_code.to_string()),
        debtor_address: first(&address.join(", "), 140),
        amount: notice.amount,
        due_date: notice.due_date,
        notice_number: notice.notice_number,
        cbill: comune.cbill,
        simulated,
        created_at: notice.created_at,
    })
}

/// The first so many characters: what the official model has room for.
fn first(text: &str, max: usize) -> String {
    text.chars().take(max).collect()
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
    let symbol = QrSymbol::pagopa(&text)?;
    let mut path = String::new();
    for [x, y, width, height] in &symbol.dark {
        write!(path, "M{x} {y}h{width}v{height}h-{width}z").map_err(Error::internal)?;
    }
    let side = symbol.modules;
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" width=\"200\" height=\"200\" shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path d=\"{path}\"/></svg>"
    ))
}
