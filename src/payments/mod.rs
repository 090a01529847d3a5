//! Notice numbers, payment notices, baskets, receipts, and the platforms behind them.
//!
//! Money enters by a receipt and by nothing else: what a payment page says when it leads the
//! browser back proves nothing.

pub mod carts;
pub mod gateway;
pub mod notice_pdf;
pub mod notices;
pub mod receipts;
pub mod sandbox;

mod notice_number;
mod rt;
mod traceable;

pub use notice_number::{
    Iuv, NoticeNumber, NoticeNumberError, QrAmountError, SegregationCode, SegregationCodeError,
};
pub use rt::{RawReceipt, RtError, Subject};
pub use traceable::Traceable;

#[cfg(test)]
mod tests;
