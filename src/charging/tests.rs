use jiff::civil::date;

use super::*;
use crate::attendance;
use crate::base::{AccountId, Actor, Cents, Date, EnrolmentId, Error, Instant, PersonId, Result};
use crate::calendar::{self, NewClosure};
use crate::enrolments::{self, NewEnrolment};
use crate::ledger;
use crate::municipality;
use crate::people;
use crate::tariffs::{self, IseeUse};
use crate::testing::{Comune, morning};

const RULE: &str = r#"
    name = "Mensa"
    [[component]]
    code = "meal"
    unit = "meal"
    no_isee = "4.50"
    bands = [{ to = "3000.00", price = "0.00" }, { to = "11000.00", price = "3.05" }, { price = "4.50" }]
"#;

/// Tuesday.
const DAY: Date = date(2026, 11, 3);

fn afternoon() -> Instant {
    morning().plus_millis(6 * 3_600_000)
}

fn open() -> (Comune, EnrolmentId) {
    let comune = Comune::new();
    let (mother, luca, meals, class) = (comune.mother, comune.luca, comune.meals, comune.class);
    let enrolment = comune
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
    (comune, enrolment)
}

fn record_isee(comune: &Comune, child: PersonId, value: i64) {
    comune
        .write(move |tx| {
            tx.execute(
                "insert into isee (public_id, child_id, value, kind, protocol, valid_from, valid_to,
                                   source, recorded_at)
                 values (?1, ?2, ?3, 'minorenni', 'INPS-1', '2026-01-15', '2026-12-31', 'office', 1)",
                (crate::base::PublicId::random()?, child, value),
            )?;
            Ok(())
        })
        .unwrap();
}

fn close(comune: &Comune, day: Date, now: Instant) -> Result<jobs::Job> {
    let clerk = comune.as_clerk();
    close_day(&comune.store, &clerk, comune.meals, day, now, |_| {})
}

use crate::jobs;

fn refusal(result: Result<jobs::Job>) -> &'static str {
    match result {
        Err(Error::Refused(refusal)) => refusal.text.key,
        Err(other) => panic!("{other}"),
        Ok(_) => "",
    }
}

#[test]
fn only_a_day_that_can_be_closed_is_closed() {
    let (comune, _) = open();
    let at = |day, now| refusal(close(&comune, day, now));
    assert_eq!(at(date(2026, 11, 4), afternoon()), "error-day-in-future");
    assert_eq!(at(DAY, morning()), "error-day-before-cutoff");
    assert_eq!(at(date(2026, 11, 1), afternoon()), "error-day-not-running");
    assert_eq!(at(date(2026, 6, 3), afternoon()), "error-no-tariff");
    assert_eq!(at(DAY, afternoon()), "");
    assert_eq!(at(DAY, afternoon()), "error-day-closed");
    let stranger = close_day(
        &comune.store,
        &comune.as_mother(),
        comune.meals,
        date(2026, 11, 2),
        afternoon(),
        |_| {},
    );
    assert!(matches!(stranger, Err(Error::Forbidden)));
}

#[test]
fn closed_days_leave_the_list_of_those_that_wait() {
    let (comune, _) = open();
    let waiting = || {
        comune
            .store
            .read(|db| {
                let service = municipality::service(db, comune.meals)?;
                days_to_close(db, &service, last_closable_day(&service, afternoon()))
            })
            .unwrap()
    };
    let before = waiting();
    assert_eq!(before.first(), Some(&date(2026, 9, 15)));
    assert_eq!(before.last(), Some(&DAY));
    close(&comune, DAY, afternoon()).unwrap();
    assert_eq!(waiting().len(), before.len() - 1);
    assert!(!waiting().contains(&DAY));
}

