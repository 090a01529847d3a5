//! A rule file as a form: what the usual resolution needs, in fields; what a form can't show stays
//! in the text as it was written.
//!
//! Reading ([`RuleForm::of`]) and writing ([`RuleForm::write`]) meet in one thing: only what
//! somebody changed in the form is changed in the text.

mod blank;
mod decimals;
mod facts;
mod pen;
mod press;
mod read;
mod sections;
mod tables;
#[cfg(test)]
mod tests;
mod write;
mod write_prices;

use std::collections::BTreeMap;

use serde::Serialize;

pub use facts::{FormFact, case_facts, condition_facts};
pub use sections::{AidForm, FactForm, InstalmentForm};
pub use tables::{RowForm, TableForm};

/// So many rows of a kind are read from a page.
const MOST_ROWS: usize = 100;

/// A rule as fields, all as they are typed: numbers in Italian notation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RuleForm {
    /// What families read.
    pub name: String,
    /// The resolution.
    pub act: String,
    /// How is rounded: a word of the rule language.
    pub mode: String,
    /// Where is rounded.
    pub place: String,
    /// To which amount.
    pub to: String,
    /// Which children count together.
    pub siblings: String,
    /// The least of a period.
    pub at_least: String,
    /// The most of a period.
    pub at_most: String,
    /// The least that is paid in advance.
    pub top_up: String,
    /// The first time, not less than so many units.
    pub first_units: String,
    /// Only in packs of so many units.
    pub pack_units: String,
    /// What the rule asks for beside what every rule knows.
    pub facts: Vec<FactForm>,
    /// What is added up.
    pub components: Vec<ComponentForm>,
    /// What changes prices, in order.
    pub modifiers: Vec<ModifierForm>,
    /// What other bodies pay.
    pub aids: Vec<AidForm>,
    /// In which parts it is paid.
    pub instalments: Vec<InstalmentForm>,
    /// Examples.
    pub cases: Vec<CaseForm>,
    /// Keys of the file that the form does not show.
    pub only_text: Vec<String>,
}

/// A component.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ComponentForm {
    /// Its place in the text; empty for a new one.
    pub at: String,
    /// Short name.
    pub code: String,
    /// Name for families.
    pub label: String,
    /// What is counted.
    pub unit: String,
    /// `fixed`, `isee`, `table`, or `text` for a price that only the text can say.
    pub kind: String,
    /// The one price.
    pub price: String,
    /// The price without ISEE.
    pub no_isee: String,
    /// Empty (as residents), `no_isee` or `price`.
    pub non_resident: String,
    /// The price of non-residents.
    pub non_resident_price: String,
    /// Not more than so many are charged.
    pub most: String,
    /// The fact that says how many; empty: the usual one of the unit.
    pub count: String,
    /// Whom it concerns: all must hold.
    pub conditions: Vec<ConditionForm>,
    /// Only a part of the price is due: the fact above the line; empty: the whole.
    pub prorata_of: String,
    /// The fact below it.
    pub prorata_over: String,
    /// When only a part is due.
    pub prorata_when: Vec<ConditionForm>,
    /// Steps and lines.
    pub bands: Vec<BandForm>,
    /// The prices by facts.
    pub table: TableForm,
    /// The prices without ISEE, where they stand in a table.
    pub no_isee_table: TableForm,
    /// Keys that the form does not show.
    pub only_text: Vec<String>,
}

/// A band of the ISEE: one price, or with `last` a line from `price` to `last`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BandForm {
    /// The last ISEE in it; empty for the top band.
    pub to: String,
    /// The price, or that at the line's beginning.
    pub price: String,
    /// The price at the line's end; empty: a step.
    pub last: String,
    /// The ISEE at which the line begins, where that is not the bound before.
    pub from: String,
}

/// Something that changes prices.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ModifierForm {
    /// Its place in the text; empty for a new one.
    pub at: String,
    /// Its name for people.
    pub label: String,
    /// For each component whether it is changed; none at all: every one is.
    pub on: Vec<bool>,
    /// `percent_less`, `percent_more`, `base_less`, `base_more` (of the price before any), `less`,
    /// `more`, `price`, `band_lower`, `band_higher`.
    pub effect: String,
    /// How much.
    pub value: String,
    /// Those with the same word do not add up.
    pub group: String,
    /// All must hold.
    pub conditions: Vec<ConditionForm>,
    /// Keys that the form does not show; `when, school` for a condition.
    pub only_text: Vec<String>,
}

impl ModifierForm {
    /// Whether nobody said anything of it yet.
    fn is_blank(&self) -> bool {
        let said = |condition: &ConditionForm| !condition.what.is_empty();
        self.label.is_empty() && self.value.is_empty() && !self.conditions.iter().any(said)
    }
}

/// A condition: `child_order` from 2, `resident=yes`, `isee` up to 20.000,00.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ConditionForm {
    /// The fact; with `=` and a value where it is no range.
    pub what: String,
    /// The first.
    pub from: String,
    /// The last.
    pub to: String,
}

/// An example.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CaseForm {
    /// Its place in the text; empty for a new one.
    pub at: String,
    /// What it shows.
    pub what: String,
    /// A valid ISEE, if there is one.
    pub isee: String,
    /// The other facts, as typed; `sì` and `no` for flags.
    pub facts: BTreeMap<String, String>,
    /// What the family must pay.
    pub expect: String,
    /// Keys that the form does not show.
    pub only_text: Vec<String>,
}

