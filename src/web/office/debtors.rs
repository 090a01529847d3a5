//! "Morosi": who owes since when, the step that the rule proposes, and doing it for many at once.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

use serde_json::{Value, json};

use super::reports;
use crate::base::Permission::Money;
use crate::base::{Cents, PublicId, Result, date_it};
use crate::people;
use crate::processes::exports::{self, Cell, Format};
use crate::processes::work;
use crate::refunds::dunning::StepKind;
use crate::refunds::{self, Age, Debtor};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

/// Rows on a page.
const PAGE: usize = 50;
/// Reminders in one go.
const MOST: usize = 500;

/// Each age: in addresses, in words.
pub(super) const AGES: [(Age, &str, &str); 5] = [
    (Age::Month, "0-30", "Fino a 30 giorni"),
    (Age::Quarter, "31-90", "31–90 giorni"),
    (Age::HalfYear, "91-180", "91–180 giorni"),
    (Age::Year, "181-365", "181–365 giorni"),
    (Age::Older, "oltre-365", "Oltre un anno"),
];

/// Each step in words.
const STEPS: [(StepKind, &str); 6] = [
    (StepKind::Message, "Messaggio"),
    (StepKind::Sms, "SMS (lo manda l’ufficio)"),
    (
        StepKind::RegisteredLetter,
        "Raccomandata (la spedisce l’ufficio)",
    ),
    (
        StepKind::NextBill,
        "Richiesta prima della prossima bolletta",
    ),
    (StepKind::Collection, "Riscossione"),
    (StepKind::Exclusion, "Niente nuove iscrizioni"),
];

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/ufficio/morosi", Money, list),
        get("/ufficio/morosi.csv", Money, csv),
        get("/ufficio/morosi.xlsx", Money, xlsx),
        get("/ufficio/morosi/sollecito", Money, preview),
        post("/ufficio/morosi/sollecito", Money, send),
    ]
}

fn word(step: StepKind) -> &'static str {
    let found = STEPS.iter().find(|(known, _)| *known == step);
    found.map_or("", |(_, word)| word)
}

/// What the address asks for.
struct Asked {
    q: String,
    words: String,
    /// The name of a service; empty: every one.
    service: String,
    age: Option<Age>,
    step: Option<StepKind>,
}

impl Asked {
    fn of(cx: &Cx) -> Asked {
        let q = cx.query.text("q").to_owned();
        let age = AGES
            .iter()
            .find(|(_, slug, _)| *slug == cx.query.text("eta"));
        Asked {
            words: people::search_name(&q),
            service: cx.query.text("servizio").to_owned(),
            q,
            age: age.map(|(age, ..)| *age),
            step: StepKind::parse(cx.query.text("passo")),
        }
    }

    fn finds(&self, debtor: &Debtor) -> bool {
        self.words
            .split_whitespace()
            .all(|word| debtor.words.contains(word))
            && (self.service.is_empty() || debtor.service == self.service)
            && self.step.is_none_or(|step| debtor.next == Some(step))
    }

    fn finds_aged(&self, debtor: &Debtor) -> bool {
        self.finds(debtor) && self.age.is_none_or(|age| Age::of(debtor.age_days) == age)
    }

    /// The same in an address, with another age.
    fn query(&self, age: Option<Age>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if !self.q.is_empty() {
            query.append_pair("q", &self.q);
        }
        if !self.service.is_empty() {
            query.append_pair("servizio", &self.service);
        }
        if let Some((_, slug, _)) = AGES.iter().find(|(known, ..)| Some(*known) == age) {
            query.append_pair("eta", slug);
        }
        if let Some(step) = self.step {
            query.append_pair("passo", step.as_str());
        }
        query.finish()
    }
}

fn sum<'a>(debtors: impl Iterator<Item = &'a Debtor>) -> (usize, Cents) {
    debtors.fold((0, Cents::ZERO), |(count, sum), debtor| {
        (count + 1, sum + debtor.amount)
    })
}

fn list(cx: &mut Cx) -> Result<Reply> {
    let asked = Asked::of(cx);
    let today = cx.today();
    let (debtors, rule) = cx.read(|db| {
        let rule = refunds::dunning_policy(db)?.name;
        Ok((refunds::debtors(db, today)?, rule))
    })?;
    let tab = |age: Option<Age>, label: &str| {
        let of_age = |d: &&Debtor| asked.finds(d) && age.is_none_or(|a| Age::of(d.age_days) == a);
        let (count, total) = sum(debtors.iter().filter(of_age));
        json!({
            "label": label, "count": count, "total": total, "current": age == asked.age,
            "href": format!("/ufficio/morosi?{}", asked.query(age)),
        })
    };
    let mut tabs = vec![tab(None, "Tutti")];
    tabs.extend(AGES.iter().map(|(age, _, label)| tab(Some(*age), label)));
    let found: Vec<&Debtor> = debtors.iter().filter(|d| asked.finds_aged(d)).collect();
    let page = super::page_number(cx);
    let first = (page as usize - 1).saturating_mul(PAGE);
    let rows = found.iter().skip(first).take(PAGE).map(|debtor| {
        json!({
            "debtor": debtor,
            "last": debtor.last.map(|(step, at)| json!({ "word": word(step), "at": at })),
            "next": debtor.next.map(word),
            "exempt": debtor.exempt,
            "plan": debtor.planned.is_positive(),
        })
    });
    let (count, total) = sum(found.iter().copied());
    let here = asked.query(asked.age);
    let ages: Vec<(String, i64)> = AGES
        .iter()
        .map(|(age, _, label)| {
            let of = debtors
                .iter()
                .filter(|d| asked.finds(d) && Age::of(d.age_days) == *age);
            ((*label).to_owned(), sum(of).1.0)
        })
        .collect();
    let data = json!({
        "rows": rows.collect::<Vec<_>>(),
        "chart": reports::bars("eta", "Debiti per età", reports::In::Euros, &ages),
        "tabs": tabs,
        "count": count,
        "payers": found.iter().map(|d| d.payer_id).collect::<BTreeSet<_>>().len(),
        "total": total,
        "ready": found.iter().filter(|d| d.next.is_some()).count(),
        "rule": rule,
        "q": asked.q,
        "services": debtors.iter().map(|d| &d.service).collect::<BTreeSet<_>>(),
        "service": asked.service,
        "age": cx.query.text("eta"),
        "steps": STEPS.iter().map(|(step, word)| json!({
            "value": step, "label": word, "chosen": asked.step == Some(*step),
        })).collect::<Vec<_>>(),
        "narrowed": !here.is_empty(),
        "query": here,
        "page_number": page,
        "pages": found.len().div_ceil(PAGE),
        "base": if here.is_empty() { "?".to_owned() } else { format!("?{here}&") },
    });
    cx.page("office/debtors.html", "Morosi", data)
}

