//! Debts paid in instalments: the family asks, the office decides, a notice per instalment asks for
//! the money, and the plan ends when all of them are paid or falls when one is missed.
//!
//! The ledger knows nothing of plans: what is owed is what the accounts say. A plan only decides
//! which notices ask for it and when; `refunds` leaves alone what a kept plan divides.

mod asking;
mod cases;
mod deciding;
mod lowering;
mod rule;
mod running;

pub use asking::{NewRequest, ask, withdraw};
pub use cases::{
    Debt, Filter, Plan, PlanState, PlannedInstalment, count, debts, fallen_since, instalments,
    note, of_payer, of_person, open_of_person, plan, plan_of_payer, plans,
};
pub use deciding::{Acceptance, accept, cancel, read_note, refuse};
pub use lowering::{Lowered, asked_by, lower, lower_credited, too_much};
pub use rule::{Instalment, PlanRule, Tier, divide};
pub use running::{advance, covered, divides, holds, last_day, own_notices, waiting};

#[cfg(test)]
mod tests;
