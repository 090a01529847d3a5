//! Paying in instalments: what of a family's debts may be divided is known to the reminders and to
//! the notices; `plans` decides and keeps the rest.

use rusqlite::{Connection, Transaction};
use serde::Serialize;

use crate::base::{
    Actor, Cents, Date, Error, Instant, NoticeId, PersonId, PublicId, Result, Text, today,
};
use crate::payments::{self, notices};
use crate::plans::{self, Acceptance, Debt, NewRequest, PlanRule};
use crate::refunds;
use crate::store::{SealingKey, Store, Urgency};

/// What of a payer's debts may be divided today.
#[derive(Debug, Serialize)]
pub struct Offer {
    /// The debts, the oldest first.
    pub debts: Vec<Debt>,
    /// Debts that went to forced collection, which the comune does not divide.
    pub left_out: Vec<Debt>,
    /// All of the debts together, in cents.
    pub total: Cents,
    /// The notices that ask for these debts until now.
    #[serde(skip)]
    pub replaced: Vec<NoticeId>,
}

/// The conditions of the comune; none: it does not offer instalments.
///
/// # Errors
/// The database's own failure.
pub fn rule(db: &Connection) -> Result<Option<PlanRule>> {
    Ok(refunds::dunning_policy(db)?.plan)
}

fn required_rule(db: &Connection) -> Result<PlanRule> {
    rule(db)?.ok_or_else(|| Error::refused(Text::new("error-plan-not-offered")))
}

/// What a payer may divide: what is owed on each account, without what a notice asks for until a day
/// that has not passed.
///
/// # Errors
/// The database's own failure.
pub fn offer(db: &Connection, rule: &PlanRule, payer: PersonId, today: Date) -> Result<Offer> {
    let of_plans = plans::own_notices(db)?;
    let mut open = Vec::new();
    for notice in notices::open_of_person(db, payer)? {
        let mut shares = payments::shares(db, notice.id)?;
        if shares.is_empty() {
            shares.push(payments::Share {
                account: notice.account_id,
                amount: notice.amount,
            });
        }
        let not_due =
            notice.due_date.is_some_and(|due| due >= today) && !of_plans.contains(&notice.id);
        open.push((notice.id, not_due, shares));
    }
    let mut offer = Offer {
        debts: Vec::new(),
        left_out: Vec::new(),
        total: Cents::ZERO,
        replaced: Vec::new(),
    };
    for debtor in refunds::debts_of_person(db, payer, today)? {
        let amount = debtor.due();
        if !amount.is_positive() {
            continue;
        }
        let debt = Debt {
            account: debtor.account_id,
            amount,
            label: format!("{} – {}", debtor.child, debtor.service),
        };
        if rule.exclude_in_collection && debtor.in_collection {
            offer.left_out.push(debt);
        } else {
            offer.total += amount;
            offer.debts.push(debt);
        }
    }
    let divided = |account| offer.debts.iter().any(|debt| debt.account == account);
    offer.replaced = open
        .iter()
        .filter(|(_, not_due, shares)| !not_due && shares.iter().any(|s| divided(s.account)))
        .map(|(id, ..)| *id)
        .collect();
    Ok(offer)
}

/// The family asks to pay in so many instalments.
///
/// # Errors
/// Those of [`plans::ask`]; a refusal where the comune does not offer it.
pub fn ask(
    tx: &Transaction<'_>,
    key: &SealingKey,
    actor: &Actor,
    wanted: u16,
    note: &str,
    now: Instant,
) -> Result<PublicId> {
    let payer = actor.person().ok_or(Error::Forbidden)?;
    let rule = required_rule(tx)?;
    let new = NewRequest {
        payer,
        debt: offer(tx, &rule, payer, today(now))?.total,
        wanted,
        note,
    };
    plans::ask(tx, key, &rule, &new, now)
}

/// The office accepts a request for what is owed today; `shown` is what it saw in all, in cents.
///
/// # Errors
/// Those of [`plans::accept`]; a refusal where the comune does not offer instalments any more.
pub fn accept(
    tx: &Transaction<'_>,
    actor: &Actor,
    id: &PublicId,
    (number, first_due): (u16, Date),
    shown: Cents,
    now: Instant,
) -> Result<()> {
    let rule = required_rule(tx)?;
    let offer = offer(tx, &rule, plans::plan(tx, id)?.payer_id, today(now))?;
    let how = Acceptance {
        debts: &offer.debts,
        replaced: &offer.replaced,
        shown,
        number,
        first_due,
    };
    plans::accept(tx, actor, id, &rule, &how, now)
}

/// What time brings to the running plans: the server asks every few seconds.
///
/// # Errors
/// The database's own failure.
pub fn tick(store: &Store, now: Instant) -> Result<()> {
    for id in store.read(|db| plans::waiting(db, today(now)))? {
        store.write(Urgency::Background, move |tx| plans::advance(tx, id, now))?;
    }
    Ok(())
}
