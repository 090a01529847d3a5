//! A form is written into the rule file that it was read from: only what was changed.

use std::collections::BTreeMap;

use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, Value};

use super::facts::{declared, fact_of};
use super::pen::{Pen, fresh, put, within, word};
use super::{
    AidForm, CaseForm, ComponentForm, FactForm, InstalmentForm, ModifierForm, RuleForm, read,
};
use crate::base::{FieldError, Text};

impl RuleForm {
    /// The file with what the form says otherwise than the file did. What the form does not show,
    /// comments too, stays as it was.
    ///
    /// # Errors
    /// Fields that can't be written: no number where one belongs. A file that is no TOML.
    pub fn write(&self, source: &str) -> Result<String, Vec<FieldError>> {
        let mut file: DocumentMut = source
            .parse()
            .map_err(|_| vec![FieldError::new("source", Text::new("error-tariff-no-toml"))])?;
        let before = read::of_file(&file);
        let mut pen = Pen {
            faults: Vec::new(),
            declared: declared(&file),
        };
        pen.head(&mut file, &before, self);
        pen.sections(&mut file, &before, self);
        // Examples may speak of what was declared just now.
        pen.declared = declared(&file);
        let codes = codes(&self.components);
        pen.list(
            &mut file,
            "component",
            &self.components,
            |pen, table, form, place| {
                let known = before
                    .components
                    .iter()
                    .find(|known| !form.at.is_empty() && known.at == form.at);
                let code = codes.get(place).map_or("", String::as_str);
                pen.component(
                    table,
                    known.cloned().unwrap_or_default(),
                    form,
                    (code, place),
                );
            },
        );
        pen.list(
            &mut file,
            "modifier",
            &self.modifiers,
            |pen, table, form, place| {
                let known = before
                    .modifiers
                    .iter()
                    .find(|known| !form.at.is_empty() && known.at == form.at);
                // Which components it was on, by their places in the form as it is now.
                let mut known = known.cloned().unwrap_or_default();
                let was = |now: &ComponentForm| {
                    let old = before
                        .components
                        .iter()
                        .position(|old| old.at == now.at && !now.at.is_empty());
                    old.and_then(|old| known.on.get(old).copied())
                        .unwrap_or(false)
                };
                known.on = self.components.iter().map(was).collect();
                pen.modifier(table, &known, form, &codes, place);
            },
        );
        pen.list(&mut file, "case", &self.cases, |pen, table, form, place| {
            let known = before
                .cases
                .iter()
                .find(|known| !form.at.is_empty() && known.at == form.at);
            pen.case(table, &known.cloned().unwrap_or_default(), form, place);
        });
        if pen.faults.is_empty() {
            Ok(file.to_string())
        } else {
            Err(pen.faults)
        }
    }
}

/// The short names of components: who gave none gets the unit's word, with a number if it is taken.
fn codes(components: &[ComponentForm]) -> Vec<String> {
    let mut codes: Vec<String> = components.iter().map(|c| c.code.clone()).collect();
    for (at, component) in components.iter().enumerate() {
        if component.code.is_empty() {
            let word = if component.unit.is_empty() {
                "voce"
            } else {
                &component.unit
            };
            let names = (1..).map(|n| {
                if n == 1 {
                    word.to_owned()
                } else {
                    format!("{word}_{n}")
                }
            });
            let free = names.into_iter().find(|name| !codes.contains(name));
            codes[at] = free.unwrap_or_default();
        }
    }
    codes
}

impl Pen {
    fn head(&mut self, file: &mut DocumentMut, before: &RuleForm, now: &RuleForm) {
        for (key, old, new) in [
            ("name", &before.name, &now.name),
            ("act", &before.act, &now.act),
        ] {
            if old != new {
                put(file.as_table_mut(), key, word(new));
            }
        }
        let groups = before.only_text.iter().any(|key| key == "siblings");
        if before.siblings != now.siblings && !groups {
            put(file.as_table_mut(), "siblings", word(&now.siblings));
        }
        for (key, old, new) in [
            ("at_least", &before.at_least, &now.at_least),
            ("at_most", &before.at_most, &now.at_most),
        ] {
            if old != new {
                let amount = self.amount(key, new);
                put(file.as_table_mut(), key, amount);
            }
        }
        let to = (before.to != now.to).then(|| self.amount("to", &now.to));
        let rounding = [
            ("mode", (before.mode != now.mode).then(|| word(&now.mode))),
            ("at", (before.place != now.place).then(|| word(&now.place))),
            ("to", to),
        ];
        within(file.as_table_mut(), "rounding", rounding);
        let minimum = (before.top_up != now.top_up).then(|| self.amount("top_up", &now.top_up));
        let mut units =
            |name: &str, old: &str, new: &str| (old != new).then(|| self.count(name, new));
        let first = units("first_units", &before.first_units, &now.first_units);
        let packs = units("pack_units", &before.pack_units, &now.pack_units);
        let top_up = [
            ("minimum", minimum),
            ("first_units", first),
            ("pack_units", packs),
        ];
        within(file.as_table_mut(), "top_up", top_up);
    }

