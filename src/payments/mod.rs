//! Payments through pagoPA.

pub mod notice_pdf;
