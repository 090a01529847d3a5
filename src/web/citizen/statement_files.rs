//! The statement as a file: for a spreadsheet, and on paper. Both say exactly what the page shows.

use super::statement::asked;
use crate::base::{Actor, Cents, Date, Error, Result, date_it};
use crate::statement::{self, Filter, Line, Printed, PrintedLine, Statement};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::{ledger, municipality, people};

/// The same lines as a file that Italian spreadsheets open as it is: semicolons, decimal commas,
/// a byte order mark. Oldest first.
pub(super) fn csv(cx: &mut Cx) -> Result<Reply> {
    csv_of(cx, &cx.actor)
}

/// The statement that is asked for, of the actor's accounts, for a spreadsheet.
pub(in crate::web) fn csv_of(cx: &Cx, actor: &Actor) -> Result<Reply> {
    let filter = asked(cx)?;
    let told = cx.read(|db| statement::statement(db, actor, &filter))?;
    let bytes = rows(cx, &filter, &told).map_err(Error::internal)?;
    let name = format!("estratto-conto-{}-{}.csv", filter.from, filter.to);
    cx.file(name, "text/csv; charset=utf-8", bytes)
}

fn rows(cx: &Cx, filter: &Filter, told: &Statement) -> csv::Result<Vec<u8>> {
    let mut file = csv::WriterBuilder::new()
        .delimiter(b';')
        .from_writer("\u{feff}".as_bytes().to_vec());
    let titles = [
        "statement-day",
        "statement-child",
        "statement-service",
        "statement-what",
        "statement-debit",
        "statement-credit",
        "statement-balance",
    ];
    file.write_record(titles.map(|key| cx.say(key)))?;
    let balance_row = |file: &mut csv::Writer<Vec<u8>>, day: Date, key, balance: Cents| {
        let (day, what, balance) = (date_it(day), cx.say(key), plain(balance));
        file.write_record([&day, "", "", &what, "", "", &balance])
    };
    balance_row(&mut file, filter.from, "statement-opening", told.opening)?;
    for line in told.lines() {
        file.write_record([
            date_it(line.day),
            line.child.clone(),
            line.service.clone(),
            cx.say_text(&line.description()),
            line.debit().map(plain).unwrap_or_default(),
            line.credit().map(plain).unwrap_or_default(),
            plain(line.balance),
        ])?;
    }
    balance_row(&mut file, filter.to, "statement-closing", told.closing)?;
    file.into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))
}

/// A number that a spreadsheet takes for one: no thousands mark, an ASCII minus.
fn plain(amount: Cents) -> String {
    amount.to_decimal().replace('.', ",")
}

/// The same on paper.
pub(super) fn pdf(cx: &mut Cx) -> Result<Reply> {
    pdf_of(cx, &cx.actor)
}

/// The statement that is asked for, of the actor's accounts, on paper.
pub(in crate::web) fn pdf_of(cx: &Cx, actor: &Actor) -> Result<Reply> {
    let filter = asked(cx)?;
    let printed = cx.read(|db| {
        let told = statement::statement(db, actor, &filter)?;
        let payer = people::person(db, actor.person().ok_or(Error::Forbidden)?)?;
        Ok(Printed {
            municipality: municipality::municipality(db)?.letterhead(),
            payer: payer.full_name(),
            fiscal_code: payer.fiscal_code.to_string(),
            what: what(cx, &ledger::accounts_of_person(db, payer.id)?, &filter),
            from: filter.from,
            to: filter.to,
            on: cx.today(),
            opening: told.opening,
            lines: told.lines().map(|line| printed_line(cx, line)).collect(),
            debit: told.debit,
            credit: told.credit,
            closing: told.closing,
        })
    })?;
    let name = format!("estratto-conto-{}-{}.pdf", filter.from, filter.to);
    cx.file(name, "application/pdf", statement::render(&printed)?)
}

fn printed_line(cx: &Cx, line: &Line) -> PrintedLine {
    PrintedLine {
        day: line.day,
        what: cx.say_text(&line.description()),
        debit: line.debit(),
        credit: line.credit(),
        balance: line.balance,
    }
}

/// "Luca, tutti i servizi": what the filter chose, in words.
fn what(cx: &Cx, accounts: &[ledger::FamilyAccount], filter: &Filter) -> String {
    let mut of = accounts.iter();
    if let Some(account) = of.find(|a| Some(&a.public_id) == filter.account.as_ref()) {
        return format!("{}, {}", account.child_name, account.service);
    }
    let child = accounts
        .iter()
        .find(|a| Some(&a.child_public) == filter.child.as_ref());
    let service = accounts
        .iter()
        .find(|a| Some(&a.service_public) == filter.service.as_ref());
    let child = child.map_or_else(
        || cx.say("statement-all-children"),
        |a| a.child_name.clone(),
    );
    let service = service.map_or_else(|| cx.say("statement-all-services"), |a| a.service.clone());
    format!("{child}, {service}")
}
