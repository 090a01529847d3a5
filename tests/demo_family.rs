//! Every family of a small demo, added up by hand out of what schools marked and banks reported,
//! equals its statement. Prices, ISEE bands and school days are typed here once more, on purpose.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod support;

use std::collections::BTreeSet;

use campanella::base::{Actor, Cents, Date, PersonId};
use campanella::statement::{self, Filter};
use jiff::ToSpan;
use jiff::civil::{Weekday, date};
use rusqlite::Connection;
use support::Town;

/// "Refezione scolastica 2025-2027" of the demo: up to this ISEE, this price, in cents.
const BANDS: &[(i64, i64)] = &[
    (600_000, 150),
    (1_100_000, 280),
    (1_800_000, 390),
    (2_600_000, 460),
];
const TOP: i64 = 520;
const NON_RESIDENT: i64 = 560;

/// The demo's clock shows 3 November 2026, 08:00: the day before waits for the clerk.
const LAST_CLOSED: Date = date(2026, 10, 30);

/// The demo's school days with meals: Monday to Friday in its two seasons, without the days off.
fn school_days() -> BTreeSet<Date> {
    let seasons = [
        (date(2025, 9, 21), date(2026, 6, 5)),
        (date(2026, 9, 21), LAST_CLOSED),
    ];
    let off = [
        (date(2025, 10, 15), date(2025, 10, 15)),
        (date(2025, 12, 8), date(2025, 12, 8)),
        (date(2025, 12, 24), date(2026, 1, 6)),
        (date(2026, 4, 2), date(2026, 4, 7)),
        (date(2026, 5, 1), date(2026, 5, 1)),
        (date(2026, 6, 2), date(2026, 6, 2)),
        (date(2026, 10, 15), date(2026, 10, 15)),
    ];
    seasons
        .iter()
        .flat_map(|(first, last)| first.series(1.day()).take_while(|day| day <= last))
        .filter(|day| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday))
        .filter(|day| !off.iter().any(|(from, to)| from <= day && day <= to))
        .collect()
}

struct Child {
    payer: PersonId,
    child: i64,
    resident: bool,
    from: Date,
}

fn children(db: &Connection) -> Vec<Child> {
    let sql = "select e.payer_id, e.child_id, p.resident, min(e.from_date)
               from enrolment e join service s on s.id = e.service_id and s.code = 'mensa'
               join person p on p.id = e.child_id group by 1, 2 order by 1, 2";
    let mut statement = db.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| {
        Ok(Child {
            payer: row.get(0)?,
            child: row.get(1)?,
            resident: row.get(2)?,
            from: row.get(3)?,
        })
    });
    rows.unwrap().map(Result::unwrap).collect()
}

/// The days that a school marked: day, present.
fn marks(db: &Connection, child: i64) -> Vec<(Date, bool)> {
    let sql = "select r.day, m.present from register_mark m join register r on r.id = m.register_id
               join enrolment e on e.id = m.enrolment_id
               join service s on s.id = e.service_id and s.code = 'mensa'
               where e.child_id = ?1 and r.day <= ?2 order by r.day";
    let mut statement = db.prepare(sql).unwrap();
    let rows = statement.query_map((child, LAST_CLOSED), |row| Ok((row.get(0)?, row.get(1)?)));
    rows.unwrap().map(Result::unwrap).collect()
}

/// Value, first and last day.
fn isee(db: &Connection, child: i64) -> Vec<(i64, Date, Date)> {
    let sql = "select value, valid_from, valid_to from isee where child_id = ?1";
    let mut statement = db.prepare(sql).unwrap();
    let rows = statement.query_map([child], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    rows.unwrap().map(Result::unwrap).collect()
}

fn price(child: &Child, isee: &[(i64, Date, Date)], day: Date) -> i64 {
    if !child.resident {
        return NON_RESIDENT;
    }
    let valid = isee.iter().find(|(_, from, to)| *from <= day && day <= *to);
    let band = valid.and_then(|(value, ..)| BANDS.iter().find(|(limit, _)| value <= limit));
    band.map_or(TOP, |(_, price)| *price)
}

fn paid(db: &Connection, child: &Child) -> i64 {
    // An instalment of a plan may be for several accounts: each has its share.
    let sql = "select coalesce(sum(coalesce(h.amount, r.amount)), 0) from receipt r
               join payment_notice n on n.id = r.notice_id
               left join notice_share h on h.notice_id = n.id
               join account a on a.id = coalesce(h.account_id, n.account_id)
               join service s on s.id = a.service_id and s.code = 'mensa'
               where a.payer_id = ?1 and a.child_id = ?2";
    db.query_row(sql, (child.payer, child.child), |row| row.get(0))
        .unwrap()
}

#[test]
fn a_family_added_up_by_hand_is_its_statement() {
    let town = Town::with_families(30);
    let days = school_days();
    let (mut looked_at, mut with_isee, mut absent) = (0, 0, 0);
    town.app
        .store
        .read(|db| {
            for child in children(db) {
                let (marks, isee) = (marks(db, child.child), isee(db, child.child));
                let marked: BTreeSet<Date> = marks.iter().map(|(day, _)| *day).collect();
                let expected: BTreeSet<Date> = days
                    .iter()
                    .copied()
                    .filter(|day| *day >= child.from)
                    .collect();
                assert_eq!(
                    marked, expected,
                    "a register for every school day, and no other"
                );
                let eaten = marks.iter().filter(|(_, present)| *present);
                let by_hand: Vec<(Date, i64)> = eaten
                    .map(|(day, _)| (*day, -price(&child, &isee, *day)))
                    .collect();

                if by_hand.is_empty() {
                    continue;
                }
                let account: String = db.query_row(
                    "select a.public_id from account a join service s on s.id = a.service_id
                     where s.code = 'mensa' and a.payer_id = ?1 and a.child_id = ?2",
                    (child.payer, child.child),
                    |row| row.get(0),
                )?;
                let filter = Filter {
                    account: Some(account.parse().unwrap()),
                    child: None,
                    service: None,
                    from: date(2025, 9, 1),
                    to: date(2026, 11, 3),
                };
                let told = statement::statement(db, &Actor::Citizen(child.payer), &filter)?;
                let charged: Vec<(Date, i64)> = told
                    .lines()
                    .filter(|line| line.amount < Cents::ZERO)
                    .map(|line| (line.day, line.amount.0))
                    .collect();
                assert_eq!(charged, by_hand);
                let spent: i64 = by_hand.iter().map(|(_, price)| price).sum();
                assert_eq!(told.closing, Cents(paid(db, &child) + spent));
                looked_at += 1;
                with_isee += i32::from(!isee.is_empty());
                absent += marks.len() - by_hand.len();
            }
            Ok(())
        })
        .unwrap();
    // The demo has something of everything.
    assert!(
        looked_at > 20 && with_isee > 5 && absent > 50,
        "{looked_at} {with_isee} {absent}"
    );
}
