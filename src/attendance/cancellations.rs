//! What families say: cancellations, each with a time-stamped receipt number, and the meal that is
//! wanted again.

use std::collections::BTreeMap;

use jiff::ToSpan;
use rusqlite::{Connection, OptionalExtension, Transaction};
use serde::Serialize;

use super::facts::cancellations_of;
use super::rule::{Family, cut_off};
use crate::base::{
    Actor, ClassId, Date, EnrolmentId, Error, Instant, Result, ServiceId, Text, today,
};
use crate::calendar::{Calendar, Runs};
use crate::enrolments::{self, Enrolment};
use crate::municipality::Service;
use crate::store;

/// A cancelled day, with its proof.
#[derive(Clone, Debug, Serialize)]
pub struct Cancelled {
    /// The day.
    pub day: Date,
    /// `P-2026-000123`.
    pub number: String,
    /// When it was said.
    pub at: Instant,
    /// After the cut-off: it is kept and shown, and does not free from the charge by itself.
    pub late: bool,
    /// The office said it, on behalf of the family.
    pub by_office: bool,
}

/// A day that a family may cancel or has cancelled.
#[derive(Clone, Debug, Serialize)]
pub struct Choice {
    /// The day.
    pub day: Date,
    /// Until when it can be cancelled.
    pub cut_off: Instant,
    /// The cut-off is past.
    pub late: bool,
    /// It is cancelled already.
    pub cancelled: Option<Cancelled>,
}

/// The newest word of a family on a day.
pub(super) fn newest(
    db: &Connection,
    enrolment: EnrolmentId,
    day: Date,
) -> Result<Option<(bool, Cancelled)>> {
    let sql = "select restored, receipt_number, at, late, staff_id is not null from cancellation
               where enrolment_id = ?1 and day = ?2 order by id desc limit 1";
    let found = db.prepare_cached(sql)?.query_row((enrolment, day), |row| {
        let cancelled = Cancelled {
            day,
            number: row.get(1)?,
            at: row.get(2)?,
            late: row.get(3)?,
            by_office: row.get(4)?,
        };
        Ok((row.get(0)?, cancelled))
    });
    Ok(found.optional()?)
}

/// Who of a class is cancelled on a day.
pub(super) fn cancelled_in_class(
    db: &Connection,
    class: ClassId,
    service: ServiceId,
    day: Date,
) -> Result<BTreeMap<EnrolmentId, Cancelled>> {
    let mut statement = db.prepare_cached(
        "select enrolment_id, restored, receipt_number, at, late, staff_id is not null from cancellation
         where day = ?3 and enrolment_id in
           (select id from enrolment where class_id = ?1 and service_id = ?2)
         order by id",
    )?;
    let mut rows = statement.query((class, service, day))?;
    let mut cancelled = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let enrolment = row.get(0)?;
        // The newest word holds.
        if row.get(1)? {
            cancelled.remove(&enrolment);
        } else {
            let said = Cancelled {
                day,
                number: row.get(2)?,
                at: row.get(3)?,
                late: row.get(4)?,
                by_office: row.get(5)?,
            };
            cancelled.insert(enrolment, said);
        }
    }
    Ok(cancelled)
}

impl Cancelled {
    /// How the rule sees it.
    pub(super) fn family(&self) -> Family {
        if self.late {
            Family::Late
        } else {
            Family::Cancelled
        }
    }
}

/// The next days on which the enrolment is booked, up to the service's limit ahead, with what was
/// said of them.
///
/// # Errors
/// The database's own failure.
pub fn bookable_days(
    db: &Connection,
    enrolment: &Enrolment,
    service: &Service,
    now: Instant,
    limit: usize,
) -> Result<Vec<Choice>> {
    let (first, last) = (
        today(now),
        today(now).saturating_add(service.cancel_ahead_days.days()),
    );
    let calendar = Calendar::load(db, service, first, last)?;
    let days = first.series(1.day()).take_while(|day| *day <= last);
    let interrupted = enrolments::interruptions(db, &[enrolment.id], (first, last))?;
    let booked = days.filter(|day| {
        enrolment.holds_on(*day)
            && calendar.runs(enrolment.school_id, *day).is_yes()
            && !interrupted.on(enrolment.id, *day)
    });
    let mut said = cancellations_of(db, enrolment.id, first, last)?;
    let choice = |day| Choice {
        day,
        cut_off: cut_off(service, day),
        late: now > cut_off(service, day),
        cancelled: said.remove(&day),
    };
    Ok(booked.take(limit).map(choice).collect())
}

