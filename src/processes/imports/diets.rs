//! Which child eats which diet, and the days on which nothing runs.

use super::enrolments::{known_person, known_service};
use super::schools::school_of;
use super::{Fault, Import, Outcome, Plan};
use crate::base::{Actor, CsvRow, Text};
use crate::calendar::{self, NewClosure};
use crate::diets::{self, NewChildDiet};

/// A code of the comune's catalogue of diets; it is sealed. Empty: the ordinary menu again.
pub(super) const DIETS: Plan = Plan {
    required: &["codice_fiscale", "dieta", "dal"],
    optional: &["al"],
    row: diet,
};

/// Days without service.
pub(super) const CLOSURES: Plan = Plan {
    required: &["data", "motivo"],
    optional: &["servizio", "plesso"],
    row: closure,
};

fn diet(import: &mut Import<'_>, row: &CsvRow) -> Result<Outcome, Fault> {
    let child = known_person(import, row, "codice_fiscale")?;
    let (from, to) = (row.date("dal")?, row.optional_date("al")?);
    let code = row.optional("dieta");
    if let Some(code) = code
        && diets::diet(import.tx, code)?.is_none()
    {
        let text = Text::new("import-no-diet").with("code", code);
        return Err(row.error("dieta", text).into());
    }
    let known = diets::periods_of_child(import.tx, import.key, child)?;
    if known
        .iter()
        .any(|p| p.from == from && p.to == to && p.code.as_deref() == code)
    {
        return Ok(Outcome::Unchanged);
    }
    let new = NewChildDiet {
        child,
        code,
        from,
        to,
    };
    diets::record_child_diet(
        import.tx,
        import.key,
        &Actor::System("import"),
        &new,
        import.now,
    )?;
    Ok(Outcome::Added)
}

fn closure(import: &mut Import<'_>, row: &CsvRow) -> Result<Outcome, Fault> {
    let service = match row.optional("servizio") {
        Some(_) => Some(known_service(import, row)?.id),
        None => None,
    };
    let school = match row.optional("plesso") {
        Some(_) => Some(school_of(import, row)?),
        None => None,
    };
    let new = NewClosure {
        service,
        school,
        day: row.date("data")?,
        reason: row.text("motivo")?,
    };
    if calendar::is_recorded(import.tx, &new)? {
        return Ok(Outcome::Unchanged);
    }
    calendar::add_closure(import.tx, &Actor::System("import"), &new, import.now)?;
    Ok(Outcome::Added)
}
