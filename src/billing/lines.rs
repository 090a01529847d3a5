//! A draft as the clerk checks it: payer by payer, compared with the last time.

use rusqlite::{Connection, Row};
use serde::Serialize;

use super::runs::{Run, previous_run};
use crate::base::{BillRunId, Cents, Date, Error, PersonId, PublicId, Result};
use crate::charging::PeriodFault;
use crate::people;
use crate::tariffs::Explanation;

/// What a run comes to.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Totals {
    /// Payers with at least one line.
    pub payers: i64,
    /// Of them, those who get a bill: a line of theirs has a price.
    pub billed: i64,
    /// Lines.
    pub lines: i64,
    /// Lines that have no price.
    pub faults: i64,
    /// What families are charged in all, less what they get back: cents.
    pub total: Cents,
    /// Of it, what lines give back.
    pub given_back: Cents,
    /// What other bodies pay.
    pub aided: Cents,
    /// By service: name, lines, total.
    pub services: Vec<(String, i64, Cents)>,
}

/// What a run comes to.
///
/// # Errors
/// The database's own failure.
pub fn totals(db: &Connection, run: &Run) -> Result<Totals> {
    let sql = "select count(distinct payer_id), count(*), count(fault), coalesce(sum(amount), 0),
                 coalesce(sum(min(amount, 0)), 0), coalesce(sum(aided), 0),
                 count(distinct case when fault is null then payer_id end)
               from bill_line where run_id = ?1";
    let mut totals = db.prepare_cached(sql)?.query_row([run.id], |row| {
        Ok(Totals {
            payers: row.get(0)?,
            lines: row.get(1)?,
            faults: row.get(2)?,
            total: row.get(3)?,
            given_back: row.get(4)?,
            aided: row.get(5)?,
            billed: row.get(6)?,
            services: Vec::new(),
        })
    })?;
    let mut statement = db.prepare_cached(
        "select s.name, count(*), sum(l.amount) from bill_line l
         join enrolment e on e.id = l.enrolment_id join service s on s.id = e.service_id
         where l.run_id = ?1 group by s.id order by s.name",
    )?;
    let rows = statement.query_map([run.id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    totals.services = rows.collect::<rusqlite::Result<_>>()?;
    Ok(totals)
}

/// Which payers are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Only {
    /// All of them.
    #[default]
    All,
    /// Those with a line that has no price.
    Faults,
    /// Those with a line that waits for the new ISEE.
    Held,
    /// Those whose total differs by a fifth or more from the last time.
    Changed,
    /// Those who were not billed the last time.
    New,
    /// Those who get back.
    GivenBack,
    /// Those who were billed the last time and have no line now.
    Gone,
}

impl Only {
    /// As the page's address writes it.
    pub fn parse(text: &str) -> Only {
        match text {
            "errori" => Only::Faults,
            "trattenute" => Only::Held,
            "cambiati" => Only::Changed,
            "nuovi" => Only::New,
            "restituzioni" => Only::GivenBack,
            "spariti" => Only::Gone,
            _ => Only::All,
        }
    }

    /// What it asks of a payer's sums.
    fn condition(self) -> &'static str {
        match self {
            Only::All | Only::Gone => "1",
            Only::Faults => "faults > 0",
            Only::Held => "held > 0",
            Only::Changed => {
                "last is not null and 5 * abs(total - last) >= abs(last) and total <> last"
            }
            Only::New => "last is null",
            Only::GivenBack => "total < 0",
        }
    }
}

/// Which payers of a run are shown.
#[derive(Clone, Debug, Default)]
pub struct Filter<'a> {
    /// Which.
    pub only: Only,
    /// A part of the name.
    pub name: &'a str,
}

/// A payer of a run.
#[derive(Clone, Debug, Serialize)]
pub struct PayerTotal {
    /// Inside.
    #[serde(skip)]
    pub id: PersonId,
    /// Outside.
    pub public_id: PublicId,
    /// Surname and name.
    pub name: String,
    /// Lines.
    pub lines: i64,
    /// Lines without a price.
    pub faults: i64,
    /// Of them, those that wait for the new ISEE.
    pub held: i64,
    /// Cents.
    pub total: Cents,
    /// What the last run came to for this payer.
    pub last: Option<Cents>,
}

const PAYERS: &str =
    "select t.payer_id, p.public_id, p.surname || ' ' || p.name, t.lines, t.faults,
        t.total, t.last, t.held
    from (select l.payer_id, count(*) as lines, count(l.fault) as faults, sum(l.amount) as total,
            count(json_extract(l.fault, '$.held')) as held,
            (select b.total from bill b where b.run_id = ?2 and b.payer_id = l.payer_id) as last
          from bill_line l where l.run_id = ?1 group by l.payer_id) t
    join person p on p.id = t.payer_id
    where (?3 = '' or p.search_name like '%' || ?3 || '%')";

