//! `campanella tariff`: a rule file tried before it is published. Needs no data folder.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::{Done, Failure, output, sentence};
use crate::base::{Cents, Error, Result};
use crate::tariffs::{self, Rule, RuleFault};

/// Tariff rules.
#[derive(clap::Subcommand)]
pub enum Action {
    /// Read a rule file: what is wrong in which line, and whether its own examples hold
    Check(CheckOptions),
    /// Price cases of a JSON file by a rule, and compare
    Quote(QuoteOptions),
}

/// Which rule.
#[derive(clap::Args)]
#[group(skip)]
#[command(after_help = "\
Examples:
  campanella tariff check examples/comune/tariffs/mensa.toml

JSON:
  {\"ok\": true, \"name\": \"Refezione scolastica\", \"cases\": 4, \"faults\": \"\"}")]
pub struct CheckOptions {
    /// The rule, as TOML
    rule: PathBuf,
    /// For machines
    #[arg(long)]
    json: bool,
}

/// Which rule and which cases.
#[derive(clap::Args)]
#[group(skip)]
#[command(after_help = "\
Cases:
  [{\"id\": \"a\", \"input\": {\"isee_cents\": 1100001, \"meals\": 16}, \"expected_cents\": 5840}]

Examples:
  campanella tariff quote examples/comune/tariffs/mensa.toml --cases cases.json
  campanella tariff quote examples/comune/tariffs/mensa.toml --cases cases.json --json

JSON:
  {\"ok\": true, \"quotes\": [{\"id\": \"a\", \"amount_cents\": 5840, \"expected_cents\": 5840, \"holds\": true, \"explanation\": {}}]}")]
pub struct QuoteOptions {
    /// The rule, as TOML
    rule: PathBuf,
    /// The cases, as JSON
    #[arg(long, value_name = "CASES.json")]
    cases: PathBuf,
    /// For machines
    #[arg(long)]
    json: bool,
}

pub(super) fn run(action: &Action) -> Done {
    match action {
        Action::Check(options) => check(options),
        Action::Quote(options) => quote(options),
    }
}

fn read(path: &Path) -> Result<String> {
    tariffs::text_of(std::fs::read(path).map_err(|e| Error::io(path, e))?)
}

fn named(path: &Path, faults: Vec<RuleFault>) -> Error {
    let faults = sentence(&RuleFault::into_error(faults));
    Error::Internal(format!("{}: {faults}", path.display()))
}

fn check(options: &CheckOptions) -> Done {
    let checked = tariffs::ready(&read(&options.rule)?);
    if options.json {
        let answer = match checked {
            Ok(rule) => json!({
                "ok": true, "name": rule.name, "cases": rule.cases.len(), "faults": "",
            }),
            Err(faults) => json!({
                "ok": false, "name": null, "cases": null,
                "faults": sentence(&RuleFault::into_error(faults)),
            }),
        };
        let ok = answer["ok"] == true;
        output::json(&answer);
        return if ok { Ok(()) } else { Err(Failure::Found) };
    }
    let rule = checked.map_err(|faults| named(&options.rule, faults))?;
    output::line(format!(
        "{}: it can be published, and its {} examples hold",
        rule.name,
        rule.cases.len()
    ));
    Ok(())
}

fn quote(options: &QuoteOptions) -> Done {
    let rule: Rule =
        tariffs::parse(&read(&options.rule)?).map_err(|faults| named(&options.rule, faults))?;
    let quotes = tariffs::quote(&rule, &read(&options.cases)?)?;
    let ok = quotes.iter().all(|quote| quote.holds);
    if options.json {
        output::json(&json!({ "ok": ok, "quotes": quotes }));
    } else {
        for quote in &quotes {
            let euros = Cents(quote.amount_cents).to_decimal();
            let mark = if quote.holds { "ok   " } else { "WRONG" };
            let expected = match quote.expected_cents {
                Some(cents) if !quote.holds => format!(", not {}", Cents(cents).to_decimal()),
                _ => String::new(),
            };
            output::line(format!("{mark} {}: {euros}{expected}", quote.id));
        }
    }
    if ok { Ok(()) } else { Err(Failure::Found) }
}
