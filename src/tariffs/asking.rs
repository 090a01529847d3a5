//! What a rule wants to know before it can name a price: for forms that ask for it.

use std::collections::BTreeSet;

use super::bands::{Base, InBand, Key};
use super::facts::{FactRule, FactSource, Value};
use super::rule::Rule;
use super::when::{Test, When};

impl Rule {
    /// The words that it tells apart in a fact which is one of some words: those of its tables and
    /// conditions.
    pub fn words_of(&self, fact: &str) -> BTreeSet<String> {
        let mut words = BTreeSet::new();
        for component in &self.components {
            in_base(&component.base, fact, &mut words);
            in_when(&component.when, fact, &mut words);
            if let Some(prorata) = &component.prorata {
                in_when(&prorata.when, fact, &mut words);
            }
        }
        for modifier in &self.modifiers {
            in_when(&modifier.when, fact, &mut words);
        }
        for aid in &self.aids {
            in_when(&aid.when, fact, &mut words);
        }
        for declared in &self.facts {
            if let FactSource::AnyOf(any) = &declared.source {
                any.iter().for_each(|when| in_when(when, fact, &mut words));
            }
        }
        words
    }

    /// Whether an ISEE changes what it costs.
    pub fn asks_for_isee(&self) -> bool {
        let tested = |when: &When| when.0.iter().any(|(name, _)| name == "isee");
        let bands = self
            .components
            .iter()
            .any(|c| has_bands(&c.base) || tested(&c.when));
        let sorted = |fact: &FactRule| matches!(fact.source, FactSource::IseeBand(_));
        bands
            || self.modifiers.iter().any(|modifier| tested(&modifier.when))
            || self.aids.iter().any(|aid| tested(&aid.when))
            || self.facts.iter().any(sorted)
    }
}

fn in_base(base: &Base, fact: &str, words: &mut BTreeSet<String>) {
    match base {
        Base::Fixed(_) => {}
        Base::By(table) => {
            for (key, inside) in &table.rows {
                if let (true, Key::Is(Value::Word(word))) = (table.fact == fact, key) {
                    words.insert(word.clone());
                }
                in_base(inside, fact, words);
            }
            if let Some(other) = &table.other {
                in_base(other, fact, words);
            }
        }
        Base::Isee(bands) => {
            in_base(&bands.no_isee, fact, words);
            for place in 0.. {
                let (band, inside) = bands.band(place);
                if let InBand::Flat(inside) = inside {
                    in_base(inside, fact, words);
                }
                if band.to.is_none() {
                    break;
                }
            }
        }
    }
}

fn in_when(when: &When, fact: &str, words: &mut BTreeSet<String>) {
    for (name, test) in &when.0 {
        if let (true, Test::Be { one_of }) = (name == fact, test) {
            words.extend(one_of.iter().filter_map(|value| match value {
                Value::Word(word) => Some(word.clone()),
                _ => None,
            }));
        }
    }
}

fn has_bands(base: &Base) -> bool {
    match base {
        Base::Fixed(_) => false,
        Base::Isee(_) => true,
        Base::By(table) => {
            let other = table.other.as_deref();
            table
                .rows
                .iter()
                .map(|(_, inside)| inside)
                .chain(other)
                .any(has_bands)
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::tariffs::{Rule, parse};

    fn words(rule: &Rule, fact: &str) -> Vec<String> {
        rule.words_of(fact).into_iter().collect()
    }

    #[test]
    fn a_rule_names_the_words_that_it_knows() {
        let nido = parse(include_str!(
            "../../examples/tariffs/poggibonsi-trasporto.toml"
        ))
        .unwrap();
        assert_eq!(
            words(&nido, "grade"),
            ["infanzia", "primaria", "secondaria"]
        );
        assert!(nido.asks_for_isee());
        let bus = parse(include_str!(
            "../../examples/tariffs/mozzagrogna-trasporto.toml"
        ))
        .unwrap();
        assert_eq!(words(&bus, "trip"), ["both", "one_way"]);
        assert!(!bus.asks_for_isee());
    }
}
