//! "Domande": the intake list and its file.

use serde_json::{Value, json};

use super::inert;
use crate::applications::{self, Filter, SentRow, State};
use crate::base::Permission::Office;
use crate::base::{Error, PublicId, Result, datetime_it};
use crate::calls;
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get};

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/ufficio/domande", Office, list),
        get("/ufficio/domande.csv", Office, download),
    ]
}

/// Where an application is.
pub(super) fn href(id: &PublicId) -> String {
    format!("/ufficio/domande/{id}")
}

/// A state in the office's words.
pub(super) fn state_word(state: State) -> &'static str {
    match state {
        State::Submitted => "Da esaminare",
        State::Accepted => "Accolta",
        State::Refused => "Respinta",
    }
}

/// A state in addresses.
fn state_slug(state: State) -> &'static str {
    match state {
        State::Submitted => "da-esaminare",
        State::Accepted => "accolte",
        State::Refused => "respinte",
    }
}

const STATES: [State; 3] = [State::Submitted, State::Accepted, State::Refused];

/// What the address asks for; what it does not say is not narrowed down.
fn asked(cx: &Cx) -> Result<Filter> {
    let slug = cx.query.text("stato");
    Ok(Filter {
        text: cx.query.text("q").chars().take(100).collect(),
        state: STATES.into_iter().find(|s| state_slug(*s) == slug),
        call: match cx.query.some("avviso") {
            Some(id) => Some(id.parse().map_err(|()| Error::NotFound)?),
            None => None,
        },
    })
}

/// The same choice, in another state.
fn query(filter: &Filter, state: Option<State>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if !filter.text.is_empty() {
        query.append_pair("q", &filter.text);
    }
    if let Some(call) = &filter.call {
        query.append_pair("avviso", call.as_str());
    }
    if let Some(state) = state {
        query.append_pair("stato", state_slug(state));
    }
    query.finish()
}

fn list(cx: &mut Cx) -> Result<Reply> {
    let (filter, page) = (asked(cx)?, super::page_number(cx));
    let (listed, counts, calls) = cx.read(|db| {
        Ok((
            applications::list_for_office(db, &cx.actor, &filter, page)?,
            applications::counts_for_office(db, &cx.actor, &filter)?,
            calls::calls(db, cx.now)?,
        ))
    })?;
    let tab = |state: Option<State>, label: &str, count: i64| {
        json!({
            "label": label,
            "count": count,
            "href": format!("/ufficio/domande?{}", query(&filter, state)),
            "current": filter.state == state,
        })
    };
    let all = counts.submitted + counts.accepted + counts.refused;
    let here = query(&filter, filter.state);
    let data = json!({
        "tabs": [
            tab(None, "Tutte", all),
            tab(Some(State::Submitted), "Da esaminare", counts.submitted),
            tab(Some(State::Accepted), "Accolte", counts.accepted),
            tab(Some(State::Refused), "Respinte", counts.refused),
        ],
        "rows": listed.rows.iter().map(row).collect::<Vec<_>>(),
        "total": listed.total,
        "filter": {
            "text": filter.text,
            "call": filter.call,
            "state": filter.state.map_or("", state_slug),
        },
        "narrowed": !filter.text.is_empty() || filter.call.is_some(),
        "call_options": calls.iter()
            .map(|call| json!({ "value": call.public_id, "label": call.title }))
            .collect::<Vec<_>>(),
        "csv": format!("/ufficio/domande.csv?{here}"),
        "page_number": page,
        "pages": super::pages(listed.total, applications::PAGE),
        "base": if here.is_empty() { "?".to_owned() } else { format!("?{here}&") },
    });
    cx.page("office/applications.html", "Domande", data)
}

/// A row of a list of applications.
pub(super) fn row(row: &SentRow) -> Value {
    json!({
        "href": href(&row.public_id),
        "number": row.number,
        "call": row.call,
        "child": row.child,
        "applicant": row.applicant,
        "submitted_at": row.submitted_at,
        "state": row.state,
        "state_word": state_word(row.state),
        "since": row.since,
    })
}

/// The filtered list as a file that Italian spreadsheets open as it is: semicolons and a byte order
/// mark.
fn download(cx: &mut Cx) -> Result<Reply> {
    let (filter, actor, now) = (asked(cx)?, cx.actor.clone(), cx.now);
    let rows = cx.write(move |tx| applications::export_for_office(tx, &actor, &filter, now))?;
    let bytes = csv(&rows).map_err(Error::internal)?;
    let name = format!("domande-{}.csv", cx.today());
    cx.file(name, "text/csv; charset=utf-8", bytes)
}

fn csv(rows: &[SentRow]) -> csv::Result<Vec<u8>> {
    let mut file = csv::WriterBuilder::new()
        .delimiter(b';')
        .from_writer("\u{feff}".as_bytes().to_vec());
    file.write_record([
        "Numero",
        "Inviata il",
        "Avviso",
        "Alunno",
        "Richiedente",
        "Stato",
        "Dal",
    ])?;
    for row in rows {
        file.write_record([
            row.number.clone(),
            datetime_it(row.submitted_at),
            inert(row.call.clone()),
            inert(row.child.clone()),
            inert(row.applicant.clone()),
            state_word(row.state).to_owned(),
            datetime_it(row.since),
        ])?;
    }
    file.into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))
}