// Whom the last run billed and this one does not know.
const GONE: &str = "select t.payer_id, p.public_id, p.surname || ' ' || p.name, 0, 0, 0, t.total, 0
    from bill t join person p on p.id = t.payer_id
    where t.run_id = ?2 and (?3 = '' or p.search_name like '%' || ?3 || '%')
      and not exists (select 1 from bill_line l where l.run_id = ?1 and l.payer_id = t.payer_id)";

fn rows_of(only: Only) -> &'static str {
    match only {
        Only::Gone => GONE,
        _ => PAYERS,
    }
}

fn last(db: &Connection, run: &Run) -> Result<Option<BillRunId>> {
    Ok(previous_run(db, run)?.map(|last| last.id))
}

/// The payers of a run, by name.
///
/// # Errors
/// The database's own failure.
pub fn payers(
    db: &Connection,
    run: &Run,
    filter: &Filter<'_>,
    limit: u32,
    offset: u32,
) -> Result<Vec<PayerTotal>> {
    let (rows, condition) = (rows_of(filter.only), filter.only.condition());
    let sql = format!("{rows} and {condition} order by p.search_name, p.id limit ?4 offset ?5");
    let name = people::search_name(filter.name);
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map((run.id, last(db, run)?, name, limit, offset), |row| {
        Ok(PayerTotal {
            id: row.get(0)?,
            public_id: row.get(1)?,
            name: row.get(2)?,
            lines: row.get(3)?,
            faults: row.get(4)?,
            total: row.get(5)?,
            last: row.get(6)?,
            held: row.get(7)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many payers a filter finds.
///
/// # Errors
/// The database's own failure.
pub fn payers_count(db: &Connection, run: &Run, filter: &Filter<'_>) -> Result<i64> {
    let (rows, condition) = (rows_of(filter.only), filter.only.condition());
    let sql = format!("select count(*) from ({rows} and {condition})");
    let name = people::search_name(filter.name);
    Ok(db
        .prepare_cached(&sql)?
        .query_row((run.id, last(db, run)?, name), |row| row.get(0))?)
}

/// A line of a run with its reasons.
#[derive(Clone, Debug)]
pub struct DraftLine {
    /// The payer: surname and name.
    pub payer: String,
    /// Surname and name.
    pub child: String,
    /// The service.
    pub service: String,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// Charged days.
    pub days: u32,
    /// Cents.
    pub amount: Cents,
    /// What was charged for the same days before.
    pub before: Cents,
    /// What other bodies pay.
    pub aided: Cents,
    /// Why it costs that; none where it has no price.
    pub explanation: Option<Explanation>,
    /// Why it has no price.
    pub fault: Option<PeriodFault>,
}

const LINE: &str =
    "select y.surname || ' ' || y.name, c.surname || ' ' || c.name, s.name, l.from_day,
        l.to_day, l.days, l.amount, l.before, l.aided, x.body, l.fault
    from bill_line l join enrolment e on e.id = l.enrolment_id
    join person y on y.id = l.payer_id join person c on c.id = e.child_id
    join service s on s.id = e.service_id left join explanation x on x.id = l.explanation_id";

fn line(row: &Row<'_>) -> Result<DraftLine> {
    let explanation: Option<String> = row.get(9)?;
    let fault: Option<String> = row.get(10)?;
    let parsed = explanation.map(|body| serde_json::from_str(&body));
    let fault = fault.map(|body| serde_json::from_str(&body));
    Ok(DraftLine {
        payer: row.get(0)?,
        child: row.get(1)?,
        service: row.get(2)?,
        from: row.get(3)?,
        to: row.get(4)?,
        days: row.get(5)?,
        amount: row.get(6)?,
        before: row.get(7)?,
        aided: row.get(8)?,
        explanation: parsed.transpose().map_err(Error::internal)?,
        fault: fault.transpose().map_err(Error::internal)?,
    })
}

/// The lines of a payer in a run, by child and service.
///
/// # Errors
/// The database's own failure.
pub fn lines_of_payer(db: &Connection, run: &Run, payer: PersonId) -> Result<Vec<DraftLine>> {
    let sql = format!(
        "{LINE} where l.run_id = ?1 and l.payer_id = ?2
         order by c.birth_date, c.id, s.name, l.from_day, l.id"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query((run.id, payer))?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        lines.push(line(row)?);
    }
    Ok(lines)
}

/// Every line of a run, handed on one by one: for the export.
///
/// # Errors
/// The database's own failure, and that of who takes them.
pub fn each_line(
    db: &Connection,
    run: &Run,
    mut take: impl FnMut(DraftLine) -> Result<()>,
) -> Result<()> {
    let sql = format!("{LINE} where l.run_id = ?1 order by l.payer_id, l.id");
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query([run.id])?;
    while let Some(row) = rows.next()? {
        take(line(row)?)?;
    }
    Ok(())
}
