use jiff::civil::date;
use rusqlite::Transaction;

use super::dunning::StepKind;
use super::*;
use crate::base::{AccountId, Actor, Cents, Date, Error, Instant, PublicId, Result, SchoolYear};
use crate::ledger::{self, ImportedKind, NewImported};
use crate::payments::{self, Share};
use crate::store::SealingKey;
use crate::testing::{Comune, morning};
use crate::{enrolments, jobs, processes};

const TODAY: Date = date(2026, 11, 3);

fn key(comune: &Comune) -> SealingKey {
    SealingKey::load(&comune.folder.path().join("test.key")).unwrap()
}

/// A movement on a day, in the family's favour when above zero.
fn moves(tx: &Transaction<'_>, account: AccountId, day: Date, cents: i64) -> Result<()> {
    posted(tx, account, day, cents, morning())
}

fn posted(
    tx: &Transaction<'_>,
    account: AccountId,
    day: Date,
    cents: i64,
    at: Instant,
) -> Result<()> {
    let key = PublicId::random()?.to_string();
    let new = NewImported {
        account,
        kind: if cents > 0 {
            ImportedKind::Credit
        } else {
            ImportedKind::Charge
        },
        day,
        amount: Cents(cents),
        description: "",
        explanation: None,
        key: &key,
        origin: "prova",
    };
    if let Some(entry) = ledger::record_imported(tx, &new, at)? {
        ledger::post(tx, &entry, at)?;
    }
    Ok(())
}

/// The accounts of both children for meals: Luca's and Sara's.
fn accounts(
    tx: &Transaction<'_>,
    comune: (
        crate::base::PersonId,
        [crate::base::PersonId; 2],
        crate::base::ServiceId,
    ),
) -> Result<[AccountId; 2]> {
    let (mother, [luca, sara], meals) = comune;
    Ok([
        ledger::family_account(tx, mother, luca, meals)?,
        ledger::family_account(tx, mother, sara, meals)?,
    ])
}

fn ids(
    comune: &Comune,
) -> (
    crate::base::PersonId,
    [crate::base::PersonId; 2],
    crate::base::ServiceId,
) {
    (comune.mother, [comune.luca, comune.sara], comune.meals)
}

fn public(tx: &Transaction<'_>, account: AccountId) -> PublicId {
    ledger::account(tx, account).unwrap().public_id
}

fn bank() -> Bank {
    Bank::parse("IT60X0542811101000000123456", "").unwrap()
}

fn request(
    tx: &Transaction<'_>,
    key: &SealingKey,
    actor: &Actor,
    from: AccountId,
) -> Result<PublicId> {
    let new = NewRequest {
        account: &public(tx, from),
        to: Destination::Bank(&bank()),
        note: "",
    };
    ask(tx, key, actor, &new, morning())
}

