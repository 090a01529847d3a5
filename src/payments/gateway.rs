//! What the program asks of a payment platform. The sandbox answers in a demo; GPD and the station
//! become further implementations.

use super::NoticeNumber;
use super::flows::RawFlow;
use super::notices::Notice;
use super::rt::{RawReceipt, Subject};
use crate::base::{Cents, Date, Instant, Result};

/// A debt position as a platform gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// Its number.
    pub notice_number: NoticeNumber,
    /// Cents.
    pub amount: Cents,
    /// What is paid for, without personal data.
    pub subject: String,
    /// pagoPA taxonomy: `9/0107101TS/`.
    pub category: String,
    /// Who owes.
    pub debtor: Subject,
    /// The last day to pay, if it has one.
    pub due_date: Option<Date>,
}

/// Where the platform leads the browser back to. None of these addresses proves anything.
#[derive(Clone, Debug)]
pub struct ReturnUrls {
    /// After a payment.
    pub ok: String,
    /// When the payer gave up.
    pub cancel: String,
    /// When something failed.
    pub error: String,
}

/// A payment page that waits for the payer.
#[derive(Clone, Debug)]
pub struct Checkout {
    /// What the platform calls it.
    pub reference: String,
    /// Where the browser goes.
    pub address: String,
}

/// A payment platform. Every call may be repeated: what was done already is done.
pub trait PaymentGateway {
    /// Makes a position payable.
    ///
    /// # Errors
    /// When the platform does not answer or refuses.
    fn publish(&self, position: &Position) -> Result<()>;

    /// Makes a position not payable.
    ///
    /// # Errors
    /// When the platform does not answer, or the position was paid meanwhile.
    fn invalidate(&self, number: &NoticeNumber) -> Result<()>;

    /// Opens a payment page for one to five published notices.
    ///
    /// # Errors
    /// When the platform does not answer or can't take one of them.
    fn start_checkout(
        &self,
        notices: &[Notice],
        urls: &ReturnUrls,
        now: Instant,
    ) -> Result<Checkout>;

    /// The receipts that the platform has made between two moments, both included.
    ///
    /// # Errors
    /// When the platform does not answer.
    fn poll_receipts(&self, since: Instant, until: Instant) -> Result<Vec<RawReceipt>>;

    /// The settlement flows that were published between two moments, both included; of a flow that
    /// was overwritten meanwhile, its last revision.
    ///
    /// # Errors
    /// When the platform does not answer.
    fn poll_flows(&self, since: Instant, until: Instant) -> Result<Vec<RawFlow>>;
}
