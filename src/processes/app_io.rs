//! Messages on App IO, where the configuration names it; a demo never goes out.

use crate::app::App;
use crate::app_io::{self, Client};
use crate::base::{Error, Result};

/// One round: tells what waits, or lets it go where App IO is not configured.
///
/// # Errors
/// The database's own failure; the key that can't be read.
pub fn tick(app: &App) -> Result<()> {
    let now = app.now();
    match app.config.io.as_ref().filter(|_| !app.demo) {
        None => app_io::forget_waiting(&app.store, now),
        Some(io) => {
            let client = Client::new(&io.base, io.key.read().map_err(Error::Internal)?);
            app_io::round(&app.store, &client, now)
        }
    }
}
