//! What can be wrong with a folder, each with a sentence that says what to do, and nothing lost
//! (docs/recovery.md).

use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::{Command, Output};

use campanella::base::{Actor, Instant};
use campanella::store::{self, AuditEvent, Store, Urgency};

use super::acknowledged::count;
use super::browser::Browser;
use super::server::{Folder, MONDAY, Server, command, free_port, said};

/// Refused with exit code 1 and one sentence that holds some words.
pub fn refused(output: &Output, words: &[&str]) {
    let sentence = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{}", said(output));
    let one = sentence
        .lines()
        .filter(|line| line.starts_with("campanella: "))
        .count();
    assert_eq!(one, 1, "{sentence}");
    for word in words {
        assert!(sentence.contains(word), "no “{word}” in: {sentence}");
    }
    assert!(!sentence.contains("panicked"), "{sentence}");
}

pub fn sound(folder: &Folder) {
    let check = folder.run(&["check"]);
    assert!(check.status.success(), "{}", said(&check));
}

fn serve(folder: &Folder) -> Output {
    folder.run(&["serve", "--demo", "--bind", "127.0.0.1:0"])
}

/// A parent of the demo, logged in, and a message that can be sent.
fn parent(folder: &Folder, server: &Server) -> Browser {
    let sql = "select p.public_id from person p join enrolment e on e.payer_id = p.id limit 1";
    let person: String = folder.read().query_row(sql, [], |row| row.get(0)).unwrap();
    let mut browser = Browser::new(&server.address, "10.3.0.1");
    assert_eq!(browser.enter(&person).unwrap().location, "/area");
    browser
}

fn write(browser: &mut Browser, text: &str) -> super::browser::Answer {
    let page = browser.get("/area/comunicazioni").unwrap();
    assert_eq!(
        page.status, 200,
        "pages are read all the same: {}",
        page.body
    );
    let key = page.hidden("_key").unwrap();
    browser
        .post("/area/comunicazioni", &[("body", text), ("_key", &key)])
        .unwrap()
}

/// The Italian page that says that nothing was written, with the request's name.
fn is_storage_page(answer: &super::browser::Answer) {
    assert_eq!(answer.status, 503, "{}", answer.body);
    assert!(
        answer.body.contains("Ora non possiamo salvare"),
        "{}",
        answer.body
    );
    assert!(
        answer.body.contains("class=\"mono\""),
        "the request is named"
    );
}

/// A small disk of its own; none where mounting is not allowed.
pub struct Disk<'a>(&'a Path);

impl Disk<'_> {
    pub fn mount<'a>(at: &'a Path, options: &str) -> Option<Disk<'a>> {
        std::fs::create_dir_all(at).unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", options, "tmpfs"])
            .arg(at)
            .output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Disk(at));
        }
        println!("skipped: mounting a small disk needs root, so nobody fills it");
        None
    }

    pub fn again(&self, options: &str) {
        let done = Command::new("mount")
            .args(["-o", options])
            .arg(self.0)
            .status()
            .unwrap();
        assert!(done.success());
    }
}

impl Drop for Disk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0).status();
    }
}

#[test]
fn a_full_disk_loses_nothing_and_says_so() {
    let folder = Folder::demo(5);
    let data = folder.data();
    let beside = folder.path().join("whole");
    std::fs::rename(&data, &beside).unwrap();
    let Some(_disk) = Disk::mount(&data, "size=24m") else {
        return;
    };
    for name in ["campanella.sqlite", "campanella.toml"] {
        std::fs::copy(beside.join(name), data.join(name)).unwrap();
    }
    let mut server = Server::start(&folder, MONDAY);
    let mut browser = parent(&folder, &server);
    assert_eq!(write(&mut browser, "prima").status, 303);
    // What somebody else's files leave free is nothing.
    let filler = data.join("filler");
    let _ = std::fs::write(&filler, vec![0u8; 24 << 20]);
    let mut kept = 1;
    let mut last = write(&mut browser, "piena 0");
    for n in 1..200 {
        if last.status != 303 {
            break;
        }
        kept += 1;
        last = write(&mut browser, &format!("piena {n}"));
    }
    is_storage_page(&last);
    std::fs::remove_file(&filler).unwrap();
    assert_eq!(
        write(&mut browser, "dopo").status,
        303,
        "it goes on by itself"
    );
    assert!(
        server.log().contains("the disk is full"),
        "{}",
        server.log()
    );
    server.kill();
    sound(&folder);
    let sql = "select count(*) from message where body like 'piena %' or body in ('prima', 'dopo')";
    assert_eq!(count(&folder.read(), sql, []), kept + 1);
}

#[test]
fn a_folder_that_takes_no_writes_is_named() {
    let folder = Folder::demo(5);
    let data = folder.data();
    let beside = folder.path().join("whole");
    std::fs::rename(&data, &beside).unwrap();
    let Some(disk) = Disk::mount(&data, "size=64m") else {
        return;
    };
    for name in ["campanella.sqlite", "campanella.toml"] {
        std::fs::copy(beside.join(name), data.join(name)).unwrap();
    }
    disk.again("remount,ro");
    refused(&serve(&folder), &["can't be written", "read-only"]);
    refused(&folder.run(&["check"]), &["can't be written"]);
    disk.again("remount,rw");
    sound(&folder);
}