/// Cancels days of an enrolment. A day that is cancelled already keeps its first receipt; days on
/// which there is nothing to cancel are left out.
///
/// # Errors
/// A refusal for days that are past or too far ahead.
pub fn cancel(
    tx: &Transaction<'_>,
    actor: &Actor,
    enrolment: &Enrolment,
    service: &Service,
    days: &[Date],
    now: Instant,
) -> Result<Vec<Cancelled>> {
    let (Some(first), Some(last)) = (days.iter().min(), days.iter().max()) else {
        return Err(Error::field("day", Text::new("error-cancel-choose")));
    };
    require_in_reach(service, *first, *last, now)?;
    let calendar = Calendar::load(tx, service, *first, *last)?;
    let mut cancelled = Vec::new();
    for day in days {
        let runs = calendar.runs(enrolment.school_id, *day);
        if runs != Runs::Yes || !enrolment.holds_on(*day) {
            continue;
        }
        cancelled.push(match newest(tx, enrolment.id, *day)? {
            Some((false, known)) => known,
            _ => record(tx, actor, enrolment, service, *day, false, now)?,
        });
    }
    Ok(cancelled)
}

fn require_in_reach(service: &Service, first: Date, last: Date, now: Instant) -> Result<()> {
    let today = today(now);
    if first < today {
        return Err(Error::field("day", Text::new("error-cancel-past")));
    }
    let farthest = today.saturating_add(service.cancel_ahead_days.days());
    if last > farthest {
        return Err(Error::field(
            "day",
            Text::new("error-cancel-too-far").with("last", farthest),
        ));
    }
    Ok(())
}

/// A cancellation of the family's children, as its receipt shows it.
#[derive(Clone, Debug, Serialize)]
pub struct Receipt {
    /// The proof.
    #[serde(flatten)]
    pub cancelled: Cancelled,
    /// Given name of the child.
    pub child: String,
    /// Name of the service.
    pub service: String,
    /// Its kind: `meals`, `nido` …
    pub kind: String,
}

/// The receipts with some numbers, as far as they are of children whose guardian the actor is.
///
/// # Errors
/// The database's own failure.
pub fn receipts(
    db: &Connection,
    actor: &Actor,
    numbers: &[&str],
    day: Date,
) -> Result<Vec<Receipt>> {
    let Some(adult) = actor.person() else {
        return Ok(Vec::new());
    };
    let mut statement = db.prepare_cached(
        "select c.day, c.receipt_number, c.at, c.late, c.staff_id is not null, p.name, s.name, s.kind
         from cancellation c join enrolment e on e.id = c.enrolment_id
         join person p on p.id = e.child_id join service s on s.id = e.service_id
         where c.receipt_number in (select value from json_each(?1)) and c.restored = 0
           and e.child_id in (select child_id from guardianship where adult_id = ?2
             and from_date <= ?3 and coalesce(to_date, '9999-12-31') >= ?3)
         order by c.day, p.name",
    )?;
    let numbers = serde_json::to_string(numbers).map_err(Error::internal)?;
    let rows = statement.query_map((numbers, adult, day), |row| {
        let cancelled = Cancelled {
            day: row.get(0)?,
            number: row.get(1)?,
            at: row.get(2)?,
            late: row.get(3)?,
            by_office: row.get(4)?,
        };
        Ok(Receipt {
            cancelled,
            child: row.get(5)?,
            service: row.get(6)?,
            kind: row.get(7)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Wants a cancelled day again, before the cut-off. A day that is wanted again already keeps its
/// first receipt.
///
/// # Errors
/// A refusal after the cut-off, or when the day was never cancelled.
pub fn restore(
    tx: &Transaction<'_>,
    actor: &Actor,
    enrolment: &Enrolment,
    service: &Service,
    day: Date,
    now: Instant,
) -> Result<Cancelled> {
    if now > cut_off(service, day) {
        return Err(Error::refused(
            Text::new("error-restore-late").with("day", day),
        ));
    }
    match newest(tx, enrolment.id, day)? {
        Some((false, _)) => record(tx, actor, enrolment, service, day, true, now),
        // The second click of a double one.
        Some((true, known)) => Ok(known),
        None => Err(Error::refused(
            Text::new("error-restore-nothing").with("day", day),
        )),
    }
}

fn record(
    tx: &Transaction<'_>,
    actor: &Actor,
    enrolment: &Enrolment,
    service: &Service,
    day: Date,
    restored: bool,
    now: Instant,
) -> Result<Cancelled> {
    let year = today(now).year();
    let n = store::next_number(tx, &format!("cancellations-{year}"), 1)?;
    let number = format!("P-{year}-{n:06}");
    let late = now > cut_off(service, day);
    tx.prepare_cached(
        "insert into cancellation (receipt_number, enrolment_id, day, restored, late, at, person_id, staff_id)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute((
        &number,
        enrolment.id,
        day,
        restored,
        late,
        now,
        actor.person(),
        actor.staff().map(|staff| staff.id),
    ))?;
    Ok(Cancelled {
        day,
        number,
        at: now,
        late,
        by_office: actor.staff().is_some(),
    })
}
