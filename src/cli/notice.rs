//! `campanella notice`: a payment notice as it is handed out.

use std::io::Write;
use std::path::PathBuf;

use serde_json::json;

use super::{Done, Place, output};
use crate::base::Error;
use crate::payments::notices::{self, NoticeState};
use crate::payments::{NoticeNumber, notice_data, notice_pdf};
use crate::processes::exports::private_file;

/// Writes a payment notice as PDF.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  campanella notice --nav 302032002700000251 --out avviso.pdf

JSON:
  {\"file\": \"avviso.pdf\", \"notice_number\": \"302032002700000251\", \"amount\": \"12.60\", \"state\": \"open\"}")]
pub struct Options {
    /// The notice number, 18 digits
    #[arg(long, value_name = "N", value_parser = number)]
    nav: NoticeNumber,
    /// The file to write
    #[arg(long, value_name = "FILE.pdf")]
    out: PathBuf,
    /// For machines
    #[arg(long)]
    json: bool,
}

fn number(text: &str) -> Result<NoticeNumber, String> {
    NoticeNumber::parse(text).map_err(|_| {
        format!("`{text}` is not a notice number: 18 digits, the last two check the others")
    })
}

pub(super) fn run(place: &Place, options: &Options) -> Done {
    let app = place.open()?;
    let nav = options.nav.to_string();
    let found = app.store.read(|db| notices::notice_by_number(db, &nav))?;
    let notice = found.ok_or_else(|| {
        Error::Internal(format!(
            "there is no notice {nav}: `campanella export notices` lists them"
        ))
    })?;
    let data = app.store.read(|db| notice_data(db, &notice, app.demo))?;
    let bytes = notice_pdf::render(&data)?;
    let mut out = private_file(&options.out)?;
    out.write_all(&bytes)
        .map_err(|e| Error::io(&options.out, e))?;
    if options.json {
        output::json(&json!({
            "file": options.out, "notice_number": nav, "amount": notice.amount,
            "state": notice.state,
        }));
        return Ok(());
    }
    output::line(format!(
        "{}: notice {nav} over {} euros",
        options.out.display(),
        notice.amount.to_decimal()
    ));
    if notice.state != NoticeState::Open {
        output::line(format!(
            "It is {}: do not hand it out.",
            notice.state.as_str()
        ));
    }
    Ok(())
}
