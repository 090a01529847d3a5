//! The way to GPD over real HTTP, against a counterpart that keeps its rules: what is sent, what comes
//! back, what happens when nobody answers. Every exchange is judged by pagoPA's OpenAPI files.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a test that can't go on has failed"
)]

#[path = "../support/mod.rs"]
mod support;

mod checkout;
mod flows;
mod office;
mod openapi;
mod scene;
mod server;
mod walk;

use std::io::Write;
use std::sync::{Arc, Mutex};

use campanella::base::{Actor, Cents, Instant};
use campanella::payments::notices::{self, Notice};
use campanella::payments::{self, Share, platform};
use campanella::processes::checks;
use campanella::store::Urgency;
use jiff::civil::date;
use scene::{Scene, morning};
use server::{KEY, Trick};

#[test]
fn the_whole_way_of_a_notice() {
    let scene = Scene::new();
    let notice = scene.notice(4250, None);
    scene.round();
    assert_eq!(scene.there(&notice), "VALID");
    assert_eq!(scene.known(&notice), "VALID");
    let body = scene.server.state().positions[&scene.iupd(&notice)]
        .body
        .clone();
    assert_eq!(body["switchToExpired"], true, "a top-up is short-lived");
    assert_eq!(body["paymentOption"][0]["dueDate"], "2026-12-03T22:59:59Z");
    let said = body.to_string();
    assert!(!said.contains("Luca"), "the child's name travels: {said}");

    scene.server.pay(&scene.iupd(&notice), false);
    scene.round();
    assert_eq!(
        scene.state(notice.id),
        "open",
        "its receipt is not handed out yet"
    );
    scene.server.settle(&scene.iupd(&notice));
    scene.round();
    assert_eq!(scene.state(notice.id), "paid");
    assert_eq!(scene.known(&notice), "PAID");
    assert_eq!(scene.balance(), 4250);
    let before = scene.server.calls().len();
    for _ in 0..3 {
        scene.round();
    }
    assert_eq!(scene.balance(), 4250, "credited once");
    let calls = scene.server.calls();
    let later: Vec<_> = calls[before..].iter().collect();
    assert_eq!(
        later, ["GET receipts 200"; 3],
        "a known receipt is not fetched again"
    );
    scene.judge();
}

#[test]
fn a_call_that_nobody_answered_is_looked_for_before_it_is_repeated() {
    let scene = Scene::new();
    let notice = scene.notice(4250, None);
    scene.server.trick(Trick::SilentAfter);
    scene.round();
    let calls = scene.server.calls();
    let name = scene.iupd(&notice);
    assert_eq!(
        calls[..2],
        [
            "POST debtpositions 201".to_owned(),
            format!("GET {name} 200"),
        ]
    );
    assert_eq!(scene.server.state().positions.len(), 1);
    assert_eq!(scene.waiting(), [""; 0]);
    assert_eq!(scene.known(&notice), "VALID");
    // The same for a withdrawal.
    let id = notice.id;
    scene.write(move |tx| notices::withdraw(tx, id, morning()));
    scene.server.trick(Trick::SilentAfter);
    scene.round();
    assert_eq!(scene.there(&notice), "INVALID");
    assert_eq!(scene.known(&notice), "INVALID");
    assert_eq!(scene.waiting(), [""; 0]);
    scene.judge();
}

#[test]
fn what_did_not_arrive_is_tried_again_after_a_while() {
    let scene = Scene::new();
    let notice = scene.notice(4250, None);
    scene.server.trick(Trick::SilentBefore);
    let before = scene.app.now().0;
    scene.round();
    assert_eq!(scene.there(&notice), "");
    assert_eq!(scene.waiting(), ["notice-published 1 pagopa-silent"]);
    let next: i64 =
        scene.ask("select next_at from outbox where done_at is null and kind = 'notice-published'");
    assert!(next >= before + 2_000, "not at once");
    scene.server.trick(Trick::Down);
    scene.hurry();
    scene.round();
    assert_eq!(scene.waiting(), ["notice-published 2 pagopa-silent"]);
    scene.hurry();
    scene.round();
    assert_eq!(scene.there(&notice), "VALID");
    assert_eq!(scene.waiting(), [""; 0]);
    scene.judge();
}

