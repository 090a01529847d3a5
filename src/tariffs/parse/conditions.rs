//! Facts that a rule declares, and conditions on facts.

use std::ops::Range as Span;

use toml::de::DeValue;

use super::Reader;
use super::reader::{Faults, Section, Value as TomlValue, amount, count, number, text};
use crate::base::{Cents, Text};
use crate::tariffs::bands::Key;
use crate::tariffs::facts::{FactKind, FactRule, FactSource, Range, Value, known, known_names};
use crate::tariffs::rule::Sum;
use crate::tariffs::when::{Test, When};

/// The row that a key of a table stands for: numbers as `3`, `3+` or `3-5`.
pub(super) fn key(fact: &str, kind: FactKind, text: &str) -> Option<Key> {
    match kind {
        FactKind::Number => Range::parse(text).map(Key::Within),
        FactKind::Choice => Some(Key::Is(word(fact, text))),
        FactKind::Amount => None,
        FactKind::Flag => match text {
            "yes" => Some(Key::Is(Value::Flag(true))),
            "no" => Some(Key::Is(Value::Flag(false))),
            _ => None,
        },
    }
}

/// A word as Campanella writes it: a ministry's name of the grade is its own.
pub(in crate::tariffs) fn word(fact: &str, text: &str) -> Value {
    match (fact, text) {
        ("grade", "secondaria1") => Value::from("secondaria"),
        _ => Value::from(text),
    }
}

