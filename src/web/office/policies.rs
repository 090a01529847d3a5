//! The comune's rules of refunds and reminders, as the office publishes them.

use serde_json::{Value, json};

use crate::base::Permission::Office;
use crate::base::{Error, Result, Text};
use crate::refunds::{self, PolicyKind};
use crate::suspensions;
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

const TEMPLATE: &str = "office/policy.html";
/// A rule is some twenty lines.
const LONGEST: usize = 20_000;

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/ufficio/regole/:kind", Office, show),
        post("/ufficio/regole/:kind", Office, publish),
    ]
}

fn kind(cx: &Cx) -> Result<(PolicyKind, &'static str)> {
    match cx.param("kind") {
        "rimborsi" => Ok((PolicyKind::Refund, "Regola dei rimborsi")),
        "solleciti" => Ok((PolicyKind::Dunning, "Regola dei solleciti")),
        _ => Err(Error::NotFound),
    }
}

fn data(cx: &Cx, kind: PolicyKind) -> Result<Value> {
    let published = cx.read(|db| refunds::published(db, kind))?;
    let suspended = match kind {
        PolicyKind::Dunning => cx.read(|db| Ok(suspensions::running(db)?.len()))?,
        PolicyKind::Refund => 0,
    };
    let example = match kind {
        PolicyKind::Refund => include_str!("../../../examples/refunds/san-giorgio-su-legnano.toml"),
        PolicyKind::Dunning => concat!(
            include_str!("../../../examples/dunning/macerata.toml"),
            "\n# Quando il credito di un servizio prepagato basta per così pochi pasti, la famiglia riceve\n\
             # un messaggio.\n[credit]\nalert_at_meals = [3, 0, -3]\nalways_eats = true\n\
             # Per poter sospendere il servizio a chi arriva a così tanti pasti di debito:\n\
             # always_eats = false\n# suspend_below_meals = -5\n\n\
             # A quali condizioni si paga a rate; senza questa sezione non si può chiedere.\n[plan]\n\
             minimum_debt = \"100.00\"\nminimum_instalment = \"25.00\"\nmaximum_instalments = 12\n\
             first_after_days = 30\ntolerance_days = 15\n"
        ),
    };
    // What the file notes for who reads the sources is not in the clerk's language.
    let (_, example) = example.split_at(example.find("name = ").unwrap_or(0));
    let typed = cx.form.some("source");
    Ok(json!({
        "action": cx.path,
        "refund": kind == PolicyKind::Refund,
        "since": published.as_ref().map(|rule| rule.at),
        "source": typed.or(published.map(|rule| rule.source)),
        "example": example,
        "suspended": suspended,
    }))
}

fn show(cx: &mut Cx) -> Result<Reply> {
    let (kind, title) = kind(cx)?;
    let data = data(cx, kind)?;
    cx.page(TEMPLATE, title, data)
}

fn publish(cx: &mut Cx) -> Result<Reply> {
    let (kind, title) = kind(cx)?;
    let mut checks = cx.form.check();
    let source = checks.required("source", LONGEST);
    let (actor, now) = (cx.actor.clone(), cx.now);
    let done = checks
        .done()
        .and_then(|()| cx.write(move |tx| refunds::publish(tx, &actor, kind, &source, now)));
    match done {
        Ok(()) => cx.redirect_saying(cx.path.clone(), &Text::new("office-policy-published")),
        Err(error) => {
            let data = data(cx, kind)?;
            cx.page_again(error, TEMPLATE, title, data)
        }
    }
}
