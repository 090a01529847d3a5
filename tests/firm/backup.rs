//! The restore drill: a backup of a comune that is being used comes back whole, and whatever is wrong
//! with one is said in a sentence and leaves nothing behind.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use age::secrecy::ExposeSecret;
use fastrand::Rng;
use serde_json::Value;

use super::acknowledged::{Ack, all_stand};
use super::browser::Browser;
use super::crash::payers;
use super::faults::{Disk, refused, sound};
use super::people::Somebody;
use super::server::{Folder, MONDAY, Server, command, said};

const PASSPHRASE: &str = "quattro parole a caso";

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn succeeded(output: &Output) -> &Output {
    assert!(output.status.success(), "{}", said(output));
    output
}

fn answer(output: &Output) -> Value {
    serde_json::from_slice(&succeeded(output).stdout).unwrap()
}

/// A key pair: the public key, and the file of the private one.
fn key_pair(folder: &Folder) -> (String, PathBuf) {
    let identity = age::x25519::Identity::generate();
    let file = folder.path().join("identity.txt");
    let secret = identity.to_string();
    fs::write(
        &file,
        format!("# made by a test\n{}\n", secret.expose_secret()),
    )
    .unwrap();
    (identity.to_public().to_string(), file)
}

fn with_input(mut command: std::process::Command, input: &str) -> Output {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Closed again at once: what is written is all there is.
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    child.wait_with_output().unwrap()
}

/// Restores into a new folder with the same key.
fn restore(folder: &Folder, into: &Path, backup: &Path, more: &[&str]) -> Output {
    let arguments = [&["restore", text(backup)], more].concat();
    command(into, &folder.key(), &arguments).output().unwrap()
}

/// Balances and rows, counted apart from the program's own counting.
fn figures(database: &Path) -> (i64, i64, i64, BTreeMap<String, i64>) {
    let db = rusqlite::Connection::open(database).unwrap();
    let one = |sql: &str| db.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    let mut balances = BTreeMap::new();
    for (side, sign) in [("credit_id", 1), ("debit_id", -1)] {
        let sql = format!(
            "select a.kind, sum(e.amount) from account a join ledger_entry e on e.{side} = a.id
             group by a.kind"
        );
        let mut statement = db.prepare(&sql).unwrap();
        let rows = statement
            .query_map([], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))
            })
            .unwrap();
        for row in rows {
            let (kind, sum) = row.unwrap();
            *balances.entry(kind).or_default() += sign * sum;
        }
    }
    (
        one("select count(*) from message"),
        one("select count(*) from cancellation"),
        one("select sum(amount) from ledger_entry"),
        balances,
    )
}

fn cents(value: &Value) -> i64 {
    value.as_str().unwrap().replace('.', "").parse().unwrap()
}

/// The manifest's figures are those of a database.
fn agrees(manifest: &Value, database: &Path) {
    let (messages, cancellations, posted, balances) = figures(database);
    let theirs = &manifest["figures"];
    assert_eq!(theirs["rows"]["message"], messages);
    assert_eq!(theirs["rows"]["cancellation"], cancellations);
    assert_eq!(cents(&theirs["posted"]), posted);
    for (kind, balance) in balances {
        assert_eq!(cents(&theirs["balances"][&kind]), balance, "{kind}");
    }
}

/// Nothing of a backup or a restore lies about.
fn nothing_left(folder: &Folder) {
    for place in [folder.path().to_owned(), folder.data()] {
        for entry in fs::read_dir(place).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let left =
                name.ends_with(".partial") || name == "campanella.copy" || name == "restoring";
            assert!(!left, "{name} was left behind");
        }
    }
}

/// What somebody was told is done, with the time.
pub type Told = Mutex<Vec<(Instant, Ack)>>;

/// Parents at it until the work is over, or the server has gone.
pub fn crowd<T>(folder: &Folder, address: &str, work: impl FnOnce(&Told) -> T) -> T {
    let (told, over) = (Told::default(), AtomicBool::new(false));
    let parents = payers(folder);
    std::thread::scope(|scope| {
        for (n, who) in parents.iter().take(4).enumerate() {
            let mut somebody = Somebody {
                browser: Browser::new(address, &format!("10.5.0.{n}")),
                who: who.clone(),
                rng: Rng::with_seed(n as u64),
                acks: Vec::new(),
                pending: None,
                refused: 0,
            };
            let (told, over) = (&told, &over);
            scope.spawn(move || {
                somebody.enter().unwrap();
                for turn in 0.. {
                    let acted = somebody.parent_acts(&format!("{n}-{turn}"));
                    let now = Instant::now();
                    let new = somebody.acks.drain(..).map(|ack| (now, ack));
                    told.lock().unwrap().extend(new);
                    if acted.is_err() || over.load(Ordering::Relaxed) {
                        break;
                    }
                }
            });
        }
        while told.lock().unwrap().len() < 20 {
            std::thread::sleep(Duration::from_millis(20));
        }
        let done = work(&told);
        over.store(true, Ordering::Relaxed);
        done
    })
}

