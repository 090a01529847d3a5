//! Taking in a flow: every revision is kept as it came, the one that was made last counts.

use rusqlite::{Connection, OptionalExtension, Transaction};
use sha2::{Digest, Sha256};

use super::{causale, judging, matching};
use crate::base::{Cents, FlowId, Instant, PublicId, Result};
use crate::municipality;
use crate::payments::flows::{RawFlow, RowOutcome};

/// What became of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// It is new.
    New,
    /// It took the place of an earlier revision.
    Overwrote,
    /// A later revision is here already: this one was kept and changed nothing.
    Older,
    /// It was here already; nothing happened.
    AlreadyKnown,
}

/// Whether a flow pays another creditor.
///
/// # Errors
/// The database's own failure.
pub fn foreign(db: &Connection, flow: &RawFlow) -> Result<bool> {
    Ok(municipality::municipality(db)?.fiscal_code.as_str() != flow.creditor)
}

/// Takes in a flow, in this transaction: `source` is `gateway` or `file`.
///
/// # Errors
/// The database's own failure; then nothing happened.
pub fn apply(
    tx: &Transaction<'_>,
    raw: &RawFlow,
    source: &'static str,
    now: Instant,
) -> Result<Applied> {
    let sha256: [u8; 32] = Sha256::digest(&raw.raw).into();
    let sql = "select id, made_at from settlement_flow where flow_id = ?1";
    let known: Option<(FlowId, Instant)> = tx
        .prepare_cached(sql)?
        .query_row([&raw.id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some((id, made_at)) = known {
        let sql = "select 1 from settlement_revision where flow_id = ?1 and raw_sha256 = ?2";
        if tx.prepare_cached(sql)?.exists((id, sha256))? {
            return Ok(Applied::AlreadyKnown);
        }
        let revision = keep(tx, id, raw, &sha256, source, now)?;
        if raw.made_at < made_at {
            return Ok(Applied::Older);
        }
        supersede(tx, id)?;
        say(tx, id, raw)?;
        judging::take_rows(tx, id, revision, raw, now)?;
        matching::refresh_flow(tx, id)?;
        return Ok(Applied::Overwrote);
    }
    tx.prepare_cached(
        "insert into settlement_flow (public_id, flow_id, flow_key, made_at, psp, settled_on, total,
           paid, revoked, payments, state) values (?1, ?2, ?3, 0, '', '', 0, 0, 0, 0, 'open')",
    )?
    .execute((PublicId::random()?, &raw.id, causale::key(&raw.id)))?;
    let id = FlowId(tx.last_insert_rowid());
    let revision = keep(tx, id, raw, &sha256, source, now)?;
    say(tx, id, raw)?;
    judging::take_rows(tx, id, revision, raw, now)?;
    matching::flow_came(tx, id, now)?;
    Ok(Applied::New)
}

fn keep(
    tx: &Transaction<'_>,
    id: FlowId,
    raw: &RawFlow,
    sha256: &[u8; 32],
    source: &'static str,
    now: Instant,
) -> Result<i64> {
    tx.prepare_cached(
        "insert into settlement_revision (flow_id, made_at, creditor, regulation, settled_on, total,
           source, raw, raw_sha256, received_at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute((
        id,
        raw.made_at,
        &raw.creditor,
        &raw.regulation,
        raw.settled_on,
        raw.total,
        source,
        &raw.raw,
        sha256,
        now,
    ))?;
    Ok(tx.last_insert_rowid())
}

/// What the flow says from now on.
fn say(tx: &Transaction<'_>, id: FlowId, raw: &RawFlow) -> Result<()> {
    let sum = |revoked: bool| -> Cents {
        let rows = raw.rows.iter();
        rows.filter(|row| (row.outcome == RowOutcome::Revoked) == revoked)
            .map(|row| row.amount)
            .sum()
    };
    let payments = i64::try_from(raw.rows.len()).map_err(crate::base::Error::internal)?;
    tx.prepare_cached(
        "update settlement_flow set made_at = ?2, psp = ?3, settled_on = ?4, total = ?5, paid = ?6,
           revoked = ?7, payments = ?8 where id = ?1",
    )?
    .execute((
        id,
        raw.made_at,
        &raw.psp,
        raw.settled_on,
        raw.total,
        sum(false),
        sum(true),
        payments,
    ))?;
    Ok(())
}

/// The rows of the revision before count no more, and let go of their receipts.
fn supersede(tx: &Transaction<'_>, id: FlowId) -> Result<()> {
    tx.prepare_cached(
        "update settlement_row set state = 'superseded', receipt_id = null
         where flow_id = ?1 and state <> 'superseded'",
    )?
    .execute([id])?;
    Ok(())
}
