//! Notice numbers, payment notices, receipts, settlement.

mod notice_number;

pub use notice_number::{
    Iuv, NoticeNumber, NoticeNumberError, QrAmountError, SegregationCode, SegregationCodeError,
};
