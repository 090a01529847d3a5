//! Rows of flows: which notice and which receipt each is, and why it is where it is.

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::RowState;
use crate::base::{Cents, Date, FlowId, FlowRowId, Instant, NoticeId, PublicId, ReceiptId, Result};
use crate::payments::flows::{RawFlow, RowOutcome};
use crate::payments::notices;
use crate::payments::settled::{self, Declared};

/// A receipt, seen from a row.
struct Known {
    id: ReceiptId,
    amount: Cents,
    /// It is credited, by itself or by the office.
    credited: bool,
}

/// What is known of a row.
struct Facts {
    outcome: RowOutcome,
    amount: Cents,
    /// The same payment stands in another row that counts.
    elsewhere: bool,
    receipt: Option<Known>,
    notice: Option<NoticeId>,
    /// Another receipt has paid the notice.
    paid_otherwise: bool,
}

/// Why a row is where it is: the rule, in the order in which it is asked.
fn judge(facts: &Facts) -> RowState {
    match (&facts.receipt, facts.notice) {
        _ if facts.outcome == RowOutcome::Revoked => RowState::Revoked,
        _ if facts.elsewhere => RowState::Twice,
        (Some(receipt), _) if !receipt.credited => RowState::Suspense,
        (Some(receipt), _) if receipt.amount != facts.amount => RowState::Amount,
        (Some(_), _) => RowState::Matched,
        (None, None) => RowState::Unknown,
        (None, Some(_)) if facts.paid_otherwise => RowState::PaidOtherwise,
        (None, Some(_)) => RowState::NoReceipt,
    }
}

/// Writes the rows of a revision and judges each.
pub(super) fn take_rows(
    tx: &Transaction<'_>,
    flow: FlowId,
    revision: i64,
    raw: &RawFlow,
    now: Instant,
) -> Result<()> {
    for (line, row) in (1i64..).zip(&raw.rows) {
        // Its place in the index is taken when it is judged: until then it is one that does not count.
        tx.prepare_cached(
            "insert into settlement_row (public_id, flow_id, revision_id, line, iuv, iur, transfer,
               amount, outcome, day, state)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'twice')",
        )?
        .execute((
            PublicId::random()?,
            flow,
            revision,
            line,
            &row.iuv,
            &row.iur,
            row.transfer,
            row.amount,
            row.outcome.code(),
            row.day,
        ))?;
        let stored = Stored {
            id: FlowRowId(tx.last_insert_rowid()),
            iuv: row.iuv.clone(),
            iur: row.iur.clone(),
            transfer: row.transfer,
            amount: row.amount,
            outcome: row.outcome,
            day: row.day,
        };
        settle(tx, &stored, now)?;
    }
    Ok(())
}

struct Stored {
    id: FlowRowId,
    iuv: String,
    iur: String,
    transfer: u8,
    amount: Cents,
    outcome: RowOutcome,
    day: Date,
}

/// Judges a row, credits it where only it says that money came, and writes what was found.
fn settle(tx: &Transaction<'_>, row: &Stored, now: Instant) -> Result<RowState> {
    let facts = facts(tx, row)?;
    let state = judge(&facts);
    if let (RowState::NoReceipt, Some(notice)) = (state, facts.notice) {
        let declared = Declared {
            iur: &row.iur,
            transfer: row.transfer,
            amount: row.amount,
            day: row.day,
        };
        settled::credit_declared(tx, &notices::notice(tx, notice)?, &declared, now)?;
    }
    let linked = matches!(
        state,
        RowState::Matched | RowState::Amount | RowState::Suspense
    );
    let receipt = facts.receipt.filter(|_| linked).map(|receipt| receipt.id);
    tx.prepare_cached(
        "update settlement_row set notice_id = ?2, receipt_id = ?3, state = ?4 where id = ?1",
    )?
    .execute((row.id, facts.notice, receipt, state))?;
    Ok(state)
}

fn facts(db: &Connection, row: &Stored) -> Result<Facts> {
    let sql = "select 1 from settlement_row where iur = ?1 and transfer = ?2 and id <> ?3
                 and state not in ('superseded', 'twice', 'revoked', 'ignored')";
    let elsewhere = db
        .prepare_cached(sql)?
        .exists((&row.iur, row.transfer, row.id))?;
    let receipt = receipt(db, row)?;
    let notice = notice_of(db, &row.iuv)?;
    let paid_otherwise = match (notice, &receipt) {
        (Some(notice), None) => settled::paid_by_receipt(db, notice)?,
        _ => false,
    };
    Ok(Facts {
        outcome: row.outcome,
        amount: row.amount,
        elsewhere,
        receipt,
        notice,
        paid_otherwise,
    })
}

/// The receipt that a row is about: the IUR is the receipt's own name.
fn receipt(db: &Connection, row: &Stored) -> Result<Option<Known>> {
    let sql = "select r.id, r.amount, r.outcome = 'credited' or exists (
                 select 1 from receipt_placement p where p.receipt_id = r.id)
               from receipt r where r.receipt_key = ?1";
    let found = db.prepare_cached(sql)?.query_row([&row.iur], |found| {
        Ok(Known {
            id: found.get(0)?,
            amount: found.get(1)?,
            credited: found.get(2)?,
        })
    });
    Ok(found.optional()?)
}

