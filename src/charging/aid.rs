//! What other bodies pay of a charge, posted to an account of each: a region is asked for its own
//! part and nothing else.

use std::collections::BTreeMap;

use rusqlite::{Connection, Transaction};

use super::billed::Billed;
use crate::base::{
    AccountId, Cents, ChargeId, Date, Error, ExplanationId, Instant, Result, ServiceId,
};
use crate::ledger::{self, Cause, NewEntry};
use crate::tariffs::{Explanation, TooLarge};

/// What each body pays, by its account.
pub(super) type Shares = BTreeMap<AccountId, Cents>;

/// What the reasons of a price ask of each body.
pub(super) fn shares(
    tx: &Transaction<'_>,
    service: ServiceId,
    explanation: ExplanationId,
) -> Result<Shares> {
    let body: String = tx
        .prepare_cached("select body from explanation where id = ?1")?
        .query_row([explanation], |row| row.get(0))?;
    let told: Explanation = serde_json::from_str(&body).map_err(Error::internal)?;
    let mut shares = Shares::new();
    let bodies = told.aided_by();
    for (body, pays) in bodies.map_err(|TooLarge| Error::Internal("a share is too large".into()))? {
        *shares
            .entry(ledger::aid_account(tx, service, body)?)
            .or_default() += pays;
    }
    Ok(shares)
}

/// What a line of a bill asks of each body: what the bodies pay now less what earlier charges of the
/// same days asked of them. Together it is the line's `aided`.
pub(super) fn of_bill(tx: &Transaction<'_>, billed: &Billed) -> Result<Shares> {
    if billed.aided == Cents::ZERO && billed.before == Cents::ZERO {
        return Ok(Shares::new());
    }
    let mut now = shares(tx, billed.service, billed.explanation)?;
    let told: Cents = now.values().copied().sum();
    let mut before = ledger::owed_by_bodies(tx, &earlier_lines(tx, billed)?)?;
    let after = |before: &Shares| billed.aided + before.values().copied().sum();
    if ![told, Cents::ZERO].contains(&after(&before)) {
        let days = ledger::owed_by_bodies(tx, &closed_days(tx, billed)?)?;
        for (account, pays) in days {
            *before.entry(account).or_default() += pays;
        }
    }
    // What costs nothing any more is taken back with the reasons of then.
    if after(&before) == Cents::ZERO {
        now.clear();
    }
    for (account, pays) in before {
        *now.entry(account).or_default() += -pays;
    }
    // What the days asked for cannot be told from the line's: the sum of the line holds.
    let rest = billed.aided - now.values().copied().sum();
    if let Some(first) = now.values_mut().next() {
        *first += rest;
    }
    Ok(now)
}

/// Posts what a charge asks of other bodies, each as an entry of its own.
pub(super) fn post(
    tx: &Transaction<'_>,
    (charge, day): (ChargeId, Date),
    revenue: AccountId,
    shares: &Shares,
    now: Instant,
) -> Result<()> {
    let asked = shares.iter().filter(|(_, pays)| **pays != Cents::ZERO);
    for (line, (owes, pays)) in (1..).zip(asked) {
        let (debit, credit) = match pays.is_positive() {
            true => (*owes, revenue),
            false => (revenue, *owes),
        };
        let entry = NewEntry {
            day,
            debit,
            credit,
            amount: pays.abs(),
            cause: Cause::Charge(charge),
        };
        ledger::post_line(tx, &entry, line, now)?;
    }
    Ok(())
}

/// Earlier lines of bills over exactly the same days.
fn earlier_lines(db: &Connection, billed: &Billed) -> Result<Vec<ChargeId>> {
    let (from, to) = billed.days;
    let sql = "select id from charge where enrolment_id = ?1 and day = ?3 and from_day = ?2
                 and bill_line_id is not null and bill_line_id <> ?4";
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map((billed.enrolment, from, to, billed.line), |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Closed days that a line corrects.
fn closed_days(db: &Connection, billed: &Billed) -> Result<Vec<ChargeId>> {
    let (from, to) = billed.days;
    let sql = "select id from charge where enrolment_id = ?1 and day between ?2 and ?3
                 and bill_line_id is null";
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map((billed.enrolment, from, to), |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
