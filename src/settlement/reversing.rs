//! A payment that a flow has declared and that the accountant takes back: the provider revoked it, or
//! it never was.

use rusqlite::Transaction;
use serde_json::json;

use super::by_hand::{About, accountant, decide};
use crate::base::{Actor, Error, FlowRowId, Instant, PublicId, Result, Text};
use crate::payments::settled;

/// Takes back what a row credited without a receipt. What a receipt has credited is refunded or moved
/// like any payment, never taken back here.
///
/// # Errors
/// `Forbidden` for who is no accountant; `NotFound`; a refusal when the row credits nothing (any more);
/// a field error without a reason.
pub fn take_back(
    tx: &Transaction<'_>,
    actor: &Actor,
    row: &PublicId,
    reason: &str,
    now: Instant,
) -> Result<()> {
    accountant(actor)?;
    let sql = "select id, iur, transfer from settlement_row where public_id = ?1";
    let (id, iur, transfer): (FlowRowId, String, u8) =
        tx.prepare_cached(sql)?.query_row([row], |found| {
            Ok((found.get(0)?, found.get(1)?, found.get(2)?))
        })?;
    let standing = settled::standing(tx, &iur, transfer)?;
    let standing =
        standing.ok_or_else(|| Error::refused(Text::new("settlement-nothing-to-take-back")))?;
    if reason.trim().is_empty() {
        return Err(Error::field("reason", Text::new("error-required")));
    }
    settled::take_back(tx, actor, standing, reason.trim(), now)?;
    let told = json!({ "iur": iur });
    decide(tx, actor, "reverse", &[About::Row(id)], reason, told, now)
}
