//! A morning at school, from a second process: 200 parents at once open their calendar, cancel and
//! pay while a teacher sends registers and a clerk closes days. In the same run, a bare poem page
//! that reads one row: how much a page of Campanella costs beside it.
//!
//! `cargo bench --bench load [-- SECONDS]` (10 without it).

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

use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use browser::Browser;
use fastrand::Rng;
use people::Somebody;
use poem::listener::{Acceptor, Listener, TcpListener};
use rusqlite::{Connection, OpenFlags};
use server::{Folder, MONDAY, Server};

const PARENTS: usize = 200;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [mode, database] = arguments.as_slice()
        && mode == "bare"
    {
        return bare(Path::new(database));
    }
    let seconds = arguments
        .iter()
        .find_map(|word| word.parse().ok())
        .unwrap_or(10);
    let time = Duration::from_secs(seconds);
    let folder = Folder::demo(240);
    let server = Server::start(&folder, MONDAY);
    let parents = logged_in(&folder, &server);
    println!(
        "{} parents are logged in; {seconds} s of load",
        parents.len()
    );

    let alone = parents_at_work(1, &parents, time / 4);
    told("one parent alone, pages and forms", &alone);
    let morning = the_morning(&server, &parents, time);
    let of = |wanted: fn(&Timed) -> bool| {
        let some = morning.1.iter().filter(|one| wanted(one)).cloned();
        (morning.0, some.collect::<Vec<Timed>>())
    };
    let all = told("200 parents, a teacher, a clerk: all", &morning);
    let calendar = told(
        "  of these the calendar",
        &of(|one| one.1.starts_with("/area/presenze")),
    );
    told(
        "  of these other pages",
        &of(|one| !one.0 && !one.1.starts_with("/area/presenze")),
    );
    told(
        "  of these forms (each on disk before its answer)",
        &of(|one| one.0),
    );

    let myself = std::env::current_exe().unwrap();
    let mut command = Command::new(myself);
    command.arg("bare").arg(folder.database());
    let page = Server::spawn(command, folder.path());
    let pages = on_the_bare_page(&page, PARENTS, time / 2);
    let bare = told("a bare poem page with one row, 200 at once", &pages);
    println!(
        "beside the bare page: {:.1} times fewer requests per second, median {:.1} times as long \
         (the calendar alone {:.1} times)",
        bare.rate / all.rate,
        all.median / bare.median,
        calendar.median / bare.median,
    );
}

/// Whether a form was sent, where to, how long the answer took.
type Timed = (bool, String, Duration);

/// What a row says.
struct Told {
    /// Requests per second.
    rate: f64,
    /// Milliseconds.
    median: f64,
}

/// Prints a row; the first value of `times` holds how long it all took.
fn told(what: &str, (time, times): &(Duration, Vec<Timed>)) -> Told {
    let mut millis: Vec<f64> = times
        .iter()
        .map(|one| one.2.as_secs_f64() * 1000.0)
        .collect();
    millis.sort_by(f64::total_cmp);
    let at = |percent: usize| millis[(millis.len() - 1) * percent / 100];
    let rate = millis.len() as f64 / time.as_secs_f64();
    let (median, p99) = (at(50), at(99));
    println!(
        "{what:<52} {rate:>8.0}/s   p50 {median:>7.2} ms   p99 {p99:>7.2} ms   ({})",
        millis.len()
    );
    Told { rate, median }
}

type Parent = Arc<Mutex<Somebody>>;

fn logged_in(folder: &Folder, server: &Server) -> Vec<Parent> {
    let db = folder.read();
    let sql = "select distinct p.public_id from person p join enrolment e on e.payer_id = p.id
               order by p.id limit ?1";
    let mut statement = db.prepare(sql).unwrap();
    let ids = statement
        .query_map([200], |row| row.get::<_, String>(0))
        .unwrap();
    let parents = ids.enumerate().map(|(n, id)| {
        let mut parent = somebody(server, id.unwrap(), n as u64);
        parent.enter().unwrap();
        Arc::new(Mutex::new(parent))
    });
    parents.collect()
}

