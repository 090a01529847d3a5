//! Drafting a run: every line that a period gives, less what was charged for the same days before.
//!
//! A job in steps of one short transaction each; the cursor moves with the lines that it stands for.

use std::collections::BTreeMap;
use std::fmt;

use rusqlite::{Connection, Transaction, params};
use serde_json::json;

use super::runs::{self, NewRun, Run, RunState, require_money};
use crate::base::{
    Actor, BillRunId, Cents, Date, EnrolmentId, Error, ExplanationId, Instant, IseeId, Result,
    ServiceId, TariffId, Text, parse_date, today,
};
use crate::charging::{self, PeriodFault, PeriodPrice};
use crate::enrolments;
use crate::isee;
use crate::jobs::{self, Job, Step};
use crate::municipality::{self, Service};
use crate::store::{self, AuditEvent};
use crate::tariffs::{Explanation, IseeUse};

/// What the job knows of the rule on the day on which the clerk began it: a draft that goes on after
/// midnight holds the same lines.
const HELD_UNTIL: &str = "held_until";

/// The kind of job that drafts a run.
pub const BILL_DRAFT: &str = "bill-draft";

/// Enrolments per step: a month of each is well below 50 ms.
const CHUNK: u32 = 40;

/// The longest period of one run.
const LONGEST_DAYS: i32 = 400;

/// Begins a draft.
///
/// # Errors
/// `Forbidden`; a field error for a period that is backwards, too long, cuts a published one or has
/// days to come; a refusal while another run is open.
pub fn start_draft(
    tx: &Transaction<'_>,
    actor: &Actor,
    new: &NewRun,
    now: Instant,
) -> Result<(Run, Job)> {
    require_money(actor)?;
    if new.to < new.from {
        return Err(Error::field("to", Text::new("error-period-backwards")));
    }
    if (new.to - new.from).get_days() > LONGEST_DAYS {
        return Err(Error::field("to", Text::new("error-bill-too-long")));
    }
    if let Some(open) = runs::open_run(tx)? {
        let text = Text::new("error-bill-run-open")
            .with("from", open.from)
            .with("to", open.to);
        return Err(Error::refused(text));
    }
    if let Some(cut) = runs::cut_by(tx, new)? {
        let text = Text::new("error-bill-cuts")
            .with("from", cut.from)
            .with("to", cut.to);
        return Err(Error::field("from", text));
    }
    let services = services_of(tx, new.service)?;
    let mut total = 0;
    for service in &services {
        charging::require_billable(tx, service, (new.from, new.to), today(now))?;
        total += enrolments::count_between(tx, service.id, new.from, new.to)?;
    }
    let run = runs::insert(tx, actor, new, now)?;
    let held_until = match new.include_held {
        true => None,
        false => held_until(tx, today(now))?,
    };
    let params = json!({ "run": run.public_id, "from": new.from, "to": new.to,
                         HELD_UNTIL: held_until });
    let key = format!("{BILL_DRAFT}:{}", run.public_id);
    let job = jobs::enqueue(tx, BILL_DRAFT, &key, &params, total, now)?;
    runs::set_job(tx, run.id, job.id)?;
    let event = AuditEvent {
        action: "draft-bills",
        subject: "bill_run",
        subject_id: Some(run.id.0),
        payload: params,
    };
    store::audit(tx, actor, now, &event)?;
    Ok((run, job))
}

/// Until when a draft that is made on a day lets lines wait for the new ISEE, by the comune's rule.
///
/// # Errors
/// The database's own failure; a stored rule that can't be read.
pub fn held_until(db: &Connection, day: Date) -> Result<Option<Date>> {
    let (_, policy) = isee::policy_on(db, day)?;
    Ok(policy.holds_bills(day))
}

