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
use campanella::base::{Actor, Cents, Date, PersonId, Role, StaffActor, today};
use campanella::catalogue::Language;
use campanella::store::Urgency;
use campanella::{charging, ledger, municipality, refunds, statement};
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

/// Whether a line is of a payment that a settlement flow declares and no receipt proves yet: in the
/// other comune it is a payment like any other, in other words.
fn awaited(line: &str) -> bool {
    line.contains("in attesa della ricevuta")
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
            if awaited(line) {
                let figures =
                    |line: &str| line.rsplitn(3, ' ').take(2).map(str::to_owned).collect();
                let (ours, theirs): (Vec<String>, Vec<String>) =
                    (figures(line.trim_end()), figures(other.trim_end()));
                assert_eq!((&line[..10], ours), (&other[..10], theirs), "{payer}");
            } else {
                assert_eq!(line, other, "{payer}");
            }
        }
        assert_eq!(lines.len(), others.len(), "{payer}");
    }
    assert_eq!(ours.len(), theirs.len());
    let waits = |(_, lines): &(&String, &Vec<String>)| lines.iter().any(|line| awaited(line));
    let waiting: Vec<&String> = ours.iter().filter(waits).map(|(payer, _)| payer).collect();
    for year in [2024, 2025] {
        let (ours, theirs) = (attested(&before, year), attested(&after, year));
        for (payer, content) in &ours {
            // What waits for its receipt is not attested here; there it is a payment of which nobody
            // knows whether it can be deducted.
            if !waiting.contains(&payer) {
                assert_eq!(Some(content), theirs.get(payer), "{year} {payer}");
            }
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

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples")
        .join(name)
}

/// A comune founded with the example's configuration, and a copy of the old supplier's folder.
fn founded() -> (tempfile::TempDir, PathBuf, PathBuf) {
    let place = tempfile::tempdir().unwrap();
    let (data, folder) = (place.path().join("data"), place.path().join("files"));
    let comune = example("comune").join("comune.toml");
    good(&data, &["init", "--config", text(&comune)]);
    fs::create_dir_all(folder.join("tariffe")).unwrap();
    for entry in fs::read_dir(example("changeover")).unwrap().flatten() {
        if entry.path().is_file() {
            fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
        }
    }
    let rule = "tariffe/mensa.toml";
    fs::copy(example("changeover").join(rule), folder.join(rule)).unwrap();
    (place, data, folder)
}

fn count(data: &Path, table: &str) -> i64 {
    let sql = format!("select count(*) from {table}");
    open(data)
        .store
        .read(|db| Ok(db.query_row(&sql, [], |row| row.get(0))?))
        .unwrap()
}

/// Changes a file, in UTF-8 or Windows-1252.
fn edit(path: &Path, from: &str, to: &str) {
    let bytes = fs::read(path).unwrap();
    let (before, utf8) = match String::from_utf8(bytes) {
        Ok(text) => (text, true),
        Err(other) => {
            let text = encoding_rs::WINDOWS_1252.decode(other.as_bytes()).0;
            (text.into_owned(), false)
        }
    };
    assert!(before.contains(from), "{} has no {from}", path.display());
    let after = before.replacen(from, to, 1);
    if utf8 {
        fs::write(path, after).unwrap();
    } else {
        fs::write(path, encoding_rs::WINDOWS_1252.encode(&after).0).unwrap();
    }
}

#[test]
fn an_old_suppliers_folder_comes_in_as_it_is() {
    let (_place, data, folder) = founded();
    let said = good(&data, &["import", "all", text(&folder)]);
    assert!(
        said.contains("balances of mensa: 128.60 of credit, -101.10 of debt"),
        "{said}"
    );
    let app = open(&data);
    // The balance of Tommaso: 12.40 + 160.00 paid - 124.80 charged.
    let mother = books(&app).remove("BRTCHR88D52G702J").unwrap();
    assert!(
        mother.contains(&"= Landi Tommaso Refezione scolastica 4760".to_owned()),
        "{mother:?}"
    );
    let first = "Pasti da gennaio a giugno 2026, Refezione scolastica di Tommaso";
    assert!(mother.iter().any(|line| line.contains(first)), "{mother:?}");
    // The attestation of the year has the old system's payments, marked; cash is apart.
    let attested = attested(&app, 2026);
    assert!(attested["BRTCHR88D52G702J"].contains("\"origin\":\"Vecchio gestionale\""));
    assert!(attested["NNCPLA83A30E625O"].contains("\"otherwise_paid\":\"120.00\""));
    let number: String = app
        .store
        .read(|db| {
            let sql = "select notice_number from payment_notice where state = 'open' order by id";
            Ok(db.query_row(sql, [], |row| row.get(0))?)
        })
        .unwrap();
    assert!(number.starts_with("0021"), "{number}");
    drop(app);
    good(&data, &["check"]);
    let report = folder.join("report.csv");
    good(
        &data,
        &["import", "all", text(&folder), "--report", text(&report)],
    );
    let report = fs::read_to_string(report).unwrap();
    assert!(
        report.lines().skip(1).all(|line| line.contains(",same,")),
        "{report}"
    );
}

#[test]
fn a_bad_row_or_a_total_that_differs_refuses_everything() {
    let (_place, data, folder) = founded();
    edit(
        &folder.join("ANAGRAFE.csv"),
        "BRTCHR88D52G702J",
        "BRTCHR88D52G702X",
    );
    let said = bad(&data, &["import", "all", text(&folder)]);
    assert!(
        said.contains("ANAGRAFE.csv:2:COD.FISCALE (codice_fiscale): "),
        "{said}"
    );
    assert!(said.contains("Nothing was written"), "{said}");
    assert_eq!(count(&data, "person"), 0);
    edit(
        &folder.join("ANAGRAFE.csv"),
        "BRTCHR88D52G702X",
        "BRTCHR88D52G702J",
    );

    edit(
        &folder.join("changeover.toml"),
        "total = \"650.00\"",
        "total = \"650.01\"",
    );
    for arguments in [&["--skip-bad"][..], &[]] {
        let mut all = vec!["import", "all", text(&folder)];
        all.extend(arguments);
        let said = bad(&data, &all);
        assert!(said.contains("INCASSI_2026.csv: "), "{said}");
        assert_eq!(count(&data, "person"), 0);
    }
    edit(
        &folder.join("changeover.toml"),
        "total = \"650.01\"",
        "total = \"650.00\"",
    );
    edit(&folder.join("INCASSI_2026.csv"), "2026/00321", "2026/00355");
    edit(
        &folder.join("changeover.toml"),
        "cap = \"C.A.P.\"",
        "kap = \"C.A.P.\"",
    );
    let said = bad(&data, &["import", "all", text(&folder)]);
    assert!(said.contains("kap"), "{said}");
    fs::remove_file(folder.join("SALDI.csv")).unwrap();
    edit(
        &folder.join("changeover.toml"),
        "kap = \"C.A.P.\"",
        "cap = \"C.A.P.\"",
    );
    let said = bad(&data, &["import", "all", text(&folder)]);
    assert!(said.contains("SALDI.csv"), "{said}");
    assert_eq!(count(&data, "person"), 0);
}

#[test]
fn skipped_rows_are_listed_and_the_others_are_in() {
    let (_place, data, folder) = founded();
    edit(
        &folder.join("AVVISI_APERTI.csv"),
        "0021112223334445",
        "0021112223334455",
    );
    let said = good(&data, &["import", "all", text(&folder), "--skip-bad"]);
    assert!(
        said.contains("AVVISI_APERTI.csv:2:numero_avviso: "),
        "{said}"
    );
    assert_eq!(count(&data, "payment_notice"), 1);
    // A row that stands twice is a mistake of the file.
    let payments = folder.join("twice.csv");
    let row = "BRTCHR88D52G702J,LNDTMS17H21G702D,mensa,10.00,2026-01-02,A1\n";
    let head = "intestatario,codice_fiscale,servizio,importo,data,riferimento\n";
    fs::write(&payments, format!("{head}{row}{row}")).unwrap();
    let said = bad(&data, &["import", "payments", text(&payments), "--dry-run"]);
    assert!(said.contains("twice.csv:3: "), "{said}");
}

#[test]
fn a_single_balance_is_imported_once_and_never_changed_in_place() {
    let (_place, data, folder) = founded();
    good(&data, &["import", "all", text(&folder)]);
    let file = folder.join("balances.csv");
    let head = "\u{feff}intestatario\tcodice_fiscale\tservizio\tsaldo\tdata\n";
    let row = "LMRFTM91C45Z330F\tLMRDMA19T24G702D\tmensa\t-3,20\t01/01/2026\n";
    fs::write(&file, format!("{head}{row}")).unwrap();
    let said = good(&data, &["import", "balances", text(&file), "--json"]);
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(
        (&said["added"], &said["total"]),
        (&1.into(), &"-3.20".into())
    );
    assert!(good(&data, &["import", "balances", text(&file)]).contains("1 as before"));
    fs::write(&file, format!("{head}{}", row.replace("-3,20", "-4,20"))).unwrap();
    let said = bad(&data, &["import", "balances", text(&file)]);
    assert!(
        said.contains("balances.csv:2:saldo: ") && said.contains("3.20"),
        "{said}"
    );
}

#[test]
fn every_export_is_written_in_every_format() {
    let (place, data, folder) = founded();
    edit(&folder.join("UTENTI.csv"), ";Tò;Pietro;", ";=1+1;Pietro;");
    edit(
        &folder.join("ANAGRAFE.csv"),
        "TOXPTR16C11G702J;Tò;",
        "TOXPTR16C11G702J;=1+1;",
    );
    good(&data, &["import", "all", text(&folder)]);
    let sheets = [
        "people",
        "residents",
        "children",
        "applications",
        "enrolments",
        "isee",
        "attendance",
        "charges",
        "payments",
        "ledger",
        "notices",
        "receipts",
        "attestations",
        "messages",
        "audit",
    ];
    good(
        &data,
        &[
            "attest",
            "--year",
            "2026",
            "--out",
            text(&place.path().join("pdf")),
        ],
    );
    for sheet in sheets {
        let csv = good(&data, &["export", sheet]);
        assert!(csv.starts_with("\u{feff}\""), "{sheet}: {csv}");
        let json = good(&data, &["export", sheet, "--format", "json"]);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let rows = json.as_array().unwrap().len();
        assert!(
            rows > 0 || ["applications", "attendance", "messages"].contains(&sheet),
            "{sheet}"
        );
        let book = place.path().join(format!("{sheet}.xlsx"));
        let said = good(
            &data,
            &[
                "export",
                sheet,
                "--format",
                "xlsx",
                "--out",
                text(&book),
                "--json",
            ],
        );
        let said: serde_json::Value = serde_json::from_str(&said).unwrap();
        // Each export is a line of the log itself.
        assert!(sheet == "audit" || said["rows"] == rows, "{sheet}: {said}");
        assert!(fs::read(&book).unwrap().starts_with(b"PK"));
    }
    let people = good(&data, &["export", "people"]);
    assert!(people.contains("\"'=1+1\""), "{people}");
    let json = good(&data, &["export", "people", "--format", "json"]);
    assert!(json.contains("\"=1+1\""));
    let payments = good(&data, &["export", "payments", "--year", "2026"]);
    assert!(payments.contains("\"100.00\";\"2026-09-18\""), "{payments}");
    assert_eq!(
        good(&data, &["export", "payments", "--year", "2020"])
            .lines()
            .count(),
        1
    );
    assert!(bad(&data, &["export", "people", "--year", "2026"]).contains("--year"));
    // Diets only when asked for, and then it is logged.
    assert!(bad(&data, &["export", "diets"]).contains("--with-diets"));
    assert!(good(&data, &["export", "diets", "--with-diets"]).contains("\"D05\""));
    let audit = good(&data, &["export", "audit"]);
    assert!(audit.contains("diets"), "{audit}");
    let all = place.path().join("all");
    good(&data, &["export", "all", "--out", text(&all)]);
    assert!(!all.join("diets.csv").exists());
    assert!(bad(&data, &["export", "all", "--out", text(&all)]).contains("not empty"));
    // The importer takes the guard off: a name that looks like a formula comes back as it was.
    let again = place.path().join("again");
    good(
        &again,
        &["init", "--config", text(&all.join("comune.toml"))],
    );
    good(&again, &["import", "all", text(&all)]);
    assert_eq!(good(&again, &["export", "people"]), people);
}

#[test]
fn a_kill_in_the_middle_leaves_nothing_behind() {
    let (_place, data, folder) = founded();
    let mut people = "codice_fiscale;cognome;nome\n".to_owned();
    for code in codes(20_000) {
        people.push_str(&format!("{code};Rossi;Mario\n"));
    }
    fs::write(folder.join("people.csv"), people).unwrap();
    let description = "[[file]]\nkind = \"people\"\nname = \"people.csv\"\nrows = 20000\n";
    fs::write(folder.join("changeover.toml"), description).unwrap();
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin!("campanella"))
        .args(["--data", text(&data), "import", "all", text(&folder)])
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(300));
    child.kill().unwrap();
    assert!(
        !child.wait().unwrap().success(),
        "it was quicker than the kill"
    );
    assert_eq!(count(&data, "person"), 0);
    good(&data, &["check"]);
    #[expect(clippy::disallowed_methods, reason = "a stopwatch, no rule")]
    let started = std::time::Instant::now();
    good(&data, &["import", "all", text(&folder)]);
    println!("20,000 persons imported in {:.1?}", started.elapsed());
    assert_eq!(count(&data, "person"), 20_000);
}

