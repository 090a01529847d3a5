//! Belfiore codes: the four characters that name a comune (`A001` to `M…`) or a foreign state
//! (`Z…`) in fiscal codes, and the places that had them, day by day.
//!
//! The table is `assets/data/belfiore.csv` (its notice says where it comes from). It is read on
//! first use. A code that it lacks is no error: older and newer places exist.

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

use crate::base::{Date, text_value};

/// The code of a comune or a state: a letter and three digits. Well-formed, not always known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BelfioreCode([u8; 4]);

text_value!(BelfioreCode, BelfioreCodeError);

/// A text is not a letter and three digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a Belfiore code is a letter and three digits, like H501")]
pub struct BelfioreCodeError;

impl BelfioreCode {
    /// Reads a code; case and spaces around it don't matter.
    ///
    /// # Errors
    /// When it is not a letter and three digits.
    pub fn parse(text: &str) -> Result<BelfioreCode, BelfioreCodeError> {
        let code = text.trim().to_ascii_uppercase();
        let bytes = code.as_bytes().try_into().map_err(|_| BelfioreCodeError)?;
        BelfioreCode::from_bytes(bytes).ok_or(BelfioreCodeError)
    }

    /// The code of four characters, upper case.
    pub(super) fn from_bytes(bytes: [u8; 4]) -> Option<BelfioreCode> {
        let formed = bytes[0].is_ascii_uppercase() && bytes[1..].iter().all(u8::is_ascii_digit);
        formed.then_some(BelfioreCode(bytes))
    }

    /// The four characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// What the code names.
    pub fn kind(self) -> PlaceKind {
        if self.0[0] == b'Z' {
            PlaceKind::State
        } else {
            PlaceKind::Comune
        }
    }
}

/// What a Belfiore code names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PlaceKind {
    /// An Italian comune.
    Comune,
    /// A foreign state or territory.
    State,
}

/// A comune or state under one name and province.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Place {
    /// Its code.
    pub code: BelfioreCode,
    /// Its name.
    pub name: &'static str,
    /// Its name in the other language of a bilingual province; another usual name of a state.
    pub other_name: Option<&'static str>,
    /// The two letters of the province, `EE` for a state.
    pub province: &'static str,
    /// Comune or state.
    pub kind: PlaceKind,
    /// The first day of this name and province.
    pub valid_from: Date,
    /// The last day; `None` while it lasts.
    pub valid_to: Option<Date>,
}

/// `find` returns so many places at most.
const MOST_FOUND: usize = 20;

/// The rows of the table, ordered by code and first day.
static ROWS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    include_str!("../../assets/data/belfiore.csv")
        .lines()
        .skip(1)
        .collect()
});

/// Every name, folded for comparison, with its row.
static NAMES: LazyLock<Vec<(Box<str>, u32)>> = LazyLock::new(|| {
    let rows = (0u32..).zip(ROWS.iter());
    let names = rows.flat_map(|(row, line)| {
        let names = line
            .split(';')
            .skip(1)
            .take(2)
            .filter(|name| !name.is_empty());
        names.map(move |name| (fold(name).into_boxed_str(), row))
    });
    names.collect()
});

impl Place {
    /// Whether it had this name and province on a day.
    pub fn existed_on(&self, day: Date) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|last| day <= last)
    }

    fn read(row: &'static str) -> Option<Place> {
        let mut fields = row.split(';');
        let code = BelfioreCode::parse(fields.next()?).ok()?;
        let (name, other, province) = (fields.next()?, fields.next()?, fields.next()?);
        let (from, to) = (fields.next()?, fields.next()?);
        Some(Place {
            code,
            name,
            other_name: (!other.is_empty()).then_some(other),
            province,
            kind: code.kind(),
            valid_from: from.parse().ok()?,
            valid_to: if to.is_empty() {
                None
            } else {
                Some(to.parse().ok()?)
            },
        })
    }
}

/// The place that had a code on a day (for a place of birth: the day of birth).
pub fn lookup(code: BelfioreCode, on_date: Date) -> Option<Place> {
    history(code)
        .filter(|place| place.existed_on(on_date))
        .last()
}

/// Every name and province that a code ever had, oldest first; empty when the code is unknown.
pub fn history(code: BelfioreCode) -> impl Iterator<Item = Place> {
    let first = ROWS.partition_point(|row| row.as_bytes() < &code.0[..]);
    ROWS[first..]
        .iter()
        .take_while(move |row| row.starts_with(code.as_str()))
        .filter_map(|row| Place::read(row))
}

/// The places that existed on a day and whose name begins with what was typed, or has a word that
/// does: the exact name first, then those that begin so, comuni before states, at most twenty.
///
/// Case, accents, apostrophes and spaces more or less don't matter. With a province, only its
/// places.
pub fn find(name: &str, province: Option<&str>, on_date: Date) -> Vec<Place> {
    let typed = fold(name);
    if typed.is_empty() {
        return Vec::new();
    }
    let province = province
        .map(str::trim)
        .filter(|province| !province.is_empty());
    let mut found: Vec<(MatchKind, Place)> = NAMES
        .iter()
        .filter_map(|(folded, row)| Some((match_kind(folded, &typed)?, *row)))
        .filter_map(|(kind, row)| Some((kind, Place::read(ROWS.get(row as usize)?)?)))
        .filter(|(_, place)| place.existed_on(on_date))
        .filter(|(_, place)| province.is_none_or(|p| p.eq_ignore_ascii_case(place.province)))
        .collect();
    found.sort_by_key(|(kind, place)| (*kind, place.kind, place.name, place.province));
    let mut places: Vec<Place> = Vec::new();
    for (_, place) in found {
        if !places.iter().any(|earlier| earlier.code == place.code) {
            places.push(place);
            if places.len() == MOST_FOUND {
                break;
            }
        }
    }
    places
}

