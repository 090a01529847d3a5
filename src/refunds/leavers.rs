//! Credits that nobody asks for: accounts with credit whose child has left the service.

use rusqlite::Connection;
use serde::Serialize;

use crate::base::{AccountId, Cents, Date, PublicId, Result};

/// An account with credit whose enrolments have all ended.
#[derive(Clone, Debug, Serialize)]
pub struct Leaver {
    /// Inside.
    #[serde(skip)]
    pub account_id: AccountId,
    /// Outside.
    pub account: PublicId,
    /// Names the payer outside.
    pub payer_public: PublicId,
    /// Surname and name of the payer.
    pub payer: String,
    /// Surname and name of the child.
    pub child: String,
    /// The service.
    pub service: String,
    /// Their last day; none when an earlier system enrolled them.
    pub left_on: Option<Date>,
    /// The credit.
    pub balance: Cents,
}

/// Which are listed.
#[derive(Clone, Debug)]
pub struct LeaverFilter {
    /// Words of a name, as `people::search_name` writes them; empty: all.
    pub words: String,
    /// Their last day was on this day or before.
    pub until: Date,
}

/// Goes through the accounts with credit: those of who left are few among them, and nobody asks for
/// them but this list.
const FOUND: &str = "with left as (
      select a.id, a.public_id, a.payer_id, a.child_id, a.service_id, b.balance,
        (select max(e.to_date) from enrolment e
         where e.child_id = a.child_id and e.service_id = a.service_id) as left_on
      from account_balance b indexed by account_in_credit cross join account a on a.id = b.account_id
      where b.balance > 0
        and not exists (select 1 from enrolment e where e.child_id = a.child_id
              and e.service_id = a.service_id and coalesce(e.to_date, '9999-12-31') > ?1)
        and not exists (select 1 from refund r where r.account_id = a.id
              and r.state in ('asked', 'approved', 'listed')))";
const WHERE: &str =
    "from left l join person p on p.id = l.payer_id join person c on c.id = l.child_id
    join service s on s.id = l.service_id
    where (?2 = '' or instr(p.search_name, ?2) > 0 or instr(c.search_name, ?2) > 0)";

/// Credits of who left, the largest first, page by page.
///
/// # Errors
/// The database's own failure.
pub fn leavers(
    db: &Connection,
    filter: &LeaverFilter,
    limit: u32,
    offset: u32,
) -> Result<Vec<Leaver>> {
    let sql = format!(
        "/* whole */ {FOUND} select l.id, l.public_id, p.public_id, p.surname || ' ' || p.name,
           c.surname || ' ' || c.name, s.name, l.left_on, l.balance
         {WHERE} order by l.balance desc, l.id limit ?3 offset ?4"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map((filter.until, &filter.words, limit, offset), |row| {
        Ok(Leaver {
            account_id: row.get(0)?,
            account: row.get(1)?,
            payer_public: row.get(2)?,
            payer: row.get(3)?,
            child: row.get(4)?,
            service: row.get(5)?,
            left_on: row.get(6)?,
            balance: row.get(7)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many credits a filter finds, and how much they are together.
///
/// # Errors
/// The database's own failure.
pub fn leavers_total(db: &Connection, filter: &LeaverFilter) -> Result<(i64, Cents)> {
    let sql = format!("/* whole */ {FOUND} select count(*), coalesce(sum(l.balance), 0) {WHERE}");
    Ok(db
        .prepare_cached(&sql)?
        .query_row((filter.until, &filter.words), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?)
}
