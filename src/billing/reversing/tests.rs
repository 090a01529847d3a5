use jiff::civil::date;

use super::{reversal, reverse_charge};
use crate::base::{Actor, Cents, Date, PublicId, Result};
use crate::billing::differences::tests::close;
use crate::billing::tests::*;
use crate::billing::{Kind, totals};
use crate::charging;
use crate::enrolments;
use crate::ledger::{self, NewWriteOff};
use crate::notifications;
use crate::payments::notices::{self, NoticeState};
use crate::plans;
use crate::tariffs;
use crate::testing::{Comune, morning};

const FIFTH: Date = date(2026, 10, 5);

/// The charge of Luca's day.
fn charge_of(comune: &Comune, day: Date) -> PublicId {
    let (meals, luca) = (comune.meals, comune.luca);
    let find = |db: &rusqlite::Connection| {
        let all =
            enrolments::of_service_between(db, meals, (day, day), crate::base::EnrolmentId(0), 10)?;
        let his = all.iter().find(|e| e.child_id == luca).unwrap().id;
        charging::charges_of(db, his, day, day)
    };
    comune.store.read(find).unwrap()[0].public_id.clone()
}

fn give_back(comune: &Comune, charge: &PublicId, reason: &'static str) -> Result<()> {
    let (clerk, mother, charge) = (comune.as_clerk(), comune.mother, charge.clone());
    comune.write(move |tx| reverse_charge(tx, &clerk, mother, &charge, reason, morning()))
}

#[test]
fn a_charged_day_is_given_back_once_and_a_correction_respects_it() {
    let (comune, _) = open();
    close(&comune, &[FIFTH, date(2026, 10, 6)]);
    let charge = charge_of(&comune, FIFTH);
    assert_eq!(refused(give_back(&comune, &charge, " ")), "error-required");
    let (clerk, mother) = (comune.as_clerk(), comune.mother);
    let seen = |db: &rusqlite::Connection| reversal(db, &clerk, mother, &charge);
    assert_eq!(comune.store.read(seen).unwrap().unwrap().amount, Cents(450));
    give_back(&comune, &charge, "Il pasto non è arrivato").unwrap();
    assert_eq!(owed(&comune), Cents(450));
    assert_eq!(
        refused(give_back(&comune, &charge, "di nuovo")),
        "error-charge-reversed"
    );

    let bill = bills(&comune).remove(0);
    assert_eq!((bill.kind, bill.total), (Kind::Reversal, Cents(-450)));
    let lines = |db: &rusqlite::Connection| crate::billing::lines_of_bill(db, &bill);
    let line = comune.store.read(lines).unwrap().remove(0);
    assert_eq!((line.amount, line.before), (Cents(-450), Cents(450)));
    assert_eq!(line.explanation.recompute(), Ok(Cents::ZERO));
    notifications::tick(&comune.store, morning()).unwrap();
    let told = |db: &rusqlite::Connection| -> Result<String> {
        Ok(db.query_row("select body from message", [], |row| row.get(0))?)
    };
    let body = comune.store.read(told).unwrap();
    assert!(
        body.contains("del 05/10/2026") && body.contains("Il pasto non è arrivato"),
        "{body}"
    );

    // The late ISEE changes the other day only.
    record_isee(&comune, 250_000, "2026-01-15");
    draft_and_publish(&comune);
    assert_eq!(owed(&comune), Cents(200 + 4000));
    let again = draft(&comune, FROM, TO).unwrap();
    assert_eq!(comune.store.read(|db| totals(db, &again)).unwrap().lines, 0);
}

#[test]
fn a_day_that_a_correction_has_made_cheaper_gives_back_what_it_cost_in_the_end() {
    let (comune, _) = open();
    close(&comune, &[FIFTH, date(2026, 10, 6)]);
    record_isee(&comune, 250_000, "2026-01-15");
    draft_and_publish(&comune);
    assert_eq!(owed(&comune), Cents(400 + 4000));
    let charge = charge_of(&comune, FIFTH);
    give_back(&comune, &charge, "Errore del registro").unwrap();
    assert_eq!(owed(&comune), Cents(200 + 4000));
    let run = draft(&comune, FROM, TO).unwrap();
    assert_eq!(comune.store.read(|db| totals(db, &run)).unwrap().lines, 0);
}

