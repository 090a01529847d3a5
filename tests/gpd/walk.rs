//! A walk at random: the sandbox and the counterpart of GPD get the same calls, and answer alike.

use campanella::base::{Cents, Error, Instant};
use campanella::payments::gateway::{PaymentGateway, Position, Verdict};
use campanella::payments::positions::{Fault, PositionState};
use campanella::payments::sandbox::{self, PaidBy, Sandbox};
use campanella::payments::{NoticeNumber, SegregationCode, Subject};
use campanella::processes::payments;
use campanella::store::Urgency;
use jiff::civil::date;

use super::scene::Scene;
use super::server::IBAN;
use super::support::Town;

fn position(base: u64, cents: i64) -> Position {
    let segregation = SegregationCode::parse("02").unwrap();
    Position {
        notice_number: NoticeNumber::issue(segregation, base).unwrap(),
        amount: Cents(cents),
        subject: "Mensa".to_owned(),
        category: "9/0107101TS/".to_owned(),
        debtor: Subject {
            code: "RSSMRA85T50A562Q".to_owned(),
            name: "Rossi Mara".to_owned(),
        },
        due_date: Some(date(2026, 12, 31)),
        expires: false,
        made_on: date(2026, 11, 3),
        iban: IBAN.to_owned(),
    }
}

fn said(done: campanella::base::Result<()>) -> &'static str {
    match done.as_ref().map_err(Verdict::of) {
        Ok(()) => "done",
        Err((Verdict::Paid, _)) => "paid",
        Err((Verdict::Never, _)) => "never",
        Err((Verdict::Later { .. }, _)) => "later",
    }
}

#[test]
fn the_sandbox_answers_as_the_counterpart_does() {
    let (scene, town) = (Scene::new(), Town::founded());
    let real = payments::gateway(&scene.app).unwrap().unwrap();
    let demo = Sandbox::open(&town.app.store).unwrap();
    let now: Instant = town.app.now();
    let mut rng = fastrand::Rng::with_seed(4711);
    let mut invalid = 0;
    for step in 0..300 {
        let at = position(1000 + rng.u64(0..12), 4250);
        let (number, name) = (at.notice_number, format!("campanella-{}", at.notice_number));
        match rng.u8(0..3) {
            0 => {
                // What was taken back is never offered again: numbers are not reused.
                if scene.server.status_of(&name) == "INVALID" {
                    invalid += 1;
                    continue;
                }
                assert_eq!(
                    said(demo.publish(&at)),
                    said(real.publish(&at)),
                    "step {step}"
                );
            }
            1 => {
                let (theirs, ours) = (real.invalidate(&number), demo.invalidate(&number));
                assert_eq!(said(ours), said(theirs), "step {step}");
            }
            _ => {
                let stands = PositionState::parse(&scene.server.status_of(&name));
                let fault = Fault::of(stands);
                let by = PaidBy {
                    method: "cash",
                    psp: "Banca di Prova",
                    receipt_later: false,
                };
                let paid = town.app.store.write(Urgency::Interactive, move |tx| {
                    sandbox::pay_at_psp(tx, number.as_str(), "01199250158", &by, now)
                });
                assert_eq!(paid.is_ok(), fault.is_none(), "step {step}: {paid:?}");
                if fault.is_none() {
                    scene.server.pay(&name, true);
                }
            }
        }
        let ours: String = town.ask(&format!(
            "select coalesce((select state from sandbox_position where notice_number = '{number}'), '')"
        ));
        assert_eq!(ours, scene.server.status_of(&name), "step {step}");
    }
    assert!(invalid > 5, "the walk went everywhere");
    scene.judge();
}

#[test]
fn the_sandbox_lets_nobody_pay_what_has_ended() {
    let town = Town::founded();
    let ends = Position {
        expires: true,
        ..position(1, 4250)
    };
    let stays = position(2, 4250);
    let demo = Sandbox::open(&town.app.store).unwrap();
    for position in [&ends, &stays] {
        demo.publish(position).unwrap();
    }
    let pay = |number: NoticeNumber, day, hour: i64| {
        let by = PaidBy {
            method: "cash",
            psp: "Banca di Prova",
            receipt_later: false,
        };
        let now = Instant::from_rome(day).plus_millis(hour * 3_600_000);
        let paid = town.app.store.write(Urgency::Interactive, move |tx| {
            sandbox::pay_at_psp(tx, number.as_str(), "01199250158", &by, now)
        });
        match paid {
            Ok(_) => "",
            Err(Error::Invalid(fields)) => fields[0].text.key,
            Err(other) => panic!("{other}"),
        }
    };
    let (last, next) = (
        date(2026, 12, 31).at(0, 0, 0, 0),
        date(2027, 1, 1).at(0, 0, 0, 0),
    );
    assert_eq!(pay(ends.notice_number, next, 0), "sandbox-expired");
    assert_eq!(pay(ends.notice_number, last, 23), "");
    assert_eq!(pay(stays.notice_number, next, 0), "");
}
