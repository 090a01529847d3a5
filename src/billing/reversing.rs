//! Giving back one charged day of a prepaid service: a bill of one line, published at once. What a
//! later correction makes of the same days takes it into account.

use rusqlite::{Connection, Transaction};
use serde_json::json;

use super::draft::NewLine;
use super::publish;
use super::runs::{self, Kind, NewRun, require_money};
use crate::base::{
    Actor, Cents, Error, Instant, Permission, PersonId, PublicId, Result, ServiceId, Text,
};
use crate::charging::{self, ClosedDayCharge};
use crate::store::{self, AuditEvent};

/// What giving a charged day back would do.
#[derive(Clone, Debug)]
pub struct Reversal {
    /// The charge.
    pub charge: ClosedDayCharge,
    /// What the family gets back, in cents: what the day was charged, corrections included.
    pub amount: Cents,
    /// What other bodies are not asked for any more, in cents.
    pub aided: Cents,
}

impl Reversal {
    /// It was given back already, or costs nobody anything.
    pub fn is_empty(&self) -> bool {
        self.amount == Cents::ZERO && self.aided == Cents::ZERO
    }
}

/// What giving back a charged day of a payer would do; none for what is no charge of a closed day.
/// One that was given back, or costs nothing, has the amount zero.
///
/// # Errors
/// `Forbidden` for who handles no money; the database's own failure.
pub fn reversal(
    db: &Connection,
    actor: &Actor,
    payer: PersonId,
    charge: &PublicId,
) -> Result<Option<Reversal>> {
    require_money(actor)?;
    let Some(charge) = charging::closed_day_charge(db, payer, charge)? else {
        return Ok(None);
    };
    let sql = "select exists (select 1 from bill_line where enrolment_id = ?1 and from_day <= ?2
                 and to_day >= ?2 and bill_id is not null)";
    let billed: bool = db
        .prepare_cached(sql)?
        .query_row((charge.enrolment, charge.day), |row| row.get(0))?;
    let charged = (charge.amount, charge.explanation.aided());
    let (amount, aided) = match (charge.reversed, billed) {
        (true, _) => (Cents::ZERO, Cents::ZERO),
        (false, false) => charged,
        // A correction has looked at the day: it costs what holds now.
        (false, true) => match charging::price_now(db, &charge)? {
            Some(now) => (now.amount, now.aided()),
            None => charged,
        },
    };
    Ok(Some(Reversal {
        charge,
        amount,
        aided,
    }))
}

/// Gives a charged day back: a run of one line and its bill, in this transaction. The family reads
/// the reason.
///
/// # Errors
/// `Forbidden`; `NotFound` for what is no charge of a closed day of this payer; a field error without
/// a reason; a refusal for a day that was given back or costs nothing, and while an open run has it.
pub fn reverse_charge(
    tx: &Transaction<'_>,
    actor: &Actor,
    payer: PersonId,
    charge: &PublicId,
    reason: &str,
    now: Instant,
) -> Result<()> {
    if !actor.may(Permission::Money) {
        return Err(Error::Forbidden);
    }
    let reason = match reason.trim() {
        "" => return Err(Error::field("reason", Text::new("error-required"))),
        reason => reason,
    };
    let found = reversal(tx, actor, payer, charge)?.ok_or(Error::NotFound)?;
    if found.charge.reversed {
        return Err(Error::refused(Text::new("error-charge-reversed")));
    }
    if found.is_empty() {
        return Err(Error::refused(Text::new("error-charge-free")));
    }
    let Reversal {
        charge,
        amount,
        aided,
    } = found;
    require_no_run(tx, charge.account.service_id, &charge)?;
    let (of, day) = (charge.account.service_id, charge.day);
    let new = NewRun {
        kind: Kind::Reversal,
        reason: reason.to_owned(),
        ..NewRun::period((day, day), Some(of))
    };
    let run = runs::insert(tx, actor, &new, now)?;
    let explanation = charging::keep_explanation(tx, &charging::given_back(&charge))?;
    let line = NewLine {
        run: run.id,
        days: (charge.enrolment, day, day),
        charged_days: 0,
        amount: -amount,
        before: amount,
        aided: -aided,
        reasons: Some((charge.tariff, None, explanation)),
        fault: None,
    };
    line.insert(tx)?;
    publish::issue(tx, &run, payer, Some(charge.id), now)?;
    runs::keep_totals(tx, run.id)?;
    runs::set_published(tx, run.id, now)?;
    let event = AuditEvent {
        action: "reverse-charge",
        subject: "charge",
        subject_id: Some(charge.id.0),
        payload: json!({ "day": day, "amount": amount, "reason": reason }),
    };
    store::audit(tx, actor, now, &event)
}

/// A draft that is open was made before: it would not know of the day.
fn require_no_run(tx: &Transaction<'_>, service: ServiceId, of: &ClosedDayCharge) -> Result<()> {
    let Some(open) = runs::open_run(tx)? else {
        return Ok(());
    };
    let same = open.service_id.is_none_or(|one| one == service);
    if !same || of.day < open.from || of.day > open.to {
        return Ok(());
    }
    let text = Text::new("error-charge-in-open-run")
        .with("from", open.from)
        .with("to", open.to);
    Err(Error::refused(text))
}

#[cfg(test)]
mod tests;
