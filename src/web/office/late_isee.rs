//! "ISEE arrivati tardi": whose charged days another ISEE would price differently, service by service,
//! with the correction that makes it good.

use serde_json::{Value, json};

use crate::base::Permission::Money;
use crate::base::{Cents, Date, Result};
use crate::billing::{self, LateIsee};
use crate::municipality;
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get};

pub(super) fn routes() -> Vec<Route> {
    vec![get("/ufficio/bollette/isee", Money, list)]
}

fn list(cx: &mut Cx) -> Result<Reply> {
    let today = cx.today();
    let (services, late, open) = cx.read(|db| {
        let late = billing::late_isees(db, today)?;
        Ok((municipality::services(db)?, late, billing::open_run(db)?))
    })?;
    let groups = services.iter().filter_map(|service| {
        let rows: Vec<&LateIsee> = late
            .iter()
            .filter(|one| one.service_id == service.id)
            .collect();
        group(&rows, today).map(|mut group| {
            group["service"] = service.name.as_str().into();
            group["code"] = service.code.as_str().into();
            group
        })
    });
    let data = json!({ "groups": groups.collect::<Vec<_>>(), "open": open });
    cx.page("office/late_isee.html", "ISEE arrivati tardi", data)
}

/// The rows of a service and the whole months that a correction over them takes. The month that is
/// not over is left for the next one: a run that cuts it would stand in the way of its bills.
fn group(rows: &[&LateIsee], today: Date) -> Option<Value> {
    let from = rows.iter().map(|one| one.from).min()?.first_of_month();
    let last = rows.iter().map(|one| one.to).max()?.last_of_month();
    let over = today.first_of_month().yesterday().unwrap_or(today);
    let sum: Cents = rows.iter().filter_map(|one| one.difference).sum();
    Some(json!({
        "rows": rows,
        "sum": sum,
        "from": from,
        "to": last.min(over),
        "waits": from > over,
        "part_waits": last > over,
    }))
}
