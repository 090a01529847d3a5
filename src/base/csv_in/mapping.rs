//! How somebody else's file is read without editing it: other column names, fixed values, words that
//! stand for ours, signs, formats. And the mark that keeps exported cells from being evaluated.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;

use crate::base::{Cents, Date, MoneyError, parse_date};

/// What a changeover's file says about one CSV file. Everything has a default: a file in our own
/// shape needs none of it. Column names on the left are the import's, on the right the file's.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// `;`, `,` or a tab; detected when it is not said.
    #[serde(default)]
    pub delimiter: Option<Delimiter>,
    /// Detected when it is not said.
    #[serde(default)]
    pub encoding: Option<TextEncoding>,
    /// How days are written; `03/11/2026` and `2026-11-03` are read without it.
    #[serde(default)]
    pub dates: DateFormat,
    /// How amounts are written; `1.234,50` and `1234.50` are read without it.
    #[serde(default)]
    pub amounts: AmountFormat,
    /// Our column → the file's column, or several that are joined by a space.
    #[serde(default)]
    pub columns: BTreeMap<String, Names>,
    /// Our column → the value of every row in which it is empty.
    #[serde(default)]
    pub constants: BTreeMap<String, String>,
    /// Our column → the file's word → ours. Words are compared without case.
    #[serde(default)]
    pub values: BTreeMap<String, BTreeMap<String, String>>,
    /// Amounts whose sign is the other way round in the file.
    #[serde(default)]
    pub negate: Vec<String>,
    /// The file's column → the values of the rows that are taken; the others are left out.
    #[serde(default)]
    pub only: BTreeMap<String, Vec<String>>,
    /// Rows in which one of our columns is empty are left out.
    #[serde(default)]
    pub skip_empty: Vec<String>,
}

/// One column of the file, or several.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Names {
    /// One.
    One(String),
    /// Joined by a space, in this order.
    Joined(Vec<String>),
}

impl Names {
    pub(super) fn all(&self) -> &[String] {
        match self {
            Names::One(name) => std::slice::from_ref(name),
            Names::Joined(names) => names,
        }
    }
}

/// What stands between two fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Delimiter {
    /// `;`
    #[serde(rename = ";")]
    Semicolon,
    /// `,`
    #[serde(rename = ",")]
    Comma,
    /// Tabulator.
    #[serde(rename = "\t", alias = "tab")]
    Tab,
}

impl Delimiter {
    pub(super) fn byte(self) -> u8 {
        match self {
            Delimiter::Semicolon => b';',
            Delimiter::Comma => b',',
            Delimiter::Tab => b'\t',
        }
    }
}

/// How the bytes are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TextEncoding {
    /// With or without its mark.
    #[serde(rename = "utf-8")]
    Utf8,
    /// What Windows in western Europe writes.
    #[serde(rename = "windows-1252", alias = "latin1", alias = "ansi")]
    Windows1252,
}

impl TextEncoding {
    pub(super) fn encoding(self) -> &'static encoding_rs::Encoding {
        match self {
            TextEncoding::Utf8 => encoding_rs::UTF_8,
            TextEncoding::Windows1252 => encoding_rs::WINDOWS_1252,
        }
    }
}

/// How days are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum DateFormat {
    /// `03/11/2026`, `3-11-2026`, `3.11.2026` or `2026-11-03`; a time of day behind it is dropped.
    #[default]
    #[serde(rename = "dd/mm/yyyy", alias = "yyyy-mm-dd")]
    Usual,
    /// `03/11/26`: years up to 49 are of this century.
    #[serde(rename = "dd/mm/yy")]
    ShortYear,
    /// `11/03/2026`.
    #[serde(rename = "mm/dd/yyyy")]
    American,
    /// `20261103`.
    #[serde(rename = "yyyymmdd")]
    Packed,
}

impl DateFormat {
    pub(super) fn read(self, field: &str) -> Option<Date> {
        let day = match field.split_once([' ', 'T']) {
            Some((day, time)) if time.contains(':') => day,
            _ => field,
        };
        let parts: Vec<&str> = day.split(['/', '-', '.']).collect();
        let date = |y: &str, m: &str, d: &str| {
            Date::new(y.parse().ok()?, m.parse().ok()?, d.parse().ok()?).ok()
        };
        match (self, parts.as_slice()) {
            (DateFormat::Usual, _) => parse_date(day),
            (DateFormat::ShortYear, [d, m, y]) if y.len() == 2 => {
                let century = if *y <= "49" { "20" } else { "19" };
                date(&format!("{century}{y}"), m, d)
            }
            (DateFormat::American, [m, d, y]) if y.len() == 4 => date(y, m, d),
            (DateFormat::Packed, [packed]) if packed.len() == 8 && packed.is_ascii() => {
                date(&packed[..4], &packed[4..6], &packed[6..])
            }
            _ => None,
        }
    }
}

/// How amounts are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum AmountFormat {
    /// `1.234,50`, `12,5`, also `1234.50`.
    #[default]
    #[serde(rename = "1.234,50")]
    Italian,
    /// `1,234.50`.
    #[serde(rename = "1,234.50")]
    English,
    /// `123450`: whole cents.
    #[serde(rename = "cents")]
    Cents,
}

impl AmountFormat {
    pub(super) fn read(self, field: &str) -> Result<Cents, MoneyError> {
        match self {
            AmountFormat::Italian => Cents::parse_it(field),
            AmountFormat::English => Cents::parse_decimal(&field.replace([',', '€', ' '], "")),
            AmountFormat::Cents => match field.parse() {
                Ok(cents) => Ok(Cents(cents)),
                Err(_) => Err(MoneyError::NotAnAmount),
            },
        }
    }
}

/// Whether a spreadsheet would take a cell for a formula, or for one that was marked before.
fn looks_like_formula(cell: &str) -> bool {
    cell.trim_start_matches('\'')
        .starts_with(['=', '+', '-', '@', '\t', '\r', '\n'])
}

/// A text cell for a CSV file: a spreadsheet does not evaluate it. What begins like a formula gets
/// an apostrophe in front; [`unguarded`] takes it off again, so that nothing is lost.
pub fn guarded(cell: &str) -> Cow<'_, str> {
    if looks_like_formula(cell) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

/// A cell without the mark that [`guarded`] put there.
pub fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if looks_like_formula(cell) => rest,
        _ => cell,
    }
}
