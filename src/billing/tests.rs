use jiff::civil::date;

use super::*;
use crate::attestations;
use crate::base::{Actor, Cents, Date, EnrolmentId, Error, Instant, PersonId, Result, ServiceId};
use crate::charging::{self, PeriodFault};
use crate::enrolments::{self, NewEnrolment};
use crate::isee;
use crate::jobs;
use crate::ledger;
use crate::notifications;
use crate::payments::notices::{self, NoticeState};
use crate::payments::{RawReceipt, receipts};
use crate::processes::work;
use crate::tariffs;
use crate::testing::{Comune, morning};

pub(super) const FROM: Date = date(2026, 10, 1);
pub(super) const TO: Date = date(2026, 10, 31);
pub(super) const DUE: Date = date(2026, 11, 30);

/// October 2026 has 22 weekdays; none of them is a holiday.
pub(super) const MEALS: &str = r#"
    name = "Mensa"
    [[component]]
    code = "meal"
    unit = "meal"
    no_isee = "4.50"
    bands = [{ to = "3000.00", price = "2.00" }, { price = "4.00" }]
"#;
const BUS: &str = r#"
    name = "Trasporto"
    [[component]]
    code = "month"
    unit = "month"
    price = "30.00"
    [[aid]]
    by = "Regione"
    when = { resident = true }
    percent = "50"
    at_most = "10.00"
"#;

fn bus(comune: &Comune) -> ServiceId {
    let id = |db: &rusqlite::Connection| {
        Ok(
            db.query_row("select id from service where code = 'scuolabus'", [], |r| {
                r.get(0)
            })?,
        )
    };
    comune.store.read(id).unwrap()
}

/// Luca eats from 15 September, paid by the month; Luca and Sara ride from October.
pub(super) fn open() -> (Comune, EnrolmentId) {
    let comune = Comune::new();
    let (mother, luca, sara) = (comune.mother, comune.luca, comune.sara);
    let (meals, class, bus) = (comune.meals, comune.class, bus(&comune));
    let luca_eats = comune
        .write(move |tx| {
            tx.execute("update service set billing = 'postpaid'", [])?;
            tariffs::publish(tx, meals, MEALS, date(2026, 9, 1), morning())?;
            tariffs::publish(tx, bus, BUS, date(2026, 9, 1), morning())?;
            let enrol = |child: PersonId, service: ServiceId, from: Date| {
                let new = NewEnrolment {
                    child,
                    payer: mother,
                    service,
                    class,
                    from,
                    to: None,
                    application: None,
                };
                enrolments::enrol(tx, &new, morning())
            };
            enrol(luca, bus, FROM)?;
            enrol(sara, bus, FROM)?;
            enrol(luca, meals, date(2026, 9, 15))
        })
        .unwrap();
    (comune, luca_eats)
}

pub(super) fn draft(comune: &Comune, from: Date, to: Date) -> Result<Run> {
    draft_with(comune, from, to, false)
}

pub(super) fn draft_with(comune: &Comune, from: Date, to: Date, include_held: bool) -> Result<Run> {
    draft_at(comune, (from, to), include_held, morning())
}

pub(super) fn draft_at(
    comune: &Comune,
    (from, to): (Date, Date),
    include_held: bool,
    now: Instant,
) -> Result<Run> {
    let clerk = comune.as_clerk();
    let (run, job) = comune.write(move |tx| {
        let new = NewRun {
            include_held,
            ..NewRun::period((from, to), None)
        };
        start_draft(tx, &clerk, &new, now)
    })?;
    jobs::run(&comune.store, job.id, &draft_step, morning, |_| {})?;
    comune.store.read(|db| super::run(db, &run.public_id))
}

pub(super) fn publish(comune: &Comune, run: &Run, leave_faults: bool) -> Result<()> {
    let (clerk, id) = (comune.as_clerk(), run.public_id.clone());
    let job =
        comune.write(move |tx| start_publish(tx, &clerk, &id, DUE, leave_faults, morning()))?;
    jobs::run(&comune.store, job.id, &publish_step, morning, |_| {}).map(|_| ())
}

pub(super) fn draft_and_publish(comune: &Comune) -> Run {
    let run = draft(comune, FROM, TO).unwrap();
    publish(comune, &run, false).unwrap();
    comune
        .store
        .read(|db| super::run(db, &run.public_id))
        .unwrap()
}

pub(super) fn mother(comune: &Comune) -> Actor {
    Actor::Citizen(comune.mother)
}

pub(super) fn bills(comune: &Comune) -> Vec<Bill> {
    let mother = mother(comune);
    comune
        .store
        .read(|db| bills_of_payer(db, &mother, 10))
        .unwrap()
}

pub(super) fn owed(comune: &Comune) -> Cents {
    let mother = mother(comune);
    let accounts = comune
        .store
        .read(|db| ledger::accounts_of_payer(db, &mother));
    accounts.unwrap().iter().map(|a| -a.balance).sum()
}

