//! Cancelling days: by a family on its own pages, or by the office for a family on the phone. Both
//! go the same way, by the same rule; the office's way leaves a trace and tells the family.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::ToSpan;
use rusqlite::{Connection, Transaction};
use serde_json::json;

use crate::attendance::{self, Cancelled, Choice};
use crate::base::{
    Actor, Date, Error, Instant, PersonId, PublicId, Result, StaffActor, Text, date_long_it, today,
};
use crate::charging;
use crate::enrolments::{self, Enrolment};
use crate::messages;
use crate::municipality::{self, Service};
use crate::store::{self, AuditEvent};

/// The longest stretch that is cancelled at once, in days.
const LONGEST: i64 = 92;

/// An enrolment's days that are to be cancelled.
pub type Wanted = (PublicId, Vec<Date>);

/// An enrolment of a family, with its next days.
pub struct Bookable {
    /// The enrolment.
    pub enrolment: Enrolment,
    /// Its service.
    pub service: Service,
    /// The next days that are booked.
    pub next: Vec<Choice>,
    /// The next days that are cancelled.
    pub cancelled: Vec<Choice>,
    /// Today counts no more: it is closed, or is being closed.
    pub today_locked: bool,
}

/// The day-by-day enrolments of the actor's family that hold now or later, with their services.
fn booked(db: &Connection, actor: &Actor, today: Date) -> Result<Vec<(Enrolment, Service)>> {
    let all = enrolments::of_family(db, actor, today)?;
    all.into_iter()
        .filter(|e| e.to.is_none_or(|to| to >= today) && e.kind != "transport")
        .map(|e| Ok((municipality::service(db, e.service_id)?, e)))
        .map(|pair| pair.map(|(service, enrolment)| (enrolment, service)))
        .collect()
}

/// What the actor's family can cancel, at most so many days of each enrolment, and what it has.
///
/// # Errors
/// The database's own failure.
pub fn bookable(
    db: &Connection,
    actor: &Actor,
    offered: usize,
    now: Instant,
) -> Result<Vec<Bookable>> {
    let each = |(enrolment, service): (Enrolment, Service)| {
        let choices = attendance::bookable_days(db, &enrolment, &service, now, usize::MAX)?;
        let (cancelled, free): (Vec<_>, Vec<_>) =
            choices.into_iter().partition(|c| c.cancelled.is_some());
        Ok(Bookable {
            today_locked: charging::is_locked(db, &service, today(now))?,
            next: free.into_iter().take(offered).collect(),
            enrolment,
            service,
            cancelled,
        })
    };
    let enrolled = booked(db, actor, today(now))?;
    enrolled.into_iter().map(each).collect()
}

/// Ticked days, as the boxes of a form name them: `enrolment:day`.
///
/// # Errors
/// A field error when nothing is ticked; `NotFound` for a value that no box of ours has.
pub fn ticked<'a>(boxes: impl Iterator<Item = &'a str>) -> Result<Vec<Wanted>> {
    let mut wanted: BTreeMap<PublicId, Vec<Date>> = BTreeMap::new();
    for value in boxes {
        let (enrolment, day) = value.split_once(':').ok_or(Error::NotFound)?;
        let enrolment = enrolment.parse().map_err(|()| Error::NotFound)?;
        let day = day.parse().map_err(|_| Error::NotFound)?;
        wanted.entry(enrolment).or_default().push(day);
    }
    if wanted.is_empty() {
        return Err(Error::field("day", Text::new("error-cancel-choose")));
    }
    Ok(wanted.into_iter().collect())
}

/// The days from one to another.
///
/// # Errors
/// A field error `to` when they are the wrong way round or too many.
pub fn stretch(from: Date, to: Date) -> Result<Vec<Date>> {
    if from > to || to > from.saturating_add(LONGEST.days()) {
        return Err(Error::field("to", Text::new("error-cancel-range")));
    }
    Ok(from.series(1.day()).take_while(|day| *day <= to).collect())
}

/// A cancelled day, and whose.
pub struct CancelledDay {
    /// The enrolment.
    pub enrolment: Enrolment,
    /// The proof. A day that was cancelled before keeps its first one.
    pub cancelled: Cancelled,
}

