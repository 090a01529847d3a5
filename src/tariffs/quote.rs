//! `tariff quote`: a rule tried on cases that stand outside of it, in JSON.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::engine::{self, Part};
use super::explanation::Explanation;
use super::facts::{FactKind, Value};
use super::parse::{example_facts, example_isee, word};
use super::rule::Rule;
use crate::base::{Cents, Error, FieldError, Result, Text};

/// A case as the file states it: `{"id", "input": {…}, "expected_cents"}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuoteCase {
    id: String,
    input: BTreeMap<String, Input>,
    expected_cents: Option<i64>,
    /// What published collections of cases say besides; nothing is computed from it.
    #[serde(default, rename = "description")]
    _description: IgnoredAny,
    #[serde(default, rename = "working")]
    _working: IgnoredAny,
    #[serde(default, rename = "rounding_sensitive")]
    _rounding_sensitive: IgnoredAny,
}

/// What a price may depend on. An input that the rule does not know is an error, never ignored: a
/// price that left it out would be wrong.
#[derive(Deserialize)]
#[serde(untagged)]
enum Input {
    Flag(bool),
    Number(i64),
    Word(String),
    Nothing,
}

/// What a rule says of a case.
#[derive(Debug, Serialize)]
pub struct Quote {
    /// The case.
    pub id: String,
    /// What it costs, in cents.
    pub amount_cents: i64,
    /// What it should cost, in cents.
    pub expected_cents: Option<i64>,
    /// Whether the two agree; true where nothing was expected.
    pub holds: bool,
    /// Why it costs that.
    pub explanation: Explanation,
}

/// Prices every case of a JSON file by a rule.
///
/// # Errors
/// A field error that names the case which can't be read or has inputs that the rule language
/// does not know.
pub fn quote(rule: &Rule, cases: &str) -> Result<Vec<Quote>> {
    let wrong = |place: String, error: serde_json::Error| {
        let text = Text::new("error-quote-case").with("message", error.to_string());
        Error::Invalid(vec![FieldError::new(place, text)])
    };
    let cases: Vec<serde_json::Value> =
        serde_json::from_str(cases).map_err(|error| wrong("cases".to_owned(), error))?;
    let mut quotes = Vec::new();
    for (number, case) in (1..).zip(cases) {
        let place = match case.get("id").and_then(|id| id.as_str()) {
            Some(id) => format!("case {id}"),
            None => format!("case {number}"),
        };
        let case: QuoteCase =
            serde_json::from_value(case).map_err(|error| wrong(place.clone(), error))?;
        let quote = one(rule, case);
        quotes.push(quote.map_err(|text| Error::Invalid(vec![FieldError::new(place, text)]))?);
    }
    Ok(quotes)
}

fn one(rule: &Rule, case: QuoteCase) -> std::result::Result<Quote, Text> {
    let mut facts = example_facts();
    for (name, input) in case.input {
        let unknown = || Text::new("error-quote-input").with("input", name.as_str());
        match (name.as_str(), &input) {
            (_, Input::Nothing) => {}
            ("isee_cents", Input::Number(cents @ 0..)) => {
                facts.isee = Some(example_isee(Cents(*cents)));
            }
            _ => {
                let kind = rule.fact_kind(&name).ok_or_else(unknown)?;
                let value = match (kind, input) {
                    (FactKind::Flag, Input::Flag(flag)) => Value::Flag(flag),
                    (FactKind::Number, Input::Number(number)) => {
                        Value::Number(u32::try_from(number).map_err(|_| unknown())?)
                    }
                    (FactKind::Choice, Input::Word(text)) => word(&name, &text),
                    (FactKind::Amount, Input::Number(cents @ 0..)) => Value::Amount {
                        cents: Cents(cents),
                    },
                    _ => return Err(unknown()),
                };
                facts.values.insert(name, value);
            }
        }
    }
    let explanation = engine::price(rule, &facts, Part::Whole).map_err(|error| error.text())?;
    let amount = explanation.amount;
    Ok(Quote {
        id: case.id,
        amount_cents: amount.0,
        expected_cents: case.expected_cents,
        holds: case
            .expected_cents
            .is_none_or(|expected| expected == amount.0),
        explanation,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tariffs::parse;

    const LISSONE: &str = include_str!("../../tests/data/tariffs/lissone-mensa.toml");

    #[test]
    fn cases_outside_the_rule_are_priced_and_compared() {
        let rule = parse(LISSONE).unwrap();
        let cases = r#"[
            {"id": "a", "input": {"isee_cents": 1100001, "meals": 16}, "expected_cents": 5840},
            {"id": "b", "input": {"isee_cents": null, "meals": 18}, "expected_cents": 8101}
        ]"#;
        let quotes = quote(&rule, cases).unwrap();
        assert_eq!((quotes[0].amount_cents, quotes[0].holds), (5840, true));
        assert_eq!((quotes[1].amount_cents, quotes[1].holds), (8100, false));
    }

    #[test]
    fn an_input_that_is_not_understood_is_no_guess() {
        let rule = parse(LISSONE).unwrap();
        let cases = r#"[{"id": "c", "input": {"meals": 1, "colour": 2}, "expected_cents": 1}]"#;
        let Err(Error::Invalid(fields)) = quote(&rule, cases) else {
            panic!("it was priced");
        };
        assert_eq!(fields[0].field, "case c");
    }
}
