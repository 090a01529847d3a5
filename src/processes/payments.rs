//! The traffic with the payment platform: what the outbox says goes out, receipts come in.

use rusqlite::{Connection, Transaction};

use super::settlement;
use crate::app::App;
use crate::base::{Actor, Cents, Error, Instant, PublicId, Result};
use crate::payments::Subject;
use crate::payments::gateway::{PaymentGateway, Position};
use crate::payments::notices::{self, Notice, NoticeEvent};
use crate::payments::receipts::{self, Reception};
use crate::payments::sandbox::{self, PaidBy, Sandbox};
use crate::store::{self, OutboxRow, Urgency};
use crate::{municipality, people};

/// Up to when the platform was asked for receipts.
const MARK: &str = "receipts-polled";

/// Every question goes back so far before the last one: a platform hands some receipts out late
/// (pagoPA answers 422 while a position is not yet settled). Ten minutes.
const OVERLAP: i64 = 10 * 60_000;

/// So many rows of the outbox are looked at in one round.
const ROUND: usize = 200;

/// The payment platform of this folder: the sandbox in a demo; elsewhere none is connected yet, and
/// families pay with the notice.
///
/// # Errors
/// The database's own failure.
pub fn gateway(app: &App) -> Result<Option<Box<dyn PaymentGateway + '_>>> {
    // Files go to the partner, also in a demo: the sandbox would take the positions away.
    if app.demo && !app.config.pagopa.has_partner() {
        Ok(Some(Box::new(Sandbox::open(&app.store)?)))
    } else {
        Ok(None)
    }
}

/// One round: publishes and withdraws what waits, then takes in the receipts that are new. The
/// server does it every few seconds and on the page that the payer is led back to; payers who ask
/// at once share a round, and two processes at once do no harm.
///
/// # Errors
/// The database's or the platform's failure; what was not done is done by the next round.
pub fn tick(app: &App) -> Result<()> {
    let Some(gateway) = gateway(app)? else {
        return Ok(());
    };
    app.payment_rounds.join(|| {
        send(app, gateway.as_ref())?;
        fetch(app, gateway.as_ref())?;
        settlement::fetch(app, gateway.as_ref())
    })
}

fn send(app: &App, gateway: &dyn PaymentGateway) -> Result<()> {
    let now = app.now();
    let kinds = [notices::PUBLISHED, notices::WITHDRAWN];
    let waiting = app
        .store
        .read(|db| store::outbox_take(db, &kinds, now, ROUND))?;
    for row in &waiting {
        let done = deliver(app, gateway, row);
        let (id, kind, attempts) = (row.id, row.kind.clone(), row.attempts);
        app.store
            .write(Urgency::Interactive, move |tx| match done {
                Ok(()) => store::outbox_done(tx, id, now),
                Err(error) => {
                    tracing::warn!(%error, kind, attempts, "the payment platform did not take it");
                    let row = OutboxRow {
                        id,
                        kind,
                        payload: String::new(),
                        attempts,
                    };
                    store::outbox_failed(tx, &row, &error.to_string(), now)
                }
            })?;
    }
    Ok(())
}

fn deliver(app: &App, gateway: &dyn PaymentGateway, row: &OutboxRow) -> Result<()> {
    let event: NoticeEvent = serde_json::from_str(&row.payload).map_err(Error::internal)?;
    let (notice, position) = app.store.read(|db| {
        let notice = notices::notice(db, event.notice)?;
        let position = position(db, &notice)?;
        Ok((notice, position))
    })?;
    if row.kind == notices::WITHDRAWN {
        return gateway.invalidate(&notice.notice_number);
    }
    gateway.publish(&position)
}

fn position(db: &Connection, notice: &Notice) -> Result<Position> {
    let debtor = people::person(db, notice.payer_id)?;
    Ok(Position {
        notice_number: notice.notice_number,
        amount: notice.amount,
        subject: notice.subject.clone(),
        category: notice.category.clone(),
        debtor: Subject {
            code: debtor.fiscal_code.to_string(),
            name: debtor.full_name(),
        },
        due_date: notice.due_date,
    })
}

/// The whole way of a payment in one transaction, for the demo, which plays thousands: the notice,
/// its publication, the payment at a pretended bank, the receipt. Every step is the one of pages.
///
/// # Errors
/// What any of the steps refuses.
pub fn play_payment(
    tx: &Transaction<'_>,
    actor: &Actor,
    account: &PublicId,
    amount: Cents,
    by: &PaidBy,
    at: Instant,
) -> Result<Reception> {
    let notice = notices::create(tx, actor, account, amount, None, at)?;
    publish_waiting(tx, at)?;
    pay_notice(tx, &notice, by, at)
}

/// Publishes every notice that waits for it, in the caller's transaction: for the demo.
///
/// # Errors
/// The database's own failure.
pub fn publish_waiting(tx: &Transaction<'_>, at: Instant) -> Result<()> {
    loop {
        let waiting = store::outbox_take(tx, &[notices::PUBLISHED], at, ROUND)?;
        if waiting.is_empty() {
            return Ok(());
        }
        for row in waiting {
            let event: NoticeEvent = serde_json::from_str(&row.payload).map_err(Error::internal)?;
            let notice = notices::notice(tx, event.notice)?;
            sandbox::publish(tx, &position(tx, &notice)?)?;
            store::outbox_done(tx, row.id, at)?;
        }
    }
}

/// Pays a published notice at a pretended bank and takes in the receipt: for the demo.
///
/// # Errors
/// What any of the steps refuses.
pub fn pay_notice(
    tx: &Transaction<'_>,
    notice: &notices::Notice,
    by: &PaidBy,
    at: Instant,
) -> Result<Reception> {
    let creditor = municipality::municipality(tx)?.fiscal_code;
    let number = notice.notice_number.as_str();
    let key = sandbox::pay_at_psp(tx, number, creditor.as_str(), by, at)?;
    receipts::receive(tx, &sandbox::receipt(tx, &key)?, at)
}

fn fetch(app: &App, gateway: &dyn PaymentGateway) -> Result<()> {
    let now = app.now();
    let mark = app.store.read(|db| store::mark(db, MARK))?;
    // A demo's clock may have been set back since.
    let since = mark.map_or(Instant(0), |mark| mark.min(now).plus_millis(-OVERLAP));
    let mut news = false;
    let mut unknown = gateway.poll_receipts(since, now)?;
    app.store.read(|db| {
        let mut known = Vec::new();
        for receipt in &unknown {
            known.push(receipts::is_known(db, &receipt.key)?);
        }
        let mut known = known.into_iter();
        unknown.retain(|_| !known.next().unwrap_or(false));
        Ok(())
    })?;
    for receipt in unknown {
        news = true;
        app.store.write(Urgency::Interactive, move |tx| {
            receipts::receive(tx, &receipt, now)
        })?;
    }
    // The mark moves when it is worth a write; what lies between is asked for again.
    let old = mark.is_none_or(|mark| now.0 - mark.0 > OVERLAP / 2 || mark > now);
    if news || old {
        app.store.write(Urgency::Background, move |tx| {
            store::set_mark(tx, MARK, now)
        })?;
    }
    Ok(())
}
