//! Notices in sums: for the accountant's reports.

use std::collections::HashMap;

use rusqlite::Connection;

use crate::base::{AccountId, Cents, Result};

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
