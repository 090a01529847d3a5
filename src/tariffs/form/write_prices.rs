//! Components and what changes their prices, written into their tables.

use toml_edit::{Array, InlineTable, Item, Table, Value};

use super::pen::{Pen, put, word};
use super::{BandForm, ComponentForm, ConditionForm, ModifierForm};

impl Pen {
    pub(super) fn component(
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
        if before.count != now.count {
            put(table, "count", word(&now.count));
        }
        self.when(table, (&before.conditions, &now.conditions), &field("when"));
        self.prorata(table, &before, now, place);
        match now.kind.as_str() {
            "table" => {
                let tables = (&before.table, &now.table);
                self.price_table(table, tables, before.kind == "table", &field("table"));
            }
            "fixed" if before.kind != "fixed" || before.price != now.price => {
                for key in ["bands", "no_isee", "by", "is", "other"] {
                    put(table, key, None);
                }
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
            for key in ["price", "by", "is", "other"] {
                put(table, key, None);
            }
        }
        if !now.no_isee_table.is_empty() {
            if before.no_isee_table != now.no_isee_table {
                let mut inner = InlineTable::new();
                let field = format!("component-{place}-noisee");
                self.table(&mut inner, &now.no_isee_table, &field);
                inner.fmt();
                put(table, "no_isee", Some(Value::from(inner)));
            }
        } else if before.kind != "isee"
            || before.no_isee != now.no_isee
            || !before.no_isee_table.is_empty()
        {
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

    pub(super) fn modifier(
        &mut self,
        table: &mut Table,
        before: &ModifierForm,
        now: &ModifierForm,
        codes: &[String],
        place: usize,
    ) {
        if before.at.is_empty() && now.is_blank() {
            return;
        }
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
        self.when(
            table,
            (&before.conditions, &now.conditions),
            &format!("modifier-{place}-when"),
        );
        if (&before.effect, &before.value) != (&now.effect, &now.value) {
            for key in ["percent", "of", "less", "more", "price", "band"] {
                put(table, key, None);
            }
            let field = format!("modifier-{place}-value");
            let (key, size) = match now.effect.as_str() {
                "percent_less" | "base_less" => ("percent", self.signed(&field, &now.value, "-")),
                "percent_more" | "base_more" => ("percent", self.signed(&field, &now.value, "")),
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
            if now.effect.starts_with("base_") {
                put(table, "of", word("base"));
            }
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

    /// Changes a `when`; what the form does not show in it stays.
    pub(super) fn when(
        &mut self,
        table: &mut Table,
        (before, now): (&[ConditionForm], &[ConditionForm]),
        field: &str,
    ) {
        if before == now {
            return;
        }
        let mut when = match table.get("when") {
            Some(Item::Value(Value::InlineTable(when))) => when.clone(),
            Some(Item::Table(when)) => when.clone().into_inline_table(),
            _ => InlineTable::new(),
        };
        for old in before {
            when.remove(fact_name(old));
        }
        for (number, condition) in now.iter().enumerate() {
            self.put_condition(&mut when, condition, &format!("{field}-{number}"));
        }
        when.fmt();
        put(table, "when", (!when.is_empty()).then(|| Value::from(when)));
    }

    pub(super) fn put_condition(
        &mut self,
        when: &mut InlineTable,
        condition: &ConditionForm,
        field: &str,
    ) {
        if condition.what.is_empty() {
            // Numbers without what they are of are no "always".
            if !condition.from.is_empty() || !condition.to.is_empty() {
                self.wrong(&format!("{field}-what"), "error-required");
            }
            return;
        }
        let fact = fact_name(condition);
        if when.contains_key(fact) {
            self.wrong(&format!("{field}-what"), "error-tariff-condition-twice");
        }
        if let Some(test) = self.test(condition, field) {
            when.insert(fact, test);
        }
    }

    fn prorata(
        &mut self,
        table: &mut Table,
        before: &ComponentForm,
        now: &ComponentForm,
        place: usize,
    ) {
        let said = |form: &ComponentForm| {
            (
                form.prorata_of.clone(),
                form.prorata_over.clone(),
                form.prorata_when.clone(),
            )
        };
        if said(before) == said(now) {
            return;
        }
        let mut part = InlineTable::new();
        let mut when = InlineTable::new();
        for (number, condition) in now.prorata_when.iter().enumerate() {
            let field = format!("component-{place}-part-{number}");
            self.put_condition(&mut when, condition, &field);
        }
        when.fmt();
        if !when.is_empty() {
            part.insert("when", Value::from(when));
        }
        for (key, typed) in [("of", &now.prorata_of), ("over", &now.prorata_over)] {
            if let Some(fact) = word(typed) {
                part.insert(key, fact);
            }
        }
        part.fmt();
        put(
            table,
            "prorata",
            (!part.is_empty()).then(|| Value::from(part)),
        );
    }

    fn test(&mut self, condition: &ConditionForm, field: &str) -> Option<Value> {
        let fact = fact_name(condition);
        if let Some((_, is)) = condition.what.split_once('=') {
            return Some(match is {
                "yes" => Value::from(true),
                "no" => Value::from(false),
                // A word that is typed beside the fact.
                "" if condition.from.is_empty() => {
                    self.wrong(&format!("{field}-from"), "error-required");
                    return None;
                }
                "" => Value::from(condition.from.as_str()),
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
}

/// The fact that a condition speaks of.
fn fact_name(condition: &ConditionForm) -> &str {
    condition.what.split('=').next().unwrap_or_default()
}
