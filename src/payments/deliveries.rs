//! What was to be told to the payment platform and is not done: dead letters, which wait for the
//! office, and what is tried again by itself.

use rusqlite::{Connection, Transaction};
use serde::Serialize;
use serde_json::json;

use super::notices::{self, Notice, NoticeEvent, NoticeState, PUBLISHED, WITHDRAWN};
use super::shares::shares;
use crate::base::{Actor, Error, Instant, NoticeId, PublicId, Result, Text, stored_words};
use crate::people;
use crate::store::{self, AuditEvent, OutboxRow, OutboxStuck};

stored_words! {
    /// What is to be told.
    Errand {
        /// That a notice can be paid.
        Publish = "notice-published",
        /// That it can't be paid any more.
        Withdraw = "notice-withdrawn",
    }
}

/// Which deliveries are listed.
#[derive(Clone, Copy, Debug)]
pub struct Which {
    /// Dead letters; else those that are tried again by themselves.
    pub dead: bool,
    /// One errand only.
    pub errand: Option<Errand>,
}

impl Which {
    fn kinds(self) -> Vec<&'static str> {
        match self.errand {
            Some(errand) => vec![errand.as_str()],
            None => vec![PUBLISHED, WITHDRAWN],
        }
    }
}

/// Something that is not done.
#[derive(Debug, Serialize)]
pub struct Delivery {
    /// The notice.
    pub notice: Notice,
    /// Its number in groups.
    pub grouped: String,
    /// Surname and name of who owes.
    pub payer: String,
    /// Who owes, outside.
    pub payer_public: PublicId,
    /// Whether the notice was to be published; else taken back.
    pub publishes: bool,
    /// Whether the office can withdraw the notice here: no bill and no plan asks for it.
    pub withdrawable: bool,
    /// Whether trying again can help.
    pub retriable: bool,
    /// Attempts, times, the kind of the refusal and the platform's words.
    pub stuck: OutboxStuck,
}

/// How many deliveries are not done.
///
/// # Errors
/// The database's own failure.
pub fn deliveries_count(db: &Connection, which: Which) -> Result<i64> {
    store::outbox_stuck_count(db, &which.kinds(), which.dead)
}

/// A page of deliveries that are not done, the oldest first.
///
/// # Errors
/// The database's own failure.
pub fn deliveries(db: &Connection, which: Which, limit: u32, offset: u32) -> Result<Vec<Delivery>> {
    let rows = store::outbox_stuck(db, &which.kinds(), which.dead, limit, offset)?;
    rows.into_iter().map(|stuck| drawn(db, stuck)).collect()
}

fn drawn(db: &Connection, stuck: OutboxStuck) -> Result<Delivery> {
    let event: NoticeEvent = serde_json::from_str(&stuck.payload).map_err(Error::internal)?;
    let notice = notices::notice(db, event.notice)?;
    let payer = people::person(db, notice.payer_id)?;
    let publishes = stuck.kind == PUBLISHED;
    Ok(Delivery {
        grouped: notice.notice_number.grouped(),
        payer: payer.full_name(),
        payer_public: payer.public_id,
        publishes,
        withdrawable: publishes && is_withdrawable(db, &notice)?,
        retriable: !NOT_TO_RETRY.contains(&stuck.fault.as_str()),
        stuck,
        notice,
    })
}

fn is_withdrawable(db: &Connection, notice: &Notice) -> Result<bool> {
    Ok(notice.state == NoticeState::Open && shares(db, notice.id)?.is_empty())
}

fn by_public_id(db: &Connection, id: &PublicId) -> Result<Notice> {
    let sql = "select id from payment_notice where public_id = ?1";
    let id: NoticeId = db.prepare_cached(sql)?.query_row([id], |row| row.get(0))?;
    notices::notice(db, id)
}

/// The dead letters of a notice: of each errand at most one.
fn dead_of(db: &Connection, notice: NoticeId) -> Result<Vec<OutboxRow>> {
    let mut dead = Vec::new();
    for errand in Errand::ALL {
        let row = store::outbox_open(db, errand.as_str(), &NoticeEvent { notice })?;
        dead.extend(row.filter(|row| row.dead));
    }
    Ok(dead)
}

