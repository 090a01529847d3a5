//! Charging: pulls the facts of a day, prices them, posts them (docs/architecture.md).
//!
//! Closing a day of a prepaid service is a job ([`day_close_step`]); what was charged explains
//! itself ([`charge_for_family`]) and is never computed again in place.

mod aid;
mod billed;
pub mod charge_pdf;
mod charges;
mod day_close;
mod days;
mod facts;
mod known;
mod periods;
mod prices;
mod recorded;
mod replay;
mod reports;
mod reversible;
mod siblings;
mod stays;
mod unit;
mod what_if;

pub use charges::{
    ChargeShown, DayCharge, Reason, aided_between, charge_for_family, charges_of, keep_explanation,
    last_price, public_ids, reasons,
};
pub use day_close::{
    DAY_CLOSE, Preview, close_day, day_close_step, last_closable_day, preview, require_closable,
    start_day_close,
};
pub use days::{
    ClosedDay, billed_here, charged_here, closed_days, days_to_close, is_closed, is_locked,
    record_closed_elsewhere,
};

pub use billed::{Billed, charge_billed};
pub use facts::{require_chargeable, require_priceable};
pub use periods::{
    AlreadyCharged, PeriodFault, PeriodPrice, Priced, TariffsByDay, price_enrolments, price_period,
    price_period_by, require_billable, tariffs_of_period,
};
pub use recorded::{AskedFact, asked_facts, facts_asked};
pub use replay::{Replayed, closed_from, replay};
pub use reversible::{ClosedDayCharge, closed_day_charge, given_back, price_now};
pub use unit::unit_price;
pub use what_if::{
    BandSum, ChildSum, NewWhatIf, WHAT_IF, WhatIf, Whose, forget_what_ifs, is_long, newest_what_if,
    start_what_if, what_if, what_if_found, what_if_step,
};

pub use reports::{
    AidedFor, Charged, ChargedWhen, ChildCharge, aided_for, charged, charges_of_children,
    explanations_between,
};

#[cfg(test)]
mod tests;
