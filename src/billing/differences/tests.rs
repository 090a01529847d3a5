use jiff::civil::date;

use crate::base::{Cents, Date, EnrolmentId, Instant, PersonId, PublicId, Result, ServiceId};
use crate::billing::tests::*;
use crate::billing::{Run, bills_of_person, discard, lines_of_bill, lines_of_payer, totals};
use crate::charging::{self, PeriodFault};
use crate::enrolments::{self, NewEnrolment};
use crate::ledger;
use crate::people::{self, FiscalCode};
use crate::tariffs;
use crate::testing::{Comune, morning, new_person};

const FIRST_HALF: (Date, Date) = (FROM, date(2026, 10, 15));
const SECOND_HALF: (Date, Date) = (date(2026, 10, 16), TO);

fn lines(comune: &Comune, run: &Run) -> i64 {
    comune.store.read(|db| totals(db, run)).unwrap().lines
}

/// Drafts a period and says what stands in it: amounts, and how many have no price.
fn drafted(comune: &Comune, (from, to): (Date, Date)) -> (Run, Vec<Cents>, i64) {
    let run = draft(comune, from, to).unwrap();
    let payer = comune.mother;
    let found = comune
        .store
        .read(|db| Ok((lines_of_payer(db, &run, payer)?, totals(db, &run)?.faults)))
        .unwrap();
    let amounts = found.0.iter().map(|line| line.amount).collect();
    (run, amounts, found.1)
}

#[test]
fn a_month_that_was_billed_in_two_halves_is_no_difference() {
    let (comune, _) = open();
    for (from, to) in [FIRST_HALF, SECOND_HALF] {
        let run = draft(&comune, from, to).unwrap();
        publish(&comune, &run, false).unwrap();
    }
    let owed_before = owed(&comune);
    assert_eq!(owed_before, Cents(22 * 450 + 2 * 2000));
    let run = draft(&comune, FROM, TO).unwrap();
    assert_eq!(lines(&comune, &run), 0);
    drop_draft(&comune, &run);
    // Where something differs, one line says what, for all days.
    record_isee(&comune, 250_000, "2026-01-15");
    let (run, amounts, _) = drafted(&comune, (FROM, TO));
    assert_eq!(amounts, [Cents(-22 * 250)]);
    publish(&comune, &run, false).unwrap();
    assert_eq!(owed(&comune), Cents(22 * 200 + 2 * 2000));
}

#[test]
fn an_isee_in_the_middle_of_a_month_that_costs_the_same_is_no_difference() {
    let (comune, _) = open();
    record_isee_at(&comune, 400_000, "2026-01-15", Instant(1));
    draft_and_publish(&comune);
    record_isee_at(&comune, 410_000, "2026-10-12", Instant(2));
    let run = draft(&comune, FROM, TO).unwrap();
    assert_eq!(lines(&comune, &run), 0);
}

#[test]
fn days_that_were_billed_are_not_held_when_an_isee_cuts_their_month() {
    let (comune, _) = open();
    hold_until_30_november(&comune);
    let run = draft_with(&comune, FROM, TO, true).unwrap();
    publish(&comune, &run, false).unwrap();
    record_isee(&comune, 250_000, "2026-10-12");
    let run = draft(&comune, FROM, TO).unwrap();
    assert_eq!(held(&comune, &run), Vec::<String>::new());
    publish(&comune, &run, false).unwrap();
    assert_eq!(owed(&comune), Cents(7 * 450 + 15 * 200 + 2 * 2000));
}