fn log(
    tx: &Transaction<'_>,
    actor: &Actor,
    action: &'static str,
    notice: NoticeId,
    rows: &[OutboxRow],
    now: Instant,
) -> Result<()> {
    let errands: Vec<&str> = rows.iter().map(|row| row.kind.as_str()).collect();
    let event = AuditEvent {
        action,
        subject: "payment_notice",
        subject_id: Some(notice.0),
        payload: json!({ "errands": errands }),
    };
    store::audit(tx, actor, now, &event)
}

/// The dead letters of a notice, or the sentence that somebody else was faster.
fn required(db: &Connection, id: &PublicId) -> Result<(Notice, Vec<OutboxRow>)> {
    let notice = by_public_id(db, id)?;
    let dead = dead_of(db, notice.id)?;
    if dead.is_empty() {
        return Err(Error::conflict(Text::new("error-delivery-gone")));
    }
    Ok((notice, dead))
}

/// Tries the dead letters of a notice again from the beginning.
///
/// # Errors
/// `NotFound`; a conflict when none of them is dead any more.
pub fn retry_delivery(
    tx: &Transaction<'_>,
    actor: &Actor,
    id: &PublicId,
    now: Instant,
) -> Result<()> {
    let (notice, dead) = required(tx, id)?;
    for row in &dead {
        store::outbox_revived(tx, row.id, now)?;
    }
    log(tx, actor, "retry-delivery", notice.id, &dead, now)
}

/// What trying again does nothing for: the office has to see to it.
const NOT_TO_RETRY: [&str; 2] = ["pagopa-replaced-paid", "pagopa-foreign"];

/// The dead letters that are worth another try, at most so many, the oldest first.
///
/// # Errors
/// The database's own failure.
pub fn retriable(db: &Connection, which: Which, most: u32) -> Result<Vec<OutboxStuck>> {
    let mut stuck = store::outbox_stuck(db, &which.kinds(), true, most, 0)?;
    stuck.retain(|row| !NOT_TO_RETRY.contains(&row.fault.as_str()));
    Ok(stuck)
}

/// Tries all dead letters of some errands again that are worth it, at most so many, the oldest first.
/// How many.
///
/// # Errors
/// A conflict when there is none any more.
pub fn retry_deliveries(
    tx: &Transaction<'_>,
    actor: &Actor,
    which: Which,
    most: u32,
    now: Instant,
) -> Result<usize> {
    let stuck = retriable(tx, which, most)?;
    if stuck.is_empty() {
        return Err(Error::conflict(Text::new("error-delivery-gone")));
    }
    for row in &stuck {
        store::outbox_revived(tx, row.id, now)?;
    }
    let event = AuditEvent {
        action: "retry-deliveries",
        subject: "outbox",
        subject_id: None,
        payload: json!({ "rows": stuck.iter().map(|row| row.id).collect::<Vec<_>>() }),
    };
    store::audit(tx, actor, now, &event)?;
    Ok(stuck.len())
}

/// The office has settled it by other means: nothing more is tried, and what waits for a withdrawal
/// need not wait.
///
/// # Errors
/// `NotFound`; a conflict when none of them is dead any more.
pub fn close_delivery(
    tx: &Transaction<'_>,
    actor: &Actor,
    id: &PublicId,
    now: Instant,
) -> Result<()> {
    let (notice, dead) = required(tx, id)?;
    for row in &dead {
        store::outbox_done(tx, row.id, now)?;
    }
    log(tx, actor, "close-delivery", notice.id, &dead, now)
}

/// Withdraws a notice that could not be published.
///
/// # Errors
/// `NotFound`; a conflict when it is not dead any more; a refusal for what a bill or a plan asks for.
pub fn withdraw_undelivered(
    tx: &Transaction<'_>,
    actor: &Actor,
    id: &PublicId,
    now: Instant,
) -> Result<()> {
    let (notice, dead) = required(tx, id)?;
    if !is_withdrawable(tx, &notice)? {
        return Err(Error::refused(Text::new("error-delivery-of-a-bill")));
    }
    for row in &dead {
        store::outbox_done(tx, row.id, now)?;
    }
    notices::withdraw(tx, notice.id, now)?;
    log(tx, actor, "withdraw-undelivered", notice.id, &dead, now)
}
