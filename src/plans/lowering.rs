//! Notices that ask for too much: a correction, a write-off, a transfer or money at the desk takes off
//! a debt that an open notice still asks for whole. Who paid it would pay twice.

use std::collections::BTreeMap;

use rusqlite::{Connection, Transaction};

use super::running::holds;
use crate::base::{AccountId, Cents, Instant, NoticeId, PersonId, Result};
use crate::ledger;
use crate::payments::notices::{self, Notice};
use crate::payments::{self, Share, platform};

/// A notice that asks for too much.
#[derive(Clone, Debug)]
pub struct Lowered {
    /// The notice that is withdrawn.
    pub notice: Notice,
    /// What is still asked for, with the same last day to pay; empty: nothing.
    pub rest: Vec<Share>,
}

/// What a notice asks for on each account.
///
/// # Errors
/// The database's own failure.
pub fn asked_by(db: &Connection, notice: &Notice) -> Result<Vec<Share>> {
    let mut shares = payments::shares(db, notice.id)?;
    if shares.is_empty() {
        shares.push(Share {
            account: notice.account_id,
            amount: notice.amount,
        });
    }
    Ok(shares)
}

/// What is owed on an account, in cents: before it was credited and after.
type Owed = BTreeMap<AccountId, (Cents, Cents)>;

/// The open notices of a payer that will ask for more than is owed once some accounts are credited,
/// each with how much in cents; those that are left out not counted.
///
/// # Errors
/// The database's own failure.
pub fn too_much(
    db: &Connection,
    payer: PersonId,
    credits: &[(AccountId, Cents)],
    left_out: &[NoticeId],
) -> Result<Vec<Lowered>> {
    let mut owed = Owed::new();
    for (account, credit) in credits {
        let before = -ledger::balance(db, *account)?;
        owed.insert(*account, (before, before - *credit));
    }
    lowered(db, payer, owed, left_out)
}

/// Sees to it, in the transaction that credited some accounts, that no open notice of their payer
/// asks for more than is still owed on them. Each comes with what it was credited, in cents.
///
/// # Errors
/// The database's own failure.
pub fn lower_credited(
    tx: &Transaction<'_>,
    payer: PersonId,
    credits: &[(AccountId, Cents)],
    now: Instant,
) -> Result<()> {
    let mut owed = Owed::new();
    for (account, credit) in credits {
        let after = -ledger::balance(tx, *account)?;
        owed.insert(*account, (after + *credit, after));
    }
    lower(tx, &lowered(tx, payer, owed, &[])?, now)
}

/// Withdraws what asks for too much, and asks for the rest with a notice of its own and the same last
/// day to pay.
///
/// # Errors
/// The database's own failure.
pub fn lower(tx: &Transaction<'_>, lowered: &[Lowered], now: Instant) -> Result<()> {
    for Lowered { notice, rest } in lowered {
        notices::withdraw(tx, notice.id, now)?;
        if !rest.is_empty() {
            let (payer, subject) = (notice.payer_id, &notice.subject);
            let new = payments::create_shared(tx, payer, rest, subject, notice.due_date, now)?;
            platform::replace(tx, new.id, &[notice.id])?;
        }
    }
    Ok(())
}

/// What is due first is asked for first, by bills together and by each notice that the family made
/// itself. An instalment of a running plan stays and comes before all
/// others; so does a top-up, which asks for more than was owed.
fn lowered(
    db: &Connection,
    payer: PersonId,
    mut owed: Owed,
    left_out: &[NoticeId],
) -> Result<Vec<Lowered>> {
    owed.retain(|_, (before, after)| before.is_positive() && *after < *before);
    if owed.is_empty() {
        return Ok(Vec::new());
    }
    let mut asking = Vec::new();
    for notice in notices::open_of_person(db, payer)? {
        let asked = asked_by(db, &notice)?;
        if holds(db, notice.id)? {
            for share in &asked {
                if let Some((_, left)) = owed.get_mut(&share.account) {
                    *left = *left - share.amount;
                }
            }
        } else if !left_out.contains(&notice.id) && !is_top_up(&asked, &owed) {
            asking.push((notice, asked));
        }
    }
    asking.sort_by_key(|(notice, _)| (notice.due_date.is_none(), notice.due_date, notice.id));
    let mut lowered = Vec::new();
    let whole = owed.clone();
    for (notice, asked) in asking {
        // What a family made by itself is no part of what bills ask for, but another way to pay it.
        let own = payments::shares(db, notice.id)?.is_empty();
        let mut alone = whole.clone();
        let owed = if own { &mut alone } else { &mut owed };
        let mut rest = Vec::new();
        for share in &asked {
            let amount = match owed.get_mut(&share.account) {
                Some((_, left)) => {
                    let amount = share.amount.min((*left).max(Cents::ZERO));
                    *left = *left - amount;
                    amount
                }
                None => share.amount,
            };
            rest.push(Share { amount, ..*share });
        }
        if rest != asked {
            rest.retain(|share| share.amount.is_positive());
            lowered.push(Lowered { notice, rest });
        }
    }
    Ok(lowered)
}

/// Whether a family asked by itself to pay more than the debt.
fn is_top_up(asked: &[Share], owed: &Owed) -> bool {
    match asked {
        [one] => owed
            .get(&one.account)
            .is_some_and(|(before, _)| one.amount > *before),
        _ => false,
    }
}