pub(super) fn record_isee(comune: &Comune, value: i64, from: &'static str) {
    record_isee_at(comune, value, from, Instant(1));
}

pub(super) fn record_isee_at(comune: &Comune, value: i64, from: &'static str, at: Instant) {
    let child = comune.luca;
    comune
        .write(move |tx| {
            tx.execute(
                "insert into isee (public_id, child_id, value, kind, protocol, valid_from, valid_to,
                                   source, recorded_at)
                 values (?1, ?2, ?3, 'minorenni', 'INPS-1', ?4, '2026-12-31', 'office', ?5)",
                (crate::base::PublicId::random()?, child, value, from, at),
            )?;
            Ok(())
        })
        .unwrap();
}

pub(super) fn refused<T>(result: Result<T>) -> &'static str {
    match result {
        Err(Error::Refused(refusal)) => refusal.text.key,
        Err(Error::Invalid(fields)) => fields[0].text.key,
        Err(other) => panic!("{other}"),
        Ok(_) => "",
    }
}

#[test]
fn a_month_becomes_one_bill_and_one_notice_of_all_children_and_services() {
    let (comune, _) = open();
    let run = draft(&comune, FROM, TO).unwrap();
    let totals = comune.store.read(|db| totals(db, &run)).unwrap();
    assert_eq!((totals.payers, totals.lines, totals.faults), (1, 3, 0));
    // Nobody sees a draft, and nothing is owed for it.
    assert!(bills(&comune).is_empty());
    assert_eq!(owed(&comune), Cents::ZERO);
    publish(&comune, &run, false).unwrap();

    let bill = &bills(&comune)[0];
    // 22 meals at 4.50, and twice 30.00 less 10.00 of the region.
    assert_eq!(bill.total, Cents(22 * 450 + 2 * 2000));
    assert_eq!((bill.due, bill.due_date), (bill.total, Some(DUE)));
    assert_eq!(owed(&comune), bill.total);
    let lines = comune.store.read(|db| lines_of_bill(db, bill)).unwrap();
    let sum: Cents = lines.iter().map(|line| line.amount).sum();
    assert_eq!(sum, bill.total, "the lines are the bill");
    for line in &lines {
        assert_eq!(line.explanation.recompute(), Ok(line.amount));
    }
    let aided: Cents = lines.iter().map(|line| line.aided).sum();
    assert_eq!(aided, Cents(2000));
    let aid = |db: &rusqlite::Connection| -> Result<Cents> {
        let sql = "select sum(e.amount) from ledger_entry e join account a on a.id = e.debit_id
                   where a.kind = 'aid'";
        Ok(db.query_row(sql, [], |row| row.get(0))?)
    };
    assert_eq!(
        comune.store.read(aid).unwrap(),
        aided,
        "others owe it, not the family"
    );
    let payer = bill.payer_id;
    let year = |db: &rusqlite::Connection| attestations::facts(db, payer, 2026);
    let year = comune.store.read(year).unwrap();
    let services = year.children.iter().flat_map(|child| &child.services);
    let told: Vec<_> = services.flat_map(|service| &service.aided_by).collect();
    let sum: Cents = told.iter().map(|one| one.amount).sum();
    assert_eq!(sum, aided, "the attestation tells it apart");
    let bodies: Vec<_> = lines.iter().flat_map(|line| &line.aided_by).collect();
    let sum: Cents = bodies.iter().map(|one| one.amount).sum();
    assert_eq!(sum, aided, "and so does each line");
    for one in told.iter().chain(&bodies) {
        assert_eq!(one.body.as_deref(), Some("Regione"));
    }
}

#[test]
fn what_is_paid_goes_to_the_accounts_that_it_was_asked_for() {
    let (comune, _) = open();
    draft_and_publish(&comune);
    let bill = bills(&comune).remove(0);
    let mother = mother(&comune);
    let notice = comune
        .store
        .read(|db| notices::notice_of_payer(db, &mother, bill.notice.as_ref().unwrap()))
        .unwrap();
    assert_eq!(notice.amount, bill.due);
    assert_eq!(notice.subject, "Servizi scolastici - ottobre 2026");
    let id = notice.public_id.clone();
    let cancelled = comune.write({
        let mother = mother.clone();
        move |tx| notices::cancel(tx, &mother, &id, morning())
    });
    assert_eq!(refused(cancelled), "error-notice-of-a-bill");

    let raw = RawReceipt {
        key: "R1".to_owned(),
        creditor: "01199250158".to_owned(),
        notice_number: notice.notice_number.as_str().to_owned(),
        amount: notice.amount,
        paid_at: morning(),
        psp: "Banca".to_owned(),
        means: String::new(),
        payer: None,
        raw: b"<rt/>".to_vec(),
    };
    comune
        .write(move |tx| receipts::receive(tx, &raw, morning()))
        .unwrap();
    let accounts = comune
        .store
        .read(|db| ledger::accounts_of_payer(db, &mother))
        .unwrap();
    for account in &accounts {
        assert_eq!(
            account.balance,
            Cents::ZERO,
            "{} {}",
            account.child,
            account.service
        );
    }
    assert_eq!(bills(&comune)[0].notice_state, Some(NoticeState::Paid));
}

