//! The lists: flows, payments, movements, receipts that no flow declares.

use rusqlite::Connection;
use serde_json::{Value, json};

use super::{HERE, days_in_words, period, period_or_today, words};
use crate::base::Permission::Money;
use crate::base::{Cents, Result, datetime_it};
use crate::payments::NoticeNumber;
use crate::settlement::{
    self, FlowFilter, FlowLine, FlowRowLine, FlowState, RowFilter, RowState, Sum, TreasuryFilter,
    TreasuryRow, TreasuryState,
};
use crate::web::cx::Cx;
use crate::web::office::{page_number, pages};
use crate::web::reply::Reply;
use crate::web::route::{Route, get};

/// Lines on a page.
const PAGE: u32 = 50;
const LIST: &str = "office/reconciliation/list.html";

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/ufficio/riconciliazione/flussi", Money, flows),
        get("/ufficio/riconciliazione/pagamenti", Money, rows),
        get("/ufficio/riconciliazione/movimenti", Money, lines),
        get("/ufficio/riconciliazione/ricevute", Money, receipts),
    ]
}

pub(super) fn flow_href(id: &crate::base::PublicId) -> String {
    format!("{HERE}/flussi/{id}")
}

fn line_href(id: &crate::base::PublicId) -> String {
    format!("{HERE}/movimenti/{id}")
}

/// One entry of a list: heading, amount, sentence, where it leads.
pub(super) fn flow_entry(flow: &FlowLine) -> Value {
    json!({
        "href": flow_href(&flow.public_id),
        "title": flow.flow_id,
        "mono": true,
        "day": flow.settled_on,
        "who": flow.psp,
        "amount": flow.total,
        "state": words::badge(words::of_flow(flow.state)),
        "sentence": words::flow(flow),
    })
}

pub(super) fn row_entry(row: &FlowRowLine) -> Value {
    json!({
        "href": format!("{HERE}/pagamenti/{}", row.public_id),
        "title": words::number(row),
        "mono": true,
        "day": row.day,
        "who": row.payer.as_deref().unwrap_or(&row.psp),
        "amount": row.amount,
        "state": words::badge(words::of_row(row.state)),
        "sentence": words::row(row),
    })
}

pub(super) fn line_entry(line: &TreasuryRow) -> Value {
    json!({
        "href": line_href(&line.public_id),
        "title": format!("Movimento {}/{}", line.number, line.exercise),
        "mono": false,
        "day": line.day,
        "who": line.payer,
        "amount": line.amount,
        "state": words::badge(words::of_line(line.state)),
        "sentence": words::line(line),
        "causale": line.causale,
    })
}

/// What an IUV, a notice number, a flow's id or an amount finds; nothing for an empty question.
pub(super) fn search(db: &Connection, q: &str) -> Result<Vec<Value>> {
    if q.is_empty() {
        return Ok(Vec::new());
    }
    let digits: String = q.chars().filter(char::is_ascii_digit).collect();
    let only_digits = q.chars().all(|c| c.is_ascii_digit() || c.is_whitespace());
    let mut found = Vec::new();
    if only_digits && digits.len() >= 15 {
        let iuv = match NoticeNumber::parse(&digits) {
            Ok(number) => number.iuv().as_str().to_owned(),
            Err(_) => digits,
        };
        found.extend(settlement::rows_with(db, &iuv, PAGE)?.iter().map(row_entry));
    } else if let Ok(amount) = Cents::parse_it(q) {
        let (flows, rows, lines) = settlement::of_amount(db, amount, PAGE)?;
        found.extend(flows.iter().map(flow_entry));
        found.extend(lines.iter().map(line_entry));
        found.extend(rows.iter().map(row_entry));
    } else {
        let flows = settlement::flows_named(db, q, PAGE)?;
        found.extend(flows.iter().map(flow_entry));
    }
    Ok(found)
}

/// A state that can be chosen: value, label, what is in it.
type Choice = (&'static str, &'static str, Sum);

