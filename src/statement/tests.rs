use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::base::{EntryId, Error, ReceiptId};
use crate::ledger::NewEntry;
use crate::testing::{Comune, morning};

/// Postings of one run: account 0 or 1, day of the year, cents, and whether the family is credited.
fn postings() -> impl Strategy<Value = Vec<(usize, i32, i64, bool)>> {
    proptest::collection::vec(
        (0_usize..2, 0_i32..700, 1_i64..100_000, any::<bool>()),
        0..60,
    )
}

fn day(offset: i32) -> Date {
    date(2025, 9, 1)
        .checked_add(jiff::Span::new().days(offset))
        .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// However entries were posted: opening, lines, months and closing agree, and the closing
    /// balance of all time is the ledger's own.
    #[test]
    fn the_statement_is_the_ledger(posted in postings(), first in 0_i32..700, length in 0_i32..400) {
        let comune = Comune::new();
        let (mother, luca, sara, meals) = (comune.mother, comune.luca, comune.sara, comune.meals);
        let accounts = comune
            .write(move |tx| {
                let accounts = [
                    ledger::family_account(tx, mother, luca, meals)?,
                    ledger::family_account(tx, mother, sara, meals)?,
                ];
                let (revenue, pagopa) = (ledger::revenue_account(tx, meals)?, ledger::pagopa_account(tx)?);
                for (number, (account, offset, amount, credited)) in (1..).zip(posted) {
                    let (debit, credit, cause) = if credited {
                        (pagopa, accounts[account], Cause::Receipt(ReceiptId(number)))
                    } else {
                        (accounts[account], revenue, Cause::Reversal(EntryId(number)))
                    };
                    let entry = NewEntry { day: day(offset), debit, credit, amount: Cents(amount), cause };
                    ledger::post(tx, &entry, morning())?;
                }
                Ok(accounts)
            })
            .unwrap();
        let mother = comune.as_mother();
        comune.store.read(|db| {
            let told = |filter: &Filter| statement(db, &mother, filter);
            let always = Filter { account: None, from: date(2000, 1, 1), to: date(2100, 1, 1) };
            let balances: Cents = accounts.iter().map(|a| ledger::balance(db, *a)).collect::<Result<Vec<_>>>()?.into_iter().sum();
            let all = told(&always)?;
            assert_eq!((all.opening, all.closing), (Cents::ZERO, balances));

            let period = Filter { account: None, from: day(first), to: day(first + length) };
            let some = told(&period)?;
            assert_eq!(some.opening + some.credit - some.debit, some.closing);
            let (mut running, mut months) = (some.opening, some.opening);
            for month in &some.months {
                for line in &month.lines {
                    assert!(period.from <= line.day && line.day <= period.to);
                    running += line.amount;
                    assert_eq!(line.balance, running);
                }
                months = months + month.credit - month.debit;
                assert_eq!(month.closing, months);
            }
            assert_eq!(running, some.closing);
            // What comes after begins where this ends.
            let after = Filter { account: None, from: period.to.tomorrow().unwrap(), to: date(2100, 1, 1) };
            assert_eq!(told(&after)?.opening, some.closing);
            assert_eq!(told(&after)?.closing, balances);

            // One account at a time adds up to all of them.
            let mut sum = Cents::ZERO;
            for account in ledger::accounts_of_payer(db, &mother)? {
                let one = told(&Filter { account: Some(account.public_id.clone()), ..always.clone() })?;
                assert_eq!(one.closing, account.balance);
                sum += one.closing;
            }
            assert_eq!(sum, balances);
            Ok(())
        }).unwrap();
    }
}

#[test]
fn nobody_elses_account_is_told() {
    let comune = Comune::new();
    let (mother, luca, meals) = (comune.mother, comune.luca, comune.meals);
    let account = comune
        .write(move |tx| {
            let id = ledger::family_account(tx, mother, luca, meals)?;
            Ok(ledger::account(tx, id)?.public_id)
        })
        .unwrap();
    let filter = Filter {
        account: Some(account),
        ..Filter::school_year(SchoolYear::starting_in(2026))
    };
    let told = |actor: &Actor| {
        comune
            .store
            .read(|db| statement(db, actor, &filter).map(|_| ()))
    };
    assert!(told(&comune.as_mother()).is_ok());
    assert!(matches!(told(&Actor::Citizen(luca)), Err(Error::NotFound)));
    assert!(matches!(told(&comune.as_clerk()), Err(Error::Forbidden)));
}
