//! The ledger in sums, for the accountant: what families were charged, what they paid.
//!
//! Sums go over the comune's own accounts, which are a handful, and from there over the days of the
//! entries: an index has both.

use std::collections::{BTreeMap, HashMap};

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use crate::base::{AccountId, Cents, ChargeId, Date, Error, PublicId, Result, ServiceId};

/// What moved on the family accounts of a service in a month. `paid + other - charged` is what their
/// balances grew by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// The service.
    pub service: ServiceId,
    /// `2026-09`.
    pub month: String,
    /// Charged, less what was given back.
    pub charged: Cents,
    /// Paid through pagoPA, at the cash desk, or through an earlier system; a payment that was moved
    /// to another service is that one's from the day of the move.
    pub paid: Cents,
    /// Opening balances, refunds, write-offs, transfers between services: in the families' favour.
    pub other: Cents,
}

/// What moved on the family accounts between two days, both included, by service and month. The
/// revenue of a service in a month is one stretch of the index; what another body was charged of it is
/// not the families'.
///
/// # Errors
/// The database's own failure.
pub fn flows(db: &Connection, from: Date, to: Date) -> Result<Vec<Flow>> {
    let mut statement = db.prepare_cached(
        "/* whole */ with recursive month (first) as (
           select date(?1, 'start of month')
           union all select date(first, '+1 month') from month where date(first, '+1 month') <= ?2),
         part as (
           select substr(first, 1, 7) as month, max(first, ?1) as first,
             min(date(first, '+1 month', '-1 day'), ?2) as last from month),
         revenue as (
           select c.service_id, p.month,
             coalesce((select sum(e.amount) from ledger_entry e
                where e.credit_id = c.id and e.day between p.first and p.last), 0)
             - coalesce((select sum(e.amount) from ledger_entry e
                where e.debit_id = c.id and e.day between p.first and p.last), 0) as amount
           from account c cross join part p where c.kind <> 'family' and c.kind = 'revenue'),
         aided as (
           select r.service_id, substr(e.day, 1, 7) as month, -e.amount as amount
           from account c cross join ledger_entry e on e.debit_id = c.id and e.day between ?1 and ?2
           join account r on r.id = e.credit_id and r.kind = 'revenue'
           where c.kind <> 'family' and c.kind = 'aid'
           union all
           select r.service_id, substr(e.day, 1, 7), e.amount
           from account c cross join ledger_entry e on e.credit_id = c.id and e.day between ?1 and ?2
           join account r on r.id = e.debit_id and r.kind = 'revenue'
           where c.kind <> 'family' and c.kind = 'aid'),
         carried as (
           select t.id, coalesce((select sum(p.amount) from transfer_part p
             where p.transfer_id = t.id), 0) as carried from transfer t),
         passed as (
           select e.id, e.day, e.debit_id, e.credit_id, e.amount - t.carried as amount,
             'family' as kind from carried t
           cross join ledger_entry e on e.cause = 'transfer' and e.cause_id = t.id
           union all
           select e.id, e.day, e.debit_id, e.credit_id, t.carried, 'moved' from carried t
           cross join ledger_entry e on e.cause = 'transfer' and e.cause_id = t.id
           where t.carried > 0),
         moves as (
           select e.credit_id as account, e.day, e.amount, c.kind, e.cause, e.cause_id
           from account c cross join ledger_entry e on e.debit_id = c.id and e.day between ?1 and ?2
           where c.kind <> 'family' and c.kind in ('pagopa', 'cash_desk', 'opening', 'refunds', 'write_off')
           union all
           select e.debit_id, e.day, -e.amount, c.kind, e.cause, e.cause_id
           from account c cross join ledger_entry e on e.credit_id = c.id and e.day between ?1 and ?2
           where c.kind <> 'family' and c.kind in ('pagopa', 'cash_desk', 'opening', 'refunds', 'write_off')
           union all
           select credit_id, day, amount, kind, 'transfer', 0 from passed where day between ?1 and ?2
           union all
           select debit_id, day, -amount, kind, 'transfer', 0 from passed where day between ?1 and ?2
           union all
           select r.credit_id, r.day, p.amount, p.kind, 'reversal', 0 from passed p
           cross join ledger_entry r on r.cause = 'reversal' and r.cause_id = p.id
           where r.day between ?1 and ?2
           union all
           select r.debit_id, r.day, -p.amount, p.kind, 'reversal', 0 from passed p
           cross join ledger_entry r on r.cause = 'reversal' and r.cause_id = p.id
           where r.day between ?1 and ?2),
         told as (
           select service_id, month, amount, 'charged' as what from revenue where amount <> 0
           union all
           select service_id, month, amount, 'charged' from aided
           union all
           select a.service_id, substr(m.day, 1, 7),
             iif(i.kind = 'charge', -m.amount, m.amount),
             case when i.kind = 'charge' then 'charged'
                  when m.kind in ('pagopa', 'cash_desk', 'moved') or i.kind = 'credit' then 'paid' else 'other' end
           from moves m
           join account a on a.id = m.account and a.kind = 'family'
           left join imported_entry i on m.cause = 'opening' and i.id = m.cause_id)
         select service_id, month, coalesce(sum(amount) filter (where what = 'charged'), 0),
           coalesce(sum(amount) filter (where what = 'paid'), 0),
           coalesce(sum(amount) filter (where what = 'other'), 0)
         from told group by service_id, month order by month, service_id",
    )?;
    let rows = statement.query_map((from, to), |row| {
        Ok(Flow {
            service: row.get(0)?,
            month: row.get(1)?,
            charged: row.get(2)?,
            paid: row.get(3)?,
            other: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What other bodies pay for the families of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aided {
    /// The service.
    pub service: ServiceId,
    /// Cents.
    pub amount: Cents,
}

/// What was charged to other bodies between two days, both included.
///
/// # Errors
/// The database's own failure.
pub fn aided(db: &Connection, from: Date, to: Date) -> Result<Vec<Aided>> {
    let mut statement = db.prepare_cached(
        "select service_id, sum(amount) from (
           select c.service_id, e.amount from account c
           cross join ledger_entry e on e.debit_id = c.id and e.day between ?1 and ?2
           where c.kind <> 'family' and c.kind = 'aid' and e.cause = 'charge'
           union all
           select c.service_id, -e.amount from account c
           cross join ledger_entry e on e.credit_id = c.id and e.day between ?1 and ?2
           where c.kind <> 'family' and c.kind = 'aid' and e.cause = 'charge')
         group by service_id order by service_id",
    )?;
    let rows = statement.query_map((from, to), |row| {
        Ok(Aided {
            service: row.get(0)?,
            amount: row.get(1)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What a charge asks of another body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AidedCharge {
    /// The body, as the tariff names it; none for what was posted when all had one account.
    pub body: Option<String>,
    /// The service.
    pub service: ServiceId,
    /// The charge.
    pub charge: ChargeId,
    /// Cents; below zero where it is less than before.
    pub amount: Cents,
}

/// What charges between two days, both included, ask of other bodies, body by body.
///
/// # Errors
/// The database's own failure.
pub fn aided_by_body(db: &Connection, from: Date, to: Date) -> Result<Vec<AidedCharge>> {
    let mut statement = db.prepare_cached(
        "select body, service_id, cause_id, sum(amount) from (
           select c.body, c.service_id, e.cause_id, e.amount from account c
           cross join ledger_entry e on e.debit_id = c.id and e.day between ?1 and ?2
           where c.kind <> 'family' and c.kind = 'aid' and e.cause = 'charge'
           union all
           select c.body, c.service_id, e.cause_id, -e.amount from account c
           cross join ledger_entry e on e.credit_id = c.id and e.day between ?1 and ?2
           where c.kind <> 'family' and c.kind = 'aid' and e.cause = 'charge')
         group by body, service_id, cause_id order by body, service_id, cause_id",
    )?;
    let rows = statement.query_map((from, to), |row| {
        Ok(AidedCharge {
            body: row.get(0)?,
            service: row.get(1)?,
            charge: row.get(2)?,
            amount: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What a body pays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AidedBy {
    /// The body, as the tariff names it; none for what was posted when all had one account.
    pub body: Option<String>,
    /// Cents; below zero where it is less than before.
    pub amount: Cents,
}

/// What each of some charges asks of other bodies, body by body.
///
/// # Errors
/// The database's own failure.
pub fn aided_by_charge(
    db: &Connection,
    charges: &[ChargeId],
) -> Result<HashMap<ChargeId, Vec<AidedBy>>> {
    let mut statement = db.prepare_cached(
        "select m.charge, a.body, sum(m.amount) from (
           select e.cause_id as charge, e.debit_id as account, e.amount from ledger_entry e
           where e.cause = 'charge' and e.cause_id in (select value from json_each(?1))
           union all
           select e.cause_id, e.credit_id, -e.amount from ledger_entry e
           where e.cause = 'charge' and e.cause_id in (select value from json_each(?1))) m
         join account a on a.id = m.account and a.kind = 'aid'
         group by m.charge, a.body having sum(m.amount) <> 0 order by a.body is null, a.body",
    )?;
    let charges = serde_json::to_string(charges).map_err(Error::internal)?;
    let mut rows = statement.query([charges])?;
    let mut all: HashMap<ChargeId, Vec<AidedBy>> = HashMap::new();
    while let Some(row) = rows.next()? {
        all.entry(row.get(0)?).or_default().push(AidedBy {
            body: row.get(1)?,
            amount: row.get(2)?,
        });
    }
    Ok(all)
}

/// What some charges asked of other bodies, by the account of each.
///
/// # Errors
/// The database's own failure.
pub fn owed_by_bodies(db: &Connection, charges: &[ChargeId]) -> Result<BTreeMap<AccountId, Cents>> {
    let mut statement = db.prepare_cached(
        "select account, sum(amount) from (
           select e.debit_id as account, e.amount from ledger_entry e
           where e.cause = 'charge' and e.cause_id in (select value from json_each(?1))
           union all
           select e.credit_id, -e.amount from ledger_entry e
           where e.cause = 'charge' and e.cause_id in (select value from json_each(?1))) m
         join account a on a.id = m.account and a.kind = 'aid' group by account",
    )?;
    let charges = serde_json::to_string(charges).map_err(Error::internal)?;
    let rows = statement.query_map([charges], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What families paid into the accounts of a service on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taking {
    /// The civil day of the payment, in Rome.
    pub day: Date,
    /// The service.
    pub service: ServiceId,
    /// How many payments.
    pub payments: i64,
    /// Cents.
    pub amount: Cents,
}

/// What families paid through pagoPA and at the cash desk between two days, both included, by day and service. A receipt
/// that was undone counts against the day on which that happened; one that was moved to another service
/// counts there, and no more here, from the day of the move.
///
/// # Errors
/// The database's own failure.
pub fn takings(db: &Connection, from: Date, to: Date) -> Result<Vec<Taking>> {
    let mut statement = db.prepare_cached(
        "/* whole */ with moved as (
           select e.id, e.day, e.credit_id, e.debit_id, p.amount from transfer_part p
           cross join transfer t on t.id = p.transfer_id
           cross join ledger_entry e on e.cause = 'transfer' and e.cause_id = t.id)
         select m.day, a.service_id, sum(m.paid and m.amount > 0), sum(m.amount) from (
           select e.day, e.credit_id as account, e.amount, 1 as paid from account c
           cross join ledger_entry e on e.debit_id = c.id and e.day between ?1 and ?2
           where c.kind <> 'family' and c.kind in ('pagopa', 'cash_desk')
           union all
           select e.day, e.debit_id, -e.amount, 1 from account c
           cross join ledger_entry e on e.credit_id = c.id and e.day between ?1 and ?2
           where c.kind <> 'family' and c.kind in ('pagopa', 'cash_desk')
           union all
           select day, credit_id, amount, 0 from moved where day between ?1 and ?2
           union all
           select day, debit_id, -amount, 0 from moved where day between ?1 and ?2
           union all
           select r.day, v.debit_id, v.amount, 0 from moved v
           cross join ledger_entry r on r.cause = 'reversal' and r.cause_id = v.id
           where r.day between ?1 and ?2
           union all
           select r.day, v.credit_id, -v.amount, 0 from moved v
           cross join ledger_entry r on r.cause = 'reversal' and r.cause_id = v.id
           where r.day between ?1 and ?2) m
         join account a on a.id = m.account and a.kind = 'family'
         group by m.day, a.service_id having sum(m.amount) <> 0 or sum(m.paid and m.amount > 0) > 0
         order by m.day, a.service_id",
    )?;
    let rows = statement.query_map((from, to), |row| {
        Ok(Taking {
            day: row.get(0)?,
            service: row.get(1)?,
            payments: row.get(2)?,
            amount: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// An account with credit.
#[derive(Clone, Debug)]
pub struct Credit {
    /// Names the payer outside.
    pub payer_public: PublicId,
    /// Surname and name of the payer.
    pub payer: String,
    /// Surname and name of the child.
    pub child: String,
    /// The service.
    pub service_id: ServiceId,
    /// Its name.
    pub service: String,
    /// Cents, above zero.
    pub balance: Cents,
    /// What the same payer owes on other accounts, in cents.
    pub owed_elsewhere: Cents,
    /// Whether the child uses the service on the day that was asked for, or will.
    pub in_use: bool,
}

/// The accounts with more credit than `above`, the largest first; who has left, with any credit.
///
/// # Errors
/// The database's own failure.
pub fn credits(db: &Connection, above: Cents, today: Date) -> Result<Vec<Credit>> {
    let mut statement = db.prepare_cached(
        "/* whole */ with debts as materialized (
           select a.payer_id, -sum(b.balance) as owed
           from account_balance b indexed by account_in_debt cross join account a on a.id = b.account_id
           where b.balance < 0 group by a.payer_id),
         found as (
           select a.id, a.payer_id, a.child_id, a.service_id, b.balance,
             exists (select 1 from enrolment e where e.child_id = a.child_id
               and e.service_id = a.service_id and coalesce(e.to_date, '9999-12-31') >= ?2) as in_use
           from account_balance b indexed by account_in_credit cross join account a on a.id = b.account_id
           where b.balance > 0)
         select p.public_id, p.surname || ' ' || p.name, k.surname || ' ' || k.name, f.service_id,
           s.name, f.balance, coalesce(d.owed, 0), f.in_use
         from found f join person p on p.id = f.payer_id join person k on k.id = f.child_id
         join service s on s.id = f.service_id left join debts d on d.payer_id = f.payer_id
         where f.balance > ?1 or not f.in_use order by f.balance desc, f.id",
    )?;
    let rows = statement.query_map((above, today), |row| {
        Ok(Credit {
            payer_public: row.get(0)?,
            payer: row.get(1)?,
            child: row.get(2)?,
            service_id: row.get(3)?,
            service: row.get(4)?,
            balance: row.get(5)?,
            owed_elsewhere: row.get(6)?,
            in_use: row.get(7)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
