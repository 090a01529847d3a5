//! The days on which the demo's schools are shut: holidays of the school calendar, the patron saint.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use rusqlite::Transaction;

use crate::base::{Actor, Instant, Result, SchoolYear};
use crate::calendar::{self, NewClosure};

/// Closes everything on the school year's days off that are not national holidays.
pub(super) fn add(tx: &Transaction<'_>, year: SchoolYear, now: Instant) -> Result<()> {
    for (first, last, reason) in periods(year) {
        let days = first.series(1.day()).take_while(|day| *day <= last);
        for day in days.filter(|day| calendar::national_holiday(*day).is_none()) {
            let closure = NewClosure {
                service: None,
                school: None,
                day,
                reason,
            };
            calendar::add_closure(tx, &Actor::System("demo"), &closure, now)?;
        }
    }
    Ok(())
}

fn periods(year: SchoolYear) -> [(Date, Date, &'static str); 3] {
    let (autumn, spring) = (year.first_year(), year.first_year() + 1);
    let patron = date(autumn, 10, 15);
    let easter = calendar::easter(spring);
    [
        (patron, patron, "Festa del patrono"),
        (
            date(autumn, 12, 24),
            date(spring, 1, 5),
            "Vacanze di Natale",
        ),
        (
            easter.saturating_sub(3.days()),
            easter.saturating_add(2.days()),
            "Vacanze di Pasqua",
        ),
    ]
}
