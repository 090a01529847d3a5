//! What a rule would have charged for what was charged: who pays more, who less, and what the comune
//! takes in from each ISEE band. Of a prepaid service the closed days are looked at, of a postpaid one
//! the months that were billed.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use serde::Serialize;

use super::periods::price_period_by;
use super::replay::{Known, Replayed, replay};
use super::{facts, recorded};
use crate::base::{Cents, Date, EnrolmentId, Error, PersonId, Result, Text};
use crate::enrolments::Enrolment;
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
    /// Facts that the rule asks for and that were not met so far.
    unmet: BTreeSet<&'a str>,
}

/// So many enrolments are priced at a time.
const CHUNK: u32 = 200;

/// So many charges are looked at while somebody waits for the page.
const MOST: u32 = 20_000;

/// Prices what a service charged between two days, both included, by another rule. Equal facts are
/// priced once; only children are kept in memory.
///
/// # Errors
/// A field error for a period with more charges than are looked at.
pub fn what_if(
    db: &Connection,
    service: &Service,
    rule: &Rule,
    period: (Date, Date),
) -> Result<WhatIf> {
    require_few(db, service, period)?;
    let mut trying = Trying::new(service, rule);
    if service.prepaid {
        replay(db, service, rule, period, |replayed| {
            trying.day(&replayed);
            Ok(())
        })?;
    } else {
        trying.bills(db, service, period)?;
    }
    Ok(trying.told())
}

fn require_few(db: &Connection, service: &Service, (from, to): (Date, Date)) -> Result<()> {
    let sql = "select count(*) from (
                 select 1 from charge c join enrolment e on e.id = c.enrolment_id
                 where e.service_id = ?1 and c.day between ?2 and ?3 limit ?4)";
    let values = (service.id, from, to, MOST + 1);
    let found: u32 = db
        .prepare_cached(sql)?
        .query_row(values, |row| row.get(0))?;
    if found <= MOST {
        return Ok(());
    }
    let text = Text::new("error-what-if-long").with("most", MOST);
    Err(Error::field("al", text))
}

impl<'a> Trying<'a> {
    fn new(service: &Service, rule: &'a Rule) -> Trying<'a> {
        let bands: Vec<BandSum> = whose(rule).into_iter().map(BandSum::empty).collect();
        // What the office records is met where it is recorded; all else that is known is told.
        let told =
            |fact: &&str| facts::known_to_bills(rule, fact) && !recorded::is_recorded(rule, fact);
        let waits = rule.needs_a_period() || rule.components.iter().any(|c| !c.unit.is_daily());
        Trying {
            rule,
            by_month: rule.asks_for().contains("month"),
            prices: BTreeMap::new(),
            in_band: vec![BTreeSet::new(); bands.len()],
            by_child: BTreeMap::new(),
            unmet: rule
                .asks_for()
                .into_iter()
                .filter(|fact| !told(fact))
                .collect(),
            found: WhatIf {
                bands,
                needs_a_period: service.prepaid && waits,
                ..WhatIf::default()
            },
        }
    }

    fn told(self) -> WhatIf {
        let mut found = self.found;
        for (band, children) in found.bands.iter_mut().zip(&self.in_band) {
            band.children = children.len();
        }
        found.children = self.by_child.into_values().collect();
        found.children.sort_by(|a, b| a.name.cmp(&b.name));
        found.unrecorded = self.unmet.into_iter().map(str::to_owned).collect();
        found
    }

    /// A closed day of a prepaid service.
    fn day(&mut self, replayed: &Replayed<'_>) {
        self.unmet
            .retain(|fact| !replayed.facts.values.contains_key(*fact));
        let would = match self.price(&replayed.facts) {
            Ok(would) => would,
            Err(unpriced) => return self.unpriced(1, unpriced.text()),
        };
        let whose = whose_day(&replayed.facts);
        self.add(replayed.enrolment, &whose, (1, replayed.charged, would));
    }

    /// The months of a postpaid service that were billed.
    fn bills(&mut self, db: &Connection, service: &Service, period: (Date, Date)) -> Result<()> {
        let mut known = Known::default();
        let mut billed = BTreeSet::new();
        let mut statement = db.prepare_cached(
            "select c.enrolment_id, c.from_day, c.day, c.amount from charge c
             join enrolment e on e.id = c.enrolment_id and e.service_id = ?1
             where c.day between ?2 and ?3 and c.bill_line_id is not null",
        )?;
        let mut rows = statement.query((service.id, period.0, period.1))?;
        while let Some(row) = rows.next()? {
            let (id, from, to): (EnrolmentId, Date, Date) = (row.get(0)?, row.get(1)?, row.get(2)?);
            billed.extend([from.first_of_month(), to.first_of_month()]);
            let (enrolment, isee, resident) = known.on(db, id, from)?;
            let whose = WhoseDay::of(resident, isee);
            self.add(enrolment, &whose, (0, row.get(3)?, Cents::ZERO));
        }
        let mut after = EnrolmentId(0);
        loop {
            let (last, lines) = price_period_by(db, service, self.rule, period, after, CHUNK)?;
            let billed = |day: Date| billed.contains(&day.first_of_month());
            for line in lines.iter().filter(|line| billed(line.from)) {
                let priced = match &line.price {
                    Ok(priced) => priced.explanation.amount,
                    Err(fault) => {
                        self.unpriced(i64::from(line.days.max(1)), fault.text());
                        continue;
                    }
                };
                let (enrolment, isee, resident) = known.on(db, line.enrolment.id, line.from)?;
                let whose = WhoseDay::of(resident, isee);
                self.add(
                    enrolment,
                    &whose,
                    (i64::from(line.days), Cents::ZERO, priced),
                );
            }
            match last {
                Some(last) => after = last,
                None => return Ok(()),
            }
        }
    }

    fn unpriced(&mut self, days: i64, why: Text) {
        self.found.unpriced += days;
        self.found.why_unpriced.get_or_insert(why);
    }

    fn add(
        &mut self,
        enrolment: &Enrolment,
        whose: &WhoseDay,
        (days, charged, would): (i64, Cents, Cents),
    ) {
        self.found.days += days;
        self.found.charged += charged;
        self.found.would += would;
        let child = enrolment.child_id;
        let place = self
            .found
            .bands
            .iter()
            .position(|band| whose.is(band.whose));
        if let Some(place) = place {
            let band = &mut self.found.bands[place];
            band.days += days;
            band.charged += charged;
            band.would += would;
            self.in_band[place].insert(child);
        }
        let sum = self.by_child.entry(child).or_insert_with(|| ChildSum {
            child,
            payer: enrolment.payer_id,
            name: enrolment.child.clone(),
            days: 0,
            charged: Cents::ZERO,
            would: Cents::ZERO,
        });
        sum.days += days;
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
    fn of(resident: bool, isee: Option<Cents>) -> WhoseDay {
        match (resident, isee) {
            (false, _) => WhoseDay::NonResident,
            (true, Some(isee)) => WhoseDay::Isee(isee),
            (true, None) => WhoseDay::NoIsee,
        }
    }

    fn is(&self, whose: Whose) -> bool {
        match (self, whose) {
            (WhoseDay::Isee(isee), Whose::Band(band)) => band.has(*isee),
            (WhoseDay::NoIsee, Whose::NoIsee) | (WhoseDay::NonResident, Whose::NonResident) => true,
            _ => false,
        }
    }
}

fn whose_day(facts: &Facts) -> WhoseDay {
    let resident = facts.values.get("resident") != Some(&Value::Flag(false));
    WhoseDay::of(resident, facts.isee.as_ref().map(|isee| isee.value))
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
