//! Who may import whom (docs/architecture.md): `cli`, `web` → `processes` → slices → the ground.
//!
//! The sources are read as tokens, so that comments and strings don't count; test code is left
//! out, because a test may reach for whatever makes its fixture.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// What a slice stands on, and what of it each part may use itself.
const GROUND: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("assets", &[]),
    ("store", &["base"]),
    ("config", &["base"]),
    ("catalogue", &["base", "assets"]),
    ("pdf", &["base", "assets"]),
    ("app", &["base", "store", "config", "catalogue"]),
];
/// The part of the ground that a slice may use: not the folder (`app`), not how it is reached.
const GROUND_OF_SLICES: &[&str] = &["base", "assets", "store", "catalogue", "pdf"];
/// What stands above the slices, lowest first; each may use those before it.
const ABOVE: &[&str] = &["processes", "demo", "web", "cli"];
/// `cli` starts the server; nothing else may call `web`, and nothing but `main` calls `cli`.
const CALLERS_OF_WEB: &[&str] = &["cli/serve.rs"];
/// Slices that know nothing of money, and money.
const KNOW_NOTHING_OF_MONEY: &[&str] = &["attendance", "calendar", "enrolments"];
const MONEY: &[&str] = &[
    "attestations",
    "billing",
    "cash_desk",
    "charging",
    "ledger",
    "payments",
    "plans",
    "refunds",
    "reports",
    "settlement",
    "statement",
    "suspensions",
    "tariffs",
];
/// A file is of one subject; this many lines before its tests are enough for one.
const LONGEST: usize = 450;
/// Files that may be longer, each with its reason.
const LONGER: &[(&str, &str)] = &[];

/// One source file: its path under `src`, what it imports (module of the crate, line), the
/// foreign crates that only the ways in may touch, and its lines before the tests.
struct Source {
    path: String,
    imports: Vec<(String, usize)>,
    http: Option<usize>,
    lines: usize,
}

impl Source {
    fn read(path: &str, text: &str) -> Source {
        let stream: TokenStream = text
            .parse()
            .unwrap_or_else(|e| panic!("src/{path} can't be read as Rust: {e}"));
        let mut source = Source {
            path: path.to_owned(),
            imports: Vec::new(),
            http: None,
            lines: text.lines().count(),
        };
        source.scan(stream, true);
        source
    }

    /// The top-level module that the file belongs to.
    fn module(&self) -> &str {
        let first = self.path.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// How many `super::` lead from the file's own module to the crate.
    fn depth(&self) -> usize {
        let path = self.path.strip_suffix("/mod.rs").unwrap_or(&self.path);
        path.split('/').count()
    }

    fn scan(&mut self, stream: TokenStream, top: bool) {
        let tokens: Vec<TokenTree> = stream.into_iter().collect();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            if top && is_test_attribute(&tokens[at..]) {
                let end = end_of_item(&tokens, at + 2);
                if is_word(tokens.get(at + 2), "mod") {
                    self.lines = self.lines.min(token.span().start().line - 1);
                }
                at = end;
                continue;
            }
            match token {
                TokenTree::Ident(word) if word == "crate" || word == "super" => {
                    at = self.path_from_root(&tokens, at);
                    continue;
                }
                TokenTree::Ident(word) if word == "poem" => {
                    self.http.get_or_insert(word.span().start().line);
                }
                TokenTree::Group(group) => self.scan(group.stream(), false),
                _ => {}
            }
            at += 1;
        }
    }

