//! Payment lists for the treasury: made once, numbered, downloaded, marked as paid.

use std::sync::Arc;

use serde_json::{Value, json};

use super::inert;
use super::refunds::{day, href as case_href, state_word};
use crate::base::Permission::{Accounting, Money};
use crate::base::{Cents, Error, PublicId, Result, Text};
use crate::refunds::{self, CaseState, PaymentList};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

/// So many lists are shown.
const LISTED: u32 = 100;
const LISTS: &str = "office/refund_lists.html";
const LIST: &str = "office/refund_list.html";

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/ufficio/rimborsi/elenchi", Money, all),
        post("/ufficio/rimborsi/elenchi", Accounting, make),
        get("/ufficio/rimborsi/elenchi/:id", Money, show),
        get(
            "/ufficio/rimborsi/elenchi/:id/elenco.csv",
            Accounting,
            download,
        ),
        post("/ufficio/rimborsi/elenchi/:id/pagato", Accounting, paid),
    ]
}

fn href(id: &PublicId) -> String {
    format!("/ufficio/rimborsi/elenchi/{id}")
}

fn all_data(cx: &Cx) -> Result<Value> {
    cx.read(|db| {
        let approved = refunds::approved(db)?;
        let covered = approved.iter().filter(|case| !case.uncovered);
        let lists = refunds::lists(db, LISTED)?;
        Ok(json!({
            "accountant": cx.actor.may(Accounting),
            "covered": covered.clone().count(),
            "total": covered.filter_map(|case| case.amount).sum::<Cents>(),
            "approved": approved.iter().map(|case| json!({
                "case": case, "href": case_href(&case.public_id),
            })).collect::<Vec<_>>(),
            "lists": lists.iter().map(|list| json!({
                "list": list, "href": href(&list.public_id),
            })).collect::<Vec<_>>(),
        }))
    })
}

fn all(cx: &mut Cx) -> Result<Reply> {
    let data = all_data(cx)?;
    cx.page(LISTS, "Elenchi di pagamento", data)
}

fn make(cx: &mut Cx) -> Result<Reply> {
    let (actor, now) = (cx.actor.clone(), cx.now);
    let chosen: Vec<PublicId> = cx
        .form
        .all("row")
        .filter_map(|id| id.parse().ok())
        .collect();
    let made = cx.write_once(move |tx| Ok(href(&refunds::make_list(tx, &actor, &chosen, now)?)));
    match made {
        Ok(reply) => Ok(reply),
        Err(error) => {
            let data = all_data(cx)?;
            cx.page_again(error, LISTS, "Elenchi di pagamento", data)
        }
    }
}

fn asked(cx: &Cx) -> Result<PaymentList> {
    let id = cx.id("id")?;
    cx.read(|db| refunds::list(db, &id))
}

fn list_data(cx: &Cx, list: &PaymentList) -> Result<Value> {
    cx.read(|db| {
        let lines = refunds::lines(db, list)?;
        Ok(json!({
            "list": list,
            "href": href(&list.public_id),
            "accountant": cx.actor.may(Accounting),
            "uncovered": lines.iter().filter(|line| line.uncovered).count(),
            "waiting": lines.iter().filter(|line| line.state == CaseState::Listed).count(),
            "lines": lines.iter().map(|line| json!({
                "line": line, "state": state_word(line.state), "href": case_href(&line.case),
            })).collect::<Vec<_>>(),
            "today": cx.today(),
            "typed": cx.form.typed(),
        }))
    })
}

fn title(list: &PaymentList) -> String {
    format!("Elenco {}/{}", list.number, list.year)
}

fn show(cx: &mut Cx) -> Result<Reply> {
    let list = asked(cx)?;
    let data = list_data(cx, &list)?;
    cx.page(LIST, title(&list), data)
}

/// One row or the whole list was paid on a day.
fn paid(cx: &mut Cx) -> Result<Reply> {
    let list = asked(cx)?;
    let (actor, now, at) = (cx.actor.clone(), cx.now, list.clone());
    let only = match cx.form.text("row") {
        "" => None,
        _ => Some(cx.form.public_id("row")?),
    };
    let done = day(cx, "paid_on").and_then(|day| {
        cx.write(move |tx| refunds::mark_paid(tx, &actor, &at, only.as_ref(), day, now))
    });
    match done {
        Ok(count) => {
            let text = Text::new("office-refunds-paid").with("count", count);
            cx.redirect_saying(href(&list.public_id), &text)
        }
        Err(error) => {
            let data = list_data(cx, &list)?;
            cx.page_again(error, LIST, title(&list), data)
        }
    }
}

/// The file for the treasury, with IBANs: each reading is logged.
fn download(cx: &mut Cx) -> Result<Reply> {
    let list = asked(cx)?;
    let (app, actor, now, at) = (Arc::clone(&cx.app), cx.actor.clone(), cx.now, list.clone());
    let rows = cx.write(move |tx| refunds::read_for_treasury(tx, &app.key, &actor, &at, now))?;
    let mut out = csv::WriterBuilder::new()
        .delimiter(b';')
        .from_writer("\u{feff}".as_bytes().to_vec());
    let mut write = |record: [String; 5]| out.write_record(record).map_err(Error::internal);
    write(["riga", "iban", "intestatario", "importo", "causale"].map(str::to_owned))?;
    for row in rows {
        write([
            row.line.to_string(),
            row.iban,
            inert(row.holder),
            row.amount.to_decimal().replace('.', ","),
            row.causale,
        ])?;
    }
    write([
        "totale".to_owned(),
        String::new(),
        format!("{} righe", list.lines),
        list.total.to_decimal().replace('.', ","),
        title(&list),
    ])?;
    let bytes = out.into_inner().map_err(Error::internal)?;
    let name = format!("elenco-rimborsi-{}-{}.csv", list.year, list.number);
    cx.file(name, "text/csv; charset=utf-8", bytes)
}
