//! To the payment page and back.

use std::sync::Arc;

use serde_json::json;

use super::shown;
use crate::base::{Error, PublicId, Result, Text};
use crate::payments::cart_returns::{self, Returned};
use crate::payments::carts::{self, Cart};
use crate::payments::gateway::ReturnUrls;
use crate::payments::notices;
use crate::processes::payments;
use crate::web::cx::Cx;
use crate::web::reply::Reply;

/// "Paga con pagoPA": one to five notices in one go.
pub(super) fn start(cx: &mut Cx) -> Result<Reply> {
    let app = Arc::clone(&cx.app);
    let Some(gateway) = payments::gateway(&app)? else {
        return Err(Error::refused(Text::new("error-no-gateway")));
    };
    let notices: Vec<PublicId> = cx
        .form
        .all("notice")
        .map(|id| id.parse().map_err(|()| Error::NotFound))
        .collect::<Result<_>>()?;
    let (actor, now) = (cx.actor.clone(), cx.now);
    let cart = cx.write(move |tx| carts::create_cart(tx, &actor, &notices, now))?;
    // A position must be payable before the payment page opens.
    payments::publish_now(&app, gateway.as_ref(), &cart.notices)?;
    let back = |outcome: &str| {
        let base = &app.config.public_url;
        format!(
            "{base}/area/pagamenti/esito/{}?esito={outcome}",
            cart.public_id
        )
    };
    let urls = ReturnUrls {
        ok: back("ok"),
        cancel: back("annullato"),
        error: back("errore"),
    };
    let checkout = match gateway.start_checkout(&cart.notices, &urls, now) {
        Ok(checkout) => checkout,
        // The platform's words are for the log; the family reads what it can do.
        Err(error) if !app.demo => {
            tracing::warn!(%error, "the payment page could not be opened");
            return Err(Error::refused(Text::new("error-checkout-closed")));
        }
        Err(error) => return Err(error),
    };
    let (id, reference) = (cart.id, checkout.reference);
    cx.write(move |tx| carts::set_gateway_ref(tx, id, &reference))?;
    cx.redirect(checkout.address)
}

/// Where the payment page leads back to. Only receipts say that something was paid: what the address
/// says chooses the words for what is not paid yet, nothing else.
pub(super) fn outcome(cx: &mut Cx) -> Result<Reply> {
    let id = cx.id("cart")?;
    let read = |cx: &Cx| cx.read(|db| carts::cart(db, &cx.actor, &id));
    let mut cart: Cart = read(cx)?;
    let returned = match cx.query.text("esito") {
        "ok" => Some(Returned::Ok),
        "annullato" => Some(Returned::Cancelled),
        "errore" => Some(Returned::Failed),
        _ => None,
    };
    // Who looks at the family's pages for them changes nothing by it.
    if let Some(returned) = returned.filter(|_| !cx.is_view()) {
        let (actor, cart, now) = (cx.actor.clone(), cart.public_id.clone(), cx.now);
        cx.write(move |tx| cart_returns::note_return(tx, &actor, &cart, returned, now))?;
    }
    if !cart.is_paid() {
        // The receipts are asked for now; if the platform is silent they come later all the same.
        if let Err(error) = payments::ask(&cx.app) {
            tracing::warn!(%error, "the payment platform could not be asked");
        }
        cart = read(cx)?;
    }
    let state = match (cart.is_paid(), returned) {
        (true, _) => "paid",
        (false, Some(Returned::Cancelled)) => "cancelled",
        (false, Some(Returned::Failed)) => "failed",
        (false, _) => "pending",
    };
    let title = match state {
        "paid" => cx.say("outcome-paid-title"),
        "cancelled" => cx.say("outcome-cancelled-title"),
        "failed" => cx.say("outcome-failed-title"),
        _ => cx.say("outcome-pending-title"),
    };
    let total: crate::base::Cents = cart.notices.iter().map(|n| n.amount).sum();
    let others = cx.read(|db| notices::open_notices(db, &cx.actor))?;
    let others = others
        .iter()
        .filter(|n| cart.notices.iter().all(|of| of.id != n.id));
    let data = json!({
        "others": others.count(),
        "state": state,
        "cart": cart.public_id,
        "total": total,
        "notices": cart.notices.iter().map(shown).collect::<Vec<_>>(),
    });
    cx.page("citizen/payments/outcome.html", title, data)
}
