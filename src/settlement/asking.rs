//! What is asked of flows, rows and lines: filters, counts and sums that add up, and what is late.

use std::collections::BTreeMap;

use rusqlite::Connection;
use serde::Serialize;

use super::{
    FLOW_PATIENCE, FlowState, RECEIPT_PATIENCE, RowState, TreasuryState, working_days_before,
};
use crate::base::{Cents, Date, Instant, PublicId, Result};

/// How many, and how much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sum {
    /// How many.
    pub count: i64,
    /// Cents.
    pub amount: Cents,
}

/// Which flows.
#[derive(Clone, Debug)]
pub struct FlowFilter {
    /// Settled on this day or later.
    pub from: Date,
    /// Settled on this day or earlier.
    pub to: Date,
    /// In this state.
    pub state: Option<FlowState>,
    /// Of this provider.
    pub psp: Option<String>,
}

impl FlowFilter {
    /// Parameters 1 to 4.
    pub(super) const WHERE: &str = "f.settled_on between ?1 and ?2 and (?3 is null or f.state = ?3)
         and (?4 is null or f.psp = ?4)";
}

/// Which rows.
#[derive(Clone, Copy, Debug)]
pub struct RowFilter {
    /// In this state.
    pub state: RowState,
    /// Of this day or later.
    pub from: Date,
    /// Of this day or earlier.
    pub to: Date,
}

/// Which treasury lines.
#[derive(Clone, Copy, Debug)]
pub struct TreasuryFilter {
    /// In this state.
    pub state: TreasuryState,
    /// Of this day or later.
    pub from: Date,
    /// Of this day or earlier.
    pub to: Date,
}

/// What the overview shows of a period. Within each list every thing is in one state, so counts and
/// sums add up to all of them.
#[derive(Clone, Debug)]
pub struct Overview {
    /// Flows, by the day of their transfer: totals.
    pub flows: Vec<(FlowState, Sum)>,
    /// What the lines of reconciled flows brought: the same amount.
    pub credited: Cents,
    /// Rows, by the day of their outcome.
    pub rows: Vec<(RowState, Sum)>,
    /// Treasury lines, by their day.
    pub lines: Vec<(TreasuryState, Sum)>,
}

/// Flows without a treasury line that are late on a day: their own sum, part of the open ones.
///
/// # Errors
/// The database's own failure.
pub fn late_flows(db: &Connection, today: Date) -> Result<Sum> {
    let sql = "select count(*), coalesce(sum(total), 0) from settlement_flow
               where state = 'open' and settled_on <= ?1";
    let before = working_days_before(today, FLOW_PATIENCE);
    Ok(db.prepare_cached(sql)?.query_row([before], |row| {
        Ok(Sum {
            count: row.get(0)?,
            amount: row.get(1)?,
        })
    })?)
}

fn sums<S: Copy + PartialEq + 'static>(
    db: &Connection,
    sql: &str,
    (from, to): (Date, Date),
    all: &'static [S],
    parse: fn(&str) -> Option<S>,
) -> Result<Vec<(S, Sum)>> {
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map((from, to), |row| {
        let sum = Sum {
            count: row.get(1)?,
            amount: row.get(2)?,
        };
        Ok((row.get::<_, String>(0)?, sum))
    })?;
    let found: BTreeMap<String, Sum> = rows.collect::<rusqlite::Result<_>>()?;
    let of = |state: &S| {
        let mut found = found.iter().filter(|(word, _)| parse(word) == Some(*state));
        found.next().map_or(Sum::default(), |(_, sum)| *sum)
    };
    Ok(all.iter().map(|state| (*state, of(state))).collect())
}

/// Flows of a period by state.
///
/// # Errors
/// The database's own failure.
pub fn flow_sums(db: &Connection, from: Date, to: Date) -> Result<Vec<(FlowState, Sum)>> {
    let sql = "select state, count(*), sum(total) from settlement_flow
               where settled_on between ?1 and ?2 group by state";
    sums(db, sql, (from, to), FlowState::ALL, FlowState::parse)
}

/// The flows of a filter by state; which state the filter asks for is left open.
///
/// # Errors
/// The database's own failure.
pub fn flow_sums_of(db: &Connection, of: &FlowFilter) -> Result<Vec<(FlowState, Sum)>> {
    let Some(psp) = &of.psp else {
        return flow_sums(db, of.from, of.to);
    };
    let sql = "select coalesce(sum(total), 0), count(*) from settlement_flow
               where settled_on between ?1 and ?2 and state = ?3 and psp = ?4";
    let mut statement = db.prepare_cached(sql)?;
    let mut sums = Vec::new();
    for state in FlowState::ALL {
        let sum = statement.query_row((of.from, of.to, state, psp), |row| {
            Ok(Sum {
                amount: row.get(0)?,
                count: row.get(1)?,
            })
        })?;
        sums.push((*state, sum));
    }
    Ok(sums)
}

