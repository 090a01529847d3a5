//! What visitors think of a page (valutazione; AgID criteria C.SI.2.5 and C.SE.2.3). No opinion leads
//! back to who gave it: no person, no session, no client is kept, and no more than the day.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, Transaction};
use serde::Serialize;

use crate::base::{Date, Error, Instant, Result, Text, today};

/// The longest comment, in characters.
pub const LONGEST_COMMENT: usize = 200;

/// The pages that ask for an opinion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Page {
    /// The public page.
    Welcome,
    /// The check of a document.
    Verify,
    /// The privacy notice.
    Privacy,
    /// The fee simulator.
    Tariffs,
    /// An application was sent.
    ApplicationSent,
    /// Meals were cancelled.
    MealsCancelled,
    /// A payment came through.
    Paid,
}

impl Page {
    const ALL: [Page; 7] = [
        Page::Welcome,
        Page::Verify,
        Page::Privacy,
        Page::Tariffs,
        Page::ApplicationSent,
        Page::MealsCancelled,
        Page::Paid,
    ];

    /// As it is stored and as forms name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Page::Welcome => "welcome",
            Page::Verify => "verify",
            Page::Privacy => "privacy",
            Page::Tariffs => "tariffs",
            Page::ApplicationSent => "application-sent",
            Page::MealsCancelled => "meals-cancelled",
            Page::Paid => "paid",
        }
    }

    /// The page of a code.
    pub fn parse(code: &str) -> Option<Page> {
        Page::ALL.into_iter().find(|page| page.as_str() == code)
    }

    /// Whether it is the end of a service rather than something to read.
    pub fn is_service(self) -> bool {
        matches!(
            self,
            Page::ApplicationSent | Page::MealsCancelled | Page::Paid
        )
    }
}

impl FromSql for Page {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Page> {
        Page::parse(value.as_str()?).ok_or(FromSqlError::InvalidType)
    }
}

/// The fixed answers: what was liked after a high rating, what was missed after a low one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Reason {
    /// How clear the directions were.
    Clear,
    /// How complete they were.
    Complete,
    /// Whether one knew that one was going on rightly.
    Guided,
    /// Technical troubles, or none.
    Working,
    /// Something else.
    Other,
}

impl Reason {
    /// In the order in which they are offered.
    pub const ALL: [Reason; 5] = [
        Reason::Clear,
        Reason::Complete,
        Reason::Guided,
        Reason::Working,
        Reason::Other,
    ];

    /// As it is stored and as forms name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::Clear => "clear",
            Reason::Complete => "complete",
            Reason::Guided => "guided",
            Reason::Working => "working",
            Reason::Other => "other",
        }
    }

    /// The answer of a code.
    pub fn parse(code: &str) -> Option<Reason> {
        Reason::ALL.into_iter().find(|one| one.as_str() == code)
    }
}

impl ToSql for Reason {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for Reason {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Reason> {
        Reason::parse(value.as_str()?).ok_or(FromSqlError::InvalidType)
    }
}

/// From 1 (not at all) to 5 (very).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rating(u8);

impl Rating {
    /// A rating that was chosen; `None` for anything else.
    pub fn parse(typed: &str) -> Option<Rating> {
        let number = typed.parse().ok().filter(|n| (1..=5).contains(n))?;
        Some(Rating(number))
    }

    /// From 4 on one asks what was liked, below what was difficult.
    pub fn is_high(self) -> bool {
        self.0 >= 4
    }
}

impl std::fmt::Display for Rating {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl FromSql for Rating {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Rating> {
        u8::column_result(value).map(Rating)
    }
}

/// What somebody thinks of a page.
#[derive(Clone, Debug)]
pub struct Opinion {
    /// Of which.
    pub page: Page,
    /// How good.
    pub rating: Rating,
    /// Why, out of the fixed answers.
    pub reason: Option<Reason>,
    /// In their own words; may be empty.
    pub comment: String,
}

/// Keeps an opinion.
///
/// # Errors
/// A field error at `comment` when it is too long.
pub fn record(tx: &Transaction<'_>, opinion: &Opinion, now: Instant) -> Result<()> {
    let comment = opinion.comment.trim();
    if comment.chars().count() > LONGEST_COMMENT {
        let text = Text::new("error-too-long").with("max", LONGEST_COMMENT);
        return Err(Error::field("comment", text));
    }
    tx.prepare_cached(
        "insert into feedback (day, page, rating, reason, comment) values (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute((
        today(now),
        opinion.page.as_str(),
        opinion.rating.0,
        opinion.reason,
        comment,
    ))?;
    Ok(())
}

/// What a month's visitors thought of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Month {
    /// `2026-11`.
    pub month: String,
    /// Of which page.
    pub page: Page,
    /// So many opinions.
    pub count: i64,
    /// Their mean as `4,3`, half up.
    pub mean: String,
}

