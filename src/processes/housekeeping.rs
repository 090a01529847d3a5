//! What the server does by itself: jobs that were cut off go on, the payment platform is asked for
//! receipts, plans of instalments end or fall, families are told what happened, and in the month before
//! whose ISEE ends; sessions and request keys that are over are forgotten.

use std::sync::{Arc, Weak};
use std::time::Duration;

use super::{app_io, isee_reminders, late_isee, payments, plans, work};
use crate::app::App;
use crate::base::Result;
use crate::store::Urgency;
use crate::{alerts, identity, notifications, store};

/// So often.
const EVERY: Duration = Duration::from_secs(5);

/// Every so many rounds what is over is forgotten: once an hour.
const TIDY_EVERY: u64 = 720;

/// Works in a thread of its own for as long as the comune is open.
pub fn start(app: &Arc<App>) {
    let app: Weak<App> = Arc::downgrade(app);
    let thread = std::thread::Builder::new().name("housekeeping".to_owned());
    let started = thread.spawn(move || {
        let mut rounds = 0u64;
        while let Some(app) = app.upgrade() {
            if let Err(error) = round(&app, rounds.is_multiple_of(TIDY_EVERY)) {
                tracing::error!(%error, "housekeeping failed and will try again");
            }
            drop(app);
            rounds += 1;
            std::thread::sleep(EVERY);
        }
    });
    if let Err(error) = started {
        tracing::error!(%error, "no thread for housekeeping");
    }
}

fn round(app: &App, tidy: bool) -> Result<()> {
    work::resume_all(app)?;
    payments::tick(app)?;
    plans::tick(&app.store, app.now())?;
    alerts::tick(&app.store, app.now())?;
    notifications::tick(&app.store, app.now())?;
    if let Err(error) = app_io::tick(app) {
        tracing::warn!(%error, "App IO was not told");
    }
    if tidy {
        let now = app.now();
        app.store.write(Urgency::Background, move |tx| {
            identity::forget_expired(tx, now)?;
            store::forget_old_requests(tx, now)?;
            Ok(())
        })?;
        isee_reminders::remind(&app.store, now)?;
        late_isee::post(&app.store, now)?;
    }
    Ok(())
}
