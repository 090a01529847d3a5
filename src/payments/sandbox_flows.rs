//! The demo's pretended providers settle what was paid with them: a flow for each provider and day, its
//! transfer, and the mishaps that happen to both. What they hand out is what real ones do: the same XML,
//! the same causali, mangled in the same ways.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::NoticeNumber;
use super::fdr;
use super::flows::{FlowRow, RawFlow, RowOutcome};
use super::rt::RawReceipt;
use super::sandbox::{self, PaidBy, require_demo};
use crate::base::{Cents, Date, Error, Instant, Result, Text, day_of};
use crate::municipality;
use crate::store;

/// Makes the flows of what was paid on a day and is in none yet, one for each provider, published two
/// working days later or at `now`, whichever is earlier. `first` is the outcome of the first flow's
/// first payment; all others are carried out. Returns the flows' ids.
///
/// With [`RowOutcome::WithoutReceipt`] the first flow begins with a payment whose receipt comes a day
/// after `now`, where a position is open to be paid.
///
/// # Errors
/// The database's own failure.
pub fn settle_day(
    tx: &Transaction<'_>,
    paid_on: Date,
    first: RowOutcome,
    now: Instant,
) -> Result<Vec<String>> {
    require_demo(tx)?;
    let late = match first {
        RowOutcome::WithoutReceipt => pay_without_receipt(tx, paid_on)?,
        _ => None,
    };
    let mut by_psp: BTreeMap<String, Vec<RawReceipt>> = BTreeMap::new();
    for receipt in unsettled(tx, paid_on)? {
        by_psp.entry(receipt.psp.clone()).or_default().push(receipt);
    }
    let mut made = Vec::new();
    for (psp, mut receipts) in by_psp {
        receipts.sort_by_key(|receipt| Some(&receipt.key) != late.as_ref());
        let mut rows = Vec::new();
        for receipt in &receipts {
            rows.push(row_of(receipt, paid_on)?);
        }
        if let Some(row) = rows.first_mut().filter(|_| made.is_empty()) {
            row.outcome = first;
        }
        let settled_on = working_days_after(paid_on, 1);
        let serial = store::next_number(tx, "sandbox-flow", 1)?;
        let flow = RawFlow {
            id: format!("{settled_on}{}-S{serial:010}", code_of(&psp)),
            made_at: afternoon(settled_on),
            psp,
            creditor: municipality::municipality(tx)?.fiscal_code.to_string(),
            regulation: format!("TRN{serial:010}"),
            settled_on,
            total: total(&rows),
            rows,
            raw: Vec::new(),
        };
        publish(
            tx,
            &flow,
            afternoon(working_days_after(paid_on, 2)).min(now),
        )?;
        made.push(flow.id);
    }
    if let Some(key) = late {
        let tomorrow = now.plus_millis(24 * 3_600_000);
        tx.prepare_cached("update sandbox_receipt set created_at = ?2 where receipt_key = ?1")?
            .execute((key, tomorrow))?;
    }
    Ok(made)
}

/// Declares a flow once more: its last payment is left out, to be declared in another flow. Returns
/// the amount that the flow now brings.
///
/// # Errors
/// `NotFound`; a field error when only one payment is in it.
pub fn overwrite(tx: &Transaction<'_>, flow_id: &str, now: Instant) -> Result<Cents> {
    require_demo(tx)?;
    let mut flow = current(tx, flow_id)?;
    if flow.rows.len() < 2 {
        let text = Text::new("sandbox-flow-too-short");
        return Err(Error::field("flow", text));
    }
    if let Some(row) = flow.rows.pop() {
        tx.prepare_cached("delete from sandbox_flow_payment where receipt_key = ?1")?
            .execute([&row.iur])?;
    }
    flow.made_at = now.max(flow.made_at.plus_millis(1000));
    flow.total = total(&flow.rows);
    publish(tx, &flow, now)?;
    Ok(flow.total)
}

