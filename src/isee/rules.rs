//! When an ISEE starts and stops to count, as a comune decided it. Every comune has a rule of its
//! own, so the rule is data (docs/isee.md); here is what each word of it means. No database, no clock.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use serde::Deserialize;

use super::IseeKind;
use crate::base::Text;

/// A day of every year: `02-27`. The 29 February is no such day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct YearDay {
    /// 1 to 12.
    month: i8,
    /// 1 to 31.
    day: i8,
}

impl YearDay {
    /// The last day of a school year (D.Lgs. 297/1994 art. 74).
    pub const SCHOOL_YEAR_END: YearDay = YearDay { month: 8, day: 31 };
    /// What is earlier is in January.
    pub(super) const FEBRUARY: YearDay = YearDay { month: 2, day: 1 };
    const SCHOOL_YEAR_START: YearDay = YearDay { month: 9, day: 1 };

    /// Reads `MM-DD`.
    pub fn parse(text: &str) -> Option<YearDay> {
        // A year without a 29 February.
        let day: Date = format!("2025-{text}").parse().ok()?;
        (text.len() == 5).then(|| YearDay {
            month: day.month(),
            day: day.day(),
        })
    }

    /// That day of a year.
    pub fn of(self, year: i16) -> Date {
        Date::new(year, self.month, self.day).unwrap_or(date(year, 12, 31))
    }

    /// The first such day that is not before another.
    fn from(self, day: Date) -> Date {
        let same_year = self.of(day.year());
        if same_year < day {
            self.of(day.year() + 1)
        } else {
            same_year
        }
    }
}

/// The day that a rule looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Looks {
    /// When the comune got to know of it: declared, handed in, protocolled.
    #[default]
    Lodged,
    /// When the DSU was presented to INPS.
    Dsu,
}

/// From when it counts, seen from the day that the rule looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Since {
    /// From its own first day.
    #[default]
    Own,
    /// From that very day.
    Day,
    /// From the first day of that month.
    Month,
    /// From the first day of the month after.
    MonthAfter,
    /// From 1 January of that year.
    January,
    /// From the month that the first billing run after that day bills.
    BillingRun,
    /// Each bill takes the ISEE that is valid on the last day of the month before the run.
    MonthEnd,
    /// Not at all.
    Never,
}

/// A deadline: who keeps it has an ISEE that counts from another day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deadline {
    /// Up to this day of each month.
    DayOfMonth(i8),
    /// Up to this day of each year.
    DayOfYear(YearDay),
}

/// In one month of the year the deadline is another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthException {
    /// 1 to 12.
    pub month: i8,
    /// Up to this day of it.
    pub by_day: i8,
}

/// The monthly run that prices by an ISEE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BillingRun {
    /// The day of the month on which bills are made; in a shorter month the last one.
    pub day: i8,
    /// A run bills the month before (afterwards); otherwise its own.
    pub bills_month_before: bool,
}

/// The first day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// The day that decides.
    pub looks: Looks,
    /// From when it counts; where there is a deadline, for who keeps it.
    pub from: Since,
    /// The deadline, and from when it counts for who is late.
    pub deadline: Option<(Deadline, Since)>,
    /// Months with a deadline of their own.
    pub exceptions: Vec<MonthException>,
    /// May begin before the month of the day that the rule looks at.
    pub retroactive: bool,
    /// The monthly run, where a start speaks of it.
    pub run: BillingRun,
    /// Later requests of a school year count from the next one.
    pub requests_until: Option<YearDay>,
}

/// The last day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Until {
    /// Its own last day: for most 31 December.
    #[default]
    Own,
    /// The first such day on or after its own last one: the end of the school year, a grace.
    Extended(YearDay),
    /// Such a day in the year after the day that the rule looks at.
    FollowingYear(YearDay),
}

/// What an ISEE corrente does (DPCM 159/2013 art. 9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Corrente {
    /// It counts while it is valid, never longer; then the ordinary one counts again. At most so
    /// many months, where the comune says so.
    #[default]
    WhileValid,
    /// So many months from its start.
    Months(i8),
    /// It is not accepted.
    Refused,
}

