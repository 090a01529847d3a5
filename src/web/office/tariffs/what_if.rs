//! "Che cosa cambia": a rule over the days that are closed, beside what was really charged.

use serde_json::{Value, json};

use super::{HERE, asked_draft, draft_frame, title_of, wording};
use crate::base::Permission::Office;
use crate::base::{Cents, Date, Error, Instant, Result, SchoolYear, Text};
use crate::charging::{self, ChildSum, NewWhatIf, WhatIf, Whose};
use crate::jobs::Job;
use crate::municipality::Service;
use crate::people;
use crate::processes::exports::{self, Cell, Format};
use crate::processes::work;
use crate::tariffs::{self, Rule, RuleFault};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

/// Rows on a page.
const PAGE: usize = 50;

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/ufficio/tariffe/:tariff/confronto", Office, of_published),
        get(
            "/ufficio/tariffe/:tariff/confronto.csv",
            Office,
            csv_of_published,
        ),
        get("/ufficio/tariffe/bozze/:draft/confronto", Office, of_draft),
        get(
            "/ufficio/tariffe/bozze/:draft/confronto.csv",
            Office,
            csv_of_draft,
        ),
        post(
            "/ufficio/tariffe/:tariff/confronto",
            Office,
            start_of_published,
        ),
        post(
            "/ufficio/tariffe/bozze/:draft/confronto",
            Office,
            start_of_draft,
        ),
    ]
}

/// Who pays more, less, the same: in addresses, in words.
const GROUPS: [(&str, &str); 3] = [
    ("di-piu", "Pagherebbero di più"),
    ("di-meno", "Pagherebbero di meno"),
    ("uguale", "Pagherebbero lo stesso"),
];

fn group(child: &ChildSum) -> &'static str {
    match child.would.cmp(&child.charged) {
        std::cmp::Ordering::Greater => "di-piu",
        std::cmp::Ordering::Less => "di-meno",
        std::cmp::Ordering::Equal => "uguale",
    }
}

/// What is compared: a rule, over the days of a service in a period.
struct Asked {
    service: Service,
    rule: Rule,
    source: String,
    period: (Date, Date),
}

/// What is known of the comparison.
enum Outcome {
    /// What it found; by a job, when that was started.
    Found(Box<WhatIf>, Option<Instant>),
    /// It takes a job: the newest one, if there is any, that has not found anything yet.
    Long(Option<Job>),
}

/// The period that the address asks for; else the last school year.
fn period(cx: &Cx) -> Result<(Date, Date)> {
    let last = SchoolYear::starting_in(SchoolYear::of(cx.today()).first_year() - 1);
    let mut checks = cx.query.check();
    let from = checks.date("dal", false).unwrap_or(last.starts_on());
    let to = checks.date("al", false).unwrap_or(last.ends_on());
    if to < from {
        checks.wrong("al", Text::new("error-period-reversed"));
    }
    checks.done()?;
    Ok((from, to))
}

impl Asked {
    fn of_draft(cx: &Cx) -> Result<Option<Asked>> {
        let (draft, service) = asked_draft(cx)?;
        let period = period(cx)?;
        let rule = tariffs::parse(&draft.source).ok();
        Ok(rule.map(|rule| Asked {
            service,
            rule,
            source: draft.source,
            period,
        }))
    }

    fn of_published(cx: &Cx) -> Result<Asked> {
        let (service, _, source) = super::show::asked(cx)?;
        let rule = tariffs::parse_published(&source).map_err(RuleFault::into_error)?;
        let period = period(cx)?;
        Ok(Asked {
            service,
            rule,
            source,
            period,
        })
    }

    /// At once, or by the job that was started for so many charges.
    fn outcome(&self, cx: &Cx) -> Result<Outcome> {
        let Asked {
            service,
            rule,
            source,
            period,
        } = self;
        cx.read(|db| {
            if !charging::is_long(db, service, *period)? {
                let found = charging::what_if(db, service, rule, *period)?;
                return Ok(Outcome::Found(Box::new(found), None));
            }
            let Some(job) = charging::newest_what_if(db, service, source, *period)? else {
                return Ok(Outcome::Long(None));
            };
            Ok(match charging::what_if_found(db, &job)? {
                Some(found) => Outcome::Found(Box::new(found), Some(job.created_at)),
                None => Outcome::Long(Some(job)),
            })
        })
    }

