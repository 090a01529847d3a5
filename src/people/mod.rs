//! Persons, fiscal codes, households, guardianships.

mod belfiore;
mod fiscal_code;

pub use belfiore::*;
pub use fiscal_code::*;
