//! A price with all its decimals: an exact rational, so that nothing is rounded before the rule
//! says so (invariant 1).

use std::fmt;
use std::str::FromStr;

use num_rational::Ratio;
use num_traits::{CheckedAdd, CheckedMul};
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

/// A computation whose exact result has more digits than fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooFine;

/// An exact percentage: `-25`, `12.5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Percent(Ratio<i128>);

impl Percent {
    /// Reads the quoted decimal of a rule file: from -100 to 1000, at most four decimals.
    ///
    /// # Errors
    /// [`NotAPrice`].
    pub fn parse(text: &str) -> Result<Percent, NotAPrice> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        // A price in cents is a hundred times its euros: a percentage is not.
        let size = Price::parse_euros(digits)?.0 / 100;
        let finest = 10_i128.pow(4);
        let most = if negative { 100 } else { 1000 };
        if size > Ratio::from_integer(most) || !(size * finest).is_integer() {
            return Err(NotAPrice);
        }
        Ok(Percent(if negative { -size } else { size }))
    }

    /// Nothing.
    pub fn zero() -> Percent {
        Percent(Ratio::from_integer(0))
    }

    /// This part of a price.
    ///
    /// # Errors
    /// [`TooFine`].
    pub fn of(self, price: Price) -> Result<Price, TooFine> {
        price.scaled(self.0 / 100)
    }

    /// All of it.
    pub fn whole() -> Percent {
        Percent(Ratio::from_integer(100))
    }

    /// Both together.
    pub fn plus(self, other: Percent) -> Percent {
        Percent(self.0 + other.0)
    }

    /// Whether it takes away.
    pub fn is_negative(self) -> bool {
        self.0 < Ratio::from_integer(0)
    }

    /// Whether it lies between nothing and all.
    pub fn is_a_part(self) -> bool {
        !self.is_negative() && self.0 <= Ratio::from_integer(100)
    }
}

/// `-12.5`: without zeros at the end.
impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scaled = (self.0 * 10_000).to_integer();
        let sign = if scaled < 0 { "-" } else { "" };
        let digits = format!("{:05}", scaled.abs());
        let (whole, decimals) = digits.split_at(digits.len() - 4);
        match decimals.trim_end_matches('0') {
            "" => write!(f, "{sign}{whole}"),
            decimals => write!(f, "{sign}{whole}.{decimals}"),
        }
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Percent, D::Error> {
        let text = String::deserialize(deserializer)?;
        Percent::parse(&text).map_err(|NotAPrice| serde::de::Error::custom("not a percentage"))
    }
}

/// As Italians write it: `12,5 %`, without a sign; the sentence says more or less.
impl From<Percent> for Arg {
    fn from(percent: Percent) -> Arg {
        let size = percent.to_string().replace('.', ",");
        Arg::Str(format!("{}\u{a0}%", size.trim_start_matches('-')))
    }
}

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
    ///
    /// # Errors
    /// [`TooFine`], as for all that computes with prices: the exact result has more digits than
    /// fit. No published rule comes near; a made-up one must not give a wrong amount.
    pub fn times(self, quantity: u32) -> Result<Price, TooFine> {
        self.scaled(Ratio::from_integer(i128::from(quantity)))
    }

    /// This price and another.
    ///
    /// # Errors
    /// [`TooFine`].
    pub fn plus(self, other: Price) -> Result<Price, TooFine> {
        self.0.checked_add(&other.0).map(Price).ok_or(TooFine)
    }

    /// This price without a part of it; what would be below zero is free.
    ///
    /// # Errors
    /// [`TooFine`].
    pub fn minus(self, part: Price) -> Result<Price, TooFine> {
        let rest = self.plus(Price(-part.0))?;
        Ok(rest.max(Price::zero()))
    }

    /// So many parts of so many: `part_of(12, 20)` is 12 twentieths.
    ///
    /// # Errors
    /// [`TooFine`]; also for parts of nothing.
    pub fn part_of(self, parts: u32, all: u32) -> Result<Price, TooFine> {
        if all == 0 {
            return Err(TooFine);
        }
        self.scaled(Ratio::new(i128::from(parts), i128::from(all)))
    }

    /// More or less by a percentage; what would be below zero is free.
    ///
    /// # Errors
    /// [`TooFine`].
    pub fn changed_by(self, percent: Percent) -> Result<Price, TooFine> {
        let factor = Ratio::from_integer(1) + percent.0 / 100;
        Ok(self.scaled(factor)?.max(Price::zero()))
    }

    /// The price at `at` on the straight line from (`from`, `first`) to (`to`, `last`); outside of
    /// it, that of the nearer end.
    ///
    /// # Errors
    /// [`TooFine`].
    pub fn on_line(
        (from, first): (Cents, Price),
        (to, last): (Cents, Price),
        at: Cents,
    ) -> Result<Price, TooFine> {
        if at <= from {
            return Ok(first);
        }
        if at >= to {
            return Ok(last);
        }
        let way = Ratio::new(i128::from(at.0 - from.0), i128::from(to.0 - from.0));
        first.plus(Price(last.0 - first.0).scaled(way)?)
    }

    fn scaled(self, factor: Ratio<i128>) -> Result<Price, TooFine> {
        self.0.checked_mul(&factor).map(Price).ok_or(TooFine)
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

    /// A whole number of an amount (a cent, five cents, a euro), by a rule's own way of rounding.
    pub fn round_to(self, step: Cents, mode: RoundingMode) -> Cents {
        let step = i128::from(step.0.max(1));
        let count = Price(self.0 / step).round(mode).0;
        Cents(count.saturating_mul(i64::try_from(step).unwrap_or(i64::MAX)))
    }

    /// The price in cents when it has no fraction of one.
    pub fn whole(self) -> Option<Cents> {
        self.0
            .is_integer()
            .then(|| Cents(i64::try_from(self.0.to_integer()).unwrap_or(i64::MAX)))
    }

    /// For people: with all decimals up to six; what goes on is cut and says so.
    fn in_words(self) -> String {
        let scale = 10_i128.pow(DECIMALS - 2);
        let scaled = self.0 * scale;
        if scaled.is_integer() {
            return self.written().replace('.', ",");
        }
        let digits = format!("{:07}", scaled.to_integer());
        let (whole, decimals) = digits.split_at(digits.len() - DECIMALS as usize);
        format!("{whole},{decimals}…")
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
            None => Arg::Str(format!("{}\u{a0}€", price.in_words())),
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
        assert_eq!(euros("0.000001").times(1_000_000), Ok(euros("1")));
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
