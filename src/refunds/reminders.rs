//! Doing the steps that the comune's rule proposes, and what families read of them.

use std::collections::BTreeMap;

use rusqlite::Transaction;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::asking::{require_money, tell};
use super::debts::{Debtor, debts_among};
use super::dunning::StepKind;
use super::rules::dunning_policy;
use crate::base::{
    AccountId, Actor, Cents, Date, Error, Instant, PersonId, PublicId, Result, StaffActor, StaffId,
    date_it, today,
};
use crate::jobs::{self, Job, Step};
use crate::store::{self, AuditEvent};

/// The kind of job that sends reminders.
pub const REMIND: &str = "reminders";

/// The outbox kind: a family was reminded of a debt; it may be told elsewhere too.
pub const REMINDED: &str = "reminder-sent";

/// What the outbox says about a reminder; ids only.
#[derive(Debug, Serialize, Deserialize)]
pub struct Reminded {
    /// The account that owes.
    pub account: AccountId,
    /// The civil day of the reminder.
    pub day: Date,
}

/// Debts per step, and those of the same payer beyond: below 50 ms.
const CHUNK: usize = 20;

/// A debt that was shown with its step, and whose it is: one message goes to each payer.
type Shown = (PublicId, StepKind, PersonId);

/// Writes down that the steps shown for some debts are to be done, payer by payer: a job reads these
/// debts and no others.
///
/// # Errors
/// `Forbidden` for who handles no money.
pub fn start_reminders(
    tx: &Transaction<'_>,
    actor: &Actor,
    shown: &[(PublicId, StepKind)],
    now: Instant,
) -> Result<Job> {
    let staff = require_money(actor)?;
    let accounts: Vec<PublicId> = shown.iter().map(|(account, _)| account.clone()).collect();
    let mut rows: Vec<Shown> = Vec::new();
    for debtor in debts_among(tx, &accounts, today(now))? {
        let wanted = shown.iter().find(|(account, _)| *account == debtor.account);
        rows.extend(wanted.map(|(account, step)| (account.clone(), *step, debtor.payer_id)));
    }
    rows.sort_by_key(|(.., payer)| *payer);
    let params = json!({ "staff": staff, "rows": rows });
    let key = format!("{REMIND}:{}", PublicId::random()?);
    let total = i64::try_from(rows.len()).map_err(Error::internal)?;
    let job = jobs::enqueue(tx, REMIND, &key, &params, total, now)?;
    let event = AuditEvent {
        action: "send-reminders",
        subject: "job",
        subject_id: Some(job.id.0),
        payload: json!({ "debts": total }),
    };
    store::audit(tx, actor, now, &event)?;
    Ok(job)
}

/// One step of sending reminders: the job registry's entry for [`REMIND`].
///
/// # Errors
/// The database's own failure.
pub fn remind_step(tx: &Transaction<'_>, job: &Job, now: Instant) -> Result<Step> {
    let params = |name: &str| job.params.get(name).cloned().unwrap_or_default();
    let rows: Vec<Shown> = serde_json::from_value(params("rows")).map_err(Error::internal)?;
    let staff: StaffId = serde_json::from_value(params("staff")).map_err(Error::internal)?;
    let (from, count) = match job.cursor.split_once(' ') {
        None => (0, 0),
        Some((from, count)) => (
            from.parse::<usize>().map_err(Error::internal)?,
            count.parse::<usize>().map_err(Error::internal)?,
        ),
    };
    let rest = rows.get(from..).unwrap_or_default();
    let Some(last) = rest.get(CHUNK.min(rest.len()).saturating_sub(1)) else {
        return Ok(Step::Finished(json!({ "count": count })));
    };
    // A payer's debts stay together: all of them are one message.
    let until = rest.partition_point(|(.., payer)| *payer <= last.2);
    let shown: Vec<(PublicId, StepKind)> = rest
        .iter()
        .take(until)
        .map(|(account, step, _)| (account.clone(), *step))
        .collect();
    let actor = Actor::Staff(StaffActor {
        id: staff,
        roles: Vec::new(),
    });
    let count = count + remind(tx, &actor, staff, &shown, now)?;
    Ok(Step::More {
        cursor: format!("{} {count}", from + until),
        done: i64::try_from(from + until).map_err(Error::internal)?,
    })
}

