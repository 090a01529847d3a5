//! What every report is made of: filters, headline figures, sections with a chart and a table.

use serde_json::{Value, json};

use super::Kind;
use crate::base::{Cents, Date, Result, date_it};
use crate::processes::exports::{self, Format};
use crate::web::cx::Cx;

/// Rows on a page.
const PAGE: usize = 100;
/// Numbers of people below this are not told where few people could be recognised.
const FEW: i64 = 3;

/// One field of a table.
#[derive(Clone, Debug)]
pub(super) enum Cell {
    Text(String),
    /// A text, and where it leads.
    Link(String, String),
    Money(Cents),
    Count(i64),
    /// Hundredths of a percent; none: there is no such rate.
    Percent(Option<i64>),
    /// A number of people that is not told when it is small.
    Few(i64),
    Day(Date),
    Empty,
}

impl Cell {
    pub(super) fn text(text: impl ToString) -> Cell {
        Cell::Text(text.to_string())
    }

    fn shown(&self) -> String {
        match self {
            Cell::Text(text) | Cell::Link(text, _) => text.clone(),
            Cell::Money(amount) => amount.to_string(),
            Cell::Count(count) => grouped(*count),
            Cell::Percent(Some(rate)) => percent(*rate),
            Cell::Few(count) if (1..FEW).contains(count) => format!("<{FEW}"),
            Cell::Few(count) => grouped(*count),
            Cell::Day(day) => date_it(*day),
            Cell::Percent(None) | Cell::Empty => "–".to_owned(),
        }
    }

    fn in_file(&self) -> exports::Cell {
        match self {
            Cell::Text(text) | Cell::Link(text, _) => exports::Cell::Text(text.clone()),
            Cell::Money(amount) => exports::Cell::Safe(amount.to_decimal().replace('.', ",")),
            Cell::Count(count) => exports::Cell::Count(*count),
            Cell::Percent(Some(rate)) => {
                exports::Cell::Safe(Cents(*rate).to_decimal().replace('.', ","))
            }
            Cell::Few(count) if !(1..FEW).contains(count) => exports::Cell::Count(*count),
            Cell::Few(_) | Cell::Day(_) => exports::Cell::Safe(self.shown()),
            Cell::Percent(None) | Cell::Empty => exports::Cell::Empty,
        }
    }

    /// Whether it is a number that is not told.
    pub(super) fn is_hidden(&self) -> bool {
        matches!(self, Cell::Few(count) if (1..FEW).contains(count))
    }
}

/// How many, as tables count.
pub(super) fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// `1.234`.
pub(super) fn grouped(count: i64) -> String {
    let text = Cents(count.saturating_mul(100)).to_italian();
    text.trim_end_matches(",00").to_owned()
}

/// `36,42 %`, out of hundredths of a percent.
pub(super) fn percent(rate: i64) -> String {
    format!("{}\u{a0}%", Cents(rate).to_italian())
}

/// A column: its heading, its name in files, whether it holds figures.
pub(super) type Column = (&'static str, &'static str, bool);

pub(super) struct Table {
    /// Names it in addresses and files.
    pub(super) slug: String,
    pub(super) caption: String,
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Vec<Cell>>,
    /// The last line of the table, which files leave out.
    pub(super) total: Option<Vec<Cell>>,
    /// What is said when there are no rows.
    pub(super) empty: &'static str,
}

impl Table {
    pub(super) fn file(&self, format: Format) -> Result<Vec<u8>> {
        let names: Vec<&str> = self.columns.iter().map(|(_, name, _)| *name).collect();
        let rows = self
            .rows
            .iter()
            .map(|row| row.iter().map(Cell::in_file).collect());
        exports::table(format, &self.slug, &names, rows)
    }

    fn line(&self, row: &[Cell]) -> Vec<Value> {
        let columns = self.columns.iter().zip(row);
        let cells = columns.map(|((label, _, figures), cell)| {
            json!({
                "label": label, "text": cell.shown(), "num": figures,
                "href": match cell { Cell::Link(_, href) => href, _ => "" },
            })
        });
        cells.collect()
    }
}

