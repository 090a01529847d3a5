//! Applications (domande): drafts in six steps, sending, history, what the office decides.
//!
//! A draft belongs to its applicant and can change; what was sent is frozen, and everything that
//! happens to it is a new record beside it (invariant 4).

mod content;
mod drafts;
mod intake;
mod office;
mod receipt;
pub mod receipt_pdf;
mod rules;
mod sent;
mod submit;

pub use content::{
    Acceptance as TextAcceptance, Accepted, ApplicantChoice, Content, Frozen, FrozenApplicant,
    FrozenChild, FrozenService, FrozenText, OTHER_CHILD, Special, Step, TypedChild, TypedService,
};
pub use drafts::{
    Draft, DraftRow, PrivacyNotice, attach, delete, detach, draft, drafts, save, start,
};
pub use intake::{
    Counts, Filter, Listed, PAGE, counts_for_office, export_for_office, list_for_office,
};
pub use office::{Acceptance, accept, diet_asked, for_office, refuse, suggested_first_day};
pub use rules::{MOST_ATTACHMENTS, classes_for, doubts, faults, household};
pub use sent::{Application, Event, SentRow, State, attachment_bytes, sent, sent_application};
pub use submit::{Brief, SUBMITTED, Submitted, brief, sent_before, submit};

#[cfg(test)]
mod tests;