    /// Follows `crate::…` (or as many `super::` as lead there) and notes what comes next.
    /// Returns where to read on.
    fn path_from_root(&mut self, tokens: &[TokenTree], mut at: usize) -> usize {
        let mut supers = 0;
        let mut at_root = false;
        while let Some(TokenTree::Ident(word)) = tokens.get(at) {
            if word == "crate" {
                at_root = true;
            } else if word == "super" {
                supers += 1;
                at_root = supers == self.depth();
            } else {
                if at_root {
                    let line = word.span().start().line;
                    self.imports.push((word.to_string(), line));
                }
                return at + 1;
            }
            if !is_path_separator(tokens, at + 1) {
                return at + 1;
            }
            at += 3;
        }
        // `crate::{a, b::{c, d}}`: the first word of each branch.
        if let Some(TokenTree::Group(group)) = tokens.get(at)
            && group.delimiter() == Delimiter::Brace
            && at_root
        {
            let mut first = true;
            for token in group.stream() {
                match token {
                    TokenTree::Ident(word) if first => {
                        let line = word.span().start().line;
                        self.imports.push((word.to_string(), line));
                        first = false;
                    }
                    TokenTree::Punct(mark) if mark.as_char() == ',' => first = true,
                    _ => {}
                }
            }
            return at + 1;
        }
        at
    }
}

fn is_word(token: Option<&TokenTree>, word: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(ident)) if ident == word)
}

fn is_mark(token: Option<&TokenTree>, mark: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == mark)
}

fn is_path_separator(tokens: &[TokenTree], at: usize) -> bool {
    is_mark(tokens.get(at), ':') && is_mark(tokens.get(at + 1), ':')
}

/// `#[cfg(test)]`.
fn is_test_attribute(tokens: &[TokenTree]) -> bool {
    let [TokenTree::Punct(hash), TokenTree::Group(attribute), ..] = tokens else {
        return false;
    };
    let words: String = attribute.stream().to_string().split_whitespace().collect();
    hash.as_char() == '#' && words == "cfg(test)"
}

/// The token after an item that starts at `at`: past its braces or its semicolon.
fn end_of_item(tokens: &[TokenTree], at: usize) -> usize {
    let is_end = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(mark) => mark.as_char() == ';',
        _ => false,
    };
    let rest = tokens.get(at..).unwrap_or_default();
    at + rest.iter().position(is_end).map_or(rest.len(), |n| n + 1)
}

/// Everything that is wrong with a tree of sources.
fn faults(sources: &[Source], longer: &[(&str, &str)]) -> Vec<String> {
    let modules: BTreeSet<&str> = sources.iter().map(Source::module).collect();
    let is_slice =
        |module: &str| !ABOVE.contains(&module) && !GROUND.iter().any(|(name, _)| *name == module);
    let mut faults = Vec::new();
    let mut arrows: BTreeMap<&str, BTreeMap<&str, String>> = BTreeMap::new();
    for source in sources {
        let from = source.module();
        if matches!(from, "lib" | "main") {
            continue;
        }
        for (to, line) in &source.imports {
            let to = to.as_str();
            if to == from || !modules.contains(to) {
                continue;
            }
            let place = format!("src/{}:{line}", source.path);
            if let Some(why) = refusal(from, to, &source.path, is_slice) {
                faults.push(format!("{place}: {why}"));
            } else if is_slice(from) && is_slice(to) {
                arrows.entry(from).or_default().entry(to).or_insert(place);
            }
        }
        if let Some(line) = source.http.filter(|_| !matches!(from, "web" | "cli")) {
            faults.push(format!(
                "src/{}:{line}: only `web`, and `cli` where it starts the server, know poem",
                source.path
            ));
        }
        let reason = longer.iter().find(|(path, _)| *path == source.path);
        match (source.lines > LONGEST, reason) {
            (true, None) => faults.push(format!(
                "src/{}: {} lines before its tests, more than {LONGEST}: part it by subject",
                source.path, source.lines
            )),
            (false, Some(_)) => faults.push(format!(
                "src/{} is short enough again: take it off the list of longer files",
                source.path
            )),
            _ => {}
        }
    }
    faults.extend(circle(&arrows));
    faults
}

