//! Money is integer cents (invariant 1). No float touches it, also not on the way in or out.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul, Neg, Sub};

use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An amount of euro cents, positive or negative.
///
/// In files and JSON it is a quoted decimal string (`"5.20"`), never a float; in the database an
/// INTEGER of cents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cents(pub i64);

/// Why a text is not an amount of euros.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Nothing was written.
    #[error("no amount was given")]
    Empty,
    /// Something else than digits, one sign, one decimal mark and thousands marks.
    #[error("not an amount in euros: write it like 1234.50 or 1.234,50")]
    NotAnAmount,
    /// More than two decimals.
    #[error("an amount has at most two decimals")]
    TooManyDecimals,
    /// Larger than the program keeps (999,999,999.99 euros, the limit of a pagoPA notice).
    #[error("the amount is too large")]
    TooLarge,
}

/// The largest amount that a pagoPA notice can carry (facts: 999.999.999,99).
const MAX_CENTS: i64 = 99_999_999_999;

impl Cents {
    /// No money.
    pub const ZERO: Cents = Cents(0);

    /// Reads an amount as people write it: `1.234,50`, `1234,5`, `1234.50`, `12`, `€ 3,00`.
    ///
    /// A single dot followed by exactly three digits is a thousands mark (`1.234` is 1234 euros),
    /// as Italians write it.
    ///
    /// # Errors
    /// [`MoneyError`] says what is wrong.
    pub fn parse_it(text: &str) -> Result<Cents, MoneyError> {
        let cleaned: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '€' && *c != '\u{a0}')
            .map(|c| if c == '\u{2212}' { '-' } else { c })
            .collect();
        if let Some((whole, decimals)) = cleaned.rsplit_once(',') {
            if whole.contains(',') || !thousands_are_regular(whole) {
                return Err(MoneyError::NotAnAmount);
            }
            return from_parts(&whole.replace('.', ""), decimals);
        }
        match cleaned.rsplit_once('.') {
            Some((whole, last)) if last.len() == 3 || whole.contains('.') => {
                if !thousands_are_regular(&cleaned) {
                    return Err(MoneyError::NotAnAmount);
                }
                from_parts(&cleaned.replace('.', ""), "")
            }
            Some((whole, decimals)) => from_parts(whole, decimals),
            None => from_parts(&cleaned, ""),
        }
    }

    /// Reads the quoted decimal of files: `1234.50`, `12`, `-3.1`; no thousands marks.
    ///
    /// # Errors
    /// [`MoneyError`] says what is wrong.
    pub fn parse_decimal(text: &str) -> Result<Cents, MoneyError> {
        let text = text.trim();
        match text.split_once('.') {
            Some((whole, decimals)) if !decimals.is_empty() => from_parts(whole, decimals),
            Some(_) => Err(MoneyError::NotAnAmount),
            None => from_parts(text, ""),
        }
    }

    /// The amount without its sign.
    pub fn abs(self) -> Cents {
        Cents(self.0.abs())
    }

    /// True for amounts above zero.
    pub fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// The decimal string of files: `1234.50`.
    pub fn to_decimal(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let n = self.0.unsigned_abs();
        format!("{sign}{}.{:02}", n / 100, n % 100)
    }

    /// The Italian number without the currency: `1.234,50`; minus is U+2212.
    pub fn to_italian(self) -> String {
        let n = self.0.unsigned_abs();
        let digits = (n / 100).to_string();
        let mut whole = String::new();
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                whole.push('.');
            }
            whole.push(digit);
        }
        let sign = if self.0 < 0 { "\u{2212}" } else { "" };
        format!("{sign}{whole},{:02}", n % 100)
    }
}

fn thousands_are_regular(whole: &str) -> bool {
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    let mut groups = digits.split('.');
    let first = groups.next().unwrap_or("");
    let rest: Vec<_> = groups.collect();
    rest.is_empty() || ((1..=3).contains(&first.len()) && rest.iter().all(|g| g.len() == 3))
}

