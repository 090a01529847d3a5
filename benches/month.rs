//! A month of a city's school meals: 10,000 children, 20 days closed one after the other by a second
//! process, each charge with its explanation and its entry in the ledger; then the same children's
//! month as bills. In the same run, the rate at which SQLite alone inserts the same rows in one
//! transaction, and what a parent's page takes before and meanwhile.
//!
//! `cargo bench --bench month [-- CHILDREN]` (10,000 without it).

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::float_arithmetic,
    reason = "a measuring program that runs in real time; no money here"
)]

#[path = "../tests/firm/acknowledged.rs"]
mod acknowledged;
#[path = "../tests/firm/browser.rs"]
mod browser;
#[path = "../tests/firm/people.rs"]
mod people;
#[path = "../tests/firm/server.rs"]
mod server;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use browser::Browser;
use fastrand::Rng;
use people::Somebody;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use server::{Folder, MONDAY, Server, said};

const DAYS: i64 = 20;
/// When the days are closed and the bills made: October is over.
const NOVEMBER: &str = "2026-11-02T22:00:00";
const MEALS: &str = include_str!("../assets/demo/mensa.toml");
const BUS: &str = include_str!("../assets/demo/scuolabus.toml");

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let children: i64 = arguments
        .iter()
        .find_map(|word| word.parse().ok())
        .unwrap_or(10_000);
    let folder = Folder::demo(40);
    city(&folder, children);
    let server = Server::start(&folder, MONDAY);
    let mut parent = parent(&folder, &server);
    println!("{children} children, {DAYS} days");

    let quiet = while_a_parent_looks(&mut parent, || std::thread::sleep(Duration::from_secs(10)));
    let mut took = Duration::ZERO;
    let busy = while_a_parent_looks(&mut parent, || {
        took = timed(
            &folder,
            &[
                "day",
                "close",
                "--from",
                "2026-10-01",
                "--to",
                "2026-10-29",
                "--service",
                "mensa2",
            ],
        );
    });
    let meals = count(
        &folder,
        "charge c join enrolment e on e.id = c.enrolment_id join service s on s.id = e.service_id where s.code = 'mensa2'",
    );
    assert_eq!(meals, children * DAYS, "not every meal was charged");
    let rows = rows_of(&folder, "mensa2");
    let alone = alone(&folder, &rows);
    report("meals charged day by day", meals, took, &rows, alone);
    pages("a parent's statement, quiet", &quiet);
    against("  while days are closed", &busy, &quiet);

    let period = [
        "--from",
        "2026-10-01",
        "--to",
        "2026-10-31",
        "--service",
        "bus2",
    ];
    let mut drafted = Duration::ZERO;
    let drafting = while_a_parent_looks(&mut parent, || {
        drafted = timed(&folder, &[&["bill", "draft"], &period[..]].concat());
    });
    let mut published = Duration::ZERO;
    let publishing = while_a_parent_looks(&mut parent, || {
        published = timed(
            &folder,
            &[&["bill", "publish", "--due", "2026-11-30"], &period[..]].concat(),
        );
    });
    let bills = count(&folder, "bill where notice_id is not null");
    assert!(bills >= children, "not every bill was made with its notice");
    let rows = rows_of(&folder, "bus2");
    let alone = self::alone(&folder, &rows);
    println!(
        "{children} bills with a notice each: drafted in {:.2} s, published in {:.2} s",
        drafted.as_secs_f64(),
        published.as_secs_f64(),
    );
    report(
        "a month's bills, drafted and published",
        children,
        drafted + published,
        &rows,
        alone,
    );
    against("  while bills are drafted", &drafting, &quiet);
    against("  while bills are published", &publishing, &quiet);
}

