//! The comune's published rules: the newest of each kind counts, the older ones stay.

use rusqlite::{Connection, OptionalExtension, Transaction};
use serde_json::json;

use super::dunning::{DunningPolicy, parse_dunning_policy};
use super::policy::{RefundPolicy, parse_refund_policy};
use crate::base::{Actor, Error, Instant, Permission, Result, Text};
use crate::store::{self, AuditEvent};

/// Which rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyKind {
    /// What is refunded.
    Refund,
    /// What is done about debts.
    Dunning,
}

impl PolicyKind {
    fn as_str(self) -> &'static str {
        match self {
            PolicyKind::Refund => "refund",
            PolicyKind::Dunning => "dunning",
        }
    }
}

/// A rule as it was published.
pub struct Published {
    /// TOML.
    pub source: String,
    /// When.
    pub at: Instant,
}

/// The rule that counts; none while the comune has set none.
///
/// # Errors
/// The database's own failure.
pub fn published(db: &Connection, kind: PolicyKind) -> Result<Option<Published>> {
    let sql = "select source, published_at from policy where kind = ?1 order by id desc limit 1";
    Ok(db
        .prepare_cached(sql)?
        .query_row([kind.as_str()], |row| {
            Ok(Published {
                source: row.get(0)?,
                at: row.get(1)?,
            })
        })
        .optional()?)
}

/// The rule of refunds that counts.
///
/// # Errors
/// The database's own failure.
pub fn refund_policy(db: &Connection) -> Result<RefundPolicy> {
    match published(db, PolicyKind::Refund)? {
        Some(rule) => parse_refund_policy(&rule.source),
        None => Ok(RefundPolicy::default()),
    }
}

/// The rule of reminders that counts.
///
/// # Errors
/// The database's own failure.
pub fn dunning_policy(db: &Connection) -> Result<DunningPolicy> {
    match published(db, PolicyKind::Dunning)? {
        Some(rule) => parse_dunning_policy(&rule.source),
        None => Ok(DunningPolicy::default()),
    }
}

/// Publishes a rule: it counts from now on for what is not decided yet.
///
/// # Errors
/// `Forbidden` for who is not of the office; a field error of `source` that names the line.
pub fn publish(
    tx: &Transaction<'_>,
    actor: &Actor,
    kind: PolicyKind,
    source: &str,
    now: Instant,
) -> Result<()> {
    if !actor.may(Permission::Office) {
        return Err(Error::Forbidden);
    }
    let name = match kind {
        PolicyKind::Refund => {
            let rule = parse_refund_policy(source)?;
            // Nobody would apply it: what a bill asks for is the tariff's business.
            if rule.unused.is_some() {
                return Err(Error::field("source", Text::new("error-policy-unused")));
            }
            rule.name
        }
        PolicyKind::Dunning => parse_dunning_policy(source)?.name,
    };
    let staff = actor.staff().map(|staff| staff.id);
    tx.prepare_cached(
        "insert into policy (kind, source, published_at, staff_id) values (?1, ?2, ?3, ?4)",
    )?
    .execute((kind.as_str(), source, now, staff))?;
    let event = AuditEvent {
        action: "publish-policy",
        subject: "policy",
        subject_id: Some(tx.last_insert_rowid()),
        payload: json!({ "kind": kind.as_str(), "name": name }),
    };
    store::audit(tx, actor, now, &event)
}
