//! Notice numbers, payment notices, receipts, settlement.

pub mod notice_pdf;

mod notice_number;

pub use notice_number::{
    Iuv, NoticeNumber, NoticeNumberError, QrAmountError, SegregationCode, SegregationCodeError,
};
