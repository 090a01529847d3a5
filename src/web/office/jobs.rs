//! "Lavori": the long work of the program, how it went, and what it keeps trying to deliver.

use serde_json::{Value, json};

use super::collection::letters_href;
use super::job_words::{self, KINDS, STATES};
use crate::base::Permission::Money;
use crate::base::Result;
use crate::jobs::{self, Filter, Job};
use crate::processes::work;
use crate::refunds;
use crate::store;
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

/// Jobs on a page.
const PAGE: u32 = 25;
/// Deliveries that keep failing.
const FAILURES: u32 = 50;

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/ufficio/lavori", Money, list),
        get("/ufficio/lavori/:id", Money, show),
        get("/ufficio/lavori/:id/riprova", Money, confirm),
        post("/ufficio/lavori/:id/riprova", Money, resume),
    ]
}

/// Where a job is.
pub(super) fn href(job: &Job) -> String {
    format!("/ufficio/lavori/{}", job.public_id)
}

/// A choice that the address names: how it is stored.
fn chosen(from: &[(&'static str, &'static str, &'static str)], slug: &str) -> Option<&'static str> {
    let found = from.iter().find(|(_, named, _)| *named == slug);
    found.map(|(stored, ..)| *stored)
}

/// The address of the list in a state and of a kind.
fn query(state: Option<&str>, kind: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, from, stored) in [
        ("stato", STATES.as_slice(), state),
        ("tipo", KINDS.as_slice(), kind),
    ] {
        if let Some((_, slug, _)) = from.iter().find(|(known, ..)| Some(*known) == stored) {
            query.append_pair(name, slug);
        }
    }
    query.finish()
}

fn list(cx: &mut Cx) -> Result<Reply> {
    let state = chosen(&STATES, cx.query.text("stato"));
    let kind = chosen(&KINDS, cx.query.text("tipo"));
    let page = super::page_number(cx);
    let data = cx.read(|db| {
        let mut counts = Vec::new();
        for (stored, ..) in STATES {
            counts.push(jobs::count(db, stored, kind)?);
        }
        let all: i64 = counts.iter().sum();
        let tab = |at: Option<&'static str>, label: &str, count: i64| {
            json!({
                "label": label,
                "count": count,
                "href": format!("/ufficio/lavori?{}", query(at, kind)),
                "current": at == state,
            })
        };
        let mut tabs = vec![tab(None, "Tutti", all)];
        let states = STATES.iter().zip(&counts);
        tabs.extend(states.map(|((stored, _, word), count)| tab(Some(stored), word, *count)));
        let of_state = STATES
            .iter()
            .zip(&counts)
            .find(|((stored, ..), _)| Some(*stored) == state);
        let total = of_state.map_or(all, |(_, count)| *count);
        let filter = Filter { state, kind };
        let offset = page.saturating_sub(1).saturating_mul(PAGE);
        let listed = jobs::list(db, filter, PAGE, offset)?;
        let rows = listed.iter().map(|job| drawn(cx, db, job));
        let here = query(state, kind);
        Ok(json!({
            "moving": listed.iter().any(is_moving),
            "jobs": rows.collect::<Result<Vec<_>>>()?,
            "tabs": tabs,
            "kinds": KINDS.iter().map(|(stored, slug, word)| json!({
                "value": slug, "label": word, "chosen": kind == Some(*stored),
            })).collect::<Vec<_>>(),
            "state": cx.query.text("stato"),
            "narrowed": state.is_some() || kind.is_some(),
            "page_number": page,
            "pages": super::pages(total, PAGE),
            "base": if here.is_empty() { "?".to_owned() } else { format!("?{here}&") },
            "failures": store::outbox_failures(db, FAILURES)?,
            "last_backup": store::mark(db, store::LAST_BACKUP)?,
        }))
    })?;
    cx.page("office/jobs.html", "Lavori", data)
}

fn is_moving(job: &Job) -> bool {
    matches!(job.state.as_str(), "waiting" | "running")
}

fn drawn(cx: &Cx, db: &rusqlite::Connection, job: &Job) -> Result<Value> {
    let told = job_words::tell(db, job, cx.now, &|text| cx.say_text(text))?;
    Ok(json!({ "job": job, "told": told, "href": href(job), "moving": is_moving(job) }))
}

/// The jobs that stopped, the newest first: for the first page of the day.
///
/// # Errors
/// The database's own failure.
pub(super) fn stopped(cx: &Cx) -> Result<Value> {
    cx.read(|db| {
        let filter = Filter {
            state: Some("failed"),
            kind: None,
        };
        let newest = jobs::list(db, filter, 3, 0)?;
        let rows = newest.iter().map(|job| drawn(cx, db, job));
        Ok(json!({
            "count": jobs::count(db, "failed", None)?,
            "newest": rows.collect::<Result<Vec<_>>>()?,
        }))
    })
}

fn asked(cx: &Cx) -> Result<Value> {
    let id = cx.id("id")?;
    cx.read(|db| drawn(cx, db, &jobs::job_by_public_id(db, &id)?))
}

fn show(cx: &mut Cx) -> Result<Reply> {
    let mut data = asked(cx)?;
    let (id, now) = (cx.id("id")?, cx.now);
    let kept = cx.read(|db| refunds::kept_batches(db, now))?;
    if let Some(kept) = kept.iter().find(|kept| kept.job == id) {
        data["letters"] = json!({ "href": letters_href(&id), "until": kept.until });
    }
    let title = data["told"]["what"].as_str().unwrap_or("Lavoro").to_owned();
    cx.page("office/job.html", title, data)
}

/// What trying again does, before it is done.
fn confirm(cx: &mut Cx) -> Result<Reply> {
    let data = asked(cx)?;
    if data["told"]["resumable"] != json!(true) {
        return cx.redirect(format!("/ufficio/lavori/{}", cx.id("id")?));
    }
    cx.page("office/job_retry.html", "Riprova", data)
}

/// Sent twice, it resumes once; a job that goes on already is simply shown.
fn resume(cx: &mut Cx) -> Result<Reply> {
    let (id, actor, now) = (cx.id("id")?, cx.actor.clone(), cx.now);
    let reply = cx.write_once(move |tx| {
        jobs::retry(tx, &actor, &id, now)?;
        Ok(format!("/ufficio/lavori/{id}"))
    })?;
    work::wake(&cx.app);
    Ok(reply)
}
