//! The rule of the comune: its versions, and what a version says in words.

use rusqlite::{Connection, OptionalExtension, Transaction};
use serde::Serialize;
use serde_json::json;

use super::parse;
use super::rules::{Corrente, Deadline, Looks, Policy, Since, Until};
use crate::base::{Actor, Date, Error, Instant, Permission, Result, StaffId, Text, month_it};
use crate::store::{self, AuditEvent};

/// Rules as comuni published them, to begin from: a name for addresses, and the file.
pub const PUBLISHED: &[(&str, &str)] = &[
    ("lissone", include_str!("../../examples/isee/lissone.toml")),
    (
        "fabriano",
        include_str!("../../examples/isee/fabriano.toml"),
    ),
    ("faleria", include_str!("../../examples/isee/faleria.toml")),
    ("ravenna", include_str!("../../examples/isee/ravenna.toml")),
    (
        "cinisello-balsamo",
        include_str!("../../examples/isee/cinisello-balsamo.toml"),
    ),
    (
        "brugherio",
        include_str!("../../examples/isee/brugherio.toml"),
    ),
    (
        "montesilvano",
        include_str!("../../examples/isee/montesilvano.toml"),
    ),
    (
        "rocca-d-arce",
        include_str!("../../examples/isee/rocca-d-arce.toml"),
    ),
    (
        "poggibonsi",
        include_str!("../../examples/isee/poggibonsi.toml"),
    ),
];

