//! Kill -9 between the storing of a receipt and its answer. The node sends again what was not answered
//! with OK; in the end each receipt was credited once, and none is lost.
//!
//! `CAMPANELLA_CRASHES` says how often (50), `CAMPANELLA_SEED` repeats what was drawn.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fastrand::Rng;

use super::acknowledged::count;
use super::crash::number;
use super::node::{self, FINGERPRINT, HEADER, Rt};
use super::server::{Folder, MONDAY, Server, said};

/// Receipts that are on the way at once.
const SENDERS: usize = 12;
const CENTS: i64 = 4250;
const STORED: &str = "select count(*) from receipt where receipt_key like 'K-%'";

/// A notice and what became of its receipt.
#[derive(Clone)]
struct Sent {
    number: String,
    /// How often it was sent.
    times: u32,
}

#[test]
#[ignore = "the long run: tests/run crash"]
fn killed_between_storing_and_answering_one_credit_and_none_lost() {
    let (kills, seed) = (
        number("CAMPANELLA_CRASHES", 50),
        number("CAMPANELLA_SEED", 2026),
    );
    println!("  the station: {kills} kills, seed {seed}");
    let folder = Folder::demo(3);
    let account = node::account_of(&folder, "mensa");
    let wanted = usize::try_from(kills).unwrap() * 60;
    let notices = node::issue(&folder, vec![(account, CENTS, None, "open"); wanted]);
    node::open_station(&folder);
    let waiting: VecDeque<Sent> = notices
        .into_iter()
        .map(|number| Sent { number, times: 0 })
        .collect();
    let waiting = Arc::new(Mutex::new(waiting));
    let answered = Arc::new(Mutex::new(Vec::<Sent>::new()));
    let mut rng = Rng::with_seed(seed);
    let (mut in_between, begun) = (0, Instant::now());
    for round in 1..=kills {
        let mut server = Server::start(&folder, MONDAY);
        let over = Arc::new(AtomicBool::new(false));
        let senders: Vec<_> = (0..SENDERS)
            .map(|_| {
                let (url, over) = (server.address.clone(), Arc::clone(&over));
                let (waiting, answered) = (Arc::clone(&waiting), Arc::clone(&answered));
                std::thread::spawn(move || send(&url, &over, &waiting, &answered))
            })
            .collect();
        // Every other kill comes at whatever moment; the others when a receipt has just been stored,
        // as another process sees it.
        if round % 2 == 0 {
            std::thread::sleep(Duration::from_millis(rng.u64(5..400)));
        } else {
            let (db, more) = (folder.read(), rng.i64(1..20));
            let before = count(&db, STORED, []);
            let patience = Instant::now();
            while count(&db, STORED, []) < before + more
                && patience.elapsed() < Duration::from_secs(20)
            {
                std::hint::spin_loop();
            }
        }
        server.kill();
        over.store(true, Ordering::Relaxed);
        for sender in senders {
            sender
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        }
        let (db, answered) = (folder.read(), answered.lock().unwrap());
        let stored = count(&db, STORED, []);
        let told = i64::try_from(answered.len()).unwrap();
        assert!(
            stored >= told,
            "kill {round}: {told} were told, {stored} are there"
        );
        in_between += stored - told;
        if let Some(last) = answered.last() {
            assert_eq!(node::credited(&folder, &last.number), (1, CENTS));
        }
    }
    // The node is patient: what was not answered comes again.
    let mut server = Server::start(&folder, MONDAY);
    let again: Vec<Sent> = waiting
        .lock()
        .unwrap()
        .iter()
        .filter(|sent| sent.times > 0)
        .cloned()
        .collect();
    for sent in &again {
        assert!(
            deliver(&server.address, &node::agent(), &sent.number),
            "{}",
            sent.number
        );
    }
    server.stop();
    let sent = answered.lock().unwrap();
    for sent in sent.iter().chain(&again) {
        assert_eq!(node::credited(&folder, &sent.number), (1, CENTS));
    }
    let db = folder.read();
    let all = i64::try_from(sent.len() + again.len()).unwrap();
    assert_eq!(count(&db, STORED, []), all);
    let more = sent.iter().filter(|sent| sent.times > 1).count() + again.len();
    assert!(in_between > 0, "no kill came between storing and answering");
    let check = folder.run(&["check"]);
    assert!(check.status.success(), "{}", said(&check));
    println!("  {all} receipts, {more} of them sent more than once, each credited once");
    println!(
        "  {in_between} were stored and not answered when a kill came; {} s in all",
        begun.elapsed().as_secs()
    );
}

/// Sends receipts one after the other until the server is gone. What was not answered waits in front.
fn send(
    address: &str,
    over: &AtomicBool,
    waiting: &Mutex<VecDeque<Sent>>,
    answered: &Mutex<Vec<Sent>>,
) {
    let agent = node::agent();
    while !over.load(Ordering::Relaxed) {
        let Some(mut sent) = waiting.lock().unwrap().pop_front() else {
            return;
        };
        sent.times += 1;
        if deliver(address, &agent, &sent.number) {
            answered.lock().unwrap().push(sent);
        } else {
            waiting.lock().unwrap().push_front(sent);
            return;
        }
    }
}

/// Whether the node was told that the receipt has come.
fn deliver(address: &str, agent: &ureq::Agent, notice: &str) -> bool {
    let key = format!("K-{notice}");
    let body = node::envelope(&Rt::new(&key, notice).v2());
    let sent = agent
        .post(format!("http://{address}/pagopa/paForNode"))
        .content_type("text/xml")
        .header(HEADER, FINGERPRINT)
        .send(body.as_bytes());
    let answer = sent.and_then(|mut answer| answer.body_mut().read_to_string());
    answer.is_ok_and(|answer| node::text(&answer, "outcome") == "OK")
}
