//! "Cassa": the office takes money from a family, prints a receipt, cancels one that was wrong. The
//! register is among the reports.

use std::sync::Arc;

use serde_json::{Value, json};

use super::families::{self, identity_bar};
use crate::base::Permission::{Accounting, Cashier, Money};
use crate::base::{Cents, Error, PublicId, Result, Text};
use crate::cash_desk::{self, DeskReceipt, Means, NewTaking, Plan, receipt_pdf};
use crate::documents::{self, NewUpload};
use crate::people::{self, Person};
use crate::plans::{self, PlanState};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

const TAKE: &str = "office/cash_desk_take.html";
const RECEIPT: &str = "office/cash_desk_receipt.html";
const TITLE: &str = "Registra un incasso";

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/ufficio/famiglie/:person/cassa", Cashier, show),
        post("/ufficio/famiglie/:person/cassa", Cashier, take),
        get("/ufficio/cassa/:id", Money, receipt),
        get("/ufficio/cassa/:id/ricevuta.pdf", Money, print),
        get("/ufficio/cassa/:id/prova", Money, proof),
        post("/ufficio/cassa/:id/prova", Cashier, attach).mib(6),
        post("/ufficio/cassa/:id/annulla", Money, cancel),
    ]
}

/// Whether a page offers to take money: the desk is open, and this clerk may.
pub(super) fn is_offered(cx: &Cx, db: &rusqlite::Connection) -> Result<bool> {
    Ok(cx.actor.may(Cashier) && !cash_desk::allowed_means(db)?.is_empty())
}

fn payer(cx: &Cx) -> Result<Person> {
    let id = cx.id("person")?;
    cx.read(|db| people::person_by_public_id(db, &id))
}

/// The form; with a plan, what would be recorded.
fn data(cx: &Cx, person: &Person, plan: Option<(&NewTaking, &Plan)>) -> Result<Value> {
    cx.read(|db| {
        let means = cash_desk::allowed_means(db)?;
        let open = cash_desk::open_notices(db, person.id)?;
        let planned = plans::open_of_person(db, person.id)?;
        let mut typed = cx.form.typed();
        if cx.form.is_empty() {
            typed = json!({ "received_on": cx.today() });
        }
        Ok(json!({
            "family": identity_bar(db, person, cx.today())?,
            "href": format!("{}/cassa", families::href(person)),
            "off": means.is_empty(),
            "accountant": cx.actor.may(Accounting),
            "means": means.iter().map(|means| option(*means)).collect::<Vec<_>>(),
            "notices": open.iter().map(|notice| json!({
                "id": notice.public_id, "number": notice.shown_number(),
                "what": format!("{} – {}", notice.service, notice.child),
                "amount": notice.amount, "due_date": notice.due_date,
            })).collect::<Vec<_>>(),
            "in_instalments": planned.is_some_and(|plan| plan.state == PlanState::Running),
            "targets": cash_desk::targets(db, person.id, cx.today())?,
            "typed": typed,
            "plan": plan.map(|(new, plan)| json!({
                "rows": plan.shares.iter().map(|(target, amount)| json!({
                    "account": format!("{} – {}", target.service, target.child),
                    "amount": amount,
                    "before": target.balance,
                    "after": target.balance + *amount,
                })).collect::<Vec<_>>(),
                "total": plan.total,
                "means": new.means.italian(),
                "cash": new.means == Means::Cash,
                "received_on": new.received_on,
                "reference": new.reference,
                "paid_by": new.paid_by,
                "withdrawn": plan.paid.iter().map(|notice| (notice, Cents::ZERO)).chain(
                    plan.lowered.iter().map(|one| (&one.notice, one.rest.iter().map(|s| s.amount).sum()))
                ).map(|(notice, rest)| json!({
                    "number": notice.shown_number(), "amount": notice.amount,
                    "rest": (rest != Cents::ZERO).then_some(rest),
                })).collect::<Vec<_>>(),
            })),
        }))
    })
}

/// A means as a choice, with a capital.
fn option(means: Means) -> Value {
    let label = match means {
        Means::Cash => "Contanti",
        Means::Card => "Carta (POS)",
        Means::Cheque => "Assegno",
        Means::Transfer => "Bonifico o bollettino, con la prova",
    };
    json!({ "value": means.as_str(), "label": label })
}

/// Every means as a choice of the settings, and whether it is chosen.
pub(super) fn settings(cx: &Cx, db: &rusqlite::Connection) -> Result<Value> {
    let allowed = cash_desk::allowed_means(db)?;
    let all = Means::ALL.iter().map(|means| {
        let mut choice = option(*means);
        choice["chosen"] = allowed.contains(means).into();
        choice
    });
    Ok(json!({
        "on": !allowed.is_empty(),
        "means": all.collect::<Vec<_>>(),
        "may": cx.actor.may(Accounting),
    }))
}

fn show(cx: &mut Cx) -> Result<Reply> {
    let person = payer(cx)?;
    let data = data(cx, &person, None)?;
    cx.page(TAKE, TITLE, data)
}

/// What the clerk typed.
fn typed(cx: &Cx, person: &Person) -> Result<NewTaking> {
    let mut checks = cx.form.check();
    let means = checks.choice("means", Means::parse);
    let received_on = checks.date("received_on", true);
    let reference = checks.optional("reference", 100).unwrap_or_default();
    let paid_by = checks.optional("paid_by", 100);
    let id = |text: &str| text.parse::<PublicId>().map_err(|()| Error::NotFound);
    let notices = cx.form.beginning("notice-").map(|(of, _)| id(of));
    let notices = notices.collect::<Result<Vec<_>>>()?;
    let mut amounts = Vec::new();
    for (of, text) in cx.form.beginning("amount-") {
        if !text.trim().is_empty() {
            amounts.push((id(of)?, checks.amount(&format!("amount-{of}"))));
        }
    }
    checks.done()?;
    match (means, received_on) {
        (Some(means), Some(received_on)) => Ok(NewTaking {
            payer: person.id,
            notices,
            amounts,
            means,
            received_on,
            reference,
            paid_by,
        }),
        _ => Err(Error::NotFound),
    }
}

