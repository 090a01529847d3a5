//! A movement of the treasury: which flow it is, or might be; matched, parted and set aside by hand.

use serde_json::{Value, json};

use super::HERE;
use super::lists::{flow_entry, line_entry};
use crate::base::Permission::{Accounting, Money};
use crate::base::{Error, PublicId, Result, Text};
use crate::settlement::{self, TreasuryState};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

const LINE: &str = "office/reconciliation/line.html";
const TITLE: &str = "Movimento di tesoreria";

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/ufficio/riconciliazione/movimenti/:id", Money, show),
        post("/ufficio/riconciliazione/movimenti/:id", Accounting, decide),
    ]
}

/// The flow that is chosen: of the form, or of the address for a preview.
fn chosen(cx: &Cx) -> Option<PublicId> {
    let from_form = cx.form.text("flow").parse().ok();
    from_form.or_else(|| cx.query.text("flusso").parse().ok())
}

fn data(cx: &Cx) -> Result<Value> {
    let id = cx.id("id")?;
    let chosen = chosen(cx);
    cx.read(|db| {
        let line = settlement::treasury_line(db, &id)?;
        let matched = line.state == TreasuryState::Matched;
        let preview = match &chosen {
            Some(flow) if !matched => {
                let plan = settlement::match_plan(db, &id, flow)?;
                let flow = settlement::flow(db, flow)?;
                let missing = plan.total - plan.after;
                Some(json!({
                    "flow": flow_entry(&flow), "id": flow.public_id, "plan": plan,
                    "missing": missing, "exact": missing.0 == 0,
                }))
            }
            _ => None,
        };
        let suggestions = match matched {
            true => Vec::new(),
            false => settlement::suggestions(db, &line)?,
        };
        Ok(json!({
            "line": line,
            "entry": line_entry(&line),
            "href": format!("{HERE}/movimenti/{id}"),
            "accountant": cx.actor.may(Accounting),
            "matched": matched,
            "ignored": line.state == TreasuryState::Ignored,
            "preview": preview,
            "suggestions": suggestions.iter().map(|flow| {
                let mut entry = flow_entry(flow);
                entry["choose"] = format!("{HERE}/movimenti/{id}?flusso={}", flow.public_id).into();
                entry["same"] = (flow.total - flow.credited == line.amount).into();
                entry
            }).collect::<Vec<_>>(),
            "typed": cx.form.typed(),
        }))
    })
}

fn show(cx: &mut Cx) -> Result<Reply> {
    let data = data(cx)?;
    cx.page(LINE, TITLE, data)
}

fn decide(cx: &mut Cx) -> Result<Reply> {
    let (id, actor, now) = (cx.id("id")?, cx.actor.clone(), cx.now);
    let reason = cx.form.text("reason").to_owned();
    let (action, flow) = (cx.form.text("action").to_owned(), chosen(cx));
    let place = format!("{HERE}/movimenti/{id}");
    let done = cx.write(move |tx| match (action.as_str(), &flow) {
        ("match", Some(flow)) => settlement::match_to_flow(tx, &actor, &id, flow, &reason, now),
        ("unmatch", _) => settlement::unmatch(tx, &actor, &id, &reason, now),
        ("ignore", _) => settlement::ignore(tx, &actor, &id, &reason, now),
        ("resume", _) => settlement::resume(tx, &actor, &id, &reason, now),
        _ => Err(Error::NotFound),
    });
    match done {
        Ok(()) => cx.redirect_saying(place, &Text::new("reconciliation-decided")),
        Err(error) => {
            let data = data(cx)?;
            cx.page_again(error, LINE, TITLE, data)
        }
    }
}