#[test]
fn billing_the_same_days_again_changes_nothing_until_something_differs() {
    let (comune, luca_eats) = open();
    draft_and_publish(&comune);
    let again = draft(&comune, FROM, TO).unwrap();
    let totals_of = |run: &Run| comune.store.read(|db| totals(db, run)).unwrap();
    assert_eq!(totals_of(&again).lines, 0);
    assert_eq!(
        refused(publish(&comune, &again, false)),
        "error-bill-nothing"
    );
    let (clerk, id) = (comune.as_clerk(), again.public_id);
    comune
        .write(move |tx| discard(tx, &clerk, &id, morning()))
        .unwrap();

    // The ISEE that came late holds from the middle of the month.
    record_isee(&comune, 250_000, "2026-10-12");
    let late = draft(&comune, FROM, TO).unwrap();
    publish(&comune, &late, false).unwrap();
    // 7 days to the 9th stay, 15 from the 12th on cost 2.00 instead of 4.50.
    let correction = &bills(&comune)[0];
    assert_eq!(correction.total, Cents(-15 * 250));
    assert_eq!((correction.due, &correction.notice), (Cents::ZERO, &None));
    assert_eq!(owed(&comune), Cents(7 * 450 + 15 * 200 + 2 * 2000));
    let third = draft(&comune, FROM, TO).unwrap();
    assert_eq!(totals_of(&third).lines, 0, "twice changes nothing");
    let (clerk, id) = (comune.as_clerk(), third.public_id);
    comune
        .write(move |tx| discard(tx, &clerk, &id, morning()))
        .unwrap();

    // A child who left before the month gives everything back.
    comune
        .write(move |tx| enrolments::set_end(tx, luca_eats, Some(date(2026, 9, 30))))
        .unwrap();
    let left = draft(&comune, FROM, TO).unwrap();
    assert_eq!(totals_of(&left).lines, 2);
    publish(&comune, &left, false).unwrap();
    assert_eq!(owed(&comune), Cents(2 * 2000));
}

#[test]
fn credit_is_used_up_before_anything_is_asked_for() {
    let (comune, _) = open();
    let (mother, luca, meals) = (comune.mother, comune.luca, comune.meals);
    comune
        .write(move |tx| {
            let paid = receipts::ImportedPayment {
                payer: mother,
                child: luca,
                service: meals,
                amount: Cents(10_000),
                paid_at: morning(),
                means: "carta",
                reference: "",
                more: receipts::MoreOfPayment::default(),
            };
            receipts::record_imported_payment(tx, &paid, morning())
        })
        .unwrap();
    draft_and_publish(&comune);
    let bill = &bills(&comune)[0];
    assert_eq!(bill.total, Cents(9900 + 4000));
    assert_eq!(bill.due, Cents(4000), "the meals were paid before");
}

#[test]
fn a_line_without_a_price_stops_the_run_or_is_left_for_the_next() {
    let (comune, _) = open();
    let meals = comune.meals;
    let table = "name = \"x\"\n[[component]]\ncode = \"m\"\nunit = \"meal\"\nby = \"grade\"\nis = { infanzia = \"3.00\" }\n";
    comune
        .write(move |tx| tariffs::publish(tx, meals, table, date(2026, 9, 1), morning()))
        .unwrap();
    let run = draft(&comune, FROM, TO).unwrap();
    let totals = comune.store.read(|db| totals(db, &run)).unwrap();
    assert_eq!((totals.lines, totals.faults), (3, 1));
    let only = |only| Filter { only, name: "" };
    let found = |filter: &Filter<'_>| {
        let count = comune.store.read(|db| payers_count(db, &run, filter));
        count.unwrap()
    };
    assert_eq!(found(&only(Only::Faults)), 1);
    assert_eq!(found(&only(Only::GivenBack)), 0);
    assert_eq!(
        found(&Filter {
            only: Only::All,
            name: "nessuno"
        }),
        0
    );
    assert_eq!(refused(publish(&comune, &run, false)), "error-bill-faults");
    publish(&comune, &run, true).unwrap();
    assert_eq!(owed(&comune), Cents(4000));
    // Mended, only what was left out comes.
    comune
        .write(move |tx| tariffs::publish(tx, meals, MEALS, date(2026, 9, 1), morning()))
        .unwrap();
    let next = draft(&comune, FROM, TO).unwrap();
    publish(&comune, &next, false).unwrap();
    assert_eq!(bills(&comune)[0].total, Cents(9900));
}

