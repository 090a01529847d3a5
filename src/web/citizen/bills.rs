//! "Bollette": what a family is charged for a period, with the reason of each line.

use serde_json::json;

use super::reason_files;
use crate::base::Permission::Citizen;
use crate::base::{Result, Text};
use crate::billing;
use crate::payments::notices::NoticeState;
use crate::web::cx::Cx;
use crate::web::office::bills::drawn;
use crate::web::reply::Reply;
use crate::web::route::{Route, get};

/// The newest so many are listed: two years and more.
const SHOWN: u32 = 60;

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/area/bollette", Citizen, list),
        get("/area/bollette/:id", Citizen, show),
        get(
            "/area/bollette/:id/bolletta.pdf",
            Citizen,
            reason_files::bill,
        ),
    ]
}

fn list(cx: &mut Cx) -> Result<Reply> {
    let today = cx.today();
    let (bills, provisional) = cx.read(|db| {
        let bills = billing::bills_of_payer(db, &cx.actor, SHOWN)?;
        Ok((bills, billing::provisional(db, &cx.actor, today)?))
    })?;
    let overdue = |bill: &billing::Bill| {
        bill.notice_state == Some(NoticeState::Open) && bill.due_date.is_some_and(|due| due < today)
    };
    let overdue = bills.iter().any(overdue);
    cx.page(
        "citizen/bills/list.html",
        cx.say("bills-title"),
        json!({ "bills": bills, "today": today, "provisional": provisional, "overdue": overdue }),
    )
}

fn show(cx: &mut Cx) -> Result<Reply> {
    let id = cx.id("id")?;
    let (bill, lines) = cx.read(|db| {
        let bill = billing::bill_of_payer(db, &cx.actor, &id)?;
        let lines = billing::lines_of_bill(db, &bill)?;
        Ok((bill, lines))
    })?;
    let title = Text::new("bill-title")
        .with("number", bill.number)
        .with("year", bill.year.to_string());
    let data = json!({
        "bill": bill,
        "lines": lines.iter().map(|line| drawn(cx, line)).collect::<Vec<_>>(),
    });
    cx.page("citizen/bills/bill.html", cx.say_text(&title), data)
}