/// The rule of a comune.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// What the office calls it.
    pub name: String,
    /// The resolution that it comes from.
    pub act: Option<String>,
    /// Statements with "omissioni o difformità" (art. 11 c. 5) are accepted.
    pub accepts_omissions: bool,
    /// The first day.
    pub start: Start,
    /// The last day.
    pub until: Until,
    /// The ISEE corrente.
    pub corrente: Corrente,
    /// Bills of the year's first months wait until this day for the new ISEE.
    pub hold_bills_until: Option<YearDay>,
    /// What an ISEE that came late changes is billed without a clerk, payable within so many days.
    pub post_late: Option<i64>,
}

impl Default for Policy {
    /// It counts on the days on which it is valid.
    fn default() -> Policy {
        Policy {
            name: String::new(),
            act: None,
            accepts_omissions: true,
            start: Start {
                looks: Looks::Lodged,
                from: Since::Own,
                deadline: None,
                exceptions: Vec::new(),
                retroactive: true,
                run: BillingRun {
                    day: 1,
                    bills_month_before: true,
                },
                requests_until: None,
            },
            until: Until::Own,
            corrente: Corrente::WhileValid,
            hold_bills_until: None,
            post_late: None,
        }
    }
}

/// What is known of an ISEE that is handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lodged {
    /// Which ISEE it is.
    pub kind: IseeKind,
    /// With "omissioni o difformità".
    pub omissions: bool,
    /// When the comune got to know of it.
    pub lodged_on: Date,
    /// Its own first day: when the DSU was presented.
    pub own_from: Date,
    /// Its own last day.
    pub own_to: Date,
}

/// When it counts, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counting {
    /// First day.
    pub from: Date,
    /// Last day, never before the first.
    pub to: Date,
    /// Why from then.
    pub why_from: Text,
    /// Why until then.
    pub why_to: Text,
}

fn month_of(day: Date) -> Date {
    day.first_of_month()
}

fn month_after(day: Date) -> Date {
    month_of(day)
        .checked_add(1.month())
        .unwrap_or_else(|_| month_of(day))
}

impl Policy {
    /// When an ISEE counts.
    ///
    /// # Errors
    /// Why it does not count at all, and what can be done.
    pub fn counting(&self, isee: &Lodged) -> Result<Counting, Text> {
        if isee.omissions && !self.accepts_omissions {
            return Err(Text::new("error-isee-omissions"));
        }
        let corrente = isee.kind == IseeKind::Corrente;
        if corrente && self.corrente == Corrente::Refused {
            return Err(Text::new("error-isee-corrente"));
        }
        let (from, why_from) = self.first_day(isee)?;
        let (to, why_to) = self.last_day(isee, from);
        if to < from {
            let text = Text::new("error-isee-over");
            return Err(text.with("from", from).with("to", to));
        }
        Ok(Counting {
            from,
            to,
            why_from,
            why_to,
        })
    }

    /// The day that decides.
    fn seen(&self, isee: &Lodged) -> Date {
        match self.start.looks {
            Looks::Lodged => isee.lodged_on,
            Looks::Dsu => isee.own_from,
        }
    }

    fn first_day(&self, isee: &Lodged) -> Result<(Date, Text), Text> {
        let (start, seen) = (&self.start, self.seen(isee));
        if let Some(from) = start.next_school_year(seen) {
            return Ok((from, Text::new("isee-from-next-year").with("day", seen)));
        }
        let (how, late) = start.applies_to(seen);
        let first = match how {
            Since::Own => isee.own_from,
            Since::Day => seen,
            Since::Month => month_of(seen),
            Since::MonthAfter => month_after(seen),
            Since::January => date(seen.year(), 1, 1),
            Since::BillingRun => start.run.first_billed_after(seen),
            Since::MonthEnd if start.run.bills_month_before => month_of(seen),
            Since::MonthEnd => month_after(seen),
            Since::Never => {
                let text = Text::new("error-isee-late");
                return Err(text.with("day", seen).with("by", start.last_of(seen)));
            }
        };
        let earliest = month_of(seen);
        if first < earliest && !start.retroactive && how != Since::BillingRun {
            let text = Text::new("isee-from-not-before").with("day", seen);
            return Ok((earliest, text));
        }
        let key = match (how, start.looks) {
            (Since::Own, _) => "isee-from-own",
            (Since::Day, Looks::Lodged) => "isee-from-day",
            (Since::Day, Looks::Dsu) => "isee-from-dsu-day",
            (Since::Month, _) => "isee-from-month",
            (Since::MonthAfter, Looks::Lodged) => "isee-from-month-after",
            (Since::MonthAfter, Looks::Dsu) => "isee-from-dsu-month-after",
            (Since::January, _) => "isee-from-january",
            (Since::BillingRun, _) => "isee-from-run",
            (Since::MonthEnd | Since::Never, _) => "isee-from-month-end",
        };
        let key = match (key, late) {
            ("isee-from-month-after", Some(true)) => "isee-from-late",
            ("isee-from-dsu-month-after", Some(true)) => "isee-from-dsu-late",
            ("isee-from-month" | "isee-from-january", Some(false)) => "isee-from-in-time",
            _ => key,
        };
        let text = Text::new(key).with("day", seen);
        Ok((first, text.with("by", start.last_of(seen))))
    }

