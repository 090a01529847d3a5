//! What each step must hold before an application can be sent.

use rusqlite::Connection;

use super::content::{Content, OTHER_CHILD, Step, TypedChild};
use super::drafts::Draft;
use crate::base::{
    Actor, Cents, Date, FieldError, Instant, MoneyError, Result, Text, parse_date, today,
};
use crate::calls::Call;
use crate::diets;
use crate::municipality::{self, SchoolClassRow};
use crate::people::{self, FiscalCode, GuardianshipTitle, HouseholdMember, Mismatch, Sex};

/// So many files can be attached.
pub const MOST_ATTACHMENTS: usize = 10;

/// The children of the applicant's household: what step 1 offers to a resident.
///
/// # Errors
/// The database's own failure.
pub fn household(db: &Connection, actor: &Actor, now: Instant) -> Result<Vec<HouseholdMember>> {
    people::children_in_household(db, actor, today(now))
}

/// The classes that a call is for: of its year, and of the grades that its service is for. The nido
/// feeds its own children, and no bus drives there: both are for schools only.
///
/// # Errors
/// The database's own failure.
pub fn classes_for(db: &Connection, call: &Call) -> Result<Vec<SchoolClassRow>> {
    let mut classes = municipality::classes_of_year(db, call.school_year())?;
    classes.retain(|class| match call.service_kind.as_str() {
        "nido" => class.grade == "nido",
        "meals" | "transport" => class.grade != "nido",
        _ => true,
    });
    classes.sort_by_key(|class| match class.grade.as_str() {
        "nido" => 0,
        "infanzia" => 1,
        "primaria" => 2,
        _ => 3,
    });
    Ok(classes)
}

/// What a step still lacks, field by field; nothing when it is complete.
///
/// # Errors
/// The database's own failure.
pub fn faults(
    db: &Connection,
    actor: &Actor,
    draft: &Draft,
    step: Step,
    now: Instant,
) -> Result<Vec<FieldError>> {
    let mut faults = Faults(Vec::new());
    match step {
        Step::Applicant => applicant(db, actor, draft, now, &mut faults)?,
        Step::Child => child(db, actor, &draft.content, now, &mut faults)?,
        Step::Service => service(db, draft, &mut faults)?,
        Step::Declarations => declarations(draft, &mut faults),
        Step::Documents => {
            if draft.call.documents_required && draft.attachments.is_empty() {
                faults.note("file", Text::new("error-document-required"));
            }
        }
        Step::Sending => {}
    }
    Ok(faults.0)
}

struct Faults(Vec<FieldError>);

impl Faults {
    fn note(&mut self, field: &str, text: Text) {
        self.0.push(FieldError::new(field, text));
    }

    fn required(&mut self, field: &str, value: &str, max: usize) {
        if value.trim().is_empty() {
            self.note(field, Text::new("error-required"));
        } else if value.chars().count() > max {
            self.note(field, Text::new("error-too-long").with("max", max));
        }
    }
}

fn applicant(
    db: &Connection,
    actor: &Actor,
    draft: &Draft,
    now: Instant,
    faults: &mut Faults,
) -> Result<()> {
    let choice = &draft.content.applicant;
    let household = household(db, actor, now)?;
    let known = match choice.register_child() {
        Some(id) => household.iter().any(|m| m.person.public_id == id),
        // Who has no children in the register has nothing to choose: they type.
        None => choice.child == OTHER_CHILD || household.is_empty(),
    };
    if !known {
        faults.note("child", Text::new("error-child-missing"));
    }
    if GuardianshipTitle::parse(&choice.title).is_none() {
        faults.note("title", Text::new("error-title-missing"));
    }
    Ok(())
}

fn child(
    db: &Connection,
    actor: &Actor,
    content: &Content,
    now: Instant,
    faults: &mut Faults,
) -> Result<()> {
    if content.applicant.register_child().is_some() {
        return Ok(());
    }
    let child = &content.child;
    faults.required("surname", &child.surname, 80);
    faults.required("name", &child.name, 80);
    if Sex::parse(&child.sex).is_none() {
        faults.note("sex", Text::new("error-choose"));
    }
    match parse_date(&child.birth_date) {
        Some(born) if born > today(now) => {
            faults.note("birth_date", Text::new("error-date-in-future"));
        }
        Some(_) => {}
        None if child.birth_date.is_empty() => {
            faults.note("birth_date", Text::new("error-required"));
        }
        None => faults.note("birth_date", Text::new("error-not-a-date")),
    }
    faults.required("birth_place", &child.birth_place, 80);
    match FiscalCode::parse(&child.fiscal_code) {
        Ok(code) => {
            let applicant = actor
                .person()
                .map(|id| people::person(db, id))
                .transpose()?;
            if applicant.is_some_and(|applicant| applicant.fiscal_code == code) {
                faults.note("fiscal_code", Text::new("error-child-is-applicant"));
            }
        }
        Err(error) => faults.note("fiscal_code", error.text()),
    }
    faults.required("address", &child.address, 120);
    let postal_code = child.postal_code.trim();
    if postal_code.len() != 5 || !postal_code.bytes().all(|b| b.is_ascii_digit()) {
        faults.note("postal_code", Text::new("error-postal-code"));
    }
    faults.required("town", &child.town, 80);
    Ok(())
}

/// Where the child's fiscal code and the typed data differ: shown, and never a reason to refuse.
pub fn doubts(child: &TypedChild) -> Vec<Mismatch> {
    let Ok(code) = FiscalCode::parse(&child.fiscal_code) else {
        return Vec::new();
    };
    code.mismatches(
        &child.surname,
        &child.name,
        birth_of(child),
        Sex::parse(&child.sex),
        None,
    )
}

pub(super) fn birth_of(child: &TypedChild) -> Option<Date> {
    parse_date(&child.birth_date)
}

fn service(db: &Connection, draft: &Draft, faults: &mut Faults) -> Result<()> {
    let typed = &draft.content.service;
    let offered = classes_for(db, &draft.call)?;
    if !offered
        .iter()
        .any(|class| class.public_id.as_str() == typed.class)
    {
        faults.note("class", Text::new("error-class-missing"));
    }
    let diet = draft.special.diet_code.as_str();
    let offered = draft.call.serves_food() && diets::diet(db, diet)?.is_some();
    if !diet.is_empty() && !offered {
        faults.note("diet", Text::new("error-diet-unknown"));
    }
    match isee_value(&typed.isee_value) {
        Ok(Some(value)) if value < Cents::ZERO => {
            faults.note("isee_value", Text::new("error-isee-negative"));
        }
        Ok(_) => {}
        Err(_) => faults.note("isee_value", Text::new("error-not-an-amount")),
    }
    if typed.discounts.chars().count() > 1000 {
        faults.note("discounts", Text::new("error-too-long").with("max", 1000));
    }
    Ok(())
}

pub(super) fn isee_value(typed: &str) -> Result<Option<Cents>, MoneyError> {
    match Cents::parse_it(typed) {
        Ok(value) => Ok(Some(value)),
        Err(MoneyError::Empty) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Accepted is what the call asks for, in the very version that it asks for.
fn declarations(draft: &Draft, faults: &mut Faults) {
    let accepted = &draft.content.accepted;
    if accepted.privacy.map(|a| a.text) != Some(draft.call.privacy) {
        faults.note("privacy", Text::new("error-privacy-missing"));
    }
    if accepted.conditions.map(|a| a.text) != Some(draft.call.conditions) {
        faults.note("conditions", Text::new("error-conditions-missing"));
    }
}
