//! A notice that is paid into several accounts: what a bill asks a payer for all children and
//! services at once.

use rusqlite::{Connection, Transaction};

use super::notices::{self, Notice};
use crate::base::{AccountId, Cents, Date, Error, Instant, NoticeId, PersonId, Result};

/// What of a notice belongs to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// The account of the same payer.
    pub account: AccountId,
    /// Cents, above zero.
    pub amount: Cents,
}

/// Makes one notice for several accounts of a payer. `subject` travels with the payment: without
/// personal data (SACI), at most 90 characters are kept.
///
/// # Errors
/// Internal without a share; the database's own failure.
pub fn create_shared(
    tx: &Transaction<'_>,
    payer: PersonId,
    shares: &[Share],
    subject: &str,
    due_date: Option<Date>,
    now: Instant,
) -> Result<Notice> {
    let largest = shares.iter().max_by_key(|share| share.amount);
    let largest = largest.ok_or_else(|| Error::Internal("a notice without a share".to_owned()))?;
    let amount: Cents = shares.iter().map(|share| share.amount).sum();
    let subject: String = subject.chars().take(90).collect();
    let id = notices::issue(tx, payer, largest.account, amount, &subject, due_date, now)?;
    for (line, share) in shares.iter().enumerate() {
        let line = i64::try_from(line).map_err(Error::internal)?;
        tx.prepare_cached(
            "insert into notice_share (notice_id, line, account_id, amount) values (?1, ?2, ?3, ?4)",
        )?
        .execute((id, line, share.account, share.amount))?;
    }
    notices::notice(tx, id)
}

/// The shares of a notice, in their order; none where all of it belongs to one account.
///
/// # Errors
/// The database's own failure.
pub fn shares(db: &Connection, notice: NoticeId) -> Result<Vec<Share>> {
    let mut statement = db.prepare_cached(
        "select account_id, amount from notice_share where notice_id = ?1 order by line",
    )?;
    let rows = statement.query_map([notice], |row| {
        Ok(Share {
            account: row.get(0)?,
            amount: row.get(1)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How an amount that was paid goes to the accounts: share by share as far as it reaches; what is
/// left over goes to the first.
pub fn spread(shares: &[Share], paid: Cents) -> Vec<Share> {
    let mut left = paid;
    let mut parts: Vec<Share> = Vec::new();
    for share in shares {
        let amount = share.amount.min(left);
        left = left - amount;
        parts.push(Share { amount, ..*share });
    }
    if let Some(first) = parts.first_mut() {
        first.amount += left;
    }
    parts.retain(|part| part.amount.is_positive());
    parts
}

/// How what was paid of a notice goes to its accounts: by its shares, or all of it to its account.
pub(super) fn parts(shares: &[Share], notice: &Notice, paid: Cents) -> Vec<Share> {
    let mut parts = spread(shares, paid);
    if parts.is_empty() {
        parts.push(Share {
            account: notice.account_id,
            amount: paid,
        });
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(account: i64, amount: i64) -> Share {
        Share {
            account: AccountId(account),
            amount: Cents(amount),
        }
    }

    #[test]
    fn whatever_is_paid_is_spread_to_the_cent() {
        let shares = [share(1, 5000), share(2, 3500)];
        assert_eq!(spread(&shares, Cents(8500)), shares);
        assert_eq!(
            spread(&shares, Cents(6000)),
            [share(1, 5000), share(2, 1000)]
        );
        assert_eq!(spread(&shares, Cents(100)), [share(1, 100)]);
        assert_eq!(
            spread(&shares, Cents(9000)),
            [share(1, 5500), share(2, 3500)]
        );
    }
}
