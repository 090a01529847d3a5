//! What pages show of flows, rows and treasury lines.

use rusqlite::types::ToSql;
use rusqlite::{Connection, Row};
use serde::Serialize;

use super::asking::{FlowFilter, RowFilter, TreasuryFilter};
use super::{FlowState, RowState, TreasuryState, causale};
use crate::base::{Cents, Date, FlowId, Instant, PublicId, ReceiptId, Result, TreasuryLineId};
use crate::payments::flows::RowOutcome;

/// A flow.
#[derive(Clone, Debug, Serialize)]
pub struct FlowLine {
    /// Inside.
    #[serde(skip)]
    pub id: FlowId,
    /// Outside.
    pub public_id: PublicId,
    /// `identificativoFlusso`.
    pub flow_id: String,
    /// Its provider.
    pub psp: String,
    /// When its current revision was made.
    pub made_at: Instant,
    /// The day of the transfer.
    pub settled_on: Date,
    /// What the transfer brings, cents.
    pub total: Cents,
    /// The rows that bring money, added up.
    pub paid: Cents,
    /// The rows that were revoked, added up.
    pub revoked: Cents,
    /// How many rows.
    pub payments: i64,
    /// What its treasury lines brought.
    pub credited: Cents,
    /// Where it stands.
    pub state: FlowState,
}

const FLOW: &str = "select f.id, f.public_id, f.flow_id, f.psp, f.made_at, f.settled_on, f.total,
    f.paid, f.revoked, f.payments, f.credited, f.state from settlement_flow f";

fn read_flow(row: &Row<'_>) -> rusqlite::Result<FlowLine> {
    Ok(FlowLine {
        id: row.get(0)?,
        public_id: row.get(1)?,
        flow_id: row.get(2)?,
        psp: row.get(3)?,
        made_at: row.get(4)?,
        settled_on: row.get(5)?,
        total: row.get(6)?,
        paid: row.get(7)?,
        revoked: row.get(8)?,
        payments: row.get(9)?,
        credited: row.get(10)?,
        state: row.get(11)?,
    })
}

