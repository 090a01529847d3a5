//! The sheet of a family: what a clerk has before them while the family is on the phone, and where
//! every task starts.

use std::sync::Arc;

use rusqlite::Connection;
use serde_json::{Value, json};

use super::families::{href, identity_bar, title_word};
use super::today_words::today_words;
use super::{account, application, cancel, cash_desk, desk, facts, intake, residence};
use crate::applications::{self, Filter, SentRow};
use crate::attendance;
use crate::base::Permission::{Diets, Money, Office};
use crate::base::{Date, PersonId, Result, SchoolYear};
use crate::diets::{self, ChildDiet};
use crate::enrolments::{self, ChildFact, Enrolment};
use crate::isee::{self, Isee};
use crate::payments::notices;
use crate::people::{self, HouseholdMember, Person, Tie};
use crate::web::citizen::attestations;
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get};
use crate::{billing, charging, ledger, messages, municipality};

/// Messages that the sheet shows.
const LAST_MESSAGES: usize = 3;
/// Years whose attestation can be printed from the sheet.
const LAST_YEARS: usize = 3;
/// Bills that are shown, the newest.
const LAST_BILLS: u32 = 6;

pub(super) fn routes() -> Vec<Route> {
    vec![get("/ufficio/famiglie/:person", Money, sheet)]
}

/// What the office's roles may read, each reading with its own log entry.
struct Read {
    isee: Vec<Vec<Isee>>,
    facts: Vec<Vec<ChildFact>>,
    /// The diet of the child that was asked for.
    diet: Option<(PersonId, Option<ChildDiet>)>,
}

fn sheet(cx: &mut Cx) -> Result<Reply> {
    let (id, today, office) = (cx.id("person")?, cx.today(), cx.actor.may(Office));
    let (person, ties, children) = cx.read(|db| {
        let person = people::person_by_public_id(db, &id)?;
        let ties = people::ties_of(db, person.id, today)?;
        let children = children_ids(db, person.id, &ties)?;
        Ok((person, ties, children))
    })?;
    let desk = desk(cx, person.id)?;
    let read = read_logged(cx, &children)?;
    let data = cx.read(|db| {
        let household = people::household_of(db, person.id)?;
        let mut shown = Vec::new();
        for (at, id) in children.iter().enumerate() {
            let mut child = drawn_child(cx, db, *id)?;
            child["tie"] = tie_between(&ties, person.id, *id);
            child["relation"] = relation(&household, *id).into();
            child["isee"] = read
                .isee
                .get(at)
                .map_or(Value::Null, |i| drawn_isee(i, today));
            if let Some(known) = read.facts.get(at) {
                child["facts"] = facts::on_sheet(cx, db, *id, known)?.into();
                child["residence"] = residence::on_sheet(cx, db, *id)?;
            }
            child["diet"] = match &read.diet {
                Some((of, diet)) if of == id => json!({ "eats": diet }),
                _ => Value::Null,
            };
            shown.push(child);
        }
        let lives_with = household.iter().filter(|m| m.person.id != person.id);
        let notice = notices::notice_by_number(db, cx.query.text("avviso"))?;
        let mut years = attestations::years(db, person.id, today)?;
        years.truncate(LAST_YEARS);
        let (applications, thread) = if office {
            (sent(cx, db, &person)?, last_messages(db, person.id)?)
        } else {
            (Vec::new(), Vec::new())
        };
        Ok(json!({
            "family": identity_bar(db, &person, today)?,
            "person": person,
            "children": shown,
            "guardians": guardians(db, &ties, person.id)?,
            "household": lives_with.map(|m| json!({
                "name": m.person.full_name(), "href": href(&m.person), "relation": m.relation,
            })).collect::<Vec<_>>(),
            "accounts": ledger::accounts_of_person(db, person.id)?,
            "notice": notice.filter(|n| n.payer_id == person.id).map(|n| json!({
                "number": n.shown_number(), "state": n.state, "notice": n,
                "pdf": account::notice_href(&person, &n),
            })),
            "open_notices": account::open_notices(db, &desk, &person)?,
            "bills": billing::bills_of_person(db, person.id, LAST_BILLS)?,
            "plans": super::plans::on_sheet(cx, db, person.id)?,
            "attestations": years,
            "applications": applications,
            "messages": thread,
            "longest": messages::LONGEST,
            "cancel": cancel::href(&person),
            "office": office,
            "diets": cx.actor.may(Diets),
            "excluded": application::excluded(db, person.id, person.id, today)?,
            "cash_desk": cash_desk::is_offered(cx, db)?,
        }))
    })?;
    let title = format!("Famiglia {}", person.full_name());
    cx.page("office/family.html", title, data)
}

/// The children that the sheet of a person is about: whose guardian they are, for whom they pay;
/// on an enrolled child's own sheet, the child.
pub(super) fn children_ids(
    db: &Connection,
    person: PersonId,
    ties: &[Tie],
) -> Result<Vec<PersonId>> {
    let mut children: Vec<PersonId> = ties.iter().map(|tie| tie.child).collect();
    for account in ledger::accounts_of_person(db, person)? {
        children.push(account.child_id);
    }
    if !enrolments::of_child(db, person)?.is_empty() {
        children.push(person);
    }
    let mut seen = std::collections::BTreeSet::new();
    children.retain(|child| seen.insert(*child));
    Ok(children)
}