fn states_of<S: Copy>(
    sums: &[(S, Sum)],
    value: fn(S) -> &'static str,
    words: fn(S) -> (&'static str, &'static str),
) -> Vec<Choice> {
    let one = |(state, sum): &(S, Sum)| (value(*state), words(*state).0, *sum);
    sums.iter().map(one).collect()
}

fn chosen_of(states: &[Choice], chosen: &str) -> Sum {
    let found = states.iter().find(|(value, ..)| *value == chosen);
    found.map_or(Sum::default(), |(.., sum)| *sum)
}

/// A list's page.
struct Shown {
    title: &'static str,
    lead: &'static str,
    /// The part of the address behind [`HERE`].
    name: &'static str,
    /// None where there is nothing to choose.
    states: Vec<Choice>,
    state: String,
    psp: Option<String>,
    entries: Vec<Value>,
    count: i64,
    amount: Cents,
    files: bool,
}

fn shown(cx: &Cx, of: &Shown) -> Result<Reply> {
    let (from, to) = period_or_today(cx);
    let mut query = format!("stato={}&dal={from}&al={to}", of.state);
    if let Some(psp) = &of.psp {
        let psp: String = form_urlencoded::byte_serialize(psp.as_bytes()).collect();
        query.push_str(&format!("&psp={psp}"));
    }
    let tabs = of
        .states
        .iter()
        .filter(|(value, _, sum)| sum.count > 0 || *value == of.state);
    let data = json!({
        "heading": of.title, "lead": of.lead,
        "here": format!("{HERE}/{}", of.name),
        "from": from, "to": to,
        "days": days_in_words((from, to)),
        "state": of.state,
        "psp": of.psp,
        "with_psp": of.name == "flussi",
        "tabs": tabs.map(|(value, label, sum)| json!({
            "label": label, "count": sum.count, "current": *value == of.state,
            "href": format!("{HERE}/{}?stato={value}&dal={from}&al={to}", of.name),
        })).collect::<Vec<_>>(),
        "entries": of.entries,
        "count": of.count, "amount": of.amount,
        "files": of.files, "query": query,
        "page_number": page_number(cx),
        "pages": pages(of.count, PAGE).max(1),
        "base": format!("?{query}&"),
    });
    match period(cx) {
        Ok(_) => cx.page(LIST, of.title, data),
        Err(error) => cx.page_again(error, LIST, of.title, data),
    }
}

fn skip(cx: &Cx) -> u32 {
    (page_number(cx) - 1).saturating_mul(PAGE)
}

pub(super) fn flow_filter(cx: &Cx) -> FlowFilter {
    let (from, to) = period_or_today(cx);
    FlowFilter {
        from,
        to,
        state: FlowState::parse(cx.query.text("stato")),
        psp: cx.query.some("psp"),
    }
}

fn flows(cx: &mut Cx) -> Result<Reply> {
    let filter = flow_filter(cx);
    let (list, sums) = cx.read(|db| {
        Ok((
            settlement::flows(db, &filter, PAGE, skip(cx))?,
            settlement::flow_sums_of(db, &filter)?,
        ))
    })?;
    let all = sums.iter().fold(Sum::default(), |all, (_, sum)| Sum {
        count: all.count + sum.count,
        amount: all.amount + sum.amount,
    });
    let mut states = vec![("", "Tutti", all)];
    states.extend(states_of(&sums, FlowState::as_str, words::of_flow));
    let state = filter.state.map_or("", FlowState::as_str);
    let chosen = chosen_of(&states, state);
    shown(
        cx,
        &Shown {
            title: "Flussi di rendicontazione",
            lead: "Ogni PSP dichiara, giorno per giorno, di quali pagamenti è fatto il suo accredito in tesoreria.",
            name: "flussi",
            states,
            state: state.to_owned(),
            psp: filter.psp.clone(),
            entries: list.iter().map(flow_entry).collect(),
            count: chosen.count,
            amount: chosen.amount,
            files: true,
        },
    )
}