#[test]
fn a_backup_under_load_comes_back_whole() {
    let folder = Folder::demo(12);
    let (public, identity) = key_pair(&folder);
    let recipients = folder.path().join("recipients.txt");
    fs::write(&recipients, format!("# the comune's\n\n{public}\n")).unwrap();
    let plain = folder.path().join("plain.tar");
    let for_key = folder.path().join("key.age");
    let for_word = folder.path().join("word.age");
    let mut server = Server::start(&folder, MONDAY);
    let (before, taken) = crowd(&folder, &server.address, |acks| {
        let mut before = Vec::new();
        let mut taken = Vec::new();
        let orders: [(&Path, Vec<&str>); 3] = [
            (&plain, vec![]),
            (&for_key, vec!["--recipients-file", text(&recipients)]),
            (&for_word, vec!["--passphrase-file", "-"]),
        ];
        for (file, more) in orders {
            let begun = Instant::now();
            let arguments = [&["backup", text(file), "--json"], more.as_slice()].concat();
            let output = with_input(folder.command(&arguments), PASSPHRASE);
            taken.push(answer(&output));
            let acks = acks.lock().unwrap();
            let of_before = acks.iter().filter(|(at, _)| *at < begun);
            before.push(of_before.map(|(_, ack)| ack.clone()).collect::<Vec<_>>());
        }
        (before, taken)
    });
    server.stop();
    nothing_left(&folder);
    sound(&folder);
    assert_eq!(taken[0]["encrypted"], false);
    assert_eq!(taken[1]["encrypted"], true);

    let word = folder.path().join("word");
    fs::write(&word, format!("{PASSPHRASE}\n")).unwrap();
    let opened: [(&Path, Vec<&str>); 3] = [
        (&plain, vec![]),
        (&for_key, vec!["--identity", text(&identity)]),
        (&for_word, vec!["--passphrase-file", text(&word)]),
    ];
    for (n, (file, more)) in opened.iter().enumerate() {
        let arguments = [
            &["backup", "--verify", text(file), "--json"],
            more.as_slice(),
        ]
        .concat();
        let verified = answer(&folder.run(&arguments));
        assert_eq!(verified["ok"], true);
        assert_eq!(verified["manifest"], taken[n]["manifest"]);
        let into = folder.path().join(format!("restored-{n}"));
        succeeded(&restore(&folder, &into, file, more));
        let database = into.join("campanella.sqlite");
        agrees(&taken[n]["manifest"], &database);
        assert!(before[n].len() >= 20);
        all_stand(&rusqlite::Connection::open(&database).unwrap(), &before[n]);
        assert_eq!(
            fs::read(into.join("campanella.toml")).unwrap(),
            fs::read(folder.data().join("campanella.toml")).unwrap()
        );
        succeeded(&command(&into, &folder.key(), &["check"]).output().unwrap());
    }
    // The archive opens without Campanella.
    let out = folder.path().join("by-hand");
    fs::create_dir(&out).unwrap();
    tar::Archive::new(fs::File::open(&plain).unwrap())
        .unpack(&out)
        .unwrap();
    let sums = std::process::Command::new("sha256sum")
        .args(["--check", "--strict", "SHA256SUMS"])
        .current_dir(&out)
        .output()
        .unwrap();
    succeeded(&sums);
    opens_with_age(&for_key, &identity, &out);
    // The encrypted ones hold nothing that can be read.
    for file in [&for_key, &for_word] {
        let bytes = fs::read(file).unwrap();
        assert!(!bytes.windows(13).any(|window| window == b"SQLite format"));
        assert!(!bytes.windows(8).any(|window| window == b"manifest"));
    }
}

