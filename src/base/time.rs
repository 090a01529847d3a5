//! Days, instants and the way Italians write them.
//!
//! Civil dates are [`jiff::civil::Date`]; instants are UTC milliseconds; every decision on days
//! and years is taken in Europe/Rome (invariant 10).

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use jiff::civil::{Date, Weekday, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::{Deserialize, Serialize};

static ROME: LazyLock<TimeZone> =
    LazyLock::new(|| TimeZone::get("Europe/Rome").unwrap_or(TimeZone::UTC));

/// The time zone of every decision.
pub fn rome() -> TimeZone {
    ROME.clone()
}

/// A moment: milliseconds since 1970-01-01T00:00:00Z.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Instant(pub i64);

impl Instant {
    /// The moment as a date and time in Rome.
    pub fn in_rome(self) -> Zoned {
        Timestamp::from_millisecond(self.0)
            .unwrap_or(Timestamp::UNIX_EPOCH)
            .to_zoned(rome())
    }

    /// The moment at which a local date and time of Rome happens; in the repeated hour of October
    /// the first, in the skipped hour of March the time one hour later.
    pub fn from_rome(local: jiff::civil::DateTime) -> Instant {
        match local.to_zoned(rome()) {
            Ok(zoned) => Instant(zoned.timestamp().as_millisecond()),
            Err(_) => Instant(0),
        }
    }

    /// This moment and so many milliseconds.
    pub fn plus_millis(self, millis: i64) -> Instant {
        Instant(self.0 + millis)
    }
}

impl From<Timestamp> for Instant {
    fn from(timestamp: Timestamp) -> Instant {
        Instant(timestamp.as_millisecond())
    }
}

/// RFC 3339 in UTC, for files and logs.
impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_millisecond(self.0) {
            Ok(timestamp) => timestamp.fmt(f),
            Err(_) => write!(f, "{} ms", self.0),
        }
    }
}

impl ToSql for Instant {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.0))
    }
}

impl FromSql for Instant {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        i64::column_result(value).map(Instant)
    }
}

/// The civil day of a moment, in Rome.
pub fn day_of(instant: Instant) -> Date {
    instant.in_rome().date()
}

/// Today in Rome, given now.
pub fn today(now: Instant) -> Date {
    day_of(now)
}

const MONTHS: [&str; 12] = [
    "gennaio",
    "febbraio",
    "marzo",
    "aprile",
    "maggio",
    "giugno",
    "luglio",
    "agosto",
    "settembre",
    "ottobre",
    "novembre",
    "dicembre",
];

/// The Italian name of a month, 1 to 12.
pub fn month_it(month: i8) -> &'static str {
    usize::try_from(month - 1)
        .ok()
        .and_then(|i| MONTHS.get(i))
        .copied()
        .unwrap_or("")
}

fn weekday_it(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Monday => "lunedì",
        Weekday::Tuesday => "martedì",
        Weekday::Wednesday => "mercoledì",
        Weekday::Thursday => "giovedì",
        Weekday::Friday => "venerdì",
        Weekday::Saturday => "sabato",
        Weekday::Sunday => "domenica",
    }
}

/// `03/11/2026`.
pub fn date_it(date: Date) -> String {
    format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year())
}

/// `martedì 3 novembre 2026`.
pub fn date_long_it(date: Date) -> String {
    let day = if date.day() == 1 {
        "1º".to_owned()
    } else {
        date.day().to_string()
    };
    format!(
        "{} {day} {} {}",
        weekday_it(date.weekday()),
        month_it(date.month()),
        date.year()
    )
}

/// `14:32`, in Rome.
pub fn time_it(instant: Instant) -> String {
    let local = instant.in_rome();
    format!("{:02}:{:02}", local.hour(), local.minute())
}

/// `03/11/2026, 14:32`, in Rome.
pub fn datetime_it(instant: Instant) -> String {
    format!("{}, {}", date_it(day_of(instant)), time_it(instant))
}

/// `martedì 3 novembre 2026, ore 14:32`, in Rome: for sentences.
pub fn datetime_long_it(instant: Instant) -> String {
    format!(
        "{}, ore {}",
        date_long_it(day_of(instant)),
        time_it(instant)
    )
}

