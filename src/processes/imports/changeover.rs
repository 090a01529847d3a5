//! The changeover: every file of a folder in one transaction, as `changeover.toml` describes them,
//! with control totals. All or nothing: a kill, a bad row or a total that differs leaves the comune
//! as it was.

use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use toml::Table;

use super::{
    Fault, How, Import, Kind, Meter, Metered, Report, all_rows, history, note, plan, tariffs,
};
use crate::app::App;
use crate::base::{Cents, CsvError, CsvIn, Error, Mapping, Result, Text};
use crate::store::Urgency;

/// The file that describes the others.
pub const DESCRIPTION: &str = "changeover.toml";

/// What `changeover.toml` says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changeover {
    /// The earlier system by name; payments, notices and lines that come from it are marked with it.
    #[serde(default)]
    from: String,
    /// What holds for every file that does not say otherwise: keys of a file's mapping.
    #[serde(default)]
    defaults: Table,
    /// The files; in any order.
    #[serde(rename = "file", default)]
    files: Vec<Table>,
}

/// One file of a changeover.
#[derive(Deserialize)]
struct Described {
    kind: Kind,
    name: String,
    /// How many rows it must have, those that are left out not counted.
    #[serde(default)]
    rows: Option<u64>,
    /// What its amounts must sum up to, as a quoted decimal.
    #[serde(default)]
    total: Option<Cents>,
}

struct Opened {
    described: Described,
    source: Source,
    report: Report,
}

enum Source {
    Rows(Box<CsvIn<Metered>>),
    Rule(String),
}

/// What came of a changeover.
#[derive(Debug, Default)]
pub struct ChangeoverReport {
    /// Each file with its kind, in the order in which they were read.
    pub files: Vec<(Kind, String, Report)>,
    /// Credits and debts of all accounts afterwards, by service.
    pub balances: Vec<(String, Cents, Cents)>,
    /// Whether it was written.
    pub written: bool,
}

/// Imports a folder.
///
/// # Errors
/// When the description or a file can't be read at all. Rows that can't be taken and totals that
/// differ are in the report, and then nothing is written; bad rows may be left out, but a
/// control total that differs refuses all the same.
pub fn import_all(app: &Arc<App>, folder: &Path, how: &How) -> Result<ChangeoverReport, Fault> {
    let (dry_run, skip_bad) = (how.dry_run, how.skip_bad);
    let (origin, mut files) = open(folder, &Meter::new(&how.heard))?;
    files.sort_by_key(|file| file.described.kind);
    let (app, now) = (Arc::clone(app), app.now());
    let (tell, told) = std::sync::mpsc::channel();
    let written = Arc::clone(&app)
        .store
        .write(Urgency::Background, move |tx| {
            let mut import = Import::new(tx, &app, &origin, now);
            let mut report = ChangeoverReport::default();
            let outcome = everything(&mut import, files, &mut report);
            let differs = |bad: &CsvError| bad.message.key.starts_with("import-total-");
            let all_bad = || report.files.iter().flat_map(|(_, _, file)| &file.bad);
            let acceptable = match skip_bad {
                true => !all_bad().any(differs),
                false => all_bad().next().is_none(),
            };
            let mut keep = outcome.is_ok() && !dry_run && acceptable;
            if keep {
                for (kind, name, file) in &report.files {
                    keep = keep && note(tx, *kind, name, file, now).is_ok();
                }
            }
            report.written = keep;
            // The receiver lives as long as this call.
            let _ = tell.send((report, outcome));
            if keep { Ok(()) } else { Err(Error::Forbidden) }
        });
    match (told.try_recv(), written) {
        (Ok((_, Err(fault))), _) => Err(fault),
        (Ok((report, Ok(()))), Ok(())) => Ok(report),
        (Ok((report, Ok(()))), Err(Error::Forbidden)) if !report.written => Ok(report),
        (_, Err(error)) => Err(error.into()),
        (Err(_), Ok(())) => Err(Error::Internal("the import gave no report".to_owned()).into()),
    }
}