    fn sections(&mut self, file: &mut DocumentMut, before: &RuleForm, now: &RuleForm) {
        self.list(file, "fact", &now.facts, |pen, table, form, place| {
            let known = known(&before.facts, form);
            pen.fact_table(table, &known, form, place);
        });
        self.list(file, "aid", &now.aids, |pen, table, form, place| {
            let known = known(&before.aids, form);
            pen.aid_table(table, &known, form, place);
        });
        self.list(
            file,
            "instalment",
            &now.instalments,
            |pen, table, form, place| {
                let known = known(&before.instalments, form);
                pen.instalment_table(table, &known, form, place);
            },
        );
    }

    /// The tables of `[[key]]`: those that were there as they were, changed where the form says so;
    /// new ones behind them.
    fn list<T: At>(
        &mut self,
        file: &mut DocumentMut,
        key: &str,
        forms: &[T],
        write: impl Fn(&mut Pen, &mut Table, &T, usize),
    ) {
        let there = file.get(key);
        if there.is_some_and(|item| !item.is_array_of_tables()) {
            // Written in a way that the form does not know: it stays.
            return;
        }
        let old: Vec<Table> = read::tables(file, key).cloned().collect();
        let places: Vec<Option<usize>> = forms.iter().map(|form| form.at().parse().ok()).collect();
        let known: Vec<usize> = places.iter().flatten().copied().collect();
        let in_order = known.windows(2).all(|pair| pair[0] < pair[1]);
        let mut all = ArrayOfTables::new();
        for (number, (form, place)) in forms.iter().zip(&places).enumerate() {
            let found = place.and_then(|place| old.get(place)).cloned();
            let mut table = found.unwrap_or_else(fresh);
            write(self, &mut table, form, number);
            // A row that was added and left blank is none.
            if table.is_empty() {
                continue;
            }
            if !in_order {
                table.set_position(None);
            }
            all.push(table);
        }
        if all.is_empty() {
            file.remove(key);
        } else {
            file.insert(key, Item::ArrayOfTables(all));
        }
    }

    fn case(&mut self, table: &mut Table, before: &CaseForm, now: &CaseForm, place: usize) {
        let field = |name: &str| format!("case-{place}-{name}");
        if before.what != now.what {
            put(table, "what", word(&now.what));
        }
        if before.isee != now.isee {
            let isee = self.amount(&field("isee"), &now.isee);
            put(table, "isee", isee);
        }
        if before.facts != now.facts {
            self.facts(table, &before.facts, &now.facts, place);
        }
        if before.expect != now.expect {
            let expect = self.amount(&field("expect"), &now.expect);
            put(table, "expect", expect);
        }
    }

    fn facts(
        &mut self,
        table: &mut Table,
        before: &BTreeMap<String, String>,
        now: &BTreeMap<String, String>,
        place: usize,
    ) {
        let mut with = Vec::new();
        for code in before
            .keys()
            .chain(now.keys().filter(|code| !before.contains_key(*code)))
        {
            if before.get(code) == now.get(code) {
                continue;
            }
            let new = now
                .get(code)
                .and_then(|typed| self.fact(code, typed, &format!("case-{place}-fact-{code}")));
            // A shorthand stays one where it was one.
            if table.contains_key(code) || code == "quantity" {
                put(table, code, new);
            } else {
                with.push((code.as_str(), Some(new)));
            }
        }
        within(table, "with", with);
    }

    fn fact(&mut self, code: &str, typed: &str, field: &str) -> Option<Value> {
        match fact_of(&self.declared, code)?.kind {
            "flag" => match typed.to_lowercase().as_str() {
                "sì" | "si" => Some(Value::from(true)),
                "no" => Some(Value::from(false)),
                _ => {
                    self.wrong(field, "error-choose");
                    None
                }
            },
            "number" => self.count(field, typed),
            _ => word(typed),
        }
    }
}

/// What the text says at the place of a form; nothing for a new one.
fn known<T: At + Clone + Default>(before: &[T], form: &T) -> T {
    let at = form.at();
    let found = before
        .iter()
        .find(|known| !at.is_empty() && known.at() == at);
    found.cloned().unwrap_or_default()
}

/// What stands at a place in the text.
trait At {
    fn at(&self) -> &str;
}

impl At for ComponentForm {
    fn at(&self) -> &str {
        &self.at
    }
}

impl At for ModifierForm {
    fn at(&self) -> &str {
        &self.at
    }
}

impl At for CaseForm {
    fn at(&self) -> &str {
        &self.at
    }
}

impl At for FactForm {
    fn at(&self) -> &str {
        &self.at
    }
}

impl At for AidForm {
    fn at(&self) -> &str {
        &self.at
    }
}

impl At for InstalmentForm {
    fn at(&self) -> &str {
        &self.at
    }
}
