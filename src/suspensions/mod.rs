//! Suspensions: where the comune's rule says that a child does not always eat (docs/refunds.md), the
//! office may suspend a prepaid service whose account owes too much, child by child, with a reason.
//!
//! The rule proposes ([`candidates`]), a person decides ([`suspend`]), and it ends by itself as soon as
//! the rule would not propose it any more ([`tick`]), or when the office says so ([`reactivate`]). The
//! days only know that the child is not expected (`enrolments::interrupt`); whoever is at the table all
//! the same eats, and is charged as on any day.

mod candidates;
mod deciding;
mod ending;
mod running;

pub use candidates::{Candidate, candidates, overdue};
pub use deciding::{NewSuspension, last_first_day, reactivate, suggested_day, suspend};
pub use ending::tick;
pub use running::{Ending, Suspension, of_enrolments, running, suspension};

#[cfg(test)]
mod tests;
