//! Published bills, for the family and for the office.

use std::collections::HashMap;

use rusqlite::{Connection, Row};
use serde::Serialize;

use super::runs::{Kind, Run};
use crate::base::{
    Actor, BillId, Cents, ChargeId, Date, Error, Instant, PersonId, PublicId, Result,
};
use crate::ledger::{self, AidedBy};
use crate::payments::notices::NoticeState;
use crate::tariffs::Explanation;

/// A bill.
#[derive(Clone, Debug, Serialize)]
pub struct Bill {
    /// Inside.
    #[serde(skip)]
    pub id: BillId,
    /// Outside.
    pub public_id: PublicId,
    /// Per year, from 1.
    pub number: i64,
    /// The year of the number.
    pub year: i16,
    /// Who pays.
    #[serde(skip)]
    pub payer_id: PersonId,
    /// Who pays: outside.
    pub payer_public_id: PublicId,
    /// Surname and name.
    pub payer: String,
    /// First day of the period.
    pub from: Date,
    /// Last day of the period.
    pub to: Date,
    /// Cents; below zero the family gets back.
    pub total: Cents,
    /// What is left to pay after credit.
    pub due: Cents,
    /// The last day to pay.
    pub due_date: Option<Date>,
    /// The notice: outside.
    pub notice: Option<PublicId>,
    /// Where the notice stands.
    pub notice_state: Option<NoticeState>,
    /// When it was issued.
    pub issued_at: Instant,
    /// What its run was made for.
    pub kind: Kind,
    /// Why a charged day was given back; else empty.
    pub reason: String,
}

const SELECT: &str = "select b.id, b.public_id, b.number, b.year, b.payer_id, p.public_id,
        p.surname || ' ' || p.name, r.from_day, r.to_day, b.total, b.due, r.due_date, n.public_id,
        n.state, b.issued_at, r.kind, r.reason
    from bill b join bill_run r on r.id = b.run_id join person p on p.id = b.payer_id
    left join payment_notice n on n.id = b.notice_id";

fn read(row: &Row<'_>) -> rusqlite::Result<Bill> {
    Ok(Bill {
        id: row.get(0)?,
        public_id: row.get(1)?,
        number: row.get(2)?,
        year: row.get(3)?,
        payer_id: row.get(4)?,
        payer_public_id: row.get(5)?,
        payer: row.get(6)?,
        from: row.get(7)?,
        to: row.get(8)?,
        total: row.get(9)?,
        due: row.get(10)?,
        due_date: row.get(11)?,
        notice: row.get(12)?,
        notice_state: row.get(13)?,
        issued_at: row.get(14)?,
        kind: row.get(15)?,
        reason: row.get(16)?,
    })
}

