//! A rule file (TOML, amounts as quoted decimals) becomes a [`Rule`], or a list of faults that each
//! name their line and say what to write instead.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::rule::{Applies, Base, Case, Component, IseeSteps, Rounding, Rule, Unit};
use super::{Price, engine};
use crate::base::{Cents, Error, FieldError, Text};

/// A rule file has at most so many components, and examples.
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    name: Spanned<String>,
    act: Option<String>,
    applies: Option<Applies>,
    #[serde(default)]
    rounding: Rounding,
    #[serde(default)]
    component: Vec<Spanned<ComponentFile>>,
    #[serde(default)]
    case: Vec<Spanned<CaseFile>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ComponentFile {
    code: String,
    unit: Unit,
    price: Option<Spanned<String>>,
    bands: Option<Spanned<Vec<Spanned<BandFile>>>>,
    no_isee: Option<Spanned<String>>,
    non_resident: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BandFile {
    to: Option<Spanned<String>>,
    price: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    what: String,
    isee: Option<Spanned<String>>,
    #[serde(default = "yes")]
    resident: bool,
    #[serde(default = "one")]
    quantity: u32,
    expect: Spanned<String>,
}

fn yes() -> bool {
    true
}

fn one() -> u32 {
    1
}

/// Reads a rule file. Its examples are read, not yet tried: [`check`] does both.
///
/// # Errors
/// Everything that is wrong with it.
pub fn parse(source: &str) -> Result<Rule, Vec<RuleFault>> {
    let mut reader = Reader::of(source);
    let rule = reader.file();
    reader.unless_faulty(rule)
}

/// Reads a rule file and tries its examples: what can be published.
///
/// # Errors
/// Everything that is wrong with it, examples that do not hold included.
pub fn check(source: &str) -> Result<Rule, Vec<RuleFault>> {
    let rule = parse(source)?;
    let mut reader = Reader::of(source);
    for (number, case) in rule.cases.iter().enumerate() {
        let cost = engine::price_of_case(&rule, case).amount;
        if cost != case.expect {
            let text = Text::new("error-rule-case")
                .with("expected", case.expect)
                .with("amount", cost);
            let span = reader.span_of_case(number);
            reader.fault(span, &format!("case “{}”", case.what), text);
        }
    }
    reader.unless_faulty(rule)
}

struct Reader<'a> {
    source: &'a str,
    faults: Vec<RuleFault>,
}

