//! `campanella import`.

use std::path::PathBuf;

use super::{Done, Failure, Place, output};
use crate::base::{Cents, CsvError, Error, FieldError};
use crate::catalogue::Language;
use crate::processes::imports::{self, Fault, Kind, Report};

/// Brings data in from files; docs/imports.md lists the columns.
#[derive(clap::Args)]
pub struct Options {
    /// What the file holds
    #[arg(value_enum)]
    what: What,
    /// The file: CSV (UTF-8 or Windows-1252; `;`, `,` or tab), for tariffs TOML
    file: PathBuf,
    /// Do everything, report, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Take the good rows and leave the bad ones out
    #[arg(long)]
    skip_bad: bool,
    /// For machines
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum What {
    /// The residents' register
    Residents,
    /// Children and who answers for them
    Children,
    /// Schools
    Schools,
    /// Classes of a school year
    Classes,
    /// Enrolments
    Enrolments,
    /// ISEE values
    Isee,
    /// A tariff rule
    Tariffs,
    /// Who was present on which day
    Attendance,
    /// What was paid elsewhere
    Payments,
}

impl What {
    fn kind(self) -> Kind {
        match self {
            What::Residents => Kind::Residents,
            What::Children => Kind::Children,
            What::Schools => Kind::Schools,
            What::Classes => Kind::Classes,
            What::Enrolments => Kind::Enrolments,
            What::Isee => Kind::Isee,
            What::Tariffs => Kind::Tariffs,
            What::Attendance => Kind::Attendance,
            What::Payments => Kind::Payments,
        }
    }
}

/// So many bad rows are printed; the number of the others is said.
const SHOWN: usize = 20;

pub(super) fn run(place: &Place, options: &Options) -> Done {
    let app = place.open()?;
    let sentence = |bad: &CsvError| {
        let what = app.catalogue.say(Language::English, &bad.message);
        let column = bad
            .column
            .as_deref()
            .filter(|c| !c.is_empty())
            .map_or(String::new(), |c| format!("{c}: "));
        format!("{}, line {}: {column}{what}", bad.file, bad.line)
    };
    let report = imports::import(
        &app,
        options.what.kind(),
        &options.file,
        options.dry_run,
        options.skip_bad,
    )
    .map_err(|fault| match fault {
        Fault::Row(bad) => Error::Internal(sentence(&bad)),
        Fault::Other(Error::Invalid(fields)) => {
            let all = |e: &FieldError| {
                format!(
                    "{}: {}",
                    e.field,
                    app.catalogue.say(Language::English, &e.text)
                )
            };
            Error::Internal(fields.iter().map(all).collect::<Vec<_>>().join("; "))
        }
        Fault::Other(error) => error,
    })?;
    if options.json {
        let bad: Vec<_> = report.bad.iter().map(|bad| serde_json::json!({
            "line": bad.line, "column": bad.column, "message": app.catalogue.say(Language::English, &bad.message),
        })).collect();
        output::json(&serde_json::json!({
            "added": report.added, "changed": report.changed, "unchanged": report.unchanged,
            "bad": bad, "total": report.total, "unknown_columns": report.unknown_columns,
            "written": report.written,
        }));
    } else {
        tell(&report, sentence);
    }
    if report.bad.is_empty() || options.skip_bad {
        Ok(())
    } else {
        Err(Failure::Found)
    }
}

fn tell(report: &Report, sentence: impl Fn(&CsvError) -> String) {
    for bad in report.bad.iter().take(SHOWN) {
        eprintln!("{}", sentence(bad));
    }
    if report.bad.len() > SHOWN {
        eprintln!("… and {} more", report.bad.len() - SHOWN);
    }
    if !report.unknown_columns.is_empty() {
        eprintln!(
            "columns that were not read: {}",
            report.unknown_columns.join(", ")
        );
    }
    let total = if report.total == Cents::ZERO {
        String::new()
    } else {
        format!(", {} euros in all", report.total.to_decimal())
    };
    output::line(format!(
        "{} new, {} changed, {} as before, {} bad{total}",
        report.added,
        report.changed,
        report.unchanged,
        report.bad.len()
    ));
    if !report.written {
        let why = if report.bad.is_empty() {
            "it was a dry run"
        } else {
            "mend the rows above, or add --skip-bad"
        };
        output::line(format!("Nothing was written: {why}."));
    }
}
