//! "Bollette": draft a period, check it line by line, publish it.

use jiff::ToSpan;
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::base::Permission::Money;
use crate::base::{Cents, Date, Error, Result, Text, date_it};
use crate::billing::{self, Changed, DraftLine, Filter, Only, Run, RunState};
use crate::charging::charge_pdf;
use crate::jobs;
use crate::ledger::AidedBy;
use crate::people;
use crate::processes::exports::{self, Cell, Format};
use crate::processes::work;
use crate::tariffs;
use crate::web::citizen::reason_files;
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

/// Rows on a page.
pub(super) const PAGE: u32 = 50;

const RUN: &str = "office/bill_run.html";

/// What of a draft is looked at: in addresses, in words.
const ONLY: [(Only, &str, &str); 7] = [
    (Only::All, "", "Tutti"),
    (Only::Faults, "errori", "Con errori"),
    (Only::Held, "trattenute", "Trattenute per l’ISEE"),
    (Only::Changed, "cambiati", "Cambiati di un quinto o più"),
    (Only::New, "nuovi", "Nuovi"),
    (Only::Gone, "spariti", "Spariti"),
    (Only::GivenBack, "restituzioni", "A credito"),
];

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/ufficio/bollette/:id", Money, show),
        post("/ufficio/bollette/:id/pubblica", Money, publish),
        post("/ufficio/bollette/:id/scarta", Money, discard),
        post("/ufficio/bollette/:id/rifai", Money, again),
        get("/ufficio/bollette/:id/righe.csv", Money, csv),
        get("/ufficio/bollette/:id/righe.xlsx", Money, xlsx),
        get("/ufficio/bollette/:id/intestatario/:payer", Money, payer),
        get("/ufficio/bolletta/:id", Money, bill),
        get("/ufficio/bolletta/:id/bolletta.pdf", Money, bill_file),
    ]
}

/// Where a run is.
pub(super) fn address(run: &Run) -> String {
    format!("/ufficio/bollette/{}", run.public_id)
}

fn asked(cx: &Cx) -> Result<Run> {
    let id = cx.id("id")?;
    cx.read(|db| billing::run(db, &id))
}

/// `dal 01/10/2026 al 31/10/2026`.
fn period(run: &Run) -> String {
    format!("dal {} al {}", date_it(run.from), date_it(run.to))
}

fn show(cx: &mut Cx) -> Result<Reply> {
    let run = asked(cx)?;
    let data = run_data(cx, &run)?;
    cx.page(RUN, format!("Bollette {}", period(&run)), data)
}

fn run_data(cx: &Cx, run: &Run) -> Result<Value> {
    let page = super::page_number(cx);
    let offset = (page - 1) * PAGE;
    let q = cx.query.text("q").to_owned();
    let only = Only::parse(cx.query.text("solo"));
    let filter = Filter { only, name: &q };
    cx.read(|db| {
        let published = run.state == RunState::Published;
        let count = billing::payers_count(db, run, &filter)?;
        let previous = billing::previous_run(db, run)?;
        let mut tabs = Vec::new();
        for (kind, slug, label) in ONLY {
            // The first time there is nothing to compare with.
            if previous.is_none() && matches!(kind, Only::Changed | Only::New | Only::Gone) {
                continue;
            }
            let filter = Filter {
                only: kind,
                name: &q,
            };
            let count = billing::payers_count(db, run, &filter)?;
            // Few comuni hold bills.
            if kind == Only::Held && count == 0 && kind != only {
                continue;
            }
            let mut query = form_urlencoded::Serializer::new(String::new());
            if !q.is_empty() {
                query.append_pair("q", &q);
            }
            if !slug.is_empty() {
                query.append_pair("solo", slug);
            }
            tabs.push(json!({
                "label": label, "current": kind == only,
                "count": count,
                "href": format!("{}?{}", address(run), query.finish()),
            }));
        }
        let job = match run.job {
            Some(job) => Some(jobs::job(db, job)?),
            None => None,
        };
        Ok(json!({
            "run": run,
            "period": period(run),
            "base": address(run),
            "totals": billing::totals(db, run)?,
            "previous": previous.as_ref().map(period),
            "last_total": previous.as_ref().map(|last| last.total),
            "not_issued": billing::not_issued(db, run)?,
            "older_than": older_than(&billing::changed_since(db, run)?),
            "job": job,
            "moving": matches!(run.state, RunState::Drafting | RunState::Publishing),
            "rows": billing::payers(db, run, &filter, PAGE, offset)?,
            "bills": if published { billing::bills_of_run(db, run, PAGE, offset)? } else { Vec::new() },
            "tabs": tabs,
            "q": q,
            "only": cx.query.text("solo"),
            "count": count,
            "page_number": page,
            "pages": super::pages(count, PAGE),
            "query": page_query(&q, cx.query.text("solo")),
            "due": due_date(cx, run),
            "typed": cx.form.typed(),
        }))
    })
}

