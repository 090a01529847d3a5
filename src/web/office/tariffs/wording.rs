//! Single words and phrases of a rule in Italian.

use crate::base::{Cents, Text};
use crate::tariffs::{Band, Price, Rounding, RoundingMode, RoundingPlace, Rule, Unit, Value};
use crate::web::cx::Cx;

/// What is counted, one of it.
pub(super) fn unit_word(unit: Unit) -> &'static str {
    match unit {
        Unit::Meal => "pasto",
        Unit::Day => "giorno",
        Unit::Hour => "ora",
        Unit::Week => "settimana",
        Unit::Month => "mese",
        Unit::Period => "periodo",
        Unit::Year => "anno",
        Unit::Once => "una volta sola",
    }
}

/// A price as Italians write it.
pub(super) fn money(price: &Price) -> String {
    match price.whole() {
        Some(cents) => cents.to_string(),
        None => format!("{}\u{a0}€", price.to_string().replace('.', ",")),
    }
}

/// What a fact is called: the catalogue's word, or the label that the rule gives it.
pub(super) fn fact_word(cx: &Cx, rule: Option<&Rule>, code: &str) -> String {
    let declared = rule.and_then(|rule| rule.facts.iter().find(|fact| fact.code == code));
    match declared {
        Some(fact) => fact.label.clone(),
        None if code == "quantity" => "pasti o giorni".to_owned(),
        None => cx.say_text(
            &Text::new("explain-fact")
                .with("fact", code)
                .with("factlabel", code),
        ),
    }
}

/// A value as people say it.
pub(super) fn value_word(value: &Value) -> String {
    match value {
        Value::Flag(true) => "sì".to_owned(),
        Value::Flag(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Word(word) => word.clone(),
        Value::Amount { cents } => cents.to_string(),
    }
}

pub(super) fn rounding(rounding: Rounding) -> String {
    let where_ = match rounding.at {
        RoundingPlace::Unit => "il prezzo di uno",
        RoundingPlace::Component => "l’importo di ogni voce",
        RoundingPlace::Total => "il totale",
    };
    let how = match rounding.mode {
        RoundingMode::HalfUp => "per eccesso dalla metà in su",
        RoundingMode::HalfEven => "alla cifra pari quando si è a metà",
        RoundingMode::Up => "sempre per eccesso",
        RoundingMode::Down => "sempre per difetto",
    };
    let to = match rounding.to {
        Cents(1) => "al centesimo".to_owned(),
        to => format!("a {to}"),
    };
    format!("Si arrotonda {where_} {to}, {how}.")
}

/// The bounds of a band in words.
pub(super) fn band_word(band: Band) -> String {
    match (band.over, band.to) {
        (None, Some(to)) => format!("ISEE fino a {to}"),
        (Some(over), Some(to)) => format!("ISEE oltre {over} e fino a {to}"),
        (Some(over), None) => format!("ISEE oltre {over}"),
        (None, None) => "con un ISEE valido".to_owned(),
    }
}

pub(super) fn span(from: Option<u32>, to: Option<u32>) -> String {
    match (from, to) {
        (Some(from), Some(to)) if from == to => from.to_string(),
        (Some(from), Some(to)) => format!("da {from} a {to}"),
        (Some(from), None) => format!("da {from} in su"),
        (None, to) => format!("fino a {}", to.unwrap_or_default()),
    }
}

pub(super) fn unsigned(number: &str) -> String {
    number.trim_start_matches('-').replace('.', ",")
}

pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
