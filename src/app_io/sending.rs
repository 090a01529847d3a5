//! What the outbox says is told on App IO: the person is asked for first, then the message goes.

use rusqlite::Connection;

use super::client::{Client, IoError};
use super::content::{self, NewMessage};
use super::{claim, confirm, is_on, known_unreachable, note_profile, release};
use crate::base::{Error, Instant, NoticeId, PersonId, Result};
use crate::payments::notices::{self, NoticeEvent, NoticeState};
use crate::store::{self, OutboxFault, OutboxRow, Store, Urgency};
use crate::{municipality, payments, people, refunds};

/// The events that are told.
const TOLD: [&str; 2] = [notices::ISSUED, refunds::REMINDED];
/// So many events in one round: each is a call or two.
const ROUND: usize = 20;

/// A message that is to go out.
struct Planned {
    notice: NoticeId,
    payer: PersonId,
    occasion: String,
    message: NewMessage,
}

/// Nothing is to be told: App IO is not configured. What waits is let go, so that nobody gets the
/// messages of a year on the day on which it is switched on.
///
/// # Errors
/// The database's own failure.
pub fn forget_waiting(store: &Store, now: Instant) -> Result<()> {
    loop {
        let waiting = store.read(|db| store::outbox_take(db, &TOLD, now, 500))?;
        if waiting.is_empty() {
            return Ok(());
        }
        store.write(Urgency::Background, move |tx| {
            waiting
                .iter()
                .try_for_each(|row| store::outbox_done(tx, row.id, now))
        })?;
    }
}

/// Tells what waits. Where the other side asks for patience the round ends.
///
/// # Errors
/// The database's own failure; what the other side says is noted with what waits.
pub fn round(store: &Store, client: &Client, now: Instant) -> Result<()> {
    for row in store.read(|db| store::outbox_take(db, &TOLD, now, ROUND))? {
        let told = tell(store, client, &row, now);
        let patience = matches!(told, Err(Failure::Io(IoError::Later { .. })));
        match told {
            Ok(()) => {
                let id = row.id;
                store.write(Urgency::Background, move |tx| {
                    store::outbox_done(tx, id, now)
                })?;
            }
            Err(Failure::Io(error)) => {
                tracing::warn!(%error, kind = row.kind, attempts = row.attempts, "App IO did not take a message");
                let fault = OutboxFault {
                    kind: "app-io",
                    detail: error.to_string(),
                };
                store.write(Urgency::Background, move |tx| {
                    store::outbox_failed(tx, &row, &fault, now)
                })?;
            }
            Err(Failure::Own(error)) => return Err(error),
        }
        if patience {
            break;
        }
    }
    Ok(())
}

enum Failure {
    Io(IoError),
    Own(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::Own(error)
    }
}

fn tell(
    store: &Store,
    client: &Client,
    row: &OutboxRow,
    now: Instant,
) -> std::result::Result<(), Failure> {
    for planned in store.read(|db| planned(db, row, now))? {
        let payer = planned.payer;
        let reachable = client
            .is_reachable(&planned.message.fiscal_code)
            .map_err(Failure::Io)?;
        store.write(Urgency::Background, move |tx| {
            note_profile(tx, payer, reachable, now)
        })?;
        if reachable {
            send(store, client, planned, now)?;
        }
    }
    Ok(())
}

fn send(
    store: &Store,
    client: &Client,
    planned: Planned,
    now: Instant,
) -> std::result::Result<(), Failure> {
    let Planned {
        notice,
        occasion,
        message,
        ..
    } = planned;
    let of = occasion.clone();
    let first = store.write(Urgency::Background, move |tx| claim(tx, notice, &of, now))?;
    if !first {
        return Ok(());
    }
    match client.send(&message) {
        Ok(id) => store.write(Urgency::Background, move |tx| {
            confirm(tx, notice, &occasion, &id)
        })?,
        // It may have arrived: a family that hears nothing finds the notice in its pages all the same.
        Err(error @ IoError::Lost(_)) => {
            tracing::warn!(%error, "a message of App IO may have been lost; it is not sent again");
        }
        Err(error) => {
            store.write(Urgency::Background, move |tx| {
                release(tx, notice, &occasion)
            })?;
            return Err(Failure::Io(error));
        }
    }
    Ok(())
}

/// What an event asks to be told now: open notices of who takes these messages, not told yet.
fn planned(db: &Connection, row: &OutboxRow, now: Instant) -> Result<Vec<Planned>> {
    let (notices, occasion) = if row.kind == refunds::REMINDED {
        let event: refunds::Reminded =
            serde_json::from_str(&row.payload).map_err(Error::internal)?;
        let mut notices: Vec<NoticeId> = payments::asked_of(db, &[event.account])?
            .iter()
            .filter(|asked| asked.due_date.is_some())
            .map(|asked| asked.notice)
            .collect();
        notices.dedup();
        (notices, format!("reminder {}", event.day))
    } else {
        let event: NoticeEvent = serde_json::from_str(&row.payload).map_err(Error::internal)?;
        (vec![event.notice], "notice".to_owned())
    };
    let comune = municipality::municipality(db)?;
    let mut all = Vec::new();
    for id in notices {
        let notice = notices::notice(db, id)?;
        let person = people::person(db, notice.payer_id)?;
        let code = person.fiscal_code.to_string();
        // Who has a provisional code of eleven digits can't be on App IO.
        let wanted = notice.state == NoticeState::Open
            && code.len() == 16
            && is_on(db, person.id)?
            && !known_unreachable(db, person.id, now)?;
        if !wanted {
            continue;
        }
        let account = crate::ledger::account(db, notice.account_id)?;
        let service = municipality::service(db, account.service_id)?;
        let reminder = row.kind == refunds::REMINDED;
        all.push(Planned {
            notice: id,
            payer: person.id,
            occasion: occasion.clone(),
            message: content::message(&notice, &code, &comune, service.pays_after_due, reminder),
        });
    }
    Ok(all)
}
