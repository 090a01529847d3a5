//! What the office decides: to suspend, out of what the rule proposes, and to go on.

use jiff::ToSpan;
use rusqlite::Transaction;
use serde_json::json;

use super::candidates::{Candidate, candidates_among};
use super::ending::end;
use super::running::{Ending, suspension};
use crate::base::{
    Actor, Date, Error, Instant, Permission, PublicId, Result, StaffId, Text, date_long_it, today,
};
use crate::store::{self, AuditEvent};
use crate::{enrolments, messages, refunds};

/// So many days ahead a suspension may begin at the latest.
const FARTHEST: i64 = 60;
/// So many days ahead it begins where the clerk says nothing else: a family can pay until then.
const NOTICE: i64 = 7;

/// What the office suspends.
pub struct NewSuspension<'a> {
    /// The accounts that were shown and chosen.
    pub accounts: &'a [PublicId],
    /// The first day without the service.
    pub from: Date,
    /// Why: the families read it.
    pub reason: &'a str,
}

/// The latest day on which a suspension that is decided today may begin.
pub fn last_first_day(today: Date) -> Date {
    today.saturating_add(FARTHEST.days())
}

/// The first day that is proposed: a week ahead, and no Saturday or Sunday.
pub fn suggested_day(today: Date) -> Date {
    let days = today.saturating_add(NOTICE.days()).series(1.day());
    let mut days = days.filter(|day| day.weekday().to_monday_one_offset() <= 5);
    days.next().unwrap_or(today)
}

/// Suspends the services of some accounts, as far as the rule still proposes it: whoever has paid since
/// the list was shown is left out. Each payer is told, with a button that leads to the payment. How many
/// services that were.
///
/// # Errors
/// `Forbidden` for who is not of the office; a field error of `reason` when it is empty, of `from` for
/// today, a day before or one too far ahead; a conflict when nothing is left to suspend.
pub fn suspend(
    tx: &Transaction<'_>,
    actor: &Actor,
    new: &NewSuspension<'_>,
    now: Instant,
) -> Result<usize> {
    let staff = require_office(actor)?;
    let (reason, today) = (required(new.reason)?, today(now));
    let last = last_first_day(today);
    // Today's meals are ordered, or will be in a moment: a family hears of it before the first day.
    if new.from <= today || new.from > last {
        let text = Text::new("error-suspension-day").with("last", last);
        return Err(Error::field("from", text));
    }
    let chosen = candidates_among(tx, new.accounts, today)?;
    if chosen.is_empty() {
        return Err(Error::conflict(Text::new("error-suspension-nothing")));
    }
    for one in &chosen {
        let interruption = enrolments::interrupt(tx, one.enrolment, new.from)?;
        tx.prepare_cached(
            "insert into suspension (public_id, interruption_id, account_id, reason, balance, staff_id,
                                     recorded_at)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute((
            PublicId::random()?,
            interruption,
            one.account_id,
            reason,
            one.balance,
            staff,
            now,
        ))?;
        let event = AuditEvent {
            action: "suspend-service",
            subject: "suspension",
            subject_id: Some(tx.last_insert_rowid()),
            payload: json!({ "account": one.account_id, "from": new.from, "owed": one.owed }),
        };
        store::audit(tx, actor, now, &event)?;
        let body = told(
            one,
            new.from,
            reason,
            refunds::dunning_policy(tx)?.plan.is_some(),
        );
        messages::ask_to_top_up(tx, one.account_id, one.payer_id, &body, now)?;
    }
    Ok(chosen.len())
}

/// What the payer reads.
fn told(of: &Candidate, from: Date, reason: &str, plans: bool) -> String {
    let plan = match plans {
        true => " Puoi anche chiedere di pagare a rate, da «Estratto conto».",
        false => "",
    };
    format!(
        "Da {} il servizio «{}» di {} è sospeso: sul conto mancano {}, e il Comune può sospenderlo da {} \
         di debito in su.\n\nMotivo: {reason}\n\nRiprende da solo quando il debito scende sotto {}. \
         Ricarica con il pulsante qui sotto, oppure da «Nuovo pagamento».{plan} Se hai appena pagato non \
         devi fare altro. Se hai difficoltà a pagare, rispondi qui: cerchiamo una soluzione insieme.",
        date_long_it(from),
        of.service,
        of.child_name,
        of.owed,
        of.limit,
        of.limit
    )
}

/// The office lets a service go on before the rule would.
///
/// # Errors
/// `Forbidden` for who is not of the office; `NotFound` where it has ended; a field error of `reason`.
pub fn reactivate(
    tx: &Transaction<'_>,
    actor: &Actor,
    id: &PublicId,
    reason: &str,
    now: Instant,
) -> Result<()> {
    require_office(actor)?;
    let reason = required(reason)?;
    end(
        tx,
        actor,
        &suspension(tx, id)?,
        (Ending::Office, reason),
        now,
    )
}

fn required(reason: &str) -> Result<&str> {
    match reason.trim() {
        "" => Err(Error::field("reason", Text::new("error-suspension-reason"))),
        reason => Ok(reason),
    }
}

fn require_office(actor: &Actor) -> Result<StaffId> {
    match actor.staff() {
        Some(staff) if actor.may(Permission::Office) => Ok(staff.id),
        _ => Err(Error::Forbidden),
    }
}
