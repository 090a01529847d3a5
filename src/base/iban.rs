//! Account numbers of banks (IBAN, ISO 13616).

use iban::{Iban, IbanLike};

/// The IBAN that was typed, with or without spaces, as machines write it; `None` when its length or its
/// check digits are wrong.
pub fn iban(typed: &str) -> Option<String> {
    let compact: String = typed.split_whitespace().collect();
    let iban: Iban = compact.to_uppercase().parse().ok()?;
    Some(iban.electronic_str().to_owned())
}

/// In groups of four, as people read it: `IT60 X054 2811 1010 0000 0123 456`.
pub fn iban_grouped(iban: &str) -> String {
    let mut grouped = String::with_capacity(iban.len() + iban.len() / 4);
    for (at, c) in iban.chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            grouped.push(' ');
        }
        grouped.push(c);
    }
    grouped
}