fn from_parts(whole: &str, decimals: &str) -> Result<Cents, MoneyError> {
    let (negative, digits) = match whole.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, whole),
    };
    if digits.is_empty() && decimals.is_empty() {
        return Err(MoneyError::Empty);
    }
    let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if digits.is_empty() || !all_digits(digits) || !all_digits(decimals) {
        return Err(MoneyError::NotAnAmount);
    }
    if decimals.len() > 2 {
        return Err(MoneyError::TooManyDecimals);
    }
    if digits.len() > 12 {
        return Err(MoneyError::TooLarge);
    }
    let euros: i64 = digits.parse().map_err(|_| MoneyError::TooLarge)?;
    let cents: i64 = format!("{decimals:0<2}")
        .parse()
        .map_err(|_| MoneyError::NotAnAmount)?;
    let total = euros * 100 + cents;
    if total > MAX_CENTS {
        return Err(MoneyError::TooLarge);
    }
    Ok(Cents(if negative { -total } else { total }))
}

/// `1.234,50 €` with a no-break space, as Italians write amounts.
impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\u{a0}€", self.to_italian())
    }
}

impl Add for Cents {
    type Output = Cents;
    fn add(self, other: Cents) -> Cents {
        Cents(self.0 + other.0)
    }
}

impl AddAssign for Cents {
    fn add_assign(&mut self, other: Cents) {
        self.0 += other.0;
    }
}

impl Sub for Cents {
    type Output = Cents;
    fn sub(self, other: Cents) -> Cents {
        Cents(self.0 - other.0)
    }
}

impl Neg for Cents {
    type Output = Cents;
    fn neg(self) -> Cents {
        Cents(-self.0)
    }
}

impl Mul<i64> for Cents {
    type Output = Cents;
    fn mul(self, quantity: i64) -> Cents {
        Cents(self.0 * quantity)
    }
}

impl Sum for Cents {
    fn sum<I: Iterator<Item = Cents>>(amounts: I) -> Cents {
        amounts.fold(Cents::ZERO, Add::add)
    }
}

impl Serialize for Cents {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_decimal())
    }
}

impl<'de> Deserialize<'de> for Cents {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Cents::parse_decimal(&text).map_err(serde::de::Error::custom)
    }
}

impl ToSql for Cents {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.0))
    }
}

impl FromSql for Cents {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        i64::column_result(value).map(Cents)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_amounts_as_people_write_them() {
        for (text, cents) in [
            ("12", 1200),
            ("12,5", 1250),
            ("12.50", 1250),
            ("1.234,50", 123_450),
            ("1.234", 123_400),
            ("€ 3,00", 300),
            ("-0,05", -5),
            ("\u{2212}1,00", -100),
        ] {
            assert_eq!(Cents::parse_it(text), Ok(Cents(cents)), "{text}");
        }
        for text in [
            "",
            "abc",
            "1,2,3",
            "12,345",
            "1.23.456",
            "1e3",
            "12.34.5",
            "9999999999,00",
        ] {
            assert!(Cents::parse_it(text).is_err(), "{text}");
        }
    }

    #[test]
    fn files_have_plain_decimals() {
        assert_eq!(Cents::parse_decimal("1234.5"), Ok(Cents(123_450)));
        assert!(Cents::parse_decimal("1.234,50").is_err());
        assert_eq!(Cents(-5).to_decimal(), "-0.05");
    }

    #[test]
    fn writes_amounts_as_italians_do() {
        assert_eq!(Cents(123_456_789).to_string(), "1.234.567,89\u{a0}€");
        assert_eq!(Cents(-1260).to_string(), "\u{2212}12,60\u{a0}€");
        assert_eq!(Cents(5).to_italian(), "0,05");
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read_back(n in -MAX_CENTS..=MAX_CENTS) {
            proptest::prop_assert_eq!(Cents::parse_it(&Cents(n).to_string()), Ok(Cents(n)));
            proptest::prop_assert_eq!(Cents::parse_decimal(&Cents(n).to_decimal()), Ok(Cents(n)));
        }
    }
}
