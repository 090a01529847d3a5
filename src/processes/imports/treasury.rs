//! Treasury lines: CSV of any bank, or the OPI journal (XML), which is found out by its first byte.

use std::io::{Cursor, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use super::meter::Meter;
use super::{Fault, How, Import, Outcome, Plan, Report};
use crate::app::App;
use crate::base::{Actor, CsvError, CsvIn, CsvRow, Error, Text};
use crate::settlement::journal::{self, Journal};
use crate::settlement::{self, NewTreasuryLine};
use crate::store::{self, AuditEvent, Urgency};

pub(super) const PLAN: Plan = Plan {
    required: REQUIRED,
    optional: OPTIONAL,
    row: line,
};

const REQUIRED: &[&str] = &["numero", "data", "importo", "causale"];
const OPTIONAL: &[&str] = &["esercizio", "conto", "ordinante", "segno"];

fn line(import: &mut Import<'_>, row: &CsvRow) -> Result<Outcome, Fault> {
    let Some(new) = taking(row)? else {
        return Ok(Outcome::Unchanged);
    };
    import.once(row, key(&new))?;
    import.total += new.amount;
    match settlement::record(import.tx, &new, import.now)? {
        true => Ok(Outcome::Added),
        false => Ok(Outcome::Unchanged),
    }
}

/// What makes a movement one movement.
fn key(new: &NewTreasuryLine) -> String {
    let NewTreasuryLine {
        exercise,
        account,
        number,
        day,
        amount,
        ..
    } = new;
    format!("{exercise}:{account}:{number}:{day}:{}", amount.0)
}

/// The taking that a row is; none: money that was paid out.
fn taking(row: &CsvRow) -> Result<Option<NewTreasuryLine>, CsvError> {
    let (day, mut amount) = (row.date("data")?, row.cents("importo")?);
    match row.optional("segno").map(str::to_uppercase).as_deref() {
        None | Some("+" | "A" | "C" | "E" | "ENTRATA" | "AVERE") => {}
        Some("-" | "STORNO") => amount = -amount,
        Some("D" | "U" | "USCITA" | "DARE") => return Ok(None),
        Some(_) => return Err(row.error("segno", Text::new("import-sign"))),
    }
    let number = row.text("numero")?;
    let exercise: Option<i16> = row.optional_as("esercizio", |_: std::num::ParseIntError| {
        Text::new("import-exercise")
    })?;
    let causale = row.optional("causale").unwrap_or("");
    let payer = row.optional("ordinante").unwrap_or("");
    let raw = [
        number,
        &day.to_string(),
        &amount.to_decimal(),
        payer,
        causale,
    ]
    .join("|");
    Ok(Some(NewTreasuryLine {
        exercise: exercise.unwrap_or(day.year()),
        account: row.optional("conto").unwrap_or("").to_owned(),
        number: number.to_owned(),
        day,
        amount,
        causale: causale.to_owned(),
        payer: payer.to_owned(),
        raw,
    }))
}

/// The journal of a file that is XML; none for a table.
pub(super) fn journal_of(path: &Path, how: &How) -> Result<Option<Vec<u8>>, Fault> {
    let mut file = Meter::new(&how.heard).open(path)?;
    let failed = |e| Error::io(path, e);
    let mut start = Vec::new();
    file.by_ref()
        .take(512)
        .read_to_end(&mut start)
        .map_err(failed)?;
    if !journal::is_xml(&start) {
        return Ok(None);
    }
    file.seek(SeekFrom::Start(0)).map_err(failed)?;
    let mut bytes = Vec::new();
    let most = journal::LARGEST as u64 + 1;
    file.take(most).read_to_end(&mut bytes).map_err(failed)?;
    Ok(Some(bytes))
}

/// What was read of a file, before anything is written.
struct Takings {
    good: Vec<(u64, NewTreasuryLine)>,
    report: Report,
}

fn in_journal(name: &str, bytes: &[u8]) -> Result<Takings, Fault> {
    let wrong = |line, message| CsvError {
        file: name.to_owned(),
        line,
        column: None,
        message,
    };
    let Journal { lines, left_out } = journal::read(bytes).map_err(|text| wrong(0, text))?;
    let mut takings = Takings {
        good: Vec::new(),
        report: Report {
            left_out,
            ..Report::default()
        },
    };
    for line in lines {
        match line.line {
            Ok(new) => takings.good.push((line.at, new)),
            Err(text) => takings.report.bad.push(wrong(line.at, text)),
        }
    }
    Ok(takings)
}

fn in_table(name: &str, bytes: Vec<u8>) -> Result<Takings, Fault> {
    let mut rows = CsvIn::open(name, Cursor::new(bytes), REQUIRED, OPTIONAL)?;
    let mut takings = Takings {
        good: Vec::new(),
        report: Report {
            unknown_columns: rows.unknown_columns().to_vec(),
            ..Report::default()
        },
    };
    for row in rows.by_ref() {
        match row.and_then(|row| Ok((row.line(), taking(&row)?))) {
            Ok((at, Some(new))) => takings.good.push((at, new)),
            Ok((_, None)) => takings.report.left_out += 1,
            Err(wrong) => takings.report.bad.push(wrong),
        }
    }
    Ok(takings)
}

/// Imports a journal: its takings, all of them or none unless bad ones are to be skipped.
pub(super) fn import_journal(
    app: &Arc<App>,
    name: &str,
    bytes: &[u8],
    how: &How,
) -> Result<Report, Fault> {
    let keep = Keep {
        dry_run: how.dry_run,
        skip_bad: how.skip_bad,
    };
    record_all(
        app,
        &Actor::System("import"),
        name,
        in_journal(name, bytes)?,
        keep,
    )
}

/// Takes in a file that a member of staff has uploaded: a table or a journal.
///
/// # Errors
/// When it can't be read at all; rows that can't be taken are in the report, and then nothing is
/// written unless they are to be skipped.
pub fn upload_treasury(
    app: &App,
    actor: &Actor,
    name: &str,
    bytes: Vec<u8>,
    skip_bad: bool,
) -> Result<Report, Fault> {
    let takings = match journal::is_xml(&bytes) {
        true => in_journal(name, &bytes)?,
        false => in_table(name, bytes)?,
    };
    let keep = Keep {
        dry_run: false,
        skip_bad,
    };
    record_all(app, actor, name, takings, keep)
}

/// What is written where.
#[derive(Clone, Copy)]
struct Keep {
    dry_run: bool,
    skip_bad: bool,
}

fn record_all(
    app: &App,
    actor: &Actor,
    name: &str,
    takings: Takings,
    keep: Keep,
) -> Result<Report, Fault> {
    let Takings { good, mut report } = takings;
    let (now, file, actor) = (app.now(), name.to_owned(), actor.clone());
    let (tell, told) = std::sync::mpsc::channel();
    let written = app.store.write(Urgency::Background, move |tx| {
        for (at, new) in good {
            match settlement::record(tx, &new, now) {
                Ok(true) => {
                    report.added += 1;
                    report.rows.push((at, Outcome::Added));
                }
                Ok(false) => {
                    report.unchanged += 1;
                    report.rows.push((at, Outcome::Unchanged));
                }
                Err(Error::Refused(refusal)) => report.bad.push(at_line(&file, at, refusal.text)),
                Err(Error::Invalid(mut fields)) if !fields.is_empty() => {
                    let text = fields.swap_remove(0).text;
                    report.bad.push(at_line(&file, at, text));
                }
                Err(other) => return Err(other),
            }
            report.total += new.amount;
        }
        report.written = !keep.dry_run && (keep.skip_bad || report.bad.is_empty());
        let written = report.written;
        if written {
            let event = AuditEvent {
                action: "import",
                subject: "file",
                subject_id: None,
                payload: serde_json::json!({
                    "kind": "treasury", "file": file, "added": report.added,
                    "unchanged": report.unchanged, "bad": report.bad.len(),
                }),
            };
            store::audit(tx, &actor, now, &event)?;
        }
        // The receiver lives as long as this call.
        let _ = tell.send(report);
        if written {
            Ok(())
        } else {
            Err(Error::Forbidden)
        }
    });
    match (told.try_recv(), written) {
        (Ok(report), Ok(()) | Err(Error::Forbidden)) => Ok(report),
        (_, Err(error)) => Err(error.into()),
        (Err(_), Ok(())) => Err(Error::Internal("the import gave no report".to_owned()).into()),
    }
}

fn at_line(file: &str, line: u64, message: Text) -> CsvError {
    CsvError {
        file: file.to_owned(),
        line,
        column: None,
        message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Cents;

    #[test]
    fn a_table_of_a_bank_gives_takings_and_names_its_bad_rows() {
        let text = "Numero;Data;Importo;Causale;Segno;Altro\n\
                    12;20/11/2026;1.042,50;/PUR/LGPE-RIVERSAMENTO/URI/X1;E;a\n\
                    13;2026-11-20;10,00;Stipendi;U;b\n\
                    14;20/11/2026;dieci;x;E;c\n\
                    15;20/11/2026;10,00;x;boh;d\n\
                    16;20/11/2026;5,00;storno;-;e\n";
        let Ok(takings) = in_table("banca.csv", text.as_bytes().to_vec()) else {
            panic!("the table can be read");
        };
        let amounts: Vec<_> = takings
            .good
            .iter()
            .map(|(at, new)| (*at, new.amount))
            .collect();
        assert_eq!(amounts, [(2, Cents(104_250)), (6, Cents(-500))]);
        let bad: Vec<_> = takings.report.bad.iter().map(|bad| bad.line).collect();
        assert_eq!((bad, takings.report.left_out), (vec![4, 5], 1));
        assert_eq!(takings.report.unknown_columns, ["Altro"]);
    }
}
