//! The code that the rule gives for a person's data. The agency's own may differ: by omocodia, or
//! because it spells the name in another way.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::{FiscalCode, MONTHS, Sex, check_character};
use crate::base::Date;
use crate::people::belfiore::BelfioreCode;

impl FiscalCode {
    /// Computes the code of a person born on that day in that place, without omocodia.
    pub fn compute(
        surname: &str,
        name: &str,
        sex: Sex,
        birth_date: Date,
        place: BelfioreCode,
    ) -> FiscalCode {
        let month = usize::try_from(birth_date.month() - 1).map_or(b'A', |i| MONTHS[i % 12]);
        let day = birth_date.day() + if sex == Sex::F { 40 } else { 0 };
        let mut code = format!(
            "{}{}{:02}{}{day:02}{place}",
            surname_part(surname),
            name_part(name),
            birth_date.year().rem_euclid(100),
            char::from(month),
        );
        code.push(char::from(check_character(code.as_bytes())));
        FiscalCode(code)
    }
}

/// Consonants, then vowels, then `X`: the first three.
pub(super) fn surname_part(surname: &str) -> String {
    let (consonants, vowels) = letters(surname);
    three(consonants.chars().chain(vowels.chars()))
}

/// The first, third and fourth consonant where there are four, else as for a surname.
pub(super) fn name_part(name: &str) -> String {
    let (mut consonants, vowels) = letters(name);
    if consonants.len() >= 4 {
        consonants.remove(1);
    }
    three(consonants.chars().chain(vowels.chars()))
}

fn three(letters: impl Iterator<Item = char>) -> String {
    letters.chain(['X'; 3]).take(3).collect()
}

/// The consonants and the vowels of a name, `A` to `Z` only.
fn letters(name: &str) -> (String, String) {
    plain(name)
        .chars()
        .filter(char::is_ascii_uppercase)
        .partition(|c| !"AEIOU".contains(*c))
}

/// Upper case without accents; letters that are no letter with a mark are written out.
fn plain(name: &str) -> String {
    let mut plain = String::new();
    for c in name
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_uppercase)
    {
        match c {
            'Æ' => plain.push_str("AE"),
            'Œ' => plain.push_str("OE"),
            'Ø' => plain.push('O'),
            'Đ' | 'Ð' => plain.push('D'),
            'Ł' => plain.push('L'),
            'ẞ' => plain.push_str("SS"),
            c => plain.push(c),
        }
    }
    plain
}