fn csv(cx: &mut Cx) -> Result<Reply> {
    let bytes = table(cx, Format::Csv)?;
    cx.file(
        format!("morosi-{}.csv", cx.today()),
        "text/csv; charset=utf-8",
        bytes,
    )
}

fn xlsx(cx: &mut Cx) -> Result<Reply> {
    let bytes = table(cx, Format::Xlsx)?;
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    cx.file(format!("morosi-{}.xlsx", cx.today()), kind, bytes)
}

fn table(cx: &Cx, format: Format) -> Result<Vec<u8>> {
    let (asked, today) = (Asked::of(cx), cx.today());
    let (debtors, codes) = cx.read(|db| {
        let debtors = refunds::debtors(db, today)?;
        let mut codes = HashMap::new();
        for debtor in debtors.iter().filter(|d| asked.finds_aged(d)) {
            if let Entry::Vacant(new) = codes.entry(debtor.payer_id) {
                new.insert(people::person(db, debtor.payer_id)?.fiscal_code.to_string());
            }
        }
        Ok((debtors, codes))
    })?;
    let names = [
        "codice_fiscale",
        "intestatario",
        "alunno",
        "servizio",
        "debito",
        "dal",
        "giorni",
        "ultimo_passo",
        "del",
        "passo_proposto",
    ];
    let found: Vec<&Debtor> = debtors.iter().filter(|d| asked.finds_aged(d)).collect();
    let (actor, now, count) = (cx.actor.clone(), cx.now, found.len());
    cx.write(move |tx| refunds::log_download(tx, &actor, "morosi", count, now))?;
    let rows = found.iter().map(|d| {
        let (last, at) = d.last.map_or_else(Default::default, |(step, at)| {
            (word(step).to_owned(), date_it(crate::base::day_of(at)))
        });
        vec![
            Cell::Text(codes.get(&d.payer_id).cloned().unwrap_or_default()),
            Cell::Text(d.payer.clone()),
            Cell::Text(d.child.clone()),
            Cell::Text(d.service.clone()),
            Cell::Safe(d.amount.to_decimal().replace('.', ",")),
            Cell::Safe(date_it(d.since)),
            Cell::Count(i64::from(d.age_days)),
            Cell::Safe(last),
            Cell::Safe(at),
            Cell::Safe(d.next.map_or("", word).to_owned()),
        ]
    });
    exports::table(format, "morosi", &names, rows)
}

/// What would be done, before it is done.
fn preview(cx: &mut Cx) -> Result<Reply> {
    let (asked, today) = (Asked::of(cx), cx.today());
    let debtors = cx.read(|db| refunds::debtors(db, today))?;
    let found = debtors
        .iter()
        .filter(|d| asked.finds_aged(d) && d.next.is_some());
    let rows = found.clone().filter_map(|debtor| {
        let step = debtor.next?;
        Some(json!({
            "debtor": debtor,
            "value": format!("{}:{}", debtor.account, step.as_str()),
            "next": word(step),
            "line": refunds::line(debtor, step),
        }))
    });
    let mut rows: Vec<Value> = rows.collect();
    let more = rows.len().saturating_sub(MOST);
    rows.truncate(MOST);
    let due = found.take(MOST).map(Debtor::due);
    let data = json!({
        "total": due.sum::<Cents>(),
        "rows": rows,
        "more": more,
        "back": format!("/ufficio/morosi?{}", asked.query(asked.age)),
    });
    cx.page(
        "office/debtors_preview.html",
        "Anteprima dei solleciti",
        data,
    )
}

fn send(cx: &mut Cx) -> Result<Reply> {
    let chosen = |text: &str| {
        let (account, step) = text.split_once(':')?;
        Some((account.parse::<PublicId>().ok()?, StepKind::parse(step)?))
    };
    let shown: Vec<_> = cx.form.all("row").filter_map(chosen).take(MOST).collect();
    if shown.is_empty() {
        return cx.redirect("/ufficio/morosi");
    }
    let (actor, now) = (cx.actor.clone(), cx.now);
    let reply = cx.write_once(move |tx| {
        let job = refunds::start_reminders(tx, &actor, &shown, now)?;
        Ok(format!("/ufficio/lavori/{}", job.public_id))
    })?;
    work::wake(&cx.app);
    Ok(reply)
}
