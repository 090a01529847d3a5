//! "Statistiche": numbers for region and ISTAT; small numbers of people are not told where they
//! could name somebody.

use std::collections::BTreeMap;

use super::charts::{self, In};
use super::income::{month_name, short_month};
use super::shape::{Cell, Filter, Report, Section, Table, count, grouped};
use crate::attendance;
use crate::base::{Date, Result, SchoolId, SchoolYear, ServiceId, date_it, parse_date};
use crate::charging::ChargedWhen;
use crate::diets;
use crate::enrolments::{self, Headcount};
use crate::municipality::{self, SchoolRow, Service};
use crate::reports;
use crate::web::cx::Cx;

const SMALL: &str = "I numeri sotto 3 non si leggono.";

fn add(to: &mut Headcount, more: &Headcount) {
    to.all += more.all;
    to.residents += more.residents;
    to.girls += more.girls;
    to.boys += more.boys;
}

fn cells(first: Vec<Cell>, heads: &Headcount) -> Vec<Cell> {
    let mut all = first;
    all.push(Cell::Few(heads.all));
    all.extend(parts(heads.residents, heads.all - heads.residents));
    all.extend(parts(heads.girls, heads.boys));
    all
}

/// Two parts of a number: where one is small the other isn't told either, because the difference
/// would tell it.
fn parts(one: i64, other: i64) -> [Cell; 2] {
    let [one, other] = [one, other].map(Cell::Few);
    match one.is_hidden() || other.is_hidden() {
        true => [Cell::Empty, Cell::Empty],
        false => [one, other],
    }
}

const HEADS: [(&str, &str, bool); 5] = [
    ("Iscritti", "iscritti", true),
    ("Residenti", "residenti", true),
    ("Non residenti", "non_residenti", true),
    ("Femmine", "femmine", true),
    ("Maschi", "maschi", true),
];

fn grade(code: &str) -> &'static str {
    match code {
        "nido" => "Nido",
        "infanzia" => "Infanzia",
        "primaria" => "Primaria",
        _ => "Secondaria di primo grado",
    }
}

/// What the sections share.
struct Ground {
    services: Vec<Service>,
    schools: Vec<SchoolRow>,
    day: Date,
    year: SchoolYear,
}

impl Ground {
    fn service(&self, id: ServiceId) -> String {
        let found = self.services.iter().find(|service| service.id == id);
        found.map_or_else(String::new, |service| service.name.clone())
    }

    fn school(&self, id: SchoolId) -> Option<&SchoolRow> {
        self.schools.iter().find(|school| school.id == id)
    }
}

pub(super) fn build(cx: &Cx) -> Result<Report> {
    let day = parse_date(cx.query.text("al")).unwrap_or_else(|| cx.today());
    let year = SchoolYear::of(day);
    let (services, schools) =
        cx.read(|db| Ok((municipality::services(db)?, municipality::schools(db)?)))?;
    let ground = Ground {
        services,
        schools,
        day,
        year,
    };
    let mut report = Report {
        filters: vec![Filter {
            name: "al",
            label: "Situazione al",
            kind: "date",
            value: day.to_string(),
            options: Vec::new(),
        }],
        notes: vec![format!(
            "Iscritti al {}; fasce, presenze e mesi dell’anno scolastico {year} fino a quel giorno. Chi usa \
             due servizi è contato in ciascuno.",
            date_it(day)
        )],
        ..Report::default()
    };
    let heads = cx.read(|db| enrolments::headcounts(db, day))?;
    enrolled(&ground, &mut report, &heads);
    bands(cx, &ground, &mut report)?;
    presences(cx, &ground, &mut report)?;
    special_diets(cx, &ground, &mut report)?;
    exempted(cx, &ground, &mut report)?;
    Ok(report)
}

