use jiff::civil::date;

use super::*;
use crate::base::{Actor, Cents, Date, Error, Role, StaffActor};
use crate::charging::{self, ChargedWhen};
use crate::enrolments::{self, NewEnrolment};
use crate::ledger;
use crate::store::SealingKey;
use crate::tariffs;
use crate::testing::{Comune, morning};

/// Luca eats for a price that his place as a first child lowers by a fifth.
const RULE: &str = r#"
    name = "Mensa"
    [[component]]
    code = "meal"
    unit = "meal"
    no_isee = "4.50"
    bands = [{ to = "3000.00", price = "0.00" }, { to = "11000.00", price = "3.05" }, { price = "4.50" }]
    [[modifier]]
    label = "Residenti"
    percent = "-20"
    when = { resident = true }
"#;

const FROM: Date = date(2026, 9, 1);
const TO: Date = date(2027, 8, 31);

fn accountant(comune: &Comune) -> Actor {
    Actor::Staff(StaffActor {
        id: comune.clerk.id,
        roles: vec![Role::Accountant],
    })
}

/// A comune where Luca has eaten on two days.
fn open() -> Comune {
    let comune = Comune::new();
    let (mother, luca, meals, class) = (comune.mother, comune.luca, comune.meals, comune.class);
    comune
        .write(move |tx| {
            tariffs::publish(tx, meals, RULE, FROM, morning())?;
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
    for day in [date(2026, 10, 29), date(2026, 11, 2)] {
        let clerk = comune.as_clerk();
        charging::close_day(&comune.store, &clerk, comune.meals, day, morning(), |_| {}).unwrap();
    }
    comune
}

const ALL: ChargedWhen = ChargedWhen {
    from: FROM,
    to: TO,
    service: None,
    school: None,
};

#[test]
fn the_sums_of_every_report_are_those_of_the_ledger() {
    let comune = open();
    let posted: Cents = comune
        .store
        .read(|db| {
            let sql = "select sum(amount) from ledger_entry where cause = 'charge'";
            Ok(db.query_row(sql, [], |row| row.get(0))?)
        })
        .unwrap();
    assert_eq!(posted, Cents(720), "twice 4,50 less a fifth");
    let (flows, bands, schools) = comune
        .store
        .read(|db| {
            let flows = ledger::flows(db, FROM, TO)?;
            Ok((flows, by_band(db, &ALL)?, by_school(db, &ALL)?))
        })
        .unwrap();
    let months: Vec<_> = flows
        .iter()
        .map(|flow| (flow.month.as_str(), flow.charged))
        .collect();
    assert_eq!(months, [("2026-10", Cents(360)), ("2026-11", Cents(360))]);
    let band = bands.get(&(comune.meals, BandKey::NoIsee)).unwrap();
    assert_eq!((bands.len(), band.amount, band.charges), (1, posted, 2));
    assert_eq!(band.children.len(), 1);
    let school = schools.get(&(comune.school, comune.meals)).unwrap();
    assert_eq!((schools.len(), school.amount), (1, posted));
}

#[test]
fn a_transfer_between_services_and_its_reversal_move_what_each_shows() {
    let comune = open();
    let (mother, luca, meals) = (comune.mother, comune.luca, comune.meals);
    let clerk = comune.as_clerk();
    let nido: ServiceId = comune
        .store
        .read(|db| Ok(municipality::service_by_code(db, "nido")?.unwrap().id))
        .unwrap();
    let balances = comune
        .write(move |tx| {
            let from = ledger::family_account(tx, mother, luca, meals)?;
            let to = ledger::family_account(tx, mother, luca, nido)?;
            let pagopa = ledger::pagopa_account(tx)?;
            let entry = ledger::NewEntry {
                day: date(2026, 10, 1),
                debit: pagopa,
                credit: from,
                amount: Cents(5_000),
                cause: ledger::Cause::Receipt(crate::base::ReceiptId(1)),
            };
            ledger::post(tx, &entry, morning())?;
            let new = ledger::NewTransfer {
                from,
                to,
                amount: Cents(1_000),
                day: date(2026, 11, 3),
                reason: "spostato",
            };
            ledger::transfer(tx, &clerk, &new, morning())?;
            let half = ledger::NewTransfer {
                amount: Cents(300),
                ..new
            };
            let undone = ledger::transfer(tx, &clerk, &half, morning())?;
            let entry = ledger::entry_of(tx, ledger::Cause::Transfer(undone))?.unwrap();
            ledger::reverse(tx, &clerk, entry, "errore", date(2026, 11, 3), morning())?;
            Ok([
                (meals, ledger::balance(tx, from)?),
                (nido, ledger::balance(tx, to)?),
            ])
        })
        .unwrap();
    let flows = comune.store.read(|db| ledger::flows(db, FROM, TO)).unwrap();
    for (service, balance) in balances {
        let of = flows.iter().filter(|flow| flow.service == service);
        let grown: Cents = of.map(|flow| flow.paid + flow.other - flow.charged).sum();
        assert_eq!(grown, balance);
    }
    let takings = comune
        .store
        .read(|db| ledger::takings(db, FROM, TO))
        .unwrap();
    assert_eq!(takings.len(), 1);
    assert_eq!(
        (takings[0].service, takings[0].amount),
        (meals, Cents(5_000))
    );
    // As a payment it is the other service's: in what was paid, and in the register from that day.
    let clerk = comune.as_clerk();
    comune
        .write(move |tx| {
            let new = ledger::NewTransfer {
                from: ledger::family_account(tx, mother, luca, meals)?,
                to: ledger::family_account(tx, mother, luca, nido)?,
                amount: Cents(700),
                day: date(2026, 11, 3),
                reason: "era per il nido",
            };
            ledger::move_payment(tx, &clerk, &new, morning())
        })
        .unwrap();
    let takings = comune
        .store
        .read(|db| ledger::takings(db, FROM, TO))
        .unwrap();
    let told: Vec<_> = takings
        .iter()
        .map(|taking| (taking.service, taking.payments, taking.amount))
        .collect();
    let moved = [(meals, 0, Cents(-700)), (nido, 0, Cents(700))];
    assert_eq!(told[0], (meals, 1, Cents(5_000)));
    assert!(moved.iter().all(|one| told.contains(one)), "{told:?}");
    let flows = comune.store.read(|db| ledger::flows(db, FROM, TO)).unwrap();
    let paid: Vec<_> = flows.iter().filter(|flow| flow.service == nido).collect();
    assert_eq!(paid.iter().map(|flow| flow.paid).sum::<Cents>(), Cents(700));
}

#[test]
fn a_reduction_stands_under_its_reason_with_what_it_took_off() {
    let comune = open();
    let found = comune.store.read(|db| reductions(db, &ALL)).unwrap();
    let reduced = found.get(&(comune.meals, "Residenti".to_owned())).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((reduced.taken_off, reduced.free), (Cents(180), 0));
    assert_eq!(reduced.share.amount, Cents(720));
}

#[test]
fn a_debt_without_notice_is_found_until_a_notice_covers_it() {
    let comune = open();
    let today = date(2026, 11, 3);
    let missing = || {
        let found = comune
            .store
            .read(|db| debts_without_notice(db, today))
            .unwrap();
        found.iter().map(|one| one.missing).sum::<Cents>()
    };
    assert_eq!(missing(), Cents(720));
    let (mother, luca, meals) = (comune.mother, comune.luca, comune.meals);
    comune
        .write(move |tx| {
            let account = ledger::family_account(tx, mother, luca, meals)?;
            let shares = [crate::payments::Share {
                account,
                amount: Cents(700),
            }];
            crate::payments::create_shared(tx, mother, &shares, "Mensa", None, morning())
        })
        .unwrap();
    assert_eq!(missing(), Cents(20));
}

#[test]
fn tax_is_split_out_of_the_gross_half_up() {
    let four = VatRate::parse("4").unwrap();
    for (gross, tax) in [
        (10_400, 400),
        (520, 20),
        (13, 1),
        (12, 0),
        (0, 0),
        (-520, -20),
    ] {
        assert_eq!(four.within(Cents(gross)), Cents(tax), "{gross}");
    }
    assert_eq!(VatRate::parse("4,5 %").unwrap().to_string(), "4,50\u{a0}%");
    assert_eq!(four.to_string(), "4\u{a0}%");
    for wrong in ["", "0", "100", "-4", "quattro"] {
        assert!(VatRate::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn takings_are_taxed_from_the_day_on_which_a_rate_holds() {
    let comune = open();
    let (mother, luca, meals) = (comune.mother, comune.luca, comune.meals);
    let actor = accountant(&comune);
    comune
        .write(move |tx| {
            let (pagopa, account) = (
                ledger::pagopa_account(tx)?,
                ledger::family_account(tx, mother, luca, meals)?,
            );
            for (id, day, amount) in [(1, 1, 1_040), (2, 5, 520), (3, 5, 13), (4, 9, 700)] {
                let entry = ledger::NewEntry {
                    day: date(2026, 10, day),
                    debit: pagopa,
                    credit: account,
                    amount: Cents(amount),
                    cause: ledger::Cause::Receipt(crate::base::ReceiptId(id)),
                };
                ledger::post(tx, &entry, morning())?;
            }
            let set = |day, rate: Option<&str>| {
                let rate = rate.map(VatRate::parse).transpose()?;
                let new = NewVat {
                    service: meals,
                    from: date(2026, 10, day),
                    rate,
                    note: "prova",
                };
                record_vat(tx, &actor, &new, morning())
            };
            set(2, Some("10"))?;
            set(2, Some("4"))?;
            set(6, None)
        })
        .unwrap();
    let lines = comune.store.read(|db| vat_register(db, FROM, TO)).unwrap();
    let told: Vec<_> = lines
        .iter()
        .map(|l| (l.day, l.payments, l.gross, l.net(), l.tax))
        .collect();
    assert_eq!(
        told,
        [(date(2026, 10, 5), 2, Cents(533), Cents(512), Cents(21))]
    );
}

#[test]
fn half_of_a_nidos_cost_is_to_be_covered() {
    let comune = open();
    let (meals, actor) = (comune.meals, accountant(&comune));
    comune
        .write(move |tx| {
            let nido = municipality::service_by_code(tx, "nido")?.unwrap().id;
            for (service, amount, grants) in [(meals, 1_000, 0), (nido, 2_001, 500)] {
                let new = NewCost {
                    service,
                    year: 2026,
                    amount: Cents(amount),
                    grants: Cents(grants),
                    note: "",
                };
                record_cost(tx, &actor, &new, morning())?;
            }
            Ok(())
        })
        .unwrap();
    let found = comune.store.read(|db| coverage(db, 2026)).unwrap();
    let of = |code: &str| found.iter().find(|one| one.service.code == code).unwrap();
    assert_eq!(
        (of("mensa").income(), of("mensa").rate()),
        (Cents(720), Some(7_200))
    );
    assert_eq!(
        (of("nido").counted, of("nido").rate()),
        (Cents(1_001), Some(4_995))
    );
    assert_eq!(of("scuolabus").rate(), None);
    assert!(!of("scuolabus").service.individual_demand);
    let both = [of("mensa"), of("nido"), of("scuolabus")];
    assert_eq!(Coverage::rate_of(&both), Some(6_097), "1220 of 2001");
}

#[test]
fn who_is_no_accountant_types_no_figures() {
    let comune = open();
    let (meals, mother) = (comune.meals, comune.as_mother());
    for actor in [mother, comune.as_clerk()] {
        let refused =
            comune.write(move |tx| place_in_budget(tx, &actor, meals, "1", true, morning()));
        assert!(matches!(refused, Err(Error::Forbidden)));
    }
    let actor = accountant(&comune);
    let negative = comune.write(move |tx| {
        let new = NewCost {
            service: meals,
            year: 2026,
            amount: Cents(-1),
            grants: Cents::ZERO,
            note: "",
        };
        record_cost(tx, &actor, &new, morning())
    });
    assert!(matches!(negative, Err(Error::Invalid(_))));
}

/// As [`RULE`], and nothing for whom the social services exempt.
const EXEMPTING: &str = r#"
    name = "Mensa"
    [[component]]
    code = "meal"
    unit = "meal"
    no_isee = "4.50"
    bands = [{ to = "11000.00", price = "3.05" }, { price = "4.50" }]
    [[modifier]]
    label = "Residenti"
    percent = "-20"
    when = { resident = true }
    [[modifier]]
    label = "Esenzione"
    price = "0"
    when = { social_services_exemption = true }
"#;

#[test]
fn an_exemption_tells_what_it_left_off_and_its_reason_only_to_the_office() {
    let comune = Comune::new();
    let (mother, luca, sara) = (comune.mother, comune.luca, comune.sara);
    let (meals, class, clerk) = (comune.meals, comune.class, comune.as_clerk());
    let key_file = comune.folder.path().join("test.key");
    let key = SealingKey::load(&key_file).unwrap();
    comune
        .write(move |tx| {
            tariffs::publish(tx, meals, EXEMPTING, FROM, morning())?;
            let new = NewEnrolment {
                child: luca,
                payer: mother,
                service: meals,
                class,
                from: date(2026, 9, 15),
                to: None,
                application: None,
            };
            enrolments::enrol(tx, &new, morning())?;
            let nido = municipality::service_by_code(tx, "nido")?.unwrap().id;
            let of = |child, service, from, to, reason: &'static str, later: i64| {
                let fact = enrolments::NewFact {
                    child,
                    service,
                    name: enrolments::SOCIAL_SERVICES_EXEMPTION,
                    value: "yes",
                    from,
                    to,
                    reason,
                };
                let now = morning().plus_millis(later);
                enrolments::record_fact(tx, &key, &clerk, &fact, now)
            };
            let november = date(2026, 11, 2);
            of(luca, None, november, Some(november), "Relazione 1", 0)?;
            of(luca, Some(meals), november, None, "Relazione 2", 1)?;
            of(luca, Some(nido), FROM, None, "Relazione 3", 2)?;
            of(
                sara,
                None,
                date(2026, 9, 1),
                Some(date(2026, 9, 2)),
                "Relazione 4",
                3,
            )?;
            of(sara, None, november, None, "Un errore", 4)?;
            let wrong = enrolments::read_facts(tx, &key, &clerk, sara, morning())?.remove(0);
            enrolments::withdraw_fact(tx, &clerk, sara, &wrong.public_id, morning())
        })
        .unwrap();
    for day in [date(2026, 10, 29), date(2026, 11, 2)] {
        let clerk = comune.as_clerk();
        charging::close_day(&comune.store, &clerk, meals, day, morning(), |_| {}).unwrap();
    }
    let actor = accountant(&comune);
    let autumn = (date(2026, 10, 1), date(2026, 11, 30));
    let (found, told) = comune
        .store
        .read(|db| {
            let found = enrolments::exemptions(db, &actor, None, autumn)?;
            let told = spared(db, &found, autumn)?;
            Ok((found, told))
        })
        .unwrap();
    // Those of Luca that hold in autumn: for the nido, for all, for meals. Sara's was over before.
    assert!(found.iter().all(|one| one.child == luca));
    let services: Vec<_> = found.iter().map(|one| one.service == Some(meals)).collect();
    assert_eq!(services, [false, false, true]);
    let one_meal = Spared {
        charges: 1,
        amount: Cents(360),
    };
    assert_eq!(told, [Spared::default(), Spared::default(), one_meal]);
    let of_meals = comune
        .store
        .read(|db| enrolments::exemptions(db, &actor, Some(meals), autumn))
        .unwrap();
    assert_eq!(
        of_meals.len(),
        2,
        "the one for all services is of this one too"
    );
    let parent = comune.as_mother();
    let refused = comune
        .store
        .read(|db| enrolments::exemptions(db, &parent, None, autumn));
    assert!(matches!(refused, Err(Error::Forbidden)));

    let clerk = comune.as_clerk();
    comune
        .write(move |tx| {
            let key = SealingKey::load(&key_file)?;
            let refused = enrolments::exemption_reasons(tx, &key, &actor, &found, morning());
            assert!(matches!(refused, Err(Error::Forbidden)));
            let readings = "select count(*) from audit_entry where action = 'read-child-facts'";
            let before: i64 = tx.query_row(readings, [], |row| row.get(0))?;
            let reasons = enrolments::exemption_reasons(tx, &key, &clerk, &found, morning())?;
            assert_eq!(reasons, ["Relazione 3", "Relazione 1", "Relazione 2"]);
            let after: i64 = tx.query_row(readings, [], |row| row.get(0))?;
            assert_eq!(after - before, 1, "three reasons of one child");
            Ok(())
        })
        .unwrap();
}
