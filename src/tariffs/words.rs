//! An explanation in sentences: the same for the family's page, the clerk and print.

use super::RoundingMode;
use super::engine::{Explanation, IseeUse, Step, Why};
use super::rule::{Band, Unit};
use crate::base::{Date, Text};

/// Tells the explanation of a day's charge, one sentence per step. The catalogue puts them into a
/// language.
pub fn sentences(told: &Explanation, day: Date) -> Vec<Text> {
    let mut all = vec![rule(told), isee(told, day)];
    all.extend(told.steps.iter().map(|one| step(told, one)));
    all.push(Text::new("explain-amount").with("amount", told.amount));
    all
}

fn rule(told: &Explanation) -> Text {
    let text = match &told.act {
        Some(act) => Text::new("explain-rule-of-act").with("act", act.as_str()),
        None => Text::new("explain-rule"),
    };
    text.with("name", told.rule.as_str())
        .with("version", told.version.to_string())
}

fn isee(told: &Explanation, day: Date) -> Text {
    match &told.isee {
        IseeUse::Used(isee) => {
            let text = if isee.protocol.is_empty() {
                Text::new("explain-isee-used")
            } else {
                Text::new("explain-isee-used-protocol").with("protocol", isee.protocol.as_str())
            };
            text.with("value", isee.value)
                .with("from", isee.valid_from)
                .with("to", isee.valid_to)
        }
        IseeUse::NotNeeded => Text::new("explain-isee-not-needed"),
        IseeUse::NonResident => Text::new("explain-isee-non-resident"),
        IseeUse::Missing => Text::new("explain-isee-missing").with("day", day),
        IseeUse::NotValid(isee) => Text::new("explain-isee-not-valid")
            .with("from", isee.valid_from)
            .with("to", isee.valid_to)
            .with("day", day),
    }
}

fn step(told: &Explanation, step: &Step) -> Text {
    match step {
        Step::UnitPrice {
            unit, price, why, ..
        } => unit_price(why)
            .with("unit", word(*unit))
            .with("price", *price),
        Step::RoundedUnit { from, to } => Text::new("explain-rounded-unit")
            .with("mode", mode(told.rounding.mode))
            .with("from", *from)
            .with("to", *to),
        Step::Times {
            unit,
            price,
            quantity,
            gives,
        } => Text::new("explain-times")
            .with("unit", word(*unit))
            .with("price", *price)
            .with("quantity", *quantity)
            .with("gives", *gives),
        Step::RoundedTotal { from, to } => Text::new("explain-rounded-total")
            .with("mode", mode(told.rounding.mode))
            .with("from", *from)
            .with("to", *to),
    }
}

fn unit_price(why: &Why) -> Text {
    match why {
        Why::Fixed => Text::new("explain-price-fixed"),
        Why::NoIsee => Text::new("explain-price-no-isee"),
        Why::NonResident => Text::new("explain-price-non-resident"),
        Why::Band(Band { over, to, .. }) => match (*over, *to) {
            (None, None) => Text::new("explain-price-any-isee"),
            (None, Some(to)) => Text::new("explain-price-first-band").with("to", to),
            (Some(over), Some(to)) => Text::new("explain-price-band")
                .with("over", over)
                .with("to", to),
            (Some(over), None) => Text::new("explain-price-top-band").with("over", over),
        },
    }
}

/// How the catalogue's selectors name a unit.
fn word(unit: Unit) -> &'static str {
    match unit {
        Unit::Meal => "meal",
        Unit::Day => "day",
    }
}

fn mode(mode: RoundingMode) -> &'static str {
    match mode {
        RoundingMode::HalfUp => "half-up",
        RoundingMode::HalfEven => "half-even",
        RoundingMode::Up => "up",
        RoundingMode::Down => "down",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Cents;
    use crate::catalogue::{Catalogue, Language};
    use crate::tariffs::{Facts, IseeFact, parse, price};
    use jiff::civil::date;

    #[test]
    fn a_family_can_read_why() {
        let source = r#"
            name = "Refezione scolastica 2026/2027"
            [[component]]
            code = "meal"
            unit = "meal"
            no_isee = "5.331"
            bands = [{ to = "7000.00", price = "2.55" }, { to = "11000.00", price = "3.053" }, { price = "4.50" }]
        "#;
        let rule = parse(source).unwrap();
        let mut facts = Facts {
            isee: Some(IseeFact {
                value: Cents(840_000),
                protocol: "INPS-ISEE-2026-01234567X-00".to_owned(),
                valid_from: date(2026, 1, 15),
                valid_to: date(2026, 12, 31),
            }),
            resident: true,
            quantity: 1,
            day: date(2026, 11, 3),
        };
        let catalogue = Catalogue::load().unwrap();
        let told = |facts: &Facts| {
            let said = |text: &Text| {
                catalogue
                    .say(Language::Italian, text)
                    .replace('\u{a0}', " ")
            };
            sentences(&price(&rule, facts), facts.day)
                .iter()
                .map(said)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            told(&facts),
            [
                "Tariffa applicata: Refezione scolastica 2026/2027, versione 0.",
                "ISEE considerato: 8.400,00 €, protocollo INPS-ISEE-2026-01234567X-00, valido dal 15/01/2026 al 31/12/2026.",
                "Prezzo di un pasto con ISEE oltre 7.000,00 € e fino a 11.000,00 €: 3,053 €.",
                "Il prezzo è arrotondato al centesimo più vicino: da 3,053 € a 3,05 €.",
                "1 pasto × 3,05 € = 3,05 €.",
                "Importo addebitato: 3,05 €.",
            ]
        );
        facts.isee = None;
        assert_eq!(
            told(&facts)[1..3],
            [
                "Il 03/11/2026 non risultava un ISEE valido: si applica il prezzo senza ISEE.",
                "Prezzo di un pasto senza ISEE: 5,331 €.",
            ]
        );
    }
}
