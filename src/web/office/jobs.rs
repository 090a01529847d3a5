//! "Lavori": the long work of the program, and what it keeps trying to deliver.

use serde_json::{Value, json};

use crate::base::Permission::Money;
use crate::base::{Result, Text};
use crate::jobs::{self, Job};
use crate::processes::work;
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};
use crate::{attestations, charging, store};

/// So many jobs are listed.
const LISTED: u32 = 100;

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/ufficio/lavori", Money, list),
        post("/ufficio/lavori/:id/riprendi", Money, resume),
    ]
}

fn list(cx: &mut Cx) -> Result<Reply> {
    let data = cx.read(|db| {
        let jobs = jobs::recent(db, LISTED)?;
        Ok(json!({
            "moving": jobs.iter().any(|job| matches!(job.state.as_str(), "waiting" | "running")),
            "jobs": jobs.iter().map(row).collect::<Vec<_>>(),
            "failures": store::outbox_failures(db, LISTED)?,
            "last_backup": store::mark(db, store::LAST_BACKUP)?,
        }))
    })?;
    cx.page("office/jobs.html", "Lavori", data)
}

fn row(job: &Job) -> Value {
    let what = match job.kind.as_str() {
        charging::DAY_CLOSE => "Chiusura di una giornata",
        attestations::ATTEST => "Attestazioni di un anno",
        other => other,
    };
    let about: Vec<String> = ["service", "day", "year"]
        .iter()
        .filter_map(|name| job.params.get(*name))
        .map(|value| {
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned)
        })
        .collect();
    json!({
        "what": what,
        "about": about.join(", "),
        "job": job,
        "resume": format!("/ufficio/lavori/{}/riprendi", job.public_id),
        "resumable": job.state == "failed" && work::step_of(&job.kind).is_some(),
    })
}

fn resume(cx: &mut Cx) -> Result<Reply> {
    let (id, actor, now) = (cx.id("id")?, cx.actor.clone(), cx.now);
    cx.write(move |tx| jobs::retry(tx, &actor, &id, now))?;
    work::wake(&cx.app);
    cx.redirect_saying("/ufficio/lavori", &Text::new("job-resumed"))
}
