//! The statement as a file: for a spreadsheet, and on paper. Both say exactly what the page shows.

use std::collections::HashMap;

use super::statement::asked;
use crate::base::{Actor, Cents, Date, Error, PublicId, Result, Text, date_it, guarded};
use crate::charging::Reason;
use crate::statement::{self, Filter, Line, Printed, PrintedLine, Statement};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::{ledger, municipality, people, tariffs};

/// The same lines as a file that Italian spreadsheets open as it is: semicolons, decimal commas,
/// a byte order mark. Oldest first.
pub(super) fn csv(cx: &mut Cx) -> Result<Reply> {
    csv_of(cx, &cx.actor)
}

/// The statement that is asked for, of the actor's accounts, for a spreadsheet.
pub(in crate::web) fn csv_of(cx: &Cx, actor: &Actor) -> Result<Reply> {
    let filter = asked(cx)?;
    let (told, reasons) = cx.read(|db| {
        let reasons = statement::reasons(db, actor, &filter)?;
        Ok((statement::statement(db, actor, &filter)?, reasons))
    })?;
    let bytes = rows(cx, &filter, &told, &reasons).map_err(Error::internal)?;
    let name = format!("estratto-conto-{}-{}.csv", filter.from, filter.to);
    cx.file(name, "text/csv; charset=utf-8", bytes)
}

fn rows(cx: &Cx, filter: &Filter, told: &Statement, reasons: &Reasons) -> csv::Result<Vec<u8>> {
    let mut file = csv::WriterBuilder::new()
        .delimiter(b';')
        .from_writer("\u{feff}".as_bytes().to_vec());
    let titles = [
        "statement-day",
        "statement-child",
        "statement-service",
        "statement-what",
        "statement-reason",
        "statement-debit",
        "statement-credit",
        "statement-balance",
    ];
    file.write_record(titles.map(|key| cx.say(key)))?;
    let balance_row = |file: &mut csv::Writer<Vec<u8>>, day: Date, key, balance: Cents| {
        let (day, what, balance) = (date_it(day), cx.say(key), plain(balance));
        file.write_record([&day, "", "", &what, "", "", "", &balance])
    };
    let text = |cell: String| guarded(&cell).into_owned();
    balance_row(&mut file, filter.from, "statement-opening", told.opening)?;
    for line in told.lines() {
        file.write_record([
            date_it(line.day),
            text(line.child.clone()),
            text(line.service.clone()),
            text(cx.say_text(&line.description())),
            text(why(cx, line, reasons)),
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
        let reasons = statement::reasons(db, actor, &filter)?;
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
            lines: told
                .lines()
                .map(|line| printed_line(cx, line, &reasons))
                .collect(),
            debit: told.debit,
            credit: told.credit,
            closing: told.closing,
        })
    })?;
    let name = format!("estratto-conto-{}-{}.pdf", filter.from, filter.to);
    cx.file(name, "application/pdf", statement::render(&printed)?)
}

/// The reasons of charges, by what names them.
type Reasons = HashMap<PublicId, Reason>;

/// Why a charge costs that, in short: sentences of its own page.
fn why(cx: &Cx, line: &Line, reasons: &Reasons) -> String {
    let found = line.charge.as_ref().and_then(|id| reasons.get(id));
    let Some(reason) = found else {
        return String::new();
    };
    let mut all = Vec::new();
    if let Some(from) = reason.from.filter(|from| *from != line.day) {
        let period = Text::new("statement-reason-period")
            .with("from", from)
            .with("to", line.day);
        all.push(period);
    }
    all.extend(tariffs::brief(&reason.explanation));
    if reason.before != Cents::ZERO {
        all.push(Text::new("bill-line-before").with("before", reason.before));
    }
    let all: Vec<String> = all.iter().map(|text| cx.say_text(text)).collect();
    all.join(" ")
}

fn printed_line(cx: &Cx, line: &Line, reasons: &Reasons) -> PrintedLine {
    PrintedLine {
        day: line.day,
        what: cx.say_text(&line.description()),
        why: why(cx, line, reasons),
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
    let service = service.map_or_else(
        || cx.say("statement-all-services-too"),
        |a| a.service.clone(),
    );
    format!("{child}, {service}")
}
