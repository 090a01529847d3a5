//! What the accountant decides by hand: which flow a line is, what is set aside and why. Each decision
//! is a row that stays, and each can be undone by another.

use rusqlite::{Connection, OptionalExtension, Transaction};
use serde::Serialize;
use serde_json::json;

use super::{FlowState, RowState, TreasuryState, judging, matching};
use crate::base::{
    Actor, Cents, Error, FlowId, FlowRowId, Instant, Permission, PublicId, Result, StaffId, Text,
    TreasuryLineId,
};
use crate::store::{self, AuditEvent};

/// What a match would make of a flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MatchPlan {
    /// What the flow says that the transfer brings.
    pub total: Cents,
    /// What its lines have brought so far.
    pub before: Cents,
    /// What they would have brought with this one.
    pub after: Cents,
}

/// Which thing a decision is about.
#[derive(Clone, Copy)]
pub(super) enum About {
    Treasury(TreasuryLineId),
    Flow(FlowId),
    Row(FlowRowId),
}

pub(super) fn accountant(actor: &Actor) -> Result<StaffId> {
    match actor.staff() {
        Some(staff) if actor.may(Permission::Accounting) => Ok(staff.id),
        _ => Err(Error::Forbidden),
    }
}

/// What would become of a flow that a line is matched to.
///
/// # Errors
/// `NotFound`; a refusal for a line that is matched.
pub fn match_plan(db: &Connection, line: &PublicId, flow: &PublicId) -> Result<MatchPlan> {
    let (_, amount, state) = line_of(db, line)?;
    if state == TreasuryState::Matched {
        return Err(Error::refused(Text::new("settlement-matched-already")));
    }
    let sql = "select total, credited from settlement_flow where public_id = ?1";
    let (total, before): (Cents, Cents) = db
        .prepare_cached(sql)?
        .query_row([flow], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(MatchPlan {
        total,
        before,
        after: before + amount,
    })
}

/// Matches a line to a flow.
///
/// # Errors
/// Those of [`match_plan`]; `Forbidden` for who is no accountant; a field error without a reason.
pub fn match_to_flow(
    tx: &Transaction<'_>,
    actor: &Actor,
    line: &PublicId,
    flow: &PublicId,
    reason: &str,
    now: Instant,
) -> Result<()> {
    let staff = accountant(actor)?;
    let plan = match_plan(tx, line, flow)?;
    let (line, ..) = line_of(tx, line)?;
    let flow = flow_of(tx, flow)?.0;
    matching::join(tx, line, flow, Some(staff), now)?;
    let told = json!({ "flow": flow, "total": plan.total, "credited": plan.after });
    decide(
        tx,
        actor,
        "match",
        &[About::Treasury(line), About::Flow(flow)],
        reason,
        told,
        now,
    )
}

/// Parts a line from its flow or its receipt; the rule does not join them again.
///
/// # Errors
/// `Forbidden` for who is no accountant; `NotFound` for a line that is not matched; a field error
/// without a reason.
pub fn unmatch(
    tx: &Transaction<'_>,
    actor: &Actor,
    line: &PublicId,
    reason: &str,
    now: Instant,
) -> Result<()> {
    accountant(actor)?;
    let (line, ..) = line_of(tx, line)?;
    let sql = "select flow_id from treasury_match where treasury_id = ?1";
    let flow: Option<FlowId> = tx
        .prepare_cached(sql)?
        .query_row([line], |row| row.get(0))?;
    tx.prepare_cached("delete from treasury_match where treasury_id = ?1")?
        .execute([line])?;
    matching::set_state(tx, line, TreasuryState::Open)?;
    let mut about = vec![About::Treasury(line)];
    if let Some(flow) = flow {
        about.push(About::Flow(flow));
        matching::refresh_flow(tx, flow)?;
    }
    decide(
        tx,
        actor,
        "unmatch",
        &about,
        reason,
        json!({ "flow": flow }),
        now,
    )
}

/// Sets a line, a flow or a row aside: it is no exception any more.
///
/// # Errors
/// `Forbidden` for who is no accountant; `NotFound`; a refusal for what is in order; a field error
/// without a reason.
pub fn ignore(
    tx: &Transaction<'_>,
    actor: &Actor,
    id: &PublicId,
    reason: &str,
    now: Instant,
) -> Result<()> {
    accountant(actor)?;
    let in_order = || Err(Error::refused(Text::new("settlement-in-order")));
    let about = find(tx, id)?;
    match about {
        About::Treasury(line) => {
            if !matches!(
                line_of(tx, id)?.2,
                TreasuryState::Open | TreasuryState::Other
            ) {
                return in_order();
            }
            matching::set_state(tx, line, TreasuryState::Ignored)?;
        }
        About::Flow(flow) => {
            if matches!(
                flow_of(tx, id)?.1,
                FlowState::Reconciled | FlowState::Ignored
            ) {
                return in_order();
            }
            set_flow(tx, flow, FlowState::Ignored)?;
        }
        About::Row(row) => {
            let counts = |state| {
                !matches!(
                    state,
                    RowState::Matched | RowState::Ignored | RowState::Superseded
                )
            };
            if !counts(row_state(tx, row)?) {
                return in_order();
            }
            tx.prepare_cached("update settlement_row set state = 'ignored' where id = ?1")?
                .execute([row])?;
        }
    }
    decide(tx, actor, "ignore", &[about], reason, json!({}), now)
}

/// Takes back that something was set aside: the rule looks at it again.
///
/// # Errors
/// `Forbidden` for who is no accountant; `NotFound` for what was not set aside; a field error without
/// a reason.
pub fn resume(
    tx: &Transaction<'_>,
    actor: &Actor,
    id: &PublicId,
    reason: &str,
    now: Instant,
) -> Result<()> {
    accountant(actor)?;
    let about = find(tx, id)?;
    match about {
        About::Treasury(line) => {
            if line_of(tx, id)?.2 != TreasuryState::Ignored {
                return Err(Error::NotFound);
            }
            matching::set_state(tx, line, TreasuryState::Open)?;
        }
        About::Flow(flow) => {
            if flow_of(tx, id)?.1 != FlowState::Ignored {
                return Err(Error::NotFound);
            }
            set_flow(tx, flow, FlowState::Open)?;
            matching::refresh_flow(tx, flow)?;
        }
        About::Row(row) => {
            if row_state(tx, row)? != RowState::Ignored {
                return Err(Error::NotFound);
            }
            judging::look_at(tx, row, now)?;
        }
    }
    decide(tx, actor, "resume", &[about], reason, json!({}), now)
}

fn set_flow(tx: &Transaction<'_>, flow: FlowId, state: FlowState) -> Result<()> {
    tx.prepare_cached("update settlement_flow set state = ?2 where id = ?1")?
        .execute((flow, state))?;
    Ok(())
}

fn find(db: &Connection, id: &PublicId) -> Result<About> {
    let id_in = |table: &str| -> Result<Option<i64>> {
        let sql = format!("select id from {table} where public_id = ?1");
        let found = db.prepare_cached(&sql)?.query_row([id], |row| row.get(0));
        Ok(found.optional()?)
    };
    if let Some(line) = id_in("treasury_line")? {
        return Ok(About::Treasury(TreasuryLineId(line)));
    }
    if let Some(flow) = id_in("settlement_flow")? {
        return Ok(About::Flow(FlowId(flow)));
    }
    let row = id_in("settlement_row")?.ok_or(Error::NotFound)?;
    Ok(About::Row(FlowRowId(row)))
}

fn line_of(db: &Connection, id: &PublicId) -> Result<(TreasuryLineId, Cents, TreasuryState)> {
    let sql = "select id, amount, state from treasury_line where public_id = ?1";
    Ok(db
        .prepare_cached(sql)?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?)
}

fn flow_of(db: &Connection, id: &PublicId) -> Result<(FlowId, FlowState)> {
    let sql = "select id, state from settlement_flow where public_id = ?1";
    Ok(db
        .prepare_cached(sql)?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

fn row_state(db: &Connection, id: FlowRowId) -> Result<RowState> {
    let sql = "select state from settlement_row where id = ?1";
    Ok(db.prepare_cached(sql)?.query_row([id], |row| row.get(0))?)
}

/// Writes a decision, and into the audit log.
pub(super) fn decide(
    tx: &Transaction<'_>,
    actor: &Actor,
    kind: &'static str,
    about: &[About],
    reason: &str,
    mut told: serde_json::Value,
    now: Instant,
) -> Result<()> {
    let staff = accountant(actor)?;
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Error::field("reason", Text::new("error-required")));
    }
    let (mut line, mut flow, mut row) = (None, None, None);
    for one in about {
        match *one {
            About::Treasury(id) => line = Some(id),
            About::Flow(id) => flow = Some(id),
            About::Row(id) => row = Some(id),
        }
    }
    tx.prepare_cached(
        "insert into settlement_decision (kind, treasury_id, flow_id, row_id, reason, staff_id, at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute((kind, line, flow, row, reason, staff, now))?;
    told["reason"] = reason.into();
    told["decision"] = kind.into();
    let (subject, subject_id) = match about.first() {
        Some(About::Treasury(id)) => ("treasury_line", id.0),
        Some(About::Flow(id)) => ("settlement_flow", id.0),
        Some(About::Row(id)) => ("settlement_row", id.0),
        None => return Err(Error::Internal("a decision about nothing".to_owned())),
    };
    let event = AuditEvent {
        action: "decide-settlement",
        subject,
        subject_id: Some(subject_id),
        payload: told,
    };
    store::audit(tx, actor, now, &event)
}
