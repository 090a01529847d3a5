//! What is answered. A question only reads; a receipt must be stored before anybody is told so,
//! which is for who calls to do.

use jiff::ToSpan;
use rusqlite::Connection;

use super::fault::Fault;
use super::payable::{Payable, Why, payable};
use super::request::{Asked, Call, Handed, Operation, Request, Station, TransferType};
use crate::base::{Cents, Date, Instant, Result, today};
use crate::payments::rt::RtError;
use crate::payments::{RawReceipt, positions};

/// Who this station is, and what it decides.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The comune's fiscal code.
    pub creditor: String,
    /// The comune's name.
    pub name: String,
    /// `idBrokerPA`.
    pub broker: String,
    /// `idStation`.
    pub station: String,
    /// Whether our part of a receipt for another creditor's notice is kept in suspense.
    pub keeps_foreign: bool,
}

impl Identity {
    /// Whether the node means us: the comune, then who runs the station, then the station.
    fn check(&self, meant: &Station) -> Result<(), Fault> {
        if meant.creditor != self.creditor {
            return Err(Fault::WrongCreditor);
        }
        if meant.broker != self.broker {
            return Err(Fault::WrongBroker);
        }
        if meant.station != self.station {
            return Err(Fault::WrongStation);
        }
        Ok(())
    }

    /// What of a payment goes to us.
    fn part_of(&self, handed: &Handed) -> Cents {
        let ours = handed.transfers.iter().filter(|t| t.0 == self.creditor);
        ours.map(|(_, amount)| *amount).sum()
    }
}

/// An answer to an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// To verify.
    Verified(Payable),
    /// To get.
    Payment {
        /// The notice.
        payable: Payable,
        /// By which way its money will go.
        transfer: Option<TransferType>,
        /// The due date of a notice that has none: the schema wants one. A year from today, for an
        /// app hides what is due in 2099.
        or_due: Date,
    },
    /// The receipt is on disk.
    Received,
    /// No.
    Refused {
        /// What the node is told.
        fault: Fault,
        /// Which field it is about; never personal data.
        description: &'static str,
    },
}

impl From<Fault> for Answer {
    fn from(fault: Fault) -> Answer {
        Answer::Refused {
            fault,
            description: "",
        }
    }
}

/// What is to be done about a call.
#[derive(Debug)]
pub enum Step {
    /// Answer this.
    Answer(Answer),
    /// Store this receipt, then answer [`Answer::Received`].
    Take(RawReceipt),
}

/// Looks what is to be done about a call; `bytes` are its envelope, which a receipt keeps as it came.
///
/// # Errors
/// The database's own failure, and an IBAN that is not set: the node is told `PAA_SYSTEM_ERROR`.
pub fn look(
    db: &Connection,
    identity: &Identity,
    call: &Call,
    bytes: &[u8],
    now: Instant,
) -> Result<Step> {
    let (meant, request) = match &call.asked {
        Ok(asked) => asked,
        Err(field) => {
            return Ok(Step::Answer(Answer::Refused {
                fault: call.operation.syntax(),
                description: field,
            }));
        }
    };
    if let Err(fault) = identity.check(meant) {
        return Ok(Step::Answer(fault.into()));
    }
    let answer = match request {
        Request::Notice(asked) => about(db, identity, call.operation, asked, today(now))?,
        Request::Receipt(handed) => return Ok(take(identity, call.operation, handed, bytes, now)),
        Request::Demand => Answer::Refused {
            fault: Fault::Semantics,
            description: "servizio non attivo",
        },
    };
    Ok(Step::Answer(answer))
}

fn about(
    db: &Connection,
    identity: &Identity,
    operation: Operation,
    asked: &Asked,
    today: Date,
) -> Result<Answer> {
    if asked.creditor != identity.creditor {
        return Ok(Fault::WrongCreditor.into());
    }
    let payable = match payable(db, &asked.notice_number, today) {
        Ok(payable) => payable,
        Err(Why::Fault(fault)) => return Ok(fault.into()),
        Err(Why::Failed(error)) => return Err(error),
    };
    if operation == Operation::Verify {
        return Ok(Answer::Verified(payable));
    }
    // The payer was shown the amount of the question before, and it is paid as a whole (EQ).
    if asked.amount.is_some_and(|shown| shown != payable.amount) {
        return Ok(Fault::WrongAmount.into());
    }
    Ok(Answer::Payment {
        payable,
        transfer: asked.transfer,
        or_due: today.saturating_add(1.year()),
    })
}

fn take(
    identity: &Identity,
    operation: Operation,
    handed: &Handed,
    bytes: &[u8],
    now: Instant,
) -> Step {
    // Nothing was paid: there is nothing to keep, and nothing for the node to send again.
    if !handed.paid {
        return Step::Answer(Answer::Received);
    }
    let mut receipt = match RawReceipt::parse_at(bytes, now) {
        Ok(receipt) => receipt,
        Err(error) => {
            return Step::Answer(Answer::Refused {
                fault: operation.syntax(),
                description: match error {
                    RtError::Field(field) => field,
                    _ => "receipt",
                },
            });
        }
    };
    if handed.creditor != identity.creditor {
        // A payment to several creditors is told to each of them.
        let ours = identity.part_of(handed);
        if !identity.keeps_foreign || !ours.is_positive() {
            return Step::Answer(Fault::Payment(positions::Fault::Unknown).into());
        }
        receipt.amount = ours;
    }
    Step::Take(receipt)
}
