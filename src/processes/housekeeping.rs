//! What the server does by itself: jobs that were cut off go on, the outbox is emptied, sessions
//! and request keys that are over are forgotten.

use std::time::Duration;

use super::{payments, work};
use crate::app::App;
use crate::base::Result;
use crate::store::Urgency;
use crate::{identity, store};

/// So often.
const EVERY: Duration = Duration::from_secs(5);

/// Runs as long as the server does.
pub fn run(app: &App) {
    let mut rounds = 0u64;
    loop {
        let tidy_now = rounds.is_multiple_of(720);
        if let Err(error) = round(app, tidy_now) {
            tracing::error!(%error, "housekeeping failed and will try again");
        }
        rounds += 1;
        std::thread::sleep(EVERY);
    }
}

fn round(app: &App, tidy_now: bool) -> Result<()> {
    work::resume_all(app)?;
    payments::tick(app)?;
    if tidy_now {
        let now = app.now();
        app.store.write(Urgency::Background, move |tx| {
            identity::forget_expired(tx, now)?;
            store::forget_old_requests(tx, now)?;
            Ok(())
        })?;
    }
    Ok(())
}