impl RuleForm {
    /// What was typed into the page: `get` gives the value of a field that is there.
    pub fn from_fields(get: &dyn Fn(&str) -> Option<String>) -> RuleForm {
        let text = |name: &str| get(name).unwrap_or_default().trim().to_owned();
        let components = rows("component", "at", get, |row| ComponentForm {
            at: text(&format!("{row}-at")),
            code: text(&format!("{row}-code")),
            label: text(&format!("{row}-label")),
            unit: text(&format!("{row}-unit")),
            kind: text(&format!("{row}-kind")),
            price: text(&format!("{row}-price")),
            no_isee: text(&format!("{row}-no_isee")),
            non_resident: text(&format!("{row}-non_resident")),
            non_resident_price: text(&format!("{row}-non_resident_price")),
            most: text(&format!("{row}-most")),
            count: text(&format!("{row}-count")),
            conditions: conditions_from(&format!("{row}-when"), get),
            prorata_of: text(&format!("{row}-prorata_of")),
            prorata_over: text(&format!("{row}-prorata_over")),
            prorata_when: conditions_from(&format!("{row}-part"), get),
            table: TableForm::from_fields(&format!("{row}-table"), get),
            no_isee_table: TableForm::from_fields(&format!("{row}-noisee"), get),
            bands: rows(&format!("{row}-band"), "to", get, |band| BandForm {
                to: text(&format!("{band}-to")),
                price: text(&format!("{band}-price")),
                last: text(&format!("{band}-last")),
                from: text(&format!("{band}-from")),
            }),
            only_text: Vec::new(),
        });
        let on = |row: &str| {
            let ticked = |at| get(&format!("{row}-on-{at}")).is_some();
            (0..components.len()).map(ticked).collect()
        };
        let modifiers = rows("modifier", "at", get, |row| ModifierForm {
            at: text(&format!("{row}-at")),
            label: text(&format!("{row}-label")),
            on: on(row),
            effect: text(&format!("{row}-effect")),
            value: text(&format!("{row}-value")),
            group: text(&format!("{row}-group")),
            conditions: conditions_from(&format!("{row}-when"), get),
            only_text: Vec::new(),
        });
        let (facts, instalments, aids) = sections::from_fields(get);
        let columns = text("columns");
        let cases = rows("case", "at", get, |row| {
            let codes = columns.split(',').filter(|code| !code.is_empty());
            let facts = codes.filter_map(|code| {
                let typed = get(&format!("{row}-fact-{code}"))?;
                Some((code.to_owned(), typed.trim().to_owned()))
                    .filter(|(_, typed)| !typed.is_empty())
            });
            CaseForm {
                at: text(&format!("{row}-at")),
                what: text(&format!("{row}-what")),
                isee: text(&format!("{row}-isee")),
                facts: facts.collect(),
                expect: text(&format!("{row}-expect")),
                only_text: Vec::new(),
            }
        });
        RuleForm {
            name: text("name"),
            act: text("act"),
            mode: text("mode"),
            place: text("place"),
            to: text("to"),
            siblings: text("siblings"),
            at_least: text("at_least"),
            at_most: text("at_most"),
            top_up: text("top_up"),
            first_units: text("first_units"),
            pack_units: text("pack_units"),
            facts,
            aids,
            instalments,
            components,
            modifiers,
            cases,
            only_text: Vec::new(),
        }
    }

    /// What the form does not show, as the text says it: a page that was sent does not carry it.
    pub fn with_only_text_of(mut self, text: &RuleForm) -> RuleForm {
        self.only_text.clone_from(&text.only_text);
        let known = |at: &str| at.parse::<usize>().ok();
        for component in &mut self.components {
            if let Some(before) = known(&component.at).and_then(|at| text.components.get(at)) {
                component.only_text.clone_from(&before.only_text);
            }
        }
        for modifier in &mut self.modifiers {
            if let Some(before) = known(&modifier.at).and_then(|at| text.modifiers.get(at)) {
                modifier.only_text.clone_from(&before.only_text);
            }
        }
        for fact in &mut self.facts {
            if let Some(before) = known(&fact.at).and_then(|at| text.facts.get(at)) {
                fact.only_text.clone_from(&before.only_text);
            }
        }
        for aid in &mut self.aids {
            if let Some(before) = known(&aid.at).and_then(|at| text.aids.get(at)) {
                aid.only_text.clone_from(&before.only_text);
            }
        }
        for part in &mut self.instalments {
            if let Some(before) = known(&part.at).and_then(|at| text.instalments.get(at)) {
                part.only_text.clone_from(&before.only_text);
            }
        }
        for case in &mut self.cases {
            if let Some(before) = known(&case.at).and_then(|at| text.cases.get(at)) {
                case.only_text.clone_from(&before.only_text);
            }
        }
        self
    }
}

/// The rows of a list: as many as have the field that every row has.
fn rows<T>(
    prefix: &str,
    mark: &str,
    get: &dyn Fn(&str) -> Option<String>,
    read: impl Fn(&str) -> T,
) -> Vec<T> {
    let names = (0..MOST_ROWS).map(|at| format!("{prefix}-{at}"));
    let there = names.take_while(|row| get(&format!("{row}-{mark}")).is_some());
    there.map(|row| read(&row)).collect()
}

/// The conditions that were typed under a prefix.
fn conditions_from(prefix: &str, get: &dyn Fn(&str) -> Option<String>) -> Vec<ConditionForm> {
    let text = |name: String| get(&name).unwrap_or_default().trim().to_owned();
    rows(prefix, "what", get, |when| ConditionForm {
        what: text(format!("{when}-what")),
        from: text(format!("{when}-from")),
        to: text(format!("{when}-to")),
    })
}
