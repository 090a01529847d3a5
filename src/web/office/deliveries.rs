//! "Invii a pagoPA": what the platform did not take, and why.

use serde_json::{Value, json};

use crate::base::Permission::Money;
use crate::base::{Error, Result, Text};
use crate::payments::{self, Errand, Which};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

/// Rows on a page.
const PAGE: u32 = 25;
/// So many are tried again in one go.
const MOST: u32 = 500;
const LIST: &str = "office/deliveries.html";
const TITLE: &str = "Invii a pagoPA";
/// Each errand as the address names it.
const ERRANDS: [(Errand, &str, &str); 2] = [
    (Errand::Publish, "da-pubblicare", "Avvisi da pubblicare"),
    (Errand::Withdraw, "da-annullare", "Avvisi da annullare"),
];

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/ufficio/pagamenti/invii", Money, list),
        get("/ufficio/pagamenti/invii/riprova", Money, preview),
        post("/ufficio/pagamenti/invii/riprova", Money, retry_all),
        post("/ufficio/pagamenti/invii/:id/riprova", Money, retry),
        post("/ufficio/pagamenti/invii/:id/risolto", Money, close),
        post("/ufficio/pagamenti/invii/:id/annulla", Money, withdraw),
    ]
}

fn errand(slug: &str) -> Option<Errand> {
    let found = ERRANDS.iter().find(|(_, named, _)| *named == slug);
    found.map(|(errand, ..)| *errand)
}

/// The address of the list with a choice.
fn query(dead: bool, errand: Option<Errand>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if !dead {
        query.append_pair("stato", "in-attesa");
    }
    if let Some((_, slug, _)) = ERRANDS.iter().find(|(of, ..)| Some(*of) == errand) {
        query.append_pair("tipo", slug);
    }
    query.finish()
}

fn asked(cx: &Cx) -> Which {
    Which {
        dead: cx.query.text("stato") != "in-attesa",
        errand: errand(cx.query.text("tipo")),
    }
}

fn list_data(cx: &Cx) -> Result<Value> {
    let (which, page) = (asked(cx), super::page_number(cx));
    let offset = page.saturating_sub(1).saturating_mul(PAGE);
    cx.read(|db| {
        let count = |dead| payments::deliveries_count(db, Which { dead, ..which });
        let (dead, waiting) = (count(true)?, count(false)?);
        let tab = |at: bool, label: &str, count: i64| {
            json!({
                "label": label,
                "count": count,
                "href": format!("/ufficio/pagamenti/invii?{}", query(at, which.errand)),
                "current": at == which.dead,
            })
        };
        let here = query(which.dead, which.errand);
        Ok(json!({
            "tabs": [tab(true, "Fermi", dead), tab(false, "In attesa", waiting)],
            "dead": which.dead,
            "dead_count": dead,
            "errands": ERRANDS.iter().map(|(errand, slug, word)| json!({
                "value": slug, "label": word, "chosen": which.errand == Some(*errand),
            })).collect::<Vec<_>>(),
            "narrowed": which.errand.is_some(),
            "rows": payments::deliveries(db, which, PAGE, offset)?,
            "retry_all": format!("/ufficio/pagamenti/invii/riprova?{}", query(true, which.errand)),
            "page_number": page,
            "pages": super::pages(if which.dead { dead } else { waiting }, PAGE),
            "base": if here.is_empty() { "?".to_owned() } else { format!("?{here}&") },
        }))
    })
}

fn list(cx: &mut Cx) -> Result<Reply> {
    let data = list_data(cx)?;
    cx.page(LIST, TITLE, data)
}

/// What trying all again does, before it is done.
fn preview(cx: &mut Cx) -> Result<Reply> {
    let which = Which {
        dead: true,
        errand: errand(cx.query.text("tipo")),
    };
    let slug = cx.query.text("tipo").to_owned();
    let rows = cx.read(|db| payments::retriable(db, which, MOST))?;
    let of = |errand: Errand| {
        rows.iter()
            .filter(|row| row.kind == errand.as_str())
            .count()
    };
    let data = json!({
        "publish": of(Errand::Publish),
        "withdraw": of(Errand::Withdraw),
        "total": rows.len(),
        "full": rows.len() >= MOST as usize,
        "most": MOST,
        "slug": slug,
    });
    cx.page("office/deliveries_retry.html", "Riprova tutti", data)
}

fn retry_all(cx: &mut Cx) -> Result<Reply> {
    let which = Which {
        dead: true,
        errand: errand(cx.form.text("tipo")),
    };
    let (actor, now) = (cx.actor.clone(), cx.now);
    let done = cx.write_once(move |tx| {
        payments::retry_deliveries(tx, &actor, which, MOST, now)?;
        Ok("/ufficio/pagamenti/invii?stato=in-attesa".to_owned())
    })?;
    match done {
        Reply::Redirect(place) => {
            cx.redirect_saying(place, &Text::new("office-deliveries-retried"))
        }
        other => Ok(other),
    }
}

/// Leads back to the list, or shows it with the refusal.
fn answered(cx: &mut Cx, done: Result<()>, said: &'static str) -> Result<Reply> {
    match done {
        Ok(()) => cx.redirect_saying("/ufficio/pagamenti/invii", &Text::new(said)),
        Err(error @ Error::Refused(_)) => {
            let data = list_data(cx)?;
            cx.page_again(error, LIST, TITLE, data)
        }
        Err(error) => Err(error),
    }
}

fn retry(cx: &mut Cx) -> Result<Reply> {
    let (id, actor, now) = (cx.id("id")?, cx.actor.clone(), cx.now);
    let done = cx.write(move |tx| payments::retry_delivery(tx, &actor, &id, now));
    answered(cx, done, "office-delivery-retried")
}

fn close(cx: &mut Cx) -> Result<Reply> {
    let (id, actor, now) = (cx.id("id")?, cx.actor.clone(), cx.now);
    let done = cx.write(move |tx| payments::close_delivery(tx, &actor, &id, now));
    answered(cx, done, "office-delivery-closed")
}

fn withdraw(cx: &mut Cx) -> Result<Reply> {
    let (id, actor, now) = (cx.id("id")?, cx.actor.clone(), cx.now);
    let done = cx.write(move |tx| payments::withdraw_undelivered(tx, &actor, &id, now));
    answered(cx, done, "office-delivery-withdrawn")
}

/// How many wait for the office: for the first page of the day.
///
/// # Errors
/// The database's own failure.
pub(super) fn dead(cx: &Cx) -> Result<i64> {
    let all = Which {
        dead: true,
        errand: None,
    };
    cx.read(|db| payments::deliveries_count(db, all))
}
