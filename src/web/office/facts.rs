//! "Dati per la tariffa": what the office records of a child because the comune's published tariffs
//! ask for it, and the exemption that the social services decide.

use std::sync::Arc;

use rusqlite::Connection;
use serde_json::{Value, json};

use super::families::{self, identity_bar};
use super::isee_form::asked;
use crate::base::Permission::Office;
use crate::base::{Date, Error, PersonId, PublicId, Result, Text, month_it};
use crate::charging::{self, AskedFact};
use crate::enrolments::{self, ChildFact, NewFact, SOCIAL_SERVICES_EXEMPTION};
use crate::municipality::{self, Service};
use crate::people::Person;
use crate::tariffs::FactKind;
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

const LIST: &str = "office/facts.html";
const ONE: &str = "office/fact.html";
/// The choice of a fact that holds for every service.
const ALL_SERVICES: &str = "tutti";

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/ufficio/famiglie/:person/dati/:child", Office, show),
        post("/ufficio/famiglie/:person/dati/:child", Office, record),
        get("/ufficio/famiglie/:person/dati/:child/:fact", Office, one),
        post(
            "/ufficio/famiglie/:person/dati/:child/:fact/termina",
            Office,
            end,
        ),
        post(
            "/ufficio/famiglie/:person/dati/:child/:fact/annulla",
            Office,
            withdraw,
        ),
    ]
}

/// A fact that can be recorded of a child, and the services of theirs whose tariffs ask for it.
struct Offer {
    fact: AskedFact,
    services: Vec<Service>,
}

/// What the tariffs of a child's services ask for, and the exemption: reminders look at it also where
/// no tariff does.
fn offers(db: &Connection, child: PersonId, today: Date) -> Result<Vec<Offer>> {
    let mut ids: Vec<_> = enrolments::of_child(db, child)?
        .into_iter()
        .filter(|enrolment| enrolment.to.is_none_or(|to| to >= today))
        .map(|enrolment| enrolment.service_id)
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let mut offers = Vec::<Offer>::new();
    for id in &ids {
        let service = municipality::service(db, *id)?;
        for fact in charging::facts_asked(db, service.id, today)? {
            match offers.iter_mut().find(|offer| offer.fact.name == fact.name) {
                Some(offer) => {
                    offer.fact.words.extend(fact.words);
                    offer.services.push(service.clone());
                }
                None => offers.push(Offer {
                    fact,
                    services: vec![service.clone()],
                }),
            }
        }
    }
    if !offers
        .iter()
        .any(|offer| offer.fact.name == SOCIAL_SERVICES_EXEMPTION)
    {
        let services = ids.iter().map(|id| municipality::service(db, *id));
        offers.push(Offer {
            fact: AskedFact::flag(SOCIAL_SERVICES_EXEMPTION),
            services: services.collect::<Result<_>>()?,
        });
    }
    Ok(offers)
}