/// What was recorded after a draft was made, in words; nothing: it knows of everything.
fn older_than(changed: &[Changed]) -> Option<String> {
    let words = changed.iter().map(|what| match what {
        Changed::Tariffs => "le tariffe",
        Changed::Isees => "gli ISEE",
        Changed::Days => "le presenze e le disdette",
        Changed::Closures => "le chiusure",
        Changed::Facts => "i dati per la tariffa",
        Changed::Residences => "le residenze",
        Changed::Enrolments => "le iscrizioni",
    });
    let words: Vec<&str> = words.collect();
    match words.split_last() {
        None => None,
        Some((one, [])) => Some((*one).to_owned()),
        Some((last, others)) => Some(format!("{} e {last}", others.join(", "))),
    }
}

fn page_query(q: &str, only: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in [("q", q), ("solo", only)] {
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    match query.finish() {
        text if text.is_empty() => "?".to_owned(),
        text => format!("?{text}&"),
    }
}

/// What the form proposes: thirty days from now.
fn due_date(cx: &Cx, run: &Run) -> Date {
    run.due_date
        .unwrap_or_else(|| cx.today().saturating_add(30.days()))
}

fn publish(cx: &mut Cx) -> Result<Reply> {
    let run = asked(cx)?;
    match begin_publishing(cx, &run) {
        Ok(reply) => {
            work::wake(&cx.app);
            Ok(reply)
        }
        Err(error) => {
            let data = run_data(cx, &run)?;
            cx.page_again(error, RUN, format!("Bollette {}", period(&run)), data)
        }
    }
}

fn begin_publishing(cx: &Cx, run: &Run) -> Result<Reply> {
    let mut checks = cx.form.check();
    let due = checks.date("due_date", true);
    checks.done()?;
    let due = due.ok_or(Error::NotFound)?;
    let leave = cx.form.has("leave_faults");
    let (actor, now, id) = (cx.actor.clone(), cx.now, run.public_id.clone());
    let back = address(run);
    cx.write_once(move |tx| {
        billing::start_publish(tx, &actor, &id, due, leave, now)?;
        Ok(back)
    })
}

/// Makes a draft again that is older than what it is made of.
fn again(cx: &mut Cx) -> Result<Reply> {
    let run = asked(cx)?;
    let (actor, now, id) = (cx.actor.clone(), cx.now, run.public_id.clone());
    let done = cx.write_once(move |tx| {
        let (run, _) = billing::draft_again(tx, &actor, &id, now)?;
        Ok(address(&run))
    });
    match done {
        Ok(reply) => {
            work::wake(&cx.app);
            Ok(reply)
        }
        Err(error) => {
            let data = run_data(cx, &run)?;
            cx.page_again(error, RUN, format!("Bollette {}", period(&run)), data)
        }
    }
}

fn discard(cx: &mut Cx) -> Result<Reply> {
    let run = asked(cx)?;
    let (actor, now, id) = (cx.actor.clone(), cx.now, run.public_id.clone());
    let done = cx.write(move |tx| billing::discard(tx, &actor, &id, now));
    match done {
        Ok(()) => cx.redirect_saying("/ufficio/bollette", &Text::new("bill-draft-discarded")),
        Err(error) => {
            let data = run_data(cx, &run)?;
            cx.page_again(error, RUN, format!("Bollette {}", period(&run)), data)
        }
    }
}

fn payer(cx: &mut Cx) -> Result<Reply> {
    let run = asked(cx)?;
    let id = cx.id("payer")?;
    let (person, lines) = cx.read(|db| {
        let person = people::person_by_public_id(db, &id)?;
        let lines = billing::lines_of_payer(db, &run, person.id)?;
        Ok((person, lines))
    })?;
    let total: Cents = lines.iter().map(|line| line.amount).sum();
    let data = json!({
        "run": run,
        "period": period(&run),
        "base": address(&run),
        "payer": person.full_name(),
        "payer_id": id,
        "lines": lines.iter().map(|line| told(cx, line)).collect::<Vec<_>>(),
        "total": total,
    });
    cx.page("office/bill_run_payer.html", person.full_name(), data)
}

fn told(cx: &Cx, line: &DraftLine) -> Value {
    let sentences = line
        .explanation
        .as_ref()
        .map(|explanation| tariffs::sentences(explanation, line.from));
    let sentences = sentences.unwrap_or_default();
    json!({
        "child": line.child,
        "service": line.service,
        "from": line.from,
        "to": line.to,
        "days": line.days,
        "amount": line.amount,
        "before": line.before,
        "aided": line.aided,
        "aided_by": charge_pdf::bodies(&aided_by(line)),
        "sentences": sentences.iter().map(|text| cx.say_text(text)).collect::<Vec<_>>(),
        "fault": line.fault.as_ref().map(|fault| cx.say_text(&fault.text())),
    })
}

/// Who pays beside the family what the reasons of a line say; nobody is named where the line is only
/// what that differs by from an earlier one.
fn aided_by(line: &DraftLine) -> Vec<AidedBy> {
    let Some(told) = &line.explanation else {
        return Vec::new();
    };
    let bodies = told.aided_by().unwrap_or_default();
    let all = bodies.into_iter().map(|(body, amount)| AidedBy {
        body: Some(body.to_owned()),
        amount,
    });
    let all: Vec<AidedBy> = all.collect();
    match all.iter().map(|one| one.amount).sum::<Cents>() == line.aided {
        true => all,
        false => Vec::new(),
    }
}

fn bill(cx: &mut Cx) -> Result<Reply> {
    let id = cx.id("id")?;
    let (bill, lines) = cx.read(|db| {
        let bill = billing::bill_for_office(db, &id)?;
        let lines = billing::lines_of_bill(db, &bill)?;
        Ok((bill, lines))
    })?;
    let title = format!("Bolletta {}/{}", bill.number, bill.year);
    let data = json!({
        "bill": bill,
        "lines": lines.iter().map(|line| drawn(cx, line)).collect::<Vec<_>>(),
    });
    cx.page("office/bill.html", title, data)
}

fn bill_file(cx: &mut Cx) -> Result<Reply> {
    let id = cx.id("id")?;
    let bill = cx.read(|db| billing::bill_for_office(db, &id))?;
    reason_files::bill_of(cx, bill)
}

/// A line of a published bill, for the family and the office alike.
pub(in crate::web) fn drawn(cx: &Cx, line: &billing::BillLine) -> Value {
    let sentences = tariffs::sentences(&line.explanation, line.from);
    json!({
        "child": line.child,
        "service": line.service,
        "from": line.from,
        "to": line.to,
        "days": line.days,
        "amount": line.amount,
        "before": line.before,
        "aided": line.aided,
        "aided_by": charge_pdf::bodies(&line.aided_by),
        "charge": line.charge,
        "sentences": sentences.iter().map(|text| cx.say_text(text)).collect::<Vec<_>>(),
    })
}

fn csv(cx: &mut Cx) -> Result<Reply> {
    let (name, bytes) = table(cx, Format::Csv)?;
    cx.file(format!("{name}.csv"), "text/csv; charset=utf-8", bytes)
}

fn xlsx(cx: &mut Cx) -> Result<Reply> {
    let (name, bytes) = table(cx, Format::Xlsx)?;
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    cx.file(format!("{name}.xlsx"), kind, bytes)
}

fn table(cx: &Cx, format: Format) -> Result<(String, Vec<u8>)> {
    let run = asked(cx)?;
    let names = [
        "intestatario",
        "alunno",
        "servizio",
        "dal",
        "al",
        "giorni",
        "importo",
        "gia_addebitato",
        "a_carico_di_altri",
        "errore",
    ];
    let euros = |amount: Cents| Cell::Safe(amount.to_decimal().replace('.', ","));
    let rows = cx.read(|db: &Connection| {
        let mut rows = Vec::new();
        billing::each_line(db, &run, |line| {
            let fault = line.fault.as_ref().map(|fault| cx.say_text(&fault.text()));
            rows.push(vec![
                Cell::Text(line.payer),
                Cell::Text(line.child),
                Cell::Text(line.service),
                Cell::Safe(date_it(line.from)),
                Cell::Safe(date_it(line.to)),
                Cell::Count(i64::from(line.days)),
                euros(line.amount),
                euros(line.before),
                euros(line.aided),
                Cell::Text(fault.unwrap_or_default()),
            ]);
            Ok(())
        })?;
        Ok(rows)
    })?;
    let bytes = exports::table(format, "bollette", &names, rows.into_iter())?;
    Ok((format!("bollette-{}-{}", run.from, run.to), bytes))
}