/// A city in the demo's comune: children of class 1 with an ISEE, each with a payer, in two services
/// of their own, whose October nobody has touched.
fn city(folder: &Folder, children: i64) {
    let mut db = Connection::open(folder.database()).unwrap();
    let tx = db.transaction().unwrap();
    for (code, kind, billing) in [
        ("mensa2", "meals", "prepaid"),
        ("bus2", "transport", "postpaid"),
    ] {
        tx.execute(
            "insert into service (public_id, code, name, kind, billing, taxonomy, weekdays, first_day,
                                  last_day, family_cutoff, school_cutoff, kitchen_freeze, charge_absent)
             values (?1, ?2, ?2, ?3, ?4, '9/0107101TS/', 31, '09-01', '06-30', '09:00', '09:30', '09:45', 0)",
            (id("s", code.len() as i64), code, kind, billing),
        )
        .unwrap();
    }
    let service = |code: &str| -> i64 {
        let sql = "select id from service where code = ?1";
        tx.query_row(sql, [code], |row| row.get(0)).unwrap()
    };
    let (meals, bus) = (service("mensa2"), service("bus2"));
    for (service, source) in [(meals, MEALS), (bus, BUS)] {
        let source = source.replace("[applies]", "[ignored]");
        tx.execute(
            "insert into tariff (public_id, service_id, version, name, valid_from, source, published_at)
             values (?1, ?2, 1, 'x', '2025-09-01', ?3, 1)",
            (id("t", service), service, source),
        )
        .unwrap();
    }
    let class: i64 = tx
        .query_row(
            "select c.id from school_class c join school s on s.id = c.school_id
             where s.grade = 'primaria' order by c.year desc, c.id limit 1",
            [],
            |row| row.get(0),
        )
        .unwrap();
    tx.execute(
        "insert or ignore into account (public_id, kind) values (?1, 'opening')",
        [id("o", 1)],
    )
    .unwrap();
    let sql = "select id from account where kind = 'opening'";
    let opening: i64 = tx.query_row(sql, [], |row| row.get(0)).unwrap();
    let mut rng = Rng::with_seed(7);
    for n in 0..children {
        let person = |kind: &str, born: Option<&str>| -> i64 {
            tx.prepare_cached(
                "insert into person (public_id, surname, name, birth_date, resident, search_name, created_at, updated_at)
                 values (?1, 'Rossi', ?2, ?3, 1, 'rossi', 1, 1)",
            )
            .unwrap()
            .execute((id(kind, n), format!("N{n}"), born))
            .unwrap();
            tx.last_insert_rowid()
        };
        let (payer, child) = (person("p", None), person("c", Some("2018-05-04")));
        tx.prepare_cached(
            "insert into isee (public_id, child_id, value, kind, protocol, valid_from, valid_to, source, recorded_at)
             values (?1, ?2, ?3, 'minorenni', ?4, '2026-01-15', '2026-12-31', 'office', 1)",
        )
        .unwrap()
        .execute((id("j", n), child, rng.i64(0..3_500_000), format!("INPS-{n}")))
        .unwrap();
        // What the family topped up before; for one in five it won't last the month.
        let credit = rng.i64(1..25_000);
        tx.prepare_cached(
            "insert into account (public_id, kind, payer_id, child_id, service_id) values (?1, 'family', ?2, ?3, ?4)",
        )
        .unwrap()
        .execute((id("a", n), payer, child, meals))
        .unwrap();
        let account = tx.last_insert_rowid();
        tx.prepare_cached(
            "insert into ledger_entry (posted_at, day, debit_id, credit_id, amount, cause, cause_id)
             values (1, '2026-09-20', ?1, ?2, ?3, 'opening', ?4)",
        )
        .unwrap()
        .execute((opening, account, credit, 1_000_000 + n))
        .unwrap();
        tx.prepare_cached("update account_balance set balance = ?2 where account_id = ?1")
            .unwrap()
            .execute((account, credit))
            .unwrap();
        for service in [meals, bus] {
            tx.prepare_cached(
                "insert into enrolment (public_id, child_id, payer_id, service_id, class_id, from_date, to_date, created_at)
                 values (?1, ?2, ?3, ?4, ?5, '2026-09-01', '2027-06-30', 1)",
            )
            .unwrap()
            .execute((id("e", n * 100 + service), child, payer, service, class))
            .unwrap();
        }
    }
    tx.commit().unwrap();
}

/// 26 characters that look like a public id.
fn id(kind: &str, n: i64) -> String {
    format!("0{kind}{n:0>width$}", width = 25 - kind.len())
}

fn count(folder: &Folder, what: &str) -> i64 {
    let sql = format!("select count(*) from {what}");
    folder.read().query_row(&sql, [], |row| row.get(0)).unwrap()
}

fn timed(folder: &Folder, arguments: &[&str]) -> Duration {
    let begun = Instant::now();
    let clock = ["--clock", NOVEMBER];
    let done = folder.run(&[arguments, &clock[..]].concat());
    assert!(done.status.success(), "{}", said(&done));
    begun.elapsed()
}

fn parent(folder: &Folder, server: &Server) -> Somebody {
    let sql = "select p.public_id from person p join account a on a.payer_id = p.id
               order by a.id limit 1";
    let who: String = folder.read().query_row(sql, [], |row| row.get(0)).unwrap();
    let mut parent = Somebody {
        browser: Browser::new(&server.address, "10.4.0.1"),
        who,
        rng: Rng::with_seed(1),
        acks: Vec::new(),
        pending: None,
        refused: 0,
    };
    parent.enter().unwrap();
    parent
}

/// What a parent's page takes, in milliseconds, sorted, while something is done.
fn while_a_parent_looks(parent: &mut Somebody, work: impl FnOnce()) -> Vec<f64> {
    let done = AtomicBool::new(false);
    let mut times = Vec::new();
    std::thread::scope(|scope| {
        let looking = scope.spawn(|| {
            let mut times = Vec::new();
            while !done.load(Ordering::Relaxed) {
                let begun = Instant::now();
                let page = parent.browser.get("/area/estratto-conto").unwrap();
                assert_eq!(page.status, 200, "{}", page.body);
                times.push(begun.elapsed().as_secs_f64() * 1000.0);
                // A parent reads before the next click.
                std::thread::sleep(Duration::from_millis(20));
            }
            times
        });
        let worked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
        done.store(true, Ordering::Relaxed);
        worked.unwrap();
        times = looking.join().unwrap();
    });
    times.sort_by(f64::total_cmp);
    times
}

