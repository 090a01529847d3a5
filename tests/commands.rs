//! Every command, read off the program's own tree: its examples parse, what `--json` prints is what
//! its help says, and docs/commands.md is made out of it. The real executable on fresh folders.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    reason = "a test that can't go on has failed"
)]

use std::fmt::Write as _;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use campanella::attestations;
use campanella::base::{Actor, Instant};
use campanella::store::{Store, Urgency};
use jiff::civil::date;
use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_campanella");
/// What follows this line in docs/commands.md is made by the test below.
const MADE: &str = "<!-- From here on the page is made from the program's own help: WRITE_DOCS=1 cargo test --test commands -->\n";
/// Commands that run until they are stopped, or print something that is no object.
const WITHOUT_JSON: &[&str] = &["demo", "serve", "completions", "man"];

/// The leaves of the command tree, with their whole names.
fn leaves() -> Vec<(String, clap::Command)> {
    fn walk(name: &str, command: &clap::Command, found: &mut Vec<(String, clap::Command)>) {
        if !command.has_subcommands() {
            found.push((name.to_owned(), command.clone()));
        }
        for below in command.get_subcommands().filter(|c| c.get_name() != "help") {
            walk(&format!("{name} {}", below.get_name()), below, found);
        }
    }
    let mut root = campanella::cli::command();
    root.build();
    let mut found = Vec::new();
    walk("campanella", &root, &mut found);
    found
}

/// The lines under a heading of a command's help.
fn section(command: &clap::Command, heading: &str) -> Vec<String> {
    let text = command
        .get_after_help()
        .map(ToString::to_string)
        .unwrap_or_default();
    text.lines()
        .skip_while(|line| *line != format!("{heading}:"))
        .skip(1)
        .take_while(|line| line.starts_with("  "))
        .map(|line| line.trim().to_owned())
        .collect()
}

/// Words as a shell would part them; single quotes are all that examples use.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (n, part) in line.split('\'').enumerate() {
        if n % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

fn has_json(command: &clap::Command) -> bool {
    command
        .get_arguments()
        .any(|argument| argument.get_id() == "json")
}

/// The object that the help says `--json` prints.
fn promised(name: &str) -> Value {
    promised_under(name, "JSON")
}

fn promised_under(name: &str, heading: &str) -> Value {
    let all = leaves();
    let (_, command) = all
        .iter()
        .find(|(n, _)| n == &format!("campanella {name}"))
        .unwrap();
    let text = section(command, heading).join("\n");
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}: {text}"))
}

#[test]
fn every_command_has_examples_that_parse() {
    for (name, command) in leaves() {
        let examples = section(&command, "Examples");
        assert!(!examples.is_empty(), "{name} has no example");
        for example in examples {
            let all = words(&example);
            let parsed = campanella::cli::command().try_get_matches_from(&all);
            let matches = parsed.unwrap_or_else(|e| panic!("{example}: {e}"));
            // The example is one of this very command.
            let (mut path, mut at) = ("campanella".to_owned(), &matches);
            while let Some((below, inside)) = at.subcommand() {
                path = format!("{path} {below}");
                at = inside;
            }
            assert_eq!(path, name, "{example}");
        }
    }
}

#[test]
fn every_command_in_the_docs_is_one() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = vec![root.join("README.md"), root.join("README.it.md")];
    pages.extend(
        fs::read_dir(root.join("docs"))
            .unwrap()
            .map(|entry| entry.unwrap().path()),
    );
    let mut seen = 0;
    for page in pages
        .iter()
        .filter(|page| page.extension().is_some_and(|e| e == "md"))
    {
        let text = fs::read_to_string(page).unwrap().replace("\\\n", "");
        let mut code = false;
        for line in text.lines() {
            if line.starts_with("```") {
                code = !code;
            }
            // Usage lines name what is to be put in.
            if !code || !line.starts_with("campanella ") || line.contains(['[', '<', '…']) {
                continue;
            }
            let line = line
                .split(" #")
                .next()
                .unwrap()
                .split(" > ")
                .next()
                .unwrap();
            let parsed =
                campanella::cli::command().try_get_matches_from(words(&line.replace('"', "'")));
            assert!(
                parsed.is_ok(),
                "{}: {line}: {}",
                page.display(),
                parsed.unwrap_err()
            );
            seen += 1;
        }
    }
    assert!(seen > 50, "only {seen} commands were found");
}

#[test]
fn every_command_tells_what_it_prints_for_machines() {
    for (name, command) in leaves() {
        let short = name.strip_prefix("campanella ").unwrap();
        assert_eq!(has_json(&command), !WITHOUT_JSON.contains(&short), "{name}");
        if has_json(&command) {
            assert!(promised(short).is_object(), "{name}");
        }
    }
}

