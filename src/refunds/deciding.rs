//! What the rule proposes for a case, and what the clerk decides.

use rusqlite::{Connection, OptionalExtension, Transaction};
use serde_json::json;

use super::asking::{changed, log, require_money, tell};
use super::cases::{Case, CaseState, bank_of, case};
use super::policy::{Decision, Facts, decide};
use super::rules::refund_policy;
use crate::base::{
    AccountId, Actor, Cents, Date, Error, Instant, PublicId, Result, Text, TransferId, today,
};
use crate::enrolments::{self, Enrolment};
use crate::ledger::{self, FamilyAccount, NewTransfer};
use crate::plans;
use crate::store::SealingKey;

/// What the rule proposes, and what it looked at.
pub struct Proposal {
    /// The rule's answer.
    pub decision: Decision,
    /// Where the credit can go: other accounts of the payer; first the one that was asked for or
    /// that a sibling uses.
    pub targets: Vec<FamilyAccount>,
    /// What the payer owes on other accounts.
    pub arrears: Cents,
}

/// What the rule proposes for an open case.
///
/// # Errors
/// The database's own failure.
pub fn proposal(db: &Connection, case: &Case, now: Instant) -> Result<Proposal> {
    let account = ledger::account(db, case.account_id)?;
    looked_at(db, &account, case.target, case.asked_on, today(now))
}

/// What the rule would propose for an account if it were asked today.
///
/// # Errors
/// The database's own failure.
pub fn proposal_before(
    db: &Connection,
    account: &FamilyAccount,
    target: Option<AccountId>,
    today: Date,
) -> Result<Proposal> {
    looked_at(db, account, target, today, today)
}

fn looked_at(
    db: &Connection,
    account: &FamilyAccount,
    target: Option<AccountId>,
    asked_on: Date,
    today: Date,
) -> Result<Proposal> {
    let mut targets = ledger::accounts_of_person(db, account.payer_id)?;
    targets.retain(|other| other.id != account.id);
    let arrears: Cents = targets
        .iter()
        .map(|other| (-other.balance).max(Cents::ZERO))
        .sum();
    let mut sibling = None;
    for (at, other) in targets.iter().enumerate() {
        let in_use = || -> Result<bool> {
            let places = enrolments::of_child(db, other.child_id)?;
            Ok(other.child_id != account.child_id
                && places
                    .iter()
                    .any(|e| e.service_id == other.service_id && not_over(e, today)))
        };
        let suits = match target {
            Some(target) => other.id == target,
            None => in_use()?,
        };
        if suits {
            sibling = Some((at, other.child_name.clone()));
            break;
        }
    }
    let sibling = sibling.map(|(at, name)| {
        targets[..=at].rotate_right(1);
        name
    });
    let facts = Facts {
        credit: account.balance,
        arrears,
        meal_price: last_price(db, account.id)?,
        sibling,
        left_on: left_on(db, account, today)?,
        asked_on,
        wants_transfer: target.is_some(),
    };
    Ok(Proposal {
        decision: decide(&refund_policy(db)?, &facts),
        targets,
        arrears,
    })
}

fn not_over(enrolment: &Enrolment, today: Date) -> bool {
    enrolment.to.is_none_or(|last| last >= today)
}

/// The child's last day in the service of an account; none while they use it or will.
fn left_on(db: &Connection, account: &FamilyAccount, today: Date) -> Result<Option<Date>> {
    let mut places = enrolments::of_child(db, account.child_id)?;
    places.retain(|e| e.service_id == account.service_id);
    if places.iter().any(|e| not_over(e, today)) {
        return Ok(None);
    }
    // A child whom an earlier system enrolled left before anybody here can say when.
    Ok(Some(
        places.iter().filter_map(|e| e.to).max().unwrap_or(today),
    ))
}

