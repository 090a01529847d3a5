//! In which rhythm a service is billed: what proposes the next period, and binds nobody.

use std::fmt;
use std::str::FromStr;

use jiff::ToSpan;
use jiff::civil::date;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::{Deserialize, Serialize};

use crate::base::{Date, SchoolYear};

/// How often a service is billed. Written as `none`, `monthly`, `two-months`, `yearly`, or the first
/// days of the terms: `09-01 01-01 04-01`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Rhythm {
    /// The office chooses each period.
    #[default]
    None,
    /// Calendar months.
    Monthly,
    /// September and October, and so on.
    TwoMonths,
    /// School years.
    Yearly,
    /// Terms, by month and day of their first days; each lasts until the next one begins.
    Terms(Vec<(i8, i8)>),
}

impl Rhythm {
    /// The period that a day lies in, first and last day; none without a rhythm.
    pub fn period_with(&self, day: Date) -> Option<(Date, Date)> {
        let month = day.first_of_month();
        match self {
            Rhythm::None => None,
            Rhythm::Monthly => Some((month, day.last_of_month())),
            Rhythm::TwoMonths => {
                let first = match month.month() % 2 {
                    1 => month,
                    _ => month.saturating_sub(1.month()),
                };
                Some((first, first.saturating_add(1.month()).last_of_month()))
            }
            Rhythm::Yearly => {
                let year = SchoolYear::of(day);
                Some((year.starts_on(), year.ends_on()))
            }
            Rhythm::Terms(terms) => {
                let years = day.year() - 1..=day.year() + 1;
                let begin: Vec<Date> = years
                    .flat_map(|year| terms.iter().map(move |(m, d)| date(year, *m, *d)))
                    .collect();
                let first = begin.iter().filter(|first| **first <= day).max()?;
                let next = begin.iter().filter(|first| **first > day).min()?;
                Some((*first, next.saturating_sub(1.day())))
            }
        }
    }

    /// The next period after the last billed day; of a service that was never billed, the last one
    /// that is over.
    pub fn next(&self, billed_until: Option<Date>, today: Date) -> Option<(Date, Date)> {
        match billed_until {
            Some(last) => {
                let first = last.saturating_add(1.day());
                self.period_with(first).map(|(_, to)| (first, to))
            }
            None => {
                let (now, _) = self.period_with(today)?;
                self.period_with(now.saturating_sub(1.day()))
            }
        }
    }
}

/// What is no rhythm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotARhythm;

impl fmt::Display for NotARhythm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "write none, monthly, two-months, yearly, or the first days of at least two terms: 09-01 02-01",
        )
    }
}

impl FromStr for Rhythm {
    type Err = NotARhythm;

    fn from_str(text: &str) -> Result<Rhythm, NotARhythm> {
        match text {
            "" | "none" => return Ok(Rhythm::None),
            "monthly" => return Ok(Rhythm::Monthly),
            "two-months" => return Ok(Rhythm::TwoMonths),
            "yearly" => return Ok(Rhythm::Yearly),
            _ => {}
        }
        // Days that every year has.
        let day = |term: &str| {
            let day: Date = format!("2023-{term}").parse().map_err(|_| NotARhythm)?;
            Ok((day.month(), day.day()))
        };
        let mut terms = text
            .split_whitespace()
            .map(day)
            .collect::<Result<Vec<_>, _>>()?;
        let begins = SchoolYear::starting_in(2023).starts_on();
        terms.sort_by_key(|(month, day)| (*month < begins.month(), *month, *day));
        terms.dedup();
        match terms.len() {
            0 | 1 => Err(NotARhythm),
            _ => Ok(Rhythm::Terms(terms)),
        }
    }
}

impl fmt::Display for Rhythm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Rhythm::None => "none",
            Rhythm::Monthly => "monthly",
            Rhythm::TwoMonths => "two-months",
            Rhythm::Yearly => "yearly",
            Rhythm::Terms(terms) => {
                let days = terms.iter().map(|(m, d)| format!("{m:02}-{d:02}"));
                return f.write_str(&days.collect::<Vec<_>>().join(" "));
            }
        })
    }
}

impl TryFrom<String> for Rhythm {
    type Error = NotARhythm;

    fn try_from(text: String) -> Result<Rhythm, NotARhythm> {
        text.parse()
    }
}

impl From<Rhythm> for String {
    fn from(rhythm: Rhythm) -> String {
        rhythm.to_string()
    }
}

impl ToSql for Rhythm {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.to_string().into())
    }
}

impl FromSql for Rhythm {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Rhythm> {
        value
            .as_str()?
            .parse()
            .map_err(|_| FromSqlError::InvalidType)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(rhythm: &str, billed_until: Option<Date>) -> (Date, Date) {
        let rhythm: Rhythm = rhythm.parse().unwrap();
        assert_eq!(rhythm.to_string().parse(), Ok(rhythm.clone()));
        rhythm.next(billed_until, date(2026, 11, 10)).unwrap()
    }

    #[test]
    fn a_rhythm_says_what_is_billed_next() {
        let terms = "04-01 09-01 01-01";
        for (rhythm, until, from, to) in [
            ("monthly", None, date(2026, 10, 1), date(2026, 10, 31)),
            (
                "monthly",
                Some(date(2026, 8, 31)),
                date(2026, 9, 1),
                date(2026, 9, 30),
            ),
            // What is billed until the middle of a month ends with it.
            (
                "monthly",
                Some(date(2026, 9, 14)),
                date(2026, 9, 15),
                date(2026, 9, 30),
            ),
            ("two-months", None, date(2026, 9, 1), date(2026, 10, 31)),
            (
                "two-months",
                Some(date(2026, 12, 31)),
                date(2027, 1, 1),
                date(2027, 2, 28),
            ),
            ("yearly", None, date(2025, 9, 1), date(2026, 8, 31)),
            (terms, None, date(2026, 4, 1), date(2026, 8, 31)),
            (
                terms,
                Some(date(2026, 8, 31)),
                date(2026, 9, 1),
                date(2026, 12, 31),
            ),
            (
                terms,
                Some(date(2026, 12, 31)),
                date(2027, 1, 1),
                date(2027, 3, 31),
            ),
        ] {
            assert_eq!(next(rhythm, until), (from, to), "{rhythm} {until:?}");
        }
        assert_eq!(Rhythm::None.next(None, date(2026, 11, 10)), None);
        for wrong in [
            "weekly",
            "09-01",
            "09-01 09-01",
            "02-29 09-01",
            "09-31 01-01",
        ] {
            assert_eq!(wrong.parse::<Rhythm>(), Err(NotARhythm), "{wrong}");
        }
    }
}
