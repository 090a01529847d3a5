//! Which payment of pagoPA's catalogue a service is (pagoPA taxonomy, macro area 07 "Politiche educative
//! giovanili e del lavoro", version 16; `9/…` since 1 March 2026 has a meaning of its own).

use serde::{Deserialize, Deserializer};

use crate::base::{Error, Result, Text};

/// The codes of school services, without what stands before the slash, and their official names.
pub const SCHOOL_CODES: [(&str, &str); 9] = [
    ("0107100TS", "Rette scolastiche"),
    ("0107101TS", "Mense scolastiche"),
    ("0107102SP", "Trasporto scolastico"),
    ("0107103SP", "Prescuola"),
    ("0107104SP", "Interscuola"),
    ("0107105SP", "Doposcuola"),
    ("0107106SP", "Nido"),
    ("0107107AP", "Duplicato tesserino trasporto"),
    ("0108103TS", "Centri estivi e centri gioco"),
];

/// What may stand before the slash. With 9 pagoPA itself sends each notice to the payer's bank as a
/// SEPA request to pay (since 1 March 2026); with 6, 7 or 8 it does not.
pub const PREFIXES: [char; 4] = ['9', '8', '7', '6'];

/// Takes a taxonomy in full: `9/0107101TS/`, that is `[6-9]/` seven digits and the kind of income `/`.
///
/// # Errors
/// A field error on `taxonomy`.
pub fn taxonomy(text: &str) -> Result<String> {
    let text = text.trim().to_uppercase();
    let code = text
        .strip_prefix(PREFIXES)
        .and_then(|rest| rest.strip_prefix('/')?.strip_suffix('/'));
    let good = code.is_some_and(|code| {
        code.len() == 9
            && code.bytes().take(7).all(|digit| digit.is_ascii_digit())
            && matches!(code.get(7..), Some("IM" | "TS" | "SP" | "SA" | "AP"))
    });
    if good {
        Ok(text)
    } else {
        Err(Error::field("taxonomy", Text::new("error-taxonomy")))
    }
}

/// The prefix and the code of a stored taxonomy.
pub fn taxonomy_parts(taxonomy: &str) -> (&str, &str) {
    let (prefix, code) = taxonomy.split_once('/').unwrap_or_default();
    (prefix, code.trim_end_matches('/'))
}

pub(super) fn read<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<String, D::Error> {
    let text = String::deserialize(from)?;
    taxonomy(&text).map_err(|_| {
        let why = format!("“{text}” is no taxonomy of pagoPA: write it like 9/0107101TS/");
        serde::de::Error::custom(why)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taxonomy_is_taken_whole_or_not_at_all() {
        for (code, _) in SCHOOL_CODES {
            for prefix in PREFIXES {
                let whole = format!("{prefix}/{code}/");
                assert_eq!(taxonomy(&whole).unwrap(), whole);
                let parts = taxonomy_parts(&whole);
                assert_eq!(parts, (&*prefix.to_string(), code));
            }
        }
        for wrong in [
            "",
            "0107101TS",
            "9/0107101TS",
            "5/0107101TS/",
            "9/010710TS/",
            "9/0107101XX/",
            "9/01071O1TS/",
            "9/0107101TS/ /",
        ] {
            assert!(taxonomy(wrong).is_err(), "{wrong}");
        }
    }
}