/// Does the step that was shown for each of some debts, where the rule still proposes it: notes it
/// and tells the family, one message for each payer. How many debts that were.
fn remind(
    tx: &Transaction<'_>,
    actor: &Actor,
    staff: StaffId,
    shown: &[(PublicId, StepKind)],
    now: Instant,
) -> Result<usize> {
    let mut told: BTreeMap<PersonId, Vec<String>> = BTreeMap::new();
    let mut count = 0;
    let accounts: Vec<PublicId> = shown.iter().map(|(account, _)| account.clone()).collect();
    for debtor in debts_among(tx, &accounts, today(now))? {
        // What was paid or done meanwhile is left out.
        let wanted = shown.iter().find(|(account, _)| *account == debtor.account);
        let Some(step) = debtor
            .next
            .filter(|next| wanted.is_some_and(|(_, s)| s == next))
        else {
            continue;
        };
        tx.prepare_cached(
            "insert into reminder (public_id, account_id, owing_since, step, amount, staff_id, at)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute((
            PublicId::random()?,
            debtor.account_id,
            debtor.since,
            step.as_str(),
            debtor.due(),
            staff,
            now,
        ))?;
        let event = AuditEvent {
            action: "remind",
            subject: "reminder",
            subject_id: Some(tx.last_insert_rowid()),
            payload: json!({ "account": debtor.account_id, "step": step, "amount": debtor.due() }),
        };
        store::audit(tx, actor, now, &event)?;
        let reminded = Reminded {
            account: debtor.account_id,
            day: today(now),
        };
        store::outbox_push(tx, REMINDED, &reminded, now)?;
        let lines = told.entry(debtor.payer_id).or_default();
        lines.push(line(&debtor, step));
        count += 1;
    }
    let plan = match dunning_policy(tx)?.plan {
        Some(_) => " Puoi anche chiedere di pagare a rate, da «Estratto conto».",
        None => "",
    };
    for (payer, lines) in told {
        let body = format!(
            "Ci risulta ancora da pagare:\n\n{}\n\nPuoi pagare da «Nuovo pagamento».{plan} Se hai già \
             pagato non devi fare altro. Se hai difficoltà, rispondi qui: cerchiamo una soluzione insieme.",
            lines.join("\n\n")
        );
        tell(tx, payer, &body, now)?;
    }
    Ok(count)
}

/// Notes who took a file of debtors or of who is to be collected: it names people.
///
/// # Errors
/// `Forbidden` for who handles no money.
pub fn log_download(
    tx: &Transaction<'_>,
    actor: &Actor,
    what: &str,
    rows: usize,
    now: Instant,
) -> Result<()> {
    require_money(actor)?;
    let event = AuditEvent {
        action: "download-debtors",
        subject: "reminder",
        subject_id: None,
        payload: json!({ "what": what, "rows": rows }),
    };
    store::audit(tx, actor, now, &event)
}

/// A debt and its step, as the family reads it.
pub fn line(debtor: &Debtor, step: StepKind) -> String {
    let what = format!(
        "{} di {}: {}, dal {}.",
        debtor.service,
        debtor.child,
        debtor.due(),
        date_it(debtor.since)
    );
    let then = match step {
        StepKind::Message | StepKind::Sms => "",
        StepKind::RegisteredLetter => " Ti arriva anche una raccomandata.",
        StepKind::NextBill => " Va pagato prima della prossima bolletta.",
        StepKind::Collection => " Il debito passa alla riscossione.",
        StepKind::Exclusion => " Finché non è saldato non si accolgono nuove iscrizioni.",
    };
    let cost = match debtor.cost {
        Cents::ZERO => String::new(),
        cost => format!(" Il costo di {cost} è a tuo carico."),
    };
    format!("{what}{then}{cost}")
}
