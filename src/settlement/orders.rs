//! For the accountant's own program: which collection orders (reversali) the treasury lines need, by
//! service and budget chapter, and what a month brought.
//!
//! What a row is for is read in the ledger: which family accounts its receipt, or the row itself, has
//! credited. So each order adds up to its treasury line to the cent, and what the ledger does not know
//! stands apart.

use std::collections::BTreeMap;

use rusqlite::Connection;
use serde::Serialize;

use crate::base::{Cents, Date, FlowId, PublicId, Result};

/// What of a settled flow belongs to a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Order {
    /// The numbers of the movements, with their financial years: `12/2026, 14/2026`.
    pub movements: String,
    /// The day of the last of them.
    pub day: Date,
    /// The flow.
    pub flow_id: String,
    /// Its provider.
    pub psp: String,
    /// Name of the service; empty: what no account was credited with.
    pub service: String,
    /// Its budget chapter; empty: not said yet, or no service.
    pub chapter: String,
    /// How many payments.
    pub payments: i64,
    /// Cents.
    pub amount: Cents,
}

/// What a month brought for a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChapterSum {
    /// `2026-11`: of the treasury lines.
    pub month: String,
    /// Name of the service; empty: what no account was credited with.
    pub service: String,
    /// Its budget chapter.
    pub chapter: String,
    /// How many payments.
    pub payments: i64,
    /// Cents.
    pub amount: Cents,
}

struct Settled {
    id: FlowId,
    flow_id: String,
    psp: String,
    credited: Cents,
    movements: String,
    day: Date,
}

/// The proposed orders of the flows that are reconciled and whose (last) treasury line is of a period,
/// by day and flow.
///
/// # Errors
/// The database's own failure.
pub fn orders(db: &Connection, from: Date, to: Date) -> Result<Vec<Order>> {
    let mut all = Vec::new();
    for flow in settled(db, from, to)? {
        let mut rest = flow.credited;
        let order = |service: String, chapter: String, payments, amount| Order {
            movements: flow.movements.clone(),
            day: flow.day,
            flow_id: flow.flow_id.clone(),
            psp: flow.psp.clone(),
            service,
            chapter,
            payments,
            amount,
        };
        for (service, chapter, payments, amount) in by_service(db, flow.id)? {
            rest = rest - amount;
            all.push(order(service, chapter, payments, amount));
        }
        if rest != Cents::ZERO {
            all.push(order(String::new(), String::new(), 0, rest));
        }
    }
    Ok(all)
}

fn settled(db: &Connection, from: Date, to: Date) -> Result<Vec<Settled>> {
    // By the day of the lines, from there to their flows.
    let sql = "select f.id, f.flow_id, f.psp, f.credited,
                 (select group_concat(movement, ', ') from (
                    select t.number || '/' || t.exercise as movement from treasury_match m
                    join treasury_line t on t.id = m.treasury_id
                    where m.flow_id = f.id order by t.day, t.id)),
                 l.last
               from (select m.flow_id, max(t.day) as last from treasury_line t
                     join treasury_match m on m.treasury_id = t.id
                     where t.day between ?1 and ?2 and m.flow_id is not null group by m.flow_id) l
               join settlement_flow f on f.id = l.flow_id
               where f.state = 'reconciled'
                 and not exists (select 1 from treasury_match x join treasury_line y on y.id = x.treasury_id
                   where x.flow_id = f.id and y.day > ?2)
               order by l.last, f.id";
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map((from, to), |row| {
        Ok(Settled {
            id: row.get(0)?,
            flow_id: row.get(1)?,
            psp: row.get(2)?,
            credited: row.get(3)?,
            movements: row.get(4)?,
            day: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What the rows of a flow have credited, by service: by their receipts, or by themselves.
fn by_service(db: &Connection, flow: FlowId) -> Result<Vec<(String, String, i64, Cents)>> {
    let sql = "select s.name, s.budget_chapter, count(distinct x.id), sum(x.amount) from (
                 select w.id, e.credit_id, e.amount from settlement_row w
                 join ledger_entry e on e.cause = 'receipt' and e.cause_id = w.receipt_id
                 where w.flow_id = ?1 and w.state = 'matched'
                 union all
                 select w.id, e.credit_id, e.amount from settlement_row w
                 join settled_payment d on d.iur = w.iur and d.transfer = w.transfer
                 join ledger_entry e on e.cause = 'settlement' and e.cause_id = d.id
                 where w.flow_id = ?1 and w.state = 'no_receipt'
                   and not exists (select 1 from settled_payment_end z where z.settled_id = d.id)) x
               join account a on a.id = x.credit_id join service s on s.id = a.service_id
               group by s.id order by s.id";
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map([flow], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What orders add up to, by month, service and chapter.
pub fn month_totals(orders: &[Order]) -> Vec<ChapterSum> {
    let mut sums: BTreeMap<(String, String, String), (i64, Cents)> = BTreeMap::new();
    for order in orders {
        let month = order.day.strftime("%Y-%m").to_string();
        let key = (month, order.service.clone(), order.chapter.clone());
        let sum = sums.entry(key).or_insert((0, Cents::ZERO));
        sum.0 += order.payments;
        sum.1 += order.amount;
    }
    let sums = sums.into_iter();
    sums.map(
        |((month, service, chapter), (payments, amount))| ChapterSum {
            month,
            service,
            chapter,
            payments,
            amount,
        },
    )
    .collect()
}

/// Whether a notice is reported (rendicontata): its payment stands in a flow whose money has come.
/// Names the flow, outside, and the day of its transfer.
///
/// # Errors
/// The database's own failure.
pub fn reported(db: &Connection, notice_number: &str) -> Result<Option<(PublicId, Date)>> {
    use rusqlite::OptionalExtension;
    let sql = "select f.public_id, f.settled_on from payment_notice n
               join settlement_row w on w.notice_id = n.id and w.state = 'matched'
               join settlement_flow f on f.id = w.flow_id and f.state = 'reconciled'
               where n.notice_number = ?1";
    let found = db
        .prepare_cached(sql)?
        .query_row([notice_number], |row| Ok((row.get(0)?, row.get(1)?)));
    Ok(found.optional()?)
}
