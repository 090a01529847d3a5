//! The payments of the demo: families top up their accounts, most of them in time, through the
//! sandbox's own platform, so that every credit comes from a receipt.

use std::sync::Arc;

use fastrand::Rng;
use jiff::ToSpan;
use jiff::civil::{Date, Time};
use rusqlite::Connection;

use crate::app::App;
use crate::base::{Actor, Cents, Instant, PersonId, PublicId, Result};
use crate::payments::sandbox::PaidBy;
use crate::processes::payments::play_payment;
use crate::store::Urgency;

/// What a family pays on a day into one of its accounts.
struct TopUp {
    payer: PersonId,
    account: PublicId,
    amount: Cents,
    at: Instant,
}

/// So many payments share a commit.
const TOGETHER: usize = 100;

const WAYS: &[(&str, &str)] = &[
    ("Banca di Prova S.p.A.", "creditCard"),
    ("Poste Simulate S.p.A.", "postalAccount"),
    ("Banca di Prova S.p.A.", "bankTransfer"),
    ("Tabacchi Convenzionati", "cash"),
];

/// Plans and pays; some families are late.
pub(super) fn play(app: &Arc<App>, rng: &mut Rng, now: Instant) -> Result<()> {
    let plan = app.store.read(|db| plan(db, rng, now))?;
    let ways: Vec<PaidBy> = plan.iter().map(|_| way(rng)).collect();
    let mut all = plan.into_iter().zip(ways).peekable();
    // Thousands of payments, some dozens of commits.
    while all.peek().is_some() {
        let round: Vec<(TopUp, PaidBy)> = all.by_ref().take(TOGETHER).collect();
        app.store.write(Urgency::Background, move |tx| {
            for (top_up, by) in &round {
                let actor = Actor::Citizen(top_up.payer);
                play_payment(tx, &actor, &top_up.account, top_up.amount, by, top_up.at)?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

pub(super) fn way(rng: &mut Rng) -> PaidBy {
    let (psp, method) = WAYS[match rng.u8(..) {
        0..=130 => 0,
        131..=190 => 1,
        191..=245 => 2,
        _ => 3,
    }];
    PaidBy {
        psp,
        method,
        receipt_later: false,
    }
}

/// At the beginning of each month about what the month before cost, in tens of euros.
fn plan(db: &Connection, rng: &mut Rng, now: Instant) -> Result<Vec<TopUp>> {
    let mut statement = db.prepare(
        "select a.payer_id, a.public_id, substr(c.day, 1, 7), sum(c.amount)
         from charge c join account a on a.id = c.account_id where c.bill_line_id is null
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
