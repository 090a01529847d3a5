//! How often one client may use the doors that somebody could guess at: logins, codes of documents.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

/// So many uses of rationed routes a minute and client; a family behind one address fits in.
pub(super) const RATION: NonZeroU32 = NonZeroU32::new(30).unwrap();

/// After so many uses those who have their whole ration again are forgotten.
const TIDY_EVERY: u32 = 1024;

/// What is left to each client.
pub(super) struct Rations<C: Clock = DefaultClock> {
    left: RateLimiter<IpAddr, DefaultKeyedStateStore<IpAddr>, C, NoOpMiddleware<C::Instant>>,
    uses: AtomicU32,
}

impl<C: Clock> Rations<C> {
    pub(super) fn new(clock: C) -> Rations<C> {
        let quota = Quota::per_minute(RATION);
        Rations {
            left: RateLimiter::new(quota, DefaultKeyedStateStore::default(), clock),
            uses: AtomicU32::new(0),
        }
    }

    /// Takes one use; when nothing is left, says after how many seconds there will be.
    pub(super) fn take(&self, client: IpAddr) -> Result<(), i64> {
        if self.uses.fetch_add(1, Ordering::Relaxed) % TIDY_EVERY == TIDY_EVERY - 1 {
            self.left.retain_recent();
            self.left.shrink_to_fit();
        }
        let taken = self.left.check_key(&household(client));
        taken.map_err(|until| {
            let wait = until.wait_time_from(self.left.clock().now());
            i64::try_from(wait.as_secs()).unwrap_or(i64::MAX - 1) + 1
        })
    }
}

/// Who counts as one client: an address, or the 64 bits of an IPv6 network that one line has all to
/// itself.
fn household(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        old => old,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use governor::clock::FakeRelativeClock;

    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_line_has_one_ration_and_the_next_its_own() {
        let rations = Rations::new(FakeRelativeClock::default());
        for use_ in 0..RATION.get() {
            let client = address(&format!("2001:db8:1:2::{use_:x}"));
            assert_eq!(rations.take(client), Ok(()), "{client}");
        }
        let wait = rations.take(address("2001:db8:1:2:ffff::1")).unwrap_err();
        assert!((1..=3).contains(&wait), "{wait} s");
        assert_eq!(rations.take(address("2001:db8:1:3::1")), Ok(()));
        assert_eq!(household(address("::ffff:192.0.2.1")), address("192.0.2.1"));
    }

    #[test]
    fn who_has_the_whole_ration_again_is_forgotten() {
        let clock = FakeRelativeClock::default();
        let rations = Rations::new(clock.clone());
        for n in 0..10 * TIDY_EVERY {
            let [_, a, b, c] = n.to_be_bytes();
            assert_eq!(rations.take(IpAddr::from([10, a, b, c])), Ok(()));
        }
        assert_eq!(rations.left.len(), 10 * TIDY_EVERY as usize);
        clock.advance(Duration::from_secs(60));
        for _ in 0..TIDY_EVERY {
            let _ = rations.take(address("192.0.2.1"));
        }
        assert!(rations.left.len() < 10, "{}", rations.left.len());
    }
}
