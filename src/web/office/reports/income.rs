//! "Entrate": charged and paid, by month, band, school and budget chapter.

use std::collections::{BTreeMap, HashMap};

use super::charts::{self, In};
use super::period::{Period, Usual, chosen, school_filter, service_filter};
use super::shape::{Cell, Report, Section, Table, query_without};
use super::shares;
use crate::base::{Cents, Result, ServiceId, month_it};
use crate::charging::ChargedWhen;
use crate::ledger::{self, Flow};
use crate::municipality::{self, Service};
use crate::web::cx::Cx;

const PARTS: [(&str, &str); 4] = [
    ("", "Per mese"),
    ("fascia", "Per fascia ISEE"),
    ("plesso", "Per plesso"),
    ("capitolo", "Per capitolo di bilancio"),
];

pub(super) fn build(cx: &Cx) -> Result<Report> {
    let period = Period::of(cx, Usual::SchoolYear);
    let part = cx.query.text("per").to_owned();
    let (services, schools) =
        cx.read(|db| Ok((municipality::services(db)?, municipality::schools(db)?)))?;
    let service = chosen(cx, "servizio", &services, |s| &s.public_id)?;
    let school = chosen(cx, "plesso", &schools, |s| &s.public_id)?;
    let mut report = Report::default();
    let rest = query_without(cx, &["per", "page"]);
    report.tabs = PARTS
        .iter()
        .map(|(slug, label)| {
            let per = if slug.is_empty() {
                String::new()
            } else {
                format!("per={slug}")
            };
            let query = [per, rest.clone()]
                .into_iter()
                .filter(|q| !q.is_empty())
                .collect::<Vec<_>>();
            let href = format!("/ufficio/rendiconti/entrate?{}", query.join("&"));
            (href, *label, *slug == part)
        })
        .collect();
    report.period.clone_from(&period.label);
    report.filters = period.filters(cx, Usual::SchoolYear);
    report.filters.push(service_filter(cx, &services));
    let when = ChargedWhen {
        from: period.from,
        to: period.to,
        service: service.map(|s| s.id),
        school: school.map(|s| s.id),
    };
    let label = period.label.as_str();
    match part.as_str() {
        "fascia" => {
            report.filters.push(school_filter(cx, &schools));
            shares::by_band(cx, &mut report, &when, &services, label)?;
        }
        "plesso" => {
            report.filters.push(school_filter(cx, &schools));
            shares::by_school(cx, &mut report, &when, (&services, &schools), label)?;
        }
        _ => {
            let flows = cx.read(|db| ledger::flows(db, period.from, period.to))?;
            let flows: Vec<Flow> = flows
                .into_iter()
                .filter(|flow| service.is_none_or(|s| s.id == flow.service))
                .collect();
            flow_figures(&mut report, &flows);
            match part.as_str() {
                "capitolo" => by_chapter(&mut report, &flows, &services, label),
                _ => by_month(&mut report, &flows, &services, label),
            }
        }
    }
    Ok(report)
}

/// Charged, paid, other movements.
#[derive(Clone, Copy, Default)]
struct Sums(Cents, Cents, Cents);

impl Sums {
    fn add(&mut self, flow: &Flow) {
        self.0 += flow.charged;
        self.1 += flow.paid;
        self.2 += flow.other;
    }

    fn cells(self) -> [Cell; 4] {
        let Sums(charged, paid, other) = self;
        [charged, paid, other, paid + other - charged].map(Cell::Money)
    }
}

fn all(flows: &[Flow]) -> Sums {
    let mut sums = Sums::default();
    flows.iter().for_each(|flow| sums.add(flow));
    sums
}

fn flow_figures(report: &mut Report, flows: &[Flow]) {
    let Sums(charged, paid, other) = all(flows);
    report.figures = vec![
        ("Addebitato".to_owned(), charged.to_string()),
        ("Incassato".to_owned(), paid.to_string()),
        ("Altri movimenti".to_owned(), other.to_string()),
        (
            "Variazione dei saldi".to_owned(),
            (paid + other - charged).to_string(),
        ),
    ];
    report.notes = vec![
        "Gli addebiti contano nel giorno del servizio (le bollette nell’ultimo giorno del loro periodo), \
         gli incassi nel giorno del pagamento. Altri movimenti: saldi iniziali, rimborsi, stralci e \
         giroconti, sopra lo zero a favore delle famiglie."
            .to_owned(),
        "Variazione dei saldi: sotto lo zero le famiglie devono di più, o hanno meno credito, di prima."
            .to_owned(),
    ];
}

/// `set 2026`.
fn month(text: &str) -> String {
    match text.split_once('-') {
        Some((year, number)) => {
            let name: String = month_it(number.parse().unwrap_or(0)).to_owned();
            format!("{name} {year}")
        }
        None => text.to_owned(),
    }
}

/// `set`.
pub(super) fn short_month(text: &str) -> String {
    month(text).chars().take(3).collect()
}

pub(super) fn month_name(text: &str) -> String {
    month(text)
}

pub(super) fn name_of(services: &[Service], id: ServiceId) -> String {
    let found = services.iter().find(|service| service.id == id);
    found.map_or_else(String::new, |service| service.name.clone())
}

