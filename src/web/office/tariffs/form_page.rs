//! A draft as a form. "Aggiungi" and "Togli" are buttons that send the whole page and keep all that
//! was typed; saving writes it into the rule's text.

use serde_json::{Value, json};

use super::{HERE, asked_draft, draft_frame, title_of, wording};
use crate::base::Permission::Office;
use crate::base::{Error, Refusal, Result, Text};
use crate::municipality::Service;
use crate::tariffs::{self, Draft, FormFact, RuleForm, Unit};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

const TEMPLATE: &str = "office/tariffs/form.html";

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/ufficio/tariffe/bozze/:draft/modulo", Office, show),
        post("/ufficio/tariffe/bozze/:draft/modulo", Office, save),
        post("/ufficio/tariffe/bozze/:draft/annulla", Office, undo),
    ]
}

fn show(cx: &mut Cx) -> Result<Reply> {
    let (draft, service) = asked_draft(cx)?;
    let form = RuleForm::of(&draft.source);
    let data = data(cx, &draft, &service, form.as_ref(), true);
    cx.page(TEMPLATE, title_of(&draft), data)
}

fn save(cx: &mut Cx) -> Result<Reply> {
    let (draft, service) = asked_draft(cx)?;
    let text = RuleForm::of(&draft.source).unwrap_or_default();
    let typed =
        RuleForm::from_fields(&|name| cx.form.has(name).then(|| cx.form.text(name).to_owned()));
    let mut form = typed.with_only_text_of(&text);
    if let Some(button) = cx.form.some("do") {
        form.press(&button);
        let data = data(cx, &draft, &service, Some(&form), false);
        return cx.page(TEMPLATE, title_of(&draft), data);
    }
    let revision: i64 = cx.form.text("revision").parse().unwrap_or(0);
    // Places in the text mean the text that the page was made of.
    let written = if revision == draft.revision {
        form.write(&draft.source).map_err(Error::Invalid)
    } else {
        Err(Error::Refused(Refusal {
            text: Text::new("error-tariff-draft-changed"),
            conflict: true,
        }))
    };
    let (actor, now, id) = (cx.actor.clone(), cx.now, draft.public_id.clone());
    let saved = written.and_then(|source| {
        let left_out = form.rows_left_out(&source);
        cx.write(move |tx| tariffs::save_draft(tx, &actor, &id, revision, &source, now))?;
        Ok(left_out)
    });
    match saved {
        Ok(left_out) => {
            let place = format!("{HERE}/bozze/{}/modulo", draft.public_id);
            let text = match left_out {
                0 => Text::new("office-tariff-draft-saved"),
                rows => Text::new("office-tariff-draft-saved-less").with("rows", rows),
            };
            cx.redirect_saying(place, &text)
        }
        Err(error) => {
            let data = data(cx, &draft, &service, Some(&form), false);
            cx.page_again(error, TEMPLATE, title_of(&draft), data)
        }
    }
}

/// Takes the last saving back.
fn undo(cx: &mut Cx) -> Result<Reply> {
    let (draft, _) = asked_draft(cx)?;
    let revision: i64 = cx.form.text("revision").parse().unwrap_or(0);
    let (actor, now, id) = (cx.actor.clone(), cx.now, draft.public_id.clone());
    cx.write(move |tx| tariffs::undo_draft(tx, &actor, &id, revision, now))?;
    let place = format!("{HERE}/bozze/{}/modulo", draft.public_id);
    cx.redirect_saying(place, &Text::new("office-tariff-draft-undone"))
}

/// `fresh`: the form is what the text says, so that the outcome of each example stands beside it.
fn data(cx: &Cx, draft: &Draft, service: &Service, form: Option<&RuleForm>, fresh: bool) -> Value {
    let mut frame = draft_frame(cx, draft, service, "/modulo");
    if let Some(seen) = cx.form.some("revision") {
        frame["revision"] = seen.into();
    }
    let Some(form) = form else {
        return json!({ "draft": frame, "form": Value::Null });
    };
    let columns = tariffs::case_facts(&draft.source, form);
    let codes: Vec<&str> = columns.iter().map(|fact| fact.code.as_str()).collect();
    json!({
        "codes": codes.join(","),
        "columns": columns.iter().map(|fact| json!({
            "code": fact.code,
            "kind": fact.kind,
            "label": fact_label(cx, fact),
        })).collect::<Vec<_>>(),
        "fresh": fresh,
        "conditions": conditions(cx, &draft.source, form),
        "units": Unit::ALL.map(|(word, unit)| option(word, wording::unit_word(unit))),
        "modes": MODES.map(|(value, label)| option(value, label)),
        "places": PLACES.map(|(value, label)| option(value, label)),
        "siblings": SIBLINGS.map(|(value, label)| option(value, label)),
        "effects": EFFECTS.map(|(value, label)| option(value, label)),
        "sources": SOURCES.map(|(value, label)| option(value, label)),
        "numbers": fact_options(cx, &draft.source, form, true),
        "facts": fact_options(cx, &draft.source, form, false),
        "undo": draft.previous.is_some(),
        "form": told(cx, form),
        "draft": frame,
    })
}