/// The `age` command decrypts it to the archive whose members are unpacked already.
fn opens_with_age(backup: &Path, identity: &Path, unpacked: &Path) {
    let tar = backup.with_extension("opened");
    let ran = std::process::Command::new("age")
        .args([
            "--decrypt",
            "--identity",
            text(identity),
            "--output",
            text(&tar),
            text(backup),
        ])
        .output();
    let Ok(ran) = ran else {
        println!("skipped: the age command is not here to open a backup");
        return;
    };
    succeeded(&ran);
    let mut archive = tar::Archive::new(fs::File::open(&tar).unwrap());
    for entry in archive.entries().unwrap() {
        let name = entry.unwrap().path().unwrap().into_owned();
        assert!(unpacked.join(&name).exists(), "{}", name.display());
    }
}

/// Refused, and the folder is not there.
fn not_restored(folder: &Folder, backup: &Path, more: &[&str], words: &[&str]) {
    let into = folder.path().join("never");
    refused(&restore(folder, &into, backup, more), words);
    assert!(!into.exists(), "{} was made", into.display());
}

#[test]
fn a_damaged_or_locked_backup_is_refused() {
    let folder = Folder::demo(3);
    let (public, identity) = key_pair(&folder);
    let identity = ["--identity", text(&identity)];
    let plain = folder.path().join("plain.tar");
    let for_key = folder.path().join("key.age");
    succeeded(&folder.run(&["backup", text(&plain)]));
    succeeded(&folder.run(&["backup", text(&for_key), "--recipient", &public]));
    refused(
        &folder.run(&["backup", text(&plain)]),
        &["exists", "never overwritten"],
    );

    let broken = folder.path().join("broken");
    let size = |file: &Path| fs::metadata(file).unwrap().len();
    // A member's name, the manifest, the database, its hash at the end.
    let in_plain = [10, 700, size(&plain) / 2, size(&plain) - 1500];
    let mut rng = Rng::with_seed(8);
    let in_key: Vec<u64> = (0..6).map(|_| rng.u64(0..size(&for_key))).collect();
    let cases = [
        (&plain, &in_plain[..], &[][..]),
        (&for_key, &in_key, &identity[..]),
    ];
    for (file, places, more) in cases {
        for place in places {
            fs::copy(file, &broken).unwrap();
            let opened = fs::File::options()
                .read(true)
                .write(true)
                .open(&broken)
                .unwrap();
            let mut byte = [0];
            opened.read_exact_at(&mut byte, *place).unwrap();
            opened.write_all_at(&[byte[0] ^ 0x10], *place).unwrap();
            not_restored(&folder, &broken, more, &["broken"]);
        }
        for length in [0, 100, size(file) / 2, size(file) - 1200] {
            fs::copy(file, &broken).unwrap();
            fs::File::options()
                .write(true)
                .open(&broken)
                .unwrap()
                .set_len(length)
                .unwrap();
            not_restored(&folder, &broken, more, &["broken"]);
        }
    }
    let verified = folder.run(&["backup", "--verify", text(&broken)]);
    refused(&verified, &["broken"]);

    not_restored(
        &folder,
        &for_key,
        &[],
        &["encrypted for a public key", "--identity"],
    );
    let other = Folder::empty();
    let (_, stranger) = key_pair(&other);
    not_restored(
        &folder,
        &for_key,
        &["--identity", text(&stranger)],
        &["does not open with this key"],
    );
    not_restored(
        &folder,
        &folder.key(),
        &[],
        &["is not a backup of Campanella"],
    );
    not_restored(
        &folder,
        &folder.database(),
        &[],
        &["is a database, not a backup"],
    );
    not_restored(
        &folder,
        &folder.path().join("nowhere"),
        &[],
        &["nowhere", "No such file"],
    );

    let word = folder.path().join("word");
    fs::write(&word, PASSPHRASE).unwrap();
    let for_word = folder.path().join("word.age");
    succeeded(&folder.run(&["backup", text(&for_word), "--passphrase-file", text(&word)]));
    not_restored(&folder, &for_word, &[], &["--passphrase-file"]);
    fs::write(&word, "un'altra").unwrap();
    let wrong = ["--passphrase-file", text(&word)];
    not_restored(
        &folder,
        &for_word,
        &wrong,
        &["does not open with this passphrase"],
    );
    nothing_left(&folder);
}

#[test]
fn only_an_empty_folder_is_restored_into() {
    let folder = Folder::demo(3);
    let backup = folder.path().join("b.tar");
    succeeded(&folder.run(&["backup", text(&backup)]));
    let before = fs::read(folder.database()).unwrap();
    refused(
        &folder.run(&["restore", text(&backup)]),
        &["is not empty", "nothing was changed"],
    );
    assert_eq!(fs::read(folder.database()).unwrap(), before);
    let into = folder.path().join("into");
    fs::create_dir(&into).unwrap();
    fs::write(into.join("appunti.txt"), "mine").unwrap();
    refused(
        &restore(&folder, &into, &backup, &[]),
        &["is not empty", "appunti.txt"],
    );
    assert_eq!(fs::read_dir(&into).unwrap().count(), 1);
    fs::remove_file(into.join("appunti.txt")).unwrap();
    succeeded(&restore(&folder, &into, &backup, &[]));
}

