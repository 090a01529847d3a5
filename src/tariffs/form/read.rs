//! A rule file becomes a form.

use std::collections::BTreeMap;

use toml_edit::{DocumentMut, Item, Table, TableLike, Value};

use super::decimals::italian;
use super::sections::{self, conditions_of};
use super::tables::{TableForm, table_of};
use super::{BandForm, CaseForm, ComponentForm, ConditionForm, ModifierForm, RuleForm};

/// What the form shows of a file, of a component, of a modifier and of an example.
const OF_FILE: [&str; 13] = [
    "name",
    "act",
    "applies",
    "rounding",
    "siblings",
    "at_least",
    "at_most",
    "top_up",
    "component",
    "modifier",
    "fact",
    "instalment",
    "aid",
];
const OF_COMPONENT: [&str; 11] = [
    "code",
    "label",
    "unit",
    "price",
    "bands",
    "no_isee",
    "non_resident",
    "most",
    "count",
    "when",
    "prorata",
];
const OF_MODIFIER: [&str; 10] = [
    "label", "on", "when", "group", "percent", "of", "less", "more", "price", "band",
];
const OF_CASE: [&str; 6] = ["what", "isee", "with", "resident", "quantity", "expect"];

impl RuleForm {
    /// The form of a file; none while the file is no TOML.
    pub fn of(source: &str) -> Option<RuleForm> {
        let file = source.parse::<DocumentMut>().ok()?;
        Some(of_file(&file))
    }
}

pub(super) fn of_file(file: &DocumentMut) -> RuleForm {
    let components: Vec<ComponentForm> = tables(file, "component")
        .enumerate()
        .map(|(at, table)| component(at, table))
        .collect();
    let codes: Vec<&str> = components.iter().map(|c| c.code.as_str()).collect();
    let modifiers = tables(file, "modifier").enumerate();
    let modifiers = modifiers.map(|(at, table)| modifier(at, table, &codes));
    let cases = tables(file, "case").enumerate();
    let rounding = file.get("rounding").and_then(Item::as_table_like);
    let of_rounding = |key, usual: &str| match rounding.map(|table| text(table, key)) {
        Some(word) if !word.is_empty() => word,
        _ => usual.to_owned(),
    };
    let top_up = file.get("top_up").and_then(Item::as_table_like);
    let siblings = Some(text(file.as_table(), "siblings")).filter(|word| !word.is_empty());
    let mut only_text = others(file.as_table(), &OF_FILE);
    only_text.retain(|key| key != "case");
    only_text.extend(
        ["component", "modifier", "case", "fact", "instalment", "aid"]
            .into_iter()
            .filter_map(|key| {
                let inline = file.get(key).is_some_and(|item| !item.is_array_of_tables());
                inline.then(|| key.to_owned())
            }),
    );
    // Groups of siblings with names of their own stand where the one word would.
    if file.get("siblings").is_some_and(|item| !item.is_str()) {
        only_text.push("siblings".to_owned());
    }
    let packs = top_up.map(|table| others(table, &["minimum", "first_units", "pack_units"]));
    only_text.extend(
        packs
            .into_iter()
            .flatten()
            .map(|key| format!("top_up, {key}")),
    );
    RuleForm {
        name: text(file.as_table(), "name"),
        act: text(file.as_table(), "act"),
        mode: of_rounding("mode", "half_up"),
        place: of_rounding("at", "unit"),
        to: italian(&of_rounding("to", "0.01")),
        siblings: siblings.unwrap_or_else(|| "users".to_owned()),
        at_least: italian(&text(file.as_table(), "at_least")),
        at_most: italian(&text(file.as_table(), "at_most")),
        top_up: top_up.map_or_else(String::new, |table| italian(&text(table, "minimum"))),
        first_units: top_up.map_or_else(String::new, |table| text(table, "first_units")),
        pack_units: top_up.map_or_else(String::new, |table| text(table, "pack_units")),
        facts: tables(file, "fact")
            .enumerate()
            .map(|(at, table)| sections::fact(at, table))
            .collect(),
        instalments: tables(file, "instalment")
            .enumerate()
            .map(|(at, table)| sections::instalment(at, table))
            .collect(),
        aids: tables(file, "aid")
            .enumerate()
            .map(|(at, table)| sections::aid(at, table))
            .collect(),
        modifiers: modifiers.collect(),
        cases: cases.map(|(at, table)| case(at, table)).collect(),
        components,
        only_text,
    }
}

