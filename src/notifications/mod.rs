//! What families are told when something happened: out of the outbox, into their thread. It sits
//! above the slices, which only write down that something happened.

use rusqlite::{Connection, Transaction};

use crate::alerts::{self, LowCredit};
use crate::applications::{self, SUBMITTED, Submitted};
use crate::base::{Actor, Cents, Error, Instant, PersonId, Result, date_it};
use crate::billing;
use crate::messages;
use crate::store::{self, OutboxRow, Store, Urgency};

/// The events that families are told of.
const TOLD: [&str; 3] = [SUBMITTED, billing::ISSUED, alerts::LOW_CREDIT];
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
    if row.kind == alerts::LOW_CREDIT {
        of_low_credit(tx, row, now)?;
        return store::outbox_done(tx, row.id, now);
    }
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
    if bill.kind == billing::Kind::Reversal {
        return Ok((bill.payer_id, of_reversal(&bill)));
    }
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

fn of_reversal(bill: &billing::Bill) -> String {
    format!(
        "Abbiamo annullato l’addebito del {}: {} sono di nuovo sul tuo conto. Motivo: {}\n\n\
         In «Estratto conto» trovi la riga, e in «Bollette» la bolletta {}/{} che la spiega.",
        date_it(bill.from),
        bill.total.abs(),
        bill.reason,
        bill.number,
        bill.year
    )
}

/// What is true now: the family may have paid something meanwhile.
fn of_low_credit(tx: &Transaction<'_>, row: &OutboxRow, now: Instant) -> Result<()> {
    let event: LowCredit = serde_json::from_str(&row.payload).map_err(Error::internal)?;
    let alert = alerts::alert(tx, event.alert)?;
    let (account, meals) = (&alert.account, alert.kind == "meals");
    let whose = format!("di {} per «{}»", account.child_name, account.service);
    let left = match (alert.left, meals) {
        (1, true) => "basta per 1 pasto".to_owned(),
        (1, false) => "basta per 1 giorno".to_owned(),
        (0, true) => "non basta per un altro pasto".to_owned(),
        (0, false) => "non basta per un altro giorno".to_owned(),
        (left, true) => format!("basta per {left} pasti"),
        (left, false) => format!("basta per {left} giorni"),
    };
    let what = match account.balance {
        Cents::ZERO => format!("Il credito {whose} è finito."),
        debt if debt < Cents::ZERO => {
            format!("Il conto {whose} è sotto zero: mancano {}.", debt.abs())
        }
        credit => format!("Il credito {whose} sta per finire: restano {credit}, {left}."),
    };
    let owed = alert.rule.suspend_below_meals.map_or(0, i32::abs);
    let then = match (alert.rule.always_eats, meals) {
        (true, true) => format!("{} mangia comunque a scuola.", account.child_name),
        (true, false) => format!("{} può venire comunque.", account.child_name),
        (false, _) if owed == 0 => "Senza credito il Comune può sospendere il servizio.".to_owned(),
        (false, true) => {
            format!("Da {owed} pasti di debito in su il Comune può sospendere il servizio.")
        }
        (false, false) => {
            format!("Da {owed} giorni di debito in su il Comune può sospendere il servizio.")
        }
    };
    let body = format!(
        "{what}\n\n{then} Ricarica con il pulsante qui sotto, oppure da «Nuovo pagamento». Se hai \
         appena pagato non devi fare altro. Se hai difficoltà a pagare, rispondi qui: cerchiamo una \
         soluzione insieme."
    );
    messages::ask_to_top_up(tx, account.id, account.payer_id, &body, now)
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
