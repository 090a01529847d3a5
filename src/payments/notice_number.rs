//! Notice numbers and IUV of pagoPA (SACI 3.2.1, "Generazione dell'Identificativo Univoco di
//! Versamento").
//!
//! | aux | the 18 digits | IUV |
//! |---|---|---|
//! | 0 | `0`, application code (2), base (13), check (2) | 15: base, check |
//! | 1 | `1`, base (17) | 17: base; no check digits |
//! | 2 | `2`, base (15), check (2) | 17: base, check |
//! | 3 | `3`, segregation code (2), base (13), check (2) | 17: all but the first |
//!
//! The check is the first sixteen digits modulo 93. Only 3 may be issued; the others are read,
//! because an old supplier's notices are imported.

use crate::base::{Cents, Text, text_value};
use crate::municipality::SegregationCode;
use crate::people::EntityFiscalCode;

const LENGTH: usize = 18;
/// Bases have 13 digits.
const BASES: u64 = 10_000_000_000_000;
/// The QR of a notice carries 2 to 10 digits of cents.
const MAX_QR_CENTS: i64 = 9_999_999_999;

/// The number of a payment notice (numero avviso, codice avviso): 18 digits whose check holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NoticeNumber([u8; LENGTH]);

text_value!(NoticeNumber, NoticeNumberError);

/// Why a number can't be the number of a notice. Positions count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoticeNumberError {
    /// Not 18 digits.
    #[error("a notice number has 18 digits, not {found}")]
    WrongLength {
        /// Characters without spaces.
        found: usize,
    },
    /// Something else than a digit.
    #[error("character {position} of the notice number is \"{found}\", not a digit")]
    NotADigit {
        /// Where.
        position: usize,
        /// What stands there.
        found: char,
    },
    /// It begins with 4 to 9.
    #[error("a notice number begins with 0, 1, 2 or 3, not {found}")]
    UnknownAuxDigit {
        /// The first digit.
        found: char,
    },
    /// The last two digits don't fit the others: one was mistyped.
    #[error("the notice number is mistyped: its last two digits don't fit the others")]
    WrongCheckDigits,
    /// The base to issue has more than 13 digits.
    #[error("the base of a notice number has 13 digits at most")]
    BaseTooLarge,
}

impl NoticeNumberError {
    /// The sentence for who typed it.
    pub fn text(self) -> Text {
        match self {
            NoticeNumberError::WrongLength { found } => {
                Text::new("notice-number-length").with("found", found)
            }
            NoticeNumberError::NotADigit { position, found } => {
                Text::new("notice-number-not-a-digit")
                    .with("position", position)
                    .with("found", found.to_string())
            }
            NoticeNumberError::UnknownAuxDigit { found } => {
                Text::new("notice-number-first-digit").with("found", found.to_string())
            }
            NoticeNumberError::WrongCheckDigits => Text::new("notice-number-check"),
            NoticeNumberError::BaseTooLarge => Text::new("notice-number-base"),
        }
    }
}

impl NoticeNumber {
    /// The number with aux digit 3 for a base that was never used before.
    ///
    /// # Errors
    /// When the base has more than 13 digits.
    pub fn issue(segregation: SegregationCode, base: u64) -> Result<Self, NoticeNumberError> {
        if base >= BASES {
            return Err(NoticeNumberError::BaseTooLarge);
        }
        let first_16 = (300 + u64::from(segregation.get())) * BASES + base;
        Ok(NoticeNumber(digits(first_16 * 100 + first_16 % 93)))
    }

    /// Reads a number; spaces don't matter, so that the grouped form is read too.
    ///
    /// # Errors
    /// [`NoticeNumberError`] says what is wrong and where.
    pub fn parse(text: &str) -> Result<NoticeNumber, NoticeNumberError> {
        let number = all_digits(text)
            .map_err(|(position, found)| NoticeNumberError::NotADigit { position, found })?;
        let number: [u8; LENGTH] = number
            .try_into()
            .map_err(|wrong: Vec<u8>| NoticeNumberError::WrongLength { found: wrong.len() })?;
        match number[0] {
            b'1' => Ok(NoticeNumber(number)),
            b'0' | b'2' | b'3' if value(&number[..16]) % 93 == value(&number[16..]) => {
                Ok(NoticeNumber(number))
            }
            b'0' | b'2' | b'3' => Err(NoticeNumberError::WrongCheckDigits),
            other => Err(NoticeNumberError::UnknownAuxDigit {
                found: char::from(other),
            }),
        }
    }

