//! What a published bill charges (billing decides which lines, charging posts them).

use rusqlite::Transaction;

use super::aid;
use crate::base::{
    AccountId, BillLineId, Cents, ChargeId, Date, EnrolmentId, ExplanationId, Instant, IseeId,
    PersonId, PublicId, Result, ServiceId, TariffId,
};
use crate::ledger::{self, Cause, NewEntry};

/// A line of a bill that is to be charged.
pub struct Billed {
    /// The line: it is charged once.
    pub line: BillLineId,
    /// The enrolment.
    pub enrolment: EnrolmentId,
    /// Who pays.
    pub payer: PersonId,
    /// The child.
    pub child: PersonId,
    /// The service.
    pub service: ServiceId,
    /// Its first day and its last.
    pub days: (Date, Date),
    /// Cents; below zero the family gets back.
    pub amount: Cents,
    /// What was charged for the same days before.
    pub before: Cents,
    /// What other bodies pay, less what they were asked for before.
    pub aided: Cents,
    /// The tariff.
    pub tariff: TariffId,
    /// The ISEE that made the price, if one did.
    pub isee: Option<IseeId>,
    /// Why it is that amount.
    pub explanation: ExplanationId,
    /// The charge of a closed day that it gives back: once.
    pub reverses: Option<ChargeId>,
}

/// Charges a line of a bill to the account of its payer, child and service, and posts it for its
/// last day. What other bodies pay is owed by the account of each, apart from the family's.
///
/// # Errors
/// When the line was charged before: the table refuses it.
pub fn charge_billed(tx: &Transaction<'_>, billed: &Billed, now: Instant) -> Result<AccountId> {
    let account = ledger::family_account(tx, billed.payer, billed.child, billed.service)?;
    let revenue = ledger::revenue_account(tx, billed.service)?;
    let (from, to) = billed.days;
    tx.prepare_cached(
        "insert into charge (public_id, enrolment_id, account_id, day, amount, tariff_id, isee_id,
                             explanation_id, posted_at, bill_line_id, from_day, before, aided,
                             reverses)
         values (:public_id, :enrolment, :account, :to, :amount, :tariff, :isee, :explanation, :now,
                 :line, :from, :before, :aided, :reverses)",
    )?
    .execute(rusqlite::named_params! {
        ":public_id": PublicId::random()?, ":enrolment": billed.enrolment, ":account": account,
        ":to": to, ":amount": billed.amount, ":tariff": billed.tariff, ":isee": billed.isee,
        ":explanation": billed.explanation, ":now": now, ":line": billed.line, ":from": from,
        ":before": billed.before, ":aided": billed.aided, ":reverses": billed.reverses,
    })?;
    let charge = ChargeId(tx.last_insert_rowid());
    if billed.amount != Cents::ZERO {
        let (debit, credit) = match billed.amount.is_positive() {
            true => (account, revenue),
            false => (revenue, account),
        };
        let entry = NewEntry {
            day: to,
            debit,
            credit,
            amount: billed.amount.abs(),
            cause: Cause::Charge(charge),
        };
        ledger::post(tx, &entry, now)?;
    }
    let shares = aid::of_bill(tx, billed)?;
    aid::post(tx, (charge, to), revenue, &shares, now)?;
    Ok(account)
}
