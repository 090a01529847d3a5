//! The exchange by two folders: what waits is written into the one, what lies in the other is taken in
//! and put aside with a report. Whatever is cut off in between is done by the next round.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::incoming::{Fault, take};
use super::outgoing::make;
use crate::app::App;
use crate::base::{Actor, Error, FieldError, Instant, PublicId, Result, Text};
use crate::catalogue::Language;
use crate::config::Numbers;
use crate::payments::partner;
use crate::processes::exports::{Cell, Format, table};
use crate::store::Urgency;

/// Where what was taken in is put.
const TAKEN: &str = "elaborati";
/// Where what has bad lines is put.
const WITH_FAULTS: &str = "da-controllare";
/// Nobody sends a larger one.
const LARGEST: u64 = 20 * 1024 * 1024;
/// A file that was changed more recently may still be under way. Ten seconds.
const SETTLED: i64 = 10_000;

/// One round. Does nothing without a partner.
///
/// # Errors
/// The database's own failure. A folder or file that can't be used is in the log, and is tried again.
pub fn tick(app: &Arc<App>) -> Result<()> {
    if !app.config.pagopa.has_partner() {
        return Ok(());
    }
    let (config, now) = (&app.config.pagopa.partner, app.now());
    let theirs = config.numbers == Numbers::Partner;
    if app.store.read(partner::partner_numbers)? != theirs {
        app.store.write(Urgency::Interactive, move |tx| {
            partner::set_numbering(tx, theirs, now)
        })?;
    }
    if let Some(folder) = &config.incoming {
        take_all(app, folder, now)?;
    }
    if let Some(folder) = &config.out {
        let last = app.store.read(partner::last_batch)?;
        let every = i64::from(config.every_minutes) * 60_000;
        if last.is_none_or(|(_, at)| now.0 - at.0 >= every) {
            make(app, &Actor::System("partner"))?;
        }
        write_all(app, folder)?;
    }
    Ok(())
}

/// Writes the batches that nobody has fetched yet, also those that a person has made.
fn write_all(app: &App, folder: &Path) -> Result<()> {
    for file in app.store.read(partner::to_send)? {
        let (bytes, _) = app.store.read(|db| partner::content(db, &file))?;
        if let Err(error) = write(&folder.join(&file.name), &bytes) {
            tracing::error!(%error, "a file of positions can't be written; it will be tried again");
            return Ok(());
        }
        app.store.write(Urgency::Background, move |tx| {
            partner::mark_fetched(tx, &file)
        })?;
    }
    Ok(())
}

/// Whole, or not at all under its name.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let partial = path.with_extension("part");
    let wrong = |error| Error::io(&partial, error);
    let mut file = fs::File::create(&partial).map_err(wrong)?;
    file.write_all(bytes).map_err(wrong)?;
    file.sync_all().map_err(wrong)?;
    fs::rename(&partial, path).map_err(|error| Error::io(path, error))
}

fn take_all(app: &Arc<App>, folder: &Path, now: Instant) -> Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            tracing::error!(%error, "the folder of the partner's files can't be read");
            return Ok(());
        }
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths.iter().filter(|path| is_settled(path, now)) {
        if let Err(error) = take_one(app, folder, path) {
            tracing::error!(%error, "a file of the partner can't be taken; it will be tried again");
        }
    }
    Ok(())
}

/// A file that nobody is still writing.
fn is_settled(path: &Path, now: Instant) -> bool {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let partial = name.is_none_or(|name| {
        name.starts_with('.') || [".part", ".tmp"].iter().any(|end| name.ends_with(end))
    });
    let Ok(about) = fs::metadata(path) else {
        return false;
    };
    let changed = about.modified().ok().and_then(|at| {
        let since = at.duration_since(std::time::UNIX_EPOCH).ok()?;
        i64::try_from(since.as_millis()).ok()
    });
    // A demo's clock may be behind the file's.
    let age = changed.map_or(SETTLED, |changed| now.0 - changed);
    about.is_file() && !partial && !(0..SETTLED).contains(&age)
}

fn take_one(app: &Arc<App>, folder: &Path, path: &Path) -> Result<()> {
    let name = path
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let say = |text: &Text| app.catalogue.say(Language::Italian, text);
    let too_large = fs::metadata(path).is_ok_and(|about| about.len() > LARGEST);
    let taken = match too_large {
        true => Err(Error::field("file", Text::new("partner-file-too-large"))),
        false => {
            let bytes = fs::read(path).map_err(|error| Error::io(path, error))?;
            take(app, &Actor::System("partner"), &name, bytes)
        }
    };
    let (faults, figures) = match taken {
        Ok(report) => (report.faults, Some(report.file.figures)),
        Err(Error::Invalid(fields)) => {
            let fault = |field: &FieldError| Fault {
                line: 0,
                column: String::new(),
                message: say(&field.text),
            };
            (fields.iter().map(fault).collect(), None)
        }
        Err(error) => return Err(error),
    };
    let clean = faults.is_empty();
    let aside = folder.join(if clean { TAKEN } else { WITH_FAULTS });
    fs::create_dir_all(&aside).map_err(|error| Error::io(&aside, error))?;
    let mut target = aside.join(&name);
    if target.exists() {
        let again = PublicId::random()?;
        target = aside.join(format!("{again}-{name}"));
    }
    let mut lines: Vec<Vec<Cell>> = Vec::new();
    if let Some(figures) = figures {
        let summary = Text::new("partner-report")
            .with("taken", figures.taken)
            .with("known", figures.known)
            .with("suspense", figures.suspense)
            .with("bad", figures.bad);
        lines.push(vec![Cell::Empty, Cell::Empty, Cell::Text(say(&summary))]);
    }
    for fault in faults {
        lines.push(vec![
            Cell::Safe(fault.line.to_string()),
            Cell::Text(fault.column),
            Cell::Text(fault.message),
        ]);
    }
    let names = ["riga", "colonna", "esito"];
    let report = table(Format::Csv, "Esito", &names, lines.into_iter())?;
    let mut told = target.clone().into_os_string();
    told.push(".esito.csv");
    write(Path::new(&told), &report)?;
    fs::rename(path, &target).map_err(|error| Error::io(&target, error))
}
