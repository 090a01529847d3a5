//! The traffic with the payment platform: what the outbox says goes out (`payment_sending`), receipts
//! come in.

use std::sync::atomic::Ordering;

use rusqlite::{Connection, Transaction};

use super::payment_sending as sending;
use super::settlement;
use crate::app::App;
use crate::base::{Actor, Cents, Error, Instant, PublicId, Result, day_of};
use crate::config::GatewayKind;
use crate::payments::gateway::{PaymentGateway, Position, Verdict};
use crate::payments::gpd::{Access, Gpd, Keys};
use crate::payments::notices::{self, Notice, NoticeEvent};
use crate::payments::receipts::{self, Reception};
use crate::payments::sandbox::{self, PaidBy, Sandbox};
use crate::payments::{self, Subject, platform};
use crate::store::{self, Urgency};
use crate::{ledger, municipality, people, plans};

/// Up to when the platform was asked for receipts.
const MARK: &str = "receipts-polled";

/// Every question goes back so far before the last one: a platform hands some receipts out late
/// (pagoPA answers 422 while a position is not yet settled). Ten minutes.
const OVERLAP: i64 = 10 * 60_000;

/// The real platform is asked for receipts once a minute, and by who has just paid every five seconds.
const EVERY: i64 = 60_000;
const EVERY_FOR_PAYERS: i64 = 5_000;

/// So many rows of the outbox are looked at in one round.
pub(super) const ROUND: usize = 200;

/// Whether families of this folder can pay online.
pub fn is_online(app: &App) -> bool {
    app.demo || app.config.pagopa.gateway == GatewayKind::Gpd
}

/// The origin of the payment page that browsers are led to; none where that is a page of ours.
pub fn checkout_origin(app: &App) -> Option<String> {
    let gpd = &app.config.pagopa.gpd;
    let outside = !app.demo && app.config.pagopa.gateway == GatewayKind::Gpd;
    let scheme = gpd.base().split("://").next().unwrap_or("https");
    outside.then(|| format!("{scheme}://{}", gpd.checkout_host()))
}

/// The payment platform of this folder: the sandbox in a demo; elsewhere what the configuration names,
/// or none: then families pay with the notice.
///
/// # Errors
/// The database's own failure. A key that can't be read is said by the calls that need it.
pub fn gateway(app: &App) -> Result<Option<Box<dyn PaymentGateway + '_>>> {
    // Files go to the partner, also in a demo: the sandbox would take the positions away.
    if app.demo && !app.config.pagopa.has_partner() {
        return Ok(Some(Box::new(Sandbox::open(&app.store)?)));
    }
    match app.config.pagopa.gateway {
        GatewayKind::Gpd => Ok(Some(Box::new(gpd(app)?))),
        // The node asks the station by itself, and the partner gets files.
        GatewayKind::None | GatewayKind::Station | GatewayKind::Partner => Ok(None),
    }
}

fn gpd(app: &App) -> Result<Gpd<'_>> {
    let gpd = &app.config.pagopa.gpd;
    let comune = app.store.read(municipality::municipality)?;
    let positions = gpd.key.read();
    let of = |own: &Option<crate::config::KeySource>| match own {
        Some(source) => source.read(),
        None => positions.clone(),
    };
    let keys = Keys {
        receipts: of(&gpd.receipts_key),
        flows: of(&gpd.flows_key),
        checkout: of(&gpd.checkout_key),
        positions: positions.clone(),
    };
    let access = Access {
        base: gpd.base().to_owned(),
        checkout_host: gpd.checkout_host().to_owned(),
        creditor: comune.fiscal_code.to_string(),
        creditor_name: comune.name,
        timeout: gpd.timeout(),
        keys,
    };
    let is_known = |iuv: &str| app.store.read(|db| receipts::is_credited(db, iuv));
    Ok(Gpd::new(access, Box::new(is_known)))
}

/// One round: publishes and withdraws what waits, then takes in the receipts that are new. The
/// server does it every few seconds; payers who ask at once share a round, and two processes at once
/// do no harm.
///
/// # Errors
/// The database's or the platform's failure; what was not done is done by the next round.
pub fn tick(app: &App) -> Result<()> {
    round(app, EVERY)
}

/// A round for the page that a payer is led back to: it asks for receipts sooner.
///
/// # Errors
/// As [`tick`].
pub fn ask(app: &App) -> Result<()> {
    round(app, EVERY_FOR_PAYERS)
}

fn round(app: &App, every: i64) -> Result<()> {
    let Some(gateway) = gateway(app)? else {
        return Ok(());
    };
    app.payment_rounds.join(|| {
        sending::send(app, gateway.as_ref())?;
        if app.demo || is_due(app, every) {
            let asked = fetch(app, gateway.as_ref());
            asked.inspect_err(|error| leave_alone(app, error))?;
        }
        settlement::fetch(app, gateway.as_ref())
    })
}

/// Whether the last question for receipts is long enough ago. Asking says so too.
fn is_due(app: &App, every: i64) -> bool {
    let now = app.now().0;
    let last = app.receipts_asked.load(Ordering::SeqCst);
    let due = now < last - EVERY * 60 || now - last >= every;
    if due {
        app.receipts_asked.store(now, Ordering::SeqCst);
    }
    due
}

/// A platform that is busy (429) says for how long it is not to be asked.
fn leave_alone(app: &App, error: &Error) {
    if let (
        Verdict::Later {
            after: Some(seconds),
            ..
        },
        _,
    ) = Verdict::of(error)
    {
        let until = app.now().0 + seconds * 1000;
        app.receipts_asked.store(until, Ordering::SeqCst);
    }
}

/// Ends the notices whose last day is over, where their service says so; an instalment of a plan ends
/// with its plan only. How many.
///
/// # Errors
/// The database's own failure.
pub fn expire(app: &App) -> Result<usize> {
    let now = app.now();
    app.store.write(Urgency::Background, move |tx| {
        let mut ended = 0;
        for notice in payments::over(tx, day_of(now))? {
            if !plans::holds(tx, notice)? {
                payments::expire(tx, notice, now)?;
                ended += 1;
            }
        }
        Ok(ended)
    })
}

/// Publishes some notices at once, because somebody is about to pay them: a payment page opens only
/// for what is payable.
///
/// # Errors
/// A refusal where one of them can't be published now: it can be paid later.
pub fn publish_now(app: &App, gateway: &dyn PaymentGateway, asked: &[Notice]) -> Result<()> {
    sending::send_first(app, gateway, asked)
}

/// What the platform gets of a notice.
pub(super) fn position(db: &Connection, notice: &Notice) -> Result<Position> {
    let debtor = people::person(db, notice.payer_id)?;
    let service = ledger::account(db, notice.account_id)?.service_id;
    let service = municipality::service(db, service)?;
    let settings = municipality::pagopa_settings(db)?;
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
        expires: payments::expires(db, notice)? && !plans::holds(db, notice.id)?,
        made_on: day_of(notice.created_at),
        iban: service.takings_iban(&settings).to_owned(),
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
            let position = position(tx, &notice)?;
            sandbox::publish(tx, &position)?;
            platform::pushed(tx, notice.id, &position, at)?;
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
