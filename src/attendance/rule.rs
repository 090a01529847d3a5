//! The rule of a day, as pure functions: until when a family may cancel, and what holds when family
//! and school said different things.

use jiff::ToSpan;
use serde::Serialize;

use crate::base::{Date, Instant};
use crate::municipality::Service;

/// What the family said of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// Nothing: the day is booked.
    Silent,
    /// Cancelled before the cut-off.
    Cancelled,
    /// Cancelled after the cut-off.
    Late,
}

impl Family {
    /// What counts where the service may be interrupted for the child: then nobody expects it, as if the
    /// day had been cancelled in time.
    pub(super) fn unless(self, interrupted: bool) -> Family {
        if interrupted { Family::Cancelled } else { self }
    }
}

/// What the school said of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mark {
    /// Nothing yet.
    None,
    /// Present.
    Present,
    /// Absent.
    Absent,
}

/// What holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The child uses the service.
    pub present: bool,
    /// The day counts for the price.
    pub charged: bool,
}

/// What holds on a day. Who is in the dining room eats and pays, also after a cancellation; a
/// cancellation in time frees from the charge; any other absence is charged as the comune decides
/// (`charge_absent`). Without a register everybody who is booked is present.
pub fn decide(family: Family, mark: Mark, charge_absent: bool) -> Decision {
    match (family, mark) {
        (_, Mark::Present) | (Family::Silent, Mark::None) => Decision {
            present: true,
            charged: true,
        },
        (Family::Cancelled, _) => Decision {
            present: false,
            charged: false,
        },
        (Family::Silent | Family::Late, Mark::Absent) | (Family::Late, Mark::None) => Decision {
            present: false,
            charged: charge_absent,
        },
    }
}

/// The moment up to which a family may cancel a day.
pub fn cut_off(service: &Service, day: Date) -> Instant {
    let closes_on = day.saturating_sub(service.family_cutoff_days.days());
    Instant::from_rome(closes_on.to_datetime(service.family_cutoff_time()))
}
