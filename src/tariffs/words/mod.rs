//! An explanation in sentences: the same for the family's page, the clerk and print.

mod refusals;

use super::bands::Band;
use super::explanation::{Counted, Explanation, IseeUse, Step, Why};
use super::facts::{FactName, Value};
use super::rule::{Effect, Rounding, Unit};
use super::{Price, RoundingMode};
use crate::base::{Arg, Cents, Date, Text};
use refusals::refused;

/// Tells the explanation of a day's charge, one sentence per step. The catalogue puts them into a
/// language.
pub fn sentences(told: &Explanation, day: Date) -> Vec<Text> {
    let mut all = vec![rule(told)];
    // What is given back is what the day had cost: no ISEE and no sum made it.
    let given_back = told.steps.contains(&Step::GivenBack);
    if !given_back {
        all.push(isee(told, day));
    }
    for one in &told.steps {
        all.extend(step(told, one));
    }
    if !given_back {
        all.push(Text::new("explain-amount").with("amount", told.amount));
    }
    all
}

/// The short form for a line of a statement: what one costs and in which band, what changed it, how
/// many there were. They are sentences of [`sentences`], in their order.
pub fn brief(told: &Explanation) -> Vec<Text> {
    let short = |one: &&Step| {
        !matches!(
            one,
            Step::Refused { .. }
                | Step::RoundedUnit { .. }
                | Step::RoundedComponent { .. }
                | Step::RoundedTotal { .. }
                // "1 pasto × 3,05 € = 3,05 €" says nothing that the price has not said.
                | Step::Times { quantity: 1, .. }
        )
    };
    let steps = told.steps.iter().filter(short);
    steps.flat_map(|one| step(told, one)).collect()
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

fn step(told: &Explanation, step: &Step) -> Vec<Text> {
    let one = |text: Text| vec![text];
    match step {
        Step::UnitPrice {
            label,
            unit,
            price,
            why,
            ..
        } => unit_price(label, *unit, why)
            .into_iter()
            .map(|text| {
                text.with("label", label.as_str())
                    .with("unit", unit.word())
                    .with("price", price)
            })
            .collect(),
        Step::Modified {
            label,
            effect,
            of,
            each,
            from,
            to,
        } => {
            let counted = each.as_ref().map(|each| counted("explain-each", each));
            let all = counted.into_iter().chain([given(effect, of.as_ref())]);
            all.map(|text| {
                text.with("label", label.as_str())
                    .with("from", from)
                    .with("to", to)
            })
            .collect()
        }
        Step::Refused { label, why } => one(refused(why).with("label", label.as_str())),
        Step::Prorata { of, over, from, to } => one(named(Text::new("explain-prorata"), &of.0)
            .with("of", of.1)
            .with("over", over.1)
            .with("from", from)
            .with("to", to)),
        Step::RoundedUnit { from, to, by } => one(rounded("explain-rounded-unit", *by, told)
            .with("from", from)
            .with("to", *to)),
        Step::Beyond {
            unit,
            counted,
            after,
        } => one(Text::new("explain-beyond")
            .with("unit", unit.word())
            .with("counted", *counted)
            .with("after", *after)),
        Step::Capped {
            unit,
            counted,
            most,
        } => one(Text::new("explain-capped")
            .with("unit", unit.word())
            .with("counted", *counted)
            .with("most", *most)),
        Step::Times {
            unit,
            price,
            quantity,
            gives,
        } => one(Text::new("explain-times")
            .with("unit", unit.word())
            .with("price", price)
            .with("quantity", *quantity)
            .with("gives", gives)),
        Step::Limited { from, to, each } => {
            let text = match each {
                Some((each, fact, count)) => named(Text::new("explain-limited-each"), fact)
                    .with("each", each)
                    .with("count", *count),
                None if from < to => Text::new("explain-limited-least"),
                None => Text::new("explain-limited-most"),
            };
            one(text.with("from", from).with("to", to))
        }
        Step::RoundedComponent { from, to, by } => {
            one(rounded("explain-rounded-component", *by, told)
                .with("from", from)
                .with("to", *to))
        }
        Step::AtLeast { from, to } => one(Text::new("explain-at-least")
            .with("from", from)
            .with("to", to)),
        Step::AtMost { from, to } => one(Text::new("explain-at-most")
            .with("from", from)
            .with("to", to)),
        Step::RoundedTotal { from, to, by } => one(rounded("explain-rounded-total", *by, told)
            .with("from", from)
            .with("to", *to)),
        Step::Aided { by, pays, left, .. } => one(Text::new("explain-aided")
            .with("by", by.as_str())
            .with("pays", *pays)
            .with("left", *left)),
        Step::GivenBack => one(Text::new("explain-given-back")),
        Step::Instalment {
            first,
            number,
            count,
            whole,
            pays,
            ..
        } => one(Text::new(match first {
            0 => "explain-instalment",
            _ => "explain-instalments",
        })
        .with("first", *first)
        .with("number", *number)
        .with("count", *count)
        .with("whole", *whole)
        .with("pays", *pays)),
    }
}

/// What the price of one unit depends on, and the price at the end.
fn unit_price(label: &str, unit: Unit, why: &[Why]) -> Vec<Text> {
    let mut all: Vec<Text> = why
        .iter()
        .filter_map(|why| match why {
            Why::Row { fact, value } => {
                Some(named(Text::new("explain-row"), fact).with("value", value_word(value)))
            }
            Why::Shifted { by, band } => Some(
                bounds(band)
                    .with("which", if *by < 0 { "lower" } else { "higher" })
                    .with("places", i64::from(by.unsigned_abs())),
            ),
            Why::Line(line) => Some(
                Text::new("explain-line")
                    .with("from", line.from)
                    .with("to", line.to)
                    .with("first", &line.first)
                    .with("last", &line.last),
            ),
            _ => None,
        })
        .collect();
    let last = why
        .iter()
        .rev()
        .find(|why| !matches!(why, Why::Row { .. } | Why::Line(_) | Why::Shifted { .. }));
    let price = match last {
        Some(Why::NoIsee) => Text::new("explain-price-no-isee"),
        Some(Why::NonResident) => Text::new("explain-price-non-resident"),
        Some(Why::Band(Band { over, to })) => match (*over, *to) {
            (None, None) => Text::new("explain-price-any-isee"),
            (None, Some(to)) => Text::new("explain-price-first-band").with("to", to),
            (Some(over), Some(to)) => Text::new("explain-price-band")
                .with("over", over)
                .with("to", to),
            (Some(over), None) => Text::new("explain-price-top-band").with("over", over),
        },
        _ => Text::new("explain-price-fixed"),
    };
    let what = if label.is_empty() {
        unit.word()
    } else {
        "label"
    };
    all.push(price.with("what", what));
    all
}

fn bounds(band: &Band) -> Text {
    match (band.over, band.to) {
        (_, Some(to)) => Text::new("explain-shifted").with("to", to),
        (Some(over), None) => Text::new("explain-shifted-top").with("over", over),
        (None, None) => Text::new("explain-shifted-top").with("over", Cents::ZERO),
    }
}

fn given(effect: &Effect, of: Option<&Price>) -> Text {
    match effect {
        Effect::Percent(percent) if of.is_some() => {
            let text = match percent.is_negative() {
                true => Text::new("explain-percent-of-less"),
                false => Text::new("explain-percent-of-more"),
            };
            let of = of.map_or(Arg::Str(String::new()), Arg::from);
            text.with("percent", *percent).with("of", of)
        }
        Effect::Percent(percent) if percent.is_negative() => {
            Text::new("explain-percent-less").with("percent", *percent)
        }
        Effect::Percent(percent) => Text::new("explain-percent-more").with("percent", *percent),
        Effect::Less(part) => Text::new("explain-less").with("part", part),
        Effect::More(part) => Text::new("explain-more").with("part", part),
        Effect::Price(_) => Text::new("explain-set-price"),
        Effect::Shift(_) => Text::new("explain-band-given"),
    }
}

/// A sentence that says how often something is counted.
fn counted(key: &'static str, each: &Counted) -> Text {
    named(Text::new(key), &each.fact)
        .with("count", each.count)
        .with("after", each.after)
        .with("times", each.times())
}

/// A sentence that names a fact: by the catalogue, or by the rule's own label.
fn named(text: Text, fact: &FactName) -> Text {
    let code = if fact.label.is_empty() {
        fact.code.as_str()
    } else {
        "label"
    };
    text.with("fact", code)
        .with("factlabel", fact.label.as_str())
}

fn value_word(value: &Value) -> String {
    italian_word(&value.to_string())
}

/// The words that rule files write in English and everybody else says in Italian.
fn italian_word(word: &str) -> String {
    match word {
        "yes" => "sì",
        "unknown" => "non indicato",
        other => other,
    }
    .to_owned()
}

fn rounded(key: &'static str, by: Option<Rounding>, told: &Explanation) -> Text {
    let rounding = by.unwrap_or(told.rounding);
    let cent = rounding.to == Cents(1);
    Text::new(key)
        .with("mode", mode(rounding.mode))
        .with("grain", if cent { "cent" } else { "other" })
        .with("unit", rounding.to)
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
    use crate::catalogue::{Catalogue, Language};
    use crate::tariffs::{Facts, IseeFact, Part, parse, price};
    use jiff::civil::date;

    #[test]
    fn the_short_form_says_sentences_of_the_long_one() {
        let source = r#"
            name = "Refezione"
            [[component]]
            code = "meal"
            unit = "meal"
            no_isee = "5.331"
            bands = [{ to = "7000.00", price = "2.55" }, { price = "4.50" }]
        "#;
        let rule = parse(source).unwrap();
        for (meals, expected) in [(1, 1), (3, 2)] {
            let facts = Facts::on(date(2026, 11, 3)).with("meals", meals);
            let told = price(&rule, &facts, Part::Day).unwrap();
            let (long, short) = (sentences(&told, facts.day), brief(&told));
            assert_eq!(short.len(), expected, "{short:?}");
            assert!(short.iter().all(|one| long.contains(one)), "{short:?}");
        }
    }

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
        let mut facts = Facts::on(date(2026, 11, 3))
            .with("meals", 1)
            .with_isee(Some(IseeFact {
                value: Cents(840_000),
                protocol: "INPS-ISEE-2026-01234567X-00".to_owned(),
                valid_from: date(2026, 1, 15),
                valid_to: date(2026, 12, 31),
            }));
        let catalogue = Catalogue::load().unwrap();
        let told = |facts: &Facts| {
            let said = |text: &Text| {
                catalogue
                    .say(Language::Italian, text)
                    .replace('\u{a0}', " ")
            };
            sentences(&price(&rule, facts, Part::Day).unwrap(), facts.day)
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

    /// Every sentence that the examples of the language can say is in the catalogue, and a few word
    /// for word.
    #[test]
    fn what_a_rule_counts_and_limits_is_told() {
        let catalogue = Catalogue::load().unwrap();
        let told = |file: &str| -> Vec<String> {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/language");
            let source = std::fs::read_to_string(format!("{folder}/{file}.toml")).unwrap();
            let rule = parse(&source).unwrap();
            let all = rule.cases.iter().flat_map(|case| {
                let told = price(&rule, &case.facts, Part::Whole).unwrap();
                sentences(&told, case.facts.day)
            });
            all.map(|text| {
                catalogue
                    .say(Language::Italian, &text)
                    .replace('\u{a0}', " ")
            })
            .collect()
        };
        for (file, sentence) in [
            (
                "day-of-absence",
                "«detrazione per assenza» conta 4 volte (giorni di assenza: 9, i primi 5 non contano).",
            ),
            (
                "day-of-absence",
                "«detrazione per assenza»: 3,00 € in meno, da 40,00 € a 28,00 €.",
            ),
            (
                "day-of-absence",
                "«detrazione per assenza» non applicato (giorni di assenza: 5, i primi 5 non contano).",
            ),
            (
                "percentages-that-add-up",
                "«minore con disabilità nel nucleo»: 10 % in meno, calcolato sul prezzo di partenza di 100,00 €: da 80,00 € a 70,00 €.",
            ),
            (
                "steps-of-quantity",
                "Contati 15: i primi 10 non si pagano qui.",
            ),
            (
                "component-limits",
                "Il minimo della voce è 50,00 €: l’importo sale da 24,00 € a 50,00 €.",
            ),
            (
                "component-limits",
                "Il massimo della voce è 12,00 € per ciascuna unità (settimane: 4): l’importo scende da 70,00 € a 48,00 €.",
            ),
            (
                "twentieths",
                "È dovuta una parte: 7 su 20 (giorni di presenza), da 400,00 € a 140,00 €.",
            ),
            (
                "two-roundings",
                "Il prezzo è arrotondato al multiplo di 1,00 € più vicino: da 285,18505 € a 285,00 €.",
            ),
        ] {
            let all = told(file);
            assert!(
                all.iter().any(|told| told == sentence),
                "{sentence}\n{all:#?}"
            );
        }
    }
}
