//! A rule file (TOML, amounts as quoted decimals) becomes a [`Rule`], or a list of faults that each
//! name their line and say what to write instead. The language is told in docs/tariffs.md.

mod base;
mod components;
mod conditions;
mod modifiers;
mod reader;
mod sections;
mod siblings;

use std::ops::Range;

use toml::de::DeTable;

use super::engine::{self, Part};
use super::facts::{FactRule, Facts, IseeFact};
use super::rule::{Applies, Component, Limits, Rule};
use crate::base::{Cents, Date, Error, FieldError, Text};
pub(super) use conditions::word;
use reader::{Faults, Section};

/// A rule file has at most so many sections of a kind, and examples.
const MOST: usize = 50;

/// What is wrong in a rule file, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleFault {
    /// The line, from 1.
    pub line: usize,
    /// What stands there: `component meal, band 3`.
    pub place: String,
    /// What is wrong and what to do.
    pub text: Text,
}

impl RuleFault {
    /// The faults of a file as one error, each as the "field" at its line.
    pub fn into_error(faults: Vec<RuleFault>) -> Error {
        let field = |fault: RuleFault| {
            FieldError::new(format!("line {}, {}", fault.line, fault.place), fault.text)
        };
        Error::Invalid(faults.into_iter().map(field).collect())
    }
}

/// Reads a rule file. Its examples are read, not yet tried: [`check`] does both.
///
/// # Errors
/// Everything that is wrong with it.
pub fn parse(source: &str) -> Result<Rule, Vec<RuleFault>> {
    Ok(read(source, Faults::of(source))?.0)
}

/// Reads a rule file that is published: what was no fault when it was is none now.
///
/// # Errors
/// What can't be read.
pub fn parse_published(source: &str) -> Result<Rule, Vec<RuleFault>> {
    Ok(read(source, Faults::of_published(source))?.0)
}

/// A rule, and where each of its examples stands.
fn read(source: &str, faults: Faults<'_>) -> Result<(Rule, Vec<Range<usize>>), Vec<RuleFault>> {
    let mut reader = Reader {
        faults,
        facts: Vec::new(),
        examples: Vec::new(),
    };
    let rule = reader.file(source);
    let rule = unless_faulty(rule, reader.faults)?;
    Ok((rule, reader.examples))
}

/// Reads a rule file and tries its examples: what can be published.
///
/// # Errors
/// Everything that is wrong with it, examples that do not hold included.
pub fn check(source: &str) -> Result<Rule, Vec<RuleFault>> {
    let (rule, examples) = read(source, Faults::of(source))?;
    let mut faults = Faults::of(source);
    for (case, span) in rule.cases.iter().zip(examples) {
        let text = match engine::price(&rule, &case.facts, Part::Whole) {
            Ok(cost) if cost.amount == case.expect => continue,
            Ok(cost) => Text::new("error-rule-case")
                .with("expected", case.expect)
                .with("amount", cost.amount),
            Err(unpriced) => unpriced.text(),
        };
        faults.add(span, &format!("case “{}”", case.what), text);
    }
    unless_faulty(rule, faults)
}

/// Reads a rule file that is to be published: [`check`], and it must have an example.
///
/// # Errors
/// Everything that is wrong with it.
pub fn ready(source: &str) -> Result<Rule, Vec<RuleFault>> {
    let rule = check(source)?;
    let mut faults = Faults::of(source);
    if rule.cases.is_empty() {
        let end = source.trim_end().len();
        faults.add(end..end, "case", Text::new("error-rule-no-cases"));
    }
    unless_faulty(rule, faults)
}

/// The text of a rule file.
///
/// # Errors
/// A refusal for a file that is not UTF-8, as old editors write it.
pub fn text_of(file: Vec<u8>) -> Result<String, Error> {
    let text = String::from_utf8(file);
    text.map_err(|_| Error::refused(Text::new("error-rule-not-utf8")))
}

fn unless_faulty(rule: Rule, faults: Faults<'_>) -> Result<Rule, Vec<RuleFault>> {
    let found = faults.into_found();
    if found.is_empty() {
        Ok(rule)
    } else {
        Err(found)
    }
}

/// A file under way: what is wrong with it so far, and the facts that it has declared.
struct Reader<'s> {
    faults: Faults<'s>,
    facts: Vec<FactRule>,
    /// Where each example stands.
    examples: Vec<Range<usize>>,
}

