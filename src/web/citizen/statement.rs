//! "Estratto conto": due, paid, balance, line by line; and why a charge costs what it costs.

use serde_json::{Value, json};

use super::{balance_chart, reason_files, statement_files};
use crate::base::Permission::Citizen;
use crate::base::{Actor, Cents, Date, Error, PublicId, Result, SchoolYear, Text, month_it};
use crate::charging;
use crate::ledger::{Cause, FamilyAccount};
use crate::statement::{self, Filter, Line, Month, Statement, Summary};
use crate::tariffs::{self, IseeUse};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get};

const TEMPLATE: &str = "citizen/statement.html";

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/area/estratto-conto", Citizen, show),
        get("/area/estratto-conto.csv", Citizen, statement_files::csv),
        get("/area/estratto-conto.pdf", Citizen, statement_files::pdf),
        get("/area/addebiti/:id", Citizen, charge),
        get(
            "/area/addebiti/:id/perche.pdf",
            Citizen,
            reason_files::charge,
        ),
    ]
}

fn show(cx: &mut Cx) -> Result<Reply> {
    let (data, error) = page_data(cx, &cx.actor, "/area/estratto-conto")?;
    let title = cx.say("statement-title");
    match error {
        None => cx.page(TEMPLATE, title, data),
        Some(error) => cx.page_again(error, TEMPLATE, title, data),
    }
}

/// The statement that is asked for, of the actor's accounts: what the page shows, and what is
/// wrong with what was asked. `base` is where the page is.
pub(in crate::web) fn page_data(
    cx: &Cx,
    actor: &Actor,
    base: &str,
) -> Result<(Value, Option<Error>)> {
    let (filter, error) = match asked(cx) {
        Ok(filter) => (filter, None),
        Err(error) => (Filter::school_year(SchoolYear::of(cx.today())), Some(error)),
    };
    let payer = actor.person().ok_or(Error::Forbidden)?;
    let (summaries, years, told, plan) = cx.read(|db| {
        Ok((
            statement::summaries(db, actor)?,
            statement::school_years(db, actor)?,
            statement::statement(db, actor, &filter)?,
            super::plans::in_statement(cx, db, payer)?,
        ))
    })?;
    let data = json!({
        "accounts": summaries.iter().map(account).collect::<Vec<_>>(),
        "total": total(&summaries),
        "child_options": options(cx, &summaries, "statement-all-children", |account| {
            (&account.child_public, &account.child_name)
        }),
        "service_options": options(cx, &summaries, "statement-all-services", |account| {
            (&account.service_public, &account.service)
        }),
        "year_options": year_options(&years, cx.today()),
        "filter": chosen(cx, &filter, &summaries),
        "csv": format!("{base}.csv?{}", query(cx)),
        "pdf": format!("{base}.pdf?{}", query(cx)),
        "statement": drawn(cx, &told),
        "chart": balance_chart::drawn(cx, &told),
        "plan": plan,
    });
    Ok((data, error))
}

/// What the address asks for: an account, a child, a service, and a school year or days of one's own.
///
/// # Errors
/// Field errors for the days; `NotFound` for what is no id.
pub(in crate::web) fn asked(cx: &Cx) -> Result<Filter> {
    let year = SchoolYear::of(cx.today());
    let year = cx.query.text("anno").parse().unwrap_or(year);
    let mut checks = cx.query.check();
    let (from, to) = (checks.date("dal", false), checks.date("al", false));
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        checks.wrong("al", Text::new("error-period-reversed"));
    }
    checks.done()?;
    let id = |name: &str| match cx.query.some(name) {
        Some(id) => id.parse().map(Some).map_err(|()| Error::NotFound),
        None => Ok(None),
    };
    Ok(Filter {
        account: id("conto")?,
        child: id("bambino")?,
        service: id("servizio")?,
        from: from.unwrap_or_else(|| to.map_or(year, SchoolYear::of).starts_on()),
        to: to.unwrap_or_else(|| from.map_or(year, SchoolYear::of).ends_on()),
    })
}

/// What the form shows as chosen: an account is a child and a service.
fn chosen(cx: &Cx, filter: &Filter, summaries: &[Summary]) -> Value {
    let mut of = summaries.iter().map(|summary| &summary.account);
    let account = of.find(|account| Some(&account.public_id) == filter.account.as_ref());
    let child = filter.child.as_ref().or(account.map(|a| &a.child_public));
    let service = filter
        .service
        .as_ref()
        .or(account.map(|a| &a.service_public));
    let own_days = cx.query.some("dal").is_some() || cx.query.some("al").is_some();
    json!({
        "child": child.map_or("", |id| id.as_str()),
        "service": service.map_or("", |id| id.as_str()),
        "year": if own_days { String::new() } else { SchoolYear::of(filter.from).to_string() },
        "own_days": own_days,
        "typed_from": cx.query.text("dal"),
        "typed_to": cx.query.text("al"),
        "from": filter.from,
        "to": filter.to,
    })
}

