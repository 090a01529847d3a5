//! What the program asks of a payment platform, and what its refusals mean. The sandbox answers in a
//! demo; `gpd` asks the real one.

use super::NoticeNumber;
use super::flows::RawFlow;
use super::notices::Notice;
use super::rt::{RawReceipt, Subject};
use crate::base::{Arg, Cents, Date, Error, Instant, Result, Text};
use crate::store::OutboxFault;

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
    /// Whether nobody can pay it after that day (`switchToExpired`).
    pub expires: bool,
    /// The day on which it was made.
    pub made_on: Date,
    /// The account that takes the money; empty where the comune has not said one.
    pub iban: String,
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

/// What a refusal means for who asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Ask again: now, or after so many seconds where the platform said how long. `counts`: it was an
    /// attempt; too many of them end.
    Later {
        /// Seconds, where the platform named them.
        after: Option<i64>,
        /// Whether it was an attempt.
        counts: bool,
    },
    /// The position was paid meanwhile.
    Paid,
    /// It will never be taken as it is.
    Never,
}

/// The platform gave no answer, or none that can be read: what was asked may have been done.
pub fn silent(why: impl Into<String>) -> Error {
    Error::refused(Text::new("pagopa-silent").with("detail", why.into()))
}

/// The platform asks to be left alone for so many seconds (HTTP 429).
pub fn busy(seconds: i64) -> Error {
    Error::refused(Text::new("pagopa-busy").with("seconds", seconds))
}

/// The platform does not know our key, or we have none: not the position's fault.
pub fn no_key(why: impl Into<String>) -> Error {
    Error::refused(Text::new("pagopa-key").with("detail", why.into()))
}

/// The platform refuses what it was asked, in its own words.
pub fn refused(words: impl Into<String>) -> Error {
    Error::refused(Text::new("pagopa-refused").with("detail", words.into()))
}

/// The platform has another position under the same name.
pub fn differs(words: impl Into<String>) -> Error {
    Error::refused(Text::new("pagopa-differs").with("detail", words.into()))
}

/// A position that was to be taken back is paid.
pub fn paid() -> Error {
    Error::refused(Text::new("pagopa-paid"))
}

impl Verdict {
    /// What an error of a gateway means, and how the outbox notes it.
    pub fn of(error: &Error) -> (Verdict, OutboxFault) {
        let attempt = Verdict::Later {
            after: None,
            counts: true,
        };
        let Error::Refused(refusal) = error else {
            let detail = error.to_string();
            return match error {
                Error::Invalid(_) | Error::NotFound | Error::Forbidden => {
                    (Verdict::Never, fault("pagopa-refused", detail))
                }
                _ => (attempt, fault("pagopa-fault", detail)),
            };
        };
        let args = &refusal.text.args;
        let detail = args.iter().find_map(|(name, value)| match value {
            Arg::Str(words) if *name == "detail" => Some(words.clone()),
            _ => None,
        });
        let seconds = args.iter().find_map(|(_, value)| match value {
            Arg::Int(seconds) => Some(*seconds),
            _ => None,
        });
        let verdict = match refusal.text.key {
            "pagopa-silent" | "pagopa-key" => attempt,
            "pagopa-busy" => Verdict::Later {
                after: seconds,
                counts: false,
            },
            // The accountant says the account some day; nothing is wrong with the notice.
            "pagopa-no-iban" => Verdict::Later {
                after: Some(600),
                counts: false,
            },
            "pagopa-paid" => Verdict::Paid,
            _ => Verdict::Never,
        };
        (verdict, fault(refusal.text.key, detail.unwrap_or_default()))
    }
}

fn fault(kind: &'static str, detail: String) -> OutboxFault {
    OutboxFault { kind, detail }
}

/// A payment platform. Every call may be repeated: what was done already is done. Refusals are those
/// of this module, so that [`Verdict::of`] reads them.
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