    fn query(&self) -> String {
        format!("?dal={}&al={}", self.period.0, self.period.1)
    }
}

fn of_draft(cx: &mut Cx) -> Result<Reply> {
    let (draft, service) = asked_draft(cx)?;
    let mut data = json!({ "draft": draft_frame(cx, &draft, &service, "/confronto") });
    let asked = Asked::of_draft(cx);
    page(
        cx,
        asked,
        &mut data,
        format!("Che cosa cambia: {}", title_of(&draft)),
    )
}

fn of_published(cx: &mut Cx) -> Result<Reply> {
    let (service, tariff, _) = super::show::asked(cx)?;
    let href = format!("{HERE}/{}", tariff.public_id);
    let mut data = json!({
        "tariff": { "href": href, "name": tariff.name, "service": service.name, "version": tariff.version },
    });
    let asked = Asked::of_published(cx).map(Some);
    page(
        cx,
        asked,
        &mut data,
        format!("Che cosa cambia: {}", tariff.name),
    )
}

fn page(cx: &Cx, asked: Result<Option<Asked>>, data: &mut Value, title: String) -> Result<Reply> {
    const TEMPLATE: &str = "office/tariffs/what_if.html";
    data["action"] = cx.path.clone().into();
    data["from"] = cx.query.text("dal").into();
    data["to"] = cx.query.text("al").into();
    match asked {
        Ok(Some(asked)) => {
            data["from"] = asked.period.0.to_string().into();
            data["to"] = asked.period.1.to_string().into();
            data["query"] = asked.query().into();
            match asked.outcome(cx)? {
                Outcome::Found(found, made_at) => {
                    data["found"] = shown(cx, &asked, &found)?;
                    data["made_at"] = json!(made_at);
                }
                Outcome::Long(job) => {
                    data["long"] = true.into();
                    data["job"] = json!(job);
                }
            }
            cx.page(TEMPLATE, title, data.take())
        }
        Ok(None) => cx.page(TEMPLATE, title, data.take()),
        Err(error) => cx.page_again(error, TEMPLATE, title, data.take()),
    }
}

fn start_of_draft(cx: &mut Cx) -> Result<Reply> {
    let asked = Asked::of_draft(cx)?.ok_or(Error::NotFound)?;
    start(cx, asked)
}

fn start_of_published(cx: &mut Cx) -> Result<Reply> {
    let asked = Asked::of_published(cx)?;
    start(cx, asked)
}

/// Starts the job for what is too long to wait for; the same page then shows how far it is.
fn start(cx: &mut Cx, asked: Asked) -> Result<Reply> {
    let page = format!("{}{}", cx.path, asked.query());
    let (actor, now) = (cx.actor.clone(), cx.now);
    let reply = cx.write_once(move |tx| {
        let new = NewWhatIf {
            service: &asked.service,
            source: &asked.source,
            period: asked.period,
            page: &page,
        };
        charging::start_what_if(tx, &actor, &new, now)?;
        Ok(page)
    })?;
    work::wake(&cx.app);
    Ok(reply)
}

fn shown(cx: &Cx, asked: &Asked, found: &WhatIf) -> Result<Value> {
    let chosen = cx.query.text("chi");
    let chosen = GROUPS
        .iter()
        .find(|(slug, _)| *slug == chosen)
        .unwrap_or(&GROUPS[0]);
    let (from, to) = asked.period;
    let here = |slug: &str| format!("?dal={from}&al={to}&chi={slug}");
    let tabs = GROUPS.map(|(slug, label)| {
        let count = found
            .children
            .iter()
            .filter(|child| group(child) == slug)
            .count();
        json!({
            "label": label, "count": count, "href": format!("{}#children", here(slug)),
            "current": slug == chosen.0,
        })
    });
    let mut children: Vec<&ChildSum> = found
        .children
        .iter()
        .filter(|child| group(child) == chosen.0)
        .collect();
    // Those for whom it changes most come first.
    children.sort_by_key(|child| std::cmp::Reverse((child.would - child.charged).abs()));
    let page = super::super::page_number(cx);
    let first = (page as usize - 1).saturating_mul(PAGE);
    let rows = children.iter().skip(first).take(PAGE).map(|child| {
        let payer = cx.read(|db| people::person(db, child.payer))?;
        Ok(json!({
            "child": child,
            "href": super::super::families::href(&payer),
            "difference": child.would - child.charged,
        }))
    });
    let rows = rows.collect::<Result<Vec<Value>>>()?;
    let unrecorded = found.unrecorded.iter();
    let unrecorded: Vec<String> = unrecorded
        .map(|code| wording::fact_word(cx, Some(&asked.rule), code))
        .collect();
    Ok(json!({
        "days": found.days,
        "count": found.children.len(),
        "charged": found.charged,
        "would": found.would,
        "difference": found.would - found.charged,
        "bands": bands(found),
        "chart": chart(found),
        "tabs": tabs,
        "group": chosen.1,
        "rows": rows,
        "unpriced": found.unpriced,
        "why_unpriced": found.why_unpriced.as_ref().map(|text| cx.say_text(text)),
        "unrecorded": unrecorded,
        "needs_a_period": found.needs_a_period,
        "page_number": page,
        "pages": children.len().div_ceil(PAGE),
        "base": format!("{}&", here(chosen.0)),
        "csv": format!("{}.csv?dal={from}&al={to}", cx.path),
    }))
}

