//! Long work in the server: which kind is done by which step, and the thread that does it
//! (DESIGN 6.12). The command line runs the same steps through [`crate::jobs::run`].

use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::app::App;
use crate::base::Result;
use crate::charging;
use crate::jobs::{self, Job, StepFn};

/// How often the server looks for work that somebody else left behind: another process that was
/// killed holds its lease for half a minute.
const PAUSE: Duration = Duration::from_secs(15);

/// The step of a kind of job.
pub fn step_of(kind: &str) -> Option<&'static StepFn> {
    match kind {
        charging::DAY_CLOSE => Some(&charging::day_close_step),
        _ => None,
    }
}

/// Works off every job that waits or was left behind, one after the other; says how many ended well.
/// A job that fails is written down as failed and keeps nobody else waiting.
///
/// # Errors
/// The database's own failure.
pub fn work_off(app: &App) -> Result<usize> {
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
    in_background(move || {
        if let Err(error) = work_off(&app) {
            tracing::error!(%error, "waiting jobs could not be read");
        }
    });
}

/// When the server starts: goes on with what a crash interrupted, and keeps looking, for as long as
/// the comune is open.
pub fn resume_all(app: &Arc<App>) {
    let app: Weak<App> = Arc::downgrade(app);
    in_background(move || {
        while let Some(app) = app.upgrade() {
            if let Err(error) = work_off(&app) {
                tracing::error!(%error, "waiting jobs could not be read");
            }
            drop(app);
            std::thread::sleep(PAUSE);
        }
    });
}

fn in_background(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().name("jobs".to_owned());
    if let Err(error) = thread.spawn(work) {
        tracing::error!(%error, "no thread for jobs");
    }
}