/// A transfer to the treasurer's account, as the bank tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// The number that the treasurer gives it.
    pub number: String,
    /// The civil day.
    pub day: Date,
    /// Cents.
    pub amount: Cents,
    /// As the bank writes it.
    pub causale: String,
    /// Who sent it.
    pub payer: String,
}

/// What banks were seen to do to a causale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mangling {
    /// Nothing.
    None,
    /// Marks of the record around it.
    Marks,
    /// Blanks inside, a lost slash, words around it.
    Broken,
    /// The id is cut off: nobody can tell which flow it is.
    Cut,
}

impl Mangling {
    /// By the form's word.
    pub fn parse(word: &str) -> Option<Mangling> {
        match word {
            "none" => Some(Mangling::None),
            "marks" => Some(Mangling::Marks),
            "broken" => Some(Mangling::Broken),
            "cut" => Some(Mangling::Cut),
            _ => None,
        }
    }

    fn of(self, flow_id: &str) -> String {
        match self {
            Mangling::None => format!("/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/{flow_id}"),
            Mangling::Marks => {
                format!(":RI3:/PUR/LGPE-RIVERSAMENTO/URI/{flow_id} :SEC:")
            }
            Mangling::Broken => {
                let (start, end) = flow_id.split_at(flow_id.len() / 2);
                format!("ACCREDITI VARI PUR/LGPE-RIVERSA MENTO/URI/{start} {end} ORD. BANCA")
            }
            Mangling::Cut => {
                let kept: String = flow_id.chars().take(10).collect();
                format!("/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/{kept}")
            }
        }
    }
}

/// The transfer of a flow, wrong by `difference` cents.
///
/// # Errors
/// `NotFound`; a field error when it would bring nothing.
pub fn transfer(
    tx: &Transaction<'_>,
    flow_id: &str,
    mangling: Mangling,
    difference: Cents,
) -> Result<Transfer> {
    require_demo(tx)?;
    let flow = current(tx, flow_id)?;
    let amount = flow.total + difference;
    if !amount.is_positive() {
        return Err(Error::field("difference", Text::new("error-not-an-amount")));
    }
    let series = format!("sandbox-treasury:{}", flow.settled_on.year());
    Ok(Transfer {
        number: store::next_number(tx, &series, 1)?.to_string(),
        day: flow.settled_on,
        amount,
        causale: mangling.of(flow_id),
        payer: flow.psp,
    })
}

/// The newest flows of the pretended providers: id and provider.
///
/// # Errors
/// The database's own failure.
pub fn newest(db: &Connection, limit: u32) -> Result<Vec<RawFlow>> {
    require_demo(db)?;
    let sql = "select xml from sandbox_flow f where not exists (
                 select 1 from sandbox_flow x where x.flow_id = f.flow_id and x.id > f.id)
               order by f.id desc limit ?1";
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map([limit], |row| row.get::<_, String>(0))?;
    rows.map(|xml| fdr::parse(xml?.as_bytes()).map_err(Error::internal))
        .collect()
}

/// The flows that were published between two moments, both included, in their last revision.
pub(super) fn published(db: &Connection, since: Instant, until: Instant) -> Result<Vec<RawFlow>> {
    let sql = "select xml from sandbox_flow f where f.published_at between ?1 and ?2
                 and not exists (select 1 from sandbox_flow x
                   where x.flow_id = f.flow_id and x.id > f.id and x.published_at <= ?2)
               order by f.published_at, f.id";
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map((since, until), |row| row.get::<_, String>(0))?;
    rows.map(|xml| fdr::parse(xml?.as_bytes()).map_err(Error::internal))
        .collect()
}

fn current(db: &Connection, flow_id: &str) -> Result<RawFlow> {
    let sql = "select xml from sandbox_flow where flow_id = ?1 order by id desc limit 1";
    let xml: Option<String> = db
        .prepare_cached(sql)?
        .query_row([flow_id], |row| row.get(0))
        .optional()?;
    let xml = xml.ok_or_else(|| Error::field("flow", Text::new("error-choose")))?;
    fdr::parse(xml.as_bytes()).map_err(Error::internal)
}

