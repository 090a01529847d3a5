//! The bills of the demo: the school bus is paid after each month, by most families in time.

use std::sync::Arc;

use fastrand::Rng;
use jiff::ToSpan;
use jiff::civil::Date;

use crate::app::App;
use crate::base::{Actor, Error, Instant, Result, day_of, today};
use crate::billing::{self, NewRun};
use crate::jobs;
use crate::municipality;
use crate::payments::notices::{self, NoticeState};
use crate::processes::payments::{pay_notice, publish_waiting};
use crate::store::Urgency;

use super::payments::way;

/// Publishes the months that are over, from the first of two school years, each on the fifth of the
/// month after.
pub(super) fn play(app: &Arc<App>, rng: &mut Rng, first: Date, now: Instant) -> Result<()> {
    let months = first.first_of_month().series(1.month());
    for month in months.take_while(|month| month.last_of_month() < today(now)) {
        let then = Instant::from_rome(
            month
                .last_of_month()
                .saturating_add(5.days())
                .at(9, 30, 0, 0),
        );
        // In July and August no bus runs.
        if then > now || matches!(month.month(), 7 | 8) {
            continue;
        }
        let mut rng = rng.fork();
        app.store.write(Urgency::Background, move |tx| {
            let clerk = Actor::System("demo");
            let bus = municipality::service_by_code(tx, "scuolabus")?;
            let days = (month, month.last_of_month());
            let new = NewRun::period(days, Some(bus.ok_or(Error::NotFound)?.id));
            let (run, job) = billing::start_draft(tx, &clerk, &new, then)?;
            jobs::run_within(tx, job.id, &billing::draft_step, then)?;
            if billing::totals(tx, &run)?.lines == 0 {
                return billing::discard(tx, &clerk, &run.public_id, then);
            }
            let due = day_of(then).last_of_month();
            let job = billing::start_publish(tx, &clerk, &run.public_id, due, true, then)?;
            jobs::run_within(tx, job.id, &billing::publish_step, then)?;
            publish_waiting(tx, then)?;
            let run = billing::run(tx, &run.public_id)?;
            for bill in billing::bills_of_run(tx, &run, u32::MAX, 0)? {
                let at = then.plus_millis(rng.i64(1..25 * 86_400_000));
                let forgotten = rng.u8(..) < 18;
                let Some(notice) = bill.notice.filter(|_| at < now && !forgotten) else {
                    continue;
                };
                let payer = Actor::Citizen(bill.payer_id);
                let notice = notices::notice_of_payer(tx, &payer, &notice)?;
                if notice.state == NoticeState::Open {
                    pay_notice(tx, &notice, &way(&mut rng), at)?;
                }
            }
            Ok(())
        })?;
    }
    Ok(())
}
