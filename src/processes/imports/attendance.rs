//! Who was present on which day. Rows in any order become the registers of their classes: a class
//! and day that the file does not name keeps what it has.

use std::collections::BTreeMap;

use super::enrolments::{known_person, known_service};
use super::{Fault, Import, Outcome, Plan};
use crate::attendance::{self, Sent};
use crate::base::{Actor, ClassId, CsvRow, Date, Instant, PublicId, Result, ServiceId, Text};
use crate::calendar::Calendar;
use crate::{charging, enrolments, municipality};

pub(super) const PLAN: Plan = Plan {
    required: &["data", "servizio", "codice_fiscale", "presente"],
    optional: &[],
    row,
};

/// The marks of the registers that a file brings.
pub(super) type Registers = BTreeMap<(Date, ServiceId, ClassId), BTreeMap<PublicId, bool>>;

/// A row is only collected; [`save`] writes the registers when the file is read.
fn row(import: &mut Import<'_>, row: &CsvRow) -> Result<Outcome, Fault> {
    let (day, service) = (row.date("data")?, known_service(import, row)?);
    let child = known_person(import, row, "codice_fiscale")?;
    let present = match row.text("presente")?.to_lowercase().as_str() {
        "si" | "sì" | "1" => true,
        "no" | "0" => false,
        _ => return Err(row.error("presente", Text::new("import-yes-no")).into()),
    };
    let enrolment = enrolments::of_child(import.tx, child)?
        .into_iter()
        .find(|e| e.service_id == service.id && e.holds_on(day))
        .ok_or_else(|| row.error("codice_fiscale", Text::new("import-not-enrolled")))?;
    let calendar = Calendar::load(import.tx, &service, day, day)?;
    if !calendar.runs(enrolment.school_id, day).is_yes() {
        return Err(row.error("data", Text::new("import-no-service-day")).into());
    }
    let register = import
        .registers
        .entry((day, service.id, enrolment.class_id))
        .or_default();
    register.insert(enrolment.public_id, present);
    let known = attendance::mark_of(import.tx, enrolment.id, day)?;
    Ok(match known {
        None => Outcome::Added,
        Some(mark) if mark == present => Outcome::Unchanged,
        Some(mark) => {
            let words = |present| if present { "si" } else { "no" };
            Outcome::Changed(format!("presente: {} → {}", words(mark), words(present)))
        }
    })
}

/// Writes the collected registers, as far as they say something new.
pub(super) fn save(import: &Import<'_>) -> Result<()> {
    let actor = Actor::System("import");
    for ((day, service, class), marks) in &import.registers {
        let service = municipality::service(import.tx, *service)?;
        let class = municipality::class(import.tx, *class)?;
        let current = attendance::register(import.tx, &actor, &class, &service, *day)?;
        let wanted = |row: &attendance::RegisterRow| {
            marks.get(&row.enrolment).copied().unwrap_or(row.present)
        };
        let same =
            current.saved_at.is_some() && current.rows.iter().all(|row| wanted(row) == row.present);
        if same {
            continue;
        }
        let present: Vec<PublicId> = current
            .rows
            .iter()
            .filter(|row| wanted(row))
            .map(|row| row.enrolment.clone())
            .collect();
        let locked = charging::is_locked(import.tx, &service, *day)?;
        // The register counts as saved when the day was over, not when the file came.
        let evening = Instant::from_rome(day.at(18, 0, 0, 0)).min(import.now);
        attendance::save_register(
            import.tx,
            &actor,
            (&class, &service, *day),
            &Sent {
                present: &present,
                drawn_from: None,
                locked,
            },
            evening,
        )?;
    }
    Ok(())
}
