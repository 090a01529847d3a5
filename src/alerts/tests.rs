use jiff::civil::date;

use super::*;
use crate::base::ReceiptId;
use crate::enrolments::NewEnrolment;
use crate::ledger::{Cause, NewEntry};
use crate::messages::{self, Message};
use crate::refunds::PolicyKind;
use crate::testing::{Comune, morning};
use crate::{notifications, tariffs};

const RULE: &str = r#"
    name = "Mensa"
    [[component]]
    code = "meal"
    unit = "meal"
    price = "4.00"
"#;

/// Three in the afternoon of a day.
fn afternoon(day: Date) -> Instant {
    Instant::from_rome(day.at(15, 0, 0, 0))
}

fn open() -> Comune {
    let comune = Comune::new();
    let (mother, luca, meals, class) = (comune.mother, comune.luca, comune.meals, comune.class);
    comune
        .write(move |tx| {
            tariffs::publish(tx, meals, RULE, date(2026, 9, 1), morning())?;
            let new = NewEnrolment {
                child: luca,
                payer: mother,
                service: meals,
                class,
                from: date(2026, 9, 15),
                to: None,
                application: None,
            };
            enrolments::enrol(tx, &new, morning())
        })
        .unwrap();
    comune
}

fn pays(comune: &Comune, receipt: i64, euros: i64, day: Date) {
    let (mother, luca, meals) = (comune.mother, comune.luca, comune.meals);
    comune
        .write(move |tx| {
            let entry = NewEntry {
                day,
                debit: ledger::pagopa_account(tx)?,
                credit: ledger::family_account(tx, mother, luca, meals)?,
                amount: Cents(euros * 100),
                cause: Cause::Receipt(ReceiptId(receipt)),
            };
            ledger::post(tx, &entry, afternoon(day))
        })
        .unwrap();
}

/// Closes a day, looks twice, and tells what there is to tell: the new messages.
fn close(comune: &Comune, day: Date) -> Vec<Message> {
    let thread = || comune.store.read(|db| messages::thread(db, comune.mother));
    let before = thread().unwrap().len();
    let (clerk, now) = (comune.as_clerk(), afternoon(day));
    charging::close_day(&comune.store, &clerk, comune.meals, day, now, |_| {}).unwrap();
    for _ in 0..2 {
        tick(&comune.store, now).unwrap();
        notifications::tick(&comune.store, now).unwrap();
    }
    thread().unwrap().split_off(before)
}

/// The school days of November, from Monday the second.
fn days() -> impl Iterator<Item = Date> {
    let days = (2..=30).map(|day| date(2026, 11, day));
    days.filter(|day| day.weekday().to_monday_one_offset() <= 5)
}

#[test]
fn a_family_hears_once_of_each_threshold_and_again_after_it_paid() {
    let comune = open();
    pays(&comune, 1, 18, date(2026, 11, 1));
    let mut days = days();
    let mut told = |comune: &Comune| {
        let messages = close(comune, days.next().unwrap());
        messages
            .into_iter()
            .map(|message| message.body)
            .collect::<Vec<_>>()
    };
    // 18 euros, four a meal: 14, 10, 6, 2, -2 …
    assert_eq!(told(&comune).len(), 0);
    let low = told(&comune);
    assert!(
        low[0].contains("restano 10,00") && low[0].contains("2 pasti"),
        "{low:?}"
    );
    assert!(low[0].contains("mangia comunque"));
    assert_eq!((told(&comune).len(), told(&comune).len()), (0, 0));
    let over = told(&comune);
    assert!(over[0].contains("mancano 2,00"), "{over:?}");
    assert_eq!((told(&comune).len(), told(&comune).len()), (0, 0));
    let owed = told(&comune);
    assert!(owed[0].contains("mancano 14,00"), "{owed:?}");
    assert_eq!(told(&comune).len(), 0);

    // -18; 35 more make 17: the next meal but one brings it down again.
    pays(&comune, 2, 35, date(2026, 11, 12));
    assert_eq!(told(&comune).len(), 0);
    assert!(told(&comune)[0].contains("restano 9,00"));
    let account = comune
        .store
        .read(|db| ledger::accounts_of_person(db, comune.mother));
    let account = account.unwrap().remove(0);
    let left = comune.store.read(|db| meals_left(db, &account)).unwrap();
    assert_eq!(left, Some(2));
    let thread = comune
        .store
        .read(|db| messages::thread(db, comune.mother))
        .unwrap();
    assert!(
        thread
            .iter()
            .all(|message| message.top_up.as_ref() == Some(&account.public_id))
    );
}

#[test]
fn the_comune_says_when_and_what_then() {
    let comune = open();
    let clerk = comune.as_clerk();
    comune
        .write(move |tx| {
            let rule = "name = \"x\"\n[credit]\nalert_at_meals = [1]\nalways_eats = false\n";
            refunds::publish(tx, &clerk, PolicyKind::Dunning, rule, morning())
        })
        .unwrap();
    pays(&comune, 1, 12, date(2026, 11, 1));
    let mut days = days();
    assert_eq!(close(&comune, days.next().unwrap()).len(), 0, "8 euros");
    let told = close(&comune, days.next().unwrap());
    assert!(told[0].body.contains("restano 4,00"), "{}", told[0].body);
    assert!(
        !told[0].body.contains("mangia comunque"),
        "{}",
        told[0].body
    );
    assert_eq!(
        close(&comune, days.next().unwrap()).len(),
        0,
        "no threshold at zero"
    );
}

#[test]
fn who_is_exempted_or_gone_hears_nothing() {
    let exempted = open();
    exempted.exempt(exempted.luca);
    assert_eq!(close(&exempted, date(2026, 11, 2)).len(), 0);

    let gone = open();
    gone.write(|tx| Ok(tx.execute("update enrolment set to_date = '2026-11-02'", [])?))
        .unwrap();
    let (clerk, now) = (gone.as_clerk(), afternoon(date(2026, 11, 3)));
    let day = date(2026, 11, 2);
    charging::close_day(&gone.store, &clerk, gone.meals, day, now, |_| {}).unwrap();
    tick(&gone.store, now).unwrap();
    notifications::tick(&gone.store, now).unwrap();
    let thread = gone
        .store
        .read(|db| messages::thread(db, gone.mother))
        .unwrap();
    assert!(thread.is_empty());
}

#[test]
fn who_may_be_suspended_hears_from_when() {
    let comune = open();
    let clerk = comune.as_clerk();
    comune
        .write(move |tx| {
            let rule = "name = \"x\"\n[credit]\nalert_at_meals = [0]\nalways_eats = false\n\
                        suspend_below_meals = -5\n";
            refunds::publish(tx, &clerk, PolicyKind::Dunning, rule, morning())
        })
        .unwrap();
    let told = close(&comune, date(2026, 11, 2));
    let body = &told[0].body;
    assert!(
        body.contains("Da 5 pasti di debito in su il Comune può sospendere"),
        "{body}"
    );
    assert!(!body.contains("mangia comunque"), "{body}");
}