impl Reader<'_> {
    fn file(&mut self, source: &str) -> Rule {
        let table = match DeTable::parse(source) {
            Ok(table) => table,
            Err(error) => {
                let text = Text::new("error-rule-toml").with("message", error.message());
                self.faults.add(error.span().unwrap_or(0..0), "file", text);
                return Rule::empty();
            }
        };
        let mut file = Section::of(table.get_ref(), 0..0, "");
        let rule = self.rule(&mut file);
        file.finish(&mut self.faults);
        rule
    }

    fn rule(&mut self, file: &mut Section<'_, '_>) -> Rule {
        let name = file.needed("name", &mut self.faults);
        let act = file.text("act", &mut self.faults);
        let applies = self.applies(file);
        let (siblings, sibling_groups) = self.siblings(file);
        for section in file.sections("fact", MOST, &mut self.faults) {
            let fact = self.fact(section);
            self.facts.extend(fact);
        }
        let rounding = self.rounding(file);
        let mut components: Vec<Component> = Vec::new();
        for section in file.sections("component", MOST, &mut self.faults) {
            let span = section.span.clone();
            let component = self.component(section, rounding);
            if components.iter().any(|c| c.code == component.code) {
                let place = format!("component {}", component.code);
                let text = Text::new("error-rule-component-twice");
                self.faults.add(span, &place, text);
            }
            components.push(component);
        }
        if components.is_empty() && !file.has("component") && !file.misspells(&["component"]) {
            self.faults
                .add(0..0, "file", Text::new("error-rule-no-components"));
        }
        let modifiers = file.sections("modifier", MOST, &mut self.faults);
        let modifiers = modifiers.into_iter();
        let modifiers = modifiers
            .map(|section| self.modifier(section, &components))
            .collect();
        let aids = file.sections("aid", MOST, &mut self.faults);
        let aids = aids.into_iter().map(|section| self.aid(section)).collect();
        let instalments = self.instalments(file);
        let cases = file.sections("case", 500, &mut self.faults);
        self.examples = cases.iter().map(|section| section.span.clone()).collect();
        let cases = cases
            .into_iter()
            .map(|section| self.case(section))
            .collect();
        Rule {
            name,
            act,
            applies,
            version: 0,
            siblings,
            sibling_groups,
            components,
            modifiers,
            limits: self.limits(file),
            aids,
            rounding,
            instalments,
            top_up: self.top_up(file),
            cases,
            facts: std::mem::take(&mut self.facts),
        }
    }

    fn inner<'t, 'a>(
        &mut self,
        section: &mut Section<'t, 'a>,
        key: &'static str,
    ) -> Option<Section<'t, 'a>> {
        let value = section.take(key)?;
        Section::of_value(value, &section.at(key), &mut self.faults)
    }

    fn limits(&mut self, file: &mut Section<'_, '_>) -> Limits {
        let most = file.price("at_most", &mut self.faults);
        let least = self.least(file, most.as_ref());
        Limits { least, most }
    }

    fn applies(&mut self, file: &mut Section<'_, '_>) -> Option<Applies> {
        let mut section = self.inner(file, "applies")?;
        let service = section.needed("service", &mut self.faults);
        let from = section.needed("from", &mut self.faults);
        let day = from.parse::<Date>();
        if day.is_err() && !from.is_empty() {
            let text = Text::new("error-rule-date");
            self.faults
                .add(section.span.clone(), &section.at("from"), text);
        }
        section.finish(&mut self.faults);
        Some(Applies {
            service,
            from: day.ok()?,
        })
    }
}

/// The day of every example: prices that change with the month say `month` themselves.
const EXAMPLE_DAY: Date = Date::constant(2000, 1, 1);

/// The ISEE of an example: it is valid.
pub(super) fn example_isee(value: Cents) -> IseeFact {
    IseeFact {
        value,
        protocol: String::new(),
        valid_from: EXAMPLE_DAY,
        valid_to: EXAMPLE_DAY,
    }
}

/// What an example or a case is priced on before anything is said.
pub(super) fn example_facts() -> Facts {
    Facts::on(EXAMPLE_DAY)
}

#[cfg(test)]
mod tests;
