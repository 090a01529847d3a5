//! Applications (domande): drafts in six steps, submission, history.

pub mod receipt_pdf;
