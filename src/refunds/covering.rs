//! Debts that credit of the same family covers by itself, where the comune's rule says so
//! (`siblings_cover`, docs/refunds.md).

use rusqlite::{Connection, Transaction};

use super::rules::dunning_policy;
use crate::base::{AccountId, Actor, Cents, Instant, PersonId, Result, today};
use crate::ledger::{self, FamilyAccount, NewTransfer};
use crate::plans;

/// Who moves it.
const ACTOR: Actor = Actor::System("siblings-cover");

/// Covers a payer's accounts below zero from credit on the same payer's other accounts, those of the
/// same service first; each transfer can be undone like any other. What a running plan divides, and
/// credit that somebody asked back, stay as they are.
///
/// # Errors
/// The database's own failure.
pub fn cover_siblings(tx: &Transaction<'_>, payer: PersonId, now: Instant) -> Result<()> {
    if !dunning_policy(tx)?.credit.siblings_cover {
        return Ok(());
    }
    let accounts = ledger::accounts_of_person(tx, payer)?;
    let (mut owing, mut sources) = (Vec::new(), Vec::new());
    for account in accounts {
        if account.balance < Cents::ZERO && !plans::divides(tx, payer, account.id)? {
            owing.push(account);
        } else if account.balance.is_positive() && !asked_back(tx, account.id)? {
            sources.push(account);
        }
    }
    for debt in owing {
        let mut left = -debt.balance;
        sources.sort_by_key(|source| (source.service_id != debt.service_id, source.id));
        for source in &mut sources {
            let amount = left.min(source.balance);
            if !amount.is_positive() {
                continue;
            }
            moved(tx, source, &debt, amount, now)?;
            source.balance = source.balance - amount;
            left = left - amount;
        }
    }
    Ok(())
}

fn moved(
    tx: &Transaction<'_>,
    from: &FamilyAccount,
    to: &FamilyAccount,
    amount: Cents,
    now: Instant,
) -> Result<()> {
    let new = NewTransfer {
        from: from.id,
        to: to.id,
        amount,
        day: today(now),
        reason: "credito della stessa famiglia che copre un debito",
    };
    ledger::transfer(tx, &ACTOR, &new, now)?;
    plans::lower_credited(tx, to.payer_id, &[(to.id, amount)], now)
}

/// Whether the family or the office wants the credit of an account paid out or moved elsewhere.
fn asked_back(db: &Connection, account: AccountId) -> Result<bool> {
    let sql = "select exists (select 1 from refund where account_id = ?1
                 and state in ('asked', 'approved', 'listed'))";
    Ok(db
        .prepare_cached(sql)?
        .query_row([account], |row| row.get(0))?)
}
