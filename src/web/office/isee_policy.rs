//! The comune's rule on when an ISEE counts: typed, read back in sentences, saved as a version.

use serde_json::{Value, json};

use crate::base::Permission::Office;
use crate::base::{Error, FieldError, Result, Text};
use crate::isee::{self, Policy, PolicyFault};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

const TEMPLATE: &str = "office/isee_policy.html";
const TITLE: &str = "Regola dell’ISEE";
const HERE: &str = "/ufficio/isee/regola";

pub(super) fn routes() -> Vec<Route> {
    vec![get(HERE, Office, show), post(HERE, Office, save)]
}

fn words(cx: &Cx, policy: &Policy) -> Vec<String> {
    let sentences = isee::in_words(policy);
    sentences.iter().map(|text| cx.say_text(text)).collect()
}

/// `read` is what the typed rule says, when it was asked for.
fn data(cx: &Cx, read: Option<&Policy>) -> Result<Value> {
    let today = cx.today();
    let (versions, counting) =
        cx.read(|db| Ok((isee::policy_versions(db)?, isee::policy_on(db, today)?)))?;
    let (current, rule) = counting;
    let sample = cx.query.text("modello");
    let sample = isee::PUBLISHED.iter().find(|(slug, _)| *slug == sample);
    let in_force = versions.iter().find(|version| Some(version.id) == current);
    let source = match (cx.form.some("source"), sample, in_force) {
        (Some(typed), _, _) => typed,
        (None, Some((_, source)), _) => without_comments(source),
        (None, None, Some(version)) => version.source.clone(),
        (None, None, None) => String::new(),
    };
    let samples = isee::PUBLISHED.iter().filter_map(|(slug, source)| {
        let policy = isee::parse_policy(source).ok()?;
        Some(json!({ "href": format!("{HERE}?modello={slug}#nuova"), "name": policy.name }))
    });
    let shown = versions.iter().map(|version| {
        let policy = isee::parse_policy(&version.source).unwrap_or_default();
        json!({
            "name": policy.name,
            "act": policy.act,
            "from_day": version.from_day,
            "recorded_at": version.recorded_at,
            "words": words(cx, &policy),
            "source": version.source,
            "current": Some(version.id) == current,
        })
    });
    Ok(json!({
        "rule": words(cx, &rule),
        "rule_name": rule.name,
        "versions": shown.collect::<Vec<_>>(),
        "samples": samples.collect::<Vec<_>>(),
        "source": source,
        "from_day": cx.form.some("from_day").unwrap_or(today.to_string()),
        "read": read.map(|policy| words(cx, policy)),
        "longest": isee::LONGEST_POLICY,
    }))
}

/// A published rule without its sources, which are for who reads the files.
fn without_comments(source: &str) -> String {
    let lines = source.lines().filter(|line| !line.starts_with('#'));
    lines.collect::<Vec<_>>().join("\n")
}

fn show(cx: &mut Cx) -> Result<Reply> {
    cx.page(TEMPLATE, TITLE, data(cx, None)?)
}

/// Each fault with its line, at the one field that holds the rule.
fn faulty(cx: &Cx, faults: &[PolicyFault]) -> Error {
    let fields = faults.iter().map(|fault| {
        let text = Text::new("office-isee-policy-fault")
            .with("line", fault.line)
            .with("message", cx.say_text(&fault.text));
        FieldError::new("source", text)
    });
    Error::Invalid(fields.collect())
}

fn save(cx: &mut Cx) -> Result<Reply> {
    let mut checks = cx.form.check();
    checks.required("source", isee::LONGEST_POLICY);
    let from_day = checks.date("from_day", true);
    if let Err(error) = checks.done() {
        return cx.page_again(error, TEMPLATE, TITLE, data(cx, None)?);
    }
    let source = cx.form.text("source").replace("\r\n", "\n");
    let policy = match isee::parse_policy(&source) {
        Ok(policy) => policy,
        Err(faults) => {
            return cx.page_again(faulty(cx, &faults), TEMPLATE, TITLE, data(cx, None)?);
        }
    };
    let Some(from_day) = from_day.filter(|_| cx.form.has("save")) else {
        return cx.page(TEMPLATE, TITLE, data(cx, Some(&policy))?);
    };
    let (actor, now) = (cx.actor.clone(), cx.now);
    let saved = cx.write_once(move |tx| {
        isee::record_policy(tx, &actor, &source, from_day, now)?;
        Ok(HERE.to_owned())
    })?;
    match saved {
        Reply::Redirect(location) => {
            let text = Text::new("office-isee-policy-saved").with("day", from_day);
            cx.redirect_saying(location, &text)
        }
        other => Ok(other),
    }
}