#[test]
fn a_stranger_who_holds_the_database_is_named() {
    let folder = Folder::demo(5);
    let server = Server::start(&folder, MONDAY);
    let mut browser = parent(&folder, &server);
    let stranger = rusqlite::Connection::open(folder.database()).unwrap();
    stranger.execute_batch("begin exclusive").unwrap();
    is_storage_page(&write(&mut browser, "bloccata"));
    stranger.execute_batch("rollback").unwrap();
    assert_eq!(write(&mut browser, "libera").status, 303);
    drop((server, stranger));

    let stranger = rusqlite::Connection::open(folder.database()).unwrap();
    stranger
        .execute_batch("pragma locking_mode = exclusive; begin immediate")
        .unwrap();
    refused(&serve(&folder), &["another program holds the database"]);
    drop(stranger);
    sound(&folder);
    let sql = "select count(*) from message where body in ('bloccata', 'libera')";
    assert_eq!(count(&folder.read(), sql, []), 1);
}

#[test]
fn two_servers_do_not_share_a_folder() {
    let folder = Folder::demo(5);
    let mut server = Server::start(&folder, MONDAY);
    let number = server.child.id().to_string();
    refused(&serve(&folder), &["is served already by process", &number]);
    refused(&folder.run(&["migrate"]), &["stop that server first"]);
    // Commands work beside it.
    sound(&folder);
    server.kill();
    let mut next = Server::start(&folder, MONDAY);
    next.stop();
}

#[test]
fn the_key_is_missed_and_a_wrong_one_is_refused() {
    let folder = Folder::demo(5);
    let away = folder.path().join("away");
    std::fs::rename(folder.key(), &away).unwrap();
    refused(&serve(&folder), &["data.key is missing", "put it back"]);
    std::fs::write(
        folder.key(),
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
    )
    .unwrap();
    refused(&serve(&folder), &["is not the key of this data folder"]);
    std::fs::write(folder.key(), "carta\n").unwrap();
    refused(&serve(&folder), &["does not hold a key"]);
    std::fs::rename(&away, folder.key()).unwrap();
    sound(&folder);
}

#[test]
fn a_log_that_is_taken_away_after_a_kill_is_missed() {
    let folder = Folder::demo(5);
    let mut server = Server::start(&folder, MONDAY);
    let mut browser = parent(&folder, &server);
    assert_eq!(write(&mut browser, "nel registro").status, 303);
    server.kill();
    let (log, away) = (
        folder.data().join("campanella.sqlite-wal"),
        folder.path().join("away"),
    );
    std::fs::rename(&log, &away).unwrap();
    refused(
        &serve(&folder),
        &["the write-ahead log is missing", "docs/recovery.md"],
    );
    refused(&folder.run(&["check"]), &["the write-ahead log is missing"]);
    std::fs::rename(&away, &log).unwrap();
    sound(&folder);
    let sql = "select count(*) from message where body = 'nel registro'";
    assert_eq!(count(&folder.read(), sql, []), 1);
    // Brought home by `check`: now the log may go.
    let _ = std::fs::remove_file(&log);
    sound(&folder);
}

#[test]
fn a_damaged_page_is_found_and_said() {
    let folder = Folder::demo(5);
    let whole = std::fs::read(folder.database()).unwrap();
    let file = std::fs::OpenOptions::new()
        .write(true)
        .open(folder.database())
        .unwrap();
    // Every second page from the middle on.
    let pages = whole.len() / 4096;
    for page in (pages / 2..pages).step_by(2) {
        file.write_all_at(&[0xA5; 512], (page * 4096) as u64)
            .unwrap();
    }
    drop(file);
    let check = folder.run(&["check"]);
    assert_eq!(check.status.code(), Some(1), "{}", said(&check));
    let all = said(&check);
    assert!(
        all.contains("is damaged") || all.contains("WRONG the database file is sound"),
        "{all}"
    );
    assert!(!all.contains("panicked"), "{all}");

    // The first page: it is no database any more.
    std::fs::write(folder.database(), [&[0u8; 100], &whole[100..]].concat()).unwrap();
    refused(
        &serve(&folder),
        &["the database file is damaged", "docs/recovery.md"],
    );
    std::fs::write(folder.database(), &whole).unwrap();
    sound(&folder);
}

#[test]
fn a_clock_that_goes_back_is_noticed() {
    let folder = Folder::empty();
    let config = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/comune/comune.toml");
    let made = folder.run(&["init", "--config", config]);
    assert!(made.status.success(), "{}", said(&made));
    let bind = format!("127.0.0.1:{}", free_port());
    let serve = || command(&folder.data(), &folder.key(), &["serve", "--bind", &bind]);
    Server::spawn(serve(), folder.path()).stop();
    // The last write is of tomorrow: the clock was set back since.
    let store = Store::open(&folder.data()).unwrap();
    let tomorrow = Instant::from(jiff::Timestamp::now()).plus_millis(24 * 3600 * 1000);
    store
        .write(Urgency::Interactive, move |tx| {
            let event = AuditEvent {
                action: "test",
                subject: "clock",
                subject_id: None,
                payload: serde_json::json!({}),
            };
            store::audit(tx, &Actor::System("test"), tomorrow, &event)
        })
        .unwrap();
    drop(store);
    refused(
        &serve().output().unwrap(),
        &["the clock of this machine shows", "timedatectl"],
    );
    let check = folder.run(&["check"]);
    assert_eq!(check.status.code(), Some(1));
    assert!(
        said(&check).contains("WRONG the clock is not behind the last write"),
        "{}",
        said(&check)
    );
}