pub(super) fn tables<'a>(file: &'a DocumentMut, key: &str) -> impl Iterator<Item = &'a Table> {
    let list = file.get(key).and_then(Item::as_array_of_tables);
    list.into_iter().flat_map(|list| list.iter())
}

/// A value as somebody would type it; empty where there is none.
pub(super) fn text(table: &dyn TableLike, key: &str) -> String {
    table.get(key).map_or_else(String::new, plain)
}

fn plain(item: &Item) -> String {
    match item.as_value() {
        Some(value) => plain_value(value),
        None => String::new(),
    }
}

fn plain_value(value: &Value) -> String {
    match value {
        Value::String(text) => text.value().trim().to_owned(),
        other => other.to_string().trim().to_owned(),
    }
}

pub(super) fn others(table: &dyn TableLike, shown: &[&str]) -> Vec<String> {
    let keys = table.iter().map(|(key, _)| key);
    keys.filter(|key| !shown.contains(key))
        .map(str::to_owned)
        .collect()
}

fn component(at: usize, table: &Table) -> ComponentForm {
    let bands = table.get("bands").and_then(Item::as_array);
    let bands = bands.map(|list| list.iter().map(band).collect::<Option<Vec<BandForm>>>());
    let by_facts = ["by", "is", "other"]
        .iter()
        .any(|key| table.contains_key(key));
    let table_form = table_of(table);
    let no_isee_table = table
        .get("no_isee")
        .and_then(Item::as_table_like)
        .map(table_of);
    let strange =
        !table.get("price").is_none_or(Item::is_str) || matches!(no_isee_table, Some(None));
    let (kind, bands) = match bands {
        _ if strange => ("text", Vec::new()),
        None if by_facts && table_form.is_some() && !table.contains_key("bands") => {
            ("table", Vec::new())
        }
        _ if by_facts => ("text", Vec::new()),
        Some(Some(bands)) => ("isee", bands),
        Some(None) => ("text", Vec::new()),
        None if table.contains_key("bands") => ("text", Vec::new()),
        None => ("fixed", Vec::new()),
    };
    let priced = |key| match kind {
        "text" => String::new(),
        _ => italian(&text(table, key)),
    };
    let abroad = text(table, "non_resident");
    let (non_resident, non_resident_price) = match abroad.as_str() {
        "" => ("", String::new()),
        "no_isee" => ("no_isee", String::new()),
        price => ("price", italian(price)),
    };
    let mut only_text = others(table, &OF_COMPONENT);
    if kind == "text" {
        only_text.retain(|key| !["by", "is", "other"].contains(&key.as_str()));
        only_text.push("price".to_owned());
    } else {
        only_text.retain(|key| !by_facts || !["by", "is", "other"].contains(&key.as_str()));
    }
    let (conditions, strange) = conditions_of(table.get("when"));
    only_text.extend(strange.into_iter().map(|fact| format!("when, {fact}")));
    let (prorata_of, prorata_over, prorata_when) = match prorata(table) {
        Some(shown) => shown,
        None => {
            only_text.push("prorata".to_owned());
            Default::default()
        }
    };
    ComponentForm {
        at: at.to_string(),
        code: text(table, "code"),
        label: text(table, "label"),
        unit: text(table, "unit"),
        kind: kind.to_owned(),
        price: priced("price"),
        no_isee: priced("no_isee"),
        non_resident: non_resident.to_owned(),
        non_resident_price,
        most: text(table, "most"),
        count: text(table, "count"),
        conditions,
        prorata_of,
        prorata_over,
        prorata_when,
        table: match kind {
            "table" => table_form.unwrap_or_default(),
            _ => TableForm::default(),
        },
        no_isee_table: match kind {
            "isee" => no_isee_table.flatten().unwrap_or_default(),
            _ => TableForm::default(),
        },
        bands,
        only_text,
    }
}

/// Facts and conditions of a part by proportion; none where the form can't show them.
fn prorata(table: &Table) -> Option<(String, String, Vec<ConditionForm>)> {
    let Some(item) = table.get("prorata") else {
        return Some(Default::default());
    };
    let part = item.as_table_like()?;
    let (conditions, strange) = conditions_of(part.get("when"));
    let whole = strange.is_empty() && others(part, &["when", "of", "over"]).is_empty();
    whole.then(|| (text(part, "of"), text(part, "over"), conditions))
}

