//! What every part of the program speaks: money, days, instants, ids, who acts, what went wrong.
//!
//! `base` imports nothing of the program and knows nothing of the domain's rules.

mod actor;
mod clock;
mod csv_in;
mod error;
mod iban;
mod ids;
mod money;
pub mod outbound;
mod secret;
mod stored_words;
mod text_value;
mod time;
mod xml;

pub use actor::{Actor, Permission, Role, StaffActor};
pub use clock::Clock;
pub use csv_in::{CsvError, CsvIn, CsvRow, Mapping, guarded, unguarded};
pub use error::{Arg, Error, FieldError, Refusal, Result, StorageFault, Text};
pub use iban::{iban, iban_grouped};
pub use ids::*;
pub use money::{Cents, MoneyError};
pub use secret::Secret;
pub(crate) use stored_words::stored_words;
pub(crate) use text_value::text_value;
pub use time::{
    Instant, SchoolYear, date_it, date_long_it, datetime_it, datetime_long_it, day_of, month_it,
    parse_date, rome, time_it, today,
};

/// A civil date (TEXT `YYYY-MM-DD` in the database).
pub use jiff::civil::Date;
pub use xml::xml_character;