#[test]
fn who_is_never_answered_waits_for_the_office_in_the_end() {
    let scene = Scene::new();
    scene.notice(4250, None);
    for _ in 0..36 {
        scene.server.trick(Trick::Down);
        scene.server.trick(Trick::Down);
        scene.hurry();
        scene.server.state().exchanges.clear();
        let gateway = campanella::processes::payments::gateway(&scene.app)
            .unwrap()
            .unwrap();
        let open = scene
            .app
            .store
            .read(|db| notices::open_of_person(db, scene.mother))
            .unwrap();
        let told =
            campanella::processes::payments::publish_now(&scene.app, gateway.as_ref(), &open);
        assert!(told.is_err());
    }
    assert_eq!(scene.waiting(), ["notice-published 36 pagopa-silent dead"]);
}

#[test]
fn a_platform_that_is_busy_is_left_alone() {
    let scene = Scene::new();
    for cents in [4000, 4100, 4200] {
        scene.notice(cents, None);
    }
    scene.server.trick(Trick::Busy(120));
    scene.round();
    let posts = scene
        .server
        .calls()
        .iter()
        .filter(|call| call.starts_with("POST"))
        .count();
    assert_eq!(posts, 1, "the round ends");
    assert_eq!(
        scene.waiting()[0],
        "notice-published 0 pagopa-busy",
        "it was no attempt"
    );
    let next: i64 = scene.ask("select next_at from outbox where fault = 'pagopa-busy'");
    let wait = next - scene.app.now().0;
    assert!((100_000..=120_000).contains(&wait), "{wait} ms");
    scene.hurry();
    scene.round();
    assert_eq!(scene.waiting(), [""; 0]);
    scene.judge();
}

#[test]
fn what_is_refused_for_good_is_a_dead_letter_at_once() {
    let scene = Scene::new();
    scene.write(|tx| Ok(tx.execute("update pagopa_setting set iban = 'IT00X'", [])?));
    let notice = scene.notice(4250, None);
    scene.round();
    assert_eq!(scene.waiting(), ["notice-published 1 pagopa-refused dead"]);
    let words: String = scene.ask("select last_error from outbox where dead_at is not null");
    assert!(words.contains("the IBAN is not registered"), "{words}");
    scene.hurry();
    scene.round();
    let told = scene.server.calls();
    let told: Vec<_> = told.iter().filter(|c| c.starts_with("POST")).collect();
    assert_eq!(told.len(), 1, "not tried by itself: {told:?}");
    assert_eq!(scene.there(&notice), "");
    // Without an account nothing is sent, and nothing is dead.
    let scene = Scene::new();
    scene.write(|tx| Ok(tx.execute("update pagopa_setting set iban = ''", [])?));
    scene.notice(4250, None);
    scene.round();
    assert_eq!(scene.waiting(), ["notice-published 0 pagopa-no-iban"]);
}

#[test]
fn a_position_of_somebody_else_is_not_adopted() {
    let scene = Scene::new();
    let notice = scene.notice(4250, None);
    scene.round();
    // The platform has our name with another amount; the database forgets that it knew.
    let name = scene.iupd(&notice);
    for path in [
        "/paymentOption/0/amount",
        "/paymentOption/0/transfer/0/amount",
    ] {
        let mut state = scene.server.state();
        let position = state.positions.get_mut(&name).unwrap();
        *position.body.pointer_mut(path).unwrap() = 9999.into();
    }
    scene.write(|tx| {
        Ok(tx.execute(
            "update outbox set done_at = null where kind = 'notice-published'",
            [],
        )?)
    });
    scene.round();
    assert_eq!(scene.waiting(), ["notice-published 1 pagopa-differs dead"]);
    // The number is taken under another name.
    let other = scene.notice(5000, None);
    let mut taken = scene.server.state().positions[&name].clone();
    taken.body["paymentOption"][0]["iuv"] = other.notice_number.iuv().to_string().into();
    scene
        .server
        .state()
        .positions
        .insert("altro-sistema".to_owned(), taken);
    scene.round();
    let waiting = scene.waiting();
    assert_eq!(waiting[1], "notice-published 1 pagopa-refused dead");
    // An account that was mended meanwhile is no other position: it is brought up to date.
    let scene = Scene::new();
    let notice = scene.notice(4250, None);
    scene.round();
    let name = scene.iupd(&notice);
    let iban = "/paymentOption/0/transfer/0/iban";
    *scene
        .server
        .state()
        .positions
        .get_mut(&name)
        .unwrap()
        .body
        .pointer_mut(iban)
        .unwrap() = "IT1".into();
    scene.write(|tx| {
        Ok(tx.execute(
            "update outbox set done_at = null where kind = 'notice-published'",
            [],
        )?)
    });
    scene.round();
    assert_eq!(scene.waiting(), [""; 0]);
    assert_eq!(
        scene.server.state().positions[&name]
            .body
            .pointer(iban)
            .unwrap(),
        server::IBAN
    );
    scene.judge();
}

