//! What one attestation says: one payer, one tax year, one section for each child and service.
//!
//! It is computed once, stored with the issued document, and printed by
//! [`super::attestation_pdf`]. It holds no ISEE, no band, no diet, no debt.

use serde::{Deserialize, Serialize};

use crate::base::{Cents, Date};
use crate::ledger::AidedBy;
use crate::pdf::Letterhead;

/// One attestation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttestationContent {
    /// The tax year: the year in which the payments were made, in Rome.
    pub year: i16,
    /// The progressive number within the year.
    pub number: u32,
    /// 0 for the first issue.
    pub revision: u32,
    /// The day of issue.
    pub issued_on: Date,
    /// The day of issue of the revision that this one replaces.
    #[serde(default)]
    pub replaces_issue_of: Option<Date>,
    /// Number and date of registration (protocollo), where the comune registers attestations.
    #[serde(default)]
    pub registry: Option<String>,
    /// Who attests.
    pub municipality: Letterhead,
    /// Whom the payments are attested to (intestatario).
    pub payer: AttestedPayer,
    /// The children, each with the services paid for.
    pub children: Vec<ChildSection>,
    /// Notes: legal bases, the taxpayer's cap, bonus nido; one paragraph each, set by the comune.
    pub notes: Vec<String>,
    /// Who is responsible for the document.
    pub responsible: Responsible,
    /// How a third party checks the document.
    pub verification: Option<Verification>,
    /// Data controller and contact of the data protection officer.
    #[serde(default)]
    pub privacy: String,
}

impl AttestationContent {
    /// `2025/000123`.
    pub fn full_number(&self) -> String {
        format!("{}/{:06}", self.year, self.number)
    }
}

/// The person to whom the payments are attested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttestedPayer {
    /// Surname and name.
    pub name: String,
    /// Fiscal code.
    pub fiscal_code: String,
    /// Address of residence; may be empty.
    pub residence: String,
}

/// One child of the payer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChildSection {
    /// The child.
    pub child: AttestedChild,
    /// What was paid for, one section each.
    pub services: Vec<ServiceSection>,
}

/// The child that a payment was made for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttestedChild {
    /// Surname and name.
    pub name: String,
    /// Fiscal code.
    pub fiscal_code: String,
    /// Date of birth.
    pub birth_date: Option<Date>,
    /// In which quality the payer pays: genitore, tutore, affidatario.
    #[serde(default)]
    pub payer_title: String,
}

/// The code of the expense in the tax return (mod. 730, quadro E, righi E8-E10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ExpenseCode {
    /// School expenses (TUIR art. 15 c. 1 e-bis): meals, school bus, pre- and after-school.
    #[serde(rename = "12")]
    School,
    /// Nursery fees (L. 266/2005 art. 1 c. 335).
    #[serde(rename = "33")]
    Nursery,
}

impl ExpenseCode {
    /// The number that goes into the return.
    pub fn number(self) -> &'static str {
        match self {
            ExpenseCode::School => "12",
            ExpenseCode::Nursery => "33",
        }
    }
}

/// What was paid for one child and one service. Letters as printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceSection {
    /// The service, as families know it.
    pub service_name: String,
    /// The code suggested; `None` for what can't be deducted.
    pub code: Option<ExpenseCode>,
    /// The school; may be empty.
    pub school: String,
    /// Class or section; may be empty.
    pub class: String,
    /// The school years that the tax year touches: `2024/2025`.
    pub school_years: Vec<String>,
    /// A: paid by traceable means (L. 160/2019 art. 1 c. 679).
    pub traceable: Cents,
    /// B: paid otherwise (cash).
    pub otherwise_paid: Cents,
    /// C: paid by means that were not ascertained.
    pub not_ascertained: Cents,
    /// D: refunded in the tax year, out of payments of that year.
    pub refunds_same_year: Cents,
    /// E: refunded in the tax year, out of payments of earlier years; by year of payment.
    pub refunds_earlier: Vec<(i16, Cents)>,
    /// F: paid by other bodies for the services of the year, in none of the other amounts. (Left out
    /// when zero, so that attestations without any keep their fingerprint.)
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub aided: Cents,
    /// The same body by body. It is no part of the fingerprint: with the same sums it is the same
    /// attestation, whoever is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aided_by: Vec<AidedBy>,
    /// What is attested: A − D, never below zero.
    pub net: Cents,
    /// Credit not yet used at 31 December, contained in the net amount.
    pub residual_credit: Cents,
    /// The payments.
    pub rows: Vec<PaymentRow>,
}

fn is_nothing(amount: &Cents) -> bool {
    *amount == Cents::ZERO
}

/// One payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentRow {
    /// The day of payment, in Rome.
    pub date: Date,
    /// What was paid.
    pub amount: Cents,
    /// IUV or number of the receipt.
    pub reference: String,
    /// Through whom it was paid.
    pub psp: String,
    /// By which means: carta, bonifico, contanti.
    pub means: String,
    /// The month or period that was paid for (nursery); may be empty.
    #[serde(default)]
    pub period: String,
    /// The earlier system that took the payment; empty for our own. (Left out when empty, so that
    /// attestations without any keep their fingerprint.)
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub origin: String,
    /// Who really paid, when it was not the payer of this attestation.
    pub payer_if_other: Option<String>,
}

/// The person whose printed name stands for a signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Responsible {
    /// `Responsabile del Settore Istruzione`.
    pub role: String,
    /// Name and surname.
    pub name: String,
}

/// Where the document can be checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// The code.
    pub code: String,
    /// The address of the page that shows what was issued under it.
    pub url: String,
}
