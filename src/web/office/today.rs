//! "Oggi": what waits for who works here.

use serde::Serialize;
use serde_json::{Value, json};

use crate::applications::{self, Filter, State};
use crate::attendance;
use crate::base::Permission::{Money, Office};
use crate::base::{Date, Result};
use crate::calendar::Calendar;
use crate::charging;
use crate::messages::{self, Threads};
use crate::municipality;
use crate::plans::{self, PlanState};
use crate::refunds::{self, CaseState, LeaverFilter};
use crate::suspensions;
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get};

pub(super) fn routes() -> Vec<Route> {
    vec![get("/ufficio", Money, today)]
}

fn today(cx: &mut Cx) -> Result<Reply> {
    let (days, registers) = (days(cx)?, registers(cx)?);
    let data = json!({
        // The accountant has no part in applications and messages.
        "office": if cx.actor.may(Office) { office(cx)? } else { Value::Null },
        "plans": plans(cx)?,
        "refunds": refunds(cx)?,
        "to_suspend": cx.read(|db| Ok(suspensions::candidates(db, cx.today())?.len()))?,
        "stopped": super::jobs::stopped(cx)?,
        "undelivered": super::deliveries::dead(cx)?,
        "days_waiting": days.iter().map(|row| row.count).sum::<usize>(),
        "days": days,
        "missing_count": registers.iter().filter(|row| row.due)
            .flat_map(|row| &row.schools).map(|school| school.classes.len()).sum::<usize>(),
        "registers": registers,
    });
    cx.page("office/today.html", "Oggi", data)
}

/// Plans of instalments that wait for a decision, and those that fell in the last month.
fn plans(cx: &Cx) -> Result<Value> {
    let asked = plans::Filter {
        state: Some(PlanState::Asked),
        ..plans::Filter::default()
    };
    let month_ago = cx.now.plus_millis(-30 * 86_400_000);
    cx.read(|db| {
        let fallen = plans::fallen_since(db, month_ago)?;
        Ok(json!({ "asked": plans::count(db, &asked)?, "fallen": fallen }))
    })
}

/// Refunds that wait for a decision or that the credit does not cover any more, and credits of who left.
fn refunds(cx: &Cx) -> Result<Value> {
    let asked = refunds::Filter {
        state: Some(CaseState::Asked),
        ..refunds::Filter::default()
    };
    let left = LeaverFilter {
        words: String::new(),
        until: cx.today(),
    };
    cx.read(|db| {
        let approved = refunds::approved(db)?;
        let (leavers, credit) = refunds::leavers_total(db, &left)?;
        Ok(json!({
            "asked": refunds::count(db, &asked)?,
            "uncovered": approved.iter().filter(|case| case.uncovered).count(),
            "leavers": leavers,
            "credit": credit,
        }))
    })
}

fn office(cx: &Cx) -> Result<Value> {
    let waiting = Filter {
        state: Some(State::Submitted),
        ..Filter::default()
    };
    cx.read(|db| {
        let applications = applications::list_for_office(db, &cx.actor, &waiting, 1)?;
        let threads = messages::threads(db, Threads::Waiting, 5, 0)?;
        Ok(json!({
            "applications": applications.total,
            "oldest": applications.rows.iter().take(5).map(super::intake::row).collect::<Vec<_>>(),
            "waiting": messages::count_threads(db, Threads::Waiting)?,
            "threads": threads.iter().map(super::messages::row).collect::<Vec<_>>(),
        }))
    })
}

/// A prepaid service with days that wait to be closed.
#[derive(Serialize)]
struct WaitingDays {
    service: String,
    count: usize,
    oldest: Date,
}

fn days(cx: &Cx) -> Result<Vec<WaitingDays>> {
    cx.read(|db| {
        let mut waiting = Vec::new();
        for service in municipality::services(db)? {
            let until = charging::last_closable_day(&service, cx.now);
            let days = charging::days_to_close(db, &service, until)?;
            if let Some(oldest) = days.first() {
                waiting.push(WaitingDays {
                    service: service.name,
                    count: days.len(),
                    oldest: *oldest,
                });
            }
        }
        Ok(waiting)
    })
}

/// A service that runs today, and the classes whose register has not come.
#[derive(Serialize)]
struct Registers {
    service: String,
    /// The school's time to confirm is over.
    due: bool,
    until: String,
    schools: Vec<SchoolMissing>,
}

/// A school that still owes registers.
#[derive(Serialize)]
struct SchoolMissing {
    name: String,
    classes: Vec<String>,
}

/// "School, class" names come sorted by school: one row for each school.
fn by_school(missing: Vec<String>) -> Vec<SchoolMissing> {
    let mut schools: Vec<SchoolMissing> = Vec::new();
    for row in missing {
        let (school, class) = row.rsplit_once(", ").unwrap_or((&row, ""));
        match schools.iter_mut().find(|known| known.name == school) {
            Some(known) => known.classes.push(class.to_owned()),
            None => schools.push(SchoolMissing {
                name: school.to_owned(),
                classes: vec![class.to_owned()],
            }),
        }
    }
    schools
}

fn registers(cx: &Cx) -> Result<Vec<Registers>> {
    let today = cx.today();
    cx.read(|db| {
        let mut shown = Vec::new();
        for service in municipality::services(db)? {
            // Riders are counted on the bus, not in a class register.
            let in_class = service.kind != "transport";
            if in_class && Calendar::load(db, &service, today, today)?.runs_anywhere(today) {
                shown.push(Registers {
                    due: charging::last_closable_day(&service, cx.now) >= today,
                    until: service.school_cutoff.clone(),
                    schools: by_school(attendance::registers_missing(db, &service, today)?),
                    service: service.name,
                });
            }
        }
        Ok(shown)
    })
}
