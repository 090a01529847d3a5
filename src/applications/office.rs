//! The office's side: reading an application, and what becomes of it.

use rusqlite::{Connection, Transaction};
use serde_json::json;

use super::sent::{self, Application, State};
use crate::base::{
    Actor, Date, EnrolmentId, Error, Instant, PublicId, Result, Role, StaffId, Text, date_long_it,
    today,
};
use crate::diets::{self, Diet, NewChildDiet};
use crate::enrolments::{self, NewEnrolment};
use crate::messages;
use crate::municipality;
use crate::people::{self, NewGuardianship};
use crate::store::{self, AuditEvent, SealingKey};

pub(super) fn require_office(actor: &Actor) -> Result<StaffId> {
    match actor.staff() {
        Some(staff) if staff.has(Role::Office) => Ok(staff.id),
        _ => Err(Error::Forbidden),
    }
}

/// An application, for the office. Its health data are apart: see [`diet_asked`].
///
/// # Errors
/// `Forbidden` for who is not of the office; `NotFound`.
pub fn for_office(db: &Connection, actor: &Actor, id: &PublicId) -> Result<Application> {
    require_office(actor)?;
    sent::load(db, id)
}

/// The diet that was asked for, for staff who handle diets; the reading of one is logged.
///
/// # Errors
/// `Forbidden` for other staff.
pub fn diet_asked(
    tx: &Transaction<'_>,
    key: &SealingKey,
    actor: &Actor,
    application: &Application,
    now: Instant,
) -> Result<Option<Diet>> {
    diets::require_diets_role(actor)?;
    let asked = diets::diet(tx, &application.special(key)?.diet_code)?;
    if asked.is_none() {
        return Ok(None);
    }
    let event = AuditEvent {
        action: "read-diet-asked",
        subject: "application",
        subject_id: Some(application.id.0),
        payload: json!({}),
    };
    store::audit(tx, actor, now, &event)?;
    Ok(asked)
}

/// How an application is accepted.
pub struct Acceptance {
    /// The class: the one that was asked for, or another of the call's year.
    pub class: PublicId,
    /// The first day, in the call's school year.
    pub from: Date,
    /// The diet that was asked for is confirmed from that day: only by who handles diets.
    pub confirm_diet: bool,
    /// A word to the family; may be empty.
    pub note: String,
}

/// Accepts an application: the enrolment, the guardianship, the diet if it is confirmed, the
/// history, a message to the family.
///
/// # Errors
/// `Forbidden` for who is not of the office; a conflict when it is decided already; field errors
/// for class, day and diet; a refusal when the child is enrolled in that period already.
pub fn accept(
    tx: &Transaction<'_>,
    key: &SealingKey,
    actor: &Actor,
    id: &PublicId,
    decision: &Acceptance,
    now: Instant,
) -> Result<EnrolmentId> {
    let application = undecided(tx, actor, id)?;
    let class = municipality::class_by_public_id(tx, &decision.class)?;
    let year = application.call.school_year();
    let of_year = municipality::classes_of_year(tx, year)?;
    if !of_year.iter().any(|c| c.id == class.id) {
        return Err(Error::field("class", Text::new("error-class-other-year")));
    }
    if decision.from < year.starts_on() || decision.from > year.ends_on() {
        let text = Text::new("error-from-outside-year").with("year", year.to_string());
        return Err(Error::field("from", text));
    }
    let enrolment = NewEnrolment {
        child: application.child_id,
        payer: application.applicant_id,
        service: application.call.service_id,
        class: class.id,
        from: decision.from,
        to: None,
        application: Some(application.id),
    };
    let enrolment = enrolments::enrol(tx, &enrolment, now)?;
    let guardianship = NewGuardianship {
        adult: application.applicant_id,
        child: application.child_id,
        title: application.content.applicant.title,
        verified_by: "office",
        from: today(now),
    };
    people::grant_guardianship(tx, &guardianship, now)?;
    if decision.confirm_diet {
        confirm_diet(tx, key, actor, &application, decision.from, now)?;
    }
    let child = &application.content.child.name;
    let mut body = format!(
        "La domanda {} per {child} è stata accolta.\n\n{}: {}, classe {}, da {}.",
        application.number,
        application.call.service,
        class.school,
        class.name,
        date_long_it(decision.from),
    );
    let note = decision.note.trim();
    if !note.is_empty() {
        body = format!("{body}\n\n{note}");
    }
    let payload = json!({
        "number": application.number, "enrolment": enrolment, "class": class.public_id,
        "from": decision.from, "diet_confirmed": decision.confirm_diet, "note": note,
    });
    decide(
        tx,
        actor,
        &application,
        State::Accepted,
        note,
        &body,
        payload,
        now,
    )?;
    Ok(enrolment)
}

