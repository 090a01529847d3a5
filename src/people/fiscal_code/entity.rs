//! The eleven-digit fiscal code of an office, a school, a company.

use crate::base::{Text, text_value};

/// How many digits.
pub(super) const LENGTH: usize = 11;

/// The fiscal code of an entity: eleven digits, the last of which checks the others. A comune
/// signs notices with it; a VAT number (partita IVA) has the same form and check.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntityFiscalCode(String);

text_value!(EntityFiscalCode, EntityFiscalCodeError);

/// Why a text is not the fiscal code of an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntityFiscalCodeError {
    /// Not eleven digits.
    #[error("the fiscal code of an entity has 11 digits")]
    NotElevenDigits,
    /// The last digit doesn't fit the others.
    #[error("the fiscal code of the entity is mistyped: its last digit doesn't fit the others")]
    WrongCheckDigit,
}

impl EntityFiscalCodeError {
    /// The sentence for who typed it.
    pub fn text(self) -> Text {
        Text::new(match self {
            EntityFiscalCodeError::NotElevenDigits => "entity-code-digits",
            EntityFiscalCodeError::WrongCheckDigit => "entity-code-check",
        })
    }
}

impl EntityFiscalCode {
    /// Reads a code; spaces don't matter.
    ///
    /// # Errors
    /// [`EntityFiscalCodeError`] says what is wrong.
    pub fn parse(text: &str) -> Result<EntityFiscalCode, EntityFiscalCodeError> {
        let code: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        if code.len() != LENGTH || !code.bytes().all(|c| c.is_ascii_digit()) {
            return Err(EntityFiscalCodeError::NotElevenDigits);
        }
        if !luhn_holds(code.as_bytes()) {
            return Err(EntityFiscalCodeError::WrongCheckDigit);
        }
        Ok(EntityFiscalCode(code))
    }

    /// The eleven digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The check of eleven-digit codes (Luhn's, as DM 23 December 1976 takes it): every second digit
/// doubled, 9 taken off what exceeds 9, the sum a multiple of 10. Eleven zeros are nobody's code.
pub(super) fn luhn_holds(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .enumerate()
        .map(|(i, c)| match (i % 2, u32::from(c - b'0')) {
            (0, n) => n,
            (_, n @ 0..=4) => n * 2,
            (_, n) => n * 2 - 9,
        })
        .sum();
    sum.is_multiple_of(10) && digits.iter().any(|&c| c != b'0')
}
