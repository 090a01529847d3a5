//! The treasurer's journal as OPI XML (`flusso_giornale_di_cassa`): its takings become treasury lines.
//!
//! Only provisional takings (`SOSPESO ENTRATA`) are looked at: the collection order that regularises one
//! later is the same money, and what is paid out is none of this program's.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::treasury::NewTreasuryLine;
use crate::base::{Cents, Date, Text, xml_character};

/// A journal of a day is some 100 kB, one of a year some 30 MB.
pub const LARGEST: usize = 64 * 1024 * 1024;

/// A movement of the journal, and where it begins.
#[derive(Debug, PartialEq, Eq)]
pub struct JournalLine {
    /// The line of the file on which the movement begins, 1 for the first.
    pub at: u64,
    /// The taking; or what is wrong with it, as the catalogue says it.
    pub line: Result<NewTreasuryLine, Text>,
}

/// What was read of a journal.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Journal {
    /// The takings.
    pub lines: Vec<JournalLine>,
    /// Movements that are no provisional takings.
    pub left_out: u64,
}

/// Whether bytes look like XML rather than a table.
pub fn is_xml(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    text.trim_ascii_start().first() == Some(&b'<')
}

/// Reads a journal: UTF-8, or Windows-1252 and its like where the head says so.
///
/// # Errors
/// When it is too large, not well-formed, has a document type, or is no journal.
pub fn read(bytes: &[u8]) -> Result<Journal, Text> {
    if bytes.len() > LARGEST {
        return Err(Text::new("journal-too-large"));
    }
    let text = decoded(bytes);
    let not_xml = |why: String| Text::new("settlement-not-xml").with("reason", why);
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let mut lines = Lines::new(text.trim_start_matches('\u{feff}'));
    let mut path: Vec<String> = Vec::new();
    let (mut inside, mut value) = (false, String::new());
    let (mut exercise, mut account) = (None, String::new());
    let mut movement: Option<(u64, Movement)> = None;
    let mut journal = Journal::default();
    loop {
        let before = reader.buffer_position();
        match reader.read_event().map_err(|e| not_xml(e.to_string()))? {
            Event::Start(element) => {
                let name = element.local_name().as_ref().to_owned();
                inside |= name == "flusso_giornale_di_cassa";
                if name == "movimento_conto_evidenza" {
                    movement = Some((lines.at(before), Movement::default()));
                }
                path.push(name);
                value.clear();
            }
            Event::Text(text) => value.push_str(&text),
            Event::CData(text) => value.push_str(&text),
            Event::GeneralRef(reference) => value.push(
                xml_character(&reference).ok_or_else(|| not_xml("an unknown entity".to_owned()))?,
            ),
            Event::End(_) => {
                let name = path.pop().unwrap_or_default();
                let value = std::mem::take(&mut value);
                match (name.as_str(), &mut movement) {
                    ("movimento_conto_evidenza", _) => {
                        if let Some((at, movement)) = movement.take() {
                            match movement.taking(exercise, &account) {
                                Some(line) => journal.lines.push(JournalLine { at, line }),
                                None => journal.left_out += 1,
                            }
                        }
                    }
                    (name, Some((_, movement))) => movement.take(name, value.trim()),
                    ("esercizio", None) => exercise = value.trim().parse().ok(),
                    ("conto_evidenza", None) => value.trim().clone_into(&mut account),
                    _ => {}
                }
            }
            Event::DocType(_) => return Err(not_xml("a document type".to_owned())),
            Event::Eof if path.is_empty() => break,
            Event::Eof => return Err(not_xml("it ends in the middle".to_owned())),
            _ => {}
        }
    }
    match inside {
        true => Ok(journal),
        false => Err(Text::new("journal-none")),
    }
}

/// Files of banks are UTF-8 or, as their head says, ISO-8859-1 and its like.
fn decoded(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => encoding_rs::WINDOWS_1252.decode(bytes).0,
    }
}

/// Counts lines up to a place that only moves on.
struct Lines<'a> {
    text: &'a [u8],
    seen: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Lines<'a> {
        Lines {
            text: text.as_bytes(),
            seen: 0,
            line: 1,
        }
    }

    fn at(&mut self, place: u64) -> u64 {
        let place = usize::try_from(place).unwrap_or(usize::MAX);
        let between = self.text.get(self.seen..place).unwrap_or_default();
        self.line += between.iter().filter(|b| **b == b'\n').count() as u64;
        self.seen = self.seen.max(place);
        self.line
    }
}

/// The fields of `movimento_conto_evidenza` that are read.
#[derive(Default)]
struct Movement {
    direction: String,
    document: String,
    operation: String,
    number: String,
    bill: String,
    progressive: String,
    amount: String,
    day: String,
    payer: String,
    causale: String,
}

impl Movement {
    fn take(&mut self, name: &str, value: &str) {
        let field = match name {
            "tipo_movimento" => &mut self.direction,
            "tipo_documento" => &mut self.document,
            "tipo_operazione" => &mut self.operation,
            "numero_documento" => &mut self.number,
            "numero_bolletta_quietanza" => &mut self.bill,
            "progressivo_documento" => &mut self.progressive,
            "importo" => &mut self.amount,
            "data_movimento" => &mut self.day,
            "anagrafica_cliente" => &mut self.payer,
            "causale" => &mut self.causale,
            _ => return,
        };
        value.clone_into(field);
    }

