//! The facts of a payer's year, gathered from receipts, enrolments and guardianships.

use rusqlite::Connection;

use super::compute::{
    ChildFacts, PaymentFact, RefundFact, ServiceFacts, YearFacts, attribute_refunds,
};
use super::content::{AttestedChild, AttestedPayer, ExpenseCode};
use crate::base::{Actor, Date, PersonId, Result, ServiceId, month_it};
use crate::enrolments::{self, Enrolment};
use crate::ledger::{self, FamilyAccount};
use crate::payments::NoticeNumber;
use crate::payments::receipts::{self, Payment};
use crate::{charging, municipality, people};

/// What is known of a payer's year.
///
/// # Errors
/// `NotFound` for a person that does not exist.
pub fn facts(db: &Connection, payer: PersonId, year: i16) -> Result<YearFacts> {
    let (from, to) = (
        jiff::civil::date(year, 1, 1),
        jiff::civil::date(year, 12, 31),
    );
    let debtor = people::person(db, payer)?;
    let titles = people::children_of(db, &Actor::Citizen(payer), to)?;
    let mut children: Vec<(PersonId, ChildFacts)> = Vec::new();
    for account in ledger::accounts_of_person(db, payer)? {
        let service = service_facts(db, &account, from, to)?;
        if let Some((_, child)) = children.iter_mut().find(|(id, _)| *id == account.child_id) {
            child.services.push(service);
            continue;
        }
        let child = people::person(db, account.child_id)?;
        let title = titles.iter().find(|g| g.child == child.id);
        let facts = ChildFacts {
            child: AttestedChild {
                name: child.full_name(),
                fiscal_code: child.fiscal_code.to_string(),
                birth_date: child.birth_date,
                payer_title: title.map_or("", |g| title_it(&g.title)).to_owned(),
            },
            services: vec![service],
        };
        children.push((child.id, facts));
    }
    Ok(YearFacts {
        year,
        debtor: debtor.fiscal_code.to_string(),
        children: children.into_iter().map(|(_, child)| child).collect(),
    })
}

/// The debtor as the document names them.
pub(super) fn attested_payer(db: &Connection, payer: PersonId) -> Result<AttestedPayer> {
    let person = people::person(db, payer)?;
    let place = [&person.postal_code, &person.town];
    let place: Vec<&str> = place.into_iter().flatten().map(String::as_str).collect();
    let address = [person.address.clone().unwrap_or_default(), place.join(" ")];
    let address: Vec<String> = address
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    Ok(AttestedPayer {
        name: person.full_name(),
        fiscal_code: person.fiscal_code.to_string(),
        residence: address.join(", "),
    })
}

fn title_it(title: &str) -> &'static str {
    match title {
        "parent" => "genitore",
        "guardian" => "tutore",
        "foster" => "affidatario",
        _ => "",
    }
}

fn service_facts(
    db: &Connection,
    account: &FamilyAccount,
    from: Date,
    to: Date,
) -> Result<ServiceFacts> {
    let service = municipality::service(db, account.service_id)?;
    let code = match service.deduction_code.as_deref() {
        Some("12") => Some(ExpenseCode::School),
        Some("33") => Some(ExpenseCode::Nursery),
        _ => None,
    };
    let enrolment = enrolment_in(db, account.child_id, account.service_id, from, to)?;
    let payments = receipts::payments_into(db, account.id, from, to)?;
    let after = to.tomorrow().unwrap_or(to);
    let refunds = refunds_until(db, account, to)?;
    Ok(ServiceFacts {
        service_name: service.name,
        code,
        school: enrolment
            .as_ref()
            .map_or_else(String::new, |e| e.school.clone()),
        class: enrolment.map_or_else(String::new, |e| e.class),
        payments: payments
            .into_iter()
            .map(|payment| payment_fact(payment, code))
            .collect(),
        refunds,
        aided_by: charging::aided_between(db, account.id, from, to)?,
        balance_at_year_end: ledger::balance_before(db, account.id, after)?,
    })
}

/// What was given back until a day, with the years in which it was paid. Only who had something
/// back needs all of their payments looked at.
fn refunds_until(db: &Connection, account: &FamilyAccount, to: Date) -> Result<Vec<RefundFact>> {
    let refunds = ledger::refunds_paid(db, account.id, to)?;
    if refunds.is_empty() {
        return Ok(Vec::new());
    }
    let payments = receipts::payments_into(db, account.id, Date::MIN, to)?;
    let payments: Vec<_> = payments.iter().map(|p| (p.day, p.amount)).collect();
    Ok(attribute_refunds(&payments, &refunds))
}

/// The last enrolment that the year touches: its school and class are those that the family knows.
fn enrolment_in(
    db: &Connection,
    child: PersonId,
    service: ServiceId,
    from: Date,
    to: Date,
) -> Result<Option<Enrolment>> {
    let all = enrolments::of_child(db, child)?;
    Ok(all
        .into_iter()
        .find(|e| e.service_id == service && e.from <= to && e.to.is_none_or(|last| last >= from)))
}

fn payment_fact(payment: Payment, code: Option<ExpenseCode>) -> PaymentFact {
    let iuv = NoticeNumber::parse(&payment.reference).map(|number| number.iuv().to_string());
    PaymentFact {
        paid_at: payment.paid_at,
        amount: payment.amount,
        traceable: payment.traceable,
        reference: iuv.unwrap_or(payment.reference),
        psp: payment.psp,
        means: payment.means,
        // The bonus nido asks for the month (INPS): the one in which a prepaid fee was paid.
        period: match code {
            Some(ExpenseCode::Nursery) => {
                format!("{} {}", month_it(payment.day.month()), payment.day.year())
            }
            _ => String::new(),
        },
        origin: payment.origin,
        paid_by: payment.paid_by,
    }
}
