//! "Entrate" by band and by school: what the charges of a period say.

use super::charts::{self, In};
use super::income::name_of;
use super::shape::{Cell, Column, Report, Section, Table, count, grouped};
use crate::base::{Cents, Result, SchoolId};
use crate::charging::ChargedWhen;
use crate::municipality::{SchoolRow, Service};
use crate::reports::{self, Share};
use crate::web::cx::Cx;

fn share_cells(share: &Share) -> [Cell; 4] {
    [
        Cell::Count(count(share.children.len())),
        Cell::Count(share.charges),
        Cell::Money(share.amount),
        Cell::Money(share.aided),
    ]
}

const SHARE_COLUMNS: [Column; 4] = [
    ("Bambini", "bambini", true),
    ("Addebiti", "addebiti", true),
    ("Addebitato", "addebitato", true),
    ("A carico di altri", "a_carico_di_altri", true),
];

/// All shares together; a child that is in two counts once.
fn together<'a>(shares: impl Iterator<Item = &'a Share>) -> Share {
    shares.fold(Share::default(), |mut all, share| {
        all.children.extend(&share.children);
        all.charges += share.charges;
        all.amount += share.amount;
        all.aided += share.aided;
        all
    })
}

fn share_figures(report: &mut Report, whole: &Share) {
    report.figures = vec![
        ("Addebitato".to_owned(), whole.amount.to_string()),
        ("A carico di altri enti".to_owned(), whole.aided.to_string()),
        ("Bambini".to_owned(), grouped(count(whole.children.len()))),
        ("Addebiti".to_owned(), grouped(whole.charges)),
    ];
    report.notes = vec![
        "Contano gli addebiti calcolati qui, nel giorno del servizio; quelli di un programma precedente \
         non hanno fascia e stanno solo nelle viste per mese e per capitolo."
            .to_owned(),
    ];
}

pub(super) fn by_band(
    cx: &Cx,
    report: &mut Report,
    when: &ChargedWhen,
    services: &[Service],
    label: &str,
) -> Result<()> {
    let bands = cx.read(|db| reports::by_band(db, when))?;
    share_figures(report, &together(bands.values()));
    report.notes.push(
        "Un bambino che ha cambiato fascia nel periodo è contato in ogni fascia, una volta sola nei totali."
            .to_owned(),
    );
    let columns = || {
        let mut columns = vec![("Fascia", "fascia", false)];
        columns.extend(SHARE_COLUMNS);
        columns
    };
    for service in services {
        let of: Vec<_> = bands
            .iter()
            .filter(|((id, _), _)| *id == service.id)
            .collect();
        if of.is_empty() {
            continue;
        }
        let items: Vec<(String, i64)> = of
            .iter()
            .map(|((_, band), share)| (band.to_string(), share.amount.0))
            .collect();
        let title = format!("{}: addebitato per fascia, {label}", service.name);
        let row = |first: Cell, share: &Share| {
            [first]
                .into_iter()
                .chain(share_cells(share))
                .collect::<Vec<_>>()
        };
        report.sections.push(Section {
            title: service.name.clone(),
            text: String::new(),
            chart: charts::bars(
                &format!("fasce-{}", service.code),
                &title,
                In::Euros,
                &items,
            ),
            table: Table {
                slug: format!("fasce-{}", service.code),
                caption: title,
                columns: columns(),
                rows: of
                    .iter()
                    .map(|((_, band), share)| row(Cell::text(band), share))
                    .collect(),
                total: Some(row(
                    Cell::text("Totale"),
                    &together(of.iter().map(|(_, s)| *s)),
                )),
                empty: "",
            },
        });
    }
    if report.sections.is_empty() {
        report.sections.push(nothing("fasce", columns()));
    }
    Ok(())
}

fn nothing(slug: &str, columns: Vec<Column>) -> Section {
    Section {
        title: String::new(),
        text: String::new(),
        chart: None,
        table: Table {
            slug: slug.to_owned(),
            caption: String::new(),
            columns,
            rows: Vec::new(),
            total: None,
            empty: "Nessun addebito nel periodo scelto.",
        },
    }
}

pub(super) fn by_school(
    cx: &Cx,
    report: &mut Report,
    when: &ChargedWhen,
    (services, schools): (&[Service], &[SchoolRow]),
    label: &str,
) -> Result<()> {
    let found = cx.read(|db| reports::by_school(db, when))?;
    let whole = together(found.values());
    share_figures(report, &whole);
    let of_school = |id: SchoolId| found.iter().filter(move |((school, _), _)| *school == id);
    let mut columns = vec![("Plesso", "plesso", false), ("Servizio", "servizio", false)];
    columns.extend(SHARE_COLUMNS);
    let (mut items, mut rows) = (Vec::new(), Vec::new());
    for school in schools {
        let sum: Cents = of_school(school.id).map(|(_, share)| share.amount).sum();
        if of_school(school.id).next().is_some() {
            items.push((school.name.clone(), sum.0));
        }
        rows.extend(of_school(school.id).map(|((_, service), share)| {
            let first = [
                Cell::text(&school.name),
                Cell::Text(name_of(services, *service)),
            ];
            first
                .into_iter()
                .chain(share_cells(share))
                .collect::<Vec<_>>()
        }));
    }
    let first = [Cell::text("Totale"), Cell::Text(String::new())];
    let total = first.into_iter().chain(share_cells(&whole)).collect();
    let title = format!("Addebitato per plesso, {label}");
    report.sections.push(Section {
        title: "Per plesso e servizio".to_owned(),
        text: String::new(),
        chart: charts::bars("plessi", &title, In::Euros, &items),
        table: Table {
            slug: "plessi".to_owned(),
            caption: title,
            columns,
            total: (!rows.is_empty()).then_some(total),
            rows,
            empty: "Nessun addebito nel periodo scelto.",
        },
    });
    Ok(())
}
