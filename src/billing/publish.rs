//! Publishing a run: each payer gets a bill, its charges in the ledger and one notice, all in one
//! transaction; a step does some payers.
//!
//! A family's bill stands for itself, so it may be there before the neighbour's: what must not be
//! seen is half a bill. A step that is cut by a crash is done again, and finds the payers that have
//! their bill already passed over.

use std::collections::BTreeMap;

use rusqlite::{Connection, Transaction};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::runs::{self, Run, RunState, require_money};
use crate::base::{
    AccountId, Actor, BillId, BillLineId, Cents, ChargeId, Date, Error, Instant, PersonId,
    PublicId, Result, Text, month_it, today,
};
use crate::charging::{self, Billed, PeriodFault};
use crate::jobs::{self, Job, Step};
use crate::ledger;
use crate::payments::{self, Share};
use crate::plans;
use crate::refunds;
use crate::store::{self, AuditEvent};

/// The kind of job that publishes a run.
pub const BILL_PUBLISH: &str = "bill-publish";

/// The outbox kind: a family has a bill.
pub const ISSUED: &str = "bill-issued";

/// What the outbox says about a bill; ids only.
#[derive(Debug, Serialize, Deserialize)]
pub struct Issued {
    /// The bill.
    pub bill: BillId,
}

/// Payers per step: below 50 ms.
const CHUNK: u32 = 25;

/// Begins to publish a draft. Lines without a price are left out, if that is wanted, and come again
/// in the next draft of the same days.
///
/// # Errors
/// `Forbidden`; a conflict when it is no draft; a field error for a due date that is past; a refusal
/// for lines without a price that nobody agreed to leave out, and for a draft with nothing to charge.
pub fn start_publish(
    tx: &Transaction<'_>,
    actor: &Actor,
    id: &PublicId,
    due_date: Date,
    leave_faults: bool,
    now: Instant,
) -> Result<Job> {
    require_money(actor)?;
    let run = runs::run(tx, id)?;
    if run.state != RunState::Draft {
        return Err(Error::conflict(Text::new("error-bill-run-not-draft")));
    }
    if due_date < today(now) {
        return Err(Error::field("due_date", Text::new("error-bill-due-past")));
    }
    let totals = super::totals(tx, &run)?;
    if totals.lines == totals.faults {
        return Err(Error::refused(Text::new("error-bill-nothing")));
    }
    if totals.faults > 0 && !leave_faults {
        let text = Text::new("error-bill-faults").with("count", totals.faults);
        return Err(Error::field("leave_faults", text));
    }
    tx.prepare_cached("update bill_run set state = 'publishing', due_date = ?2 where id = ?1")?
        .execute((run.id, due_date))?;
    let params = json!({ "run": run.public_id, "from": run.from, "to": run.to });
    let key = format!("{BILL_PUBLISH}:{}", run.public_id);
    let job = jobs::enqueue(tx, BILL_PUBLISH, &key, &params, totals.payers, now)?;
    runs::set_job(tx, run.id, job.id)?;
    let event = AuditEvent {
        action: "publish-bills",
        subject: "bill_run",
        subject_id: Some(run.id.0),
        payload: json!({ "from": run.from, "to": run.to, "due_date": due_date,
                         "lines": totals.lines, "total": totals.total }),
    };
    store::audit(tx, actor, now, &event)?;
    Ok(job)
}

/// One step of publishing: the job registry's entry for [`BILL_PUBLISH`].
///
/// # Errors
/// The database's own failure.
pub fn publish_step(tx: &Transaction<'_>, job: &Job, now: Instant) -> Result<Step> {
    let run = runs::of_job(tx, job)?;
    let mut cursor = PersonId(match job.cursor.as_str() {
        "" => 0,
        text => text.parse().map_err(Error::internal)?,
    });
    let payers = payers_after(tx, &run, cursor)?;
    if payers.is_empty() {
        return finish(tx, &run, now);
    }
    let mut done = job.done;
    for payer in payers {
        issue_or_note(tx, &run, payer, now)?;
        cursor = payer;
        done += 1;
    }
    Ok(Step::More {
        cursor: cursor.0.to_string(),
        done,
    })
}

