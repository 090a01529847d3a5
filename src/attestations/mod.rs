//! The yearly attestation for the 730: what it says ([`compute`](compute::compute), pure), from
//! which facts, its issue and revisions, and how a third party checks it.

pub mod attestation_pdf;
pub mod compute;
pub mod content;

mod facts;
mod issue;
mod notes;
mod verify;
mod year;

pub use facts::facts;
pub use issue::{
    Attestation, Issue, Outlook, attestation_of_payer, content, current, current_of_year, issue,
    outlook, pdf,
};
pub use verify::{Verified, VerifiedLine, verify, verify_bytes};
pub use year::{ATTEST, attest_step, enqueue_year};

#[cfg(test)]
mod tests;
