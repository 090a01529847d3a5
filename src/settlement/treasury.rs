//! Treasury lines: what the bank says of its movements, each once.

use rusqlite::{OptionalExtension, Transaction};

use super::TreasuryState;
use super::causale::{self, Causale};
use super::matching::{self, Line};
use crate::base::{Cents, Date, Error, Instant, PublicId, Result, Text, TreasuryLineId};

/// A movement of the treasurer's account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTreasuryLine {
    /// The financial year.
    pub exercise: i16,
    /// Conto evidenza; empty where the file does not say.
    pub account: String,
    /// The movement's number: provvisorio, sospeso.
    pub number: String,
    /// The civil day of the movement.
    pub day: Date,
    /// Cents, not zero; below zero the bank took it back.
    pub amount: Cents,
    /// What it says about itself.
    pub causale: String,
    /// Who paid, as the bank writes it.
    pub payer: String,
    /// The line as it came.
    pub raw: String,
}

/// Records a line, once, and matches it: whether it is new.
///
/// # Errors
/// A field error without a number or an amount; a refusal when the bank says something else of a
/// movement that is known.
pub fn record(tx: &Transaction<'_>, new: &NewTreasuryLine, now: Instant) -> Result<bool> {
    if new.number.is_empty() {
        return Err(Error::field("numero", Text::new("error-required")));
    }
    if new.amount == Cents::ZERO {
        return Err(Error::field("importo", Text::new("error-not-an-amount")));
    }
    let sql = "select causale from treasury_line
               where exercise = ?1 and account = ?2 and number = ?3 and day = ?4 and amount = ?5";
    let of = (new.exercise, &new.account, &new.number, new.day, new.amount);
    let known: Option<String> = tx
        .prepare_cached(sql)?
        .query_row(of, |row| row.get(0))
        .optional()?;
    if let Some(causale) = known {
        if causale::key(&causale) == causale::key(&new.causale) {
            return Ok(false);
        }
        return Err(Error::refused(
            Text::new("settlement-line-known").with("number", &*new.number),
        ));
    }
    let (kind, named) = match causale::read(&new.causale) {
        Causale::Flow { candidates, .. } => ("flow", candidates.into_iter().next()),
        Causale::Single { .. } => ("single", None),
        Causale::Other => ("other", None),
    };
    let state = match kind {
        "other" => TreasuryState::Other,
        _ => TreasuryState::Open,
    };
    tx.prepare_cached(
        "insert into treasury_line (public_id, exercise, account, number, day, amount, causale, payer,
           named, kind, state, raw, received_at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?
    .execute(rusqlite::params![
        PublicId::random()?,
        new.exercise,
        new.account,
        new.number,
        new.day,
        new.amount,
        new.causale,
        new.payer,
        named.unwrap_or_default(),
        kind,
        state,
        new.raw,
        now,
    ])?;
    let line = Line {
        id: TreasuryLineId(tx.last_insert_rowid()),
        amount: new.amount,
        causale: new.causale.clone(),
    };
    matching::line_came(tx, &line, now)?;
    Ok(true)
}
