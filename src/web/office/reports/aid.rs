//! "Contributi di altri enti": what each body owes, with the children it is for.

use std::collections::{BTreeMap, BTreeSet};

use super::period::{Period, Usual, chosen, service_filter};
use super::shape::{Cell, Report, Section, Table, count, grouped};
use crate::base::{Cents, Result, ServiceId};
use crate::municipality;
use crate::reports::{self, AidedChild};
use crate::web::cx::Cx;

/// What was posted before bodies had accounts of their own.
const NO_NAME: &str = "Enti non distinti";

pub(super) fn build(cx: &Cx) -> Result<Report> {
    let period = Period::of(cx, Usual::SchoolYear);
    let services = cx.read(municipality::services)?;
    let service = chosen(cx, "servizio", &services, |s| &s.public_id)?;
    let mut found = cx.read(|db| reports::aid_by_body(db, period.from, period.to))?;
    found.retain(|one| service.is_none_or(|s| s.id == one.service));
    let name = |id: ServiceId| {
        let found = services.iter().find(|s| s.id == id);
        found.map_or("", |s| s.name.as_str())
    };
    let children: BTreeSet<_> = found.iter().map(|one| one.child).collect();
    let mut by_body: BTreeMap<String, Vec<&AidedChild>> = BTreeMap::new();
    for one in &found {
        let body = one.body.clone().unwrap_or_else(|| NO_NAME.to_owned());
        by_body.entry(body).or_default().push(one);
    }
    let mut filters = period.filters(cx, Usual::SchoolYear);
    filters.push(service_filter(cx, &services));
    let mut sections = vec![summary(&by_body, &name, &period.label)];
    let numbered = (1..).zip(&by_body);
    sections.extend(
        numbered.map(|(number, (body, all))| of_body(number, body, all, &name, &period.label)),
    );
    Ok(Report {
        filters,
        period: period.label.clone(),
        figures: vec![
            ("A carico di altri enti".to_owned(), total(found.iter()).to_string()),
            ("Enti".to_owned(), grouped(count(by_body.len()))),
            ("Bambini".to_owned(), grouped(count(children.len()))),
        ],
        notes: vec![
            "Contano gli addebiti con il giorno del servizio nel periodo; una bolletta conta nel suo ultimo \
             giorno. Una bolletta di rettifica cambia l’importo e non i giorni e i mesi."
                .to_owned(),
            "I nomi servono per chiedere il contributo all’ente: date questo elenco solo a lui.".to_owned(),
        ],
        sections,
        ..Report::default()
    })
}

fn total<'a>(all: impl Iterator<Item = &'a AidedChild>) -> Cents {
    all.map(|one| one.amount).sum()
}

fn summary<'a>(
    by_body: &BTreeMap<String, Vec<&AidedChild>>,
    name: &impl Fn(ServiceId) -> &'a str,
    label: &str,
) -> Section {
    let mut rows = Vec::new();
    for (body, all) in by_body {
        let services: BTreeSet<ServiceId> = all.iter().map(|one| one.service).collect();
        for service in services {
            let of: Vec<&AidedChild> = all
                .iter()
                .copied()
                .filter(|a| a.service == service)
                .collect();
            let children: BTreeSet<_> = of.iter().map(|one| one.child).collect();
            rows.push(vec![
                Cell::text(body),
                Cell::text(name(service)),
                Cell::Count(count(children.len())),
                Cell::Count(of.iter().map(|one| one.days).sum()),
                Cell::Count(of.iter().map(|one| one.months).sum()),
                Cell::Money(total(of.iter().copied())),
            ]);
        }
    }
    Section {
        title: String::new(),
        text: String::new(),
        chart: None,
        table: Table {
            slug: "enti".to_owned(),
            caption: format!("Contributi per ente e servizio, {label}"),
            columns: vec![
                ("Ente", "ente", false),
                ("Servizio", "servizio", false),
                ("Bambini", "bambini", true),
                ("Giorni o pasti", "giorni", true),
                ("Mesi", "mesi", true),
                ("Importo", "importo", true),
            ],
            rows,
            total: None,
            empty: "Nessun contributo di altri enti nel periodo scelto.",
        },
    }
}

fn of_body<'a>(
    number: usize,
    body: &str,
    all: &[&AidedChild],
    name: &impl Fn(ServiceId) -> &'a str,
    label: &str,
) -> Section {
    let row = |one: &&AidedChild| {
        vec![
            Cell::text(&one.name),
            Cell::text(&one.fiscal_code),
            Cell::text(name(one.service)),
            Cell::Count(one.days),
            Cell::Count(one.months),
            Cell::Money(one.amount),
        ]
    };
    Section {
        title: body.to_owned(),
        text: String::new(),
        chart: None,
        table: Table {
            slug: format!("ente-{number}"),
            caption: format!("{body}: bambini, {label}"),
            columns: vec![
                ("Bambino", "bambino", false),
                ("Codice fiscale", "codice_fiscale", false),
                ("Servizio", "servizio", false),
                ("Giorni o pasti", "giorni", true),
                ("Mesi", "mesi", true),
                ("Importo", "importo", true),
            ],
            rows: all.iter().map(row).collect(),
            total: Some(vec![
                Cell::text("Totale"),
                Cell::Empty,
                Cell::Empty,
                Cell::Count(all.iter().map(|one| one.days).sum()),
                Cell::Count(all.iter().map(|one| one.months).sum()),
                Cell::Money(total(all.iter().copied())),
            ]),
            empty: "",
        },
    }
}