/// A version of the rule.
#[derive(Clone, Debug, Serialize)]
pub struct PolicyVersion {
    /// Inside.
    pub id: i64,
    /// It holds for what is handed in from this day.
    pub from_day: Date,
    /// The file.
    pub source: String,
    /// Who recorded it; nobody when the comune was founded with it.
    pub staff: Option<StaffId>,
    /// When.
    pub recorded_at: Instant,
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<PolicyVersion> {
    Ok(PolicyVersion {
        id: row.get(0)?,
        from_day: row.get(1)?,
        source: row.get(2)?,
        staff: row.get(3)?,
        recorded_at: row.get(4)?,
    })
}

/// Records a version of the rule. What was handed in before keeps the days that it was given.
///
/// # Errors
/// `Forbidden` for who is not of the office; everything that is wrong with the file, by line.
pub fn record_policy(
    tx: &Transaction<'_>,
    actor: &Actor,
    source: &str,
    from_day: Date,
    now: Instant,
) -> Result<()> {
    if !actor.may(Permission::Office) && !matches!(actor, Actor::System(_)) {
        return Err(Error::Forbidden);
    }
    parse::parse(source).map_err(parse::into_error)?;
    let staff = actor.staff().map(|staff| staff.id);
    tx.prepare_cached(
        "insert into isee_policy (from_day, source, staff_id, recorded_at) values (?1, ?2, ?3, ?4)",
    )?
    .execute((from_day, source, staff, now))?;
    if staff.is_some() {
        let event = AuditEvent {
            action: "record-isee-policy",
            subject: "isee_policy",
            subject_id: Some(tx.last_insert_rowid()),
            payload: json!({ "from_day": from_day, "source": source }),
        };
        store::audit(tx, actor, now, &event)?;
    }
    Ok(())
}

/// Every version, the newest first.
///
/// # Errors
/// The database's own failure.
pub fn policy_versions(db: &Connection) -> Result<Vec<PolicyVersion>> {
    let mut statement = db.prepare_cached(
        "select id, from_day, source, staff_id, recorded_at from isee_policy
         order by from_day desc, id desc",
    )?;
    let rows = statement.query_map([], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The rule for what is handed in on a day, with its version; a comune that has recorded none counts
/// an ISEE on the days on which it is valid.
///
/// # Errors
/// The database's own failure; a stored rule that can't be read.
pub fn policy_on(db: &Connection, day: Date) -> Result<(Option<i64>, Policy)> {
    let sql = "select id, from_day, source, staff_id, recorded_at from isee_policy
               where from_day <= ?1 order by from_day desc, id desc limit 1";
    let found = db.prepare_cached(sql)?.query_row([day], read).optional()?;
    match found {
        Some(version) => Ok((Some(version.id), stored(&version.source)?)),
        None => Ok((None, Policy::default())),
    }
}

/// The rule of a version.
///
/// # Errors
/// `NotFound`; a stored rule that can't be read.
pub fn policy_of_version(db: &Connection, id: i64) -> Result<Policy> {
    let sql = "select source from isee_policy where id = ?1";
    let source: String = db.prepare_cached(sql)?.query_row([id], |row| row.get(0))?;
    stored(&source)
}

fn stored(source: &str) -> Result<Policy> {
    parse::parse(source).map_err(|faults| {
        let first = faults.first().map_or(0, |fault| fault.line);
        Error::internal(format!("a stored ISEE rule can't be read, line {first}"))
    })
}

/// What a rule says, in sentences, for the clerk who is about to save it and for families.
pub fn in_words(policy: &Policy) -> Vec<Text> {
    let start = &policy.start;
    let mut words = Vec::new();
    let looks = |lodged: &'static str, dsu: &'static str| match start.looks {
        Looks::Lodged => lodged,
        Looks::Dsu => dsu,
    };
    words.push(Text::new(looks("isee-rule-lodged", "isee-rule-dsu")));
    let sentence = |since: Since, by: Option<String>, late: bool| {
        let text = match since {
            Since::Own => Text::new("isee-rule-own"),
            Since::Day => Text::new("isee-rule-day"),
            Since::Month => Text::new("isee-rule-month"),
            Since::MonthAfter => Text::new("isee-rule-month-after"),
            Since::January => Text::new("isee-rule-january"),
            Since::BillingRun if start.run.bills_month_before => {
                Text::new("isee-rule-run-before").with("day", i64::from(start.run.day))
            }
            Since::BillingRun => {
                Text::new("isee-rule-run-same").with("day", i64::from(start.run.day))
            }
            Since::MonthEnd if start.run.bills_month_before => {
                Text::new("isee-rule-month-end-before")
            }
            Since::MonthEnd => Text::new("isee-rule-month-end-same"),
            Since::Never => Text::new("isee-rule-never"),
        };
        let when = match (&by, late) {
            (None, _) => "always",
            (Some(_), false) => "in-time",
            (Some(_), true) => "late",
        };
        text.with("when", when).with("by", by.unwrap_or_default())
    };
    match start.deadline {
        None => words.push(sentence(start.from, None, false)),
        Some((deadline, late)) => {
            let by = deadline_in_words(deadline);
            words.push(sentence(start.from, Some(by.clone()), false));
            words.push(sentence(late, Some(by), true));
        }
    }
    for exception in &start.exceptions {
        words.push(
            Text::new("isee-rule-exception")
                .with("month", month_it(exception.month))
                .with("day", i64::from(exception.by_day)),
        );
    }
    if let Some(until) = start.requests_until {
        words.push(Text::new("isee-rule-requests-until").with("day", of_year(until.of(2025))));
    }
    let retroactive = start.retroactive && start.from != Since::Own;
    words.push(Text::new(if retroactive {
        "isee-rule-retroactive"
    } else {
        "isee-rule-not-retroactive"
    }));
    words.push(match policy.until {
        Until::Own => Text::new("isee-rule-until-own"),
        Until::Extended(day) => {
            Text::new("isee-rule-until-extended").with("day", of_year(day.of(2025)))
        }
        Until::FollowingYear(day) => {
            Text::new("isee-rule-until-following").with("day", of_year(day.of(2025)))
        }
    });
    words.push(match policy.corrente {
        Corrente::WhileValid => Text::new("isee-rule-corrente"),
        Corrente::Months(months) => {
            Text::new("isee-rule-corrente-months").with("months", i64::from(months))
        }
        Corrente::Refused => Text::new("isee-rule-corrente-refused"),
    });
    words.push(Text::new(if policy.accepts_omissions {
        "isee-rule-omissions"
    } else {
        "isee-rule-no-omissions"
    }));
    if let Some(day) = policy.hold_bills_until {
        words.push(Text::new("isee-rule-hold-bills").with("day", of_year(day.of(2025))));
    }
    if let Some(days) = policy.post_late {
        words.push(Text::new("isee-rule-post-late").with("days", days));
    }
    words
}

fn deadline_in_words(deadline: Deadline) -> String {
    match deadline {
        Deadline::DayOfMonth(day) => format!("il giorno {day} del mese"),
        Deadline::DayOfYear(day) => format!("il {}", of_year(day.of(2025))),
    }
}

/// `31 agosto`; the first of a month is `1º`.
fn of_year(day: Date) -> String {
    match day.day() {
        1 => format!("1º {}", month_it(day.month())),
        number => format!("{number} {}", month_it(day.month())),
    }
}
