//! The telematic receipt (RT) as pagoPA sends it: `ctReceiptV2` of `paForNode.xsd`, inside
//! paSendRTV2 or as the receipts API returns it. Reading takes what the rules need and keeps the
//! bytes; writing is for the demo's pretended platform.

use jiff::civil::{Date, DateTime};
use quick_xml::Reader;
use quick_xml::events::{BytesText, Event};
use quick_xml::writer::Writer;

use crate::base::{Cents, Instant, xml_character};

/// Receipts are some 3 kB; what is larger than this is none.
pub(super) const LARGEST: usize = 256 * 1024;

/// A receipt in its envelope is some eight levels deep; paths grow with the depth.
pub(super) const DEEPEST: usize = 24;

/// Who paid, or who owed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Fiscal code or VAT number.
    pub code: String,
    /// Name.
    pub name: String,
}

/// A receipt as it came, with the fields that the rules need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawReceipt {
    /// `receiptId`: one receipt has one, also when it is sent again.
    pub key: String,
    /// `fiscalCode`: the creditor. The same notice number exists at other creditors too.
    pub creditor: String,
    /// `noticeNumber`.
    pub notice_number: String,
    /// `paymentAmount`, without the payer's commission. Cents.
    pub amount: Cents,
    /// `paymentDateTime`: the moment that frees the debtor.
    pub paid_at: Instant,
    /// `PSPCompanyName`.
    pub psp: String,
    /// `paymentMethod` in Italian words; empty when the receipt doesn't say.
    pub means: String,
    /// `payer`, when the receipt names one.
    pub payer: Option<Subject>,
    /// The bytes.
    pub raw: Vec<u8>,
}

/// Why bytes are not a receipt.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RtError {
    /// More than 256 kB.
    #[error("a receipt is at most 256 kB")]
    TooLarge,
    /// Not well-formed, or with a document type.
    #[error("not well-formed XML: {0}")]
    Xml(String),
    /// There is no `receipt` element.
    #[error("there is no receipt in it")]
    NoReceipt,
    /// The outcome is not OK: nothing was paid.
    #[error("the receipt's outcome is not OK")]
    NotPaid,
    /// A field is missing or can't be read.
    #[error("the receipt's {0} is missing or wrong")]
    Field(&'static str),
}

impl RawReceipt {
    /// Reads a receipt, whatever envelope is around it.
    ///
    /// # Errors
    /// [`RtError`] says why it is none.
    pub fn parse(xml: &[u8]) -> Result<RawReceipt, RtError> {
        RawReceipt::read(xml, None)
    }

    /// Reads a receipt that is handed in at this moment. The schema lets a receipt come without its
    /// dates; then it was paid now, and is not lost.
    ///
    /// # Errors
    /// [`RtError`] says why it is none.
    pub fn parse_at(xml: &[u8], now: Instant) -> Result<RawReceipt, RtError> {
        RawReceipt::read(xml, Some(now))
    }

    fn read(xml: &[u8], now: Option<Instant>) -> Result<RawReceipt, RtError> {
        if xml.len() > LARGEST {
            return Err(RtError::TooLarge);
        }
        let text = std::str::from_utf8(xml).map_err(|e| RtError::Xml(e.to_string()))?;
        let fields = Fields::read(text)?;
        if fields.required("outcome")? != "OK" {
            return Err(RtError::NotPaid);
        }
        let amount = Cents::parse_decimal(fields.required("paymentAmount")?).ok();
        let payer = match (
            fields.get("payer/uniqueIdentifier/entityUniqueIdentifierValue"),
            fields.get("payer/fullName"),
        ) {
            (Some(code), Some(name)) => Some(Subject {
                code: code.to_uppercase(),
                name: name.to_owned(),
            }),
            _ => None,
        };
        Ok(RawReceipt {
            key: fields.required("receiptId")?.to_owned(),
            creditor: fields.required("fiscalCode")?.to_owned(),
            notice_number: fields.required("noticeNumber")?.to_owned(),
            amount: amount
                .filter(|a| a.is_positive())
                .ok_or(RtError::Field("paymentAmount"))?,
            paid_at: match (fields.paid_at(), now) {
                (Ok(paid_at), _) => paid_at,
                (Err(_), Some(now)) => now,
                (Err(error), None) => return Err(error),
            },
            psp: fields.required("PSPCompanyName")?.to_owned(),
            means: means_in_words(fields.get("paymentMethod").unwrap_or("")),
            payer,
            raw: xml.to_owned(),
        })
    }
}

