//! "Nuovo pagamento", "Pagamenti", "Come pagare". The credit appears from the receipt, never from
//! the address that the platform leads the browser back to.

mod checkout;
mod new;
pub(in crate::web) mod notice;
mod rows;
mod together;

use serde_json::json;

use crate::base::Permission::Citizen;
use crate::base::Result;
use crate::cash_desk;
use crate::municipality;
use crate::payments::cart_returns::{self, Waiting};
use crate::payments::{notices, receipts, settled_pdf};
use crate::processes::payments;
use crate::web::cx::Cx;
use crate::web::office::cash_desk::paper;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

/// So many payments are listed; the statement has them all.
const LISTED: u32 = 100;

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/area/pagamenti", Citizen, list),
        get("/area/come-pagare", Citizen, how_to),
        get("/area/pagamenti/nuovo", Citizen, new::show),
        post("/area/pagamenti/nuovo", Citizen, new::create),
        get("/area/pagamenti/insieme", Citizen, together::show),
        get("/area/pagamenti/avvisi/:id", Citizen, notice::show),
        get(
            "/area/pagamenti/avvisi/:id/avviso.pdf",
            Citizen,
            notice::pdf,
        ),
        get("/area/pagamenti/avvisi/:id/qr.svg", Citizen, notice::qr),
        post("/area/pagamenti/avvisi/:id/ritira", Citizen, notice::cancel),
        get(
            "/area/pagamenti/ricevute/:id/ricevuta.pdf",
            Citizen,
            receipt,
        ),
        get(
            "/area/pagamenti/ricevute/:id/quietanza.pdf",
            Citizen,
            settled,
        ),
        post("/area/pagamenti/paga", Citizen, checkout::start),
        get("/area/pagamenti/esito/:cart", Citizen, checkout::outcome),
    ]
}

/// A notice as pages show it: with its number in groups.
fn shown(notice: &notices::Notice) -> serde_json::Value {
    let mut value = json!(notice);
    value["grouped"] = notice.shown_number().into();
    value
}

/// The actor's open notices as pages show them, each with what it may be waiting for.
fn open_ones(cx: &Cx) -> Result<Vec<serde_json::Value>> {
    cx.read(|db| {
        let waiting = cart_returns::waiting(db, &cx.actor, cx.now)?;
        let open = notices::open_notices(db, &cx.actor)?;
        Ok(open
            .iter()
            .map(|notice| {
                let mut value = shown(notice);
                value["waiting"] = json!(waiting.get(&notice.id).map(|(kind, _)| kind));
                value
            })
            .collect())
    })
}

fn list(cx: &mut Cx) -> Result<Reply> {
    let open = open_ones(cx)?;
    let (paid, doubled) = cx.read(|db| {
        Ok((
            receipts::payments_of(db, &cx.actor, LISTED)?,
            receipts::doubled_of(db, &cx.actor)?,
        ))
    })?;
    let confirming = json!(Waiting::Confirmation);
    let data = json!({
        "confirming": open.iter().any(|notice| notice["waiting"] == confirming),
        "open": open,
        "paid": paid,
        "online": payments::is_online(&cx.app),
        "doubled": doubled,
    });
    cx.page("citizen/payments/list.html", cx.say("payments-title"), data)
}

/// The quietanza of what was paid through pagoPA.
fn settled(cx: &mut Cx) -> Result<Reply> {
    let id = cx.id("id")?;
    let simulated = cx.app.demo;
    let printed = cx.read(|db| settled_pdf::printed(db, &cx.actor, &id, simulated))?;
    let name = format!(
        "quietanza-{}.pdf",
        printed.reference.replace([' ', '/'], "")
    );
    cx.file(name, "application/pdf", settled_pdf::render(&printed)?)
}

/// The paper of what the cash desk took.
fn receipt(cx: &mut Cx) -> Result<Reply> {
    let id = cx.id("id")?;
    let receipt = cx.read(|db| cash_desk::receipt_of_payer(db, &cx.actor, &id))?;
    paper(cx, &receipt)
}

fn how_to(cx: &mut Cx) -> Result<Reply> {
    let open = open_ones(cx)?;
    let (comune, means) = cx.read(|db| {
        Ok((
            municipality::municipality(db)?,
            cash_desk::allowed_means(db)?,
        ))
    })?;
    let data = json!({
        "open": open,
        "creditor_code": comune.fiscal_code,
        "desk": means.iter().map(|means| means.italian()).collect::<Vec<_>>().join(", "),
        "online": payments::is_online(&cx.app),
    });
    cx.page(
        "citizen/payments/how_to.html",
        cx.say("how-to-pay-title"),
        data,
    )
}
