//! A rule file (TOML, amounts as quoted decimals) becomes a [`Rule`], or a list of faults that each
//! name their line and say what to write instead. The language is told in docs/tariffs.md.

mod base;
mod components;
mod conditions;
mod modifiers;
mod reader;
mod sections;
mod siblings;

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
    let mut reader = Reader {
        faults: Faults::of(source),
        facts: Vec::new(),
    };
    let rule = reader.file(source);
    unless_faulty(rule, reader.faults)
}

/// Reads a rule file and tries its examples: what can be published.
///
/// # Errors
/// Everything that is wrong with it, examples that do not hold included.
pub fn check(source: &str) -> Result<Rule, Vec<RuleFault>> {
    let rule = parse(source)?;
    let mut faults = Faults::of(source);
    for (number, case) in rule.cases.iter().enumerate() {
        let text = match engine::price(&rule, &case.facts, Part::Whole) {
            Ok(cost) if cost.amount == case.expect => continue,
            Ok(cost) => Text::new("error-rule-case")
                .with("expected", case.expect)
                .with("amount", cost.amount),
            Err(unpriced) => unpriced.text(),
        };
        let header = source.match_indices("[[case]]").nth(number);
        let span = header.map_or(0..0, |(at, text)| at..at + text.len());
        faults.add(span, &format!("case “{}”", case.what), text);
    }
    unless_faulty(rule, faults)
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
        if components.is_empty() {
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
            limits: Limits {
                least: file.price("at_least", &mut self.faults),
                most: file.price("at_most", &mut self.faults),
            },
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
mod tests {
    use super::*;

    const LISSONE: &str = include_str!("../../../tests/data/tariffs/lissone-mensa.toml");

    fn faults(source: &str) -> Vec<(usize, String, &'static str)> {
        let faults = check(source).unwrap_err();
        faults
            .into_iter()
            .map(|f| (f.line, f.place, f.text.key))
            .collect()
    }

    #[test]
    fn a_published_rule_is_read_and_its_examples_hold() {
        let rule = check(LISSONE).unwrap();
        assert_eq!(rule.components.len(), 1);
        assert_eq!(rule.cases.len(), 5);
    }

    #[test]
    fn an_example_that_fails_is_named_with_its_line() {
        let broken = LISSONE.replace("expect = \"58.40\"", "expect = \"58.41\"");
        let line = 1 + broken[..broken.find("ISEE 11000.01").unwrap()]
            .matches('\n')
            .count();
        let found = faults(&broken);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].2, "error-rule-case");
        assert!(found[0].0.abs_diff(line) <= 1, "{found:?} near {line}");
    }

    #[test]
    fn every_fault_says_where_it_is() {
        let head = "name = \"Mensa\"\n[[component]]\ncode = \"meal\"\nunit = \"meal\"\n";
        for (rest, line, key) in [
            ("price = \"-1\"\n", 5, "error-rule-price"),
            ("price = 4.50\n", 5, "error-rule-price"),
            (
                "pryce = \"4.50\"\nprice = \"1\"\n",
                5,
                "error-rule-unknown-key",
            ),
            ("", 2, "error-rule-base"),
            (
                "price = \"1\"\nno_isee = \"1\"\n",
                6,
                "error-rule-no-isee-alone",
            ),
            (
                "no_isee = \"4\"\nbands = [\n{to = \"1\", price = \"1\"}]\n",
                7,
                "error-rule-band-last",
            ),
            (
                "no_isee = \"4\"\nbands = [\n{price = \"1\"},\n{price = \"2\"}]\n",
                7,
                "error-rule-band-open",
            ),
            (
                "bands = [{price = \"1\"}]\n",
                2,
                "error-rule-no-isee-missing",
            ),
            (
                "no_isee = \"4\"\nbands = [{to = \"5.00\", price = \"1\"},\n{to = \"5.00\", price = \"2\"},{price = \"3\"}]\n",
                7,
                "error-rule-band-order",
            ),
            (
                "price = \"1\"\n[[component]]\ncode = \"meal\"\nunit = \"day\"\nprice = \"1\"\n",
                6,
                "error-rule-component-twice",
            ),
            (
                "price = \"1\"\n[[case]]\nwhat = \"x\"\nexpect = \"due\"\n",
                8,
                "error-rule-amount",
            ),
            ("unit = \"slice\"\n", 5, "error-rule-toml"),
            (
                "price = \"1\"\ncount = \"slices\"\n",
                6,
                "error-rule-unknown-fact",
            ),
            (
                "price = \"1\"\ncount = \"grade\"\n",
                6,
                "error-rule-fact-no-number",
            ),
            (
                "price = \"1\"\nwhen = { child_order = \"2\" }\n",
                6,
                "error-rule-fact-value",
            ),
            (
                "price = \"1\"\nwhen = { child_order = { from = 3, to = 2 } }\n",
                6,
                "error-rule-range",
            ),
            (
                "price = \"1\"\nwhen = { isee = 3 }\n",
                6,
                "error-rule-isee-test",
            ),
            ("by = \"grade\"\nis = {}\n", 6, "error-rule-rows"),
            (
                "by = \"child_order\"\nis = { \"1-2\" = \"1\", \"2+\" = \"2\" }\n",
                6,
                "error-rule-row-twice",
            ),
            (
                "by = \"resident\"\nis = { maybe = \"1\", yes = \"2\" }\n",
                6,
                "error-rule-row-key",
            ),
            (
                "no_isee = \"4\"\nbands = [{ to = \"9.00\", line = [\"1\"] }, { price = \"4\" }]\n",
                6,
                "error-rule-line",
            ),
            (
                "no_isee = \"4\"\nbands = [{ to = \"9.00\", from = \"10.00\", line = [\"1\", \"2\"] }, { price = \"4\" }]\n",
                6,
                "error-rule-line-from",
            ),
            (
                "price = \"1\"\n[[modifier]]\nlabel = \"x\"\npercent = \"-101\"\nless = \"1\"\n",
                8,
                "error-rule-percent",
            ),
            (
                "price = \"1\"\n[[modifier]]\nlabel = \"x\"\n",
                6,
                "error-rule-effect",
            ),
            (
                "price = \"1\"\n[[modifier]]\nlabel = \"x\"\nless = \"1\"\non = [\"fee\"]\n",
                9,
                "error-rule-modifier-on",
            ),
            (
                "price = \"1\"\n[[instalment]]\ndue = \"09-30\"\npercent = \"50\"\n",
                6,
                "error-rule-instalments",
            ),
            (
                "price = \"1\"\n[[fact]]\ncode = \"grade\"\nlabel = \"x\"\nkind = \"flag\"\n",
                6,
                "error-rule-fact-twice",
            ),
        ] {
            let found = faults(&format!("{head}{rest}"));
            assert_eq!(found.len(), 1, "{rest}: {found:?}");
            assert_eq!((found[0].0, found[0].2), (line, key), "{rest}: {found:?}");
        }
        assert_eq!(faults("name = \"x\"\n")[0].2, "error-rule-no-components");
    }
}