#[test]
fn only_what_is_over_and_not_open_is_drafted() {
    let (comune, _) = open();
    let key = |from, to| refused(draft(&comune, from, to));
    assert_eq!(key(TO, FROM), "error-period-backwards");
    assert_eq!(key(FROM, date(2026, 11, 3)), "error-bill-not-over");
    assert_eq!(key(date(2024, 1, 1), TO), "error-bill-too-long");
    draft_and_publish(&comune);
    assert_eq!(
        key(date(2026, 10, 15), date(2026, 11, 1)),
        "error-bill-cuts"
    );
    assert_eq!(key(FROM, TO), "");
    assert_eq!(key(FROM, TO), "error-bill-run-open");
    let stranger = comune.write(|tx| {
        let new = NewRun::period((FROM, TO), None);
        start_draft(tx, &Actor::Citizen(PersonId(1)), &new, morning()).map(|_| ())
    });
    assert!(matches!(stranger, Err(Error::Forbidden)));
}

#[test]
fn a_publication_that_was_cut_goes_on_and_bills_nobody_twice() {
    let (comune, _) = open();
    let run = draft(&comune, FROM, TO).unwrap();
    let (clerk, id) = (comune.as_clerk(), run.public_id.clone());
    let job = comune
        .write(move |tx| start_publish(tx, &clerk, &id, DUE, false, morning()))
        .unwrap();
    // The step is done, and the process dies before it can say so: the step's transaction is lost.
    let cut = comune.write({
        let job = job.clone();
        move |tx| {
            publish_step(tx, &job, morning())?;
            Err::<(), Error>(Error::Internal("cut".to_owned()))
        }
    });
    assert!(cut.is_err());
    assert!(bills(&comune).is_empty());
    let step = work::step_of(&job.kind).unwrap();
    jobs::run(&comune.store, job.id, step, morning, |_| {}).unwrap();
    assert_eq!(bills(&comune).len(), 1);
    notifications::tick(&comune.store, morning()).unwrap();
    let told = |db: &rusqlite::Connection| -> Result<String> {
        Ok(db.query_row("select body from message", [], |row| row.get(0))?)
    };
    let body = comune.store.read(told).unwrap();
    assert!(
        body.contains("bolletta 1/2026") && body.contains("entro il 30/11/2026"),
        "{body}"
    );
}

#[test]
fn a_late_isee_gives_back_what_closed_days_cost_too_much() {
    let (comune, _) = open();
    comune
        .write(|tx| {
            Ok(tx.execute(
                "update service set billing = 'prepaid' where code = 'mensa'",
                [],
            )?)
        })
        .unwrap();
    let clerk = comune.as_clerk();
    for day in [date(2026, 10, 5), date(2026, 10, 6)] {
        charging::close_day(&comune.store, &clerk, comune.meals, day, morning(), |_| {}).unwrap();
    }
    draft_and_publish(&comune);
    assert_eq!(
        owed(&comune),
        Cents(900 + 4000),
        "closed days are charged once"
    );
    record_isee(&comune, 250_000, "2026-01-15");
    let correction = draft_and_publish(&comune);
    let lines = comune
        .store
        .read(|db| lines_of_payer(db, &correction, comune.mother))
        .unwrap();
    assert_eq!(lines.len(), 1);
    assert_eq!(
        (lines[0].amount, lines[0].before),
        (Cents(-500), Cents(900))
    );
    assert_eq!(owed(&comune), Cents(400 + 4000));
    let again = draft(&comune, FROM, TO).unwrap();
    assert_eq!(comune.store.read(|db| totals(db, &again)).unwrap().lines, 0);
}

#[test]
fn a_late_isee_is_listed_until_a_run_has_looked_at_its_days() {
    let (comune, _) = open();
    let late = |comune: &Comune| {
        let today = date(2026, 11, 3);
        let priced = |db: &rusqlite::Connection| {
            let all = late_isees(db, today)?;
            late_differences(db, &all)
        };
        comune.store.read(priced).unwrap()
    };
    draft_and_publish(&comune);
    assert!(late(&comune).is_empty());
    // It counts from November: no charged day is its.
    let after = |millis| morning().plus_millis(millis);
    record_isee_at(&comune, 250_000, "2026-11-01", after(1000));
    assert!(late(&comune).is_empty());
    record_isee_at(&comune, 250_000, "2026-01-15", after(2000));
    let found = late(&comune);
    // The meals of Luca cost less; his bus costs the same for everybody.
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].before, found[0].value),
        (None, Some(Cents(250_000)))
    );
    let owed_before = owed(&comune);

    let run = draft_at(&comune, (FROM, TO), false, after(3000)).unwrap();
    publish(&comune, &run, false).unwrap();
    let difference = owed(&comune) - owed_before;
    assert!(difference < Cents::ZERO);
    assert_eq!(found[0].difference, Some(difference));
    assert!(late(&comune).is_empty());
}

