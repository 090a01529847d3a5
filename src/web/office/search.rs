//! One search for everything: a fiscal code, a notice number, an application number and a name that
//! only one family has lead straight there; any other name to a list.
//!
//! Whoever handles money may search, and that is the office and the accountant. The office finds
//! everybody and the applications; the accountant those who pay and the children they pay for.

use std::collections::BTreeSet;

use rusqlite::Connection;
use serde_json::{Value, json};

use super::families::href;
use crate::applications::{self, Filter};
use crate::base::Permission::{Money, Office};
use crate::base::{Actor, Date, PersonId, Result};
use crate::payments::{Iuv, NoticeNumber, notices};
use crate::people::{self, FiscalCode, Person};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get};
use crate::{enrolments, ledger};

/// Persons that a search finds; more than that asks for more letters.
const MOST: u32 = 500;
/// Persons on a page.
const PAGE: usize = 25;
/// Applications below them.
const APPLICATIONS: usize = 10;
/// More people than this are more than one family.
const LARGEST_FAMILY: usize = 12;

pub(super) fn routes() -> Vec<Route> {
    vec![get("/ufficio/cerca", Money, search)]
}

fn search(cx: &mut Cx) -> Result<Reply> {
    let typed = cx.query.text("q").trim();
    let q = typed.chars().take(100).collect::<String>();
    if let Some(place) = cx.read(|db| by_notice(db, &q))? {
        return cx.redirect(place);
    }
    let (office, today) = (cx.actor.may(Office), cx.today());
    let (people, cut, family, applications) = cx.read(|db| {
        let (people, cut) = found(db, &cx.actor, &q)?;
        let filter = Filter {
            text: q.clone(),
            ..Filter::default()
        };
        let applications = match office && !q.is_empty() {
            true => Some(applications::list_for_office(db, &cx.actor, &filter, 1)?),
            false => None,
        };
        let family = one_family(db, &people, today)?.map(href);
        Ok((people, cut, family, applications))
    })?;
    if let Some(place) = family {
        return cx.redirect(place);
    }
    let (sent, sent_count) = applications.map_or((Vec::new(), 0), |a| (a.rows, a.total));
    if let ([], [application]) = (people.as_slice(), sent.as_slice()) {
        return cx.redirect(super::intake::href(&application.public_id));
    }
    let pages = people.len().div_ceil(PAGE).max(1);
    let page = usize::try_from(super::page_number(cx))
        .unwrap_or(1)
        .min(pages);
    let shown = people.iter().skip((page - 1) * PAGE).take(PAGE);
    let rows = cx.read(|db| {
        let row = |person| row(db, person, today);
        shown.map(row).collect::<Result<Vec<_>>>()
    })?;
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("q", &q)
        .finish();
    let data = json!({
        "searched": q,
        "office": office,
        "people": rows,
        "people_count": people.len(),
        "cut": cut,
        "page_number": page,
        "pages": pages,
        "base": format!("?{query}&"),
        "applications": sent.iter().take(APPLICATIONS).map(super::intake::row).collect::<Vec<_>>(),
        "applications_count": sent_count,
        "all_applications": format!("/ufficio/domande?{query}"),
        "slip": slip(cx, &q),
    });
    let title = match q.is_empty() {
        true => "Cerca".to_owned(),
        false => format!("Risultati per “{q}”"),
    };
    cx.page("office/search.html", title, data)
}

/// The sheet of who owes a notice, with the notice on it.
fn by_notice(db: &Connection, q: &str) -> Result<Option<String>> {
    let of_iuv = || NoticeNumber::of_iuv(&Iuv::parse(q).ok()?).ok();
    let Some(number) = NoticeNumber::parse(q).ok().or_else(of_iuv) else {
        return Ok(None);
    };
    let Some(notice) = notices::notice_by_number(db, number.as_str())? else {
        return Ok(None);
    };
    let payer = people::person(db, notice.payer_id)?;
    Ok(Some(format!("{}?avviso={number}", href(&payer))))
}

