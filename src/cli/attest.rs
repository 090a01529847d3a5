//! `campanella attest`: the yearly attestations, issued where they are missing and written as PDFs.

use std::path::PathBuf;

use super::{Done, Place, output};
use crate::app::App;
use crate::attestations::{self, Attestation};
use crate::base::{Actor, Error, PersonId, Result};
use crate::jobs;
use crate::people::{self, FiscalCode};
use crate::store::Urgency;

/// Issues what is missing and writes every current attestation of a year.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  campanella attest --year 2026 --out attestazioni
  campanella attest --year 2026 --out attestazioni --payer RSSMRA80A41H501Y

JSON:
  {\"year\": 2026, \"folder\": \"attestazioni\", \"written\": 312}")]
pub struct Options {
    /// The year of payment
    #[arg(long, value_name = "Y")]
    year: i16,
    /// The folder for the PDFs; it is made if it is not there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Only the payer with this fiscal code
    #[arg(long, value_name = "CF")]
    payer: Option<String>,
    /// For machines
    #[arg(long)]
    json: bool,
}

/// So many PDFs are read at a time.
const CHUNK: u32 = 50;

pub(super) fn run(place: &Place, options: &Options) -> Done {
    let app = place.open()?;
    std::fs::create_dir_all(&options.out).map_err(|e| Error::io(&options.out, e))?;
    let written = match &options.payer {
        Some(code) => one(&app, options, code)?,
        None => all(&app, options)?,
    };
    if options.json {
        output::json(&serde_json::json!({
            "year": options.year, "folder": options.out, "written": written,
        }));
        return Ok(());
    }
    output::line(format!(
        "{written} attestations of {} in {}",
        options.year,
        options.out.display()
    ));
    Ok(())
}

fn one(app: &App, options: &Options, code: &str) -> Result<u32> {
    let code = FiscalCode::parse(code).map_err(|e| Error::field("payer", e.text()))?;
    let payer: PersonId = app
        .store
        .read(|db| people::find_by_fiscal_code(db, &code))?
        .ok_or(Error::NotFound)?;
    let (year, now, url) = (options.year, app.now(), app.config.public_url.clone());
    app.store.write(Urgency::Background, move |tx| {
        attestations::issue(tx, &Actor::System("cli"), payer, year, &url, now)
    })?;
    match app
        .store
        .read(|db| attestations::current(db, payer, year))?
    {
        Some(attestation) => write(app, options, &attestation).map(|()| 1),
        None => Ok(0),
    }
}

fn all(app: &App, options: &Options) -> Result<u32> {
    let (year, now, url) = (options.year, app.now(), app.config.public_url.clone());
    let job = app.store.write(Urgency::Background, move |tx| {
        attestations::enqueue_year(tx, &Actor::System("cli"), year, &url, now)
    })?;
    let bar = output::bar(u64::try_from(job.total).unwrap_or(0), "attestations");
    jobs::run(
        &app.store,
        job.id,
        &attestations::attest_step,
        || app.now(),
        |job| output::show(&bar, job),
    )?;
    bar.finish_and_clear();
    let (mut after, mut written) = (0, 0);
    loop {
        let chunk = app
            .store
            .read(|db| attestations::current_of_year(db, year, after, CHUNK))?;
        let Some(last) = chunk.last() else {
            return Ok(written);
        };
        after = last.number;
        for attestation in &chunk {
            write(app, options, attestation)?;
            written += 1;
        }
    }
}

fn write(app: &App, options: &Options, attestation: &Attestation) -> Result<()> {
    let bytes = app.store.read(|db| attestations::pdf(db, attestation))?;
    let path = options.out.join(attestation.filename());
    std::fs::write(&path, bytes).map_err(|e| Error::io(&path, e))
}
