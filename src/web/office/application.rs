//! One application: what was sent, what to look at twice, the decision, the child's ISEE.

use std::sync::Arc;

use serde_json::{Value, json};

use super::families::{self, identity_bar, title_word};
use super::intake::{href, state_word};
use super::isee_form;
use crate::applications::{self, Acceptance, Application, Filter, State};
use crate::base::Permission::{Diets, Office};
use crate::base::{Date, Error, PersonId, Result, Text, date_it};
use crate::documents::{self, Document, DocumentKind};
use crate::isee;
use crate::people::{self, FiscalCode, Mismatch};
use crate::refunds::{self, Debtor};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

const TEMPLATE: &str = "office/application.html";

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/ufficio/domande/:id", Office, show),
        get("/ufficio/domande/:id/ricevuta", Office, receipt),
        get("/ufficio/domande/:id/documenti/:document", Office, open),
        post("/ufficio/domande/:id/accogli", Office, accept),
        post("/ufficio/domande/:id/respingi", Office, refuse),
        post("/ufficio/domande/:id/isee", Office, record_isee),
    ]
}

fn show(cx: &mut Cx) -> Result<Reply> {
    let application = find(cx)?;
    let data = data(cx, &application)?;
    cx.page(TEMPLATE, title(&application), data)
}

fn find(cx: &Cx) -> Result<Application> {
    let id = cx.id("id")?;
    cx.read(|db| applications::for_office(db, &cx.actor, &id))
}

fn title(application: &Application) -> String {
    format!("Domanda {}", application.number)
}

/// Everything on the page. The ISEE and the diet are read through the log.
fn data(cx: &Cx, application: &Application) -> Result<Value> {
    let (app, actor, now) = (Arc::clone(&cx.app), cx.actor.clone(), cx.now);
    let (own, diets) = (application.clone(), cx.actor.may(Diets));
    // Health data are shown on request only; the form that decides stays on the page that shows them.
    let shown = diets && (cx.query.text("dieta") == "mostra" || cx.form.text("diet_shown") == "1");
    let (isee, diet) = cx.write(move |tx| {
        let isee = isee::read_for_office(tx, &actor, own.child_id, now)?;
        let diet = match shown {
            true => applications::diet_asked(tx, &app.key, &actor, &own, now)?,
            false => None,
        };
        Ok((isee, diet))
    })?;
    cx.read(|db| {
        let applicant = people::person(db, application.applicant_id)?;
        let child = people::person(db, application.child_id)?;
        let classes = applications::classes_for(db, &application.call)?;
        let offered = classes.iter().map(|class| {
            json!({ "value": class.public_id, "label": format!("{} – {}", class.school, class.name) })
        });
        let waiting = Filter {
            state: Some(State::Submitted),
            ..Filter::default()
        };
        let next = applications::list_for_office(db, &cx.actor, &waiting, 1)?.rows;
        let next = next.iter().find(|row| row.public_id != application.public_id);
        Ok(json!({
            "application": application,
            "href": href(&application.public_id),
            "state_word": state_word(application.state),
            "title_word": title_word(application.content.applicant.title),
            "family": identity_bar(db, &applicant, cx.today())?,
            "child_href": families::href(&child),
            "doubts": doubts(cx, application)?,
            "excluded": excluded(db, applicant.id, child.id, cx.today())?,
            "intact": application.is_intact(db)?,
            "attachments": attachments(application),
            "history": application.history.iter().map(|event| json!({
                "at": event.at, "word": happened(event.state), "note": event.note, "staff": event.staff,
            })).collect::<Vec<_>>(),
            "diets": diets,
            "diet_shown": shown,
            "diet": diet,
            "classes": offered.collect::<Vec<_>>(),
            "from": applications::suggested_first_day(application, cx.now),
            "isee": isee_form::with_reasons(cx, db, &isee)?,
            "isee_form_data": isee_form::data(cx),
            "next": next.map(|row| href(&row.public_id)),
            "typed": cx.form.typed(),
        }))
    })
}

/// Debts for which the comune's rule takes no new enrolment, in words: who decides sees them.
pub(super) fn excluded(
    db: &rusqlite::Connection,
    payer: PersonId,
    child: PersonId,
    today: Date,
) -> Result<Vec<String>> {
    let debts = refunds::exclusions(db, payer, child, today)?;
    let words = |debt: &Debtor| {
        format!(
            "{}: {} di {}, {} dal {}",
            debt.payer,
            debt.service,
            debt.child,
            debt.due(),
            date_it(debt.since)
        )
    };
    Ok(debts.iter().map(words).collect())
}

fn happened(state: State) -> &'static str {
    match state {
        State::Submitted => "Inviata dalla famiglia",
        State::Accepted => "Accolta",
        State::Refused => "Respinta",
    }
}

/// What was handed in, each with where it is opened and logged.
pub(super) fn attachments(application: &Application) -> Vec<Value> {
    let base = href(&application.public_id);
    let row = |document: &Document| {
        json!({
            "href": format!("{base}/documenti/{}", document.public_id),
            "name": document.filename,
            "size": size(document.size),
            "certificate": document.kind == DocumentKind::Certificate,
        })
    };
    application.attachments.iter().map(row).collect()
}

/// `320 kB`, `1,4 MB`.
fn size(bytes: i64) -> String {
    let kilobytes = (bytes + 1023) / 1024;
    if kilobytes < 1024 {
        format!("{kilobytes} kB")
    } else {
        let tenths = kilobytes * 10 / 1024;
        format!("{},{} MB", tenths / 10, tenths % 10)
    }
}