#[test]
fn a_full_or_read_only_disk_keeps_nothing() {
    let folder = Folder::demo(12);
    let small = folder.path().join("small");
    let Some(disk) = Disk::mount(&small, "size=1m") else {
        return;
    };
    let target = small.join("b.tar");
    refused(
        &folder.run(&["backup", text(&target)]),
        &["b.tar", "the disk is full"],
    );
    refused(
        &folder.run(&[
            "backup",
            text(&folder.path().join("b.tar")),
            "--scratch",
            text(&small),
        ]),
        &["campanella.copy", "the disk is full"],
    );
    let backup = folder.path().join("b.tar");
    succeeded(&folder.run(&["backup", text(&backup)]));
    refused(
        &restore(&folder, &small.join("into"), &backup, &[]),
        &["the disk is full"],
    );
    refused(
        &restore(&folder, &small, &backup, &[]),
        &["the disk is full"],
    );
    assert_eq!(fs::read_dir(&small).unwrap().count(), 0, "nothing was kept");
    disk.again("remount,ro");
    refused(
        &folder.run(&["backup", text(&target)]),
        &["can't be written"],
    );
    refused(
        &restore(&folder, &small.join("into"), &backup, &[]),
        &["can't be written"],
    );
    let nowhere = folder.path().join("no/such/place.tar");
    refused(
        &folder.run(&["backup", text(&nowhere)]),
        &["its folder does not exist"],
    );
    nothing_left(&folder);
    sound(&folder);
}

#[test]
fn a_kill_leaves_nothing_that_passes_for_a_backup_or_a_folder() {
    let folder = Folder::demo(12);
    let whole = folder.path().join("whole.tar");
    succeeded(&folder.run(&["backup", text(&whole)]));
    let mut rng = Rng::with_seed(5);
    let (mut cut_backups, mut cut_restores) = (0, 0);
    for round in 0..8 {
        let target = folder.path().join("killed.tar");
        let mut child = folder
            .command(&["backup", text(&target)])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(rng.u64(5..250)));
        child.kill().unwrap();
        child.wait().unwrap();
        if target.exists() {
            succeeded(&folder.run(&["backup", "--verify", text(&target)]));
            fs::remove_file(&target).unwrap();
        } else {
            cut_backups += 1;
        }
        let into = folder.path().join("killed");
        let mut child = command(&into, &folder.key(), &["restore", text(&whole)])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(rng.u64(5..250)));
        child.kill().unwrap();
        child.wait().unwrap();
        let check = command(&into, &folder.key(), &["check"]).output().unwrap();
        if into.join("campanella.sqlite").exists() {
            succeeded(&check);
        } else {
            cut_restores += 1;
            refused(&check, &["holds no Campanella database"]);
            // The next one takes over what lies there.
            succeeded(&restore(&folder, &into, &whole, &[]));
        }
        fs::remove_dir_all(&into).unwrap();
        assert!(
            round < 7 || cut_backups + cut_restores > 0,
            "nobody was cut"
        );
    }
    println!("  {cut_backups} of 8 backups and {cut_restores} of 8 restores were cut");
    let last = folder.path().join("last.tar");
    succeeded(&folder.run(&["backup", text(&last)]));
    sound(&folder);
}

/// The same backup with another word in its manifest.
fn with_manifest(backup: &Path, change: impl FnOnce(&mut Value)) -> PathBuf {
    let mut tar = tar::Archive::new(fs::File::open(backup).unwrap());
    let mut manifest = String::new();
    let mut entry = tar.entries().unwrap().next().unwrap().unwrap();
    entry.read_to_string(&mut manifest).unwrap();
    let mut manifest: Value = serde_json::from_str(&manifest).unwrap();
    change(&mut manifest);
    let path = backup.with_extension("changed");
    let mut out = tar::Builder::new(fs::File::create(&path).unwrap());
    let bytes = manifest.to_string();
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes.len() as u64);
    out.append_data(&mut header, "manifest.json", bytes.as_bytes())
        .unwrap();
    out.finish().unwrap();
    path
}