impl<'a> Reader<'a> {
    fn of(source: &'a str) -> Reader<'a> {
        Reader {
            source,
            faults: Vec::new(),
        }
    }

    fn unless_faulty(self, rule: Rule) -> Result<Rule, Vec<RuleFault>> {
        if self.faults.is_empty() {
            Ok(rule)
        } else {
            Err(self.faults)
        }
    }

    /// Where an example stands: the header that opens it.
    fn span_of_case(&self, number: usize) -> Range<usize> {
        let header = self.source.match_indices("[[case]]").nth(number);
        header.map_or(0..0, |(at, text)| at..at + text.len())
    }

    fn file(&mut self) -> Rule {
        match toml::from_str(self.source) {
            Ok(file) => self.rule(file),
            Err(error) => {
                let text = Text::new("error-rule-toml").with("message", error.message());
                self.fault(error.span().unwrap_or(0..0), "file", text);
                Rule::empty()
            }
        }
    }

    fn fault(&mut self, span: Range<usize>, place: &str, text: Text) {
        let before = self.source.get(..span.start).unwrap_or("");
        self.faults.push(RuleFault {
            line: before.matches('\n').count() + 1,
            place: place.to_owned(),
            text,
        });
    }

    fn rule(&mut self, file: RuleFile) -> Rule {
        if file.name.get_ref().trim().is_empty() {
            self.fault(file.name.span(), "name", Text::new("error-required"));
        }
        if file.component.is_empty() {
            self.fault(0..0, "file", Text::new("error-rule-no-components"));
        }
        for (list, name) in [
            (file.component.len(), "component"),
            (file.case.len(), "case"),
        ] {
            if list > MOST {
                let text = Text::new("error-rule-too-many").with("max", MOST);
                self.fault(0..0, name, text);
            }
        }
        let mut components: Vec<Component> = Vec::new();
        for raw in file.component {
            let span = raw.span();
            let component = self.component(raw.into_inner(), span.clone());
            if components.iter().any(|c| c.code == component.code) {
                let place = format!("component {}", component.code);
                self.fault(span, &place, Text::new("error-rule-component-twice"));
            }
            components.push(component);
        }
        let cases = file.case.into_iter().map(|raw| self.case(raw.into_inner()));
        let cases = cases.collect();
        Rule {
            name: file.name.into_inner().trim().to_owned(),
            act: file.act,
            applies: file.applies,
            version: 0,
            components,
            rounding: file.rounding,
            cases,
        }
    }

    fn component(&mut self, raw: ComponentFile, span: Range<usize>) -> Component {
        let place = format!("component {}", raw.code);
        let no_isee = raw.no_isee.map(|text| self.price(&text, &place, "no_isee"));
        let non_resident = raw
            .non_resident
            .map(|text| self.price(&text, &place, "non_resident"));
        let base = match (raw.price, raw.bands) {
            (Some(price), None) => {
                if no_isee.is_some() {
                    self.fault(span, &place, Text::new("error-rule-no-isee-alone"));
                }
                Base::Fixed(self.price(&price, &place, "price"))
            }
            (None, Some(bands)) => {
                let no_isee = no_isee.unwrap_or_else(|| {
                    self.fault(span, &place, Text::new("error-rule-no-isee-missing"));
                    Price::zero()
                });
                self.steps(bands, no_isee, &place)
            }
            _ => {
                self.fault(span, &place, Text::new("error-rule-base"));
                Base::Fixed(Price::zero())
            }
        };
        Component {
            code: raw.code,
            unit: raw.unit,
            base,
            non_resident,
        }
    }

    fn steps(
        &mut self,
        bands: Spanned<Vec<Spanned<BandFile>>>,
        no_isee: Price,
        place: &str,
    ) -> Base {
        let whole = bands.span();
        let mut below = Vec::new();
        let mut spans = Vec::new();
        let mut above = None;
        let mut bands = bands.into_inner();
        let last = bands.pop();
        for (number, band) in (1..).zip(&bands) {
            let place = format!("{place}, band {number}");
            let price = self.price(&band.get_ref().price, &place, "price");
            match &band.get_ref().to {
                Some(to) => {
                    below.push((self.amount(to, &place, "to"), price));
                    spans.push((to.span(), place));
                }
                None => self.fault(band.span(), &place, Text::new("error-rule-band-open")),
            }
        }
        match last {
            Some(band) if band.get_ref().to.is_none() => {
                let place = format!("{place}, band {}", bands.len() + 1);
                above = Some(self.price(&band.get_ref().price, &place, "price"));
            }
            Some(band) => self.fault(band.span(), place, Text::new("error-rule-band-last")),
            None => self.fault(whole.clone(), place, Text::new("error-rule-band-last")),
        }
        match IseeSteps::new(below, above.unwrap_or_else(Price::zero), no_isee) {
            Ok(steps) => Base::Isee(steps),
            Err(wrong) => {
                let (span, place) = spans
                    .get(wrong)
                    .cloned()
                    .unwrap_or((whole, place.to_owned()));
                self.fault(span, &place, Text::new("error-rule-band-order"));
                Base::Fixed(Price::zero())
            }
        }
    }

    fn case(&mut self, raw: CaseFile) -> Case {
        let place = format!("case “{}”", raw.what);
        Case {
            isee: raw.isee.map(|text| self.amount(&text, &place, "isee")),
            expect: self.amount(&raw.expect, &place, "expect"),
            what: raw.what,
            resident: raw.resident,
            quantity: raw.quantity,
        }
    }

    fn price(&mut self, text: &Spanned<String>, place: &str, field: &str) -> Price {
        Price::parse_euros(text.get_ref()).unwrap_or_else(|_| {
            let place = format!("{place}, {field}");
            self.fault(text.span(), &place, Text::new("error-rule-price"));
            Price::zero()
        })
    }

    fn amount(&mut self, text: &Spanned<String>, place: &str, field: &str) -> Cents {
        match Cents::parse_decimal(text.get_ref()) {
            Ok(amount) if amount >= Cents::ZERO => amount,
            _ => {
                let place = format!("{place}, {field}");
                self.fault(text.span(), &place, Text::new("error-rule-amount"));
                Cents::ZERO
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISSONE: &str = include_str!("../../tests/data/tariffs/lissone-mensa.toml");

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
            ("price = 4.50\n", 5, "error-rule-toml"),
            ("pryce = \"4.50\"\n", 5, "error-rule-toml"),
            ("", 2, "error-rule-base"),
            (
                "price = \"1\"\nno_isee = \"1\"\n",
                2,
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
        ] {
            let found = faults(&format!("{head}{rest}"));
            assert_eq!(found.len(), 1, "{rest}: {found:?}");
            assert_eq!((found[0].0, found[0].2), (line, key), "{rest}: {found:?}");
        }
        assert_eq!(faults("name = \"x\"\n")[0].2, "error-rule-no-components");
    }
}