#[test]
fn days_stay_as_they_were_charged_while_one_of_them_has_no_price() {
    let (comune, _) = open();
    draft_and_publish(&comune);
    let owed_before = owed(&comune);
    let table = "name = \"x\"\n[[component]]\ncode = \"m\"\nunit = \"meal\"\nby = \"grade\"\nis = { infanzia = \"3.00\" }\n";
    let meals = comune.meals;
    comune
        .write(move |tx| tariffs::publish(tx, meals, table, date(2026, 10, 12), morning()))
        .unwrap();
    let (run, amounts, faults) = drafted(&comune, (FROM, TO));
    assert_eq!((amounts.len(), faults), (1, 1), "the fault is shown");
    assert_eq!(refused(publish(&comune, &run, true)), "error-bill-nothing");
    assert_eq!(owed(&comune), owed_before);
    drop_draft(&comune, &run);
    let rule = MEALS.replace("4.50", "5.00");
    comune
        .write(move |tx| tariffs::publish(tx, meals, &rule, date(2026, 10, 12), morning()))
        .unwrap();
    let (run, amounts, _) = drafted(&comune, (FROM, TO));
    assert_eq!(amounts.iter().copied().sum::<Cents>(), Cents(15 * 50));
    publish(&comune, &run, false).unwrap();
    assert_eq!(owed(&comune), owed_before + Cents(15 * 50));
}

/// A second adult, who pays for nothing yet.
fn father(comune: &Comune) -> PersonId {
    comune
        .write(|tx| {
            let place = people::BelfioreCode::parse("A562").unwrap();
            let born = date(1980, 1, 1);
            let code = FiscalCode::compute("Verdi", "Giuseppe", people::Sex::M, born, place);
            let person = new_person(code.as_str(), "Verdi", "Giuseppe");
            people::add_person(tx, &person, morning())
        })
        .unwrap()
}

fn enrol(
    comune: &Comune,
    (child, payer): (PersonId, PersonId),
    service: ServiceId,
    from: Date,
) -> EnrolmentId {
    let class = comune.class;
    comune
        .write(move |tx| {
            let new = NewEnrolment {
                child,
                payer,
                service,
                class,
                from,
                to: None,
                application: None,
            };
            enrolments::enrol(tx, &new, morning())
        })
        .unwrap()
}

/// What a payer owes on all accounts.
fn owed_by(comune: &Comune, payer: PersonId) -> Cents {
    let all = |db: &rusqlite::Connection| ledger::accounts_of_person(db, payer);
    let all = comune.store.read(all).unwrap();
    all.iter().map(|account| -account.balance).sum()
}

#[test]
fn who_pays_from_the_middle_of_a_month_pays_from_there() {
    let (comune, luca_eats) = open();
    draft_and_publish(&comune);
    let father = father(&comune);
    comune
        .write(move |tx| enrolments::set_end(tx, luca_eats, Some(date(2026, 10, 14))))
        .unwrap();
    let from = date(2026, 10, 15);
    enrol(&comune, (comune.luca, father), comune.meals, from);
    let run = draft(&comune, FROM, TO).unwrap();
    publish(&comune, &run, false).unwrap();
    assert_eq!(owed(&comune), Cents(10 * 450 + 2 * 2000));
    assert_eq!(owed_by(&comune, father), Cents(12 * 450));
    let again = draft(&comune, FROM, TO).unwrap();
    assert_eq!(lines(&comune, &again), 0);
}

#[test]
fn a_closure_that_was_recorded_after_the_day_was_closed_gives_it_back() {
    let (comune, _) = open();
    let days = [date(2026, 10, 5), date(2026, 10, 6), date(2026, 10, 7)];
    close(&comune, &days);
    assert_eq!(owed(&comune), Cents(3 * 450));
    let meals = comune.meals;
    comune
        .write(move |tx| close_school(tx, meals, date(2026, 10, 6)))
        .unwrap();
    draft_and_publish(&comune);
    assert_eq!(owed(&comune), Cents(2 * 450 + 2 * 2000));
    let again = draft(&comune, FROM, TO).unwrap();
    assert_eq!(lines(&comune, &again), 0, "once");
}

#[test]
fn closed_days_after_a_child_had_left_are_given_back() {
    let (comune, luca_eats) = open();
    close(&comune, &[date(2026, 10, 5), date(2026, 10, 6)]);
    comune
        .write(move |tx| enrolments::set_end(tx, luca_eats, Some(date(2026, 9, 30))))
        .unwrap();
    draft_and_publish(&comune);
    assert_eq!(owed(&comune), Cents(2 * 2000));
}

fn close_school(tx: &rusqlite::Transaction<'_>, service: ServiceId, day: Date) -> Result<()> {
    tx.execute(
        "insert into closure (service_id, school_id, day, reason, created_at)
         values (?1, null, ?2, 'sciopero', 1)",
        (service, day),
    )?;
    Ok(())
}

