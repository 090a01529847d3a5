//! What writes single fields into a rule file, and notes those that can't be.

use toml_edit::{InlineTable, Item, Table, TableLike, Value, value};

use super::decimals::decimal;
use super::facts::FormFact;
use crate::base::{FieldError, Text};

/// Writes fields, and notes those that can't be.
pub(super) struct Pen {
    pub(super) faults: Vec<FieldError>,
    pub(super) declared: Vec<FormFact>,
}

/// Puts a value in place of the one before, with the comments and blanks around it; none: takes it
/// away.
pub(super) fn put(table: &mut dyn TableLike, key: &str, new: Option<Value>) {
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

pub(super) fn word(typed: &str) -> Option<Value> {
    (!typed.is_empty()).then(|| Value::from(typed))
}

impl Pen {
    pub(super) fn wrong(&mut self, field: &str, key: &'static str) {
        self.faults.push(FieldError::new(field, Text::new(key)));
    }

    /// A number in quotes, out of Italian notation.
    pub(super) fn amount(&mut self, field: &str, typed: &str) -> Option<Value> {
        if typed.is_empty() {
            return None;
        }
        let found = decimal(typed);
        if found.is_none() {
            self.wrong(field, "error-not-an-amount");
        }
        found.map(Value::from)
    }

    pub(super) fn count(&mut self, field: &str, typed: &str) -> Option<Value> {
        if typed.is_empty() {
            return None;
        }
        let found = typed.parse::<u32>().ok();
        if found.is_none() {
            self.wrong(field, "error-tariff-count");
        }
        found.map(|count| Value::from(i64::from(count)))
    }
}

/// Changes keys of a table in a table; one that is empty afterwards is taken away.
pub(super) fn within<'k>(
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
pub(super) fn fresh() -> Table {
    let mut table = Table::new();
    table.decor_mut().set_prefix("\n");
    table
}