fn enrolled(ground: &Ground, report: &mut Report, heads: &[(ServiceId, SchoolId, Headcount)]) {
    let mut of_services: BTreeMap<String, Headcount> = BTreeMap::new();
    for (service, _, found) in heads {
        add(
            of_services.entry(ground.service(*service)).or_default(),
            found,
        );
    }
    report.figures = of_services
        .iter()
        .map(|(name, found)| (format!("Iscritti: {name}"), grouped(found.all)))
        .collect();
    let items: Vec<(String, i64)> = of_services
        .iter()
        .map(|(n, found)| (n.clone(), found.all))
        .collect();
    let title = format!("Iscritti per servizio al {}", date_it(ground.day));
    let mut columns = vec![("Servizio", "servizio", false)];
    columns.extend(HEADS);
    report.sections.push(Section {
        title: "Iscritti per servizio".to_owned(),
        text: String::new(),
        chart: charts::bars("iscritti", &title, In::Numbers, &items),
        table: Table {
            slug: "iscritti".to_owned(),
            caption: title,
            columns,
            rows: of_services
                .iter()
                .map(|(n, found)| cells(vec![Cell::text(n)], found))
                .collect(),
            total: None,
            empty: "Nessun iscritto in quel giorno.",
        },
    });
    let mut columns = vec![
        ("Plesso", "plesso", false),
        ("Grado", "grado", false),
        ("Servizio", "servizio", false),
    ];
    columns.extend(HEADS);
    let rows = ground.schools.iter().flat_map(|school| {
        let of = heads.iter().filter(|(_, id, _)| *id == school.id);
        of.map(|(service, _, found)| {
            let first = vec![
                Cell::text(&school.name),
                Cell::text(grade(&school.grade)),
                Cell::Text(ground.service(*service)),
            ];
            cells(first, found)
        })
    });
    report.sections.push(Section {
        title: "Iscritti per plesso".to_owned(),
        text: String::new(),
        chart: None,
        table: Table {
            slug: "plessi".to_owned(),
            caption: format!("Iscritti per plesso al {}", date_it(ground.day)),
            columns,
            rows: rows.collect(),
            total: None,
            empty: "Nessun iscritto in quel giorno.",
        },
    });
}

fn bands(cx: &Cx, ground: &Ground, report: &mut Report) -> Result<()> {
    let when = ChargedWhen {
        from: ground.year.starts_on(),
        to: ground.day,
        service: None,
        school: None,
    };
    let found = cx.read(|db| reports::by_band(db, &when))?;
    let rows = found.iter().map(|((service, band), share)| {
        vec![
            Cell::Text(ground.service(*service)),
            Cell::text(band),
            Cell::Few(count(share.children.len())),
        ]
    });
    report.sections.push(Section {
        title: "Bambini per fascia ISEE".to_owned(),
        text: format!("Bambini con almeno un addebito in quella fascia. {SMALL}"),
        chart: None,
        table: Table {
            slug: "fasce".to_owned(),
            caption: format!("Bambini per fascia ISEE, anno scolastico {}", ground.year),
            columns: vec![
                ("Servizio", "servizio", false),
                ("Fascia", "fascia", false),
                ("Bambini", "bambini", true),
            ],
            rows: rows.collect(),
            total: None,
            empty: "Nessun addebito in quest’anno scolastico.",
        },
    });
    Ok(())
}