pub(super) fn row_filter(cx: &Cx) -> RowFilter {
    let (from, to) = period_or_today(cx);
    RowFilter {
        from,
        to,
        state: RowState::parse(cx.query.text("stato")).unwrap_or(RowState::Matched),
    }
}

fn rows(cx: &mut Cx) -> Result<Reply> {
    let filter = row_filter(cx);
    let (list, sums) = cx.read(|db| {
        Ok((
            settlement::rows(db, &filter, PAGE, skip(cx))?,
            settlement::row_sums(db, filter.from, filter.to)?,
        ))
    })?;
    let states = states_of(&sums, RowState::as_str, words::of_row);
    let chosen = chosen_of(&states, filter.state.as_str());
    shown(
        cx,
        &Shown {
            title: "Pagamenti rendicontati",
            lead: "Le righe dei flussi, e perché ognuna sta dove sta.",
            name: "pagamenti",
            states,
            state: filter.state.as_str().to_owned(),
            psp: None,
            entries: list.iter().map(row_entry).collect(),
            count: chosen.count,
            amount: chosen.amount,
            files: true,
        },
    )
}

pub(super) fn line_filter(cx: &Cx) -> TreasuryFilter {
    let (from, to) = period_or_today(cx);
    TreasuryFilter {
        from,
        to,
        state: TreasuryState::parse(cx.query.text("stato")).unwrap_or(TreasuryState::Open),
    }
}

fn lines(cx: &mut Cx) -> Result<Reply> {
    let filter = line_filter(cx);
    let (list, sums) = cx.read(|db| {
        Ok((
            settlement::treasury_lines(db, &filter, PAGE, skip(cx))?,
            settlement::treasury_sums(db, filter.from, filter.to)?,
        ))
    })?;
    let states = states_of(&sums, TreasuryState::as_str, words::of_line);
    let chosen = chosen_of(&states, filter.state.as_str());
    shown(
        cx,
        &Shown {
            title: "Movimenti di tesoreria",
            lead: "Che cosa ha accreditato la banca sul conto del Comune.",
            name: "movimenti",
            states,
            state: filter.state.as_str().to_owned(),
            psp: None,
            entries: list.iter().map(line_entry).collect(),
            count: chosen.count,
            amount: chosen.amount,
            files: true,
        },
    )
}

/// The receipts that no flow declares, though its time is over.
fn receipts(cx: &mut Cx) -> Result<Reply> {
    let days = period_or_today(cx);
    let (sum, list) =
        cx.read(|db| settlement::awaited_receipts(db, days, cx.today(), (PAGE, skip(cx))))?;
    let entry = |receipt: &settlement::AwaitedReceipt| {
        let number = NoticeNumber::parse(&receipt.notice_number)
            .map_or_else(|_| receipt.notice_number.clone(), |number| number.grouped());
        json!({
            "href": format!("/ufficio/pagamenti?q={}", receipt.notice_number),
            "title": number, "mono": true,
            "day": crate::base::day_of(receipt.paid_at),
            "who": receipt.psp,
            "amount": receipt.amount,
            "state": words::badge(("non rendicontato", "warn")),
            "sentence": format!(
                "Pagata il {} con ricevuta {}: la famiglia è a posto, ma dopo tre giorni lavorativi nessun flusso la dichiara. Chiedi al PSP.",
                datetime_it(receipt.paid_at), receipt.key
            ),
        })
    };
    shown(
        cx,
        &Shown {
            title: "Ricevute senza rendiconto",
            lead: "Pagamenti con ricevuta che nessun flusso dichiara, passati tre giorni lavorativi.",
            name: "ricevute",
            states: Vec::new(),
            state: String::new(),
            psp: None,
            entries: list.iter().map(entry).collect(),
            count: sum.count,
            amount: sum.amount,
            files: false,
        },
    )
}
