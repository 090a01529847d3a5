//! Bills: a period is drafted line by line, checked, published (docs/billing.md).
//!
//! A bill groups what one payer owes for a period, with a line per child, service and month, and
//! gets one payment notice. Drafting and publishing are jobs. A run over a period that was billed
//! already is a correction: it has lines only where something differs, and asks for the difference.

pub mod bill_pdf;
mod bills;
mod draft;
mod late;
mod lines;
mod provisional;
mod publish;
mod runs;

pub use bills::{
    Bill, BillLine, bill, bill_for_office, bill_of_payer, bills_of_payer, bills_of_person,
    bills_of_run, lines_of_bill,
};
pub use draft::{BILL_DRAFT, draft_step, held_until, start_draft};
pub use late::{LateIsee, late_isees};
pub use lines::{
    DraftLine, Filter, Only, PayerTotal, Totals, each_line, lines_of_payer, payers, payers_count,
    totals,
};
pub use provisional::{Provisional, provisional};
pub use publish::{BILL_PUBLISH, ISSUED, Issued, publish_step, start_publish};
pub use runs::{NewRun, Run, RunState, discard, open_run, previous_run, run, runs};

#[cfg(test)]
mod tests;
