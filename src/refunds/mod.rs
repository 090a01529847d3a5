//! Refunds: a family asks for its credit, the comune's rule proposes, a clerk decides, the treasury
//! pays, and the ledger notes the day. Reminders of what is owed stand beside.
//!
//! What waits to be decided is a case ([`Case`]); money moves only in the ledger: on the decision
//! (what goes against arrears or to a sibling) and on the day that the treasury paid.

mod act_batches;
mod acts;
mod asking;
mod bank;
mod cases;
pub mod collection;
mod covering;
mod debts;
mod deciding;
pub mod dunning;
mod leavers;
mod lists;
pub mod policy;
mod reminders;
mod rules;
mod undoing;

pub use act_batches::{
    Batch, COLLECT, KEPT_DAYS, Kept, KeptLetter, acts_of_job, forget_letters, keep_act,
    kept_batches, require_fresh, start_acts, take_letters,
};
pub use acts::{Act, last_acts, note_act};
pub use asking::{Destination, NewRequest, add_bank, ask, open_for_leaver, withdraw};
pub use bank::Bank;
pub use cases::{Case, CaseState, Filter, Wish, case, case_of_payer, cases, count, of_payer};
pub use covering::cover_siblings;
pub use debts::{Age, Debtor, debtors, debts_of_person, exclusions};
pub use deciding::{Proposal, approve, proposal, proposal_before, refuse, transfer_to, withhold};
pub use leavers::{Leaver, LeaverFilter, leavers, leavers_total};
pub use lists::{
    ListLine, PaymentList, approved, lines, list, lists, make_list, mark_paid, read_for_treasury,
};
pub use reminders::{REMIND, REMINDED, Reminded, line, log_download, remind_step, start_reminders};
pub use rules::{PolicyKind, Published, dunning_policy, publish, published, refund_policy};
pub use undoing::{rejected, reopen_for, returned, take_back};

#[cfg(test)]
mod tests;
