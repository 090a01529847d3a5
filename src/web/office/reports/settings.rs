//! "Impostazioni dei rendiconti": each service's place in the budget, and its VAT; what the cash desk
//! takes.

use serde_json::{Value, json};

use super::super::cash_desk;
use crate::base::{Error, Result, Text};
use crate::municipality;
use crate::reports::{self, NewVat, VatRate};
use crate::web::cx::Cx;
use crate::web::reply::Reply;

const TEMPLATE: &str = "office/reports/settings.html";
const TITLE: &str = "Impostazioni dei rendiconti";
const HERE: &str = "/ufficio/rendiconti/impostazioni";

fn data(cx: &Cx) -> Result<Value> {
    let (services, settings, desk) = cx.read(|db| {
        Ok((
            municipality::services(db)?,
            reports::vat_settings(db)?,
            cash_desk::settings(cx, db)?,
        ))
    })?;
    let services = services.iter().map(|service| {
        let of = settings
            .iter()
            .filter(|setting| setting.service == service.id);
        let rates = of.map(|setting| {
            json!({
                "from": setting.from,
                "rate": setting.rate.map(|rate| rate.to_string()),
                "note": setting.note,
            })
        });
        json!({
            "id": service.public_id,
            "code": service.code,
            "name": service.name,
            "chapter": service.budget_chapter,
            "demand": service.individual_demand,
            "rates": rates.collect::<Vec<_>>(),
        })
    });
    Ok(json!({
        "cash_desk": desk,
        "services": services.collect::<Vec<_>>(),
        "today": cx.today(),
        "typed": {},
        "wrong": "",
    }))
}

pub(super) fn show(cx: &mut Cx) -> Result<Reply> {
    let data = data(cx)?;
    cx.page(TEMPLATE, TITLE, data)
}

pub(super) fn place(cx: &mut Cx) -> Result<Reply> {
    let id = cx.id("service")?;
    let mut check = cx.form.check();
    let chapter = check.optional("chapter", 60).unwrap_or_default();
    let demand = cx.form.has("demand");
    let checked = check.done();
    let (actor, now) = (cx.actor.clone(), cx.now);
    let saved = checked.and_then(|()| {
        cx.write(move |tx| {
            let service = municipality::service_by_public_id(tx, &id)?.id;
            reports::place_in_budget(tx, &actor, service, &chapter, demand, now)
        })
    });
    answer(cx, saved)
}

pub(super) fn vat(cx: &mut Cx) -> Result<Reply> {
    let id = cx.id("service")?;
    let mut check = cx.form.check();
    let from = check.date("from", true);
    let note = check.optional("note", 200).unwrap_or_default();
    let rate = match cx.form.text("rate") {
        "" => Ok(None),
        text => VatRate::parse(text).map(Some),
    };
    let rate = rate.unwrap_or_else(|_| {
        check.wrong("rate", Text::new("error-vat-rate"));
        None
    });
    if rate.is_some() && note.is_empty() {
        check.wrong("note", Text::new("error-required"));
    }
    let checked = check.done();
    let (actor, now) = (cx.actor.clone(), cx.now);
    let saved = checked.and_then(|()| {
        let from = from.ok_or(Error::NotFound)?;
        cx.write(move |tx| {
            let service = municipality::service_by_public_id(tx, &id)?.id;
            let new = NewVat {
                service,
                from,
                rate,
                note: &note,
            };
            reports::record_vat(tx, &actor, &new, now)
        })
    });
    answer(cx, saved)
}

fn answer(cx: &mut Cx, saved: Result<()>) -> Result<Reply> {
    match saved {
        Ok(()) => cx.redirect_saying(HERE, &Text::new("office-reports-saved")),
        Err(error @ Error::Invalid(_)) => {
            let mut data = data(cx)?;
            data["typed"] = cx.form.typed();
            data["wrong"] = cx.param("service").into();
            cx.page_again(error, TEMPLATE, TITLE, data)
        }
        Err(other) => Err(other),
    }
}
