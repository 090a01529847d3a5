//! What the cash desk must never do: lose a number, take twice, let a debt be paid twice, call cash
//! traceable.

use jiff::ToSpan;
use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::attestations;
use crate::attestations::compute::{Computed, Policy, compute};
use crate::base::{Cents, ChargeId, Date, Error, PublicId, Role, StaffActor};
use crate::ledger::{self, Cause, NewEntry};
use crate::payments::notices::{self, Notice, NoticeState};
use crate::payments::receipts::{self, Reception};
use crate::payments::{NoticeNumber, RawReceipt};
use crate::processes::checks;
use crate::testing::{Comune, morning};

/// A comune whose cash desk takes everything.
struct Desk {
    comune: Comune,
    cashier: Actor,
    accountant: Actor,
    account: PublicId,
}

fn desk() -> Desk {
    let comune = Comune::new();
    let with = |roles| {
        Actor::Staff(StaffActor {
            id: comune.clerk.id,
            roles,
        })
    };
    let cashier = with(vec![Role::Office, Role::Cashier]);
    let accountant = with(vec![Role::Accountant]);
    let (mother, luca, meals) = (comune.mother, comune.luca, comune.meals);
    let opens = accountant.clone();
    let account = comune
        .write(move |tx| {
            allow_means(tx, &opens, &Means::ALL, morning())?;
            let id = ledger::family_account(tx, mother, luca, meals)?;
            Ok(ledger::account(tx, id)?.public_id)
        })
        .unwrap();
    Desk {
        comune,
        cashier,
        accountant,
        account,
    }
}

impl Desk {
    fn taking(&self, cents: i64, means: Means) -> NewTaking {
        NewTaking {
            payer: self.comune.mother,
            notices: Vec::new(),
            amounts: vec![(self.account.clone(), Cents(cents))],
            means,
            received_on: date(2026, 11, 3),
            reference: "prova 1".to_owned(),
            paid_by: None,
        }
    }

    fn take(&self, new: &NewTaking) -> Result<PublicId> {
        self.take_at(new, morning())
    }

    fn take_at(&self, new: &NewTaking, now: Instant) -> Result<PublicId> {
        let (actor, new) = (self.cashier.clone(), new.clone());
        self.comune.write(move |tx| take(tx, &actor, &new, now))
    }

    fn cancel(&self, actor: &Actor, id: &PublicId, now: Instant) -> Result<()> {
        let (actor, id) = (actor.clone(), id.clone());
        self.comune
            .write(move |tx| cancel(tx, &actor, &id, "importo sbagliato", now))
    }

    fn owe(&self, number: i64, cents: i64) {
        let (account, meals) = (self.account.clone(), self.comune.meals);
        let owe = move |tx: &Transaction<'_>| {
            let entry = NewEntry {
                day: date(2026, 10, 1),
                debit: ledger::account_by_public_id(tx, &account)?.id,
                credit: ledger::revenue_account(tx, meals)?,
                amount: Cents(cents),
                cause: Cause::Charge(ChargeId(number)),
            };
            ledger::post(tx, &entry, morning())
        };
        self.comune.write(owe).unwrap();
    }

    fn notice(&self, cents: i64) -> Notice {
        let (actor, account) = (self.comune.as_mother(), self.account.clone());
        let create = move |tx: &Transaction<'_>| {
            notices::create(tx, &actor, &account, Cents(cents), None, morning())
        };
        self.comune.write(create).unwrap()
    }

    fn state(&self, notice: &Notice) -> NoticeState {
        let read = self.comune.store.read(|db| notices::notice(db, notice.id));
        read.unwrap().state
    }

    /// What open notices ask for.
    fn asked(&self) -> Vec<Cents> {
        let mother = self.comune.mother;
        let read = |db: &Connection| notices::open_of_person(db, mother);
        let open = self.comune.store.read(read).unwrap();
        let mut asked: Vec<Cents> = open.iter().map(|notice| notice.amount).collect();
        asked.sort();
        asked
    }

    fn balance(&self) -> Cents {
        let read = |db: &Connection| ledger::account_by_public_id(db, &self.account);
        self.comune.store.read(read).unwrap().balance
    }

    fn numbers(&self, year: i16) -> Vec<i64> {
        let sql = "select number from cash_desk_receipt where year = ?1 order by receipt_id";
        let read = |db: &Connection| {
            let mut statement = db.prepare(sql)?;
            let rows = statement.query_map([year], |row| row.get(0))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        };
        self.comune.store.read(read).unwrap()
    }
}

