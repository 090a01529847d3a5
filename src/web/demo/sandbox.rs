//! The pages of the pretended payment platform: they say "SIMULAZIONE" and exist in a demo only.

use serde_json::json;

use crate::base::Permission::Demo;
use crate::base::{Error, Result, Text};
use crate::payments::sandbox::{self, PaidBy};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/demo/pagamento/:reference", Demo, checkout),
        post("/demo/pagamento/:reference", Demo, decide),
        get("/demo/psp", Demo, counter),
        post("/demo/psp", Demo, at_counter),
    ]
}

/// The ways in which a pretended payer pays: what the form sends, and what the receipt will say.
fn ways(choice: &str, receipt_later: bool) -> Option<PaidBy> {
    let (method, psp) = match choice {
        "card" => ("creditCard", "Banca di Prova S.p.A."),
        "cash" => ("cash", "Tabaccheria di Prova"),
        "counter" => ("other", "Mooney di Prova S.p.A."),
        _ => return None,
    };
    Some(PaidBy {
        method,
        psp,
        receipt_later,
    })
}

fn shown(cx: &Cx, error: Option<Error>) -> Result<Reply> {
    let reference = cx.param("reference").to_owned();
    let cart = cx.read(|db| sandbox::cart(db, &reference))?;
    let total: crate::base::Cents = cart.positions.iter().map(|p| p.amount).sum();
    let data = json!({ "reference": reference, "positions": cart.positions, "total": total });
    let title = cx.say("sandbox-title");
    match error {
        None => cx.page("demo/sandbox/checkout.html", title, data),
        Some(error) => cx.page_again(error, "demo/sandbox/checkout.html", title, data),
    }
}

fn checkout(cx: &mut Cx) -> Result<Reply> {
    cx.ensure_session(None)?;
    shown(cx, None)
}

fn decide(cx: &mut Cx) -> Result<Reply> {
    let reference = cx.param("reference").to_owned();
    let cart = cx.read(|db| sandbox::cart(db, &reference))?;
    let pay = |later| {
        let by = PaidBy {
            receipt_later: later,
            method: "creditCard",
            psp: "Banca di Prova S.p.A.",
        };
        let now = cx.now;
        cx.write(move |tx| sandbox::pay_cart(tx, &reference, &by, now))
            .map(|urls| urls.ok)
    };
    let leads_to = match cx.form.text("action") {
        "pay" => pay(false),
        "later" => pay(true),
        "cancel" => Ok(cart.urls.cancel),
        "error" => Ok(cart.urls.error),
        // Nobody is led back: the payer finds the way alone, and the notice is not paid.
        "timeout" => {
            let title = cx.say("sandbox-timeout-title");
            return cx.page("demo/sandbox/timeout.html", title, json!({}));
        }
        _ => return Err(Error::NotFound),
    };
    match leads_to {
        // The browser may have come by another name of this very host.
        Ok(url) => {
            let path = url.strip_prefix(cx.app.config.public_url.as_str());
            cx.redirect(path.unwrap_or(&url))
        }
        Err(error) => shown(cx, Some(error)),
    }
}

/// "Paga al PSP": a bank's counter or app that gets the data from the notice.
fn counter(cx: &mut Cx) -> Result<Reply> {
    cx.ensure_session(None)?;
    let number = cx.query.text("avviso").to_owned();
    let data = json!({ "typed": { "notice_number": number, "creditor": "", "way": "card" } });
    cx.page("demo/sandbox/psp.html", cx.say("sandbox-psp-title"), data)
}

fn at_counter(cx: &mut Cx) -> Result<Reply> {
    let number = cx.form.text("notice_number").to_owned();
    let creditor = cx.form.text("creditor").to_owned();
    let (way, now) = (ways(cx.form.text("way"), cx.form.has("late")), cx.now);
    let choose = || Error::field("way", Text::new("error-choose"));
    let done = match cx.form.text("action") {
        "pay" => way.ok_or_else(choose).and_then(|by| {
            cx.write(move |tx| sandbox::pay_at_psp(tx, &number, &creditor, &by, now))?;
            Ok("sandbox-psp-paid")
        }),
        "again" => cx
            .write(move |tx| sandbox::send_again(tx, &number, now))
            .map(|()| "sandbox-psp-sent-again"),
        "twice" => way.ok_or_else(choose).and_then(|by| {
            cx.write(move |tx| sandbox::pay_again(tx, &number, &by, now))?;
            Ok("sandbox-psp-paid-twice")
        }),
        _ => return Err(Error::NotFound),
    };
    match done {
        Ok(key) => {
            crate::processes::payments::tick(&cx.app)?;
            let text = Text {
                key,
                args: Vec::new(),
            };
            cx.redirect_saying("/demo/psp", &text)
        }
        Err(error) => {
            let data = json!({ "typed": cx.form.typed() });
            cx.page_again(
                error,
                "demo/sandbox/psp.html",
                cx.say("sandbox-psp-title"),
                data,
            )
        }
    }
}
