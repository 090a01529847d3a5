//! Applications for the services.

pub mod receipt_pdf;