#[test]
fn what_was_charged_with_a_withdrawn_isee_is_corrected() {
    let (comune, _) = open();
    record_isee_at(&comune, 250_000, "2026-01-15", morning());
    draft_and_publish(&comune);
    let late = |comune: &Comune| {
        let today = date(2026, 11, 3);
        let priced = |db: &rusqlite::Connection| {
            let all = late_isees(db, today)?;
            late_differences(db, &all)
        };
        comune.store.read(priced).unwrap()
    };
    assert!(late(&comune).is_empty());
    let after = |millis| morning().plus_millis(millis);
    let (clerk, at) = (comune.clerk.id, after(2000));
    comune
        .write(move |tx| {
            let sql = "insert into isee_withdrawal select id, 'Non è vero', ?1, ?2 from isee";
            Ok(tx.execute(sql, (clerk, at))?)
        })
        .unwrap();
    let found = late(&comune);
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].before, found[0].value),
        (Some(Cents(250_000)), None)
    );
    let priced = comune
        .store
        .read(|db| late_differences(db, &found))
        .unwrap();
    let owed_before = owed(&comune);
    let run = draft_at(&comune, (FROM, TO), false, after(3000)).unwrap();
    publish(&comune, &run, false).unwrap();
    let difference = owed(&comune) - owed_before;
    assert!(difference > Cents::ZERO);
    assert_eq!(priced[0].difference, Some(difference));
    assert!(late(&comune).is_empty());
}

#[test]
fn a_prepaid_service_may_have_a_monthly_fee_which_its_bill_charges() {
    let (comune, _) = open();
    let meals = comune.meals;
    let rule =
        format!("{MEALS}\n[[component]]\ncode = \"fee\"\nunit = \"month\"\nprice = \"5.00\"\n");
    comune
        .write(move |tx| {
            tariffs::publish(tx, meals, &rule, date(2026, 9, 1), morning())?;
            let sql = "update service set billing = 'prepaid' where code = 'mensa'";
            Ok(tx.execute(sql, [])?)
        })
        .unwrap();
    let clerk = comune.as_clerk();
    let day = date(2026, 10, 5);
    charging::close_day(&comune.store, &clerk, meals, day, morning(), |_| {}).unwrap();
    assert_eq!(owed(&comune), Cents(450), "the day costs the meal");
    draft_and_publish(&comune);
    assert_eq!(owed(&comune), Cents(450 + 500 + 4000));
}

#[test]
fn an_annual_fee_is_asked_for_in_its_instalments() {
    let (comune, _) = open();
    let (meals, bus) = (comune.meals, bus(&comune));
    let rule = "name = \"Annuale\"\n[[component]]\ncode = \"year\"\nunit = \"year\"\nprice = \"100.01\"\n[[instalment]]\ndue = \"10-20\"\npercent = \"50\"\n[[instalment]]\ndue = \"02-28\"\npercent = \"50\"\n";
    comune
        .write(move |tx| {
            tx.execute("delete from enrolment where service_id = ?1", [meals])?;
            tariffs::publish(tx, bus, rule, date(2026, 9, 1), morning())
        })
        .unwrap();
    let run = draft_and_publish(&comune);
    let lines = comune
        .store
        .read(|db| lines_of_payer(db, &run, comune.mother))
        .unwrap();
    let amounts: Vec<Cents> = lines.iter().map(|line| line.amount).collect();
    assert_eq!(
        amounts,
        [Cents(5001), Cents(5001)],
        "the first half of each child"
    );
    let told = lines[0].explanation.as_ref().unwrap();
    assert_eq!(told.recompute(), Ok(Cents(5001)));
    let second = comune.write(move |tx| {
        let (_, rule) = tariffs::tariff_on(tx, bus, FROM)?;
        let whole = tariffs::price(
            &rule,
            &tariffs::Facts::on(FROM).with("years", 1),
            tariffs::Part::Period,
        )?;
        Ok(tariffs::instalment(&rule.instalments, whole, 2)?.amount)
    });
    assert_eq!(second.unwrap(), Cents(5000), "both halves are the whole");
}

