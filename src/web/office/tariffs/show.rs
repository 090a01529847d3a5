//! The tariffs of each service, and one that is published: in words, its examples, its text.

use serde_json::{Value, json};

use super::{HERE, cases, telling};
use crate::base::Permission::Office;
use crate::base::{Result, Text};
use crate::municipality::{self, Service};
use crate::tariffs::{self, PublishedTariff, RuleFault};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

pub(super) fn routes() -> Vec<Route> {
    vec![
        get(HERE, Office, list),
        post("/ufficio/tariffe/bozze", Office, begin),
        get("/ufficio/tariffe/:tariff", Office, show),
        get("/ufficio/tariffe/:tariff/tariffa.toml", Office, download),
        post("/ufficio/tariffe/:tariff/copia", Office, copy),
    ]
}

fn list(cx: &mut Cx) -> Result<Reply> {
    let today = cx.today();
    let services = cx.read(|db| {
        let mut shown = Vec::new();
        for service in municipality::services(db)? {
            let published = tariffs::tariffs_of(db, service.id)?;
            let drafts = tariffs::drafts_of(db, service.id)?;
            // The list is ordered: the first that has begun is the one that prices today.
            let now = published.iter().find(|tariff| tariff.valid_from <= today);
            let now = now.map(|tariff| tariff.version);
            let rows = published.iter().map(|tariff| {
                json!({
                    "href": format!("{HERE}/{}", tariff.public_id),
                    "tariff": tariff,
                    "now": Some(tariff.version) == now,
                    "ahead": tariff.valid_from > today,
                })
            });
            let drafts = drafts.iter().map(|draft| {
                json!({
                    "href": format!("{HERE}/bozze/{}", draft.public_id),
                    "name": super::title_of(draft),
                    "updated_at": draft.updated_at,
                })
            });
            shown.push(json!({
                "service": service,
                "published": rows.collect::<Vec<_>>(),
                "drafts": drafts.collect::<Vec<_>>(),
            }));
        }
        Ok(shown)
    })?;
    cx.page(
        "office/tariffs/list.html",
        "Tariffe",
        json!({ "services": services }),
    )
}

/// A published tariff, its service, and its file.
pub(super) fn asked(cx: &Cx) -> Result<(Service, PublishedTariff, String)> {
    let id = cx.id("tariff")?;
    cx.read(|db| {
        let (service, tariff, source) = tariffs::tariff_by_public_id(db, &id)?;
        Ok((municipality::service(db, service)?, tariff, source))
    })
}

fn show(cx: &mut Cx) -> Result<Reply> {
    let (service, tariff, source) = asked(cx)?;
    let rule = tariffs::parse_published(&source).map_err(RuleFault::into_error)?;
    let next = cx.read(|db| tariffs::tariff_after(db, service.id, tariff.valid_from))?;
    let title = tariff.name.clone();
    let href = format!("{HERE}/{}", tariff.public_id);
    let data = json!({
        "href": href,
        "tariff": tariff,
        "service": service.name,
        "act": rule.act,
        "until": next.and_then(|day| day.yesterday().ok()),
        "told": telling::tell(cx, &rule),
        "cases": cases(cx, &rule),
        "lines": lines(&source),
    });
    cx.page("office/tariffs/show.html", title, data)
}

/// The lines of a file, to be shown with their numbers.
pub(super) fn lines(source: &str) -> Vec<Value> {
    let numbered = (1_usize..).zip(source.lines());
    let lines = numbered.map(|(number, text)| json!({ "number": number, "text": text }));
    lines.collect()
}

fn download(cx: &mut Cx) -> Result<Reply> {
    let (service, tariff, source) = asked(cx)?;
    let name = format!("tariffa-{}-{}.toml", service.code, tariff.version);
    cx.file(name, "application/toml", source.into_bytes())
}

/// A published tariff never changes: a copy of it does.
fn copy(cx: &mut Cx) -> Result<Reply> {
    let (service, _, source) = asked(cx)?;
    let (actor, now) = (cx.actor.clone(), cx.now);
    let begun = cx.write_once(move |tx| {
        let draft = tariffs::begin_draft(tx, &actor, service.id, &source, now)?;
        Ok(format!("{HERE}/bozze/{draft}/modulo"))
    })?;
    begun_saying(cx, begun)
}

fn begin(cx: &mut Cx) -> Result<Reply> {
    let id = cx.form.public_id("service")?;
    let service = cx.read(|db| municipality::service_by_public_id(db, &id))?;
    let source = blank(&service);
    let (actor, now) = (cx.actor.clone(), cx.now);
    let begun = cx.write_once(move |tx| {
        let draft = tariffs::begin_draft(tx, &actor, service.id, &source, now)?;
        Ok(format!("{HERE}/bozze/{draft}/modulo"))
    })?;
    begun_saying(cx, begun)
}

fn begun_saying(cx: &Cx, begun: Reply) -> Result<Reply> {
    match begun {
        Reply::Redirect(place) => {
            cx.redirect_saying(place, &Text::new("office-tariff-draft-begun"))
        }
        other => Ok(other),
    }
}

/// What a new rule begins with: the service's name, and one component of what it usually counts.
fn blank(service: &Service) -> String {
    let name = toml::Value::String(service.name.clone());
    let unit = match service.kind.as_str() {
        "meals" => "meal",
        _ => "month",
    };
    format!(
        "name = {name}\n\n[[component]]\ncode = \"{unit}\"\nunit = \"{unit}\"\nprice = \"0.00\"\n"
    )
}
