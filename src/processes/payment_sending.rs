//! What waits for the payment platform goes out: one row after the other, each again until it is
//! done, refused for good, or tried too often; then the office sees it.

use rusqlite::{Connection, Transaction};

use super::payments::{ROUND, position};
use crate::app::App;
use crate::base::{Error, Instant, NoticeId, Result, Text};
use crate::payments::gateway::{PaymentGateway, Position, Verdict};
use crate::payments::notices::{self, Notice, NoticeEvent, NoticeState, PUBLISHED, WITHDRAWN};
use crate::payments::platform;
use crate::payments::positions::PositionState;
use crate::plans;
use crate::store::{self, OutboxFault, OutboxRow, Urgency};

/// What a notice that waits for others is looked at again after: a minute.
const WAIT: i64 = 60_000;
/// So many silences in a row say that the platform stands still: the round ends.
const MOST_SILENCES: usize = 3;

/// The office reads this one until it says that it has seen to it.
const REPLACED_PAID: &str = "pagopa-replaced-paid";

/// What a row asks for, as things are now.
enum Task {
    /// To be made payable.
    Publish(Box<Position>),
    /// To be made not payable.
    Withdraw,
    /// Nothing any more.
    Nothing,
    /// It takes the place of notices that the platform may still have paid.
    Wait,
    /// A notice whose place it takes was paid.
    Overtaken,
    /// An earlier system published it: only there can it be taken back.
    Foreign,
}

/// How the platform met a row.
#[derive(PartialEq, Eq)]
enum Met {
    Answered,
    Silent,
    Busy,
}

/// One round over what waits.
///
/// # Errors
/// The database's own failure. What the platform says is written beside the row.
pub(super) fn send(app: &App, gateway: &dyn PaymentGateway) -> Result<()> {
    let (now, kinds) = (app.now(), [PUBLISHED, WITHDRAWN]);
    let waiting = app
        .store
        .read(|db| store::outbox_take(db, &kinds, now, ROUND))?;
    let mut silences = 0;
    for row in &waiting {
        match step(app, gateway, row)? {
            Met::Answered => silences = 0,
            Met::Silent => silences += 1,
            Met::Busy => break,
        }
        if silences == MOST_SILENCES {
            break;
        }
    }
    Ok(())
}

/// Publishes some notices now, and what they wait for first.
///
/// # Errors
/// A refusal where one of them is not payable afterwards.
pub(super) fn send_first(app: &App, gateway: &dyn PaymentGateway, asked: &[Notice]) -> Result<()> {
    for notice in asked {
        for old in app.store.read(|db| platform::replaced_by(db, notice.id))? {
            try_now(app, gateway, WITHDRAWN, old)?;
        }
        try_now(app, gateway, PUBLISHED, notice.id)?;
        if app
            .store
            .read(|db| open(db, PUBLISHED, notice.id))?
            .is_some()
        {
            return Err(Error::refused(Text::new("error-checkout-not-yet")));
        }
    }
    Ok(())
}

fn open(db: &Connection, kind: &str, notice: NoticeId) -> Result<Option<OutboxRow>> {
    store::outbox_open(db, kind, &NoticeEvent { notice })
}

fn try_now(app: &App, gateway: &dyn PaymentGateway, kind: &str, notice: NoticeId) -> Result<()> {
    match app.store.read(|db| open(db, kind, notice))? {
        Some(row) => step(app, gateway, &row).map(|_| ()),
        None => Ok(()),
    }
}

fn step(app: &App, gateway: &dyn PaymentGateway, row: &OutboxRow) -> Result<Met> {
    let event: NoticeEvent = serde_json::from_str(&row.payload).map_err(Error::internal)?;
    let id = event.notice;
    let (notice, task) = app.store.read(|db| {
        let notice = notices::notice(db, id)?;
        let task = task(db, &notice, row)?;
        Ok((notice, task))
    })?;
    let asked = match &task {
        Task::Publish(position) => gateway.publish(position),
        Task::Withdraw => gateway.invalidate(&notice.notice_number),
        _ => Ok(()),
    };
    let (now, row) = (app.now(), row.clone());
    if let Err(error) = &asked {
        tracing::warn!(%error, kind = row.kind, attempts = row.attempts, "the payment platform did not take it");
    }
    app.store.write(Urgency::Interactive, move |tx| {
        match asked.as_ref().map_err(Verdict::of) {
            Ok(()) => settle(tx, &notice, &task, &row, now).map(|()| Met::Answered),
            Err((Verdict::Paid, _)) => {
                paid_meanwhile(tx, &notice, &row, now).map(|()| Met::Answered)
            }
            Err((verdict, fault)) => note(tx, &row, &verdict, &fault, now),
        }
    })
}