fn presences(cx: &Cx, ground: &Ground, report: &mut Report) -> Result<()> {
    let found = cx.read(|db| attendance::presences(db, ground.year.starts_on(), ground.day))?;
    let mut months: BTreeMap<(String, String), i64> = BTreeMap::new();
    let mut meals: BTreeMap<String, i64> = BTreeMap::new();
    for one in &found {
        *months
            .entry((one.month.clone(), ground.service(one.service)))
            .or_default() += one.count;
        let is_meals = |s: &Service| s.id == one.service && s.kind == "meals";
        if ground.services.iter().any(is_meals) {
            *meals.entry(one.month.clone()).or_default() += one.count;
        }
    }
    let labels: Vec<String> = meals.keys().map(|month| short_month(month)).collect();
    let values: Vec<i64> = meals.values().copied().collect();
    let title = format!("Pasti per mese, anno scolastico {}", ground.year);
    report.sections.push(Section {
        title: "Presenze e pasti per mese".to_owned(),
        text: "Bambini presenti, giorno per giorno, secondo i registri delle scuole; per la mensa sono i \
               pasti. Il grafico mostra i pasti."
            .to_owned(),
        chart: charts::columns("pasti", &title, In::Numbers, &labels, &[("Pasti", values)]),
        table: Table {
            slug: "presenze".to_owned(),
            caption: format!("Presenze per mese e servizio, anno scolastico {}", ground.year),
            columns: vec![
                ("Mese", "mese", false),
                ("Servizio", "servizio", false),
                ("Presenze", "presenze", true),
            ],
            rows: months
                .iter()
                .map(|((month, service), number)| {
                    vec![Cell::Text(month_name(month)), Cell::text(service), Cell::Count(*number)]
                })
                .collect(),
            total: None,
            empty: "Nessun registro in quest’anno scolastico.",
        },
    });
    Ok(())
}

fn special_diets(cx: &Cx, ground: &Ground, report: &mut Report) -> Result<()> {
    let found = cx.read(|db| diets::special_diets(db, &cx.app.key, ground.day))?;
    let rows: Vec<Vec<Cell>> = found
        .iter()
        .filter_map(|(school, number)| {
            let school = ground.school(*school)?;
            Some(vec![
                Cell::text(&school.name),
                Cell::text(grade(&school.grade)),
                Cell::Few(*number),
            ])
        })
        .collect();
    // With one small number hidden, a total would give it away.
    let tell = !rows.iter().flatten().any(Cell::is_hidden) && !rows.is_empty();
    let all: i64 = found.values().sum();
    report.sections.push(Section {
        title: "Diete speciali".to_owned(),
        text: format!("Quanti bambini ne hanno una, mai chi né quale. {SMALL}"),
        chart: None,
        table: Table {
            slug: "diete".to_owned(),
            caption: format!("Bambini con una dieta speciale al {}", date_it(ground.day)),
            columns: vec![
                ("Plesso", "plesso", false),
                ("Grado", "grado", false),
                ("Bambini", "bambini", true),
            ],
            total: tell.then(|| {
                vec![
                    Cell::text("Totale"),
                    Cell::Text(String::new()),
                    Cell::Few(all),
                ]
            }),
            rows,
            empty: "Nessuna dieta speciale in quel giorno.",
        },
    });
    Ok(())
}

/// Whom the social services have exempted, by service: never who, nor why. That has a report of its
/// own, and each reading of a reason is logged.
fn exempted(cx: &Cx, ground: &Ground, report: &mut Report) -> Result<()> {
    let found = cx.read(|db| enrolments::exempted(db, ground.day))?;
    let mut by_service: BTreeMap<Option<ServiceId>, i64> = BTreeMap::new();
    for (_, service) in found {
        *by_service.entry(service).or_default() += 1;
    }
    let rows = by_service.into_iter().map(|(service, number)| {
        let name = service.map_or_else(
            || "Tutti i servizi".to_owned(),
            |service| ground.service(service),
        );
        vec![Cell::Text(name), Cell::Few(number)]
    });
    report.sections.push(Section {
        title: "Esentati dai servizi sociali".to_owned(),
        text: format!(
            "Quanti bambini, mai chi né perché: chi può leggerlo lo trova in «Esenzioni dei servizi sociali» e nella scheda del bambino. {SMALL}"
        ),
        chart: None,
        table: Table {
            slug: "esentati".to_owned(),
            caption: format!(
                "Bambini esentati dai servizi sociali al {}",
                date_it(ground.day)
            ),
            columns: vec![
                ("Servizio", "servizio", false),
                ("Bambini", "bambini", true),
            ],
            rows: rows.collect(),
            total: None,
            empty: "Nessun bambino è esentato in quel giorno.",
        },
    });
    Ok(())
}