/// Reads `2026-11-03` or `3/11/2026` (also with `-` or `.`); `None` when it is no such day.
pub fn parse_date(text: &str) -> Option<Date> {
    let text = text.trim();
    if text.len() == 10 && text.as_bytes().get(4) == Some(&b'-') {
        return text.parse().ok();
    }
    let mut parts = text.split(['/', '-', '.']);
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// A school year, from 1 September to 31 August (D.Lgs. 297/1994 art. 74: it begins on
/// 1 September and ends on 31 August). Written `2026/2027`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SchoolYear {
    first: i16,
}

impl SchoolYear {
    /// The school year that begins in September of this year.
    pub fn starting_in(year: i16) -> SchoolYear {
        SchoolYear { first: year }
    }

    /// The school year that a day belongs to.
    pub fn of(day: Date) -> SchoolYear {
        SchoolYear {
            first: if day.month() >= 9 {
                day.year()
            } else {
                day.year() - 1
            },
        }
    }

    /// The year in which it begins.
    pub fn first_year(self) -> i16 {
        self.first
    }

    /// 1 September.
    pub fn starts_on(self) -> Date {
        date(self.first, 9, 1)
    }

    /// 31 August.
    pub fn ends_on(self) -> Date {
        date(self.first + 1, 8, 31)
    }
}

impl fmt::Display for SchoolYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.first + 1)
    }
}

impl FromStr for SchoolYear {
    type Err = ();

    /// Reads `2026/2027`, `2026/27`, `2026-2027` or `2026`.
    fn from_str(text: &str) -> Result<SchoolYear, ()> {
        let text = text.trim();
        let (first, second) = text.split_once(['/', '-']).unwrap_or((text, ""));
        let first: i16 = first.parse().map_err(|_| ())?;
        if !(1950..=2200).contains(&first) {
            return Err(());
        }
        let next = (first + 1).to_string();
        if second.is_empty() || second == next || second == &next[2..] {
            Ok(SchoolYear { first })
        } else {
            Err(())
        }
    }
}

impl ToSql for SchoolYear {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(i64::from(self.first)))
    }
}

impl FromSql for SchoolYear {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        i16::column_result(value).map(SchoolYear::starting_in)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_year_of_a_payment_is_decided_in_rome() {
        let edge: Timestamp = "2025-12-31T23:03:00Z".parse().unwrap();
        assert_eq!(day_of(edge.into()), date(2026, 1, 1));
        assert_eq!(datetime_it(edge.into()), "01/01/2026, 00:03");
    }

    #[test]
    fn local_times_that_are_skipped_or_repeated_still_have_a_moment() {
        let skipped = Instant::from_rome(date(2026, 3, 29).at(2, 30, 0, 0));
        assert_eq!(datetime_it(skipped), "29/03/2026, 03:30");
        let repeated = Instant::from_rome(date(2026, 10, 25).at(2, 30, 0, 0));
        assert_eq!(repeated.to_string(), "2026-10-25T00:30:00Z");
    }

    #[test]
    fn dates_are_read_and_written_as_italians_do() {
        assert_eq!(parse_date("3/11/2026"), Some(date(2026, 11, 3)));
        assert_eq!(parse_date("2026-11-03"), Some(date(2026, 11, 3)));
        assert_eq!(parse_date("31/02/2026"), None);
        assert_eq!(parse_date("3/11/26"), None);
        assert_eq!(date_it(date(2026, 11, 3)), "03/11/2026");
        assert_eq!(date_long_it(date(2026, 11, 3)), "martedì 3 novembre 2026");
    }

    #[test]
    fn a_school_year_begins_in_september() {
        assert_eq!(SchoolYear::of(date(2026, 8, 31)).to_string(), "2025/2026");
        assert_eq!(SchoolYear::of(date(2026, 9, 1)).to_string(), "2026/2027");
        assert_eq!("2026/27".parse(), Ok(SchoolYear::starting_in(2026)));
        assert_eq!("2026/2028".parse::<SchoolYear>(), Err(()));
    }
}
