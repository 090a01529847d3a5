//! `tariff quote`: a rule tried on cases that stand outside of it, in JSON.

use serde::{Deserialize, Serialize};

use super::engine::{Explanation, price_of_case};
use super::rule::{Case, Rule};
use crate::base::{Cents, Error, FieldError, Result, Text};

/// A case as the file states it: `{"id", "input": {…}, "expected_cents"}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuoteCase {
    id: String,
    input: Input,
    expected_cents: Option<i64>,
}

/// What prices may depend on. An input that this engine does not know is an error, never ignored:
/// a price that left it out would be wrong.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    isee_cents: Option<i64>,
    #[serde(default = "yes")]
    resident: bool,
    #[serde(alias = "meals", alias = "days_present")]
    quantity: u32,
}

fn yes() -> bool {
    true
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
        let case: QuoteCase = serde_json::from_value(case).map_err(|error| wrong(place, error))?;
        quotes.push(one(rule, case));
    }
    Ok(quotes)
}

fn one(rule: &Rule, case: QuoteCase) -> Quote {
    let explanation = price_of_case(
        rule,
        &Case {
            what: String::new(),
            isee: case.input.isee_cents.map(Cents),
            resident: case.input.resident,
            quantity: case.input.quantity,
            expect: Cents::ZERO,
        },
    );
    let amount = explanation.amount;
    Quote {
        id: case.id,
        amount_cents: amount.0,
        expected_cents: case.expected_cents,
        holds: case
            .expected_cents
            .is_none_or(|expected| expected == amount.0),
        explanation,
    }
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
        let cases =
            r#"[{"id": "c", "input": {"meals": 1, "child_order": 2}, "expected_cents": 1}]"#;
        let Err(Error::Invalid(fields)) = quote(&rule, cases) else {
            panic!("it was priced");
        };
        assert_eq!(fields[0].field, "case c");
    }
}