/// Several families, prepaid and postpaid services, runs over half months and whole ones: in whatever
/// order, at the end everybody was charged what the rule says now, and again changes nothing.
#[test]
fn whatever_happens_to_several_families_the_last_run_makes_it_right() {
    for seed in 0..6 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let (comune, luca_eats) = open();
        let father = father(&comune);
        let nido = service(&comune, "nido");
        let rule = "name = \"Nido\"\n[[component]]\ncode = \"day\"\nunit = \"meal\"\nno_isee = \"9.00\"\nbands = [{ to = \"3000.00\", price = \"5.00\" }, { price = \"7.00\" }]\n[[component]]\ncode = \"fee\"\nunit = \"month\"\nprice = \"50.00\"\n";
        comune
            .write(move |tx| {
                tx.execute(
                    "update service set billing = 'prepaid' where id = ?1",
                    [nido],
                )?;
                tariffs::publish(tx, nido, rule, date(2026, 9, 1), morning())
            })
            .unwrap();
        let sara_stays = enrol(&comune, (comune.sara, father), nido, FROM);
        enrol(&comune, (comune.sara, father), comune.meals, FROM);
        let clerk = comune.as_clerk();
        let mut closed = Vec::new();
        for day in [1, 5, 6, 14, 20, 27, 30] {
            let day = date(2026, 10, day);
            charging::close_day(&comune.store, &clerk, nido, day, morning(), |_| {}).unwrap();
            closed.push(day);
        }
        let mut open_days = closed;
        for turn in 0..6 {
            happens(
                &comune,
                (luca_eats, sara_stays, nido),
                turn,
                &mut open_days,
                &mut rng,
            );
            let periods = [FIRST_HALF, SECOND_HALF, (FROM, TO)];
            run_once(&comune, father, *rng.choice(&periods).unwrap());
        }
        // All is mended, and nothing waits any more.
        let meals = comune.meals;
        comune
            .write(move |tx| {
                for day in FROM.series(jiff::Span::new().days(1)).take(31) {
                    tariffs::publish(tx, meals, MEALS, day, morning())?;
                }
                let system = crate::base::Actor::System("test");
                let none = "name = \"Prova\"\n";
                crate::isee::record_policy(tx, &system, none, date(2026, 1, 1), morning())
            })
            .unwrap();
        run_once(&comune, father, (FROM, TO));
        let again = draft(&comune, FROM, TO).unwrap();
        assert_eq!(
            lines(&comune, &again),
            0,
            "seed {seed}: again changes nothing"
        );
        drop_draft(&comune, &again);
        assert_eq!(
            owed(&comune) + owed_by(&comune, father),
            costs(&comune, sara_stays, &open_days),
            "seed {seed}"
        );
    }
}

fn service(comune: &Comune, code: &'static str) -> ServiceId {
    let found = |db: &rusqlite::Connection| crate::municipality::service_by_code(db, code);
    comune.store.read(found).unwrap().unwrap().id
}

/// Drafts and publishes what can be; the lines are the bills.
fn run_once(comune: &Comune, father: PersonId, (from, to): (Date, Date)) {
    // Halves of a month that was billed whole are refused.
    let Ok(run) = draft(comune, from, to) else {
        return;
    };
    let found = comune.store.read(|db| totals(db, &run)).unwrap();
    if found.lines == found.faults {
        return drop_draft(comune, &run);
    }
    publish(comune, &run, found.faults > 0).unwrap();
    for payer in [comune.mother, father] {
        let bills = |db: &rusqlite::Connection| bills_of_person(db, payer, 100);
        for bill in comune.store.read(bills).unwrap() {
            let of = |db: &rusqlite::Connection| lines_of_bill(db, &bill);
            let sum: Cents = comune
                .store
                .read(of)
                .unwrap()
                .iter()
                .map(|l| l.amount)
                .sum();
            assert_eq!(sum, bill.total);
        }
    }
}