fn field_of(error: Error) -> String {
    match error {
        Error::Invalid(fields) => fields[0].field.clone(),
        other => panic!("{other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever is taken, refused, cut off and cancelled, over two years: the numbers of each year
    /// are 1, 2, 3 …, the balance is what was taken and not cancelled, and every invariant holds.
    #[test]
    fn numbers_have_no_gap_after_any_sequence(
        deeds in proptest::collection::vec((0_u8..5, 500_i64..3_000, 0_usize..12, 0_usize..4), 0..25)
    ) {
        let desk = desk();
        let mut taken: Vec<(PublicId, i64, bool)> = Vec::new();
        let mut now = morning();
        for (what, cents, which, means) in deeds {
            let mut new = desk.taking(cents, Means::ALL[means]);
            match what {
                0 | 1 => {
                    let id = desk.take_at(&new, now).unwrap();
                    taken.push((id, cents, true));
                }
                2 => {
                    new.amounts[0].1 = Cents(499);
                    prop_assert!(desk.take_at(&new, now).is_err());
                    // The number of a transaction that breaks off is given again.
                    let cashier = desk.cashier.clone();
                    let cut = desk.comune.write(move |tx| {
                        new.amounts[0].1 = Cents(600);
                        take(tx, &cashier, &new, now)?;
                        Err::<(), _>(Error::Internal("cut".to_owned()))
                    });
                    prop_assert!(cut.is_err());
                }
                3 => if let Some((id, _, good)) = taken.get_mut(which) {
                    prop_assert_eq!(desk.cancel(&desk.accountant, id, now).is_ok(), *good);
                    *good = false;
                },
                _ => now = now.plus_millis(40 * 86_400_000),
            }
        }
        let mut all = 0;
        for year in [2026, 2027, 2028, 2029] {
            let numbers = desk.numbers(year);
            prop_assert_eq!(&numbers, &(1..=numbers.len() as i64).collect::<Vec<_>>());
            all += numbers.len();
        }
        prop_assert_eq!(all, taken.len());
        let kept: i64 = taken.iter().filter(|(.., good)| *good).map(|(_, cents, _)| *cents).sum();
        prop_assert_eq!(desk.balance(), Cents(kept));
        let findings = desk.comune.store.read(|db| checks::check_database(db, None)).unwrap();
        for finding in findings {
            prop_assert!(finding.ok, "{}: {}", finding.check, finding.detail);
        }
    }
}

#[test]
fn a_number_can_be_neither_skipped_nor_taken_back() {
    let desk = desk();
    desk.take(&desk.taking(1_000, Means::Cash)).unwrap();
    for sql in [
        "update cash_desk_receipt set number = 2",
        "delete from cash_desk_receipt",
        "insert into cash_desk_receipt select receipt_id + 1, year, 3, means, received_on, reference,
           staff_id from cash_desk_receipt",
    ] {
        assert!(desk.comune.write(move |tx| Ok(tx.execute(sql, [])?)).is_err(), "{sql}");
    }
}

#[test]
fn a_debt_that_the_desk_took_is_asked_for_no_more() {
    let desk = desk();
    desk.owe(1, 10_000);
    let (all, part) = (desk.notice(10_000), desk.notice(3_000));
    desk.take(&desk.taking(4_000, Means::Cash)).unwrap();
    assert_eq!(
        desk.state(&all),
        NoticeState::Cancelled,
        "asks for too much"
    );
    assert_eq!(desk.asked(), [Cents(3_000), Cents(6_000)], "what is left");
    assert_eq!(desk.state(&part), NoticeState::Open, "is still owed whole");
    let whole = NewTaking {
        notices: vec![part.public_id.clone()],
        amounts: Vec::new(),
        ..desk.taking(0, Means::Card)
    };
    desk.take(&whole).unwrap();
    assert_eq!(desk.balance(), Cents(-3_000));
    assert_eq!(desk.asked(), [Cents(3_000)]);
    assert_eq!(desk.state(&part), NoticeState::Cancelled);
    assert!(
        matches!(desk.take(&whole), Err(Error::Refused(_))),
        "not twice"
    );
    let told: i64 = desk
        .comune
        .store
        .read(|db| {
            let sql = "select count(*) from outbox where kind = 'notice-withdrawn'";
            Ok(db.query_row(sql, [], |row| row.get(0))?)
        })
        .unwrap();
    assert_eq!(told, 3, "the platform is told, of what was lowered too");

    // Who pays it through pagoPA all the same has credit.
    let raw = RawReceipt {
        key: "RT1".to_owned(),
        creditor: "01199250158".to_owned(),
        notice_number: NoticeNumber::to_string(&part.notice_number),
        amount: Cents(3_000),
        paid_at: morning(),
        psp: "Banca di Prova".to_owned(),
        means: "carta".to_owned(),
        payer: None,
        raw: b"<rt/>".to_vec(),
    };
    let reception = desk
        .comune
        .write(move |tx| receipts::receive(tx, &raw, morning()))
        .unwrap();
    assert_eq!(reception, Reception::Credited { differs: false });
    assert_eq!(desk.balance(), Cents::ZERO);
}

#[test]
fn a_top_up_that_waits_is_no_debt() {
    let desk = desk();
    let waiting = desk.notice(2_000);
    desk.take(&desk.taking(2_000, Means::Cash)).unwrap();
    assert_eq!(desk.state(&waiting), NoticeState::Open);
}

#[test]
fn cash_stands_apart_in_the_attestation_and_what_was_cancelled_nowhere() {
    let desk = desk();
    desk.take(&desk.taking(2_000, Means::Cash)).unwrap();
    desk.take(&desk.taking(3_000, Means::Card)).unwrap();
    desk.take(&desk.taking(700, Means::Cheque)).unwrap();
    let wrong = desk.take(&desk.taking(9_000, Means::Transfer)).unwrap();
    desk.cancel(&desk.cashier, &wrong, morning()).unwrap();
    let mother = desk.comune.mother;
    let facts = desk
        .comune
        .store
        .read(|db| attestations::facts(db, mother, 2026))
        .unwrap();
    let computed = compute(&facts, Policy::Debtor);
    let Computed::Sections(children) = computed else {
        panic!("there is something to attest");
    };
    let section = &children[0].services[0];
    assert_eq!(section.traceable, Cents(3_700));
    assert_eq!(section.otherwise_paid, Cents(2_000));
    assert_eq!(section.net, Cents(3_700));
    assert_eq!(section.rows.len(), 3);
    assert_eq!(section.rows[0].means, "contanti");
}

#[test]
fn what_is_wrong_is_said_beside_its_field() {
    let desk = desk();
    let refused = |change: &dyn Fn(&mut NewTaking)| {
        let mut new = desk.taking(1_000, Means::Card);
        change(&mut new);
        desk.take(&new).unwrap_err()
    };
    assert_eq!(
        field_of(refused(&|new| new.received_on = date(2026, 11, 4))),
        "received_on"
    );
    assert_eq!(
        field_of(refused(&|new| new.received_on = date(2025, 11, 2))),
        "received_on"
    );
    assert_eq!(field_of(refused(&|new| new.reference.clear())), "reference");
    let below = field_of(refused(&|new| new.amounts[0].1 = Cents(499)));
    assert_eq!(below, format!("amount-{}", desk.account));
    assert!(matches!(
        refused(&|new| new.amounts.clear()),
        Error::Refused(_)
    ));
    // Five thousand euros are too much in cash, not with a card.
    let much = |means| desk.take(&desk.taking(500_000, means));
    assert!(matches!(much(Means::Cash), Err(Error::Refused(_))));
    assert!(much(Means::Card).is_ok());
}

#[test]
fn who_may_take_and_cancel() {
    let desk = desk();
    let clerk = desk.comune.as_clerk();
    let new = desk.taking(1_000, Means::Cash);
    let by = |actor: &Actor| {
        let (actor, new) = (actor.clone(), new.clone());
        desk.comune
            .write(move |tx| take(tx, &actor, &new, morning()))
    };
    for nobody in [&clerk, &desk.accountant, &desk.comune.as_mother()] {
        assert!(matches!(by(nobody), Err(Error::Forbidden)), "{nobody:?}");
    }
    let (first, second) = (by(&desk.cashier).unwrap(), by(&desk.cashier).unwrap());
    assert!(matches!(
        desk.cancel(&clerk, &first, morning()),
        Err(Error::Refused(_))
    ));
    desk.cancel(&desk.cashier, &first, morning()).unwrap();
    let again = desk.cancel(&desk.accountant, &first, morning());
    assert!(matches!(again, Err(Error::Refused(_))));
    let tomorrow = morning().plus_millis(86_400_000);
    let late = desk.cancel(&desk.cashier, &second, tomorrow);
    assert!(matches!(late, Err(Error::Refused(_))));
    desk.cancel(&desk.accountant, &second, tomorrow).unwrap();
    assert_eq!(desk.balance(), Cents::ZERO);

    // Only the accountant switches it off.
    let (office, accountant) = (desk.cashier.clone(), desk.accountant.clone());
    let off = desk
        .comune
        .write(move |tx| allow_means(tx, &office, &[], morning()));
    assert!(matches!(off, Err(Error::Forbidden)));
    desk.comune
        .write(move |tx| allow_means(tx, &accountant, &[], morning()))
        .unwrap();
    assert!(matches!(by(&desk.cashier), Err(Error::Refused(_))));
}

#[test]
fn the_register_says_what_is_to_be_handed_over() {
    let desk = desk();
    let day = date(2026, 11, 3);
    for (cents, means) in [
        (2_000, Means::Cash),
        (1_500, Means::Cheque),
        (900, Means::Card),
    ] {
        desk.take(&desk.taking(cents, means)).unwrap();
    }
    let wrong = desk.take(&desk.taking(600, Means::Cash)).unwrap();
    let register = |day: Date| {
        let filter = Filter {
            from: day,
            to: day,
            means: None,
            taken_by: None,
        };
        let mut days = desk.comune.store.read(|db| register(db, &filter)).unwrap();
        days.remove(&day)
    };
    assert_eq!(register(day).unwrap().to_hand_over(), Cents(4_100));
    let deposit = |day, on, now| {
        let actor = desk.accountant.clone();
        desk.comune.write(move |tx| {
            let new = NewDeposit {
                day,
                on,
                reference: "quietanza 17",
            };
            record_deposit(tx, &actor, &new, now)
        })
    };
    let (next, now) = (day.tomorrow().unwrap(), morning().plus_millis(86_400_000));
    assert_eq!(field_of(deposit(next, next, now).unwrap_err()), "day");
    let early = day.checked_sub(1.days()).unwrap();
    assert_eq!(
        field_of(deposit(day, early, now).unwrap_err()),
        "deposited_on"
    );
    deposit(day, next, now).unwrap();
    assert_eq!(register(day).unwrap().missing(), Cents::ZERO);

    // Cancelled afterwards: it goes out of the day of that.
    desk.cancel(&desk.accountant, &wrong, now).unwrap();
    assert_eq!(register(day).unwrap().total(), Cents(5_000));
    assert_eq!(register(next).unwrap().total(), Cents(-600));
}
