//! What families are told when something happened: out of the outbox, into their thread. It sits
//! above the slices, which only write down that something happened.

use rusqlite::Transaction;

use crate::applications::{self, SUBMITTED, Submitted};
use crate::base::{Actor, Error, Instant, Result};
use crate::messages;
use crate::store::{self, OutboxRow, Store, Urgency};

/// So many in one round.
const ROUND: usize = 100;

/// Tells what waits to be told. A message and the note that it was written share a transaction, so
/// nobody is told twice.
///
/// # Errors
/// The database's own failure.
pub fn tick(store: &Store, now: Instant) -> Result<()> {
    for row in store.read(|db| store::outbox_take(db, &[SUBMITTED], now, ROUND))? {
        store.write(Urgency::Background, move |tx| tell(tx, &row, now))?;
    }
    Ok(())
}

/// The same within a transaction: what a demo plays is told on its own day.
///
/// # Errors
/// The database's own failure.
pub fn tell_due(tx: &Transaction<'_>, now: Instant) -> Result<()> {
    let due = store::outbox_take(tx, &[SUBMITTED], now, ROUND)?;
    due.iter().try_for_each(|row| tell(tx, row, now))
}

fn tell(tx: &Transaction<'_>, row: &OutboxRow, now: Instant) -> Result<()> {
    let event: Submitted = serde_json::from_str(&row.payload).map_err(Error::internal)?;
    let brief = applications::brief(tx, event.application)?;
    let body = format!(
        "Abbiamo ricevuto la domanda {} per {} («{}»).\n\nLa controlliamo e ti scriviamo qui. Trovi \
         la ricevuta in «Domande inviate».",
        brief.number, brief.child, brief.call
    );
    messages::write_message(
        tx,
        &Actor::System("notifications"),
        brief.applicant,
        &body,
        now,
    )?;
    store::outbox_done(tx, row.id, now)
}
