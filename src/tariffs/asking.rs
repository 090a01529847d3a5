//! What a rule wants to know before it can name a price: for forms that ask for it.

use std::collections::BTreeSet;

use super::bands::{Base, InBand, Key};
use super::facts::{FactRule, FactSource, Value};
use super::rule::{Aid, Component, Modifier, Over, Rule, Sum};
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
        for instalment in &self.instalments {
            in_when(&instalment.when, fact, &mut words);
        }
        for declared in &self.facts {
            if let FactSource::AnyOf(any) = &declared.source {
                any.iter().for_each(|when| in_when(when, fact, &mut words));
            }
        }
        words
    }

    /// The facts that it asks for, as it names them: those of its conditions, tables, counts,
    /// modifiers, aid and instalments. What follows from others is asked for by those.
    pub fn asks_for(&self) -> BTreeSet<&str> {
        self.asked().facts
    }

    /// Whether an ISEE changes what it costs: by its bands, by a condition, or by a fact that follows
    /// from it.
    pub fn asks_for_isee(&self) -> bool {
        self.asked().isee
    }

    /// Whether something that is due for a period, whatever happens on its days, can only be computed
    /// when the period is over: its price, its count or what changes them depends on the days of use.
    pub fn needs_the_month(&self) -> bool {
        let fees = self.components.iter().filter(|c| !c.unit.is_daily());
        let mut asked = Asked::default();
        for component in fees {
            self.ask_component(component, &mut asked);
        }
        if asked.facts.is_empty() && !asked.isee {
            return false;
        }
        self.aids.iter().for_each(|aid| aid.ask(&mut asked));
        let asked = asked.followed(&self.facts);
        KNOWN_AT_THE_END
            .iter()
            .any(|fact| asked.facts.contains(fact))
    }

    /// The facts that its meals, days and hours ask for, with their modifiers and all aid: what a day
    /// that is charged by itself must know.
    pub fn days_ask_for(&self) -> BTreeSet<&str> {
        let mut asked = Asked::default();
        for component in self.components.iter().filter(|c| c.unit.is_daily()) {
            self.ask_component(component, &mut asked);
        }
        self.aids.iter().for_each(|aid| aid.ask(&mut asked));
        asked.followed(&self.facts).facts
    }

    fn asked(&self) -> Asked<'_> {
        let mut asked = Asked::default();
        for component in &self.components {
            self.ask_component(component, &mut asked);
        }
        self.aids.iter().for_each(|aid| aid.ask(&mut asked));
        let instalments = self.instalments.iter();
        instalments.for_each(|instalment| instalment.when.ask(&mut asked));
        asked.followed(&self.facts)
    }

    /// What a component depends on, its modifiers included.
    fn ask_component<'a>(&'a self, component: &'a Component, asked: &mut Asked<'a>) {
        component.ask(asked);
        let modifiers = self.modifiers.iter().filter(|m| m.concerns(component));
        modifiers.for_each(|modifier| modifier.ask(asked));
    }
}

/// What only the end of a period tells: how often the service was used, and on how many days it was
/// open.
const KNOWN_AT_THE_END: [&str; 7] = [
    "meals",
    "days_present",
    "hours",
    "opening_days",
    "absence_days",
    "consecutive_absence_days",
    "illness_days",
];

/// What nobody knows yet on a child's first day in the service: what only the end of a period tells,
/// and what is counted in it.
const NOT_KNOWN_AT_ENTRY: [&str; 7] = [
    "weeks",
    "months",
    "periods",
    "years",
    "times",
    "enrolled_days",
    "exit_day",
];

/// The facts of a condition that nobody knows yet on a child's first day in the service, with those
/// that `declared` facts follow from in their place.
pub(super) fn not_known_at_entry(when: &When, declared: &[FactRule]) -> Vec<&'static str> {
    let mut asked = Asked::default();
    when.ask(&mut asked);
    let asked = asked.followed(declared).facts;
    let later = KNOWN_AT_THE_END.into_iter().chain(NOT_KNOWN_AT_ENTRY);
    later.filter(|fact| asked.contains(fact)).collect()
}

/// What a part of a rule asks for.
#[derive(Default)]
pub(super) struct Asked<'a> {
    pub(super) facts: BTreeSet<&'a str>,
    pub(super) isee: bool,
}

impl<'a> Asked<'a> {
    /// With what declared facts follow from in their place. Later facts follow from earlier ones.
    fn followed(mut self, declared: &'a [FactRule]) -> Asked<'a> {
        for fact in declared.iter().rev() {
            match &fact.source {
                FactSource::Recorded | FactSource::Siblings { .. } => continue,
                _ if !self.facts.remove(fact.code.as_str()) => continue,
                FactSource::AnyOf(any) => any.iter().for_each(|when| when.ask(&mut self)),
                FactSource::Ranges { of, .. } => {
                    self.facts.insert(of);
                }
                FactSource::IseeBand(_) => self.isee = true,
            }
        }
        self
    }
}

impl Component {
    fn ask<'a>(&'a self, asked: &mut Asked<'a>) {
        let (usual, _) = self.unit.count();
        asked.facts.insert(self.count.as_deref().unwrap_or(usual));
        self.when.ask(asked);
        self.base.ask(asked);
        if self.non_resident.is_some() {
            asked.facts.insert("resident");
        }
        if let Some(prorata) = &self.prorata {
            prorata.when.ask(asked);
            asked.facts.insert(&prorata.of);
            if let Over::Fact(over) = &prorata.over {
                asked.facts.insert(over);
            }
        }
        let each = self.most_each.iter();
        asked.facts.extend(each.map(|(_, fact)| fact.as_str()));
    }
}