fn task(db: &Connection, notice: &Notice, row: &OutboxRow) -> Result<Task> {
    if row.kind == WITHDRAWN {
        let foreign = !notices::is_ours(db, notice.id)?;
        return Ok(if foreign {
            Task::Foreign
        } else {
            Task::Withdraw
        });
    }
    if notice.state != NoticeState::Open {
        return Ok(Task::Nothing);
    }
    let mut waits = false;
    for old in platform::replaced_by(db, notice.id)? {
        let paid_there = platform::known(db, old)?.is_some_and(|known| known.state.is_paid());
        if paid_there || notices::notice(db, old)?.state == NoticeState::Paid {
            return Ok(Task::Overtaken);
        }
        waits = waits || open(db, WITHDRAWN, old)?.is_some();
    }
    if waits {
        return Ok(Task::Wait);
    }
    Ok(Task::Publish(Box::new(position(db, notice)?)))
}

fn said(kind: &'static str) -> OutboxFault {
    OutboxFault {
        kind,
        detail: String::new(),
    }
}

/// What was asked for is done, or there was nothing to ask for.
fn settle(
    tx: &Transaction<'_>,
    notice: &Notice,
    task: &Task,
    row: &OutboxRow,
    now: Instant,
) -> Result<()> {
    match task {
        Task::Publish(position) => {
            platform::pushed(tx, notice.id, position, now)?;
            store::outbox_done(tx, row.id, now)
        }
        Task::Nothing => store::outbox_done(tx, row.id, now),
        Task::Withdraw => {
            platform::heard(tx, notice.id, PositionState::Invalid, now)?;
            withdrawn(tx, notice, row, now)
        }
        Task::Wait => {
            let at = now.plus_millis(WAIT);
            store::outbox_postponed(tx, row, &said("pagopa-waits"), at)
        }
        Task::Foreign => store::outbox_buried(tx, row, &said("pagopa-foreign"), now),
        Task::Overtaken => {
            // An instalment stays as its plan says; the office decides about the plan.
            if !plans::holds(tx, notice.id)? {
                notices::withdraw(tx, notice.id, now)?;
            }
            store::outbox_buried(tx, row, &said(REPLACED_PAID), now)
        }
    }
}

/// Nobody can pay it any more: nothing is left to publish, and what takes its place need not wait.
fn withdrawn(tx: &Transaction<'_>, notice: &Notice, row: &OutboxRow, now: Instant) -> Result<()> {
    store::outbox_done(tx, row.id, now)?;
    if let Some(unpublished) = open(tx, PUBLISHED, notice.id)?
        && unpublished.fault != REPLACED_PAID
    {
        store::outbox_done(tx, unpublished.id, now)?;
    }
    for new in platform::replacing(tx, notice.id)? {
        if let Some(waiting) = open(tx, PUBLISHED, new)? {
            store::outbox_due(tx, waiting.id, now)?;
        }
    }
    Ok(())
}

/// It was to be taken back and is paid: the receipt comes by the usual way and is credited.
fn paid_meanwhile(
    tx: &Transaction<'_>,
    notice: &Notice,
    row: &OutboxRow,
    now: Instant,
) -> Result<()> {
    if platform::known(tx, notice.id)?.is_none() {
        platform::pushed(tx, notice.id, &position(tx, notice)?, now)?;
    }
    platform::heard(tx, notice.id, PositionState::Paid, now)?;
    withdrawn(tx, notice, row, now)
}

fn note(
    tx: &Transaction<'_>,
    row: &OutboxRow,
    verdict: &Verdict,
    fault: &OutboxFault,
    now: Instant,
) -> Result<Met> {
    match verdict {
        Verdict::Later {
            after: Some(seconds),
            counts: false,
        } => {
            let at = now.plus_millis(seconds * 1000);
            store::outbox_postponed(tx, row, fault, at)?;
            Ok(Met::Busy)
        }
        Verdict::Later { .. } => {
            store::outbox_failed(tx, row, fault, now)?;
            Ok(Met::Silent)
        }
        Verdict::Never | Verdict::Paid => {
            store::outbox_buried(tx, row, fault, now)?;
            Ok(Met::Answered)
        }
    }
}