/// The months since a day, the latest first.
///
/// # Errors
/// The database's own failure.
pub fn months(db: &Connection, since: Date) -> Result<Vec<Month>> {
    let mut statement = db.prepare_cached(
        "select substr(day, 1, 7), page, count(*), sum(rating) from feedback
         where day >= ?1 group by 1, 2 order by 1 desc, 2",
    )?;
    let rows = statement.query_map([since], |row| {
        let count = row.get(2)?;
        Ok(Month {
            month: row.get(0)?,
            page: row.get(1)?,
            count,
            mean: mean(row.get(3)?, count),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A mean with one decimal, half up.
fn mean(sum: i64, count: i64) -> String {
    let tenths = (20 * sum + count) / (2 * count.max(1));
    format!("{},{}", tenths / 10, tenths % 10)
}

/// One opinion as it was given.
#[derive(Clone, Debug, Serialize)]
pub struct Given {
    /// On which day.
    pub day: Date,
    /// Of which page.
    pub page: Page,
    /// How good.
    pub rating: Rating,
    /// Why.
    pub reason: Option<Reason>,
    /// In their own words.
    pub comment: String,
}

/// The opinions since a day, the latest first.
///
/// # Errors
/// The database's own failure.
pub fn opinions(db: &Connection, since: Date) -> Result<Vec<Given>> {
    let mut statement = db.prepare_cached(
        "select day, page, rating, reason, comment from feedback
         where day >= ?1 order by day desc, id desc",
    )?;
    let rows = statement.query_map([since], |row| {
        Ok(Given {
            day: row.get(0)?,
            page: row.get(1)?,
            rating: row.get(2)?,
            reason: row.get(3)?,
            comment: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::civil::date;

    use super::*;
    use crate::testing::Comune;

    #[test]
    fn a_mean_is_half_up_to_a_tenth() {
        assert_eq!(mean(17, 4), "4,3");
        assert_eq!(mean(5, 1), "5,0");
        assert_eq!(mean(13, 3), "4,3");
    }

    #[test]
    fn ratings_are_one_to_five_and_codes_are_distinct() {
        assert!(Rating::parse("0").is_none() && Rating::parse("6").is_none());
        assert!(!Rating::parse("3").unwrap().is_high());
        assert!(Rating::parse("4").unwrap().is_high());
        let codes: BTreeSet<_> = Page::ALL.iter().map(|page| page.as_str()).collect();
        assert_eq!(codes.len(), Page::ALL.len());
    }

    #[test]
    fn opinions_are_counted_by_page_and_month() {
        let comune = Comune::new();
        let at = |day: Date| Instant::from_rome(day.at(10, 0, 0, 0));
        comune
            .write(move |tx| {
                for (day, page, rating) in [
                    (date(2026, 10, 30), Page::Welcome, 2),
                    (date(2026, 11, 1), Page::Welcome, 4),
                    (date(2026, 11, 2), Page::Welcome, 5),
                    (date(2026, 11, 2), Page::Paid, 1),
                ] {
                    let opinion = Opinion {
                        page,
                        rating: Rating(rating),
                        reason: Some(Reason::Clear),
                        comment: String::new(),
                    };
                    record(tx, &opinion, at(day))?;
                }
                let long = Opinion {
                    page: Page::Paid,
                    rating: Rating(1),
                    reason: None,
                    comment: "à".repeat(LONGEST_COMMENT + 1),
                };
                assert!(matches!(
                    record(tx, &long, at(date(2026, 11, 3))),
                    Err(Error::Invalid(_))
                ));
                Ok(())
            })
            .unwrap();
        let read = |since| {
            let months = comune.store.read(|db| months(db, since)).unwrap();
            months
                .into_iter()
                .map(|m| format!("{} {} {} {}", m.month, m.page.as_str(), m.count, m.mean))
                .collect::<Vec<_>>()
        };
        let november = ["2026-11 paid 1 1,0", "2026-11 welcome 2 4,5"];
        assert_eq!(read(date(2026, 11, 1)), november);
        assert_eq!(read(date(2026, 10, 1))[2], "2026-10 welcome 1 2,0");
    }
}