#[test]
fn a_day_of_an_open_draft_and_one_of_somebody_else_stay() {
    let (comune, _) = open();
    close(&comune, &[FIFTH]);
    let charge = charge_of(&comune, FIFTH);
    let (clerk, sara, other) = (comune.as_clerk(), comune.sara, charge.clone());
    let found = comune.write(move |tx| reverse_charge(tx, &clerk, sara, &other, "x", morning()));
    assert!(matches!(found, Err(crate::base::Error::NotFound)));
    let mother = Actor::Citizen(comune.mother);
    let id = comune.mother;
    let theirs = charge.clone();
    let found = comune.write(move |tx| reverse_charge(tx, &mother, id, &theirs, "x", morning()));
    assert!(matches!(found, Err(crate::base::Error::Forbidden)));
    draft(&comune, FROM, TO).unwrap();
    assert_eq!(
        refused(give_back(&comune, &charge, "x")),
        "error-charge-in-open-run"
    );
}

fn asked(comune: &Comune) -> Vec<Cents> {
    let mother = comune.mother;
    let open = |db: &rusqlite::Connection| notices::open_of_person(db, mother);
    let open = comune.store.read(open).unwrap();
    open.iter().map(|notice| notice.amount).collect()
}

#[test]
fn a_correction_that_gives_back_lowers_the_notice_of_the_bill() {
    let (comune, luca_eats) = open();
    draft_and_publish(&comune);
    assert_eq!(asked(&comune), [Cents(22 * 450 + 4000)]);
    record_isee(&comune, 250_000, "2026-01-15");
    draft_and_publish(&comune);
    assert_eq!(asked(&comune), [Cents(22 * 200 + 4000)]);
    let mother = mother(&comune);
    let open = |db: &rusqlite::Connection| notices::open_notices(db, &mother);
    let notice = comune.store.read(open).unwrap().remove(0);
    assert_eq!(notice.due_date, Some(DUE), "the same last day");
    assert_eq!(bills(&comune)[1].notice_state, Some(NoticeState::Cancelled));
    // Nothing is left of the meals.
    comune
        .write(move |tx| enrolments::set_end(tx, luca_eats, Some(date(2026, 9, 30))))
        .unwrap();
    draft_and_publish(&comune);
    assert_eq!(asked(&comune), [Cents(4000)]);
    assert_eq!(owed(&comune), Cents(4000));
}

#[test]
fn a_debt_that_is_given_up_is_asked_for_no_more_and_a_top_up_stays() {
    let (comune, _) = open();
    draft_and_publish(&comune);
    let (clerk, mother) = (comune.as_clerk(), comune.mother);
    let all = |db: &rusqlite::Connection| ledger::accounts_of_person(db, mother);
    let all = comune.store.read(all).unwrap();
    let meals = all.iter().find(|a| a.service_id == comune.meals).unwrap();
    let (account, public) = (meals.id, meals.public_id.clone());
    comune
        .write(move |tx| {
            let actor = Actor::Citizen(mother);
            notices::create(tx, &actor, &public, Cents(20_000), None, morning())?;
            let new = NewWriteOff {
                account,
                amount: Cents(5_000),
                day: date(2026, 11, 3),
                reason: "x",
            };
            ledger::write_off(tx, &clerk, &new, morning())?;
            plans::lower_credited(tx, mother, &[(account, Cents(5_000))], morning())
        })
        .unwrap();
    assert_eq!(
        asked(&comune),
        [Cents(22 * 450 + 4000 - 5000), Cents(20_000)]
    );
}

