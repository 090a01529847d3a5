//! "Impostazioni di pagoPA": where the money goes, how notices are numbered, what each service is in
//! pagoPA's taxonomy. Everybody who works with money sees them; the accountant changes them.

use serde_json::{Value, json};

use crate::base::Permission::{Accounting, Money};
use crate::base::{Error, Result, Text, iban_grouped};
use crate::municipality::{self, NewPagopa, SCHOOL_CODES, Service, ServicePagopa};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

const TEMPLATE: &str = "office/pagopa.html";
const TITLE: &str = "Impostazioni di pagoPA";
const HERE: &str = "/ufficio/pagamenti/pagopa";

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/ufficio/pagamenti/pagopa", Money, show),
        post("/ufficio/pagamenti/pagopa", Accounting, save),
        post(
            "/ufficio/pagamenti/pagopa/:service",
            Accounting,
            save_service,
        ),
    ]
}

/// What each first digit of the taxonomy means, as the form says it.
fn prefixes() -> Value {
    json!([
        { "value": "9", "label": "9: pagoPA manda l’avviso anche alla banca di chi paga" },
        { "value": "8", "label": "8: non lo manda" },
        { "value": "7", "label": "7: non lo manda" },
        { "value": "6", "label": "6: non lo manda" },
    ])
}

/// `wrong`: the service whose form was refused; empty where the settings' own form was.
fn data(cx: &Cx, wrong: Option<&str>) -> Result<Value> {
    cx.read(|db| {
        let settings = municipality::pagopa_settings(db)?;
        let comune = municipality::municipality(db)?;
        let next = municipality::next_base(db)?;
        let services = municipality::services(db)?;
        let mut shown = json!({
            "iban": iban_grouped(&settings.iban),
            "postal_account": settings.postal_account,
            "postal_iban": iban_grouped(&settings.postal_iban),
            "postal_holder": settings.postal_holder,
            "postal_authorisation": settings.postal_authorisation,
            "first_base": settings.first_base.to_string(),
        });
        if wrong == Some("") {
            shown = cx.form.typed();
        }
        // Who typed on an older page saves against what they saw, so that the conflict stays one.
        let seen = wrong.and_then(|_| cx.form.some("revision"));
        Ok(json!({
            "may": cx.actor.may(Accounting),
            "revision": seen.unwrap_or_else(|| settings.revision.to_string()),
            "typed": shown,
            "without_iban": settings.iban.is_empty(),
            "slip": !settings.postal_account.is_empty() && !settings.postal_authorisation.is_empty(),
            "segregation_code": comune.segregation_code.to_string(),
            "next": format!("{next:013}"),
            "few": municipality::LAST_BASE - next < municipality::FEW_BASES,
            "prefixes": prefixes(),
            "services": services.iter().map(|service| {
                let mine = wrong == Some(service.public_id.as_str());
                of_service(service, mine.then(|| cx.form.typed()))
            }).collect::<Vec<_>>(),
        }))
    })
}

fn of_service(service: &Service, typed: Option<Value>) -> Value {
    let (prefix, code) = municipality::taxonomy_parts(&service.taxonomy);
    let mut codes: Vec<Value> = SCHOOL_CODES
        .iter()
        .map(|(code, name)| json!({ "value": code, "label": format!("{name} ({code})") }))
        .collect();
    if !SCHOOL_CODES.iter().any(|(known, _)| *known == code) {
        codes.push(json!({ "value": code, "label": code }));
    }
    json!({
        "id": service.public_id,
        "code": service.code,
        "name": service.name,
        "codes": codes,
        "mine": typed.is_some(),
        "now": typed.unwrap_or_else(|| {
            let mut now = json!({
                "prefix": prefix,
                "taxonomy": code,
                "iban": iban_grouped(&service.iban),
            });
            if service.pays_after_due {
                now["pays_after_due"] = "1".into();
            }
            now
        }),
        "taxonomy": service.taxonomy,
    })
}

fn show(cx: &mut Cx) -> Result<Reply> {
    let data = data(cx, None)?;
    cx.page(TEMPLATE, TITLE, data)
}

fn save(cx: &mut Cx) -> Result<Reply> {
    let text = |name: &str| cx.form.text(name).to_owned();
    let digits: String = cx.form.text("first_base").split_whitespace().collect();
    let new = NewPagopa {
        iban: text("iban"),
        postal_account: text("postal_account"),
        postal_iban: text("postal_iban"),
        postal_holder: text("postal_holder"),
        postal_authorisation: text("postal_authorisation"),
        first_base: digits.parse().unwrap_or(0),
    };
    let revision = cx.form.text("revision").parse().unwrap_or(0);
    let (actor, now) = (cx.actor.clone(), cx.now);
    let saved = cx.write(move |tx| municipality::change_pagopa(tx, &actor, &new, revision, now));
    answer(cx, saved, "")
}

fn save_service(cx: &mut Cx) -> Result<Reply> {
    let id = cx.id("service")?;
    let (prefix, code) = (cx.form.text("prefix"), cx.form.text("taxonomy"));
    let new = ServicePagopa {
        taxonomy: format!("{prefix}/{code}/"),
        iban: cx.form.text("iban").to_owned(),
        pays_after_due: cx.form.has("pays_after_due"),
    };
    let revision = cx.form.text("revision").parse().unwrap_or(0);
    let (actor, now) = (cx.actor.clone(), cx.now);
    let saved = cx.write(move |tx| {
        let service = municipality::service_by_public_id(tx, &id)?.id;
        municipality::change_service_pagopa(tx, &actor, service, &new, revision, now)
    });
    let of = cx.param("service").to_owned();
    answer(cx, saved, &of)
}

fn answer(cx: &Cx, saved: Result<()>, of: &str) -> Result<Reply> {
    match saved {
        Ok(()) => cx.redirect_saying(HERE, &Text::new("office-pagopa-saved")),
        Err(error @ (Error::Invalid(_) | Error::Refused(_))) => {
            let data = data(cx, Some(of))?;
            cx.page_again(error, TEMPLATE, TITLE, data)
        }
        Err(other) => Err(other),
    }
}