/// So many fiscal codes that are all different and valid.
fn codes(count: usize) -> Vec<String> {
    let odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21];
    let odd_letters = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24,
        23,
    ];
    let letter = |n: usize| char::from(b'A' + u8::try_from(n % 26).unwrap());
    let code = |n: usize| {
        let body = format!(
            "{}{}{}MRA{:02}A{:02}G702",
            letter(n),
            letter(n / 26),
            letter(n / 676),
            n % 90,
            n / 90 % 28 + 1
        );
        let sum: usize = body
            .bytes()
            .enumerate()
            .map(|(i, byte)| match (i % 2 == 0, byte.is_ascii_digit()) {
                (true, true) => odd[usize::from(byte - b'0')],
                (true, false) => odd_letters[usize::from(byte - b'A')],
                (false, true) => usize::from(byte - b'0'),
                (false, false) => usize::from(byte - b'A'),
            })
            .sum();
        format!("{body}{}", letter(sum))
    };
    (0..).map(code).take(count).collect()
}

#[test]
fn the_coat_of_arms_travels_with_the_comune() {
    let place = tempfile::tempdir().unwrap();
    let (data, config) = (place.path().join("data"), place.path().join("comune.toml"));
    let comune = fs::read_to_string(example("comune").join("comune.toml")).unwrap();
    let comune = comune.replacen("# crest = ", "crest = ", 1);
    fs::write(&config, comune).unwrap();
    let init = ["init", "--config", text(&config)];
    // Missing, no picture, too large: nothing is made, and each says what is wrong.
    assert!(bad(&data, &init).contains("stemma.png"));
    let picture = place.path().join("stemma.png");
    fs::write(&picture, "<svg/>").unwrap();
    assert!(bad(&data, &init).contains("must be a PNG picture"));
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    let small = png.clone();
    png.resize(100 * 1024 + 1, 0);
    fs::write(&picture, &png).unwrap();
    assert!(bad(&data, &init).contains("100 kB at most"));
    fs::write(&picture, &small).unwrap();
    good(&data, &init);
    assert_eq!(open(&data).store.read(municipality::crest).unwrap(), small);
    let all = place.path().join("all");
    good(&data, &["export", "all", "--out", text(&all)]);
    let again = place.path().join("again");
    good(
        &again,
        &["init", "--config", text(&all.join("comune.toml"))],
    );
    assert_eq!(open(&again).store.read(municipality::crest).unwrap(), small);
}