#[test]
fn arrears_are_covered_first_and_what_was_used_up_meanwhile_is_not_listed() {
    let comune = Comune::new();
    let (key, clerk, mother, ids) = (
        key(&comune),
        comune.as_clerk(),
        comune.as_mother(),
        ids(&comune),
    );
    let refused = comune.write(move |tx| {
        let [luca, sara] = accounts(tx, ids)?;
        moves(tx, luca, TODAY, 5_000)?;
        moves(tx, sara, TODAY, -1_200)?;
        let id = request(tx, &key, &mother, luca)?;
        let told = proposal(tx, &case(tx, &id)?, morning())?;
        assert_eq!(told.arrears, Cents(1_200));
        assert_eq!(told.decision.amount, Cents(3_800));
        // With the debt covered, less is left: the refusal takes all of it back.
        approve(tx, &key, &clerk, &id, Cents(3_801), true, morning())
    });
    assert!(matches!(refused, Err(Error::Invalid(_))));
    let (key, clerk, mother) = (self::key(&comune), comune.as_clerk(), comune.as_mother());
    let accountant = comune.as_accountant();
    comune
        .write(move |tx| {
            let [luca, sara] = accounts(tx, ids)?;
            moves(tx, luca, TODAY, 5_000)?;
            moves(tx, sara, TODAY, -1_200)?;
            let id = request(tx, &key, &mother, luca)?;
            approve(tx, &key, &clerk, &id, Cents(3_000), true, morning())?;
            let decided = case(tx, &id)?;
            assert_eq!(
                (decided.withheld, decided.state),
                (Cents(1_200), CaseState::Approved)
            );
            assert_eq!(ledger::balance(tx, sara)?, Cents::ZERO);
            assert_eq!(ledger::balance(tx, luca)?, Cents(3_800));

            // The child eats on: the credit does not cover the refund any more.
            moves(tx, luca, TODAY, -900)?;
            let only = std::slice::from_ref(&id);
            assert!(case(tx, &id)?.uncovered);
            assert!(matches!(
                make_list(tx, &accountant, only, morning()),
                Err(Error::Refused(_))
            ));
            moves(tx, luca, TODAY, 100)?;
            assert!(matches!(
                make_list(tx, &clerk, only, morning()),
                Err(Error::Forbidden)
            ));
            let list = make_list(tx, &accountant, only, morning())?;
            let list = super::list(tx, &list)?;
            assert_eq!((list.number, list.lines, list.total), (1, 1, Cents(3_000)));
            assert_eq!(
                mark_paid(tx, &accountant, &list, None, TODAY, morning())?,
                1
            );
            assert_eq!(ledger::balance(tx, luca)?, Cents::ZERO);
            for sql in [
                "update refund_list set total = 1",
                "update refund set amount = 1",
                "delete from refund",
            ] {
                assert!(tx.execute(sql, []).is_err(), "{sql}");
            }
            let findings = processes::checks::check_database(tx, None)?;
            let wrong: Vec<_> = findings.iter().filter(|finding| !finding.ok).collect();
            assert!(wrong.is_empty(), "{wrong:?}");
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_credit_goes_to_the_sibling_and_only_within_the_family() {
    let comune = Comune::new();
    let (key, clerk, mother, ids) = (
        key(&comune),
        comune.as_clerk(),
        comune.as_mother(),
        ids(&comune),
    );
    comune
        .write(move |tx| {
            let [luca, sara] = accounts(tx, ids)?;
            moves(tx, luca, TODAY, 2_000)?;
            let (from, to) = (public(tx, luca), public(tx, sara));
            let new = |account, target| NewRequest {
                account,
                to: Destination::Account(target),
                note: "",
            };
            assert!(ask(tx, &key, &mother, &new(&from, &from), morning()).is_err());
            assert!(
                ask(tx, &key, &mother, &new(&to, &from), morning()).is_err(),
                "no credit there"
            );
            let stranger = Actor::Citizen(crate::base::PersonId(ids.1[0].0));
            assert!(matches!(
                ask(tx, &key, &stranger, &new(&from, &to), morning()),
                Err(Error::NotFound)
            ));
            let id = ask(tx, &key, &mother, &new(&from, &to), morning())?;
            let told = proposal(tx, &case(tx, &id)?, morning())?;
            assert_eq!(told.decision.outcome, super::policy::Outcome::Transfer);
            assert_eq!(told.targets[0].id, sara);
            assert!(matches!(
                transfer_to(tx, &mother, &id, &to, Cents(2_000), false, morning()),
                Err(Error::Forbidden)
            ));
            transfer_to(tx, &clerk, &id, &to, Cents(2_000), false, morning())?;
            assert_eq!(ledger::balance(tx, sara)?, Cents(2_000));
            assert_eq!(case(tx, &id)?.state, CaseState::Transferred);
            Ok(())
        })
        .unwrap();
}

#[test]
fn only_who_left_is_found_and_a_sibling_who_stays_is_named() {
    let comune = Comune::new();
    let ids = ids(&comune);
    let (class, meals) = (comune.class, comune.meals);
    comune
        .write(move |tx| {
            let [luca, sara] = accounts(tx, ids)?;
            moves(tx, luca, TODAY, 2_000)?;
            moves(tx, sara, TODAY, 1_000)?;
            for (child, to) in [(ids.1[0], Some(date(2026, 10, 30))), (ids.1[1], None)] {
                let new = enrolments::NewEnrolment {
                    child,
                    payer: ids.0,
                    service: meals,
                    class,
                    from: SchoolYear::starting_in(2026).starts_on(),
                    to,
                    application: None,
                };
                enrolments::enrol(tx, &new, morning())?;
            }
            let found = |until| {
                let filter = LeaverFilter {
                    words: String::new(),
                    until,
                };
                Ok::<_, Error>((leavers(tx, &filter, 10, 0)?, leavers_total(tx, &filter)?))
            };
            let (rows, total) = found(TODAY)?;
            assert_eq!(total, (1, Cents(2_000)));
            assert_eq!(
                (rows[0].account_id, rows[0].left_on),
                (luca, Some(date(2026, 10, 30)))
            );
            assert_eq!(found(date(2026, 10, 29))?.1, (0, Cents::ZERO));
            let account = ledger::account(tx, luca)?;
            let told = proposal_before(tx, &account, None, TODAY)?;
            assert_eq!(
                told.targets[0].id, sara,
                "the sibling's account comes first"
            );
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_debt_is_as_old_as_the_day_it_began_and_no_step_comes_twice() {
    let comune = Comune::new();
    let (clerk, ids, key) = (comune.as_clerk(), ids(&comune), key(&comune));
    comune
        .write(move |tx| {
            let [luca, sara] = accounts(tx, ids)?;
            // Below zero in June, covered, below zero again since September.
            moves(tx, luca, date(2026, 6, 1), -500)?;
            moves(tx, luca, date(2026, 6, 20), 500)?;
            moves(tx, luca, date(2026, 9, 20), -2_000)?;
            moves(tx, luca, date(2026, 10, 20), 300)?;
            moves(tx, sara, date(2026, 10, 30), -400)?;
            let found = debtors(tx, TODAY)?;
            let told: Vec<_> = found
                .iter()
                .map(|d| (d.account_id, d.amount, d.since, d.age_days))
                .collect();
            assert_eq!(
                told,
                [
                    (luca, Cents(1_700), date(2026, 9, 20), 44),
                    (sara, Cents(400), date(2026, 10, 30), 4),
                ]
            );
            assert_eq!(Age::of(found[0].age_days), Age::Quarter);
            assert_eq!(
                found[0].next,
                Some(StepKind::Message),
                "a message after a month"
            );
            assert_eq!(found[1].next, None);

            let shown: Vec<_> = found
                .iter()
                .map(|d| (d.account.clone(), StepKind::Message))
                .collect();
            assert!(matches!(
                start_reminders(tx, &Actor::Citizen(ids.0), &shown, morning()),
                Err(Error::Forbidden)
            ));
            assert_eq!(
                reminded(tx, &clerk, &shown, morning())?,
                1,
                "Sara's debt is too young"
            );
            assert_eq!(reminded(tx, &clerk, &shown, morning())?, 0, "never twice");
            let told: String = tx.query_row("select body from message", [], |row| row.get(0))?;
            assert!(
                told.contains("Refezione scolastica di Rossi Luca: 17,00"),
                "{told}"
            );
            let after = &debtors(tx, TODAY)?[0];
            assert_eq!(
                (after.last.map(|(step, _)| step), after.next),
                (Some(StepKind::Message), None)
            );

            // Whom the social services have exempted from this service is left alone.
            let exemption = enrolments::NewFact {
                child: ids.1[1],
                service: Some(ids.2),
                name: enrolments::SOCIAL_SERVICES_EXEMPTION,
                value: "yes",
                from: date(2026, 12, 1),
                to: Some(date(2026, 12, 10)),
                reason: "Determinazione n. 45",
            };
            enrolments::record_fact(tx, &key, &clerk, &exemption, morning())?;
            let of_sara = |day| -> Result<(bool, Option<StepKind>)> {
                let found = debtors(tx, day)?;
                let found = found.iter().find(|d| d.account_id == sara);
                Ok(found.map(|d| (d.exempt, d.next)).unwrap())
            };
            assert_eq!(of_sara(date(2026, 12, 10))?, (true, None));
            assert_eq!(
                of_sara(date(2026, 12, 11))?,
                (false, Some(StepKind::Message))
            );

            // Paid, and owed anew: another debt.
            let evening = morning().plus_millis(36_000_000);
            posted(tx, luca, date(2026, 11, 3), 1_700, evening)?;
            posted(tx, luca, date(2026, 11, 3), -100, evening)?;
            let later = date(2026, 12, 20);
            assert_eq!(debtors(tx, later)?[1].next, Some(StepKind::Message));
            Ok(())
        })
        .unwrap();
}

/// Sends what was shown, as the job does; how many debts that were.
fn reminded(
    tx: &Transaction<'_>,
    actor: &Actor,
    shown: &[(PublicId, StepKind)],
    now: Instant,
) -> Result<i64> {
    let mut job = start_reminders(tx, actor, shown, now)?;
    loop {
        match remind_step(tx, &job, now)? {
            jobs::Step::More { cursor, done } => (job.cursor, job.done) = (cursor, done),
            jobs::Step::Finished(told) => return Ok(told["count"].as_i64().unwrap()),
        }
    }
}

/// What an open notice asks of an account until a day.
fn asks(tx: &Transaction<'_>, account: AccountId, cents: i64, due: Date) -> Result<()> {
    let share = Share {
        account,
        amount: Cents(cents),
    };
    let payer = ledger::account(tx, account)?.payer_id;
    payments::create_shared(tx, payer, &[share], "Mensa", Some(due), morning())?;
    Ok(())
}

#[test]
fn what_is_not_due_yet_is_no_debt_and_a_debt_is_as_old_as_its_due_date() {
    let comune = Comune::new();
    let ids = ids(&comune);
    comune
        .write(move |tx| {
            let [luca, _] = accounts(tx, ids)?;
            moves(tx, luca, date(2026, 8, 1), -10_000)?;
            asks(tx, luca, 10_000, date(2026, 9, 30))?;
            assert!(debtors(tx, date(2026, 9, 30))?.is_empty(), "the last day");
            let told = |day| -> Result<_> {
                let debtor = debtors(tx, day)?.remove(0);
                Ok((debtor.due(), debtor.since, debtor.age_days, debtor.next))
            };
            let (first, message) = (date(2026, 10, 1), Some(StepKind::Message));
            assert_eq!(told(first)?, (Cents(10_000), first, 0, None));
            assert_eq!(
                told(date(2026, 10, 31))?,
                (Cents(10_000), first, 30, message)
            );
            // The next bill, not due, and one that is due and young.
            moves(tx, luca, date(2026, 10, 1), -6_000)?;
            asks(tx, luca, 6_000, date(2026, 11, 30))?;
            assert_eq!(told(TODAY)?, (Cents(10_000), first, 33, message));
            assert_eq!(debts_of_person(tx, ids.0, TODAY)?[0].owed(), Cents(16_000));
            assert_eq!(told(date(2026, 12, 1))?.0, Cents(16_000));
            // What is paid goes to the oldest: the young part is left, and no step for it.
            moves(tx, luca, TODAY, 10_000)?;
            let young = date(2026, 12, 1);
            assert_eq!(told(young)?, (Cents(6_000), young, 0, None));
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_late_entry_forgets_no_step_and_what_was_paid_is_another_debt() {
    let comune = Comune::new();
    let (clerk, ids) = (comune.as_clerk(), ids(&comune));
    comune
        .write(move |tx| {
            let [luca, _] = accounts(tx, ids)?;
            moves(tx, luca, date(2026, 9, 20), -2_000)?;
            let shown = [(public(tx, luca), StepKind::Message)];
            assert_eq!(reminded(tx, &clerk, &shown, morning())?, 1);
            let evening = morning().plus_millis(36_000_000);
            let (december, day) = (evening.plus_millis(40 * 86_400_000), date(2026, 12, 15));
            // The debt looks older, then younger: it is the same.
            for (when, cents) in [
                (date(2026, 6, 1), -300),
                (date(2026, 6, 2), 300),
                (date(2026, 9, 30), 1_699),
            ] {
                posted(tx, luca, when, cents, evening)?;
                let debt = debtors(tx, day)?.remove(0);
                assert_eq!(debt.next, None, "{when}");
                assert_eq!(debt.last.map(|(step, _)| step), Some(StepKind::Message));
            }
            assert_eq!(reminded(tx, &clerk, &shown, december)?, 0);
            // What was owed then is paid: what is left is owed anew.
            posted(tx, luca, day, 1, evening)?;
            posted(tx, luca, day, -1, evening)?;
            assert_eq!(debtors(tx, day)?[0].last, None);
            assert_eq!(reminded(tx, &clerk, &shown, december)?, 1);
            Ok(())
        })
        .unwrap();
}

#[test]
fn who_went_to_collection_is_remembered_whatever_follows() {
    let comune = Comune::new();
    let (clerk, ids) = (comune.as_clerk(), ids(&comune));
    let source = "name = \"Prova\"\n[[step]]\ndo = \"collection\"\nolder_than_days = 10\n[[step]]\n\
                  do = \"exclusion\"\ndays_after_previous = 0";
    comune
        .write(move |tx| {
            publish(tx, &clerk, PolicyKind::Dunning, source, morning())?;
            let [luca, _] = accounts(tx, ids)?;
            moves(tx, luca, date(2026, 9, 20), -5_000)?;
            for step in [StepKind::Collection, StepKind::Exclusion] {
                let shown = [(public(tx, luca), step)];
                assert_eq!(reminded(tx, &clerk, &shown, morning())?, 1);
            }
            let debt = debtors(tx, TODAY)?.remove(0);
            assert_eq!(debt.last.map(|(step, _)| step), Some(StepKind::Exclusion));
            assert!(debt.in_collection);
            Ok(())
        })
        .unwrap();
}

#[test]
fn what_was_approved_is_promised_until_it_is_taken_back_or_not_paid() {
    let comune = Comune::new();
    let (key, clerk, mother, ids) = (
        key(&comune),
        comune.as_clerk(),
        comune.as_mother(),
        ids(&comune),
    );
    let accountant = comune.as_accountant();
    comune
        .write(move |tx| {
            let [luca, sara] = accounts(tx, ids)?;
            moves(tx, luca, TODAY, 5_000)?;
            let id = request(tx, &key, &mother, luca)?;
            let approved = |tx: &Transaction<'_>| {
                approve(tx, &key, &clerk, &id, Cents(4_000), true, morning())
            };
            let moved = |tx: &Transaction<'_>, cents| {
                let new = ledger::NewTransfer {
                    from: luca,
                    to: sara,
                    amount: Cents(cents),
                    day: TODAY,
                    reason: "prova",
                };
                ledger::transfer(tx, &clerk, &new, morning()).map(|_| ())
            };
            approved(tx)?;
            assert_eq!(ledger::movable(tx, luca)?, Cents(1_000));
            assert!(matches!(moved(tx, 1_001), Err(Error::Invalid(_))));
            moved(tx, 1_000)?;
            let no_reason = take_back(tx, &clerk, &id, " ", morning());
            assert!(matches!(no_reason, Err(Error::Invalid(_))));
            take_back(tx, &clerk, &id, "importo sbagliato", morning())?;
            assert_eq!(case(tx, &id)?.state, CaseState::Asked);
            assert_eq!(ledger::movable(tx, luca)?, Cents(4_000));

            approved(tx)?;
            let list = make_list(tx, &accountant, std::slice::from_ref(&id), morning())?;
            let again = take_back(tx, &clerk, &id, "tardi", morning());
            assert!(matches!(again, Err(Error::Refused(_))), "on a list");
            let by_clerk = rejected(tx, &clerk, &id, "IBAN rifiutato", morning());
            assert!(matches!(by_clerk, Err(Error::Forbidden)));
            rejected(tx, &accountant, &id, "IBAN rifiutato", morning())?;
            assert_eq!(
                ledger::balance(tx, luca)?,
                Cents(4_000),
                "nothing is posted"
            );
            let list = super::list(tx, &list)?;
            assert_eq!((list.lines, list.total, list.paid), (1, Cents(4_000), 0));
            let late = mark_paid(tx, &accountant, &list, None, TODAY, morning());
            assert!(matches!(late, Err(Error::Refused(_))));
            request(tx, &key, &mother, luca)?;
            let findings = processes::checks::check_database(tx, None)?;
            let wrong: Vec<_> = findings.iter().filter(|finding| !finding.ok).collect();
            assert!(wrong.is_empty(), "{wrong:?}");
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_reversed_transfer_opens_its_case_again() {
    let comune = Comune::new();
    let (key, clerk, mother, ids) = (
        key(&comune),
        comune.as_clerk(),
        comune.as_mother(),
        ids(&comune),
    );
    comune
        .write(move |tx| {
            let [luca, sara] = accounts(tx, ids)?;
            moves(tx, luca, TODAY, 2_000)?;
            let id = request(tx, &key, &mother, luca)?;
            let to = public(tx, sara);
            transfer_to(tx, &clerk, &id, &to, Cents(2_000), false, morning())?;
            let moved = "select public_id from transfer order by id desc limit 1";
            let moved: PublicId = tx.query_row(moved, [], |row| row.get(0))?;
            let entry = ledger::movement(tx, &moved)?.entry;
            ledger::reverse(tx, &clerk, entry, "sbagliato", TODAY, morning())?;
            reopen_for(tx, &clerk, &moved, morning())?;
            let case = case(tx, &id)?;
            assert_eq!(
                (case.state, case.amount, case.balance),
                (CaseState::Asked, None, Cents(2_000))
            );
            Ok(())
        })
        .unwrap();
}

#[test]
fn drafts_of_a_batch_show_when_all_are_made_and_their_letters_are_forgotten() {
    let comune = Comune::new();
    let (clerk, ids) = (comune.as_clerk(), ids(&comune));
    let rule = "name = \"Prova\"\n[[step]]\ndo = \"collection\"";
    comune
        .write(move |tx| {
            let (at, later) = (morning(), morning().plus_millis(29 * 86_400_000));
            publish(tx, &clerk, PolicyKind::Dunning, rule, at)?;
            for account in accounts(tx, ids)? {
                moves(tx, account, date(2026, 7, 1), -2_000)?;
            }
            let payer = ids.0;
            let debts = debts_of_person(tx, payer, TODAY)?;
            let chosen = collection::by_payer(debts.iter());
            let by_mother = start_acts(tx, &Actor::Citizen(payer), &chosen, at);
            assert!(matches!(by_mother, Err(Error::Forbidden)));
            let job = start_acts(tx, &clerk, &chosen, at)?;
            let seen = |now| -> Result<(usize, usize)> {
                let acts = last_acts(tx, &[payer])?;
                Ok((acts.len(), kept_batches(tx, now)?.len()))
            };
            let taken = |actor: &Actor, now| take_letters(tx, actor, &job.public_id, now);

            // The draft is made, and nobody sees it before the job is done.
            let old = processes::collecting::collect_step(tx, &job, later);
            assert!(
                matches!(old, Err(Error::Refused(_))),
                "its letters are gone"
            );
            let step = processes::collecting::collect_step(tx, &job, at)?;
            assert!(matches!(step, jobs::Step::More { done: 1, .. }));
            tx.execute(
                "update job set state = 'running', cursor = '1', done = 1",
                [],
            )?;
            assert_eq!(seen(at)?, (0, 0));
            assert!(matches!(taken(&clerk, at), Err(Error::NotFound)));
            let done = jobs::run_within(tx, job.id, &processes::collecting::collect_step, at)?;
            assert_eq!(done.result["count"], 1);
            assert_eq!(done.result["total"], "40.00");
            assert_eq!(seen(at)?, (1, 1));
            let letters = taken(&clerk, at)?;
            assert_eq!((letters.len(), letters[0].amount), (1, Cents(4_000)));
            let by_mother = taken(&Actor::Citizen(payer), at);
            assert!(matches!(by_mother, Err(Error::Forbidden)));

            // After four weeks the letter is gone; that it was made is not.
            assert!(!forget_letters(tx, at)?);
            assert_eq!(seen(later)?, (1, 0));
            assert!(matches!(taken(&clerk, later), Err(Error::NotFound)));
            assert!(forget_letters(tx, later)?);
            assert!(!forget_letters(tx, later)?);
            assert_eq!(last_acts(tx, &[payer])?.len(), 1);
            Ok(())
        })
        .unwrap();
}
