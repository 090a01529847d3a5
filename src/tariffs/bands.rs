//! What one unit costs: one price, bands of the ISEE, tables by other facts, one in another.

use serde::{Deserialize, Serialize};

use super::Price;
use super::asking::Asked;
use super::facts::{Range, Value};
use crate::base::Cents;

/// What one unit costs before anything changes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    /// The same for all.
    Fixed(Price),
    /// By the ISEE.
    Isee(IseeBands),
    /// By another fact.
    By(ByFact),
}

impl Base {
    /// Adds what it asks for.
    pub(super) fn ask<'a>(&'a self, asked: &mut Asked<'a>) {
        match self {
            Base::Fixed(_) => {}
            Base::By(table) => {
                asked.facts.insert(&table.fact);
                for (_, base) in &table.rows {
                    base.ask(asked);
                }
                if let Some(other) = &table.other {
                    other.ask(asked);
                }
            }
            Base::Isee(bands) => {
                asked.isee = true;
                bands.no_isee.ask(asked);
                let inside = bands.below.iter().map(|(_, inside)| inside);
                for inside in inside.chain([&*bands.above]) {
                    if let InBand::Flat(base) = inside {
                        base.ask(asked);
                    }
                }
            }
        }
    }
}

/// A table: what it costs for each value of a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByFact {
    /// The fact.
    pub fact: String,
    /// Its values, and what it costs for each; they do not overlap.
    pub rows: Vec<(Key, Base)>,
    /// What it costs for all others.
    pub other: Option<Box<Base>>,
}

/// The row of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Key {
    /// Numbers.
    Within(Range),
    /// One value.
    Is(Value),
}

impl Key {
    /// Whether a value falls into this row.
    pub fn has(&self, value: &Value) -> bool {
        match (self, value) {
            (Key::Within(range), Value::Number(number)) => range.has(*number),
            (Key::Is(is), value) => is == value,
            (Key::Within(_), _) => false,
        }
    }
}

/// Bands without gap or overlap: each begins where the one before ends, the last has no end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IseeBands {
    /// The bands that end, by their inclusive upper bound, which grows.
    below: Vec<(Cents, InBand)>,
    /// What holds above the last bound.
    above: Box<InBand>,
    /// What it costs without a valid ISEE.
    pub no_isee: Box<Base>,
}

/// What one unit costs inside a band.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InBand {
    /// The same in all of it, or by another fact.
    Flat(Base),
    /// On a straight line.
    Line(Line),
}

/// A straight line between two points of ISEE and price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// ISEE at its beginning; what lies below costs the same as here.
    pub from: Cents,
    /// ISEE at its end.
    pub to: Cents,
    /// Price at its beginning.
    pub first: Price,
    /// Price at its end.
    pub last: Price,
}

/// The bounds of a band: above `over` (none: from zero), up to and with `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Band {
    /// The bound of the band before, which is not in this one.
    pub over: Option<Cents>,
    /// The last value that is in it; none for the top band.
    pub to: Option<Cents>,
}

impl Band {
    /// Whether an ISEE is in it.
    pub fn has(self, isee: Cents) -> bool {
        self.over.is_none_or(|over| over < isee) && self.to.is_none_or(|to| isee <= to)
    }
}

impl IseeBands {
    /// Bands out of their bounds.
    ///
    /// # Errors
    /// The place of the first bound that is not above the one before it.
    pub fn new(
        below: Vec<(Cents, InBand)>,
        above: InBand,
        no_isee: Base,
    ) -> Result<IseeBands, usize> {
        let wrong = below.windows(2).position(|pair| pair[0].0 >= pair[1].0);
        match wrong {
            Some(place) => Err(place + 1),
            None => Ok(IseeBands {
                below,
                above: Box::new(above),
                no_isee: Box::new(no_isee),
            }),
        }
    }

    /// The place of the one band that holds for an ISEE.
    pub fn place(&self, isee: Cents) -> usize {
        self.below.partition_point(|(to, _)| *to < isee)
    }

    /// A band by its place, and what it costs there; beyond the last one, the last.
    pub fn band(&self, place: usize) -> (Band, &InBand) {
        let place = place.min(self.below.len());
        let over = place.checked_sub(1).map(|before| self.below[before].0);
        match self.below.get(place) {
            Some((to, price)) => (
                Band {
                    over,
                    to: Some(*to),
                },
                price,
            ),
            None => (Band { over, to: None }, &self.above),
        }
    }
}
