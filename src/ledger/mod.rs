//! The ledger: double entry in one row, append-only (invariant 2).
//!
//! An entry debits one account and credits another, so the books balance by construction. A family
//! account is payer × child × service; its balance is what was credited minus what was debited:
//! above zero the family has credit, below it owes. The statement is this table and nothing else.

mod entries;
mod imported;
mod movable;
mod moved_receipts;
mod movements;
mod owing;
mod reports;

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, Row, Transaction};
use serde::Serialize;

use crate::base::{
    AccountId, Actor, Cents, ChargeId, Date, EntryId, Error, Instant, PersonId, PublicId,
    ReceiptId, RefundId, Result, ServiceId, SettledId, TransferId, WriteOffId,
};

pub use entries::{
    AccountEntry, Turnover, balance_before, charged_after, entries, first_and_last_day,
    running_balance, turnover,
};
pub use imported::{
    Imported, ImportedKind, NewImported, imported_between, imported_by_key, record_imported,
};
pub use movable::{movable, promised};
pub use moved_receipts::receipts_on;
pub use movements::{
    Moved, Movement, NewTransfer, NewWriteOff, entry_of, move_payment, moved, moved_here, movement,
    refund, refunds_paid, reverse, transfer, write_off,
};
pub use owing::{Owing, credited_since, owing, owing_among, owing_for_child, owing_of_person};
pub use reports::{
    Aided, AidedBy, AidedCharge, Credit, Flow, Taking, aided, aided_by_body, aided_by_charge,
    credits, flows, owed_by_bodies, takings,
};

/// Why an entry is there. The same cause can't be posted twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The price of a day.
    Charge(ChargeId),
    /// A telematic receipt.
    Receipt(ReceiptId),
    /// A line of an earlier system: its row in `imported_entry`.
    Opening(i64),
    /// A mistake, undone.
    Reversal(EntryId),
    /// Credit that went to another account of the same payer.
    Transfer(TransferId),
    /// Money given back.
    Refund(RefundId),
    /// A debt given up, or a credit kept.
    WriteOff(WriteOffId),
    /// A payment that a settlement flow declares and no receipt proves yet.
    Settlement(SettledId),
}

impl Cause {
    fn columns(self) -> (&'static str, i64) {
        match self {
            Cause::Charge(id) => ("charge", id.0),
            Cause::Receipt(id) => ("receipt", id.0),
            Cause::Opening(id) => ("opening", id),
            Cause::Reversal(id) => ("reversal", id.0),
            Cause::Transfer(id) => ("transfer", id.0),
            Cause::Refund(id) => ("refund", id.0),
            Cause::WriteOff(id) => ("write_off", id.0),
            Cause::Settlement(id) => ("settlement", id.0),
        }
    }
}

/// An entry that is to be posted.
pub struct NewEntry {
    /// The civil day that it counts for.
    pub day: Date,
    /// What is debited.
    pub debit: AccountId,
    /// What is credited.
    pub credit: AccountId,
    /// Cents, above zero.
    pub amount: Cents,
    /// Why.
    pub cause: Cause,
}

/// A family account as pages show it.
#[derive(Clone, Debug, Serialize)]
pub struct FamilyAccount {
    /// Inside.
    #[serde(skip)]
    pub id: AccountId,
    /// Outside.
    pub public_id: PublicId,
    /// Who pays.
    #[serde(skip)]
    pub payer_id: PersonId,
    /// The child.
    #[serde(skip)]
    pub child_id: PersonId,
    /// Surname and name of the child.
    pub child: String,
    /// Given name of the child.
    pub child_name: String,
    /// Names the child outside.
    pub child_public: PublicId,
    /// The service.
    #[serde(skip)]
    pub service_id: ServiceId,
    /// Name of the service.
    pub service: String,
    /// Names the service outside.
    pub service_public: PublicId,
    /// Paid before (credit) or after (debt).
    pub prepaid: bool,
    /// Credited minus debited, in cents: above zero the family has credit.
    pub balance: Cents,
}