/// Rows of the flows of a period by state; those of older revisions are left out.
///
/// # Errors
/// The database's own failure.
pub fn row_sums(db: &Connection, from: Date, to: Date) -> Result<Vec<(RowState, Sum)>> {
    let sql = "select w.state, count(*), sum(w.amount) from settlement_row w
               where w.state in ('matched', 'amount', 'suspense', 'no_receipt', 'paid_otherwise',
                 'unknown', 'revoked', 'twice', 'ignored')
                 and w.day between ?1 and ?2 group by w.state";
    let mut all = sums(db, sql, (from, to), RowState::ALL, RowState::parse)?;
    all.retain(|(state, _)| *state != RowState::Superseded);
    Ok(all)
}

/// Treasury lines of a period by state.
///
/// # Errors
/// The database's own failure.
pub fn treasury_sums(db: &Connection, from: Date, to: Date) -> Result<Vec<(TreasuryState, Sum)>> {
    let sql = "select state, count(*), sum(amount) from treasury_line
               where day between ?1 and ?2 group by state";
    sums(
        db,
        sql,
        (from, to),
        TreasuryState::ALL,
        TreasuryState::parse,
    )
}

/// The overview of a period.
///
/// # Errors
/// The database's own failure.
pub fn overview(db: &Connection, from: Date, to: Date) -> Result<Overview> {
    let sql = "select coalesce(sum(credited), 0) from settlement_flow
               where state = 'reconciled' and settled_on between ?1 and ?2";
    let credited = db
        .prepare_cached(sql)?
        .query_row((from, to), |row| row.get(0))?;
    Ok(Overview {
        flows: flow_sums(db, from, to)?,
        credited,
        rows: row_sums(db, from, to)?,
        lines: treasury_sums(db, from, to)?,
    })
}

/// A receipt that no flow declares.
#[derive(Clone, Debug, Serialize)]
pub struct AwaitedReceipt {
    /// Outside.
    pub public_id: PublicId,
    /// The IUR that a flow would name.
    pub key: String,
    /// 18 digits.
    pub notice_number: String,
    /// Cents.
    pub amount: Cents,
    /// When it was paid.
    pub paid_at: Instant,
    /// Who took it.
    pub psp: String,
}

/// The receipts of the platform that were paid between two days and that no flow declares, though its
/// time is over: the oldest first, with the sum of all of them. Nothing is asked of the time before
/// the first payment of this folder's first flow.
///
/// # Errors
/// The database's own failure.
pub fn awaited_receipts(
    db: &Connection,
    (from, to): (Date, Date),
    today: Date,
    (limit, skip): (u32, u32),
) -> Result<(Sum, Vec<AwaitedReceipt>)> {
    let first: Option<Date> = db
        .prepare_cached(
            "select min(w.day) from (select id from settlement_flow where settled_on > ''
               order by settled_on, id limit 1) f
             cross join settlement_row w on w.flow_id = f.id",
        )?
        .query_row([], |row| row.get(0))?;
    let Some(first) = first else {
        return Ok((Sum::default(), Vec::new()));
    };
    let from = from.max(first);
    let to = to.min(working_days_before(today, RECEIPT_PATIENCE));
    let start = Instant::from_rome(from.at(0, 0, 0, 0));
    let end = Instant::from_rome(to.tomorrow().unwrap_or(to).at(0, 0, 0, 0));
    let which = "from receipt r where r.paid_at >= ?1 and r.paid_at < ?2 and r.source = 'gateway'
         and not exists (select 1 from settlement_row w where w.receipt_id = r.id)
         and not exists (select 1 from treasury_match m where m.receipt_id = r.id)";
    let sum = db
        .prepare_cached(&format!(
            "select count(*), coalesce(sum(r.amount), 0) {which}"
        ))?
        .query_row((start, end), |row| {
            Ok(Sum {
                count: row.get(0)?,
                amount: row.get(1)?,
            })
        })?;
    let sql = format!(
        "select r.public_id, r.receipt_key, r.notice_number, r.amount, r.paid_at, r.psp {which}
         order by r.paid_at, r.id limit ?3 offset ?4"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map((start, end, limit, skip), |row| {
        Ok(AwaitedReceipt {
            public_id: row.get(0)?,
            key: row.get(1)?,
            notice_number: row.get(2)?,
            amount: row.get(3)?,
            paid_at: row.get(4)?,
            psp: row.get(5)?,
        })
    })?;
    Ok((sum, rows.collect::<rusqlite::Result<_>>()?))
}