fn whose(whose: Whose) -> String {
    match whose {
        Whose::Band(band) => wording::band_word(band),
        Whose::NoIsee => "senza ISEE valido".to_owned(),
        Whose::NonResident => "non residenti".to_owned(),
    }
}

fn bands(found: &WhatIf) -> Vec<Value> {
    let rows = found.bands.iter().map(|band| {
        json!({
            "who": whose(band.whose),
            "children": band.children,
            "days": band.days,
            "charged": band.charged,
            "would": band.would,
            "difference": band.would - band.charged,
        })
    });
    rows.collect()
}

/// Two bars for each band, as high as what it pays: a picture of 360 by 200.
fn chart(found: &WhatIf) -> Value {
    const WIDTH: i64 = 360;
    const HEIGHT: i64 = 170;
    let most = found
        .bands
        .iter()
        .flat_map(|band| [band.charged, band.would])
        .max();
    let most = most.unwrap_or(Cents::ZERO).0.max(1);
    let count = i64::try_from(found.bands.len()).unwrap_or(i64::MAX).max(1);
    let slot = WIDTH / count;
    let wide = (slot - 4).max(2) / 2;
    let bars = (0_i64..).zip(&found.bands).map(|(number, band)| {
        let bar = |amount: Cents| {
            let high = i128::from(amount.0) * i128::from(HEIGHT) / i128::from(most);
            let high = i64::try_from(high).unwrap_or(HEIGHT);
            json!({ "height": high, "y": HEIGHT - high })
        };
        let x = number * slot + 2;
        json!({
            "number": number + 1,
            "x": x,
            "second": x + wide,
            "middle": x + wide,
            "wide": wide,
            "charged": bar(band.charged),
            "would": bar(band.would),
        })
    });
    json!({ "bars": bars.collect::<Vec<_>>(), "width": WIDTH, "floor": HEIGHT, "height": HEIGHT + 24 })
}

fn csv_of_draft(cx: &mut Cx) -> Result<Reply> {
    let asked = Asked::of_draft(cx)?.ok_or(Error::NotFound)?;
    csv(cx, &asked)
}

fn csv_of_published(cx: &mut Cx) -> Result<Reply> {
    let asked = Asked::of_published(cx)?;
    csv(cx, &asked)
}

fn csv(cx: &Cx, asked: &Asked) -> Result<Reply> {
    let Outcome::Found(found, _) = asked.outcome(cx)? else {
        return Err(Error::NotFound);
    };
    let euros = |amount: Cents| Cell::Safe(amount.to_decimal().replace('.', ","));
    let rows = found.children.iter().map(|child| {
        vec![
            Cell::Text(child.name.clone()),
            Cell::Count(child.days),
            euros(child.charged),
            euros(child.would),
            euros(child.would - child.charged),
        ]
    });
    let names = [
        "alunno",
        "giorni",
        "addebitato",
        "con_questa_tariffa",
        "differenza",
    ];
    let bytes = exports::table(Format::Csv, "confronto", &names, rows)?;
    let name = format!(
        "confronto-{}-{}-{}.csv",
        asked.service.code, asked.period.0, asked.period.1
    );
    cx.file(name, "text/csv; charset=utf-8", bytes)
}
