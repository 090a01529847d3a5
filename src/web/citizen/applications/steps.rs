//! Steps 1 to 4: what is typed is kept on every way out, faults included.

use serde_json::{Value, json};

use super::{Found, address, already_sent, find, save, show_step, too_far};
use crate::applications::{
    self, ApplicantChoice, Draft, OTHER_CHILD, Step, TextAcceptance, TypedChild, TypedService,
};
use crate::base::Permission::Citizen;
use crate::base::{
    Error, Instant, LegalTextId, PublicId, Refusal, Result, Text, parse_date, time_it,
};
use crate::calls;
use crate::diets;
use crate::people::{self, HouseholdMember};
use crate::web::cx::Cx;
use crate::web::form::Form;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

/// What the choice "no special diet" is called in the form.
const NO_DIET: &str = "-";

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/area/domande/bozza/:id", Citizen, reopen),
        get(
            "/area/domande/bozza/:id/richiedente",
            Citizen,
            show_applicant,
        ),
        post(
            "/area/domande/bozza/:id/richiedente",
            Citizen,
            save_applicant,
        ),
        get("/area/domande/bozza/:id/alunno", Citizen, show_child),
        post("/area/domande/bozza/:id/alunno", Citizen, save_child),
        get("/area/domande/bozza/:id/dati", Citizen, show_service),
        post("/area/domande/bozza/:id/dati", Citizen, save_service),
        get(
            "/area/domande/bozza/:id/dichiarazioni",
            Citizen,
            show_declarations,
        ),
        post(
            "/area/domande/bozza/:id/dichiarazioni",
            Citizen,
            save_declarations,
        ),
    ]
}

/// A draft reopens where it was left.
fn reopen(cx: &mut Cx) -> Result<Reply> {
    match find(cx)? {
        Found::Draft(draft) => cx.redirect(address(&draft.public_id, draft.last_step)),
        Found::Sent(sent) => already_sent(cx, &sent),
    }
}

fn show(cx: &Cx, step: Step) -> Result<Reply> {
    match find(cx)? {
        Found::Sent(sent) => already_sent(cx, &sent),
        Found::Draft(draft) => match too_far(cx, &draft, step) {
            Some(back) => back,
            None => page(cx, &draft, step, None),
        },
    }
}

fn show_applicant(cx: &mut Cx) -> Result<Reply> {
    show(cx, Step::Applicant)
}

fn show_child(cx: &mut Cx) -> Result<Reply> {
    show(cx, Step::Child)
}

fn show_service(cx: &mut Cx) -> Result<Reply> {
    show(cx, Step::Service)
}

fn show_declarations(cx: &mut Cx) -> Result<Reply> {
    show(cx, Step::Declarations)
}

fn save_applicant(cx: &mut Cx) -> Result<Reply> {
    store(cx, Step::Applicant)
}

fn save_child(cx: &mut Cx) -> Result<Reply> {
    store(cx, Step::Child)
}

fn save_service(cx: &mut Cx) -> Result<Reply> {
    store(cx, Step::Service)
}

fn save_declarations(cx: &mut Cx) -> Result<Reply> {
    store(cx, Step::Declarations)
}

/// Takes over what was typed and saves it: with "Salva bozza" as it is, with "Salva e continua"
/// also, and then goes on only when nothing is missing.
fn store(cx: &Cx, step: Step) -> Result<Reply> {
    let mut draft = match find(cx)? {
        Found::Draft(draft) => draft,
        Found::Sent(sent) => return already_sent(cx, &sent),
    };
    if let Some(back) = too_far(cx, &draft, step) {
        return back;
    }
    let newest = draft.revision;
    draft.revision = cx.form.text("revision").parse().unwrap_or(0);
    take_over(cx, &mut draft, step)?;
    let goes_on = !cx.form.has("save_draft");
    let faults = cx.read(|db| applications::faults(db, &cx.actor, &draft, step, cx.now))?;
    let reached = if goes_on && faults.is_empty() {
        step.next()
    } else {
        step
    };
    match save(cx, &draft, reached) {
        Ok(()) => draft.revision += 1,
        // Somebody else saved: what was typed here is shown, and saving again is a decision.
        Err(error @ Error::Refused(Refusal { conflict: true, .. })) => {
            draft.revision = newest;
            return page(cx, &draft, step, Some(error));
        }
        Err(error) => return Err(error),
    }
    if !goes_on {
        let text = Text::new("app-draft-saved").with("time", time_it(cx.now));
        return cx.redirect_saying(address(&draft.public_id, step), &text);
    }
    if faults.is_empty() {
        cx.redirect(address(&draft.public_id, reached))
    } else {
        page(cx, &draft, step, Some(Error::Invalid(faults)))
    }
}

