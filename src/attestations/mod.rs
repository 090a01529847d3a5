//! The yearly attestation for the 730.

pub mod attestation_pdf;
pub mod content;