/// The form, with what it does not show in words.
fn told(cx: &Cx, form: &RuleForm) -> Value {
    let mut told = json!(form);
    let say = |keys: &mut Value| {
        let words = keys
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str);
        let words: Vec<String> = words.map(|key| only_text_word(cx, key)).collect();
        *keys = json!(words);
    };
    say(&mut told["only_text"]);
    for list in [
        "components",
        "modifiers",
        "cases",
        "facts",
        "aids",
        "instalments",
    ] {
        for row in told[list].as_array_mut().into_iter().flatten() {
            say(&mut row["only_text"]);
        }
    }
    told
}

/// What a key of the rule language stands for.
fn only_text_word(cx: &Cx, key: &str) -> String {
    let known = match key {
        "fact" => "dati dichiarati dalla tariffa",
        "instalment" => "rate",
        "aid" => "contributi di altri enti",
        "price" => "prezzo da una tabella",
        "when" => "per chi vale",
        "count" => "che cosa si conta",
        "prorata" => "quota in proporzione",
        "after" => "unità che non si pagano",
        "at_least" => "importo minimo",
        "at_most" => "importo massimo",
        "rounding" => "arrotondamento",
        "of" => "prezzo su cui si calcola",
        "each" => "per ciascuno",
        "siblings" => "chi conta tra i fratelli",
        _ => match key.split_once(", ") {
            Some(("when" | "with", fact)) => {
                return format!("«{}»", wording::fact_word(cx, None, fact));
            }
            Some(("top_up", _)) => "prima ricarica e blocchetti",
            _ => key,
        },
    };
    known.to_owned()
}

const MODES: [(&str, &str); 4] = [
    ("half_up", "per eccesso dalla metà in su"),
    ("half_even", "alla cifra pari quando si è a metà"),
    ("up", "sempre per eccesso"),
    ("down", "sempre per difetto"),
];
const PLACES: [(&str, &str); 3] = [
    ("unit", "il prezzo di uno, prima di moltiplicare"),
    ("component", "l’importo di ogni voce"),
    ("total", "il totale"),
];
const SIBLINGS: [(&str, &str); 4] = [
    ("users", "del nucleo che usano questo servizio"),
    (
        "same_payer",
        "con lo stesso intestatario che usano questo servizio",
    ),
    ("any_service", "del nucleo che usano un servizio qualsiasi"),
    ("minors", "minori del nucleo"),
];
const EFFECTS: [(&str, &str); 9] = [
    ("percent_less", "riduzione in percentuale"),
    ("percent_more", "aumento in percentuale"),
    (
        "base_less",
        "riduzione in percentuale del prezzo di partenza",
    ),
    ("base_more", "aumento in percentuale del prezzo di partenza"),
    ("less", "euro in meno"),
    ("more", "euro in più"),
    ("price", "prezzo fisso, in euro"),
    ("band_lower", "fasce ISEE più basse"),
    ("band_higher", "fasce ISEE più alte"),
];
const SOURCES: [(&str, &str); 6] = [
    ("flag", "sì o no, lo registra l’ufficio"),
    ("number", "un numero, lo registra l’ufficio"),
    ("choice", "una parola, la registra l’ufficio"),
    ("any_of", "sì se vale una di queste condizioni"),
    ("isee_bands", "la fascia ISEE, per scaglioni"),
    ("of", "un altro dato, per gruppi"),
];
/// Words that conditions and tables may speak of.
const WORDS: [&str; 5] = ["grade", "school", "timetable", "meal_type", "trip"];
const GRADES: [(&str, &str); 4] = [
    ("grade=nido", "frequenta il nido"),
    ("grade=infanzia", "frequenta l’infanzia"),
    ("grade=primaria", "frequenta la primaria"),
    ("grade=secondaria", "frequenta la secondaria"),
];

