//! Long work in the server: which kind is done by which step, and who does it (invariant 12). The command
//! line runs the same steps through [`crate::jobs::run`].

use std::sync::Arc;

use crate::app::App;
use crate::base::Result;
use crate::jobs::{self, Job, StepFn};
use crate::{attestations, billing, charging, refunds};

use super::collecting;

/// The step of a kind of job.
pub fn step_of(kind: &str) -> Option<&'static StepFn> {
    match kind {
        charging::DAY_CLOSE => Some(&charging::day_close_step),
        charging::WHAT_IF => Some(&charging::what_if_step),
        billing::BILL_DRAFT => Some(&billing::draft_step),
        billing::BILL_PUBLISH => Some(&billing::publish_step),
        billing::BILL_DISCARD => Some(&billing::discard_step),
        refunds::COLLECT => Some(&collecting::collect_step),
        refunds::REMIND => Some(&refunds::remind_step),
        attestations::ATTEST => Some(&attestations::attest_step),
        _ => None,
    }
}

/// Works off every job that waits or was left behind by a crash, one after the other; says how many
/// ended well. Housekeeping asks for it every few seconds. A job that fails is written down as
/// failed and keeps nobody else waiting.
///
/// # Errors
/// The database's own failure.
pub fn resume_all(app: &App) -> Result<usize> {
    let mut done = 0;
    for job in app.store.read(|db| jobs::unfinished(db, app.now()))? {
        let Some(step) = step_of(&job.kind) else {
            tracing::error!(kind = job.kind, "no step is known for this kind of job");
            continue;
        };
        match jobs::run(&app.store, job.id, step, || app.now(), |_: &Job| {}) {
            Ok(_) => done += 1,
            Err(error) => tracing::error!(kind = job.kind, %error, "a job failed"),
        }
    }
    Ok(done)
}

/// Starts working on what was just written down, in a thread of its own: after a form has enqueued
/// a job. Another thread that is at it already is not disturbed.
pub fn wake(app: &Arc<App>) {
    let app = Arc::clone(app);
    let thread = std::thread::Builder::new().name("jobs".to_owned());
    let started = thread.spawn(move || {
        if let Err(error) = resume_all(&app) {
            tracing::error!(%error, "waiting jobs could not be read");
        }
    });
    // Without a thread the job waits for the next round of housekeeping.
    if let Err(error) = started {
        tracing::error!(%error, "no thread for jobs");
    }
}
