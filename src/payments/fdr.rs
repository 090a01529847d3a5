//! The settlement flow as XML: `FlussoRiversamento` (SACI; schema FlussoRiversamento 1.0.4). Reading
//! takes one row after the other, refuses document types, and is not the schema's: outcomes 4 and 8 are
//! legal since SACI 3.2.0 and the published schema refuses them. Writing is for the demo.

use jiff::civil::{Date, DateTime};
use quick_xml::Reader;
use quick_xml::events::{BytesText, Event};
use quick_xml::writer::Writer;

use super::flows::{FlowRow, RawFlow, RowOutcome};
use crate::base::{Cents, Instant, Text, xml_character};

/// A provider's day for a city has some thousand rows of 400 bytes; what is larger than this is none.
pub const LARGEST: usize = 32 * 1024 * 1024;

/// Why bytes are not a settlement flow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FdrError {
    /// More than [`LARGEST`].
    #[error("a settlement flow is at most 32 MB")]
    TooLarge,
    /// Not well-formed, or with a document type.
    #[error("not well-formed XML: {0}")]
    Xml(String),
    /// There is no `FlussoRiversamento` in it.
    #[error("there is no FlussoRiversamento in it")]
    NoFlow,
    /// A field of the head is missing or can't be read.
    #[error("the flow's {0} is missing or wrong")]
    Head(&'static str),
    /// A field of a row is missing or can't be read.
    #[error("row {0}: {1} is missing or wrong")]
    Row(usize, &'static str),
}

impl FdrError {
    /// As the catalogue says it.
    pub fn text(&self) -> Text {
        match self {
            FdrError::TooLarge => Text::new("settlement-too-large"),
            FdrError::Xml(why) => Text::new("settlement-not-xml").with("reason", why.as_str()),
            FdrError::NoFlow => Text::new("settlement-no-flow"),
            FdrError::Head(field) => Text::new("settlement-head").with("field", *field),
            FdrError::Row(row, field) => Text::new("settlement-row")
                .with("row", *row)
                .with("field", *field),
        }
    }
}

/// What is known so far of the head and of the row under way.
#[derive(Default)]
struct Reading {
    id: Option<String>,
    made_at: Option<Instant>,
    regulation: Option<String>,
    settled_on: Option<Date>,
    psp_code: Option<String>,
    psp_name: Option<String>,
    creditor: Option<String>,
    total: Option<Cents>,
    rows: Vec<FlowRow>,
    row: Row,
}

#[derive(Default)]
struct Row {
    iuv: Option<String>,
    iur: Option<String>,
    transfer: Option<u8>,
    amount: Option<Cents>,
    outcome: Option<RowOutcome>,
    day: Option<Date>,
}

/// Reads a flow, whatever envelope is around it.
///
/// # Errors
/// [`FdrError`] says why it is none.
pub fn parse(xml: &[u8]) -> Result<RawFlow, FdrError> {
    if xml.len() > LARGEST {
        return Err(FdrError::TooLarge);
    }
    let text = std::str::from_utf8(xml).map_err(|e| FdrError::Xml(e.to_string()))?;
    let wrong = |e: quick_xml::Error| FdrError::Xml(e.to_string());
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let mut path: Vec<String> = Vec::new();
    let (mut inside, mut value) = (false, String::new());
    let mut reading = Reading::default();
    loop {
        match reader.read_event().map_err(wrong)? {
            Event::Start(element) => {
                let name = element.local_name().as_ref().to_owned();
                inside |= name == "FlussoRiversamento";
                path.push(name);
                value.clear();
            }
            Event::Text(text) => value.push_str(&text),
            Event::CData(text) => value.push_str(&text),
            Event::GeneralRef(reference) => value.push(
                xml_character(&reference)
                    .ok_or_else(|| FdrError::Xml("an entity that is not predefined".to_owned()))?,
            ),
            Event::End(_) => {
                if let Some(name) = path.pop().filter(|_| inside) {
                    reading.take(&name, value.trim())?;
                }
                value.clear();
            }
            Event::DocType(_) => return Err(FdrError::Xml("a document type".to_owned())),
            Event::Eof if path.is_empty() => break,
            Event::Eof => return Err(FdrError::Xml("it ends in the middle".to_owned())),
            _ => {}
        }
    }
    if !inside {
        return Err(FdrError::NoFlow);
    }
    reading.flow(xml)
}

impl Reading {
    fn take(&mut self, name: &str, value: &str) -> Result<(), FdrError> {
        let row = &mut self.row;
        match name {
            "identificativoFlusso" => self.id = some(value),
            "dataOraFlusso" => self.made_at = moment(value),
            "identificativoUnivocoRegolamento" => self.regulation = some(value),
            "dataRegolamento" => self.settled_on = day(value),
            // Both institutes are called alike inside; the sender's stands first.
            "codiceIdentificativoUnivoco" if self.psp_code.is_none() => self.psp_code = some(value),
            "codiceIdentificativoUnivoco" => self.creditor = some(value),
            "denominazioneMittente" => self.psp_name = some(value),
            "importoTotalePagamenti" => self.total = Cents::parse_decimal(value).ok(),
            "identificativoUnivocoVersamento" => row.iuv = some(value),
            "identificativoUnivocoRiscossione" => row.iur = some(value),
            "indiceDatiSingoloPagamento" => {
                row.transfer = value.parse().ok().filter(|n| (1..=5).contains(n));
            }
            "singoloImportoPagato" => row.amount = Cents::parse_decimal(value).ok(),
            "codiceEsitoSingoloPagamento" => {
                row.outcome = value.parse().ok().and_then(RowOutcome::of_code);
            }
            "dataEsitoSingoloPagamento" => row.day = day(value),
            "datiSingoliPagamenti" => {
                let row = std::mem::take(row).done(self.rows.len() + 1)?;
                self.rows.push(row);
            }
            _ => {}
        }
        Ok(())
    }

    fn flow(self, xml: &[u8]) -> Result<RawFlow, FdrError> {
        let total = self.total.filter(|total| *total >= Cents::ZERO);
        Ok(RawFlow {
            id: self.id.ok_or(FdrError::Head("identificativoFlusso"))?,
            made_at: self.made_at.ok_or(FdrError::Head("dataOraFlusso"))?,
            psp: self
                .psp_name
                .or(self.psp_code)
                .ok_or(FdrError::Head("istitutoMittente"))?,
            creditor: self.creditor.ok_or(FdrError::Head("istitutoRicevente"))?,
            regulation: self
                .regulation
                .ok_or(FdrError::Head("identificativoUnivocoRegolamento"))?,
            settled_on: self.settled_on.ok_or(FdrError::Head("dataRegolamento"))?,
            total: total.ok_or(FdrError::Head("importoTotalePagamenti"))?,
            rows: self.rows,
            raw: xml.to_owned(),
        })
    }
}

impl Row {
    fn done(self, at: usize) -> Result<FlowRow, FdrError> {
        let missing = |field| move || FdrError::Row(at, field);
        let amount = self.amount.filter(|amount| amount.is_positive());
        Ok(FlowRow {
            iuv: self
                .iuv
                .ok_or_else(missing("identificativoUnivocoVersamento"))?,
            iur: self
                .iur
                .ok_or_else(missing("identificativoUnivocoRiscossione"))?,
            transfer: self.transfer.unwrap_or(1),
            amount: amount.ok_or_else(missing("singoloImportoPagato"))?,
            outcome: self
                .outcome
                .ok_or_else(missing("codiceEsitoSingoloPagamento"))?,
            day: self.day.ok_or_else(missing("dataEsitoSingoloPagamento"))?,
        })
    }
}

fn some(value: &str) -> Option<String> {
    (!value.is_empty()).then(|| value.to_owned())
}

/// `xsd:date`, which may carry an offset.
fn day(value: &str) -> Option<Date> {
    value.get(..10)?.parse().ok()
}

/// With an offset, or in Rome.
fn moment(value: &str) -> Option<Instant> {
    let with_offset = value.parse::<jiff::Timestamp>().ok().map(Instant::from);
    with_offset.or_else(|| value.parse::<DateTime>().ok().map(Instant::from_rome))
}

const NAMESPACE: &str = "http://www.digitpa.gov.it/schemas/2011/Pagamenti/";

type Xml = Writer<Vec<u8>>;

fn leaf(xml: &mut Xml, name: &str, value: &str) -> std::io::Result<()> {
    xml.create_element(name)
        .write_text_content(BytesText::new(value))?;
    Ok(())
}

/// Writes a flow in the order of the schema: what [`parse`] reads. `raw` is not looked at.
///
/// # Errors
/// What the writer refuses: nothing, for it writes into the memory.
pub fn write(flow: &RawFlow) -> std::io::Result<String> {
    let mut xml = Writer::new(Vec::new());
    xml.create_element("FlussoRiversamento")
        .with_attribute(("xmlns", NAMESPACE))
        .write_inner_content(|xml| {
            leaf(xml, "versioneOggetto", "1.0")?;
            leaf(xml, "identificativoFlusso", &flow.id)?;
            let made = flow.made_at.in_rome();
            let made = made.strftime("%Y-%m-%dT%H:%M:%S").to_string();
            leaf(xml, "dataOraFlusso", &made)?;
            leaf(xml, "identificativoUnivocoRegolamento", &flow.regulation)?;
            leaf(xml, "dataRegolamento", &flow.settled_on.to_string())?;
            xml.create_element("istitutoMittente")
                .write_inner_content(|xml| {
                    identified(xml, "identificativoUnivocoMittente", "B", "PPAYITR1XXX")?;
                    leaf(xml, "denominazioneMittente", &flow.psp)
                })?;
            xml.create_element("istitutoRicevente")
                .write_inner_content(|xml| {
                    identified(xml, "identificativoUnivocoRicevente", "G", &flow.creditor)
                })?;
            leaf(xml, "numeroTotalePagamenti", &flow.rows.len().to_string())?;
            leaf(xml, "importoTotalePagamenti", &flow.total.to_decimal())?;
            flow.rows.iter().try_for_each(|of| row(xml, of))
        })?;
    Ok(String::from_utf8_lossy(&xml.into_inner()).into_owned())
}

fn identified(xml: &mut Xml, element: &str, kind: &str, code: &str) -> std::io::Result<()> {
    xml.create_element(element).write_inner_content(|xml| {
        leaf(xml, "tipoIdentificativoUnivoco", kind)?;
        leaf(xml, "codiceIdentificativoUnivoco", code)
    })?;
    Ok(())
}

fn row(xml: &mut Xml, row: &FlowRow) -> std::io::Result<()> {
    xml.create_element("datiSingoliPagamenti")
        .write_inner_content(|xml| {
            leaf(xml, "identificativoUnivocoVersamento", &row.iuv)?;
            leaf(xml, "identificativoUnivocoRiscossione", &row.iur)?;
            leaf(xml, "indiceDatiSingoloPagamento", &row.transfer.to_string())?;
            leaf(xml, "singoloImportoPagato", &row.amount.to_decimal())?;
            leaf(
                xml,
                "codiceEsitoSingoloPagamento",
                &row.outcome.code().to_string(),
            )?;
            leaf(xml, "dataEsitoSingoloPagamento", &row.day.to_string())
        })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn flow(outcomes: &[RowOutcome]) -> RawFlow {
        let rows: Vec<FlowRow> = (1i64..)
            .zip(outcomes)
            .map(|(n, outcome)| FlowRow {
                iuv: format!("{:017}", 2_032_002_700_000_251 + n),
                iur: format!("IUR{n}"),
                transfer: 1,
                amount: Cents(1000 * n + 50),
                outcome: *outcome,
                day: date(2026, 11, 18),
            })
            .collect();
        let mut flow = RawFlow {
            id: "2026-11-20PPAYITR1XXX-S0000000001".to_owned(),
            made_at: Instant::from_rome(date(2026, 11, 20).at(14, 5, 9, 0)),
            psp: "Banca & Figli S.p.A.".to_owned(),
            creditor: "01199250158".to_owned(),
            regulation: "TRN0001".to_owned(),
            settled_on: date(2026, 11, 20),
            total: rows.iter().map(|row| row.amount).sum(),
            rows,
            raw: Vec::new(),
        };
        flow.raw = write(&flow).unwrap().into_bytes();
        flow
    }

    const EVERY: [RowOutcome; 5] = [
        RowOutcome::Executed,
        RowOutcome::Revoked,
        RowOutcome::StandIn,
        RowOutcome::StandInWithoutRequest,
        RowOutcome::WithoutReceipt,
    ];

    #[test]
    fn what_is_written_is_read_with_every_outcome() {
        let flow = flow(&EVERY);
        assert_eq!(parse(&flow.raw).unwrap(), flow);
    }

    #[test]
    fn a_flow_of_another_shape_or_hand_is_refused_with_its_reason() {
        let good = String::from_utf8(flow(&EVERY).raw).unwrap();
        let said = |from: &str, to: &str| parse(good.replacen(from, to, 1).as_bytes()).unwrap_err();
        assert_eq!(
            said(
                "<codiceEsitoSingoloPagamento>3<",
                "<codiceEsitoSingoloPagamento>7<"
            ),
            FdrError::Row(2, "codiceEsitoSingoloPagamento")
        );
        assert_eq!(
            said(
                "<singoloImportoPagato>10.50<",
                "<singoloImportoPagato>0.00<"
            ),
            FdrError::Row(1, "singoloImportoPagato")
        );
        assert_eq!(
            said("<dataRegolamento>", "<altro>").to_string().get(..20),
            Some("not well-formed XML:")
        );
        assert_eq!(parse(b"<a/>"), Err(FdrError::NoFlow));
        let bomb = format!("<!DOCTYPE a [<!ENTITY b 'c'>]>{good}");
        assert_eq!(
            parse(bomb.as_bytes()),
            Err(FdrError::Xml("a document type".to_owned()))
        );
        let half = &good[..good.len() / 2];
        assert!(matches!(parse(half.as_bytes()), Err(FdrError::Xml(_))));
    }

    /// The published schema knows outcomes 0, 3 and 9 only.
    #[test]
    fn what_the_demo_writes_validates_against_the_schema_of_pagopa() {
        let schema = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../shared/data/pagopa/pagopa-api/xsd-common/FlussoRiversamento_1_0_4.xsd");
        let found = std::process::Command::new("xmllint")
            .arg("--version")
            .output();
        if !schema.exists() || found.is_err() {
            println!("skipped: the schema of settlement flows, or xmllint, is not here");
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let validates = |outcomes: &[RowOutcome]| {
            let file = folder.path().join("flow.xml");
            std::fs::write(&file, flow(outcomes).raw).unwrap();
            let mut command = std::process::Command::new("xmllint");
            let command = command.args(["--nonet", "--noout", "--schema"]);
            command
                .arg(&schema)
                .arg(&file)
                .output()
                .unwrap()
                .status
                .success()
        };
        assert!(validates(&[
            RowOutcome::Executed,
            RowOutcome::Revoked,
            RowOutcome::WithoutReceipt
        ]));
        assert!(!validates(&[RowOutcome::StandInWithoutRequest]));
    }
}
