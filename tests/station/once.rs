//! One receipt, one credit.

use super::node::{Rt, Town, text};

#[test]
fn the_same_receipt_a_thousand_times_from_sixteen_threads_is_one_credit() {
    let town = Town::new();
    let number = town.notices.open.clone();
    let body = Rt::new("S-thousand", &number).v2();
    let other = Rt::new("S-second", &number).v1();
    std::thread::scope(|scope| {
        for thread in 0..16 {
            let (town, body, other) = (&town, &body, &other);
            scope.spawn(move || {
                for turn in 0..1000 / 16 + usize::from(thread < 1000 % 16) {
                    // One sender has another receipt for the same notice.
                    let sent = if thread == 7 && turn % 10 == 9 {
                        other
                    } else {
                        body
                    };
                    assert_eq!(text(&town.call(sent), "outcome"), "OK");
                }
            });
        }
    });
    let (times, cents) = town.credited(&number);
    assert_eq!((times, cents), (1, 4250));
    let receipts = "select count(*) from receipt where notice_number = ?1";
    assert_eq!(town.count(receipts, &number), 2);
    let suspense = "select count(*) from receipt where notice_number = ?1 and outcome = 'suspense'";
    assert_eq!(town.count(suspense, &number), 1);
    let check = town.folder.run(&["check"]);
    assert!(check.status.success(), "{}", super::server::said(&check));
}
