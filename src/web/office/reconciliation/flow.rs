//! A flow: what it says, what the bank did, row by row why each is where it is.

use serde_json::{Value, json};

use super::lists::{flow_entry, flow_href, line_entry, row_entry};
use super::{HERE, words};
use crate::base::Permission::{Accounting, Money};
use crate::base::{Error, Result, Text};
use crate::settlement::{self, FlowRowLine, FlowState, RowState};
use crate::web::cx::Cx;
use crate::web::office::{page_number, pages};
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

const FLOW: &str = "office/reconciliation/flow.html";
const ROW: &str = "office/reconciliation/row.html";
/// Rows on a page.
const PAGE: u32 = 100;

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/ufficio/riconciliazione/flussi/:id", Money, show),
        post("/ufficio/riconciliazione/flussi/:id", Accounting, decide),
        get("/ufficio/riconciliazione/pagamenti/:id", Money, show_row),
        post(
            "/ufficio/riconciliazione/pagamenti/:id",
            Accounting,
            decide_row,
        ),
    ]
}

fn data(cx: &Cx) -> Result<Value> {
    let id = cx.id("id")?;
    let page = page_number(cx);
    cx.read(|db| {
        let flow = settlement::flow(db, &id)?;
        let rows = settlement::rows_of_flow(db, flow.id, PAGE, (page - 1).saturating_mul(PAGE))?;
        let lines = settlement::lines_of_flow(db, flow.id)?;
        let revisions = settlement::revisions(db, flow.id)?;
        Ok(json!({
            "flow": flow,
            "revoked": flow.revoked.is_positive(),
            "entry": flow_entry(&flow),
            "href": flow_href(&id),
            "accountant": cx.actor.may(Accounting),
            "can_ignore": !matches!(flow.state, FlowState::Reconciled | FlowState::Ignored),
            "ignored": flow.state == FlowState::Ignored,
            "rows": rows.iter().map(|row| {
                let mut entry = row_entry(row);
                entry["line"] = row.line.into();
                entry["reported"] = row.reported.into();
                entry
            }).collect::<Vec<_>>(),
            "lines": lines.iter().map(line_entry).collect::<Vec<_>>(),
            "revisions": revisions.iter().map(|(made, received, total)| json!({
                "made_at": made, "received_at": received, "total": total,
            })).collect::<Vec<_>>(),
            "page_number": page,
            "pages": pages(flow.payments, PAGE).max(1),
            "typed": cx.form.typed(),
        }))
    })
}

fn show(cx: &mut Cx) -> Result<Reply> {
    let data = data(cx)?;
    cx.page(FLOW, "Flusso di rendicontazione", data)
}

/// Sets a flow or a row aside, or takes that back; what the button says.
fn set_aside(cx: &Cx) -> Result<Text> {
    let (id, actor, now) = (cx.id("id")?, cx.actor.clone(), cx.now);
    let reason = cx.form.text("reason").to_owned();
    let action = cx.form.text("action").to_owned();
    cx.write(move |tx| match action.as_str() {
        "ignore" => settlement::ignore(tx, &actor, &id, &reason, now),
        "resume" => settlement::resume(tx, &actor, &id, &reason, now),
        "take-back" => settlement::take_back(tx, &actor, &id, &reason, now),
        _ => Err(Error::NotFound),
    })?;
    Ok(Text::new("reconciliation-decided"))
}

fn decide(cx: &mut Cx) -> Result<Reply> {
    match set_aside(cx) {
        Ok(done) => cx.redirect_saying(flow_href(&cx.id("id")?), &done),
        Err(error) => {
            let data = data(cx)?;
            cx.page_again(error, FLOW, "Flusso di rendicontazione", data)
        }
    }
}

fn row_data(cx: &Cx) -> Result<Value> {
    let id = cx.id("id")?;
    let row = cx.read(|db| settlement::row(db, &id))?;
    Ok(json!({
        "row": row,
        "entry": row_entry(&row),
        "number": words::number(&row),
        "href": format!("{HERE}/pagamenti/{id}"),
        "flow_href": flow_href(&row.flow),
        "outcome": outcome(&row),
        "accountant": cx.actor.may(Accounting),
        "can_ignore": !matches!(row.state, RowState::Matched | RowState::Ignored | RowState::Superseded),
        "ignored": row.state == RowState::Ignored,
        "can_take_back": row.credited,
        "typed": cx.form.typed(),
    }))
}

fn outcome(row: &FlowRowLine) -> &'static str {
    match row.outcome {
        0 => "0, eseguito",
        3 => "3, revocato",
        4 => "4, eseguito mentre la stazione dell’ente non rispondeva",
        8 => "8, eseguito senza richiesta all’ente",
        _ => "9, eseguito senza ricevuta",
    }
}

fn show_row(cx: &mut Cx) -> Result<Reply> {
    let data = row_data(cx)?;
    cx.page(ROW, "Pagamento rendicontato", data)
}

fn decide_row(cx: &mut Cx) -> Result<Reply> {
    match set_aside(cx) {
        Ok(done) => cx.redirect_saying(format!("{HERE}/pagamenti/{}", cx.id("id")?), &done),
        Err(error) => {
            let data = row_data(cx)?;
            cx.page_again(error, ROW, "Pagamento rendicontato", data)
        }
    }
}