#[test]
fn a_draft_keeps_to_the_tariffs_that_it_began_with() {
    let total = |published: bool, kept: bool| {
        let (comune, _) = open();
        let (clerk, meals) = (comune.as_clerk(), comune.meals);
        let (run, job) = comune
            .write(move |tx| {
                let new = NewRun::period((FROM, TO), None);
                let begun = start_draft(tx, &clerk, &new, morning())?;
                if published {
                    let dearer = MEALS.replace("4.50", "9.00");
                    tariffs::publish(tx, meals, &dearer, date(2026, 9, 1), morning())?;
                }
                if !kept {
                    // As a draft of an earlier program left it.
                    let sql = "update job set params = json_remove(params, '$.tariffs')";
                    tx.execute(sql, [])?;
                }
                Ok(begun)
            })
            .unwrap();
        jobs::run(&comune.store, job.id, &draft_step, morning, |_| {}).unwrap();
        let run = |db: &rusqlite::Connection| super::run(db, &run.public_id);
        comune.store.read(run).unwrap().total
    };
    let before = total(false, true);
    assert_eq!(total(true, true), before, "the tariff of the beginning");
    assert_eq!(
        total(false, false),
        before,
        "nothing was kept, nor published"
    );
    let dearer = total(true, false);
    assert_eq!(
        dearer,
        before + Cents(22 * 450),
        "the newest, by an old draft"
    );
}

#[test]
fn the_next_period_is_what_no_run_has_billed() {
    let (comune, _) = open();
    let (meals, clerk) = (comune.meals, comune.as_clerk());
    let today = date(2026, 11, 10);
    let next = || {
        let of_meals = |db: &rusqlite::Connection| {
            let service = crate::municipality::service(db, meals)?;
            let all = crate::municipality::services(db)?;
            let together = next_period_of_all(db, &all, today)?;
            Ok((next_period(db, &service, today)?, together))
        };
        comune.store.read(of_meals).unwrap()
    };
    assert_eq!(next(), (None, None), "no rhythm proposes nothing");
    comune
        .write(move |tx| set_rhythm(tx, &clerk, meals, &"monthly".parse().unwrap(), morning()))
        .unwrap();
    // Never billed: the last month that is over. The bus has no rhythm, so nothing for all.
    assert_eq!(next(), (Some((FROM, TO)), None));
    let clerk = comune.as_clerk();
    comune
        .write(move |tx| {
            for service in crate::municipality::services(tx)? {
                set_rhythm(
                    tx,
                    &clerk,
                    service.id,
                    &"monthly".parse().unwrap(),
                    morning(),
                )?;
            }
            Ok(())
        })
        .unwrap();
    assert_eq!(next(), (Some((FROM, TO)), Some((FROM, TO))));
    // A draft is nothing billed; a published run is, of whatever services.
    let run = draft(&comune, FROM, TO).unwrap();
    assert_eq!(next().0, Some((FROM, TO)));
    publish(&comune, &run, false).unwrap();
    let november = Some((date(2026, 11, 1), date(2026, 11, 30)));
    assert_eq!(next(), (november, november));
    let parent = mother(&comune);
    let refused =
        comune.write(move |tx| set_rhythm(tx, &parent, meals, &Default::default(), morning()));
    assert!(matches!(refused, Err(Error::Forbidden)));
}

#[test]
fn days_that_no_bill_has_are_shown_as_provisional_and_posted_nowhere() {
    let (comune, _) = open();
    let mother = mother(&comune);
    let shown = |day: Date| {
        let found = comune
            .store
            .read(|db| provisional(db, &mother, day))
            .unwrap();
        found.iter().filter_map(|p| p.amount).sum::<Cents>()
    };
    let november = date(2026, 11, 3);
    // October, two days of November's meals, and November on the bus.
    assert_eq!(
        shown(november),
        Cents(22 * 450 + 2 * 2000 + 2 * 450 + 2 * 2000)
    );
    assert_eq!(owed(&comune), Cents::ZERO);
    draft_and_publish(&comune);
    assert_eq!(
        shown(november),
        Cents(2 * 450 + 2 * 2000),
        "October is billed"
    );
}

#[test]
fn an_absence_is_not_billed() {
    let (comune, luca_eats) = open();
    let mother = mother(&comune);
    let run = {
        comune
            .write(move |tx| {
                tx.execute(
                    "insert into cancellation (receipt_number, enrolment_id, day, restored, late, at, person_id)
                     values ('D-1', ?1, '2026-10-05', 0, 0, 1, ?2)",
                    (luca_eats, mother.person()),
                )?;
                Ok(())
            })
            .unwrap();
        draft(&comune, FROM, TO).unwrap()
    };
    let lines = comune
        .store
        .read(|db| lines_of_payer(db, &run, comune.mother))
        .unwrap();
    assert!(
        lines
            .iter()
            .any(|line| line.days == 21 && line.amount == Cents(21 * 450))
    );
}

