//! Closing a day of a prepaid service (docs/architecture.md): its facts are priced and posted, once.
//!
//! A job in steps of one short transaction each. Steps price and lay their prices aside; the last
//! one takes all of them over as charges, posts them and writes the closing, so nobody ever sees
//! half a day. The cursor moves in the transaction of the prices it stands for, so a step that is
//! cut by a crash leaves nothing behind and is done again; the tables refuse a second charge of the
//! same enrolment and day, and a second entry of the same charge.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use jiff::civil::Time;
use rusqlite::{Connection, Transaction};
use serde::Serialize;
use serde_json::{Value, json};

use super::aid;
use super::charges;
use super::days::{self, is_closed, job_key};
use super::facts::{self, Fact};
use super::known::Pricing;
use super::prices::{self, Price};
use super::recorded;
use crate::base::{
    Actor, Cents, Date, EnrolmentId, Error, ExplanationId, Instant, IseeId, JobId, Permission,
    Result, ServiceId, TariffId, Text, today,
};
use crate::calendar::Calendar;
use crate::enrolments;
use crate::jobs::{self, Job, Step};
use crate::ledger::{self, Cause, NewEntry};
use crate::municipality::{self, Service};
use crate::store::{self, AuditEvent, Store, Urgency};
use crate::tariffs::{self, Facts, Part, Rule};

/// The kind of job that closes a day.
pub const DAY_CLOSE: &str = "day-close";

/// Enrolments per step: well below 50 ms.
const CHUNK: u32 = 1000;

/// The last day that may be closed: today once the school's cut-off is past, else yesterday.
pub fn last_closable_day(service: &Service, now: Instant) -> Date {
    let today = today(now);
    if now >= school_cutoff(service, today) {
        today
    } else {
        today.yesterday().unwrap_or(today)
    }
}

fn school_cutoff(service: &Service, day: Date) -> Instant {
    let (hour, minute) = service.school_cutoff.split_once(':').unwrap_or(("", ""));
    let time = hour.parse().ok().zip(minute.parse().ok());
    let time = time.and_then(|(hour, minute)| Time::new(hour, minute, 0, 0).ok());
    Instant::from_rome(day.to_datetime(time.unwrap_or(Time::MAX)))
}

/// Says whether a day of a service can be closed now.
///
/// # Errors
/// A refusal that says why not and what to do.
pub fn require_closable(db: &Connection, service: &Service, day: Date, now: Instant) -> Result<()> {
    let refuse = |text: Text| {
        Err(Error::refused(
            text.with("service", service.name.as_str()).with("day", day),
        ))
    };
    if !service.prepaid {
        return refuse(Text::new("error-day-postpaid"));
    }
    if day > today(now) {
        return refuse(Text::new("error-day-in-future"));
    }
    if day > last_closable_day(service, now) {
        let text = Text::new("error-day-before-cutoff");
        return refuse(text.with("time", service.school_cutoff.as_str()));
    }
    if !Calendar::load(db, service, day, day)?.runs_anywhere(day) {
        return refuse(Text::new("error-day-not-running"));
    }
    if is_closed(db, service.id, day)? {
        return refuse(Text::new("error-day-closed"));
    }
    let (_, rule) = tariffs::tariff_on(db, service.id, day)?;
    facts::require_priceable(&rule)
}

/// Writes down the job that closes a day; asking again while it is under way finds the same job,
/// and one that failed goes on where it stopped.
///
/// # Errors
/// The refusals of [`require_closable`]; `Forbidden` for who does not handle money.
pub fn start_day_close(
    tx: &Transaction<'_>,
    actor: &Actor,
    service: ServiceId,
    day: Date,
    now: Instant,
) -> Result<Job> {
    if !actor.may(Permission::Money) && !matches!(actor, Actor::System(_)) {
        return Err(Error::Forbidden);
    }
    let service = municipality::service(tx, service)?;
    require_closable(tx, &service, day, now)?;
    let (tariff, _) = tariffs::tariff_on(tx, service.id, day)?;
    let job = jobs::enqueue(
        tx,
        DAY_CLOSE,
        &job_key(&service, day),
        &json!({ "service": service.code, "day": day, "tariff": tariff }),
        enrolments::count_of_service(tx, service.id, day)?,
        now,
    )?;
    let event = AuditEvent {
        action: "close-day",
        subject: "job",
        subject_id: Some(job.id.0),
        payload: json!({ "service": service.code, "day": day }),
    };
    store::audit(tx, actor, now, &event)?;
    Ok(job)
}

