//! What a year's attestation says: a pure function of the year's facts (facts of the tax
//! authority's practice: TUIR art. 15; circ. 18/E/2016, 7/E/2018, 13/E/2019, 14/E/2023;
//! L. 160/2019 art. 1 c. 679).
//!
//! The year is that of the payment by the payer, in Rome: not of the meal, not of the credit to the
//! treasury. Traceable, other and not ascertained means stay apart. Nothing is ever cut at a cap:
//! the cap is the taxpayer's. Services that can't be deducted are left out.

use super::content::{AttestedChild, ChildSection, ExpenseCode, PaymentRow, ServiceSection};
use crate::base::{Cents, Date, Instant, SchoolYear, day_of};
use crate::ledger::AidedBy;
use crate::payments::Traceable;

/// To whom a payment is attested when somebody else than the debtor made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy<'a> {
    /// To the debtor, whoever paid: the default. The rows name who really paid.
    Debtor,
    /// To who paid: only what this fiscal code paid is in.
    WhoPaid(&'a str),
}

/// What is known of a payer's year. Payments of other years may be among them: they don't count.
#[derive(Clone, Debug)]
pub struct YearFacts {
    /// The tax year.
    pub year: i16,
    /// The debtor's fiscal code.
    pub debtor: String,
    /// The children.
    pub children: Vec<ChildFacts>,
}

/// A child and what was paid for them.
#[derive(Clone, Debug)]
pub struct ChildFacts {
    /// Who.
    pub child: AttestedChild,
    /// For what.
    pub services: Vec<ServiceFacts>,
}

/// What was paid into one account.
#[derive(Clone, Debug)]
pub struct ServiceFacts {
    /// The service, as families know it.
    pub service_name: String,
    /// Code of the return; none for what can't be deducted.
    pub code: Option<ExpenseCode>,
    /// The school; may be empty.
    pub school: String,
    /// Class or section; may be empty.
    pub class: String,
    /// Payments.
    pub payments: Vec<PaymentFact>,
    /// Money that was given back.
    pub refunds: Vec<RefundFact>,
    /// What other bodies paid for the days of the year, body by body: the family did not.
    pub aided_by: Vec<AidedBy>,
    /// The account's balance at the end of 31 December: above zero is credit.
    pub balance_at_year_end: Cents,
}

/// A payment.
#[derive(Clone, Debug)]
pub struct PaymentFact {
    /// When the payer paid (the day of the order, for a transfer).
    pub paid_at: Instant,
    /// Cents.
    pub amount: Cents,
    /// Whether by traceable means.
    pub traceable: Traceable,
    /// IUV or number of the receipt.
    pub reference: String,
    /// Who took it.
    pub psp: String,
    /// By which means.
    pub means: String,
    /// The month that was paid for; may be empty.
    pub period: String,
    /// The earlier system that took it; empty for our own.
    pub origin: String,
    /// Who really paid: name and fiscal code, when it is known.
    pub paid_by: Option<(String, String)>,
}

/// Money that was given back.
#[derive(Clone, Debug)]
pub struct RefundFact {
    /// On which day.
    pub on: Date,
    /// Cents, above zero.
    pub amount: Cents,
    /// In which year the payments were made that it gives back.
    pub paid_in: i16,
}

/// In which years the payments were made that refunds give back. Charges use up the oldest payments
/// first, so what is left over is of the newest: each refund takes the newest payments before it
/// that no earlier refund took. What no payment here covers (credit of an earlier system, or moved
/// from a sibling) counts in the year of the refund itself.
pub fn attribute_refunds(payments: &[(Date, Cents)], refunds: &[(Date, Cents)]) -> Vec<RefundFact> {
    let mut left = payments.to_vec();
    left.sort_by_key(|(day, _)| *day);
    let mut found = Vec::new();
    for (on, amount) in refunds {
        let mut rest = *amount;
        for (paid, unused) in left.iter_mut().rev().filter(|(day, _)| day <= on) {
            let taken = rest.min(*unused);
            if taken.is_positive() {
                (*unused, rest) = (*unused - taken, rest - taken);
                found.push(RefundFact {
                    on: *on,
                    amount: taken,
                    paid_in: paid.year(),
                });
            }
        }
        if rest.is_positive() {
            found.push(RefundFact {
                on: *on,
                amount: rest,
                paid_in: on.year(),
            });
        }
    }
    found
}

/// What there is to attest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Computed {
    /// A section for each child.
    Sections(Vec<ChildSection>),
    /// No document, and why.
    Nothing(Why),
}

/// Why there is nothing to attest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// Nothing was paid in that year.
    NoPayments,
    /// What was paid is for services that can't be deducted.
    NotDeductible,
    /// What was paid was paid in cash or by means that were not ascertained.
    NotTraceable,
}

