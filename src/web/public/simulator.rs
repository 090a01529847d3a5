//! "Quanto costa": what a family would pay, by the published tariffs. Nothing of it is kept, and
//! nothing of it stands in an address.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::base::Permission::Public;
use crate::base::{Cents, Date, Error, Result, SchoolYear, Text, month_it};
use crate::municipality::{self, Service};
use crate::tariffs::{
    self, Explanation, FactKind, Facts, Instalment, IseeFact, IseeUse, Part, Rule, Value,
};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

const HERE: &str = "/tariffe";
const TEMPLATE: &str = "public/simulator.html";
/// More units than a school year has days are a slip of the finger.
const MOST: u32 = 1000;

pub(super) fn routes() -> Vec<Route> {
    vec![get(HERE, Public, ask), post(HERE, Public, tell).rationed()]
}

/// A service that can be simulated, and the rule that prices it: today's, or the next one.
struct Offered {
    service: Service,
    rule: Rule,
    day: Date,
}

fn offered(cx: &Cx) -> Result<Vec<Offered>> {
    let today = cx.today();
    cx.read(|db| {
        let mut all = Vec::new();
        for service in municipality::services(db)? {
            let mut day = today;
            let found = match tariffs::tariff_on(db, service.id, today) {
                Err(Error::Refused(_)) => match tariffs::tariff_after(db, service.id, today)? {
                    Some(first) => {
                        day = first;
                        Some(tariffs::tariff_on(db, service.id, first)?)
                    }
                    None => None,
                },
                found => Some(found?),
            };
            all.extend(found.map(|(_, rule)| Offered { service, rule, day }));
        }
        Ok(all)
    })
}

fn chosen<'a>(all: &'a [Offered], code: &str) -> Option<&'a Offered> {
    all.iter()
        .find(|one| one.service.code == code)
        .or(all.first())
}

fn ask(cx: &mut Cx) -> Result<Reply> {
    cx.ensure_session(None)?;
    let all = offered(cx)?;
    let one = chosen(&all, cx.query.text("servizio"));
    let data = data(cx, &all, one, None);
    cx.page(TEMPLATE, cx.say("simulator-title"), data)
}

fn tell(cx: &mut Cx) -> Result<Reply> {
    let all = offered(cx)?;
    let one = chosen(&all, cx.form.text("service")).ok_or(Error::NotFound)?;
    let told = facts(cx, one).and_then(|facts| {
        let told = tariffs::price(&one.rule, &facts, Part::Whole)?;
        let sentences = sentences(cx, &told, one.day);
        let own = tariffs::instalments_for(&one.rule, &facts);
        let instalments = instalments(&own, &told)?;
        Ok(json!({ "amount": told.amount, "sentences": sentences, "instalments": instalments }))
    });
    let title = cx.say("simulator-title");
    match told {
        Ok(told) => {
            let data = data(cx, &all, Some(one), Some(told));
            cx.page(TEMPLATE, title, data)
        }
        Err(error) => {
            let data = data(cx, &all, Some(one), None);
            cx.page_again(error, TEMPLATE, title, data)
        }
    }
}

/// The sentences of a charge, but for what is only tried: the ISEE was typed and not registered, and
/// nothing is charged at the end.
fn sentences(cx: &Cx, told: &Explanation, day: Date) -> Vec<String> {
    let tried = |text: &Text| match &told.isee {
        IseeUse::Used(isee) if text.key.starts_with("explain-isee-") => {
            Text::new("simulator-isee-used").with("value", isee.value)
        }
        IseeUse::Missing if text.key == "explain-isee-missing" => {
            Text::new("simulator-isee-missing")
        }
        _ => text.clone(),
    };
    let all = tariffs::sentences(told, day);
    let kept = all.iter().filter(|text| text.key != "explain-amount");
    kept.map(|text| cx.say_text(&tried(text))).collect()
}

/// In which parts it would be paid, with the day of the year on which each is due; none: at once.
fn instalments(own: &[Instalment], whole: &Explanation) -> Result<Vec<Json>> {
    let numbered = (1..).zip(own);
    numbered
        .map(|(number, due)| {
            let part = tariffs::instalment(own, whole.clone(), number)?;
            let day = format!("{} {}", due.day, month_it(due.month));
            Ok(json!({ "number": number, "day": day, "amount": part.amount }))
        })
        .collect()
}

/// What stands in the field of a number until somebody types another: a usual month, in which
/// nothing was declared.
fn usual_number(code: &str, today: Date) -> String {
    let number = match code {
        "meals" | "days_present" | "opening_days" | "hours" => 20,
        "weeks" => 4,
        "month" => i32::from(today.month()),
        "weekday" => i32::from(today.weekday().to_monday_one_offset()),
        "entry_month" => i32::from(SchoolYear::of(today).starts_on().month()),
        "child_order"
        | "users_in_household"
        | "minors_in_household"
        | "months"
        | "periods"
        | "years"
        | "times" => 1,
        "enrolled_days" => 30,
        "months_since_entry" => 3,
        "age_months" => 24,
        // Nobody enters or leaves in a usual month.
        "entry_day" | "exit_day" => return String::new(),
        _ if code.ends_with("_order") => 1,
        _ => 0,
    };
    number.to_string()
}