    /// The number with aux digit 3 that an IUV of 17 digits belongs to.
    ///
    /// # Errors
    /// When the IUV has 15 digits or its check digits are not those of aux digit 3.
    pub fn of_iuv(iuv: &Iuv) -> Result<NoticeNumber, NoticeNumberError> {
        NoticeNumber::parse(&format!("3{iuv}"))
    }

    /// The 18 digits.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The first digit, 0 to 3: how the others are laid out.
    pub fn aux_digit(&self) -> u8 {
        self.0[0] - b'0'
    }

    /// The segregation code of a number with aux digit 3.
    pub fn segregation_code(&self) -> Option<SegregationCode> {
        let code = (self.0[1] - b'0') * 10 + (self.0[2] - b'0');
        SegregationCode::overriding(code)
            .ok()
            .filter(|_| self.aux_digit() == 3)
    }

    /// The IUV inside the number: 15 digits for aux digit 0, else 17.
    pub fn iuv(&self) -> Iuv {
        Iuv(self.as_str()[if self.aux_digit() == 0 { 3 } else { 1 }..].to_owned())
    }

    /// In groups of four, as the notice prints it: `3020 3200 2700 0002 51`.
    pub fn grouped(&self) -> String {
        let mut grouped = String::with_capacity(LENGTH + 4);
        for (i, digit) in self.as_str().chars().enumerate() {
            if i > 0 && i % 4 == 0 {
                grouped.push(' ');
            }
            grouped.push(digit);
        }
        grouped
    }

    /// What the QR of the notice says (Avvisi 3.5, "Codice QR"), the amount in 2 to 10 digits of
    /// cents, which every reader takes.
    ///
    /// # Errors
    /// When the amount is not positive or has more than ten digits.
    pub fn qr_payload(
        &self,
        creditor: &EntityFiscalCode,
        amount: Cents,
    ) -> Result<String, QrAmountError> {
        if !(1..=MAX_QR_CENTS).contains(&amount.0) {
            return Err(QrAmountError(amount));
        }
        Ok(format!("PAGOPA|002|{self}|{creditor}|{:02}", amount.0))
    }
}

/// The QR of a notice can't carry this amount: it takes 0.01 to 99,999,999.99 euros.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a notice is of 0.01 to 99999999.99 euros, not of {}", .0.to_decimal())]
pub struct QrAmountError(pub Cents);

/// The identifier of a payment (IUV): 15 digits for aux digit 0, 17 for the others.
///
/// It is unique for one creditor only: always look it up by (creditor, IUV).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Iuv(String);

text_value!(Iuv, NotAnIuv);

/// A text is not 15 or 17 digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an IUV has 15 or 17 digits")]
pub struct NotAnIuv;

impl Iuv {
    /// Reads an IUV; spaces don't matter.
    ///
    /// # Errors
    /// When it is not 15 or 17 digits.
    pub fn parse(text: &str) -> Result<Iuv, NotAnIuv> {
        let number = all_digits(text).map_err(|_| NotAnIuv)?;
        if !matches!(number.len(), 15 | 17) {
            return Err(NotAnIuv);
        }
        String::from_utf8(number).map(Iuv).map_err(|_| NotAnIuv)
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The digits of a text without its spaces, or the first character that is none and its position.
fn all_digits(text: &str) -> Result<Vec<u8>, (usize, char)> {
    let characters = text.chars().filter(|c| !c.is_whitespace());
    let digit = |(i, c): (usize, char)| match u8::try_from(c) {
        Ok(digit) if digit.is_ascii_digit() => Ok(digit),
        _ => Err((i + 1, c)),
    };
    characters.enumerate().map(digit).collect()
}

/// The number that at most 18 digits write.
fn value(digits: &[u8]) -> u64 {
    digits
        .iter()
        .fold(0, |n, digit| n * 10 + u64::from(digit - b'0'))
}

/// The 18 digits that write a number.
fn digits(mut number: u64) -> [u8; LENGTH] {
    let mut digits = [b'0'; LENGTH];
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
    digits
}

#[cfg(test)]
mod tests;