fn collect<T>(
    db: &Connection,
    sql: &str,
    values: &[&dyn ToSql],
    read: fn(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>> {
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map(values, read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A flow by its public id.
///
/// # Errors
/// `NotFound`.
pub fn flow(db: &Connection, id: &PublicId) -> Result<FlowLine> {
    let sql = format!("{FLOW} where f.public_id = ?1");
    Ok(db.prepare_cached(&sql)?.query_row([id], read_flow)?)
}

/// The flows of a filter, the newest first.
///
/// # Errors
/// The database's own failure.
pub fn flows(db: &Connection, of: &FlowFilter, limit: u32, skip: u32) -> Result<Vec<FlowLine>> {
    let sql = format!(
        "{FLOW} where {} order by f.settled_on desc, f.id desc limit ?5 offset ?6",
        FlowFilter::WHERE
    );
    let state = of.state.map(FlowState::as_str);
    collect(
        db,
        &sql,
        &[&of.from, &of.to, &state, &of.psp, &limit, &skip],
        read_flow,
    )
}

/// A row, with what it was matched to.
#[derive(Clone, Debug, Serialize)]
pub struct FlowRowLine {
    /// Outside.
    pub public_id: PublicId,
    /// Its flow, outside.
    pub flow: PublicId,
    /// The flow's own id.
    pub flow_id: String,
    /// Its provider.
    pub psp: String,
    /// Its place in the flow, 1 for the first.
    pub line: i64,
    /// IUV.
    pub iuv: String,
    /// IUR.
    pub iur: String,
    /// Which transfer of the payment.
    pub transfer: u8,
    /// Cents.
    pub amount: Cents,
    /// 0, 3, 4, 8, 9.
    pub outcome: u8,
    /// The day of the outcome.
    pub day: Date,
    /// Why it is where it is.
    pub state: RowState,
    /// 18 digits, where the notice is ours.
    pub notice_number: Option<String>,
    /// Who pays it.
    pub payer: Option<String>,
    /// Child and service, or the accounts' number.
    pub account: Option<String>,
    /// The receipt's amount, where there is one.
    pub receipt_amount: Option<Cents>,
    /// When it was paid, by the receipt.
    pub paid_at: Option<Instant>,
    /// The row credits the notice until its receipt comes.
    pub credited: bool,
    /// The notice is reported: its receipt stands in a flow whose money has come.
    pub reported: bool,
    /// The flow's other row of the same payment, where it stands twice: its flow.
    pub elsewhere: Option<String>,
    #[serde(skip)]
    /// Inside.
    pub receipt: Option<ReceiptId>,
}

const ROW: &str =
    "select w.public_id, f.public_id, f.flow_id, f.psp, w.line, w.iuv, w.iur, w.transfer,
    w.amount, w.outcome, w.day, w.state, n.notice_number, p.surname || ' ' || p.name,
    c.name || ' – ' || s.name, r.amount, r.paid_at,
    exists (select 1 from settled_payment d where d.iur = w.iur and d.transfer = w.transfer
      and not exists (select 1 from settled_payment_end e where e.settled_id = d.id)),
    f.state = 'reconciled' and w.state = 'matched',
    (select o.flow_id from settlement_row x join settlement_flow o on o.id = x.flow_id
       where w.state = 'twice' and x.iur = w.iur and x.transfer = w.transfer
         and x.state not in ('superseded', 'twice', 'revoked', 'ignored')),
    w.receipt_id
    from settlement_row w join settlement_flow f on f.id = w.flow_id
    left join payment_notice n on n.id = w.notice_id
    left join person p on p.id = n.payer_id
    left join account a on a.id = n.account_id
    left join person c on c.id = a.child_id
    left join service s on s.id = a.service_id
    left join receipt r on r.id = w.receipt_id";

fn read_row(row: &Row<'_>) -> rusqlite::Result<FlowRowLine> {
    Ok(FlowRowLine {
        public_id: row.get(0)?,
        flow: row.get(1)?,
        flow_id: row.get(2)?,
        psp: row.get(3)?,
        line: row.get(4)?,
        iuv: row.get(5)?,
        iur: row.get(6)?,
        transfer: row.get(7)?,
        amount: row.get(8)?,
        outcome: row.get(9)?,
        day: row.get(10)?,
        state: row.get(11)?,
        notice_number: row.get(12)?,
        payer: row.get(13)?,
        account: row.get(14)?,
        receipt_amount: row.get(15)?,
        paid_at: row.get(16)?,
        credited: row.get(17)?,
        reported: row.get(18)?,
        elsewhere: row.get(19)?,
        receipt: row.get(20)?,
    })
}

impl FlowRowLine {
    /// What became of the payment, by the flow.
    pub fn outcome(&self) -> Option<RowOutcome> {
        RowOutcome::of_code(self.outcome)
    }
}

/// A row by its public id.
///
/// # Errors
/// `NotFound`.
pub fn row(db: &Connection, id: &PublicId) -> Result<FlowRowLine> {
    let sql = format!("{ROW} where w.public_id = ?1");
    Ok(db.prepare_cached(&sql)?.query_row([id], read_row)?)
}

/// The rows of a flow's current revision, in its order.
///
/// # Errors
/// The database's own failure.
pub fn rows_of_flow(
    db: &Connection,
    flow: FlowId,
    limit: u32,
    skip: u32,
) -> Result<Vec<FlowRowLine>> {
    let sql = format!(
        "{ROW} where w.flow_id = ?1 and w.state <> 'superseded' order by w.line limit ?2 offset ?3"
    );
    collect(db, &sql, &[&flow, &limit, &skip], read_row)
}

/// The rows of a filter, the newest first.
///
/// # Errors
/// The database's own failure.
pub fn rows(db: &Connection, of: &RowFilter, limit: u32, skip: u32) -> Result<Vec<FlowRowLine>> {
    let state = of.state.as_str();
    let sql = format!(
        "{ROW} where w.state = ?1 and w.day between ?2 and ?3
         order by w.day desc, w.id desc limit ?4 offset ?5"
    );
    collect(
        db,
        &sql,
        &[&state, &of.from, &of.to, &limit, &skip],
        read_row,
    )
}

/// The rows, flows of which an IUV, a notice number or an amount is asked: newest first.
///
/// # Errors
/// The database's own failure.
pub fn rows_with(db: &Connection, iuv: &str, limit: u32) -> Result<Vec<FlowRowLine>> {
    let sql =
        format!("{ROW} where w.iuv = ?1 and w.state <> 'superseded' order by w.id desc limit ?2");
    collect(db, &sql, &[&iuv, &limit], read_row)
}

/// The flows whose id begins with some text or has it as its letters and digits, the newest first.
///
/// # Errors
/// The database's own failure.
pub fn flows_named(db: &Connection, text: &str, limit: u32) -> Result<Vec<FlowLine>> {
    let key = causale::key(text);
    // Letters and digits only: every key that begins so lies before the one with `[` behind it.
    let sql = format!(
        "{FLOW} where f.flow_key >= ?1 and f.flow_key < ?1 || '[' order by f.flow_key desc limit ?2"
    );
    match key.is_empty() {
        true => Ok(Vec::new()),
        false => collect(db, &sql, &[&key, &limit], read_flow),
    }
}

/// The flows, rows and treasury lines of an amount, the newest first.
///
/// # Errors
/// The database's own failure.
pub fn of_amount(
    db: &Connection,
    amount: Cents,
    limit: u32,
) -> Result<(Vec<FlowLine>, Vec<FlowRowLine>, Vec<TreasuryRow>)> {
    let flows = format!("{FLOW} where f.total = ?1 order by f.settled_on desc limit ?2");
    let rows = format!(
        "{ROW} where w.amount = ?1 and w.state <> 'superseded' order by w.id desc limit ?2"
    );
    let lines = format!("{LINE} where t.amount = ?1 order by t.day desc, t.id desc limit ?2");
    Ok((
        collect(db, &flows, &[&amount, &limit], read_flow)?,
        collect(db, &rows, &[&amount, &limit], read_row)?,
        collect(db, &lines, &[&amount, &limit], read_line)?,
    ))
}

/// When the revisions of a flow were made and came, the newest first, with their totals.
///
/// # Errors
/// The database's own failure.
pub fn revisions(db: &Connection, flow: FlowId) -> Result<Vec<(Instant, Instant, Cents)>> {
    let sql = "select made_at, received_at, total from settlement_revision
               where flow_id = ?1 order by made_at desc, id desc";
    collect(db, sql, &[&flow], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
    })
}

/// A treasury line.
#[derive(Clone, Debug, Serialize)]
pub struct TreasuryRow {
    /// Inside.
    #[serde(skip)]
    pub id: TreasuryLineId,
    /// Outside.
    pub public_id: PublicId,
    /// The financial year.
    pub exercise: i64,
    /// The movement's number.
    pub number: String,
    /// The day of the movement.
    pub day: Date,
    /// Cents.
    pub amount: Cents,
    /// What it says about itself.
    pub causale: String,
    /// Who paid.
    pub payer: String,
    /// Where it stands.
    pub state: TreasuryState,
    /// `flow`, `single`, `other`: what its causale is about.
    pub kind: String,
    /// Its flow, outside, and the flow's own id.
    pub flow: Option<PublicId>,
    /// The flow's own id.
    pub flow_id: Option<String>,
    /// It was matched by hand.
    pub by_hand: bool,
    /// Why it was set aside, matched or parted by hand, the last decision.
    pub reason: Option<String>,
}

const LINE: &str = "select t.id, t.public_id, t.exercise, t.number, t.day, t.amount, t.causale, t.payer,
    t.state, t.kind, f.public_id, f.flow_id, m.staff_id is not null,
    (select d.reason from settlement_decision d where d.treasury_id = t.id order by d.id desc limit 1)
    from treasury_line t left join treasury_match m on m.treasury_id = t.id
    left join settlement_flow f on f.id = m.flow_id";

fn read_line(row: &Row<'_>) -> rusqlite::Result<TreasuryRow> {
    Ok(TreasuryRow {
        id: row.get(0)?,
        public_id: row.get(1)?,
        exercise: row.get(2)?,
        number: row.get(3)?,
        day: row.get(4)?,
        amount: row.get(5)?,
        causale: row.get(6)?,
        payer: row.get(7)?,
        state: row.get(8)?,
        kind: row.get(9)?,
        flow: row.get(10)?,
        flow_id: row.get(11)?,
        by_hand: row.get(12)?,
        reason: row.get(13)?,
    })
}

/// A treasury line by its public id.
///
/// # Errors
/// `NotFound`.
pub fn treasury_line(db: &Connection, id: &PublicId) -> Result<TreasuryRow> {
    let sql = format!("{LINE} where t.public_id = ?1");
    Ok(db.prepare_cached(&sql)?.query_row([id], read_line)?)
}

/// The treasury lines of a flow.
///
/// # Errors
/// The database's own failure.
pub fn lines_of_flow(db: &Connection, flow: FlowId) -> Result<Vec<TreasuryRow>> {
    let sql = format!("{LINE} where m.flow_id = ?1 order by t.day, t.id");
    collect(db, &sql, &[&flow], read_line)
}

/// The treasury lines of a filter, the newest first.
///
/// # Errors
/// The database's own failure.
pub fn treasury_lines(
    db: &Connection,
    of: &TreasuryFilter,
    limit: u32,
    skip: u32,
) -> Result<Vec<TreasuryRow>> {
    let sql = format!(
        "{LINE} where t.state = ?1 and t.day between ?2 and ?3
         order by t.day desc, t.id desc limit ?4 offset ?5"
    );
    let state = of.state.as_str();
    collect(
        db,
        &sql,
        &[&state, &of.from, &of.to, &limit, &skip],
        read_line,
    )
}

/// The flows that a line might be, the likeliest first: of its amount, then those that its causale
/// names, then what still waits for money in the week before it.
///
/// # Errors
/// The database's own failure.
pub fn suggestions(db: &Connection, line: &TreasuryRow) -> Result<Vec<FlowLine>> {
    let text = causale::key(&line.causale);
    let waits = "f.state in ('open', 'amount', 'sums')";
    let sql =
        format!("{FLOW} where f.total - f.credited = ?1 and f.total = ?1 and {waits} limit 10");
    let mut found = collect(db, &sql, &[&line.amount], read_flow)?;
    let week = line
        .day
        .checked_sub(jiff::Span::new().days(10))
        .unwrap_or(line.day);
    let sql = format!(
        "{FLOW} where f.settled_on between ?1 and ?2 and {waits} order by f.settled_on desc, f.id limit 50"
    );
    let mut near = collect(db, &sql, &[&week, &line.day], read_flow)?;
    near.sort_by_key(|flow| !text.contains(&causale::key(&flow.flow_id)));
    for flow in near {
        if found.len() < 10 && !found.iter().any(|known| known.id == flow.id) {
            found.push(flow);
        }
    }
    Ok(found)
}