/// What a fact is called: the rule's own label, or the catalogue's.
fn label(cx: &Cx, name: &str, label: &str) -> String {
    if name == SOCIAL_SERVICES_EXEMPTION {
        return cx.say("office-fact-exemption");
    }
    let text =
        Text::new("explain-fact").with("fact", if label.is_empty() { name } else { "label" });
    capital(&cx.say_text(&text.with("factlabel", label)))
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

/// A value as people read it.
fn value_word(name: &str, value: &str) -> String {
    match (name, value) {
        (_, "yes") => "sì".to_owned(),
        (_, "no") => "no".to_owned(),
        ("entry_month", number) => match number.parse() {
            Ok(month @ 1..=12) => month_it(month).to_owned(),
            _ => number.to_owned(),
        },
        (_, word) => word.replace('_', " "),
    }
}

/// A recorded fact as pages show it; the reason only where it was asked for.
fn drawn(cx: &Cx, offers: &[Offer], fact: &ChildFact, with_reason: bool) -> Value {
    let offer = offers.iter().find(|offer| offer.fact.name == fact.name);
    let own = offer.map_or("", |offer| offer.fact.label.as_str());
    let today = cx.today();
    let state = match (fact.withdrawn_at, fact.to) {
        (Some(_), _) => "withdrawn",
        (None, Some(to)) if to < today => "over",
        _ if fact.from > today => "later",
        _ => "now",
    };
    json!({
        "public_id": fact.public_id,
        "label": label(cx, &fact.name, own),
        "value": value_word(&fact.name, &fact.value),
        "flag": fact.value == "yes",
        "service": fact.service,
        "from": fact.from,
        "to": fact.to,
        "state": state,
        "staff": fact.staff,
        "recorded_at": fact.recorded_at,
        "reason": if with_reason { fact.reason.as_str() } else { "" },
    })
}

/// What the sheet says of a child: what holds now or will, out of what was read with a log entry.
///
/// # Errors
/// The database's own failure.
pub(super) fn on_sheet(
    cx: &Cx,
    db: &Connection,
    child: PersonId,
    facts: &[ChildFact],
) -> Result<Vec<Value>> {
    let offers = offers(db, child, cx.today())?;
    let drawn = facts.iter().map(|fact| drawn(cx, &offers, fact, false));
    Ok(drawn
        .filter(|fact| matches!(fact["state"].as_str(), Some("now" | "later")))
        .collect())
}

/// Where the facts of a child are.
fn href(person: &Person, child: &Person) -> String {
    format!("{}/dati/{}", families::href(person), child.public_id)
}

fn read(cx: &Cx, child: PersonId) -> Result<Vec<ChildFact>> {
    let (app, actor, now) = (Arc::clone(&cx.app), cx.actor.clone(), cx.now);
    // Reading is logged, so it is a write.
    cx.write(move |tx| enrolments::read_facts(tx, &app.key, &actor, child, now))
}

fn page_data(cx: &Cx, person: &Person, child: &Person) -> Result<Value> {
    let known = read(cx, child.id)?;
    let wanted = match cx.form.some("name") {
        Some(name) => name,
        None => cx.query.text("dato").to_owned(),
    };
    let (family, offers) = cx.read(|db| {
        let family = identity_bar(db, person, cx.today())?;
        Ok((family, offers(db, child.id, cx.today())?))
    })?;
    let href = href(person, child);
    let offered = |offer: &Offer| {
        let name = &offer.fact.name;
        let services: Vec<_> = offer.services.iter().map(|s| s.name.as_str()).collect();
        let now = known.iter().find(|fact| {
            let open = fact.withdrawn_at.is_none() && fact.from <= cx.today();
            fact.name == *name && open && fact.to.is_none_or(|to| to >= cx.today())
        });
        json!({
            "label": label(cx, name, &offer.fact.label),
            "services": services.join(", "),
            "now": now.map(|fact| value_word(name, &fact.value)),
            "href": format!("{href}?dato={name}#nuovo"),
        })
    };
    let chosen = offers.iter().find(|offer| offer.fact.name == wanted);
    Ok(json!({
        "family": family,
        "child_name": child.name,
        "href": href,
        "offers": offers.iter().map(offered).collect::<Vec<_>>(),
        "form": chosen.map(|offer| form(cx, offer)),
        "facts": known.iter().map(|fact| {
            let mut row = drawn(cx, &offers, fact, true);
            row["href"] = format!("{href}/{}", fact.public_id).into();
            row
        }).collect::<Vec<_>>(),
    }))
}

/// What is asked of who records a fact.
fn form(cx: &Cx, offer: &Offer) -> Value {
    let AskedFact { name, words, .. } = &offer.fact;
    let option =
        |value: &str| json!({ "value": value, "label": capital(&value_word(name, value)) });
    let options: Vec<Value> = match offer.fact.kind {
        FactKind::Flag => ["yes", "no"].map(option).into(),
        FactKind::Number if name == "entry_month" => {
            (1..=12).map(|month| option(&month.to_string())).collect()
        }
        FactKind::Number | FactKind::Amount => Vec::new(),
        FactKind::Choice => words.iter().map(|word| option(word)).collect(),
    };
    let service = |s: &Service| json!({ "value": s.public_id, "label": s.name });
    let mut services: Vec<Value> = offer.services.iter().map(service).collect();
    if services.len() != 1 {
        services.insert(
            0,
            json!({ "value": ALL_SERVICES, "label": "Tutti i servizi" }),
        );
    }
    json!({
        "name": name,
        "label": label(cx, name, &offer.fact.label),
        "exemption": name == SOCIAL_SERVICES_EXEMPTION,
        "flag": offer.fact.kind == FactKind::Flag,
        "number": offer.fact.kind == FactKind::Number,
        "options": options,
        "services": services,
        "service": services.first().map(|first| first["value"].clone()),
        "today": cx.today(),
        "typed": cx.form.typed(),
    })
}

fn title(child: &Person) -> String {
    format!("Dati per la tariffa di {}", child.full_name())
}

fn show(cx: &mut Cx) -> Result<Reply> {
    let (person, child) = asked(cx)?;
    let data = page_data(cx, &person, &child)?;
    cx.page(LIST, title(&child), data)
}

fn record(cx: &mut Cx) -> Result<Reply> {
    let (person, child) = asked(cx)?;
    let done = recorded(cx, &person, &child);
    answered(cx, done, "office-fact-recorded", |cx, error| {
        let data = page_data(cx, &person, &child)?;
        cx.page_again(error, LIST, title(&child), data)
    })
}

fn recorded(cx: &Cx, person: &Person, child: &Person) -> Result<Reply> {
    let offers = cx.read(|db| offers(db, child.id, cx.today()))?;
    let name = cx.form.text("name").to_owned();
    let offer = offers.iter().find(|offer| offer.fact.name == name);
    let offer = offer.ok_or(Error::NotFound)?;
    let mut checks = cx.form.check();
    let value = checks.choice("value", |value| {
        offer.fact.takes(value).then(|| value.to_owned())
    });
    let service = checks.choice("service", |text| {
        let named = offer.services.iter().find(|s| s.public_id.as_str() == text);
        match (named, text) {
            (Some(service), _) => Some(Some(service.id)),
            (None, ALL_SERVICES) => Some(None),
            _ => None,
        }
    });
    let (from, to) = (checks.date("from", true), checks.date("to", false));
    let reason = checks.required("reason", 500);
    checks.done()?;
    let (Some(value), Some(service), Some(from)) = (value, service, from) else {
        return Err(Error::refused(Text::new("error-choose")));
    };
    let (app, actor, now) = (Arc::clone(&cx.app), cx.actor.clone(), cx.now);
    let (id, place) = (child.id, href(person, child));
    cx.write_once(move |tx| {
        let new = NewFact {
            child: id,
            service,
            name: &name,
            value: &value,
            from,
            to,
            reason: &reason,
        };
        enrolments::record_fact(tx, &app.key, &actor, &new, now)?;
        Ok(place)
    })
}

/// Leads on with a sentence, or shows the page again with what is wrong.
fn answered(
    cx: &Cx,
    done: Result<Reply>,
    sentence: &'static str,
    again: impl FnOnce(&Cx, Error) -> Result<Reply>,
) -> Result<Reply> {
    match done {
        Ok(Reply::Redirect(place)) => cx.redirect_saying(place, &Text::new(sentence)),
        Err(error @ (Error::Invalid(_) | Error::Refused(_))) => again(cx, error),
        other => other,
    }
}

/// One recorded fact: to end it or to take it back.
fn one(cx: &mut Cx) -> Result<Reply> {
    let (person, child) = asked(cx)?;
    let data = one_data(cx, &person, &child)?;
    cx.page(ONE, title(&child), data)
}

fn one_data(cx: &Cx, person: &Person, child: &Person) -> Result<Value> {
    let id = cx.id("fact")?;
    let facts = read(cx, child.id)?;
    let fact = facts.iter().find(|fact| fact.public_id == id);
    let fact = fact.ok_or(Error::NotFound)?;
    let (family, offers) = cx.read(|db| {
        let family = identity_bar(db, person, cx.today())?;
        Ok((family, offers(db, child.id, cx.today())?))
    })?;
    Ok(json!({
        "family": family,
        "child_name": child.name,
        "list": href(person, child),
        "href": format!("{}/{id}", href(person, child)),
        "fact": drawn(cx, &offers, fact, true),
        "today": cx.today(),
        "typed": cx.form.typed(),
    }))
}

fn end(cx: &mut Cx) -> Result<Reply> {
    let (person, child) = asked(cx)?;
    let id = cx.id("fact")?;
    let mut checks = cx.form.check();
    let last = checks.date("last", true);
    let (actor, now, of, place) = (cx.actor.clone(), cx.now, child.id, href(&person, &child));
    let done = checks.done().and_then(|()| {
        let last = last.ok_or(Error::NotFound)?;
        cx.write_once(move |tx| {
            enrolments::end_fact(tx, &actor, of, &id, last, now)?;
            Ok(place)
        })
    });
    answered(cx, done, "office-fact-ended", |cx, error| {
        let data = one_data(cx, &person, &child)?;
        cx.page_again(error, ONE, title(&child), data)
    })
}

fn withdraw(cx: &mut Cx) -> Result<Reply> {
    let (person, child) = asked(cx)?;
    let id: PublicId = cx.id("fact")?;
    let (actor, now, of, place) = (cx.actor.clone(), cx.now, child.id, href(&person, &child));
    let done = cx.write_once(move |tx| {
        enrolments::withdraw_fact(tx, &actor, of, &id, now)?;
        Ok(place)
    });
    answered(cx, done, "office-fact-withdrawn", |_, error| Err(error))
}
