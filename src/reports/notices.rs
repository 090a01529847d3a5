//! Debts that no open notice asks for.

use rusqlite::Connection;

use crate::base::{Cents, Date, Result};
use crate::payments;
use crate::refunds::{self, Debtor};

/// A debt, and what is left when its open notices are paid.
#[derive(Clone, Debug)]
pub struct Unnoticed {
    /// The debt.
    pub debtor: Debtor,
    /// What open notices ask for, in cents.
    pub noticed: Cents,
    /// What none asks for, in cents, above zero.
    pub missing: Cents,
}

/// The debts that open notices do not cover, the oldest first.
///
/// # Errors
/// The database's own failure.
pub fn debts_without_notice(db: &Connection, today: Date) -> Result<Vec<Unnoticed>> {
    let open = payments::open_by_account(db)?;
    let debts = refunds::debtors(db, today)?
        .into_iter()
        .filter_map(|debtor| {
            let noticed = open.get(&debtor.account_id).copied().unwrap_or_default();
            let missing = debtor.owed() - noticed;
            missing.is_positive().then_some(Unnoticed {
                debtor,
                noticed,
                missing,
            })
        });
    Ok(debts.collect())
}
