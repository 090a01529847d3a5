//! Payments that were moved to where they belong: a transfer remembers which receipts it carries, so
//! that attestations and reports follow the money.

use rusqlite::{Connection, Transaction};

use crate::base::{AccountId, Cents, Date, EntryId, Result, TransferId};

/// What of the receipts lies on an account: those credited to it, less what was moved away, and what
/// was moved to it; by the entry of the receipt and its day, oldest first. What was undone is not
/// among them.
///
/// # Errors
/// The database's own failure.
pub fn receipts_on(
    db: &Connection,
    account: AccountId,
    from: Date,
    to: Date,
) -> Result<Vec<(EntryId, Cents)>> {
    let mut statement = db.prepare_cached(
        "select e.id, sum(h.amount) from (
           select id as entry, amount from ledger_entry where credit_id = ?1 and cause = 'receipt'
           union all
           select p.entry_id, p.amount from transfer t
           cross join transfer_part p on p.transfer_id = t.id
           cross join ledger_entry m on m.cause = 'transfer' and m.cause_id = t.id
           where t.to_id = ?1 and not exists (select 1 from ledger_entry u
             where u.cause = 'reversal' and u.cause_id = m.id)
           union all
           select p.entry_id, -p.amount from transfer t
           cross join transfer_part p on p.transfer_id = t.id
           cross join ledger_entry m on m.cause = 'transfer' and m.cause_id = t.id
           where t.from_id = ?1 and not exists (select 1 from ledger_entry u
             where u.cause = 'reversal' and u.cause_id = m.id)) h
         cross join ledger_entry e on e.id = h.entry
         where e.day between ?2 and ?3 and not exists (select 1 from ledger_entry u
           where u.cause = 'reversal' and u.cause_id = e.id)
         group by e.id having sum(h.amount) > 0 order by e.day, e.id",
    )?;
    let rows = statement.query_map((account, from, to), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Remembers which receipts a transfer carries: the newest one of just this amount, else the newest
/// ones. What is credit from elsewhere stays without a receipt.
pub(super) fn mark(
    tx: &Transaction<'_>,
    transfer: TransferId,
    from: AccountId,
    amount: Cents,
) -> Result<()> {
    let mut held = receipts_on(tx, from, Date::MIN, Date::MAX)?;
    held.reverse();
    if let Some(exact) = held.iter().position(|(_, left)| *left == amount) {
        held.swap(0, exact);
    }
    let mut left = amount;
    for (entry, there) in held {
        let part = there.min(left);
        if !part.is_positive() {
            break;
        }
        tx.prepare_cached(
            "insert into transfer_part (transfer_id, entry_id, amount) values (?1, ?2, ?3)",
        )?
        .execute((transfer, entry, part))?;
        left = left - part;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::base::ReceiptId;
    use crate::ledger::{self, Cause, NewEntry, NewTransfer};
    use crate::testing::{Comune, morning};

    const DAY: Date = date(2026, 11, 3);

    #[test]
    fn a_moved_payment_lies_where_it_was_moved_to_until_that_is_undone() {
        let comune = Comune::new();
        let (mother, luca, sara, meals) = (comune.mother, comune.luca, comune.sara, comune.meals);
        let clerk = comune.as_clerk();
        comune
            .write(move |tx| {
                let wrong = ledger::family_account(tx, mother, luca, meals)?;
                let right = ledger::family_account(tx, mother, sara, meals)?;
                let pagopa = ledger::pagopa_account(tx)?;
                let mut entries = Vec::new();
                for (number, day, amount) in [
                    (1, date(2025, 12, 1), 5_000),
                    (2, date(2026, 3, 1), 3_000),
                    (3, date(2026, 10, 1), 2_000),
                ] {
                    let entry = NewEntry {
                        day,
                        debit: pagopa,
                        credit: wrong,
                        amount: Cents(amount),
                        cause: Cause::Receipt(ReceiptId(number)),
                    };
                    entries.push(ledger::post(tx, &entry, morning())?);
                }
                let on = |account| receipts_on(tx, account, Date::MIN, Date::MAX);
                let mover = |amount| NewTransfer {
                    from: wrong,
                    to: right,
                    amount: Cents(amount),
                    day: DAY,
                    reason: "era per Sara",
                };
                // Just the payment of March.
                let id = ledger::move_payment(tx, &clerk, &mover(3_000), morning())?;
                assert_eq!(on(right)?, [(entries[1], Cents(3_000))]);
                let rest = [(entries[0], Cents(5_000)), (entries[2], Cents(2_000))];
                assert_eq!(on(wrong)?, rest);
                // And a part of the newest ones.
                ledger::move_payment(tx, &clerk, &mover(2_500), morning())?;
                let all: Cents = on(right)?.iter().map(|(_, amount)| *amount).sum();
                assert_eq!(all, Cents(5_500));
                assert_eq!(on(wrong)?, [(entries[0], Cents(4_500))]);
                // Of a year: the day is that of the payment, not that of the move.
                let year =
                    |account, year| receipts_on(tx, account, date(year, 1, 1), date(year, 12, 31));
                assert_eq!(year(right, 2025)?, [(entries[0], Cents(500))]);
                assert!(year(wrong, 2026)?.is_empty());
                let moved = ledger::entry_of(tx, Cause::Transfer(id))?.unwrap();
                ledger::reverse(tx, &clerk, moved, "errore", DAY, morning())?;
                assert_eq!(year(wrong, 2026)?, [(entries[1], Cents(3_000))]);
                assert!(tx.execute("delete from transfer_part", []).is_err());
                Ok(())
            })
            .unwrap();
    }
}
