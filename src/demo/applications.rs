//! The applications of the demo: parents of children who do not eat at school yet apply for it; the
//! office has decided on the older ones.

use jiff::ToSpan;
use jiff::civil::Time;
use rusqlite::Transaction;

use super::families::{Child, Family};
use super::schools::Classes;
use crate::applications::{
    self, Acceptance, Accepted, ApplicantChoice, PrivacyNotice, Step, TextAcceptance,
};
use crate::base::{Actor, Instant, PublicId, Result, StaffActor, today};
use crate::calls::{self, CallState};
use crate::store::SealingKey;
use crate::{enrolments, municipality, notifications, people};

/// So many are sent.
const MOST: usize = 28;

/// Applies for the meals of children who are not enrolled.
pub(super) fn send(
    tx: &Transaction<'_>,
    key: &SealingKey,
    families: &[Family],
    classes: &Classes,
    clerk: &StaffActor,
    now: Instant,
) -> Result<()> {
    let open = calls::calls(tx, now)?;
    let meals =
        |call: &&calls::Call| call.service_kind == "meals" && call.state(now) == CallState::Open;
    let Some(call) = open.iter().find(meals) else {
        return Ok(());
    };
    let pairs = families
        .iter()
        .enumerate()
        .flat_map(|(i, f)| f.children.iter().map(move |c| (i, f, c)));
    let mut sent = 0;
    for (choice, family, child) in pairs {
        let grown = !classes.is_nido(child.born);
        let Some(class) = classes.of(child.born, choice).filter(|_| grown) else {
            continue;
        };
        if sent == MOST || !enrolments::of_child(tx, child.id)?.is_empty() {
            continue;
        }
        // Sent over the last weeks, not in the order of the families.
        let ago = 1 + i64::try_from(sent * 5 % 26).unwrap_or(0);
        let day = today(now).saturating_sub(ago.days());
        let at = Instant::from_rome(day.to_datetime(Time::constant(21, 40, 0, 0)));
        let class = municipality::class(tx, class)?.public_id;
        let Some(id) = apply(tx, key, family, child, &call.public_id, &class, at)? else {
            continue;
        };
        sent += 1;
        notifications::tell_due(tx, at)?;
        if ago > 9 {
            let decided = at.plus_millis(36 * 3_600_000);
            decide(tx, key, clerk, &id, sent, &class, decided)?;
        }
    }
    Ok(())
}

/// The six steps of one parent; `None` for who is not in the residents' register.
fn apply(
    tx: &Transaction<'_>,
    key: &SealingKey,
    family: &Family,
    child: &Child,
    call: &PublicId,
    class: &PublicId,
    at: Instant,
) -> Result<Option<PublicId>> {
    let parent = Actor::Citizen(family.payer);
    let household = people::children_in_household(tx, &parent, today(at))?;
    let Some(member) = household.iter().find(|member| member.person.id == child.id) else {
        return Ok(None);
    };
    let id = applications::start(tx, &parent, call, PrivacyNotice::Read, at)?;
    let mut draft = applications::draft(tx, key, &parent, &id)?;
    let choice = ApplicantChoice {
        title: "parent".to_owned(),
        child: member.person.public_id.to_string(),
    };
    draft.choose(tx, &parent, choice, at)?;
    draft.content.service.class = class.to_string();
    draft.content.service.isee_consent = true;
    let accept = |text| Some(TextAcceptance { text, at });
    draft.content.accepted = Accepted {
        privacy: accept(draft.call.privacy),
        conditions: accept(draft.call.conditions),
    };
    applications::save(tx, key, &parent, &draft, Step::Sending, at)?;
    let revision = applications::draft(tx, key, &parent, &id)?.revision;
    applications::submit(tx, key, &parent, &id, revision, at).map(Some)
}

/// Every fifth is refused with a reason, the others are accepted.
fn decide(
    tx: &Transaction<'_>,
    key: &SealingKey,
    clerk: &StaffActor,
    id: &PublicId,
    nth: usize,
    class: &PublicId,
    at: Instant,
) -> Result<()> {
    let clerk = Actor::Staff(clerk.clone());
    if nth.is_multiple_of(5) {
        let reason = "Il bambino risulta già iscritto alla mensa di un altro Comune: prima va chiusa quella iscrizione.";
        return applications::refuse(tx, &clerk, id, reason, at);
    }
    let acceptance = Acceptance {
        class: class.clone(),
        from: today(at).saturating_add(5.days()),
        confirm_diet: false,
        note: String::new(),
    };
    applications::accept(tx, key, &clerk, id, &acceptance, at)?;
    Ok(())
}
