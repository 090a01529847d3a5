//! A TOML file read with the line of every value: what is wrong is collected, not thrown, so that
//! the office sees all faults of a rule at once.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::RuleFault;
use crate::base::{Cents, Text};
use crate::tariffs::{Percent, Price};

/// A value and where it stands.
pub(super) type Value<'a> = Spanned<DeValue<'a>>;

/// The faults found so far, and the text they are in.
pub(super) struct Faults<'a> {
    source: &'a str,
    found: Vec<RuleFault>,
}

impl<'a> Faults<'a> {
    pub(super) fn of(source: &'a str) -> Faults<'a> {
        Faults {
            source,
            found: Vec::new(),
        }
    }

    pub(super) fn into_found(mut self) -> Vec<RuleFault> {
        self.found.sort_by_key(|fault| fault.line);
        self.found
    }

    pub(super) fn add(&mut self, span: Range<usize>, place: &str, text: Text) {
        let before = self.source.get(..span.start).unwrap_or("");
        self.found.push(RuleFault {
            line: before.matches('\n').count() + 1,
            place: place.to_owned(),
            text,
        });
    }
}

/// A table of the file: its keys are taken one by one, and what is left over is a fault.
pub(super) struct Section<'t, 'a> {
    table: &'t DeTable<'a>,
    pub(super) span: Range<usize>,
    /// What it is, for messages: `component meal`.
    pub(super) place: String,
    known: Vec<&'static str>,
}

impl<'t, 'a> Section<'t, 'a> {
    pub(super) fn of(table: &'t DeTable<'a>, span: Range<usize>, place: &str) -> Section<'t, 'a> {
        Section {
            table,
            span,
            place: place.to_owned(),
            known: Vec::new(),
        }
    }

    /// The section of a value that must be a table.
    pub(super) fn of_value(
        value: &'t Value<'a>,
        place: &str,
        faults: &mut Faults<'_>,
    ) -> Option<Section<'t, 'a>> {
        match value.get_ref().as_table() {
            Some(table) => Some(Section::of(table, value.span(), place)),
            None => {
                faults.add(value.span(), place, Text::new("error-rule-not-a-table"));
                None
            }
        }
    }

    pub(super) fn take(&mut self, key: &'static str) -> Option<&'t Value<'a>> {
        if !self.known.contains(&key) {
            self.known.push(key);
        }
        let found = self.table.iter().find(|(name, _)| name.get_ref() == key);
        found.map(|(_, value)| value)
    }

    /// Whether a key stands there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.iter().any(|(name, _)| name.get_ref() == key)
    }

    /// A list of texts; empty where there is none.
    pub(super) fn texts(&mut self, key: &'static str, faults: &mut Faults<'_>) -> Vec<String> {
        let Some(value) = self.take(key) else {
            return Vec::new();
        };
        let Some(list) = value.get_ref().as_array() else {
            faults.add(
                value.span(),
                &self.at(key),
                Text::new("error-rule-not-a-list"),
            );
            return Vec::new();
        };
        let place = self.at(key);
        list.iter()
            .filter_map(|value| text(value, &place, faults))
            .collect()
    }

    /// All of it, where every key may stand.
    pub(super) fn all(&self) -> impl Iterator<Item = (&'t Spanned<DeString<'a>>, &'t Value<'a>)> {
        self.table.iter()
    }

    /// The place of a key of it, for messages.
    pub(super) fn at(&self, key: &str) -> String {
        if self.place.is_empty() {
            key.to_owned()
        } else {
            format!("{}, {key}", self.place)
        }
    }

    /// Whatever was not taken is a fault that names what there could be.
    pub(super) fn finish(self, faults: &mut Faults<'_>) {
        for (name, _) in self.table {
            if !self.known.contains(&name.get_ref().as_ref()) {
                let text = Text::new("error-rule-unknown-key")
                    .with("key", name.get_ref().as_ref())
                    .with("known", self.known.join(", "));
                let place = if self.place.is_empty() {
                    "file"
                } else {
                    &self.place
                };
                faults.add(name.span(), place, text);
            }
        }
    }

    pub(super) fn text(&mut self, key: &'static str, faults: &mut Faults<'_>) -> Option<String> {
        let value = self.take(key)?;
        let text = text(value, &self.at(key), faults)?;
        Some(text.trim().to_owned())
    }

