//! `campanella verify`: is this PDF what this comune issued?

use std::path::PathBuf;

use serde_json::json;

use super::{Done, Failure, Place, output};
use crate::attestations;
use crate::base::Error;

/// Compares a PDF with what was issued.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  campanella verify attestazione.pdf

JSON:
  {\"ok\": true, \"file\": \"attestazione.pdf\", \"attestation\": {\"number\": \"2026/000123\", \"year\": 2026, \"revision\": 0, \"issued_on\": \"2027-02-03\", \"replaced_on\": null, \"payer\": \"R**** M***\", \"lines\": [], \"sha256\": \"…\"}}")]
pub struct Options {
    /// The PDF
    file: PathBuf,
    /// For machines
    #[arg(long)]
    json: bool,
}

pub(super) fn run(place: &Place, options: &Options) -> Done {
    let app = place.open()?;
    let bytes = std::fs::read(&options.file).map_err(|e| Error::io(&options.file, e))?;
    let found = match app.store.read(|db| attestations::verify_bytes(db, &bytes)) {
        Ok(found) => Some(found),
        Err(Error::NotFound) => None,
        Err(error) => return Err(error.into()),
    };
    if options.json {
        output::json(&json!({
            "ok": found.is_some(), "file": options.file, "attestation": found,
        }));
        return if found.is_some() {
            Ok(())
        } else {
            Err(Failure::Found)
        };
    }
    let Some(found) = found else {
        return Err(Error::Internal(format!(
            "{} is no attestation of this comune, or it was changed: look its code up at {}/verifica",
            options.file.display(),
            app.config.public_url
        ))
        .into());
    };
    output::line(format!(
        "{}: attestation {} for {}, issued on {}, unchanged",
        options.file.display(),
        found.number,
        found.year,
        found.issued_on
    ));
    if let Some(day) = found.replaced_on {
        output::line(format!("A newer one replaced it on {day}."));
    }
    Ok(())
}
