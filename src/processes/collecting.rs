//! Forced collection of debts: who is handed over, and the draft of the act for one debtor or, as a
//! job, for many ([`crate::refunds::collection`] says what is printed).

use std::collections::HashMap;

use rusqlite::{Connection, Transaction};
use serde_json::json;

use crate::base::{AccountId, Actor, Date, Error, Instant, PublicId, Result, date_it, today};
use crate::jobs::{Job, Step};
use crate::people::{self, Person};
use crate::processes::exports::{self, Cell, Format};
use crate::refunds::collection::{self, Collection, Letter};
use crate::refunds::dunning::StepKind;
use crate::refunds::{self, Batch, Debtor, KeptLetter};
use crate::{billing, municipality};

/// Debtors per step of the job: below 50 ms.
const CHUNK: usize = 4;

/// Those whom the rule hands over: the step is due, or done.
pub fn due(debtor: &&Debtor) -> bool {
    !debtor.exempt
        && debtor.due().is_positive()
        && (debtor.next == Some(StepKind::Collection) || debtor.in_collection)
}

/// `Via dei Tigli 4, 56017 Borgo San Lieto`; empty where nobody knows.
pub fn address(person: &Person) -> String {
    let town: Vec<&str> = [&person.postal_code, &person.town]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    let parts = [person.address.clone().unwrap_or_default(), town.join(" ")];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(", ")
}

/// The name of a debtor's letter as a file.
pub fn file_name(person: &Person, made_on: Date) -> String {
    format!("accertamento-{}-{made_on}.pdf", person.fiscal_code)
}

/// Makes the draft for one debtor and notes that it was made.
///
/// # Errors
/// `NotFound` when the debtor is not to be collected; `Forbidden` for who handles no money.
pub fn make_act(
    tx: &Transaction<'_>,
    actor: &Actor,
    payer: &PublicId,
    now: Instant,
) -> Result<(Person, Vec<u8>)> {
    let person = people::person_by_public_id(tx, payer)?;
    let debts = refunds::debts_of_person(tx, person.id, today(now))?;
    let all = collection::by_payer(debts.iter().filter(due));
    let one = all.first().ok_or(Error::NotFound)?;
    let bills = bills(tx, one, today(now))?;
    refunds::note_act(tx, actor, one, &bills, now)?;
    let pdf = print(tx, &person, one, bills, today(now))?;
    Ok((person, pdf))
}

/// One step of making the drafts of a batch: the job registry's entry for [`refunds::COLLECT`]. Who
/// paid meanwhile is left out.
///
/// # Errors
/// A refusal when the batch is so old that its first letters are gone; the database's own failure.
pub fn collect_step(tx: &Transaction<'_>, job: &Job, now: Instant) -> Result<Step> {
    refunds::require_fresh(job, now)?;
    let batch = Batch::of(job)?;
    let from = match job.cursor.as_str() {
        "" => 0,
        cursor => cursor.parse::<usize>().map_err(Error::internal)?,
    };
    let (debts, looked_at) = batch.debts(tx, from, CHUNK, today(now))?;
    if looked_at == 0 {
        let (count, total) = refunds::acts_of_job(tx, job)?;
        let total = total.to_decimal();
        return Ok(Step::Finished(json!({ "count": count, "total": total })));
    }
    for one in collection::by_payer(debts.iter().filter(due)) {
        let person = people::person(tx, one.payer)?;
        let bills = bills(tx, &one, today(now))?;
        let pdf = print(tx, &person, &one, bills.clone(), today(now))?;
        refunds::keep_act(tx, (job, &batch), &one, &bills, &pdf, now)?;
    }
    let until = from + looked_at;
    Ok(Step::More {
        cursor: until.to_string(),
        done: i64::try_from(until).map_err(Error::internal)?,
    })
}

fn print(
    db: &Connection,
    person: &Person,
    one: &Collection<'_>,
    bills: HashMap<AccountId, String>,
    on: Date,
) -> Result<Vec<u8>> {
    let comune = municipality::municipality(db)?;
    Ok(collection::render(&Letter {
        municipality: comune.letterhead(),
        responsible: comune.responsible.clone(),
        payer: person.full_name(),
        fiscal_code: person.fiscal_code.to_string(),
        address: address(person),
        collection: one,
        bills,
        on,
    })?)
}

/// The bills that asked for each debt: "bolletta 12/2026, 01/09/2026–30/09/2026".
fn bills(db: &Connection, of: &Collection<'_>, today: Date) -> Result<HashMap<AccountId, String>> {
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

/// The letters of a batch as one archive, with a list of them for who sends them.
///
/// # Errors
/// When the archive can't be written.
pub fn archive(db: &Connection, letters: Vec<KeptLetter>) -> Result<Vec<u8>> {
    let (mut files, mut list) = (Vec::new(), Vec::new());
    for letter in letters {
        let person = people::person(db, letter.payer)?;
        let name = file_name(&person, letter.made_on);
        list.push(vec![
            Cell::Text(person.fiscal_code.to_string()),
            Cell::Text(person.full_name()),
            Cell::Text(address(&person)),
            Cell::Safe(letter.amount.to_decimal().replace('.', ",")),
            Cell::Safe(name.clone()),
        ]);
        files.push((name, letter.made_on, letter.pdf));
    }
    let made_on = files.last().map_or(Date::MIN, |(_, day, _)| *day);
    let names = ["codice_fiscale", "debitore", "indirizzo", "debito", "file"];
    let list = exports::table(Format::Csv, "elenco", &names, list.into_iter())?;
    files.insert(0, ("elenco.csv".to_owned(), made_on, list));
    exports::archive(files)
}
