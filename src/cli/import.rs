//! `campanella import`.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;

use super::{Done, Failure, Place, output};
use crate::app::App;
use crate::base::{Cents, CsvError, Error, FieldError, guarded};
use crate::catalogue::Language;
use crate::processes::imports::{self, ChangeoverReport, Fault, Kind, Outcome, Report};

/// Brings data in from files; docs/imports.md lists the columns.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  campanella import children children.csv --dry-run
  campanella import residents residents.csv --skip-bad --report what-became.csv
  campanella import all changeover --dry-run --json

JSON:
  {\"file\": \"children.csv\", \"kind\": \"children\", \"added\": 12, \"changed\": 0, \"unchanged\": 0, \"bad\": [], \"changes\": [], \"left_out\": 0, \"total\": \"0.00\", \"unknown_columns\": [], \"written\": true}

JSON of all:
  {\"files\": [], \"balances\": [{\"service\": \"mensa\", \"credit\": \"120.00\", \"debt\": \"0.00\"}], \"written\": false}")]
pub struct Options {
    /// What the file holds
    #[arg(value_enum)]
    what: What,
    /// The file: CSV (UTF-8 or Windows-1252; `;`, `,` or tab), for tariffs TOML, for all a folder
    file: PathBuf,
    /// Do everything, report, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Take the good rows and leave the bad ones out
    #[arg(long)]
    skip_bad: bool,
    /// Write what became of every row into this CSV file
    #[arg(long, value_name = "FILE.csv")]
    report: Option<PathBuf>,
    /// For machines
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum What {
    /// The changeover: every file of a folder, as its changeover.toml describes them
    All,
    /// Persons: payers, parents, children
    People,
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
    /// Diets of children
    Diets,
    /// ISEE values
    Isee,
    /// A tariff rule
    Tariffs,
    /// Days without service
    Closures,
    /// Who was present on which day
    Attendance,
    /// Days that an earlier system has charged
    Closings,
    /// Notices of an earlier supplier, also of other generations
    Notices,
    /// Opening balances
    Balances,
    /// What was paid elsewhere
    Payments,
    /// What was charged elsewhere, line by line
    Charges,
    /// Movements of the treasurer's account: CSV, or the OPI journal (XML)
    Treasury,
    /// A settlement flow of a provider (XML)
    Settlement,
}

impl What {
    fn kind(self) -> Option<Kind> {
        Some(match self {
            What::All => return None,
            What::People => Kind::People,
            What::Residents => Kind::Residents,
            What::Children => Kind::Children,
            What::Schools => Kind::Schools,
            What::Classes => Kind::Classes,
            What::Enrolments => Kind::Enrolments,
            What::Diets => Kind::Diets,
            What::Isee => Kind::Isee,
            What::Tariffs => Kind::Tariffs,
            What::Closures => Kind::Closures,
            What::Attendance => Kind::Attendance,
            What::Closings => Kind::Closings,
            What::Notices => Kind::Notices,
            What::Balances => Kind::Balances,
            What::Payments => Kind::Payments,
            What::Charges => Kind::Charges,
            What::Treasury => Kind::Treasury,
            What::Settlement => Kind::Settlement,
        })
    }
}

/// So many rows are printed; the number of the others is said.
const SHOWN: usize = 20;

pub(super) fn run(place: &Place, options: &Options) -> Done {
    let app = place.open()?;
    let say = |bad: &CsvError| sentence(&app, bad);
    let (dry_run, skip_bad) = (options.dry_run, options.skip_bad);
    let bar = output::bar(1, "importing");
    let shown = bar.clone();
    let how = imports::How {
        dry_run,
        skip_bad,
        heard: Arc::new(move |read, total| {
            shown.set_length(total);
            shown.set_position(read);
        }),
    };
    let all = match options.what.kind() {
        None => imports::import_all(&app, &options.file, &how),
        Some(kind) => imports::import(&app, kind, &options.file, &how).map(|report| {
            let name = options.file.file_name().unwrap_or_default();
            ChangeoverReport {
                written: report.written,
                files: vec![(kind, name.to_string_lossy().into_owned(), report)],
                balances: Vec::new(),
            }
        }),
    };
    bar.finish_and_clear();
    let all = all.map_err(|fault| readable(&app, fault))?;
    if let Some(path) = &options.report {
        write_report(path, &all, say)?;
    }
    if options.json {
        output::json(&as_json(&app, options, &all));
    } else {
        tell(options, &all, say);
    }
    let bad = all
        .files
        .iter()
        .any(|(_, _, report)| !report.bad.is_empty());
    if !bad || (skip_bad && (all.written || dry_run)) {
        Ok(())
    } else {
        Err(Failure::Found)
    }
}

/// `anagrafica.csv:12:CF (codice_fiscale): what is wrong`.
fn sentence(app: &App, bad: &CsvError) -> String {
    let what = app.catalogue.say(Language::English, &bad.message);
    match (bad.line, bad.column.as_deref().filter(|c| !c.is_empty())) {
        (0, _) => format!("{}: {what}", bad.file),
        (line, Some(column)) => format!("{}:{line}:{column}: {what}", bad.file),
        (line, None) => format!("{}:{line}: {what}", bad.file),
    }
}

/// A fault that ends everything, as one sentence.
fn readable(app: &App, fault: Fault) -> Error {
    match fault {
        Fault::Row(bad) => Error::Internal(sentence(app, &bad)),
        Fault::Other(Error::Invalid(fields)) => {
            let one = |e: &FieldError| {
                let what = app.catalogue.say(Language::English, &e.text);
                format!("{}: {what}", e.field)
            };
            Error::Internal(fields.iter().map(one).collect::<Vec<_>>().join("; "))
        }
        Fault::Other(error) => error,
    }
}

fn kind_name(kind: Kind) -> String {
    format!("{kind:?}").to_lowercase()
}

/// Every row of every file: what it is (new, changed, same, refused) and why.
fn write_report(
    path: &std::path::Path,
    all: &ChangeoverReport,
    say: impl Fn(&CsvError) -> String,
) -> Result<(), Error> {
    let failed = |e: csv::Error| Error::Internal(format!("{}: {e}", path.display()));
    let mut out = csv::Writer::from_path(path).map_err(failed)?;
    out.write_record(["file", "line", "kind", "outcome", "what"])
        .map_err(failed)?;
    for (kind, name, report) in &all.files {
        let kind = kind_name(*kind);
        for (line, outcome) in &report.rows {
            let (outcome, what) = match outcome {
                Outcome::Added => ("new", ""),
                Outcome::Changed(what) => ("changed", what.as_str()),
                Outcome::Unchanged => ("same", ""),
            };
            let cells = [name, &line.to_string(), &kind, outcome, &guarded(what)];
            out.write_record(cells).map_err(failed)?;
        }
        for bad in &report.bad {
            let what = say(bad);
            let line = bad.line.to_string();
            let cells = [name.as_str(), &line, &kind, "refused", &guarded(&what)];
            out.write_record(cells).map_err(failed)?;
        }
    }
    out.flush().map_err(|e| Error::io(path, e))
}

fn as_json(app: &App, options: &Options, all: &ChangeoverReport) -> serde_json::Value {
    let files: Vec<_> = all
        .files
        .iter()
        .map(|(kind, name, report)| {
            let bad: Vec<_> = report
                .bad
                .iter()
                .map(|bad| {
                    json!({
                        "line": bad.line, "column": bad.column,
                        "message": app.catalogue.say(Language::English, &bad.message),
                    })
                })
                .collect();
            let changes: Vec<_> = report
                .rows
                .iter()
                .filter_map(|(line, outcome)| match outcome {
                    Outcome::Changed(what) => Some(json!({ "line": line, "what": what })),
                    _ => None,
                })
                .collect();
            json!({
                "file": name, "kind": kind_name(*kind), "added": report.added,
                "changed": report.changed, "unchanged": report.unchanged, "bad": bad,
                "changes": changes, "left_out": report.left_out, "total": report.total,
                "unknown_columns": report.unknown_columns, "written": all.written,
            })
        })
        .collect();
    if options.what.kind().is_some() {
        return files.into_iter().next().unwrap_or_default();
    }
    let balances: Vec<_> = all
        .balances
        .iter()
        .map(
            |(service, credit, debt)| json!({ "service": service, "credit": credit, "debt": debt }),
        )
        .collect();
    json!({ "files": files, "balances": balances, "written": all.written })
}

fn tell(options: &Options, all: &ChangeoverReport, say: impl Fn(&CsvError) -> String) {
    let several = options.what.kind().is_none();
    for (kind, name, report) in &all.files {
        for bad in report.bad.iter().take(SHOWN) {
            eprintln!("{}", say(bad));
        }
        if report.bad.len() > SHOWN {
            eprintln!("{name}: … and {} more", report.bad.len() - SHOWN);
        }
        let mut changed = report
            .rows
            .iter()
            .filter_map(|(line, outcome)| match outcome {
                Outcome::Changed(what) => Some((line, what)),
                _ => None,
            });
        for (line, what) in changed.by_ref().take(SHOWN) {
            output::line(format!("{name}:{line}: changed: {what}"));
        }
        let more = changed.count();
        if more > 0 {
            output::line(format!("{name}: … and {more} more changed"));
        }
        if !report.unknown_columns.is_empty() {
            let columns = report.unknown_columns.join(", ");
            eprintln!("{name}: columns that were not read: {columns}");
        }
        let label = if several {
            format!("{name} ({}): ", kind_name(*kind))
        } else {
            String::new()
        };
        output::line(format!("{label}{}", summary(report)));
    }
    for (service, credit, debt) in &all.balances {
        let (credit, debt) = (credit.to_decimal(), debt.to_decimal());
        output::line(format!(
            "balances of {service}: {credit} of credit, {debt} of debt"
        ));
    }
    if !all.written {
        let bad = all
            .files
            .iter()
            .any(|(_, _, report)| !report.bad.is_empty());
        let why = if options.dry_run {
            "it was a dry run"
        } else if bad && options.skip_bad {
            "a control total differs"
        } else {
            "mend the rows above, or add --skip-bad"
        };
        output::line(format!("Nothing was written: {why}."));
    }
}

fn summary(report: &Report) -> String {
    let left_out = match report.left_out {
        0 => String::new(),
        n => format!(", {n} left out"),
    };
    let total = match report.total {
        Cents::ZERO => String::new(),
        total => format!(", {} euros in all", total.to_decimal()),
    };
    format!(
        "{} new, {} changed, {} as before, {} bad{left_out}{total}",
        report.added,
        report.changed,
        report.unchanged,
        report.bad.len()
    )
}
