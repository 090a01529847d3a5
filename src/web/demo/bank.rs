//! The pretended providers' back office: flows, transfers, and the mishaps of both.

use serde_json::{Value, json};

use crate::base::Permission::Demo;
use crate::base::{Cents, Error, Result, Text};
use crate::demo::line_of;
use crate::payments::flows::RowOutcome;
use crate::payments::sandbox_flows::{self, Mangling};
use crate::processes::{payments, settlement};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

const BANK: &str = "demo/sandbox/bank.html";
/// So many flows can be chosen.
const LISTED: u32 = 40;

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/demo/banca", Demo, show),
        post("/demo/banca", Demo, act),
    ]
}

fn data(cx: &Cx) -> Result<Value> {
    let flows = cx.read(|db| sandbox_flows::newest(db, LISTED))?;
    let choices = flows.iter().map(|flow| {
        json!({ "value": flow.id, "label": format!("{} – {} – {}", flow.id, flow.psp, flow.total) })
    });
    Ok(json!({
        "flows": choices.collect::<Vec<_>>(),
        "today": cx.today(),
        "typed": cx.form.typed(),
    }))
}

fn show(cx: &mut Cx) -> Result<Reply> {
    cx.ensure_session(None)?;
    let data = data(cx)?;
    cx.page(BANK, cx.say("sandbox-bank-title"), data)
}

fn act(cx: &mut Cx) -> Result<Reply> {
    let done = match cx.form.text("action") {
        "settle" => settle(cx),
        "transfer" => transfer(cx),
        "overwrite" => overwrite(cx),
        _ => return Err(Error::NotFound),
    };
    match done {
        Ok(said) => cx.redirect_saying("/demo/banca", &said),
        Err(error) => {
            let data = data(cx)?;
            cx.page_again(error, BANK, cx.say("sandbox-bank-title"), data)
        }
    }
}

/// What was published is fetched at once: nobody waits for the hour in a demo.
fn fetch(cx: &Cx) -> Result<()> {
    match payments::gateway(&cx.app)? {
        Some(gateway) => settlement::fetch_now(&cx.app, gateway.as_ref()),
        None => Ok(()),
    }
}

fn settle(cx: &Cx) -> Result<Text> {
    let mut checks = cx.form.check();
    let day = checks.date("day", true);
    let outcome = checks.choice("outcome", |text| {
        text.parse().ok().and_then(RowOutcome::of_code)
    });
    checks.done()?;
    let (Some(day), Some(outcome)) = (day, outcome) else {
        return Err(Error::NotFound);
    };
    let now = cx.now;
    let made = cx.write(move |tx| sandbox_flows::settle_day(tx, day, outcome, now))?;
    fetch(cx)?;
    Ok(Text::new("sandbox-bank-settled").with("count", made.len()))
}

fn transfer(cx: &Cx) -> Result<Text> {
    let mut checks = cx.form.check();
    let flow = checks.required("flow", 40);
    let mangling = checks.choice("mangling", Mangling::parse);
    let difference = signed(cx.form.text("difference"));
    if difference.is_none() {
        checks.wrong("difference", Text::new("error-not-an-amount"));
    }
    checks.done()?;
    let (Some(mangling), Some(difference)) = (mangling, difference) else {
        return Err(Error::NotFound);
    };
    let now = cx.now;
    let amount = cx.write(move |tx| {
        let transfer = sandbox_flows::transfer(tx, &flow, mangling, difference)?;
        let amount = transfer.amount;
        crate::settlement::record(tx, &line_of(transfer), now)?;
        Ok(amount)
    })?;
    Ok(Text::new("sandbox-bank-transferred").with("amount", amount))
}

/// `-0,10`, `0`, empty.
fn signed(text: &str) -> Option<Cents> {
    match text.strip_prefix('-') {
        _ if text.is_empty() => Some(Cents::ZERO),
        Some(text) => Cents::parse_it(text.trim()).ok().map(|amount| -amount),
        None => Cents::parse_it(text).ok(),
    }
}

fn overwrite(cx: &Cx) -> Result<Text> {
    let flow = cx.form.text("flow").to_owned();
    let now = cx.now;
    let total = cx.write(move |tx| sandbox_flows::overwrite(tx, &flow, now))?;
    fetch(cx)?;
    Ok(Text::new("sandbox-bank-overwritten").with("amount", total))
}
