//! What a rule would have charged for what was charged: who pays more, who less, and what the comune
//! takes in from each ISEE band. Of a prepaid service the closed days are looked at, of a postpaid one
//! the months that were billed.

mod run;
mod sums;

use std::collections::BTreeSet;

use rusqlite::Connection;
use serde::Serialize;

use self::sums::Trying;
use super::periods::price_period_by;
use super::replay::replay;
use crate::base::{Cents, Date, EnrolmentId, PersonId, Result, Text};
use crate::municipality::Service;
use crate::tariffs::{Band, Base, InBand, Rule};

pub use run::{
    NewWhatIf, WHAT_IF, forget_what_ifs, newest_what_if, start_what_if, what_if_found, what_if_step,
};

/// Bands of a picture where the rule has none of its own: every 5,000 euros up to 30,000.
const USUAL: [Cents; 6] = [
    Cents(500_000),
    Cents(1_000_000),
    Cents(1_500_000),
    Cents(2_000_000),
    Cents(2_500_000),
    Cents(3_000_000),
];

/// What was charged and what would be.
#[derive(Debug, Default)]
pub struct WhatIf {
    /// Charged days.
    pub days: i64,
    /// What was charged.
    pub charged: Cents,
    /// What would be.
    pub would: Cents,
    /// The same by band, in order; those without anybody in them too.
    pub bands: Vec<BandSum>,
    /// The same by child, by name.
    pub children: Vec<ChildSum>,
    /// Days that the rule can't price: they stand in no sum.
    pub unpriced: i64,
    /// Why, for the first of them.
    pub why_unpriced: Option<Text>,
    /// Facts that the rule asks for and nobody recorded, as it names them: flags count as no.
    pub unrecorded: Vec<String>,
    /// The rule has parts that wait for the end of a period: they stand in no sum.
    pub needs_a_period: bool,
}

/// Whose days these are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Those of an ISEE band.
    Band(Band),
    /// Those without a valid ISEE.
    NoIsee,
    /// Those of children who don't live in the comune.
    NonResident,
}

/// What a band pays.
#[derive(Debug)]
pub struct BandSum {
    /// Whose.
    pub whose: Whose,
    /// How many children had a day in it.
    pub children: usize,
    /// Charged days.
    pub days: i64,
    /// What they cost.
    pub charged: Cents,
    /// What they would cost.
    pub would: Cents,
}

/// What a child pays.
#[derive(Clone, Debug, Serialize)]
pub struct ChildSum {
    /// The child.
    #[serde(skip)]
    pub child: PersonId,
    /// Who pays for the child.
    #[serde(skip)]
    pub payer: PersonId,
    /// Surname and name.
    pub name: String,
    /// Charged days.
    pub days: i64,
    /// What they cost.
    pub charged: Cents,
    /// What they would cost.
    pub would: Cents,
}

/// So many enrolments are priced at a time while somebody waits for the page.
const CHUNK: u32 = 200;

/// So many charges are looked at while somebody waits for the page; for more there is a job.
const MOST: u32 = 20_000;

/// Whether a service has more charges between two days, both included, than somebody waits for.
///
/// # Errors
/// The database's own failure.
pub fn is_long(db: &Connection, service: &Service, (from, to): (Date, Date)) -> Result<bool> {
    let sql = "select count(*) from (
                 select 1 from charge c join enrolment e on e.id = c.enrolment_id
                 where e.service_id = ?1 and c.day between ?2 and ?3 limit ?4)";
    let values = (service.id, from, to, MOST + 1);
    let found: u32 = db
        .prepare_cached(sql)?
        .query_row(values, |row| row.get(0))?;
    Ok(found > MOST)
}

/// Prices what a service charged between two days, both included, by another rule. Only children are
/// kept in memory.
///
/// # Errors
/// The database's own failure.
pub fn what_if(
    db: &Connection,
    service: &Service,
    rule: &Rule,
    period: (Date, Date),
) -> Result<WhatIf> {
    let mut trying = Trying::new(rule);
    if service.prepaid {
        replay(db, service, rule, period, |replayed| {
            trying.day(&replayed);
            Ok(())
        })?;
    } else {
        let billed = billed_months(db, service, period)?;
        let mut after = Some(EnrolmentId(0));
        while let Some(first) = after {
            let chunk = (first, CHUNK);
            after = bills(db, &mut trying, (service, rule), (period, &billed), chunk)?.0;
        }
    }
    trying.sums.told(db, service, rule)
}

/// The months of which a service billed something between two days, both included: their first days.
fn billed_months(
    db: &Connection,
    service: &Service,
    (from, to): (Date, Date),
) -> Result<BTreeSet<Date>> {
    let mut statement = db.prepare_cached(
        "select distinct c.from_day, c.day from enrolment e
         cross join charge c on c.enrolment_id = e.id and c.day between ?2 and ?3
         where e.service_id = ?1 and c.bill_line_id is not null",
    )?;
    let mut rows = statement.query((service.id, from, to))?;
    let mut months = BTreeSet::new();
    while let Some(row) = rows.next()? {
        let (from, to): (Date, Date) = (row.get(0)?, row.get(1)?);
        months.extend([from.first_of_month(), to.first_of_month()]);
    }
    Ok(months)
}

/// Tries some enrolments of a postpaid service after a given one: where to go on, none after the
/// last, and how many charges that were.
fn bills(
    db: &Connection,
    trying: &mut Trying<'_>,
    (service, rule): (&Service, &Rule),
    (period, billed): ((Date, Date), &BTreeSet<Date>),
    (after, limit): (EnrolmentId, u32),
) -> Result<(Option<EnrolmentId>, i64)> {
    let (last, lines) = price_period_by(db, service, rule, period, after, limit)?;
    let until = last.unwrap_or(EnrolmentId(i64::MAX));
    let count = trying.billed(db, service, period, (after, until))?;
    trying.priced(db, &lines, billed)?;
    Ok((last, count))
}

/// The rows of the picture: the rule's own bands, then those without an ISEE and non-residents.
fn whose(rule: &Rule) -> Vec<Whose> {
    let own = rule
        .components
        .iter()
        .find_map(|component| bands(&component.base));
    let bands = own.unwrap_or_else(|| {
        let over = [None].into_iter().chain(USUAL.map(Some));
        let to = USUAL.map(Some).into_iter().chain([None]);
        over.zip(to).map(|(over, to)| Band { over, to }).collect()
    });
    let bands = bands.into_iter().map(Whose::Band);
    bands.chain([Whose::NoIsee, Whose::NonResident]).collect()
}

/// The first bands that stand in a base.
fn bands(base: &Base) -> Option<Vec<Band>> {
    match base {
        Base::Fixed(_) => None,
        Base::By(table) => table.rows.iter().find_map(|(_, base)| bands(base)),
        Base::Isee(isee) => {
            let mut all = Vec::new();
            for place in 0.. {
                let (band, inside) = isee.band(place);
                if let (0, None, InBand::Flat(inside)) = (place, band.to, inside) {
                    return bands(inside);
                }
                all.push(band);
                if band.to.is_none() {
                    break;
                }
            }
            Some(all)
        }
    }
}
