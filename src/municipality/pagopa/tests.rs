use super::*;
use crate::base::{Cents, Date};
use crate::payments::notices;
use crate::testing::{Comune, morning};

fn good() -> NewPagopa {
    NewPagopa {
        iban: "IT73 U010 3014 2000 0000 0104 722".to_owned(),
        postal_account: "12345678".to_owned(),
        postal_iban: "IT07P0760114000000012345678".to_owned(),
        postal_holder: "Comune di Borgo San Lieto".to_owned(),
        postal_authorisation: "AUT. DB/SIMU/000 00000 DEL 01/09/2025".to_owned(),
        first_base: 1,
    }
}

fn change(comune: &Comune, new: NewPagopa) -> Result<()> {
    let actor = comune.as_accountant();
    comune.write(move |tx| {
        let revision = pagopa_settings(tx)?.revision;
        change_pagopa(tx, &actor, &new, revision, morning())
    })
}

fn wrong_field(done: Result<()>) -> String {
    match done {
        Err(Error::Invalid(fields)) => fields[0].field.clone(),
        other => panic!("{other:?}"),
    }
}

/// The base inside the number of a new notice of Luca's meals.
fn issued(comune: &Comune, cents: i64) -> i64 {
    let (mother, luca, meals) = (comune.mother, comune.luca, comune.meals);
    let actor = comune.as_mother();
    let made = comune.write(move |tx| {
        let id = crate::ledger::family_account(tx, mother, luca, meals)?;
        let account = crate::ledger::account(tx, id)?.public_id;
        let no_day: Option<Date> = None;
        notices::create(tx, &actor, &account, Cents(cents), no_day, morning())
    });
    made.unwrap().notice_number.as_str()[3..16].parse().unwrap()
}

#[test]
fn what_is_saved_is_read_back_as_machines_write_it() {
    let comune = Comune::new();
    change(&comune, good()).unwrap();
    let now = comune.store.read(pagopa_settings).unwrap();
    assert_eq!(now.iban, "IT73U0103014200000000104722");
    assert_eq!((now.postal_account.as_str(), now.revision), ("12345678", 2));
}

#[test]
fn each_fault_stands_beside_its_field() {
    let comune = Comune::new();
    type Spoil = fn(&mut NewPagopa);
    let cases: [(&str, Spoil); 12] = [
        ("iban", |n| {
            n.iban = "IT73U0103014200000000104723".to_owned()
        }),
        ("iban", |n| n.iban = "DE89370400440532013000".to_owned()),
        ("postal_account", |n| n.postal_account = "12a".to_owned()),
        ("postal_account", |n| {
            n.postal_account = "1234567890123".to_owned()
        }),
        ("postal_account", |n| n.postal_account.clear()),
        ("postal_iban", |n| n.postal_iban.clear()),
        // Another account's, and that of a bank.
        ("postal_iban", |n| n.postal_account = "12345679".to_owned()),
        ("postal_iban", |n| n.postal_iban.clone_from(&n.iban)),
        ("postal_holder", |n| n.postal_holder = "x".repeat(51)),
        ("postal_holder", |n| n.postal_holder = " ".to_owned()),
        ("postal_authorisation", |n| {
            n.postal_authorisation = "DB/1".to_owned()
        }),
        ("first_base", |n| n.first_base = LAST_BASE + 1),
    ];
    for (field, spoil) in cases {
        let mut new = good();
        spoil(&mut new);
        assert_eq!(wrong_field(change(&comune, new.clone())), field, "{new:?}");
    }
    let without_post = NewPagopa {
        iban: good().iban,
        ..NewPagopa::default()
    };
    change(&comune, without_post).unwrap();
}

#[test]
fn the_first_base_raises_the_counter_and_never_lowers_it() {
    let comune = Comune::new();
    assert_eq!(issued(&comune, 1_000), 1);
    let at = |base| NewPagopa {
        first_base: base,
        ..good()
    };
    change(&comune, at(500_000)).unwrap();
    assert_eq!(issued(&comune, 1_100), 500_000);
    assert_eq!(issued(&comune, 1_200), 500_001);
    assert_eq!(wrong_field(change(&comune, at(500_001))), "first_base");
    assert_eq!(wrong_field(change(&comune, at(1))), "first_base");
    // What did not change is no fault, though the counter is past it.
    change(&comune, at(500_000)).unwrap();
    change(&comune, at(500_002)).unwrap();
    assert_eq!(issued(&comune, 1_300), 500_002);
    assert_eq!(
        comune.store.read(exported_pagopa).unwrap().first_base,
        500_003
    );
}

#[test]
fn only_the_accountant_who_saw_the_newest_may_change_it() {
    let comune = Comune::new();
    let clerk = comune.as_clerk();
    let refused = comune.write(move |tx| change_pagopa(tx, &clerk, &good(), 1, morning()));
    assert!(matches!(refused, Err(Error::Forbidden)));
    change(&comune, good()).unwrap();
    let (actor, meals) = (comune.as_accountant(), comune.meals);
    let late = comune.write({
        let actor = actor.clone();
        move |tx| change_pagopa(tx, &actor, &good(), 1, morning())
    });
    assert!(matches!(late, Err(Error::Refused(refusal)) if refusal.conflict));
    let of_service = |revision, taxonomy: &str| {
        let new = ServicePagopa {
            taxonomy: taxonomy.to_owned(),
            iban: "IT64Q0503414011000000220011".to_owned(),
            pays_after_due: false,
        };
        let actor = actor.clone();
        comune.write(move |tx| change_service_pagopa(tx, &actor, meals, &new, revision, morning()))
    };
    assert!(matches!(
        of_service(1, "8/0107101TS/"),
        Err(Error::Refused(_))
    ));
    assert_eq!(wrong_field(of_service(2, "5/0107101TS/")), "taxonomy");
    of_service(2, "8/0107101TS/").unwrap();
    let now = comune.store.read(|db| service(db, meals)).unwrap();
    assert_eq!(now.taxonomy, "8/0107101TS/");
    assert!(now.iban.starts_with("IT64") && !now.pays_after_due);
    let trail = comune
        .store
        .read(|db| store::audit_trail(db, "service", meals.0));
    assert_eq!(trail.unwrap()[0].action, "change-service-pagopa");
}
