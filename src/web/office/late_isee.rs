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

/// Rows on a page: each is priced when it is looked at.
const PAGE: usize = 25;

pub(super) fn routes() -> Vec<Route> {
    vec![get("/ufficio/bollette/isee", Money, list)]
}

fn list(cx: &mut Cx) -> Result<Reply> {
    let (today, number) = (cx.today(), super::page_number(cx));
    let (services, late, open) = cx.read(|db| {
        let all = billing::late_isees(db, today)?;
        let page = all
            .chunks(PAGE)
            .nth(usize::try_from(number - 1).unwrap_or(0));
        let page = billing::late_differences(db, page.unwrap_or(&[]))?;
        Ok((
            municipality::services(db)?,
            (all, page),
            billing::open_run(db)?,
        ))
    })?;
    let groups = services.iter().filter_map(|service| {
        let of = |one: &&LateIsee| one.service_id == service.id;
        let all: Vec<&LateIsee> = late.0.iter().filter(of).collect();
        let rows: Vec<&LateIsee> = late.1.iter().filter(of).collect();
        group(&all, &rows, today).map(|mut group| {
            group["service"] = service.name.as_str().into();
            group["code"] = service.code.as_str().into();
            group
        })
    });
    let count = i64::try_from(late.0.len()).unwrap_or(0);
    let data = json!({
        "groups": groups.collect::<Vec<_>>(),
        "open": open,
        "page_number": number,
        "pages": super::pages(count, u32::try_from(PAGE).unwrap_or(1)),
        "more_pages": late.0.len() > PAGE,
    });
    cx.page("office/late_isee.html", "ISEE arrivati tardi", data)
}

/// The rows of a service on this page, and the whole months that a correction over all its rows
/// takes. The month that is
/// not over is left for the next one: a run that cuts it would stand in the way of its bills.
fn group(all: &[&LateIsee], rows: &[&LateIsee], today: Date) -> Option<Value> {
    if rows.is_empty() {
        return None;
    }
    let from = all.iter().map(|one| one.from).min()?.first_of_month();
    let last = all.iter().map(|one| one.to).max()?.last_of_month();
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
