//! The charge of a closed day that the office may give back.

use rusqlite::{Connection, OptionalExtension};

use super::periods::{self, PeriodFault, Priced};
use crate::base::{
    Cents, ChargeId, Date, EnrolmentId, Error, PersonId, PublicId, Result, TariffId,
};
use crate::enrolments;
use crate::ledger::{self, FamilyAccount};
use crate::municipality;
use crate::tariffs::{Explanation, IseeUse, Step};

/// The charge of a closed day.
#[derive(Clone, Debug)]
pub struct ClosedDayCharge {
    /// It.
    pub id: ChargeId,
    /// Of what.
    pub enrolment: EnrolmentId,
    /// Whose.
    pub account: FamilyAccount,
    /// The day.
    pub day: Date,
    /// What was charged, in cents.
    pub amount: Cents,
    /// By which tariff.
    pub tariff: TariffId,
    /// Why it cost that.
    pub explanation: Explanation,
    /// It was given back.
    pub reversed: bool,
}

/// The charge of a closed day of a payer's, by its public id; none where it is the line of a bill.
///
/// # Errors
/// The database's own failure.
pub fn closed_day_charge(
    db: &Connection,
    payer: PersonId,
    id: &PublicId,
) -> Result<Option<ClosedDayCharge>> {
    let sql = "select c.id, c.enrolment_id, c.account_id, c.day, c.amount, c.tariff_id, x.body,
                 exists (select 1 from charge r where r.reverses = c.id)
               from charge c join explanation x on x.id = c.explanation_id
               where c.public_id = ?1 and c.bill_line_id is null";
    let found = db
        .prepare_cached(sql)?
        .query_row([id], |row| {
            let body: String = row.get(6)?;
            Ok((
                (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?),
                (row.get(4)?, row.get(5)?, row.get(7)?),
                body,
            ))
        })
        .optional()?;
    let Some(((id, enrolment, account, day), (amount, tariff, reversed), body)) = found else {
        return Ok(None);
    };
    let account = ledger::account(db, account)?;
    Ok((account.payer_id == payer).then_some(ClosedDayCharge {
        id,
        enrolment,
        account,
        day,
        amount,
        tariff,
        explanation: serde_json::from_str(&body).map_err(Error::internal)?,
        reversed,
    }))
}

/// What a closed day costs by what is known now, and why: what it was charged once a correction has
/// looked at it; none where it has no price.
///
/// # Errors
/// The database's own failure.
pub fn price_now(db: &Connection, of: &ClosedDayCharge) -> Result<Option<Explanation>> {
    let enrolment = enrolments::enrolment(db, of.enrolment)?;
    let service = municipality::service(db, enrolment.service_id)?;
    let price: Result<Priced, PeriodFault> =
        periods::price_closed_day(db, &service, &enrolment, of.day)?;
    Ok(price.ok().map(|priced| priced.explanation))
}

/// The reasons of a charge that gives a day back: it costs nothing any more.
pub fn given_back(of: &ClosedDayCharge) -> Explanation {
    Explanation {
        amount: Cents::ZERO,
        isee: IseeUse::NotNeeded,
        steps: vec![Step::GivenBack],
        ..of.explanation.clone()
    }
}
