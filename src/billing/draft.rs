//! Drafting a run: every line that a period gives, less what was charged for the same days before.
//!
//! A job in steps of one short transaction each; the cursor moves with the lines that it stands for.

use std::fmt;

use rusqlite::{Connection, Transaction, params};
use serde_json::json;

use super::differences::{Days, Group, Part, Reasons, groups, published};
use super::runs::{self, NewRun, Run, RunState, require_money};
use crate::base::{
    Actor, BillRunId, Cents, Date, EnrolmentId, Error, Instant, PersonId, Result, ServiceId,
    TariffId, Text, parse_date, today,
};
use crate::charging::{self, PeriodFault, PeriodPrice, TariffsByDay};
use crate::enrolments;
use crate::isee;
use crate::jobs::{self, Job, Step};
use crate::municipality::{self, Service};
use crate::store::{self, AuditEvent};
use crate::tariffs::{Explanation, IseeUse};

/// What the job knows of the rule on the day on which the clerk began it: a draft that goes on after
/// midnight holds the same lines.
pub(super) const HELD_UNTIL: &str = "held_until";

/// The tariffs that hold for a draft, by service: those of the day on which the clerk began it, so that
/// one published meanwhile does not price the rest of it.
const TARIFFS: &str = "tariffs";

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
    let mut kept = serde_json::Map::new();
    for service in &services {
        charging::require_billable(tx, service, (new.from, new.to), today(now))?;
        total += enrolments::count_between(tx, service.id, new.from, new.to)?;
        let tariffs = charging::tariffs_of_period(tx, service, (new.from, new.to))?;
        kept.insert(service.id.0.to_string(), json!(tariffs));
    }
    let run = runs::insert(tx, actor, new, now)?;
    let held_until = match new.include_held {
        true => None,
        false => held_until(tx, today(now))?,
    };
    let params = json!({ "run": run.public_id, "from": new.from, "to": new.to,
                         HELD_UNTIL: held_until, TARIFFS: kept });
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

/// The tariffs that a draft keeps to for a service; none where it was begun before drafts kept any.
fn kept_tariffs(job: &Job, service: &Service) -> Option<TariffsByDay> {
    let kept = job.params[TARIFFS].get(service.id.0.to_string())?;
    let each = kept.as_array()?.iter();
    each.map(|one| {
        let day = parse_date(one[0].as_str()?)?;
        Some((day, one[1].as_i64().map(TariffId)))
    })
    .collect()
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
        let lines = runs::keep_totals(tx, run.id)?;
        runs::set_state(tx, run.id, RunState::Draft)?;
        return Ok(Step::Finished(json!({ "lines": lines })));
    };
    let kept = kept_tariffs(job, service);
    if let Some(children) = &run.children {
        draft_children(tx, &run, service, kept.as_ref(), children)?;
        cursor.service += 1;
        return Ok(Step::More {
            cursor: cursor.to_string(),
            done: job.done,
        });
    }
    let after = EnrolmentId(cursor.after);
    let held = job.params[HELD_UNTIL].as_str().and_then(parse_date);
    let period = (run.from, run.to);
    let (last, prices) = charging::price_period(tx, service, kept.as_ref(), period, after, CHUNK)?;
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

/// Writes what changes for some children: a correction of what they were charged, and nothing new.
fn draft_children(
    tx: &Transaction<'_>,
    run: &Run,
    service: &Service,
    kept: Option<&TariffsByDay>,
    children: &[PersonId],
) -> Result<()> {
    for child in children {
        for enrolment in enrolments::of_child(tx, *child)? {
            if enrolment.service_id != service.id {
                continue;
            }
            let period = (run.from, run.to);
            let within = (EnrolmentId(enrolment.id.0 - 1), enrolment.id);
            let published = published(tx, period, service, within)?;
            let one = std::slice::from_ref(&enrolment);
            let prices = charging::price_enrolments(tx, service, kept, one, period)?;
            for mut group in groups(prices, published) {
                group.prices.retain(|part| !part.is_fresh());
                draft_group(tx, run, None, group)?;
            }
        }
    }
    Ok(())
}

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
    let published = published(tx, (run.from, run.to), service, (after, last))?;
    for group in groups(prices, published) {
        draft_group(tx, run, held, group)?;
    }
    Ok(())
}

/// Writes what changes for days that belong together. Where one of them has no price, or waits, and
/// some of them were published, all of them stay as they were charged until it has one.
fn draft_group(tx: &Transaction<'_>, run: &Run, held: Option<Date>, group: Group) -> Result<()> {
    let published = group.was_published();
    let mut lines: Vec<NewLine> = group.prices.iter().map(|p| NewLine::of(run, p)).collect();
    for (line, part) in lines.iter_mut().zip(&group.prices) {
        line.fault = match &part.price.price {
            Ok(priced) => held
                .filter(|until| part.is_fresh() && waits(*until, line, &priced.explanation))
                .map(PeriodFault::Held),
            Err(fault) => Some(fault.clone()),
        };
    }
    if published && lines.iter().any(|line| line.fault.is_some()) {
        let mut faulty = lines.iter().filter(|line| line.fault.is_some());
        return faulty.try_for_each(|line| line.insert(tx));
    }
    if published && group.difference() == Some((Cents::ZERO, Cents::ZERO)) {
        return Ok(());
    }
    for (mut line, part) in lines.into_iter().zip(&group.prices) {
        if let (None, Ok(priced)) = (&line.fault, &part.price.price) {
            line.amount = priced.explanation.amount - line.before;
            line.aided = priced.explanation.aided() - part.aided_before();
            let changes = line.amount != Cents::ZERO || line.aided != Cents::ZERO;
            if !changes && part.overlaps {
                continue;
            }
            let explanation = charging::keep_explanation(tx, &priced.explanation)?;
            line.reasons = Some((priced.tariff, priced.isee, explanation));
        }
        line.insert(tx)?;
    }
    // What was charged for days that cost nothing any more, or are priced in other pieces now, is
    // given back.
    for (days, known) in group.rest {
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

/// A line that is to be written.
pub(super) struct NewLine {
    pub(super) run: BillRunId,
    pub(super) days: Days,
    pub(super) charged_days: u32,
    pub(super) amount: Cents,
    pub(super) before: Cents,
    pub(super) aided: Cents,
    pub(super) reasons: Option<Reasons>,
    pub(super) fault: Option<PeriodFault>,
}

impl NewLine {
    /// The line of a price, before it is known what changes.
    fn of(run: &Run, part: &Part) -> NewLine {
        let price = &part.price;
        NewLine {
            run: run.id,
            days: (price.enrolment.id, price.from, price.to),
            charged_days: price.days,
            amount: Cents::ZERO,
            before: part.before(),
            aided: Cents::ZERO,
            reasons: None,
            fault: None,
        }
    }

    pub(super) fn insert(&self, tx: &Transaction<'_>) -> Result<()> {
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
