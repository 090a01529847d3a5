//! What the rule proposes, what the office decides, what the days then say, and how it ends.

use jiff::civil::date;

use super::*;
use crate::base::{Actor, Cents, Date, EnrolmentId, Error, Instant, PublicId, ReceiptId, Result};
use crate::enrolments::{self, NewEnrolment};
use crate::ledger::{self, Cause, NewEntry};
use crate::processes;
use crate::refunds::{self, PolicyKind};
use crate::store::SealingKey;
use crate::testing::{Comune, morning};
use crate::{attendance, charging, messages, municipality, payments, tariffs};

const TARIFF: &str = r#"
    name = "Mensa"
    [[component]]
    code = "meal"
    unit = "meal"
    price = "4.00"
"#;
const RULE: &str = r#"
    name = "Prova"
    [credit]
    always_eats = false
    suspend_below_meals = -5
    [plan]
    minimum_debt = "1.00"
    minimum_instalment = "1.00"
    maximum_instalments = 3
"#;
/// The fifth school day of November: five meals of four euros are owed.
const FRIDAY: Date = date(2026, 11, 6);
/// The first day without the service in these tests.
const TUESDAY: Date = date(2026, 11, 10);

fn at(day: Date, hour: i8) -> Instant {
    Instant::from_rome(day.at(hour, 0, 0, 0))
}

/// Luca has eaten so many meals of November; nothing was paid.
fn after_meals(meals: i64) -> Comune {
    let comune = Comune::new();
    let (mother, luca, service, class) = (comune.mother, comune.luca, comune.meals, comune.class);
    comune
        .write(move |tx| {
            tariffs::publish(tx, service, TARIFF, date(2026, 9, 1), morning())?;
            let new = NewEnrolment {
                child: luca,
                payer: mother,
                service,
                class,
                from: date(2026, 9, 15),
                to: None,
                application: None,
            };
            enrolments::enrol(tx, &new, morning())
        })
        .unwrap();
    publish(&comune, RULE);
    for day in (2..2 + meals).map(|day| date(2026, 11, i8::try_from(day).unwrap())) {
        close(&comune, day);
    }
    comune
}

fn publish(comune: &Comune, rule: &'static str) {
    let clerk = comune.as_clerk();
    comune
        .write(move |tx| refunds::publish(tx, &clerk, PolicyKind::Dunning, rule, morning()))
        .unwrap();
}

fn close(comune: &Comune, day: Date) {
    let (clerk, now) = (comune.as_clerk(), at(day, 15));
    charging::close_day(&comune.store, &clerk, comune.meals, day, now, |_| {}).unwrap();
}

fn pay(comune: &Comune, receipt: i64, euros: i64, day: Date) {
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
            ledger::post(tx, &entry, at(day, 15))
        })
        .unwrap();
}

/// The office divides what is owed into two instalments.
fn divide(comune: &Comune, now: Instant) {
    let (mother, clerk) = (comune.as_mother(), comune.as_clerk());
    let key = SealingKey::load(&comune.folder.path().join("test.key")).unwrap();
    comune
        .write(move |tx| {
            let plan = processes::plans::ask(tx, &key, &mother, 2, "", now)?;
            let first = (2, date(2026, 12, 10));
            processes::plans::accept(tx, &clerk, &plan, first, Cents(2000), now)
        })
        .unwrap();
}

fn proposed(comune: &Comune) -> Vec<Candidate> {
    comune.store.read(|db| candidates(db, FRIDAY)).unwrap()
}

fn decide(comune: &Comune, actor: Actor, from: Date, reason: &'static str) -> Result<usize> {
    let account: PublicId = comune.store.read(|db| {
        Ok(ledger::accounts_of_person(db, comune.mother)?
            .remove(0)
            .public_id)
    })?;
    comune.write(move |tx| {
        let new = NewSuspension {
            accounts: &[account],
            from,
            reason,
        };
        suspend(tx, &actor, &new, at(FRIDAY, 16))
    })
}

/// Five meals are owed, and the service is suspended from Tuesday on.
fn suspended() -> Comune {
    let comune = after_meals(5);
    assert_eq!(
        decide(&comune, comune.as_clerk(), TUESDAY, "Debito").unwrap(),
        1
    );
    comune
}

fn running_now(comune: &Comune) -> Vec<Suspension> {
    comune.store.read(running).unwrap()
}

fn last_message(comune: &Comune) -> messages::Message {
    let thread = comune.store.read(|db| messages::thread(db, comune.mother));
    thread.unwrap().pop().unwrap()
}

