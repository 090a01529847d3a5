//! Which accounts are below zero, since when, and what has been paid on them after a moment.

use rusqlite::Connection;

use crate::base::{AccountId, Cents, Date, Error, Instant, PersonId, PublicId, Result, ServiceId};

/// A family account below zero.
#[derive(Clone, Debug)]
pub struct Owing {
    /// Inside.
    pub account: AccountId,
    /// Outside.
    pub public_id: PublicId,
    /// Who pays.
    pub payer: PersonId,
    /// Names the payer outside.
    pub payer_public: PublicId,
    /// Surname and name of the payer.
    pub payer_name: String,
    /// The child.
    pub child: PersonId,
    /// Surname and name of the child.
    pub child_name: String,
    /// The service.
    pub service: ServiceId,
    /// Its name.
    pub service_name: String,
    /// Cents, above zero.
    pub amount: Cents,
    /// The names as searches write them.
    pub words: String,
    /// The day of the entry with which it last went below zero.
    pub since: Date,
}

const SELECT: [&str; 2] = [
    "select a.id, a.public_id, a.payer_id, p.public_id, p.surname || ' ' || p.name, a.child_id,
       k.surname || ' ' || k.name, a.service_id, s.name, -b.balance,
       p.search_name || ' ' || k.search_name",
    "join person p on p.id = a.payer_id join person k on k.id = a.child_id
     join service s on s.id = a.service_id",
];

/// Every account below zero.
///
/// # Errors
/// The database's own failure.
pub fn owing(db: &Connection) -> Result<Vec<Owing>> {
    let [what, names] = SELECT;
    let sql = format!(
        "/* whole */ {what} from account_balance b indexed by account_in_debt
         cross join account a on a.id = b.account_id {names} where b.balance < 0"
    );
    read(db, &sql, [])
}

/// The accounts of a payer that are below zero.
///
/// # Errors
/// The database's own failure.
pub fn owing_of_person(db: &Connection, payer: PersonId) -> Result<Vec<Owing>> {
    let [what, names] = SELECT;
    let sql = format!(
        "{what} from account a cross join account_balance b on b.account_id = a.id {names}
         where a.kind = 'family' and a.payer_id = ?1 and b.balance < 0"
    );
    read(db, &sql, [payer])
}

/// The accounts for a child that are below zero, whoever pays.
///
/// # Errors
/// The database's own failure.
pub fn owing_for_child(db: &Connection, child: PersonId) -> Result<Vec<Owing>> {
    let [what, names] = SELECT;
    let sql = format!(
        "{what} from account a cross join account_balance b on b.account_id = a.id {names}
         where a.child_id = ?1 and b.balance < 0"
    );
    read(db, &sql, [child])
}

/// Those of some accounts that are below zero.
///
/// # Errors
/// The database's own failure.
pub fn owing_among(db: &Connection, accounts: &[PublicId]) -> Result<Vec<Owing>> {
    let [what, names] = SELECT;
    let sql = format!(
        "{what} from json_each(?1) j cross join account a on a.public_id = j.value
         cross join account_balance b on b.account_id = a.id {names} where b.balance < 0"
    );
    let accounts = serde_json::to_string(accounts).map_err(Error::internal)?;
    read(db, &sql, [accounts])
}

fn read(db: &Connection, sql: &str, of: impl rusqlite::Params) -> Result<Vec<Owing>> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(of)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (account, amount) = (row.get(0)?, row.get(9)?);
        found.push(Owing {
            account,
            public_id: row.get(1)?,
            payer: row.get(2)?,
            payer_public: row.get(3)?,
            payer_name: row.get(4)?,
            child: row.get(5)?,
            child_name: row.get(6)?,
            service: row.get(7)?,
            service_name: row.get(8)?,
            amount,
            words: row.get(10)?,
            since: since(db, account, amount)?,
        });
    }
    Ok(found)
}

/// The day on which an account that owes so much last went below zero: from its newest entry back to
/// the one before which it was not.
fn since(db: &Connection, account: AccountId, owed: Cents) -> Result<Date> {
    let mut statement = db.prepare_cached(
        "select day, id, amount from ledger_entry where credit_id = ?1
         union all
         select day, id, -amount from ledger_entry where debit_id = ?1
         order by 1 desc, 2 desc",
    )?;
    let mut rows = statement.query([account])?;
    let mut balance = -owed;
    while let Some(row) = rows.next()? {
        balance = balance - row.get::<_, Cents>(2)?;
        if balance >= Cents::ZERO {
            return Ok(row.get(0)?);
        }
    }
    let fault = format!("the balance of account {} is not its entries'", account.0);
    Err(Error::Internal(fault))
}

/// What an account was credited by entries posted after a moment, in cents: without what was undone,
/// and without what was moved on since.
///
/// # Errors
/// The database's own failure.
pub fn credited_since(db: &Connection, account: AccountId, after: Instant) -> Result<Cents> {
    let sql = "select (select coalesce(sum(e.amount), 0) from ledger_entry e
           where e.credit_id = ?1 and e.posted_at > ?2 and not exists (
             select 1 from ledger_entry r where r.cause = 'reversal' and r.cause_id = e.id))
         - (select coalesce(sum(t.amount), 0) from transfer t
            where t.from_id = ?1 and t.recorded_at > ?2)";
    Ok(db
        .prepare_cached(sql)?
        .query_row((account, after), |row| row.get(0))?)
}
