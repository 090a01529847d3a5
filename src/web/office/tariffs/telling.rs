//! A rule in plain Italian: what a resolution would say, sentence by sentence and row by row.

use serde::Serialize;

use super::wording::{
    band_word, capital, fact_word, money, rounding, span, unit_word, unsigned, value_word,
};
use crate::base::month_it;
use crate::tariffs::{
    Aid, Base, Component, Effect, InBand, Key, Modifier, NonResident, Over, Rule, SiblingGroup,
    Siblings, Sum, Test, Unit, Value, When,
};
use crate::web::cx::Cx;

/// A rule as pages tell it.
#[derive(Serialize)]
pub(super) struct Told {
    components: Vec<ToldComponent>,
    /// What changes prices, in order.
    modifiers: Vec<String>,
    /// Everything else: limits, rounding, siblings, aid, top-ups, instalments.
    rest: Vec<String>,
}

#[derive(Serialize)]
struct ToldComponent {
    title: String,
    /// What is counted, for whom, with which limits.
    notes: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    who: String,
    price: String,
}

/// What a fact must be, in words.
struct Teller<'a> {
    cx: &'a Cx,
    rule: &'a Rule,
}

/// Tells a rule.
pub(super) fn tell(cx: &Cx, rule: &Rule) -> Told {
    let teller = Teller { cx, rule };
    let components = rule.components.iter();
    Told {
        components: components.map(|c| teller.component(c)).collect(),
        modifiers: rule.modifiers.iter().map(|m| teller.modifier(m)).collect(),
        rest: teller.rest(),
    }
}