fn take_over(cx: &Cx, draft: &mut Draft, step: Step) -> Result<()> {
    let form = &cx.form;
    let text = |name| form.text(name).to_owned();
    match step {
        Step::Applicant => {
            let choice = ApplicantChoice {
                title: text("title"),
                child: text("child"),
            };
            cx.read(|db| draft.choose(db, &cx.actor, choice, cx.now))?;
        }
        Step::Child if draft.content.applicant.register_child().is_some() => {}
        Step::Child => {
            draft.content.child = TypedChild {
                surname: text("surname"),
                name: text("name"),
                sex: text("sex"),
                birth_date: typed_date(form, "birth_date"),
                birth_place: text("birth_place"),
                fiscal_code: text("fiscal_code"),
                address: text("address"),
                postal_code: text("postal_code"),
                town: text("town"),
            };
        }
        Step::Service => {
            draft.content.service = TypedService {
                class: text("class"),
                isee_consent: form.has("isee_consent"),
                isee_value: text("isee_value"),
                discounts: text("discounts"),
            };
            let diet = form.text("diet");
            let asked = draft.call.serves_food() && diet != NO_DIET;
            draft.special.diet_code = if asked { diet } else { "" }.to_owned();
        }
        Step::Declarations => {
            let (privacy, conditions) = (draft.call.privacy, draft.call.conditions);
            let accepted = &mut draft.content.accepted;
            // Confirmed before step 1, it is not asked for again.
            let read = form.has("privacy") || accepted.privacy.is_some_and(|a| a.text == privacy);
            accepted.privacy = accepted_as(read, accepted.privacy, privacy, cx.now);
            let before = accepted.conditions;
            accepted.conditions = accepted_as(form.has("conditions"), before, conditions, cx.now);
        }
        Step::Documents | Step::Sending => {}
    }
    Ok(())
}

/// Accepting the same version again keeps the time of the first.
fn accepted_as(
    ticked: bool,
    before: Option<TextAcceptance>,
    text: LegalTextId,
    now: Instant,
) -> Option<TextAcceptance> {
    let same = before.filter(|before| before.text == text);
    ticked.then(|| same.unwrap_or(TextAcceptance { text, at: now }))
}

/// A date out of three fields: `2019-05-04` when it is one, else as it was typed.
fn typed_date(form: &Form, name: &str) -> String {
    let part = |suffix| form.text(&format!("{name}_{suffix}")).to_owned();
    let (day, month, year) = (part("d"), part("m"), part("y"));
    if day.is_empty() && month.is_empty() && year.is_empty() {
        return String::new();
    }
    let typed = format!("{day}/{month}/{year}");
    parse_date(&typed).map_or(typed, |date| date.to_string())
}

/// The three fields of a date as it was typed.
fn date_parts(typed: &str) -> Value {
    match parse_date(typed) {
        Some(date) => json!({ "d": date.day(), "m": date.month(), "y": date.year() }),
        None => {
            let mut parts = typed.splitn(3, '/').map(str::to_owned);
            let mut next = || parts.next().unwrap_or_default();
            json!({ "d": next(), "m": next(), "y": next() })
        }
    }
}