/// Shows what would be recorded, then records it.
fn take(cx: &mut Cx) -> Result<Reply> {
    let person = payer(cx)?;
    if cx.form.has("edit") {
        let data = data(cx, &person, None)?;
        return cx.page(TAKE, TITLE, data);
    }
    let (actor, now) = (cx.actor.clone(), cx.now);
    let done = typed(cx, &person).and_then(|new| {
        if cx.form.has("confirm") {
            return cx.write_once(move |tx| {
                let receipt = cash_desk::take(tx, &actor, &new, now)?;
                Ok(format!("/ufficio/cassa/{receipt}"))
            });
        }
        let plan = cx.read(|db| cash_desk::plan(db, &actor, &new, now))?;
        let data = data(cx, &person, Some((&new, &plan)))?;
        cx.page(TAKE, TITLE, data)
    });
    match done {
        Ok(Reply::Redirect(place)) => cx.redirect_saying(place, &Text::new("office-cash-taken")),
        Err(error @ (Error::Invalid(_) | Error::Refused(_))) => {
            let data = data(cx, &person, None)?;
            cx.page_again(error, TAKE, TITLE, data)
        }
        other => other,
    }
}

fn asked(cx: &Cx) -> Result<DeskReceipt> {
    let id = cx.id("id")?;
    cx.read(|db| cash_desk::receipt(db, &id))
}

fn receipt_page(cx: &Cx, error: Option<Error>) -> Result<Reply> {
    let of = asked(cx)?;
    let data = cx.read(|db| {
        let person = people::person(db, of.payer_id)?;
        let printed = cash_desk::printed(db, &of)?;
        let scan = cash_desk::scan(db, &of)?;
        Ok(json!({
            "family": identity_bar(db, &person, cx.today())?,
            "href": format!("/ufficio/cassa/{}", of.public_id),
            "receipt": of,
            "means": of.means.italian(),
            "paid": printed.paid,
            "withdrawn": printed.withdrawn,
            "scan": scan,
            "cashier": cx.actor.may(Cashier),
            "may_cancel": cash_desk::may_cancel(&cx.actor, &of, cx.now),
            "typed": cx.form.typed(),
        }))
    })?;
    let title = format!("Ricevuta di cassa n. {}", of.number);
    match error {
        None => cx.page(RECEIPT, title, data),
        Some(error) => cx.page_again(error, RECEIPT, title, data),
    }
}

/// Leads back to the receipt with a sentence, or shows it with what is wrong.
fn answered(cx: &Cx, done: Result<()>, sentence: &'static str) -> Result<Reply> {
    match done {
        Ok(()) => {
            let place = format!("/ufficio/cassa/{}", cx.param("id"));
            cx.redirect_saying(place, &Text::new(sentence))
        }
        Err(error @ (Error::Invalid(_) | Error::Refused(_))) => receipt_page(cx, Some(error)),
        Err(error) => Err(error),
    }
}

fn receipt(cx: &mut Cx) -> Result<Reply> {
    receipt_page(cx, None)
}

fn print(cx: &mut Cx) -> Result<Reply> {
    let of = asked(cx)?;
    paper(cx, &of)
}

/// The paper of a receipt.
pub(in crate::web) fn paper(cx: &Cx, of: &DeskReceipt) -> Result<Reply> {
    let printed = cx.read(|db| cash_desk::printed(db, of))?;
    let name = format!("ricevuta-cassa-{}.pdf", of.number.replace('/', "-"));
    cx.file(name, "application/pdf", receipt_pdf::render(&printed)?)
}

fn proof(cx: &mut Cx) -> Result<Reply> {
    let of = asked(cx)?;
    let (document, bytes) = cx.read(|db| {
        let document = cash_desk::scan(db, &of)?.ok_or(Error::NotFound)?;
        let bytes = documents::bytes(db, &document)?;
        Ok((document, bytes))
    })?;
    cx.file(document.filename, document.media_type.as_str(), bytes)
}

fn attach(cx: &mut Cx) -> Result<Reply> {
    let of = asked(cx)?;
    let Some(file) = cx.form.take_files().into_iter().next() else {
        let missing = Error::field("file", Text::new("error-required"));
        return receipt_page(cx, Some(missing));
    };
    let upload = NewUpload {
        field: "file",
        filename: file.filename,
        bytes: file.bytes,
        certificate: false,
    };
    let (app, actor, now) = (Arc::clone(&cx.app), cx.actor.clone(), cx.now);
    let done = cx.write(move |tx| cash_desk::attach_scan(tx, &app.key, &actor, &of, &upload, now));
    answered(cx, done, "office-cash-proof-kept")
}

fn cancel(cx: &mut Cx) -> Result<Reply> {
    let of = asked(cx)?;
    let mut checks = cx.form.check();
    let reason = checks.required("reason", 200);
    let (actor, now) = (cx.actor.clone(), cx.now);
    let done = checks.done().and_then(|()| {
        cx.write(move |tx| cash_desk::cancel(tx, &actor, &of.public_id, &reason, now))
    });
    answered(cx, done, "office-cash-cancelled")
}
