//! "Reversali da emettere": the takings of pagoPA that are reconciled, split by service and chapter.

use super::period::{Period, Usual};
use super::shape::{Cell, Report, Section, Table};
use crate::base::{Cents, Result};
use crate::settlement::{self, ChapterSum, Order};
use crate::web::cx::Cx;

pub(super) fn build(cx: &Cx) -> Result<Report> {
    let period = Period::of(cx, Usual::Month);
    let orders = cx.read(|db| settlement::orders(db, period.from, period.to))?;
    let months = settlement::month_totals(&orders);
    let total: Cents = orders.iter().map(|order| order.amount).sum();
    Ok(Report {
        filters: period.filters(cx, Usual::Month),
        period: period.label.clone(),
        figures: vec![("Da incassare con reversale".to_owned(), total.to_string())],
        notes: vec![
            "Contano i flussi riconciliati, nel giorno dell’ultimo movimento di tesoreria. Ogni riga è quello \
             che una ricevuta (o, senza ricevuta, la riga del flusso) ha accreditato ai conti di un servizio: \
             la somma delle righe di un movimento è l’importo del movimento, al centesimo."
                .to_owned(),
            "«Da attribuire» è quello che nessun conto ha ricevuto: IUV sconosciuti, importi diversi, ricevute \
             in sospeso. Il capitolo di un servizio si scrive nelle impostazioni dei rendiconti."
                .to_owned(),
        ],
        sections: vec![by_line(&orders, total), by_month(&months, total)],
        ..Report::default()
    })
}

/// The service, or what none has received.
fn service(name: &str) -> Cell {
    match name {
        "" => Cell::text("Da attribuire"),
        name => Cell::text(name),
    }
}

fn by_line(orders: &[Order], total: Cents) -> Section {
    let row = |order: &Order| {
        vec![
            Cell::Day(order.day),
            Cell::text(&order.movements),
            Cell::text(&order.psp),
            Cell::text(&order.flow_id),
            service(&order.service),
            Cell::text(&order.chapter),
            Cell::Count(order.payments),
            Cell::Money(order.amount),
        ]
    };
    let mut sums = vec![Cell::text("Totale")];
    sums.extend((0..6).map(|_| Cell::text("")));
    sums.push(Cell::Money(total));
    Section {
        title: "Per movimento".to_owned(),
        text: String::new(),
        chart: None,
        table: Table {
            slug: "movimenti".to_owned(),
            caption: "Reversali per movimento di tesoreria, servizio e capitolo".to_owned(),
            columns: vec![
                ("Data", "data", false),
                ("Movimento", "provvisorio", false),
                ("PSP", "psp", false),
                ("Flusso", "flusso", false),
                ("Servizio", "servizio", false),
                ("Capitolo", "capitolo", false),
                ("Pagamenti", "pagamenti", true),
                ("Importo", "importo", true),
            ],
            rows: orders.iter().map(row).collect(),
            total: (!orders.is_empty()).then_some(sums),
            empty: "In questo periodo nessun movimento è riconciliato.",
        },
    }
}

fn by_month(months: &[ChapterSum], total: Cents) -> Section {
    let row = |sum: &ChapterSum| {
        vec![
            Cell::text(&sum.month),
            service(&sum.service),
            Cell::text(&sum.chapter),
            Cell::Count(sum.payments),
            Cell::Money(sum.amount),
        ]
    };
    let mut sums = vec![Cell::text("Totale")];
    sums.extend((0..3).map(|_| Cell::text("")));
    sums.push(Cell::Money(total));
    Section {
        title: "Per mese".to_owned(),
        text: String::new(),
        chart: None,
        table: Table {
            slug: "mesi".to_owned(),
            caption: "Totali del mese per servizio e capitolo".to_owned(),
            columns: vec![
                ("Mese", "mese", false),
                ("Servizio", "servizio", false),
                ("Capitolo", "capitolo", false),
                ("Pagamenti", "pagamenti", true),
                ("Importo", "importo", true),
            ],
            rows: months.iter().map(row).collect(),
            total: (!months.is_empty()).then_some(sums),
            empty: "In questo periodo nessun movimento è riconciliato.",
        },
    }
}