/// Whether a line waits for the new ISEE: a first charge for days of the held year, at the price of
/// those without ISEE. Who brought the new one is billed, and so is who pays the same with any.
fn waits(until: Date, line: &NewLine, explanation: &Explanation) -> bool {
    let without = matches!(explanation.isee, IseeUse::Missing | IseeUse::NotValid(_));
    without && line.before == Cents::ZERO && line.days.1.year() == until.year()
}

fn services_of(db: &Connection, one: Option<ServiceId>) -> Result<Vec<Service>> {
    match one {
        Some(id) => Ok(vec![municipality::service(db, id)?]),
        None => municipality::services(db),
    }
}

/// How far a draft came: the services that are done, the last enrolment seen, and how many.
#[derive(Default)]
struct Cursor {
    service: usize,
    after: i64,
    seen: i64,
}

impl Cursor {
    fn parse(text: &str) -> Result<Cursor> {
        if text.is_empty() {
            return Ok(Cursor::default());
        }
        let mut parts = text.split(':');
        let mut number = || parts.next()?.parse::<i64>().ok();
        let read = (number(), number(), number());
        match read {
            (Some(service), Some(after), Some(seen)) => Ok(Cursor {
                service: usize::try_from(service).map_err(Error::internal)?,
                after,
                seen,
            }),
            _ => Err(Error::Internal(format!(
                "`{text}` is no cursor of {BILL_DRAFT}"
            ))),
        }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.service, self.after, self.seen)
    }
}

/// One step of a draft: the job registry's entry for [`BILL_DRAFT`].
///
/// # Errors
/// The database's own failure.
pub fn draft_step(tx: &Transaction<'_>, job: &Job, _now: Instant) -> Result<Step> {
    let run = runs::of_job(tx, job)?;
    // Somebody threw it away meanwhile.
    if run.state != RunState::Drafting {
        return Ok(Step::Finished(json!({ "lines": 0 })));
    }
    let mut cursor = Cursor::parse(&job.cursor)?;
    let services = services_of(tx, run.service_id)?;
    let Some(service) = services.get(cursor.service) else {
        runs::set_state(tx, run.id, RunState::Draft)?;
        let sql = "select count(*) from bill_line where run_id = ?1";
        let lines: i64 = tx.prepare_cached(sql)?.query_row([run.id], |r| r.get(0))?;
        return Ok(Step::Finished(json!({ "lines": lines })));
    };
    let after = EnrolmentId(cursor.after);
    let held = job.params[HELD_UNTIL].as_str().and_then(parse_date);
    let (last, prices) = charging::price_period(tx, service, (run.from, run.to), after, CHUNK)?;
    match last {
        Some(last) => {
            draft_lines(tx, &run, service, (after, last), held, prices)?;
            cursor.seen += i64::from(CHUNK);
            cursor.after = last.0;
        }
        None => {
            // Who was billed and whose enrolment ended before the period, after all.
            let rest = (after, EnrolmentId(i64::MAX));
            draft_lines(tx, &run, service, rest, held, prices)?;
            cursor.service += 1;
            cursor.after = 0;
        }
    }
    Ok(Step::More {
        cursor: cursor.to_string(),
        done: cursor.seen.min(job.total),
    })
}

/// What published bills charged for some days of an enrolment.
#[derive(Default)]
pub(super) struct Published {
    pub(super) amount: Cents,
    aided: Cents,
    /// The newest of them: whose reasons stand for all, should they be taken back.
    reasons: Option<(TariffId, Option<IseeId>, ExplanationId)>,
}

pub(super) type Days = (EnrolmentId, Date, Date);

