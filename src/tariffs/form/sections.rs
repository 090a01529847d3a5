//! Sections that stand beside components: declared facts, instalments, aid of other bodies.

use serde::Serialize;
use toml_edit::{Array, InlineTable, Item, Table, TableLike, Value};

use super::decimals::italian;
use super::pen::{Pen, put, word};
use super::read::{condition, others, text};
use super::{ConditionForm, conditions_from, rows};

/// A fact that the rule declares.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FactForm {
    /// Its place in the text; empty for a new one.
    pub at: String,
    /// Its name in the file.
    pub code: String,
    /// Its name for people.
    pub label: String,
    /// Where it comes from: `flag`, `number`, `choice` (the office records it), `any_of`,
    /// `isee_bands`, `of`.
    pub source: String,
    /// The fact that `of` sorts into ranges.
    pub of: String,
    /// Bounds of ISEE bands, or ranges: `1; 2; 3+`.
    pub values: String,
    /// Of `any_of`: one of them is enough.
    pub any_of: Vec<ConditionForm>,
    /// Keys that the form does not show.
    pub only_text: Vec<String>,
}

/// A part of a yearly amount.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct InstalmentForm {
    /// Its place in the text; empty for a new one.
    pub at: String,
    /// Day and month: `30/09`.
    pub due: String,
    /// How much of the whole.
    pub percent: String,
    /// Keys that the form does not show.
    pub only_text: Vec<String>,
}

/// A part that another body pays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AidForm {
    /// Its place in the text; empty for a new one.
    pub at: String,
    /// Who pays.
    pub by: String,
    /// How much of what is left.
    pub percent: String,
    /// Not more in a period.
    pub at_most: String,
    /// Not more for each unit of a fact.
    pub at_most_each: String,
    /// That fact.
    pub each: String,
    /// When.
    pub conditions: Vec<ConditionForm>,
    /// Keys that the form does not show.
    pub only_text: Vec<String>,
}

const OF_FACT: [&str; 7] = [
    "code",
    "label",
    "kind",
    "any_of",
    "isee_bands",
    "of",
    "ranges",
];
const OF_AID: [&str; 6] = ["by", "when", "percent", "at_most", "at_most_each", "each"];

pub(super) fn fact(at: usize, table: &Table) -> FactForm {
    let mut only_text = others(table, &OF_FACT);
    let words = |key: &str| -> Option<Vec<String>> {
        let list = table.get(key)?.as_array()?;
        list.iter()
            .map(|one| one.as_str().map(str::to_owned))
            .collect()
    };
    let mut any_of = Vec::new();
    let (source, values) = if let Some(list) = table.get("any_of") {
        let one = |value: &Value| {
            let inner = value.as_inline_table().filter(|inner| inner.len() == 1)?;
            let (fact, value) = inner.iter().next()?;
            condition(fact, &Item::Value(value.clone()))
        };
        let all: Option<Vec<ConditionForm>> = list
            .as_array()
            .and_then(|list| list.iter().map(one).collect());
        match all {
            Some(all) => {
                any_of = all;
                ("any_of".to_owned(), String::new())
            }
            None => {
                only_text.push("any_of".to_owned());
                ("text".to_owned(), String::new())
            }
        }
    } else if let Some(bounds) = words("isee_bands") {
        let bounds: Vec<String> = bounds.iter().map(|bound| italian(bound)).collect();
        ("isee_bands".to_owned(), bounds.join("; "))
    } else if let Some(ranges) = words("ranges") {
        ("of".to_owned(), ranges.join("; "))
    } else {
        (text(table, "kind"), String::new())
    };
    FactForm {
        at: at.to_string(),
        code: text(table, "code"),
        label: text(table, "label"),
        source,
        of: text(table, "of"),
        values,
        any_of,
        only_text,
    }
}

pub(super) fn instalment(at: usize, table: &Table) -> InstalmentForm {
    let due = text(table, "due");
    InstalmentForm {
        at: at.to_string(),
        due: match due.split_once('-') {
            Some((month, day)) => format!("{day}/{month}"),
            None => due,
        },
        percent: text(table, "percent").replace('.', ","),
        only_text: others(table, &["due", "percent"]),
    }
}

pub(super) fn aid(at: usize, table: &Table) -> AidForm {
    let mut only_text = others(table, &OF_AID);
    let (conditions, strange) = conditions_of(table.get("when"));
    only_text.extend(strange.into_iter().map(|fact| format!("when, {fact}")));
    AidForm {
        at: at.to_string(),
        by: text(table, "by"),
        percent: text(table, "percent").replace('.', ","),
        at_most: italian(&text(table, "at_most")),
        at_most_each: italian(&text(table, "at_most_each")),
        each: text(table, "each"),
        conditions,
        only_text,
    }
}

/// The conditions of a `when`, and the facts of those that the form can't show.
pub(super) fn conditions_of(when: Option<&Item>) -> (Vec<ConditionForm>, Vec<String>) {
    let (mut shown, mut strange) = (Vec::new(), Vec::new());
    let when = when.and_then(Item::as_table_like);
    for (fact, item) in when.into_iter().flat_map(TableLike::iter) {
        match condition(fact, item) {
            Some(condition) => shown.push(condition),
            None => strange.push(fact.to_owned()),
        }
    }
    (shown, strange)
}

