//! The Italian fiscal code of a person (DM 23 December 1976), omocodia and provisional codes
//! included, and the eleven-digit one of an office ([`EntityFiscalCode`]).
//!
//! Only the tax agency assigns codes. A code with a wrong check character is refused; one that
//! doesn't fit the person's data is only doubted ([`FiscalCode::mismatches`]).

mod compute;
mod entity;
mod mismatch;

pub use entity::{EntityFiscalCode, EntityFiscalCodeError};
pub use mismatch::Mismatch;

use std::fmt;

use super::belfiore::BelfioreCode;
use crate::base::{Date, Text, text_value};
use entity::{LENGTH as PROVISIONAL_LENGTH, luhn_holds};

/// Length of a code assigned for good.
const LENGTH: usize = 16;
/// The months, January first, as position 9 writes them.
const MONTHS: &[u8; 12] = b"ABCDEHLMPRST";
/// Letters that stand for the digits 0 to 9 in omocodia.
const OMOCODIA: &[u8; 10] = b"LMNPQRSTUV";
/// Where digits stand (0-based): year, day, place.
const DIGITS: [usize; 7] = [6, 7, 9, 10, 12, 13, 14];
/// What a character counts at an odd position (1-based), digits and letters `A` to `J` alike.
const ODD: [u32; 26] = [
    1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
];
/// Nobody who is older is expected; decides the century of a birth.
const OLDEST: i16 = 110;

/// The fiscal code of a person: sixteen characters with the right check character, or a
/// provisional one of eleven digits, which the agency gives to newborns and foreigners.
///
/// Upper case, without spaces. `Debug` shows only the first three letters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FiscalCode(String);

text_value!(FiscalCode, FiscalCodeError);

/// Sex, as the registry and the fiscal code write it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub enum Sex {
    /// Female.
    F,
    /// Male.
    M,
}

/// Why a text is not a fiscal code. Positions count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FiscalCodeError {
    /// Nothing was written.
    #[error("no fiscal code was given")]
    Empty,
    /// Neither 16 characters nor 11 digits.
    #[error("a fiscal code has 16 characters (11 digits if provisional), not {found}")]
    WrongLength {
        /// Characters without spaces.
        found: usize,
    },
    /// A letter where a digit belongs, a digit where a letter belongs, or something else.
    #[error("character {position} of the fiscal code can't be \"{found}\"")]
    IllegalCharacter {
        /// Where.
        position: usize,
        /// What stands there.
        found: char,
    },
    /// Position 9 is no month.
    #[error("character 9 of the fiscal code is a month, and \"{found}\" is none")]
    NoSuchMonth {
        /// What stands there.
        found: char,
    },
    /// Positions 10 and 11 are no day of that month (1 to 31, or 41 to 71 for women).
    #[error("characters 10 and 11 of the fiscal code are a day of birth, and {found} is none")]
    NoSuchDay {
        /// The number that stands there.
        found: u8,
    },
    /// Every character is possible, and the check character says that one is mistyped.
    #[error("the fiscal code is mistyped: its last character doesn't fit the others")]
    WrongCheckCharacter,
    /// The same of an eleven-digit code.
    #[error("the provisional fiscal code is mistyped: its last digit doesn't fit the others")]
    WrongCheckDigit,
}

impl FiscalCodeError {
    /// The sentence for who typed it.
    pub fn text(self) -> Text {
        match self {
            FiscalCodeError::Empty => Text::new("error-required"),
            FiscalCodeError::WrongLength { found } => {
                Text::new("fiscal-code-length").with("found", found)
            }
            FiscalCodeError::IllegalCharacter { position, found } => {
                Text::new("fiscal-code-character")
                    .with("position", position)
                    .with("found", found.to_string())
            }
            FiscalCodeError::NoSuchMonth { found } => {
                Text::new("fiscal-code-month").with("found", found.to_string())
            }
            FiscalCodeError::NoSuchDay { found } => {
                Text::new("fiscal-code-day").with("found", format!("{found:02}"))
            }
            FiscalCodeError::WrongCheckCharacter => Text::new("fiscal-code-check"),
            FiscalCodeError::WrongCheckDigit => Text::new("fiscal-code-check-digit"),
        }
    }
}

impl FiscalCode {
    /// Reads a code as people type it: case and spaces don't matter.
    ///
    /// # Errors
    /// [`FiscalCodeError`] says what is wrong and where.
    pub fn parse(text: &str) -> Result<FiscalCode, FiscalCodeError> {
        let code: String = text
            .chars()
            .filter(|c| !c.is_whitespace())
            .map(|c| c.to_ascii_uppercase())
            .collect();
        match code.chars().count() {
            0 => return Err(FiscalCodeError::Empty),
            LENGTH => check_personal(&code)?,
            PROVISIONAL_LENGTH if code.bytes().all(|c| c.is_ascii_digit()) => {
                if !luhn_holds(code.as_bytes()) {
                    return Err(FiscalCodeError::WrongCheckDigit);
                }
            }
            found => return Err(FiscalCodeError::WrongLength { found }),
        }
        Ok(FiscalCode(code))
    }

    /// The code, upper case, without spaces.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True for the eleven digits that the agency gives until it assigns the final code.
    pub fn is_provisional(&self) -> bool {
        self.0.len() == PROVISIONAL_LENGTH
    }

    /// True when letters stand for digits, because two persons would have had the same code.
    pub fn is_omocode(&self) -> bool {
        !self.is_provisional()
            && DIGITS
                .iter()
                .any(|&i| self.0.as_bytes()[i].is_ascii_alphabetic())
    }

