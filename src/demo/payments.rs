//! The payments of the demo: families top up their accounts, most of them in time, through the
//! sandbox's own platform, so that every credit comes from a receipt.

use std::sync::Arc;

use fastrand::Rng;
use jiff::ToSpan;
use jiff::civil::{Date, Time};
use rusqlite::Connection;

use crate::app::App;
use crate::base::{Actor, Cents, Instant, PersonId, PublicId, Result};
use crate::municipality;
use crate::payments::gateway::PaymentGateway;
use crate::payments::sandbox::{self, PaidBy, Sandbox};
use crate::payments::{notices, receipts};
use crate::processes::payments::tick;
use crate::store::Urgency;

/// What a family pays on a day into one of its accounts.
struct TopUp {
    payer: PersonId,
    account: PublicId,
    amount: Cents,
    at: Instant,
}

const WAYS: &[(&str, &str)] = &[
    ("Banca di Prova S.p.A.", "creditCard"),
    ("Poste Simulate S.p.A.", "postalAccount"),
    ("Banca di Prova S.p.A.", "bankTransfer"),
    ("Tabacchi Convenzionati", "cash"),
];

/// Plans and pays; some families are late.
pub(super) fn play(app: &Arc<App>, rng: &mut Rng, now: Instant) -> Result<()> {
    for top_up in app.store.read(|db| plan(db, rng, now))? {
        pay(app, rng, &top_up)?;
    }
    Ok(())
}

/// At the beginning of each month about what the month before cost, in tens of euros.
fn plan(db: &Connection, rng: &mut Rng, now: Instant) -> Result<Vec<TopUp>> {
    let mut statement = db.prepare(
        "select a.payer_id, a.public_id, substr(c.day, 1, 7), sum(c.amount)
         from charge c join account a on a.id = c.account_id
         group by a.id, substr(c.day, 1, 7) having sum(c.amount) > 0 order by a.id, 3",
    )?;
    let rows = statement.query_map([], |row| {
        Ok((
            row.get::<_, PersonId>(0)?,
            row.get::<_, PublicId>(1)?,
            row.get::<_, String>(2)?,
            row.get::<_, Cents>(3)?,
        ))
    })?;
    let mut plan = Vec::new();
    for row in rows {
        let (payer, account, month, cost) = row?;
        // One in twelve forgets a month; the next top-up does not make up for it.
        if rng.u8(..) < 21 {
            continue;
        }
        let Ok(first) = format!("{month}-01").parse::<Date>() else {
            continue;
        };
        let day = first.saturating_add(rng.i64(1..26).days());
        let hour = Time::constant(rng.i8(8..23), rng.i8(0..60), rng.i8(0..60), 0);
        let at = Instant::from_rome(day.to_datetime(hour));
        if at < now {
            let tens = (cost.0 + 999) / 1000 + i64::from(rng.u8(..) < 60);
            plan.push(TopUp {
                payer,
                account,
                amount: Cents(tens.max(5) * 1000),
                at,
            });
        }
    }
    plan.sort_by_key(|top_up| top_up.at);
    Ok(plan)
}

fn pay(app: &Arc<App>, rng: &mut Rng, top_up: &TopUp) -> Result<()> {
    let (psp, method) = WAYS[match rng.u8(..) {
        0..=130 => 0,
        131..=190 => 1,
        191..=245 => 2,
        _ => 3,
    }];
    let TopUp {
        payer,
        account,
        amount,
        at,
    } = TopUp {
        payer: top_up.payer,
        account: top_up.account.clone(),
        ..*top_up
    };
    let number = app.store.write(Urgency::Background, move |tx| {
        let notice = notices::create(tx, &Actor::Citizen(payer), &account, amount, None, at)?;
        Ok(notice.notice_number.to_string())
    })?;
    // The notice reaches the platform before it can be paid there.
    tick(app)?;
    app.store.write(Urgency::Background, move |tx| {
        let creditor = municipality::municipality(tx)?.fiscal_code;
        let by = PaidBy {
            psp,
            method,
            receipt_later: false,
        };
        sandbox::pay_at_psp(tx, &number, creditor.as_str(), &by, at)?;
        Ok(())
    })?;
    // The receipt of that moment: the server's own polling looks at the present only.
    for receipt in Sandbox::open(&app.store)?.poll_receipts(at, at)? {
        app.store.write(Urgency::Background, move |tx| {
            receipts::receive(tx, &receipt, at)
        })?;
    }
    Ok(())
}