impl Modifier {
    fn ask<'a>(&'a self, asked: &mut Asked<'a>) {
        self.when.ask(asked);
        let each = self.each.iter();
        asked.facts.extend(each.map(|each| each.fact.as_str()));
        asked.facts.extend(self.less_of.as_deref());
    }
}

impl Aid {
    fn ask<'a>(&'a self, asked: &mut Asked<'a>) {
        self.when.ask(asked);
        asked
            .facts
            .extend(self.most_each.iter().map(|(_, fact)| fact.as_str()));
        if let Some(Sum::Fact(fact)) = &self.most {
            asked.facts.insert(fact);
        }
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
        if let Test::Not { all } = test {
            in_when(all, fact, words);
        }
        if let (true, Test::Be { one_of }) = (name == fact, test) {
            words.extend(one_of.iter().filter_map(|value| match value {
                Value::Word(word) => Some(word.clone()),
                _ => None,
            }));
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

    fn fee(rest: &str) -> Rule {
        let text = "name = \"x\"\n[[component]]\ncode = \"fee\"\nunit = \"month\"\n";
        parse(&format!("{text}{rest}")).unwrap_or_else(|faults| panic!("{rest}: {faults:?}"))
    }

    #[test]
    fn an_isee_is_asked_for_wherever_it_counts() {
        let derived = "price = \"10.00\"\n[[fact]]\ncode = \"poor\"\nlabel = \"x\"\nany_of = [{ isee = { to = \"5000.00\" } }]\n";
        let modifier = "[[modifier]]\nlabel = \"m\"\nwhen = { poor = true }\nless = \"1.00\"\n";
        for (rest, asked) in [
            ("price = \"10.00\"\n".to_owned(), false),
            (format!("{derived}{modifier}"), true),
            // A fact that nothing depends on changes nothing.
            (derived.to_owned(), false),
            (
                format!("{derived}[[aid]]\nby = \"x\"\nwhen = {{ poor = true }}\npercent = \"10\"\n"),
                true,
            ),
            (
                format!("{derived}{}", modifier.replace("poor = true", "isee = \"valid\"")),
                true,
            ),
            (
                "price = \"10.00\"\nprorata = { when = { isee = \"missing\" }, of = \"days_present\", over = \"opening_days\" }\n"
                    .to_owned(),
                true,
            ),
        ] {
            assert_eq!(fee(&rest).asks_for_isee(), asked, "{rest}");
        }
    }

    #[test]
    fn a_fee_that_depends_on_the_days_of_use_waits_for_them() {
        let often = "[[fact]]\ncode = \"often\"\nlabel = \"x\"\nof = \"days_present\"\nranges = [\"0-5\", \"6+\"]\n";
        let modifier = "[[modifier]]\nlabel = \"m\"\nwhen = { illness_days = { from = 5 } }\nless = \"1.00\"\n";
        let meal = "[[component]]\ncode = \"meal\"\nunit = \"meal\"\nprice = \"1.00\"\n";
        for (rest, waits) in [
            ("price = \"10.00\"\n".to_owned(), false),
            (format!("price = \"10.00\"\n{meal}"), false),
            (
                format!("price = \"10.00\"\n{meal}{modifier}on = [\"meal\"]\n"),
                false,
            ),
            (format!("price = \"10.00\"\n{modifier}"), true),
            (
                "by = \"days_present\"\nis = { \"0\" = \"1.00\", \"1+\" = \"2.00\" }\n".to_owned(),
                true,
            ),
            (
                format!("by = \"often\"\nis = {{ \"0-5\" = \"1.00\", \"6+\" = \"2.00\" }}\n{often}"),
                true,
            ),
            ("price = \"10.00\"\ncount = \"meals\"\n".to_owned(), true),
            (
                "price = \"10.00\"\nprorata = { of = \"days_present\", over = \"opening_days\" }\n".to_owned(),
                true,
            ),
            (
                "price = \"10.00\"\nwhen = { absence_days = { to = 9 } }\n".to_owned(),
                true,
            ),
            (
                "price = \"10.00\"\n[[aid]]\nby = \"x\"\nat_most_each = \"1.00\"\neach = \"days_present\"\n"
                    .to_owned(),
                true,
            ),
            ("price = \"10.00\"\nwhen = { entry_day = { to = 15 } }\n".to_owned(), false),
        ] {
            assert_eq!(fee(&rest).needs_the_month(), waits, "{rest}");
        }
    }
}