    /// The taking that it is; none: another kind of movement.
    fn taking(self, exercise: Option<i16>, account: &str) -> Option<Result<NewTreasuryLine, Text>> {
        let provisional = self.direction.eq_ignore_ascii_case("ENTRATA")
            && self.document.to_ascii_uppercase().starts_with("SOSPESO");
        let operation = self.operation.to_ascii_uppercase();
        // What was regularised, or taken back from there, moves no money.
        if !provisional || !matches!(operation.as_str(), "ESEGUITO" | "STORNATO") {
            return None;
        }
        Some(self.line(exercise, account, operation == "STORNATO"))
    }

    fn line(
        self,
        exercise: Option<i16>,
        account: &str,
        undone: bool,
    ) -> Result<NewTreasuryLine, Text> {
        let wrong = |field: &'static str| Text::new("journal-field").with("field", field);
        let day: Date = self
            .day
            .get(..10)
            .and_then(|day| day.parse().ok())
            .ok_or_else(|| wrong("data_movimento"))?;
        let amount = amount(&self.amount).ok_or_else(|| wrong("importo"))?;
        let number = match self.number.as_str() {
            "" => self.bill.as_str(),
            number => number,
        };
        if number.is_empty() {
            return Err(wrong("numero_documento"));
        }
        let number = number.to_owned();
        let raw = [
            &self.direction,
            &self.document,
            &self.operation,
            &self.number,
            &self.bill,
            &self.progressive,
            &self.amount,
            &self.day,
            &self.payer,
            &self.causale,
        ];
        let raw: Vec<&str> = raw.iter().map(|field| field.as_str()).collect();
        Ok(NewTreasuryLine {
            exercise: exercise.unwrap_or(day.year()),
            account: account.to_owned(),
            raw: raw.join("|"),
            number,
            day,
            amount: if undone { -amount } else { amount },
            causale: self.causale,
            payer: self.payer,
        })
    }
}

/// An `xsd:decimal` above zero.
fn amount(text: &str) -> Option<Cents> {
    Cents::parse_decimal(text)
        .ok()
        .filter(|amount| amount.is_positive())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn movement(kind: &str, document: &str, operation: &str, number: &str, amount: &str) -> String {
        format!(
            "<movimento_conto_evidenza>\n<tipo_movimento>{kind}</tipo_movimento>\
             <tipo_documento>{document}</tipo_documento><tipo_operazione>{operation}</tipo_operazione>\
             <numero_documento>{number}</numero_documento><progressivo_documento>1</progressivo_documento>\
             <importo>{amount}</importo><data_movimento>2026-11-20</data_movimento>\
             <data_valuta_ente>2026-11-20</data_valuta_ente>\
             <cliente><anagrafica_cliente>Banca &amp; Figli</anagrafica_cliente></cliente>\
             <causale>/PUR/LGPE-RIVERSAMENTO/URI/2026-11-20PPAYITR1XXX-S1</causale>\
             </movimento_conto_evidenza>\n"
        )
    }

    fn journal(movements: &str) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<flusso_giornale_di_cassa>\
             <testata_messaggio><codice_ABI_BT>01234</codice_ABI_BT></testata_messaggio>\
             <esercizio>2026</esercizio>\n<informazioni_conto_evidenza>\
             <conto_evidenza>0000001</conto_evidenza>\n{movements}\
             <saldo_finale_conto_evidenza>10.00</saldo_finale_conto_evidenza>\
             </informazioni_conto_evidenza></flusso_giornale_di_cassa>"
        )
    }

    #[test]
    fn provisional_takings_become_lines_and_nothing_else_does() {
        let text = journal(
            &[
                movement("ENTRATA", "SOSPESO ENTRATA", "ESEGUITO", "101", "42.5"),
                movement("ENTRATA", "REVERSALE", "REGOLARIZZATO", "7", "42.50"),
                movement(
                    "ENTRATA",
                    "SOSPESO ENTRATA",
                    "REGOLARIZZATO",
                    "101",
                    "42.50",
                ),
                movement("USCITA", "SOSPESO USCITA", "ESEGUITO", "9", "1.00"),
                movement("ENTRATA", "SOSPESO ENTRATA", "STORNATO", "102", "10"),
                movement("ENTRATA", "SOSPESO ENTRATA", "ESEGUITO", "103", "4,5"),
            ]
            .concat(),
        );
        let read = read(text.as_bytes()).unwrap();
        assert_eq!(read.left_out, 3);
        let amounts: Vec<_> = read
            .lines
            .iter()
            .map(|line| line.line.as_ref().map(|l| (l.number.as_str(), l.amount)))
            .collect();
        let wrong = Text::new("journal-field").with("field", "importo");
        assert_eq!(
            amounts,
            [
                Ok(("101", Cents(4250))),
                Ok(("102", Cents(-1000))),
                Err(&wrong)
            ]
        );
        let first = read.lines[0].line.as_ref().unwrap();
        assert_eq!(
            (
                first.exercise,
                first.account.as_str(),
                first.day,
                first.payer.as_str()
            ),
            (2026, "0000001", date(2026, 11, 20), "Banca & Figli")
        );
        assert_eq!(read.lines[0].at, 4);
        assert!(read.lines[1].at > 4);
    }

    #[test]
    fn what_is_no_journal_is_refused() {
        assert_eq!(read(b"<a/>").unwrap_err().key, "journal-none");
        assert_eq!(read(b"<a>").unwrap_err().key, "settlement-not-xml");
        let bomb = format!("<!DOCTYPE a [<!ENTITY b 'c'>]>{}", journal(""));
        assert_eq!(read(bomb.as_bytes()).unwrap_err().key, "settlement-not-xml");
        assert!(is_xml(b"\xef\xbb\xbf <a/>") && !is_xml(b"numero;data"));
    }
}