/// Writes the lines of a chunk of enrolments: what they cost now less what was published before,
/// and nothing where that is the same.
fn draft_lines(
    tx: &Transaction<'_>,
    run: &Run,
    service: &Service,
    (after, last): (EnrolmentId, EnrolmentId),
    held: Option<Date>,
    prices: Vec<PeriodPrice>,
) -> Result<()> {
    let mut published = published(tx, (run.from, run.to), service, (after, last))?;
    for price in prices {
        let key = (price.enrolment.id, price.from, price.to);
        let known = published.remove(&key);
        let fresh = known.is_none();
        let known = known.unwrap_or_default();
        let mut line = NewLine {
            run: run.id,
            days: key,
            charged_days: price.days,
            amount: Cents::ZERO,
            before: known.amount + price.charged,
            aided: Cents::ZERO,
            reasons: None,
            fault: None,
        };
        match price.price {
            Ok(priced) => {
                let waiting =
                    held.filter(|until| fresh && waits(*until, &line, &priced.explanation));
                if let Some(until) = waiting {
                    line.fault = Some(PeriodFault::Held(until));
                    line.insert(tx)?;
                    continue;
                }
                line.amount = priced.explanation.amount - line.before;
                line.aided = priced.explanation.aided() - known.aided - price.charged_aided;
                if !fresh && line.amount == Cents::ZERO && line.aided == Cents::ZERO {
                    continue;
                }
                let explanation = charging::keep_explanation(tx, &priced.explanation)?;
                line.reasons = Some((priced.tariff, priced.isee, explanation));
            }
            Err(fault) => line.fault = Some(fault),
        }
        line.insert(tx)?;
    }
    // What was charged for days that cost nothing any more is given back.
    for (days, known) in published {
        if known.amount != Cents::ZERO || known.aided != Cents::ZERO {
            let line = NewLine {
                run: run.id,
                days,
                charged_days: 0,
                amount: -known.amount,
                before: known.amount,
                aided: -known.aided,
                reasons: known.reasons,
                fault: None,
            };
            line.insert(tx)?;
        }
    }
    Ok(())
}

/// What published bills charged for days within a period, by enrolment and days.
pub(super) fn published(
    db: &Connection,
    (from, to): (Date, Date),
    service: &Service,
    (after, last): (EnrolmentId, EnrolmentId),
) -> Result<BTreeMap<Days, Published>> {
    let mut statement = db.prepare_cached(
        "select l.enrolment_id, l.from_day, l.to_day, l.amount, l.aided, l.tariff_id,
                l.isee_id, l.explanation_id
         from bill_line l join enrolment e on e.id = l.enrolment_id
         where l.enrolment_id > ?1 and l.enrolment_id <= ?2 and l.from_day >= ?3 and l.to_day <= ?4
           and l.bill_id is not null and e.service_id = ?5
         order by l.id",
    )?;
    let mut rows = statement.query((after, last, from, to, service.id))?;
    let mut all: BTreeMap<Days, Published> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let known = all
            .entry((row.get(0)?, row.get(1)?, row.get(2)?))
            .or_default();
        known.amount += row.get(3)?;
        known.aided += row.get(4)?;
        known.reasons = Some((row.get(5)?, row.get(6)?, row.get(7)?));
    }
    Ok(all)
}

struct NewLine {
    run: BillRunId,
    days: Days,
    charged_days: u32,
    amount: Cents,
    before: Cents,
    aided: Cents,
    reasons: Option<(TariffId, Option<IseeId>, ExplanationId)>,
    fault: Option<PeriodFault>,
}

impl NewLine {
    fn insert(&self, tx: &Transaction<'_>) -> Result<()> {
        let (enrolment, from, to) = self.days;
        let fault = self.fault.as_ref().map(serde_json::to_string);
        let fault = fault.transpose().map_err(Error::internal)?;
        tx.prepare_cached(
            "insert into bill_line (run_id, payer_id, enrolment_id, from_day, to_day, days, amount,
                                    before, aided, tariff_id, isee_id, explanation_id, fault)
             select ?1, payer_id, id, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12
             from enrolment where id = ?2",
        )?
        .execute(params![
            self.run,
            enrolment,
            from,
            to,
            self.charged_days,
            self.amount,
            self.before,
            self.aided,
            self.reasons.map(|r| r.0),
            self.reasons.and_then(|r| r.1),
            self.reasons.map(|r| r.2),
            fault,
        ])?;
        Ok(())
    }
}