fn at(times: &[f64], percent: usize) -> f64 {
    times[(times.len() - 1) * percent / 100]
}

fn pages(what: &str, times: &[f64]) {
    println!(
        "{what:<36} p50 {:>7.2} ms   p99 {:>7.2} ms   ({} pages)",
        at(times, 50),
        at(times, 99),
        times.len()
    );
}

/// What pages take while something is done, beside what they take when nothing is.
fn against(what: &str, busy: &[f64], quiet: &[f64]) {
    pages(what, busy);
    let ratio = at(busy, 99) / at(quiet, 99);
    println!("  p99 {ratio:.2} times the quiet one (limit 2)");
}

/// A table's name and its rows.
type Rows = Vec<(&'static str, Vec<Vec<Value>>)>;

/// The rows that the charges of a service wrote: charges and entries of the ledger; of bills also
/// their lines, themselves and their notices with what each asks for.
fn rows_of(folder: &Folder, service: &str) -> Rows {
    let db = folder.read();
    let of = "from charge c join enrolment e on e.id = c.enrolment_id
              join service s on s.id = e.service_id";
    let billed =
        format!("{of} join bill_line l on l.id = c.bill_line_id join bill b on b.id = l.bill_id");
    let tables = [
        ("charge", format!("c.* {of}")),
        (
            "ledger_entry",
            format!("l.* {of} join ledger_entry l on l.cause = 'charge' and l.cause_id = c.id"),
        ),
        ("bill_line", format!("l.* {billed}")),
        ("bill", format!("b.* {billed}")),
        (
            "payment_notice",
            format!("n.* {billed} join payment_notice n on n.id = b.notice_id"),
        ),
        (
            "notice_share",
            format!("n.* {billed} join notice_share n on n.notice_id = b.notice_id"),
        ),
    ];
    let read = |what: &str| -> Vec<Vec<Value>> {
        let sql = format!("select distinct {what} where s.code = ?1");
        let mut statement = db.prepare(&sql).unwrap();
        let columns = statement.column_count();
        let rows = statement.query_map([service], |row| (0..columns).map(|n| row.get(n)).collect());
        rows.unwrap().collect::<rusqlite::Result<_>>().unwrap()
    };
    let tables = tables.map(|(table, what)| (table, read(&what)));
    tables
        .into_iter()
        .filter(|(_, rows)| !rows.is_empty())
        .collect()
}

/// What SQLite alone takes to insert the same rows in one transaction, into the same tables with the
/// same indexes, on the same disk.
fn alone(folder: &Folder, rows: &Rows) -> Duration {
    let path = folder.path().join(format!("alone-{}.sqlite", rows.len()));
    let mut db = Connection::open(path).unwrap();
    db.pragma_update(None, "journal_mode", "wal").unwrap();
    db.pragma_update(None, "synchronous", "full").unwrap();
    db.pragma_update(None, "foreign_keys", false).unwrap();
    let source = folder.read();
    let sql = "select sql from sqlite_master where tbl_name = ?1 and type in ('table', 'index') and sql is not null
               order by type desc";
    for (table, _) in rows {
        let mut statement = source.prepare(sql).unwrap();
        let all = statement
            .query_map([table], |row| row.get::<_, String>(0))
            .unwrap();
        for one in all {
            db.execute_batch(&one.unwrap()).unwrap();
        }
    }
    let begun = Instant::now();
    let tx = db.transaction().unwrap();
    for (table, rows) in rows {
        let marks = vec!["?"; rows.first().map_or(1, Vec::len)].join(", ");
        let mut insert = tx
            .prepare(&format!("insert into {table} values ({marks})"))
            .unwrap();
        for row in rows {
            insert.execute(params_from_iter(row)).unwrap();
        }
    }
    tx.commit().unwrap();
    begun.elapsed()
}

fn report(what: &str, charges: i64, took: Duration, rows: &Rows, alone: Duration) {
    let rows: usize = rows.iter().map(|(_, rows)| rows.len()).sum();
    println!(
        "{what}: {charges} charges in {:.2} s, {:.0} charges/s, {:.0} rows/s",
        took.as_secs_f64(),
        charges as f64 / took.as_secs_f64(),
        rows as f64 / took.as_secs_f64()
    );
    println!(
        "  SQLite alone inserts the same {rows} rows in {:.2} s: {:.2} of its rate (aim 0.33)",
        alone.as_secs_f64(),
        alone.as_secs_f64() / took.as_secs_f64()
    );
}
