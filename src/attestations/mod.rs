//! The yearly attestation of what a family paid, for the tax return.

pub mod attestation_pdf;
pub mod content;