/// Why `from` may not import `to`, if it may not.
fn refusal(from: &str, to: &str, path: &str, is_slice: impl Fn(&str) -> bool) -> Option<String> {
    if to == "cli" {
        return Some(format!("`{from}` imports `cli`; only `main` may"));
    }
    if to == "web" && !CALLERS_OF_WEB.contains(&path) {
        return Some(format!("`{from}` imports `web`; nothing calls it"));
    }
    if let Some((_, allowed)) = GROUND.iter().find(|(name, _)| *name == from) {
        return (!allowed.contains(&to))
            .then(|| format!("`{from}` is ground and imports `{to}`; it may use {allowed:?}"));
    }
    if let Some(height) = ABOVE.iter().position(|name| *name == from) {
        let upwards = ABOVE.iter().position(|name| *name == to) > Some(height);
        return upwards.then(|| format!("`{from}` imports `{to}`, which stands above it"));
    }
    if KNOW_NOTHING_OF_MONEY.contains(&from) && MONEY.contains(&to) {
        return Some(format!(
            "`{from}` records facts and knows nothing of `{to}`"
        ));
    }
    (!is_slice(to) && !GROUND_OF_SLICES.contains(&to))
        .then(|| format!("the slice `{from}` imports `{to}`, which stands above it"))
}

/// Slices that import each other in a circle: one circle, with a place for each arrow.
fn circle(arrows: &BTreeMap<&str, BTreeMap<&str, String>>) -> Option<String> {
    fn walk<'a>(
        at: &'a str,
        arrows: &'a BTreeMap<&str, BTreeMap<&str, String>>,
        way: &mut Vec<&'a str>,
        done: &mut BTreeSet<&'a str>,
    ) -> Option<Vec<&'a str>> {
        if let Some(start) = way.iter().position(|step| *step == at) {
            return Some(way[start..].iter().copied().chain([at]).collect());
        }
        if !done.insert(at) {
            return None;
        }
        way.push(at);
        let next = arrows.get(at).into_iter().flat_map(BTreeMap::keys);
        let found = next.into_iter().find_map(|to| walk(to, arrows, way, done));
        way.pop();
        found
    }
    let mut done = BTreeSet::new();
    let found = arrows
        .keys()
        .find_map(|start| walk(start, arrows, &mut Vec::new(), &mut done))?;
    let steps: Vec<String> = found
        .windows(2)
        .map(|pair| format!("{} → {} ({})", pair[0], pair[1], arrows[pair[0]][pair[1]]))
        .collect();
    Some(format!("slices in a circle: {}", steps.join(", ")))
}

/// The sources of a folder, without files that are tests only.
fn sources_in(folder: &Path, prefix: &str, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = format!("{prefix}{name}");
        if entry.file_type().unwrap().is_dir() {
            if name != "tests" {
                sources_in(&entry.path(), &format!("{path}/"), found);
            }
        } else if name.ends_with(".rs") && !matches!(name.as_str(), "tests.rs" | "testing.rs") {
            let text = fs::read_to_string(entry.path()).unwrap();
            found.push(Source::read(&path, &text));
        }
    }
}

