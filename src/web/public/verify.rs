//! The check of a document by its code: for tax advisers and whoever receives one.

use poem::http::StatusCode;
use serde_json::json;

use crate::attestations;
use crate::base::Permission::Public;
use crate::base::{Error, PublicId, Result};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get};

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/verifica", Public, ask).rationed(),
        get("/verifica/:code", Public, show).rationed(),
    ]
}

/// Who types the code instead of scanning it.
fn ask(cx: &mut Cx) -> Result<Reply> {
    let typed: String = cx.query.text("codice").split_whitespace().collect();
    let typed = typed.to_lowercase();
    if typed.parse::<PublicId>().is_ok() {
        return cx.redirect(format!("/verifica/{typed}"));
    }
    let data = json!({ "found": null, "code": typed, "asked": !typed.is_empty() });
    cx.page("public/verify.html", cx.say("verify-title"), data)
}

fn show(cx: &mut Cx) -> Result<Reply> {
    let code = cx.param("code").to_lowercase();
    let found = match code.parse() {
        Ok(id) => match cx.read(|db| attestations::verify(db, &id)) {
            Ok(found) => Some(found),
            Err(Error::NotFound) => None,
            Err(error) => return Err(error),
        },
        Err(()) => None,
    };
    let status = match found {
        Some(_) => StatusCode::OK,
        None => StatusCode::NOT_FOUND,
    };
    let data = json!({ "found": found, "code": code, "asked": true });
    match cx.page("public/verify.html", cx.say("verify-title"), data)? {
        Reply::Page(page) => Ok(Reply::Page(crate::web::reply::Page { status, ..page })),
        other => Ok(other),
    }
}
