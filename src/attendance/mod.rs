//! Bookings, cancellations and registers: append-only facts of a day. Knows nothing of money.
//!
//! Every enrolment that holds on a day on which the service runs is booked. The family may cancel,
//! the school may mark; both records stay, and the rule in [`decide`] says what holds.

mod cancellations;
mod facts;
mod registers;
mod reports;
mod rule;
mod spans;

pub use cancellations::{Cancelled, Choice, Receipt, bookable_days, cancel, receipts, restore};
pub use facts::{DayFact, DayState, DayView, day_facts, days_of_enrolment};
pub use registers::{
    ClassOfDay, Register, RegisterRow, Sent, classes_of_day, mark_of, register, registers_missing,
    save_register,
};
pub use reports::{Presences, presences};
pub use rule::{Decision, Family, Mark, cut_off, decide};
pub use spans::{Span, recorded_since};

#[cfg(test)]
mod tests;
