//! "Servizi da sospendere": whose prepaid account owes too much, suspending after a preview, and the
//! suspensions that run.

use serde_json::{Value, json};

use crate::base::Permission::{Money, Office};
use crate::base::{Cents, Error, PublicId, Result, Text};
use crate::ledger;
use crate::people;
use crate::refunds;
use crate::suspensions::{self, Candidate, NewSuspension, Suspension};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

/// Rows on a page.
const PAGE: usize = 50;
/// Services that are suspended in one go.
const MOST: usize = 200;
/// The longest reason, in characters.
const LONGEST: usize = 1000;

const LIST: &str = "office/suspensions.html";
const PREVIEW: &str = "office/suspensions_preview.html";
const RUNNING: &str = "office/suspensions_running.html";
const ONE: &str = "office/suspension.html";

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/ufficio/sospensioni", Money, list),
        post("/ufficio/sospensioni", Office, suspend),
        get("/ufficio/sospensioni/anteprima", Office, preview),
        get("/ufficio/sospensioni/in-corso", Money, running),
        get("/ufficio/sospensioni/in-corso/:id", Office, one),
        post("/ufficio/sospensioni/in-corso/:id", Office, reactivate),
    ]
}

/// Whether all words that are searched for stand in the names.
fn finds(searched: &str, words: &str) -> bool {
    searched.split_whitespace().all(|word| words.contains(word))
}

/// The part of a list that the address asks for.
fn page_of<T>(cx: &Cx, all: Vec<T>) -> (u32, usize, Vec<T>) {
    let page = super::page_number(cx);
    let pages = all.len().div_ceil(PAGE);
    let first = (page as usize - 1).saturating_mul(PAGE);
    (
        page,
        pages,
        all.into_iter().skip(first).take(PAGE).collect(),
    )
}

/// What both lists say above their rows, and of their pages.
fn list_data<T: serde::Serialize>(cx: &Cx, found: Vec<T>, sum: Cents) -> Result<Value> {
    let today = cx.today();
    let (to_suspend, running, rule) = cx.read(|db| {
        Ok((
            suspensions::candidates(db, today)?.len(),
            suspensions::running(db)?.len(),
            refunds::dunning_policy(db)?,
        ))
    })?;
    let q = cx.query.text("q");
    let (count, (page, pages, rows)) = (found.len(), page_of(cx, found));
    Ok(json!({
        "rows": rows,
        "count": count,
        "sum": sum,
        "to_suspend": to_suspend,
        "running": running,
        "suspends": rule.credit.suspends(),
        "meals": rule.credit.suspend_below_meals.map(|meals| meals.abs()),
        "rule": rule.name,
        "q": q,
        "page_number": page,
        "pages": pages,
        "base": super::refunds::base(&[("q", q)]),
    }))
}

fn candidates(cx: &Cx) -> Result<Vec<Candidate>> {
    let (today, searched) = (cx.today(), people::search_name(cx.query.text("q")));
    let mut found = cx.read(|db| suspensions::candidates(db, today))?;
    found.retain(|one| finds(&searched, &one.words));
    Ok(found)
}

fn list(cx: &mut Cx) -> Result<Reply> {
    let found = candidates(cx)?;
    let sum = found.iter().map(|one| one.owed).sum();
    let data = list_data(cx, found, sum)?;
    cx.page(LIST, "Servizi da sospendere", data)
}

/// The accounts that are ticked in a form or an address.
fn ticked<'a>(rows: impl Iterator<Item = &'a str>) -> Vec<PublicId> {
    let chosen = rows.filter_map(|id| id.parse().ok());
    chosen.take(MOST).collect()
}

/// Who was ticked, or all that are found, before anything is done.
fn preview(cx: &mut Cx) -> Result<Reply> {
    let chosen = ticked(cx.query.all("row"));
    let mut found = candidates(cx)?;
    if !cx.query.has("tutti") {
        found.retain(|one| chosen.contains(&one.account));
    }
    if found.is_empty() {
        let error = Error::field("row", Text::new("error-suspension-choose"));
        let found = candidates(cx)?;
        let sum = found.iter().map(|one| one.owed).sum();
        let data = list_data(cx, found, sum)?;
        return cx.page_again(error, LIST, "Servizi da sospendere", data);
    }
    let data = preview_data(cx, found, Vec::new());
    cx.page(PREVIEW, "Anteprima della sospensione", data)
}

