//! "Copertura dei costi": what families and contributions cover, and the costs that are typed.

use serde_json::json;

use super::charts::{self, In};
use super::shape::{Cell, Filter, Report, Section, Table, percent};
use crate::base::Permission::Accounting;
use crate::base::{Cents, Error, Result, Text};
use crate::municipality;
use crate::reports::{self, Coverage, NewCost};
use crate::web::cx::Cx;
use crate::web::reply::Reply;

fn year(cx: &Cx, text: &str) -> i16 {
    let this = cx.today().year();
    text.parse()
        .ok()
        .filter(|year| (1950..=2200).contains(year))
        .unwrap_or(this)
}

fn cells(one: &Coverage) -> Vec<Cell> {
    let typed = |amount: Option<Cents>| amount.map_or(Cell::Empty, Cell::Money);
    vec![
        Cell::text(&one.service.name),
        Cell::text(if one.service.individual_demand {
            "Sì"
        } else {
            "No"
        }),
        typed(one.cost.as_ref().map(|cost| cost.amount)),
        typed(one.cost.as_ref().map(|_| one.counted)),
        Cell::Money(one.charged),
        Cell::Money(one.aided),
        typed(one.cost.as_ref().map(|cost| cost.grants)),
        Cell::Percent(one.rate()),
        Cell::Money(one.paid),
    ]
}

fn total(all: &[&Coverage]) -> Vec<Cell> {
    let sum = |of: &dyn Fn(&Coverage) -> Cents| Cell::Money(all.iter().map(|one| of(one)).sum());
    let cost = |one: &Coverage| one.cost.as_ref().map_or(Cents::ZERO, |cost| cost.amount);
    let grants = |one: &Coverage| one.cost.as_ref().map_or(Cents::ZERO, |cost| cost.grants);
    vec![
        Cell::text("A domanda individuale, con un costo"),
        Cell::Text(String::new()),
        sum(&cost),
        sum(&|one| one.counted),
        sum(&|one| one.charged),
        sum(&|one| one.aided),
        sum(&grants),
        Cell::Percent(Coverage::rate_of(all)),
        sum(&|one| one.paid),
    ]
}

pub(super) fn build(cx: &Cx) -> Result<Report> {
    let year = year(cx, cx.query.text("anno"));
    let found = cx.read(|db| reports::coverage(db, year))?;
    let (counted, missing): (Vec<&Coverage>, Vec<&Coverage>) = found
        .iter()
        .filter(|one| one.service.individual_demand)
        .partition(|one| one.cost.is_some());
    let rate = Coverage::rate_of(&counted).map_or_else(|| "–".to_owned(), percent);
    let items: Vec<(String, i64)> = found
        .iter()
        .filter_map(|one| Some((one.service.name.clone(), one.rate()?)))
        .collect();
    let mut figures = vec![("Copertura complessiva".to_owned(), rate)];
    if !missing.is_empty() {
        let count = missing.len().to_string();
        figures.push((
            "A domanda individuale, ancora senza costo".to_owned(),
            count,
        ));
    }
    let this = cx.today().year();
    let forms = found.iter().map(|one| {
        let typed = |amount: Option<Cents>| amount.map_or_else(String::new, Cents::to_italian);
        json!({
            "id": one.service.public_id, "code": one.service.code, "name": one.service.name,
            "amount": typed(one.cost.as_ref().map(|cost| cost.amount)),
            "grants": typed(one.cost.as_ref().map(|cost| cost.grants)),
            "note": one.cost.as_ref().map_or("", |cost| cost.note.as_str()),
        })
    });
    let chart = charts::bars(
        "copertura",
        &format!("Copertura del costo per servizio, anno {year}"),
        In::Percent,
        &items,
    );
    Ok(Report {
        filters: vec![Filter {
            name: "anno",
            label: "Anno",
            kind: "select",
            value: year.to_string(),
            options: (0..5).map(|back| (this + 1 - back).to_string()).map(|y| (y.clone(), y)).collect(),
        }],
        figures,
        notes: vec![
            "Entrate di competenza: quanto è stato addebitato alle famiglie e ad altri enti per i giorni \
             dell’anno, più i contributi scritti qui sotto. L’incassato è indicato a parte."
                .to_owned(),
            "I costi del nido contano per metà (L. 498/1992, art. 5). Quali servizi sono a domanda \
             individuale (D.M. 31/12/1983) si sceglie in «Impostazioni dei rendiconti»: il trasporto \
             scolastico di regola non lo è; per il nido la Corte dei conti ha dato letture diverse. \
             Decide il comune."
                .to_owned(),
        ],
        sections: vec![Section {
            title: String::new(),
            text: String::new(),
            chart,
            table: Table {
                slug: "copertura".to_owned(),
                caption: format!("Copertura dei costi, anno {year}"),
                columns: vec![
                    ("Servizio", "servizio", false),
                    ("A domanda individuale", "a_domanda_individuale", false),
                    ("Costo", "costo", true),
                    ("Costo che conta", "costo_che_conta", true),
                    ("Addebitato alle famiglie", "addebitato_famiglie", true),
                    ("Addebitato ad altri", "addebitato_altri", true),
                    ("Contributi", "contributi", true),
                    ("Copertura", "copertura_percento", true),
                    ("Incassato", "incassato", true),
                ],
                rows: found.iter().map(cells).collect(),
                total: (!counted.is_empty()).then(|| total(&counted)),
                empty: "Nessun servizio.",
            },
        }],
        more: json!({ "year": year, "forms": forms.collect::<Vec<_>>(), "may": cx.actor.may(Accounting) }),
        ..Report::default()
    })
}

pub(super) fn save(cx: &mut Cx) -> Result<Reply> {
    let year = year(cx, cx.form.text("year"));
    let mut check = cx.form.check();
    let amount = check.amount("amount");
    let grants = check.optional_amount("grants").unwrap_or(Cents::ZERO);
    let note = check.optional("note", 200).unwrap_or_default();
    let checked = check.done();
    let (actor, now) = (cx.actor.clone(), cx.now);
    let id = cx.form.public_id("service")?;
    let saved = checked.and_then(|()| {
        cx.write(move |tx| {
            let service = municipality::service_by_public_id(tx, &id)?;
            let new = NewCost {
                service: service.id,
                year,
                amount,
                grants,
                note: &note,
            };
            reports::record_cost(tx, &actor, &new, now)
        })
    });
    let back = format!("/ufficio/rendiconti/copertura?anno={year}");
    match saved {
        Ok(()) => cx.redirect_saying(back, &Text::new("office-cost-saved")),
        Err(error @ (Error::Invalid(_) | Error::Refused(_))) => again(cx, error, year),
        Err(other) => Err(other),
    }
}

/// The page once more with what was typed and what is wrong with it.
fn again(cx: &mut Cx, error: Error, year: i16) -> Result<Reply> {
    cx.query.set("anno", &year.to_string());
    let kind = super::kind(cx)?;
    let mut data = build(cx)?.data(cx, kind);
    data["more"]["typed"] = cx.form.typed();
    cx.page_again(error, kind.template, kind.title, data)
}