/// A chart and its table.
pub(super) struct Section {
    /// Empty when the page has but one.
    pub(super) title: String,
    /// A sentence below the title.
    pub(super) text: String,
    pub(super) chart: Option<Value>,
    pub(super) table: Table,
}

/// A field of the form above a report.
pub(super) struct Filter {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    /// `select`, `date` or `amount`.
    pub(super) kind: &'static str,
    pub(super) value: String,
    /// Value and label of each choice.
    pub(super) options: Vec<(String, String)>,
}

#[derive(Default)]
pub(super) struct Report {
    /// Which part of it is shown: address and label of each, and whether it is this one.
    pub(super) tabs: Vec<(String, &'static str, bool)>,
    pub(super) filters: Vec<Filter>,
    /// Which days the figures are about.
    pub(super) period: String,
    /// Word and value of each headline figure.
    pub(super) figures: Vec<(String, String)>,
    /// What is to be known of the figures.
    pub(super) notes: Vec<String>,
    pub(super) sections: Vec<Section>,
    /// What the template of this report needs beside.
    pub(super) more: Value,
}

impl Report {
    pub(super) fn data(&self, cx: &Cx, kind: &Kind) -> Value {
        let page = super::super::page_number(cx);
        let query = query_without(cx, &["page", "tabella"]);
        let with = |extra: &str| match (query.is_empty(), extra.is_empty()) {
            (true, true) => String::new(),
            (true, false) => format!("?{extra}"),
            (false, true) => format!("?{query}"),
            (false, false) => format!("?{query}&{extra}"),
        };
        let mut pages = 1;
        let sections: Vec<Value> = self
            .sections
            .iter()
            .map(|section| {
                let table = &section.table;
                pages = pages.max(table.rows.len().div_ceil(PAGE));
                let first = (page as usize - 1).saturating_mul(PAGE);
                let rows = table.rows.iter().skip(first).take(PAGE);
                let which = format!("tabella={}", table.slug);
                json!({
                    "title": section.title,
                    "text": section.text,
                    "chart": section.chart,
                    "slug": table.slug,
                    "caption": table.caption,
                    "columns": table.columns.iter().map(|(label, _, figures)| {
                        json!({ "label": label, "num": figures })
                    }).collect::<Vec<_>>(),
                    "rows": rows.map(|row| table.line(row)).collect::<Vec<_>>(),
                    "total": table.total.as_ref().map(|row| table.line(row)),
                    "empty": table.empty,
                    "xlsx": format!("{}{}", kind.xlsx, with(&which)),
                    "csv": format!("{}{}", kind.csv, with(&which)),
                })
            })
            .collect();
        let filters = self.filters.iter().map(|filter| {
            json!({
                "name": filter.name, "label": filter.label, "kind": filter.kind,
                "value": filter.value,
                "options": filter.options.iter().map(|(value, label)| {
                    json!({ "value": value, "label": label, "chosen": *value == filter.value })
                }).collect::<Vec<_>>(),
            })
        });
        json!({
            "heading": kind.title,
            "sentence": kind.sentence,
            "here": kind.page,
            "tabs": self.tabs.iter().map(|(href, label, current)| {
                json!({ "href": href, "label": label, "current": current })
            }).collect::<Vec<_>>(),
            "period": self.period,
            "part": cx.query.text("per"),
            "filters": filters.collect::<Vec<_>>(),
            "figures": self.figures.iter().map(|(word, value)| {
                json!({ "word": word, "value": value })
            }).collect::<Vec<_>>(),
            "notes": self.notes,
            "sections": sections,
            "page_number": page,
            "pages": pages,
            "base": if query.is_empty() { "?".to_owned() } else { format!("?{query}&") },
            "more": self.more,
        })
    }
}

/// What the address asks for, without some fields and without empty ones.
pub(super) fn query_without(cx: &Cx, left_out: &[&str]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for name in [
        "per",
        "periodo",
        "dal",
        "al",
        "servizio",
        "plesso",
        "oltre",
        "anno",
        "mezzo",
        "operatore",
        "motivi",
    ] {
        let value = cx.query.text(name);
        if !value.is_empty() && !left_out.contains(&name) {
            query.append_pair(name, value);
        }
    }
    query.finish()
}
