//! Which bills ask for what an account owes.

use rusqlite::Connection;

use crate::base::{AccountId, Date, Result};

/// A bill that was not paid in time.
#[derive(Clone, Debug)]
pub struct OverdueBill {
    /// Its number in the year.
    pub number: i64,
    /// The year of the number.
    pub year: i16,
    /// First day of its period.
    pub from: Date,
    /// Last day of its period.
    pub to: Date,
}

/// The bills whose open notice asked an account for something before a day, the oldest first.
///
/// # Errors
/// The database's own failure.
pub fn overdue_bills(db: &Connection, account: AccountId, today: Date) -> Result<Vec<OverdueBill>> {
    let mut statement = db.prepare_cached(
        "select distinct b.number, b.year, r.from_day, r.to_day from notice_share h
         join payment_notice n on n.id = h.notice_id and n.state = 'open' and n.due_date < ?2
         join bill b on b.notice_id = n.id join bill_run r on r.id = b.run_id
         where h.account_id = ?1 order by b.year, b.number",
    )?;
    let rows = statement.query_map((account, today), |row| {
        Ok(OverdueBill {
            number: row.get(0)?,
            year: row.get(1)?,
            from: row.get(2)?,
            to: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
