//! One search for everything.

use serde_json::json;

use super::families::href;
use crate::applications::{self, Filter};
use crate::base::Permission::{Money, Office};
use crate::base::Result;
use crate::payments::{NoticeNumber, notices};
use crate::people::{self, FiscalCode, Person};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get};

/// Persons and applications that a search shows; more than that asks for more letters.
const FOUND: u32 = 30;

pub(super) fn routes() -> Vec<Route> {
    vec![get("/ufficio/cerca", Money, search)]
}

/// A fiscal code, an application number, a notice number lead straight there; a name to a list.
fn search(cx: &mut Cx) -> Result<Reply> {
    let q = cx.query.text("q").chars().take(100).collect::<String>();
    let office = cx.actor.may(Office);
    let (people, applications) = cx.read(|db| {
        let people = people::search_people(db, &q, FOUND)?;
        let filter = Filter {
            text: q.clone(),
            ..Filter::default()
        };
        let applications = match office && !q.is_empty() {
            true => applications::list_for_office(db, &cx.actor, &filter, 1)?.rows,
            false => Vec::new(),
        };
        Ok((people, applications))
    })?;
    if let ([person], Ok(_)) = (people.as_slice(), FiscalCode::parse(&q)) {
        return cx.redirect(href(person));
    }
    if let Ok(number) = NoticeNumber::parse(&q) {
        let payer = cx.read(|db| {
            let notice = notices::notice_by_number(db, number.as_str())?;
            notice.map(|n| people::person(db, n.payer_id)).transpose()
        })?;
        if let Some(payer) = payer {
            return cx.redirect(format!("{}?avviso={number}", href(&payer)));
        }
    }
    if let [application] = applications.as_slice()
        && application.number.eq_ignore_ascii_case(&q)
    {
        return cx.redirect(super::intake::href(&application.public_id));
    }
    let today = cx.today();
    let of_age = |person: &&Person| {
        person
            .birth_date
            .is_none_or(|born| born <= today.saturating_sub(jiff::Span::new().years(18)))
    };
    let row = |person: &Person| json!({ "person": person, "href": href(person) });
    let data = json!({
        "q": q,
        "adults": people.iter().filter(of_age).map(row).collect::<Vec<_>>(),
        "children": people.iter().filter(|p| !of_age(p)).map(row).collect::<Vec<_>>(),
        "applications": applications.iter().take(FOUND as usize).map(super::intake::row).collect::<Vec<_>>(),
        "many": people.len() == FOUND as usize,
    });
    cx.page("office/search.html", "Cerca", data)
}