#[test]
fn the_rule_of_the_isee_travels_with_the_comune() {
    let place = tempfile::tempdir().unwrap();
    let (data, config) = (place.path().join("data"), place.path().join("comune.toml"));
    let comune = fs::read_to_string(example("comune").join("comune.toml")).unwrap();
    let comune = comune.replacen("# isee = ", "isee = ", 1);
    fs::write(&config, comune).unwrap();
    let init = ["init", "--config", text(&config)];
    let rule = fs::read_to_string(example("isee").join("lissone.toml")).unwrap();
    let file = place.path().join("isee.toml");
    fs::write(&file, rule.replace("by_day = 15", "by_day = 32")).unwrap();
    let said = bad(&data, &init);
    assert!(said.contains("isee.toml, line 10") && said.contains("from 1 to 31"));
    fs::write(&file, &rule).unwrap();
    good(&data, &init);
    let recorded = |data: &Path| {
        let versions = open(data).store.read(campanella::isee::policy_versions);
        versions.unwrap().remove(0).source
    };
    assert_eq!(recorded(&data), rule);
    let all = place.path().join("all");
    good(&data, &["export", "all", "--out", text(&all)]);
    let again = place.path().join("again");
    good(
        &again,
        &["init", "--config", text(&all.join("comune.toml"))],
    );
    assert_eq!(recorded(&again), rule);
}

