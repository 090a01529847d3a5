//! The facts that a form has fields for.

use serde::Serialize;
use toml_edit::{DocumentMut, Table};

use super::RuleForm;
use super::read::{tables, text};
use crate::tariffs::facts::{FactKind, known, known_names};
use crate::tariffs::rule::Unit;

/// A fact as the form offers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FormFact {
    /// Its name in the file.
    pub code: String,
    /// The rule's own label; empty for the facts that every rule may use.
    pub label: String,
    /// What its values are: `flag`, `number`, `choice`.
    pub kind: &'static str,
}

/// The facts that a file declares itself.
pub(super) fn declared(file: &DocumentMut) -> Vec<FormFact> {
    let one = |table: &Table| {
        let kind = match text(table, "kind").as_str() {
            "number" => "number",
            "choice" => "choice",
            "flag" => "flag",
            "amount" => "amount",
            _ if table.contains_key("isee_bands") => "number",
            _ if table.contains_key("ranges") => "choice",
            _ => "flag",
        };
        FormFact {
            code: text(table, "code"),
            label: text(table, "label"),
            kind,
        }
    };
    tables(file, "fact")
        .map(one)
        .filter(|fact| !fact.code.is_empty())
        .collect()
}

pub(super) fn fact_of(declared: &[FormFact], code: &str) -> Option<FormFact> {
    let own = declared.iter().find(|fact| fact.code == code).cloned();
    let kind = match code {
        "quantity" => Some(FactKind::Number),
        _ => known(code),
    };
    own.or_else(|| {
        Some(FormFact {
            code: code.to_owned(),
            label: String::new(),
            kind: match kind? {
                FactKind::Flag => "flag",
                FactKind::Number => "number",
                FactKind::Choice => "choice",
                FactKind::Amount => "amount",
            },
        })
    })
}

fn declared_in(source: &str) -> Vec<FormFact> {
    source
        .parse::<DocumentMut>()
        .map(|file| declared(&file))
        .unwrap_or_default()
}

/// The facts that examples of a form need a field for: those that its rule asks for, and those that
/// an example names already.
pub fn case_facts(source: &str, form: &RuleForm) -> Vec<FormFact> {
    let declared = declared_in(source);
    let mut codes: Vec<String> = Vec::new();
    for component in &form.components {
        let unit = Unit::ALL.iter().find(|(word, _)| *word == component.unit);
        codes.extend(unit.map(|(_, unit)| unit.count().0.to_owned()));
        if !component.non_resident.is_empty() {
            codes.push("resident".to_owned());
        }
    }
    for condition in form
        .modifiers
        .iter()
        .flat_map(|modifier| &modifier.conditions)
    {
        let fact = condition.what.split('=').next().unwrap_or_default();
        codes.push(fact.to_owned());
    }
    if let Ok(rule) = crate::tariffs::parse(source) {
        codes.extend(rule.asks_for().into_iter().map(str::to_owned));
    }
    codes.extend(
        form.cases
            .iter()
            .flat_map(|case| case.facts.keys().cloned()),
    );
    let mut facts: Vec<FormFact> = Vec::new();
    for code in codes {
        if !facts.iter().any(|fact| fact.code == code) {
            facts.extend(fact_of(&declared, &code));
        }
    }
    facts
}

/// The facts that a condition of the form may speak of: numbers as ranges, flags as yes or no.
pub fn condition_facts(source: &str) -> Vec<FormFact> {
    let declared = declared_in(source);
    let common = [
        "child_order",
        "users_in_household",
        "minors_in_household",
        "month",
        "entry_month",
        "illness_days",
        "consecutive_absence_days",
        "days_present",
        "resident",
        "occasional",
        "disability",
        "severe_disability",
        "disabled_minor",
        "social_services_exemption",
    ];
    let known = common
        .into_iter()
        .filter(|code| known_names().any(|name| name == *code));
    let known = known.filter_map(|code| fact_of(&[], code));
    known
        .chain(
            declared
                .into_iter()
                .filter(|fact| !["choice", "amount"].contains(&fact.kind)),
        )
        .collect()
}
