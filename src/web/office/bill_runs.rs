//! The list of bill runs, how often each service is billed, and the beginning of a draft.

use jiff::ToSpan;
use serde_json::{Value, json};

use super::bills::{PAGE, address};
use crate::base::Permission::Money;
use crate::base::{Error, Result, Text};
use crate::billing::{self, NewRun};
use crate::municipality::{self, Rhythm};
use crate::processes::work;
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

const LIST: &str = "office/bills.html";

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/ufficio/bollette", Money, list),
        post("/ufficio/bollette", Money, draft),
        post("/ufficio/bollette/cadenza", Money, rhythm),
    ]
}

/// How often a service is billed, as it is stored and in words.
const RHYTHMS: [(&str, &str); 5] = [
    ("none", "Decide l’ufficio di volta in volta"),
    ("monthly", "Ogni mese"),
    ("two-months", "Ogni due mesi"),
    ("terms", "Per periodi dell’anno scolastico"),
    ("yearly", "Una volta l’anno"),
];

fn list(cx: &mut Cx) -> Result<Reply> {
    let data = list_data(cx)?;
    cx.page(LIST, "Bollette", data)
}

fn list_data(cx: &Cx) -> Result<Value> {
    let page = super::page_number(cx);
    let (runs, open, services) = cx.read(|db| {
        let rows = billing::runs(db, PAGE, (page - 1) * PAGE)?;
        Ok((rows, billing::open_run(db)?, municipality::services(db)?))
    })?;
    let held_until = cx.read(|db| billing::held_until(db, cx.today()))?;
    let asked = cx.query.text("servizio");
    let asked = services.iter().find(|service| service.code == asked);
    let (next, rhythms) = cx.read(|db| {
        let next = match asked {
            Some(service) => billing::next_period(db, service, cx.today())?,
            None => billing::next_period_of_all(db, &services, cx.today())?,
        };
        let rhythms = services.iter().map(|service| {
            let next = billing::next_period(db, service, cx.today())?;
            Ok(json!({
                "code": service.code, "name": service.name,
                "rhythm": rhythm_word(&service.bill_rhythm),
                "next": next.map(|(from, to)| json!({ "from": from, "to": to })),
            }))
        });
        Ok((next, rhythms.collect::<Result<Vec<_>>>()?))
    })?;
    // A month is billed when it is over.
    let last_month = cx.today().first_of_month().saturating_sub(1.day());
    let (from, to) = next.unwrap_or((last_month.first_of_month(), last_month));
    let options = services
        .iter()
        .map(|s| json!({ "value": s.code, "label": s.name }));
    // Two forms stand on the page: each shows again what was typed into it.
    let of_rhythm = cx.form.has("rhythm");
    let typed = |shown: bool| match shown {
        true => cx.form.typed(),
        false => Value::Null,
    };
    Ok(json!({
        "rows": runs,
        "open": open,
        "held_until": held_until,
        "service_options": options.collect::<Vec<_>>(),
        "service": asked.map(|service| &service.code),
        "rhythms": rhythms,
        "rhythm_options": RHYTHMS.map(|(value, label)| json!({ "value": value, "label": label })),
        "typed": typed(!of_rhythm),
        "typed_rhythm": typed(of_rhythm),
        "from": from,
        "to": to,
        "page_number": page,
    }))
}

/// A rhythm in words.
fn rhythm_word(rhythm: &Rhythm) -> String {
    if let Rhythm::Terms(terms) = rhythm {
        let days: Vec<String> = terms
            .iter()
            .map(|(m, d)| format!("{d:02}/{m:02}"))
            .collect();
        return format!("Per periodi che iniziano il {}", days.join(", "));
    }
    let stored = rhythm.to_string();
    let known = RHYTHMS.iter().find(|(word, _)| *word == stored);
    known.map_or(String::new(), |(_, label)| (*label).to_owned())
}

/// Sets in which rhythm a service is billed.
fn rhythm(cx: &mut Cx) -> Result<Reply> {
    let saved = typed_rhythm(cx).and_then(|(code, rhythm)| {
        let (actor, now) = (cx.actor.clone(), cx.now);
        cx.write(move |tx| {
            let service = municipality::service_by_code(tx, &code)?.ok_or(Error::NotFound)?;
            billing::set_rhythm(tx, &actor, service.id, &rhythm, now)
        })
    });
    match saved {
        Ok(()) => cx.redirect_saying("/ufficio/bollette", &Text::new("office-bill-rhythm-saved")),
        Err(error @ Error::Invalid(_)) => {
            let data = list_data(cx)?;
            cx.page_again(error, LIST, "Bollette", data)
        }
        Err(other) => Err(other),
    }
}

/// The service's code and the rhythm; days are typed as `01/09, 01/02`.
fn typed_rhythm(cx: &Cx) -> Result<(String, Rhythm)> {
    let (code, word) = (cx.form.text("of"), cx.form.text("rhythm"));
    for (field, typed) in [("of", code), ("rhythm", word)] {
        if typed.is_empty() {
            return Err(Error::field(field, Text::new("error-required")));
        }
    }
    let days = cx.form.text("terms").split([',', ' ', ';']);
    let days = days.filter(|day| !day.is_empty()).map(|typed| {
        let (day, month) = typed.split_once('/')?;
        let (day, month): (u8, u8) = (day.parse().ok()?, month.parse().ok()?);
        Some(format!("{month:02}-{day:02}"))
    });
    let wrong = || Error::field("terms", Text::new("error-bill-terms"));
    let rhythm: Rhythm = match word {
        "terms" => {
            let days = days.collect::<Option<Vec<_>>>().ok_or_else(wrong)?;
            match days.join(" ").parse() {
                Ok(rhythm @ Rhythm::Terms(_)) => rhythm,
                _ => return Err(wrong()),
            }
        }
        word => word.parse().map_err(|_| Error::NotFound)?,
    };
    Ok((code.to_owned(), rhythm))
}

fn draft(cx: &mut Cx) -> Result<Reply> {
    match begin(cx) {
        Ok(reply) => {
            work::wake(&cx.app);
            Ok(reply)
        }
        Err(error) => {
            let data = list_data(cx)?;
            cx.page_again(error, LIST, "Bollette", data)
        }
    }
}

fn begin(cx: &Cx) -> Result<Reply> {
    let mut checks = cx.form.check();
    let (from, to) = (checks.date("from", true), checks.date("to", true));
    checks.done()?;
    let service = match cx.form.some("service") {
        Some(code) => Some(
            cx.read(|db| municipality::service_by_code(db, &code))?
                .ok_or(Error::NotFound)?
                .id,
        ),
        None => None,
    };
    let (Some(from), Some(to)) = (from, to) else {
        return Err(Error::NotFound);
    };
    let include_held = cx.form.has("include_held");
    let (actor, now) = (cx.actor.clone(), cx.now);
    cx.write_once(move |tx| {
        let new = NewRun {
            include_held,
            ..NewRun::period((from, to), service)
        };
        let (run, _) = billing::start_draft(tx, &actor, &new, now)?;
        Ok(address(&run))
    })
}