/// What a thread logs.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn the_key_is_written_nowhere() {
    let scene = Scene::new();
    scene.notice(4250, None);
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, || {
        for trick in [
            Trick::Unauthorized,
            Trick::Down,
            Trick::SilentBefore,
            Trick::Redirect,
        ] {
            scene.server.trick(trick);
            scene.hurry();
            scene.round();
        }
        scene.hurry();
        scene.round();
    });
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(
        log.contains("did not take it"),
        "something was logged: {log}"
    );
    assert!(!log.contains(KEY), "{log}");
    assert!(!format!("{:?}", scene.app.config).contains(KEY));
    let dump: String = scene.ask("select group_concat(last_error || payload) from outbox");
    assert!(!dump.contains(KEY));
    let findings = format!("{:?}", checks::check(&scene.app).unwrap());
    assert!(
        !findings.contains(KEY) && findings.contains("others can read"),
        "{findings}"
    );
    std::fs::remove_file(scene.key_file()).unwrap();
    let findings = format!("{:?}", checks::check(&scene.app).unwrap());
    assert!(findings.contains("gpd.key"), "{findings}");
    // Without a key nothing leaves, and nothing is dead.
    let before = scene.server.calls().len();
    let notice = scene.notice(5000, None);
    scene.round();
    assert_eq!(scene.server.calls().len(), before);
    assert_eq!(scene.waiting(), ["notice-published 1 pagopa-key"]);
    assert_eq!(scene.there(&notice), "");
}

#[test]
fn a_redirect_is_not_followed() {
    let scene = Scene::new();
    let notice = scene.notice(4250, None);
    scene.server.trick(Trick::Redirect);
    scene.server.trick(Trick::Redirect);
    scene.round();
    assert!(
        !scene
            .server
            .calls()
            .iter()
            .any(|call| call.contains("stolen"))
    );
    assert_eq!(scene.there(&notice), "");
    assert_eq!(scene.waiting(), ["notice-published 1 pagopa-silent"]);
}

/// A notice in the place of another, as a correction makes it.
fn replaced(scene: &Scene, old: &Notice, cents: i64) -> Notice {
    let (old, payer, account, now) = (old.id, old.payer_id, old.account_id, scene.app.now());
    scene.write(move |tx| {
        notices::withdraw(tx, old, now)?;
        let share = Share {
            account,
            amount: Cents(cents),
        };
        let due = Some(date(2026, 12, 31));
        let new = payments::create_shared(tx, payer, &[share], "Mensa", due, now)?;
        platform::replace(tx, new.id, &[old])?;
        Ok(new)
    })
}

#[test]
fn a_new_notice_waits_until_the_old_one_can_not_be_paid() {
    let scene = Scene::new();
    let old = scene.notice(4250, None);
    scene.round();
    let new = replaced(&scene, &old, 3000);
    // The platform stands still at the withdrawal, and at the look after it.
    scene.server.trick(Trick::Down);
    scene.server.trick(Trick::Down);
    scene.round();
    assert_eq!(scene.there(&old), "VALID");
    assert_eq!(
        scene.there(&new),
        "",
        "two notices for one debt would be payable"
    );
    assert_eq!(
        scene.waiting(),
        [
            "notice-withdrawn 1 pagopa-silent",
            "notice-published 0 pagopa-waits",
        ]
    );
    scene.write(|tx| {
        Ok(tx.execute(
            "update outbox set next_at = 1 where kind = 'notice-withdrawn'",
            [],
        )?)
    });
    scene.round();
    assert_eq!(scene.there(&old), "INVALID");
    scene.round();
    assert_eq!(
        scene.there(&new),
        "VALID",
        "what waited is due when the old one is withdrawn"
    );
    assert_eq!(scene.waiting(), [""; 0]);
    scene.judge();
}