fn payers_after(db: &Connection, run: &Run, after: PersonId) -> Result<Vec<PersonId>> {
    let mut statement = db.prepare_cached(
        "select distinct payer_id from bill_line
         where run_id = ?1 and payer_id > ?2 and fault is null and bill_id is null
         order by payer_id limit ?3",
    )?;
    let rows = statement.query_map((run.id, after, CHUNK), |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn finish(tx: &Transaction<'_>, run: &Run, now: Instant) -> Result<Step> {
    let sql =
        "select count(*), coalesce(sum(total), 0), count(notice_id) from bill where run_id = ?1";
    let (bills, total, notices): (i64, Cents, i64) = tx
        .prepare_cached(sql)?
        .query_row([run.id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    runs::keep_totals(tx, run.id)?;
    runs::set_published(tx, run.id, now)?;
    let failed = not_issued(tx, run)?;
    Ok(Step::Finished(
        json!({ "bills": bills, "total": total, "notices": notices, "failed": failed }),
    ))
}

/// Whose bill could not be issued: how many payers of a run.
///
/// # Errors
/// The database's own failure.
pub fn not_issued(db: &Connection, run: &Run) -> Result<i64> {
    let sql = "select count(distinct payer_id) from bill_line
               where run_id = ?1 and fault is not null and json_extract(fault, '$.not_issued') is not null";
    Ok(db
        .prepare_cached(sql)?
        .query_row([run.id], |row| row.get(0))?)
}

/// Issues the bill of a payer. One that can't be issued stands in no other's way: its lines get the
/// fault instead, and come again in the next draft of the same days.
fn issue_or_note(tx: &Transaction<'_>, run: &Run, payer: PersonId, now: Instant) -> Result<()> {
    tx.execute_batch("savepoint bill_of_payer")?;
    match issue(tx, run, payer, None, now) {
        Ok(()) => {}
        // The disk is no payer's fault: the step is done again.
        Err(error @ Error::Storage(..)) => return Err(error),
        Err(error) => {
            tx.execute_batch("rollback to bill_of_payer")?;
            let fault = PeriodFault::NotIssued(error.to_string());
            let fault = serde_json::to_string(&fault).map_err(Error::internal)?;
            tx.prepare_cached(
                "update bill_line set fault = ?3, tariff_id = null, isee_id = null,
                        explanation_id = null, amount = 0, aided = 0
                 where run_id = ?1 and payer_id = ?2 and fault is null and bill_id is null",
            )?
            .execute((run.id, payer, fault))?;
        }
    }
    tx.execute_batch("release bill_of_payer")?;
    Ok(())
}

/// Charges the lines of a payer, and asks for what credit does not cover with one notice. A single
/// line may give back the charge of a closed day.
pub(super) fn issue(
    tx: &Transaction<'_>,
    run: &Run,
    payer: PersonId,
    reverses: Option<ChargeId>,
    now: Instant,
) -> Result<()> {
    let mut lines = lines_to_publish(tx, run, payer)?;
    if let Some((billed, _)) = lines.first_mut() {
        billed.reverses = reverses;
    }
    let mut accounts: BTreeMap<AccountId, Cents> = BTreeMap::new();
    let mut services: BTreeMap<String, ()> = BTreeMap::new();
    let mut total = Cents::ZERO;
    for (billed, service) in &lines {
        let account = charging::charge_billed(tx, billed, now)?;
        *accounts.entry(account).or_default() += billed.amount;
        total += billed.amount;
        services.insert(service.clone(), ());
    }
    let credits = accounts
        .iter()
        .map(|(account, charged)| (*account, -*charged));
    let credits: Vec<(AccountId, Cents)> = credits.collect();
    plans::lower_credited(tx, payer, &credits, now)?;
    refunds::cover_siblings(tx, payer, now)?;
    let changes = accounts.values().any(|charged| *charged != Cents::ZERO);
    let told = changes || lines.iter().all(|(billed, _)| billed.before == Cents::ZERO);
    let mut shares = Vec::new();
    for (account, charged) in accounts {
        // Older debts have notices of their own; credit is used up first.
        let owed = -ledger::balance(tx, account)?;
        let amount = charged.min(owed);
        if amount.is_positive() {
            shares.push(Share { account, amount });
        }
    }
    let due: Cents = shares.iter().map(|share| share.amount).sum();
    let notice = match shares.is_empty() {
        true => None,
        false => {
            let subject = subject(services.into_keys(), run);
            Some(payments::create_shared(tx, payer, &shares, &subject, run.due_date, now)?.id)
        }
    };
    let year = today(now).year();
    let number = store::next_number(tx, &format!("bill-{year}"), 1)?;
    tx.prepare_cached(
        "insert into bill (public_id, run_id, payer_id, year, number, total, due, notice_id, issued_at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute((
        PublicId::random()?,
        run.id,
        payer,
        year,
        number,
        total,
        due,
        notice,
        now,
    ))?;
    let bill = BillId(tx.last_insert_rowid());
    for (billed, _) in &lines {
        tx.prepare_cached("update bill_line set bill_id = ?2 where id = ?1")?
            .execute((billed.line, bill))?;
    }
    // Days that were only cut otherwise are no news.
    match told {
        true => store::outbox_push(tx, ISSUED, &Issued { bill }, now),
        false => Ok(()),
    }
}

/// `Nido comunale, Trasporto scolastico - ottobre 2026`: what is paid for, without personal data.
fn subject(services: impl Iterator<Item = String>, run: &Run) -> String {
    let services: Vec<String> = services.collect();
    let what = match services.as_slice() {
        [one] => one.clone(),
        _ => "Servizi scolastici".to_owned(),
    };
    let (first, last) = (month(run.from), month(run.to));
    let when = match first == last {
        true => first,
        false => format!("{first} - {last}"),
    };
    let room = 90 - 3 - when.chars().count();
    let what: String = what.chars().take(room).collect();
    format!("{what} - {when}")
}

fn month(day: Date) -> String {
    format!("{} {}", month_it(day.month()), day.year())
}

fn lines_to_publish(db: &Connection, run: &Run, payer: PersonId) -> Result<Vec<(Billed, String)>> {
    let mut statement = db.prepare_cached(
        "select l.id, l.enrolment_id, e.child_id, e.service_id, l.from_day, l.to_day, l.amount,
                l.before, l.aided, l.tariff_id, l.isee_id, l.explanation_id, s.name
         from bill_line l join enrolment e on e.id = l.enrolment_id
         join service s on s.id = e.service_id
         where l.run_id = ?1 and l.payer_id = ?2 and l.fault is null and l.bill_id is null
         order by l.id",
    )?;
    let rows = statement.query_map((run.id, payer), |row| {
        let billed = Billed {
            line: row.get::<_, BillLineId>(0)?,
            enrolment: row.get(1)?,
            payer,
            child: row.get(2)?,
            service: row.get(3)?,
            days: (row.get(4)?, row.get(5)?),
            amount: row.get(6)?,
            before: row.get(7)?,
            aided: row.get(8)?,
            tariff: row.get(9)?,
            isee: row.get(10)?,
            explanation: row.get(11)?,
            reverses: None,
        };
        Ok((billed, row.get(12)?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
