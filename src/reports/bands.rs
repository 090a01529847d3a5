//! Into which band of the tariff a charge falls: what its explanation says.

use std::fmt;

use crate::base::Cents;
use crate::tariffs::{Explanation, Step, Why};

/// A band of a tariff, in the order in which tables show them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BandKey {
    /// Above `over` (none: from zero) up to and with `to`.
    Band {
        /// The bound of the band before.
        over: Option<Cents>,
        /// The last value in it; none for the top band.
        to: Option<Cents>,
    },
    /// On a straight line between two values.
    Line {
        /// Where it begins.
        from: Cents,
        /// Where it ends.
        to: Cents,
    },
    /// The price does not depend on the ISEE.
    Fixed,
    /// No valid ISEE.
    NoIsee,
    /// The child does not live in the comune.
    NonResident,
}

impl BandKey {
    /// The band of a charge: that of the first component that has one.
    pub fn of(explanation: &Explanation) -> BandKey {
        let reasons = explanation.steps.iter().flat_map(|step| match step {
            Step::UnitPrice { why, .. } => why.as_slice(),
            _ => &[],
        });
        let found = reasons.filter_map(|why| match why {
            Why::Band(band) | Why::Shifted { band, .. } => Some(BandKey::Band {
                over: band.over,
                to: band.to,
            }),
            Why::Line(line) => Some(BandKey::Line {
                from: line.from,
                to: line.to,
            }),
            Why::NoIsee => Some(BandKey::NoIsee),
            Why::NonResident => Some(BandKey::NonResident),
            Why::Row { .. } => None,
        });
        found
            .min_by_key(|key| *key == BandKey::Fixed)
            .unwrap_or(BandKey::Fixed)
    }
}

/// As tables name it.
impl fmt::Display for BandKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BandKey::Band {
                over: None,
                to: Some(to),
            } => write!(f, "ISEE fino a {to}"),
            BandKey::Band {
                over: Some(over),
                to: Some(to),
            } => {
                write!(f, "ISEE da {} a {to}", *over + Cents(1))
            }
            BandKey::Band {
                over: Some(over),
                to: None,
            } => write!(f, "ISEE oltre {over}"),
            BandKey::Band {
                over: None,
                to: None,
            } => f.write_str("Con ISEE"),
            BandKey::Line { from, to } => write!(f, "ISEE da {from} a {to} (lineare)"),
            BandKey::Fixed => f.write_str("Prezzo uguale per tutti"),
            BandKey::NoIsee => f.write_str("Senza ISEE"),
            BandKey::NonResident => f.write_str("Non residenti"),
        }
    }
}