/// Whom the actor may find, sorted by name, and whether there are more.
fn found(db: &Connection, actor: &Actor, q: &str) -> Result<(Vec<Person>, bool)> {
    let mut people = people::search_people(db, q, MOST)?;
    let cut = people.len() >= MOST as usize;
    if !actor.may(Office) {
        let ids: Vec<PersonId> = people.iter().map(|person| person.id).collect();
        let concerned = ledger::people_with_accounts(db, &ids)?;
        people.retain(|person| concerned.contains(&person.id));
    }
    Ok((people, cut))
}

/// The person whose sheet shows everybody who was found: the only one; or who answers or pays for
/// the others. Of two parents it is the one who pays, if only one does.
fn one_family<'a>(db: &Connection, found: &'a [Person], today: Date) -> Result<Option<&'a Person>> {
    if found.len() < 2 || found.len() > LARGEST_FAMILY {
        return Ok(match found {
            [one] => Some(one),
            _ => None,
        });
    }
    let (mut heads, mut payers) = (Vec::new(), Vec::new());
    for person in found {
        let accounts = ledger::accounts_of_person(db, person.id)?;
        let mut family: BTreeSet<PersonId> = accounts.iter().map(|a| a.child_id).collect();
        let ties = people::ties_of(db, person.id, today)?;
        let children = ties.iter().filter(|tie| tie.adult == person.id);
        family.extend(children.map(|tie| tie.child));
        if family.is_empty() {
            continue;
        }
        let household = people::household_of(db, person.id)?;
        family.extend(household.iter().map(|member| member.person.id));
        family.insert(person.id);
        if found.iter().all(|other| family.contains(&other.id)) {
            heads.push(person);
            if !accounts.is_empty() {
                payers.push(person);
            }
        }
    }
    Ok(match (heads.as_slice(), payers.as_slice()) {
        ([one], _) | (_, [one]) => Some(one),
        _ => None,
    })
}

/// A person in the list, with what tells people of one name apart.
fn row(db: &Connection, person: &Person, today: Date) -> Result<Value> {
    let classes: BTreeSet<String> = enrolments::of_child(db, person.id)?
        .iter()
        .filter(|enrolment| enrolment.holds_on(today))
        .map(|enrolment| format!("{}, {}", enrolment.class, enrolment.school))
        .collect();
    let ties = people::ties_of(db, person.id, today)?;
    let (mut children, mut adults) = (BTreeSet::new(), BTreeSet::new());
    for tie in &ties {
        if tie.adult == person.id {
            children.insert(people::person(db, tie.child)?.name);
        } else {
            adults.insert(people::person(db, tie.adult)?.full_name());
        }
    }
    for account in ledger::accounts_of_person(db, person.id)? {
        children.insert(account.child_name);
    }
    let listed = |names: BTreeSet<String>| names.into_iter().collect::<Vec<_>>().join(", ");
    Ok(json!({
        "href": href(person),
        "name": person.full_name(),
        "fiscal_code": person.fiscal_code,
        "birth_date": person.birth_date,
        "street": person.address,
        "town": person.town,
        "class": classes.into_iter().collect::<Vec<_>>().join("; "),
        "children": listed(children),
        "adults": listed(adults),
    }))
}

/// What is probably mistyped, when nothing was found.
fn slip(cx: &Cx, q: &str) -> Option<String> {
    let plain: String = q.chars().filter(|c| !c.is_whitespace()).collect();
    let all_digits = plain.chars().all(|c| c.is_ascii_digit());
    match plain.chars().count() {
        16 if plain.is_ascii() && plain.contains(|c: char| c.is_ascii_digit()) => {
            Some(match FiscalCode::parse(&plain) {
                Err(error) => cx.say_text(&error.text()),
                Ok(_) => {
                    "Il codice fiscale è scritto bene, ma qui non c’è nessuno che lo ha.".to_owned()
                }
            })
        }
        18 if all_digits => Some(match NoticeNumber::parse(&plain) {
            Err(_) => "Queste 18 cifre non formano un numero di avviso: ricontrollale.".to_owned(),
            Ok(_) => "Il numero di avviso è scritto bene, ma non è fra i nostri.".to_owned(),
        }),
        _ => None,
    }
}
