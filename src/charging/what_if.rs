//! What a rule would have charged for the days that are closed: who pays more, who less, and what
//! the comune takes in from each ISEE band.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use serde::Serialize;

use super::replay::{Replayed, replay, unrecorded};
use crate::base::{Cents, Date, PersonId, Result, Text};
use crate::municipality::Service;
use crate::tariffs::{self, Band, Base, Facts, InBand, Part, Rule, Unpriced, Value};

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
    /// What they cost.
    pub charged: Cents,
    /// What they would cost.
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

/// What makes two days cost the same: the ISEE that holds, the other facts, and the month where the
/// rule asks for it.
type Alike = (Option<Cents>, BTreeMap<String, Value>, i8);

struct Trying<'a> {
    rule: &'a Rule,
    by_month: bool,
    prices: BTreeMap<Alike, std::result::Result<Cents, Unpriced>>,
    found: WhatIf,
    in_band: Vec<BTreeSet<PersonId>>,
    by_child: BTreeMap<PersonId, ChildSum>,
}

/// Prices the closed days of a service between two days, both included, by another rule. Equal facts
/// are priced once; only children are kept in memory.
///
/// # Errors
/// The database's own failure.
pub fn what_if(
    db: &Connection,
    service: &Service,
    rule: &Rule,
    period: (Date, Date),
) -> Result<WhatIf> {
    let bands: Vec<BandSum> = whose(rule).into_iter().map(BandSum::empty).collect();
    let mut trying = Trying {
        rule,
        by_month: rule.asks_for().contains("month"),
        prices: BTreeMap::new(),
        in_band: vec![BTreeSet::new(); bands.len()],
        by_child: BTreeMap::new(),
        found: WhatIf {
            bands,
            unrecorded: unrecorded(rule),
            needs_a_period: rule.needs_a_period()
                || rule.components.iter().any(|c| !c.unit.is_daily()),
            ..WhatIf::default()
        },
    };
    replay(db, service, rule, period, |replayed| {
        trying.take(&replayed);
        Ok(())
    })?;
    let mut found = trying.found;
    for (band, children) in found.bands.iter_mut().zip(&trying.in_band) {
        band.children = children.len();
    }
    found.children = trying.by_child.into_values().collect();
    found.children.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

impl Trying<'_> {
    fn take(&mut self, replayed: &Replayed<'_>) {
        let would = match self.price(&replayed.facts) {
            Ok(would) => would,
            Err(unpriced) => {
                self.found.unpriced += 1;
                self.found
                    .why_unpriced
                    .get_or_insert_with(|| unpriced.text());
                return;
            }
        };
        let charged = replayed.charged;
        self.found.days += 1;
        self.found.charged += charged;
        self.found.would += would;
        let child = replayed.enrolment.child_id;
        let whose = whose_day(&replayed.facts);
        let place = self
            .found
            .bands
            .iter()
            .position(|band| whose.is(band.whose));
        if let Some(place) = place {
            let band = &mut self.found.bands[place];
            band.days += 1;
            band.charged += charged;
            band.would += would;
            self.in_band[place].insert(child);
        }
        let sum = self.by_child.entry(child).or_insert_with(|| ChildSum {
            child,
            payer: replayed.enrolment.payer_id,
            name: replayed.enrolment.child.clone(),
            days: 0,
            charged: Cents::ZERO,
            would: Cents::ZERO,
        });
        sum.days += 1;
        sum.charged += charged;
        sum.would += would;
    }

    fn price(&mut self, facts: &Facts) -> std::result::Result<Cents, Unpriced> {
        let isee = facts.isee.as_ref().map(|isee| isee.value);
        let month = if self.by_month { facts.day.month() } else { 0 };
        let alike = (isee, facts.values.clone(), month);
        let rule = self.rule;
        let price = || tariffs::price(rule, facts, Part::Day).map(|told| told.amount);
        self.prices.entry(alike).or_insert_with(price).clone()
    }
}

impl BandSum {
    fn empty(whose: Whose) -> BandSum {
        BandSum {
            whose,
            children: 0,
            days: 0,
            charged: Cents::ZERO,
            would: Cents::ZERO,
        }
    }
}

/// Whose a day is: of a resident with an ISEE, the ISEE itself.
enum WhoseDay {
    Isee(Cents),
    NoIsee,
    NonResident,
}

impl WhoseDay {
    fn is(&self, whose: Whose) -> bool {
        match (self, whose) {
            (WhoseDay::Isee(isee), Whose::Band(band)) => band.has(*isee),
            (WhoseDay::NoIsee, Whose::NoIsee) | (WhoseDay::NonResident, Whose::NonResident) => true,
            _ => false,
        }
    }
}

fn whose_day(facts: &Facts) -> WhoseDay {
    match (facts.values.get("resident"), &facts.isee) {
        (Some(Value::Flag(false)), _) => WhoseDay::NonResident,
        (_, Some(isee)) => WhoseDay::Isee(isee.value),
        (_, None) => WhoseDay::NoIsee,
    }
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
