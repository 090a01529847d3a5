//! The station at work: a call of the node comes in, a receipt is stored, the answer goes out. In
//! this order: what the node was told has come is on disk.

use crate::app::App;
use crate::base::{Instant, Result};
use crate::config::ForeignReceipts;
use crate::municipality;
use crate::payments::RawReceipt;
use crate::payments::receipts::{self, Reception};
use crate::payments::station::{
    self, Answer, Call, Fault, Identity, Step, written, written_not_soap,
};
use crate::store::Urgency;

/// What goes back, and what a log may say of it.
pub struct Told {
    /// The envelope.
    pub envelope: String,
    /// It was a call of an operation, and this is its answer; else a SOAP Fault.
    pub is_call: bool,
    /// The operation's name.
    pub operation: &'static str,
    /// `OK`, or the code of the fault.
    pub outcome: &'static str,
}

/// Answers a call.
///
/// # Errors
/// Only when the database can't even say who the comune is.
pub fn answer(app: &App, bytes: Vec<u8>, now: Instant) -> Result<Told> {
    let call = match Call::read(&bytes) {
        Ok(call) => call,
        Err(why) => {
            return Ok(Told {
                envelope: written_not_soap(&why)?,
                is_call: false,
                operation: "none",
                outcome: "SOAP Fault",
            });
        }
    };
    let identity = identity(app)?;
    let looked = app
        .store
        .read(|db| station::look(db, &identity, &call, &bytes, now));
    let done = looked.and_then(|step| match step {
        Step::Answer(answer) => Ok(answer),
        Step::Take(receipt) => take(app, receipt, now),
    });
    let answer = done.unwrap_or_else(|error| {
        tracing::error!(%error, operation = call.operation.name(), "the station can't answer");
        Answer::from(Fault::System)
    });
    Ok(Told {
        envelope: written(&identity, call.operation, &answer)?,
        is_call: true,
        operation: call.operation.name(),
        outcome: match &answer {
            Answer::Refused { fault, .. } => fault.code(),
            _ => "OK",
        },
    })
}

fn identity(app: &App) -> Result<Identity> {
    let municipality = app.store.read(municipality::municipality)?;
    let config = &app.config.pagopa.station;
    let creditor = municipality.fiscal_code.to_string();
    Ok(Identity {
        broker: match config.broker.as_str() {
            "" => creditor.clone(),
            broker => broker.to_owned(),
        },
        creditor,
        name: municipality.name,
        station: config.station.clone(),
        keeps_foreign: config.foreign_receipts == ForeignReceipts::Keep,
    })
}

/// Stores a receipt, unless it is here already: the node sends until it is told that it has come. A
/// second receipt for a paid notice waits in suspense; the node has done its part.
fn take(app: &App, receipt: RawReceipt, now: Instant) -> Result<Answer> {
    let known = app.store.read(|db| receipts::is_known(db, &receipt.key))?;
    if !known {
        let reception = app.store.write(Urgency::Interactive, move |tx| {
            receipts::receive(tx, &receipt, now)
        })?;
        if reception == Reception::Suspense {
            tracing::warn!("a receipt waits in suspense: see the page of receipts");
        }
    }
    Ok(Answer::Received)
}
