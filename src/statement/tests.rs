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
            let always = Filter { from: date(2000, 1, 1), to: date(2100, 1, 1), ..Filter::school_year(SchoolYear::starting_in(2025)) };
            let balances: Cents = accounts.iter().map(|a| ledger::balance(db, *a)).collect::<Result<Vec<_>>>()?.into_iter().sum();
            let all = told(&always)?;
            assert_eq!((all.opening, all.closing), (Cents::ZERO, balances));

            let period = Filter { from: day(first), to: day(first + length), ..always.clone() };
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
            let after = Filter { from: period.to.tomorrow().unwrap(), ..always.clone() };
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

/// A deed of the office, by number: account, cents, and which earlier movement it undoes.
fn deeds() -> impl Strategy<Value = Vec<(u8, usize, i64, usize)>> {
    proptest::collection::vec((0_u8..5, 0_usize..3, 1_i64..5_000, 0_usize..40), 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever was charged, paid, moved, dropped and undone: each account's statement is the
    /// ledger's, those of a child or of a service add up, and every line says what it is.
    #[test]
    fn the_statement_is_the_ledger_after_any_movements(done in deeds()) {
        let comune = Comune::new();
        let (mother, luca, sara, meals) = (comune.mother, comune.luca, comune.sara, comune.meals);
        let (clerk, today) = (comune.as_clerk(), date(2026, 11, 3));
        comune
            .write(move |tx| {
                let bus = tx.query_row("select id from service where code = 'scuolabus'", [], |r| r.get(0))?;
                let accounts = [
                    ledger::family_account(tx, mother, luca, meals)?,
                    ledger::family_account(tx, mother, luca, bus)?,
                    ledger::family_account(tx, mother, sara, meals)?,
                ];
                let (revenue, pagopa) = (ledger::revenue_account(tx, meals)?, ledger::pagopa_account(tx)?);
                let mut entries = Vec::new();
                for (number, (what, at, cents, earlier)) in (1..).zip(done) {
                    let (account, amount, reason) = (accounts[at], Cents(cents), "prova");
                    let posts = |debit, credit, cause| {
                        let entry = NewEntry { day: today, debit, credit, amount, cause };
                        ledger::post(tx, &entry, morning())
                    };
                    // What there is not enough for is refused, and leaves nothing behind.
                    let entry = match what {
                        0 => posts(account, revenue, Cause::Charge(crate::base::ChargeId(number))).ok(),
                        1 => posts(pagopa, account, Cause::Receipt(ReceiptId(number))).ok(),
                        2 => {
                            let new = ledger::NewTransfer { from: account, to: accounts[(at + 1) % 3], amount, day: today, reason };
                            let id = ledger::transfer(tx, &clerk, &new, morning());
                            id.ok().map(|id| ledger::entry_of(tx, Cause::Transfer(id))).transpose()?.flatten()
                        }
                        3 => {
                            let owes = ledger::balance(tx, account)? < Cents::ZERO;
                            let amount = if owes { amount } else { -amount };
                            let new = ledger::NewWriteOff { account, amount, day: today, reason };
                            let id = ledger::write_off(tx, &clerk, &new, morning());
                            id.ok().map(|id| ledger::entry_of(tx, Cause::WriteOff(id))).transpose()?.flatten()
                        }
                        _ => match entries.get(earlier) {
                            Some(entry) => ledger::reverse(tx, &clerk, *entry, reason, today, morning()).ok(),
                            None => None,
                        },
                    };
                    entries.extend(entry);
                }
                Ok(())
            })
            .unwrap();
        let actor = comune.as_mother();
        comune.store.read(|db| {
            let year = Filter::school_year(SchoolYear::starting_in(2026));
            let closing = |filter: &Filter| statement(db, &actor, filter).map(|told| told.closing);
            let accounts = ledger::accounts_of_payer(db, &actor)?;
            let sum = |of: &dyn Fn(&FamilyAccount) -> bool| -> Cents {
                accounts.iter().filter(|account| of(account)).map(|account| account.balance).sum()
            };
            for one in &accounts {
                let account = Filter { account: Some(one.public_id.clone()), ..year.clone() };
                assert_eq!(closing(&account)?, ledger::balance(db, one.id)?);
                let child = Filter { child: Some(one.child_public.clone()), ..year.clone() };
                assert_eq!(closing(&child)?, sum(&|a| a.child_id == one.child_id));
                let service = Filter { service: Some(one.service_public.clone()), ..year.clone() };
                assert_eq!(closing(&service)?, sum(&|a| a.service_id == one.service_id));
            }
            let told = statement(db, &actor, &year)?;
            assert_eq!(told.closing, sum(&|_| true));
            for line in told.lines() {
                let moved = matches!(line.cause, Cause::Transfer(_) | Cause::WriteOff(_));
                assert!(!moved || line.moved.as_ref().is_some_and(|moved| moved.reason == "prova"));
            }
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
    // Nor a child that one does not pay for.
    let stranger = Filter {
        child: Some(PublicId::random().unwrap()),
        account: None,
        ..filter.clone()
    };
    let mother = comune.as_mother();
    let told = comune
        .store
        .read(|db| statement(db, &mother, &stranger).map(|_| ()));
    assert!(matches!(told, Err(Error::NotFound)));
}
