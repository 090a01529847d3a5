//! A price with all its decimals: an exact rational, so that nothing is rounded before the rule
//! says so (invariant 1).

use std::fmt;
use std::str::FromStr;

use num_rational::Ratio;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::base::{Arg, Cents};

/// An exact price, kept in cents: `5.331` euros is 533 and one tenth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Price(Ratio<i128>);

/// How a price becomes whole cents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoundingMode {
    /// Half a cent goes up: the default, since no resolution that was read names another.
    #[default]
    HalfUp,
    /// Half a cent goes to the even cent.
    HalfEven,
    /// Always up to the next cent.
    Up,
    /// What is below a cent is dropped.
    Down,
}

/// A text that is no price: at most 99,999 euros, at most six decimals, no sign.
#[derive(Debug, PartialEq, Eq)]
pub struct NotAPrice;

const DECIMALS: u32 = 6;

impl Price {
    /// Free.
    pub fn zero() -> Price {
        Price(Ratio::from_integer(0))
    }

    /// Reads the quoted decimal of a rule file: euros, `"4.50"`, `"5.331"`.
    ///
    /// # Errors
    /// [`NotAPrice`].
    pub fn parse_euros(text: &str) -> Result<Price, NotAPrice> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        let shaped = (1..=5).contains(&whole.len())
            && decimals.len() <= DECIMALS as usize
            && !text.ends_with('.')
            && digits(whole)
            && digits(decimals);
        if !shaped {
            return Err(NotAPrice);
        }
        let scaled: i128 = format!("{whole}{decimals:0<6}")
            .parse()
            .map_err(|_| NotAPrice)?;
        Ok(Price(Ratio::new(scaled, 10_i128.pow(DECIMALS - 2))))
    }

    /// So many times this price.
    pub fn times(self, quantity: u32) -> Price {
        Price(self.0 * i128::from(quantity))
    }

    /// This price and another.
    pub fn plus(self, other: Price) -> Price {
        Price(self.0 + other.0)
    }

    /// Whole cents, by a rule's own way of rounding.
    pub fn round(self, mode: RoundingMode) -> Cents {
        let (below, above) = (self.0.floor(), self.0.ceil());
        let half = below + Ratio::new(1, 2);
        let up = match mode {
            RoundingMode::Up => true,
            RoundingMode::Down => false,
            RoundingMode::HalfUp => self.0 >= half,
            RoundingMode::HalfEven => {
                self.0 > half || (self.0 == half && below.to_integer() % 2 != 0)
            }
        };
        let cents = if up { above } else { below };
        Cents(i64::try_from(cents.to_integer()).unwrap_or(i64::MAX))
    }

    /// The price in cents when it has no fraction of one.
    pub fn whole(self) -> Option<Cents> {
        self.0
            .is_integer()
            .then(|| Cents(i64::try_from(self.0.to_integer()).unwrap_or(i64::MAX)))
    }

    /// Euros as decimals where they end within twelve, else as a fraction of cents.
    fn written(self) -> String {
        let scale = 10_i128.pow(10);
        let scaled = self.0 * scale;
        if !scaled.is_integer() {
            return format!("{}/{}", self.0.numer(), self.0.denom());
        }
        let digits = format!("{:013}", scaled.to_integer());
        let (whole, decimals) = digits.split_at(digits.len() - 12);
        let kept = decimals.trim_end_matches('0').len().max(2);
        format!("{whole}.{}", &decimals[..kept])
    }
}

impl From<Cents> for Price {
    fn from(cents: Cents) -> Price {
        Price(Ratio::from_integer(i128::from(cents.0)))
    }
}

/// `5.331`: euros.
impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written())
    }
}

impl FromStr for Price {
    type Err = NotAPrice;

    /// Reads what [`Display`](fmt::Display) wrote.
    fn from_str(text: &str) -> Result<Price, NotAPrice> {
        if let Some((numerator, denominator)) = text.split_once('/') {
            let numerator = numerator.parse().map_err(|_| NotAPrice)?;
            let denominator: i128 = denominator.parse().map_err(|_| NotAPrice)?;
            if denominator <= 0 {
                return Err(NotAPrice);
            }
            return Ok(Price(Ratio::new(numerator, denominator)));
        }
        let (whole, decimals) = text.split_once('.').ok_or(NotAPrice)?;
        if decimals.len() > 12 {
            return Err(NotAPrice);
        }
        let scaled: i128 = format!("{whole}{decimals:0<12}")
            .parse()
            .map_err(|_| NotAPrice)?;
        Ok(Price(Ratio::new(scaled, 10_i128.pow(10))))
    }
}

impl Serialize for Price {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.written())
    }
}

impl<'de> Deserialize<'de> for Price {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Price, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse()
            .map_err(|NotAPrice| serde::de::Error::custom("not a price"))
    }
}

/// Whole cents as an amount of the reader's language, anything finer with all its decimals.
impl From<Price> for Arg {
    fn from(price: Price) -> Arg {
        match price.whole() {
            Some(cents) => Arg::Money(cents),
            None => Arg::Str(format!("{}\u{a0}€", price.written().replace('.', ","))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn euros(text: &str) -> Price {
        Price::parse_euros(text).unwrap()
    }

    #[test]
    fn prices_keep_their_decimals() {
        assert_eq!(euros("5.331").to_string(), "5.331");
        assert_eq!(euros("4.5").to_string(), "4.50");
        assert_eq!(euros("0.000001").times(1_000_000), euros("1"));
        for text in [
            "",
            "-1",
            "1,50",
            "1.",
            ".5",
            "1e3",
            "100000",
            "1.0000001",
            " 1",
        ] {
            assert_eq!(Price::parse_euros(text), Err(NotAPrice), "{text}");
        }
        assert_eq!(
            Arg::from(euros("5.331")),
            Arg::Str("5,331\u{a0}€".to_owned())
        );
    }

    #[test]
    fn each_mode_rounds_its_own_way() {
        use RoundingMode::{Down, HalfEven, HalfUp, Up};
        for (price, mode, cents) in [
            ("0.005", HalfUp, 1),
            ("0.0049", HalfUp, 0),
            ("0.005", HalfEven, 0),
            ("0.015", HalfEven, 2),
            ("0.0151", HalfEven, 2),
            ("0.001", Up, 1),
            ("0.009", Down, 0),
            ("4.50", Up, 450),
        ] {
            assert_eq!(euros(price).round(mode), Cents(cents), "{price} {mode:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(numerator in 0_i128..1_000_000_000, denominator in 1_i128..100_000) {
            let price = Price(Ratio::new(numerator, denominator));
            prop_assert_eq!(price.to_string().parse(), Ok(price));
        }
    }
}
