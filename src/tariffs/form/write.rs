//! A form is written into the rule file that it was read from: only what was changed.

use std::collections::BTreeMap;

use toml_edit::{
    Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, Value, value,
};

use super::decimals::decimal;
use super::read::{self, FormFact, fact_of};
use super::{BandForm, CaseForm, ComponentForm, ConditionForm, ModifierForm, RuleForm};
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
            declared: read::declared(&file),
        };
        pen.head(&mut file, &before, self);
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

/// Writes fields, and notes those that can't be.
struct Pen {
    faults: Vec<FieldError>,
    declared: Vec<FormFact>,
}

/// Puts a value in place of the one before, with the comments and blanks around it; none: takes it
/// away.
fn put(table: &mut dyn TableLike, key: &str, new: Option<Value>) {
    let Some(mut new) = new else {
        table.remove(key);
        return;
    };
    if let Some(old) = table.get(key).and_then(Item::as_value) {
        *new.decor_mut() = old.decor().clone();
    }
    match table.get_mut(key) {
        Some(item) => *item = Item::Value(new),
        None => {
            table.insert(key, value(new));
        }
    }
}

fn word(typed: &str) -> Option<Value> {
    (!typed.is_empty()).then(|| Value::from(typed))
}

impl Pen {
    fn wrong(&mut self, field: &str, key: &'static str) {
        self.faults.push(FieldError::new(field, Text::new(key)));
    }

    /// A number in quotes, out of Italian notation.
    fn amount(&mut self, field: &str, typed: &str) -> Option<Value> {
        if typed.is_empty() {
            return None;
        }
        let found = decimal(typed);
        if found.is_none() {
            self.wrong(field, "error-not-an-amount");
        }
        found.map(Value::from)
    }

    fn count(&mut self, field: &str, typed: &str) -> Option<Value> {
        if typed.is_empty() {
            return None;
        }
        let found = typed.parse::<u32>().ok();
        if found.is_none() {
            self.wrong(field, "error-tariff-count");
        }
        found.map(|count| Value::from(i64::from(count)))
    }

