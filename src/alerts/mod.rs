//! Credit that runs low: once a charge brings a prepaid account down to a threshold of the comune's
//! rule (docs/refunds.md), its family is told, and not again before it was higher.
//!
//! Alerts follow the ledger: whatever charges an account (a closed day, a bill) is seen, in the
//! order of posting, by who goes on where they stopped. The event is written with the alert;
//! `notifications` tells it. Before anybody is told, credit of the same family covers what was
//! charged, where the comune's rule says so.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, Transaction};
use serde::{Deserialize, Serialize};

use crate::base::{AccountId, Cents, Date, EntryId, Instant, PersonId, Result, ServiceId, today};
use crate::ledger::{self, FamilyAccount};
use crate::refunds::{self, dunning::CreditRule};
use crate::store::{self, Store, Urgency};
use crate::{charging, enrolments, municipality};

/// The event of an alert.
pub const LOW_CREDIT: &str = "low-credit";

/// Entries of the ledger per step.
const CHUNK: u32 = 100;
/// Steps in a round: the rest waits for the next.
const ROUND: usize = 200;

/// What the event carries.
#[derive(Serialize, Deserialize)]
pub struct LowCredit {
    /// The alert.
    pub alert: i64,
}

/// An alert as the family is told of it.
pub struct Alert {
    /// The account, with its balance now.
    pub account: FamilyAccount,
    /// `meals`, `nido` and so on: what the service charges.
    pub kind: String,
    /// How many meals (or days) the balance buys; below zero, how many are owed.
    pub left: i64,
    /// What the comune does where nothing is left.
    pub rule: CreditRule,
}

/// Looks at what was charged since the last time.
///
/// # Errors
/// The database's own failure.
pub fn tick(store: &Store, now: Instant) -> Result<()> {
    for _ in 0..ROUND {
        let more = store.read(|db| Ok(!ledger::charged_after(db, mark(db)?, 1)?.is_empty()))?;
        if !more {
            break;
        }
        store.write(Urgency::Background, move |tx| look_at_some(tx, now))?;
    }
    Ok(())
}

/// Looks at every charge that waits, however many: for the demo, so that serving it begins quietly.
///
/// # Errors
/// The database's own failure.
pub fn catch_up(store: &Store, now: Instant) -> Result<()> {
    while store.read(|db| Ok(!ledger::charged_after(db, mark(db)?, 1)?.is_empty()))? {
        tick(store, now)?;
    }
    Ok(())
}

fn mark(db: &Connection) -> Result<EntryId> {
    let sql = "select entry_id from credit_alert_mark where one = 1";
    let mark = db.prepare_cached(sql)?.query_row([], |row| row.get(0));
    Ok(mark.optional()?.unwrap_or(EntryId(0)))
}

fn look_at_some(tx: &Transaction<'_>, now: Instant) -> Result<()> {
    let entries = ledger::charged_after(tx, mark(tx)?, CHUNK)?;
    let Some((last, _)) = entries.last() else {
        return Ok(());
    };
    let rule = refunds::dunning_policy(tx)?.credit;
    let accounts: BTreeSet<AccountId> = entries.iter().filter_map(|(_, of)| *of).collect();
    let exempted = enrolments::exempted(tx, today(now))?;
    if rule.siblings_cover {
        let of = |account: &AccountId| Ok(ledger::account(tx, *account)?.payer_id);
        let payers = accounts
            .iter()
            .map(of)
            .collect::<Result<BTreeSet<PersonId>>>()?;
        for payer in payers {
            refunds::cover_siblings(tx, payer, now)?;
        }
    }
    for account in accounts {
        look_at(tx, &rule, &exempted, account, now)?;
    }
    tx.prepare_cached(
        "insert into credit_alert_mark (one, entry_id) values (1, ?1)
         on conflict (one) do update set entry_id = excluded.entry_id",
    )?
    .execute([last])?;
    Ok(())
}

/// Notes every threshold that an account came down to; the family hears of the lowest.
fn look_at(
    tx: &Transaction<'_>,
    rule: &CreditRule,
    exempted: &BTreeSet<(PersonId, Option<ServiceId>)>,
    account: AccountId,
    now: Instant,
) -> Result<()> {
    let account = ledger::account(tx, account)?;
    let price = charging::last_price(tx, account.id)?.unwrap_or_default();
    let worth = |meals: i32| Cents(i64::from(meals) * price.0);
    let reached = |meals: &i32| account.balance <= worth(*meals);
    let mut reached: Vec<i32> = rule
        .alert_at_meals
        .iter()
        .copied()
        .filter(reached)
        .collect();
    let silent = !account.prepaid || !price.is_positive() || reached.is_empty();
    if silent || !uses(tx, &account, exempted, today(now))? {
        return Ok(());
    }
    reached.sort_unstable_by(|a, b| b.cmp(a));
    let running = ledger::running_balance(tx, account.id)?;
    let mut told = None;
    for meals in reached {
        // Since this entry the balance was never above the threshold again.
        let above = running
            .iter()
            .rposition(|(_, balance)| *balance > worth(meals));
        let Some((entry, _)) = running.get(above.map_or(0, |above| above + 1)) else {
            continue;
        };
        let rows = tx
            .prepare_cached(
                "insert into credit_alert (account_id, meals, entry_id, balance, price, at)
                 select ?1, ?2, ?3, ?4, ?5, ?6 where not exists (select 1 from credit_alert
                   where account_id = ?1 and meals = ?2 and entry_id >= ?3)",
            )?
            .execute((account.id, meals, entry, account.balance, price, now))?;
        if rows > 0 {
            told = Some(tx.last_insert_rowid());
        }
    }
    match told {
        Some(alert) => store::outbox_push(tx, LOW_CREDIT, &LowCredit { alert }, now),
        None => Ok(()),
    }
}

/// Whether the child uses the service today and the social services have not exempted it.
fn uses(
    db: &Connection,
    account: &FamilyAccount,
    exempted: &BTreeSet<(PersonId, Option<ServiceId>)>,
    day: Date,
) -> Result<bool> {
    let users = enrolments::users_among(db, &[account.child_id], day)?;
    let of = |service| exempted.contains(&(account.child_id, service));
    Ok(users.iter().any(|user| user.service == account.service_id)
        && !of(None)
        && !of(Some(account.service_id)))
}

/// An alert.
///
/// # Errors
/// `NotFound`.
pub fn alert(db: &Connection, id: i64) -> Result<Alert> {
    let sql = "select account_id, price from credit_alert where id = ?1";
    let (account, price): (AccountId, Cents) = db
        .prepare_cached(sql)?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let account = ledger::account(db, account)?;
    Ok(Alert {
        kind: municipality::service(db, account.service_id)?.kind,
        left: account.balance.0.div_euclid(price.0.max(1)),
        account,
        rule: refunds::dunning_policy(db)?.credit,
    })
}

/// How many meals (or days) the credit of a prepaid account buys at the price of the last one; none
/// where nobody knows a price, or nothing is left.
///
/// # Errors
/// The database's own failure.
pub fn meals_left(db: &Connection, account: &FamilyAccount) -> Result<Option<i64>> {
    if !account.prepaid || !account.balance.is_positive() {
        return Ok(None);
    }
    let price = charging::last_price(db, account.id)?.filter(|price| price.is_positive());
    Ok(price.map(|price| account.balance.0 / price.0))
}

#[cfg(test)]
mod tests;