/// What holds of Luca on a day.
fn fact(comune: &Comune, day: Date) -> attendance::Decision {
    let facts = comune.store.read(|db| {
        let service = municipality::service(db, comune.meals)?;
        attendance::day_facts(db, &service, day, EnrolmentId(0), 10)
    });
    facts.unwrap().remove(0).decision
}

fn mark(comune: &Comune, day: Date, present: bool) {
    let (clerk, meals, class) = (comune.as_clerk(), comune.meals, comune.class);
    comune
        .write(move |tx| {
            let service = municipality::service(tx, meals)?;
            let class = municipality::class(tx, class)?;
            let register = attendance::register(tx, &clerk, &class, &service, day)?;
            let ids = register.rows.into_iter().filter(|_| present);
            let ids: Vec<PublicId> = ids.map(|row| row.enrolment).collect();
            let sent = attendance::Sent {
                present: &ids,
                drawn_from: None,
                locked: false,
            };
            attendance::save_register(tx, &clerk, (&class, &service, day), &sent, at(day, 9))
        })
        .unwrap();
}

#[test]
fn a_service_is_proposed_from_the_limit_on() {
    assert!(proposed(&after_meals(4)).is_empty(), "four meals");
    let comune = after_meals(5);
    let one = proposed(&comune).remove(0);
    assert_eq!(
        (one.owed, one.limit, one.meals),
        (Cents(2000), Cents(2000), 5)
    );
    assert_eq!(
        (one.payer.as_str(), one.child_name.as_str()),
        ("Rossi Mara", "Luca")
    );

    publish(
        &comune,
        "name = \"Mangia sempre\"\n[credit]\nalways_eats = false\n",
    );
    assert!(proposed(&comune).is_empty(), "the comune suspends nothing");
}

#[test]
fn what_a_notice_asks_for_until_later_is_not_due() {
    let comune = after_meals(5);
    let mother = comune.mother;
    let bill = |due| {
        comune
            .write(move |tx| {
                let account = ledger::accounts_of_person(tx, mother)?.remove(0).id;
                let share = payments::Share {
                    account,
                    amount: Cents(100),
                };
                payments::create_shared(tx, mother, &[share], "Mensa", Some(due), at(FRIDAY, 9))
            })
            .unwrap();
    };
    bill(date(2026, 11, 5));
    assert_eq!(proposed(&comune)[0].owed, Cents(2000), "overdue");
    bill(FRIDAY);
    assert!(proposed(&comune).is_empty(), "until today");
}

#[test]
fn who_is_exempted_pays_by_instalments_or_pays_no_more_is_not_proposed() {
    let exempted = after_meals(5);
    exempted.exempt(exempted.luca);
    assert!(proposed(&exempted).is_empty());

    let divided = after_meals(5);
    divide(&divided, at(FRIDAY, 16));
    assert!(proposed(&divided).is_empty());

    let other = after_meals(5);
    other
        .write(|tx| Ok(tx.execute("update enrolment set payer_id = child_id", [])?))
        .unwrap();
    assert!(proposed(&other).is_empty(), "somebody else pays now");

    let gone = after_meals(5);
    gone.write(|tx| Ok(tx.execute("update enrolment set to_date = '2026-11-05'", [])?))
        .unwrap();
    assert!(proposed(&gone).is_empty(), "has left");

    let postpaid = after_meals(5);
    postpaid
        .write(|tx| Ok(tx.execute("update service set billing = 'postpaid'", [])?))
        .unwrap();
    assert!(proposed(&postpaid).is_empty(), "bills ask for it");
}

#[test]
fn the_office_decides_with_a_reason_and_a_day_to_come() {
    let comune = after_meals(5);
    let try_it = |actor, from, reason| decide(&comune, actor, from, reason);
    let accountant = try_it(comune.as_accountant(), TUESDAY, "Debito");
    assert!(matches!(accountant, Err(Error::Forbidden)));
    for (from, reason) in [
        (TUESDAY, " "),
        (FRIDAY, "Debito"),
        (date(2026, 11, 5), "Debito"),
        (date(2027, 1, 6), "Debito"),
    ] {
        let refused = try_it(comune.as_clerk(), from, reason);
        assert!(matches!(refused, Err(Error::Invalid(_))), "{from} {reason}");
    }
    assert_eq!(try_it(comune.as_clerk(), TUESDAY, "Debito").unwrap(), 1);
    let told = last_message(&comune);
    for part in [
        "martedì 10 novembre 2026",
        "mancano 20,00",
        "Motivo: Debito",
        "a rate",
    ] {
        assert!(told.body.contains(part), "{part}: {}", told.body);
    }
    assert!(told.top_up.is_some(), "a button leads to the payment");
    let one = running_now(&comune).remove(0);
    assert_eq!((one.from, one.balance), (TUESDAY, Cents(-2000)));

    // Not twice, and not what was paid since the list was shown.
    let twice = try_it(comune.as_clerk(), TUESDAY, "Debito");
    assert!(matches!(twice, Err(Error::Refused(refusal)) if refusal.conflict));
    assert!(proposed(&comune).is_empty());
    let paid = after_meals(5);
    pay(&paid, 1, 4, FRIDAY);
    assert!(matches!(
        decide(&paid, paid.as_clerk(), TUESDAY, "Debito"),
        Err(Error::Refused(_))
    ));
}

