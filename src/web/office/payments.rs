//! "Pagamenti" of the office: receipts, those that wait, the year's attestations.

use jiff::Span;
use serde_json::{Value, json};

use crate::attestations;
use crate::base::Permission::{Accounting, Money};
use crate::base::{Date, Error, PublicId, Result, Text};
use crate::jobs;
use crate::ledger;
use crate::payments::receipts::{self, ReceiptRow};
use crate::payments::{self, NoticeNumber, Traceable, notices};
use crate::people;
use crate::processes::work;
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

/// So many receipts are listed; the export has all of the period.
const LISTED: u32 = 200;
/// So many receipts fit into one export.
const EXPORTED: u32 = 100_000;

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/ufficio/pagamenti", Money, list),
        get("/ufficio/pagamenti.csv", Money, export),
        post("/ufficio/pagamenti/attestazioni", Money, attest),
        get("/ufficio/pagamenti/sospesi/:id", Money, suspended),
        post("/ufficio/pagamenti/sospesi/:id", Money, place),
    ]
}

/// The days that are asked for; the last thirty when none are.
fn period(cx: &Cx) -> Result<(Date, Date)> {
    let mut checks = cx.query.check();
    let (from, to) = (checks.date("dal", false), checks.date("al", false));
    checks.done()?;
    let to = to.unwrap_or(cx.today());
    let month_before = to.checked_sub(Span::new().days(30)).unwrap_or(to);
    Ok((from.unwrap_or(month_before), to))
}

fn list(cx: &mut Cx) -> Result<Reply> {
    let asked = period(cx);
    let (from, to) = match &asked {
        Ok(days) => *days,
        Err(_) => (cx.today(), cx.today()),
    };
    let q = cx.query.text("q").to_owned();
    let (found, suspense, jobs) = cx.read(|db| {
        let found = if q.is_empty() {
            receipts::receipts_between(db, from, to, LISTED)?
        } else {
            search(db, &q)?
        };
        let suspense = receipts::receipts_in_suspense(db, LISTED)?;
        Ok((found, suspense, jobs::recent(db, 50)?))
    })?;
    let total: crate::base::Cents = found
        .iter()
        .filter(|r| !r.cancelled)
        .map(|r| r.amount)
        .sum();
    let attest = jobs.iter().find(|job| job.kind == attestations::ATTEST);
    let data = json!({
        "q": q,
        "from": from,
        "to": to,
        "receipts": found.iter().map(shown).collect::<Vec<_>>(),
        "total": total,
        "full": found.len() >= LISTED as usize,
        "suspense": suspense.iter().map(shown).collect::<Vec<_>>(),
        "attest": attest,
        "last_year": cx.today().year() - 1,
        "partner": cx.app.config.pagopa.has_partner() && cx.actor.may(Accounting),
    });
    let (template, title) = ("office/payments.html", "Pagamenti");
    match asked {
        Ok(_) => cx.page(template, title, data),
        Err(error) => cx.page_again(error, template, title, data),
    }
}

/// A notice number, or a payer by name or fiscal code.
fn search(db: &rusqlite::Connection, q: &str) -> Result<Vec<ReceiptRow>> {
    if let Ok(number) = NoticeNumber::parse(q) {
        return match notices::notice_by_number(db, number.as_str())? {
            Some(notice) => receipts::receipts_of_notice(db, &notice),
            None => Ok(Vec::new()),
        };
    }
    let mut found = Vec::new();
    for person in people::search_people(db, q, 20)? {
        found.extend(receipts::receipts_of_payer(db, person.id, LISTED)?);
    }
    Ok(found)
}

fn shown(row: &ReceiptRow) -> Value {
    let mut value = json!(row);
    value["grouped"] = match NoticeNumber::parse(&row.notice_number) {
        Ok(number) => number.grouped(),
        Err(_) => row.notice_number.clone(),
    }
    .into();
    value
}

fn export(cx: &mut Cx) -> Result<Reply> {
    let (from, to) = period(cx)?;
    let rows = cx.read(|db| receipts::receipts_between(db, from, to, EXPORTED))?;
    let name = format!("ricevute-{from}-{to}.csv");
    cx.file(name, "text/csv; charset=utf-8", csv(&rows)?)
}