/// How a name answers to what was typed, best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum MatchKind {
    Exact,
    Beginning,
    Word,
}

fn match_kind(folded: &str, typed: &str) -> Option<MatchKind> {
    if folded == typed {
        return Some(MatchKind::Exact);
    }
    if folded.starts_with(typed) {
        return Some(MatchKind::Beginning);
    }
    let mut later = folded.match_indices(typed);
    later
        .any(|(at, _)| folded[..at].ends_with(' '))
        .then_some(MatchKind::Word)
}

/// Upper case, no accents, words parted by one space, apostrophes and hyphens as spaces.
fn fold(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    for c in name.nfkd().flat_map(char::to_uppercase) {
        if c.is_alphanumeric() {
            folded.push(c);
        } else if matches!(c, ' ' | '\'' | '’' | '-' | '/' | '(' | ')' | ',' | '.')
            && !folded.is_empty()
            && !folded.ends_with(' ')
        {
            folded.push(' ');
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn code(text: &str) -> BelfioreCode {
        BelfioreCode::parse(text).unwrap()
    }

    fn first(name: &str, province: Option<&str>, day: Date) -> Option<&'static str> {
        find(name, province, day).first().map(|place| place.name)
    }

    #[test]
    fn every_row_of_the_table_is_read_and_in_order() {
        assert_eq!(ROWS.len(), 15_367);
        for row in ROWS.iter() {
            assert!(Place::read(row).is_some(), "{row}");
            assert_eq!(row.split(';').count(), 6, "{row}");
        }
        let keys: Vec<_> = ROWS
            .iter()
            .filter_map(|r| Place::read(r))
            .map(|p| (p.code, p.valid_from))
            .collect();
        assert!(keys.is_sorted());
    }

    #[test]
    fn a_code_has_the_name_of_its_day() {
        let name = |text, day| lookup(code(text), day).map(|place| place.name);
        assert_eq!(name("A562", date(1935, 7, 30)), Some("Bagni San Giuliano"));
        assert_eq!(name("A562", date(1935, 7, 31)), Some("San Giuliano Terme"));
        assert_eq!(name("D016", date(1950, 1, 1)), None);
        assert_eq!(name("D016", date(1954, 6, 2)), None);
        assert_eq!(name("D016", date(1966, 1, 22)), Some("Cornalba"));
        assert_eq!(name("Z118", date(1985, 1, 1)), Some("Jugoslavia"));
        assert_eq!(name("Z118", date(2010, 1, 1)), None);
        assert_eq!(name("M439", date(2026, 9, 1)), Some("Castegnero Nanto"));
        assert_eq!(name("X999", date(2026, 9, 1)), None);
        assert_eq!(history(code("A001")).count(), 2);
        assert_eq!(history(code("A000")).count(), 0);
        assert_eq!(history(code("Z999")).count(), 0);
    }

    #[test]
    fn names_are_found_however_they_are_typed() {
        let today = date(2026, 11, 3);
        assert_eq!(first("roma", None, today), Some("Roma"));
        assert_eq!(first("AGLIE'", None, today), Some("Agliè"));
        assert_eq!(
            first("reggio nell emilia", None, today),
            Some("Reggio nell'Emilia")
        );
        assert_eq!(
            first("Reggio nell’Emilia", None, today),
            Some("Reggio nell'Emilia")
        );
        assert_eq!(first("sankt leonhard", None, date(1990, 1, 1)), None);
        assert_eq!(first("Bozen", None, today), Some("Bolzano"));
        assert_eq!(
            first("Cina", None, today),
            Some("Repubblica Popolare Cinese")
        );
        assert_eq!(first("peru", Some("EE"), today), Some("Perù"));
        assert_eq!(first("Jugoslavia", None, today), None);
        assert_eq!(
            first("Jugoslavia", None, date(1985, 1, 1)),
            Some("Jugoslavia")
        );
        assert_eq!(find("  ", None, today), []);
        assert_eq!(find("a", None, today).len(), MOST_FOUND);
        assert!(
            find("giuliano t", None, today)
                .iter()
                .any(|p| p.name == "San Giuliano Terme")
        );
    }

    #[test]
    fn a_name_of_two_comuni_is_told_apart_by_the_province() {
        let today = date(2026, 11, 3);
        let castro = find("Castro", None, today);
        let exact: Vec<_> = castro
            .iter()
            .filter(|p| p.name == "Castro")
            .map(|p| p.province)
            .collect();
        assert_eq!(exact, ["BG", "LE"]);
        assert_eq!(find("Castro", Some("le"), today)[0].province, "LE");
    }

    #[test]
    fn a_code_is_a_letter_and_three_digits() {
        assert_eq!(code(" h501 ").as_str(), "H501");
        assert_eq!(code("Z404").kind(), PlaceKind::State);
        for text in ["", "H50", "H5011", "5H01", "H5O1", "è501", "H50è"] {
            assert!(BelfioreCode::parse(text).is_err(), "{text}");
        }
    }
}
