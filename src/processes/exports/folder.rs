//! A whole comune as a folder of CSV files: what `import all` takes, a `changeover.toml` that
//! describes it with its control totals, a `comune.toml` for `init --config`, and, to be read by
//! people, what an import does not take.

use std::fmt::Write as _;
use std::io::BufWriter;
use std::path::Path;

use rusqlite::Connection;
use serde::Serialize;

use super::{Format, Sheet, Written, log, private_file, write};
use crate::app::App;
use crate::base::{Error, Result};
use crate::calls::{LegalKind, newest_legal_text};
use crate::diets::{self, Diet};
use crate::isee;
use crate::municipality::{self, Municipality, NewPagopa, NewService};
use crate::processes::founding::{LegalText, LegalTexts};

/// What `import all` takes, in its order, and the sheets' totals.
const IMPORTABLE: &[(Sheet, bool)] = &[
    (Sheet::Schools, false),
    (Sheet::Classes, false),
    (Sheet::People, false),
    (Sheet::Residents, false),
    (Sheet::Children, false),
    (Sheet::Enrolments, false),
    (Sheet::Isee, true),
    (Sheet::Closures, false),
    (Sheet::Attendance, false),
    (Sheet::Closings, false),
    (Sheet::Notices, true),
    (Sheet::Balances, true),
    (Sheet::Payments, true),
    (Sheet::Charges, true),
];
/// What is written for people and other programs.
const OTHERS: &[Sheet] = &[
    Sheet::Ledger,
    Sheet::Receipts,
    Sheet::Attestations,
    Sheet::Applications,
    Sheet::Messages,
    Sheet::Audit,
];

/// What was written: each file with its figures.
pub type Exported = Vec<(String, Written)>;

/// The coat of arms beside `comune.toml`.
const CREST_FILE: &str = "stemma.png";

/// The newest rule on when an ISEE counts, beside `comune.toml`.
const ISEE_FILE: &str = "isee.toml";

#[derive(Serialize)]
struct Founding {
    crest: Option<&'static str>,
    isee: Option<&'static str>,
    municipality: Municipality,
    service: Vec<NewService>,
    diet: Vec<Diet>,
    pagopa: NewPagopa,
    legal: LegalTexts,
}

/// Writes the folder, out of one snapshot. Sealed diets only `with_diets`; the export is logged.
///
/// # Errors
/// When the folder is not empty, or can't be written.
pub fn export_all(app: &App, folder: &Path, with_diets: bool) -> Result<Exported> {
    std::fs::create_dir_all(folder).map_err(|e| Error::io(folder, e))?;
    let mut inside = std::fs::read_dir(folder).map_err(|e| Error::io(folder, e))?;
    if inside.next().is_some() {
        return Err(Error::Internal(format!(
            "{} is not empty: name a new folder with --out",
            folder.display()
        )));
    }
    log(app, "all", "csv", None, with_diets)?;
    app.store.read(|db| everything(db, app, folder, with_diets))
}

fn everything(db: &Connection, app: &App, folder: &Path, with_diets: bool) -> Result<Exported> {
    let mut exported = Exported::new();
    let mut changeover =
        String::from("# Written by `campanella export all`; `campanella import all` reads it.\n");
    let diets = with_diets.then_some((Sheet::Diets, false));
    for (sheet, has_total) in IMPORTABLE.iter().copied().chain(diets) {
        let (name, written) = sheet_file(db, app, folder, sheet)?;
        describe(&mut changeover, sheet.name(), &name);
        // A text in memory takes every line.
        let _ = writeln!(changeover, "rows = {}", written.rows);
        if has_total {
            let _ = writeln!(changeover, "total = \"{}\"", written.total.to_decimal());
        }
        exported.push((name, written));
    }
    for (name, source) in rules(db)? {
        text_file(&folder.join(&name), &source)?;
        describe(&mut changeover, "tariffs", &name);
        let rows = Written {
            rows: 1,
            ..Written::default()
        };
        exported.push((name, rows));
    }
    for sheet in OTHERS {
        exported.push(sheet_file(db, app, folder, *sheet)?);
    }
    let crest = match municipality::crest(db) {
        Ok(png) => {
            let path = folder.join(CREST_FILE);
            std::fs::write(&path, png).map_err(|e| Error::io(&path, e))?;
            Some(CREST_FILE)
        }
        Err(Error::NotFound) => None,
        Err(error) => return Err(error),
    };
    let rule = match isee::policy_versions(db)?.first() {
        Some(newest) => {
            text_file(&folder.join(ISEE_FILE), &newest.source)?;
            Some(ISEE_FILE)
        }
        None => None,
    };
    text_file(&folder.join("comune.toml"), &comune(db, crest, rule)?)?;
    // Last of all: a folder without it was cut short.
    text_file(&folder.join("changeover.toml"), &changeover)?;
    Ok(exported)
}

fn describe(changeover: &mut String, kind: &str, name: &str) {
    let _ = write!(
        changeover,
        "\n[[file]]\nkind = \"{kind}\"\nname = \"{name}\"\n"
    );
}

fn sheet_file(
    db: &Connection,
    app: &App,
    folder: &Path,
    sheet: Sheet,
) -> Result<(String, Written)> {
    let name = format!("{}.csv", sheet.name());
    let file = BufWriter::new(private_file(&folder.join(&name))?);
    let written = write(db, app, sheet, Format::Csv, None, Box::new(file))?;
    Ok((name, written))
}

fn text_file(path: &Path, text: &str) -> Result<()> {
    use std::io::Write as _;
    let mut file = private_file(path)?;
    file.write_all(text.as_bytes())
        .map_err(|e| Error::io(path, e))
}

/// The published rules, oldest first. The line `applies` says from which day each counts, also
/// where the rule was published without it.
fn rules(db: &Connection) -> Result<Vec<(String, String)>> {
    let sql = "/* export */ select s.code, t.version, t.valid_from, t.source
               from tariff t join service s on s.id = t.service_id order by s.code, t.version";
    let mut statement = db.prepare(sql)?;
    let rows = statement.query_map([], |row| {
        let (code, version): (String, i64) = (row.get(0)?, row.get(1)?);
        let (from, source): (String, String) = (row.get(2)?, row.get(3)?);
        let applies = format!("applies = {{ service = \"{code}\", from = \"{from}\" }}");
        let others = source
            .lines()
            .filter(|line| !line.trim_start().starts_with("applies"));
        let text: Vec<&str> = std::iter::once(applies.as_str()).chain(others).collect();
        let same = source.lines().any(|line| line.trim() == applies);
        let source = if same { source } else { text.join("\n") + "\n" };
        Ok((format!("tariff-{code}-{version}.toml"), source))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What `init --config` reads.
fn comune(
    db: &Connection,
    crest: Option<&'static str>,
    isee: Option<&'static str>,
) -> Result<String> {
    let legal = |kind| -> Result<LegalText> {
        let text = newest_legal_text(db, kind, None)?.ok_or(Error::NotFound)?;
        Ok(LegalText {
            title: text.title,
            body: text.body,
        })
    };
    let founding = Founding {
        crest,
        isee,
        municipality: municipality::municipality(db)?,
        service: municipality::services(db)?
            .iter()
            .map(municipality::Service::as_new)
            .collect(),
        diet: diets::diets(db)?,
        pagopa: municipality::exported_pagopa(db)?,
        legal: LegalTexts {
            privacy: legal(LegalKind::Privacy)?,
            conditions: legal(LegalKind::Conditions)?,
        },
    };
    toml::to_string(&founding).map_err(Error::internal)
}