/// What the clerk should look at before deciding: nothing of it refuses by itself.
fn doubts(cx: &Cx, application: &Application) -> Result<Vec<String>> {
    let (applicant, child) = (&application.content.applicant, &application.content.child);
    let differ = |who: &str, code: &FiscalCode, found: Vec<Mismatch>| {
        let words: Vec<_> = found.into_iter().map(mismatch_word).collect();
        (!words.is_empty()).then(|| {
            format!(
                "Il codice fiscale {who} ({code}) non corrisponde a: {}.",
                words.join(", ")
            )
        })
    };
    let mut doubts = Vec::new();
    let code = &applicant.fiscal_code;
    let found = code.mismatches(
        &applicant.surname,
        &applicant.name,
        applicant.birth_date,
        None,
        None,
    );
    doubts.extend(differ("del richiedente", code, found));
    let code = &child.fiscal_code;
    let found = code.mismatches(
        &child.surname,
        &child.name,
        child.birth_date,
        child.sex,
        None,
    );
    doubts.extend(differ("dell’alunno", code, found));
    let ties = cx.read(|db| people::ties_of(db, application.applicant_id, cx.today()))?;
    let known = ties
        .iter()
        .any(|tie| tie.child == application.child_id && tie.adult == application.applicant_id);
    if !child.from_register {
        doubts.push(
            "L’alunno non è stato scelto dal nucleo anagrafico: i suoi dati li ha scritti il richiedente.".to_owned(),
        );
    }
    if !known {
        doubts.push(
            "La responsabilità genitoriale del richiedente non è ancora verificata: accogliendo la domanda la registri come verificata dall’ufficio da oggi.".to_owned(),
        );
    }
    if let Some(value) = application.content.service.isee_value {
        doubts.push(format!(
            "L’ISEE di {value} è dichiarato dal richiedente: per la tariffa conta quello registrato qui sotto."
        ));
    }
    Ok(doubts)
}

fn mismatch_word(mismatch: Mismatch) -> &'static str {
    match mismatch {
        Mismatch::Surname => "cognome",
        Mismatch::Name => "nome",
        Mismatch::BirthDate => "data di nascita",
        Mismatch::Sex => "sesso",
        Mismatch::BirthPlace => "luogo di nascita",
    }
}

fn receipt(cx: &mut Cx) -> Result<Reply> {
    let application = find(cx)?;
    let bytes = cx.read(|db| documents::bytes(db, &application.receipt))?;
    cx.file(application.receipt.filename, "application/pdf", bytes)
}

fn open(cx: &mut Cx) -> Result<Reply> {
    let id = cx.id("document")?;
    let document = find(cx)?.attachment(&id)?.clone();
    let (app, actor, now, own) = (
        Arc::clone(&cx.app),
        cx.actor.clone(),
        cx.now,
        document.clone(),
    );
    let bytes =
        cx.write(move |tx| applications::attachment_bytes(tx, &app.key, &actor, &own, now))?;
    cx.file(document.filename, document.media_type.as_str(), bytes)
}

/// The application's page again, with what was typed and what is wrong.
fn again(cx: &Cx, error: Error) -> Result<Reply> {
    let application = find(cx)?;
    cx.page_again(
        error,
        TEMPLATE,
        title(&application),
        data(cx, &application)?,
    )
}

fn accept(cx: &mut Cx) -> Result<Reply> {
    match accepted(cx) {
        Ok(location) => cx.redirect_saying(location, &Text::new("office-application-accepted")),
        Err(error) => again(cx, error),
    }
}

fn accepted(cx: &Cx) -> Result<String> {
    let id = cx.id("id")?;
    let mut checks = cx.form.check();
    let class = checks.choice("class", |text| text.parse().ok());
    let from = checks.date("from", true);
    let note = checks.optional("note", 2000).unwrap_or_default();
    checks.done()?;
    let (Some(class), Some(from)) = (class, from) else {
        return Err(Error::refused(Text::new("error-choose")));
    };
    let confirm_diet = cx.form.has("diet");
    let decision = Acceptance {
        class,
        from,
        confirm_diet,
        note,
    };
    let (app, actor, now) = (Arc::clone(&cx.app), cx.actor.clone(), cx.now);
    cx.write(move |tx| {
        applications::accept(tx, &app.key, &actor, &id, &decision, now)?;
        Ok(href(&id))
    })
}

fn refuse(cx: &mut Cx) -> Result<Reply> {
    let (id, actor, now) = (cx.id("id")?, cx.actor.clone(), cx.now);
    let reason = cx.form.text("reason").to_owned();
    let refused = cx.write(move |tx| {
        applications::refuse(tx, &actor, &id, &reason, now)?;
        Ok(href(&id))
    });
    match refused {
        Ok(location) => cx.redirect_saying(location, &Text::new("office-application-refused")),
        Err(error) => again(cx, error),
    }
}

fn record_isee(cx: &mut Cx) -> Result<Reply> {
    let application = find(cx)?;
    match isee_form::record(cx, application.child_id, href(&application.public_id)) {
        Err(error) => again(cx, error),
        recorded => recorded,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_at_a_glance() {
        assert_eq!(size(1), "1 kB");
        assert_eq!(size(320 * 1024), "320 kB");
        assert_eq!(size(1_500_000), "1,4 MB");
    }
}