/// Semicolons, a mark of UTF-8 and decimal commas: what an Italian spreadsheet opens as it is.
fn csv(rows: &[ReceiptRow]) -> Result<Vec<u8>> {
    let mut out = csv::WriterBuilder::new()
        .delimiter(b';')
        .from_writer("\u{feff}".as_bytes().to_vec());
    out.write_record([
        "data",
        "importo",
        "importo_avviso",
        "numero_avviso",
        "intestatario",
        "codice_fiscale",
        "alunno",
        "servizio",
        "psp",
        "mezzo",
        "tracciabile",
        "esito",
        "ricevuta",
        "origine",
    ])
    .map_err(Error::internal)?;
    let euros = |amount: crate::base::Cents| amount.to_decimal().replace('.', ",");
    for row in rows {
        let traceable = match row.traceable {
            Traceable::Yes => "sì",
            Traceable::No => "no",
            Traceable::Unknown => "non accertato",
        };
        let record = [
            crate::base::datetime_it(row.paid_at),
            euros(row.amount),
            row.asked.map(euros).unwrap_or_default(),
            row.notice_number.clone(),
            row.payer.clone(),
            row.payer_code.clone(),
            row.child.clone(),
            row.service.clone(),
            row.psp.clone(),
            row.means.clone(),
            traceable.to_owned(),
            match (row.credited, row.cancelled) {
                (true, false) => "accreditata",
                (true, true) => "annullata",
                (false, _) => "in sospeso",
            }
            .to_owned(),
            row.key.clone(),
            row.source.clone(),
        ];
        out.write_record(record.map(super::inert))
            .map_err(Error::internal)?;
    }
    out.into_inner().map_err(Error::internal)
}

/// Issues a year's attestations to every payer, as a job.
fn attest(cx: &mut Cx) -> Result<Reply> {
    let year: i16 = cx.form.text("year").parse().map_err(|_| Error::NotFound)?;
    let (actor, now) = (cx.actor.clone(), cx.now);
    let public_url = cx.app.config.public_url.clone();
    cx.write(move |tx| attestations::enqueue_year(tx, &actor, year, &public_url, now))?;
    work::wake(&cx.app);
    cx.redirect_saying("/ufficio/pagamenti", &Text::new("attest-started"))
}

/// A receipt in suspense, and the accounts of whom the office looks for: at first of the payer that
/// its notice names.
fn suspended_data(cx: &Cx) -> Result<Value> {
    let id = cx.id("id")?;
    cx.read(|db| {
        let receipt = payments::suspended(db, &id)?;
        let rows = receipts::receipts_in_suspense(db, LISTED)?;
        let row = rows.iter().find(|row| row.public_id == id);
        let row = row.ok_or(Error::NotFound)?;
        let q = match cx.query.text("q") {
            "" if cx.form.has("account") => cx.form.text("q"),
            "" => row.payer_code.as_str(),
            typed => typed,
        };
        let mut accounts = Vec::new();
        if !q.is_empty() {
            for person in people::search_people(db, q, 20)? {
                let name = person.full_name();
                let of = ledger::accounts_of_person(db, person.id)?;
                accounts.extend(of.into_iter().map(|account| {
                    json!({
                        "value": account.public_id,
                        "payer": name,
                        "label": format!("{} – {}", account.child, account.service),
                        "before": account.balance,
                        "after": account.balance + receipt.amount,
                    })
                }));
            }
        }
        Ok(json!({
            "receipt": shown(row),
            "href": format!("/ufficio/pagamenti/sospesi/{id}"),
            "q": q,
            "accounts": accounts,
            "typed": cx.form.typed(),
        }))
    })
}

const SUSPENDED: &str = "office/payment_suspended.html";

fn suspended(cx: &mut Cx) -> Result<Reply> {
    let data = suspended_data(cx)?;
    cx.page(SUSPENDED, "Accredita a un conto", data)
}

fn place(cx: &mut Cx) -> Result<Reply> {
    let (id, actor, now) = (cx.id("id")?, cx.actor.clone(), cx.now);
    let mut checks = cx.form.check();
    let account: Option<PublicId> = checks.choice("account", |text| text.parse().ok());
    let reason = checks.required("reason", 200);
    let done = checks.done().and_then(|()| {
        let account = account.ok_or(Error::NotFound)?;
        cx.write_once(move |tx| {
            payments::place(tx, &actor, &id, &account, &reason, now)?;
            Ok("/ufficio/pagamenti".to_owned())
        })
    });
    match done {
        Ok(Reply::Redirect(place)) => {
            cx.redirect_saying(place, &Text::new("office-receipt-placed"))
        }
        Err(error @ (Error::Invalid(_) | Error::Refused(_))) => {
            let data = suspended_data(cx)?;
            cx.page_again(error, SUSPENDED, "Accredita a un conto", data)
        }
        other => other,
    }
}
