//! What was charged, for the pages that show it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use rusqlite::{Connection, OptionalExtension, Transaction};
use serde::Serialize;

use super::periods::AlreadyCharged;
use super::prices::Price;
use crate::base::{
    AccountId, Actor, Cents, ChargeId, Date, EnrolmentId, Error, ExplanationId, Instant, PublicId,
    Result,
};
use crate::enrolments::Enrolment;
use crate::ledger::{self, AidedBy, FamilyAccount};
use crate::tariffs::Explanation;

/// What a day cost: for the calendar of presences.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DayCharge {
    /// The day.
    pub day: Date,
    /// Cents; zero for a free meal.
    pub amount: Cents,
    /// Names its explanation, `/area/addebiti/…`.
    pub public_id: PublicId,
}

/// A charge with the reasons for its amount.
#[derive(Clone, Debug)]
pub struct ChargeShown {
    /// Outside.
    pub public_id: PublicId,
    /// The first day, where it is the line of a bill.
    pub from: Option<Date>,
    /// The day of the service, or the last one.
    pub day: Date,
    /// Cents.
    pub amount: Cents,
    /// What was charged for the same days before, in cents: the amount is the difference.
    pub before: Cents,
    /// When it was posted.
    pub posted_at: Instant,
    /// The account that it was charged to, with the names of child and service.
    pub account: FamilyAccount,
    /// Why it costs that.
    pub explanation: Explanation,
}

/// Keeps an explanation; one that is known is not kept twice.
///
/// # Errors
/// The database's own failure.
pub fn keep_explanation(tx: &Transaction<'_>, explanation: &Explanation) -> Result<ExplanationId> {
    let body = serde_json::to_string(explanation).map_err(Error::internal)?;
    let known = tx
        .prepare_cached("select id from explanation where body = ?1")?
        .query_row([&body], |row| row.get(0))
        .optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    tx.prepare_cached("insert into explanation (body) values (?1)")?
        .execute([&body])?;
    Ok(ExplanationId(tx.last_insert_rowid()))
}

/// Charges a price of a day to an account. The ledger's entry is apart.
pub(super) fn add(
    tx: &Transaction<'_>,
    price: &Price,
    account: AccountId,
    day: Date,
    now: Instant,
) -> Result<ChargeId> {
    tx.prepare_cached(
        "insert into charge (public_id, enrolment_id, account_id, day, amount, tariff_id, isee_id,
                             explanation_id, posted_at, aided)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute((
        PublicId::random()?,
        price.enrolment,
        account,
        day,
        price.amount,
        price.tariff,
        price.isee,
        price.explanation,
        now,
        price.aided,
    ))?;
    Ok(ChargeId(tx.last_insert_rowid()))
}

