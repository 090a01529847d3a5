//! "Giornate": which days of the prepaid services wait to be closed, what closing one would post,
//! and how the closing goes.

use serde_json::{Value, json};

use crate::attendance;
use crate::base::Permission::Money;
use crate::base::{Date, Error, Result};
use crate::charging::{self, Preview};
use crate::municipality::{self, Service};
use crate::processes::work;
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

/// Waiting days that are listed: the oldest, which are closed first.
const WAITING_SHOWN: usize = 20;
/// Closed days that are listed, the newest.
const CLOSED_SHOWN: u32 = 30;

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/ufficio/giornate", Money, list),
        get("/ufficio/giornate/:service/:day", Money, confirm),
        post("/ufficio/giornate/:service/:day", Money, close),
    ]
}

fn list(cx: &mut Cx) -> Result<Reply> {
    let now = cx.now;
    let services = cx.read(|db| {
        let mut shown = Vec::new();
        for service in municipality::services(db)? {
            if !service.prepaid {
                continue;
            }
            let until = charging::last_closable_day(&service, now);
            let waiting = charging::days_to_close(db, &service, until)?;
            let mut days = Vec::new();
            for day in waiting.iter().take(WAITING_SHOWN) {
                let missing = attendance::registers_missing(db, &service, *day)?;
                days.push(json!({ "day": day, "missing": missing }));
            }
            shown.push(json!({
                "public_id": service.public_id,
                "name": service.name,
                "school_cutoff": service.school_cutoff,
                "waiting": days,
                "waiting_count": waiting.len(),
                "closed": charging::closed_days(db, service.id, CLOSED_SHOWN, 0)?,
            }));
        }
        Ok(shown)
    })?;
    let data = json!({ "services": services });
    cx.page("office/days.html", "Giornate", data)
}

fn asked(cx: &Cx) -> Result<(Service, Date)> {
    let id = cx.id("service")?;
    let day = cx.param("day").parse().map_err(|_| Error::NotFound)?;
    Ok((
        cx.read(|db| municipality::service_by_public_id(db, &id))?,
        day,
    ))
}

fn drawn(service: &Service, day: Date, preview: Option<&Preview>, missing: &[String]) -> Value {
    json!({ "service": service, "day": day, "preview": preview, "missing": missing })
}

fn confirm(cx: &mut Cx) -> Result<Reply> {
    let (template, title) = ("office/day_close.html", "Chiudi la giornata");
    let (service, day) = asked(cx)?;
    let now = cx.now;
    let found = cx.read(|db| {
        let preview = charging::preview(db, &service, day, now)?;
        Ok((preview, attendance::registers_missing(db, &service, day)?))
    });
    match found {
        Ok((preview, missing)) => {
            let data = drawn(&service, day, Some(&preview), &missing);
            cx.page(template, title, data)
        }
        Err(error) => cx.page_again(error, template, title, drawn(&service, day, None, &[])),
    }
}

fn close(cx: &mut Cx) -> Result<Reply> {
    let (service, day) = asked(cx)?;
    let (actor, now, id) = (cx.actor.clone(), cx.now, service.id);
    let started = cx.write_once(move |tx| {
        let job = charging::start_day_close(tx, &actor, id, day, now)?;
        Ok(format!("/ufficio/lavori/{}", job.public_id))
    });
    match started {
        Ok(reply) => {
            work::wake(&cx.app);
            Ok(reply)
        }
        Err(error) => cx.page_again(
            error,
            "office/day_close.html",
            "Chiudi la giornata",
            drawn(&service, day, None, &[]),
        ),
    }
}