/// What everything costs now: bills' lines by the period's prices, the nido's closed days one by one.
fn costs(comune: &Comune, stays: EnrolmentId, closed: &[Date]) -> Cents {
    let all = |db: &rusqlite::Connection| {
        let mut sum = Cents::ZERO;
        for service in crate::municipality::services(db)? {
            let (_, prices) =
                charging::price_period(db, &service, None, (FROM, TO), EnrolmentId(0), 100)?;
            let amounts = prices
                .iter()
                .filter(|p| p.charged.is_none())
                .map(|p| p.price.as_ref().unwrap().explanation.amount);
            sum += amounts.sum();
        }
        let stays = enrolments::enrolment(db, stays)?;
        for day in closed.iter().filter(|day| stays.holds_on(**day)) {
            let isee = crate::isee::isee_of_each(db, &[stays.child_id], *day)?;
            let value = isee.get(&stays.child_id).map(|isee| isee.value);
            sum += match value {
                None => Cents(900),
                Some(value) if value <= Cents(300_000) => Cents(500),
                Some(_) => Cents(700),
            };
        }
        Ok(sum)
    };
    comune.store.read(all).unwrap()
}

fn happens(
    comune: &Comune,
    (luca_eats, sara_stays, nido): (EnrolmentId, EnrolmentId, ServiceId),
    turn: i64,
    closed: &mut Vec<Date>,
    rng: &mut fastrand::Rng,
) {
    let day = FROM.saturating_add(jiff::Span::new().days(rng.i64(0..31)));
    let (luca, sara, mother, meals) = (comune.luca, comune.sara, comune.mother, comune.meals);
    let (kind, value, which) = (rng.u8(0..7), rng.i64(0..500_000), rng.bool());
    let closes = rng.choice(closed.iter().copied());
    match kind {
        0 | 1 => comune.write(move |tx| {
            let child = if which { luca } else { sara };
            tx.execute(
                "insert into isee (public_id, child_id, value, kind, protocol, valid_from, valid_to,
                                   source, recorded_at)
                 values (?1, ?2, ?3, 'minorenni', 'INPS-1', ?4, '2026-12-31', 'office', ?5)",
                (PublicId::random()?, child, value, day, turn),
            )?;
            Ok(())
        }),
        2 => comune.write(move |tx| {
            tx.execute(
                "insert into cancellation (receipt_number, enrolment_id, day, restored, late, at,
                                           person_id)
                 values ('D-' || ?1, ?2, ?3, 0, 0, ?1, ?4)",
                (turn, luca_eats, day, mother),
            )?;
            Ok(())
        }),
        3 => comune.write(move |tx| {
            let of = if which { luca_eats } else { sara_stays };
            enrolments::set_end(tx, of, Some(day))
        }),
        4 => comune.write(move |tx| {
            // Some have no price.
            let rule = match which {
                true => MEALS.replace("4.50", "4.70"),
                false => "name = \"x\"\n[[component]]\ncode = \"m\"\nunit = \"meal\"\nby = \"grade\"\nis = { infanzia = \"3.00\" }\n".to_owned(),
            };
            tariffs::publish(tx, meals, &rule, day, morning())?;
            Ok(())
        }),
        5 => {
            hold_until_30_november(comune);
            Ok(())
        }
        _ => {
            closed.retain(|day| Some(*day) != closes);
            comune.write(move |tx| match closes {
                Some(day) => close_school(tx, nido, day),
                None => Ok(()),
            })
        }
    }
    .unwrap();
}

/// Luca's meals are prepaid, and some of their days are closed.
pub(in crate::billing) fn close(comune: &Comune, days: &[Date]) {
    comune
        .write(|tx| {
            let sql = "update service set billing = 'prepaid' where code = 'mensa'";
            Ok(tx.execute(sql, [])?)
        })
        .unwrap();
    let clerk = comune.as_clerk();
    for day in days {
        charging::close_day(&comune.store, &clerk, comune.meals, *day, morning(), |_| {}).unwrap();
    }
}