/// The charges of an enrolment in a period, both ends included. Who may see the enrolment is
/// decided before.
///
/// # Errors
/// The database's own failure.
pub fn charges_of(
    db: &Connection,
    enrolment: EnrolmentId,
    from: Date,
    to: Date,
) -> Result<Vec<DayCharge>> {
    let mut statement = db.prepare_cached(
        "select day, amount, public_id from charge
         where enrolment_id = ?1 and day between ?2 and ?3 and bill_line_id is null order by day",
    )?;
    let rows = statement.query_map((enrolment, from, to), |row| {
        Ok(DayCharge {
            day: row.get(0)?,
            amount: row.get(1)?,
            public_id: row.get(2)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What the last closed day of an account cost, zero included; none before its first.
///
/// # Errors
/// The database's own failure.
pub fn last_price(db: &Connection, account: AccountId) -> Result<Option<Cents>> {
    let sql = "select amount from charge where account_id = ?1 and bill_line_id is null
               order by day desc limit 1";
    Ok(db
        .prepare_cached(sql)?
        .query_row([account], |row| row.get(0))
        .optional()?)
}

/// What other bodies pay of the prices that an account was charged for days between two, both
/// included, body by body.
///
/// # Errors
/// The database's own failure.
pub fn aided_between(
    db: &Connection,
    account: AccountId,
    from: Date,
    to: Date,
) -> Result<Vec<AidedBy>> {
    let sql = "select id from charge
               where account_id = ?1 and day between ?2 and ?3 and aided <> 0";
    let mut statement = db.prepare_cached(sql)?;
    let charges = statement.query_map((account, from, to), |row| row.get(0))?;
    let charges: Vec<ChargeId> = charges.collect::<rusqlite::Result<_>>()?;
    if charges.is_empty() {
        return Ok(Vec::new());
    }
    let mut sums: BTreeMap<Option<String>, Cents> = BTreeMap::new();
    let asked = ledger::aided_by_charge(db, &charges)?.into_values();
    for one in asked.flatten() {
        *sums.entry(one.body).or_default() += one.amount;
    }
    let all = sums
        .into_iter()
        .map(|(body, amount)| AidedBy { body, amount });
    Ok(all.filter(|one| one.amount != Cents::ZERO).collect())
}

/// What the closed days of some enrolments were charged, and what other bodies were asked for, both
/// ends included.
pub(super) fn of_days(
    db: &Connection,
    enrolments: &[Enrolment],
    from: Date,
    to: Date,
) -> Result<BTreeMap<(EnrolmentId, Date), AlreadyCharged>> {
    let ids: Vec<EnrolmentId> = enrolments.iter().map(|e| e.id).collect();
    let ids = serde_json::to_string(&ids).map_err(Error::internal)?;
    let mut statement = db.prepare_cached(
        "select enrolment_id, day, amount, aided from charge
         where enrolment_id in (select value from json_each(?1)) and day between ?2 and ?3
           and bill_line_id is null",
    )?;
    let rows = statement.query_map((ids, from, to), |row| {
        let charged = AlreadyCharged {
            amount: row.get(2)?,
            aided: row.get(3)?,
        };
        Ok(((row.get(0)?, row.get(1)?), charged))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The closed days of some enrolments that the office gave back, both ends included.
pub(super) fn reversed_days(
    db: &Connection,
    enrolments: &[Enrolment],
    from: Date,
    to: Date,
) -> Result<BTreeSet<(EnrolmentId, Date)>> {
    let ids: Vec<EnrolmentId> = enrolments.iter().map(|e| e.id).collect();
    let ids = serde_json::to_string(&ids).map_err(Error::internal)?;
    let mut statement = db.prepare_cached(
        "select enrolment_id, day from charge
         where enrolment_id in (select value from json_each(?1)) and day between ?2 and ?3
           and reverses is not null",
    )?;
    let rows = statement.query_map((ids, from, to), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A charge, for who pays it or is guardian of the child today.
///
/// # Errors
/// `NotFound`, also for somebody else's charge.
pub fn charge_for_family(
    db: &Connection,
    actor: &Actor,
    id: &PublicId,
    today: Date,
) -> Result<ChargeShown> {
    let person = actor.person().ok_or(Error::NotFound)?;
    // A day that an earlier Campanella charged explains itself as one of ours does.
    let sql =
        "select c.day, c.amount, c.posted_at, c.account_id, c.explanation, c.from_day, c.before
               from (select h.public_id, h.day, h.amount, h.posted_at, h.account_id,
                       x.body as explanation, h.from_day, h.before
                     from charge h join explanation x on x.id = h.explanation_id
                     where h.public_id = ?1
                     union all
                     select public_id, day, -amount, imported_at, account_id, explanation, null, 0
                     from imported_entry where public_id = ?1 and explanation is not null) c
               join account a on a.id = c.account_id
               where (a.payer_id = ?2 or a.child_id in
                 (select child_id from guardianship where adult_id = ?2 and from_date <= ?3
                    and coalesce(to_date, '9999-12-31') >= ?3))";
    type Found = (Date, Cents, Instant, AccountId, String, Option<Date>, Cents);
    let (day, amount, posted_at, account, explanation, from, before): Found = db
        .prepare_cached(sql)?
        .query_row((id, person, today), |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
                row.get(5)?,
                row.get(6)?,
            ))
        })?;
    Ok(ChargeShown {
        public_id: id.clone(),
        from,
        before,
        day,
        amount,
        posted_at,
        account: ledger::account(db, account)?,
        explanation: serde_json::from_str(&explanation).map_err(Error::internal)?,
    })
}

/// Why a line of a statement costs what it costs.
#[derive(Clone, Debug)]
pub struct Reason {
    /// The explanation: the days that the same rule and facts price share one.
    pub explanation: Rc<Explanation>,
    /// The first day, where it is the line of a bill.
    pub from: Option<Date>,
    /// What was charged for the same days before, in cents.
    pub before: Cents,
}

/// The reasons of an account's charges in a period, those of an earlier Campanella with them, by
/// what names each.
///
/// # Errors
/// The database's own failure; a stored explanation that can't be read.
pub fn reasons(
    db: &Connection,
    account: AccountId,
    from: Date,
    to: Date,
) -> Result<HashMap<PublicId, Reason>> {
    let mut statement = db.prepare_cached(
        "select h.public_id, x.body, h.from_day, h.before
         from charge h join explanation x on x.id = h.explanation_id
         where h.account_id = ?1 and h.day between ?2 and ?3
         union all
         select public_id, explanation, null, 0 from imported_entry
         where account_id = ?1 and day between ?2 and ?3 and explanation is not null",
    )?;
    let mut read: HashMap<String, Rc<Explanation>> = HashMap::new();
    let mut found = HashMap::new();
    let mut rows = statement.query((account, from, to))?;
    while let Some(row) = rows.next()? {
        let body: String = row.get(1)?;
        let explanation = match read.get(&body) {
            Some(known) => Rc::clone(known),
            None => {
                let told = Rc::new(serde_json::from_str(&body).map_err(Error::internal)?);
                read.insert(body, Rc::clone(&told));
                told
            }
        };
        let reason = Reason {
            explanation,
            from: row.get(2)?,
            before: row.get(3)?,
        };
        found.insert(row.get(0)?, reason);
    }
    Ok(found)
}

/// What names the charges of an account in a period: for the lines of its statement.
///
/// # Errors
/// The database's own failure.
pub fn public_ids(
    db: &Connection,
    account: AccountId,
    from: Date,
    to: Date,
) -> Result<HashMap<ChargeId, PublicId>> {
    let mut statement = db.prepare_cached(
        "select id, public_id from charge where account_id = ?1 and day between ?2 and ?3",
    )?;
    let rows = statement.query_map((account, from, to), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
