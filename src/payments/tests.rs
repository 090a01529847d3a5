//! What money must never do: come twice, come from nowhere, get lost.

use std::collections::BTreeSet;

use jiff::civil::date;

use super::notices::{self, NoticeState};
use super::receipts::{self, ImportedPayment, Reception};
use super::rt::RawReceipt;
use super::{NoticeNumber, Subject, carts};
use crate::base::{Actor, Cents, Error, Instant, PublicId};
use crate::ledger;
use crate::testing::{Comune, morning};

fn account(comune: &Comune) -> PublicId {
    let (mother, luca, meals) = (comune.mother, comune.luca, comune.meals);
    comune
        .write(move |tx| {
            let id = ledger::family_account(tx, mother, luca, meals)?;
            Ok(ledger::account(tx, id)?.public_id)
        })
        .unwrap()
}

fn notice(comune: &Comune, account: &PublicId, cents: i64) -> notices::Notice {
    let (actor, account) = (comune.as_mother(), account.clone());
    comune
        .write(move |tx| notices::create(tx, &actor, &account, Cents(cents), None, morning()))
        .unwrap()
}

fn receipt(key: &str, notice: &notices::Notice, cents: i64) -> RawReceipt {
    RawReceipt {
        key: key.to_owned(),
        creditor: "01199250158".to_owned(),
        notice_number: notice.notice_number.to_string(),
        amount: Cents(cents),
        paid_at: morning(),
        psp: "Banca di Prova".to_owned(),
        means: "carta".to_owned(),
        payer: Some(Subject {
            code: "RSSMRA85T50A562Q".to_owned(),
            name: "Rossi Mara".to_owned(),
        }),
        raw: format!("<receipt>{key}</receipt>").into_bytes(),
    }
}

fn receive(comune: &Comune, raw: &RawReceipt) -> Reception {
    let raw = raw.clone();
    comune
        .write(move |tx| receipts::receive(tx, &raw, morning()))
        .unwrap()
}

fn balance(comune: &Comune) -> Cents {
    let accounts = comune
        .store
        .read(|db| ledger::accounts_of_payer(db, &comune.as_mother()));
    accounts.unwrap()[0].balance
}

#[test]
fn one_receipt_gives_one_credit_whoever_sends_it_how_often() {
    let comune = Comune::new();
    let notice = notice(&comune, &account(&comune), 5000);
    let raw = receipt("R1", &notice, 5000);
    let credited = std::thread::scope(|scope| {
        let senders: Vec<_> = (0..16)
            .map(|_| {
                scope.spawn(|| {
                    let credited = |_: &i32| {
                        matches!(
                            receive(&comune, &raw),
                            Reception::Credited { differs: false }
                        )
                    };
                    (0..63).filter(credited).count()
                })
            })
            .collect();
        senders
            .into_iter()
            .map(|s| s.join().unwrap())
            .sum::<usize>()
    });
    assert_eq!(credited, 1);
    assert_eq!(balance(&comune), Cents(5000));
    let again = comune
        .store
        .read(|db| notices::notice(db, notice.id))
        .unwrap();
    assert_eq!(again.state, NoticeState::Paid);
}

#[test]
fn a_second_receipt_waits_for_the_office() {
    let comune = Comune::new();
    let notice = notice(&comune, &account(&comune), 5000);
    receive(&comune, &receipt("R1", &notice, 5000));
    assert_eq!(
        receive(&comune, &receipt("R2", &notice, 5000)),
        Reception::Suspense
    );
    assert_eq!(
        receive(&comune, &receipt("R2", &notice, 5000)),
        Reception::AlreadyKnown
    );
    assert_eq!(balance(&comune), Cents(5000));
    let waiting = comune
        .store
        .read(|db| receipts::receipts_in_suspense(db, 10))
        .unwrap();
    assert_eq!(waiting.len(), 1);
    assert!(waiting[0].known_notice && waiting[0].payer == "Rossi Mara");
    let of_notice = comune
        .store
        .read(|db| receipts::receipts_of_notice(db, &notice))
        .unwrap();
    assert_eq!(of_notice.len(), 2);
}

