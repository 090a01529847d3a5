//! "Tariffe": what each service costs, the drafts, their two editors, publishing and trying out.

mod draft;
mod form_page;
mod publish;
mod show;
mod telling;
mod what_if;
mod wording;

use serde_json::{Value, json};

use crate::base::Result;
use crate::municipality::{self, Service};
use crate::tariffs::{self, Draft, Rule, RuleFault};
use crate::web::cx::Cx;
use crate::web::route::Route;

const HERE: &str = "/ufficio/tariffe";

pub(super) fn routes() -> Vec<Route> {
    [
        show::routes(),
        draft::routes(),
        form_page::routes(),
        publish::routes(),
        what_if::routes(),
    ]
    .concat()
}

/// The draft of the address and its service.
fn asked_draft(cx: &Cx) -> Result<(Draft, Service)> {
    let id = cx.id("draft")?;
    cx.read(|db| {
        let draft = tariffs::draft(db, &id)?;
        let service = municipality::service(db, draft.service)?;
        Ok((draft, service))
    })
}

/// What a draft is called on pages.
fn title_of(draft: &Draft) -> String {
    match draft.name() {
        name if name.is_empty() => "Bozza senza nome".to_owned(),
        name => name,
    }
}

/// What the pages of a draft share: where its parts are, and what it is worth as it is.
fn draft_frame(cx: &Cx, draft: &Draft, service: &Service, part: &str) -> Value {
    let base = format!("{HERE}/bozze/{}", draft.public_id);
    let parts = [
        ("", "Come si legge"),
        ("/modulo", "Modulo"),
        ("/testo", "Testo"),
        ("/confronto", "Che cosa cambia"),
        ("/pubblica", "Pubblica"),
    ];
    let tabs = parts.map(|(end, label)| {
        json!({ "href": format!("{base}{end}"), "label": label, "current": end == part })
    });
    json!({
        "href": base,
        "tabs": tabs,
        "name": title_of(draft),
        "service": service.name,
        "revision": draft.revision,
        "updated_at": draft.updated_at,
        "check": checked(cx, &draft.source),
    })
}

/// What is wrong with a file, and how its examples come out.
fn checked(cx: &Cx, source: &str) -> Value {
    match tariffs::parse(source) {
        Ok(rule) => {
            let cases = cases(cx, &rule);
            let failing = cases.iter().filter(|case| case["holds"] == false).count();
            // A file without a fault that has no example yet.
            let none = match cases.is_empty() {
                true => tariffs::ready(source).err().unwrap_or_default(),
                false => Vec::new(),
            };
            let ready = failing == 0 && none.is_empty();
            json!({ "faults": told_faults(cx, &none), "cases": cases, "failing": failing, "ready": ready })
        }
        Err(faults) => {
            json!({ "faults": told_faults(cx, &faults), "cases": [], "failing": 0, "ready": false })
        }
    }
}

fn told_faults(cx: &Cx, faults: &[RuleFault]) -> Vec<Value> {
    let told = faults.iter().map(|fault| {
        json!({
            "line": fault.line,
            "place": place_word(&fault.place),
            "message": cx.say_text(&fault.text),
        })
    });
    told.collect()
}

/// Where a fault is, in the words of the pages.
fn place_word(place: &str) -> String {
    let words = [
        ("component", "voce"),
        ("modifier", "variazione"),
        ("case", "esempio"),
        ("band", "fascia"),
        ("instalment", "rata"),
        ("aid", "contributo"),
        ("fact", "dato"),
    ];
    let parts = place.split(", ").map(|part| {
        let found = words.iter().find_map(|(english, italian)| {
            let rest = part.strip_prefix(english)?;
            (rest.is_empty() || rest.starts_with(' ')).then(|| format!("{italian}{rest}"))
        });
        found.unwrap_or_else(|| part.to_owned())
    });
    parts.collect::<Vec<_>>().join(", ")
}

/// Every example: what it should cost, what it does, and why where the two differ.
fn cases(cx: &Cx, rule: &Rule) -> Vec<Value> {
    let trials = tariffs::try_cases(rule);
    let told = trials.iter().map(|trial| {
        let holds = trial.holds();
        let (reason, steps) = match &trial.outcome {
            Ok(_) if holds => (None, Vec::new()),
            Ok(told) => {
                let day = trial.case.facts.day;
                let steps = tariffs::sentences(told, day)
                    .iter()
                    .map(|text| cx.say_text(text))
                    .collect();
                (None, steps)
            }
            Err(unpriced) => (Some(cx.say_text(&unpriced.text())), Vec::new()),
        };
        let values = trial.case.facts.values.iter();
        let mut facts: Vec<String> = values
            .map(|(code, value)| {
                format!(
                    "{}: {}",
                    wording::fact_word(cx, Some(rule), code),
                    wording::value_word(value)
                )
            })
            .collect();
        if let Some(isee) = &trial.case.facts.isee {
            facts.insert(0, format!("ISEE {}", isee.value));
        }
        json!({
            "what": trial.case.what,
            "facts": facts.join(", "),
            "expected": trial.case.expect,
            "amount": trial.amount(),
            "difference": trial.amount().map(|amount| amount - trial.case.expect),
            "holds": holds,
            "reason": reason,
            "steps": steps,
        })
    });
    told.collect()
}
