//! Never acknowledged before its sync: the page cache survives a kill, so the order is counted where
//! it happens, at the system calls.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Command;

use super::browser::Browser;
use super::server::{Folder, MONDAY, Server, terminate};

/// Parents who write at the same time.
const TOGETHER: usize = 24;

/// A system call that matters here, in the order of the trace.
enum Call {
    /// The write-ahead log or the database is on disk.
    Synced,
    /// The log was written.
    Written,
    /// An answer that leads on (303) went out: a write is acknowledged.
    Acknowledged,
}

/// Starts strace around a server; none where it can't be had.
fn traced(folder: &Folder, log: &PathBuf) -> Option<Server> {
    let allowed = Command::new("strace")
        .args(["-f", "-o", "/dev/null", "true"])
        .output();
    if !allowed.is_ok_and(|output| output.status.success()) {
        println!("skipped: strace can't run here, so nobody counts the syncs");
        return None;
    }
    let inner = folder.command(&[
        "serve",
        "--demo",
        "--bind",
        "127.0.0.1:0",
        "--clock",
        MONDAY,
    ]);
    let mut command = Command::new("strace");
    command
        .args(["-f", "-y", "-s", "64", "-o"])
        .arg(log)
        .args([
            "-e",
            "trace=fsync,fdatasync,pwrite64,write,writev,sendto,sendmsg",
        ])
        .arg(inner.get_program())
        .args(inner.get_args());
    Some(Server::spawn(command, folder.path()))
}

/// Reads a trace. A call that was interrupted by another thread's line counts when it returns, and an
/// answer counts when it begins: the stricter reading of both.
fn calls(trace: &str) -> Vec<Call> {
    let mut unfinished: HashMap<&str, &str> = HashMap::new();
    let mut calls = Vec::new();
    for line in trace.lines() {
        let Some((thread, rest)) = line.split_once(char::is_whitespace) else {
            continue;
        };
        let rest = rest.trim_start();
        let begins = !rest.starts_with("<...");
        let whole = if rest.ends_with("<unfinished ...>") {
            unfinished.insert(thread, rest);
            rest
        } else if begins {
            rest
        } else {
            unfinished.remove(thread).unwrap_or("")
        };
        let ends = !rest.ends_with("<unfinished ...>");
        let of_database = whole.contains("campanella.sqlite");
        if begins && whole.contains("HTTP/1.1 303") {
            calls.push(Call::Acknowledged);
        } else if ends
            && of_database
            && (whole.starts_with("fdatasync") || whole.starts_with("fsync"))
        {
            calls.push(Call::Synced);
        } else if ends && whole.contains("campanella.sqlite-wal") && whole.starts_with("pwrite64") {
            calls.push(Call::Written);
        }
    }
    calls
}

/// Every acknowledgement comes after a sync, and nothing was written to the log between the last
/// sync and the acknowledgement of a lone writer. Answers how many (acknowledged, synced).
fn counted(calls: &[Call], alone: bool) -> (usize, usize) {
    let (mut acknowledged, mut synced, mut dirty) = (0, 0, false);
    for call in calls {
        match call {
            Call::Synced => {
                synced += 1;
                dirty = false;
            }
            Call::Written => dirty = true,
            Call::Acknowledged => {
                acknowledged += 1;
                assert!(synced > 0, "acknowledged before any sync");
                assert!(
                    !alone || !dirty,
                    "acknowledged while the log was not on disk"
                );
            }
        }
    }
    (acknowledged, synced)
}

#[test]
fn no_write_is_acknowledged_before_its_sync() {
    let folder = Folder::demo(40);
    let parents: Vec<String> = {
        let db = folder.read();
        let sql = "select distinct p.public_id from person p join enrolment e on e.payer_id = p.id
                   order by p.id limit ?1";
        let mut statement = db.prepare(sql).unwrap();
        let rows = statement.query_map([24], |row| row.get(0)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    };
    assert_eq!(parents.len(), TOGETHER);
    let log = folder.path().join("trace");
    let Some(mut server) = traced(&folder, &log) else {
        return;
    };
    let mut browsers: Vec<(Browser, String)> = Vec::new();
    for (n, parent) in parents.iter().enumerate() {
        let mut browser = Browser::new(&server.address, &format!("10.2.0.{n}"));
        assert_eq!(browser.enter(parent).unwrap().location, "/area");
        let page = browser.get("/area/disdici").unwrap();
        let day = page.values("day").pop().unwrap();
        let form = format!("{day}|{}", page.hidden("_key").unwrap());
        browsers.push((browser, form));
    }
    let cancel = |browser: &mut Browser, form: &str| {
        let (day, key) = form.split_once('|').unwrap();
        let done = browser
            .post("/area/disdici", &[("day", day), ("_key", key)])
            .unwrap();
        assert_eq!(done.status, 303, "{}", done.body);
    };
    let seen = || std::fs::read_to_string(&log).unwrap().len();

    // One after the other: the first half.
    let before = seen();
    let (alone, together) = browsers.split_at_mut(TOGETHER / 2);
    for (browser, form) in alone.iter_mut() {
        cancel(browser, form);
    }
    let between = seen();
    // All at once: the second half.
    std::thread::scope(|scope| {
        for (browser, form) in together.iter_mut() {
            scope.spawn(|| cancel(browser, form));
        }
    });
    let after = seen();
    let traced = std::fs::read_to_string(&log).unwrap();
    let (acknowledged, synced) = counted(&calls(&traced[before..between]), true);
    assert_eq!(acknowledged, TOGETHER / 2);
    assert!(
        synced >= acknowledged,
        "{synced} syncs for {acknowledged} writes"
    );
    println!("  one writer: {synced} syncs for {acknowledged} acknowledged writes");
    let (acknowledged, synced) = counted(&calls(&traced[between..after]), false);
    assert_eq!(acknowledged, TOGETHER / 2);
    assert!(
        synced <= acknowledged,
        "{synced} syncs for {acknowledged} writes: nothing was shared"
    );
    println!(
        "  {acknowledged} writers at once: {synced} syncs for {acknowledged} acknowledged writes"
    );

    let children =
        std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", server.child.id()));
    terminate(children.unwrap().trim().parse().unwrap());
    server.child.wait().unwrap();
}
