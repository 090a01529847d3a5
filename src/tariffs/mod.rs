//! Tariffs: rules as data, the pure engine, explanations.
//!
//! A resolution becomes a rule file ([`check`]), the file a published tariff ([`publish`]); a rule
//! and the facts of a day give an amount that explains itself ([`price`]). No float anywhere.

mod engine;
mod parse;
mod price;
mod published;
mod quote;
mod rule;
mod words;

pub use engine::{Explanation, Inconsistent, IseeUse, Step, Why, price};
pub use parse::{RuleFault, check, parse};
pub use price::{NotAPrice, Price, RoundingMode};
pub use published::{PublishedTariff, is_published, publish, tariff_on, tariffs_of};
pub use quote::{Quote, quote};
pub use rule::{
    Applies, Band, Base, Case, Component, Facts, IseeFact, IseeSteps, Rounding, RoundingPlace,
    Rule, Unit,
};
pub use words::sentences;
