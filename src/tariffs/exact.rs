//! Exact fractions. Almost all prices fit into 128 bits, which is fast; what does not is computed
//! with as many digits as it takes. Nothing wraps, saturates or is cut.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::Ratio;
use num_traits::{CheckedAdd, CheckedMul, ToPrimitive};

use super::price::RoundingMode;

/// A fraction in its lowest terms: small whenever it fits, so that equal ones are equal here too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Exact {
    Small(Ratio<i128>),
    Big(Box<Ratio<BigInt>>),
}

impl Exact {
    pub(super) fn whole(number: i64) -> Exact {
        Exact::Small(Ratio::from_integer(i128::from(number)))
    }

    /// Reads digits, with a sign or without.
    pub(super) fn parse(numerator: &str, denominator: &str) -> Option<Exact> {
        let numerator: BigInt = numerator.parse().ok()?;
        let denominator: BigInt = denominator.parse().ok()?;
        (denominator > BigInt::ZERO).then(|| Exact::fit(Ratio::new(numerator, denominator)))
    }

    fn fit(ratio: Ratio<BigInt>) -> Exact {
        match (ratio.numer().to_i128(), ratio.denom().to_i128()) {
            (Some(numer), Some(denom)) => Exact::Small(Ratio::new_raw(numer, denom)),
            _ => Exact::Big(Box::new(ratio)),
        }
    }

    fn big(&self) -> Ratio<BigInt> {
        match self {
            Exact::Small(small) => Ratio::new_raw((*small.numer()).into(), (*small.denom()).into()),
            Exact::Big(big) => (**big).clone(),
        }
    }

    pub(super) fn plus(&self, other: &Exact) -> Exact {
        if let (Exact::Small(one), Exact::Small(other)) = (self, other)
            && let Some(sum) = one.checked_add(other)
        {
            return Exact::Small(sum);
        }
        Exact::fit(self.big() + other.big())
    }

    pub(super) fn times(&self, other: &Exact) -> Exact {
        if let (Exact::Small(one), Exact::Small(other)) = (self, other)
            && let Some(product) = one.checked_mul(other)
        {
            return Exact::Small(product);
        }
        Exact::fit(self.big() * other.big())
    }

    pub(super) fn negative(&self) -> Exact {
        self.times(&Exact::whole(-1))
    }

    pub(super) fn is_integer(&self) -> bool {
        match self {
            Exact::Small(small) => small.is_integer(),
            Exact::Big(big) => big.is_integer(),
        }
    }

    /// The nearest whole number by a way of rounding; none where it has more than 64 bits.
    pub(super) fn round(&self, mode: RoundingMode) -> Option<i64> {
        match self {
            Exact::Small(small) => round(small, mode),
            Exact::Big(big) => round(big, mode),
        }
    }

    /// Its whole part and whether nothing is left, in digits: for people and files.
    pub(super) fn digits(&self) -> (String, bool) {
        match self {
            Exact::Small(small) => (small.to_integer().to_string(), small.is_integer()),
            Exact::Big(big) => (big.to_integer().to_string(), big.is_integer()),
        }
    }

    /// `numerator/denominator`.
    pub(super) fn fraction(&self) -> String {
        match self {
            Exact::Small(small) => format!("{}/{}", small.numer(), small.denom()),
            Exact::Big(big) => format!("{}/{}", big.numer(), big.denom()),
        }
    }
}

fn round<T: Integer + ToPrimitive + Clone>(ratio: &Ratio<T>, mode: RoundingMode) -> Option<i64> {
    let (below, rest) = ratio.numer().div_mod_floor(ratio.denom());
    let missing = ratio.denom().clone() - rest.clone();
    let up = match (mode, rest.cmp(&missing)) {
        (RoundingMode::Up, _) => !rest.is_zero(),
        (RoundingMode::Down, _) => false,
        (RoundingMode::HalfUp, half) => half != Ordering::Less,
        (RoundingMode::HalfEven, Ordering::Equal) => below.is_odd(),
        (RoundingMode::HalfEven, half) => half == Ordering::Greater,
    };
    below.to_i64()?.checked_add(i64::from(up))
}

impl Ord for Exact {
    fn cmp(&self, other: &Exact) -> Ordering {
        match (self, other) {
            (Exact::Small(one), Exact::Small(other)) => one.cmp(other),
            (one, other) => one.big().cmp(&other.big()),
        }
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Exact) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_exact() -> impl Strategy<Value = Exact> {
        let any = (any::<i128>(), 1..i128::MAX);
        let small = (-1000_i128..1000, 1_i128..1000);
        prop_oneof![any, small].prop_map(|(numer, denom)| {
            Exact::fit(Ratio::new(BigInt::from(numer), BigInt::from(denom)))
        })
    }

    proptest! {
        /// Whatever has room in 128 bits or has not: the result is that of unbounded numbers.
        #[test]
        fn small_and_big_numbers_compute_alike(one in any_exact(), other in any_exact()) {
            prop_assert_eq!(one.plus(&other).big(), one.big() + other.big());
            prop_assert_eq!(one.times(&other).big(), one.big() * other.big());
            prop_assert_eq!(one.cmp(&other), one.big().cmp(&other.big()));
            prop_assert_eq!(one.plus(&other).plus(&other.negative()), one.clone());
            for mode in [RoundingMode::HalfUp, RoundingMode::HalfEven, RoundingMode::Up, RoundingMode::Down] {
                prop_assert_eq!(one.round(mode), round(&one.big(), mode));
            }
        }
    }
}