/// Reading an ISEE or a diet is logged, so it is a write. A diet is health data: only that of the
/// child that was asked for, and only for who handles diets.
fn read_logged(cx: &Cx, children: &[PersonId]) -> Result<Read> {
    let asked = match cx.query.some("dieta").and_then(|id| id.parse().ok()) {
        Some(id) if cx.actor.may(Diets) => {
            let child = cx.read(|db| people::person_by_public_id(db, &id))?.id;
            children.contains(&child).then_some(child)
        }
        _ => None,
    };
    if !cx.actor.may(Office) && asked.is_none() {
        return Ok(Read {
            isee: Vec::new(),
            facts: Vec::new(),
            diet: None,
        });
    }
    let (app, actor, now, today) = (Arc::clone(&cx.app), cx.actor.clone(), cx.now, cx.today());
    let children = if actor.may(Office) {
        children.to_vec()
    } else {
        Vec::new()
    };
    cx.write(move |tx| {
        let isee = |child: &PersonId| isee::read_for_office(tx, &actor, *child, now);
        let facts = |child: &PersonId| enrolments::read_facts(tx, &app.key, &actor, *child, now);
        let diet = |child: PersonId| {
            let eats = diets::diet_of_child(tx, &app.key, &actor, child, today, now)?;
            Ok::<_, crate::base::Error>((child, eats))
        };
        Ok(Read {
            isee: children.iter().map(isee).collect::<Result<_>>()?,
            facts: children.iter().map(facts).collect::<Result<_>>()?,
            diet: asked.map(diet).transpose()?,
        })
    })
}

/// A child with today's word on each service; what has ended is apart.
fn drawn_child(cx: &Cx, db: &Connection, id: PersonId) -> Result<Value> {
    let (child, today) = (people::person(db, id)?, cx.today());
    let (current, ended): (Vec<_>, Vec<_>) = enrolments::of_child(db, id)?
        .into_iter()
        .partition(|e| e.to.is_none_or(|to| to >= today));
    let current = current
        .iter()
        .map(|e| Ok(json!({ "enrolment": e, "today": today_of(cx, db, e)? })));
    Ok(json!({
        "href": href(&child),
        "current": current.collect::<Result<Vec<_>>>()?,
        "ended": ended.iter().map(|e| json!({
            "enrolment": e, "year": SchoolYear::of(e.from).to_string(),
        })).collect::<Vec<_>>(),
        "person": child,
    }))
}

/// Today's word; none for the bus, which has no register yet.
fn today_of(cx: &Cx, db: &Connection, enrolment: &Enrolment) -> Result<Value> {
    if enrolment.kind == "transport" {
        return Ok(Value::Null);
    }
    let (today, service) = (cx.today(), municipality::service(db, enrolment.service_id)?);
    let days = attendance::days_of_enrolment(db, enrolment, &service, (today, today), cx.now)?;
    let locked = charging::is_locked(db, &service, today)?;
    Ok(days.first().map_or(Value::Null, |day| {
        today_words(enrolment, &service, day, locked)
    }))
}

/// The records of a child, newest first, and the one that counts today.
fn drawn_isee(records: &[Isee], today: Date) -> Value {
    let counts = isee::counting(records, today);
    json!({ "counts": counts, "others": records.len() - usize::from(counts.is_some()) })
}

/// What this person, or a child of theirs, applied for; with the discounts that were asked for and
/// what was handed in as proof.
fn sent(cx: &Cx, db: &Connection, person: &Person) -> Result<Vec<Value>> {
    let filter = Filter {
        text: person.fiscal_code.to_string(),
        ..Filter::default()
    };
    let each = |row: &SentRow| {
        let application = applications::for_office(db, &cx.actor, &row.public_id)?;
        let mut value = intake::row(row);
        value["discounts"] = application.content.service.discounts.trim().into();
        value["attachments"] = application::attachments(&application).into();
        Ok(value)
    };
    let rows = applications::list_for_office(db, &cx.actor, &filter, 1)?.rows;
    // The newest first: that is what the family calls about.
    rows.iter().rev().map(each).collect()
}

fn last_messages(db: &Connection, person: PersonId) -> Result<Vec<messages::Message>> {
    let mut thread = messages::thread(db, person)?;
    Ok(thread.split_off(thread.len().saturating_sub(LAST_MESSAGES)))
}

fn relation(household: &[HouseholdMember], child: PersonId) -> Option<String> {
    let member = household.iter().find(|m| m.person.id == child)?;
    Some(member.relation.clone())
}

fn tie_between(ties: &[Tie], adult: PersonId, child: PersonId) -> Value {
    let tie = ties.iter().find(|t| t.child == child && t.adult == adult);
    tie.map_or(Value::Null, drawn_tie)
}

fn guardians(db: &Connection, ties: &[Tie], child: PersonId) -> Result<Vec<Value>> {
    let each = |tie: &Tie| {
        let adult = people::person(db, tie.adult)?;
        Ok(json!({ "name": adult.full_name(), "href": href(&adult), "tie": drawn_tie(tie) }))
    };
    let of_child = ties.iter().filter(|tie| tie.child == child);
    of_child.map(each).collect()
}

fn drawn_tie(tie: &Tie) -> Value {
    let verified = match tie.verified_by.as_str() {
        "registry" => "dall’anagrafe",
        _ => "dall’ufficio",
    };
    json!({ "title": title_word(tie.title), "verified": verified, "from": tie.from })
}
