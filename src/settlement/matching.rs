//! A treasury line and the flow that it brings: the rule that needs nobody.
//!
//! A line whose causale names a known flow belongs to it, whatever its amount: a difference is the
//! flow's to tell. Where the causale only holds the flow's id among other letters, the amount must
//! agree too. A flow takes a further line only for what it still misses. What the accountant has parted
//! is not joined again by the rule.

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::causale::{self, Causale};
use super::judging::notice_of;
use super::{FlowState, TreasuryState};
use crate::base::{Cents, FlowId, Instant, ReceiptId, Result, StaffId, TreasuryLineId};

/// A line, as far as matching looks at it.
pub(super) struct Line {
    pub id: TreasuryLineId,
    pub amount: Cents,
    pub causale: String,
}

/// What a flow still waits for.
struct Waiting {
    total: Cents,
    credited: Cents,
    lines: i64,
}

/// A line has come: joins it to the flow or the payment that it names.
pub(super) fn line_came(tx: &Transaction<'_>, line: &Line, now: Instant) -> Result<()> {
    let flow = match causale::read(&line.causale) {
        Causale::Flow { candidates, .. } => match named(tx, &candidates)? {
            Some(flow) => Some(flow),
            None => held_inside(tx, line)?,
        },
        Causale::Single { iuv, amount } => {
            return single(tx, line, &iuv, amount.unwrap_or(line.amount), now);
        }
        Causale::Other => held_inside(tx, line)?,
    };
    let Some(flow) = flow else {
        return Ok(());
    };
    if takes(tx, flow, line)? {
        join(tx, line.id, flow, None, now)?;
    }
    Ok(())
}

/// A flow has come: joins it to the lines that have named it before.
pub(super) fn flow_came(tx: &Transaction<'_>, flow: FlowId, now: Instant) -> Result<()> {
    let sql = "select t.id, t.amount, t.causale from settlement_flow f
               join treasury_line t on t.state = 'open' and t.named <> '' and t.named = f.flow_key
               where f.id = ?1 order by t.day, t.id";
    let mut lines = lines(tx, sql, flow)?;
    let sql = "select t.id, t.amount, t.causale from settlement_flow f
               join treasury_line t on t.amount = f.total and t.state in ('open', 'other')
               where f.id = ?1 order by t.day, t.id";
    let key: String = tx
        .prepare_cached("select flow_key from settlement_flow where id = ?1")?
        .query_row([flow], |row| row.get(0))?;
    for line in self::lines(tx, sql, flow)? {
        let inside = causale::key(&line.causale).contains(&key);
        let said = |line: &Line| match causale::read(&line.causale) {
            Causale::Flow { candidates, .. } => candidates.contains(&key),
            _ => false,
        };
        if inside || said(&line) {
            lines.push(line);
        }
    }
    for line in lines {
        let matched = "select 1 from treasury_match where treasury_id = ?1";
        let free = !tx.prepare_cached(matched)?.exists([line.id])?;
        if free && takes(tx, flow, &line)? {
            join(tx, line.id, flow, None, now)?;
        }
    }
    refresh_flow(tx, flow)
}

