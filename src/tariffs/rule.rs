//! A tariff rule as the resolution states it. What the language can say later (linear stretches,
//! tables, modifiers, caps) becomes further variants of [`Base`], [`Unit`] and
//! [`Step`](super::Step).

use serde::{Deserialize, Serialize};

use super::{Price, RoundingMode};
use crate::base::{Cents, Date};

/// A rule: components that are added up, and how their sum becomes cents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What the tariff is called: "Refezione scolastica 2026/2027".
    pub name: String,
    /// The act that set it: "Deliberazione di Giunta n. 45 del 12/05/2026".
    pub act: Option<String>,
    /// Which service it prices and from which day, for a file that is imported.
    pub applies: Option<Applies>,
    /// The version under which it was published; zero for a file that is not published.
    pub version: i64,
    /// What is added up; codes differ.
    pub components: Vec<Component>,
    /// How it becomes cents.
    pub rounding: Rounding,
    /// Examples that must hold.
    pub cases: Vec<Case>,
}

impl Rule {
    /// A rule that says nothing yet.
    pub(super) fn empty() -> Rule {
        Rule {
            name: String::new(),
            act: None,
            applies: None,
            version: 0,
            components: Vec::new(),
            rounding: Rounding::default(),
            cases: Vec::new(),
        }
    }
}

/// Where and when a rule applies: `applies = { service = "mensa", from = "2026-09-01" }`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Applies {
    /// The service's code.
    pub service: String,
    /// The first day of service that it prices.
    pub from: Date,
}

/// One thing that is paid for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// Short name in the file: `meal`.
    pub code: String,
    /// What is counted.
    pub unit: Unit,
    /// What one costs.
    pub base: Base,
    /// What one costs a family that does not live in the comune, where that differs.
    pub non_resident: Option<Price>,
}

/// What a component counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Meals eaten.
    Meal,
    /// Days of use.
    Day,
}

/// What one unit costs before anything changes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    /// The same for all.
    Fixed(Price),
    /// By steps of the ISEE.
    Isee(IseeSteps),
}

/// Bands without gap or overlap: each begins where the one before ends, the last has no end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IseeSteps {
    /// The bands that end, by their inclusive upper bound, which grows.
    below: Vec<(Cents, Price)>,
    /// The price above the last bound.
    above: Price,
    /// The price without a valid ISEE.
    pub no_isee: Price,
}

/// The band that an ISEE falls into: above `over` (none: from zero), up to and with `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Band {
    /// The bound of the band before, which is not in this one.
    pub over: Option<Cents>,
    /// The last value that is in it; none for the top band.
    pub to: Option<Cents>,
    /// What one unit costs in it.
    pub price: Price,
}

impl IseeSteps {
    /// Steps out of their bounds.
    ///
    /// # Errors
    /// The place of the first bound that is not above the one before it.
    pub fn new(
        below: Vec<(Cents, Price)>,
        above: Price,
        no_isee: Price,
    ) -> Result<IseeSteps, usize> {
        let wrong = below.windows(2).position(|pair| pair[0].0 >= pair[1].0);
        match wrong {
            Some(place) => Err(place + 1),
            None => Ok(IseeSteps {
                below,
                above,
                no_isee,
            }),
        }
    }

    /// The one band that holds for an ISEE.
    pub fn band(&self, isee: Cents) -> Band {
        let place = self.below.partition_point(|(to, _)| *to < isee);
        let over = place.checked_sub(1).map(|before| self.below[before].0);
        match self.below.get(place) {
            Some((to, price)) => Band {
                over,
                to: Some(*to),
                price: *price,
            },
            None => Band {
                over,
                to: None,
                price: self.above,
            },
        }
    }
}

/// Where and how a price becomes whole cents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rounding {
    /// How.
    #[serde(default)]
    pub mode: RoundingMode,
    /// Where.
    #[serde(default)]
    pub at: RoundingPlace,
}

/// Where a rule rounds: once, at this place and nowhere else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RoundingPlace {
    /// The price of one unit, before it is multiplied: the default (docs/architecture.md).
    #[default]
    Unit,
    /// The sum of all components.
    Total,
}

/// An ISEE that holds for a child.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IseeFact {
    /// Cents.
    pub value: Cents,
    /// Protocol of INPS (numero di protocollo DSU); empty when it was not recorded.
    pub protocol: String,
    /// First day.
    pub valid_from: Date,
    /// Last day.
    pub valid_to: Date,
}

/// What a price depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The ISEE recorded for the child, if there is one.
    pub isee: Option<IseeFact>,
    /// Whether the child lives in the comune.
    pub resident: bool,
    /// How many units: of a day, one.
    pub quantity: u32,
    /// The day of the service: prices and ISEE hold by day.
    pub day: Date,
}

/// An example inside a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// What it shows.
    pub what: String,
    /// ISEE in cents, if there is one.
    pub isee: Option<Cents>,
    /// Whether the child lives in the comune.
    pub resident: bool,
    /// How many units.
    pub quantity: u32,
    /// What it must cost.
    pub expect: Cents,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Every ISEE is in exactly one band, and the bands touch.
        #[test]
        fn bands_have_no_gap_and_no_overlap(
            mut bounds in proptest::collection::btree_set(0_i64..5_000_000, 1..12),
            isee in 0_i64..6_000_000,
        ) {
            bounds.insert(700_000);
            let price = |n: usize| Price::from(Cents(n as i64));
            let below: Vec<_> = bounds.iter().enumerate().map(|(n, to)| (Cents(*to), price(n))).collect();
            let count = below.len();
            let steps = IseeSteps::new(below, price(count), price(count)).unwrap();
            let band = steps.band(Cents(isee));
            prop_assert!(band.over.is_none_or(|over| over < Cents(isee)));
            prop_assert!(band.to.is_none_or(|to| Cents(isee) <= to));
            // The neighbour's band begins at the very next cent.
            if let Some(to) = band.to {
                prop_assert_eq!(steps.band(to), band);
                let next = steps.band(Cents(to.0 + 1));
                prop_assert_eq!(next.over, Some(to));
            }
            prop_assert_eq!(band.price, price(bounds.iter().filter(|to| **to < isee).count()));
        }
    }

    #[test]
    fn bounds_must_grow() {
        let zero = Price::zero();
        let bounds = |list: &[i64]| list.iter().map(|n| (Cents(*n), zero)).collect();
        assert_eq!(IseeSteps::new(bounds(&[1, 2, 2]), zero, zero), Err(2));
        assert_eq!(IseeSteps::new(bounds(&[3, 2]), zero, zero), Err(1));
        assert!(IseeSteps::new(Vec::new(), zero, zero).is_ok());
    }
}