/// Computes a year.
pub fn compute(facts: &YearFacts, policy: Policy<'_>) -> Computed {
    let mut sections = Vec::new();
    let (mut paid_at_all, mut deductible) = (false, false);
    for child in &facts.children {
        let mut services = Vec::new();
        for service in &child.services {
            let section = section(facts, service, policy);
            let has_something = !section.rows.is_empty() || !section.refunds_earlier.is_empty();
            paid_at_all |= has_something;
            if has_something && section.code.is_some() {
                deductible = true;
                services.push(section);
            }
        }
        if !services.is_empty() {
            let child = child.child.clone();
            sections.push(ChildSection { child, services });
        }
    }
    let worth_it = |s: &ServiceSection| s.traceable.is_positive() || !s.refunds_earlier.is_empty();
    if sections.iter().flat_map(|c| &c.services).any(worth_it) {
        return Computed::Sections(sections);
    }
    Computed::Nothing(match (paid_at_all, deductible) {
        (false, _) => Why::NoPayments,
        (true, false) => Why::NotDeductible,
        (true, true) => Why::NotTraceable,
    })
}

fn section(facts: &YearFacts, service: &ServiceFacts, policy: Policy<'_>) -> ServiceSection {
    let year = facts.year;
    let attested = |payment: &&PaymentFact| {
        let payer = payment
            .paid_by
            .as_ref()
            .map_or(&facts.debtor, |(_, code)| code);
        day_of(payment.paid_at).year() == year
            && match policy {
                Policy::Debtor => true,
                Policy::WhoPaid(code) => payer == code,
            }
    };
    let mut payments: Vec<&PaymentFact> = service.payments.iter().filter(attested).collect();
    payments.sort_by_key(|payment| payment.paid_at);
    let sum = |kind: Traceable| -> Cents {
        let of_kind = payments.iter().filter(|p| p.traceable == kind);
        of_kind.map(|p| p.amount).sum()
    };
    let refunded = |paid_in: i16| -> Cents {
        let of_year = service.refunds.iter();
        of_year
            .filter(|r| r.on.year() == year && r.paid_in == paid_in)
            .map(|r| r.amount)
            .sum()
    };
    let mut earlier: Vec<i16> = service.refunds.iter().map(|r| r.paid_in).collect();
    earlier.sort_unstable();
    earlier.dedup();
    let traceable = sum(Traceable::Yes);
    let refunds_same_year = refunded(year);
    let net = (traceable - refunds_same_year).max(Cents::ZERO);
    // Who pays in the debtor's place is not asked for what others pay.
    let aided = match policy {
        Policy::Debtor => service.aided_by.iter().map(|one| one.amount).sum::<Cents>(),
        Policy::WhoPaid(_) => Cents::ZERO,
    };
    let aided = aided.max(Cents::ZERO);
    ServiceSection {
        service_name: service.service_name.clone(),
        code: service.code,
        school: service.school.clone(),
        class: service.class.clone(),
        school_years: school_years(year),
        traceable,
        otherwise_paid: sum(Traceable::No),
        not_ascertained: sum(Traceable::Unknown),
        refunds_same_year,
        refunds_earlier: earlier
            .into_iter()
            .filter(|paid_in| *paid_in < year)
            .map(|paid_in| (paid_in, refunded(paid_in)))
            .filter(|(_, amount)| amount.is_positive())
            .collect(),
        net,
        aided,
        aided_by: match aided {
            Cents::ZERO => Vec::new(),
            _ => service.aided_by.clone(),
        },
        // What is left of earlier years' payments is not contained in this year's amount.
        residual_credit: service.balance_at_year_end.max(Cents::ZERO).min(net),
        rows: payments.into_iter().map(|p| row(p, facts)).collect(),
    }
}

fn row(payment: &PaymentFact, facts: &YearFacts) -> PaymentRow {
    let other = payment
        .paid_by
        .as_ref()
        .filter(|(_, code)| *code != facts.debtor);
    PaymentRow {
        date: day_of(payment.paid_at),
        amount: payment.amount,
        reference: payment.reference.clone(),
        psp: payment.psp.clone(),
        means: payment.means.clone(),
        period: payment.period.clone(),
        origin: payment.origin.clone(),
        payer_if_other: other.map(|(name, _)| name.clone()),
    }
}

/// A tax year touches two school years.
fn school_years(year: i16) -> Vec<String> {
    [year - 1, year]
        .map(|first| SchoolYear::starting_in(first).to_string())
        .to_vec()
}

#[cfg(test)]
mod tests;
