//! What the node may ask.

use super::fault::{Fault, NotSoap};
use super::reading::{Fields, envelope};
use crate::base::Cents;

/// One of the six operations. Names of elements have suffixes that differ by generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Is this notice payable, and how much is it?
    Verify,
    /// The payment begins: where does the money go? First generation.
    GetPayment,
    /// The same, second generation.
    GetPaymentV2,
    /// It was paid: the receipt. First generation.
    SendRt,
    /// The same, second generation.
    SendRtV2,
    /// Make a notice on demand: not offered.
    Demand,
}

/// Every operation.
const ALL: [Operation; 6] = [
    Operation::Verify,
    Operation::GetPayment,
    Operation::GetPaymentV2,
    Operation::SendRt,
    Operation::SendRtV2,
    Operation::Demand,
];

impl Operation {
    /// As the WSDL calls it.
    pub fn name(self) -> &'static str {
        match self {
            Operation::Verify => "paVerifyPaymentNotice",
            Operation::GetPayment => "paGetPayment",
            Operation::GetPaymentV2 => "paGetPaymentV2",
            Operation::SendRt => "paSendRT",
            Operation::SendRtV2 => "paSendRTV2",
            Operation::Demand => "paDemandPaymentNotice",
        }
    }

    fn suffixes(self) -> (&'static str, &'static str) {
        match self {
            Operation::Verify | Operation::GetPayment | Operation::SendRt => ("Req", "Res"),
            _ => ("Request", "Response"),
        }
    }

    /// The element that is answered.
    pub(super) fn response(self) -> String {
        format!("{}{}", self.name(), self.suffixes().1)
    }

    /// The operation that an element asks for.
    fn of(element: &str) -> Option<Operation> {
        ALL.into_iter()
            .find(|o| element.strip_prefix(o.name()) == Some(o.suffixes().0))
    }

    /// The fault for a field that is not as the schema says: the tables of the first generation list
    /// only the second code.
    pub(super) fn syntax(self) -> Fault {
        match self {
            Operation::Verify | Operation::GetPayment | Operation::SendRt => Fault::ExtraSyntax,
            _ => Fault::Syntax,
        }
    }
}

/// Whom the node believes to speak to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Station {
    /// `idPA`.
    pub creditor: String,
    /// `idBrokerPA`.
    pub broker: String,
    /// `idStation`.
    pub station: String,
}

/// A notice that is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// `qrCode/fiscalCode`.
    pub creditor: String,
    /// `qrCode/noticeNumber`, 18 digits.
    pub notice_number: String,
    /// What the payer was shown, if it is said. Cents.
    pub amount: Option<Cents>,
    /// By which way the money will go, if it is said.
    pub transfer: Option<TransferType>,
}

/// `transferType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferType {
    /// To a postal account.
    Postal,
    /// To whatever account.
    Pagopa,
}

/// A receipt that is handed in; the bytes of the envelope are its raw form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handed {
    /// `receipt/fiscalCode`: whose notice was paid.
    pub creditor: String,
    /// `receipt/outcome` is OK.
    pub paid: bool,
    /// The transfers: whose account and how much, in cents.
    pub transfers: Vec<(String, Cents)>,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// About a notice: verify, get.
    Notice(Asked),
    /// A receipt.
    Receipt(Handed),
    /// A notice on demand.
    Demand,
}

/// A call of one of the operations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Which.
    pub operation: Operation,
    /// Whom it means and what it asks; or the field that is not as the schema says.
    pub asked: Result<(Station, Request), &'static str>,
}

impl Call {
    /// Reads an envelope. Elements are known by their local names, whatever prefixes they have; the
    /// envelope's and the operation's namespaces must be right, the children's may be anything (by
    /// the schema they have none).
    ///
    /// # Errors
    /// [`NotSoap`], when it calls nothing; a call with a wrong field is a call.
    pub fn read(bytes: &[u8]) -> Result<Call, NotSoap> {
        let (element, fields) = envelope(bytes)?;
        let operation = Operation::of(&element).ok_or(NotSoap::NoOperation)?;
        let asked =
            station(&fields).and_then(|station| Ok((station, request(operation, &fields)?)));
        Ok(Call { operation, asked })
    }
}

fn station(fields: &Fields) -> Result<Station, &'static str> {
    Ok(Station {
        creditor: text(fields, "idPA", 35)?,
        broker: text(fields, "idBrokerPA", 35)?,
        station: text(fields, "idStation", 35)?,
    })
}

fn request(operation: Operation, fields: &Fields) -> Result<Request, &'static str> {
    match operation {
        Operation::Verify | Operation::GetPayment | Operation::GetPaymentV2 => {
            Ok(Request::Notice(Asked {
                creditor: digits(fields, "qrCode/fiscalCode", 11)?,
                notice_number: digits(fields, "qrCode/noticeNumber", 18)?,
                amount: match fields.get("amount") {
                    Some(text) => Some(amount(text).ok_or("amount")?),
                    None => None,
                },
                transfer: match fields.get("transferType") {
                    Some("POSTAL") => Some(TransferType::Postal),
                    Some("PAGOPA") => Some(TransferType::Pagopa),
                    Some(_) => return Err("transferType"),
                    None => None,
                },
            }))
        }
        Operation::SendRt | Operation::SendRtV2 => Ok(Request::Receipt(Handed {
            creditor: digits(fields, "receipt/fiscalCode", 11)?,
            paid: match fields.get("receipt/outcome") {
                Some("OK") => true,
                Some("KO") => false,
                _ => return Err("receipt/outcome"),
            },
            transfers: transfers(fields)?,
        })),
        Operation::Demand => Ok(Request::Demand),
    }
}

fn transfers(fields: &Fields) -> Result<Vec<(String, Cents)>, &'static str> {
    const AMOUNT: &str = "receipt/transferList/transfer/transferAmount";
    let creditors = fields.all("receipt/transferList/transfer/fiscalCodePA");
    let amounts: Vec<&str> = fields.all(AMOUNT).collect();
    let creditors: Vec<&str> = creditors.collect();
    if creditors.is_empty() || creditors.len() != amounts.len() {
        return Err("receipt/transferList");
    }
    let pairs = creditors.into_iter().zip(amounts);
    pairs
        .map(|(creditor, text)| Ok((creditor.to_owned(), amount(text).ok_or(AMOUNT)?)))
        .collect()
}

fn text(fields: &Fields, path: &'static str, longest: usize) -> Result<String, &'static str> {
    let text = fields.get(path).filter(|t| t.chars().count() <= longest);
    text.map(str::to_owned).ok_or(path)
}

fn digits(fields: &Fields, path: &'static str, length: usize) -> Result<String, &'static str> {
    let right = |t: &&str| t.len() == length && t.bytes().all(|b| b.is_ascii_digit());
    fields
        .get(path)
        .filter(right)
        .map(str::to_owned)
        .ok_or(path)
}

/// An amount as the schema writes it: digits, a point, two digits.
pub(super) fn amount(text: &str) -> Option<Cents> {
    let (whole, decimals) = text.split_once('.')?;
    let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || decimals.len() != 2 || !all_digits(whole) || !all_digits(decimals) {
        return None;
    }
    Cents::parse_decimal(text).ok()
}