/// Moves, gives back, drops and undoes some money of a payer with two accounts.
fn move_money(folder: &Path) {
    let app = open(folder);
    let now = app.now();
    let key = campanella::store::SealingKey::load(&key_file(folder)).unwrap();
    let work = move |tx: &rusqlite::Transaction<'_>| {
        let clerk = Actor::Staff(StaffActor {
            id: tx.query_row(
                "select id from staff where username = 'ufficio'",
                [],
                |row| row.get(0),
            )?,
            roles: vec![Role::Office, Role::Accountant],
        });
        let all: Vec<PersonId> = tx
            .prepare("select distinct payer_id from account where kind = 'family'")?
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let (payer, from, to) = all
            .into_iter()
            .find_map(|payer| {
                let accounts = ledger::accounts_of_person(tx, payer).unwrap();
                let from = accounts.iter().find(|a| a.balance > Cents(1_000))?.clone();
                let to = accounts.iter().find(|a| a.id != from.id)?.clone();
                Some((payer, from, to))
            })
            .unwrap_or_else(|| panic!("no payer has credit and a second account"));
        let day = date(2025, 11, 20);
        let new = ledger::NewTransfer {
            from: from.id,
            to: to.id,
            amount: Cents(300),
            day,
            reason: "prova",
        };
        ledger::transfer(tx, &clerk, &new, now)?;
        for amount in [-50, -20] {
            let new = ledger::NewWriteOff {
                account: from.id,
                amount: Cents(amount),
                day,
                reason: "prova",
            };
            let dropped = ledger::write_off(tx, &clerk, &new, now)?;
            if amount == -20 {
                let entry = ledger::entry_of(tx, ledger::Cause::WriteOff(dropped))?.unwrap();
                ledger::reverse(tx, &clerk, entry, "prova", day, now)?;
            }
        }
        let bank = refunds::Bank::parse("IT60X0542811101000000123456", "")?;
        let request = refunds::NewRequest {
            account: &from.public_id,
            to: refunds::Destination::Bank(&bank),
            note: "",
        };
        let case = refunds::ask(tx, &key, &Actor::Citizen(payer), &request, now)?;
        refunds::approve(tx, &key, &clerk, &case, Cents(400), false, now)?;
        let list = refunds::make_list(tx, &clerk, &[case], now)?;
        let list = refunds::list(tx, &list)?;
        refunds::mark_paid(tx, &clerk, &list, None, today(now), now)?;
        Ok(())
    };
    app.store.write(Urgency::Interactive, work).unwrap();
}