/// The reference as it must be.
fn reference() -> String {
    let mut page = String::new();
    for (name, mut command) in leaves() {
        let about = command.get_about().unwrap().to_string();
        let usage = command.render_usage().to_string();
        let usage = usage.trim_start_matches("Usage: ");
        writeln!(page, "\n## {name}\n\n{about}.\n\n```\n{usage}\n```\n").unwrap();
        let mut arguments: Vec<_> = command
            .get_arguments()
            .filter(|a| !a.is_global_set() && !matches!(a.get_id().as_str(), "help" | "version"))
            .collect();
        arguments.sort_by_key(|argument| !argument.is_positional());
        if !arguments.is_empty() {
            page.push_str("| argument | what |\n|---|---|\n");
        }
        for argument in arguments {
            let values: Vec<String> = argument
                .get_possible_values()
                .iter()
                .map(|value| format!("`{}`", value.get_name()))
                .collect();
            let flag = matches!(argument.get_action(), clap::ArgAction::SetTrue);
            let values = match values.is_empty() || flag {
                true => String::new(),
                false => format!(": {}", values.join(", ")),
            };
            let default: Vec<_> = argument
                .get_default_values()
                .iter()
                .map(|v| v.to_string_lossy())
                .collect();
            let default = match default.is_empty() || flag {
                true => String::new(),
                false => format!(" [{}]", default.join(" ")),
            };
            let help = argument.get_help().unwrap().to_string().replace('|', "\\|");
            writeln!(page, "| `{argument}` | {help}{values}{default} |").unwrap();
        }
        for (heading, before) in [
            ("Cases", "Cases:"),
            ("Examples", ""),
            ("JSON", "With `--json`:"),
            ("JSON of all", "With `all` and `--json`:"),
            ("JSON of --verify", "With `--verify` and `--json`:"),
        ] {
            let language = if before.is_empty() { "" } else { "json" };
            let lines = section(&command, heading);
            if lines.is_empty() {
                continue;
            }
            if !before.is_empty() {
                writeln!(page, "\n{before}").unwrap();
            }
            writeln!(page, "\n```{language}\n{}\n```", lines.join("\n")).unwrap();
        }
    }
    page
}

#[test]
fn the_page_of_commands_is_true() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/commands.md");
    let page = fs::read_to_string(&path).unwrap();
    let (head, made) = page.split_once(MADE).unwrap();
    let must = reference();
    if std::env::var_os("WRITE_DOCS").is_some() {
        fs::write(&path, format!("{head}{MADE}{must}")).unwrap();
        return;
    }
    assert!(
        made == must,
        "docs/commands.md is behind: WRITE_DOCS=1 cargo test --test commands"
    );
}

/// A data folder that goes away, and the program on it.
struct Ground(tempfile::TempDir);

