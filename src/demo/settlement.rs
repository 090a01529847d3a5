//! The last weeks of the demo's payments are settled: flows of the pretended providers, transfers to the
//! treasury, nearly all of them as they should be.

use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::Date;
use rusqlite::Transaction;

use crate::app::App;
use crate::base::{Cents, Instant, Result, today};
use crate::payments::flows::RowOutcome;
use crate::payments::sandbox_flows::{self, Mangling, Transfer};
use crate::processes::payments::publish_waiting;
use crate::settlement::{self, NewTreasuryLine};
use crate::store::Urgency;

/// So many days are settled.
const DAYS: i64 = 35;

/// Settles what was paid in the last weeks but two days.
pub(super) fn play(app: &Arc<App>, now: Instant) -> Result<()> {
    let last = today(now).saturating_sub(3.days());
    app.store
        .write(Urgency::Background, move |tx| publish_waiting(tx, now))?;
    for back in (0..DAYS).rev() {
        let day = last.saturating_sub(back.days());
        // One payment was revoked, one came without a receipt.
        let first = match back {
            20 => RowOutcome::Revoked,
            4 => RowOutcome::WithoutReceipt,
            9 => RowOutcome::StandIn,
            _ => RowOutcome::Executed,
        };
        app.store.write(Urgency::Background, move |tx| {
            sandbox_flows::settle_day(tx, day, first, now)
        })?;
    }
    let mut flows = app.store.read(|db| sandbox_flows::newest(db, 10_000))?;
    flows.reverse();
    // Of what was revoked altogether nothing is transferred.
    let mut back = flows.iter().filter(|f| f.total.is_positive()).count();
    app.store.write(Urgency::Background, move |tx| {
        for flow in flows {
            settlement::apply(tx, &flow, "gateway", now)?;
            if flow.total.is_positive() {
                transfer(tx, &flow.id, back, now)?;
                back -= 1;
            }
        }
        other_takings(tx, last, now)
    })
}

/// The transfer of a flow, `back` flows before the newest: what banks do to it.
fn transfer(tx: &Transaction<'_>, flow_id: &str, back: usize, now: Instant) -> Result<()> {
    let (mangling, difference) = match back {
        // The newest ones are under way; one of old never came.
        0..=2 | 31 => return Ok(()),
        12 => (Mangling::Cut, 0),
        17 => (Mangling::None, -10),
        n if n % 3 == 0 => (Mangling::Marks, 0),
        n if n % 7 == 0 => (Mangling::Broken, 0),
        _ => (Mangling::None, 0),
    };
    let transfer = sandbox_flows::transfer(tx, flow_id, mangling, Cents(difference))?;
    settlement::record(tx, &line_of(transfer), now)?;
    Ok(())
}

/// The transfer as the treasurer tells it.
pub(crate) fn line_of(transfer: Transfer) -> NewTreasuryLine {
    NewTreasuryLine {
        exercise: transfer.day.year(),
        account: "1".to_owned(),
        raw: format!("{}|{}", transfer.number, transfer.causale),
        number: transfer.number,
        day: transfer.day,
        amount: transfer.amount,
        causale: transfer.causale,
        payer: transfer.payer,
    }
}

/// A treasurer's journal has more than pagoPA in it.
fn other_takings(tx: &Transaction<'_>, last: Date, now: Instant) -> Result<()> {
    for (number, back, amount, causale) in [
        (
            "9001",
            3,
            1_250_000,
            "Contributo regionale 0-6 anni, seconda rata",
        ),
        ("9002", 8, 48_000, "Diritti di segreteria ottobre"),
    ] {
        let line = NewTreasuryLine {
            exercise: last.year(),
            account: "1".to_owned(),
            number: number.to_owned(),
            day: last.saturating_sub(i64::from(back).days()),
            amount: Cents(amount),
            causale: causale.to_owned(),
            payer: String::new(),
            raw: causale.to_owned(),
        };
        settlement::record(tx, &line, now)?;
    }
    Ok(())
}
