//! All attestations of a year, as a job: for the office and the command line.

use rusqlite::{Connection, OptionalExtension, Transaction};
use serde_json::json;

use super::issue::{Issue, issue};
use crate::base::{Actor, Error, Instant, PersonId, Result, Text, day_of};
use crate::jobs::{self, Job, Step};
use crate::store::{self, AuditEvent};

/// The kind of job.
pub const ATTEST: &str = "attest";

/// So many payers are looked at in one step at the most, and so many documents printed.
const LOOKED_AT: usize = 20;
const PRINTED: usize = 2;

/// Writes down the work of attesting a year to every payer. Asked again while nothing was posted
/// since, it finds the job that is there.
///
/// # Errors
/// A refusal for a year that has not begun.
pub fn enqueue_year(
    tx: &Transaction<'_>,
    actor: &Actor,
    year: i16,
    public_url: &str,
    now: Instant,
) -> Result<Job> {
    let today = day_of(now);
    if year > today.year() {
        let text = Text::new("error-attestation-future").with("year", year.to_string());
        return Err(Error::refused(text));
    }
    let last_entry: Option<i64> =
        tx.query_row("select max(id) from ledger_entry", [], |row| row.get(0))?;
    // A document of a year that is not over says until which day it counts.
    let over = if year < today.year() {
        "over"
    } else {
        "running"
    };
    let key = format!("{ATTEST}:{year}:{over}:{}", last_entry.unwrap_or(0));
    let payers: i64 = tx.query_row(
        "select count(distinct payer_id) from account where kind = 'family'",
        [],
        |row| row.get(0),
    )?;
    let params = json!({ "year": year.to_string(), "public_url": public_url });
    let job = jobs::enqueue(tx, ATTEST, &key, &params, payers, now)?;
    let event = AuditEvent {
        action: "attest-year",
        subject: "job",
        subject_id: Some(job.id.0),
        payload: json!({ "year": year }),
    };
    store::audit(tx, actor, now, &event)?;
    Ok(job)
}

/// One step: the next payers by id. The cursor is the last payer's id, then the counts of new,
/// unchanged and empty years so far.
///
/// # Errors
/// The database's own failure, or a document that can't be printed.
pub fn attest_step(tx: &Transaction<'_>, job: &Job, now: Instant) -> Result<Step> {
    let year: i16 = job.param("year")?.parse().map_err(Error::internal)?;
    let public_url = job.param("public_url")?;
    let mut progress = Progress::parse(&job.cursor)?;
    let before = progress.new;
    for _ in 0..LOOKED_AT {
        let Some(payer) = payer_after(tx, progress.payer)? else {
            return Ok(Step::Finished(json!({
                "year": year, "new": progress.new, "unchanged": progress.unchanged,
                "nothing": progress.nothing,
            })));
        };
        progress.payer = payer;
        match issue(tx, &Actor::System(ATTEST), payer, year, public_url, now)? {
            Issue::New(_) => progress.new += 1,
            Issue::Unchanged(_) => progress.unchanged += 1,
            Issue::Nothing(_) => progress.nothing += 1,
        }
        if progress.new - before >= i64::try_from(PRINTED).unwrap_or(1) {
            break;
        }
    }
    Ok(Step::More {
        done: progress.new + progress.unchanged + progress.nothing,
        cursor: progress.to_text(),
    })
}

fn payer_after(db: &Connection, after: PersonId) -> Result<Option<PersonId>> {
    let sql = "select payer_id from account where kind = 'family' and payer_id > ?1
               order by payer_id limit 1";
    Ok(db
        .prepare_cached(sql)?
        .query_row([after], |row| row.get(0))
        .optional()?)
}

struct Progress {
    payer: PersonId,
    new: i64,
    unchanged: i64,
    nothing: i64,
}

impl Progress {
    fn parse(cursor: &str) -> Result<Progress> {
        let numbers: Vec<i64> = cursor
            .split(',')
            .filter(|part| !part.is_empty())
            .map(|part| part.parse().map_err(Error::internal))
            .collect::<Result<_>>()?;
        let at = |i: usize| numbers.get(i).copied().unwrap_or(0);
        Ok(Progress {
            payer: PersonId(at(0)),
            new: at(1),
            unchanged: at(2),
            nothing: at(3),
        })
    }

    fn to_text(&self) -> String {
        format!(
            "{},{},{},{}",
            self.payer.0, self.new, self.unchanged, self.nothing
        )
    }
}