#[test]
fn a_receipt_that_is_not_ours_is_kept_and_credited_to_nobody() {
    let comune = Comune::new();
    let notice = notice(&comune, &account(&comune), 5000);
    // The same number at another creditor is another notice.
    let foreign = RawReceipt {
        creditor: "03334231200".to_owned(),
        ..receipt("R1", &notice, 5000)
    };
    let unknown = RawReceipt {
        notice_number: "302032002700000251".to_owned(),
        ..receipt("R2", &notice, 100)
    };
    assert_eq!(receive(&comune, &foreign), Reception::Suspense);
    assert_eq!(receive(&comune, &unknown), Reception::Suspense);
    assert_eq!(balance(&comune), Cents::ZERO);
    let waiting = comune
        .store
        .read(|db| receipts::receipts_in_suspense(db, 10))
        .unwrap();
    assert!(waiting.len() == 2 && waiting.iter().all(|r| !r.known_notice));
}

#[test]
fn what_was_paid_is_credited_also_when_it_is_not_what_was_asked() {
    let comune = Comune::new();
    let notice = notice(&comune, &account(&comune), 5000);
    let reception = receive(&comune, &receipt("R1", &notice, 4500));
    assert_eq!(reception, Reception::Credited { differs: true });
    assert_eq!(balance(&comune), Cents(4500));
    let paid = comune
        .store
        .read(|db| receipts::payments_of(db, &comune.as_mother(), 10))
        .unwrap();
    assert_eq!(paid[0].asked, Some(Cents(5000)));
}

#[test]
fn a_withdrawn_notice_that_is_paid_all_the_same_is_credited() {
    let comune = Comune::new();
    let notice = notice(&comune, &account(&comune), 5000);
    let (actor, id) = (comune.as_mother(), notice.public_id.clone());
    comune
        .write(move |tx| notices::cancel(tx, &actor, &id, morning()))
        .unwrap();
    assert!(matches!(
        receive(&comune, &receipt("R1", &notice, 5000)),
        Reception::Credited { .. }
    ));
}

#[test]
fn a_crash_before_the_commit_leaves_nothing_and_the_resend_gives_one_credit() {
    let comune = Comune::new();
    let notice = notice(&comune, &account(&comune), 5000);
    let raw = receipt("R1", &notice, 5000);
    let sent = raw.clone();
    let cut: Result<(), Error> = comune.write(move |tx| {
        receipts::receive(tx, &sent, morning())?;
        Err(Error::Internal("the power went".to_owned()))
    });
    assert!(cut.is_err());
    assert_eq!(balance(&comune), Cents::ZERO);
    assert!(matches!(receive(&comune, &raw), Reception::Credited { .. }));
    assert_eq!(receive(&comune, &raw), Reception::AlreadyKnown);
    assert_eq!(balance(&comune), Cents(5000));
}

#[test]
fn a_payment_counts_on_its_day_in_rome() {
    let comune = Comune::new();
    let notice = notice(&comune, &account(&comune), 6200);
    let raw = RawReceipt {
        paid_at: Instant::from_rome(date(2026, 1, 1).at(0, 3, 0, 0)),
        ..receipt("R1", &notice, 6200)
    };
    assert_eq!(raw.paid_at.to_string(), "2025-12-31T23:03:00Z");
    receive(&comune, &raw);
    let years = comune
        .store
        .read(|db| receipts::years_with_payments(db, comune.mother))
        .unwrap();
    assert_eq!(years, [2026]);
}

