//! "Valutazioni": what visitors think of the pages, month by month.

use serde_json::{Value, json};

use crate::base::Permission::Office;
use crate::base::{Date, Error, Result, date_it};
use crate::feedback::{self, Page, Reason};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get};

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/ufficio/valutazioni", Office, list),
        get("/ufficio/valutazioni.csv", Office, export),
    ]
}

/// The first day that is looked at: a year ago, from the first of the month.
fn since(cx: &Cx) -> Date {
    let today = cx.today();
    let first = today.first_of_month();
    first
        .checked_sub(jiff::Span::new().months(11))
        .unwrap_or(first)
}

fn list(cx: &mut Cx) -> Result<Reply> {
    let since = since(cx);
    let (months, opinions) =
        cx.read(|db| Ok((feedback::months(db, since)?, feedback::opinions(db, since)?)))?;
    let months: Vec<Value> = months
        .iter()
        .map(
            |m| json!({ "month": m.month, "page": name(m.page), "count": m.count, "mean": m.mean }),
        )
        .collect();
    let told: Vec<Value> = opinions
        .iter()
        .filter(|given| given.reason.is_some() || !given.comment.is_empty())
        .map(|given| {
            json!({
                "day": given.day,
                "page": name(given.page),
                "rating": given.rating,
                "reason": given.reason.map(|reason| answer(reason, given.rating.is_high())),
                "comment": given.comment,
            })
        })
        .collect();
    let data = json!({ "since": since, "months": months, "told": told });
    cx.page("office/feedback.html", "Valutazioni", data)
}

fn name(page: Page) -> &'static str {
    match page {
        Page::Welcome => "Pagina pubblica",
        Page::Verify => "Verifica di un documento",
        Page::Privacy => "Informativa sulla privacy",
        Page::Tariffs => "Quanto costa",
        Page::ApplicationSent => "Domanda inviata",
        Page::MealsCancelled => "Pasto disdetto",
        Page::Paid => "Pagamento",
    }
}

/// What was liked, or where the difficulty was.
fn answer(reason: Reason, high: bool) -> &'static str {
    match (reason, high) {
        (Reason::Clear, true) => "indicazioni chiare",
        (Reason::Clear, false) => "indicazioni poco chiare",
        (Reason::Complete, true) => "indicazioni complete",
        (Reason::Complete, false) => "indicazioni incomplete",
        (Reason::Guided, true) => "si capiva come procedere",
        (Reason::Guided, false) => "non si capiva come procedere",
        (Reason::Working, true) => "nessun problema tecnico",
        (Reason::Working, false) => "problemi tecnici",
        (Reason::Other, _) => "altro",
    }
}

fn export(cx: &mut Cx) -> Result<Reply> {
    let since = since(cx);
    let opinions = cx.read(|db| feedback::opinions(db, since))?;
    let mut out = csv::WriterBuilder::new()
        .delimiter(b';')
        .from_writer("\u{feff}".as_bytes().to_vec());
    out.write_record(["giorno", "pagina", "voto", "risposta", "commento"])
        .map_err(Error::internal)?;
    for given in opinions {
        let reason = given
            .reason
            .map(|reason| answer(reason, given.rating.is_high()));
        let record = [
            date_it(given.day),
            name(given.page).to_owned(),
            given.rating.to_string(),
            reason.unwrap_or_default().to_owned(),
            given.comment,
        ];
        out.write_record(record.map(super::inert))
            .map_err(Error::internal)?;
    }
    let bytes = out.into_inner().map_err(Error::internal)?;
    let name = format!("valutazioni-{since}-{}.csv", cx.today());
    cx.file(name, "text/csv; charset=utf-8", bytes)
}