impl Ground {
    fn new() -> Ground {
        Ground(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run_with(&self, line: &str, input: &str) -> Output {
        let mut child = Command::new(PROGRAM)
            .args(words(line))
            .current_dir(self.0.path())
            .env("CAMPANELLA_DATA", "data")
            .env_remove("CAMPANELLA_KEY")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // Who asks for nothing has not read it.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        child.wait_with_output().unwrap()
    }

    fn run(&self, line: &str) -> Output {
        self.run_with(line, "")
    }

    /// Runs a command with `--json`; it says what its help promises, and nothing else anywhere.
    fn json_with(&self, name: &str, rest: &str, input: &str) -> Value {
        let output = self.run_with(&format!("{name} {rest} --json"), input);
        let (out, error) = both(&output);
        assert!(output.status.success(), "{name} {rest}: {out}{error}");
        assert_eq!(error, "", "{name}: no progress where nobody looks");
        let printed: Value =
            serde_json::from_str(&out).unwrap_or_else(|e| panic!("{name}: {e}: {out}"));
        let name = name.strip_prefix("--data data.new ").unwrap_or(name);
        same_make(name, &printed, &promised(name));
        printed
    }

    fn json(&self, name: &str, rest: &str) -> Value {
        self.json_with(name, rest, "")
    }
}

fn both(output: &Output) -> (String, String) {
    (
        String::from_utf8(output.stdout.clone()).unwrap(),
        String::from_utf8(output.stderr.clone()).unwrap(),
    )
}

/// The same keys; what stands in a list is made like the first thing in the promised list.
fn same_make(place: &str, printed: &Value, promised: &Value) {
    match (printed, promised) {
        // An object that is promised empty is documented elsewhere.
        (Value::Object(_), Value::Object(promised)) if promised.is_empty() => {}
        (Value::Object(printed), Value::Object(promised)) => {
            let keys = |map: &serde_json::Map<String, Value>| {
                let mut keys: Vec<String> = map.keys().cloned().collect();
                keys.sort();
                keys
            };
            assert_eq!(keys(printed), keys(promised), "{place}");
            for (key, value) in printed {
                same_make(&format!("{place}.{key}"), value, &promised[key]);
            }
        }
        (Value::Array(printed), Value::Array(promised)) => {
            if let Some(first) = promised.first() {
                for value in printed {
                    same_make(place, value, first);
                }
            }
        }
        _ => {}
    }
}

fn example(name: &str) -> String {
    format!("{}/examples/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn a_comune_from_nothing_says_what_its_help_promises() {
    let ground = Ground::new();
    let comune = example("comune");
    ground.json("init", &format!("--config {comune}/comune.toml"));
    assert_eq!(
        ground.json("migrate", "")["from"],
        ground.json("migrate", "")["to"]
    );
    let password = "una password lunga\n";
    ground.json_with(
        "user add",
        "carla.neri --name 'Carla Neri' --role office",
        password,
    );
    ground.json("user roles", "carla.neri --role accountant --role cashier");
    assert_eq!(
        ground.json("user list", "")["users"][0]["roles"],
        "accountant, cashier"
    );
    ground.json_with("user password", "carla.neri", password);
    ground.json("user disable", "carla.neri");
    assert_eq!(ground.json("user list", "")["users"][0]["disabled"], true);
    for what in [
        "schools",
        "classes",
        "residents",
        "children",
        "enrolments",
        "isee",
        "attendance",
    ] {
        let imported = ground.json("import", &format!("{what} {comune}/{what}.csv"));
        assert_eq!(imported["written"], true, "{what}");
    }
    ground.json("import", &format!("tariffs {comune}/tariffs/mensa.toml"));
    let closed = ground.json("day close", "--from 2026-09-21 --to 2026-10-02");
    assert!(closed["charges"].as_i64().unwrap() > 0);
    assert_eq!(
        ground.json("jobs list", "--last 3")["jobs"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
    assert_eq!(ground.json("jobs resume", "")["done"], 0);
    ground.json("export", "ledger --out ledger.csv");
    assert_eq!(ground.json("check", "")["ok"], true);
    let made = ground.json("backup", "today.backup");
    let verified = ground.run("backup --verify today.backup --json");
    let verified: Value = serde_json::from_str(&both(&verified).0).unwrap();
    assert_eq!(verified["manifest"], made["manifest"]);
    same_make(
        "backup --verify",
        &verified,
        &promised_under("backup", "JSON of --verify"),
    );
    let all = ground.run("export all --out everything --json");
    let all: Value = serde_json::from_str(&both(&all).0).unwrap();
    same_make("export all", &all, &promised_under("export", "JSON of all"));
    let all = ground.run(&format!(
        "import all {} --dry-run --json",
        example("changeover")
    ));
    let all: Value = serde_json::from_str(&both(&all).0).unwrap();
    same_make("import all", &all, &promised_under("import", "JSON of all"));
    let restored = ground.json("--data data.new restore", "today.backup");
    assert_eq!(restored["key_there"], false);

    let rule = format!("{comune}/tariffs/mensa.toml");
    assert_eq!(ground.json("tariff check", &rule)["cases"], 4);
    let case =
        r#"[{"id": "a", "input": {"isee_cents": 1100001, "meals": 10}, "expected_cents": 3900}]"#;
    fs::write(ground.path("cases.json"), case).unwrap();
    assert_eq!(
        ground.json("tariff quote", &format!("{rule} --cases cases.json"))["ok"],
        true
    );
    fs::write(ground.path("cases.json"), case.replace("3900", "3901")).unwrap();
    let wrong = ground.run(&format!("tariff quote {rule} --cases cases.json"));
    assert_eq!(wrong.status.code(), Some(1));
    assert_eq!(both(&wrong).0, "WRONG a: 39.00, not 39.01\n");
    let broken = fs::read_to_string(&rule)
        .unwrap()
        .replace("\"39.00\"", "\"38.00\"");
    fs::write(ground.path("broken.toml"), broken).unwrap();
    let wrong = ground.run("tariff check broken.toml");
    assert_eq!(wrong.status.code(), Some(1));
    assert!(
        both(&wrong).1.contains("broken.toml: line "),
        "{}",
        both(&wrong).1
    );
}

#[test]
fn documents_of_a_demo_are_written_and_known_again() {
    let ground = Ground::new();
    let made = ground.run("demo --no-serve --families 12 --clock 2026-11-24T08:00");
    assert!(made.status.success(), "{:?}", both(&made));
    let attested = ground.json("attest", "--year 2026 --out attestations");
    assert!(attested["written"].as_i64().unwrap() > 0);
    let mut files: Vec<PathBuf> = fs::read_dir(ground.path("attestations"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let first = files[0].display().to_string();
    assert_eq!(ground.json("verify", &first)["attestation"]["year"], 2026);
    let mut bytes = fs::read(&first).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(ground.path("changed.pdf"), bytes).unwrap();
    let changed = ground.run("verify changed.pdf");
    assert_eq!(changed.status.code(), Some(1));
    assert!(
        both(&changed)
            .1
            .contains("is no attestation of this comune")
    );

    let db = rusqlite::Connection::open(ground.path("data/campanella.sqlite")).unwrap();
    let sql = "select notice_number from payment_notice order by id limit 1";
    let number: String = db.query_row(sql, [], |row| row.get(0)).unwrap();
    let notice = ground.json("notice", &format!("--nav {number} --out avviso.pdf"));
    assert_eq!(notice["notice_number"], number);
    assert!(
        fs::read(ground.path("avviso.pdf"))
            .unwrap()
            .starts_with(b"%PDF-")
    );

    // A job that failed goes on.
    let now = Instant::from_rome(date(2026, 11, 24).at(9, 0, 0, 0));
    let store = Store::open(&ground.path("data")).unwrap();
    let job = store
        .write(Urgency::Background, move |tx| {
            attestations::enqueue_year(tx, &Actor::System("test"), 2024, "", now)
        })
        .unwrap();
    drop(store);
    let failed = "update job set state = 'failed', error = 'a test' where public_id = ?1";
    assert_eq!(db.execute(failed, [&job.public_id]).unwrap(), 1);
    assert_eq!(
        ground.json("jobs resume", "")["jobs"],
        Value::Array(Vec::new())
    );
    let resumed = ground.json("jobs resume", &job.public_id.to_string());
    assert_eq!(resumed["jobs"][0]["state"], "done");
}

#[test]
fn exit_codes_and_where_words_go() {
    let ground = Ground::new();
    // Wrong usage is 2, and is said on stderr.
    for line in [
        "",
        "nothing",
        "backup",
        "user add x",
        "day close",
        "day close --from 2026-11-04 --to 2026-11-03",
        "notice --nav 12 --out x.pdf",
        "restore a b",
    ] {
        let output = ground.run(line);
        let (out, error) = both(&output);
        assert_eq!(output.status.code(), Some(2), "{line}: {error}");
        assert!(out.is_empty() && !error.is_empty(), "{line}");
    }
    // Refused is 1, with one sentence.
    for line in [
        "check",
        "check --json",
        "serve",
        "migrate",
        "backup x",
        "backup --verify x",
        "restore x",
        "jobs list",
        "notice --nav 302032002700000251 --out x.pdf",
        "tariff check x.toml",
        "attest --year 2026 --out x",
    ] {
        let output = ground.run(line);
        let (out, error) = both(&output);
        assert_eq!(output.status.code(), Some(1), "{line}: {error}");
        assert!(out.is_empty(), "{line}: {out}");
        assert!(
            error.starts_with("campanella: ") && error.lines().count() == 1,
            "{line}: {error}"
        );
    }
    assert!(
        fs::read_dir(ground.0.path()).unwrap().next().is_none(),
        "nothing was made"
    );
    let help = both(&ground.run("--help")).0;
    assert!(help.contains("Exit codes:"), "{help}");
}

#[test]
fn shells_and_manuals_are_served() {
    let ground = Ground::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = both(&ground.run(&format!("completions {shell}"))).0;
        assert!(
            script.contains("campanella") && script.contains("backup"),
            "{shell}"
        );
        fs::write(ground.path("script"), script).unwrap();
        let read = Command::new(shell)
            .arg("-n")
            .arg(ground.path("script"))
            .output();
        match read {
            Ok(read) => assert!(read.status.success(), "{shell}: {}", both(&read).1),
            Err(_) => println!("skipped: {shell} is not here to read its completions"),
        }
    }
    let asked = "source ./script; COMP_WORDS=(campanella back); COMP_CWORD=1; _campanella campanella back campanella; echo \"${COMPREPLY[@]}\"";
    fs::write(
        ground.path("script"),
        both(&ground.run("completions bash")).0,
    )
    .unwrap();
    let said = Command::new("bash")
        .args(["-c", asked])
        .current_dir(ground.0.path())
        .output()
        .unwrap();
    assert_eq!(both(&said).0, "backup\n");

    assert!(ground.run("man pages").status.success());
    let pages: Vec<String> = fs::read_dir(ground.path("pages"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    for (name, _) in leaves() {
        let page = format!("{}.1", name.replace(' ', "-"));
        assert!(pages.contains(&page), "{page} is not among {pages:?}");
    }
    let page = fs::read_to_string(ground.path("pages/campanella-backup.1")).unwrap();
    assert!(
        page.contains("recipients") && page.contains("Examples"),
        "{page}"
    );
}