/// Closes a day here and now, to the end: for the command line and for building the demo.
///
/// # Errors
/// Those of [`start_day_close`] and of the steps.
pub fn close_day(
    store: &Store,
    actor: &Actor,
    service: ServiceId,
    day: Date,
    now: Instant,
    progress: impl FnMut(&Job),
) -> Result<Job> {
    let actor = actor.clone();
    let job = store.write(Urgency::Background, move |tx| {
        start_day_close(tx, &actor, service, day, now)
    })?;
    jobs::run(store, job.id, &day_close_step, || now, progress)
}

/// How far a closing came: the last enrolment seen, and how many.
#[derive(Default)]
struct Cursor {
    after: i64,
    seen: i64,
}

impl Cursor {
    fn parse(text: &str) -> Result<Cursor> {
        if text.is_empty() {
            return Ok(Cursor::default());
        }
        let numbers = text.split_once(':');
        let numbers = numbers.and_then(|(a, b)| a.parse().ok().zip(b.parse().ok()));
        let (after, seen) = numbers
            .ok_or_else(|| Error::Internal(format!("`{text}` is no cursor of {DAY_CLOSE}")))?;
        Ok(Cursor { after, seen })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.after, self.seen)
    }
}

/// One step of closing a day: the job registry's entry for [`DAY_CLOSE`].
///
/// # Errors
/// The database's own failure; a tariff that is gone.
pub fn day_close_step(tx: &Transaction<'_>, job: &Job, now: Instant) -> Result<Step> {
    let service = municipality::service_by_code(tx, job.param("service")?)?;
    let service = service.ok_or(Error::NotFound)?;
    let day: Date = job.param("day")?.parse().map_err(Error::internal)?;
    let mut cursor = Cursor::parse(&job.cursor)?;
    let (tariff, rule) = tariff_of(tx, job, service.id, day)?;
    let after = EnrolmentId(cursor.after);
    let facts = facts::day_facts(tx, &service, &rule, day, after, CHUNK)?;
    if facts.is_empty() {
        return finish(tx, job.id, &service, day, now);
    }
    let pricing = Pricing::by(tariff, &rule);
    for fact in facts {
        cursor.after = fact.enrolment.id.0;
        cursor.seen += 1;
        if fact.charged {
            let (isee, facts) = of_day(&fact, day);
            let Ok(known) = pricing.price(tx, &facts)? else {
                return Err(without_price(tx, &service, &rule, day)?);
            };
            let price = Price {
                enrolment: fact.enrolment.id,
                payer: fact.enrolment.payer_id,
                child: fact.enrolment.child_id,
                amount: known.amount,
                tariff,
                // Kept with the charge is the ISEE that made the price, not one that did not count.
                isee: isee.filter(|_| known.uses_isee),
                explanation: known.explanation,
                aided: known.aided,
            };
            prices::lay_aside(tx, job.id, &price)?;
        }
    }
    Ok(Step::More {
        cursor: cursor.to_string(),
        done: cursor.seen,
    })
}

/// The tariff that held when the closing was asked for: one that is published meanwhile does not price
/// half of a day. A job of before that was kept has that of its day.
fn tariff_of(
    db: &Connection,
    job: &Job,
    service: ServiceId,
    day: Date,
) -> Result<(TariffId, Rule)> {
    match job.params.get("tariff").and_then(Value::as_i64) {
        Some(id) => Ok((TariffId(id), tariffs::tariff(db, TariffId(id))?)),
        None => tariffs::tariff_on(db, service, day),
    }
}

