//! The days of the demo: what families cancelled and what schools marked.

use fastrand::Rng;
use jiff::civil::{Date, Time};
use rusqlite::Transaction;

use crate::attendance::{self, ClassOfDay, Sent};
use crate::base::{Actor, Instant, PublicId, Result};
use crate::enrolments;
use crate::municipality::Service;

fn at(day: Date, hour: i8, minute: i8) -> Instant {
    Instant::from_rome(day.to_datetime(Time::constant(hour, minute, 0, 0)))
}

/// A day of a service: one child in thirty is cancelled before the cut-off, one in thirty stays
/// away without a word, and every class sends its register.
pub(super) fn play(
    tx: &Transaction<'_>,
    rng: &mut Rng,
    service: &Service,
    day: Date,
) -> Result<()> {
    let school = Actor::System("demo");
    for row in attendance::classes_of_day(tx, &school, service, day)? {
        let present = cancel_some(tx, rng, service, &row, day)?;
        let when = at(day, 9, rng.i8(5..28));
        attendance::save_register(
            tx,
            &school,
            (&row.class, service, day),
            &Sent {
                present: &present,
                drawn_from: None,
                locked: false,
            },
            when,
        )?;
    }
    Ok(())
}

/// Who is there: everybody but those who cancelled or stay away.
fn cancel_some(
    tx: &Transaction<'_>,
    rng: &mut Rng,
    service: &Service,
    row: &ClassOfDay,
    day: Date,
) -> Result<Vec<PublicId>> {
    let mut present = Vec::new();
    for enrolment in enrolments::of_class(tx, row.class.id, service.id, day)? {
        match rng.u8(..) {
            0..=8 => {
                let said = attendance::cut_off(service, day).plus_millis(-rng.i64(1..90) * 60_000);
                let parent = Actor::Citizen(enrolment.payer_id);
                attendance::cancel(tx, &parent, &enrolment, service, &[day], said)?;
            }
            9..=16 => {}
            _ => present.push(enrolment.public_id),
        }
    }
    Ok(present)
}
