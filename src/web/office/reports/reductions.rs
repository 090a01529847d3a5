//! "Agevolazioni ed esenzioni": by reason, without names.

use super::charts::{self, In};
use super::period::{Period, Usual, chosen, school_filter, service_filter};
use super::shape::{Cell, Report, Section, Table, count, grouped};
use crate::base::{Cents, Result};
use crate::charging::ChargedWhen;
use crate::municipality;
use crate::reports;
use crate::web::cx::Cx;

pub(super) fn build(cx: &Cx) -> Result<Report> {
    let period = Period::of(cx, Usual::SchoolYear);
    let (services, schools) =
        cx.read(|db| Ok((municipality::services(db)?, municipality::schools(db)?)))?;
    let service = chosen(cx, "servizio", &services, |s| &s.public_id)?;
    let school = chosen(cx, "plesso", &schools, |s| &s.public_id)?;
    let when = ChargedWhen {
        from: period.from,
        to: period.to,
        service: service.map(|s| s.id),
        school: school.map(|s| s.id),
    };
    let found = cx.read(|db| reports::reductions(db, &when))?;
    let name = |id| {
        services
            .iter()
            .find(|s| s.id == id)
            .map_or("", |s| s.name.as_str())
    };
    let taken_off: Cents = found.values().map(|reduced| reduced.taken_off).sum();
    let free: i64 = found.values().map(|reduced| reduced.free).sum();
    let items: Vec<(String, i64)> = found
        .iter()
        .map(|((_, label), reduced)| (label.clone(), reduced.share.charges))
        .collect();
    let rows = found.iter().map(|((service, label), reduced)| {
        vec![
            Cell::text(label),
            Cell::text(name(*service)),
            Cell::Few(count(reduced.share.children.len())),
            Cell::Count(reduced.share.charges),
            Cell::Count(reduced.free),
            Cell::Money(reduced.taken_off),
            Cell::Money(reduced.share.amount),
        ]
    });
    let mut filters = period.filters(cx, Usual::SchoolYear);
    filters.push(service_filter(cx, &services));
    filters.push(school_filter(cx, &schools));
    let label = &period.label;
    Ok(Report {
        filters,
        period: label.clone(),
        figures: vec![
            ("Minore entrata".to_owned(), taken_off.to_string()),
            ("Addebiti gratuiti".to_owned(), grouped(free)),
            ("Motivi".to_owned(), grouped(count(found.len()))),
        ],
        notes: vec![
            "I motivi sono le voci del regolamento tariffario che hanno ridotto un addebito. Un addebito \
             ridotto per due motivi conta in tutti e due."
                .to_owned(),
            "La minore entrata è quanto ogni voce ha tolto al prezzo pieno della sua fascia; è stimata \
             quando dopo viene un tetto o un arrotondamento. I prezzi più bassi delle fasce ISEE non sono \
             una riduzione: si vedono in «Entrate», «Per fascia ISEE»."
                .to_owned(),
            "Qui non ci sono nomi, e i numeri di bambini sotto 3 non si leggono: un motivo può dire \
             qualcosa della salute. Le esenzioni dei servizi sociali, bambino per bambino, sono in «Esenzioni \
             dei servizi sociali»."
                .to_owned(),
        ],
        sections: vec![Section {
            title: String::new(),
            text: String::new(),
            chart: charts::bars(
                "motivi",
                &format!("Addebiti ridotti per motivo, {label}"),
                In::Numbers,
                &items,
            ),
            table: Table {
                slug: "motivi".to_owned(),
                caption: format!("Agevolazioni ed esenzioni per motivo, {label}"),
                columns: vec![
                    ("Motivo", "motivo", false),
                    ("Servizio", "servizio", false),
                    ("Bambini", "bambini", true),
                    ("Addebiti", "addebiti", true),
                    ("Di cui gratuiti", "gratuiti", true),
                    ("Minore entrata", "minore_entrata", true),
                    ("Addebitato", "addebitato", true),
                ],
                rows: rows.collect(),
                total: None,
                empty: "Nessuna riduzione nel periodo scelto.",
            },
        }],
        ..Report::default()
    })
}
