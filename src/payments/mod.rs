//! Notice numbers, payment notices, baskets, receipts, and the platforms behind them.
//!
//! Money enters by a receipt (of the platform, or of the comune's own cash desk) and by nothing else: what a payment page says when it leads the
//! browser back proves nothing.

pub mod cart_returns;
pub mod carts;
pub mod fdr;
pub mod flows;
pub mod gateway;
pub mod gpd;
pub mod notice_pdf;
pub mod notices;
pub mod partner;
pub mod platform;
pub mod positions;
pub mod receipts;
pub mod sandbox;
pub mod sandbox_flows;
pub mod settled;
pub mod settled_pdf;
pub mod station;
pub mod top_up;

mod deliveries;
mod desk;
mod expiring;
mod imported_notices;
mod notice_number;
mod notice_print;
mod placing;
mod receipt_lists;
mod reports;
mod rt;
mod shares;
mod traceable;

pub use crate::municipality::{SegregationCode, SegregationCodeError};
pub use deliveries::{
    Delivery, Errand, Which, close_delivery, deliveries, deliveries_count, retriable,
    retry_deliveries, retry_delivery, withdraw_undelivered,
};
pub use desk::{DeskPayment, take_at_desk};
pub use expiring::{expire, expires, over};
pub use notice_number::{Iuv, NoticeNumber, NoticeNumberError, QrAmountError};
pub use notice_print::{instalments_data, notice_data, notice_qr_svg};
pub use placing::{Suspended, place, suspended};
pub use reports::{Asked, asked_of, open_by_account};
pub use rt::{RawReceipt, RtError, Subject};
pub use shares::{Share, create_shared, shares, spread};
pub use traceable::Traceable;

#[cfg(test)]
mod tests;