/// The notice of an IUV: its number is the IUV behind its aux digit (3, and 1 and 2 of old), or behind
/// aux digit and application code (0).
pub(super) fn notice_of(db: &Connection, iuv: &str) -> Result<Option<NoticeId>> {
    if !iuv.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(None);
    }
    let sql = "select id from payment_notice where notice_number = ?1";
    let mut statement = db.prepare_cached(sql)?;
    if iuv.len() == 17 {
        for aux in ["3", "1", "2"] {
            let number = format!("{aux}{iuv}");
            let found = statement.query_row([number], |row| row.get(0)).optional()?;
            if found.is_some() {
                return Ok(found);
            }
        }
    }
    if iuv.len() == 15 {
        let sql = "select id from payment_notice where notice_number between '0' and '1'
                     and substr(notice_number, 4) = ?1";
        let found = db.prepare_cached(sql)?.query_row([iuv], |row| row.get(0));
        return Ok(found.optional()?);
    }
    Ok(None)
}

/// Looks again at the rows that a receipt may have explained since, and says how many moved on: at
/// most `limit` of each state are looked at, the newest first.
///
/// # Errors
/// The database's own failure.
pub fn look_again(tx: &Transaction<'_>, limit: u32, now: Instant) -> Result<usize> {
    let mut moved = 0;
    for state in [
        RowState::NoReceipt,
        RowState::Unknown,
        RowState::Suspense,
        RowState::PaidOtherwise,
        RowState::Twice,
    ] {
        let sql = "select id, iuv, iur, transfer, amount, outcome, day from settlement_row
                   where state = ?1 order by day desc, id desc limit ?2";
        let mut statement = tx.prepare_cached(sql)?;
        let waiting: Vec<Stored> = statement
            .query_map((state, limit), read)?
            .collect::<rusqlite::Result<_>>()?;
        for row in &waiting {
            // What nothing has changed about costs no write.
            if judge(&facts(tx, row)?) != state && settle(tx, row, now)? != state {
                moved += 1;
            }
        }
    }
    Ok(moved)
}

/// Whether a receipt has come that a row waits for: asked before a write, so that a round costs none.
///
/// # Errors
/// The database's own failure.
pub fn has_news(db: &Connection) -> Result<bool> {
    let sql = "select 1 from settlement_row w join receipt r on r.receipt_key = w.iur
               where w.state in ('no_receipt', 'unknown', 'paid_otherwise')";
    Ok(db.prepare_cached(sql)?.exists([])?)
}

/// A row is looked at anew: the accountant takes a decision back.
pub(super) fn look_at(tx: &Transaction<'_>, id: FlowRowId, now: Instant) -> Result<RowState> {
    let sql =
        "select id, iuv, iur, transfer, amount, outcome, day from settlement_row where id = ?1";
    let row = tx.prepare_cached(sql)?.query_row([id], read)?;
    settle(tx, &row, now)
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Stored> {
    let outcome: u8 = row.get(5)?;
    Ok(Stored {
        id: row.get(0)?,
        iuv: row.get(1)?,
        iur: row.get(2)?,
        transfer: row.get(3)?,
        amount: row.get(4)?,
        outcome: RowOutcome::of_code(outcome).ok_or(rusqlite::Error::IntegralValueOutOfRange(
            5,
            i64::from(outcome),
        ))?,
        day: row.get(6)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts {
            outcome: RowOutcome::Executed,
            amount: Cents(4250),
            elsewhere: false,
            receipt: Some(Known {
                id: ReceiptId(1),
                amount: Cents(4250),
                credited: true,
            }),
            notice: Some(NoticeId(1)),
            paid_otherwise: false,
        }
    }

    #[test]
    fn the_rule_says_one_thing_of_every_row() {
        let with = |change: fn(&mut Facts)| {
            let mut facts = facts();
            change(&mut facts);
            judge(&facts)
        };
        assert_eq!(with(|_| {}), RowState::Matched);
        assert_eq!(with(|f| f.outcome = RowOutcome::StandIn), RowState::Matched);
        assert_eq!(with(|f| f.amount = Cents(4249)), RowState::Amount);
        assert_eq!(with(|f| f.outcome = RowOutcome::Revoked), RowState::Revoked);
        assert_eq!(with(|f| f.elsewhere = true), RowState::Twice);
        let suspended = |f: &mut Facts| f.receipt.as_mut().unwrap().credited = false;
        assert_eq!(with(suspended), RowState::Suspense);
        assert_eq!(with(|f| f.receipt = None), RowState::NoReceipt);
        let otherwise = |f: &mut Facts| {
            f.receipt = None;
            f.paid_otherwise = true;
        };
        assert_eq!(with(otherwise), RowState::PaidOtherwise);
        let unknown = |f: &mut Facts| {
            f.receipt = None;
            f.notice = None;
        };
        assert_eq!(with(unknown), RowState::Unknown);
    }
}
