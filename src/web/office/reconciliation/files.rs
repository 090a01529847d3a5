//! The lists as files: CSV and XLSX.

use super::lists::{flow_filter, line_filter, row_filter};
use super::words;
use crate::base::Permission::Money;
use crate::base::{Cents, Date, Error, Result, date_it};
use crate::processes::exports::{self, Cell, Format};
use crate::settlement;
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get};

/// Lines in a file.
const FILE: u32 = 100_000;
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/ufficio/riconciliazione/flussi.csv", Money, flows),
        get("/ufficio/riconciliazione/flussi.xlsx", Money, flows),
        get("/ufficio/riconciliazione/pagamenti.csv", Money, rows),
        get("/ufficio/riconciliazione/pagamenti.xlsx", Money, rows),
        get("/ufficio/riconciliazione/movimenti.csv", Money, lines),
        get("/ufficio/riconciliazione/movimenti.xlsx", Money, lines),
    ]
}

fn euros(amount: Cents) -> Cell {
    Cell::Safe(amount.to_decimal().replace('.', ","))
}

fn day(day: Date) -> Cell {
    Cell::Safe(date_it(day))
}

fn file(
    cx: &Cx,
    name: &str,
    columns: &[&str],
    rows: impl Iterator<Item = Vec<Cell>>,
) -> Result<Reply> {
    let (format, media) = match cx.path.rsplit_once('.') {
        Some((_, "csv")) => (Format::Csv, "text/csv; charset=utf-8"),
        Some((_, "xlsx")) => (Format::Xlsx, XLSX),
        _ => return Err(Error::NotFound),
    };
    let bytes = exports::table(format, name, columns, rows)?;
    cx.file(
        format!("{name}-{}.{}", cx.today(), format.name()),
        media,
        bytes,
    )
}

fn flows(cx: &mut Cx) -> Result<Reply> {
    let filter = flow_filter(cx);
    let list = cx.read(|db| settlement::flows(db, &filter, FILE, 0))?;
    let columns = [
        "flusso",
        "psp",
        "data_regolamento",
        "pagamenti",
        "totale",
        "revocati",
        "accreditato",
        "stato",
        "spiegazione",
    ];
    let rows = list.iter().map(|flow| {
        vec![
            Cell::Text(flow.flow_id.clone()),
            Cell::Text(flow.psp.clone()),
            day(flow.settled_on),
            Cell::Count(flow.payments),
            euros(flow.total),
            euros(flow.revoked),
            euros(flow.credited),
            Cell::Safe(words::of_flow(flow.state).0.to_owned()),
            Cell::Text(words::flow(flow)),
        ]
    });
    file(cx, "flussi", &columns, rows)
}

fn rows(cx: &mut Cx) -> Result<Reply> {
    let filter = row_filter(cx);
    let list = cx.read(|db| settlement::rows(db, &filter, FILE, 0))?;
    let columns = [
        "data",
        "flusso",
        "psp",
        "numero_avviso",
        "iuv",
        "iur",
        "esito",
        "importo",
        "intestatario",
        "conto",
        "stato",
        "spiegazione",
    ];
    let text = |text: &Option<String>| Cell::Text(text.clone().unwrap_or_default());
    let rows = list.iter().map(|row| {
        vec![
            day(row.day),
            Cell::Text(row.flow_id.clone()),
            Cell::Text(row.psp.clone()),
            text(&row.notice_number),
            Cell::Text(row.iuv.clone()),
            Cell::Text(row.iur.clone()),
            Cell::Count(i64::from(row.outcome)),
            euros(row.amount),
            text(&row.payer),
            text(&row.account),
            Cell::Safe(words::of_row(row.state).0.to_owned()),
            Cell::Text(words::row(row)),
        ]
    });
    file(cx, "pagamenti-rendicontati", &columns, rows)
}

fn lines(cx: &mut Cx) -> Result<Reply> {
    let filter = line_filter(cx);
    let list = cx.read(|db| settlement::treasury_lines(db, &filter, FILE, 0))?;
    let columns = [
        "numero",
        "esercizio",
        "data",
        "importo",
        "ordinante",
        "causale",
        "stato",
        "flusso",
        "spiegazione",
    ];
    let rows = list.iter().map(|line| {
        vec![
            Cell::Text(line.number.clone()),
            Cell::Count(line.exercise),
            day(line.day),
            euros(line.amount),
            Cell::Text(line.payer.clone()),
            Cell::Text(line.causale.clone()),
            Cell::Safe(words::of_line(line.state).0.to_owned()),
            Cell::Text(line.flow_id.clone().unwrap_or_default()),
            Cell::Text(words::line(line)),
        ]
    });
    file(cx, "movimenti-tesoreria", &columns, rows)
}
