//! The changeover with the real binary in fresh folders: the example of an old supplier, the round
//! trip of `export all`, rehearsals, control totals, formulas, kills.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use campanella::app::{App, key_file};
use campanella::attestations::{self, Issue};
use campanella::base::{Actor, Cents, Date, PersonId};
use campanella::catalogue::Language;
use campanella::people::{self, FiscalCode};
use campanella::store::Urgency;
use campanella::{charging, ledger, municipality, statement};
use jiff::civil::date;

fn run(data: &Path, arguments: &[&str]) -> Output {
    assert_cmd::Command::cargo_bin("campanella")
        .unwrap()
        .env_remove("CAMPANELLA_KEY")
        .arg("--data")
        .arg(data)
        .args(arguments)
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    String::from_utf8_lossy(out).into_owned() + &String::from_utf8_lossy(err)
}

fn good(data: &Path, arguments: &[&str]) -> String {
    let output = run(data, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", said(&output));
    said(&output)
}

fn bad(data: &Path, arguments: &[&str]) -> String {
    let output = run(data, arguments);
    assert_eq!(
        output.status.code(),
        Some(1),
        "{arguments:?}: {}",
        said(&output)
    );
    said(&output)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn open(folder: &Path) -> App {
    App::open(folder, &key_file(folder)).unwrap()
}

/// What a payer's comparison sees, by fiscal code: balances, statement lines, explanations.
type Books = BTreeMap<String, Vec<String>>;

fn payers(app: &App) -> Vec<(PersonId, String)> {
    app.store
        .read(|db| {
            let mut all = db.prepare(
                "select distinct a.payer_id, l.fiscal_code from account a
                 join identity_link l on l.person_id = a.payer_id and l.current = 1",
            )?;
            let rows = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .unwrap()
}

fn books(app: &App) -> Books {
    let (from, to): (Date, Date) = (date(2000, 1, 1), date(2100, 1, 1));
    let mut books = Books::new();
    for (payer, code) in payers(app) {
        let lines = app
            .store
            .read(|db| {
                let statement = statement::statement_of_person(db, payer, from, to)?;
                let mut lines = Vec::new();
                for line in statement.lines() {
                    let words = app.catalogue.say(Language::Italian, &line.description());
                    let why = match &line.charge {
                        Some(id) => {
                            let shown = charging::charge_for_family(
                                db,
                                &Actor::Citizen(payer),
                                id,
                                date(2025, 11, 20),
                            )?;
                            serde_json::to_string(&shown.explanation).unwrap()
                        }
                        None => String::new(),
                    };
                    lines.push(format!(
                        "{} {words} {} {} {why}",
                        line.day, line.amount.0, line.balance.0
                    ));
                }
                for account in ledger::accounts_of_person(db, payer)? {
                    let (child, service) = (account.child, account.service);
                    // An account without any line is nothing that a family sees.
                    if account.balance != Cents::ZERO {
                        lines.push(format!("= {child} {service} {}", account.balance.0));
                    }
                }
                Ok(lines)
            })
            .unwrap();
        if !lines.is_empty() {
            books.insert(code, lines);
        }
    }
    books
}

/// The figures of a year's attestations by payer, rows included.
fn attested(app: &App, year: i16) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for (payer, code) in payers(app) {
        let now = app.now();
        let issued = app
            .store
            .write(Urgency::Interactive, move |tx| {
                attestations::issue(tx, &Actor::System("test"), payer, year, "https://x", now)
            })
            .unwrap();
        if let Issue::New(attestation) | Issue::Unchanged(attestation) = issued {
            let content = app
                .store
                .read(|db| attestations::content(db, attestation.id))
                .unwrap();
            let mut children: Vec<String> = content
                .children
                .iter()
                .map(|child| serde_json::to_string(child).unwrap())
                .collect();
            children.sort();
            all.insert(code, children.join("\n"));
        }
    }
    all
}

fn demo(folder: &Path, families: &str) {
    let arguments = [
        "demo",
        "--families",
        families,
        "--seed",
        "7",
        "--no-serve",
        "--clock",
        "2025-11-20T07:40",
    ];
    good(folder, &arguments);
}

#[test]
fn a_round_trip_keeps_balances_statements_and_attestations() {
    let place = tempfile::tempdir().unwrap();
    let (old, new) = (place.path().join("old"), place.path().join("new"));
    let folder = place.path().join("export");
    demo(&old, "20");
    good(
        &old,
        &["export", "all", "--out", text(&folder), "--with-diets"],
    );
    good(
        &new,
        &["init", "--config", text(&folder.join("comune.toml"))],
    );
    let rehearsal = good(&new, &["import", "all", text(&folder), "--dry-run"]);
    assert!(rehearsal.contains("it was a dry run"), "{rehearsal}");
    assert!(books(&open(&new)).is_empty());
    good(&new, &["import", "all", text(&folder)]);

    let (before, after) = (open(&old), open(&new));
    let (ours, theirs) = (books(&before), books(&after));
    assert!(ours.len() >= 10, "only {} payers", ours.len());
    let charges = |books: &Books| {
        books
            .values()
            .flatten()
            .filter(|l| l.contains("unit_price"))
            .count()
    };
    assert!(charges(&ours) > 100, "only {} charges", charges(&ours));
    for (payer, lines) in &ours {
        let others = theirs
            .get(payer)
            .unwrap_or_else(|| panic!("{payer} is missing"));
        for (line, other) in lines.iter().zip(others) {
            assert_eq!(line, other, "{payer}");
        }
        assert_eq!(lines.len(), others.len(), "{payer}");
    }
    assert_eq!(ours.len(), theirs.len());
    for year in [2024, 2025] {
        let (ours, theirs) = (attested(&before, year), attested(&after, year));
        for (payer, content) in &ours {
            assert_eq!(Some(content), theirs.get(payer), "{year} {payer}");
        }
        assert_eq!(ours.len(), theirs.len(), "{year}");
        assert!(year == 2024 || !ours.is_empty());
    }
    // What was closed stays closed: nobody is charged twice.
    let waiting = |app: &App| -> Vec<(String, Vec<Date>)> {
        let until = date(2025, 11, 19);
        app.store
            .read(|db| {
                let services = municipality::services(db)?;
                services
                    .iter()
                    .map(|s| Ok((s.code.clone(), charging::days_to_close(db, s, until)?)))
                    .collect()
            })
            .unwrap()
    };
    assert_eq!(waiting(&before), waiting(&after));
    drop((before, after));

    let again = good(&new, &["import", "all", text(&folder), "--json"]);
    let again: serde_json::Value = serde_json::from_str(&again).unwrap();
    for file in again["files"].as_array().unwrap() {
        assert_eq!(
            (&file["added"], &file["changed"]),
            (&0.into(), &0.into()),
            "{file}"
        );
    }
    // Back into the folder that it came from: everything is there already.
    let back = good(&old, &["import", "all", text(&folder)]);
    assert!(!back.contains("Nothing was written"), "{back}");
    assert!(
        books(&open(&old)) == ours,
        "the books of the old folder changed"
    );
    good(&new, &["check"]);
    good(&old, &["check"]);
}
