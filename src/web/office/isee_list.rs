//! "ISEE" of the office: who has none, whose ends, what parents declared, whose may be looked up.

use serde_json::{Value, json};

use super::inert;
use crate::base::Permission::Office;
use crate::base::{Error, Result, Text, date_it, datetime_it, day_of};
use crate::isee;
use crate::processes::isee_consents::{self, ConsentRow};
use crate::processes::isee_watch::{self, ChildRow, Cover, DeclaredRow, PAGE};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

/// So many rows fit into one file.
const EXPORTED: u32 = 100_000;

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/ufficio/isee", Office, list),
        get("/ufficio/isee.csv", Office, download),
        post("/ufficio/isee/controllati/:isee", Office, check),
    ]
}

/// Which list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum List {
    Children(Cover),
    Declared,
    Consents,
}

const LISTS: [(List, &str, &str); 5] = [
    (List::Children(Cover::None), "senza", "Senza ISEE"),
    (
        List::Declared,
        "da-controllare",
        "Dichiarati da controllare",
    ),
    (List::Consents, "consensi", "Consensi da consultare"),
    (
        List::Children(Cover::Soon),
        "in-scadenza",
        "Scadono entro 60 giorni",
    ),
    (
        List::Children(Cover::YearEnd),
        "fine-anno",
        "Scadono il 31 dicembre",
    ),
];

/// What the address asks for.
fn asked(cx: &Cx) -> (List, &'static str, String) {
    let slug = cx.query.text("elenco");
    let found = LISTS.iter().find(|(_, known, _)| *known == slug);
    let (list, slug, _) = found.unwrap_or(&LISTS[0]);
    (*list, slug, cx.query.text("q").chars().take(100).collect())
}

fn query(slug: &str, text: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("elenco", slug);
    if !text.is_empty() {
        query.append_pair("q", text);
    }
    query.finish()
}

/// The rows of a list. What was declared is read through the log.
enum Rows {
    Consents(Vec<ConsentRow>),
    Children(Vec<ChildRow>),
    Declared(Vec<DeclaredRow>),
}

fn rows(cx: &Cx, list: List, text: &str, part: (u32, u32)) -> Result<(Rows, i64)> {
    match list {
        List::Children(which) => {
            let today = cx.today();
            let (rows, total) =
                cx.read(|db| isee_watch::children(db, &cx.actor, which, text, today, part))?;
            Ok((Rows::Children(rows), total))
        }
        List::Consents => {
            let today = cx.today();
            let (rows, total) =
                cx.read(|db| isee_consents::consents(db, &cx.actor, text, today, part))?;
            Ok((Rows::Consents(rows), total))
        }
        List::Declared => {
            let (actor, text, now) = (cx.actor.clone(), text.to_owned(), cx.now);
            let read = move |tx: &rusqlite::Transaction<'_>| {
                isee_watch::declared(tx, &actor, &text, part, now)
            };
            let (rows, total) = cx.write(read)?;
            Ok((Rows::Declared(rows), total))
        }
    }
}

fn list(cx: &mut Cx) -> Result<Reply> {
    let (list, slug, text) = asked(cx);
    let page = super::page_number(cx);
    let (rows, total) = rows(cx, list, &text, (PAGE, (page - 1) * PAGE))?;
    let (counts, consents) = cx.read(|db| {
        let consents = isee_consents::count(db, &cx.actor, cx.today())?;
        Ok((isee_watch::counts(db, &cx.actor, cx.today())?, consents))
    })?;
    let count = |list: List| match list {
        List::Children(Cover::None) => counts.none,
        List::Children(Cover::Soon) => counts.soon,
        List::Children(Cover::YearEnd) => counts.year_end,
        List::Declared => counts.declared,
        List::Consents => consents,
    };
    let tabs = LISTS.iter().map(|(tab, slug, label)| {
        json!({
            "label": label,
            "count": count(*tab),
            "href": format!("/ufficio/isee?{}", query(slug, "")),
            "current": *tab == list,
        })
    });
    let here = query(slug, &text);
    let mut data = json!({
        "tabs": tabs.collect::<Vec<_>>(),
        "slug": slug,
        "text": text,
        "total": total,
        "children": Value::Null,
        "declared": Value::Null,
        "consents": Value::Null,
        "csv": format!("/ufficio/isee.csv?{here}"),
        "page_number": page,
        "pages": super::pages(total, PAGE),
        "base": format!("?{here}&"),
        "here": format!("/ufficio/isee?{here}"),
    });
    match rows {
        Rows::Children(rows) => data["children"] = rows.iter().map(child_row).collect(),
        Rows::Declared(rows) => data["declared"] = rows.iter().map(declared_row).collect(),
        Rows::Consents(rows) => data["consents"] = rows.iter().map(consent_row).collect(),
    }
    cx.page("office/isee_list.html", "ISEE", data)
}