fn somebody(server: &Server, who: String, n: u64) -> Somebody {
    Somebody {
        browser: Browser::new(&server.address, &format!("10.4.{}.{}", n / 250, n % 250)),
        who,
        rng: Rng::with_seed(n),
        acks: Vec::new(),
        pending: None,
        refused: 0,
    }
}

fn parents_at_work(count: usize, parents: &[Parent], time: Duration) -> (Duration, Vec<Timed>) {
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for parent in &parents[..count] {
            scope.spawn(move || {
                let mut parent = parent.lock().unwrap();
                parent.browser.times.clear();
                while begun.elapsed() < time {
                    let page = parent.browser.get("/area/presenze").unwrap();
                    assert_eq!(page.status, 200, "{}", page.body);
                    parent.cancel_a_meal().unwrap();
                    parent.pay().unwrap();
                }
            });
        }
    });
    let took = begun.elapsed();
    let times = parents[..count]
        .iter()
        .flat_map(|p| p.lock().unwrap().browser.times.clone());
    (took, times.collect())
}

fn the_morning(server: &Server, parents: &[Parent], time: Duration) -> (Duration, Vec<Timed>) {
    let begun = Instant::now();
    let staff = |who: &str, act: fn(&mut Somebody) -> Result<(), browser::Cut>| {
        let mut one = somebody(server, who.to_owned(), 900);
        one.enter_staff().unwrap();
        std::thread::spawn(move || {
            while begun.elapsed() < time {
                act(&mut one).unwrap();
            }
            (one.acks.len(), one.browser.times)
        })
    };
    let teacher = staff("collodi", Somebody::save_a_register);
    let clerk = staff("ufficio", Somebody::close_a_day);
    let (took, mut times) = parents_at_work(parents.len(), parents, time);
    for (what, thread) in [
        ("registers sent", teacher),
        ("answers of day closings", clerk),
    ] {
        let (count, theirs) = thread.join().unwrap();
        println!("{count} {what}");
        assert!(count > 0, "no {what}: the load is not what it says");
        times.extend(theirs);
    }
    (took, times)
}

fn on_the_bare_page(server: &Server, count: usize, time: Duration) -> (Duration, Vec<Timed>) {
    let begun = Instant::now();
    let all = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..count {
            scope.spawn(|| {
                let mut browser = Browser::new(&server.address, "10.5.0.1");
                while begun.elapsed() < time {
                    assert_eq!(browser.get("/").unwrap().status, 200);
                }
                all.lock().unwrap().extend(browser.times);
            });
        }
    });
    (begun.elapsed(), all.into_inner().unwrap())
}

/// The least that a page over SQLite can be: one row, no session, no template.
fn bare(database: &Path) {
    let idle: Arc<Mutex<Vec<Connection>>> = Arc::default();
    let database = database.to_owned();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async move {
        let page = poem::endpoint::make(move |_| {
            let (idle, database) = (Arc::clone(&idle), database.clone());
            async move {
                let read = tokio::task::spawn_blocking(move || {
                    let kept = idle.lock().unwrap().pop();
                    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
                    let db = kept
                        .unwrap_or_else(|| Connection::open_with_flags(database, flags).unwrap());
                    let sql = "select name from municipality where id = 1";
                    let name: String = db
                        .prepare_cached(sql)
                        .unwrap()
                        .query_row([], |row| row.get(0))
                        .unwrap();
                    idle.lock().unwrap().push(db);
                    name
                });
                poem::Response::builder().body(format!("<h1>{}</h1>", read.await.unwrap()))
            }
        });
        let acceptor = TcpListener::bind("127.0.0.1:0")
            .into_acceptor()
            .await
            .unwrap();
        let address = acceptor.local_addr()[0].as_socket_addr().copied().unwrap();
        println!("listening on http://{address}");
        poem::Server::new_with_acceptor(acceptor)
            .run(page)
            .await
            .unwrap();
    });
}
