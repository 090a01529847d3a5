//! Continuous replication: the machine dies under load, and what was lost is counted in seconds
//! (docs/backup.md). `tests/run litestream` installs Litestream and runs this.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::acknowledged::{Ack, count};
use super::backup::crowd;
use super::server::{Folder, MONDAY, Server, command, said, wait_until};

/// Litestream promises about a second; on a machine that does other things too it may be some more.
const MOST_LOST: Duration = Duration::from_secs(10);

/// The example's configuration, with this test's paths.
fn configuration(folder: &Folder, replica: &Path) -> PathBuf {
    let example = include_str!("../../examples/backup/litestream.yml");
    let database = folder.database().display().to_string();
    let ours = example
        .replace("/var/lib/campanella/data/campanella.sqlite", &database)
        .replace(
            "/mnt/backup/campanella-replica",
            &replica.display().to_string(),
        );
    assert!(ours.contains(&database), "the example names the database");
    let file = folder.path().join("litestream.yml");
    std::fs::write(&file, ours).unwrap();
    file
}

fn litestream(program: &str, verb: &str, configuration: &Path) -> Command {
    let mut command = Command::new(program);
    command.arg(verb).arg("-config").arg(configuration);
    command
}

/// Replicates until it is dropped.
struct Replication(Child);

impl Drop for Replication {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
#[ignore = "needs Litestream: tests/run litestream"]
fn a_machine_that_dies_loses_seconds() {
    let program = std::env::var("LITESTREAM").unwrap_or_else(|_| "litestream".to_owned());
    let (mut worst, mut all) = (Duration::ZERO, 0);
    for round in 1..=3u64 {
        let folder = Folder::demo(20);
        let replica = folder.path().join("replica");
        let configuration = configuration(&folder, &replica);
        let mut server = Server::start(&folder, MONDAY);
        let log = std::fs::File::create(folder.path().join("litestream.log")).unwrap();
        let started = litestream(&program, "replicate", &configuration)
            .stdout(log.try_clone().unwrap())
            .stderr(Stdio::from(log))
            .spawn();
        let mut replication = Replication(started.unwrap());
        wait_until("the first copy is there", 30, || {
            std::fs::read_dir(&replica).is_ok_and(|mut entries| entries.next().is_some())
        });
        // A command beside it is not kept waiting by Litestream's lock.
        let begun = Instant::now();
        let check = folder.run(&["check"]);
        assert!(check.status.success(), "{}", said(&check));
        let checked_in = begun.elapsed();
        assert!(checked_in < Duration::from_secs(8), "{checked_in:?}");
        let address = server.address.clone();
        let told = crowd(&folder, &address, |told| {
            std::thread::sleep(Duration::from_millis(4000 + 1300 * round));
            replication.0.kill().unwrap();
            server.kill();
            let died = Instant::now();
            // What was answered before the end, whenever its client got to say so.
            std::thread::sleep(Duration::from_millis(200));
            let told = told.lock().unwrap();
            told.iter()
                .map(|(at, ack)| (died.saturating_duration_since(*at), ack.clone()))
                .collect::<Vec<_>>()
        });
        let restored = folder.path().join("restored");
        std::fs::create_dir(&restored).unwrap();
        let database = restored.join("campanella.sqlite");
        let output = litestream(&program, "restore", &configuration)
            .arg("-o")
            .arg(&database)
            .arg(folder.database())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", said(&output));
        let check = command(&restored, &folder.key(), &["check"])
            .output()
            .unwrap();
        assert!(check.status.success(), "{}", said(&check));
        let db = rusqlite::Connection::open(&database).unwrap();
        let lost: Vec<&(Duration, Ack)> = told.iter().filter(|(_, ack)| !ack.stands(&db)).collect();
        let earliest = lost
            .iter()
            .map(|(before, _)| *before)
            .max()
            .unwrap_or_default();
        let size = count(
            &folder.read(),
            "select page_count * page_size / 1024 from pragma_page_count, pragma_page_size",
            [],
        );
        println!(
            "  round {round}: {} writes acknowledged, {} of the last {:.1} s lost; restored database \
             of {size} KiB is clean; check beside it took {:.1} s",
            told.len(),
            lost.len(),
            earliest.as_secs_f64(),
            checked_in.as_secs_f64()
        );
        assert!(earliest < MOST_LOST, "lost too much: {lost:#?}");
        // A moment of the past, and not a mixture: whatever is older than the oldest loss is there,
        // whatever is much younger is not.
        let younger = |before: &Duration| *before + Duration::from_secs(1) < earliest;
        let mixed = told
            .iter()
            .filter(|(before, ack)| younger(before) && ack.stands(&db));
        assert_eq!(mixed.count(), 0, "not one moment");
        (worst, all) = (worst.max(earliest), all + told.len());
    }
    println!(
        "  {all} writes acknowledged in 3 rounds, at the most {:.1} s lost",
        worst.as_secs_f64()
    );
}
