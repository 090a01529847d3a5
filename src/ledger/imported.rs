//! What an earlier system posted: opening balances, charges, credits, line by line. The lines are
//! append-only; each is in the ledger once with the cause [`Cause::Opening`](super::Cause::Opening).

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::{Cause, NewEntry, opening_account};
use crate::base::{AccountId, Cents, Date, Instant, PublicId, Result};

/// What kind of line it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportedKind {
    /// Saldo iniziale.
    Balance,
    /// Addebito.
    Charge,
    /// Accredito that is no payment.
    Credit,
    /// Storno.
    Reversal,
}

impl ImportedKind {
    /// As it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            ImportedKind::Balance => "balance",
            ImportedKind::Charge => "charge",
            ImportedKind::Credit => "credit",
            ImportedKind::Reversal => "reversal",
        }
    }

    /// Out of the database.
    pub fn parse(text: &str) -> ImportedKind {
        match text {
            "charge" => ImportedKind::Charge,
            "credit" => ImportedKind::Credit,
            "reversal" => ImportedKind::Reversal,
            _ => ImportedKind::Balance,
        }
    }
}

/// A line that is to be recorded.
pub struct NewImported<'a> {
    /// The family account.
    pub account: AccountId,
    /// What it is.
    pub kind: ImportedKind,
    /// The civil day that it counts for.
    pub day: Date,
    /// Cents, above zero in the family's favour.
    pub amount: Cents,
    /// What the family reads; empty: the usual words.
    pub description: &'a str,
    /// JSON of the explanation, where there is one.
    pub explanation: Option<&'a str>,
    /// What recognises the line when it comes again.
    pub key: &'a str,
    /// The earlier system.
    pub origin: &'a str,
}

/// A line as statements show it.
#[derive(Clone, Debug)]
pub struct Imported {
    /// Names its explanation, where it has one.
    pub explained: Option<PublicId>,
    /// What it is.
    pub kind: ImportedKind,
    /// What the family reads; empty: the usual words.
    pub description: String,
}

/// The account, day and amount of the line with a key.
///
/// # Errors
/// The database's own failure.
pub fn imported_by_key(db: &Connection, key: &str) -> Result<Option<(AccountId, Date, Cents)>> {
    let sql = "select account_id, day, amount from imported_entry where key = ?1";
    Ok(db
        .prepare_cached(sql)?
        .query_row([key], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?)
}

/// Records a line; what it answers is to be [`posted`](super::post), unless no money moves.
///
/// # Errors
/// When the key is known.
pub fn record_imported(
    tx: &Transaction<'_>,
    new: &NewImported<'_>,
    now: Instant,
) -> Result<Option<NewEntry>> {
    tx.prepare_cached(
        "insert into imported_entry (public_id, account_id, kind, day, amount, description,
                                     explanation, key, origin, imported_at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute((
        PublicId::random()?,
        new.account,
        new.kind.as_str(),
        new.day,
        new.amount,
        new.description,
        new.explanation,
        new.key,
        new.origin,
        now,
    ))?;
    let cause = Cause::Opening(tx.last_insert_rowid());
    if new.amount == Cents::ZERO {
        return Ok(None);
    }
    let opening = opening_account(tx)?;
    let (debit, credit) = if new.amount.is_positive() {
        (opening, new.account)
    } else {
        (new.account, opening)
    };
    Ok(Some(NewEntry {
        day: new.day,
        debit,
        credit,
        amount: new.amount.abs(),
        cause,
    }))
}

/// The lines of an account in a period, by the number of their cause.
///
/// # Errors
/// The database's own failure.
pub fn imported_between(
    db: &Connection,
    account: AccountId,
    from: Date,
    to: Date,
) -> Result<HashMap<i64, Imported>> {
    let mut statement = db.prepare_cached(
        "select id, case when explanation is not null then public_id end, kind, description
         from imported_entry where account_id = ?1 and day between ?2 and ?3",
    )?;
    let rows = statement.query_map((account, from, to), |row| {
        Ok((
            row.get(0)?,
            Imported {
                explained: row.get(1)?,
                kind: ImportedKind::parse(&row.get::<_, String>(2)?),
                description: row.get(3)?,
            },
        ))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
