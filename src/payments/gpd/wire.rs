//! What goes over the wire: `PaymentPositionModel` out, `PaymentPositionModelBaseResponse` in
//! (`gpd.json`, v1). One option, paid at once; one transfer, to the comune; no metadata.

use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use crate::base::{Cents, Date, Error, Instant, Result, Text};
use crate::payments::gateway::{self, Position};
use crate::payments::platform::iupd;
use crate::payments::positions::PositionState;

/// The last second of a civil day in Rome: a date in UTC would show, and expire, a day early.
pub(super) fn end_of(day: Date) -> Instant {
    Instant::from_rome(day.at(23, 59, 59, 0))
}

/// The last day that the platform is told. It wants one of every position; what has none of its own
/// may be paid for a year.
fn last_day(position: &Position) -> Date {
    position
        .due_date
        .unwrap_or_else(|| position.made_on.saturating_add(1.year()))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PositionOut<'a> {
    iupd: String,
    r#type: &'static str,
    fiscal_code: &'a str,
    full_name: &'a str,
    company_name: String,
    switch_to_expired: bool,
    payment_option: [OptionOut<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OptionOut<'a> {
    nav: &'a str,
    iuv: String,
    amount: i64,
    description: &'a str,
    is_partial_payment: bool,
    due_date: String,
    transfer: [TransferOut<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TransferOut<'a> {
    id_transfer: &'static str,
    amount: i64,
    organization_fiscal_code: &'a str,
    remittance_information: &'a str,
    category: &'a str,
    iban: &'a str,
}

/// The body of a position. `amount` is in cents.
///
/// # Errors
/// A refusal when the comune has no account yet that takes the money.
pub(super) fn position(p: &Position, creditor: &str, creditor_name: &str) -> Result<Vec<u8>> {
    if p.iban.is_empty() {
        return Err(Error::refused(Text::new("pagopa-no-iban")));
    }
    let company = p.debtor.code.bytes().all(|byte| byte.is_ascii_digit());
    let out = PositionOut {
        iupd: iupd(&p.notice_number),
        r#type: if company { "G" } else { "F" },
        fiscal_code: &p.debtor.code,
        full_name: &p.debtor.name,
        company_name: creditor_name.chars().take(140).collect(),
        switch_to_expired: p.expires,
        payment_option: [OptionOut {
            nav: p.notice_number.as_str(),
            iuv: p.notice_number.iuv().to_string(),
            amount: p.amount.0,
            description: &p.subject,
            is_partial_payment: false,
            due_date: end_of(last_day(p)).to_string(),
            transfer: [TransferOut {
                id_transfer: "1",
                amount: p.amount.0,
                organization_fiscal_code: creditor,
                remittance_information: &p.subject,
                category: &p.category,
                iban: &p.iban,
            }],
        }],
    };
    serde_json::to_vec(&out).map_err(Error::internal)
}

/// A position as the platform has it.
#[derive(Debug)]
pub struct Remote {
    /// Where it stands.
    pub state: PositionState,
    options: Vec<OptionIn>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PositionIn {
    status: String,
    #[serde(default)]
    payment_option: Vec<OptionIn>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct OptionIn {
    iuv: String,
    amount: i64,
    description: String,
    due_date: String,
    transfer: Vec<TransferIn>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct TransferIn {
    amount: i64,
    category: String,
    iban: String,
}

/// How the platform's position compares with ours.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Likeness {
    /// The same.
    Same,
    /// The same number, amount and date; its account, category or subject is to be mended.
    Mended,
    /// Something else under our name: what differs.
    Other(&'static str),
}

impl Remote {
    /// Reads an answer.
    pub(super) fn read(body: &[u8]) -> Result<Remote> {
        let read: PositionIn =
            serde_json::from_slice(body).map_err(|error| gateway::silent(error.to_string()))?;
        let state = PositionState::parse(&read.status)
            .ok_or_else(|| gateway::silent("a position's status is none"))?;
        Ok(Remote {
            state,
            options: read.payment_option,
        })
    }

    /// Compares it with ours.
    pub(super) fn likeness(&self, ours: &Position) -> Likeness {
        let [option] = self.options.as_slice() else {
            return Likeness::Other("the number of payment options");
        };
        let [transfer] = option.transfer.as_slice() else {
            return Likeness::Other("the number of transfers");
        };
        if option.iuv != ours.notice_number.iuv().as_str() {
            return Likeness::Other("the IUV");
        }
        if Cents(option.amount) != ours.amount || Cents(transfer.amount) != ours.amount {
            return Likeness::Other("the amount");
        }
        if moment(&option.due_date) != Some(end_of(last_day(ours))) {
            return Likeness::Other("the last day to pay");
        }
        let same = transfer.iban == ours.iban
            && transfer.category == ours.category
            && option.description == ours.subject;
        if same {
            Likeness::Same
        } else {
            Likeness::Mended
        }
    }
}

/// A moment as the platform writes it: with a zone, or without one in UTC; to the second.
pub(super) fn moment(text: &str) -> Option<Instant> {
    let zoned = text.parse::<Timestamp>().ok();
    let stamp = zoned.or_else(|| {
        let local: DateTime = text.parse().ok()?;
        let utc = local.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(utc.timestamp())
    })?;
    Some(Instant(stamp.as_second() * 1000))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::payments::{NoticeNumber, Subject};

    fn ours() -> Position {
        Position {
            notice_number: NoticeNumber::parse("302032002700000251").unwrap(),
            amount: Cents(4250),
            subject: "Refezione scolastica - ricarica".to_owned(),
            category: "9/0107101TS/".to_owned(),
            debtor: Subject {
                code: "RSSMRA85T50A562Q".to_owned(),
                name: "Rossi Mara".to_owned(),
            },
            due_date: Some(date(2026, 12, 31)),
            expires: true,
            made_on: date(2026, 11, 3),
            iban: "IT60X0542811101000000123456".to_owned(),
        }
    }

    fn said(position: &Position) -> serde_json::Value {
        let body = self::position(position, "01199250158", "Comune di Campanella").unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    #[test]
    fn the_last_day_ends_in_rome() {
        assert_eq!(
            end_of(date(2026, 12, 31)).to_string(),
            "2026-12-31T22:59:59Z"
        );
        assert_eq!(
            end_of(date(2026, 7, 31)).to_string(),
            "2026-07-31T21:59:59Z"
        );
        let due = |p: &Position| said(p)["paymentOption"][0]["dueDate"].clone();
        assert_eq!(due(&ours()), "2026-12-31T22:59:59Z");
        let open = Position {
            due_date: None,
            ..ours()
        };
        assert_eq!(
            due(&open),
            "2027-11-03T22:59:59Z",
            "a year where there is none"
        );
    }

    #[test]
    fn a_position_is_one_option_with_one_transfer() {
        let body = said(&ours());
        assert_eq!(body["type"], "F");
        assert_eq!(body["switchToExpired"], true);
        let option = &body["paymentOption"][0];
        assert_eq!(option["iuv"], "02032002700000251");
        assert_eq!(option["amount"], 4250);
        assert_eq!(option["transfer"][0]["amount"], 4250);
        assert_eq!(option["transfer"].as_array().unwrap().len(), 1);
        let none = Position {
            iban: String::new(),
            ..ours()
        };
        assert!(position(&none, "01199250158", "Comune").is_err());
    }

    #[test]
    fn what_is_there_already_is_compared_to_the_cent_and_the_second() {
        let sent = said(&ours());
        let with = |at: &str, value: serde_json::Value| {
            let mut body = sent.clone();
            body["status"] = "VALID".into();
            *body.pointer_mut(at).unwrap() = value;
            Remote::read(body.to_string().as_bytes()).unwrap()
        };
        let option = "/paymentOption/0";
        let likeness = |remote: Remote| remote.likeness(&ours());
        assert_eq!(likeness(with("/iupd", "x".into())), Likeness::Same);
        // The platform leaves the zone out, and has milliseconds.
        let due = with(
            &format!("{option}/dueDate"),
            "2026-12-31T22:59:59.000".into(),
        );
        assert_eq!(likeness(due), Likeness::Same);
        let due = with(&format!("{option}/dueDate"), "2026-12-31T23:59:59Z".into());
        assert_eq!(likeness(due), Likeness::Other("the last day to pay"));
        let more = with(&format!("{option}/amount"), 4251.into());
        assert_eq!(likeness(more), Likeness::Other("the amount"));
        let iban = with(&format!("{option}/transfer/0/iban"), "IT00".into());
        assert_eq!(likeness(iban), Likeness::Mended);
        assert!(Remote::read(b"{\"status\": \"PERHAPS\"}").is_err());
        assert!(Remote::read(b"<html>").is_err());
    }
}
