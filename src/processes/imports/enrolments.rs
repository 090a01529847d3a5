//! Enrolments: who uses which service, from when, and who pays.

use super::schools::{school_of, year_of};
use super::{Fault, Import, Outcome, Plan};
use crate::base::{Actor, CsvRow, Date, PersonId, Text};
use crate::diets::{self, NewChildDiet};
use crate::enrolments;
use crate::municipality::{self, Service};
use crate::people::{self, FiscalCode, FiscalCodeError};

pub(super) const PLAN: Plan = Plan {
    required: &[
        "servizio",
        "codice_fiscale",
        "intestatario",
        "plesso",
        "anno_scolastico",
        "classe",
        "dal",
    ],
    optional: &["al", "dieta"],
    row: enrolment,
};

/// Somebody whom an earlier import brought.
pub(super) fn known_person(
    import: &Import<'_>,
    row: &CsvRow,
    column: &'static str,
) -> Result<PersonId, Fault> {
    let code: FiscalCode = row.required_as(column, FiscalCodeError::text)?;
    people::find_by_fiscal_code(import.tx, &code)?
        .ok_or_else(|| row.error(column, Text::new("import-no-person")).into())
}

/// The service that the column `servizio` names by its code.
pub(super) fn known_service(import: &Import<'_>, row: &CsvRow) -> Result<Service, Fault> {
    let code = row.text("servizio")?;
    municipality::service_by_code(import.tx, code)?.ok_or_else(|| {
        row.error(
            "servizio",
            Text::new("import-no-service").with("code", code),
        )
        .into()
    })
}

fn enrolment(import: &mut Import<'_>, row: &CsvRow) -> Result<Outcome, Fault> {
    let service = known_service(import, row)?;
    let child = known_person(import, row, "codice_fiscale")?;
    let payer = known_person(import, row, "intestatario")?;
    let (school, year, name) = (school_of(import, row)?, year_of(row)?, row.text("classe")?);
    let class = municipality::find_class(import.tx, school, year, name)?
        .ok_or_else(|| row.error("classe", Text::new("import-no-class").with("name", name)))?;
    let (from, to) = (row.date("dal")?, row.optional_date("al")?);
    let same = |e: &enrolments::Enrolment| {
        e.service_id == service.id && e.class_id == class && e.payer_id == payer && e.from == from
    };
    if let Some(known) = enrolments::of_child(import.tx, child)?
        .iter()
        .find(|e| same(e))
    {
        if known.to == to || to.is_none() {
            return Ok(Outcome::Unchanged);
        }
        enrolments::set_end(import.tx, known.id, to)?;
        let day = |to: Option<Date>| to.map_or("-".to_owned(), |to| to.to_string());
        return Ok(Outcome::Changed(format!(
            "al: {} → {}",
            day(known.to),
            day(to)
        )));
    }
    let new = enrolments::NewEnrolment {
        child,
        payer,
        service: service.id,
        class,
        from,
        to,
        application: None,
    };
    enrolments::enrol(import.tx, &new, import.now)?;
    if let Some(code) = row.optional("dieta") {
        let diet = NewChildDiet {
            child,
            code: Some(code),
            from,
            to,
        };
        diets::record_child_diet(
            import.tx,
            import.key,
            &Actor::System("import"),
            &diet,
            import.now,
        )?;
    }
    Ok(Outcome::Added)
}
