//! From the day's facts to the cents, on a real folder: a day is charged once whatever happens to
//! whoever closes it, the ledger can't be changed, and a family added up by hand is its statement.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod comune;
mod pages;

use std::panic::{AssertUnwindSafe, catch_unwind};

use campanella::base::{Actor, Cents, Error, Instant, Result, SchoolYear};
use campanella::charging::{self, DAY_CLOSE};
use campanella::jobs::{self, Job, Step};
use campanella::ledger;
use campanella::processes::work;
use campanella::statement::{self, Filter};
use campanella::store;
use comune::{Comune, DAY, afternoon, autumn};
use jiff::civil::date;
use rusqlite::Transaction;

/// More than two steps.
const MANY: usize = 450;
/// Nobody has an ISEE: the top price of the rule.
const PRICE: i64 = 450;

fn full() -> Comune {
    let comune = Comune::new();
    for number in 0..MANY {
        comune.family(number);
    }
    comune
}

fn all_charged_once(comune: &Comune) {
    let many = i64::try_from(MANY).unwrap();
    assert_eq!(comune.books(), (many, many, many * PRICE, 1));
}

#[test]
fn a_close_that_is_killed_between_steps_goes_on_and_charges_once() {
    let comune = full();
    let job = comune.start(DAY).unwrap();
    let step = work::step_of(DAY_CLOSE).unwrap();
    let killed = catch_unwind(AssertUnwindSafe(|| {
        jobs::run(
            &comune.app.store,
            job.id,
            step,
            || comune.app.now(),
            |job| assert!(job.done < 200, "killed after the first step"),
        )
    }));
    assert!(killed.is_err());
    assert_eq!(comune.books(), (0, 0, 0, 0), "nobody sees half a day");

    // The next process waits until the lease of the dead one is over, then goes on.
    let comune = comune.reopen(afternoon(DAY));
    assert_eq!(work::resume_all(&comune.app).unwrap(), 0);
    let comune = comune.reopen(afternoon(DAY).plus_millis(60_000));
    assert_eq!(work::resume_all(&comune.app).unwrap(), 1);
    all_charged_once(&comune);
    assert_eq!(work::resume_all(&comune.app).unwrap(), 0);
}

#[test]
fn a_step_that_breaks_off_leaves_nothing_and_is_done_again() {
    /// The second step does all its work, and then the machine fails before the commit.
    fn breaking(tx: &Transaction<'_>, job: &Job, now: Instant) -> Result<Step> {
        let step = charging::day_close_step(tx, job, now)?;
        if job.done > 0 {
            return Err(Error::Internal("the machine fails".to_owned()));
        }
        Ok(step)
    }
    let comune = full();
    let job = comune.start(DAY).unwrap();
    let broken = jobs::run(
        &comune.app.store,
        job.id,
        &breaking,
        || comune.app.now(),
        |_| {},
    );
    assert!(broken.is_err());
    assert_eq!(comune.books(), (0, 0, 0, 0), "nobody sees half a day");
    assert_eq!(comune.read(|db| jobs::job(db, job.id)).state, "failed");

    // The clerk tries again: the same job, from where it stopped.
    let again = comune.start(DAY).unwrap();
    assert_eq!(again.id, job.id);
    assert!(again.done > 0, "what was done stays done");
    assert_eq!(comune.run(&again).unwrap().state, "done");
    all_charged_once(&comune);
}

#[test]
fn two_who_close_the_same_day_at_once_charge_once() {
    let comune = full();
    let (one, other) = (comune.start(DAY).unwrap(), comune.start(DAY).unwrap());
    assert_eq!(one.id, other.id);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| assert_eq!(comune.run(&one).unwrap().state, "done"));
        }
    });
    all_charged_once(&comune);
    // And again when all is over: the job is done, the day is closed.
    assert_eq!(comune.run(&one).unwrap().state, "done");
    let Err(Error::Refused(refusal)) = comune.start(DAY) else {
        panic!("a closed day was closed again");
    };
    assert_eq!(refusal.text.key, "error-day-closed");
    all_charged_once(&comune);
    let fault = comune.read(store::verify_audit_chain);
    assert_eq!(fault, None);
}

#[test]
fn nobody_changes_what_was_posted() {
    let comune = Comune::new();
    comune.family(0);
    comune.close(DAY);
    let before = comune.books();
    for sql in [
        "update ledger_entry set amount = 1",
        "delete from ledger_entry",
        "update charge set amount = 0",
        "delete from charge",
        // The same cause a second time.
        "insert into ledger_entry (posted_at, day, debit_id, credit_id, amount, cause, cause_id)
         select posted_at, day, debit_id, credit_id, amount, cause, cause_id from ledger_entry",
        // The same enrolment and day a second time.
        "insert into charge (public_id, enrolment_id, account_id, day, amount, tariff_id, explanation_id, posted_at)
         select 'x' || substr(public_id, 2), enrolment_id, account_id, day, amount, tariff_id, explanation_id, posted_at
         from charge",
    ] {
        let refused = comune.write(move |tx| Ok(tx.execute(sql, [])?));
        assert!(matches!(refused, Err(Error::Database(_))), "{sql}");
    }
    assert_eq!(comune.books(), before);
}

#[test]
fn a_family_added_up_by_hand_is_its_statement() {
    let comune = Comune::new();
    let (mother, _) = autumn(&comune);
    // By hand, with Lissone's prices: 5 × 4.50 without ISEE, 30.00 paid, 5 × 3.05 with ISEE 8,400.
    let by_hand = [
        ("2026-10-19", -450, -450),
        ("2026-10-20", -450, -900),
        ("2026-10-21", -450, -1350),
        ("2026-10-22", -450, -1800),
        ("2026-10-23", -450, -2250),
        ("2026-10-26", -305, -2555),
        ("2026-10-27", -305, -2860),
        ("2026-10-28", 3000, 140),
        ("2026-10-28", -305, -165),
        ("2026-10-29", -305, -470),
        ("2026-10-30", -305, -775),
    ];
    let actor = Actor::Citizen(mother);
    let told = comune
        .read(|db| statement::statement(db, &actor, &Filter::school_year(SchoolYear::of(DAY))));
    let lines: Vec<_> = told
        .lines()
        .map(|line| (line.day.to_string(), line.amount.0, line.balance.0))
        .collect();
    let expected: Vec<_> = by_hand
        .iter()
        .map(|(day, amount, balance)| ((*day).to_owned(), *amount, *balance))
        .collect();
    assert_eq!(lines, expected);
    assert_eq!((told.debit, told.credit), (Cents(3775), Cents(3000)));
    assert_eq!(told.closing, Cents(-775));
    let account = comune.read(|db| Ok(ledger::accounts_of_payer(db, &actor)?.remove(0)));
    assert_eq!(account.balance, told.closing);

    // Every charge explains itself, and the explanation gives the charge.
    for line in told.lines().filter(|line| line.amount < Cents::ZERO) {
        let id = line.charge.clone().unwrap();
        let charge = comune.read(|db| charging::charge_for_family(db, &actor, &id, DAY));
        assert_eq!(charge.explanation.recompute(), Ok(-line.amount));
    }
    // The second half of the month begins where the first ends.
    let filter = Filter {
        account: Some(account.public_id),
        child: None,
        service: None,
        from: date(2026, 10, 26),
        to: date(2026, 10, 30),
    };
    let week = comune.read(|db| statement::statement(db, &actor, &filter));
    assert_eq!((week.opening, week.closing), (Cents(-2250), Cents(-775)));
}
