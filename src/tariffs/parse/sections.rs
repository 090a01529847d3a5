//! The sections beside components and modifiers: aid, instalments, top-ups, examples.

use std::ops::Range as Span;

use super::conditions::fact_value;
use super::reader::Section;
use super::{EXAMPLE_DAY, MOST, Reader, example_isee};
use crate::base::{Cents, Date, Text};
use crate::tariffs::Percent;
use crate::tariffs::asking::not_known_at_entry;
use crate::tariffs::facts::{FactKind, Facts};
use crate::tariffs::rule::{Aid, Case, Instalment, TopUp};
use crate::tariffs::when::When;

impl Reader<'_> {
    pub(super) fn aid(&mut self, mut section: Section<'_, '_>) -> Aid {
        let by = section.needed("by", &mut self.faults);
        section.place = format!("aid “{by}”");
        let when = self.when(&mut section);
        let percent = section.percent("percent", &mut self.faults);
        let most = self.sum(&mut section, "at_most");
        let each = section.price("at_most_each", &mut self.faults);
        let fact = self.number_fact(&mut section, "each");
        let share = percent.unwrap_or(Percent::whole());
        let share = Some(share).filter(|share| share.is_a_part());
        if share.is_none() || each.is_some() != fact.is_some() {
            let text = Text::new("error-rule-aid");
            self.faults.add(section.span.clone(), &section.place, text);
        }
        section.finish(&mut self.faults);
        Aid {
            by,
            when,
            percent: share.unwrap_or(Percent::zero()),
            most,
            most_each: each.zip(fact),
        }
    }

    pub(super) fn instalments(&mut self, file: &mut Section<'_, '_>) -> Vec<Instalment> {
        let before = self.faults.count();
        let mut all: Vec<Instalment> = Vec::new();
        // Of each condition, in the order of the file, what its instalments make so far.
        let mut shares: Vec<(When, Percent, Span<usize>)> = Vec::new();
        for mut section in file.sections("instalment", MOST, &mut self.faults) {
            let when = self.when(&mut section);
            self.known_at_entry(&mut section, &when);
            let due = section.needed("due", &mut self.faults);
            // In a year without a 29 February, so that it falls due in every one.
            let day = format!("2023-{due}").parse::<Date>().ok();
            let percent = section.percent("percent", &mut self.faults);
            if !section.has("percent") {
                section.missing("percent", &mut self.faults);
            }
            let is_there = |day| {
                let mut all = all.iter();
                all.any(|one| one.when == when && one.is_due_on(day))
            };
            let wrong = match (day, percent) {
                (None, _) if !due.is_empty() => Some(("due", "error-rule-due")),
                (Some(day), _) if is_there(day) => Some(("due", "error-rule-due-twice")),
                (_, Some(percent)) if !percent.is_a_part() || percent == Percent::zero() => {
                    Some(("percent", "error-rule-instalment-percent"))
                }
                _ => None,
            };
            if let Some((key, wrong)) = wrong {
                let place = section.at(key);
                let text = Text::new(wrong);
                self.faults.doubt(section.span.clone(), &place, text);
            }
            let percent = percent.unwrap_or(Percent::zero());
            let span = section.span.clone();
            match shares.iter_mut().find(|(theirs, ..)| *theirs == when) {
                Some((_, share, last)) => {
                    *share = share.plus(percent);
                    *last = span;
                }
                None => shares.push((when.clone(), percent, span)),
            }
            let leap = || format!("2024-{due}").parse::<Date>().ok();
            all.extend(day.or_else(leap).map(|day| Instalment {
                when,
                month: day.month(),
                day: day.day(),
                percent,
            }));
            section.finish(&mut self.faults);
        }
        if self.faults.count() == before {
            self.make_the_whole(shares);
        }
        all
    }

    /// Whose instalments a child has is decided on its first day in the service: a condition on what
    /// is known later would never hold.
    fn known_at_entry(&mut self, section: &mut Section<'_, '_>, when: &When) {
        let later = not_known_at_entry(when, &self.facts);
        if let (Some(value), false) = (section.take("when"), later.is_empty()) {
            let text = Text::new("error-rule-instalment-late").with("facts", later.join(", "));
            self.faults.doubt(value.span(), &section.at("when"), text);
        }
    }

    /// Whatever is known of a child, its instalments make the whole: those of each condition do, and
    /// there are some for whom no condition holds.
    fn make_the_whole(&mut self, shares: Vec<(When, Percent, Span<usize>)>) {
        let everybody_else = shares.iter().any(|(when, ..)| when.0.is_empty());
        let last = shares.last().map(|(_, _, span)| span.clone());
        for (_, share, span) in shares {
            if share != Percent::whole() {
                let text = Text::new("error-rule-instalments");
                self.faults.add(span, "instalment", text);
            }
        }
        if let (false, Some(last)) = (everybody_else, last) {
            let text = Text::new("error-rule-instalments-others");
            self.faults.add(last, "instalment", text);
        }
    }

    pub(super) fn top_up(&mut self, file: &mut Section<'_, '_>) -> TopUp {
        let Some(mut section) = self.inner(file, "top_up") else {
            return TopUp::default();
        };
        let top_up = TopUp {
            minimum: section.amount("minimum", &mut self.faults),
            first_units: section.count("first_units", &mut self.faults),
            pack_units: section.count("pack_units", &mut self.faults),
        };
        section.finish(&mut self.faults);
        top_up
    }

    /// An example. `quantity` counts meals and days of presence at once; `with` says anything else.
    pub(super) fn case(&mut self, mut section: Section<'_, '_>) -> Case {
        let what = section.needed("what", &mut self.faults);
        section.place = format!("case “{what}”");
        let mut facts = Facts::on(EXAMPLE_DAY)
            .with_isee(section.amount("isee", &mut self.faults).map(example_isee));
        if let Some(value) = section.take("resident") {
            let place = section.at("resident");
            let known = fact_value("resident", FactKind::Flag, value, &place, &mut self.faults);
            facts
                .values
                .extend(known.map(|known| ("resident".to_owned(), known)));
        }
        let quantity = section.count("quantity", &mut self.faults);
        let mut with = self.inner(&mut section, "with");
        if let Some(with) = with.as_mut() {
            for (name, value) in with.all() {
                let place = with.at(name.get_ref());
                let kind = self.kind_of(name.get_ref(), name.span(), &place);
                let known = kind.and_then(|kind| {
                    fact_value(name.get_ref(), kind, value, &place, &mut self.faults)
                });
                let name = name.get_ref().to_string();
                facts.values.extend(known.map(|known| (name, known)));
            }
        }
        if quantity.is_some() || with.is_none() {
            for name in ["meals", "days_present"] {
                let count = quantity.unwrap_or(1).into();
                facts.values.entry(name.to_owned()).or_insert(count);
            }
        }
        let expect = section.amount("expect", &mut self.faults);
        if expect.is_none() {
            section.missing("expect", &mut self.faults);
        }
        section.finish(&mut self.faults);
        Case {
            what,
            facts,
            expect: expect.unwrap_or(Cents::ZERO),
        }
    }
}
