//! ISEEs that came, were corrected or were withdrawn after days of theirs had been charged: what a
//! correction over those days would change.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use rusqlite::Connection;
use serde::Serialize;

use super::differences::{groups, published};
use crate::base::{
    Cents, Date, EnrolmentId, Error, Instant, PersonId, PublicId, Result, ServiceId, day_of,
};
use crate::municipality::{self, Service};
use crate::{charging, enrolments, isee, tariffs};

/// So many records are looked at, newest first: more are a matter of whole months, not of a list.
const MOST: u32 = 3_000;

/// A child's service whose charged days another ISEE would price differently.
#[derive(Clone, Debug, Serialize)]
pub struct LateIsee {
    /// The child, outside.
    pub child_id: PublicId,
    /// The child, inside.
    #[serde(skip)]
    pub person: PersonId,
    #[serde(skip)]
    enrolment: EnrolmentId,
    /// Surname and name.
    pub child: String,
    /// The service, inside.
    #[serde(skip)]
    pub service_id: ServiceId,
    /// The first day that was charged without it.
    pub from: Date,
    /// The last one.
    pub to: Date,
    /// The ISEE that came late, in cents; after a withdrawal the one that counts in its place, if any.
    pub value: Option<Cents>,
    /// The ISEE that made the price then, in cents; none: it was priced without.
    pub before: Option<Cents>,
    /// The day on which it was recorded.
    pub recorded_on: Date,
    /// What those months would cost more, in cents; below zero the family gets back. None where a
    /// price is missing: the draft says why.
    pub difference: Option<Cents>,
}

/// The late ISEEs of the last year that no run has looked at since, newest first, not yet priced
/// ([`differences`]). Those whose tariff asks for no ISEE are left out.
///
/// # Errors
/// The database's own failure.
pub fn late_isees(db: &Connection, today: Date) -> Result<Vec<LateIsee>> {
    let since = Instant::from_rome(
        today
            .saturating_sub(jiff::Span::new().years(1))
            .at(0, 0, 0, 0),
    );
    // A month's fee is charged ahead, and no more: later days can't have been charged before. (The
    // index and the cross joins keep the order: from the few new records to their charges.)
    let mut statement = db.prepare_cached(
        "select f.public_id, f.child, f.enrolment_id, f.service_id, f.value, f.recorded_at, f.first, f.last,
                (select o.value from isee o where o.id = f.used),
                f.child_id
         from (
           select k.public_id, k.surname || ' ' || k.name as child, i.child_id, e.id as enrolment_id, e.service_id,
                  i.id, i.value, i.recorded_at, min(coalesce(c.from_day, c.day)) as first,
                  max(c.day) as last, max(c.isee_id) as used
           from isee i indexed by isee_by_recording
           cross join person k on k.id = i.child_id
           cross join enrolment e on e.child_id = i.child_id
           cross join charge c on c.enrolment_id = e.id and c.day >= i.valid_from
             and c.day <= date(i.recorded_at / 1000, 'unixepoch', '+31 days')
             and coalesce(c.from_day, c.day) <= i.valid_to
             and c.posted_at < i.recorded_at and c.isee_id is not i.id
           where i.recorded_at >= ?1
             and not exists (select 1 from isee_withdrawal w where w.isee_id = i.id)
             and not exists (select 1 from isee n where n.child_id = i.child_id and n.id > i.id
               and not exists (select 1 from isee_withdrawal w where w.isee_id = n.id) and n.valid_from <= i.valid_to and n.valid_to >= i.valid_from)
             and not exists (select 1 from bill_run r where r.state = 'published'
               and r.created_at > i.recorded_at and r.from_day <= c.day and r.to_day >= c.day
               and (r.service_id is null or r.service_id = e.service_id)
               and (r.kind = 'period' or e.child_id in (select value from json_each(r.children))))
           group by i.id, e.id) f
         order by f.recorded_at desc, f.id limit ?2",
    )?;
    let found = statement.query_map((since, MOST), |row| {
        let recorded: Instant = row.get(5)?;
        Ok(LateIsee {
            child_id: row.get(0)?,
            child: row.get(1)?,
            enrolment: row.get(2)?,
            service_id: row.get(3)?,
            value: row.get(4)?,
            recorded_on: day_of(recorded),
            from: row.get(6)?,
            to: row.get(7)?,
            before: row.get(8)?,
            person: row.get(9)?,
            difference: None,
        })
    })?;
    let mut found = found.collect::<rusqlite::Result<Vec<_>>>()?;
    for late in withdrawn(db, since)? {
        let same = |known: &LateIsee| {
            known.enrolment == late.enrolment && known.from <= late.from && known.to >= late.to
        };
        if !found.iter().any(same) {
            found.push(late);
        }
    }
    let mut asks: BTreeMap<(ServiceId, Date), bool> = BTreeMap::new();
    let mut all = Vec::new();
    for late in found {
        let asked = match asks.entry((late.service_id, late.to)) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => *new.insert(asks_for_isee(db, &late)?),
        };
        if asked {
            all.push(late);
        }
    }
    Ok(all)
}

