use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::testing::{Comune, morning};

/// One deed: what, which account, the other account, cents, which earlier entry.
type Deed = (u8, usize, usize, i64, usize);

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    proptest::collection::vec(
        (0_u8..6, 0_usize..2, 0_usize..2, 1_i64..3_000, 0_usize..40),
        0..60,
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever is charged, paid, moved, given back, written off and undone: every balance is the
    /// one that a plain sum says, and all accounts together are zero.
    #[test]
    fn the_books_balance_after_any_sequence(deeds in deeds()) {
        let comune = Comune::new();
        let (mother, luca, sara, meals) = (comune.mother, comune.luca, comune.sara, comune.meals);
        let clerk = comune.as_clerk();
        comune.write(move |tx| {
            let family = [
                family_account(tx, mother, luca, meals)?,
                family_account(tx, mother, sara, meals)?,
            ];
            let day = date(2026, 11, 3);
            let mut expected = [0_i64, 0];
            // Each entry with what it did to the two balances.
            let mut posted: Vec<(EntryId, [i64; 2])> = Vec::new();
            for (number, (what, one, other, cents, earlier)) in (1_i64..).zip(deeds) {
                let amount = Cents(cents);
                let mut effect = [0_i64, 0];
                let entry = match what {
                    0 => {
                        let revenue = revenue_account(tx, meals)?;
                        let cause = Cause::Charge(ChargeId(number));
                        let new = NewEntry { day, debit: family[one], credit: revenue, amount, cause };
                        effect[one] = -cents;
                        post(tx, &new, morning()).ok()
                    }
                    1 => {
                        let pagopa = pagopa_account(tx)?;
                        let cause = Cause::Receipt(ReceiptId(number));
                        let new = NewEntry { day, debit: pagopa, credit: family[one], amount, cause };
                        effect[one] = cents;
                        post(tx, &new, morning()).ok()
                    }
                    2 => {
                        let new = NewTransfer { from: family[one], to: family[other], amount, day, reason: "prova" };
                        let covered = one != other && expected[one] >= cents;
                        let done = transfer(tx, &clerk, &new, morning());
                        assert_eq!(done.is_ok(), covered);
                        effect[one] -= cents;
                        effect[other] += cents;
                        done.ok().map(|id| entry_of(tx, Cause::Transfer(id))).transpose()?.flatten()
                    }
                    3 => {
                        effect[one] = -cents;
                        refund(tx, RefundId(number), family[one], amount, day, morning()).ok()
                    }
                    4 => {
                        // Towards zero by as much as there is at the most.
                        let amount = Cents(-expected[one].signum() * cents);
                        let possible = expected[one] != 0 && cents <= expected[one].abs();
                        let new = NewWriteOff { account: family[one], amount, day, reason: "prova" };
                        let done = write_off(tx, &clerk, &new, morning());
                        assert_eq!(done.is_ok(), possible);
                        effect[one] = amount.0;
                        done.ok().map(|id| entry_of(tx, Cause::WriteOff(id))).transpose()?.flatten()
                    }
                    _ => match posted.get(earlier).copied() {
                        Some((entry, [a, b])) => {
                            let before = entry_of(tx, Cause::Reversal(entry))?.is_some();
                            let done = reverse(tx, &clerk, entry, "prova", day, morning());
                            assert_eq!(done.is_ok(), !before);
                            effect = [-a, -b];
                            // What is reversed is not reversed again: it is no deed to come back to.
                            if done.is_ok() {
                                for (balance, change) in expected.iter_mut().zip(effect) {
                                    *balance += change;
                                }
                            }
                            None
                        }
                        None => None,
                    },
                };
                if let Some(entry) = entry {
                    posted.push((entry, effect));
                    for (balance, change) in expected.iter_mut().zip(effect) {
                        *balance += change;
                    }
                }
                for (account, balance_there) in family.iter().zip(expected) {
                    assert_eq!(balance(tx, *account)?, Cents(balance_there));
                }
            }
            let all: i64 = tx.query_row(
                "select coalesce(sum(b), 0) from (select
                   (select coalesce(sum(amount), 0) from ledger_entry where credit_id = a.id)
                 - (select coalesce(sum(amount), 0) from ledger_entry where debit_id = a.id) as b
                 from account a)",
                [],
                |row| row.get(0),
            )?;
            assert_eq!(all, 0);
            Ok(())
        }).unwrap();
    }
}

#[test]
fn only_who_handles_money_moves_it_and_only_within_one_payer() {
    let comune = Comune::new();
    let (mother, luca, sara, meals) = (comune.mother, comune.luca, comune.sara, comune.meals);
    let (clerk, parent) = (comune.as_clerk(), comune.as_mother());
    comune
        .write(move |tx| {
            let mine = family_account(tx, mother, luca, meals)?;
            let sister = family_account(tx, mother, sara, meals)?;
            // The children are people too: an account of another payer.
            let others = family_account(tx, luca, sara, meals)?;
            let day = date(2026, 11, 3);
            let paid = NewEntry {
                day,
                debit: pagopa_account(tx)?,
                credit: mine,
                amount: Cents(1_000),
                cause: Cause::Receipt(ReceiptId(1)),
            };
            post(tx, &paid, morning())?;
            let to = |to, amount| NewTransfer {
                from: mine,
                to,
                amount: Cents(amount),
                day,
                reason: "alla sorella",
            };
            let moved = |actor: &Actor, new: &NewTransfer<'_>| transfer(tx, actor, new, morning());
            assert!(matches!(
                moved(&parent, &to(sister, 400)),
                Err(Error::Forbidden)
            ));
            assert!(moved(&clerk, &to(others, 400)).is_err());
            assert!(moved(&clerk, &to(sister, 1_001)).is_err());
            assert!(moved(&clerk, &to(mine, 400)).is_err());
            moved(&clerk, &to(sister, 400))?;
            assert_eq!(balance(tx, mine)?, Cents(600));
            assert_eq!(balance(tx, sister)?, Cents(400));
            // Charges have used most of the rest: as a payment it can still be moved, once.
            let meal = NewEntry {
                day,
                debit: mine,
                credit: revenue_account(tx, meals)?,
                amount: Cents(500),
                cause: Cause::Charge(ChargeId(1)),
            };
            post(tx, &meal, morning())?;
            assert!(moved(&clerk, &to(sister, 600)).is_err());
            let pay = |amount| move_payment(tx, &clerk, &to(sister, amount), morning());
            assert!(pay(601).is_err());
            let id = pay(600)?;
            assert_eq!(balance(tx, mine)?, Cents(-500));
            assert!(pay(1).is_err());
            let entry = entry_of(tx, Cause::Transfer(id))?.unwrap();
            reverse(tx, &clerk, entry, "per errore", day, morning())?;
            assert_eq!(movable(tx, mine)?, Cents(600));
            assert_eq!(movable(tx, sister)?, Cents(400));
            for sql in [
                "update transfer set amount = 1",
                "delete from transfer",
                "update write_off set amount = 1",
            ] {
                let refused = tx.execute(sql, []);
                assert!(refused.is_err() || sql.contains("write_off"), "{sql}");
            }
            Ok(())
        })
        .unwrap();
}
