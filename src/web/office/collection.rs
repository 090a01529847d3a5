//! "Riscossione": the debtors whom reminders have not moved, the act for each, and the file for who
//! collects.

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::base::Permission::Money;
use crate::base::{Cents, Date, Error, PublicId, Result, Text, date_it};
use crate::people::{self, Person};
use crate::processes::collecting::{self, due};
use crate::processes::exports::{self, Cell, Format};
use crate::processes::work;
use crate::refunds::collection;
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
        get("/ufficio/morosi/riscossione/atti", Money, preview),
        post("/ufficio/morosi/riscossione/atti", Money, start),
        get(
            "/ufficio/morosi/riscossione/atti/:job/atti.zip",
            Money,
            letters,
        ),
    ]
}

/// The title of the preview.
const ACTS: &str = "Prepara gli atti";
/// Drafts in one go.
const MOST: usize = 500;

fn list(cx: &mut Cx) -> Result<Reply> {
    let (today, now) = (cx.today(), cx.now);
    let (rows, batches) = cx.read(|db| Ok((rows(db, today)?, refunds::kept_batches(db, now)?)))?;
    let total: Cents = rows.iter().map(|row| row.total).sum();
    let batches = batches
        .iter()
        .map(|kept| json!({ "kept": kept, "href": letters_href(&kept.job) }));
    let data = json!({
        "count": rows.len(),
        "total": total,
        "rows": rows.iter().map(Row::told).collect::<Vec<_>>(),
        "batches": batches.collect::<Vec<_>>(),
        "limit": collection::NOT_COLLECTED,
    });
    cx.page("office/collection.html", "Riscossione", data)
}

/// A debtor to be collected.
struct Row {
    person: Person,
    total: Cents,
    since: Option<Date>,
    count: usize,
    act: Option<refunds::Act>,
}

impl Row {
    fn told(&self) -> Value {
        json!({
            "id": self.person.public_id,
            "name": self.person.full_name(),
            "address": collecting::address(&self.person),
            "total": self.total,
            "since": self.since,
            "count": self.count,
            "act": self.act,
            "made": self.is_made(),
        })
    }

    /// There is a draft, and it asks for what is owed now.
    fn is_made(&self) -> bool {
        self.act
            .as_ref()
            .is_some_and(|act| act.amount == self.total)
    }
}

fn rows(db: &Connection, today: Date) -> Result<Vec<Row>> {
    let debtors = refunds::debtors(db, today)?;
    let all = collection::by_payer(debtors.iter().filter(due));
    let payers: Vec<_> = all.iter().map(|one| one.payer).collect();
    let mut acts = refunds::last_acts(db, &payers)?;
    let row = |one: collection::Collection<'_>| {
        Ok(Row {
            person: people::person(db, one.payer)?,
            total: one.total(),
            since: one.debts.first().map(|debt| debt.since),
            count: one.debts.len(),
            act: acts.remove(&one.payer),
        })
    };
    all.into_iter().map(row).collect()
}

/// Makes the draft and notes that it was made.
fn act(cx: &mut Cx) -> Result<Reply> {
    let (id, today) = (cx.id("payer")?, cx.today());
    let (actor, now) = (cx.actor.clone(), cx.now);
    let (person, bytes) = cx.write(move |tx| collecting::make_act(tx, &actor, &id, now))?;
    cx.file(
        collecting::file_name(&person, today),
        "application/pdf",
        bytes,
    )
}

/// Whose drafts would be made, before they are.
fn preview(cx: &mut Cx) -> Result<Reply> {
    let data = preview_data(cx)?;
    cx.page("office/collection_acts.html", ACTS, data)
}

fn preview_data(cx: &Cx) -> Result<Value> {
    let today = cx.today();
    let mut rows = cx.read(|db| rows(db, today))?;
    let more = rows.len().saturating_sub(MOST);
    rows.truncate(MOST);
    let told = rows.iter().map(|row| {
        let mut told = row.told();
        told["chosen"] = json!(!row.is_made());
        told
    });
    let without = |row: &&Row| collecting::address(&row.person).is_empty();
    Ok(json!({
        "rows": told.collect::<Vec<_>>(),
        "made": rows.iter().filter(|row| row.is_made()).count(),
        "without_address": rows.iter().filter(without).count(),
        "more": more,
        "days": refunds::KEPT_DAYS,
    }))
}

fn start(cx: &mut Cx) -> Result<Reply> {
    let chosen = cx.form.all("payer").filter_map(|id| id.parse().ok());
    let chosen: Vec<PublicId> = chosen.take(MOST).collect();
    if chosen.is_empty() {
        let data = preview_data(cx)?;
        let none = Error::refused(Text::new("error-collection-none"));
        return cx.page_again(none, "office/collection_acts.html", ACTS, data);
    }
    let (actor, now, today) = (cx.actor.clone(), cx.now, cx.today());
    let reply = cx.write_once(move |tx| {
        let debtors = refunds::debtors(tx, today)?;
        let wanted = |debtor: &&Debtor| due(debtor) && chosen.contains(&debtor.payer_public);
        let chosen = collection::by_payer(debtors.iter().filter(wanted));
        if chosen.is_empty() {
            return Err(Error::NotFound);
        }
        let job = refunds::start_acts(tx, &actor, &chosen, now)?;
        Ok(format!("/ufficio/lavori/{}", job.public_id))
    })?;
    work::wake(&cx.app);
    Ok(reply)
}

/// Where the letters of a job are.
pub(super) fn letters_href(job: &PublicId) -> String {
    format!("/ufficio/morosi/riscossione/atti/{job}/atti.zip")
}

fn letters(cx: &mut Cx) -> Result<Reply> {
    let (job, actor, now) = (cx.id("job")?, cx.actor.clone(), cx.now);
    let letters = cx.write(move |tx| refunds::take_letters(tx, &actor, &job, now))?;
    let day = letters.last().map_or(cx.today(), |letter| letter.made_on);
    let bytes = cx.read(|db| collecting::archive(db, letters))?;
    cx.file(format!("accertamenti-{day}.zip"), "application/zip", bytes)
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