#[test]
fn a_newer_backup_names_the_program_and_an_older_one_is_migrated() {
    let folder = Folder::demo(3);
    let backup = folder.path().join("b.tar");
    succeeded(&folder.run(&["backup", text(&backup)]));
    let newer = with_manifest(&backup, |manifest| {
        manifest["schema_version"] = 999.into();
        manifest["program"] = "9.8.7".into();
    });
    not_restored(
        &folder,
        &newer,
        &[],
        &["written by Campanella 9.8.7", "install 9.8.7 or newer"],
    );

    // As the first version left it.
    let old = Folder::empty();
    fs::create_dir(old.data()).unwrap();
    let db = rusqlite::Connection::open(old.database()).unwrap();
    let first = fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/assets/migrations/0001_spine.sql"
    ));
    db.execute_batch(&first.unwrap()).unwrap();
    db.execute_batch(
        "insert into stamp (id, demo, created_at, audit_salt) values (1, 0, 1, zeroblob(32));
         pragma user_version = 1;",
    )
    .unwrap();
    drop(db);
    refused(
        &old.run(&["check"]),
        &["make a backup and run `campanella migrate`"],
    );
    let backup = old.path().join("old.tar");
    let made = answer(&old.run(&["backup", text(&backup), "--json"]));
    assert_eq!(made["manifest"]["schema_version"], 1);
    let restored = restore(&folder, &old.path().join("into"), &backup, &[]);
    succeeded(&restored);
    let sentence = String::from_utf8_lossy(&restored.stdout);
    assert!(
        sentence.contains("It was of an older program: schema version 1 is now"),
        "{sentence}"
    );
    succeeded(
        &command(&old.path().join("into"), &folder.key(), &["check"])
            .output()
            .unwrap(),
    );
}

#[test]
fn check_tells_how_old_the_last_good_backup_is() {
    let folder = Folder::empty();
    let config = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/comune/comune.toml");
    succeeded(&folder.run(&["init", "--config", config]));
    let line = || {
        let check = folder.run(&["check"]);
        let all = said(succeeded(&check));
        let line = all
            .lines()
            .find(|line| line.contains("the last good backup"));
        line.unwrap_or_else(|| panic!("{all}")).to_owned()
    };
    assert!(
        line().starts_with("warn  ") && line().contains("none was made yet"),
        "{}",
        line()
    );
    let backup = folder.path().join("b.tar");
    succeeded(&folder.run(&["backup", text(&backup)]));
    assert!(
        line().starts_with("ok ") && line().contains("0 hours old"),
        "{}",
        line()
    );
    let db = rusqlite::Connection::open(folder.database()).unwrap();
    let older = "update counter set next = next - 49 * 3600 * 1000 where name = 'last-backup'";
    assert_eq!(db.execute(older, []).unwrap(), 1);
    drop(db);
    assert!(
        line().starts_with("warn ") && line().contains("49 hours old"),
        "{}",
        line()
    );
    let check = answer(&folder.run(&["check", "--json"]));
    let warned = check["checks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|c| c["warning"] == true && c["detail"].to_string().contains("49 hours old"))
        .count();
    assert!(check["ok"] == true && warned == 1, "{check}");
}

#[test]
fn the_nightly_script_keeps_the_newest() {
    let folder = Folder::demo(3);
    let kept = folder.path().join("backups");
    fs::create_dir(&kept).unwrap();
    let others = [
        "campanella-20260101T021500.backup",
        "campanella-20260102T021500.backup",
        "notes.txt",
    ];
    for name in others {
        fs::write(kept.join(name), "old").unwrap();
    }
    let script = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/backup/campanella-backup"
    );
    let bin = Path::new(super::server::PROGRAM).parent().unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let (public, _) = key_pair(&folder);
    let night = |data: &Path| {
        std::process::Command::new(script)
            .args(["--recipient", &public])
            .env("PATH", &path)
            .env("CAMPANELLA_DATA", data)
            .env("BACKUP_FOLDER", &kept)
            .env("BACKUP_KEEP", "2")
            .output()
            .unwrap()
    };
    let names = || {
        let mut names: Vec<String> = fs::read_dir(&kept)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    refused(
        &night(&folder.path().join("nothing")),
        &["holds no Campanella database"],
    );
    assert_eq!(names(), others, "a night without a backup deletes nothing");
    succeeded(&night(&folder.data()));
    let left = names();
    assert_eq!(left.len(), 3, "{left:?}");
    assert!(
        !left.contains(&others[0].to_owned()) && left[0] == others[1] && left[2] == others[2],
        "{left:?}"
    );
}