fn child_row(row: &ChildRow) -> Value {
    let family = format!("/ufficio/famiglie/{}", row.payer);
    let mut shown = json!(row);
    shown["record"] = format!("{family}/isee/{}", row.child).into();
    shown["family"] = family.into();
    shown
}

fn declared_row(row: &DeclaredRow) -> Value {
    let family = format!("/ufficio/famiglie/{}", row.parent);
    let mut shown = json!(row);
    shown["record"] = format!("{family}/isee/{}", row.child).into();
    shown["family"] = family.into();
    shown["certificate"] = match row.certificate {
        true => format!("/ufficio/isee/certificati/{}", row.isee).into(),
        false => Value::Null,
    };
    shown["refuse"] = format!("/ufficio/isee/rifiuta/{}", row.isee).into();
    shown
}

fn consent_row(row: &ConsentRow) -> Value {
    let mut shown = json!(row);
    shown["family"] = format!("/ufficio/famiglie/{}", row.applicant).into();
    shown["application"] = format!("/ufficio/domande/{}", row.application).into();
    shown
}

/// The list as a file that Italian spreadsheets open as it is: semicolons and a byte order mark.
fn download(cx: &mut Cx) -> Result<Reply> {
    let (list, slug, text) = asked(cx);
    let (rows, _) = rows(cx, list, &text, (EXPORTED, 0))?;
    let bytes = csv(&rows).map_err(Error::internal)?;
    let name = format!("isee-{slug}-{}.csv", cx.today());
    cx.file(name, "text/csv; charset=utf-8", bytes)
}

fn csv(rows: &Rows) -> csv::Result<Vec<u8>> {
    let mut file = csv::WriterBuilder::new()
        .delimiter(b';')
        .from_writer("\u{feff}".as_bytes().to_vec());
    match rows {
        Rows::Children(rows) => {
            file.write_record([
                "Alunno",
                "Codice fiscale",
                "Servizi",
                "Intestatario",
                "Conta fino al",
            ])?;
            for row in rows {
                file.write_record([
                    inert(row.name.clone()),
                    inert(row.fiscal_code.clone()),
                    inert(row.services.clone()),
                    inert(row.payer_name.clone()),
                    row.covered_to.map(date_it).unwrap_or_default(),
                ])?;
            }
        }
        Rows::Consents(rows) => {
            file.write_record([
                "Alunno",
                "Codice fiscale alunno",
                "Richiedente",
                "Codice fiscale richiedente",
                "Protocollo DSU",
                "Domanda",
                "Consenso del",
                "Conta fino al",
            ])?;
            for row in rows {
                file.write_record([
                    inert(row.name.clone()),
                    inert(row.fiscal_code.clone()),
                    inert(row.applicant_name.clone()),
                    inert(row.applicant_code.clone()),
                    inert(row.protocol.clone()),
                    row.number.clone(),
                    date_it(day_of(row.at)),
                    row.covered_to.map(date_it).unwrap_or_default(),
                ])?;
            }
        }
        Rows::Declared(rows) => {
            file.write_record([
                "Alunno",
                "Codice fiscale",
                "Dichiarato da",
                "Dichiarato il",
                "Valore",
                "Tipo",
                "Protocollo",
                "Omissioni",
                "Conta dal",
                "Conta fino al",
            ])?;
            for row in rows {
                file.write_record([
                    inert(row.name.clone()),
                    inert(row.fiscal_code.clone()),
                    inert(row.parent_name.clone()),
                    datetime_it(row.at),
                    row.value.to_decimal().replace('.', ","),
                    row.kind.as_str().to_owned(),
                    inert(row.protocol.clone()),
                    if row.omissions { "sì" } else { "no" }.to_owned(),
                    date_it(row.valid_from),
                    date_it(row.valid_to),
                ])?;
            }
        }
    }
    file.into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))
}

/// Marks a declaration as checked; whoever pressed twice is told the same.
fn check(cx: &mut Cx) -> Result<Reply> {
    let (id, actor, now) = (cx.id("isee")?, cx.actor.clone(), cx.now);
    cx.write(move |tx| isee::check_declared(tx, &actor, &id, now))?;
    let back = format!("/ufficio/isee?{}", query("da-controllare", ""));
    cx.redirect_saying(back, &Text::new("office-isee-checked"))
}
