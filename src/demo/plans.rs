//! Debts in instalments of the demo: one family waits for the answer, another has paid its first one.

use std::sync::Arc;

use rusqlite::Transaction;

use super::payments::way;
use crate::app::App;
use crate::assets::Assets;
use crate::base::{Actor, Error, Instant, PersonId, Result, StaffActor, today};
use crate::payments::notices;
use crate::plans;
use crate::processes::payments::{pay_notice, publish_waiting};
use crate::processes::plans::{accept, ask, offer, rule};
use crate::refunds::{self, PolicyKind};
use crate::store::Urgency;

const DAY: i64 = 86_400_000;
const NUMBER: u16 = 3;

/// The comune's rule of reminders, and the plans.
pub(super) fn play(app: &Arc<App>, seed: u64, clerk: &StaffActor, now: Instant) -> Result<()> {
    let (theirs, clerk) = (Arc::clone(app), Actor::Staff(clerk.clone()));
    app.store.write(Urgency::Background, move |tx| {
        let source = Assets::text("demo/solleciti.toml").unwrap_or_default();
        refunds::publish(tx, &clerk, PolicyKind::Dunning, &source, now)?;
        let (earlier, since) = (now.plus_millis(-6 * DAY), now.plus_millis(-4 * DAY));
        let mut payers = who_may(tx, now)?.into_iter();
        if let Some(payer) = payers.next() {
            let (parent, note) = (Actor::Citizen(payer), "");
            let id = ask(tx, &theirs.key, &parent, NUMBER, note, earlier)?;
            let rule = rule(tx)?.ok_or(Error::NotFound)?;
            let first = rule.first_due(today(since));
            let total = offer(tx, &rule, payer, today(since))?.total;
            accept(tx, &clerk, &id, (NUMBER, first), total, since)?;
            publish_waiting(tx, since)?;
            let first = plans::instalments(tx, &plans::plan(tx, &id)?)?;
            if let Some(one) = first.first() {
                let notice = notices::notice(tx, one.notice_id)?;
                let mut rng = fastrand::Rng::with_seed(seed);
                pay_notice(tx, &notice, &way(&mut rng), now.plus_millis(-DAY))?;
            }
        }
        if let Some(payer) = payers.next() {
            let note = "Da settembre lavora solo uno di noi due: possiamo pagare un po’ al mese.";
            let parent = Actor::Citizen(payer);
            ask(
                tx,
                &theirs.key,
                &parent,
                NUMBER,
                note,
                now.plus_millis(-DAY),
            )?;
        }
        Ok(())
    })
}

/// Who owes enough for it, in the order in which they began to owe.
fn who_may(tx: &Transaction<'_>, now: Instant) -> Result<Vec<PersonId>> {
    let rule = rule(tx)?.ok_or(Error::NotFound)?;
    let mut payers: Vec<PersonId> = Vec::new();
    for debtor in refunds::debtors(tx, today(now))? {
        let payer = debtor.payer_id;
        // Also four days ago, when the office decides.
        let total = offer(tx, &rule, payer, today(now.plus_millis(-4 * DAY)))?.total;
        let may = rule.choices(total).is_ok_and(|c| c.contains(&NUMBER));
        if may && !payers.contains(&payer) {
            payers.push(payer);
        }
    }
    Ok(payers)
}
