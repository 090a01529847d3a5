//! Amounts in Italian words, as they are written on cheques and receipts.

use crate::base::Cents;

const UNITS: [&str; 20] = [
    "",
    "uno",
    "due",
    "tre",
    "quattro",
    "cinque",
    "sei",
    "sette",
    "otto",
    "nove",
    "dieci",
    "undici",
    "dodici",
    "tredici",
    "quattordici",
    "quindici",
    "sedici",
    "diciassette",
    "diciotto",
    "diciannove",
];
const TENS: [&str; 10] = [
    "",
    "",
    "venti",
    "trenta",
    "quaranta",
    "cinquanta",
    "sessanta",
    "settanta",
    "ottanta",
    "novanta",
];

/// The amount in words, cents as a fraction: 1234.50 € is `milleduecentotrentaquattro/50`.
/// A negative amount is written with `meno` before it.
pub fn euros_in_words(amount: Cents) -> String {
    let cents = amount.0.unsigned_abs();
    let sign = if amount.0 < 0 { "meno " } else { "" };
    format!("{sign}{}/{:02}", integer_in_words(cents / 100), cents % 100)
}

/// An integer in words; `tre` at the end of a longer number bears an accent (`ventitré`).
fn integer_in_words(number: u64) -> String {
    if number == 0 {
        return "zero".to_owned();
    }
    let groups = [
        (number / 1_000_000_000, "unmiliardo", "miliardi"),
        (number / 1_000_000 % 1000, "unmilione", "milioni"),
        (number / 1000 % 1000, "mille", "mila"),
    ];
    let mut words = String::new();
    for (count, one, many) in groups {
        match count {
            0 => {}
            1 => words.push_str(one),
            _ => {
                words.push_str(&below_thousand(count));
                words.push_str(many);
            }
        }
    }
    words.push_str(&below_thousand(number % 1000));
    match words.strip_suffix("tre") {
        Some(start) if !start.is_empty() => format!("{start}tré"),
        _ => words,
    }
}

fn below_thousand(number: u64) -> String {
    let hundreds = match number / 100 {
        0 => String::new(),
        1 => "cento".to_owned(),
        n => format!("{}cento", unit(n)),
    };
    let rest = below_hundred(number % 100);
    // centotto, duecentottanta: the two vowels become one.
    let hundreds = match rest.starts_with('o') {
        true => hundreds.strip_suffix('o').unwrap_or(&hundreds),
        false => &hundreds,
    };
    format!("{hundreds}{rest}")
}

fn below_hundred(number: u64) -> String {
    if number < 20 {
        return unit(number).to_owned();
    }
    let tens = usize::try_from(number / 10)
        .ok()
        .and_then(|n| TENS.get(n))
        .copied()
        .unwrap_or("");
    // The vowel of the ten falls before "uno" and "otto": ventuno, ventotto.
    let tens = match number % 10 {
        1 | 8 => tens.get(..tens.len().saturating_sub(1)).unwrap_or(tens),
        _ => tens,
    };
    format!("{tens}{}", unit(number % 10))
}

fn unit(number: u64) -> &'static str {
    usize::try_from(number)
        .ok()
        .and_then(|n| UNITS.get(n))
        .copied()
        .unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_on_a_cheque() {
        for (cents, words) in [
            (0, "zero/00"),
            (5, "zero/05"),
            (100, "uno/00"),
            (300, "tre/00"),
            (2100, "ventuno/00"),
            (2300, "ventitré/00"),
            (2800, "ventotto/00"),
            (10_100, "centouno/00"),
            (10_300, "centotré/00"),
            (10_800, "centotto/00"),
            (18_080, "centottanta/80"),
            (100_000, "mille/00"),
            (109_000, "millenovanta/00"),
            (123_450, "milleduecentotrentaquattro/50"),
            (310_000, "tremilacento/00"),
            (2_100_000, "ventunomila/00"),
            (10_000_000, "centomila/00"),
            (100_000_001, "unmilione/01"),
            (
                99_999_999_999,
                "novecentonovantanovemilioninovecentonovantanovemilanovecentonovantanove/99",
            ),
            (-1260, "meno dodici/60"),
        ] {
            assert_eq!(euros_in_words(Cents(cents)), words);
        }
    }
}
