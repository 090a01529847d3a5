//! "Oggi": what waits for who works here.

use serde_json::{Value, json};

use crate::applications::{self, Filter, State};
use crate::base::Permission::{Money, Office};
use crate::base::Result;
use crate::charging;
use crate::messages::{self, Threads};
use crate::municipality;
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get};

pub(super) fn routes() -> Vec<Route> {
    vec![get("/ufficio", Money, today)]
}

fn today(cx: &mut Cx) -> Result<Reply> {
    let data = json!({
        // The accountant has no part in applications and messages.
        "office": if cx.actor.may(Office) { office(cx)? } else { Value::Null },
        "days": days(cx)?,
    });
    cx.page("office/today.html", "Oggi", data)
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
            "oldest": applications.rows.iter().take(5).collect::<Vec<_>>(),
            "waiting": messages::count_threads(db, Threads::Waiting)?,
            "threads": threads.iter().map(super::messages::row).collect::<Vec<_>>(),
        }))
    })
}

/// The prepaid services with days that wait to be closed.
fn days(cx: &Cx) -> Result<Vec<Value>> {
    cx.read(|db| {
        let mut waiting = Vec::new();
        for service in municipality::services(db)? {
            let until = charging::last_closable_day(&service, cx.now);
            let days = charging::days_to_close(db, &service, until)?;
            if let Some(oldest) = days.first() {
                waiting.push(json!({
                    "service": service.name, "count": days.len(), "oldest": oldest,
                }));
            }
        }
        Ok(waiting)
    })
}