    fn last_day(&self, isee: &Lodged, from: Date) -> (Date, Text) {
        let own = isee.own_to;
        if isee.kind == IseeKind::Corrente {
            let end = match self.corrente {
                Corrente::Months(months) => from
                    .checked_add(i32::from(months).months())
                    .and_then(Date::yesterday)
                    .map_or(own, |end| end.min(own)),
                Corrente::WhileValid | Corrente::Refused => own,
            };
            return (end, Text::new("isee-to-corrente"));
        }
        match self.until {
            Until::Own => (own, Text::new("isee-to-own")),
            Until::Extended(day) => {
                let text = Text::new("isee-to-extended").with("own", own);
                (day.from(own), text)
            }
            Until::FollowingYear(day) => {
                let text = Text::new("isee-to-following").with("own", own);
                (day.of(self.seen(isee).year() + 1), text)
            }
        }
    }

    /// Until when a bill waits for the new ISEE that would be made on a day; `None` when it does not
    /// wait.
    pub fn holds_bills(&self, day: Date) -> Option<Date> {
        let until = self.hold_bills_until?.of(day.year());
        (day <= until).then_some(until)
    }
}

impl Start {
    /// Which start holds for a day; and, where there is a deadline, whether the day is late.
    fn applies_to(&self, seen: Date) -> (Since, Option<bool>) {
        match self.deadline {
            None => (self.from, None),
            Some((_, late)) if seen > self.last_of(seen) => (late, Some(true)),
            Some(_) => (self.from, Some(false)),
        }
    }

    /// The last day in time, in the month or the year of a day; the day itself without a deadline.
    fn last_of(&self, seen: Date) -> Date {
        let in_month = |day: i8| {
            let last = month_of(seen).last_of_month();
            Date::new(seen.year(), seen.month(), day.min(last.day())).unwrap_or(last)
        };
        let exception = self.exceptions.iter().find(|e| e.month == seen.month());
        match (self.deadline, exception) {
            (Some((Deadline::DayOfMonth(_), _)), Some(exception)) => in_month(exception.by_day),
            (Some((Deadline::DayOfMonth(day), _)), None) => in_month(day),
            (Some((Deadline::DayOfYear(day), _)), _) => day.of(seen.year()),
            (None, _) => seen,
        }
    }

    /// The first day of the next school year, for a request after the last day of this one's.
    fn next_school_year(&self, seen: Date) -> Option<Date> {
        let until = self.requests_until?;
        let year_end = YearDay::SCHOOL_YEAR_END.from(seen);
        let first = YearDay::SCHOOL_YEAR_START.of(year_end.year() - 1);
        let last = until.from(first);
        (seen > last).then(|| YearDay::SCHOOL_YEAR_START.of(year_end.year()))
    }
}

impl BillingRun {
    /// The first day of the month that the first run after a day bills.
    fn first_billed_after(self, day: Date) -> Date {
        let last = month_of(day).last_of_month().day();
        let this_month = day.day() < self.day.min(last);
        let run = if this_month {
            month_of(day)
        } else {
            month_after(day)
        };
        if self.bills_month_before {
            run.checked_sub(1.month()).unwrap_or(run)
        } else {
            run
        }
    }
}

#[cfg(test)]
mod tests;
