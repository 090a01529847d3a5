//! Notices in sums: for the accountant's reports.

use std::collections::HashMap;

use rusqlite::Connection;

use crate::base::{AccountId, Cents, Date, Error, NoticeId, Result};

/// What open notices ask for, by account, in cents.
///
/// # Errors
/// The database's own failure.
pub fn open_by_account(db: &Connection) -> Result<HashMap<AccountId, Cents>> {
    let mut statement = db.prepare_cached(
        "/* whole */ select coalesce(h.account_id, n.account_id), sum(coalesce(h.amount, n.amount))
         from payment_notice n left join notice_share h on h.notice_id = n.id
         where n.state = 'open' group by 1",
    )?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What an open notice asks for on an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The notice.
    pub notice: NoticeId,
    /// The account.
    pub account: AccountId,
    /// Cents, above zero.
    pub amount: Cents,
    /// Until when it is to be paid; none: whenever the family likes.
    pub due_date: Option<Date>,
}

/// What open notices ask for on some accounts, the latest due date first.
///
/// # Errors
/// The database's own failure.
pub fn asked_of(db: &Connection, accounts: &[AccountId]) -> Result<Vec<Asked>> {
    let mut statement = db.prepare_cached(
        "select n.id, h.account_id, h.amount, n.due_date from json_each(?1) j
         cross join notice_share h on h.account_id = j.value
         cross join payment_notice n on n.id = h.notice_id and n.state = 'open'
         union all
         select n.id, n.account_id, n.amount, n.due_date from json_each(?1) j
         cross join payment_notice n on n.account_id = j.value and n.state = 'open'
         where not exists (select 1 from notice_share h where h.notice_id = n.id)
         order by 4 desc, 1 desc",
    )?;
    let accounts = serde_json::to_string(accounts).map_err(Error::internal)?;
    let rows = statement.query_map([accounts], |row| {
        Ok(Asked {
            notice: row.get(0)?,
            account: row.get(1)?,
            amount: row.get(2)?,
            due_date: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