fn page(cx: &Cx, draft: &Draft, step: Step, error: Option<Error>) -> Result<Reply> {
    let (template, own) = match step {
        Step::Applicant => (
            "citizen/applications/step1.html",
            applicant_data(cx, draft)?,
        ),
        Step::Child => ("citizen/applications/step2.html", child_data(draft)),
        Step::Service => ("citizen/applications/step3.html", service_data(cx, draft)?),
        _ => (
            "citizen/applications/step4.html",
            declarations_data(cx, draft)?,
        ),
    };
    show_step(cx, draft, step, template, own, error)
}

fn applicant_data(cx: &Cx, draft: &Draft) -> Result<Value> {
    let person = cx.person()?;
    let (me, household) = cx.read(|db| {
        Ok((
            people::person(db, person)?,
            applications::household(db, &cx.actor, cx.now)?,
        ))
    })?;
    let choice = &draft.content.applicant;
    let titles: Vec<_> = [
        ("parent", "app-title-parent"),
        ("guardian", "app-title-guardian"),
        ("foster", "app-title-foster"),
    ]
    .map(|(value, key)| json!({ "value": value, "label": cx.say(key) }))
    .to_vec();
    let mut children: Vec<_> = household.iter().map(|m| child_option(cx, m)).collect();
    if !children.is_empty() {
        children.push(json!({ "value": OTHER_CHILD, "label": cx.say("app-child-other") }));
    }
    Ok(json!({
        "me": me,
        "missing": !me.missing().is_empty(),
        "titles": titles,
        "title": choice.title,
        "children": children,
        "child": choice.child,
    }))
}

fn child_option(cx: &Cx, member: &HouseholdMember) -> Value {
    let child = &member.person;
    let born = child.birth_date.map_or_else(String::new, |date| {
        cx.say_text(&Text::new("app-child-born").with("date", date))
    });
    json!({ "value": child.public_id, "label": child.full_name(), "help": born })
}

fn child_data(draft: &Draft) -> Value {
    json!({
        "child": draft.content.child,
        "birth": date_parts(&draft.content.child.birth_date),
        "birth_date": parse_date(&draft.content.child.birth_date),
        "from_register": draft.content.applicant.register_child().is_some(),
    })
}

fn service_data(cx: &Cx, draft: &Draft) -> Result<Value> {
    let (classes, diets) = cx.read(|db| {
        Ok((
            applications::classes_for(db, &draft.call)?,
            diets::diets(db)?,
        ))
    })?;
    let mut schools: Vec<(String, Vec<(PublicId, String)>)> = Vec::new();
    for class in classes {
        let entry = (class.public_id, class.name);
        match schools.last_mut() {
            Some((school, list)) if *school == class.school => list.push(entry),
            _ => schools.push((class.school, vec![entry])),
        }
    }
    let mut options = vec![json!({ "value": NO_DIET, "label": cx.say("app-diet-none") })];
    options.extend(diets.iter().map(
        |diet| json!({ "value": diet.code, "label": format!("{} ({})", diet.name, diet.code) }),
    ));
    let chosen = draft.special.diet_code.as_str();
    Ok(json!({
        "service": draft.content.service,
        "schools": schools,
        "year": draft.call.school_year().to_string(),
        "serves_food": draft.call.serves_food(),
        "diets": options,
        "diet": if chosen.is_empty() { NO_DIET } else { chosen },
    }))
}

fn declarations_data(cx: &Cx, draft: &Draft) -> Result<Value> {
    let (privacy, conditions) = cx.read(|db| {
        Ok((
            calls::legal_text(db, draft.call.privacy)?,
            calls::legal_text(db, draft.call.conditions)?,
        ))
    })?;
    let accepted = &draft.content.accepted;
    let read_at = accepted.privacy.filter(|a| a.text == privacy.id);
    let conditions_ticked = accepted.conditions.is_some_and(|a| a.text == conditions.id);
    Ok(json!({
        "privacy_read_at": read_at.map(|a| a.at),
        "conditions_ticked": conditions_ticked,
        "privacy": privacy,
        "conditions": conditions,
    }))
}
