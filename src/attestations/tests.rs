//! Issue, revisions, the whole year, the check by a third party.

use jiff::civil::date;

use super::*;
use crate::base::{Actor, Cents, Date, Error, Instant, PublicId};
use crate::jobs;
use crate::ledger;
use crate::payments::receipts::{self, ImportedPayment};
use crate::testing::Comune;

const URL: &str = "https://scuola.example.it";

fn february() -> Instant {
    Instant::from_rome(date(2027, 2, 16).at(9, 0, 0, 0))
}

fn pay(comune: &Comune, day: Date, cents: i64, means: &'static str) {
    let (payer, child, service) = (comune.mother, comune.luca, comune.meals);
    comune
        .write(move |tx| {
            let payment = ImportedPayment {
                payer,
                child,
                service,
                amount: Cents(cents),
                paid_at: Instant::from_rome(day.at(12, 0, 0, 0)),
                means,
                reference: "",
                more: Default::default(),
            };
            receipts::record_imported_payment(tx, &payment, february())
        })
        .unwrap();
}

fn issue_2026(comune: &Comune, now: Instant) -> Issue {
    let (actor, payer) = (comune.as_mother(), comune.mother);
    comune
        .write(move |tx| issue(tx, &actor, payer, 2026, URL, now))
        .unwrap()
}

fn new(issued: Issue) -> Attestation {
    match issued {
        Issue::New(attestation) => attestation,
        other => panic!("{other:?}"),
    }
}

/// The words of a PDF, in reading order.
fn words(pdf: &[u8]) -> String {
    let document = lopdf::Document::load_mem(pdf).unwrap();
    let pages: Vec<u32> = document.get_pages().keys().copied().collect();
    document.extract_text(&pages).unwrap()
}

