//! "Nuovo pagamento", "Pagamenti", "Come pagare". The credit appears from the receipt, never from
//! the address that the platform leads the browser back to.

mod checkout;
mod new;
pub(in crate::web) mod notice;

use serde_json::json;

use crate::base::Permission::Citizen;
use crate::base::Result;
use crate::cash_desk;
use crate::municipality;
use crate::payments::{notices, receipts};
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

fn list(cx: &mut Cx) -> Result<Reply> {
    let (open, paid) = cx.read(|db| {
        Ok((
            notices::open_notices(db, &cx.actor)?,
            receipts::payments_of(db, &cx.actor, LISTED)?,
        ))
    })?;
    let data = json!({
        "open": open.iter().map(shown).collect::<Vec<_>>(),
        "paid": paid,
        "online": payments::is_online(&cx.app),
    });
    cx.page("citizen/payments/list.html", cx.say("payments-title"), data)
}

/// The paper of what the cash desk took.
fn receipt(cx: &mut Cx) -> Result<Reply> {
    let id = cx.id("id")?;
    let receipt = cx.read(|db| cash_desk::receipt_of_payer(db, &cx.actor, &id))?;
    paper(cx, &receipt)
}

fn how_to(cx: &mut Cx) -> Result<Reply> {
    let (open, comune, means) = cx.read(|db| {
        Ok((
            notices::open_notices(db, &cx.actor)?,
            municipality::municipality(db)?,
            cash_desk::allowed_means(db)?,
        ))
    })?;
    let data = json!({
        "open": open.iter().map(shown).collect::<Vec<_>>(),
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
