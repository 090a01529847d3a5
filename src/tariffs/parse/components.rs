//! `[[component]]`: what is counted, whom it concerns, what limits it and how it is rounded.

use super::Reader;
use super::reader::{Section, number};
use crate::base::Text;
use crate::tariffs::rule::{
    Component, Limits, NonResident, Over, Prorata, Rounding, RoundingPlace, Unit,
};
use crate::tariffs::{Price, RoundingMode};

impl Reader<'_> {
    /// How the rule rounds.
    pub(super) fn rounding(&mut self, file: &mut Section<'_, '_>) -> Rounding {
        let usual = Rounding::default();
        self.own_rounding(file, usual).unwrap_or(usual)
    }

    /// `rounding = { … }`, if there is one; what it leaves out is as usual.
    fn own_rounding(&mut self, section: &mut Section<'_, '_>, usual: Rounding) -> Option<Rounding> {
        let mut section = self.inner(section, "rounding")?;
        let modes = [
            ("half_up", RoundingMode::HalfUp),
            ("half_even", RoundingMode::HalfEven),
            ("up", RoundingMode::Up),
            ("down", RoundingMode::Down),
        ];
        let places = [
            ("unit", RoundingPlace::Unit),
            ("component", RoundingPlace::Component),
            ("total", RoundingPlace::Total),
        ];
        let mode = section.word("mode", &modes, &mut self.faults);
        let at = section.word("at", &places, &mut self.faults);
        let to = section.amount("to", &mut self.faults);
        if to.is_some_and(|to| !to.is_positive()) {
            let text = Text::new("error-rule-amount");
            self.faults
                .add(section.span.clone(), &section.at("to"), text);
        }
        section.finish(&mut self.faults);
        Some(Rounding {
            mode: mode.unwrap_or(usual.mode),
            at: at.unwrap_or(usual.at),
            to: to.filter(|to| to.is_positive()).unwrap_or(usual.to),
        })
    }

    pub(super) fn component(&mut self, mut section: Section<'_, '_>, usual: Rounding) -> Component {
        let code = section.needed("code", &mut self.faults);
        section.place = format!("component {code}");
        let label = section.text("label", &mut self.faults).unwrap_or_default();
        let unit = section.word("unit", &Unit::ALL, &mut self.faults);
        if section.take("unit").is_none() {
            let text = Text::new("error-required");
            self.faults
                .add(section.span.clone(), &section.at("unit"), text);
        }
        let count = self.number_fact(&mut section, "count");
        let when = self.when(&mut section);
        let non_resident = self.non_resident(&mut section);
        let after = section.count("after", &mut self.faults).unwrap_or(0);
        let most = section.count("most", &mut self.faults);
        let least = section.price("at_least", &mut self.faults);
        let (at_most, most_each) = self.component_most(&mut section);
        let rounding = self.component_rounding(&mut section, usual);
        let prorata = self.prorata(&mut section);
        let base = self.base(&mut section, 0);
        section.finish(&mut self.faults);
        Component {
            code,
            label,
            unit: unit.unwrap_or(Unit::Meal),
            count,
            when,
            base,
            non_resident,
            prorata,
            after,
            most,
            limits: Limits {
                least,
                most: at_most,
            },
            most_each,
            rounding,
        }
    }

    /// `at_most = "50.00"`, or for each unit of a fact: `at_most = { price = "12.00", each = "weeks" }`.
    fn component_most(
        &mut self,
        section: &mut Section<'_, '_>,
    ) -> (Option<Price>, Option<(Price, String)>) {
        let Some(value) = section.take("at_most") else {
            return (None, None);
        };
        if value.get_ref().as_table().is_none() {
            return (section.price("at_most", &mut self.faults), None);
        }
        let Some(mut inner) = self.inner(section, "at_most") else {
            return (None, None);
        };
        let price = inner.price("price", &mut self.faults);
        let each = self.number_fact(&mut inner, "each");
        if price.is_none() || !inner.has("each") {
            let text = Text::new("error-rule-most-each");
            self.faults.add(inner.span.clone(), &inner.place, text);
        }
        inner.finish(&mut self.faults);
        (None, price.zip(each))
    }

    /// A rounding of its own can't wait for the total.
    fn component_rounding(
        &mut self,
        section: &mut Section<'_, '_>,
        usual: Rounding,
    ) -> Option<Rounding> {
        let at = match usual.at {
            RoundingPlace::Total => RoundingPlace::Component,
            at => at,
        };
        let own = self.own_rounding(section, Rounding { at, ..usual })?;
        if own.at == RoundingPlace::Total {
            let text = Text::new("error-rule-rounding-total");
            let place = section.at("rounding");
            self.faults.add(section.span.clone(), &place, text);
        }
        Some(own)
    }

    fn non_resident(&mut self, section: &mut Section<'_, '_>) -> Option<NonResident> {
        let value = section.take("non_resident")?;
        if value.get_ref().as_str() == Some("no_isee") {
            return Some(NonResident::AsWithoutIsee);
        }
        let price = section.price("non_resident", &mut self.faults)?;
        Some(NonResident::Price(price))
    }

    fn prorata(&mut self, section: &mut Section<'_, '_>) -> Option<Prorata> {
        let mut inner = self.inner(section, "prorata")?;
        let when = self.when(&mut inner);
        let of = self.number_fact(&mut inner, "of");
        let over = match inner.take("over").and_then(number) {
            Some(parts) => Some(Over::Number(parts)).filter(|_| parts > 0),
            None => self.number_fact(&mut inner, "over").map(Over::Fact),
        };
        if of.is_none() || over.is_none() {
            let text = Text::new("error-rule-prorata");
            self.faults.add(inner.span.clone(), &inner.place, text);
        }
        inner.finish(&mut self.faults);
        let (of, over) = of.zip(over)?;
        Some(Prorata { when, of, over })
    }
}
