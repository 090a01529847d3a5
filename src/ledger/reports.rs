//! The ledger in sums, for the accountant: what families were charged, what they paid.
//!
//! Sums go over the comune's own accounts, which are a handful, and from there over the days of the
//! entries: an index has both.

use rusqlite::Connection;

use crate::base::{Cents, Date, PublicId, Result, ServiceId};

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

/// What moved on the family accounts between two days, both included, by service and month.
///
/// # Errors
/// The database's own failure.
pub fn flows(db: &Connection, from: Date, to: Date) -> Result<Vec<Flow>> {
    let mut statement = db.prepare_cached(
        "/* whole */ with carried as (
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
           where c.kind <> 'family' and c.kind in ('revenue', 'pagopa', 'cash_desk', 'opening', 'refunds', 'write_off')
           union all
           select e.debit_id, e.day, -e.amount, c.kind, e.cause, e.cause_id
           from account c cross join ledger_entry e on e.credit_id = c.id and e.day between ?1 and ?2
           where c.kind <> 'family' and c.kind in ('revenue', 'pagopa', 'cash_desk', 'opening', 'refunds', 'write_off')
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
           select a.service_id, substr(m.day, 1, 7) as month, m.amount,
             case when m.kind = 'revenue' or i.kind = 'charge' then 'charged'
                  when m.kind in ('pagopa', 'cash_desk', 'moved') or i.kind = 'credit' then 'paid' else 'other' end as what
           from moves m
           join account a on a.id = m.account and a.kind = 'family'
           left join imported_entry i on m.cause = 'opening' and i.id = m.cause_id)
         select service_id, month, coalesce(sum(-amount) filter (where what = 'charged'), 0),
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
        "/* whole */ with balances as materialized (
           select a.id, a.payer_id, a.child_id, a.service_id,
             (select coalesce(sum(amount), 0) from ledger_entry where credit_id = a.id)
               - (select coalesce(sum(amount), 0) from ledger_entry where debit_id = a.id) as balance
           from account a where a.kind = 'family'),
         debts as materialized (
           select payer_id, -sum(balance) as owed from balances where balance < 0 group by payer_id),
         found as (
           select b.*, exists (select 1 from enrolment e where e.child_id = b.child_id
               and e.service_id = b.service_id and coalesce(e.to_date, '9999-12-31') >= ?2) as in_use
           from balances b where b.balance > 0)
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