/// The same choice for the file.
fn query(cx: &Cx) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for name in ["conto", "bambino", "servizio", "anno", "dal", "al"] {
        if let Some(value) = cx.query.some(name) {
            query.append_pair(name, &value);
        }
    }
    query.finish()
}

/// Credit or debt, in words that need no minus sign.
fn position(balance: Cents) -> Value {
    let kind = match balance.0 {
        0 => "even",
        1.. => "credit",
        _ => "debt",
    };
    json!({ "kind": kind, "amount": balance.abs() })
}

fn account(summary: &Summary) -> Value {
    let FamilyAccount {
        child_name,
        service,
        balance,
        public_id,
        ..
    } = &summary.account;
    json!({
        "public_id": public_id,
        "child_name": child_name,
        "service": service,
        "position": position(*balance),
        "debit": summary.debit,
        "credit": summary.credit,
    })
}

fn total(summaries: &[Summary]) -> Value {
    json!({
        "position": position(summaries.iter().map(|s| s.account.balance).sum()),
        "debit": summaries.iter().map(|s| s.debit).sum::<Cents>(),
        "credit": summaries.iter().map(|s| s.credit).sum::<Cents>(),
    })
}

/// Everything, and each child or service that the accounts are of.
fn options(
    cx: &Cx,
    summaries: &[Summary],
    all: &'static str,
    of: fn(&FamilyAccount) -> (&PublicId, &String),
) -> Vec<Value> {
    let mut options = vec![json!({ "value": "", "label": cx.say(all) })];
    for (id, name) in summaries.iter().map(|summary| of(&summary.account)) {
        if !options.iter().any(|option| option["value"] == id.as_str()) {
            options.push(json!({ "value": id, "label": name }));
        }
    }
    options
}

/// The years with entries, and the one that runs.
fn year_options(years: &[SchoolYear], today: Date) -> Vec<Value> {
    let mut years = years.to_vec();
    years.push(SchoolYear::of(today));
    years.sort_unstable_by(|a, b| b.cmp(a));
    years.dedup();
    let option =
        |year: &SchoolYear| json!({ "value": year.to_string(), "label": year.to_string() });
    years.iter().map(option).collect()
}

/// The newest month and line first: that is what a family looks for.
fn drawn(cx: &Cx, told: &Statement) -> Value {
    json!({
        "opening": told.opening,
        "debit": told.debit,
        "credit": told.credit,
        "closing": told.closing,
        "months": told.months.iter().rev().map(|month| drawn_month(cx, month)).collect::<Vec<_>>(),
    })
}

fn drawn_month(cx: &Cx, month: &Month) -> Value {
    let line = |line: &Line| {
        json!({
            "day": line.day,
            "what": cx.say_text(&line.description()),
            "debit": line.debit(),
            "credit": line.credit(),
            "credit_typed": line.credit().map(Cents::to_italian),
            "balance": line.balance,
            "charge": line.charge,
            "paid_into": line.account.as_ref().filter(|_| matches!(line.cause, Cause::Receipt(_))),
            "receipt": line.at_desk.as_ref().map(|line| &line.receipt),
            "moved": line.moved.as_ref().filter(|_| !matches!(line.cause, Cause::Reversal(_))).map(
                |moved| json!({ "id": moved.public_id, "reversed": moved.reversed }),
            ),
        })
    };
    json!({
        "title": format!("{} {}", month_it(month.month), month.year),
        "debit": month.debit,
        "credit": month.credit,
        "closing": month.closing,
        "lines": month.lines.iter().rev().map(line).collect::<Vec<_>>(),
    })
}

/// "Perché questo importo?"
fn charge(cx: &mut Cx) -> Result<Reply> {
    let data = charge_data(cx, &cx.actor)?;
    cx.page("citizen/charge.html", cx.say("charge-title"), data)
}

/// A charge of the actor's family in full sentences.
pub(in crate::web) fn charge_data(cx: &Cx, actor: &Actor) -> Result<Value> {
    let (id, today) = (cx.id("id")?, cx.today());
    let charge = cx.read(|db| charging::charge_for_family(db, actor, &id, today))?;
    let sentences = tariffs::sentences(&charge.explanation, charge.day);
    let without_isee = matches!(
        charge.explanation.isee,
        IseeUse::Missing | IseeUse::NotValid(_)
    );
    Ok(json!({
        "print": format!("{}/perche.pdf", cx.path),
        "from": charge.from.filter(|from| *from != charge.day),
        "day": charge.day,
        "before": (charge.before != Cents::ZERO).then_some(charge.before),
        "amount": charge.amount,
        "posted_at": charge.posted_at,
        "child": charge.account.child,
        "child_name": charge.account.child_name,
        "service": charge.account.service,
        "sentences": sentences.iter().map(|text| cx.say_text(text)).collect::<Vec<_>>(),
        "without_isee": without_isee,
    }))
}