/// Whatever changes meanwhile, in whatever order: what is charged in all is what everything costs
/// by what is known now, the lines are the bill, and doing it again changes nothing.
#[test]
fn after_any_sequence_what_is_charged_is_what_it_costs_and_again_is_nothing() {
    for seed in 0..12 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let (comune, luca_eats) = open();
        for turn in 0..5 {
            something_happens(&comune, luca_eats, turn, &mut rng);
            let run = draft(&comune, FROM, TO).unwrap();
            let found = comune.store.read(|db| totals(db, &run)).unwrap();
            assert_eq!(found.faults, 0);
            if found.lines == 0 {
                drop_draft(&comune, &run);
            } else {
                publish(&comune, &run, false).unwrap();
                let bill = &bills(&comune)[0];
                let lines = comune.store.read(|db| lines_of_bill(db, bill)).unwrap();
                let sum: Cents = lines.iter().map(|line| line.amount).sum();
                assert_eq!(
                    sum, bill.total,
                    "seed {seed}, turn {turn}: the lines are the bill"
                );
                assert_eq!(
                    found.total, bill.total,
                    "what was checked is what is published"
                );
            }
            assert_eq!(owed(&comune), costs(&comune), "seed {seed}, turn {turn}");
            let again = draft(&comune, FROM, TO).unwrap();
            let lines = comune.store.read(|db| totals(db, &again)).unwrap().lines;
            assert_eq!(lines, 0, "seed {seed}, turn {turn}: again changes nothing");
            drop_draft(&comune, &again);
        }
        let findings = comune
            .store
            .read(|db| crate::processes::checks::check_database(db, None))
            .unwrap();
        let wrong: Vec<_> = findings.iter().filter(|f| !f.ok && !f.warning).collect();
        assert!(wrong.is_empty(), "seed {seed}: {wrong:?}");
    }
}

pub(super) fn drop_draft(comune: &Comune, run: &Run) {
    let (clerk, id) = (comune.as_clerk(), run.public_id.clone());
    comune
        .write(move |tx| discard(tx, &clerk, &id, morning()))
        .unwrap();
}

/// What everything costs by what is known now.
fn costs(comune: &Comune) -> Cents {
    let all = |db: &rusqlite::Connection| {
        let mut sum = Cents::ZERO;
        for service in crate::municipality::services(db)? {
            let (_, prices) =
                charging::price_period(db, &service, None, (FROM, TO), EnrolmentId(0), 100)?;
            let amounts = prices
                .iter()
                .map(|p| p.price.as_ref().unwrap().explanation.amount);
            sum += amounts.sum();
        }
        Ok(sum)
    };
    comune.store.read(all).unwrap()
}

/// An ISEE arrives, a meal is cancelled, the child leaves or comes back, a tariff is corrected.
fn something_happens(comune: &Comune, luca_eats: EnrolmentId, turn: i64, rng: &mut fastrand::Rng) {
    let day = FROM.saturating_add(jiff::Span::new().days(rng.i64(0..31)));
    let (mother, luca, meals) = (comune.mother, comune.luca, comune.meals);
    let (kind, value) = (rng.u8(0..4), rng.i64(0..500_000));
    comune
        .write(move |tx| {
            match kind {
                0 => {
                    tx.execute(
                        "insert into isee (public_id, child_id, value, kind, protocol, valid_from,
                                           valid_to, source, recorded_at)
                         values (?1, ?2, ?3, 'minorenni', 'INPS-1', ?4, '2026-12-31', 'office', ?5)",
                        (crate::base::PublicId::random()?, luca, value, day, turn),
                    )?;
                }
                1 => {
                    tx.execute(
                        "insert into cancellation (receipt_number, enrolment_id, day, restored, late,
                                                   at, person_id)
                         values ('D-' || ?1, ?2, ?3, ?4, 0, ?1, ?5)",
                        (turn, luca_eats, day, value % 2, mother),
                    )?;
                }
                2 => enrolments::set_end(tx, luca_eats, Some(day))?,
                _ => {
                    let rule = MEALS.replace("4.50", &format!("{}.{:02}", 3 + value % 3, value % 97));
                    tariffs::publish(tx, meals, &rule, day, morning())?;
                }
            }
            Ok(())
        })
        .unwrap();
}

/// Morning of these tests is 3 November.
pub(super) fn hold_until_30_november(comune: &Comune) {
    let rule = "name = \"Prova\"\nhold_bills_until = \"11-30\"\n";
    comune
        .write(move |tx| {
            let system = Actor::System("test");
            isee::record_policy(tx, &system, rule, date(2026, 1, 1), morning())
        })
        .unwrap();
}

pub(super) fn held(comune: &Comune, run: &Run) -> Vec<String> {
    let (run, mother) = (run.clone(), comune.mother);
    let lines = comune
        .store
        .read(|db| lines_of_payer(db, &run, mother))
        .unwrap();
    let until = PeriodFault::Held(date(2026, 11, 30));
    let held = lines.iter().filter(|l| l.fault.as_ref() == Some(&until));
    held.map(|line| line.service.clone()).collect()
}