    /// The first three characters and asterisks: for logs and pages that others may see.
    pub fn masked(&self) -> String {
        format!("{:*<width$}", &self.0[..3], width = self.0.len())
    }

    /// The day of birth; `None` for a provisional code.
    ///
    /// The code has two digits of the year: the latest century that doesn't lie after `today` and
    /// has that day is taken, so that the age is 0 to 99 (up to 110 where 29 February decides).
    pub fn birth_date(&self, today: Date) -> Option<Date> {
        let (year, month, day) = self.birth_parts()?;
        let newest = today.year() - today.year().rem_euclid(100) + year;
        [newest, newest - 100, newest - 200]
            .into_iter()
            .filter(|candidate| (0..=OLDEST).contains(&(today.year() - candidate)))
            .filter_map(|candidate| Date::new(candidate, month, day).ok())
            .find(|birth| *birth <= today)
    }

    /// The sex; `None` for a provisional code.
    pub fn sex(&self) -> Option<Sex> {
        let day = self.number(9)?;
        Some(if day > 40 { Sex::F } else { Sex::M })
    }

    /// The comune or state of birth; `None` for a provisional code.
    pub fn birth_place_code(&self) -> Option<BelfioreCode> {
        if self.is_provisional() {
            return None;
        }
        let bytes = self.0.as_bytes();
        let digit = |i: usize| digit_of(bytes[i]).map(|n| n + b'0');
        BelfioreCode::from_bytes([bytes[11], digit(12)?, digit(13)?, digit(14)?])
    }

    /// Year (two digits), month and day of birth.
    fn birth_parts(&self) -> Option<(i16, i8, i8)> {
        let year = self.number(6)?;
        let month = month_of(*self.0.as_bytes().get(8)?)?;
        let day = self.number(9)?;
        let day = if day > 40 { day - 40 } else { day };
        Some((i16::from(year), month, i8::try_from(day).ok()?))
    }

    /// The two-digit number that begins at an index, omocodia undone; `None` for a provisional code.
    fn number(&self, at: usize) -> Option<u8> {
        if self.is_provisional() {
            None
        } else {
            number_at(self.0.as_bytes(), at)
        }
    }
}

impl fmt::Debug for FiscalCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FiscalCode({})", self.masked())
    }
}

/// Checks sixteen characters from left to right, so that the first wrong one is named.
fn check_personal(code: &str) -> Result<(), FiscalCodeError> {
    for (i, found) in code.chars().enumerate() {
        let possible = if DIGITS.contains(&i) {
            u8::try_from(found).is_ok_and(|c| digit_of(c).is_some())
        } else {
            found.is_ascii_uppercase()
        };
        if !possible {
            return Err(FiscalCodeError::IllegalCharacter {
                position: i + 1,
                found,
            });
        }
    }
    let bytes = code.as_bytes();
    let month = month_of(bytes[8]).ok_or(FiscalCodeError::NoSuchMonth {
        found: char::from(bytes[8]),
    })?;
    let (year, day) = (
        number_at(bytes, 6).unwrap_or(0),
        number_at(bytes, 9).unwrap_or(0),
    );
    if !is_day(year, month, if day > 40 { day - 40 } else { day }) {
        return Err(FiscalCodeError::NoSuchDay { found: day });
    }
    if check_character(&bytes[..15]) != bytes[15] {
        return Err(FiscalCodeError::WrongCheckCharacter);
    }
    Ok(())
}

/// Whether some century has this day in a year that ends so. Only 2000 decides for `00`:
/// 29 February of `00` is possible.
fn is_day(year: u8, month: i8, day: u8) -> bool {
    i8::try_from(day).is_ok_and(|day| Date::new(2000 + i16::from(year), month, day).is_ok())
}

/// The check character of the first fifteen: positions 1, 3, 5 … count by [`ODD`], the others by
/// their place in the alphabet or their value.
fn check_character(first: &[u8]) -> u8 {
    let sum: u32 = first
        .iter()
        .enumerate()
        .map(|(i, &c)| {
            let value = if c.is_ascii_digit() {
                c - b'0'
            } else {
                c - b'A'
            };
            if i % 2 == 0 {
                ODD[usize::from(value)]
            } else {
                u32::from(value)
            }
        })
        .sum();
    b'A' + (sum % 26) as u8
}

/// The digit that a character stands for, omocodia undone.
fn digit_of(c: u8) -> Option<u8> {
    if c.is_ascii_digit() {
        return Some(c - b'0');
    }
    let place = OMOCODIA.iter().position(|&letter| letter == c)?;
    u8::try_from(place).ok()
}

fn number_at(bytes: &[u8], at: usize) -> Option<u8> {
    Some(digit_of(*bytes.get(at)?)? * 10 + digit_of(*bytes.get(at + 1)?)?)
}

fn month_of(letter: u8) -> Option<i8> {
    let place = MONTHS.iter().position(|&month| month == letter)?;
    i8::try_from(place + 1).ok()
}

impl Sex {
    /// `F` or `M`.
    pub fn as_str(self) -> &'static str {
        match self {
            Sex::F => "F",
            Sex::M => "M",
        }
    }

    /// Out of a form, a file or the database: `F` or `M`, in either case.
    pub fn parse(text: &str) -> Option<Sex> {
        match text.trim() {
            "F" | "f" => Some(Sex::F),
            "M" | "m" => Some(Sex::M),
            _ => None,
        }
    }
}

impl fmt::Display for Sex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl rusqlite::types::ToSql for Sex {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl rusqlite::types::FromSql for Sex {
    fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Sex> {
        Sex::parse(value.as_str()?).ok_or(rusqlite::types::FromSqlError::InvalidType)
    }
}

#[cfg(test)]
mod tests;
