//! "Registro dei corrispettivi": takings by day and VAT rate.

use std::collections::BTreeMap;

use super::charts::{self, In};
use super::period::{Period, Usual};
use super::shape::{Cell, Report, Section, Table};
use crate::base::{Cents, Date, Result};
use crate::reports::{self, VatRate, VatTakings};
use crate::web::cx::Cx;

const COLUMNS: [(&str, &str, bool); 4] = [
    ("Pagamenti", "pagamenti", true),
    ("Corrispettivi", "corrispettivi", true),
    ("Imponibile", "imponibile", true),
    ("Imposta", "imposta", true),
];

#[derive(Clone, Copy, Default)]
struct Sums {
    payments: i64,
    gross: Cents,
    tax: Cents,
}

impl Sums {
    fn add(&mut self, line: &VatTakings) {
        self.payments += line.payments;
        self.gross += line.gross;
        self.tax += line.tax;
    }

    fn cells(self) -> [Cell; 4] {
        [
            Cell::Count(self.payments),
            Cell::Money(self.gross),
            Cell::Money(self.gross - self.tax),
            Cell::Money(self.tax),
        ]
    }
}

pub(super) fn build(cx: &Cx) -> Result<Report> {
    let period = Period::of(cx, Usual::Month);
    let (settings, lines) = cx.read(|db| {
        let lines = reports::vat_register(db, period.from, period.to)?;
        Ok((reports::vat_settings(db)?, lines))
    })?;
    let mut all = Sums::default();
    let mut days: BTreeMap<Date, i64> = BTreeMap::new();
    let mut rates: BTreeMap<VatRate, Sums> = BTreeMap::new();
    for line in &lines {
        all.add(line);
        *days.entry(line.day).or_default() += line.gross.0;
        rates.entry(line.rate).or_default().add(line);
    }
    let notes = vec![
        "Contano i pagamenti arrivati con pagoPA e alla cassa, nel giorno (di Roma) in cui la famiglia ha pagato. \
         L’importo comprende l’imposta, scorporata per giorno e aliquota e arrotondata al centesimo. I \
         rimborsi si annotano a parte."
            .to_owned(),
        "Se l’IVA è dovuta, da quando e con quale aliquota (per la mensa gestita dal comune di regola il \
         4 %: D.P.R. 633/1972, tabella A, parte II, n. 37) lo conferma il comune in «Impostazioni dei \
         rendiconti»."
            .to_owned(),
    ];
    let no_rate = settings.iter().all(|setting| setting.rate.is_none());
    let empty = match no_rate {
        true => {
            "Nessun servizio ha un’aliquota IVA: il registro è vuoto. Le aliquote si scrivono in «Impostazioni dei rendiconti»."
        }
        false => "Nessun incasso soggetto a IVA nel periodo scelto.",
    };
    let label = &period.label;
    let labels: Vec<String> = days
        .keys()
        .map(|day| format!("{}/{}", day.day(), day.month()))
        .collect();
    let values: Vec<i64> = days.values().copied().collect();
    let with =
        |first: Vec<Cell>, sums: Sums| first.into_iter().chain(sums.cells()).collect::<Vec<_>>();
    let mut by_day = vec![("Giorno", "giorno", false), ("Aliquota", "aliquota", false)];
    by_day.extend(COLUMNS);
    let mut by_rate = vec![("Aliquota", "aliquota", false)];
    by_rate.extend(COLUMNS);
    let rows = lines.iter().map(|line| {
        let mut sums = Sums::default();
        sums.add(line);
        with(vec![Cell::Day(line.day), Cell::text(line.rate)], sums)
    });
    Ok(Report {
        filters: period.filters(cx, Usual::Month),
        period: label.clone(),
        figures: vec![
            ("Corrispettivi".to_owned(), all.gross.to_string()),
            ("Imponibile".to_owned(), (all.gross - all.tax).to_string()),
            ("Imposta".to_owned(), all.tax.to_string()),
        ],
        notes,
        sections: vec![
            Section {
                title: "Per giorno".to_owned(),
                text: String::new(),
                chart: charts::columns(
                    "giorni",
                    &format!("Corrispettivi per giorno, {label}"),
                    In::Euros,
                    &labels,
                    &[("Corrispettivi", values)],
                ),
                table: Table {
                    slug: "giorni".to_owned(),
                    caption: format!("Registro dei corrispettivi, {label}"),
                    columns: by_day,
                    total: (!lines.is_empty())
                        .then(|| with(vec![Cell::text("Totale"), Cell::Text(String::new())], all)),
                    rows: rows.collect(),
                    empty,
                },
            },
            Section {
                title: "Per aliquota".to_owned(),
                text: "L’imposta è la somma di quelle dei giorni.".to_owned(),
                chart: None,
                table: Table {
                    slug: "aliquote".to_owned(),
                    caption: format!("Corrispettivi per aliquota, {label}"),
                    columns: by_rate,
                    rows: rates
                        .iter()
                        .map(|(rate, sums)| with(vec![Cell::text(rate)], *sums))
                        .collect(),
                    total: (rates.len() > 1).then(|| with(vec![Cell::text("Totale")], all)),
                    empty,
                },
            },
        ],
        ..Report::default()
    })
}