impl Teller<'_> {
    fn fact(&self, code: &str) -> String {
        fact_word(self.cx, Some(self.rule), code)
    }

    fn component(&self, component: &Component) -> ToldComponent {
        let unit = unit_word(component.unit);
        let title = match component.label.as_str() {
            "" => format!("Prezzo di un {unit}"),
            label => label.to_owned(),
        };
        let title = match (component.unit, component.label.is_empty()) {
            (Unit::Once, true) => "Prezzo, una volta sola".to_owned(),
            (Unit::Hour | Unit::Week, true) => format!("Prezzo di una {unit}"),
            _ => title,
        };
        let mut notes = vec![match component.unit {
            Unit::Once => "Si paga una volta sola.".to_owned(),
            _ => format!("Si paga per ogni {unit}."),
        }];
        if let Some(count) = &component.count {
            notes.push(format!("Si conta: {}.", self.fact(count)));
        }
        if !component.when.0.is_empty() {
            notes.push(format!("Solo se: {}.", self.when(&component.when)));
        }
        if let Some(prorata) = &component.prorata {
            let over = match &prorata.over {
                Over::Fact(fact) => self.fact(fact),
                Over::Number(number) => number.to_string(),
            };
            notes.push(format!(
                "Se ne paga una parte ({} su {over}){}.",
                self.fact(&prorata.of),
                match prorata.when.0.is_empty() {
                    true => String::new(),
                    false => format!(" quando: {}", self.when(&prorata.when)),
                }
            ));
        }
        if let Some(most) = component.most {
            notes.push(format!("Se ne contano al massimo {most}."));
        }
        if component.after > 0 {
            notes.push(format!("I primi {} non si pagano qui.", component.after));
        }
        if let Some(least) = &component.limits.least {
            notes.push(format!("Non dà meno di {}.", money(least)));
        }
        if let Some(most) = &component.limits.most {
            notes.push(format!("Non dà più di {}.", money(most)));
        }
        if let Some((most, fact)) = &component.most_each {
            notes.push(format!(
                "Non dà più di {} per ciascuna unità ({}).",
                money(most),
                self.fact(fact)
            ));
        }
        if let Some(own) = component.rounding {
            notes.push(rounding(own));
        }
        let mut rows = Vec::new();
        self.rows(&component.base, &[], &mut rows);
        match &component.non_resident {
            Some(NonResident::Price(price)) => rows.push(Row {
                who: "Non residenti".to_owned(),
                price: money(price),
            }),
            Some(NonResident::AsWithoutIsee) => rows.push(Row {
                who: "Non residenti".to_owned(),
                price: "come senza ISEE".to_owned(),
            }),
            None => {}
        }
        ToldComponent { title, notes, rows }
    }

    /// One row for each price, whatever stands in whatever.
    fn rows(&self, base: &Base, so_far: &[String], rows: &mut Vec<Row>) {
        let and = |more: String| [so_far, &[more]].concat();
        let mut row = |who: &[String], price: String| {
            let who = match who {
                [] => "Per tutti".to_owned(),
                parts => capital(&parts.join(", ")),
            };
            rows.push(Row { who, price });
        };
        match base {
            Base::Fixed(price) => row(so_far, money(price)),
            Base::By(table) => {
                for (key, base) in &table.rows {
                    self.rows(base, &and(self.key(&table.fact, key)), rows);
                }
                if let Some(other) = &table.other {
                    let who = format!("{}: negli altri casi", self.fact(&table.fact));
                    self.rows(other, &and(who), rows);
                }
            }
            Base::Isee(bands) => {
                for place in 0.. {
                    let (band, inside) = bands.band(place);
                    let who = and(band_word(band));
                    match inside {
                        InBand::Flat(base) => self.rows(base, &who, rows),
                        InBand::Line(line) => {
                            let price = format!(
                                "da {} a {}, in proporzione",
                                money(&line.first),
                                money(&line.last)
                            );
                            rows.push(Row {
                                who: capital(&who.join(", ")),
                                price,
                            });
                        }
                    }
                    if band.to.is_none() {
                        break;
                    }
                }
                self.rows(&bands.no_isee, &and("senza ISEE".to_owned()), rows);
            }
        }
    }

    fn key(&self, fact: &str, key: &Key) -> String {
        match (fact, key) {
            ("resident", Key::Is(Value::Flag(true))) => "residenti".to_owned(),
            ("resident", Key::Is(Value::Flag(false))) => "non residenti".to_owned(),
            (_, Key::Is(value)) => format!("{}: {}", self.fact(fact), value_word(value)),
            (_, Key::Within(range)) => {
                format!("{} {}", self.fact(fact), span(range.from, range.to))
            }
        }
    }

    fn when(&self, when: &When) -> String {
        let tests = when.0.iter();
        let told: Vec<String> = tests.map(|(fact, test)| self.test(fact, test)).collect();
        told.join("; ")
    }

    fn test(&self, fact: &str, test: &Test) -> String {
        match test {
            Test::Not { all } => format!("non se {}", self.when(all)),
            Test::HasIsee { valid: true } => "c’è un ISEE valido".to_owned(),
            Test::HasIsee { valid: false } => "non c’è un ISEE valido".to_owned(),
            Test::Isee { from, to } => match (from, to) {
                (Some(from), Some(to)) => format!("ISEE da {from} a {to}"),
                (Some(from), None) => format!("ISEE da {from} in su"),
                (None, Some(to)) => format!("ISEE fino a {to}"),
                (None, None) => "c’è un ISEE valido".to_owned(),
            },
            Test::Be { one_of } if fact == "month" => {
                let months = one_of.iter().map(|value| match value {
                    Value::Number(month) => {
                        month_it(i8::try_from(*month).unwrap_or_default()).to_owned()
                    }
                    other => value_word(other),
                });
                format!("nel mese di {}", months.collect::<Vec<_>>().join(" o "))
            }
            Test::Be { one_of } => match (fact, one_of.as_slice()) {
                ("resident", [Value::Flag(true)]) => "residenti".to_owned(),
                ("resident", [Value::Flag(false)]) => "non residenti".to_owned(),
                _ => {
                    let values: Vec<String> = one_of.iter().map(value_word).collect();
                    format!("{}: {}", self.fact(fact), values.join(" o "))
                }
            },
            Test::Lie { within } => {
                format!("{} {}", self.fact(fact), span(within.from, within.to))
            }
        }
    }

    fn modifier(&self, modifier: &Modifier) -> String {
        let what = match &modifier.effect {
            Effect::Less(_) if modifier.less_of.is_some() => {
                let fact = modifier.less_of.as_deref().unwrap_or_default();
                format!("in meno: {}", self.fact(fact))
            }
            Effect::Percent(percent) if percent.is_negative() => {
                format!("riduzione del {}\u{a0}%", unsigned(&percent.to_string()))
            }
            Effect::Percent(percent) => {
                format!("aumento del {}\u{a0}%", unsigned(&percent.to_string()))
            }
            Effect::Less(part) => format!("{} in meno", money(part)),
            Effect::More(part) => format!("{} in più", money(part)),
            Effect::Price(price) => format!("il prezzo è {}", money(price)),
            Effect::Shift(by) => match (*by < 0, by.unsigned_abs()) {
                (true, 1) => "si applica la fascia ISEE più bassa".to_owned(),
                (true, places) => format!("si scende di {places} fasce ISEE"),
                (false, 1) => "si applica la fascia ISEE più alta".to_owned(),
                (false, places) => format!("si sale di {places} fasce ISEE"),
            },
        };
        let concerned = self.rule.components.iter();
        let concerned = concerned.filter(|c| modifier.on.contains(&c.code));
        let names: Vec<String> = concerned
            .map(|c| match c.label.as_str() {
                "" => unit_word(c.unit).to_owned(),
                label => label.to_owned(),
            })
            .collect();
        let mut told = format!("{}: {what}", capital(&modifier.label));
        if modifier.of_base {
            told.push_str(", calcolato sul prezzo di partenza");
        }
        if let Some(each) = &modifier.each {
            told.push_str(&format!(", per ciascuno ({}", self.fact(&each.fact)));
            if each.after > 0 {
                told.push_str(&format!(", oltre i primi {}", each.after));
            }
            told.push(')');
        }
        if !names.is_empty() {
            told.push_str(&format!(", su: {}", names.join(", ")));
        }
        if !modifier.when.0.is_empty() {
            told.push_str(&format!(". Vale se: {}", self.when(&modifier.when)));
        }
        if let Some(group) = &modifier.group {
            told.push_str(&format!(
                ". Non si somma con gli altri del gruppo «{group}»: vale il migliore per la famiglia"
            ));
        }
        told.push('.');
        told
    }

    fn rest(&self) -> Vec<String> {
        let rule = self.rule;
        let mut all = Vec::new();
        if rule.asks_for().iter().any(|fact| is_about_siblings(fact)) {
            all.push(
                match rule.siblings {
                    Siblings::Users => "Contano i fratelli del nucleo che usano questo servizio.",
                    Siblings::SamePayer => {
                        "Contano i figli con lo stesso intestatario che usano questo servizio."
                    }
                    Siblings::AnyService => {
                        "Contano i fratelli del nucleo che usano un servizio qualsiasi del Comune."
                    }
                    Siblings::Minors => "Contano tutti i minori del nucleo.",
                }
                .to_owned(),
            );
        }
        for group in &rule.sibling_groups {
            all.push(self.siblings(group));
        }
        if let Some(least) = &rule.limits.least {
            all.push(format!("Nel periodo non si paga meno di {}.", money(least)));
        }
        if let Some(most) = &rule.limits.most {
            all.push(format!("Nel periodo non si paga più di {}.", money(most)));
        }
        all.extend(rule.aids.iter().map(|aid| self.aid(aid)));
        all.push(rounding(rule.rounding));
        let top_up = rule.top_up;
        if let Some(minimum) = top_up.minimum {
            all.push(format!("Si ricaricano almeno {minimum} per volta."));
        }
        if let Some(units) = top_up.first_units {
            all.push(format!(
                "La prima volta si ricaricano almeno {units} unità."
            ));
        }
        if let Some(units) = top_up.pack_units {
            all.push(format!("Si ricaricano blocchetti di {units} unità."));
        }
        all.extend(self.instalments());
        all
    }

    /// In which parts it is paid, a sentence for each condition; those of everybody else last.
    fn instalments(&self) -> Vec<String> {
        let mut groups: Vec<(&When, Vec<String>)> = Vec::new();
        for part in &self.rule.instalments {
            let percent = unsigned(&part.percent.to_string());
            let month = month_it(part.month);
            let told = format!("{percent}\u{a0}% entro il {} {month}", part.day);
            match groups.iter_mut().find(|(when, _)| **when == part.when) {
                Some((_, parts)) => parts.push(told),
                None => groups.push((&part.when, vec![told])),
            }
        }
        let alone = groups.len() == 1;
        groups.sort_by_key(|(when, _)| when.0.is_empty());
        let sentence = |(when, parts): (&When, Vec<String>)| {
            let parts = parts.join(", ");
            match (when.0.is_empty(), alone) {
                (true, true) => format!("Si paga a rate: {parts}."),
                (true, false) => format!("Tutti gli altri pagano a rate: {parts}."),
                (false, _) => format!("Si paga a rate, se {}: {parts}.", self.when(when)),
            }
        };
        groups.into_iter().map(sentence).collect()
    }

    fn siblings(&self, group: &SiblingGroup) -> String {
        let who = match group.who {
            Siblings::Users => "i fratelli del nucleo che usano",
            Siblings::SamePayer => "i figli con lo stesso intestatario che usano",
            Siblings::AnyService => "i fratelli del nucleo che usano un servizio qualsiasi",
            Siblings::Minors => "tutti i minori del nucleo",
        };
        let services = match (group.who, group.services.as_slice()) {
            (Siblings::AnyService | Siblings::Minors, _) => String::new(),
            (_, []) => " questo servizio".to_owned(),
            (_, services) => format!(" {}", services.join(", ")),
        };
        let first = match group.youngest_first {
            true => "dal più piccolo",
            false => "dal più grande",
        };
        format!(
            "{}: contano {who}{services}, {first}.",
            capital(&group.label)
        )
    }

    fn aid(&self, aid: &Aid) -> String {
        let mut told = format!(
            "{} paga il {}\u{a0}%",
            aid.by,
            unsigned(&aid.percent.to_string())
        );
        if let Some(most) = &aid.most {
            let most = match most {
                Sum::Fixed(price) => money(price),
                Sum::Fact(fact) => self.fact(fact),
            };
            told.push_str(&format!(", al massimo {most} nel periodo"));
        }
        if let Some((each, fact)) = &aid.most_each {
            told.push_str(&format!(
                ", al massimo {} per ({})",
                money(each),
                self.fact(fact)
            ));
        }
        if !aid.when.0.is_empty() {
            told.push_str(&format!(". Vale se: {}", self.when(&aid.when)));
        }
        told.push('.');
        told
    }
}

/// Whether a fact depends on which children count together.
pub(super) fn is_about_siblings(fact: &str) -> bool {
    ["child_order", "users_in_household"].contains(&fact)
}
