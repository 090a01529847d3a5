//! What the closing of a day has priced so far: laid aside step by step, taken over by the last.

use rusqlite::{Connection, Row, Transaction};

use crate::base::{Cents, EnrolmentId, ExplanationId, IseeId, JobId, PersonId, Result, TariffId};

/// The price of one enrolment on the day that a job closes.
pub(super) struct Price {
    pub(super) enrolment: EnrolmentId,
    pub(super) payer: PersonId,
    pub(super) child: PersonId,
    pub(super) amount: Cents,
    pub(super) tariff: TariffId,
    /// The ISEE that made the price, if one did.
    pub(super) isee: Option<IseeId>,
    pub(super) explanation: ExplanationId,
    /// What other bodies pay.
    pub(super) aided: Cents,
}

impl Price {
    fn read(row: &Row<'_>) -> rusqlite::Result<Price> {
        Ok(Price {
            enrolment: row.get(0)?,
            payer: row.get(1)?,
            child: row.get(2)?,
            amount: row.get(3)?,
            tariff: row.get(4)?,
            isee: row.get(5)?,
            explanation: row.get(6)?,
            aided: row.get(7)?,
        })
    }
}

/// Lays a price aside for the last step of a job.
pub(super) fn lay_aside(tx: &Transaction<'_>, job: JobId, price: &Price) -> Result<()> {
    tx.prepare_cached(
        "insert into day_price (job_id, enrolment_id, payer_id, child_id, amount, tariff_id, isee_id,
                                explanation_id, aided)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute((
        job,
        price.enrolment,
        price.payer,
        price.child,
        price.amount,
        price.tariff,
        price.isee,
        price.explanation,
        price.aided,
    ))?;
    Ok(())
}

/// Everything that the steps of a job laid aside, by enrolment; it lies there no more.
pub(super) fn take(tx: &Transaction<'_>, job: JobId) -> Result<Vec<Price>> {
    let prices = laid_aside(tx, job)?;
    tx.prepare_cached("delete from day_price where job_id = ?1")?
        .execute([job])?;
    Ok(prices)
}

fn laid_aside(db: &Connection, job: JobId) -> Result<Vec<Price>> {
    let mut statement = db.prepare_cached(
        "select enrolment_id, payer_id, child_id, amount, tariff_id, isee_id, explanation_id,
                aided
         from day_price where job_id = ?1 order by enrolment_id",
    )?;
    let rows = statement.query_map([job], Price::read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
