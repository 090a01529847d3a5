//! "Riconciliazione": flows of the providers, movements of the treasury, and why each payment is where
//! it is. What the rules are stands in docs/reconciliation.md.

mod files;
mod flow;
mod line;
mod lists;
mod uploads;
mod words;

use serde_json::{Value, json};

use crate::base::Permission::{Accounting, Money};
use crate::base::{Cents, Date, Result, date_it};
use crate::settlement::{self, FlowState, RowState, Sum, TreasuryState};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

const HERE: &str = "/ufficio/riconciliazione";
const OVERVIEW: &str = "office/reconciliation/overview.html";

pub(super) fn routes() -> Vec<Route> {
    let own = vec![
        get("/ufficio/riconciliazione", Money, overview),
        post("/ufficio/riconciliazione/leggi", Accounting, uploads::ask),
        post(
            "/ufficio/riconciliazione/carica-flusso",
            Accounting,
            uploads::flow,
        )
        .mib(33),
        post(
            "/ufficio/riconciliazione/carica-movimenti",
            Accounting,
            uploads::lines,
        )
        .mib(65),
    ];
    [
        own,
        lists::routes(),
        files::routes(),
        flow::routes(),
        line::routes(),
    ]
    .concat()
}

/// The days that are looked at: those of the address, else the last sixty.
fn period(cx: &Cx) -> Result<(Date, Date)> {
    let mut checks = cx.query.check();
    let (from, to) = (checks.date("dal", false), checks.date("al", false));
    checks.done()?;
    let to = to.unwrap_or(cx.today());
    let usual = to.checked_sub(jiff::Span::new().days(60)).unwrap_or(to);
    Ok((from.unwrap_or(usual).min(to), to))
}

/// The same, today where the address is wrong.
fn period_or_today(cx: &Cx) -> (Date, Date) {
    period(cx).unwrap_or((cx.today(), cx.today()))
}

/// One line of a list of states: what it is, how many, how much, where they are.
fn counted(word: Value, sum: Sum, href: String) -> Value {
    json!({ "state": word, "count": sum.count, "amount": sum.amount, "href": href })
}

fn total(sums: &[Sum]) -> Value {
    let count: i64 = sums.iter().map(|sum| sum.count).sum();
    let amount: Cents = sums.iter().map(|sum| sum.amount).sum();
    json!({ "count": count, "amount": amount })
}

fn overview(cx: &mut Cx) -> Result<Reply> {
    let asked = period(cx).map(|_| ());
    let data = data(cx)?;
    match asked {
        Ok(()) => cx.page(OVERVIEW, "Riconciliazione", data),
        Err(error) => cx.page_again(error, OVERVIEW, "Riconciliazione", data),
    }
}

/// What the overview shows, also below a form that must be mended.
fn data(cx: &Cx) -> Result<Value> {
    let (from, to) = period_or_today(cx);
    let days = format!("dal={from}&al={to}");
    let q = cx.query.text("q").to_owned();
    let (of, late, awaited, found) = cx.read(|db| {
        Ok((
            settlement::overview(db, from, to)?,
            settlement::late_flows(db, cx.today())?,
            settlement::awaited_receipts(db, (from, to), cx.today(), (0, 0))?.0,
            lists::search(db, &q)?,
        ))
    })?;
    let sums = |all: Vec<Sum>| total(&all);
    let flows = of.flows.iter().map(|(state, sum)| {
        let href = format!("{HERE}/flussi?stato={}&{days}", state.as_str());
        counted(words::badge(words::of_flow(*state)), *sum, href)
    });
    let rows = of.rows.iter().map(|(state, sum)| {
        let href = format!("{HERE}/pagamenti?stato={}&{days}", state.as_str());
        counted(words::badge(words::of_row(*state)), *sum, href)
    });
    let lines = of.lines.iter().map(|(state, sum)| {
        let href = format!("{HERE}/movimenti?stato={}&{days}", state.as_str());
        counted(words::badge(words::of_line(*state)), *sum, href)
    });
    let exceptions = exceptions(&of);
    Ok(json!({
        "accountant": cx.actor.may(Accounting),
        "online": crate::processes::payments::gateway(&cx.app)?.is_some(),
        "from": from, "to": to,
        "q": q,
        "found": found,
        "flows": flows.filter(is_there).collect::<Vec<_>>(),
        "flows_total": sums(of.flows.iter().map(|(_, sum)| *sum).collect()),
        "rows": rows.filter(is_there).collect::<Vec<_>>(),
        "rows_total": sums(of.rows.iter().map(|(_, sum)| *sum).collect()),
        "lines": lines.filter(is_there).collect::<Vec<_>>(),
        "lines_total": sums(of.lines.iter().map(|(_, sum)| *sum).collect()),
        "credited": of.credited,
        "late": late,
        "late_href": format!("{HERE}/flussi?stato=open"),
        "awaited": awaited,
        "awaited_href": format!("{HERE}/ricevute?{days}"),
        "exceptions": exceptions,
        "typed": cx.form.typed(),
    }))
}

fn is_there(line: &Value) -> bool {
    line["count"] != 0
}

/// How many things somebody should look at.
fn exceptions(of: &settlement::Overview) -> i64 {
    let flows = of
        .flows
        .iter()
        .filter(|(state, _)| matches!(state, FlowState::Amount | FlowState::Sums));
    let rows = of.rows.iter().filter(|(state, _)| {
        !matches!(
            state,
            RowState::Matched | RowState::Ignored | RowState::Superseded
        )
    });
    let lines = of
        .lines
        .iter()
        .filter(|(state, _)| *state == TreasuryState::Open);
    let count = |sum: &Sum| sum.count;
    flows.map(|(_, sum)| count(sum)).sum::<i64>()
        + rows.map(|(_, sum)| count(sum)).sum::<i64>()
        + lines.map(|(_, sum)| count(sum)).sum::<i64>()
}

/// The days in words.
fn days_in_words((from, to): (Date, Date)) -> String {
    format!("dal {} al {}", date_it(from), date_it(to))
}
