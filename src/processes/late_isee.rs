//! Differences of late ISEEs that the comune lets the program bill by itself (docs/isee.md).

use crate::base::{Actor, Date, Error, Instant, PersonId, Result, ServiceId, today};
use crate::billing::{self, Kind, LateIsee, NewRun, Run, RunState};
use crate::jobs;
use crate::store::{Store, Urgency};
use crate::{isee, municipality};

/// Who bills them.
const ACTOR: Actor = Actor::System("late-isee");
/// So many children in one run.
const CHILDREN: usize = 20;
/// So many late ISEEs are priced in one round; the rest is another's.
const LOOKED_AT: usize = 60;

/// Makes and publishes the differences of some children whose ISEE came late, if the comune's rule says
/// so and nobody has a run open. Says whether it did: there may be more then.
///
/// # Errors
/// The database's own failure.
pub fn post(store: &Store, now: Instant) -> Result<bool> {
    let day = today(now);
    let (_, policy) = store.read(|db| isee::policy_on(db, day))?;
    let Some(days) = policy.post_late else {
        return Ok(false);
    };
    let due = day.saturating_add(jiff::Span::new().days(days));
    if let Some(open) = store.read(billing::open_run)? {
        // One of its own that was cut goes on; a clerk's is waited for.
        return match open.kind == Kind::Children && open.state == RunState::Draft {
            true => publish(store, &open, due, now),
            false => Ok(false),
        };
    }
    let Some(new) = store.read(|db| next(db, day))? else {
        return Ok(false);
    };
    let (run, job) = store.write(Urgency::Background, move |tx| {
        billing::start_draft(tx, &ACTOR, &new, now)
    })?;
    jobs::run(store, job.id, &billing::draft_step, || now, |_| {})?;
    let run = store.read(|db| billing::run(db, &run.public_id))?;
    publish(store, &run, due, now)
}

fn publish(store: &Store, run: &Run, due: Date, now: Instant) -> Result<bool> {
    let id = run.public_id.clone();
    if run.lines == run.faults {
        store.write(Urgency::Background, move |tx| {
            billing::discard(tx, &ACTOR, &id, now)
        })?;
        return Ok(false);
    }
    let job = store.write(Urgency::Background, move |tx| {
        billing::start_publish(tx, &ACTOR, &id, due, true, now)
    })?;
    jobs::run(store, job.id, &billing::publish_step, || now, |_| {})?;
    Ok(true)
}

/// The next run: children of one service whose days lie in the same months, all of them over.
fn next(db: &rusqlite::Connection, day: Date) -> Result<Option<NewRun>> {
    let late = billing::late_isees(db, day)?;
    let over = |one: &LateIsee| one.to.last_of_month() < day;
    let could: Vec<LateIsee> = late.into_iter().filter(over).take(LOOKED_AT).collect();
    type Months = (ServiceId, Date, Date);
    let months = |one: &LateIsee| -> Months {
        let (from, to) = (one.from.first_of_month(), one.to.last_of_month());
        (one.service_id, from, to)
    };
    let mut chosen: Option<(Months, Vec<PersonId>)> = None;
    for one in billing::late_differences(db, &could)? {
        // Without a price a clerk looks at it.
        if one.difference.is_none() {
            continue;
        }
        match &mut chosen {
            Some((of, children)) if *of == months(&one) && children.len() < CHILDREN => {
                children.push(one.person);
            }
            Some(_) => {}
            None if may_be_posted(db, months(&one))? => {
                chosen = Some((months(&one), vec![one.person]));
            }
            None => {}
        }
    }
    Ok(chosen.map(|((service, from, to), children)| NewRun {
        kind: Kind::Children,
        children: Some(children),
        include_held: true,
        ..NewRun::period((from, to), Some(service))
    }))
}

/// Postpaid months must have been billed whole.
fn may_be_posted(
    db: &rusqlite::Connection,
    (service, from, to): (ServiceId, Date, Date),
) -> Result<bool> {
    if municipality::service(db, service)?.prepaid {
        return Ok(true);
    }
    let mut first = from;
    while first <= to {
        if !billing::billed_whole(db, service, first)? {
            return Ok(false);
        }
        first = first.last_of_month().tomorrow().map_err(Error::internal)?;
    }
    Ok(true)
}
