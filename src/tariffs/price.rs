//! A price with all its decimals: an exact fraction, so that nothing is rounded before the rule
//! says so (invariant 1).

use std::fmt;
use std::str::FromStr;

use num_rational::Ratio;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::exact::Exact;
use crate::base::{Arg, Cents};

/// An exact price, kept in cents: `5.331` euros is 533 and one tenth.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Price(Exact);

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

/// An amount above ten million euros: no family owes it, so that a rule or a fact is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

/// The largest amount that a price may become.
const LARGEST: Cents = Cents(1_000_000_000);

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
        let size = Ratio::new(millionths(digits)?, 10_i128.pow(DECIMALS));
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
    pub fn of(self, price: &Price) -> Price {
        price.scaled(self.0 / 100)
    }

    /// So many times as much.
    pub fn times(self, count: u32) -> Percent {
        Percent(self.0 * i128::from(count))
    }

    /// All of it.
    pub fn whole() -> Percent {
        Percent(Ratio::from_integer(100))
    }

    /// Both together.
    pub fn plus(self, other: Percent) -> Percent {
        Percent(self.0 + other.0)
    }

    /// As much more as it takes away.
    pub fn without_sign(self) -> Percent {
        Percent(if self.is_negative() { -self.0 } else { self.0 })
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

/// The quoted decimal of a rule file, in millionths.
fn millionths(text: &str) -> Result<i128, NotAPrice> {
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
    format!("{whole}{decimals:0<6}")
        .parse()
        .map_err(|_| NotAPrice)
}

impl Price {
    /// Free.
    pub fn zero() -> Price {
        Price(Exact::whole(0))
    }

    /// Reads the quoted decimal of a rule file: euros, `"4.50"`, `"5.331"`.
    ///
    /// # Errors
    /// [`NotAPrice`].
    pub fn parse_euros(text: &str) -> Result<Price, NotAPrice> {
        let cents = Ratio::new(millionths(text)?, 10_i128.pow(DECIMALS - 2));
        Ok(Price(Exact::Small(cents)))
    }

    /// So many times this price.
    pub fn times(&self, quantity: u32) -> Price {
        self.scaled(Ratio::from_integer(i128::from(quantity)))
    }

    /// This price and another.
    pub fn plus(&self, other: &Price) -> Price {
        Price(self.0.plus(&other.0))
    }

    /// This price without a part of it; what would be below zero is free.
    pub fn minus(&self, part: &Price) -> Price {
        Price(self.0.plus(&part.0.negative())).max(Price::zero())
    }

    /// So many parts of so many: `part_of(12, 20)` is 12 twentieths. Of no parts at all, as in a month
    /// without a day of opening, nothing is due.
    pub fn part_of(&self, parts: u32, all: u32) -> Price {
        if all == 0 {
            return Price::zero();
        }
        self.scaled(Ratio::new(i128::from(parts), i128::from(all)))
    }

    /// More or less by a percentage; what would be below zero is free.
    pub fn changed_by(&self, percent: Percent) -> Price {
        self.scaled(Ratio::from_integer(1) + percent.0 / 100)
            .max(Price::zero())
    }

    /// The price at `at` on the straight line from (`from`, `first`) to (`to`, `last`); outside of
    /// it, that of the nearer end.
    pub fn on_line(
        (from, first): (Cents, &Price),
        (to, last): (Cents, &Price),
        at: Cents,
    ) -> Price {
        if at <= from {
            return first.clone();
        }
        if at >= to {
            return last.clone();
        }
        let way = Ratio::new(
            i128::from(at.0) - i128::from(from.0),
            i128::from(to.0) - i128::from(from.0),
        );
        let rise = Price(last.0.plus(&first.0.negative()));
        first.plus(&rise.scaled(way))
    }

    fn scaled(&self, factor: Ratio<i128>) -> Price {
        Price(self.0.times(&Exact::Small(factor)))
    }

    /// Whole cents, by a rule's own way of rounding.
    ///
    /// # Errors
    /// [`TooLarge`].
    pub fn round(&self, mode: RoundingMode) -> Result<Cents, TooLarge> {
        self.round_to(Cents(1), mode)
    }

    /// A whole number of an amount (a cent, five cents, a euro), by a rule's own way of rounding.
    ///
    /// # Errors
    /// [`TooLarge`].
    pub fn round_to(&self, step: Cents, mode: RoundingMode) -> Result<Cents, TooLarge> {
        let step = step.0.max(1);
        let count = self.scaled(Ratio::new(1, i128::from(step))).0.round(mode);
        let cents = count.and_then(|count| count.checked_mul(step));
        let cents = cents.map(Cents).filter(|cents| *cents <= LARGEST);
        cents.ok_or(TooLarge)
    }

    /// The price in cents when it has no fraction of one.
    pub fn whole(&self) -> Option<Cents> {
        let cents = self
            .0
            .is_integer()
            .then(|| self.0.round(RoundingMode::Down));
        cents.flatten().map(Cents)
    }

    /// In so many decimals of a cent: the digits, and whether nothing is left.
    fn in_decimals(&self, decimals: u32) -> (String, bool) {
        self.scaled(Ratio::from_integer(10_i128.pow(decimals)))
            .0
            .digits()
    }

    /// For people: with all decimals up to six; what goes on is cut and says so.
    fn in_words(&self) -> String {
        let (digits, all) = self.in_decimals(DECIMALS - 2);
        if all {
            return self.written().replace('.', ",");
        }
        let digits = format!("{digits:0>7}");
        let (whole, decimals) = digits.split_at(digits.len() - DECIMALS as usize);
        format!("{whole},{decimals}…")
    }

    /// Euros as decimals where they end within twelve, else as a fraction of cents.
    fn written(&self) -> String {
        let (digits, all) = self.in_decimals(10);
        if !all {
            return self.0.fraction();
        }
        let digits = format!("{digits:0>13}");
        let (whole, decimals) = digits.split_at(digits.len() - 12);
        let kept = decimals.trim_end_matches('0').len().max(2);
        format!("{whole}.{}", &decimals[..kept])
    }
}

impl From<Cents> for Price {
    fn from(cents: Cents) -> Price {
        Price(Exact::whole(cents.0))
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
        let exact = match text.split_once('/') {
            Some((numerator, denominator)) => Exact::parse(numerator, denominator),
            None => {
                let (whole, decimals) = text.split_once('.').ok_or(NotAPrice)?;
                if decimals.len() > 12 {
                    return Err(NotAPrice);
                }
                Exact::parse(&format!("{whole}{decimals:0<12}"), "10000000000")
            }
        };
        exact.map(Price).ok_or(NotAPrice)
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
impl From<&Price> for Arg {
    fn from(price: &Price) -> Arg {
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
            Arg::from(&euros("5.331")),
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
            assert_eq!(
                euros(price).round(mode),
                Ok(Cents(cents)),
                "{price} {mode:?}"
            );
        }
    }

    #[test]
    fn what_nobody_owes_is_no_price() {
        assert_eq!(
            euros("99999.99").times(100).round(RoundingMode::HalfUp),
            Ok(Cents(999_999_900))
        );
        assert_eq!(
            euros("99999.99").times(101).round(RoundingMode::HalfUp),
            Err(TooLarge)
        );
        assert_eq!(
            euros("99999.99")
                .times(u32::MAX)
                .round_to(Cents(100), RoundingMode::Down),
            Err(TooLarge)
        );
    }

    /// A price whose fraction does not fit into 128 bits is as exact as any other.
    #[test]
    fn many_percentages_leave_no_error() {
        let third = Percent::parse("-33.3331").unwrap();
        let mut price = euros("99999.999999");
        for _ in 0..50 {
            price = price.changed_by(third);
        }
        let read: Price = price.to_string().parse().unwrap();
        assert_eq!(read, price);
        assert_eq!(price.round(RoundingMode::Up), Ok(Cents(1)));
        assert_eq!(price.plus(&price).minus(&price), price);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(numerator in 0_i128..1_000_000_000, denominator in 1_i128..100_000) {
            let price = Price(Exact::Small(Ratio::new(numerator, denominator)));
            let read = price.to_string().parse();
            prop_assert_eq!(read, Ok(price));
        }
    }
}
