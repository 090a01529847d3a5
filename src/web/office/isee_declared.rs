//! What a parent declared: its certificate, and refusing it with a reason.

use std::sync::Arc;

use serde_json::json;

use crate::base::Permission::Office;
use crate::base::{Error, Result, Text};
use crate::isee;
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

const TEMPLATE: &str = "office/isee_refuse.html";
const TITLE: &str = "Rifiuta un ISEE dichiarato";

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/ufficio/isee/certificati/:isee", Office, certificate),
        get("/ufficio/isee/rifiuta/:isee", Office, show),
        post("/ufficio/isee/rifiuta/:isee", Office, refuse),
    ]
}

fn certificate(cx: &mut Cx) -> Result<Reply> {
    let (id, app, actor, now) = (
        cx.id("isee")?,
        Arc::clone(&cx.app),
        cx.actor.clone(),
        cx.now,
    );
    let (document, bytes) =
        cx.write(move |tx| isee::read_certificate(tx, &app.key, &actor, &id, now))?;
    cx.file(document.filename, document.media_type.as_str(), bytes)
}

fn data(cx: &Cx) -> Result<serde_json::Value> {
    let (id, actor, now) = (cx.id("isee")?, cx.actor.clone(), cx.now);
    // Reading is logged, so it is a write.
    let (isee, child) = cx.write(move |tx| isee::read_declared(tx, &actor, &id, now))?;
    Ok(json!({
        "child": child.full_name(),
        "fiscal_code": child.fiscal_code,
        "isee": isee,
        "certificate": isee
            .certificate
            .then(|| format!("/ufficio/isee/certificati/{}", isee.public_id)),
        "longest": isee::LONGEST_REASON,
        "typed": cx.form.typed(),
    }))
}

fn show(cx: &mut Cx) -> Result<Reply> {
    cx.page(TEMPLATE, TITLE, data(cx)?)
}

fn refuse(cx: &mut Cx) -> Result<Reply> {
    let (id, actor, now) = (cx.id("isee")?, cx.actor.clone(), cx.now);
    let reason = cx.form.text("reason").to_owned();
    match cx.write(move |tx| isee::withdraw_declared(tx, &actor, &id, &reason, now)) {
        Ok(()) => cx.redirect_saying(
            "/ufficio/isee?elenco=da-controllare",
            &Text::new("office-isee-refused"),
        ),
        Err(error @ (Error::Invalid(_) | Error::Refused(_))) => {
            cx.page_again(error, TEMPLATE, TITLE, data(cx)?)
        }
        Err(error) => Err(error),
    }
}
