//! What families are told when something happened: out of the outbox, into their thread. It sits
//! above the slices, which only write down that something happened.

use rusqlite::{Connection, Transaction};

use crate::applications::{self, SUBMITTED, Submitted};
use crate::base::{Actor, Error, Instant, PersonId, Result, date_it};
use crate::billing;
use crate::messages;
use crate::store::{self, OutboxRow, Store, Urgency};

/// The events that families are told of.
const TOLD: [&str; 2] = [SUBMITTED, billing::ISSUED];
/// So many in one round.
const ROUND: usize = 100;

/// Tells what waits to be told. A message and the note that it was written share a transaction, so
/// nobody is told twice.
///
/// # Errors
/// The database's own failure.
pub fn tick(store: &Store, now: Instant) -> Result<()> {
    for row in store.read(|db| store::outbox_take(db, &TOLD, now, ROUND))? {
        store.write(Urgency::Background, move |tx| tell(tx, &row, now))?;
    }
    Ok(())
}

/// The same within a transaction: what a demo plays is told on its own day.
///
/// # Errors
/// The database's own failure.
pub fn tell_due(tx: &Transaction<'_>, now: Instant) -> Result<()> {
    let due = store::outbox_take(tx, &TOLD, now, ROUND)?;
    due.iter().try_for_each(|row| tell(tx, row, now))
}

fn tell(tx: &Transaction<'_>, row: &OutboxRow, now: Instant) -> Result<()> {
    let (to, body) = match row.kind.as_str() {
        billing::ISSUED => of_bill(tx, row)?,
        _ => of_application(tx, row)?,
    };
    messages::write_message(tx, &Actor::System("notifications"), to, &body, now)?;
    store::outbox_done(tx, row.id, now)
}

fn of_bill(db: &Connection, row: &OutboxRow) -> Result<(PersonId, String)> {
    let event: billing::Issued = serde_json::from_str(&row.payload).map_err(Error::internal)?;
    let bill = billing::bill(db, event.bill)?;
    let what = format!(
        "È pronta la bolletta {}/{} dal {} al {}: {}.",
        bill.number,
        bill.year,
        date_it(bill.from),
        date_it(bill.to),
        bill.total
    );
    let then = match (bill.due.is_positive(), bill.due_date) {
        (true, Some(day)) => format!("Sono da pagare {} entro il {}.", bill.due, date_it(day)),
        (true, None) => format!("Sono da pagare {}.", bill.due),
        (false, _) => "Non devi pagare niente: il tuo credito basta.".to_owned(),
    };
    let body = format!(
        "{what}\n\n{then} In «Estratto conto», alla voce «Bollette», trovi ogni riga con il suo \
         perché e l’avviso di pagamento."
    );
    Ok((bill.payer_id, body))
}

fn of_application(db: &Connection, row: &OutboxRow) -> Result<(PersonId, String)> {
    let event: Submitted = serde_json::from_str(&row.payload).map_err(Error::internal)?;
    let brief = applications::brief(db, event.application)?;
    let body = format!(
        "Abbiamo ricevuto la domanda {} per {} («{}»).\n\nLa controlliamo e ti scriviamo qui. Trovi \
         la ricevuta in «Domande inviate».",
        brief.number, brief.child, brief.call
    );
    Ok((brief.applicant, body))
}