/// The text of every element below `receipt`, by its path.
struct Fields(Vec<(String, String)>);

impl Fields {
    fn read(text: &str) -> Result<Fields, RtError> {
        let wrong = |e: quick_xml::Error| RtError::Xml(e.to_string());
        let mut reader = Reader::from_str(text);
        let mut path: Vec<String> = Vec::new();
        let mut inside = None;
        let mut found = Vec::new();
        let mut value = String::new();
        loop {
            match reader.read_event().map_err(wrong)? {
                Event::Start(element) => {
                    if path.len() >= DEEPEST {
                        return Err(RtError::Xml("it is nested too deep".to_owned()));
                    }
                    path.push(element.local_name().as_ref().to_owned());
                    if inside.is_none() && path.last().is_some_and(|name| name == "receipt") {
                        inside = Some(path.len());
                    }
                    value.clear();
                }
                Event::Text(text) => value.push_str(&text),
                Event::CData(text) => value.push_str(&text),
                Event::GeneralRef(reference) => {
                    value.push(xml_character(&reference).ok_or_else(|| {
                        RtError::Xml("an entity that is not predefined".to_owned())
                    })?);
                }
                Event::End(_) => {
                    if let Some(depth) = inside.filter(|depth| path.len() > *depth) {
                        found.push((path[depth..].join("/"), value.trim().to_owned()));
                    }
                    path.pop();
                    value.clear();
                }
                // Entities of a document type could grow without end.
                Event::DocType(_) => return Err(RtError::Xml("a document type".to_owned())),
                Event::Eof => break,
                Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
        match inside {
            Some(_) if path.is_empty() => Ok(Fields(found)),
            Some(_) => Err(RtError::Xml("it ends too early".to_owned())),
            None => Err(RtError::NoReceipt),
        }
    }

    fn get(&self, path: &str) -> Option<&str> {
        let field = self.0.iter().find(|(name, _)| name == path);
        field.map(|(_, v)| v.as_str()).filter(|v| !v.is_empty())
    }

    fn required(&self, path: &'static str) -> Result<&str, RtError> {
        self.get(path).ok_or(RtError::Field(path))
    }

    /// `paymentDateTime`, in Rome when it has no offset; without it noon of `applicationDate`.
    fn paid_at(&self) -> Result<Instant, RtError> {
        if let Some(text) = self.get("paymentDateTime") {
            let with_offset = text.parse::<jiff::Timestamp>().ok().map(Instant::from);
            let local = || text.parse::<DateTime>().ok().map(Instant::from_rome);
            return with_offset
                .or_else(local)
                .ok_or(RtError::Field("paymentDateTime"));
        }
        let day = self
            .get("applicationDate")
            .and_then(|t| t.parse::<Date>().ok());
        day.map(|day| Instant::from_rome(day.at(12, 0, 0, 0)))
            .ok_or(RtError::Field("paymentDateTime"))
    }
}

/// What pagoPA calls a means, as Italians do; what is not known stays as it came.
fn means_in_words(method: &str) -> String {
    let word = match method.to_ascii_lowercase().as_str() {
        "creditcard" | "cp" => "carta",
        "bancomat" | "bancomatpay" | "bpay" => "BANCOMAT Pay",
        "paypal" | "ppal" => "PayPal",
        "cash" => "contanti",
        "bbt" | "banktransfer" | "rbps" | "rbpp" | "rbpr" => "conto corrente",
        "postalaccount" => "conto BancoPosta",
        "other" | "" => "",
        _ => method,
    };
    word.to_owned()
}

/// What the pretended platform puts into a receipt.
pub(super) struct NewRt<'a> {
    pub key: &'a str,
    pub creditor: &'a str,
    pub creditor_name: &'a str,
    pub notice_number: &'a str,
    pub iuv: &'a str,
    pub amount: Cents,
    pub subject: &'a str,
    pub category: &'a str,
    pub debtor: Subject,
    pub payer: Option<Subject>,
    pub psp: &'a str,
    /// `creditCard`, `cash`, `other`.
    pub method: &'a str,
    pub paid_at: Instant,
}

pub(super) const NAMESPACE: &str = "http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd";

pub(super) type Xml = Writer<Vec<u8>>;

pub(super) fn leaf(xml: &mut Xml, name: &str, value: &str) -> std::io::Result<()> {
    xml.create_element(name)
        .write_text_content(BytesText::new(value))?;
    Ok(())
}

pub(super) fn subject(xml: &mut Xml, element: &str, who: &Subject) -> std::io::Result<()> {
    xml.create_element(element).write_inner_content(|xml| {
        xml.create_element("uniqueIdentifier")
            .write_inner_content(|xml| {
                let kind = if who.code.len() == 11 { "G" } else { "F" };
                leaf(xml, "entityUniqueIdentifierType", kind)?;
                leaf(xml, "entityUniqueIdentifierValue", &who.code)
            })?;
        leaf(xml, "fullName", &shortened(&who.name, 70))
    })?;
    Ok(())
}

pub(super) fn shortened(text: &str, max: usize) -> String {
    text.chars().take(max).collect()
}

/// The body of paSendRTV2, in the order of the schema; its children have no namespace.
pub(super) fn write(rt: &NewRt<'_>) -> std::io::Result<String> {
    let mut xml = Writer::new(Vec::new());
    xml.create_element("pafn:paSendRTV2Request")
        .with_attribute(("xmlns:pafn", NAMESPACE))
        .write_inner_content(|xml| {
            leaf(xml, "idPA", rt.creditor)?;
            leaf(xml, "idBrokerPA", rt.creditor)?;
            leaf(xml, "idStation", &format!("{}_01", rt.creditor))?;
            xml.create_element("receipt")
                .write_inner_content(|xml| receipt(xml, rt))?;
            Ok(())
        })?;
    Ok(String::from_utf8_lossy(&xml.into_inner()).into_owned())
}

fn receipt(xml: &mut Xml, rt: &NewRt<'_>) -> std::io::Result<()> {
    let paid = rt.paid_at.in_rome();
    let day = paid.date();
    leaf(xml, "receiptId", rt.key)?;
    leaf(xml, "noticeNumber", rt.notice_number)?;
    leaf(xml, "fiscalCode", rt.creditor)?;
    leaf(xml, "outcome", "OK")?;
    leaf(xml, "creditorReferenceId", rt.iuv)?;
    leaf(xml, "paymentAmount", &rt.amount.to_decimal())?;
    leaf(xml, "description", rt.subject)?;
    leaf(xml, "companyName", rt.creditor_name)?;
    subject(xml, "debtor", &rt.debtor)?;
    xml.create_element("transferList")
        .write_inner_content(|xml| {
            xml.create_element("transfer").write_inner_content(|xml| {
                leaf(xml, "idTransfer", "1")?;
                leaf(xml, "transferAmount", &rt.amount.to_decimal())?;
                leaf(xml, "fiscalCodePA", rt.creditor)?;
                leaf(xml, "IBAN", "IT60X0542811101000000123456")?;
                leaf(xml, "remittanceInformation", rt.subject)?;
                leaf(xml, "transferCategory", rt.category)
            })?;
            Ok(())
        })?;
    leaf(xml, "idPSP", "DEMO")?;
    leaf(xml, "PSPCompanyName", rt.psp)?;
    leaf(xml, "idChannel", "DEMO_01")?;
    leaf(xml, "channelDescription", "app")?;
    if let Some(payer) = &rt.payer {
        subject(xml, "payer", payer)?;
    }
    leaf(xml, "paymentMethod", rt.method)?;
    leaf(xml, "fee", "1.00")?;
    leaf(
        xml,
        "paymentDateTime",
        &paid.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
    )?;
    leaf(xml, "applicationDate", &day.to_string())?;
    leaf(
        xml,
        "transferDate",
        &day.tomorrow().unwrap_or(day).to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    pub(crate) fn sample(paid_at: Instant) -> String {
        write(&NewRt {
            key: "DEMO-1",
            creditor: "01199250158",
            creditor_name: "Comune di Borgo San Lieto",
            notice_number: "302032002700000251",
            iuv: "02032002700000251",
            amount: Cents(4250),
            subject: "Refezione scolastica - ricarica",
            category: "9/0107101TS/",
            debtor: Subject {
                code: "RSSMRA85T50A562Q".to_owned(),
                name: "Rossi Mara".to_owned(),
            },
            payer: Some(Subject {
                code: "BNCLGU80A01A562X".to_owned(),
                name: "Bianchi & D'Amico <Ugo>".to_owned(),
            }),
            psp: "Banca di Prova S.p.A.",
            method: "creditCard",
            paid_at,
        })
        .unwrap()
    }

    #[test]
    fn what_the_platform_writes_is_read_back() {
        let paid_at = Instant::from_rome(date(2025, 12, 31).at(23, 58, 12, 0));
        let xml = sample(paid_at);
        let read = RawReceipt::parse(xml.as_bytes()).unwrap();
        assert_eq!(read.key, "DEMO-1");
        assert_eq!(read.amount, Cents(4250));
        assert_eq!(read.paid_at, paid_at);
        assert_eq!(read.means, "carta");
        assert_eq!(read.payer.unwrap().name, "Bianchi & D'Amico <Ugo>");
        assert_eq!(read.raw, xml.as_bytes());
    }

    #[test]
    fn a_time_without_offset_is_romes_and_one_with_z_is_utcs() {
        let xml = sample(Instant(0));
        let with = |time: &str| {
            let (head, rest) = xml.split_once("<paymentDateTime>").unwrap();
            let (_, tail) = rest.split_once("</paymentDateTime>").unwrap();
            let text = format!("{head}<paymentDateTime>{time}</paymentDateTime>{tail}");
            RawReceipt::parse(text.as_bytes()).map(|r| r.paid_at.to_string())
        };
        assert_eq!(with("2026-01-01T00:03:00").unwrap(), "2025-12-31T23:03:00Z");
        assert_eq!(
            with("2025-12-31T23:03:00Z").unwrap(),
            "2025-12-31T23:03:00Z"
        );
        assert_eq!(
            with("2025-12-31T23:03:00.123+01:00").unwrap(),
            "2025-12-31T22:03:00.123Z"
        );
        assert_eq!(with("ieri"), Err(RtError::Field("paymentDateTime")));
    }

    #[test]
    fn an_envelope_and_prefixes_do_not_matter() {
        let xml = sample(Instant(0));
        let soap = format!(
            "<?xml version=\"1.0\"?><s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>{xml}</s:Body></s:Envelope>"
        );
        assert_eq!(
            RawReceipt::parse(soap.as_bytes()).unwrap().notice_number,
            "302032002700000251"
        );
    }

    #[test]
    fn what_is_no_paid_receipt_is_refused() {
        let xml = sample(Instant(0));
        let parse = |text: &str| RawReceipt::parse(text.as_bytes()).unwrap_err();
        assert_eq!(parse(&xml.replace(">OK<", ">KO<")), RtError::NotPaid);
        assert_eq!(
            parse(&xml.replace(">42.50<", ">42.505<")),
            RtError::Field("paymentAmount")
        );
        assert_eq!(
            parse(&xml.replace(">DEMO-1<", "><")),
            RtError::Field("receiptId")
        );
        assert_eq!(parse("<a/>"), RtError::NoReceipt);
        assert_eq!(parse(&"x".repeat(LARGEST + 1)), RtError::TooLarge);
        assert!(matches!(parse(&xml[..xml.len() / 2]), RtError::Xml(_)));
        let deep = format!("{}{}", "<x>".repeat(30_000), "</x>".repeat(30_000));
        assert!(matches!(
            parse(&xml.replace("<fee>", &format!("{deep}<fee>"))),
            RtError::Xml(_)
        ));
        let bomb = format!("<!DOCTYPE a [<!ENTITY b \"c\">]>{xml}");
        assert!(matches!(parse(&bomb), RtError::Xml(_)));
        assert!(matches!(
            parse(&xml.replace("Banca", "&banca;")),
            RtError::Xml(_)
        ));
    }
}