#[test]
fn what_is_previewed_is_what_is_posted_and_it_explains_itself() {
    let (comune, enrolment) = open();
    record_isee(&comune, comune.luca, 840_000);
    let preview = comune
        .store
        .read(|db| {
            preview(
                db,
                &municipality::service(db, comune.meals)?,
                DAY,
                afternoon(),
            )
        })
        .unwrap();
    assert_eq!(preview.prices, [(Cents(305), 1)]);
    let job = close(&comune, DAY, afternoon()).unwrap();
    assert_eq!(job.result["total"], "3.05");
    comune
        .store
        .read(|db| {
            let charges = charges_of(db, enrolment, DAY, DAY)?;
            assert_eq!(charges[0].amount, preview.total);
            let mother = comune.as_mother();
            let shown = charge_for_family(db, &mother, &charges[0].public_id, DAY)?;
            assert!(
                matches!(&shown.explanation.isee, IseeUse::Used(isee) if isee.protocol == "INPS-1")
            );
            assert_eq!(shown.explanation.recompute(), Ok(shown.amount));
            assert_eq!(ledger::balance(db, shown.account.id)?, -shown.amount);
            for stranger in [
                Actor::Citizen(comune.sara),
                comune.as_clerk(),
                Actor::Stranger,
            ] {
                let hidden = charge_for_family(db, &stranger, &charges[0].public_id, DAY);
                assert!(matches!(hidden, Err(Error::NotFound)));
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_free_meal_is_a_charge_without_an_entry() {
    let (comune, enrolment) = open();
    record_isee(&comune, comune.luca, 300_000);
    close(&comune, DAY, afternoon()).unwrap();
    comune
        .store
        .read(|db| {
            let charges = charges_of(db, enrolment, DAY, DAY)?;
            assert_eq!(charges[0].amount, Cents::ZERO);
            let entries: i64 =
                db.query_row("select count(*) from ledger_entry", [], |r| r.get(0))?;
            assert_eq!(entries, 0);
            Ok(())
        })
        .unwrap();
}

#[test]
fn what_the_family_said_in_time_is_not_charged() {
    let (comune, enrolment) = open();
    let (mother, meals) = (comune.as_mother(), comune.meals);
    comune
        .write(move |tx| {
            let service = municipality::service(tx, meals)?;
            let luca = enrolments::of_family(tx, &mother, DAY)?.remove(0);
            // At eight, before the cut-off.
            attendance::cancel(tx, &mother, &luca, &service, &[DAY], morning())?;
            // A strike on Thursday.
            let strike = NewClosure {
                service: None,
                school: None,
                day: date(2026, 11, 5),
                reason: "Sciopero",
            };
            calendar::add_closure(tx, &Actor::System("test"), &strike, morning())?;
            Ok(())
        })
        .unwrap();
    let later = morning().plus_millis(7 * 86_400_000);
    for day in [DAY, date(2026, 11, 4)] {
        close(&comune, day, later).unwrap();
    }
    assert_eq!(
        refusal(close(&comune, date(2026, 11, 5), later)),
        "error-day-not-running"
    );
    let charged = comune
        .store
        .read(|db| charges_of(db, enrolment, DAY, date(2026, 11, 9)))
        .unwrap();
    let days: Vec<_> = charged.iter().map(|charge| charge.day).collect();
    assert_eq!(days, [date(2026, 11, 4)]);
}

#[test]
fn a_rule_that_a_day_alone_cannot_satisfy_closes_no_day() {
    let rule = |more: &str| {
        format!(
            "name = \"x\"\n[[component]]\ncode = \"meal\"\nunit = \"meal\"\nprice = \"4.00\"\n{more}"
        )
    };
    for (source, key) in [
        (
            rule("").replace("unit = \"meal\"", "unit = \"month\""),
            "error-rule-not-daily",
        ),
        (rule("most = 15\n"), "error-rule-needs-a-period"),
        (
            rule(
                "[[modifier]]\nlabel = \"y\"\nwhen = { illness_days = { from = 6 } }\nless = \"1\"\n",
            ),
            "error-rule-facts-unrecorded",
        ),
    ] {
        let (comune, _) = open();
        let meals = comune.meals;
        comune
            .write(move |tx| tariffs::publish(tx, meals, &source, DAY, afternoon()))
            .unwrap();
        assert_eq!(refusal(close(&comune, DAY, afternoon())), key);
    }
}

#[test]
fn who_counts_as_the_second_child_is_what_the_rule_says() {
    // Luca (2019) and Sara (2024) live together; Sara's meals are paid by somebody else.
    let amounts = |siblings: &str, both: bool, from_the_second: bool| {
        let (comune, _) = open();
        let (meals, class, sara, father) = (comune.meals, comune.class, comune.sara, comune.luca);
        let count = if from_the_second {
            "child_order"
        } else {
            "users_in_household"
        };
        let rule = format!(
            "name = \"x\"\nsiblings = \"{siblings}\"\n[[component]]\ncode = \"meal\"\nunit = \"meal\"\nprice = \"4.00\"\n[[modifier]]\nlabel = \"sconto\"\nwhen = {{ {count} = {{ from = 2 }} }}\nless = \"1.00\"\n"
        );
        comune
            .write(move |tx| {
                tariffs::publish(tx, meals, &rule, DAY, afternoon())?;
                if both {
                    let new = NewEnrolment {
                        child: sara,
                        payer: father,
                        service: meals,
                        class,
                        from: date(2026, 9, 15),
                        to: None,
                        application: None,
                    };
                    enrolments::enrol(tx, &new, morning())?;
                }
                Ok(())
            })
            .unwrap();
        close(&comune, DAY, afternoon()).unwrap();
        let list = |db: &rusqlite::Connection| -> Result<Vec<i64>> {
            let mut charges = db.prepare("select amount from charge order by enrolment_id")?;
            let amounts = charges.query_map([], |row| row.get(0))?;
            Ok(amounts.collect::<rusqlite::Result<_>>()?)
        };
        comune.store.read(list).unwrap()
    };
    assert_eq!(amounts("users", false, true), [400]);
    assert_eq!(
        amounts("users", true, true),
        [400, 300],
        "the younger pays less"
    );
    assert_eq!(amounts("users", true, false), [300, 300], "both pay less");
    assert_eq!(amounts("same_payer", true, true), [400, 400], "two payers");
    assert_eq!(amounts("minors", false, false), [400], "one user");
    assert_eq!(amounts("minors", true, true), [400, 300]);
}

const RECORDED: &str = r#"
    name = "Mensa"
    [[fact]]
    code = "menu"
    label = "menù scelto"
    kind = "choice"
    [[component]]
    code = "meal"
    unit = "meal"
    by = "menu"
    is = { full = "4.00", light = "3.00" }
    [[modifier]]
    label = "riduzione per disabilità"
    when = { severe_disability = true }
    percent = "-50"
    [[modifier]]
    label = "esenzione"
    when = { social_services_exemption = true }
    price = "0"
    [[modifier]]
    label = "iscritti a settembre"
    when = { entry_month = 9 }
    less = "0.50"
"#;

#[test]
fn what_the_office_records_of_a_child_makes_its_price() {
    let (comune, enrolment) = open();
    let (meals, clerk, luca) = (comune.meals, comune.as_clerk(), comune.luca);
    comune
        .write(move |tx| tariffs::publish(tx, meals, RECORDED, date(2026, 9, 1), afternoon()))
        .unwrap();
    let rule = tariffs::parse(RECORDED).unwrap();
    let asked = asked_facts(&rule);
    let names: Vec<_> = asked.iter().map(|fact| fact.name.as_str()).collect();
    let wanted = [
        "entry_month",
        "menu",
        "severe_disability",
        "social_services_exemption",
    ];
    assert_eq!(names, wanted);
    assert!(asked[1].takes("light") && !asked[1].takes("heavy") && asked[1].label == "menù scelto");
    assert!(asked[2].takes("yes") && !asked[2].takes("maybe"));

    // The table has no row for a child of whom nobody said anything: nothing is charged.
    assert_eq!(
        refusal(close(&comune, DAY, afternoon())),
        "error-day-fact-missing"
    );
    let key = crate::store::SealingKey::load(&comune.folder.path().join("test.key")).unwrap();
    let record = move |tx: &rusqlite::Transaction<'_>, name, value, from| {
        let new = enrolments::NewFact {
            child: luca,
            service: Some(meals),
            name,
            value,
            from,
            to: None,
            reason: "Verbale n. 12",
        };
        enrolments::record_fact(tx, &key, &clerk, &new, afternoon())
    };
    comune
        .write(move |tx| {
            record(tx, "menu", "light", date(2026, 9, 15))?;
            record(tx, "severe_disability", "yes", DAY)?;
            record(tx, "social_services_exemption", "yes", date(2026, 11, 4))
        })
        .unwrap();
    let later = morning().plus_millis(3 * 86_400_000);
    for day in [date(2026, 11, 2), DAY, date(2026, 11, 4)] {
        close(&comune, day, later).unwrap();
    }
    let charged = comune
        .store
        .read(|db| charges_of(db, enrolment, date(2026, 11, 2), date(2026, 11, 4)))
        .unwrap();
    let amounts: Vec<_> = charged.iter().map(|charge| charge.amount).collect();
    assert_eq!(amounts, [Cents(250), Cents(100), Cents::ZERO]);

    // A bill over the same days finds no difference; a fact that comes late makes one.
    let differences = || {
        let lines = |db: &rusqlite::Connection| {
            let service = municipality::service(db, meals)?;
            let november = (date(2026, 11, 1), date(2026, 11, 30));
            let (_, lines) = price_period(db, &service, None, november, EnrolmentId(0), 10)?;
            let line = |line: PeriodPrice| {
                let charged = line.charged.map(|charged| charged.amount);
                (charged, line.price.unwrap().explanation.amount)
            };
            Ok(lines.into_iter().map(line).collect::<Vec<_>>())
        };
        comune.store.read(lines).unwrap()
    };
    assert_eq!(differences(), []);
    let clerk = comune.as_clerk();
    let key = crate::store::SealingKey::load(&comune.folder.path().join("test.key")).unwrap();
    comune
        .write(move |tx| {
            let new = enrolments::NewFact {
                child: luca,
                service: None,
                name: "severe_disability",
                value: "yes",
                from: date(2026, 10, 1),
                to: None,
                reason: "Verbale n. 12, consegnato in ritardo",
            };
            enrolments::record_fact(tx, &key, &clerk, &new, later)
        })
        .unwrap();
    assert_eq!(differences(), [(Some(Cents(350)), Cents(200))]);
}

#[test]
fn what_other_bodies_pay_of_a_day_is_asked_of_each() {
    let (comune, enrolment) = open();
    let rule = |aid: &str| {
        format!(
            "name = \"Mensa\"\n[[component]]\ncode = \"meal\"\nunit = \"meal\"\nprice = \"5.01\"\n[[aid]]\nby = \"Regione\"\npercent = \"40\"\n[[aid]]\nby = \"INPS\"\npercent = \"50\"\n{aid}"
        )
    };
    // What looks at more than a day is no day's business.
    for waits in [
        "at_most = \"20.00\"",
        "at_most_each = \"9\"\neach = \"months\"",
    ] {
        let refused = require_priceable(&tariffs::parse(&rule(waits)).unwrap());
        assert!(matches!(refused, Err(Error::Refused(_))), "{waits}");
    }
    let (meals, each) = (
        comune.meals,
        rule("at_most_each = \"1.20\"\neach = \"meals\""),
    );
    require_priceable(&tariffs::parse(&each).unwrap()).unwrap();
    comune
        .write(move |tx| tariffs::publish(tx, meals, &each, date(2026, 9, 1), afternoon()))
        .unwrap();
    close(&comune, DAY, afternoon()).unwrap();
    comune
        .store
        .read(|db| {
            // 5.01 less 2.00 of the region, less 1.20 of the half that INPS would pay.
            let charges = charges_of(db, enrolment, DAY, DAY)?;
            assert_eq!(charges[0].amount, Cents(181));
            let asked = ledger::aided_by_body(db, DAY, DAY)?;
            let asked: Vec<_> = asked
                .into_iter()
                .map(|a| (a.body.unwrap(), a.amount))
                .collect();
            assert_eq!(
                asked,
                [
                    ("INPS".to_owned(), Cents(120)),
                    ("Regione".to_owned(), Cents(200))
                ]
            );
            let account: AccountId =
                db.query_row("select account_id from charge", [], |row| row.get(0))?;
            let told = charge_pdf::bodies(&aided_between(db, account, DAY, DAY)?);
            assert_eq!(told, "INPS 1,20\u{a0}€; Regione 2,00\u{a0}€");
            assert_eq!(ledger::balance(db, account)?, Cents(-181));
            // A bill over the same day finds no difference.
            let service = municipality::service(db, meals)?;
            let november = (date(2026, 11, 1), date(2026, 11, 30));
            let (_, lines) = price_period(db, &service, None, november, EnrolmentId(0), 10)?;
            assert!(lines.is_empty(), "{lines:?}");
            Ok(())
        })
        .unwrap();
}

#[test]
fn every_child_without_a_needed_fact_is_named_at_once() {
    let (comune, _) = open();
    let (meals, class, mother, sara) = (comune.meals, comune.class, comune.mother, comune.sara);
    comune
        .write(move |tx| {
            let new = NewEnrolment {
                child: sara,
                payer: mother,
                service: meals,
                class,
                from: date(2026, 9, 15),
                to: None,
                application: None,
            };
            enrolments::enrol(tx, &new, morning())?;
            tariffs::publish(tx, meals, RECORDED, date(2026, 9, 1), afternoon())
        })
        .unwrap();
    let previewed = comune.store.read(|db| {
        let service = municipality::service(db, meals)?;
        preview(db, &service, DAY, afternoon()).map(|_| ())
    });
    let closed = close(&comune, DAY, afternoon()).map(|_| ());
    for refused in [previewed, closed] {
        let Err(Error::Refused(refusal)) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(refusal.text.key, "error-day-facts-missing");
        let told = format!("{:?}", refusal.text);
        assert!(told.contains("Rossi Luca; Rossi Sara"), "{told}");
    }
}

#[test]
fn a_day_has_the_tariff_that_held_when_its_closing_began() {
    let (comune, enrolment) = open();
    let (meals, clerk) = (comune.meals, comune.as_clerk());
    let job = comune
        .write(move |tx| {
            let job = start_day_close(tx, &clerk, meals, DAY, afternoon())?;
            let dearer = RULE.replace("no_isee = \"4.50\"", "no_isee = \"9.00\"");
            tariffs::publish(tx, meals, &dearer, date(2026, 9, 1), afternoon())?;
            Ok(job)
        })
        .unwrap();
    jobs::run(&comune.store, job.id, &day_close_step, afternoon, |_| {}).unwrap();
    let charges = comune.store.read(|db| charges_of(db, enrolment, DAY, DAY));
    assert_eq!(charges.unwrap()[0].amount, Cents(450));
}

#[test]
fn brothers_and_sisters_of_another_service_count_under_their_own_name() {
    let (comune, enrolment) = open();
    let (meals, class, mother, sara) = (comune.meals, comune.class, comune.mother, comune.sara);
    let rule = "name = \"Mensa\"\n[[siblings]]\ncode = \"nido\"\nlabel = \"fratelli al nido\"\nservices = [\"nido\"]\n[[component]]\ncode = \"meal\"\nunit = \"meal\"\nprice = \"5.00\"\n[[modifier]]\nlabel = \"fratello al nido\"\nwhen = { nido_count = { from = 1 } }\nless = \"1.00\"\n";
    require_priceable(&tariffs::parse(rule).unwrap()).unwrap();
    comune
        .write(move |tx| {
            let sql = "select id from service where code = 'nido'";
            let nido = tx.query_row(sql, [], |row| row.get(0))?;
            let new = NewEnrolment {
                child: sara,
                payer: mother,
                service: nido,
                class,
                from: DAY,
                to: None,
                application: None,
            };
            enrolments::enrol(tx, &new, morning())?;
            tariffs::publish(tx, meals, rule, date(2026, 9, 1), afternoon())
        })
        .unwrap();
    let before = date(2026, 11, 2);
    for day in [before, DAY] {
        close(&comune, day, afternoon()).unwrap();
    }
    let charged = comune
        .store
        .read(|db| charges_of(db, enrolment, before, DAY));
    let amounts: Vec<_> = charged
        .unwrap()
        .iter()
        .map(|charge| charge.amount)
        .collect();
    assert_eq!(amounts, [Cents(500), Cents(400)]);
}

#[test]
fn who_moves_into_another_household_had_the_brothers_of_then() {
    let comune = Comune::new();
    let luca = comune.luca;
    comune
        .write(move |tx| {
            let member = people::NewHouseholdMember {
                registry_code: "F002",
                address: "Via Nuova 1",
                person: luca,
                relation: "figlio",
                since: Some(DAY),
            };
            people::record_household_member(tx, &member, afternoon())?;
            let mates = |day| -> Result<usize> {
                Ok(people::household_mates(tx, &[luca], day)?
                    .remove(&luca)
                    .map_or(0, |m| m.len()))
            };
            assert_eq!((mates(date(2026, 11, 2))?, mates(DAY)?), (3, 1));
            Ok(())
        })
        .unwrap();
}

const WORKING: &str = r#"
    name = "Doposcuola, il venerdì meno"
    [[component]]
    code = "day"
    unit = "day"
    by = "weekday"
    is = { "1-4" = "6.00", "5" = "4.50" }
    other = "0"
"#;

#[test]
fn a_day_like_another_takes_over_its_price_and_its_reasons() {
    let (comune, enrolment) = open();
    let meals = comune.meals;
    comune
        .write(move |tx| tariffs::publish(tx, meals, WORKING, date(2026, 9, 1), morning()))
        .unwrap();
    // Thursday, Friday, Tuesday.
    let days = [
        (date(2026, 10, 29), 600),
        (date(2026, 10, 30), 450),
        (DAY, 600),
    ];
    for (day, cents) in days {
        close(&comune, day, afternoon()).unwrap();
        let charged = comune.store.read(|db| charges_of(db, enrolment, day, day));
        assert_eq!(charged.unwrap()[0].amount, Cents(cents), "{day}");
    }
    let known = || {
        let sql = "select count(*) from known_price";
        let count = comune
            .store
            .read(|db| Ok(db.query_row(sql, [], |r| r.get(0))?));
        count.unwrap()
    };
    let before: i64 = known();
    assert_eq!(before, 3, "each weekday has its price");
    close(&comune, date(2026, 10, 27), afternoon()).unwrap();
    assert_eq!(known(), before, "another Tuesday is like this one");
    record_isee(&comune, comune.luca, 300_000);
    close(&comune, date(2026, 10, 20), afternoon()).unwrap();
    assert_eq!(known(), before + 1, "an ISEE is another fact");
}