fn publish(tx: &Transaction<'_>, flow: &RawFlow, at: Instant) -> Result<()> {
    let xml = fdr::write(flow).map_err(Error::internal)?;
    tx.prepare_cached("insert into sandbox_flow (flow_id, xml, published_at) values (?1, ?2, ?3)")?
        .execute((&flow.id, xml, at))?;
    for row in &flow.rows {
        tx.prepare_cached(
            "insert or ignore into sandbox_flow_payment (receipt_key, flow_id) values (?1, ?2)",
        )?
        .execute((&row.iur, &flow.id))?;
    }
    Ok(())
}

/// The payments of a day that no flow holds, in the order of their receipts.
fn unsettled(db: &Connection, paid_on: Date) -> Result<Vec<RawReceipt>> {
    let start = Instant::from_rome(paid_on.at(0, 0, 0, 0));
    // A receipt may come a day after its payment.
    let end = start.plus_millis(3 * 24 * 3_600_000);
    let sql = "select xml from sandbox_receipt r where r.created_at between ?1 and ?2
                 and not exists (select 1 from sandbox_flow_payment p
                   where p.receipt_key = r.receipt_key) order by r.id";
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map((start, end), |row| row.get::<_, String>(0))?;
    let mut found = Vec::new();
    for xml in rows {
        let receipt = RawReceipt::parse(xml?.as_bytes()).map_err(Error::internal)?;
        if day_of(receipt.paid_at) == paid_on {
            found.push(receipt);
        }
    }
    Ok(found)
}

/// Pays an open position, if there is one; the receipt's key.
fn pay_without_receipt(tx: &Transaction<'_>, paid_on: Date) -> Result<Option<String>> {
    let sql = "select p.notice_number from sandbox_position p
               join payment_notice n on n.notice_number = p.notice_number and n.state = 'open'
               where p.state = 'VALID' limit 1";
    let number: Option<String> = tx
        .prepare_cached(sql)?
        .query_row([], |row| row.get(0))
        .optional()?;
    let Some(number) = number else {
        return Ok(None);
    };
    let creditor = municipality::municipality(tx)?.fiscal_code;
    let by = PaidBy {
        method: "cash",
        psp: "Tabaccheria di Prova",
        receipt_later: false,
    };
    let paid_at = afternoon(paid_on);
    sandbox::pay_at_psp(tx, &number, creditor.as_str(), &by, paid_at).map(Some)
}

fn row_of(receipt: &RawReceipt, paid_on: Date) -> Result<FlowRow> {
    let number = NoticeNumber::parse(&receipt.notice_number).map_err(Error::internal)?;
    Ok(FlowRow {
        iuv: number.iuv().as_str().to_owned(),
        iur: receipt.key.clone(),
        transfer: 1,
        amount: receipt.amount,
        outcome: RowOutcome::Executed,
        day: paid_on,
    })
}

fn total(rows: &[FlowRow]) -> Cents {
    let bring = |row: &&FlowRow| row.outcome != RowOutcome::Revoked;
    rows.iter().filter(bring).map(|row| row.amount).sum()
}

/// `Banca di Prova S.p.A.` → `BANCADIPXXX`: what stands where a real id has the provider's BIC.
fn code_of(psp: &str) -> String {
    let letters = psp.chars().filter(char::is_ascii_alphabetic);
    let letters: String = letters.take(8).map(|c| c.to_ascii_uppercase()).collect();
    format!("{letters:X<11}")
}

fn afternoon(day: Date) -> Instant {
    Instant::from_rome(day.at(14, 0, 0, 0))
}

fn working_days_after(day: Date, days: i32) -> Date {
    let (mut left, mut at) = (days, day);
    while left > 0 && at < Date::MAX {
        at = at.tomorrow().unwrap_or(at);
        if at.weekday().to_monday_one_offset() <= 5 {
            left -= 1;
        }
    }
    at
}
