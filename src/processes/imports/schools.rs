//! Schools and classes.

use super::{Fault, Import, Outcome, Plan};
use crate::base::{CsvRow, SchoolId, SchoolYear, Text};
use crate::municipality::{self, Grade, NewSchool};

pub(super) const SCHOOLS: Plan = Plan {
    required: &["codice", "nome", "grado", "indirizzo"],
    optional: &[],
    row: school,
};

pub(super) const CLASSES: Plan = Plan {
    required: &["plesso", "anno_scolastico", "classe"],
    optional: &[],
    row: class,
};

fn school(import: &mut Import<'_>, row: &CsvRow) -> Result<Outcome, Fault> {
    let code = row.text("codice")?;
    let grade = Grade::parse(row.text("grado")?)
        .ok_or_else(|| row.error("grado", Text::new("import-grade")))?;
    let known = municipality::schools(import.tx)?
        .into_iter()
        .find(|s| s.code == code);
    let new = NewSchool {
        code,
        name: row.text("nome")?,
        grade,
        address: row.text("indirizzo")?,
    };
    let outcome = match &known {
        None => Outcome::Added,
        Some(known) => changed(&[
            ("nome", &known.name, new.name),
            ("grado", &known.grade, new.grade.as_str()),
            ("indirizzo", &known.address, new.address),
        ]),
    };
    if outcome != Outcome::Unchanged {
        municipality::add_school(import.tx, &new)?;
    }
    Ok(outcome)
}

/// What changed, as `column: before → after`.
pub(super) fn changed(fields: &[(&str, &str, &str)]) -> Outcome {
    let differences: Vec<String> = fields
        .iter()
        .filter(|(_, before, after)| before != after)
        .map(|(name, before, after)| format!("{name}: {before} → {after}"))
        .collect();
    if differences.is_empty() {
        Outcome::Unchanged
    } else {
        Outcome::Changed(differences.join("; "))
    }
}

/// The school that a column names by its code.
pub(super) fn school_of(import: &Import<'_>, row: &CsvRow) -> Result<SchoolId, Fault> {
    let code = row.text("plesso")?;
    municipality::school_by_code(import.tx, code)?.ok_or_else(|| {
        row.error("plesso", Text::new("import-no-school").with("code", code))
            .into()
    })
}

/// The school year of a row.
pub(super) fn year_of(row: &CsvRow) -> Result<SchoolYear, Fault> {
    Ok(row.required_as("anno_scolastico", |()| Text::new("import-school-year"))?)
}

fn class(import: &mut Import<'_>, row: &CsvRow) -> Result<Outcome, Fault> {
    let (school, year, name) = (school_of(import, row)?, year_of(row)?, row.text("classe")?);
    if municipality::find_class(import.tx, school, year, name)?.is_some() {
        return Ok(Outcome::Unchanged);
    }
    municipality::add_class(import.tx, school, year, name)?;
    Ok(Outcome::Added)
}
