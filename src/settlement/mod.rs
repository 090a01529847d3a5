//! Settlement: what providers declare (flows), what the treasurer's account received (treasury lines),
//! and how both and the receipts come together. docs/reconciliation.md says the rules in words.
//!
//! A flow's row is matched to the receipt of its IUR, a flow to the treasury line that names it. What is
//! left over has a state that says why, and waits for the accountant. A row that no receipt proves is
//! money all the same: it is credited, flagged, and the receipt takes its place (`payments::settled`).

pub mod causale;
pub mod journal;

mod asking;
mod by_hand;
mod flows;
mod judging;
mod lists;
mod matching;
mod orders;
mod reversing;
mod treasury;

use crate::base::{Date, stored_words};

pub use asking::{
    AwaitedReceipt, FlowFilter, Overview, RowFilter, Sum, TreasuryFilter, awaited_receipts,
    flow_sums, flow_sums_of, late_flows, overview, row_sums, treasury_sums,
};
pub use by_hand::{MatchPlan, ignore, match_plan, match_to_flow, resume, unmatch};
pub use flows::{Applied, apply, foreign};
pub use judging::{has_news, look_again};
pub use lists::{
    FlowLine, FlowRowLine, TreasuryRow, flow, flows, flows_named, lines_of_flow, of_amount,
    revisions, row, rows, rows_of_flow, rows_with, suggestions, treasury_line, treasury_lines,
};
pub use orders::{ChapterSum, Order, month_totals, orders, reported};
pub use reversing::take_back;
pub use treasury::{NewTreasuryLine, record};

stored_words! {
    /// Where a flow stands.
    FlowState {
        /// No treasury line yet.
        Open = "open",
        /// Its rows, its total and its treasury lines agree.
        Reconciled = "reconciled",
        /// The treasury lines bring another amount than its total.
        Amount = "amount",
        /// Its rows do not add up to its total.
        Sums = "sums",
        /// The accountant has set it aside.
        Ignored = "ignored",
    }
}

stored_words! {
    /// Why a row is where it is.
    RowState {
        /// Its receipt is here, credited, with the same amount.
        Matched = "matched",
        /// Its receipt says another amount.
        Amount = "amount",
        /// Its receipt waits in suspense.
        Suspense = "suspense",
        /// The notice is ours and no receipt has come: it was credited by the row.
        NoReceipt = "no_receipt",
        /// The notice is ours and was paid by another receipt.
        PaidOtherwise = "paid_otherwise",
        /// The IUV is none of ours.
        Unknown = "unknown",
        /// The provider has revoked the payment.
        Revoked = "revoked",
        /// The same payment stands in another flow, or twice in this one.
        Twice = "twice",
        /// The accountant has set it aside.
        Ignored = "ignored",
        /// A later revision of the flow has taken its place.
        Superseded = "superseded",
    }
}

stored_words! {
    /// Where a treasury line stands.
    TreasuryState {
        /// It names a flow, or a payment, and is not matched.
        Open = "open",
        /// It is matched.
        Matched = "matched",
        /// The accountant has set it aside.
        Ignored = "ignored",
        /// Its causale is none of pagoPA.
        Other = "other",
    }
}

/// So many working days after the payment a receipt without a row is told: the provider credits on the
/// first and declares on the second.
pub const RECEIPT_PATIENCE: i32 = 3;
/// So many working days after its settlement a flow without a treasury line is told: until then a
/// provider may overwrite it.
pub const FLOW_PATIENCE: i32 = 4;

/// The day that lies so many working days (Monday to Friday) before another: what happened on it or
/// earlier is late.
pub fn working_days_before(day: Date, days: i32) -> Date {
    let (mut left, mut at) = (days, day);
    while left > 0 {
        at = at.yesterday().unwrap_or(at);
        if at.weekday().to_monday_one_offset() <= 5 {
            left -= 1;
        }
        if at == Date::MIN {
            break;
        }
    }
    at
}

#[cfg(test)]
mod tests;
