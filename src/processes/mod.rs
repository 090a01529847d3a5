//! What needs several slices: the founding of a comune, imports, checks, cancelling, the watch over
//! ISEE that end, long work, the payment platform, debts in instalments.

pub mod app_io;
pub mod backups;
pub mod cancelling;
pub mod checks;
pub mod collecting;
pub mod exports;
pub mod founding;
pub mod housekeeping;
pub mod imports;
pub mod isee_consents;
pub mod isee_reminders;
pub mod isee_watch;
pub mod late_isee;
mod pagopa_checks;
pub mod partner;
pub mod payments;
pub mod plans;
pub mod settlement;
pub mod station;
pub mod tariff_desk;
pub mod work;

mod payment_sending;