/// The account of a payer for a child and a service; made when it is not there.
///
/// # Errors
/// The database's own failure.
pub fn family_account(
    tx: &Transaction<'_>,
    payer: PersonId,
    child: PersonId,
    service: ServiceId,
) -> Result<AccountId> {
    let found = tx
        .prepare_cached(
            "select id from account
             where kind = 'family' and payer_id = ?1 and child_id = ?2 and service_id = ?3",
        )?
        .query_row((payer, child, service), |row| row.get(0))
        .optional()?;
    if let Some(id) = found {
        return Ok(id);
    }
    tx.prepare_cached(
        "insert into account (public_id, kind, payer_id, child_id, service_id)
         values (?1, 'family', ?2, ?3, ?4)",
    )?
    .execute((PublicId::random()?, payer, child, service))?;
    Ok(AccountId(tx.last_insert_rowid()))
}

/// The comune's revenue of a service.
///
/// # Errors
/// The database's own failure.
pub fn revenue_account(tx: &Transaction<'_>, service: ServiceId) -> Result<AccountId> {
    comune_account(tx, "revenue", Some(service))
}

/// Money that came through pagoPA.
///
/// # Errors
/// The database's own failure.
pub fn pagopa_account(tx: &Transaction<'_>) -> Result<AccountId> {
    comune_account(tx, "pagopa", None)
}

/// Money that the comune's own cash desk took.
///
/// # Errors
/// The database's own failure.
pub fn cash_desk_account(tx: &Transaction<'_>) -> Result<AccountId> {
    comune_account(tx, "cash_desk", None)
}

/// What another body owes of a service: a region, INPS, the social services, as the tariff names it.
///
/// # Errors
/// The database's own failure.
pub fn aid_account(tx: &Transaction<'_>, service: ServiceId, body: &str) -> Result<AccountId> {
    account_of(tx, "aid", Some(service), Some(body))
}

/// The counterpart of opening balances.
///
/// # Errors
/// The database's own failure.
pub fn opening_account(tx: &Transaction<'_>) -> Result<AccountId> {
    comune_account(tx, "opening", None)
}

fn comune_account(
    tx: &Transaction<'_>,
    kind: &str,
    service: Option<ServiceId>,
) -> Result<AccountId> {
    account_of(tx, kind, service, None)
}

fn account_of(
    tx: &Transaction<'_>,
    kind: &str,
    service: Option<ServiceId>,
    body: Option<&str>,
) -> Result<AccountId> {
    let found = tx
        .prepare_cached(
            "select id from account
             where kind = ?1 and kind <> 'family' and coalesce(service_id, 0) = coalesce(?2, 0)
               and coalesce(body, '') = coalesce(?3, '')",
        )?
        .query_row((kind, service, body), |row| row.get(0))
        .optional()?;
    if let Some(id) = found {
        return Ok(id);
    }
    tx.prepare_cached(
        "insert into account (public_id, kind, service_id, body) values (?1, ?2, ?3, ?4)",
    )?
    .execute((PublicId::random()?, kind, service, body))?;
    Ok(AccountId(tx.last_insert_rowid()))
}

/// Posts an entry.
///
/// # Errors
/// When the cause was posted before, or the amount is not above zero: the table refuses both.
pub fn post(tx: &Transaction<'_>, entry: &NewEntry, now: Instant) -> Result<EntryId> {
    post_line(tx, entry, 0, now)
}

/// Posts what a family's account owes to the comune, where the caller knows that it is so: a comune's
/// own account has no balance to move.
///
/// # Errors
/// Those of [`post`].
pub fn post_owed(tx: &Transaction<'_>, entry: &NewEntry, now: Instant) -> Result<EntryId> {
    let id = insert(tx, entry, 0, now)?;
    move_balance(tx, entry.debit, -entry.amount)?;
    Ok(id)
}

/// Posts one of several entries of the same cause: lines differ.
///
/// # Errors
/// Those of [`post`].
pub fn post_line(
    tx: &Transaction<'_>,
    entry: &NewEntry,
    line: i64,
    now: Instant,
) -> Result<EntryId> {
    let id = insert(tx, entry, line, now)?;
    move_balance(tx, entry.debit, -entry.amount)?;
    move_balance(tx, entry.credit, entry.amount)?;
    Ok(id)
}

fn insert(tx: &Transaction<'_>, entry: &NewEntry, line: i64, now: Instant) -> Result<EntryId> {
    let (cause, cause_id) = entry.cause.columns();
    tx.prepare_cached(
        "insert into ledger_entry (posted_at, day, debit_id, credit_id, amount, cause, cause_id,
                                   cause_line)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute((
        now,
        entry.day,
        entry.debit,
        entry.credit,
        entry.amount,
        cause,
        cause_id,
        line,
    ))?;
    Ok(EntryId(tx.last_insert_rowid()))
}