#[test]
fn notice_numbers_verify_and_are_never_given_twice() {
    let comune = Comune::new();
    let account = account(&comune);
    let numbers: Vec<String> = std::thread::scope(|scope| {
        let makers: Vec<_> = (0..4)
            .map(|thread| {
                let (comune, account) = (&comune, &account);
                scope.spawn(move || {
                    let make = |i: i64| notice(comune, account, 500 + thread * 100 + i);
                    (0..25)
                        .map(|i| make(i).notice_number.to_string())
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        makers.into_iter().flat_map(|m| m.join().unwrap()).collect()
    });
    assert_eq!(numbers.iter().collect::<BTreeSet<_>>().len(), 100);
    assert!(
        numbers
            .iter()
            .all(|n| NoticeNumber::parse(n).is_ok() && n.starts_with("302"))
    );
}

#[test]
fn an_open_notice_of_the_same_amount_is_given_again() {
    let comune = Comune::new();
    let account = account(&comune);
    let first = notice(&comune, &account, 5000);
    assert_eq!(notice(&comune, &account, 5000).id, first.id);
    assert_ne!(notice(&comune, &account, 4000).id, first.id);
    receive(&comune, &receipt("R1", &first, 5000));
    assert_ne!(notice(&comune, &account, 5000).id, first.id);
    assert_eq!(first.subject, "Refezione scolastica - ricarica");
}

#[test]
fn an_amount_has_limits_and_a_stranger_has_no_notice() {
    let comune = Comune::new();
    let account = account(&comune);
    let create = |actor: Actor, cents| {
        let account = account.clone();
        comune.write(move |tx| notices::create(tx, &actor, &account, Cents(cents), None, morning()))
    };
    assert!(matches!(
        create(comune.as_mother(), 499),
        Err(Error::Invalid(_))
    ));
    assert!(matches!(
        create(comune.as_mother(), 1_000_001),
        Err(Error::Invalid(_))
    ));
    assert!(matches!(
        create(Actor::Citizen(comune.luca), 5000),
        Err(Error::NotFound)
    ));
    let notice = create(comune.as_mother(), 500).unwrap();
    let stranger = Actor::Citizen(comune.luca);
    let seen = comune
        .store
        .read(|db| notices::notice_of_payer(db, &stranger, &notice.public_id));
    assert!(matches!(seen, Err(Error::NotFound)));
    let cart = comune.write(move |tx| {
        carts::create_cart(
            tx,
            &stranger,
            std::slice::from_ref(&notice.public_id),
            morning(),
        )
    });
    assert!(matches!(cart, Err(Error::NotFound)));
}

#[test]
fn a_basket_holds_one_to_five_open_notices() {
    let comune = Comune::new();
    let account = account(&comune);
    let ids: Vec<PublicId> = (0..6)
        .map(|i| notice(&comune, &account, 1000 + i).public_id)
        .collect();
    let create = |ids: Vec<PublicId>| {
        let actor = comune.as_mother();
        comune.write(move |tx| carts::create_cart(tx, &actor, &ids, morning()))
    };
    assert!(matches!(create(ids.clone()), Err(Error::Refused(_))));
    assert!(matches!(create(Vec::new()), Err(Error::Refused(_))));
    let cart = create(ids[..5].to_vec()).unwrap();
    assert!(cart.notices.len() == 5 && !cart.is_paid());
}

#[test]
fn an_imported_payment_counts_once() {
    let comune = Comune::new();
    let import = |reference: &'static str, cents, means: &'static str| {
        let (payer, child, service) = (comune.mother, comune.luca, comune.meals);
        comune.write(move |tx| {
            let payment = ImportedPayment {
                payer,
                child,
                service,
                amount: Cents(cents),
                paid_at: Instant::from_rome(date(2025, 9, 20).at(12, 0, 0, 0)),
                means,
                reference,
                more: Default::default(),
            };
            receipts::record_imported_payment(tx, &payment, morning())
        })
    };
    let credited = Reception::Credited { differs: false };
    assert_eq!(import("", 10_000, "pagoPA").unwrap(), credited);
    assert_eq!(
        import("", 10_000, "pagoPA").unwrap(),
        Reception::AlreadyKnown
    );
    assert_eq!(import("RT-7", 10_000, "pagoPA").unwrap(), credited);
    assert_eq!(
        import("RT-7", 10_000, "pagoPA").unwrap(),
        Reception::AlreadyKnown
    );
    assert!(matches!(
        import("RT-7", 9_000, "pagoPA"),
        Err(Error::Invalid(_))
    ));
    assert!(matches!(
        import("RT-8", 0, "pagoPA"),
        Err(Error::Invalid(_))
    ));
    assert_eq!(import("RT-9", 500, "contanti").unwrap(), credited);
    assert_eq!(balance(&comune), Cents(20_500));
}

#[test]
fn a_notice_of_another_generation_is_credited_and_our_numbers_go_on_above_imported_ones() {
    let comune = Comune::new();
    let account_id = account(&comune);
    let import = |number: &'static str, origin: &'static str| {
        let (mother, luca, meals) = (comune.mother, comune.luca, comune.meals);
        comune.write(move |tx| {
            let new = notices::ImportedNotice {
                number: NoticeNumber::parse(number).map_err(Error::internal)?,
                account: ledger::family_account(tx, mother, luca, meals)?,
                payer: mother,
                amount: Cents(3600),
                subject: "",
                due_date: None,
                state: NoticeState::Open,
                origin,
            };
            notices::record_imported_notice(tx, &new, morning())
        })
    };
    for number in [
        "001340105455507221",
        "123456789012345678",
        "211112222333344462",
        "302032002700000251",
    ] {
        assert!(import(number, "Vecchio gestionale").unwrap(), "{number}");
        assert!(!import(number, "Vecchio gestionale").unwrap(), "{number}");
    }
    let old = comune
        .store
        .read(|db| notices::notice_by_number(db, "001340105455507221"))
        .unwrap()
        .unwrap();
    assert_eq!(
        receive(&comune, &receipt("OLD-1", &old, 3600)),
        Reception::Credited { differs: false }
    );
    assert_eq!(balance(&comune), Cents(3600));
    // A number of ours that comes back is never given again.
    let ours = notice(&comune, &account_id, 1000).notice_number;
    let base: u64 = ours.as_str()[3..16].parse().unwrap();
    let segregation = comune
        .store
        .read(crate::municipality::municipality)
        .unwrap()
        .segregation_code;
    let ahead = NoticeNumber::issue(segregation, base + 41)
        .unwrap()
        .to_string();
    assert!(import(ahead.leak(), "").unwrap());
    let next = notice(&comune, &account_id, 2000).notice_number;
    assert_eq!(next.as_str()[3..16].parse::<u64>().unwrap(), base + 42);
}

#[test]
fn a_receipt_in_suspense_is_credited_once_for_the_day_of_its_payment() {
    let comune = Comune::new();
    let account = account(&comune);
    let notice = notice(&comune, &account, 5_000);
    receive(&comune, &receipt("R1", &notice, 5_000));
    assert_eq!(
        receive(&comune, &receipt("R2", &notice, 5_000)),
        Reception::Suspense
    );
    let waiting = || {
        let read = |db: &_| receipts::receipts_in_suspense(db, 10);
        comune.store.read(read).unwrap()
    };
    let id = waiting()[0].public_id.clone();
    let place = |actor: Actor, reason: &'static str| {
        let (id, account) = (id.clone(), account.clone());
        comune.write(move |tx| super::place(tx, &actor, &id, &account, reason, morning()))
    };
    let (mother, clerk) = (comune.as_mother(), comune.as_clerk());
    assert!(matches!(place(mother, "mio"), Err(Error::Forbidden)));
    assert!(matches!(place(clerk.clone(), " "), Err(Error::Invalid(_))));
    place(clerk.clone(), "pagato due volte").unwrap();
    assert!(matches!(place(clerk, "ancora"), Err(Error::NotFound)));
    assert!(waiting().is_empty());
    assert_eq!(balance(&comune), Cents(10_000));
    let paid = comune.store.read(|db| {
        let mother = comune.as_mother();
        receipts::payments_of(db, &mother, 10)
    });
    let days: Vec<_> = paid.unwrap().iter().map(|paid| paid.day).collect();
    assert_eq!(days, [crate::base::day_of(morning()); 2]);
    let findings = comune
        .store
        .read(|db| crate::processes::checks::check_database(db, None))
        .unwrap();
    let wrong: Vec<_> = findings.iter().filter(|finding| !finding.ok).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}