/// The refusal that names every child who has no price on a day.
fn without_price(db: &Connection, service: &Service, rule: &Rule, day: Date) -> Result<Error> {
    let mut found = Vec::new();
    let mut after = EnrolmentId(0);
    loop {
        let facts = facts::day_facts(db, service, rule, day, after, CHUNK)?;
        let Some(last) = facts.last() else { break };
        after = last.enrolment.id;
        for fact in facts.into_iter().filter(|fact| fact.charged) {
            if let Err(why) = tariffs::price(rule, &of_day(&fact, day).1, Part::Day) {
                found.push((fact.enrolment, why));
            }
        }
    }
    Ok(recorded::unpriced(rule, &found))
}

/// The last step: what was laid aside is charged and posted, and the day is closed. A free meal has
/// a charge, so that it can be explained, and no entry: no money moves.
fn finish(
    tx: &Transaction<'_>,
    job: JobId,
    service: &Service,
    day: Date,
    now: Instant,
) -> Result<Step> {
    let revenue = ledger::revenue_account(tx, service.id)?;
    let (mut count, mut total) = (0, Cents::ZERO);
    // Many days have the same reasons.
    let mut shares: BTreeMap<ExplanationId, aid::Shares> = BTreeMap::new();
    for price in prices::take(tx, job)? {
        let account = ledger::family_account(tx, price.payer, price.child, service.id)?;
        let charge = charges::add(tx, &price, account, day, now)?;
        if price.amount.is_positive() {
            let entry = NewEntry {
                day,
                debit: account,
                credit: revenue,
                amount: price.amount,
                cause: Cause::Charge(charge),
            };
            ledger::post_owed(tx, &entry, now)?;
        }
        if price.aided.is_positive() {
            let shares = match shares.entry(price.explanation) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(aid::shares(tx, service.id, price.explanation)?),
            };
            aid::post(tx, (charge, day), revenue, shares, now)?;
        }
        count += 1;
        total += price.amount;
    }
    days::record_closing(tx, service.id, day, job, (count, total), now)?;
    Ok(Step::Finished(json!({ "charges": count, "total": total })))
}

/// The ISEE that is recorded for the day, and all that the price may depend on.
fn of_day(fact: &Fact, day: Date) -> (Option<IseeId>, Facts) {
    let (isee_id, isee) = fact.isee.clone().unzip();
    let mut facts = Facts::on(day)
        .with_isee(isee)
        .with("resident", fact.resident)
        .with("meals", 1)
        .with("days_present", 1)
        .with("grade", fact.enrolment.grade.as_str());
    facts.values.extend(fact.asked.iter().cloned());
    (isee_id, facts)
}

/// What closing a day would post.
#[derive(Debug, Default, Serialize, PartialEq, Eq)]
pub struct Preview {
    /// Enrolments that hold on the day.
    pub enrolled: i64,
    /// Of these, charged.
    pub charges: i64,
    /// In all.
    pub total: Cents,
    /// How many at which price, from the cheapest.
    pub prices: Vec<(Cents, i64)>,
}

/// Prices a day without posting anything.
///
/// # Errors
/// The refusals of [`require_closable`]; one that names the children without a price.
pub fn preview(db: &Connection, service: &Service, day: Date, now: Instant) -> Result<Preview> {
    require_closable(db, service, day, now)?;
    let (_, rule) = tariffs::tariff_on(db, service.id, day)?;
    let mut preview = Preview::default();
    let mut prices = BTreeMap::<Cents, i64>::new();
    let mut after = EnrolmentId(0);
    loop {
        let facts = facts::day_facts(db, service, &rule, day, after, CHUNK)?;
        let Some(last) = facts.last() else { break };
        after = last.enrolment.id;
        for fact in &facts {
            preview.enrolled += 1;
            if fact.charged {
                let priced = tariffs::price(&rule, &of_day(fact, day).1, Part::Day);
                let Ok(explanation) = priced else {
                    return Err(without_price(db, service, &rule, day)?);
                };
                preview.charges += 1;
                preview.total += explanation.amount;
                *prices.entry(explanation.amount).or_default() += 1;
            }
        }
    }
    preview.prices = prices.into_iter().collect();
    Ok(preview)
}