#[test]
fn the_paper_says_what_the_ledger_says() {
    let comune = Comune::new();
    pay(&comune, date(2026, 3, 3), 6_250, "carta");
    pay(&comune, date(2026, 10, 3), 10_000, "bonifico");
    pay(&comune, date(2026, 11, 3), 5_000, "contanti");
    let attestation = new(issue_2026(&comune, february()));
    let (credited, content, pdf) = comune
        .store
        .read(|db| {
            let account = ledger::accounts_of_person(db, comune.mother)?.remove(0);
            let content = content(db, attestation.id)?;
            Ok((account.balance, content, pdf(db, &attestation)?))
        })
        .unwrap();
    let section = &content.children[0].services[0];
    let paid = section.traceable + section.otherwise_paid + section.not_ascertained;
    assert_eq!(paid, credited);
    assert_eq!(section.net, Cents(16_250));
    let (text, says) = (words(&pdf), content.payer.fiscal_code);
    for part in ["2026/000001", "162,50", "62,50", "100,00", "50,00", &says] {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
}

#[test]
fn a_moved_payment_is_attested_for_the_child_that_it_was_moved_to() {
    let comune = Comune::new();
    pay(&comune, date(2026, 3, 3), 6_250, "carta");
    pay(&comune, date(2026, 10, 3), 10_000, "bonifico");
    let (mother, luca, sara, meals) = (comune.mother, comune.luca, comune.sara, comune.meals);
    let clerk = comune.as_clerk();
    comune
        .write(move |tx| {
            let moved = ledger::NewTransfer {
                from: ledger::family_account(tx, mother, luca, meals)?,
                to: ledger::family_account(tx, mother, sara, meals)?,
                amount: Cents(10_000),
                // In the year after: what counts is when it was paid.
                day: date(2027, 1, 12),
                reason: "era per Sara",
            };
            ledger::move_payment(tx, &clerk, &moved, february())
        })
        .unwrap();
    let attestation = new(issue_2026(&comune, february()));
    let content = comune.store.read(|db| content(db, attestation.id)).unwrap();
    let nets = |name: &str| {
        let of = content
            .children
            .iter()
            .filter(|c| c.child.name.contains(name));
        of.flat_map(|c| &c.services).map(|s| s.net).sum::<Cents>()
    };
    assert_eq!((nets("Luca"), nets("Sara")), (Cents(6_250), Cents(10_000)));
}

#[test]
fn the_same_facts_give_the_same_document_and_new_ones_a_revision() {
    let comune = Comune::new();
    pay(&comune, date(2026, 3, 3), 6_000, "carta");
    let first = new(issue_2026(&comune, february()));
    let later = february().plus_millis(86_400_000);
    match issue_2026(&comune, later) {
        Issue::Unchanged(same) => assert_eq!(same.id, first.id),
        other => panic!("{other:?}"),
    }
    pay(&comune, date(2026, 12, 31), 1_000, "carta");
    let second = new(issue_2026(&comune, later));
    assert_eq!((second.number, second.revision), (first.number, 1));
    let says = comune.store.read(|db| content(db, second.id)).unwrap();
    assert_eq!(says.replaces_issue_of, Some(date(2027, 2, 16)));
    let check = |id: &PublicId| comune.store.read(|db| verify(db, id)).unwrap();
    assert_eq!(check(&first.public_id).replaced_on, Some(date(2027, 2, 17)));
    let newest = check(&second.public_id);
    assert_eq!(newest.replaced_on, None);
    assert_eq!(newest.payer, "R**** M***");
    assert_eq!(
        (newest.lines[0].child.as_str(), newest.lines[0].net),
        ("R**** L***", Cents(7_000))
    );
    assert_eq!(newest.sha256.len(), 64);
    // The first one is still there, byte for byte.
    assert!(
        comune
            .store
            .read(|db| pdf(db, &first))
            .unwrap()
            .starts_with(b"%PDF")
    );
    let tampered = comune.write(|tx| {
        tx.execute("update attestation set content = '{}'", [])?;
        Ok(())
    });
    assert!(tampered.is_err());
}

#[test]
fn a_year_that_is_not_over_says_so_and_is_replaced_when_it_is() {
    let comune = Comune::new();
    pay(&comune, date(2026, 3, 3), 6_000, "carta");
    let november = Instant::from_rome(date(2026, 11, 3).at(8, 0, 0, 0));
    let first = new(issue_2026(&comune, november));
    let says = comune.store.read(|db| content(db, first.id)).unwrap();
    assert!(says.notes[0].contains("fino al 03/11/2026"));
    let second = new(issue_2026(&comune, february()));
    let says = comune.store.read(|db| content(db, second.id)).unwrap();
    assert!(second.revision == 1 && !says.notes[0].contains("fino al"));
    let (actor, payer) = (comune.as_mother(), comune.mother);
    let future = comune.write(move |tx| issue(tx, &actor, payer, 2027, URL, november));
    assert!(matches!(future, Err(Error::Refused(_))));
}

#[test]
fn without_a_deductible_payment_there_is_no_document() {
    let comune = Comune::new();
    assert!(matches!(
        issue_2026(&comune, february()),
        Issue::Nothing(compute::Why::NoPayments)
    ));
    pay(&comune, date(2026, 3, 3), 6_000, "contanti");
    assert!(matches!(
        issue_2026(&comune, february()),
        Issue::Nothing(compute::Why::NotTraceable)
    ));
    let stranger = Actor::Citizen(comune.luca);
    pay(&comune, date(2026, 3, 4), 6_000, "carta");
    let hers = new(issue_2026(&comune, february()));
    let seen = comune
        .store
        .read(|db| attestation_of_payer(db, &stranger, &hers.public_id));
    assert!(matches!(seen, Err(Error::NotFound)));
}

#[test]
fn a_whole_year_is_attested_once_and_goes_on_after_a_cut() {
    let comune = Comune::new();
    pay(&comune, date(2026, 3, 3), 6_000, "carta");
    let (sara, luca, meals) = (comune.sara, comune.luca, comune.meals);
    comune
        .write(move |tx| {
            for (payer, day) in [(sara, 5), (luca, 6)] {
                let payment = ImportedPayment {
                    payer,
                    child: luca,
                    service: meals,
                    amount: Cents(1_000),
                    paid_at: Instant::from_rome(date(2026, 3, day).at(12, 0, 0, 0)),
                    means: "carta",
                    reference: "",
                    more: Default::default(),
                };
                receipts::record_imported_payment(tx, &payment, february())?;
            }
            Ok(())
        })
        .unwrap();
    let job = comune
        .write(|tx| enqueue_year(tx, &Actor::System(ATTEST), 2026, URL, february()))
        .unwrap();
    assert_eq!(job.total, 3);
    // One step, then the process is gone.
    let again = job.clone();
    let step = comune
        .write(move |tx| attest_step(tx, &again, february()))
        .unwrap();
    assert!(matches!(step, jobs::Step::More { done: 2, .. }));
    let done = jobs::run(&comune.store, job.id, &attest_step, february, |_| {}).unwrap();
    assert_eq!(done.state, "done");
    assert_eq!(done.result["new"].as_i64(), Some(1));
    assert_eq!(done.result["unchanged"].as_i64(), Some(2));
    let all = comune
        .store
        .read(|db| current_of_year(db, 2026, 0, 100))
        .unwrap();
    assert_eq!(all.iter().map(|a| a.number).collect::<Vec<_>>(), [1, 2, 3]);
    let same = comune
        .write(|tx| enqueue_year(tx, &Actor::System(ATTEST), 2026, URL, february()))
        .unwrap();
    assert_eq!(same.id, job.id);
}
