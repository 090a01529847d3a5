//! Prices that stand in a table: by one fact, by two or by three, one row for each price.

use serde::Serialize;
use toml_edit::{Array, InlineTable, Item, Table, TableLike, Value};

use super::decimals::italian;
use super::pen::{Pen, put};
use super::rows;

/// A table has at most so many facts.
pub const MOST_FACTS: usize = 3;

/// A table of prices.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TableForm {
    /// The facts that it goes by, from the outside in.
    pub by: Vec<String>,
    /// Its prices.
    pub rows: Vec<RowForm>,
    /// The price for every other value; empty: none.
    pub other: String,
}

/// A price, and the values that it is for: one for each fact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RowForm {
    /// The values as they are typed: `sì`, `3+`, `infanzia`.
    pub keys: Vec<String>,
    /// The price.
    pub price: String,
}

impl TableForm {
    /// An empty table by one fact, with two rows.
    pub(super) fn begun() -> TableForm {
        TableForm {
            by: vec![String::new()],
            rows: vec![RowForm::default(), RowForm::default()],
            other: String::new(),
        }
    }

    /// Whether nothing stands in a table.
    pub fn is_empty(&self) -> bool {
        *self == TableForm::default()
    }

    pub(super) fn from_fields(prefix: &str, get: &dyn Fn(&str) -> Option<String>) -> TableForm {
        let text = |name: String| get(&name).unwrap_or_default().trim().to_owned();
        let mut by: Vec<String> = (0..MOST_FACTS)
            .map(|at| text(format!("{prefix}-by-{at}")))
            .collect();
        while by.last().is_some_and(String::is_empty) {
            by.pop();
        }
        let count = by.len();
        TableForm {
            rows: rows(&format!("{prefix}-row"), "price", get, |row| RowForm {
                keys: (0..count)
                    .map(|at| text(format!("{row}-key-{at}")))
                    .collect(),
                price: text(format!("{row}-price")),
            }),
            other: text(format!("{prefix}-other")),
            by,
        }
    }
}

/// The table that a price is, where the form can show it: every leaf one price.
pub(super) fn table_of(table: &dyn TableLike) -> Option<TableForm> {
    let by = match table.get("by")?.as_value()? {
        Value::String(fact) => vec![fact.value().clone()],
        Value::Array(facts) => facts
            .iter()
            .map(|fact| fact.as_str().map(str::to_owned))
            .collect::<Option<Vec<_>>>()?,
        _ => return None,
    };
    if by.is_empty() || by.len() > MOST_FACTS {
        return None;
    }
    let mut rows = Vec::new();
    leaves(table.get("is")?, &mut Vec::new(), by.len(), &mut rows)?;
    let other = match table.get("other") {
        Some(other) => italian(other.as_str()?),
        None => String::new(),
    };
    Some(TableForm { by, rows, other })
}

fn leaves(
    item: &Item,
    keys: &mut Vec<String>,
    depth: usize,
    rows: &mut Vec<RowForm>,
) -> Option<()> {
    for (key, inner) in item.as_table_like()?.iter() {
        keys.push(typed_key(key).to_owned());
        if depth == 1 {
            rows.push(RowForm {
                keys: keys.clone(),
                price: italian(inner.as_str()?),
            });
        } else {
            leaves(inner, keys, depth - 1, rows)?;
        }
        keys.pop();
    }
    Some(())
}

fn typed_key(key: &str) -> &str {
    match key {
        "yes" => "sì",
        other => other,
    }
}

fn written_key(typed: &str) -> &str {
    match typed {
        "sì" | "si" | "Sì" | "Si" => "yes",
        "No" => "no",
        other => other,
    }
}

impl Pen {
    /// Puts `by`, `is` and `other` into what holds them.
    pub(super) fn table(&mut self, holder: &mut dyn TableLike, form: &TableForm, field: &str) {
        let by: Array = form.by.iter().map(String::as_str).collect();
        let by = match form.by.as_slice() {
            [one] => Value::from(one.as_str()),
            _ => Value::from(by),
        };
        if form.by.iter().all(String::is_empty) {
            self.wrong(&format!("{field}-by-0"), "error-required");
        }
        let mut is = InlineTable::new();
        for (number, row) in form.rows.iter().enumerate() {
            if row.price.is_empty() && row.keys.iter().all(String::is_empty) {
                continue;
            }
            let row_field = format!("{field}-row-{number}");
            if let Some(empty) = row.keys.iter().position(String::is_empty) {
                self.wrong(&format!("{row_field}-key-{empty}"), "error-required");
                continue;
            }
            if row.price.is_empty() {
                self.wrong(&format!("{row_field}-price"), "error-required");
            }
            if let Some(price) = self.amount(&format!("{row_field}-price"), &row.price)
                && !place(&mut is, &row.keys, price)
            {
                self.wrong(&format!("{row_field}-key-0"), "error-tariff-row-twice");
            }
        }
        spread(&mut is);
        let other = self.amount(&format!("{field}-other"), &form.other);
        put(holder, "by", Some(by));
        put(holder, "is", Some(Value::from(is)));
        put(holder, "other", other);
    }

    /// The price of a component as a table.
    pub(super) fn price_table(
        &mut self,
        table: &mut Table,
        (before, now): (&TableForm, &TableForm),
        was_table: bool,
        field: &str,
    ) {
        if was_table && before == now {
            return;
        }
        for key in ["price", "bands", "no_isee"] {
            if !was_table {
                put(table, key, None);
            }
        }
        self.table(table, now, field);
    }
}

/// Puts a price where its keys lead; `false` where one stands already.
fn place(table: &mut InlineTable, keys: &[String], price: Value) -> bool {
    let Some((first, rest)) = keys.split_first() else {
        return false;
    };
    let key = written_key(first);
    if rest.is_empty() {
        let free = !table.contains_key(key);
        if free {
            table.insert(key, price);
        }
        return free;
    }
    if !table.contains_key(key) {
        table.insert(key, Value::from(InlineTable::new()));
    }
    match table.get_mut(key) {
        Some(Value::InlineTable(inner)) => place(inner, rest, price),
        _ => false,
    }
}

/// Usual spacing, inside too.
fn spread(table: &mut InlineTable) {
    for (_, value) in table.iter_mut() {
        if let Value::InlineTable(inner) = value {
            spread(inner);
        }
    }
    table.fmt();
}