/// Reads the description and opens every file, so that a missing one is known before any is read.
fn open(folder: &Path, meter: &Meter) -> Result<(String, Vec<Opened>), Fault> {
    let path = folder.join(DESCRIPTION);
    let text = std::fs::read_to_string(&path).map_err(|e| Error::io(&path, e))?;
    let wrong = |what: String| Error::Internal(format!("{}: {what}", path.display()));
    let changeover: Changeover =
        toml::from_str(&text).map_err(|e| wrong(e.to_string().trim_end().to_owned()))?;
    let mut files = Vec::new();
    for (index, mut table) in changeover.files.into_iter().enumerate() {
        let in_file =
            |e: toml::de::Error| wrong(format!("file {}: {}", index + 1, e.to_string().trim_end()));
        let mut own = Table::new();
        for key in ["kind", "name", "rows", "total"] {
            if let Some(value) = table.remove(key) {
                own.insert(key.to_owned(), value);
            }
        }
        let described: Described = own.try_into().map_err(in_file)?;
        for (key, value) in &changeover.defaults {
            if !table.contains_key(key) {
                table.insert(key.clone(), value.clone());
            }
        }
        let mapping: Mapping = table.try_into().map_err(in_file)?;
        let path = folder.join(&described.name);
        let mut report = Report::default();
        if described.kind == Kind::Settlement {
            let text = Text::new("import-settlement-alone");
            return Err(Error::field("kind", text).into());
        }
        let source = if described.kind == Kind::Tariffs {
            {
                let file = std::fs::read(&path).map_err(|e| Error::io(&path, e))?;
                Source::Rule(crate::tariffs::text_of(file)?)
            }
        } else {
            let plan = plan(described.kind);
            let file = meter.open(&path)?;
            let rows = CsvIn::open_mapped(
                &described.name,
                file,
                plan.required,
                plan.optional,
                &mapping,
            )?;
            report.unknown_columns = rows.unknown_columns().to_vec();
            Source::Rows(Box::new(rows))
        };
        files.push(Opened {
            described,
            source,
            report,
        });
    }
    if files.is_empty() {
        return Err(wrong("it names no [[file]]: see docs/changeover.md".to_owned()).into());
    }
    Ok((changeover.from, files))
}

fn everything(
    import: &mut Import<'_>,
    files: Vec<Opened>,
    all: &mut ChangeoverReport,
) -> Result<(), Fault> {
    for Opened {
        described,
        source,
        mut report,
    } in files
    {
        match source {
            Source::Rows(rows) => all_rows(import, &plan(described.kind), *rows, &mut report)?,
            Source::Rule(source) => {
                match tariffs::publish_once(import.tx, &described.name, &source, import.now)? {
                    true => report.added += 1,
                    false => report.unchanged += 1,
                }
            }
        }
        control(&described, &mut report);
        all.files.push((described.kind, described.name, report));
    }
    import.post_all()?;
    all.balances = history::balances_by_service(import.tx)?;
    Ok(())
}

/// Compares a file with what the supplier says of it.
fn control(described: &Described, report: &mut Report) {
    let (rows, total) = (report.read(), report.total);
    let mut differs = |text: Text| {
        report.bad.push(CsvError {
            file: described.name.clone(),
            line: 0,
            column: None,
            message: text,
        });
    };
    if let Some(expected) = described.rows.filter(|expected| *expected != rows) {
        let text = Text::new("import-total-rows");
        differs(
            text.with("found", i64::try_from(rows).unwrap_or(i64::MAX))
                .with("expected", i64::try_from(expected).unwrap_or(i64::MAX)),
        );
    }
    if let Some(expected) = described.total.filter(|expected| *expected != total) {
        let text = Text::new("import-total-sum");
        differs(text.with("found", total).with("expected", expected));
    }
}
