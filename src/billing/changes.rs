//! What changed after a draft was begun: its lines don't know of it.

use rusqlite::{Connection, Transaction};

use super::runs::{self, Kind, NewRun, Run, RunState};
use crate::base::{Actor, Error, Instant, PublicId, Result, Text, day_of};
use crate::jobs::{self, Job};
use crate::{attendance, calendar, enrolments, isee, people, tariffs};

/// What a draft may be older than.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// A tariff.
    Tariffs,
    /// An ISEE of the period.
    Isees,
    /// What schools and families said of its days.
    Days,
    /// A closure in it.
    Closures,
    /// What the office records because tariffs ask for it.
    Facts,
    /// Who lives in the comune, and since when.
    Residences,
    /// An enrolment.
    Enrolments,
}

/// What was recorded after a draft was begun and its lines may depend on; nothing once it is
/// published.
///
/// # Errors
/// The database's own failure.
pub fn changed_since(db: &Connection, run: &Run) -> Result<Vec<Changed>> {
    if !matches!(run.state, RunState::Drafting | RunState::Draft) {
        return Ok(Vec::new());
    }
    let (period, since) = ((run.from, run.to), run.created_at);
    let all = [
        (
            Changed::Tariffs,
            tariffs::published_since(db, run.service_id, run.to, since)?,
        ),
        (Changed::Isees, isee::recorded_since(db, period, since)?),
        (
            Changed::Days,
            attendance::recorded_since(db, period, since)?,
        ),
        (
            Changed::Closures,
            calendar::recorded_since(db, period, since)?,
        ),
        (Changed::Facts, enrolments::fact_recorded_since(db, since)?),
        (
            Changed::Residences,
            people::residence_changed_since(db, since)?,
        ),
        (Changed::Enrolments, enrolments::enrolled_since(db, since)?),
    ];
    let changed = all.into_iter().filter(|(_, changed)| *changed);
    Ok(changed.map(|(what, _)| what).collect())
}

/// Throws a draft away and makes it again, as it was asked for.
///
/// # Errors
/// Those of [`runs::discard`] and of a new draft.
pub fn draft_again(
    tx: &Transaction<'_>,
    actor: &Actor,
    id: &PublicId,
    now: Instant,
) -> Result<(Run, Job)> {
    let run = runs::run(tx, id)?;
    if run.kind == Kind::Reversal {
        return Err(Error::conflict(Text::new("error-bill-run-not-draft")));
    }
    let holds = super::held_until(tx, day_of(run.created_at))?.is_some();
    let held = match run.job {
        Some(job) => jobs::job(tx, job)?.params[super::draft::HELD_UNTIL].is_string(),
        None => holds,
    };
    runs::discard(tx, actor, id, now)?;
    let new = NewRun {
        include_held: holds && !held,
        kind: run.kind,
        children: run.children,
        ..NewRun::period((run.from, run.to), run.service_id)
    };
    super::start_draft(tx, actor, &new, now)
}
