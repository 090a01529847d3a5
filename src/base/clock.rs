//! The clock. Time is a parameter everywhere else (invariant 10): `main` and `web` ask here.

use jiff::Timestamp;

use super::Instant;

/// Where "now" comes from.
#[derive(Clone, Copy, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// The machine's clock moved by so many milliseconds: `--clock`, on demo data only.
    Moved(i64),
}

impl Clock {
    /// A clock that shows `start` at this moment and goes on from there.
    pub fn starting_at(start: Instant) -> Clock {
        Clock::Moved(start.0 - Clock::System.now().0)
    }

    /// This moment.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the machine's clock"
    )]
    pub fn now(self) -> Instant {
        let machine = Instant::from(Timestamp::now());
        match self {
            Clock::System => machine,
            Clock::Moved(millis) => machine.plus_millis(millis),
        }
    }
}
