//! "Messaggi": the threads with the families, those that wait for an answer first.

use serde_json::{Value, json};

use super::families;
use crate::base::Permission::Office;
use crate::base::{Result, Text};
use crate::messages::{self, Thread, Threads};
use crate::people;
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

/// Threads on a page of the list.
const PAGE: u32 = 30;
/// Characters of the last message that a list shows.
const EXCERPT: usize = 90;
const THREAD: &str = "office/thread.html";

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/ufficio/messaggi", Office, list),
        get("/ufficio/messaggi/:person", Office, show),
        post("/ufficio/messaggi/:person", Office, reply),
    ]
}

fn list(cx: &mut Cx) -> Result<Reply> {
    let shown = match cx.query.text("mostra") {
        "da-leggere" => Threads::Unread,
        "senza-risposta" => Threads::Waiting,
        _ => Threads::All,
    };
    let page = super::page_number(cx);
    let data = cx.read(|db| {
        let tab = |which, label, href| -> Result<Value> {
            let count = messages::count_threads(db, which)?;
            Ok(json!({ "label": label, "href": href, "count": count, "current": which == shown }))
        };
        let tabs = [
            tab(Threads::All, "Tutti", "/ufficio/messaggi")?,
            tab(
                Threads::Waiting,
                "Senza risposta",
                "/ufficio/messaggi?mostra=senza-risposta",
            )?,
            tab(
                Threads::Unread,
                "Da leggere",
                "/ufficio/messaggi?mostra=da-leggere",
            )?,
        ];
        let total = messages::count_threads(db, shown)?;
        let threads = messages::threads(db, shown, PAGE, (page - 1) * PAGE)?;
        Ok(json!({
            "tabs": tabs,
            "threads": threads.iter().map(row).collect::<Vec<_>>(),
            "page_number": page,
            "pages": super::pages(total, PAGE),
            "base": match cx.query.some("mostra") {
                Some(_) if shown == Threads::Unread => "?mostra=da-leggere&",
                Some(_) if shown == Threads::Waiting => "?mostra=senza-risposta&",
                _ => "?",
            },
        }))
    })?;
    cx.page("office/messages.html", "Messaggi", data)
}

/// A thread in a list: of its last message, the beginning.
pub(super) fn row(thread: &Thread) -> Value {
    let line = thread.last.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut excerpt: String = line.chars().take(EXCERPT).collect();
    if excerpt.len() < line.len() {
        excerpt.push('…');
    }
    json!({
        "href": format!("/ufficio/messaggi/{}", thread.person),
        "name": thread.name,
        "last": excerpt,
        "last_author": thread.last_author,
        "at": thread.at,
        "unread": thread.unread,
        "waiting": thread.waiting,
    })
}

fn data(cx: &Cx, typed: &str) -> Result<Value> {
    let id = cx.id("person")?;
    cx.read(|db| {
        let person = people::person_by_public_id(db, &id)?;
        Ok(json!({
            "family": families::identity_bar(db, &person, cx.today())?,
            "thread": messages::thread(db, person.id)?,
            "body": typed,
            "longest": messages::LONGEST,
        }))
    })
}

fn title(data: &Value) -> String {
    format!(
        "Messaggi con {}",
        data["family"]["name"].as_str().unwrap_or("")
    )
}

/// The page says what is new; by being shown it is read.
fn show(cx: &mut Cx) -> Result<Reply> {
    let data = data(cx, "")?;
    let (id, actor, now) = (cx.id("person")?, cx.actor.clone(), cx.now);
    let fresh = |m: &Value| m["author"] == "family" && m["read_at"].is_null();
    if data["thread"]
        .as_array()
        .is_some_and(|t| t.iter().any(fresh))
    {
        cx.write(move |tx| {
            let person = people::person_by_public_id(tx, &id)?;
            messages::mark_read(tx, &actor, person.id, now)
        })?;
    }
    cx.page(THREAD, title(&data), data)
}

fn reply(cx: &mut Cx) -> Result<Reply> {
    let (id, actor, now) = (cx.id("person")?, cx.actor.clone(), cx.now);
    let body = cx.form.text("body").to_owned();
    let written = cx.write_once(move |tx| {
        let person = people::person_by_public_id(tx, &id)?;
        messages::write_message(tx, &actor, person.id, &body, now)?;
        Ok(format!("/ufficio/messaggi/{id}"))
    });
    match written {
        Ok(Reply::Redirect(location)) => {
            cx.redirect_saying(location, &Text::new("office-message-sent"))
        }
        Ok(other) => Ok(other),
        Err(error) => {
            let data = data(cx, cx.form.text("body"))?;
            cx.page_again(error, THREAD, title(&data), data)
        }
    }
}
