//! How a suspension ends: by itself, once the rule would not propose it any more, or by the office.

use jiff::ToSpan;
use rusqlite::{Connection, Transaction};
use serde_json::json;

use super::candidates::{Known, Looked, overdue};
use super::running::{Ending, Suspension, running, suspension};
use crate::base::{AccountId, Actor, Cents, Date, Instant, PublicId, Result, date_long_it, today};
use crate::ledger::{self, FamilyAccount};
use crate::municipality::{self, Service};
use crate::store::{self, AuditEvent, Store, Urgency};
use crate::{attendance, charging, enrolments, messages};

/// So many days ahead a day of service is looked for.
const AHEAD: usize = 30;

/// Ends every suspension that the rule would not propose any more: what was owed has been paid, given up
/// or divided into instalments, the social services have exempted the child, the child has left, or the
/// comune says that children always eat. The payer is told.
///
/// # Errors
/// The database's own failure.
pub fn tick(store: &Store, now: Instant) -> Result<()> {
    for id in store.read(|db| over(db, today(now)))? {
        store.write(Urgency::Background, move |tx| end_if_over(tx, &id, now))?;
    }
    Ok(())
}

fn over(db: &Connection, today: Date) -> Result<Vec<PublicId>> {
    let running = running(db)?;
    if running.is_empty() {
        return Ok(Vec::new());
    }
    let accounts: Vec<AccountId> = running.iter().map(|one| one.account).collect();
    let known = Known::load(db, &accounts, today)?;
    let mut over = Vec::new();
    for one in running {
        let account = ledger::account(db, one.account)?;
        if why_over(db, &known, &one, &account, today)?.is_some() {
            over.push(one.public_id);
        }
    }
    Ok(over)
}

/// Looks again in the transaction that writes: somebody may have ended it, or charged the account.
fn end_if_over(tx: &Transaction<'_>, id: &PublicId, now: Instant) -> Result<()> {
    let today = today(now);
    let one = suspension(tx, id)?;
    let known = Known::load(tx, &[one.account], today)?;
    let account = ledger::account(tx, one.account)?;
    match why_over(tx, &known, &one, &account, today)? {
        Some(why) => end(tx, &Actor::System("suspensions"), &one, (why, ""), now),
        None => Ok(()),
    }
}

fn why_over(
    db: &Connection,
    known: &Known,
    one: &Suspension,
    account: &FamilyAccount,
    today: Date,
) -> Result<Option<Ending>> {
    let holding = enrolments::holding(db, account.child_id, account.service_id, today)?;
    let same = |found: &enrolments::Enrolment| {
        found.id == one.enrolment && found.payer_id == account.payer_id
    };
    if !holding.as_ref().is_some_and(same) {
        return Ok(Some(Ending::Left));
    }
    let looked = Looked {
        account: account.id,
        child: account.child_id,
        service: account.service_id,
        balance: account.balance,
        price: charging::last_price(db, account.id)?,
    };
    Ok(known.limit(&looked).err())
}

/// The first day of service that a family could still cancel now, and so one for which the child can
/// still be counted.
fn first_expected(service: &Service, now: Instant) -> Date {
    let days = today(now).series(1.day()).take(AHEAD);
    let mut open =
        days.filter(|day| service.runs_on(*day) && now <= attendance::cut_off(service, *day));
    open.next().unwrap_or(today(now))
}

/// Ends a suspension: the child is expected again from the next day that can still be ordered.
pub(super) fn end(
    tx: &Transaction<'_>,
    actor: &Actor,
    one: &Suspension,
    (ending, reason): (Ending, &str),
    now: Instant,
) -> Result<()> {
    let account = ledger::account(tx, one.account)?;
    let until = first_expected(&municipality::service(tx, account.service_id)?, now);
    enrolments::resume(tx, one.interruption, until)?;
    let by = actor.staff().map(|staff| staff.id);
    tx.prepare_cached(
        "update suspension set ending = ?2, ended_at = ?3, ended_by = ?4, ended_reason = ?5
         where id = ?1",
    )?
    .execute((one.id, ending, now, by, reason))?;
    let event = AuditEvent {
        action: "end-suspension",
        subject: "suspension",
        subject_id: Some(one.id.0),
        payload: json!({ "account": one.account, "ending": ending, "until": until }),
    };
    store::audit(tx, actor, now, &event)?;
    // Who has left the service has nothing to look forward to.
    if ending == Ending::Left {
        return Ok(());
    }
    let owed = overdue(tx, account.id, today(now))?;
    let body = told(one, owed, (ending, reason), until);
    let program = Actor::System("suspensions");
    messages::write_message(tx, &program, one.payer_id, &body, now)
}

fn told(one: &Suspension, owed: Cents, (ending, reason): (Ending, &str), until: Date) -> String {
    let why = match ending {
        Ending::Covered => "il conto è tornato sopra il limite",
        Ending::Exempted => "i servizi sociali hanno disposto un’esenzione",
        Ending::Plan => "quello che manca si paga a rate, con il piano accordato",
        Ending::Rule | Ending::Left => "la regola del Comune non la prevede più",
        Ending::Office => "lo ha deciso l’ufficio",
    };
    let whose = format!("«{}» di {}", one.service, one.child_name);
    let what = if until <= one.from {
        let from = date_long_it(one.from);
        format!("La sospensione di {whose}, che doveva iniziare {from}, non parte: {why}.")
    } else {
        let day = date_long_it(until);
        format!("Il servizio {whose} riprende {day}: la sospensione è finita, perché {why}.")
    };
    let reason = match reason {
        "" => String::new(),
        reason => format!("\n\nMotivo: {reason}"),
    };
    let then = match owed.is_positive() {
        true => format!("Sul conto mancano ancora {owed}: li trovi in «Nuovo pagamento»."),
        false => "Non devi fare altro.".to_owned(),
    };
    format!("{what}{reason}\n\n{then}")
}
