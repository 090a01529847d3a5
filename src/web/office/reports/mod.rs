//! "Rendiconti": what the office and the accountant answer for, on screen, as XLSX and as CSV.
//! What each figure means stands in docs/reports.md.

mod aid;
mod cash_desk;
mod charts;
mod coverage;
mod exemptions;
mod income;
mod open;
mod orders;
mod period;
mod reductions;
mod settings;
mod shape;
mod shares;
mod statistics;
mod vat;

use serde_json::{Value, json};

use crate::base::Permission::{Accounting, Money};
use crate::base::{Error, Result};
use crate::processes::exports::Format;
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

pub(super) use charts::{In, bars};
use shape::Report;

/// A report: where it is, what it answers, how it is made.
struct Kind {
    page: &'static str,
    csv: &'static str,
    xlsx: &'static str,
    name: &'static str,
    title: &'static str,
    sentence: &'static str,
    template: &'static str,
    build: fn(&Cx) -> Result<Report>,
}

macro_rules! kind {
    ($name:literal, $title:literal, $sentence:literal, $template:literal, $build:path) => {
        Kind {
            page: concat!("/ufficio/rendiconti/", $name),
            csv: concat!("/ufficio/rendiconti/", $name, ".csv"),
            xlsx: concat!("/ufficio/rendiconti/", $name, ".xlsx"),
            name: $name,
            title: $title,
            sentence: $sentence,
            template: $template,
            build: $build,
        }
    };
}

const KINDS: [Kind; 11] = [
    kind!(
        "entrate",
        "Entrate",
        "Quanto è stato addebitato e incassato, per servizio e mese, fascia, plesso e capitolo.",
        "office/reports/report.html",
        income::build
    ),
    kind!(
        "pagamenti-senza-debito",
        "Pagamenti senza debito",
        "Quali famiglie hanno un credito alto, quali sono uscite con un credito, quali ricevute sono in sospeso.",
        "office/reports/report.html",
        open::payments
    ),
    kind!(
        "debiti-senza-avviso",
        "Debiti senza avviso",
        "Chi deve qualcosa che nessun avviso di pagamento aperto chiede.",
        "office/reports/report.html",
        open::debts
    ),
    kind!(
        "agevolazioni",
        "Agevolazioni ed esenzioni",
        "Quante riduzioni ed esenzioni sono state applicate, per quale motivo e per quanto.",
        "office/reports/report.html",
        reductions::build
    ),
    kind!(
        "esenzioni",
        "Esenzioni dei servizi sociali",
        "Quali bambini hanno esentato i servizi sociali, per quale servizio, da quando a quando, e quanto è costato. Il motivo lo legge solo l’ufficio.",
        "office/reports/report.html",
        exemptions::build
    ),
    kind!(
        "contributi",
        "Contributi di altri enti",
        "Quanto devono Regione, INPS e servizi sociali per ogni servizio, bambino per bambino: per chiederlo all’ente.",
        "office/reports/report.html",
        aid::build
    ),
    kind!(
        "copertura",
        "Copertura dei costi",
        "Quanta parte del costo di ogni servizio coprono le tariffe e i contributi.",
        "office/reports/coverage.html",
        coverage::build
    ),
    kind!(
        "statistiche",
        "Statistiche",
        "Iscritti, residenza, fasce ISEE, presenze e diete speciali: i numeri che chiedono Regione e ISTAT.",
        "office/reports/report.html",
        statistics::build
    ),
    kind!(
        "corrispettivi",
        "Registro dei corrispettivi (IVA)",
        "Quanto è stato incassato ogni giorno per aliquota IVA, con imponibile e imposta.",
        "office/reports/report.html",
        vat::build
    ),
    kind!(
        "cassa",
        "Registro di cassa",
        "Quanto ha incassato la cassa dell’ufficio ogni giorno, con quali mezzi, e che cosa è stato versato in tesoreria.",
        "office/reports/cash_desk.html",
        cash_desk::build
    ),
    kind!(
        "reversali",
        "Reversali da emettere",
        "Ogni accredito pagoPA riconciliato, diviso per servizio e capitolo: quello che serve per le reversali; e i totali del mese.",
        "office/reports/report.html",
        orders::build
    ),
];

pub(super) fn routes() -> Vec<Route> {
    let mut all = vec![
        get("/ufficio/rendiconti", Money, index),
        post("/ufficio/rendiconti/copertura", Accounting, coverage::save),
        post("/ufficio/rendiconti/cassa", Money, cash_desk::deposit),
        post(
            "/ufficio/rendiconti/cassa/impostazioni",
            Accounting,
            cash_desk::open,
        ),
        get("/ufficio/rendiconti/impostazioni", Money, settings::show),
        post(
            "/ufficio/rendiconti/impostazioni/:service",
            Accounting,
            settings::place,
        ),
        post(
            "/ufficio/rendiconti/impostazioni/:service/iva",
            Accounting,
            settings::vat,
        ),
    ];
    for kind in KINDS {
        all.push(get(kind.page, Money, page));
        all.push(get(kind.csv, Money, csv));
        all.push(get(kind.xlsx, Money, xlsx));
    }
    all
}

fn index(cx: &mut Cx) -> Result<Reply> {
    let mut cards: Vec<Value> = KINDS
        .iter()
        .map(|kind| json!({ "title": kind.title, "sentence": kind.sentence, "href": kind.page }))
        .collect();
    let debtors = json!({
        "title": "Morosi", "href": "/ufficio/morosi",
        "sentence": "Chi deve quanto, da quanto tempo, e che cosa è già stato fatto.",
    });
    cards.insert(1, debtors);
    cx.page(
        "office/reports/index.html",
        "Rendiconti",
        json!({ "cards": cards }),
    )
}

fn kind(cx: &Cx) -> Result<&'static Kind> {
    static ALL: [Kind; 11] = KINDS;
    let asked = |kind: &&Kind| [kind.page, kind.csv, kind.xlsx].contains(&cx.path.as_str());
    ALL.iter().find(asked).ok_or(Error::NotFound)
}

fn page(cx: &mut Cx) -> Result<Reply> {
    let kind = kind(cx)?;
    let data = (kind.build)(cx)?.data(cx, kind);
    cx.page(kind.template, kind.title, data)
}

fn csv(cx: &mut Cx) -> Result<Reply> {
    file(cx, Format::Csv, "text/csv; charset=utf-8")
}

fn xlsx(cx: &mut Cx) -> Result<Reply> {
    let media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    file(cx, Format::Xlsx, media)
}

/// The table of a report that the address names, the first one otherwise.
fn file(cx: &mut Cx, format: Format, media: &'static str) -> Result<Reply> {
    let kind = kind(cx)?;
    let report = (kind.build)(cx)?;
    let asked = cx.query.text("tabella");
    let section = report
        .sections
        .iter()
        .find(|section| asked.is_empty() || section.table.slug == asked)
        .ok_or(Error::NotFound)?;
    let bytes = section.table.file(format)?;
    let (name, slug) = (kind.name, &section.table.slug);
    cx.file(
        format!("{name}-{slug}-{}.{}", cx.today(), format.name()),
        media,
        bytes,
    )
}