#[test]
fn a_suspended_child_is_not_charged_and_one_who_eats_is() {
    let comune = suspended();
    let monday = date(2026, 11, 9);
    assert!(fact(&comune, monday).charged, "the day before");
    // Without a register, and marked absent, also where absences are charged.
    assert!(!fact(&comune, TUESDAY).charged);
    comune
        .write(|tx| Ok(tx.execute("update service set charge_absent = 1", [])?))
        .unwrap();
    mark(&comune, TUESDAY, false);
    assert!(!fact(&comune, TUESDAY).charged);
    // Nobody lies to the child: who is at the table eats, and pays as on any day.
    let wednesday = date(2026, 11, 11);
    mark(&comune, wednesday, true);
    assert!(fact(&comune, wednesday).charged);
    close(&comune, TUESDAY);
    close(&comune, wednesday);
    let account = comune
        .store
        .read(|db| ledger::accounts_of_person(db, comune.mother));
    assert_eq!(account.unwrap()[0].balance, Cents(-2400));
}

#[test]
fn the_register_and_the_family_see_it() {
    let comune = suspended();
    let (clerk, thursday) = (comune.as_clerk(), date(2026, 11, 12));
    let row = |day| {
        let register = comune.store.read(|db| {
            let service = municipality::service(db, comune.meals)?;
            let class = municipality::class(db, comune.class)?;
            attendance::register(db, &clerk, &class, &service, day)
        });
        let register = register.unwrap();
        (register.version, register.rows.into_iter().next().unwrap())
    };
    assert!(!row(FRIDAY).1.interrupted && row(FRIDAY).1.present);
    let (before, suspended) = row(thursday);
    assert!(suspended.interrupted && !suspended.present);
    let days = comune.store.read(|db| {
        let enrolment = enrolments::of_child(db, comune.luca)?.remove(0);
        let service = municipality::service(db, comune.meals)?;
        let days = (TUESDAY, thursday);
        let cancellable = attendance::bookable_days(db, &enrolment, &service, at(FRIDAY, 16), 9)?;
        let of = attendance::days_of_enrolment(db, &enrolment, &service, days, at(FRIDAY, 16))?;
        Ok((cancellable, of))
    });
    let (cancellable, days) = days.unwrap();
    assert_eq!(
        cancellable.last().map(|choice| choice.day),
        Some(date(2026, 11, 9))
    );
    assert!(
        days.iter()
            .all(|day| day.state == attendance::DayState::Interrupted)
    );

    // A page that was drawn while the child was suspended must not mark it absent later.
    pay(&comune, 1, 10, TUESDAY);
    tick(&comune.store, at(TUESDAY, 15)).unwrap();
    let (after, back) = row(thursday);
    assert!(!back.interrupted && back.present);
    assert_ne!(before, after);
}