    /// A text that must be there and say something.
    pub(super) fn needed(&mut self, key: &'static str, faults: &mut Faults<'_>) -> String {
        let missing = self.take(key).is_none();
        let found = self.text(key, faults).unwrap_or_default();
        if missing || found.is_empty() {
            faults.add(
                self.span.clone(),
                &self.at(key),
                Text::new("error-required"),
            );
        }
        found
    }

    pub(super) fn count(&mut self, key: &'static str, faults: &mut Faults<'_>) -> Option<u32> {
        let value = self.take(key)?;
        count(value, &self.at(key), faults)
    }

    pub(super) fn price(&mut self, key: &'static str, faults: &mut Faults<'_>) -> Option<Price> {
        let value = self.take(key)?;
        Some(price(value, &self.at(key), faults))
    }

    pub(super) fn amount(&mut self, key: &'static str, faults: &mut Faults<'_>) -> Option<Cents> {
        let value = self.take(key)?;
        Some(amount(value, &self.at(key), faults))
    }

    pub(super) fn percent(
        &mut self,
        key: &'static str,
        faults: &mut Faults<'_>,
    ) -> Option<Percent> {
        let value = self.take(key)?;
        let parsed = value
            .get_ref()
            .as_str()
            .and_then(|text| Percent::parse(text).ok());
        if parsed.is_none() {
            faults.add(value.span(), &self.at(key), Text::new("error-rule-percent"));
        }
        parsed
    }

    /// One of some words.
    pub(super) fn word<T: Copy>(
        &mut self,
        key: &'static str,
        words: &[(&'static str, T)],
        faults: &mut Faults<'_>,
    ) -> Option<T> {
        let value = self.take(key)?;
        let found = value.get_ref().as_str().and_then(|text| {
            let found = words.iter().find(|(word, _)| *word == text);
            found.map(|(_, meaning)| *meaning)
        });
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let text = Text::new("error-rule-word").with("known", known.join(", "));
            faults.add(value.span(), &self.at(key), text);
        }
        found
    }

    /// The tables of `[[key]]`, each with its section.
    pub(super) fn sections(
        &mut self,
        key: &'static str,
        most: usize,
        faults: &mut Faults<'_>,
    ) -> Vec<Section<'t, 'a>> {
        let Some(value) = self.take(key) else {
            return Vec::new();
        };
        let Some(list) = value.get_ref().as_array() else {
            faults.add(value.span(), key, Text::new("error-rule-not-a-list"));
            return Vec::new();
        };
        if list.len() > most {
            let text = Text::new("error-rule-too-many").with("max", most);
            faults.add(value.span(), key, text);
        }
        let numbered = (1_usize..).zip(list.iter());
        numbered
            .filter_map(|(number, value)| {
                Section::of_value(value, &format!("{key} {number}"), faults)
            })
            .collect()
    }
}

pub(super) fn text(value: &Value<'_>, place: &str, faults: &mut Faults<'_>) -> Option<String> {
    let found = value.get_ref().as_str();
    if found.is_none() {
        faults.add(value.span(), place, Text::new("error-rule-not-a-text"));
    }
    found.map(str::to_owned)
}

pub(super) fn count(value: &Value<'_>, place: &str, faults: &mut Faults<'_>) -> Option<u32> {
    let found = number(value);
    if found.is_none() {
        faults.add(value.span(), place, Text::new("error-rule-not-a-count"));
    }
    found
}

/// A whole number from zero, if a value is one.
pub(super) fn number(value: &Value<'_>) -> Option<u32> {
    let integer = value.get_ref().as_integer()?;
    u32::from_str_radix(integer.as_str(), integer.radix()).ok()
}

pub(super) fn price(value: &Value<'_>, place: &str, faults: &mut Faults<'_>) -> Price {
    let parsed = value.get_ref().as_str().map(Price::parse_euros);
    match parsed {
        Some(Ok(price)) => price,
        _ => {
            faults.add(value.span(), place, Text::new("error-rule-price"));
            Price::zero()
        }
    }
}

pub(super) fn amount(value: &Value<'_>, place: &str, faults: &mut Faults<'_>) -> Cents {
    let parsed = value.get_ref().as_str().map(Cents::parse_decimal);
    match parsed {
        Some(Ok(amount)) if amount >= Cents::ZERO => amount,
        _ => {
            faults.add(value.span(), place, Text::new("error-rule-amount"));
            Cents::ZERO
        }
    }
}
