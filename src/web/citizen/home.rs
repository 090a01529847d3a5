//! The family's home: what to do first, then the fixed links.

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::base::Permission::Citizen;
use crate::base::{Cents, Result, day_of};
use crate::ledger::FamilyAccount;
use crate::payments::notices;
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};
use crate::{
    alerts, applications, attendance, calls, enrolments, identity, ledger, messages, municipality,
    people,
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/area", Citizen, home),
        post("/area/esci", Citizen, leave),
    ]
}

fn home(cx: &mut Cx) -> Result<Reply> {
    let person = cx.person()?;
    let data = cx.read(|db| {
        let me = people::person(db, person)?;
        let meals = meals(db, cx)?;
        let accounts = ledger::accounts_of_payer(db, &cx.actor)?;
        Ok(json!({
            "suspended": suspended(db, cx)?,
            "next_is": kind_of(&meals),
            "meals": meals,
            "missing": me.missing(),
            "unread": messages::unread_by_family(db, person)?,
            "drafts": drafts(db, cx)?,
            "owed": owed(&accounts),
            "children": balances(db, &accounts)?,
            "notices": notices(db, cx)?,
            "without_isee": super::isee::without(db, cx)?.join(", "),
            "me": me,
        }))
    })?;
    cx.page("citizen/home.html", cx.say("home-title"), data)
}

/// On a school day: for each child the next meal or day at the nido, and until when it can be
/// cancelled. On other days nothing: nobody hurries.
fn meals(db: &Connection, cx: &Cx) -> Result<Vec<Value>> {
    let today = cx.today();
    let mut meals = Vec::new();
    let mut school_day = false;
    for enrolment in enrolments::of_family(db, &cx.actor, today)? {
        let daily = matches!(enrolment.kind.as_str(), "meals" | "nido");
        if !daily || !enrolment.holds_on(today) {
            continue;
        }
        let service = municipality::service(db, enrolment.service_id)?;
        // Today, and the school day after it where today's cut-off is past.
        let days = attendance::bookable_days(db, &enrolment, &service, cx.now, 2)?;
        school_day |= days.first().is_some_and(|first| first.day == today);
        let next = days.iter().find(|choice| !choice.late);
        if let Some(next) = next {
            meals.push(json!({
                "child": enrolment.child_name,
                "kind": enrolment.kind,
                "day": next.day,
                "today": next.day == today,
                "cut_off": next.cut_off,
                "same_day": day_of(next.cut_off) == next.day,
                "cancelled": next.cancelled.as_ref().map(|cancelled| &cancelled.number),
            }));
        }
    }
    if !school_day {
        meals.clear();
    }
    Ok(meals)
}

/// What the children's next days are in all: `meals`, `nido`, or `both`.
fn kind_of(meals: &[Value]) -> &'static str {
    let nido = |meal: &Value| meal["kind"] == "nido";
    match (meals.iter().any(nido), meals.iter().all(nido)) {
        (true, true) => "nido",
        (true, false) => "both",
        (false, _) => "meals",
    }
}

/// Drafts whose call is still open, the latest first.
fn drafts(db: &Connection, cx: &Cx) -> Result<Vec<Value>> {
    let mut drafts = Vec::new();
    for draft in applications::drafts(db, &cx.actor)? {
        let call = calls::call(db, draft.call_id)?;
        if call.state(cx.now) == calls::CallState::Open {
            drafts.push(json!({
                "href": format!("/area/domande/bozza/{}", draft.public_id),
                "child": draft.child,
                "call": call.title,
                "closes_at": call.closes_at,
            }));
        }
    }
    Ok(drafts)
}

/// What waits to be paid; nothing when there is nothing.
fn notices(db: &Connection, cx: &Cx) -> Result<Option<Value>> {
    let open = notices::open_notices(db, &cx.actor)?;
    let total: Cents = open.iter().map(|notice| notice.amount).sum();
    Ok((!open.is_empty()).then(|| json!({ "count": open.len(), "total": total })))
}

/// What is owed in all, credits of other accounts left aside; nothing when nothing is.
fn owed(accounts: &[FamilyAccount]) -> Option<Cents> {
    let debts = accounts.iter().map(|account| account.balance);
    let total: Cents = debts.filter(|balance| *balance < Cents::ZERO).sum();
    (total < Cents::ZERO).then(|| total.abs())
}

/// The children's services that are suspended, or going to be.
fn suspended(db: &Connection, cx: &Cx) -> Result<Vec<Value>> {
    let enrolments = enrolments::of_family(db, &cx.actor, cx.today())?;
    super::suspended::shown(db, cx, enrolments.iter().map(|enrolment| enrolment.id))
}

/// One row per child: what is owed or left over, service by service, and how long it lasts.
fn balances(db: &Connection, accounts: &[FamilyAccount]) -> Result<Vec<Value>> {
    let service = |account: &FamilyAccount| {
        Ok(json!({
            "service": account.service,
            "kind": municipality::service(db, account.service_id)?.kind,
            "owes": account.balance < Cents::ZERO,
            "amount": account.balance.abs(),
            "left": alerts::meals_left(db, account)?,
        }))
    };
    let of_child = |of_child: &[FamilyAccount]| {
        let services = of_child.iter().map(service).collect::<Result<Vec<_>>>()?;
        let child = of_child.first().map(|first| first.child_name.as_str());
        Ok(json!({ "child": child, "services": services }))
    };
    let children = accounts.chunk_by(|a, b| a.child_id == b.child_id);
    children.map(of_child).collect()
}

/// "Esci".
fn leave(cx: &mut Cx) -> Result<Reply> {
    if let Some(session) = cx.session.clone() {
        cx.write(move |tx| identity::end_session(tx, &session))?;
    }
    cx.forget_session();
    cx.redirect("/")
}