fn lines(db: &Connection, sql: &str, flow: FlowId) -> Result<Vec<Line>> {
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map([flow], |row| {
        Ok(Line {
            id: row.get(0)?,
            amount: row.get(1)?,
            causale: row.get(2)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The flow that a causale names: the longest candidate that is a known id.
fn named(db: &Connection, candidates: &[String]) -> Result<Option<FlowId>> {
    let sql = "select id from settlement_flow where flow_key = ?1 order by id desc limit 1";
    let mut statement = db.prepare_cached(sql)?;
    for candidate in candidates {
        let found = statement
            .query_row([candidate], |row| row.get(0))
            .optional()?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// The one flow of the line's amount whose id stands somewhere in the causale.
fn held_inside(db: &Connection, line: &Line) -> Result<Option<FlowId>> {
    let text = causale::key(&line.causale);
    let sql = "select id, flow_key from settlement_flow where total = ?1";
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map([line.amount], |row| {
        Ok((row.get::<_, FlowId>(0)?, row.get::<_, String>(1)?))
    })?;
    let mut found = None;
    for row in rows {
        let (id, key) = row?;
        if !key.is_empty() && text.contains(&key) && found.replace(id).is_some() {
            return Ok(None);
        }
    }
    Ok(found)
}

/// Whether a flow takes a line: its first, one that the bank takes back, or what it still misses; never
/// one that the accountant has parted from it.
fn takes(db: &Connection, flow: FlowId, line: &Line) -> Result<bool> {
    let sql = "select 1 from settlement_decision
               where treasury_id = ?1 and flow_id = ?2 and kind = 'unmatch'";
    if db.prepare_cached(sql)?.exists((line.id, flow))? {
        return Ok(false);
    }
    let of = waiting(db, flow)?;
    Ok(of.lines == 0 || !line.amount.is_positive() || of.credited + line.amount <= of.total)
}

fn waiting(db: &Connection, flow: FlowId) -> Result<Waiting> {
    let sql = "select f.total, coalesce(sum(t.amount), 0), count(t.id) from settlement_flow f
               left join treasury_match m on m.flow_id = f.id
               left join treasury_line t on t.id = m.treasury_id
               where f.id = ?1 group by f.id";
    Ok(db.prepare_cached(sql)?.query_row([flow], |row| {
        Ok(Waiting {
            total: row.get(0)?,
            credited: row.get(1)?,
            lines: row.get(2)?,
        })
    })?)
}

/// Joins a line to a flow; `staff`: by hand.
pub(super) fn join(
    tx: &Transaction<'_>,
    line: TreasuryLineId,
    flow: FlowId,
    staff: Option<StaffId>,
    now: Instant,
) -> Result<()> {
    tx.prepare_cached(
        "insert into treasury_match (treasury_id, flow_id, staff_id, at) values (?1, ?2, ?3, ?4)",
    )?
    .execute((line, flow, staff, now))?;
    set_state(tx, line, TreasuryState::Matched)?;
    refresh_flow(tx, flow)
}

pub(super) fn set_state(
    tx: &Transaction<'_>,
    line: TreasuryLineId,
    state: TreasuryState,
) -> Result<()> {
    tx.prepare_cached("update treasury_line set state = ?2 where id = ?1")?
        .execute((line, state))?;
    Ok(())
}

/// A transfer of a single payment: joined to its receipt, where it is credited with that amount and no
/// flow has it.
fn single(tx: &Transaction<'_>, line: &Line, iuv: &str, amount: Cents, now: Instant) -> Result<()> {
    let Some(notice) = notice_of(tx, iuv)? else {
        return Ok(());
    };
    let sql = "select r.id from receipt r
               where r.notice_id = ?1 and r.outcome = 'credited' and r.amount = ?2 and ?2 = ?3
                 and not exists (select 1 from treasury_match m where m.receipt_id = r.id)
                 and not exists (select 1 from settlement_row w where w.receipt_id = r.id)";
    let receipt: Option<ReceiptId> = tx
        .prepare_cached(sql)?
        .query_row((notice, amount, line.amount), |row| row.get(0))
        .optional()?;
    let Some(receipt) = receipt else {
        return Ok(());
    };
    tx.prepare_cached(
        "insert into treasury_match (treasury_id, receipt_id, at) values (?1, ?2, ?3)",
    )?
    .execute((line.id, receipt, now))?;
    set_state(tx, line.id, TreasuryState::Matched)
}

/// Where a flow stands, out of its total, its rows and its lines: pure.
fn judge(total: Cents, paid: Cents, revoked: Cents, credited: Cents, lines: i64) -> FlowState {
    // What was revoked brings nothing, or is taken off what the others bring: providers do either.
    if total != paid && total != paid - revoked {
        FlowState::Sums
    } else if lines == 0 && total != Cents::ZERO {
        FlowState::Open
    } else if credited == total {
        FlowState::Reconciled
    } else {
        FlowState::Amount
    }
}

/// Adds the lines of a flow up and says where it stands; what the accountant has set aside stays so.
pub(super) fn refresh_flow(tx: &Transaction<'_>, flow: FlowId) -> Result<()> {
    let sql = "select paid, revoked, state from settlement_flow where id = ?1";
    let (paid, revoked, before) = tx.prepare_cached(sql)?.query_row([flow], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get::<_, FlowState>(2)?))
    })?;
    let of = waiting(tx, flow)?;
    let state = match before {
        FlowState::Ignored => FlowState::Ignored,
        _ => judge(of.total, paid, revoked, of.credited, of.lines),
    };
    tx.prepare_cached("update settlement_flow set credited = ?2, state = ?3 where id = ?1")?
        .execute((flow, of.credited, state))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flow_is_reconciled_when_rows_total_and_treasury_agree_to_the_cent() {
        let state = |total, paid, revoked, credited, lines| {
            judge(
                Cents(total),
                Cents(paid),
                Cents(revoked),
                Cents(credited),
                lines,
            )
        };
        assert_eq!(state(4250, 4250, 0, 4250, 1), FlowState::Reconciled);
        assert_eq!(state(4250, 4250, 0, 4240, 1), FlowState::Amount);
        assert_eq!(state(4250, 4250, 0, 4250, 2), FlowState::Reconciled);
        assert_eq!(state(4250, 4250, 0, 0, 0), FlowState::Open);
        assert_eq!(state(4250, 4251, 0, 4250, 1), FlowState::Sums);
        // A revoked payment brings nothing, or is taken off.
        assert_eq!(state(4250, 4250, 1000, 4250, 1), FlowState::Reconciled);
        assert_eq!(state(3250, 4250, 1000, 3250, 1), FlowState::Reconciled);
        assert_eq!(state(5250, 4250, 1000, 5250, 1), FlowState::Sums);
        assert_eq!(state(0, 0, 1000, 0, 0), FlowState::Reconciled);
    }
}