#[test]
fn a_payer_whose_bill_fails_stands_in_no_other_way() {
    let (comune, _) = open();
    let mother = comune.mother;
    comune
        .write(move |tx| {
            tx.execute_batch(&format!(
                "create trigger wrong before insert on bill when new.payer_id = {}
                 begin select raise(abort, 'wrong'); end",
                mother.0
            ))?;
            Ok(())
        })
        .unwrap();
    let run = draft(&comune, FROM, TO).unwrap();
    publish(&comune, &run, false).unwrap();
    let run = comune
        .store
        .read(|db| crate::billing::run(db, &run.public_id))
        .unwrap();
    assert_eq!(run.state, crate::billing::RunState::Published);
    assert_eq!((run.lines, run.faults, run.total), (3, 3, Cents::ZERO));
    assert_eq!(
        comune
            .store
            .read(|db| crate::billing::not_issued(db, &run))
            .unwrap(),
        1
    );
    assert_eq!(owed(&comune), Cents::ZERO);
    comune
        .write(|tx| Ok(tx.execute_batch("drop trigger wrong")?))
        .unwrap();
    draft_and_publish(&comune);
    assert_eq!(owed(&comune), Cents(22 * 450 + 4000), "they come again");
}

fn siblings_cover(comune: &Comune) {
    let rule = "name = \"Prova\"\n[credit]\nsiblings_cover = true\n";
    let clerk = comune.as_clerk();
    comune
        .write(move |tx| {
            let kind = crate::refunds::PolicyKind::Dunning;
            crate::refunds::publish(tx, &clerk, kind, rule, morning())
        })
        .unwrap();
}

#[test]
fn what_a_bill_gives_back_for_one_child_covers_the_other_where_the_comune_says_so() {
    for covers in [false, true] {
        let (comune, luca_eats) = open();
        // September's meals were paid, and are given back; October has two children on the bus.
        let run = draft(&comune, date(2026, 9, 15), date(2026, 9, 30)).unwrap();
        publish(&comune, &run, false).unwrap();
        let (mother, luca, meals) = (comune.mother, comune.luca, comune.meals);
        comune
            .write(move |tx| {
                let account = ledger::family_account(tx, mother, luca, meals)?;
                let paid = crate::payments::receipts::ImportedPayment {
                    payer: mother,
                    child: luca,
                    service: meals,
                    amount: -ledger::balance(tx, account)?,
                    paid_at: morning(),
                    means: "carta",
                    reference: "",
                    more: crate::payments::receipts::MoreOfPayment::default(),
                };
                crate::payments::receipts::record_imported_payment(tx, &paid, morning())?;
                tx.execute("update payment_notice set state = 'paid'", [])?;
                enrolments::set_end(tx, luca_eats, Some(date(2026, 9, 21)))
            })
            .unwrap();
        if covers {
            siblings_cover(&comune);
        }
        let run = draft(&comune, date(2026, 9, 15), TO).unwrap();
        publish(&comune, &run, false).unwrap();
        // 5 of 12 meals stay: 7 are given back.
        let bill = bills(&comune).remove(0);
        assert_eq!(bill.total, Cents(4000 - 7 * 450));
        let due = if covers { 4000 - 7 * 450 } else { 4000 };
        assert_eq!(bill.due, Cents(due));
        assert_eq!(asked(&comune), [Cents(due)]);
        assert_eq!(owed(&comune), Cents(4000 - 7 * 450));
    }
}

#[test]
fn what_another_body_pays_of_a_day_is_given_back_with_it() {
    let (comune, _) = open();
    let meals = comune.meals;
    let rule = "name = \"Mensa\"\n[[component]]\ncode = \"meal\"\nunit = \"meal\"\nprice = \"5.00\"\n\
                [[aid]]\nby = \"Servizi sociali\"\npercent = \"100\"\n";
    comune
        .write(move |tx| tariffs::publish(tx, meals, rule, date(2026, 9, 1), morning()))
        .unwrap();
    close(&comune, &[FIFTH]);
    let asked = || -> Vec<Cents> {
        let read = |db: &rusqlite::Connection| ledger::aided_by_body(db, FIFTH, FIFTH);
        let all = comune.store.read(read).unwrap();
        all.into_iter().map(|one| one.amount).collect()
    };
    assert_eq!(asked(), [Cents(500)]);
    give_back(
        &comune,
        &charge_of(&comune, FIFTH),
        "Il pasto non è arrivato",
    )
    .unwrap();
    assert_eq!(asked().into_iter().sum::<Cents>(), Cents::ZERO);
    assert_eq!(owed(&comune), Cents::ZERO);
}
