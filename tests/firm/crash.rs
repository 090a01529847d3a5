//! Kill -9 at random moments under everything at once. After each restart: `campanella check` is
//! clean, what was acknowledged is there once, and what was cut off goes on.
//!
//! `CAMPANELLA_CRASHES` says how often (15), `CAMPANELLA_SEED` repeats what people chose; when
//! exactly the kill comes is the machine's, as it is in life.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fastrand::Rng;
use jiff::ToSpan;
use jiff::civil::DateTime;

use super::acknowledged::{Ack, CREDITED_ONCE, all_stand, by_kind, count};
use super::browser::{Browser, Cut};
use super::people::{Pending, Somebody};
use super::server::{Folder, MONDAY, Server, said, wait_until};

/// Parents at once.
const PARENTS: usize = 6;

pub fn number(name: &str, otherwise: u64) -> u64 {
    let said = std::env::var(name).ok();
    said.and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// One chair: whoever sits on it in a round, and what was left unanswered there.
struct Chair {
    from: String,
    pending: Option<(String, Pending)>,
}

struct Run {
    folder: Folder,
    seed: u64,
    rng: Rng,
    parents: Vec<String>,
    chairs: Vec<Arc<Mutex<Chair>>>,
    acks: Vec<Ack>,
    sent_again: usize,
    refused: usize,
    attests_killed: usize,
}

/// What a round's people bring back.
#[derive(Default)]
struct Brought {
    acks: Vec<Ack>,
    refused: usize,
    sent_again: usize,
}

#[test]
#[ignore = "the long run: tests/run crash"]
fn killed_at_any_moment_nothing_acknowledged_is_lost() {
    let (kills, seed) = (
        number("CAMPANELLA_CRASHES", 15),
        number("CAMPANELLA_SEED", 2026),
    );
    println!("  {kills} kills, seed {seed}");
    let folder = Folder::demo(60);
    let parents = payers(&folder);
    assert!(parents.len() >= PARENTS * 2);
    let chairs = (0..PARENTS + 2).map(|n| Chair {
        from: format!("10.1.0.{n}"),
        pending: None,
    });
    let mut run = Run {
        chairs: chairs.map(|chair| Arc::new(Mutex::new(chair))).collect(),
        folder,
        seed,
        rng: Rng::with_seed(seed),
        parents,
        acks: Vec::new(),
        sent_again: 0,
        refused: 0,
        attests_killed: 0,
    };
    let begun = Instant::now();
    let (mut slowest, mut interrupted) = (Duration::ZERO, 0);
    let mut clock: DateTime = MONDAY.parse().unwrap();
    let mut server = Server::start(&run.folder, &clock.to_string());
    for round in 1..=kills {
        run.load(&mut server, &clock.to_string(), round);
        // Not a whole day, so that cut-offs, nights and weekends all have their turn.
        clock = clock.checked_add(17.hours()).unwrap();
        let down = Instant::now();
        server = Server::start(&run.folder, &clock.to_string());
        slowest = slowest.max(down.elapsed());
        let check = run.folder.run(&["check"]);
        assert!(
            check.status.success(),
            "after kill {round}: {}",
            said(&check)
        );
        let db = run.folder.read();
        interrupted += count(
            &db,
            "select count(*) from job where state in ('waiting', 'running')",
            [],
        );
        all_stand(&db, &run.acks);
        if round % 10 == 0 || round == kills {
            println!(
                "  kill {round}: {} acknowledged writes stand, {} s",
                run.acks.len(),
                begun.elapsed().as_secs()
            );
        }
    }
    server.kill();
    // What the payment platform hands out late has come by now.
    clock = clock.checked_add(1.hour()).unwrap();
    let mut server = Server::start(&run.folder, &clock.to_string());
    run.everything_ends();
    server.stop();
    let check = run.folder.run(&["check"]);
    assert!(check.status.success(), "{}", said(&check));
    all_stand(&run.folder.read(), &run.acks);

    println!("  acknowledged, and there after every restart:");
    let counts = by_kind(&run.acks);
    for (kind, count) in &counts {
        println!("    {count:>6} {kind}");
    }
    // A form that is refused ever since a field was added would prove nothing.
    for kind in ["meal cancellations", "messages", "payments", "registers"] {
        assert!(counts.contains_key(kind), "no {kind} in the whole run");
    }
    println!(
        "  {} forms unanswered and sent again with their key, {} refused, {} attest commands killed",
        run.sent_again, run.refused, run.attests_killed
    );
    println!(
        "  {interrupted} jobs seen unfinished after a kill, all ended; slowest restart {} ms; {} s in all",
        slowest.as_millis(),
        begun.elapsed().as_secs()
    );
}

/// Who pays for a child, by the id that the test identity provider takes.
pub fn payers(folder: &Folder) -> Vec<String> {
    let db = folder.read();
    let sql = "select distinct p.public_id from person p join enrolment e on e.payer_id = p.id order by p.id";
    let mut statement = db.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

impl Run {
    /// Everything at once until the kill.
    fn load(&mut self, server: &mut Server, clock: &str, round: u64) {
        let over = Arc::new(AtomicBool::new(false));
        let mut people = Vec::new();
        for (n, chair) in self.chairs.iter().enumerate() {
            let who = match n.checked_sub(PARENTS) {
                Some(0) => ["collodi", "aquilone"][usize::from(self.rng.bool())].to_owned(),
                Some(_) => "ufficio".to_owned(),
                // Each parent has a chair of their own, so that nobody is twice at once.
                None => {
                    let own = self.rng.usize(0..self.parents.len() / PARENTS);
                    self.parents[own * PARENTS + n].clone()
                }
            };
            let somebody = Sits {
                address: server.address.clone(),
                chair: Arc::clone(chair),
                who,
                number: n,
                name: format!("{}-{round}-{n}", self.seed),
                rng: Rng::with_seed(self.rng.u64(..)),
                over: Arc::clone(&over),
            };
            people.push(std::thread::spawn(move || somebody.sit()));
        }
        // Every third round the command line works on the same folder, and is killed as well.
        let out = self.folder.path().join("attestations");
        let mut attest = round.is_multiple_of(3).then(|| {
            let out = out.to_str().unwrap();
            let mut command = self
                .folder
                .command(&["attest", "--year", "2026", "--out", out, "--clock", clock]);
            command.stdout(std::process::Stdio::null()).spawn().unwrap()
        });
        std::thread::sleep(Duration::from_millis(self.rng.u64(100..1500)));
        server.kill();
        over.store(true, Ordering::Relaxed);
        if let Some(attest) = &mut attest {
            match attest.try_wait().unwrap() {
                Some(status) => {
                    assert!(status.success());
                    let files = std::fs::read_dir(&out).unwrap().count();
                    self.acks
                        .push(Ack::AttestCommand(i64::try_from(files).unwrap().min(1)));
                }
                None => {
                    self.attests_killed += 1;
                    attest.kill().unwrap();
                    attest.wait().unwrap();
                }
            }
        }
        for person in people {
            let brought = person
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            self.acks.extend(brought.acks);
            self.refused += brought.refused;
            self.sent_again += brought.sent_again;
        }
    }

    /// Jobs resume and end, every payment is credited, once, and nothing was made up.
    fn everything_ends(&self) {
        let db = self.folder.read();
        let paid: Vec<&String> = self
            .acks
            .iter()
            .filter_map(|ack| match ack {
                Ack::Paid(notice) => Some(notice),
                _ => None,
            })
            .collect();
        wait_until("every job ends and every payment is credited", 60, || {
            let open = count(&db, "select count(*) from job where state <> 'done'", []);
            open == 0 && paid.iter().all(|id| count(&db, CREDITED_ONCE, [id]) == 1)
        });
        for ack in &self.acks {
            if let Ack::Job(id) = ack {
                assert!(
                    Ack::JobDone(id.clone()).stands(&db),
                    "the day of job {id} is not closed"
                );
            }
        }
        // The platform's side and ours agree: as many receipts as it wrote, each credited once.
        for (ours, theirs) in [
            (
                "select count(*) from receipt where outcome = 'credited'",
                "select count(*) from sandbox_receipt",
            ),
            (
                "select coalesce(sum(amount), 0) from ledger_entry where cause = 'receipt'",
                "select sum(amount) from sandbox_position where state = 'PAID'",
            ),
            (
                "select coalesce(sum(amount), 0) from ledger_entry where cause = 'charge'",
                "select sum(amount) from charge",
            ),
            (
                "select count(*) from message where body like 'Domanda %'",
                "select count(distinct body) from message where body like 'Domanda %'",
            ),
        ] {
            assert_eq!(count(&db, ours, []), count(&db, theirs, []), "{ours}");
        }
    }
}

/// Somebody who sits down for a round.
struct Sits {
    address: String,
    chair: Arc<Mutex<Chair>>,
    who: String,
    number: usize,
    name: String,
    rng: Rng,
    over: Arc<AtomicBool>,
}

impl Sits {
    fn sit(self) -> Brought {
        let mut chair = self.chair.lock().unwrap();
        // The one whose form was left unanswered comes back first and sends it again.
        let left = chair.pending.take();
        let who = left.as_ref().map_or(&self.who, |(who, _)| who).clone();
        let mut somebody = Somebody {
            browser: Browser::new(&self.address, &chair.from),
            who,
            rng: self.rng,
            acks: Vec::new(),
            pending: None,
            refused: 0,
        };
        let mut sent_again = 0;
        let again = left.map(|(_, pending)| pending);
        let cut = match self.number.checked_sub(PARENTS) {
            None => somebody.enter(),
            Some(_) => somebody.enter_staff(),
        };
        let cut = match (cut, again) {
            // Not even the login went through: the form stays for the next round.
            (Err(cut), pending) => {
                somebody.pending = pending;
                Err(cut)
            }
            (Ok(()), Some(pending)) => {
                sent_again = 1;
                somebody.send_again(pending)
            }
            (Ok(()), None) => Ok(()),
        };
        if cut.is_ok() {
            for turn in 0.. {
                let acted: Result<(), Cut> = match self.number.checked_sub(PARENTS) {
                    None => somebody.parent_acts(&format!("{}-{turn}", self.name)),
                    Some(0) => somebody.save_a_register(),
                    Some(_) => somebody.close_a_day(),
                };
                if acted.is_err() || self.over.load(Ordering::Relaxed) {
                    break;
                }
            }
        }
        let who = somebody.who;
        chair.pending = somebody.pending.map(|pending| (who, pending));
        Brought {
            acks: somebody.acks,
            refused: somebody.refused,
            sent_again,
        }
    }
}