/// What the rule wants to know, in the order in which the page asks.
fn asked(rule: &Rule) -> Vec<(&str, FactKind)> {
    let mut all: Vec<(&str, FactKind)> = rule
        .asks_for()
        .into_iter()
        .filter_map(|code| Some((code, rule.fact_kind(code)?)))
        .collect();
    let rank = |kind: FactKind| match kind {
        FactKind::Choice => 0,
        FactKind::Number => 1,
        FactKind::Amount => 2,
        FactKind::Flag => 3,
    };
    all.sort_by_key(|(code, kind)| (*code != "resident", rank(*kind)));
    all
}

fn facts(cx: &Cx, one: &Offered) -> Result<Facts> {
    let mut checks = cx.form.check();
    let mut values = BTreeMap::new();
    let isee = match one.rule.asks_for_isee() {
        true => checks.optional_amount("isee"),
        false => None,
    };
    if isee.is_some_and(|isee| isee < Cents::ZERO) {
        checks.wrong("isee", Text::new("error-not-an-amount"));
    }
    for (code, kind) in asked(&one.rule) {
        let field = format!("fact-{code}");
        let value = match kind {
            FactKind::Flag if code == "resident" => Some(Value::Flag(cx.form.text(&field) != "no")),
            FactKind::Flag => Some(Value::Flag(cx.form.has(&field))),
            FactKind::Number => match cx.form.some(&field).map(|typed| typed.parse::<u32>()) {
                Some(Ok(number)) if number <= MOST => Some(Value::Number(number)),
                Some(_) => {
                    checks.wrong(field, Text::new("simulator-number").with("max", MOST));
                    None
                }
                None => None,
            },
            FactKind::Amount => {
                let typed = checks.optional_amount(&field);
                if typed.is_some_and(|typed| typed < Cents::ZERO) {
                    checks.wrong(&field, Text::new("error-not-an-amount"));
                }
                typed.map(|cents| Value::Amount { cents })
            }
            FactKind::Choice => {
                let words = one.rule.words_of(code);
                checks.choice(&field, |typed| {
                    words.iter().find(|word| *word == typed).cloned()
                });
                Some(Value::Word(cx.form.text(&field).to_owned()))
            }
        };
        values.extend(value.map(|value| (code.to_owned(), value)));
    }
    checks.done()?;
    let year = SchoolYear::of(one.day);
    let isee = isee.map(|value| IseeFact {
        value,
        protocol: String::new(),
        valid_from: year.starts_on().min(one.day),
        valid_to: year.ends_on().max(one.day),
    });
    let mut facts = Facts::on(one.day).with_isee(isee);
    facts.values = values;
    Ok(facts)
}

fn data(cx: &Cx, all: &[Offered], one: Option<&Offered>, told: Option<Json>) -> Json {
    let services = all.iter().map(|other| {
        json!({
            "name": other.service.name,
            "href": format!("{HERE}?servizio={}", other.service.code),
            "current": one.is_some_and(|one| one.service.id == other.service.id),
        })
    });
    json!({
        "services": services.collect::<Vec<_>>(),
        "one": one.map(|one| json!({
            "code": one.service.code,
            "service": one.service.name,
            "rule": one.rule.name,
            "act": one.rule.act,
            "from": (one.day > cx.today()).then_some(one.day),
            "isee": one.rule.asks_for_isee(),
            "fields": fields(cx, one),
        })),
        "isee": cx.form.text("isee"),
        "told": told,
    })
}

fn fields(cx: &Cx, one: &Offered) -> Vec<Json> {
    let rule = &one.rule;
    let day = one.day;
    let typed = !cx.form.is_empty();
    let one = |(code, kind): (&str, FactKind)| {
        let name = format!("fact-{code}");
        let declared = rule.facts.iter().find(|fact| fact.code == code);
        let label = match declared {
            Some(fact) => fact.label.clone(),
            None => cx.say_text(
                &Text::new("simulator-fact")
                    .with("fact", code)
                    .with("factlabel", code),
            ),
        };
        let usual = match (code, kind) {
            _ if typed => String::new(),
            (_, FactKind::Number) => usual_number(code, day),
            ("resident", _) => "yes".to_owned(),
            _ => String::new(),
        };
        let words = rule.words_of(code).into_iter().map(|word| {
            let label = cx.say_text(&Text::new("simulator-word").with("word", word.as_str()));
            json!({ "value": word, "label": label })
        });
        json!({
            "name": name,
            "label": label,
            "kind": match kind {
                FactKind::Flag if code == "resident" => "resident",
                FactKind::Flag => "flag",
                FactKind::Number => "number",
                FactKind::Choice => "choice",
                FactKind::Amount => "amount",
            },
            "value": cx.form.some(&name).unwrap_or(usual),
            "words": words.collect::<Vec<_>>(),
        })
    };
    asked(rule).into_iter().map(one).collect()
}