#[test]
fn every_import_goes_the_right_way() {
    let mut sources = Vec::new();
    sources_in(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        "",
        &mut sources,
    );
    assert!(sources.len() > 50, "the sources were not found");
    let faults = faults(&sources, LONGER);
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

/// What the checker says of a small tree; the modules that it names exist.
fn said(files: &[(&str, &str)]) -> Vec<String> {
    let mut sources: Vec<Source> = ["base", "store", "pdf", "app", "processes", "demo"]
        .into_iter()
        .chain(["people", "calls", "ledger", "attendance", "web", "cli"])
        .map(|module| Source::read(&format!("{module}/mod.rs"), ""))
        .collect();
    sources.extend(files.iter().map(|(path, text)| Source::read(path, text)));
    faults(&sources, &[])
}

#[track_caller]
fn refused(path: &str, text: &str, because: &str) {
    let said = said(&[(path, text)]);
    assert!(
        matches!(said.as_slice(), [one] if one.contains(because)),
        "expected one fault with “{because}”, found {said:#?}"
    );
}

#[test]
fn right_arrows_pass() {
    let said = said(&[
        ("main.rs", "fn main() { campanella::cli::main() }"),
        ("store/writer.rs", "use crate::base::Error;"),
        (
            "calls/list.rs",
            "use crate::{base::Id, people::{self, Person}, store};",
        ),
        (
            "processes/close.rs",
            "use crate::ledger; use crate::app::App;",
        ),
        (
            "web/page.rs",
            "use poem::Route; use crate::processes; use super::super::calls;",
        ),
        (
            "cli/serve.rs",
            "use poem::Server; use crate::{processes, web};",
        ),
    ]);
    assert!(said.is_empty(), "{said:#?}");
}

#[test]
fn wrong_arrows_are_found() {
    refused("base/money.rs", "use crate::store;", "`base` is ground");
    refused(
        "store/writer.rs",
        "\nuse crate::people::Person;",
        "src/store/writer.rs:2",
    );
    refused("people/mod.rs", "use crate::web::cx;", "nothing calls it");
    refused("people/mod.rs", "use crate::app::App;", "stands above it");
    refused(
        "people/mod.rs",
        "fn f() { crate::processes::close(); }",
        "stands above it",
    );
    refused("processes/a.rs", "use crate::demo;", "stands above it");
    refused("web/page.rs", "use crate::cli::output;", "only `main` may");
    refused(
        "cli/import.rs",
        "use crate::{processes, web};",
        "nothing calls it",
    );
    refused(
        "attendance/mod.rs",
        "use crate::ledger;",
        "knows nothing of `ledger`",
    );
    refused("people/mod.rs", "use poem::Request;", "know poem");
}

#[test]
fn every_way_to_write_an_import_is_read() {
    refused(
        "people/a.rs",
        "use super::super::web;",
        "`people` imports `web`",
    );
    refused(
        "people/mod.rs",
        "use super::web::{cx, route};",
        "`people` imports `web`",
    );
    refused(
        "people/a.rs",
        "use crate::{store, base::{Id, Error}, web::cx};",
        "imports `web`",
    );
    refused(
        "people/a.rs",
        "mod inner { fn f(a: crate::web::Cx) {} }",
        "imports `web`",
    );
    refused(
        "people/a.rs",
        "macro_rules! m { () => { $crate::web::x() } }",
        "imports `web`",
    );
}

#[test]
fn a_circle_is_found_with_its_places() {
    let said = said(&[
        ("people/a.rs", "use crate::calls;"),
        ("calls/b.rs", "use crate::ledger;"),
        ("ledger/c.rs", "\n\nuse crate::people;"),
    ]);
    assert_eq!(said.len(), 1, "{said:#?}");
    for part in [
        "people → calls (src/people/a.rs:1)",
        "ledger → people (src/ledger/c.rs:3)",
    ] {
        assert!(said[0].contains(part), "{said:#?}");
    }
}

#[test]
fn comments_strings_and_tests_do_not_count() {
    let said = said(&[(
        "people/mod.rs",
        r##"
            //! Not crate::web, says poem.
            /* use crate::cli; */
            const S: &str = "use crate::web;";
            const R: &str = r#"crate::cli and poem"#;
            #[cfg(test)]
            use crate::web::Cx;
            #[cfg(test)]
            mod tests { use crate::web; use poem::test::TestClient; }
        "##,
    )]);
    assert!(said.is_empty(), "{said:#?}");
}

#[test]
fn what_follows_the_tests_counts() {
    refused(
        "people/mod.rs",
        "#[cfg(test)] mod tests { use crate::calls; } use crate::web;",
        "imports `web`",
    );
}

#[test]
fn long_files_are_found_and_the_list_of_longer_ones_stays_true() {
    let long = "// a line\n".repeat(LONGEST + 1);
    refused("people/long.rs", &long, "part it by subject");
    let with_tests = format!("fn f() {{}}\n#[cfg(test)]\nmod tests {{\n{long}}}\n");
    assert!(said(&[("people/long.rs", &with_tests)]).is_empty());

    let listed = [("people/long.rs", "a table")];
    assert!(faults(&[Source::read("people/long.rs", &long)], &listed).is_empty());
    let short = faults(&[Source::read("people/long.rs", "")], &listed);
    assert!(short[0].contains("take it off"), "{short:#?}");
}