/// A band that the form can show: one price or one line, nothing else.
fn band(value: &Value) -> Option<BandForm> {
    let table = value.as_inline_table()?;
    if !others(table, &["to", "from", "price", "line"]).is_empty() {
        return None;
    }
    let bound = |key| italian(&text(table, key));
    match (table.get("price"), table.get("line")) {
        (Some(Value::String(price)), None) if !table.contains_key("from") => Some(BandForm {
            to: bound("to"),
            price: italian(price.value()),
            ..BandForm::default()
        }),
        (None, Some(Value::Array(line))) => {
            let ends: Vec<&str> = line.iter().filter_map(Value::as_str).collect();
            let [first, last] = ends.as_slice() else {
                return None;
            };
            Some(BandForm {
                to: bound("to"),
                from: bound("from"),
                price: italian(first),
                last: italian(last),
            })
        }
        _ => None,
    }
}

fn modifier(at: usize, table: &Table, codes: &[&str]) -> ModifierForm {
    let on: Vec<String> = table
        .get("on")
        .and_then(Item::as_array)
        .map(|list| list.iter().map(plain_value).collect())
        .unwrap_or_default();
    let (effect, value) = effect(table);
    let mut only_text = others(table, &OF_MODIFIER);
    let (conditions, strange) = conditions_of(table.get("when"));
    only_text.extend(strange.into_iter().map(|fact| format!("when, {fact}")));
    ModifierForm {
        at: at.to_string(),
        label: text(table, "label"),
        on: codes
            .iter()
            .map(|code| on.iter().any(|one| one == code))
            .collect(),
        effect: effect.to_owned(),
        value,
        group: text(table, "group"),
        conditions,
        only_text,
    }
}

fn effect(table: &Table) -> (&'static str, String) {
    let there = |key: &str| table.contains_key(key);
    let amount = |key| italian(&text(table, key));
    let signed = |key: &str, less, more| {
        let typed = text(table, key);
        match typed.strip_prefix('-') {
            Some(size) => (less, size.to_owned()),
            None => (more, typed),
        }
    };
    match () {
        () if there("percent") => {
            let (kind, size) = match text(table, "of").as_str() {
                "base" => signed("percent", "base_less", "base_more"),
                _ => signed("percent", "percent_less", "percent_more"),
            };
            (kind, size.replace('.', ","))
        }
        () if there("band") => signed("band", "band_lower", "band_higher"),
        () if there("less") => ("less", amount("less")),
        () if there("more") => ("more", amount("more")),
        () if there("price") => ("price", amount("price")),
        () => ("percent_less", String::new()),
    }
}

/// A condition that the form can show.
pub(super) fn condition(fact: &str, item: &Item) -> Option<ConditionForm> {
    let is = |what: String| ConditionForm {
        what,
        ..ConditionForm::default()
    };
    if let Some(range) = item.as_table_like() {
        if !others(range, &["from", "to"]).is_empty() {
            return None;
        }
        let end = |key| match fact {
            "isee" => italian(&text(range, key)),
            _ => text(range, key),
        };
        return Some(ConditionForm {
            what: fact.to_owned(),
            from: end("from"),
            to: end("to"),
        });
    }
    match item.as_value()? {
        Value::Boolean(flag) => Some(is(format!(
            "{fact}={}",
            if *flag.value() { "yes" } else { "no" }
        ))),
        Value::Integer(number) => Some(ConditionForm {
            what: fact.to_owned(),
            from: number.value().to_string(),
            to: number.value().to_string(),
        }),
        Value::String(word) => Some(is(format!("{fact}={}", word.value()))),
        _ => None,
    }
}

fn case(at: usize, table: &Table) -> CaseForm {
    let mut facts = BTreeMap::new();
    let mut only_text = others(table, &OF_CASE);
    for key in ["resident", "quantity"] {
        if let Some(value) = table.get(key).and_then(Item::as_value).and_then(fact_text) {
            facts.insert(key.to_owned(), value);
        }
    }
    let with = table.get("with").and_then(Item::as_table_like);
    for (fact, item) in with.into_iter().flat_map(TableLike::iter) {
        match item.as_value().and_then(fact_text) {
            Some(value) => {
                facts.insert(fact.to_owned(), value);
            }
            None => only_text.push(format!("with, {fact}")),
        }
    }
    CaseForm {
        at: at.to_string(),
        what: text(table, "what"),
        isee: italian(&text(table, "isee")),
        facts,
        expect: italian(&text(table, "expect")),
        only_text,
    }
}

fn fact_text(value: &Value) -> Option<String> {
    match value {
        Value::Boolean(flag) => Some(if *flag.value() { "sì" } else { "no" }.to_owned()),
        Value::Integer(number) => Some(number.value().to_string()),
        Value::String(word) => Some(word.value().clone()),
        _ => None,
    }
}