/// What was typed of the three kinds.
pub(super) fn from_fields(
    get: &dyn Fn(&str) -> Option<String>,
) -> (Vec<FactForm>, Vec<InstalmentForm>, Vec<AidForm>) {
    let text = |name: String| get(&name).unwrap_or_default().trim().to_owned();
    let facts = rows("fact", "at", get, |row| FactForm {
        at: text(format!("{row}-at")),
        code: text(format!("{row}-code")),
        label: text(format!("{row}-label")),
        source: text(format!("{row}-source")),
        of: text(format!("{row}-of")),
        values: text(format!("{row}-values")),
        any_of: conditions_from(&format!("{row}-when"), get),
        only_text: Vec::new(),
    });
    let instalments = rows("instalment", "at", get, |row| InstalmentForm {
        at: text(format!("{row}-at")),
        due: text(format!("{row}-due")),
        percent: text(format!("{row}-percent")),
        only_text: Vec::new(),
    });
    let aids = rows("aid", "at", get, |row| AidForm {
        at: text(format!("{row}-at")),
        by: text(format!("{row}-by")),
        percent: text(format!("{row}-percent")),
        at_most: text(format!("{row}-at_most")),
        at_most_each: text(format!("{row}-at_most_each")),
        each: text(format!("{row}-each")),
        conditions: conditions_from(&format!("{row}-when"), get),
        only_text: Vec::new(),
    });
    (facts, instalments, aids)
}

impl Pen {
    pub(super) fn fact_table(
        &mut self,
        table: &mut Table,
        before: &FactForm,
        now: &FactForm,
        place: usize,
    ) {
        let field = |name: &str| format!("fact-{place}-{name}");
        if before.at.is_empty() && now.code.is_empty() && now.label.is_empty() {
            return;
        }
        if before.code != now.code {
            put(table, "code", word(&now.code));
        }
        if before.label != now.label {
            put(table, "label", word(&now.label));
        }
        let said = |form: &FactForm| {
            let FactForm {
                source,
                of,
                values,
                any_of,
                ..
            } = form.clone();
            (source, of, values, any_of)
        };
        if now.source == "text" || said(before) == said(now) {
            return;
        }
        for key in ["kind", "any_of", "isee_bands", "of", "ranges"] {
            put(table, key, None);
        }
        let values = now.values.split(';').map(str::trim);
        let values: Vec<&str> = values.filter(|value| !value.is_empty()).collect();
        match now.source.as_str() {
            "any_of" => {
                let mut list = Array::new();
                for (number, one) in now.any_of.iter().enumerate() {
                    let mut when = InlineTable::new();
                    self.put_condition(&mut when, one, &field(&format!("when-{number}")));
                    if !when.is_empty() {
                        when.fmt();
                        list.push(when);
                    }
                }
                put(table, "any_of", Some(Value::from(list)));
            }
            "isee_bands" => {
                let mut list = Array::new();
                for value in values {
                    list.extend(self.amount(&field("values"), value));
                }
                put(table, "isee_bands", Some(Value::from(list)));
            }
            "of" => {
                put(table, "of", word(&now.of));
                let list: Array = values.into_iter().collect();
                put(table, "ranges", Some(Value::from(list)));
            }
            kind => put(table, "kind", word(kind)),
        }
    }

    pub(super) fn instalment_table(
        &mut self,
        table: &mut Table,
        before: &InstalmentForm,
        now: &InstalmentForm,
        place: usize,
    ) {
        if before.due != now.due {
            let due = now.due.split_once('/').and_then(|(day, month)| {
                let (day, month): (u8, u8) = (day.trim().parse().ok()?, month.trim().parse().ok()?);
                Some(format!("{month:02}-{day:02}"))
            });
            if due.is_none() && !now.due.is_empty() {
                self.wrong(&format!("instalment-{place}-due"), "error-not-a-date");
            }
            put(table, "due", due.map(Value::from));
        }
        if before.percent != now.percent {
            let percent = self.percent(&format!("instalment-{place}-percent"), &now.percent);
            put(table, "percent", percent);
        }
    }

    pub(super) fn aid_table(
        &mut self,
        table: &mut Table,
        before: &AidForm,
        now: &AidForm,
        place: usize,
    ) {
        let field = |name: &str| format!("aid-{place}-{name}");
        if before.by != now.by {
            put(table, "by", word(&now.by));
        }
        self.when(table, (&before.conditions, &now.conditions), &field("when"));
        if before.percent != now.percent {
            let percent = self.percent(&field("percent"), &now.percent);
            put(table, "percent", percent);
        }
        for (key, old, new) in [
            ("at_most", &before.at_most, &now.at_most),
            ("at_most_each", &before.at_most_each, &now.at_most_each),
        ] {
            if old != new {
                let amount = self.amount(&field(key), new);
                put(table, key, amount);
            }
        }
        if before.each != now.each {
            put(table, "each", word(&now.each));
        }
    }

    fn percent(&mut self, field: &str, typed: &str) -> Option<Value> {
        let size = self.amount(field, typed)?;
        let size = size.as_str()?.trim_end_matches('0').trim_end_matches('.');
        let size = if size.is_empty() { "0" } else { size };
        Some(Value::from(size))
    }
}
