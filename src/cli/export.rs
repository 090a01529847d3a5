//! `campanella export`.

use std::io::BufWriter;
use std::path::PathBuf;

use serde_json::json;

use super::{Done, Place, output};
use crate::base::{Cents, Error};
use crate::processes::exports::{self, Format, Sheet, Written};

/// Writes data out; docs/changeover.md lists the columns.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  campanella export ledger --year 2026 --out ledger.csv
  campanella export people --format xlsx --out people.xlsx
  campanella export all --out everything --with-diets --json

JSON:
  {\"file\": \"ledger.csv\", \"rows\": 4566, \"total\": \"67945.10\"}")]
pub struct Options {
    /// What to write
    #[arg(value_enum)]
    what: What,
    /// In which format
    #[arg(long, value_enum, default_value_t = As::Csv)]
    format: As,
    /// Only this calendar year
    #[arg(long, value_name = "Y")]
    year: Option<i16>,
    /// The file to write, for all the folder [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// With all: also the diets of children, which are sealed data; the export is logged
    #[arg(long)]
    with_diets: bool,
    /// Say what was written as JSON (with --out)
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum As {
    /// UTF-8, `;`, every field quoted
    Csv,
    /// An array with one object on each line
    Json,
    /// A workbook
    Xlsx,
}

#[derive(Clone, Copy, PartialEq, clap::ValueEnum)]
enum What {
    /// Everything, as a folder that `import all` takes
    All,
    /// Everybody
    People,
    /// The households of the residents' register
    Residents,
    /// Children and who answers for them
    Children,
    /// Submitted applications
    Applications,
    /// Enrolments
    Enrolments,
    /// Diets of children: sealed data, needs --with-diets
    Diets,
    /// ISEE values
    Isee,
    /// Who was present
    Attendance,
    /// What was charged
    Charges,
    /// Payments that were credited
    Payments,
    /// The ledger, entry by entry
    Ledger,
    /// Payment notices
    Notices,
    /// Receipts as they came
    Receipts,
    /// Issued attestations
    Attestations,
    /// Messages
    Messages,
    /// The audit log
    Audit,
}

impl What {
    fn sheet(self) -> Option<Sheet> {
        Some(match self {
            What::All => return None,
            What::People => Sheet::People,
            What::Residents => Sheet::Residents,
            What::Children => Sheet::Children,
            What::Applications => Sheet::Applications,
            What::Enrolments => Sheet::Enrolments,
            What::Diets => Sheet::Diets,
            What::Isee => Sheet::Isee,
            What::Attendance => Sheet::Attendance,
            What::Charges => Sheet::Charges,
            What::Payments => Sheet::Payments,
            What::Ledger => Sheet::Ledger,
            What::Notices => Sheet::Notices,
            What::Receipts => Sheet::Receipts,
            What::Attestations => Sheet::Attestations,
            What::Messages => Sheet::Messages,
            What::Audit => Sheet::Audit,
        })
    }
}

pub(super) fn run(place: &Place, options: &Options) -> Done {
    let refuse = |why: &str| Err(Error::Internal(why.to_owned()).into());
    let app = place.open()?;
    let Some(sheet) = options.what.sheet() else {
        let Some(folder) = &options.out else {
            return refuse("export all needs a folder: name a new one with --out");
        };
        if options.year.is_some() || !matches!(options.format, As::Csv) {
            return refuse("export all writes every year as CSV: leave --year and --format out");
        }
        let exported = exports::export_all(&app, folder, options.with_diets)?;
        if options.json {
            let files: Vec<_> = exported.iter().map(|(name, w)| figures(name, w)).collect();
            output::json(&json!({ "folder": folder, "files": files }));
            return Ok(());
        }
        for (name, written) in &exported {
            output::line(sentence(name, written));
        }
        output::line(format!("Everything is in {}.", folder.display()));
        return Ok(());
    };
    if sheet == Sheet::Diets && !options.with_diets {
        return refuse("diets are sealed data: add --with-diets, and the export is logged");
    }
    let format = match options.format {
        As::Csv => Format::Csv,
        As::Json => Format::Json,
        As::Xlsx => Format::Xlsx,
    };
    match &options.out {
        None => {
            let out = Box::new(BufWriter::new(std::io::stdout()));
            exports::export(&app, sheet, format, options.year, out)?;
        }
        Some(path) => {
            let out = Box::new(BufWriter::new(exports::private_file(path)?));
            let written = exports::export(&app, sheet, format, options.year, out)?;
            let name = path.display().to_string();
            if options.json {
                output::json(&figures(&name, &written));
            } else {
                output::line(sentence(&name, &written));
            }
        }
    }
    Ok(())
}

fn figures(name: &str, written: &Written) -> serde_json::Value {
    json!({ "file": name, "rows": written.rows, "total": written.total })
}

fn sentence(name: &str, written: &Written) -> String {
    match written.total {
        Cents::ZERO => format!("{name}: {} rows", written.rows),
        total => format!(
            "{name}: {} rows, {} euros in all",
            written.rows,
            total.to_decimal()
        ),
    }
}