fn asks_for_isee(db: &Connection, late: &LateIsee) -> Result<bool> {
    match tariffs::tariff_on(db, late.service_id, late.to) {
        Ok((_, rule)) => Ok(rule.asks_for_isee()),
        // Whoever drafts hears why there is no price.
        Err(Error::Refused(_)) => Ok(true),
        Err(error) => Err(error),
    }
}

/// Prices what some late ISEEs change. Those that change nothing are left out.
///
/// # Errors
/// The database's own failure.
pub fn differences(db: &Connection, late: &[LateIsee]) -> Result<Vec<LateIsee>> {
    let mut all = Vec::new();
    for one in late {
        let service = municipality::service(db, one.service_id)?;
        let months = (one.from.first_of_month(), one.to.last_of_month());
        let difference = difference(db, &service, one.enrolment, months)?;
        if difference != Some(Cents::ZERO) {
            all.push(LateIsee {
                difference,
                ..one.clone()
            });
        }
    }
    Ok(all)
}

/// The days that were charged with an ISEE that the office withdrew afterwards.
fn withdrawn(db: &Connection, since: Instant) -> Result<Vec<LateIsee>> {
    let mut statement = db.prepare_cached(
        "select k.public_id, k.surname || ' ' || k.name, e.id, e.service_id, w.at,
                min(coalesce(c.from_day, c.day)), max(c.day), i.value, k.id
         from isee_withdrawal w indexed by isee_withdrawal_by_moment
         cross join isee i on i.id = w.isee_id
         cross join person k on k.id = i.child_id
         cross join charge c on c.isee_id = i.id and c.posted_at < w.at
         cross join enrolment e on e.id = c.enrolment_id
         where w.at >= ?1
           and not exists (select 1 from bill_run r where r.state = 'published'
             and r.created_at > w.at and r.from_day <= c.day and r.to_day >= c.day
             and (r.service_id is null or r.service_id = e.service_id)
             and (r.kind = 'period' or e.child_id in (select value from json_each(r.children))))
         group by w.isee_id, e.id order by w.at desc, w.isee_id limit ?2",
    )?;
    let found = statement.query_map((since, MOST), |row| {
        Ok(LateIsee {
            child_id: row.get(0)?,
            child: row.get(1)?,
            enrolment: row.get(2)?,
            service_id: row.get(3)?,
            recorded_on: day_of(row.get(4)?),
            from: row.get(5)?,
            to: row.get(6)?,
            before: row.get(7)?,
            person: row.get(8)?,
            value: None,
            difference: None,
        })
    })?;
    let mut all = found.collect::<rusqlite::Result<Vec<_>>>()?;
    for late in &mut all {
        let counting = isee::isee_of_each(db, &[late.person], late.to)?;
        late.value = counting.get(&late.person).map(|isee| isee.value);
    }
    Ok(all)
}

/// Whether one run billed a month of a service whole: only then a correction of single children
/// stands in no later run's way.
///
/// # Errors
/// The database's own failure.
pub fn billed_whole(db: &Connection, service: ServiceId, first: Date) -> Result<bool> {
    let sql = "select exists (select 1 from bill_run where state = 'published' and kind = 'period'
                 and from_day <= ?2 and to_day >= ?3 and (service_id is null or service_id = ?1))";
    let days = (service, first, first.last_of_month());
    Ok(db.prepare_cached(sql)?.query_row(days, |row| row.get(0))?)
}

/// What an enrolment's charged days of some months cost by what is known now, less what was charged
/// for them; none where a price is missing.
fn difference(
    db: &Connection,
    service: &Service,
    enrolment: EnrolmentId,
    period: (Date, Date),
) -> Result<Option<Cents>> {
    let one = [enrolments::enrolment(db, enrolment)?];
    let within = (EnrolmentId(enrolment.0 - 1), enrolment);
    let billed = published(db, period, service, within)?;
    let prices = charging::price_enrolments(db, service, None, &one, period)?;
    let mut sum = Cents::ZERO;
    for mut group in groups(prices, billed) {
        // Days that no bill has yet are no difference.
        group.prices.retain(|part| !part.is_fresh());
        match group.difference() {
            Some((amount, _)) => sum += amount,
            None => return Ok(None),
        }
    }
    Ok(Some(sum))
}
