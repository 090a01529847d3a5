//! The family sheet.

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::applications::{self, Filter};
use crate::base::Permission::{Money, Office};
use crate::base::{Cents, Date, PersonId, Result};
use crate::payments::notices;
use crate::people::{self, GuardianshipTitle, Person, Tie};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get};
use crate::{enrolments, isee, ledger, messages};

/// Messages that the sheet shows.
const LAST_MESSAGES: usize = 3;

pub(super) fn routes() -> Vec<Route> {
    vec![get("/ufficio/famiglie/:person", Money, sheet)]
}

/// Where a person's sheet is.
pub(super) fn href(person: &Person) -> String {
    format!("/ufficio/famiglie/{}", person.public_id)
}

/// Who the office looks at: the bar on top of sheet, thread and application.
///
/// # Errors
/// The database's own failure.
pub(super) fn identity_bar(db: &Connection, person: &Person, today: Date) -> Result<Value> {
    let accounts = ledger::accounts_of_person(db, person.id)?;
    let balance: Cents = accounts.iter().map(|account| account.balance).sum();
    let mut children = Vec::new();
    for tie in people::ties_of(db, person.id, today)? {
        if tie.adult == person.id {
            children.push(people::person(db, tie.child)?.name);
        }
    }
    Ok(json!({
        "name": person.full_name(),
        "fiscal_code": person.fiscal_code,
        "phone": person.phone,
        "email": person.email,
        "owes": balance < Cents::ZERO,
        "balance": if accounts.is_empty() { Value::Null } else { json!(balance.abs()) },
        "children": children,
        "href": href(person),
        "thread": format!("/ufficio/messaggi/{}", person.public_id),
    }))
}

fn sheet(cx: &mut Cx) -> Result<Reply> {
    let (id, today, office) = (cx.id("person")?, cx.today(), cx.actor.may(Office));
    let (person, ties, children) = cx.read(|db| {
        let person = people::person_by_public_id(db, &id)?;
        let ties = people::ties_of(db, person.id, today)?;
        let children = children_ids(db, person.id, &ties)?;
        Ok((person, ties, children))
    })?;
    let isee = if office {
        read_isee(cx, &children)?
    } else {
        vec![Value::Null; children.len()]
    };
    let data = cx.read(|db| {
        let household = people::household_of(db, person.id)?;
        let mut shown = Vec::new();
        for (child, isee) in children.iter().zip(isee) {
            let tie = ties
                .iter()
                .find(|t| t.child == *child && t.adult == person.id);
            let member = household.iter().find(|m| m.person.id == *child);
            let child_person = people::person(db, *child)?;
            shown.push(json!({
                "href": href(&child_person),
                "person": child_person,
                "tie": tie.map(drawn_tie),
                "relation": member.map(|m| &m.relation),
                "enrolments": enrolments::of_child(db, *child)?,
                "isee": isee,
            }));
        }
        let mut guardians = Vec::new();
        for tie in ties.iter().filter(|tie| tie.child == person.id) {
            let adult = people::person(db, tie.adult)?;
            guardians.push(json!({
                "name": adult.full_name(), "href": href(&adult), "tie": drawn_tie(tie),
            }));
        }
        let (sent, thread) = if office {
            let filter = Filter {
                text: person.fiscal_code.to_string(),
                ..Filter::default()
            };
            let sent = applications::list_for_office(db, &cx.actor, &filter, 1)?.rows;
            let mut thread = messages::thread(db, person.id)?;
            let last = thread.split_off(thread.len().saturating_sub(LAST_MESSAGES));
            (sent, last)
        } else {
            (Vec::new(), Vec::new())
        };
        let notice = notices::notice_by_number(db, cx.query.text("avviso"))?;
        let lives_with = household.iter().filter(|m| m.person.id != person.id);
        Ok(json!({
            "family": identity_bar(db, &person, today)?,
            "person": person,
            "children": shown,
            "guardians": guardians,
            "household": lives_with.map(|m| json!({
                "name": m.person.full_name(), "href": href(&m.person), "relation": m.relation,
            })).collect::<Vec<_>>(),
            "accounts": ledger::accounts_of_person(db, person.id)?,
            "notice": notice.filter(|n| n.payer_id == person.id).map(|n| json!({
                "number": n.notice_number.grouped(), "state": n.state, "notice": n,
            })),
            "applications": sent.iter().map(super::intake::row).collect::<Vec<_>>(),
            "messages": thread,
            "office": office,
        }))
    })?;
    cx.page(
        "office/family.html",
        format!("Famiglia {}", person.full_name()),
        data,
    )
}

/// The children that the sheet of a person is about: whose guardian they are, for whom they pay;
/// on an enrolled child's own sheet, the child.
fn children_ids(db: &Connection, person: PersonId, ties: &[Tie]) -> Result<Vec<PersonId>> {
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

/// Reading an ISEE is logged, so it is a write.
fn read_isee(cx: &Cx, children: &[PersonId]) -> Result<Vec<Value>> {
    let (actor, now, children) = (cx.actor.clone(), cx.now, children.to_vec());
    cx.write(move |tx| {
        let read = |child: &PersonId| Ok(json!(isee::read_for_office(tx, &actor, *child, now)?));
        children.iter().map(read).collect()
    })
}

/// In what quality somebody answers for a child.
pub(super) fn title_word(title: GuardianshipTitle) -> &'static str {
    match title {
        GuardianshipTitle::Parent => "genitore",
        GuardianshipTitle::Guardian => "tutore",
        GuardianshipTitle::Foster => "affidatario",
    }
}

fn drawn_tie(tie: &Tie) -> Value {
    let verified = match tie.verified_by.as_str() {
        "registry" => "dall’anagrafe",
        _ => "dall’ufficio",
    };
    json!({ "title": title_word(tie.title), "verified": verified, "from": tie.from })
}