#[test]
fn a_held_day_waits_and_the_days_that_were_billed_beside_it_do_not() {
    let (comune, _) = open();
    hold_until_30_november(&comune);
    record_isee(&comune, 250_000, "2026-10-12");
    let run = draft(&comune, FROM, TO).unwrap();
    assert_eq!(held(&comune, &run).len(), 1);
    publish(&comune, &run, true).unwrap();
    assert_eq!(owed(&comune), Cents(15 * 200 + 2 * 2000));
    let again = draft(&comune, FROM, TO).unwrap();
    let found = comune.store.read(|db| totals(db, &again)).unwrap();
    assert_eq!((found.lines, found.faults), (1, 1), "only what waits");
    let until = PeriodFault::Held(date(2026, 11, 30));
    assert!(until.text().key.contains("held"));
    let (clerk, id) = (comune.as_clerk(), again.public_id);
    comune
        .write(move |tx| discard(tx, &clerk, &id, morning()))
        .unwrap();
}

#[test]
fn what_a_late_isee_changes_is_billed_by_itself_where_the_comune_says_so() {
    let (comune, _) = open();
    draft_and_publish(&comune);
    let after = |millis| morning().plus_millis(millis);
    record_isee_at(&comune, 250_000, "2026-01-15", after(1000));
    let post = || crate::processes::late_isee::post(&comune.store, after(2000)).unwrap();
    assert!(!post(), "the default is to wait");
    let rule = "name = \"Prova\"\nlate = \"post\"\nlate_due_days = 20\n";
    comune
        .write(move |tx| {
            let system = crate::base::Actor::System("test");
            crate::isee::record_policy(tx, &system, rule, date(2026, 1, 1), morning())
        })
        .unwrap();
    let open_draft = draft(&comune, FROM, TO).unwrap();
    assert!(!post(), "a clerk's run is waited for");
    drop_draft(&comune, &open_draft);
    assert!(post());
    assert_eq!(owed(&comune), Cents(22 * 200 + 2 * 2000));
    assert!(!post(), "once");
    let bill = bills(&comune).remove(0);
    assert_eq!(
        (bill.kind, bill.total),
        (crate::billing::Kind::Children, Cents(-22 * 250))
    );
    assert_eq!(bill.due_date, Some(date(2026, 11, 23)));
    let again = draft_at(&comune, (FROM, TO), false, after(3000)).unwrap();
    assert_eq!(lines(&comune, &again), 0);
}

#[test]
fn a_draft_that_is_older_than_a_tariff_says_so_until_it_is_made_again() {
    let (comune, _) = open();
    let run = draft(&comune, FROM, TO).unwrap();
    let older = |run: &Run| {
        let found = |db: &rusqlite::Connection| crate::billing::changed_since(db, run);
        comune.store.read(found).unwrap()
    };
    assert_eq!(older(&run), []);
    let (meals, later) = (comune.meals, morning().plus_millis(1000));
    comune
        .write(move |tx| tariffs::publish(tx, meals, MEALS, date(2026, 10, 12), later))
        .unwrap();
    record_isee_at(&comune, 250_000, "2026-01-15", later);
    use crate::billing::Changed;
    assert_eq!(older(&run), [Changed::Tariffs, Changed::Isees]);
    let (clerk, id) = (comune.as_clerk(), run.public_id.clone());
    let (again, _) = comune
        .write(move |tx| crate::billing::draft_again(tx, &clerk, &id, later))
        .unwrap();
    assert_eq!((again.from, again.to), (FROM, TO));
    assert_eq!(older(&again), []);
}

#[test]
fn who_was_billed_the_last_time_and_is_missing_now_is_shown() {
    use crate::billing::{Filter, Only, payers};
    let (comune, luca_eats) = open();
    let run = draft(&comune, date(2026, 9, 15), date(2026, 9, 30)).unwrap();
    publish(&comune, &run, false).unwrap();
    comune
        .write(move |tx| {
            tx.execute("delete from enrolment where id <> ?1", [luca_eats])?;
            enrolments::set_end(tx, luca_eats, Some(date(2026, 9, 30)))
        })
        .unwrap();
    let run = draft(&comune, FROM, TO).unwrap();
    let filter = Filter {
        only: Only::Gone,
        name: "",
    };
    let found = |db: &rusqlite::Connection| payers(db, &run, &filter, 10, 0);
    let gone = comune.store.read(found).unwrap();
    assert_eq!((gone.len(), gone[0].lines), (1, 0));
    assert_eq!(gone[0].last, Some(Cents(12 * 450)));
}
