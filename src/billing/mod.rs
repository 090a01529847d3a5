//! Bills: a period is drafted line by line, checked, published (docs/billing.md).
//!
//! A bill groups what one payer owes for a period, with a line per child, service and month, and
//! gets one payment notice. Drafting and publishing are jobs. A run over a period that was billed
//! already is a correction: it has lines only where something differs, and asks for the difference.

mod asked;
pub mod bill_pdf;
mod bills;
mod changes;
mod differences;
mod draft;
mod late;
mod lines;
mod provisional;
mod publish;
mod reversing;
mod rhythm;
mod runs;

pub use asked::{OverdueBill, overdue_bills};
pub use bills::{
    Bill, BillLine, bill, bill_for_office, bill_of_payer, bills_of_payer, bills_of_person,
    bills_of_run, lines_of_bill, reversal_reasons,
};
pub use changes::{Changed, changed_since, draft_again};
pub use draft::{BILL_DRAFT, draft_step, held_until, start_draft};
pub use late::{LateIsee, billed_whole, differences as late_differences, late_isees};
pub use lines::{
    DraftLine, Filter, Only, PayerTotal, Totals, each_line, lines_of_payer, payers, payers_count,
    totals,
};
pub use provisional::{Provisional, provisional};
pub use publish::{BILL_PUBLISH, ISSUED, Issued, not_issued, publish_step, start_publish};
pub use reversing::{Reversal, reversal, reverse_charge};
pub use rhythm::{next_period, next_period_of_all, set_rhythm};
pub use runs::{
    BILL_DISCARD, Kind, NewRun, Run, RunState, discard, discard_step, open_run, previous_run, run,
    runs,
};

#[cfg(test)]
mod tests;
