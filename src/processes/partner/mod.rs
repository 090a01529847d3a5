//! The exchange with the partner who speaks to pagoPA in the comune's place: files of positions go out,
//! files with numbers and receipts come in. A person does it on a page, or the round by two folders.

mod incoming;
mod outgoing;
mod round;
mod zipped;

pub use incoming::{Fault, FileReport, bring, take};
pub use outgoing::{Waiting, make, waiting};
pub use round::tick;