    fn head(&mut self, file: &mut DocumentMut, before: &RuleForm, now: &RuleForm) {
        for (key, old, new) in [
            ("name", &before.name, &now.name),
            ("act", &before.act, &now.act),
        ] {
            if old != new {
                put(file.as_table_mut(), key, word(new));
            }
        }
        if before.siblings != now.siblings {
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
        if before.top_up != now.top_up {
            let minimum = self.amount("top_up", &now.top_up);
            within(file.as_table_mut(), "top_up", [("minimum", Some(minimum))]);
        }
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

    fn component(
        &mut self,
        table: &mut Table,
        before: ComponentForm,
        now: &ComponentForm,
        (code, place): (&str, usize),
    ) {
        let field = |name: &str| format!("component-{place}-{name}");
        if before.code != code {
            put(table, "code", word(code));
        }
        if before.label != now.label {
            put(table, "label", word(&now.label));
        }
        if before.unit != now.unit {
            put(table, "unit", word(&now.unit));
        }
        if before.most != now.most {
            let most = self.count(&field("most"), &now.most);
            put(table, "most", most);
        }
        let abroad =
            |form: &ComponentForm| (form.non_resident.clone(), form.non_resident_price.clone());
        if abroad(&before) != abroad(now) {
            let price = match now.non_resident.as_str() {
                "no_isee" => word("no_isee"),
                "price" => self.amount(&field("non_resident_price"), &now.non_resident_price),
                _ => None,
            };
            put(table, "non_resident", price);
        }
        match now.kind.as_str() {
            "fixed" if before.kind != "fixed" || before.price != now.price => {
                put(table, "bands", None);
                put(table, "no_isee", None);
                let price = self.amount(&field("price"), &now.price);
                put(table, "price", price);
            }
            "isee" => self.bands(table, &before, now, place),
            _ => {}
        }
    }

    fn bands(
        &mut self,
        table: &mut Table,
        before: &ComponentForm,
        now: &ComponentForm,
        place: usize,
    ) {
        if before.kind != "isee" {
            put(table, "price", None);
        }
        if before.kind != "isee" || before.no_isee != now.no_isee {
            let no_isee = self.amount(&format!("component-{place}-no_isee"), &now.no_isee);
            put(table, "no_isee", no_isee);
        }
        if before.kind == "isee" && before.bands == now.bands {
            return;
        }
        let mut list = Array::new();
        for (number, band) in now.bands.iter().enumerate() {
            if *band == BandForm::default() {
                continue;
            }
            let mut row = Value::from(self.band(band, &format!("component-{place}-band-{number}")));
            row.decor_mut().set_prefix("\n  ");
            list.push_formatted(row);
        }
        list.set_trailing_comma(true);
        list.set_trailing("\n");
        put(table, "bands", Some(Value::from(list)));
    }

    fn band(&mut self, band: &BandForm, field: &str) -> InlineTable {
        let mut row = InlineTable::new();
        let to = self.amount(&format!("{field}-to"), &band.to);
        let from = self.amount(&format!("{field}-from"), &band.from);
        let price = self.amount(&format!("{field}-price"), &band.price);
        let last = self.amount(&format!("{field}-last"), &band.last);
        if let Some(to) = to {
            row.insert("to", to);
        }
        if let Some(from) = from {
            row.insert("from", from);
        }
        match (price, last) {
            (Some(first), Some(last)) => {
                let ends: Array = [first, last].into_iter().collect();
                row.insert("line", Value::from(ends));
            }
            (Some(price), None) => {
                row.insert("price", price);
            }
            (None, _) => {
                if band.price.is_empty() {
                    self.wrong(&format!("{field}-price"), "error-required");
                }
            }
        }
        row.fmt();
        row
    }

    fn modifier(
        &mut self,
        table: &mut Table,
        before: &ModifierForm,
        now: &ModifierForm,
        codes: &[String],
        place: usize,
    ) {
        if before.label != now.label {
            put(table, "label", word(&now.label));
        }
        let renamed = table
            .get("on")
            .and_then(Item::as_array)
            .is_some_and(|list| {
                let named = |name: &Value| codes.iter().any(|code| name.as_str() == Some(code));
                !list.iter().all(named)
            });
        if before.on != now.on || renamed {
            let chosen = codes.iter().zip(&now.on).filter(|(_, on)| **on);
            let chosen: Array = chosen.map(|(code, _)| code.as_str()).collect();
            put(
                table,
                "on",
                (!chosen.is_empty()).then(|| Value::from(chosen)),
            );
        }
        if before.group != now.group {
            put(table, "group", word(&now.group));
        }
        if before.conditions != now.conditions {
            self.conditions(table, before, now, place);
        }
        if (&before.effect, &before.value) != (&now.effect, &now.value) {
            for key in ["percent", "less", "more", "price", "band"] {
                put(table, key, None);
            }
            let field = format!("modifier-{place}-value");
            let (key, size) = match now.effect.as_str() {
                "percent_less" => ("percent", self.signed(&field, &now.value, "-")),
                "percent_more" => ("percent", self.signed(&field, &now.value, "")),
                "band_lower" => ("band", self.shift(&field, &now.value, -1)),
                "band_higher" => ("band", self.shift(&field, &now.value, 1)),
                "less" => ("less", self.amount(&field, &now.value)),
                "more" => ("more", self.amount(&field, &now.value)),
                _ => ("price", self.amount(&field, &now.value)),
            };
            if size.is_none() && now.value.is_empty() {
                self.wrong(&field, "error-required");
            }
            put(table, key, size);
        }
    }

    fn signed(&mut self, field: &str, typed: &str, sign: &str) -> Option<Value> {
        let size = self.amount(field, typed)?;
        let size = size
            .as_str()?
            .trim_end_matches('0')
            .trim_end_matches('.')
            .to_owned();
        Some(Value::from(format!("{sign}{size}")))
    }

    fn shift(&mut self, field: &str, typed: &str, sign: i64) -> Option<Value> {
        let places = self.count(field, typed)?;
        Some(Value::from(sign * places.as_integer()?))
    }

    fn conditions(
        &mut self,
        table: &mut Table,
        before: &ModifierForm,
        now: &ModifierForm,
        place: usize,
    ) {
        let mut when = match table.get("when") {
            Some(Item::Value(Value::InlineTable(when))) => when.clone(),
            Some(Item::Table(when)) => when.clone().into_inline_table(),
            _ => InlineTable::new(),
        };
        for old in &before.conditions {
            when.remove(fact_name(old));
        }
        for (number, condition) in now.conditions.iter().enumerate() {
            if condition.what.is_empty() {
                continue;
            }
            let field = format!("modifier-{place}-when-{number}");
            let fact = fact_name(condition);
            if when.contains_key(fact) {
                self.wrong(&format!("{field}-what"), "error-tariff-condition-twice");
            }
            if let Some(test) = self.test(condition, &field) {
                when.insert(fact, test);
            }
        }
        when.fmt();
        put(table, "when", (!when.is_empty()).then(|| Value::from(when)));
    }

    fn test(&mut self, condition: &ConditionForm, field: &str) -> Option<Value> {
        let fact = fact_name(condition);
        if let Some((_, is)) = condition.what.split_once('=') {
            return Some(match is {
                "yes" => Value::from(true),
                "no" => Value::from(false),
                word => Value::from(word),
            });
        }
        let mut end = |name: &str, typed: &str| {
            let field = format!("{field}-{name}");
            match fact {
                "isee" => self.amount(&field, typed),
                _ => self.count(&field, typed),
            }
        };
        let (from, to) = (end("from", &condition.from), end("to", &condition.to));
        if condition.from.is_empty() && condition.to.is_empty() {
            self.wrong(&format!("{field}-from"), "error-required");
        }
        if fact != "isee" && condition.from == condition.to {
            return from;
        }
        let ends = [("from", from), ("to", to)];
        let ends = ends.into_iter().filter_map(|(key, end)| Some((key, end?)));
        let mut range: InlineTable = ends.collect();
        range.fmt();
        Some(Value::from(range))
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

/// Changes keys of a table in a table; one that is empty afterwards is taken away.
fn within<'k>(
    table: &mut Table,
    key: &str,
    changes: impl IntoIterator<Item = (&'k str, Option<Option<Value>>)>,
) {
    let changes: Vec<_> = changes
        .into_iter()
        .filter_map(|(key, new)| Some((key, new?)))
        .collect();
    if changes.is_empty() {
        return;
    }
    if table.get(key).and_then(Item::as_table_like).is_none() {
        table.insert(key, value(InlineTable::new()));
    }
    let Some(inner) = table.get_mut(key).and_then(Item::as_table_like_mut) else {
        return;
    };
    for (key, new) in changes {
        put(inner, key, new);
    }
    if inner.is_empty() {
        table.remove(key);
    } else if let Some(inner) = table.get_mut(key).and_then(Item::as_inline_table_mut) {
        inner.fmt();
    }
}

/// A new table of a list, a blank line before it.
fn fresh() -> Table {
    let mut table = Table::new();
    table.decor_mut().set_prefix("\n");
    table
}

/// The fact that a condition speaks of.
fn fact_name(condition: &ConditionForm) -> &str {
    condition.what.split('=').next().unwrap_or_default()
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
