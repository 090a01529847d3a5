//! What one unit costs: a price, bands of the ISEE, or a table by another fact, one in another.

use toml::de::DeValue;

use super::Reader;
use super::conditions::key;
use super::reader::{Section, Value, amount, price, text};
use crate::base::{Cents, Text};
use crate::tariffs::Price;
use crate::tariffs::bands::{Base, ByFact, InBand, IseeBands, Key, Line};
use crate::tariffs::facts::{Range, Value as FactValue};

/// Tables stand in tables so deep, and no deeper.
const DEEPEST: usize = 6;

impl Reader<'_> {
    /// The base of a component, out of its `price`, `bands` or `by`.
    pub(super) fn base(&mut self, section: &mut Section<'_, '_>, depth: usize) -> Base {
        let price = section.take("price");
        let bands = section.take("bands");
        let no_isee = section.take("no_isee");
        let by = section.take("by");
        let rows = section.take("is");
        let other = section.take("other");
        let place = section.place.clone();
        let span = section.span.clone();
        let fixed = Base::Fixed(Price::zero());
        if depth > DEEPEST {
            self.faults
                .add(span, &place, Text::new("error-rule-too-deep"));
            return fixed;
        }
        if bands.is_none()
            && let Some(no_isee) = no_isee
        {
            let text = Text::new("error-rule-no-isee-alone");
            self.faults
                .add(no_isee.span(), &section.at("no_isee"), text);
        }
        match (price, bands, by, rows) {
            (Some(price), None, None, None) => self.node(price, &section.at("price"), depth + 1),
            (None, Some(bands), None, None) => {
                let no_isee = match no_isee {
                    Some(no_isee) => self.node(no_isee, &section.at("no_isee"), depth + 1),
                    None if section.misspells(&["no_isee"]) => fixed,
                    None => {
                        let text = Text::new("error-rule-no-isee-missing");
                        self.faults.add(span, &place, text);
                        fixed
                    }
                };
                self.bands(bands, no_isee, &place, depth)
            }
            (None, None, Some(by), Some(rows)) => {
                let other = other.map(|other| self.node(other, &section.at("other"), depth + 1));
                self.table(by, rows, other, &place, depth)
            }
            (None, None, None, None) if section.misspells(&["price", "bands", "by", "is"]) => fixed,
            _ => {
                self.faults.add(span, &place, Text::new("error-rule-base"));
                fixed
            }
        }
    }

    /// A price in quotes, or a table that says how to find it.
    fn node(&mut self, value: &Value<'_>, place: &str, depth: usize) -> Base {
        match value.get_ref() {
            DeValue::Table(table) => {
                let mut section = Section::of(table, value.span(), place);
                let base = self.base(&mut section, depth);
                section.finish(&mut self.faults);
                base
            }
            _ => Base::Fixed(price(value, place, &mut self.faults)),
        }
    }

    fn bands(&mut self, value: &Value<'_>, no_isee: Base, place: &str, depth: usize) -> Base {
        let fixed = Base::Fixed(Price::zero());
        let Some(list) = value.get_ref().as_array() else {
            let text = Text::new("error-rule-not-a-list");
            self.faults.add(value.span(), place, text);
            return fixed;
        };
        let mut below = Vec::new();
        let mut spans = Vec::new();
        let mut above = None;
        let mut previous = None;
        for (number, value) in (1_usize..).zip(list.iter()) {
            let place = format!("{place}, band {number}");
            let Some(mut band) = Section::of_value(value, &place, &mut self.faults) else {
                continue;
            };
            let to = band.take("to");
            let bound = to.map(|to| amount(to, &band.at("to"), &mut self.faults));
            let inside = self.in_band(&mut band, previous, bound, depth);
            band.finish(&mut self.faults);
            previous = bound;
            match (to, bound) {
                (Some(to), Some(bound)) => {
                    below.push((bound, inside));
                    spans.push((to.span(), place));
                }
                _ if number == list.len() => above = Some(inside),
                _ => {
                    let text = Text::new("error-rule-band-open");
                    self.faults.add(value.span(), &place, text);
                }
            }
        }
        let Some(above) = above else {
            let last = list.iter().last().map_or(value.span(), |band| band.span());
            let text = Text::new("error-rule-band-last");
            self.faults.add(last, place, text);
            return fixed;
        };
        match IseeBands::new(below, above, no_isee) {
            Ok(bands) => Base::Isee(bands),
            Err(wrong) => {
                let (span, place) = spans
                    .get(wrong)
                    .cloned()
                    .unwrap_or((value.span(), place.to_owned()));
                let text = Text::new("error-rule-band-order");
                self.faults.add(span, &place, text);
                fixed
            }
        }
    }

    /// `price = "2.55"`, a table of its own, or `line = ["2.00", "5.00"]` from the bound before (or
    /// from `from`) to the band's own.
    fn in_band(
        &mut self,
        band: &mut Section<'_, '_>,
        previous: Option<Cents>,
        bound: Option<Cents>,
        depth: usize,
    ) -> InBand {
        let line = band.take("line");
        let from = band.take("from");
        let Some(line) = line else {
            if let Some(from) = from {
                let text = Text::new("error-rule-from-without-line");
                self.faults.add(from.span(), &band.at("from"), text);
            }
            return InBand::Flat(self.base(band, depth + 1));
        };
        let place = band.at("line");
        let flat = InBand::Flat(Base::Fixed(Price::zero()));
        let ends = line.get_ref().as_array();
        let ends: Vec<&Value<'_>> = ends.map(|list| list.iter().collect()).unwrap_or_default();
        let ([first, last], Some(to)) = (ends.as_slice(), bound) else {
            self.faults
                .add(line.span(), &place, Text::new("error-rule-line"));
            return flat;
        };
        let first = price(first, &place, &mut self.faults);
        let last = price(last, &place, &mut self.faults);
        let given = from.map(|from| amount(from, &band.at("from"), &mut self.faults));
        let from = given.or(previous).unwrap_or(Cents::ZERO);
        if from >= to || previous.is_some_and(|previous| from < previous) {
            self.faults
                .add(line.span(), &place, Text::new("error-rule-line-from"));
            return flat;
        }
        InBand::Line(Line {
            from,
            to,
            first,
            last,
        })
    }

    /// `by = "grade"` and `is = { infanzia = "5.00" }`; with several facts, one table in another.
    fn table(
        &mut self,
        by: &Value<'_>,
        rows: &Value<'_>,
        other: Option<Base>,
        place: &str,
        depth: usize,
    ) -> Base {
        let mut facts = Vec::new();
        match by.get_ref() {
            DeValue::Array(list) => {
                for value in list {
                    facts.extend(text(value, place, &mut self.faults));
                }
            }
            _ => facts.extend(text(by, place, &mut self.faults)),
        }
        if facts.is_empty() && by.get_ref().as_array().is_some_and(|list| list.is_empty()) {
            let text = Text::new("error-rule-by-empty");
            self.faults.add(by.span(), place, text);
            return Base::Fixed(Price::zero());
        }
        for fact in &facts {
            self.kind_of(fact, by.span(), place);
        }
        self.rows(&facts, rows, other, place, depth)
    }

    fn possible_key(&mut self, fact: &str, key: &Key, span: std::ops::Range<usize>, place: &str) {
        match key {
            Key::Is(value) => self.possible(fact, value, span, place),
            Key::Within(range) => {
                for end in [range.from, range.to].into_iter().flatten() {
                    self.possible(fact, &FactValue::Number(end), span.clone(), place);
                }
            }
        }
    }

    fn rows(
        &mut self,
        facts: &[String],
        rows: &Value<'_>,
        other: Option<Base>,
        place: &str,
        depth: usize,
    ) -> Base {
        let fixed = Base::Fixed(Price::zero());
        let Some((fact, inner)) = facts.split_first() else {
            return self.node(rows, place, depth + 1);
        };
        let Some(table) = rows.get_ref().as_table() else {
            let text = Text::new("error-rule-rows").with("fact", fact.as_str());
            self.faults.add(rows.span(), place, text);
            return fixed;
        };
        let kind = self.facts_known(fact);
        let faults_before = self.faults.count();
        let mut found: Vec<(Key, Base)> = Vec::new();
        for (name, value) in table {
            let place = format!("{place}, {fact} {}", name.get_ref());
            let key = kind.and_then(|kind| key(fact, kind, name.get_ref()));
            let Some(key) = key else {
                if kind.is_some() {
                    let text = Text::new("error-rule-row-key").with("fact", fact.as_str());
                    self.faults.add(name.span(), &place, text);
                }
                continue;
            };
            if found.iter().any(|(before, _)| overlap(before, &key)) {
                let text = Text::new("error-rule-row-twice");
                self.faults.add(name.span(), &place, text);
            }
            self.possible_key(fact, &key, name.span(), &place);
            let base = if inner.is_empty() {
                self.node(value, &place, depth + 1)
            } else {
                self.rows(inner, value, None, &place, depth + 1)
            };
            found.push((key, base));
        }
        if found.is_empty() {
            let text = Text::new("error-rule-rows").with("fact", fact.as_str());
            self.faults.add(rows.span(), place, text);
        }
        // One mistake, one fault: a row that could not be read is missing too.
        if other.is_none() && self.faults.count() == faults_before && !whole(&found) {
            let text = Text::new("error-rule-row-gap").with("fact", fact.as_str());
            self.faults.doubt(rows.span(), place, text);
        }
        Base::By(ByFact {
            fact: fact.clone(),
            rows: found,
            other: other.map(Box::new),
        })
    }
}

/// Whether a table of numbers has no gap between its first and its last row, and one of flags both.
fn whole(rows: &[(Key, Base)]) -> bool {
    let flag = |wanted: bool| {
        let mut keys = rows.iter().map(|(key, _)| key);
        keys.any(|key| *key == Key::Is(FactValue::Flag(wanted)))
    };
    let mut ranges: Vec<Range> = rows
        .iter()
        .filter_map(|(key, _)| match key {
            Key::Within(range) => Some(*range),
            Key::Is(_) => None,
        })
        .collect();
    ranges.sort_by_key(|range| range.from);
    let touch = |pair: &[Range]| match (pair[0].to, pair[1].from) {
        (Some(to), Some(from)) => to.checked_add(1).is_none_or(|next| next >= from),
        _ => true,
    };
    ranges.windows(2).all(touch) && flag(true) == flag(false)
}

fn overlap(one: &Key, other: &Key) -> bool {
    match (one, other) {
        (Key::Within(one), Key::Within(other)) => one.meets(*other),
        (one, other) => one == other,
    }
}
