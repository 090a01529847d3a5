//! Answers as SOAP: in the order of `paForNode.xsd`, children without a namespace.

use quick_xml::writer::Writer;

use super::ENVELOPE;
use super::answering::{Answer, Identity};
use super::fault::{Fault, NotSoap};
use super::payable::{Payable, Transfer};
use super::request::{Operation, TransferType};
use crate::base::{Date, Error, Result};
use crate::payments::Subject;
use crate::payments::rt::{NAMESPACE, Xml, leaf, shortened, subject};

/// `stText140`.
const LONG: usize = 140;

/// The envelope of an answer.
///
/// # Errors
/// Only when memory can't be written to.
pub fn written(identity: &Identity, operation: Operation, answer: &Answer) -> Result<String> {
    let response = format!("paf:{}", operation.response());
    enveloped(|xml| {
        xml.create_element(response.as_str())
            .with_attribute(("xmlns:paf", NAMESPACE))
            .write_inner_content(|xml| content(xml, identity, answer))?;
        Ok(())
    })
}

/// The SOAP Fault for what is no call.
///
/// # Errors
/// Only when memory can't be written to.
pub fn written_not_soap(why: &NotSoap) -> Result<String> {
    enveloped(|xml| {
        xml.create_element("soapenv:Fault")
            .write_inner_content(|xml| {
                leaf(xml, "faultcode", &format!("soapenv:{}", why.code()))?;
                leaf(xml, "faultstring", &clean(&why.to_string()))
            })?;
        Ok(())
    })
}

fn enveloped(body: impl FnOnce(&mut Xml) -> std::io::Result<()>) -> Result<String> {
    let mut xml = Writer::new(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_vec());
    xml.create_element("soapenv:Envelope")
        .with_attribute(("xmlns:soapenv", ENVELOPE))
        .write_inner_content(|xml| {
            xml.create_element("soapenv:Body")
                .write_inner_content(body)?;
            Ok(())
        })
        .map_err(Error::internal)?;
    String::from_utf8(xml.into_inner()).map_err(Error::internal)
}

fn content(xml: &mut Xml, identity: &Identity, answer: &Answer) -> std::io::Result<()> {
    match answer {
        Answer::Received => leaf(xml, "outcome", "OK"),
        Answer::Refused { fault, description } => refused(xml, identity, *fault, description),
        Answer::Verified(payable) => {
            leaf(xml, "outcome", "OK")?;
            verified(xml, identity, payable)
        }
        Answer::Payment {
            payable,
            transfer,
            or_due,
        } => {
            leaf(xml, "outcome", "OK")?;
            xml.create_element("data")
                .write_inner_content(|xml| payment(xml, identity, payable, *transfer, *or_due))?;
            Ok(())
        }
    }
}

fn refused(
    xml: &mut Xml,
    identity: &Identity,
    fault: Fault,
    description: &str,
) -> std::io::Result<()> {
    leaf(xml, "outcome", "KO")?;
    xml.create_element("fault").write_inner_content(|xml| {
        leaf(xml, "faultCode", fault.code())?;
        leaf(xml, "faultString", fault.words())?;
        leaf(xml, "id", &identity.creditor)?;
        match description {
            "" => Ok(()),
            description => leaf(xml, "description", description),
        }
    })?;
    Ok(())
}

fn verified(xml: &mut Xml, identity: &Identity, payable: &Payable) -> std::io::Result<()> {
    xml.create_element("paymentList")
        .write_inner_content(|xml| {
            xml.create_element("paymentOptionDescription")
                .write_inner_content(|xml| {
                    leaf(xml, "amount", &payable.amount.to_decimal())?;
                    leaf(xml, "options", "EQ")?;
                    if let Some(due) = payable.due_date {
                        leaf(xml, "dueDate", &due.to_string())?;
                    }
                    let all_postal = if payable.all_postal() {
                        "true"
                    } else {
                        "false"
                    };
                    leaf(xml, "allCCP", all_postal)
                })?;
            Ok(())
        })?;
    leaf(xml, "paymentDescription", &text(&payable.subject))?;
    leaf(xml, "fiscalCodePA", &identity.creditor)?;
    leaf(xml, "companyName", &text(&identity.name))
}

fn payment(
    xml: &mut Xml,
    identity: &Identity,
    payable: &Payable,
    by: Option<TransferType>,
    or_due: Date,
) -> std::io::Result<()> {
    leaf(
        xml,
        "creditorReferenceId",
        payable.notice_number.iuv().as_str(),
    )?;
    leaf(xml, "paymentAmount", &payable.amount.to_decimal())?;
    leaf(
        xml,
        "dueDate",
        &payable.due_date.unwrap_or(or_due).to_string(),
    )?;
    leaf(xml, "description", &text(&payable.subject))?;
    leaf(xml, "companyName", &text(&identity.name))?;
    let debtor = Subject {
        code: payable.debtor.code.clone(),
        name: clean(&payable.debtor.name),
    };
    subject(xml, "debtor", &debtor)?;
    xml.create_element("transferList")
        .write_inner_content(|xml| {
            for (number, part) in (1..).zip(&payable.transfers) {
                xml.create_element("transfer").write_inner_content(|xml| {
                    transfer(xml, identity, payable, part, by, number)
                })?;
            }
            Ok(())
        })?;
    Ok(())
}

fn transfer(
    xml: &mut Xml,
    identity: &Identity,
    payable: &Payable,
    part: &Transfer,
    by: Option<TransferType>,
    number: usize,
) -> std::io::Result<()> {
    let has_postal = part.general && !payable.postal_iban.is_empty();
    let iban = match by {
        Some(TransferType::Postal) if has_postal => &payable.postal_iban,
        _ => &part.iban,
    };
    leaf(xml, "idTransfer", &number.to_string())?;
    leaf(xml, "transferAmount", &part.amount.to_decimal())?;
    leaf(xml, "fiscalCodePA", &identity.creditor)?;
    leaf(xml, "IBAN", iban)?;
    leaf(xml, "remittanceInformation", &text(&payable.subject))?;
    leaf(xml, "transferCategory", &part.category)?;
    if by == Some(TransferType::Pagopa) && has_postal {
        // Who pays at a post office is debited on the postal account all the same.
        xml.create_element("metadata").write_inner_content(|xml| {
            xml.create_element("mapEntry").write_inner_content(|xml| {
                leaf(xml, "key", "IBANAPPOGGIO")?;
                leaf(xml, "value", &payable.postal_iban)
            })?;
            Ok(())
        })?;
    }
    Ok(())
}

fn text(text: &str) -> String {
    shortened(&clean(text), LONG)
}

/// Control characters can't stand in XML 1.0, also not escaped.
fn clean(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}'))
        .collect()
}
