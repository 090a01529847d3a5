//! `[pagopa.partner]`: the files that go to and come from an intermediary that speaks to pagoPA in the
//! comune's place.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use crate::base::Mapping;

/// What can stand in a file of positions, under our own names.
pub const POSITION_COLUMNS: &[&str] = &[
    "lotto",
    "operazione",
    "posizione",
    "numero_avviso",
    "iuv",
    "importo",
    "scadenza",
    "causale",
    "tassonomia",
    "servizio",
    "iban",
    "codice_fiscale",
    "nominativo",
    "cognome",
    "nome",
    "indirizzo",
    "cap",
    "comune",
    "email",
];

/// `[pagopa.partner]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Partner {
    /// How the office calls it: `Regione Esempio`.
    pub name: String,
    /// Who numbers the notices.
    pub numbers: Numbers,
    /// The folder that files of positions are written into; none: the accountant downloads them.
    pub out: Option<PathBuf>,
    /// The folder that files of the partner are taken from; none: the accountant uploads them.
    #[serde(rename = "in")]
    pub incoming: Option<PathBuf>,
    /// A file of positions is written so often at most, in minutes.
    pub every_minutes: u32,
    /// `[pagopa.partner.positions]`.
    pub positions: PositionsFile,
    /// `[pagopa.partner.notices]`: how its files with numbers are read.
    pub notices: Mapping,
    /// `[pagopa.partner.receipts]`: how its files with payments are read.
    pub receipts: Mapping,
}

impl Default for Partner {
    fn default() -> Partner {
        Partner {
            name: String::new(),
            numbers: Numbers::default(),
            out: None,
            incoming: None,
            every_minutes: 60,
            positions: PositionsFile::default(),
            notices: Mapping::default(),
            receipts: Mapping::default(),
        }
    }
}

/// Who numbers the notices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Numbers {
    /// We do; the segregation code is one that the partner has given to us.
    #[default]
    Ours,
    /// The partner does: a position waits for its number, and can't be printed or paid meanwhile.
    Partner,
}

/// `[pagopa.partner.positions]`: how files of positions look.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PositionsFile {
    /// `csv`, `json` or `xlsx`.
    pub format: FileFormat,
    /// Which of our columns, and in which order; empty: all of them.
    pub order: Vec<String>,
    /// Our column → the partner's name for it.
    pub columns: BTreeMap<String, String>,
    /// The partner's column → what stands in it in every row; these come last.
    pub constants: BTreeMap<String, String>,
    /// How amounts are written.
    pub amounts: Amounts,
    /// How days are written.
    pub dates: Dates,
}

/// The format of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileFormat {
    /// UTF-8 with its mark, `;`, every field in quotes.
    #[default]
    Csv,
    /// An array of objects.
    Json,
    /// A workbook of texts.
    Xlsx,
}

/// How amounts are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum Amounts {
    /// `1234.50`
    #[default]
    #[serde(rename = "1234.50")]
    Point,
    /// `1234,50`
    #[serde(rename = "1234,50")]
    Comma,
    /// `123450`
    #[serde(rename = "cents")]
    Cents,
}

/// How days are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum Dates {
    /// `2026-11-30`
    #[default]
    #[serde(rename = "yyyy-mm-dd")]
    Iso,
    /// `30/11/2026`
    #[serde(rename = "dd/mm/yyyy")]
    Italian,
}

impl Partner {
    /// Says what can't be.
    pub(super) fn check(&self) -> Result<(), String> {
        let positions = &self.positions;
        let named = positions.order.iter().chain(positions.columns.keys());
        if let Some(unknown) = named
            .into_iter()
            .find(|c| !POSITION_COLUMNS.contains(&c.as_str()))
        {
            return Err(format!(
                "[pagopa.partner.positions]: there is no column `{unknown}`; there are {}",
                POSITION_COLUMNS.join(", ")
            ));
        }
        if self.out.is_some() && self.out == self.incoming {
            return Err("[pagopa.partner] out and in: name two folders".to_owned());
        }
        Ok(())
    }
}