#[test]
fn a_notice_whose_old_one_was_paid_meanwhile_is_never_published() {
    let scene = Scene::new();
    let old = scene.notice(4250, None);
    scene.round();
    scene.server.pay(&scene.iupd(&old), false);
    let new = replaced(&scene, &old, 3000);
    scene.round();
    scene.round();
    assert_eq!(scene.there(&new), "");
    assert_eq!(scene.known(&old), "PAID");
    assert_eq!(scene.state(new.id), "cancelled");
    assert_eq!(
        scene.waiting(),
        ["notice-published 1 pagopa-replaced-paid dead"]
    );
    // Trying again would not help: it stays until the office has seen to it.
    let all = payments::Which {
        dead: true,
        errand: None,
    };
    let (clerk, now) = (Actor::Staff(scene.clerk.clone()), scene.app.now());
    let again = scene.app.store.write(Urgency::Interactive, move |tx| {
        payments::retry_deliveries(tx, &clerk, all, 10, now)
    });
    assert!(again.is_err());
    assert_eq!(scene.waiting().len(), 1);
    scene.server.settle(&scene.iupd(&old));
    scene.round();
    assert_eq!(scene.state(old.id), "paid");
    assert_eq!(scene.balance(), 4250);
    scene.judge();
}

#[test]
fn what_an_earlier_system_published_is_not_ours_to_take_back() {
    let scene = Scene::new();
    let notice = scene.notice(4250, None);
    scene.round();
    let id = notice.id;
    scene.write(move |tx| {
        tx.execute(
            "update payment_notice set origin = 'vecchio' where id = ?1",
            [id],
        )?;
        notices::withdraw(tx, id, morning())
    });
    scene.round();
    assert_eq!(scene.waiting(), ["notice-withdrawn 1 pagopa-foreign dead"]);
    assert_eq!(scene.there(&notice), "VALID");
}

#[test]
fn a_top_up_that_was_given_up_ends_with_its_last_day() {
    let mut scene = Scene::new();
    let notice = scene.notice(4250, None);
    let again = scene.notice(4250, None);
    assert_eq!(again.id, notice.id, "an open one is given again");
    scene.round();
    let at = |day: i8, hour: i8| Instant::from_rome(date(2026, 12, day).at(hour, 0, 0, 0));
    scene.goes_on_at(at(3, 23));
    assert_eq!(
        campanella::processes::payments::expire(&scene.app).unwrap(),
        0
    );
    scene.goes_on_at(at(4, 0));
    assert_eq!(
        campanella::processes::payments::expire(&scene.app).unwrap(),
        1
    );
    assert_eq!(
        campanella::processes::payments::expire(&scene.app).unwrap(),
        0
    );
    assert_eq!(scene.state(notice.id), "expired");
    scene.round();
    assert_eq!(scene.there(&notice), "INVALID");
    assert_eq!(scene.known(&notice), "INVALID");
    assert_ne!(scene.notice(4250, None).id, notice.id);
    scene.judge();
}

#[test]
fn what_a_bill_asks_for_stays_payable_unless_its_service_says_otherwise() {
    let mut scene = Scene::new();
    let account = scene.notice(4250, None).account_id;
    let (payer, due) = (scene.mother, Some(date(2026, 11, 30)));
    let made = scene.write(move |tx| {
        let share = [Share {
            account,
            amount: Cents(5000),
        }];
        payments::create_shared(tx, payer, &share, "Mensa ottobre", due, morning())
    });
    scene.round();
    let switch = |scene: &Scene, notice: &Notice| {
        scene.server.state().positions[&scene.iupd(notice)].body["switchToExpired"].clone()
    };
    assert_eq!(switch(&scene, &made), false);
    scene.goes_on_at(Instant::from_rome(date(2026, 12, 1).at(8, 0, 0, 0)));
    assert_eq!(
        campanella::processes::payments::expire(&scene.app).unwrap(),
        0
    );
    scene.write(|tx| {
        Ok(tx.execute(
            "update service set pays_after_due = 0 where code = 'mensa'",
            [],
        )?)
    });
    assert_eq!(
        campanella::processes::payments::expire(&scene.app).unwrap(),
        1
    );
    assert_eq!(scene.state(made.id), "expired");
    let due = Some(date(2026, 12, 31));
    let later = scene.write(move |tx| {
        let share = [Share {
            account,
            amount: Cents(5100),
        }];
        payments::create_shared(tx, payer, &share, "Mensa novembre", due, morning())
    });
    scene.round();
    assert_eq!(switch(&scene, &later), true);
}

#[test]
fn amount_and_date_of_a_notice_are_never_changed_in_place() {
    let scene = Scene::new();
    let notice = scene.notice(4250, None);
    for change in ["amount = 1", "due_date = '2027-01-01'", "due_date = null"] {
        let sql = format!(
            "update payment_notice set {change} where id = {}",
            notice.id.0
        );
        let work = move |tx: &rusqlite::Transaction<'_>| Ok(tx.execute(&sql, [])?);
        let done = scene.app.store.write(Urgency::Interactive, work);
        assert!(done.is_err(), "{change}");
    }
}