fn option(value: &str, label: &str) -> Value {
    json!({ "value": value, "label": label })
}

fn fact_label(cx: &Cx, fact: &FormFact) -> String {
    match fact.label.as_str() {
        "" => wording::fact_word(cx, None, &fact.code),
        label => label.to_owned(),
    }
}

/// A fact by the label that the form gives it, else by its usual name.
fn fact_name(cx: &Cx, form: &RuleForm, code: &str) -> String {
    let own = form.facts.iter().find(|fact| fact.code == code);
    match own.map(|fact| fact.label.as_str()) {
        Some(label) if !label.is_empty() => label.to_owned(),
        _ => wording::fact_word(cx, None, code),
    }
}

/// The facts that a table, a count or a proportion may go by, with those that the form names already.
fn fact_options(cx: &Cx, source: &str, form: &RuleForm, numbers: bool) -> Vec<Value> {
    let known = tariffs::condition_facts(source);
    let counts = [
        "meals",
        "days_present",
        "opening_days",
        "hours",
        "weeks",
        "months",
    ];
    let mut codes: Vec<String> = known
        .iter()
        .filter(|fact| !numbers || fact.kind == "number")
        .map(|fact| fact.code.clone())
        .chain(counts.iter().map(|code| (*code).to_owned()))
        .collect();
    if !numbers {
        codes.extend(WORDS.iter().map(|word| (*word).to_owned()));
    }
    codes.extend(form.facts.iter().map(|fact| fact.code.clone()));
    for component in &form.components {
        codes.extend(component.table.by.iter().cloned());
        codes.extend(component.no_isee_table.by.iter().cloned());
        codes.extend([
            component.count.clone(),
            component.prorata_of.clone(),
            component.prorata_over.clone(),
        ]);
    }
    codes.extend(form.facts.iter().map(|fact| fact.of.clone()));
    codes.extend(form.aids.iter().map(|aid| aid.each.clone()));
    let mut seen = Vec::new();
    codes.retain(|code| {
        let new = !code.is_empty() && !seen.contains(code);
        seen.push(code.clone());
        new
    });
    codes
        .iter()
        .map(|code| option(code, &fact_name(cx, form, code)))
        .collect()
}

/// What a condition may say: numbers want "da" and "a", everything else says it all by itself.
fn conditions(cx: &Cx, source: &str, form: &RuleForm) -> Vec<Value> {
    let mut all = vec![
        option("isee", "ISEE (da, a)"),
        option("isee=valid", "ha un ISEE valido"),
        option("isee=missing", "non ha un ISEE valido"),
    ];
    for fact in tariffs::condition_facts(source) {
        let (code, label) = (&fact.code, fact_label(cx, &fact));
        if fact.kind == "number" {
            all.push(option(code, &format!("{label} (da, a)")));
        } else {
            all.push(option(&format!("{code}=yes"), &format!("{label}: sì")));
            all.push(option(&format!("{code}=no"), &format!("{label}: no")));
        }
    }
    all.extend(GRADES.map(|(value, label)| option(value, label)));
    let words = WORDS.iter().skip(1).map(|word| (*word).to_owned());
    let declared = form.facts.iter().filter(|fact| fact.source == "choice");
    for code in words.chain(declared.map(|fact| fact.code.clone())) {
        let label = fact_name(cx, form, &code);
        all.push(option(
            &format!("{code}="),
            &format!("{label}: la parola scritta in «Da»"),
        ));
    }
    // What the text says already stays to be chosen.
    let used = form
        .modifiers
        .iter()
        .flat_map(|modifier| &modifier.conditions)
        .chain(form.components.iter().flat_map(|c| &c.conditions))
        .chain(form.components.iter().flat_map(|c| &c.prorata_when))
        .chain(form.facts.iter().flat_map(|fact| &fact.any_of))
        .chain(form.aids.iter().flat_map(|aid| &aid.conditions));
    for condition in used.filter(|condition| !condition.what.is_empty()) {
        if !all
            .iter()
            .any(|option| option["value"] == condition.what.as_str())
        {
            let (code, value) = condition
                .what
                .split_once('=')
                .unwrap_or((&condition.what, ""));
            let label = fact_name(cx, form, code);
            let label = if value.is_empty() {
                format!("{label} (da, a)")
            } else {
                format!("{label}: {value}")
            };
            all.push(option(&condition.what, &label));
        }
    }
    all
}