#[test]
fn what_is_paid_ends_it_from_the_next_day_that_can_be_ordered() {
    let comune = suspended();
    tick(&comune.store, at(TUESDAY, 15)).unwrap();
    assert_eq!(running_now(&comune).len(), 1, "nothing was paid");
    pay(&comune, 1, 1, TUESDAY);
    tick(&comune.store, at(TUESDAY, 15)).unwrap();
    assert!(running_now(&comune).is_empty());
    assert!(
        !fact(&comune, TUESDAY).present,
        "the kitchen cooked for the others"
    );
    assert!(fact(&comune, date(2026, 11, 11)).present);
    let told = last_message(&comune).body;
    for part in [
        "riprende mercoledì 11 novembre",
        "sopra il limite",
        "mancano ancora 19,00",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    // It ends once, and what was said once is said once.
    let before = comune
        .store
        .read(|db| messages::thread(db, comune.mother))
        .unwrap()
        .len();
    tick(&comune.store, at(TUESDAY, 16)).unwrap();
    let after = comune
        .store
        .read(|db| messages::thread(db, comune.mother))
        .unwrap()
        .len();
    assert_eq!(before, after);
}

#[test]
fn what_is_paid_before_the_first_day_keeps_it_from_beginning() {
    let comune = suspended();
    pay(&comune, 1, 20, date(2026, 11, 8));
    tick(&comune.store, at(date(2026, 11, 9), 8)).unwrap();
    assert!(fact(&comune, TUESDAY).charged);
    let told = last_message(&comune).body;
    assert!(
        told.contains("non parte") && told.contains("Non devi fare altro"),
        "{told}"
    );
}

#[test]
fn an_exemption_a_plan_the_rule_or_leaving_ends_it() {
    let tuesday = at(TUESDAY, 8);
    let ending = |comune: &Comune| -> String {
        tick(&comune.store, tuesday).unwrap();
        let sql = "select coalesce(ending, '') from suspension";
        comune
            .store
            .read(|db| Ok(db.query_row(sql, [], |row| row.get(0))?))
            .unwrap()
    };
    let comune = suspended();
    comune.exempt(comune.luca);
    assert_eq!(ending(&comune), "exempted");
    assert!(fact(&comune, TUESDAY).present, "from today's meal on");

    let comune = suspended();
    divide(&comune, tuesday);
    assert_eq!(ending(&comune), "plan");

    let comune = suspended();
    publish(&comune, "name = \"Mangia sempre\"\n");
    assert_eq!(ending(&comune), "rule");

    let comune = suspended();
    comune
        .write(|tx| Ok(tx.execute("update enrolment set to_date = '2026-11-09'", [])?))
        .unwrap();
    assert_eq!(ending(&comune), "left");
    assert!(!last_message(&comune).body.contains("riprende"));
}

#[test]
fn the_office_lets_it_go_on_with_a_reason_and_nothing_else_is_written() {
    let comune = suspended();
    let id = running_now(&comune).remove(0).public_id;
    let go_on = |actor: Actor, reason: &'static str| {
        let id = id.clone();
        comune.write(move |tx| reactivate(tx, &actor, &id, reason, at(TUESDAY, 8)))
    };
    assert!(matches!(
        go_on(comune.as_accountant(), "Accordo"),
        Err(Error::Forbidden)
    ));
    assert!(matches!(
        go_on(comune.as_clerk(), ""),
        Err(Error::Invalid(_))
    ));
    for sql in [
        "update suspension set reason = 'x'",
        "update suspension set balance = -1",
        "delete from suspension",
        "update interruption set from_day = '2026-11-20'",
        "delete from interruption",
    ] {
        assert!(
            comune.write(move |tx| Ok(tx.execute(sql, [])?)).is_err(),
            "{sql}"
        );
    }
    go_on(comune.as_clerk(), "Accordo con la famiglia").unwrap();
    assert!(
        last_message(&comune)
            .body
            .contains("Motivo: Accordo con la famiglia")
    );
    assert!(matches!(
        go_on(comune.as_clerk(), "Di nuovo"),
        Err(Error::NotFound)
    ));
    let again = comune.write(|tx| Ok(tx.execute("update suspension set ending = 'rule'", [])?));
    assert!(again.is_err(), "what has ended is final");
    let logged: i64 = comune
        .store
        .read(|db| {
            let sql = "select count(*) from audit_entry
                       where action in ('suspend-service', 'end-suspension')";
            Ok(db.query_row(sql, [], |row| row.get(0))?)
        })
        .unwrap();
    assert_eq!(logged, 2);
    // Still beyond the limit, it is proposed again, and the office may decide again.
    assert_eq!(proposed(&comune).len(), 1);
    assert_eq!(
        decide(&comune, comune.as_clerk(), TUESDAY, "Di nuovo").unwrap(),
        1
    );
}

#[test]
fn the_proposed_day_is_a_school_day_a_week_ahead() {
    assert_eq!(suggested_day(date(2026, 11, 3)), date(2026, 11, 10));
    assert_eq!(
        suggested_day(date(2026, 11, 7)),
        date(2026, 11, 16),
        "no Saturday"
    );
}

#[test]
fn a_check_finds_days_that_nobody_suspended() {
    let comune = suspended();
    let wrong = || {
        let findings = comune
            .store
            .read(|db| processes::checks::check_database(db, None));
        let findings = findings.unwrap().into_iter();
        findings.filter(|finding| !finding.ok).count()
    };
    assert_eq!(wrong(), 0);
    comune
        .write(|tx| {
            let sql = "update interruption set until_day = '2026-11-12'";
            Ok(tx.execute(sql, [])?)
        })
        .unwrap();
    assert_eq!(wrong(), 1, "the suspension runs on, and its days do not");
}