fn confirm_diet(
    tx: &Transaction<'_>,
    key: &SealingKey,
    actor: &Actor,
    application: &Application,
    from: Date,
    now: Instant,
) -> Result<()> {
    diets::require_diets_role(actor)
        .map_err(|_| Error::field("diet", Text::new("error-diet-not-yours")))?;
    let special = application.special(key)?;
    if special.diet_code.is_empty() {
        return Ok(());
    }
    let diet = NewChildDiet {
        child: application.child_id,
        code: Some(&special.diet_code),
        from,
        to: None,
    };
    diets::record_child_diet(tx, key, actor, &diet, now)
}

/// Refuses an application; the family reads the reason.
///
/// # Errors
/// `Forbidden` for who is not of the office; a conflict when it is decided already; a field error
/// without a reason.
pub fn refuse(
    tx: &Transaction<'_>,
    actor: &Actor,
    id: &PublicId,
    reason: &str,
    now: Instant,
) -> Result<()> {
    let application = undecided(tx, actor, id)?;
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Error::field("reason", Text::new("error-refusal-reason")));
    }
    if reason.chars().count() > 2000 {
        let text = Text::new("error-too-long").with("max", 2000);
        return Err(Error::field("reason", text));
    }
    let body = format!(
        "La domanda {} per {} non è stata accolta.\n\nMotivo: {reason}\n\nSe pensi che ci sia un errore, rispondi qui.",
        application.number, application.content.child.name,
    );
    let payload = json!({ "number": application.number, "reason": reason });
    decide(
        tx,
        actor,
        &application,
        State::Refused,
        reason,
        &body,
        payload,
        now,
    )
}

fn undecided(tx: &Transaction<'_>, actor: &Actor, id: &PublicId) -> Result<Application> {
    let application = for_office(tx, actor, id)?;
    match application.state {
        State::Submitted => Ok(application),
        State::Accepted | State::Refused => {
            Err(Error::conflict(Text::new("error-application-decided")))
        }
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "what one decision leaves behind, in one place"
)]
fn decide(
    tx: &Transaction<'_>,
    actor: &Actor,
    application: &Application,
    state: State,
    note: &str,
    message: &str,
    payload: serde_json::Value,
    now: Instant,
) -> Result<()> {
    let staff = require_office(actor)?;
    tx.prepare_cached(
        "insert into application_event (application_id, at, state, staff_id, note)
         values (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute((application.id, now, state, staff, note))?;
    let event = AuditEvent {
        action: match state {
            State::Refused => "refuse-application",
            _ => "accept-application",
        },
        subject: "application",
        subject_id: Some(application.id.0),
        payload,
    };
    store::audit(tx, actor, now, &event)?;
    let office = Actor::System("applications");
    messages::write_message(tx, &office, application.applicant_id, message, now)
}

/// The first day that the office is offered: today, or the first day of the call's school year
/// while that lies ahead.
pub fn suggested_first_day(application: &Application, now: Instant) -> Date {
    today(now).max(application.call.school_year().starts_on())
}