/// Not by a trigger: an insert with triggers opens a journal of its own, and closing that goes through
/// all that the transaction has written so far. A comune's own account has no such row.
fn move_balance(tx: &Transaction<'_>, account: AccountId, by: Cents) -> Result<()> {
    tx.prepare_cached("update account_balance set balance = balance + ?2 where account_id = ?1")?
        .execute((account, by))?;
    Ok(())
}

/// The balance of an account: credited minus debited.
///
/// # Errors
/// The database's own failure.
pub fn balance(db: &Connection, account: AccountId) -> Result<Cents> {
    let sql = "select (select coalesce(sum(amount), 0) from ledger_entry where credit_id = ?1)
                    - (select coalesce(sum(amount), 0) from ledger_entry where debit_id = ?1)";
    Ok(db
        .prepare_cached(sql)?
        .query_row([account], |row| row.get(0))?)
}

const SELECT: &str = "select a.id, a.public_id, a.payer_id, a.child_id, p.surname || ' ' || p.name,
        p.name, a.service_id, s.name, s.billing = 'prepaid',
        (select coalesce(sum(amount), 0) from ledger_entry where credit_id = a.id)
          - (select coalesce(sum(amount), 0) from ledger_entry where debit_id = a.id),
        p.public_id, s.public_id
    from account a join person p on p.id = a.child_id join service s on s.id = a.service_id";

fn family_row(row: &Row<'_>) -> rusqlite::Result<FamilyAccount> {
    Ok(FamilyAccount {
        id: row.get(0)?,
        public_id: row.get(1)?,
        payer_id: row.get(2)?,
        child_id: row.get(3)?,
        child: row.get(4)?,
        child_name: row.get(5)?,
        service_id: row.get(6)?,
        service: row.get(7)?,
        prepaid: row.get(8)?,
        balance: row.get(9)?,
        child_public: row.get(10)?,
        service_public: row.get(11)?,
    })
}

/// The accounts that an actor pays for, by child and service.
///
/// # Errors
/// The database's own failure.
pub fn accounts_of_payer(db: &Connection, actor: &Actor) -> Result<Vec<FamilyAccount>> {
    let payer = actor.person().ok_or(Error::Forbidden)?;
    accounts_of_person(db, payer)
}

/// The accounts of a payer, for staff who may see them.
///
/// # Errors
/// The database's own failure.
pub fn accounts_of_person(db: &Connection, payer: PersonId) -> Result<Vec<FamilyAccount>> {
    let sql = format!(
        "{SELECT} where a.kind = 'family' and a.payer_id = ?1 order by p.birth_date, p.id, s.name"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map([payer], family_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Those of some people who have to do with money: who pays, and the children whom it is paid for.
///
/// # Errors
/// The database's own failure.
pub fn people_with_accounts(db: &Connection, people: &[PersonId]) -> Result<BTreeSet<PersonId>> {
    let sql = "select payer_id from account
               where kind = 'family' and payer_id in (select value from json_each(?1))
               union
               select child_id from account where child_id in (select value from json_each(?1))";
    let people = serde_json::to_string(people).map_err(Error::internal)?;
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map([people], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// One account of the actor's.
///
/// # Errors
/// `NotFound`, also for somebody else's account.
pub fn account_of_payer(db: &Connection, actor: &Actor, id: &PublicId) -> Result<FamilyAccount> {
    let payer = actor.person().ok_or(Error::Forbidden)?;
    let sql = format!("{SELECT} where a.public_id = ?1 and a.kind = 'family' and a.payer_id = ?2");
    Ok(db
        .prepare_cached(&sql)?
        .query_row((id, payer), family_row)?)
}

/// A family account by its public id, for staff who handle money.
///
/// # Errors
/// `NotFound`.
pub fn account_by_public_id(db: &Connection, id: &PublicId) -> Result<FamilyAccount> {
    let sql = format!("{SELECT} where a.public_id = ?1 and a.kind = 'family'");
    Ok(db.prepare_cached(&sql)?.query_row([id], family_row)?)
}

/// An account by its inner id: for slices that hold it already (a notice, a receipt).
///
/// # Errors
/// `NotFound`.
pub fn account(db: &Connection, id: AccountId) -> Result<FamilyAccount> {
    let sql = format!("{SELECT} where a.id = ?1 and a.kind = 'family'");
    Ok(db.prepare_cached(&sql)?.query_row([id], family_row)?)
}

#[cfg(test)]
mod tests;
