//! Credits of who has left: listed, and their cases opened one by one or all that are shown.

use std::sync::Arc;

use serde_json::{Value, json};

use super::refunds::{base, href};
use crate::base::Permission::Money;
use crate::base::{Cents, Error, PublicId, Result, Text};
use crate::ledger;
use crate::people;
use crate::refunds::{self, LeaverFilter};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

/// Rows on a page.
const PAGE: u32 = 25;
/// Cases that are opened in one go.
const MOST: u32 = 200;
const LEAVERS: &str = "office/refund_leavers.html";

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/ufficio/rimborsi/usciti", Money, leavers),
        get("/ufficio/rimborsi/usciti/apri", Money, preview_leavers),
        post("/ufficio/rimborsi/usciti", Money, open_leavers),
        post("/ufficio/rimborsi/usciti/:account", Money, open_leaver),
    ]
}

fn leavers(cx: &mut Cx) -> Result<Reply> {
    let data = leavers_data(cx);
    match data {
        Ok(data) => cx.page(LEAVERS, "Crediti di chi è uscito", data),
        Err(error) => {
            let empty = json!({ "q": "", "until": cx.today(), "total": 0, "sum": Cents::ZERO, "rows": [], "page_number": 1, "pages": 0, "base": "?" });
            cx.page_again(error, LEAVERS, "Crediti di chi è uscito", empty)
        }
    }
}

fn leavers_data(cx: &Cx) -> Result<Value> {
    let filter = filter(cx)?;
    let (q, until) = (cx.query.text("q").to_owned(), filter.until);
    let page = super::page_number(cx);
    cx.read(|db| {
        let (total, sum) = refunds::leavers_total(db, &filter)?;
        Ok(json!({
            "rows": refunds::leavers(db, &filter, PAGE, page.saturating_sub(1).saturating_mul(PAGE))?,
            "q": q,
            "until": until,
            "total": total,
            "sum": sum,
            "page_number": page,
            "pages": super::pages(total, PAGE),
            "base": base(&[("q", &q), ("al", &until.to_string())]),
        }))
    })
}

fn open_leaver(cx: &mut Cx) -> Result<Reply> {
    let (id, app, actor, now) = (
        cx.id("account")?,
        Arc::clone(&cx.app),
        cx.actor.clone(),
        cx.now,
    );
    let opened = cx.write(move |tx| {
        let account = ledger::account_by_public_id(tx, &id)?;
        refunds::open_for_leaver(tx, &app.key, &actor, account.id, now)
    });
    match opened {
        Ok(case) => cx.redirect_saying(href(&case), &Text::new("office-refund-opened")),
        Err(error) => {
            let data = leavers_data(cx)?;
            cx.page_again(error, LEAVERS, "Crediti di chi è uscito", data)
        }
    }
}

/// Whom the address asks for.
fn filter(cx: &Cx) -> Result<LeaverFilter> {
    let mut checks = cx.query.check();
    let until = checks.date("al", false);
    checks.done()?;
    Ok(LeaverFilter {
        words: people::search_name(cx.query.text("q")),
        until: until.unwrap_or(cx.today()).min(cx.today()),
    })
}

/// The cases that would be opened, before it is done.
fn preview_leavers(cx: &mut Cx) -> Result<Reply> {
    let filter = filter(cx)?;
    let data = cx.read(|db| {
        let rows = refunds::leavers(db, &filter, MOST, 0)?;
        let (total, _) = refunds::leavers_total(db, &filter)?;
        Ok(json!({
            "sum": rows.iter().map(|row| row.balance).sum::<Cents>(),
            "more": (total - i64::try_from(rows.len()).unwrap_or(total)).max(0),
            "rows": rows,
        }))
    })?;
    cx.page(
        "office/refund_leavers_preview.html",
        "Apri le richieste",
        data,
    )
}

/// Opens the cases that were shown and chosen; one that somebody opened meanwhile is left out.
fn open_leavers(cx: &mut Cx) -> Result<Reply> {
    let (app, actor, now) = (Arc::clone(&cx.app), cx.actor.clone(), cx.now);
    let most = usize::try_from(MOST).map_err(Error::internal)?;
    let chosen = cx.form.all("row").filter_map(|id| id.parse().ok());
    let chosen: Vec<PublicId> = chosen.take(most).collect();
    if chosen.is_empty() {
        return cx.redirect("/ufficio/rimborsi/usciti");
    }
    let done = cx.write_once(move |tx| {
        for id in &chosen {
            let account = ledger::account_by_public_id(tx, id)?;
            match refunds::open_for_leaver(tx, &app.key, &actor, account.id, now) {
                Ok(_) | Err(Error::Refused(_)) => {}
                Err(other) => return Err(other),
            }
        }
        Ok("/ufficio/rimborsi?stato=da-decidere".to_owned())
    })?;
    match done {
        Reply::Redirect(place) => cx.redirect_saying(place, &Text::new("office-refunds-opened")),
        other => Ok(other),
    }
}
