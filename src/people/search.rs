//! The office's search for people by name.

use rusqlite::Connection;
use unicode_normalization::UnicodeNormalization;

use super::FiscalCode;
use super::persons::{COLUMNS, Person, find_by_fiscal_code, person};
use crate::base::Result;

/// Nobody's name has more words.
const WORDS: usize = 8;

/// The longest first part of a name that some write apart and others don't: `Dell'Acqua`.
const FIRST_PART: usize = 5;

/// Lower case without accents and with single spaces: what searches compare.
pub fn search_name(text: &str) -> String {
    let plain: String = text
        .nfkd()
        .filter(|c| !unicode_normalization::char::is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The office's search: every word must begin a word of surname or name, in any order and case,
/// with or without accents and apostrophes; or the text is a fiscal code. Sorted by name.
///
/// # Errors
/// The database's own failure.
pub fn search_people(db: &Connection, text: &str, limit: u32) -> Result<Vec<Person>> {
    if let Ok(code) = FiscalCode::parse(text) {
        return find_by_fiscal_code(db, &code)?
            .map(|id| person(db, id))
            .into_iter()
            .collect();
    }
    let wanted = search_name(text);
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "select {COLUMNS} from person_search s join person p on p.id = s.rowid
           join identity_link l on l.person_id = p.id and l.current = 1
         where person_search match ?1 order by p.search_name, p.id limit ?2"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map((query(&wanted), limit), Person::read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The words of a [`search_name`] as a query of the full-text index. What one writes apart another
/// writes together, and neither must know: `dangelo` finds D'Angelo, `de luca` finds Deluca.
fn query(wanted: &str) -> String {
    let words: Vec<&str> = wanted.split(' ').take(WORDS).collect();
    let all = |words: &[String]| format!("({})", words.join(" AND "));
    let apart: Vec<String> = words.iter().map(|word| begins(word)).collect();
    let mut ways = vec![all(&apart)];
    for first in 0..words.len().saturating_sub(1) {
        let mut joined = apart.clone();
        let both = format!("\"{}{}\"*", words[first], words[first + 1]);
        joined.splice(first..=first + 1, [both]);
        ways.push(all(&joined));
    }
    ways.join(" OR ")
}

/// A word of the name that begins so, or two that do when they are written together.
fn begins(word: &str) -> String {
    let mut ways = vec![format!("\"{word}\"*")];
    let splits = word.char_indices().skip(1).take(FIRST_PART);
    ways.extend(splits.map(|(at, _)| format!("\"{} {}\"*", &word[..at], &word[at..])));
    format!("({})", ways.join(" OR "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::{BelfioreCode, NewPerson, Sex, add_person};
    use crate::testing::{Comune, morning};
    use jiff::civil::date;

    #[test]
    fn first_letters_find_in_any_order_however_it_is_written() {
        let comune = Comune::new();
        let people = [
            ("Rossetti", "Maria Chiara"),
            ("D’Angelo", "Nicolò"),
            ("DE LUCA", "Annamaria"),
            ("Dell'Acqua", "Zoë"),
        ];
        comune
            .write(move |tx| {
                for (surname, name) in people {
                    let rome = BelfioreCode::parse("H501").unwrap();
                    let born = date(1984, 5, 6);
                    let code = FiscalCode::compute(surname, name, Sex::F, born, rome);
                    add_person(
                        tx,
                        &NewPerson::of(&code, surname, name, morning()),
                        morning(),
                    )?;
                }
                Ok(())
            })
            .unwrap();
        let find = |text: &str| -> Vec<String> {
            let found = comune.store.read(|db| search_people(db, text, 10)).unwrap();
            found
                .into_iter()
                .map(|p| format!("{} {}", p.surname, p.name))
                .collect()
        };
        for (text, who) in [
            ("rosset mar", "Rossetti Maria Chiara"),
            ("CHIARA rossett", "Rossetti Maria Chiara"),
            ("rossetti mariachiara", "Rossetti Maria Chiara"),
            ("d'angelo", "D’Angelo Nicolò"),
            ("d’ang nicolo'", "D’Angelo Nicolò"),
            ("dangelo", "D’Angelo Nicolò"),
            ("nicolò dan", "D’Angelo Nicolò"),
            ("angelo", "D’Angelo Nicolò"),
            ("deluca", "DE LUCA Annamaria"),
            ("anna maria de luca", "DE LUCA Annamaria"),
            ("dellacq", "Dell'Acqua Zoë"),
            ("zoe", "Dell'Acqua Zoë"),
        ] {
            assert_eq!(find(text), [who], "{text}");
        }
        for text in ["ossetti", "rossetti nicolo", "\" OR *", "a AND NOT b", "'"] {
            assert!(find(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_long_text_asks_no_long_query() {
        let wanted = search_name(&"ab ".repeat(5_000));
        assert!(query(&wanted).len() < 5_000);
    }
}
