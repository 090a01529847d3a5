//! Days on which a child is enrolled and not expected. Who decides that, and why, stands above: the days
//! only know that they are no days of service for this child.

use std::collections::BTreeMap;

use rusqlite::{Connection, Transaction};

use crate::base::{Date, EnrolmentId, Error, InterruptionId, Result, Text};

/// The interruptions of some enrolments that touch a stretch of days.
#[derive(Clone, Debug, Default)]
pub struct Interruptions(BTreeMap<EnrolmentId, Vec<(Date, Option<Date>)>>);

impl Interruptions {
    /// Whether an enrolment is interrupted on a day of the stretch.
    pub fn on(&self, enrolment: EnrolmentId, day: Date) -> bool {
        let of_enrolment = self.0.get(&enrolment).map_or(&[][..], Vec::as_slice);
        let holds = |(from, until): &(Date, Option<Date>)| {
            *from <= day && until.is_none_or(|until| day < until)
        };
        of_enrolment.iter().any(holds)
    }
}

/// Interrupts an enrolment from a day on, until [`resume`] says when it goes on.
///
/// # Errors
/// A conflict where it is interrupted, or going to be, already.
pub fn interrupt(
    tx: &Transaction<'_>,
    enrolment: EnrolmentId,
    from: Date,
) -> Result<InterruptionId> {
    let rows = tx
        .prepare_cached(
            "insert into interruption (enrolment_id, from_day) values (?1, ?2)
             on conflict (enrolment_id) where until_day is null do nothing",
        )?
        .execute((enrolment, from))?;
    match rows {
        0 => Err(Error::conflict(Text::new("error-interrupted-already"))),
        _ => Ok(InterruptionId(tx.last_insert_rowid())),
    }
}

/// Ends an interruption: from this day on the child is expected again.
///
/// # Errors
/// A conflict where it has ended already.
pub fn resume(tx: &Transaction<'_>, id: InterruptionId, until: Date) -> Result<()> {
    let rows = tx
        .prepare_cached(
            "update interruption set until_day = ?2 where id = ?1 and until_day is null",
        )?
        .execute((id, until))?;
    match rows {
        0 => Err(Error::conflict(Text::new("error-interrupted-no-more"))),
        _ => Ok(()),
    }
}

/// The interruptions of some enrolments that touch the days between two, both included.
///
/// # Errors
/// The database's own failure.
pub fn interruptions(
    db: &Connection,
    enrolments: &[EnrolmentId],
    (from, to): (Date, Date),
) -> Result<Interruptions> {
    let sql = "select i.enrolment_id, i.from_day, i.until_day from json_each(?1) j
               cross join interruption i on i.enrolment_id = j.value
               where i.from_day <= ?3 and coalesce(i.until_day, '9999-12-31') > ?2";
    let enrolments = serde_json::to_string(enrolments).map_err(Error::internal)?;
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query((enrolments, from, to))?;
    let mut found = Interruptions::default();
    while let Some(row) = rows.next()? {
        let days = found.0.entry(row.get(0)?).or_default();
        days.push((row.get(1)?, row.get(2)?));
    }
    Ok(found)
}
