//! "Estratto conto": due, paid, balance, line by line; and why a charge costs what it costs.

use serde_json::{Value, json};

use crate::base::Permission::Citizen;
use crate::base::{Actor, Cents, Date, Error, Result, SchoolYear, Text, date_it, month_it};
use crate::charging;
use crate::ledger::FamilyAccount;
use crate::statement::{self, Filter, Line, Month, Statement, Summary};
use crate::tariffs::{self, IseeUse};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get};

const TEMPLATE: &str = "citizen/statement.html";

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/area/estratto-conto", Citizen, show),
        get("/area/estratto-conto.csv", Citizen, download),
        get("/area/addebiti/:id", Citizen, charge),
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
    let (summaries, years, told) = cx.read(|db| {
        Ok((
            statement::summaries(db, actor)?,
            statement::school_years(db, actor)?,
            statement::statement(db, actor, &filter)?,
        ))
    })?;
    let data = json!({
        "accounts": summaries.iter().map(account).collect::<Vec<_>>(),
        "total": total(&summaries),
        "account_options": account_options(cx, &summaries),
        "year_options": year_options(&years, cx.today()),
        "filter": chosen(cx, &filter),
        "csv": format!("{base}.csv?{}", query(cx)),
        "statement": drawn(cx, &told),
    });
    Ok((data, error))
}

/// What the address asks for: an account, and a school year or days of one's own.
fn asked(cx: &Cx) -> Result<Filter> {
    let year = SchoolYear::of(cx.today());
    let year = cx.query.text("anno").parse().unwrap_or(year);
    let mut checks = cx.query.check();
    let (from, to) = (checks.date("dal", false), checks.date("al", false));
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        checks.wrong("al", Text::new("error-period-reversed"));
    }
    checks.done()?;
    let account = match cx.query.some("conto") {
        Some(id) => Some(id.parse().map_err(|()| Error::NotFound)?),
        None => None,
    };
    Ok(Filter {
        account,
        from: from.unwrap_or_else(|| to.map_or(year, SchoolYear::of).starts_on()),
        to: to.unwrap_or_else(|| from.map_or(year, SchoolYear::of).ends_on()),
    })
}

fn chosen(cx: &Cx, filter: &Filter) -> Value {
    let own_days = cx.query.some("dal").is_some() || cx.query.some("al").is_some();
    json!({
        "account": filter.account.as_ref().map_or("", |id| id.as_str()),
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
    for name in ["conto", "anno", "dal", "al"] {
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

fn account_options(cx: &Cx, summaries: &[Summary]) -> Vec<Value> {
    let all = json!({ "value": "", "label": cx.say("statement-all-accounts") });
    let one = |s: &Summary| {
        let label = format!("{} – {}", s.account.child_name, s.account.service);
        json!({ "value": s.account.public_id, "label": label })
    };
    std::iter::once(all)
        .chain(summaries.iter().map(one))
        .collect()
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
            "balance": line.balance,
            "charge": line.charge,
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

/// The same lines as a file that Italian spreadsheets open as it is: semicolons, decimal commas,
/// a byte order mark. Oldest first.
fn download(cx: &mut Cx) -> Result<Reply> {
    file(cx, &cx.actor)
}

/// The statement that is asked for, of the actor's accounts, as a file.
pub(in crate::web) fn file(cx: &Cx, actor: &Actor) -> Result<Reply> {
    let filter = asked(cx)?;
    let told = cx.read(|db| statement::statement(db, actor, &filter))?;
    let bytes = csv(cx, &filter, &told).map_err(Error::internal)?;
    let name = format!("estratto-conto-{}-{}.csv", filter.from, filter.to);
    cx.file(name, "text/csv; charset=utf-8", bytes)
}

fn csv(cx: &Cx, filter: &Filter, told: &Statement) -> csv::Result<Vec<u8>> {
    let mut file = csv::WriterBuilder::new()
        .delimiter(b';')
        .from_writer("\u{feff}".as_bytes().to_vec());
    let titles = [
        "statement-day",
        "statement-child",
        "statement-service",
        "statement-what",
        "statement-debit",
        "statement-credit",
        "statement-balance",
    ];
    file.write_record(titles.map(|key| cx.say(key)))?;
    let balance_row = |file: &mut csv::Writer<Vec<u8>>, day: Date, key, balance: Cents| {
        let (day, what, balance) = (date_it(day), cx.say(key), plain(balance));
        file.write_record([&day, "", "", &what, "", "", &balance])
    };
    balance_row(&mut file, filter.from, "statement-opening", told.opening)?;
    for line in told.lines() {
        file.write_record([
            date_it(line.day),
            line.child.clone(),
            line.service.clone(),
            cx.say_text(&line.description()),
            line.debit().map(plain).unwrap_or_default(),
            line.credit().map(plain).unwrap_or_default(),
            plain(line.balance),
        ])?;
    }
    balance_row(&mut file, filter.to, "statement-closing", told.closing)?;
    file.into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))
}

/// A number that a spreadsheet takes for one: no thousands mark, an ASCII minus.
fn plain(amount: Cents) -> String {
    amount.to_decimal().replace('.', ",")
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