#[test]
fn money_that_was_moved_and_given_back_survives_the_round_trip() {
    let place = tempfile::tempdir().unwrap();
    let (old, new) = (place.path().join("old"), place.path().join("new"));
    let folder = place.path().join("export");
    demo(&old, "12");
    move_money(&old);
    good(&old, &["check"]);
    good(&old, &["export", "all", "--out", text(&folder)]);
    good(
        &new,
        &["init", "--config", text(&folder.join("comune.toml"))],
    );
    good(&new, &["import", "all", text(&folder)]);
    // Words differ: an imported line says what it was. Days, amounts and balances are the same.
    let figures = |folder: &Path| -> BTreeMap<String, Vec<(Date, Cents, Cents)>> {
        let app = open(folder);
        let told = |payer| {
            app.store.read(|db| {
                let always = (date(2000, 1, 1), date(2100, 1, 1));
                let told = statement::statement_of_person(db, payer, always.0, always.1)?;
                Ok(told
                    .lines()
                    .map(|line| (line.day, line.amount, line.balance))
                    .collect())
            })
        };
        let all = payers(&app).into_iter();
        all.map(|(payer, code)| (code, told(payer).unwrap()))
            .collect()
    };
    let ours = figures(&old);
    assert_eq!(ours, figures(&new));
    good(&old, &["import", "all", text(&folder)]);
    assert_eq!(ours, figures(&old), "what came back was there already");
    good(&new, &["check"]);
    good(&old, &["check"]);
}
