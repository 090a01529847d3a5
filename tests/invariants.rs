//! docs/invariants.md keeps its word: the tests that it names exist; and the invariants that no test
//! of a slice can see, because they are about all sources, or about somebody who goes around them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use campanella::store;
use rusqlite::Connection;
use support::Town;

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Every Rust file under a folder: its path and its text.
fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("node_modules") {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path.display().to_string(), text));
        }
    }
}

/// The product's own lines, without tests and comments.
fn product() -> Vec<(String, String)> {
    let mut all = Vec::new();
    sources(&root("src"), &mut all);
    all.retain(|(path, _)| !path.ends_with("tests.rs") && !path.ends_with("testing.rs"));
    let code = all.into_iter().map(|(path, text)| {
        let text = text.split("#[cfg(test)]").next().unwrap_or("");
        let lines = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        (path, lines.collect::<Vec<_>>().join("\n"))
    });
    code.collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
}

#[test]
fn every_test_that_the_list_names_exists() {
    let mut all = Vec::new();
    sources(&root("src"), &mut all);
    sources(&root("tests"), &mut all);
    let all: String = all.into_iter().map(|(_, text)| text).collect();
    let list = fs::read_to_string(root("docs/invariants.md")).unwrap();
    let tests = list.lines().filter(|line| line.starts_with("   "));
    let named: Vec<_> = tests
        .flat_map(|line| line.split('`').skip(1).step_by(2))
        .collect();
    assert!(named.len() > 15, "{named:?}");
    for test in named {
        assert!(all.contains(&format!("fn {test}(")), "{test}");
    }
}

#[test]
fn no_float_touches_money() {
    // What is drawn has millimetres and points.
    let drawn = |path: &str| path.contains("/pdf/") || path.ends_with("_pdf.rs");
    for (path, text) in product().iter().filter(|(path, _)| !drawn(path)) {
        let float = words(text).find(|word| matches!(*word, "f32" | "f64"));
        assert_eq!(float, None, "{path}");
    }
}

#[test]
fn nobody_else_reads_the_clock() {
    for (path, text) in product()
        .iter()
        .filter(|(path, _)| !path.ends_with("base/clock.rs"))
    {
        for asked in [
            "Timestamp::now",
            "Zoned::now",
            "SystemTime",
            "Instant::now",
            "Utc::now",
        ] {
            assert!(!text.contains(asked), "{path}: {asked}");
        }
    }
}

#[test]
fn a_forged_audit_log_is_found_and_an_erased_payload_is_not_a_forgery() {
    let town = Town::with_families(4);
    let file = town.folder.path().join("data").join("campanella.sqlite");
    let fault = || town.app.store.read(store::verify_audit_chain).unwrap();
    assert!(fault().is_none());
    // Somebody with the file and no scruples: without the triggers, each time a copy of the rows.
    let forger = Connection::open(file).unwrap();
    forger
        .execute_batch("drop trigger audit_entry_is_final; drop trigger audit_entry_stays;")
        .unwrap();
    let last: i64 = forger
        .query_row("select max(id) from audit_entry", [], |row| row.get(0))
        .unwrap();
    assert!(last > 3, "the demo leaves something to forge");
    for forgery in [
        "update audit_entry set action = 'read-isee' where id = 2",
        "update audit_entry set at = at + 1 where id = 2",
        "update audit_entry set actor_id = 99 where id = 2",
        "delete from audit_entry where id = 2",
        "update audit_payload set payload = '{}' where audit_id = 2",
    ] {
        forger
            .execute_batch("pragma foreign_keys = off; begin")
            .unwrap();
        assert_eq!(forger.execute(forgery, []).unwrap(), 1, "{forgery}");
        forger.execute_batch("savepoint seen").unwrap();
        let found = store::verify_audit_chain(&forger).unwrap();
        assert!(found.is_some(), "{forgery}");
        forger.execute_batch("rollback").unwrap();
    }
    forger
        .execute("delete from audit_payload where audit_id = 2", [])
        .unwrap();
    assert!(fault().is_none(), "what retention erases stays provable");
}
