//! What the server does by itself: jobs that were cut off go on, the payment platform is asked for
//! receipts, plans of instalments end or fall, suspensions end, families are told what happened, and
//! in the month before whose ISEE ends; sessions, request keys and what was kept for some weeks that
//! are over are forgotten.

use std::sync::{Arc, Weak};
use std::time::Duration;

use super::{app_io, isee_reminders, late_isee, partner, payments, plans, work};
use crate::app::App;
use crate::base::Result;
use crate::store::Urgency;
use crate::{alerts, charging, identity, notifications, refunds, store, suspensions};

/// So often.
const EVERY: Duration = Duration::from_secs(5);

/// Every so many rounds what is over is forgotten: once an hour.
const TIDY_EVERY: u64 = 720;

/// Works in threads of its own for as long as the comune is open. The payment platform has one to
/// itself, and so has App IO: while one is silent, nothing else waits.
pub fn start(app: &Arc<App>) {
    every(app, "housekeeping", |app, rounds| {
        round(app, rounds.is_multiple_of(TIDY_EVERY))
    });
    every(app, "payments", |app, _| {
        payments::tick(app)?;
        partner::tick(app)
    });
    every(app, "app-io", |app, _| app_io::tick(app));
}

fn every(app: &Arc<App>, name: &'static str, work: fn(&Arc<App>, u64) -> Result<()>) {
    let app: Weak<App> = Arc::downgrade(app);
    let thread = std::thread::Builder::new().name(name.to_owned());
    let started = thread.spawn(move || {
        let mut rounds = 0u64;
        while let Some(app) = app.upgrade() {
            if let Err(error) = work(&app, rounds) {
                tracing::error!(%error, name, "a round failed and will be tried again");
            }
            drop(app);
            rounds += 1;
            std::thread::sleep(EVERY);
        }
    });
    if let Err(error) = started {
        tracing::error!(%error, name, "no thread");
    }
}

fn round(app: &Arc<App>, tidy: bool) -> Result<()> {
    work::resume_all(app)?;
    plans::tick(&app.store, app.now())?;
    suspensions::tick(&app.store, app.now())?;
    alerts::tick(&app.store, app.now())?;
    notifications::tick(&app.store, app.now())?;
    if tidy {
        let now = app.now();
        app.store.write(Urgency::Background, move |tx| {
            identity::forget_expired(tx, now)?;
            store::forget_old_requests(tx, now)?;
            Ok(())
        })?;
        while app.store.write(Urgency::Background, move |tx| {
            charging::forget_what_ifs(tx, now)
        })? {}
        while app.store.write(Urgency::Background, move |tx| {
            refunds::forget_letters(tx, now)
        })? {}
        payments::expire(app)?;
        isee_reminders::remind(&app.store, now)?;
        late_isee::post(&app.store, now)?;
    }
    Ok(())
}
