//! What prices of a period change in what was charged for the same days.
//!
//! Days are compared, not lines: a month may have been billed in two halves, and an ISEE may cut a
//! month that was billed whole. What overlaps belongs together and is compared by its sum.

use std::collections::BTreeMap;

use rusqlite::Connection;

use crate::base::{Cents, Date, EnrolmentId, ExplanationId, IseeId, Result, TariffId};
use crate::charging::PeriodPrice;
use crate::municipality::Service;

/// An enrolment and some of its days, both ends included.
pub(super) type Days = (EnrolmentId, Date, Date);

/// The tariff, the ISEE and the explanation of a line.
pub(super) type Reasons = (TariffId, Option<IseeId>, ExplanationId);

/// What published bills charged for some days of an enrolment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Published {
    /// Cents.
    pub(super) amount: Cents,
    /// What other bodies pay of it, in cents.
    pub(super) aided: Cents,
    /// The newest of them: whose reasons stand for all, should they be taken back.
    pub(super) reasons: Option<Reasons>,
}

/// What published bills charged for days within a period, by enrolment and days.
///
/// # Errors
/// The database's own failure.
pub(super) fn published(
    db: &Connection,
    (from, to): (Date, Date),
    service: &Service,
    (after, last): (EnrolmentId, EnrolmentId),
) -> Result<BTreeMap<Days, Published>> {
    let mut statement = db.prepare_cached(
        "select l.enrolment_id, l.from_day, l.to_day, l.amount, l.aided, l.tariff_id,
                l.isee_id, l.explanation_id
         from bill_line l join enrolment e on e.id = l.enrolment_id
         where l.enrolment_id > ?1 and l.enrolment_id <= ?2 and l.from_day >= ?3 and l.to_day <= ?4
           and l.bill_id is not null and e.service_id = ?5
         order by l.id",
    )?;
    let mut rows = statement.query((after, last, from, to, service.id))?;
    let mut all: BTreeMap<Days, Published> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let known = all
            .entry((row.get(0)?, row.get(1)?, row.get(2)?))
            .or_default();
        known.amount += row.get(3)?;
        known.aided += row.get(4)?;
        known.reasons = Some((row.get(5)?, row.get(6)?, row.get(7)?));
    }
    Ok(all)
}

/// Prices of an enrolment that share days with one another or with the same published lines, and
/// these lines.
#[derive(Debug, Default)]
pub(super) struct Group {
    /// What the days cost by what is known now.
    pub(super) prices: Vec<Part>,
    /// What was published for days that no single price holds.
    pub(super) rest: Vec<(Days, Published)>,
}

/// A price with what was published for its own days.
#[derive(Debug)]
pub(super) struct Part {
    /// The price.
    pub(super) price: PeriodPrice,
    /// What bills charged for its days and no others.
    pub(super) known: Published,
    /// A published line has one of its days.
    pub(super) overlaps: bool,
}

impl Part {
    /// What was charged for exactly its days before, by bills and by closing them, in cents.
    pub(super) fn before(&self) -> Cents {
        self.known.amount + self.price.charged.unwrap_or_default().amount
    }

    /// What other bodies were asked for with it, in cents.
    pub(super) fn aided_before(&self) -> Cents {
        self.known.aided + self.price.charged.unwrap_or_default().aided
    }

    /// Nobody was charged for a day of it before.
    pub(super) fn is_fresh(&self) -> bool {
        !self.overlaps && self.price.charged.is_none()
    }
}

impl Group {
    /// A bill has some of its days.
    pub(super) fn was_published(&self) -> bool {
        !self.rest.is_empty() || self.prices.iter().any(|part| part.overlaps)
    }

    /// What its days cost more now than bills and closings charged, and what others pay more of it,
    /// in cents; none while a price is missing.
    pub(super) fn difference(&self) -> Option<(Cents, Cents)> {
        let mut sums = (Cents::ZERO, Cents::ZERO);
        for part in &self.prices {
            let told = &part.price.price.as_ref().ok()?.explanation;
            sums.0 += told.amount - part.before();
            sums.1 += told.aided() - part.aided_before();
        }
        for (_, known) in &self.rest {
            sums.0 += -known.amount;
            sums.1 += -known.aided;
        }
        Some(sums)
    }
}

/// Puts together what shares days: prices and published lines of one enrolment, by their days.
pub(super) fn groups(prices: Vec<PeriodPrice>, published: BTreeMap<Days, Published>) -> Vec<Group> {
    enum One {
        Price(Box<PeriodPrice>),
        Line(Published),
    }
    let prices = prices.into_iter().map(|price| {
        (
            (price.enrolment.id, price.from, price.to),
            One::Price(Box::new(price)),
        )
    });
    let lines = published
        .into_iter()
        .map(|(days, known)| (days, One::Line(known)));
    let mut all: Vec<(Days, One)> = prices.chain(lines).collect();
    all.sort_by_key(|(days, _)| *days);
    let mut groups = Vec::new();
    let mut open: Option<(EnrolmentId, Date)> = None;
    let mut parts = Vec::new();
    let mut lines = Vec::new();
    for ((enrolment, from, to), one) in all {
        match &mut open {
            Some((known, until)) if *known == enrolment && from <= *until => {
                *until = to.max(*until)
            }
            _ => {
                groups.push(group(
                    std::mem::take(&mut parts),
                    std::mem::take(&mut lines),
                ));
                open = Some((enrolment, to));
            }
        }
        match one {
            One::Price(price) => parts.push(*price),
            One::Line(known) => lines.push(((enrolment, from, to), known)),
        }
    }
    groups.push(group(parts, lines));
    groups.retain(|group| !group.prices.is_empty() || !group.rest.is_empty());
    groups
}

/// Gives each published line to the price of the same days, or to one that holds all of them.
fn group(prices: Vec<PeriodPrice>, lines: Vec<(Days, Published)>) -> Group {
    let parts = prices.into_iter().map(|price| Part {
        overlaps: lines
            .iter()
            .any(|((_, from, to), _)| *from <= price.to && price.from <= *to),
        known: Published::default(),
        price,
    });
    let mut prices: Vec<Part> = parts.collect();
    let mut rest = Vec::new();
    for (days, line) in lines {
        let (_, from, to) = days;
        let same = |part: &Part| (part.price.from, part.price.to) == (from, to);
        let holds = |part: &Part| part.price.from <= from && to <= part.price.to;
        let found = prices.iter().position(same);
        match found.or_else(|| prices.iter().position(holds)) {
            Some(at) => {
                let known = &mut prices[at].known;
                known.amount += line.amount;
                known.aided += line.aided;
                known.reasons = line.reasons;
            }
            None => rest.push((days, line)),
        }
    }
    Group { prices, rest }
}

#[cfg(test)]
pub(in crate::billing) mod tests;