#[test]
fn what_waits_for_the_new_isee_is_held_until_the_clerk_includes_it() {
    let (comune, _) = open();
    hold_until_30_november(&comune);
    let run = draft(&comune, FROM, TO).unwrap();
    // The bus costs the same for all: only the meals wait.
    assert_eq!(held(&comune, &run).len(), 1);
    let only = |only| {
        let filter = Filter { only, name: "" };
        comune.store.read(|db| payers(db, &run, &filter, 10, 0))
    };
    let found = only(Only::Held).unwrap();
    assert_eq!((found.len(), found[0].held, found[0].faults), (1, 1, 1));
    assert!(publish(&comune, &run, false).is_err());
    publish(&comune, &run, true).unwrap();
    let without_meals = owed(&comune);
    // It comes again in the next draft, and is charged when the clerk wants it.
    let run = draft_with(&comune, FROM, TO, true).unwrap();
    assert_eq!(held(&comune, &run), Vec::<String>::new());
    publish(&comune, &run, false).unwrap();
    assert!(owed(&comune) > without_meals);
    // What was charged is not held afterwards.
    let again = draft(&comune, FROM, TO).unwrap();
    assert_eq!(held(&comune, &again), Vec::<String>::new());
}

#[test]
fn days_of_another_year_do_not_wait() {
    let until = date(2027, 2, 28);
    let (comune, _) = open();
    let rule = "name = \"Prova\"\nhold_bills_until = \"02-28\"\n";
    comune
        .write(move |tx| {
            let system = Actor::System("test");
            isee::record_policy(tx, &system, rule, date(2026, 1, 1), morning())
        })
        .unwrap();
    let on = |day: Date| comune.store.read(|db| held_until(db, day)).unwrap();
    assert_eq!(on(date(2027, 1, 10)), Some(until));
    assert_eq!(on(date(2027, 3, 1)), None);
    let clerk = comune.as_clerk();
    let january = || Instant::from_rome(date(2027, 1, 10).at(8, 0, 0, 0));
    let (run, job) = comune
        .write(move |tx| {
            let new = NewRun::period((FROM, TO), None);
            start_draft(tx, &clerk, &new, january())
        })
        .unwrap();
    jobs::run(&comune.store, job.id, &draft_step, january, |_| {}).unwrap();
    let totals = comune.store.read(|db| totals(db, &run)).unwrap();
    assert_eq!(totals.faults, 0);
    assert!(totals.lines > 0);
}

#[test]
fn each_body_is_asked_for_its_own_part_also_when_the_price_changes() {
    let (comune, _) = open();
    let bus = bus(&comune);
    let rule = "name = \"Trasporto\"\n[[component]]\ncode = \"month\"\nunit = \"month\"\nno_isee = \"30.00\"\nbands = [{ to = \"9000.00\", price = \"20.00\" }, { price = \"30.00\" }]\n[[aid]]\nby = \"Regione\"\npercent = \"50\"\n[[aid]]\nby = \"INPS\"\npercent = \"10\"\nwhen = { isee = \"missing\" }\n";
    comune
        .write(move |tx| {
            tx.execute("delete from enrolment where service_id <> ?1", [bus])?;
            tariffs::publish(tx, bus, rule, date(2026, 9, 1), morning())
        })
        .unwrap();
    let asked = || -> Vec<(String, i64)> {
        let all = comune
            .store
            .read(|db| ledger::aided_by_body(db, FROM, TO))
            .unwrap();
        let mut sums = std::collections::BTreeMap::<String, i64>::new();
        for one in all {
            *sums.entry(one.body.unwrap()).or_default() += one.amount.0;
        }
        sums.into_iter().collect()
    };
    let both =
        |inps: i64, regione: i64| [("INPS".to_owned(), inps), ("Regione".to_owned(), regione)];
    draft_and_publish(&comune);
    assert_eq!(asked(), both(300, 3000));
    assert_eq!(owed(&comune), Cents(2700));
    // Luca's ISEE comes late: INPS owes nothing for him any more, the region less.
    record_isee(&comune, 800_000, "2026-09-01");
    let second = draft_and_publish(&comune);
    assert_eq!(asked(), both(150, 2500));
    assert_eq!(owed(&comune), Cents(1350 + 1000));
    // His enrolment was a mistake: all of it is taken back.
    let luca = comune.luca;
    comune
        .write(move |tx| {
            tx.execute(
                "update enrolment set from_date = '2026-11-01' where child_id = ?1",
                [luca],
            )?;
            Ok(())
        })
        .unwrap();
    assert_ne!(second.id, draft_and_publish(&comune).id);
    assert_eq!(asked(), both(150, 1500));
    let sums = "select (select sum(aided) from charge) - (select sum(case when d.kind = 'aid' then e.amount else -e.amount end)
                from ledger_entry e join account d on d.id = e.debit_id join account c on c.id = e.credit_id
                where 'aid' in (d.kind, c.kind))";
    let left: i64 = comune
        .store
        .read(|db| Ok(db.query_row(sums, [], |row| row.get(0))?))
        .unwrap();
    assert_eq!(left, 0);
}