impl Reader<'_> {
    pub(super) fn facts_known(&self, name: &str) -> Option<FactKind> {
        let declared = self.facts.iter().find(|fact| fact.code == name);
        declared.map(|fact| fact.kind).or_else(|| known(name))
    }

    /// The kind of a fact; one that nobody knows is a fault.
    pub(super) fn kind_of(
        &mut self,
        name: &str,
        span: Span<usize>,
        place: &str,
    ) -> Option<FactKind> {
        let kind = self.facts_known(name);
        if kind.is_none() {
            let names: Vec<&str> = known_names().collect();
            let text = Text::new("error-rule-unknown-fact")
                .with("fact", name)
                .with("known", names.join(", "));
            self.faults.add(span, place, text);
        }
        kind
    }

    /// A price in quotes, or the name of a fact whose values are amounts.
    pub(super) fn sum(&mut self, section: &mut Section<'_, '_>, key: &'static str) -> Option<Sum> {
        let value = section.take(key)?;
        let named = value.get_ref().as_str();
        let named = named.filter(|name| name.starts_with(|first: char| first.is_ascii_lowercase()));
        let Some(name) = named else {
            return section.price(key, &mut self.faults).map(Sum::Fixed);
        };
        let place = section.at(key);
        match self.kind_of(name, value.span(), &place)? {
            FactKind::Amount => Some(Sum::Fact(name.to_owned())),
            _ => {
                let text = Text::new("error-rule-fact-no-amount").with("fact", name);
                self.faults.add(value.span(), &place, text);
                None
            }
        }
    }

    /// A fact that must be a number: what counts something.
    pub(super) fn number_fact(
        &mut self,
        section: &mut Section<'_, '_>,
        key: &'static str,
    ) -> Option<String> {
        let value = section.take(key)?;
        let place = section.at(key);
        let name = text(value, &place, &mut self.faults)?;
        match self.kind_of(&name, value.span(), &place) {
            Some(FactKind::Number) => Some(name),
            Some(_) => {
                let text = Text::new("error-rule-fact-no-number").with("fact", name);
                self.faults.add(value.span(), &place, text);
                None
            }
            None => None,
        }
    }

    /// `when = { … }`; an empty condition where there is none.
    pub(super) fn when(&mut self, section: &mut Section<'_, '_>) -> When {
        match section.take("when") {
            Some(value) => self.condition(value, &section.at("when")),
            None => When::default(),
        }
    }

    fn condition(&mut self, value: &TomlValue<'_>, place: &str) -> When {
        let Some(table) = value.get_ref().as_table() else {
            let text = Text::new("error-rule-not-a-table");
            self.faults.add(value.span(), place, text);
            return When::default();
        };
        let mut tests = Vec::new();
        for (name, value) in table {
            let place = format!("{place}, {}", name.get_ref());
            let test = match name.get_ref().as_ref() {
                "isee" => self.isee_test(value, &place),
                "not" => Some(Test::Not {
                    all: self.condition(value, &place),
                }),
                fact => {
                    let kind = self.kind_of(fact, name.span(), &place);
                    kind.and_then(|kind| self.test(fact, kind, value, &place))
                }
            };
            tests.extend(test.map(|test| (name.get_ref().to_string(), test)));
        }
        When(tests)
    }

    fn isee_test(&mut self, value: &TomlValue<'_>, place: &str) -> Option<Test> {
        match value.get_ref() {
            DeValue::String(text) if text == "valid" => Some(Test::HasIsee { valid: true }),
            DeValue::String(text) if text == "missing" => Some(Test::HasIsee { valid: false }),
            DeValue::Table(table) => {
                let mut section = Section::of(table, value.span(), place);
                let from = section.amount("from", &mut self.faults);
                let to = section.amount("to", &mut self.faults);
                section.finish(&mut self.faults);
                Some(Test::Isee { from, to })
            }
            _ => {
                let text = Text::new("error-rule-isee-test");
                self.faults.add(value.span(), place, text);
                None
            }
        }
    }

    fn test(
        &mut self,
        fact: &str,
        kind: FactKind,
        value: &TomlValue<'_>,
        place: &str,
    ) -> Option<Test> {
        match value.get_ref() {
            DeValue::Table(table) if kind == FactKind::Number => {
                let mut section = Section::of(table, value.span(), place);
                let from = section.count("from", &mut self.faults);
                let to = section.count("to", &mut self.faults);
                section.finish(&mut self.faults);
                if (from.is_none() && to.is_none()) || from.zip(to).is_some_and(|(f, t)| f > t) {
                    let text = Text::new("error-rule-range");
                    self.faults.add(value.span(), place, text);
                }
                Some(Test::Lie {
                    within: Range { from, to },
                })
            }
            DeValue::Array(list) => {
                let one_of: Vec<Value> = list
                    .iter()
                    .filter_map(|value| fact_value(fact, kind, value, place, &mut self.faults))
                    .collect();
                Some(Test::Be { one_of })
            }
            _ => {
                let value = fact_value(fact, kind, value, place, &mut self.faults)?;
                Some(Test::Be {
                    one_of: vec![value],
                })
            }
        }
    }

    /// `[[fact]]`: it may speak of those before it only, so that none follows from itself.
    pub(super) fn fact(&mut self, mut section: Section<'_, '_>) -> Option<FactRule> {
        let code = section.needed("code", &mut self.faults);
        section.place = format!("fact {code}");
        let label = section.needed("label", &mut self.faults);
        let any_of = section.take("any_of");
        let isee_bands = section.take("isee_bands");
        let of = self.number_fact(&mut section, "of");
        let ranges = section.take("ranges");
        let kinds = [
            ("flag", FactKind::Flag),
            ("number", FactKind::Number),
            ("choice", FactKind::Choice),
            ("amount", FactKind::Amount),
        ];
        let kind = section.word("kind", &kinds, &mut self.faults);
        let place = section.place.clone();
        let span = section.span.clone();
        section.finish(&mut self.faults);
        let reserved = ["isee", "not"].contains(&code.as_str());
        if reserved || known(&code).is_some() || self.facts.iter().any(|fact| fact.code == code) {
            let text = Text::new("error-rule-fact-twice");
            self.faults.add(span, &place, text);
            return None;
        }
        let (kind, source) = match (kind, any_of, isee_bands, of.zip(ranges)) {
            (Some(kind), None, None, None) => (kind, FactSource::Recorded),
            (None, Some(any_of), None, None) => {
                let list = any_of.get_ref().as_array();
                let all = list.map(|list| list.iter().map(|c| self.condition(c, &place)).collect());
                (FactKind::Flag, FactSource::AnyOf(all.unwrap_or_default()))
            }
            (None, None, Some(bounds), None) => {
                let bounds = self.bounds(bounds, &place);
                (FactKind::Number, FactSource::IseeBand(bounds))
            }
            (None, None, None, Some((of, ranges))) => {
                let ranges = self.ranges(ranges, &place);
                (FactKind::Choice, FactSource::Ranges { of, ranges })
            }
            _ => {
                let text = Text::new("error-rule-fact-source");
                self.faults.add(span, &place, text);
                return None;
            }
        };
        Some(FactRule {
            code,
            label,
            kind,
            source,
        })
    }

    fn bounds(&mut self, value: &TomlValue<'_>, place: &str) -> Vec<Cents> {
        let list = value.get_ref().as_array();
        let bounds: Vec<Cents> = list
            .map(|list| {
                list.iter()
                    .map(|to| amount(to, place, &mut self.faults))
                    .collect()
            })
            .unwrap_or_default();
        if bounds.is_empty() || bounds.windows(2).any(|pair| pair[0] >= pair[1]) {
            let text = Text::new("error-rule-band-order");
            self.faults.add(value.span(), place, text);
        }
        bounds
    }

    fn ranges(&mut self, value: &TomlValue<'_>, place: &str) -> Vec<(Range, String)> {
        let names = value.get_ref().as_array();
        let mut ranges = Vec::new();
        for value in names.into_iter().flat_map(|list| list.iter()) {
            let name = text(value, place, &mut self.faults).unwrap_or_default();
            match Range::parse(&name) {
                Some(range) => ranges.push((range, name)),
                None => {
                    let text = Text::new("error-rule-row-key").with("fact", name);
                    self.faults.add(value.span(), place, text);
                }
            }
        }
        ranges
    }
}

/// A value of a fact, as a condition or an example names it.
pub(super) fn fact_value(
    fact: &str,
    kind: FactKind,
    value: &TomlValue<'_>,
    place: &str,
    faults: &mut Faults<'_>,
) -> Option<Value> {
    let found = match (kind, value.get_ref()) {
        (FactKind::Flag, value) => value.as_bool().map(Value::Flag),
        (FactKind::Number, _) if number(value).is_some() => {
            count(value, place, faults).map(Value::Number)
        }
        (FactKind::Choice, value) => value.as_str().map(|text| word(fact, text)),
        (FactKind::Amount, DeValue::String(text)) => Cents::parse_decimal(text)
            .ok()
            .filter(|cents| *cents >= Cents::ZERO)
            .map(|cents| Value::Amount { cents }),
        _ => None,
    };
    if found.is_none() {
        let kind = match kind {
            FactKind::Flag => "flag",
            FactKind::Number => "number",
            FactKind::Choice => "choice",
            FactKind::Amount => "amount",
        };
        let text = Text::new("error-rule-fact-value").with("kind", kind);
        faults.add(value.span(), place, text);
    }
    found
}