/// What the last day that cost something cost.
fn last_price(db: &Connection, account: AccountId) -> Result<Option<Cents>> {
    let sql = "select amount from charge where account_id = ?1 and amount > 0
                 and bill_line_id is null
               order by day desc limit 1";
    Ok(db
        .prepare_cached(sql)?
        .query_row([account], |row| row.get(0))
        .optional()?)
}

/// Approves a refund: covers what is owed on other accounts first, if that is wanted, and notes
/// what is to be paid.
///
/// # Errors
/// `Forbidden`; a conflict when it was decided; a refusal without bank account; a field error when
/// the credit is smaller than the amount.
pub fn approve(
    tx: &Transaction<'_>,
    key: &SealingKey,
    actor: &Actor,
    id: &PublicId,
    amount: Cents,
    arrears_first: bool,
    now: Instant,
) -> Result<()> {
    let case = undecided(tx, actor, id)?;
    let Some(bank) = bank_of(tx, key, &case)? else {
        return Err(Error::refused(Text::new("error-refund-no-bank")));
    };
    let withheld = cover(tx, actor, &case, arrears_first, now)?;
    require_credit(case.balance - withheld, amount)?;
    decided(
        tx,
        actor,
        &case,
        CaseState::Approved,
        Some(amount),
        withheld,
        "",
        now,
    )?;
    let body = format!(
        "Il rimborso per {} di {} è approvato: {amount}, sul conto {}.{}\n\nTi scriviamo quando è pagato.",
        case.service,
        case.child,
        bank.masked(),
        withheld_words(withheld),
    );
    tell(tx, case.payer_id, &body, now)
}

/// Moves the credit to another account of the payer.
///
/// # Errors
/// As [`approve`]; `NotFound` for an account of somebody else.
pub fn transfer_to(
    tx: &Transaction<'_>,
    actor: &Actor,
    id: &PublicId,
    target: &PublicId,
    amount: Cents,
    arrears_first: bool,
    now: Instant,
) -> Result<()> {
    let case = undecided(tx, actor, id)?;
    let accounts = ledger::accounts_of_person(tx, case.payer_id)?;
    let target = accounts.into_iter().find(|a| a.public_id == *target);
    let target = target.ok_or(Error::NotFound)?;
    let withheld = cover(tx, actor, &case, arrears_first, now)?;
    require_credit(case.balance - withheld, amount)?;
    let new = NewTransfer {
        from: case.account_id,
        to: target.id,
        amount,
        day: today(now),
        reason: "chiesto o deciso al posto del rimborso",
    };
    moved(tx, &case, ledger::transfer(tx, actor, &new, now)?)?;
    plans::lower_credited(tx, case.payer_id, &[(target.id, amount)], now)?;
    decided(
        tx,
        actor,
        &case,
        CaseState::Transferred,
        Some(amount),
        withheld,
        "",
        now,
    )?;
    let body = format!(
        "Il credito per {} di {} è stato spostato: {amount} sul conto {} di {}.{}",
        case.service,
        case.child,
        target.service,
        target.child_name,
        withheld_words(withheld),
    );
    tell(tx, case.payer_id, &body, now)
}

/// Uses the credit against what is owed on other accounts, and no more.
///
/// # Errors
/// As [`approve`]; a refusal when nothing is owed.
pub fn withhold(tx: &Transaction<'_>, actor: &Actor, id: &PublicId, now: Instant) -> Result<()> {
    let case = undecided(tx, actor, id)?;
    let withheld = cover(tx, actor, &case, true, now)?;
    if withheld == Cents::ZERO {
        return Err(Error::refused(Text::new("error-refund-nothing-owed")));
    }
    decided(
        tx,
        actor,
        &case,
        CaseState::Transferred,
        Some(withheld),
        withheld,
        "",
        now,
    )?;
    let body = format!(
        "Il rimborso per {} di {} non si paga.{}",
        case.service,
        case.child,
        withheld_words(withheld)
    );
    tell(tx, case.payer_id, &body, now)
}