fn by_month(report: &mut Report, flows: &[Flow], services: &[Service], label: &str) {
    let mut months: BTreeMap<&str, Sums> = BTreeMap::new();
    for flow in flows {
        months.entry(&flow.month).or_default().add(flow);
    }
    let labels: Vec<String> = months.keys().map(|m| short_month(m)).collect();
    let charged: Vec<i64> = months.values().map(|sums| sums.0.0).collect();
    let paid: Vec<i64> = months.values().map(|sums| sums.1.0).collect();
    let chart = charts::lines(
        "mesi",
        &format!("Addebitato e incassato per mese, {label}"),
        In::Euros,
        &labels,
        &[("Addebitato", charged), ("Incassato", paid)],
    );
    let line = |first: Vec<Cell>, sums: Sums| first.into_iter().chain(sums.cells()).collect();
    let sums_of = |first: &'static str, name| -> Vec<(&'static str, &'static str, bool)> {
        vec![
            (first, name, false),
            ("Addebitato", "addebitato", true),
            ("Incassato", "incassato", true),
            ("Altri movimenti", "altri_movimenti", true),
            ("Variazione dei saldi", "variazione_saldi", true),
        ]
    };
    report.sections.push(Section {
        title: "Per mese".to_owned(),
        text: String::new(),
        chart,
        table: Table {
            slug: "mesi".to_owned(),
            caption: format!("Entrate per mese, {label}"),
            columns: sums_of("Mese", "mese"),
            rows: months
                .iter()
                .map(|(m, sums)| line(vec![Cell::text(month(m))], *sums))
                .collect(),
            total: Some(line(vec![Cell::text("Totale")], all(flows))),
            empty: "Nessun movimento nel periodo scelto.",
        },
    });
    let mut of_services: BTreeMap<String, Sums> = BTreeMap::new();
    for flow in flows {
        of_services
            .entry(name_of(services, flow.service))
            .or_default()
            .add(flow);
    }
    let items: Vec<(String, i64)> = of_services
        .iter()
        .map(|(n, s)| (n.clone(), s.0.0))
        .collect();
    report.sections.push(Section {
        title: "Per servizio".to_owned(),
        text: String::new(),
        chart: charts::bars(
            "servizi",
            &format!("Addebitato per servizio, {label}"),
            In::Euros,
            &items,
        ),
        table: Table {
            slug: "servizi".to_owned(),
            caption: format!("Entrate per servizio, {label}"),
            columns: sums_of("Servizio", "servizio"),
            rows: of_services
                .iter()
                .map(|(n, sums)| line(vec![Cell::text(n)], *sums))
                .collect(),
            total: Some(line(vec![Cell::text("Totale")], all(flows))),
            empty: "Nessun movimento nel periodo scelto.",
        },
    });
    let mut columns = sums_of("Servizio", "servizio");
    columns.insert(0, ("Mese", "mese", false));
    report.sections.push(Section {
        title: "Per servizio e mese".to_owned(),
        text: String::new(),
        chart: None,
        table: Table {
            slug: "servizi-e-mesi".to_owned(),
            caption: format!("Entrate per servizio e mese, {label}"),
            columns,
            rows: flows
                .iter()
                .map(|flow| {
                    let mut sums = Sums::default();
                    sums.add(flow);
                    let first = vec![
                        Cell::text(month(&flow.month)),
                        Cell::Text(name_of(services, flow.service)),
                    ];
                    line(first, sums)
                })
                .collect(),
            total: (!flows.is_empty()).then(|| {
                line(
                    vec![Cell::text("Totale"), Cell::Text(String::new())],
                    all(flows),
                )
            }),
            empty: "Nessun movimento nel periodo scelto.",
        },
    });
}

fn by_chapter(report: &mut Report, flows: &[Flow], services: &[Service], label: &str) {
    let chapters: HashMap<ServiceId, &Service> = services.iter().map(|s| (s.id, s)).collect();
    let mut found: BTreeMap<(String, String), Sums> = BTreeMap::new();
    for flow in flows {
        if let Some(service) = chapters.get(&flow.service) {
            let key = (service.budget_chapter.clone(), service.name.clone());
            found.entry(key).or_default().add(flow);
        }
    }
    let shown = |chapter: &str| match chapter {
        "" => "Senza capitolo".to_owned(),
        chapter => chapter.to_owned(),
    };
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    for ((chapter, _), of) in &found {
        *sums.entry(chapter).or_default() += of.1.0;
    }
    let items: Vec<(String, i64)> = sums.iter().map(|(c, paid)| (shown(c), *paid)).collect();
    if found.keys().any(|(chapter, _)| chapter.is_empty()) {
        report.notes.push(
            "A un servizio manca il capitolo: si scrive in «Impostazioni dei rendiconti»."
                .to_owned(),
        );
    }
    report.sections.push(Section {
        title: "Per capitolo di bilancio".to_owned(),
        text: String::new(),
        chart: charts::bars(
            "capitoli",
            &format!("Incassato per capitolo, {label}"),
            In::Euros,
            &items,
        ),
        table: Table {
            slug: "capitoli".to_owned(),
            caption: format!("Entrate per capitolo di bilancio, {label}"),
            columns: vec![
                ("Capitolo", "capitolo", false),
                ("Servizio", "servizio", false),
                ("Addebitato", "addebitato", true),
                ("Incassato", "incassato", true),
                ("Altri movimenti", "altri_movimenti", true),
                ("Variazione dei saldi", "variazione_saldi", true),
            ],
            rows: found
                .iter()
                .map(|((chapter, service), sums)| {
                    let first = [Cell::Text(shown(chapter)), Cell::text(service)];
                    first.into_iter().chain(sums.cells()).collect()
                })
                .collect(),
            total: Some(
                [Cell::text("Totale"), Cell::Text(String::new())]
                    .into_iter()
                    .chain(all(flows).cells())
                    .collect(),
            ),
            empty: "Nessun movimento nel periodo scelto.",
        },
    });
}
