//! "Riscossione": the debtors whom reminders have not moved, the act for each, and the file for who
//! collects.

use std::collections::HashMap;

use serde_json::json;

use crate::base::Permission::Money;
use crate::base::{AccountId, Cents, Date, Error, Result, date_it};
use crate::billing;
use crate::municipality;
use crate::people::{self, Person};
use crate::processes::exports::{self, Cell, Format};
use crate::refunds::collection::{self, Letter};
use crate::refunds::dunning::StepKind;
use crate::refunds::{self, Debtor};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/ufficio/morosi/riscossione", Money, list),
        get("/ufficio/morosi/riscossione.csv", Money, csv),
        get("/ufficio/morosi/riscossione.xlsx", Money, xlsx),
        post("/ufficio/morosi/riscossione/:payer/avviso.pdf", Money, act),
    ]
}

/// Those whom the rule hands over: the step is due, or done.
fn due(debtor: &&Debtor) -> bool {
    !debtor.exempt
        && debtor.due().is_positive()
        && (debtor.next == Some(StepKind::Collection) || debtor.in_collection)
}

fn list(cx: &mut Cx) -> Result<Reply> {
    let today = cx.today();
    let rows = cx.read(|db| {
        let debtors = refunds::debtors(db, today)?;
        let all = collection::by_payer(debtors.iter().filter(due));
        let payers: Vec<_> = all.iter().map(|one| one.payer).collect();
        let acts = refunds::last_acts(db, &payers)?;
        let mut rows = Vec::new();
        for one in all {
            let person = people::person(db, one.payer)?;
            rows.push(json!({
                "id": person.public_id,
                "name": person.full_name(),
                "address": address(&person),
                "total": one.total(),
                "since": one.debts.first().map(|debt| debt.since),
                "count": one.debts.len(),
                "act": acts.get(&one.payer),
            }));
        }
        Ok(rows)
    })?;
    let data = json!({ "rows": rows, "limit": collection::NOT_COLLECTED });
    cx.page("office/collection.html", "Riscossione", data)
}

/// `Via dei Tigli 4, 56017 Borgo San Lieto`.
fn address(person: &Person) -> String {
    let town: Vec<&str> = [&person.postal_code, &person.town]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    let parts = [person.address.clone().unwrap_or_default(), town.join(" ")];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(", ")
}

/// The bills that asked for each debt: "bolletta 12/2026, 01/09/2026–30/09/2026".
fn bills(
    db: &rusqlite::Connection,
    of: &collection::Collection<'_>,
    today: Date,
) -> Result<HashMap<AccountId, String>> {
    let mut all = HashMap::new();
    for debt in &of.debts {
        let bills = billing::overdue_bills(db, debt.account_id, today)?;
        let words = bills.iter().map(|bill| {
            let (from, to) = (date_it(bill.from), date_it(bill.to));
            format!("bolletta {}/{}, {from}–{to}", bill.number, bill.year)
        });
        let words: Vec<String> = words.collect();
        if !words.is_empty() {
            all.insert(debt.account_id, words.join("; "));
        }
    }
    Ok(all)
}

/// Makes the draft and notes that it was made.
fn act(cx: &mut Cx) -> Result<Reply> {
    let (id, today) = (cx.id("payer")?, cx.today());
    let (actor, now) = (cx.actor.clone(), cx.now);
    let (person, bytes) = cx.write(move |tx| {
        let person = people::person_by_public_id(tx, &id)?;
        let debts = refunds::debts_of_person(tx, person.id, today)?;
        let all = collection::by_payer(debts.iter().filter(due));
        let one = all.first().ok_or(Error::NotFound)?;
        let comune = municipality::municipality(tx)?;
        let bills = bills(tx, one, today)?;
        refunds::note_act(tx, &actor, one, &bills, now)?;
        let bytes = collection::render(&Letter {
            municipality: comune.letterhead(),
            responsible: comune.responsible.clone(),
            payer: person.full_name(),
            fiscal_code: person.fiscal_code.to_string(),
            address: address(&person),
            collection: one,
            bills,
            on: today,
        })?;
        Ok((person, bytes))
    })?;
    let name = format!("accertamento-{}-{today}.pdf", person.fiscal_code);
    cx.file(name, "application/pdf", bytes)
}

fn csv(cx: &mut Cx) -> Result<Reply> {
    let bytes = table(cx, Format::Csv)?;
    let name = format!("riscossione-{}.csv", cx.today());
    cx.file(name, "text/csv; charset=utf-8", bytes)
}

fn xlsx(cx: &mut Cx) -> Result<Reply> {
    let bytes = table(cx, Format::Xlsx)?;
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    cx.file(format!("riscossione-{}.xlsx", cx.today()), kind, bytes)
}

/// A row per debt, with what identifies the debtor.
fn table(cx: &Cx, format: Format) -> Result<Vec<u8>> {
    let today = cx.today();
    let names = [
        "codice_fiscale",
        "cognome",
        "nome",
        "indirizzo",
        "cap",
        "comune",
        "servizio",
        "utente",
        "dal",
        "debito",
    ];
    let rows = cx.read(|db| {
        let debtors = refunds::debtors(db, today)?;
        let mut rows = Vec::new();
        for one in collection::by_payer(debtors.iter().filter(due)) {
            let person = people::person(db, one.payer)?;
            rows.extend(one.debts.iter().map(|debt| row(&person, debt)));
        }
        Ok(rows)
    })?;
    let (actor, now, count) = (cx.actor.clone(), cx.now, rows.len());
    cx.write(move |tx| refunds::log_download(tx, &actor, "riscossione", count, now))?;
    exports::table(format, "riscossione", &names, rows.into_iter())
}

fn row(person: &Person, debt: &Debtor) -> Vec<Cell> {
    let text = |value: &Option<String>| Cell::Text(value.clone().unwrap_or_default());
    let euros = |amount: Cents| Cell::Safe(amount.to_decimal().replace('.', ","));
    vec![
        Cell::Text(person.fiscal_code.to_string()),
        Cell::Text(person.surname.clone()),
        Cell::Text(person.name.clone()),
        text(&person.address),
        text(&person.postal_code),
        text(&person.town),
        Cell::Text(debt.service.clone()),
        Cell::Text(debt.child.clone()),
        Cell::Safe(date_it(debt.since)),
        euros(debt.due()),
    ]
}