/// Refuses; the family reads the reason.
///
/// # Errors
/// `Forbidden`; a conflict when it was decided; a field error without a reason.
pub fn refuse(
    tx: &Transaction<'_>,
    actor: &Actor,
    id: &PublicId,
    reason: &str,
    now: Instant,
) -> Result<()> {
    let case = undecided(tx, actor, id)?;
    let reason = given(reason)?;
    decided(
        tx,
        actor,
        &case,
        CaseState::Refused,
        None,
        Cents::ZERO,
        reason,
        now,
    )?;
    let body = format!(
        "Il rimborso per {} di {} non è stato accolto.\n\nMotivo: {reason}\n\nIl credito resta sul \
         conto. Se pensi che ci sia un errore, rispondi qui.",
        case.service, case.child
    );
    tell(tx, case.payer_id, &body, now)
}

/// Notes that a decision made a transfer.
fn moved(tx: &Transaction<'_>, case: &Case, transfer: TransferId) -> Result<()> {
    let sql = "insert into refund_transfer (transfer_id, refund_id) values (?1, ?2)";
    tx.prepare_cached(sql)?.execute((transfer, case.id))?;
    Ok(())
}

pub(super) fn given(reason: &str) -> Result<&str> {
    match reason.trim() {
        "" => Err(Error::field("reason", Text::new("error-refusal-reason"))),
        reason => Ok(reason),
    }
}

fn undecided(tx: &Transaction<'_>, actor: &Actor, id: &PublicId) -> Result<Case> {
    require_money(actor)?;
    let case = case(tx, id)?;
    match case.state {
        CaseState::Asked => Ok(case),
        _ => Err(Error::conflict(Text::new("error-refund-state"))),
    }
}

/// Moves credit to the accounts of the payer that are owed on; how much it was in all.
fn cover(
    tx: &Transaction<'_>,
    actor: &Actor,
    case: &Case,
    wanted: bool,
    now: Instant,
) -> Result<Cents> {
    let mut left = case.balance;
    if !wanted {
        return Ok(Cents::ZERO);
    }
    for other in ledger::accounts_of_person(tx, case.payer_id)? {
        let owed = (-other.balance).max(Cents::ZERO).min(left);
        if other.id == case.account_id || !owed.is_positive() {
            continue;
        }
        let new = NewTransfer {
            from: case.account_id,
            to: other.id,
            amount: owed,
            day: today(now),
            reason: "copertura di un debito",
        };
        moved(tx, case, ledger::transfer(tx, actor, &new, now)?)?;
        plans::lower_credited(tx, case.payer_id, &[(other.id, owed)], now)?;
        left = left - owed;
    }
    Ok(case.balance - left)
}

fn require_credit(credit: Cents, amount: Cents) -> Result<()> {
    if amount.is_positive() && amount <= credit {
        return Ok(());
    }
    let text = Text::new("error-refund-amount").with("most", credit);
    Err(Error::field("amount", text))
}

fn withheld_words(withheld: Cents) -> String {
    match withheld {
        Cents::ZERO => String::new(),
        _ => format!("\n\n{withheld} del credito hanno coperto quello che dovevi su altri conti."),
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "what one decision leaves behind, in one place"
)]
fn decided(
    tx: &Transaction<'_>,
    actor: &Actor,
    case: &Case,
    state: CaseState,
    amount: Option<Cents>,
    withheld: Cents,
    reason: &str,
    now: Instant,
) -> Result<()> {
    let staff = require_money(actor)?;
    let sql =
        "update refund set state = ?2, amount = ?3, withheld = withheld + ?4, reason = ?5, decided_at = ?6,
                      decided_by = ?7, updated_at = ?6
               where id = ?1 and state = 'asked'";
    let rows = tx
        .prepare_cached(sql)?
        .execute((case.id, state, amount, withheld, reason, now, staff))?;
    changed(rows)?;
    let payload =
        json!({ "state": state, "amount": amount, "withheld": withheld, "reason": reason });
    log(tx, actor, "decide-refund", case.id, payload, now)
}