/// The form with what was typed; in it the boxes that were cleared before stay so.
fn preview_data(cx: &Cx, mut rows: Vec<Candidate>, cleared: Vec<PublicId>) -> Value {
    let more = rows.len().saturating_sub(MOST);
    rows.truncate(MOST);
    let day = suspensions::suggested_day(cx.today());
    json!({
        "sum": rows.iter().map(|row| row.owed).sum::<Cents>(),
        "more": more,
        "rows": rows.iter().map(|row| json!({
            "row": row, "ticked": !cleared.contains(&row.account),
        })).collect::<Vec<_>>(),
        "from": cx.form.some("from").unwrap_or_else(|| day.to_string()),
        "last": suspensions::last_first_day(cx.today()),
        "reason": cx.form.text("reason"),
    })
}

fn suspend(cx: &mut Cx) -> Result<Reply> {
    let chosen = ticked(cx.form.all("row"));
    let mut checks = cx.form.check();
    if chosen.is_empty() {
        checks.wrong("row", Text::new("error-suspension-choose"));
    }
    let from = checks.date("from", true);
    let reason = checks.required("reason", LONGEST);
    let done = checks.done().and_then(|()| {
        let (actor, now) = (cx.actor.clone(), cx.now);
        let from = from.ok_or(Error::NotFound)?;
        cx.write_once(move |tx| {
            let new = NewSuspension {
                accounts: &chosen,
                from,
                reason: &reason,
            };
            suspensions::suspend(tx, &actor, &new, now)?;
            Ok("/ufficio/sospensioni/in-corso".to_owned())
        })
    });
    match done {
        Ok(Reply::Redirect(place)) => cx.redirect_saying(place, &Text::new("office-suspended")),
        Ok(other) => Ok(other),
        Err(error) => {
            let (shown, chosen) = (ticked(cx.form.all("shown")), ticked(cx.form.all("row")));
            let today = cx.today();
            let mut rows = cx.read(|db| suspensions::candidates(db, today))?;
            rows.retain(|one| shown.contains(&one.account));
            let cleared = shown.into_iter().filter(|one| !chosen.contains(one));
            let data = preview_data(cx, rows, cleared.collect());
            cx.page_again(error, PREVIEW, "Anteprima della sospensione", data)
        }
    }
}

fn running(cx: &mut Cx) -> Result<Reply> {
    let (today, searched) = (cx.today(), people::search_name(cx.query.text("q")));
    let found: Vec<(Suspension, Cents)> = cx.read(|db| {
        let mut found = Vec::new();
        for one in suspensions::running(db)? {
            if finds(&searched, &one.words) {
                let owed = suspensions::overdue(db, one.account, today)?;
                found.push((one, owed));
            }
        }
        Ok(found)
    })?;
    let sum = found.iter().map(|(_, owed)| *owed).sum();
    let rows = found
        .into_iter()
        .map(|(one, owed)| json!({ "begun": one.from <= today, "owed": owed, "then": one.balance.abs(), "row": one }));
    let data = list_data(cx, rows.collect(), sum)?;
    cx.page(RUNNING, "Servizi sospesi", data)
}

fn one_data(cx: &Cx) -> Result<Value> {
    let (id, today) = (cx.id("id")?, cx.today());
    cx.read(|db| {
        let one = suspensions::suspension(db, &id)?;
        Ok(json!({
            "begun": one.from <= today,
            "balance": ledger::balance(db, one.account)?,
            "action": cx.path,
            "reason": cx.form.text("reason"),
            "one": one,
        }))
    })
}

fn one(cx: &mut Cx) -> Result<Reply> {
    let data = one_data(cx)?;
    cx.page(ONE, "Riattiva il servizio", data)
}

fn reactivate(cx: &mut Cx) -> Result<Reply> {
    let (id, actor, now) = (cx.id("id")?, cx.actor.clone(), cx.now);
    let mut checks = cx.form.check();
    let reason = checks.optional("reason", LONGEST).unwrap_or_default();
    let done = checks
        .done()
        .and_then(|()| cx.write(move |tx| suspensions::reactivate(tx, &actor, &id, &reason, now)));
    match done {
        Ok(()) => {
            let text = Text::new("office-reactivated");
            cx.redirect_saying("/ufficio/sospensioni/in-corso", &text)
        }
        Err(error @ (Error::Invalid(_) | Error::Refused(_))) => {
            let data = one_data(cx)?;
            cx.page_again(error, ONE, "Riattiva il servizio", data)
        }
        Err(error) => Err(error),
    }
}