/// Cancels days of the actor's family. Of several children and days, it is enough that there is
/// something to cancel. Once a day's closing has begun, whoever was not cancelled is charged.
///
/// # Errors
/// `NotFound` for somebody else's child; a field error `day` when nothing is left to cancel, or a
/// day is past or too far ahead.
pub fn cancel_days(
    tx: &Transaction<'_>,
    actor: &Actor,
    wanted: &[Wanted],
    now: Instant,
) -> Result<Vec<CancelledDay>> {
    let today = today(now);
    let mut done = Vec::new();
    let mut counted = false;
    for (id, days) in wanted {
        let enrolment = enrolments::of_family_by_id(tx, actor, id, today)?;
        let service = municipality::service(tx, enrolment.service_id)?;
        let locked = charging::is_locked(tx, &service, today)?;
        let asked = days.iter().copied();
        let (gone, days): (Vec<_>, Vec<_>) = asked.partition(|day| locked && *day == today);
        counted |= !gone.is_empty();
        if days.is_empty() {
            continue;
        }
        let cancelled = attendance::cancel(tx, actor, &enrolment, &service, &days, now)?;
        done.extend(cancelled.into_iter().map(|cancelled| CancelledDay {
            enrolment: enrolment.clone(),
            cancelled,
        }));
    }
    match (done.is_empty(), counted, actor.staff()) {
        (false, _, _) => Ok(done),
        (true, false, _) => Err(Error::field("day", Text::new("error-cancel-nothing"))),
        (true, true, None) => Err(Error::field("day", Text::new("error-cancel-day-closed"))),
        (true, true, Some(_)) => Err(Error::field("day", Text::new("error-desk-day-closed"))),
    }
}

/// Cancels days for a family that asks the office for it: by the family's own rule, with an entry
/// in the audit log and a message to the family. `reason` says who asked, and may be empty.
///
/// # Errors
/// As [`cancel_days`]; also when all the days were cancelled before.
pub fn cancel_on_behalf(
    tx: &Transaction<'_>,
    staff: &StaffActor,
    family: PersonId,
    wanted: &[Wanted],
    reason: &str,
    now: Instant,
) -> Result<Vec<CancelledDay>> {
    let desk = Actor::Desk {
        staff: staff.clone(),
        on_behalf_of: family,
    };
    let mut done = cancel_days(tx, &desk, wanted, now)?;
    // What was said before was not said by the office now.
    done.retain(|day| day.cancelled.at == now);
    if done.is_empty() {
        return Err(Error::field("day", Text::new("error-desk-already")));
    }
    done.sort_by(|a, b| {
        let key = |d: &CancelledDay| (d.cancelled.day, d.cancelled.number.clone());
        key(a).cmp(&key(b))
    });
    messages::write_message(tx, &desk, family, &told(&done, reason), now)?;
    let days = done.iter().map(|day| {
        json!({
            "enrolment": day.enrolment.public_id, "day": day.cancelled.day,
            "number": day.cancelled.number, "late": day.cancelled.late,
        })
    });
    let event = AuditEvent {
        action: "cancel-on-behalf",
        subject: "person",
        subject_id: Some(family.0),
        payload: json!({ "days": days.collect::<Vec<_>>(), "reason": reason }),
    };
    store::audit(tx, &desk, now, &event)?;
    Ok(done)
}

/// What the family reads.
fn told(done: &[CancelledDay], reason: &str) -> String {
    let mut body = "L’ufficio ha disdetto per te questi giorni:".to_owned();
    for CancelledDay {
        enrolment,
        cancelled,
    } in done
    {
        let late = if cancelled.late {
            " (dopo l’orario)"
        } else {
            ""
        };
        let day = date_long_it(cancelled.day);
        let _ = write!(
            body,
            "\n\n{}, {}: {day}{late}. Ricevuta {}.",
            enrolment.child_name, enrolment.service, cancelled.number
        );
    }
    if !reason.is_empty() {
        let _ = write!(body, "\n\nRichiesta: {reason}");
    }
    body.push_str("\n\nSe non l’hai chiesto tu, rispondi a questo messaggio.");
    body
}