/// The actor's bills, newest first.
///
/// # Errors
/// `Forbidden` for who is no citizen.
pub fn bills_of_payer(db: &Connection, actor: &Actor, limit: u32) -> Result<Vec<Bill>> {
    let payer = actor.person().ok_or(Error::Forbidden)?;
    let sql = format!("{SELECT} where b.payer_id = ?1 order by b.id desc limit ?2");
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map((payer, limit), read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A bill of the actor's.
///
/// # Errors
/// `NotFound`, also for somebody else's.
pub fn bill_of_payer(db: &Connection, actor: &Actor, id: &PublicId) -> Result<Bill> {
    let payer = actor.person().ok_or(Error::NotFound)?;
    let sql = format!("{SELECT} where b.public_id = ?1 and b.payer_id = ?2");
    Ok(db.prepare_cached(&sql)?.query_row((id, payer), read)?)
}

/// A bill by its inner id: for what is told about it.
///
/// # Errors
/// `NotFound`.
pub fn bill(db: &Connection, id: BillId) -> Result<Bill> {
    let sql = format!("{SELECT} where b.id = ?1");
    Ok(db.prepare_cached(&sql)?.query_row([id], read)?)
}

/// A bill, for staff.
///
/// # Errors
/// `NotFound`.
pub fn bill_for_office(db: &Connection, id: &PublicId) -> Result<Bill> {
    let sql = format!("{SELECT} where b.public_id = ?1");
    Ok(db.prepare_cached(&sql)?.query_row([id], read)?)
}

/// The bills of a payer, newest first, for staff.
///
/// # Errors
/// The database's own failure.
pub fn bills_of_person(db: &Connection, payer: PersonId, limit: u32) -> Result<Vec<Bill>> {
    let sql = format!("{SELECT} where b.payer_id = ?1 order by b.id desc limit ?2");
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map((payer, limit), read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The bills of a run, by number.
///
/// # Errors
/// The database's own failure.
pub fn bills_of_run(db: &Connection, run: &Run, limit: u32, offset: u32) -> Result<Vec<Bill>> {
    let sql = format!("{SELECT} where b.run_id = ?1 order by b.payer_id limit ?2 offset ?3");
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map((run.id, limit, offset), read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A line of a bill.
#[derive(Clone, Debug)]
pub struct BillLine {
    /// Given name of the child.
    pub child: String,
    /// The service.
    pub service: String,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// Charged days.
    pub days: u32,
    /// Cents.
    pub amount: Cents,
    /// What was charged for the same days before.
    pub before: Cents,
    /// What other bodies pay.
    pub aided: Cents,
    /// The same body by body.
    pub aided_by: Vec<AidedBy>,
    /// Names its explanation, `/area/addebiti/…`.
    pub charge: PublicId,
    /// Why it costs that.
    pub explanation: Explanation,
}

/// Why charged days were given back, for those of some charges that do it: for the lines of a
/// statement.
///
/// # Errors
/// The database's own failure.
pub fn reversal_reasons(
    db: &Connection,
    charges: impl Iterator<Item = ChargeId>,
) -> Result<HashMap<ChargeId, String>> {
    let mut statement = db.prepare_cached(
        "select c.id, r.reason from json_each(?1) j cross join charge c on c.id = j.value
         join bill_line l on l.id = c.bill_line_id
         join bill_run r on r.id = l.run_id and r.kind = 'reversal'",
    )?;
    let charges: Vec<ChargeId> = charges.collect();
    let charges = serde_json::to_string(&charges).map_err(Error::internal)?;
    let rows = statement.query_map([charges], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The lines of a bill, by child and service. Who may see the bill is decided before.
///
/// # Errors
/// The database's own failure.
pub fn lines_of_bill(db: &Connection, bill: &Bill) -> Result<Vec<BillLine>> {
    let mut statement = db.prepare_cached(
        "select c.name, s.name, l.from_day, l.to_day, l.days, l.amount, l.before, l.aided,
                h.public_id, x.body, h.id
         from bill_line l join enrolment e on e.id = l.enrolment_id
         join person c on c.id = e.child_id join service s on s.id = e.service_id
         join charge h on h.bill_line_id = l.id join explanation x on x.id = l.explanation_id
         where l.bill_id = ?1 order by c.birth_date, c.id, s.name, l.from_day, l.id",
    )?;
    let mut rows = statement.query([bill.id])?;
    let (mut lines, mut charges) = (Vec::new(), Vec::new());
    while let Some(row) = rows.next()? {
        let body: String = row.get(9)?;
        charges.push(row.get::<_, ChargeId>(10)?);
        lines.push(BillLine {
            child: row.get(0)?,
            service: row.get(1)?,
            from: row.get(2)?,
            to: row.get(3)?,
            days: row.get(4)?,
            amount: row.get(5)?,
            before: row.get(6)?,
            aided: row.get(7)?,
            aided_by: Vec::new(),
            charge: row.get(8)?,
            explanation: serde_json::from_str(&body).map_err(Error::internal)?,
        });
    }
    let mut asked = ledger::aided_by_charge(db, &charges)?;
    for (line, charge) in lines.iter_mut().zip(&charges) {
        line.aided_by = asked.remove(charge).unwrap_or_default();
    }
    Ok(lines)
}
