//! Where the columns of a file stand, and what a row's fields are.

use unicode_normalization::UnicodeNormalization;

use super::CsvError;
use super::mapping::{Mapping, unguarded};
use crate::base::Text;

/// Where the columns stand.
#[derive(Debug)]
pub(super) struct Layout {
    file: String,
    /// The names that the import knows and where they stand in this file: nowhere, in one place,
    /// or in several that are joined.
    pub(super) columns: Vec<(&'static str, Vec<usize>)>,
    /// Fields in the header.
    width: usize,
    /// The header, as the file spells it: messages name the file's own columns.
    header: Vec<String>,
    pub(super) mapping: Mapping,
    /// Which rows are taken: the place in the file and the values, folded.
    only: Vec<(usize, Vec<String>)>,
}

impl Layout {
    pub(super) fn error(&self, line: u64, column: Option<&str>, message: Text) -> CsvError {
        CsvError {
            file: self.file.clone(),
            line,
            column: column.map(|name| self.spelled(name)),
            message,
        }
    }

    /// A column as the file spells it; one that the file has not, by the import's name.
    fn spelled(&self, column: &str) -> String {
        let known = self.columns.iter().find(|(name, _)| *name == column);
        let places = known.map_or(&[][..], |(_, places)| places);
        let names: Vec<&str> = places
            .iter()
            .filter_map(|place| self.header.get(*place).map(String::as_str))
            .collect();
        match names.join("+") {
            spelled if fold(&spelled) == fold(column) || spelled.is_empty() => column.to_owned(),
            spelled => format!("{spelled} ({column})"),
        }
    }

    /// The values of the known columns, mapped; `None` for a row that is to be left out.
    pub(super) fn fields(&self, record: &csv::StringRecord) -> Option<csv::StringRecord> {
        let at = |place: &usize| record.get(*place).map_or("", str::trim);
        if self
            .only
            .iter()
            .any(|(place, values)| !values.contains(&fold(at(place))))
        {
            return None;
        }
        let mut fields = csv::StringRecord::new();
        for (name, places) in &self.columns {
            let joined;
            let mut field = match places.as_slice() {
                [place] => unguarded(at(place)),
                places => {
                    let parts: Vec<&str> =
                        places.iter().map(at).filter(|p| !p.is_empty()).collect();
                    joined = parts.join(" ");
                    joined.as_str()
                }
            };
            if field.is_empty() {
                field = self.mapping.constants.get(*name).map_or("", String::as_str);
            }
            if let Some(words) = self.mapping.values.get(*name) {
                let word = fold(field);
                let found = words.iter().find(|(theirs, _)| fold(theirs) == word);
                field = found.map_or(field, |(_, ours)| ours);
            }
            if field.is_empty() && self.mapping.skip_empty.iter().any(|skip| skip == name) {
                return None;
            }
            fields.push_field(field.trim());
        }
        Some(fields)
    }

    /// A row has as many fields as the header (spreadsheets may add empty ones), all legible.
    pub(super) fn check(&self, record: &csv::StringRecord) -> Result<(), Text> {
        let surplus = record.iter().skip(self.width);
        if record.len() < self.width || surplus.into_iter().any(|field| !field.trim().is_empty()) {
            return Err(Text::new("csv-field-count")
                .with("expected", self.width)
                .with("found", record.len()));
        }
        if record
            .iter()
            .any(|field| field.contains(char::REPLACEMENT_CHARACTER))
        {
            return Err(Text::new("csv-illegible"));
        }
        Ok(())
    }
}

/// Finds the known columns in a header; the others are returned by name.
pub(super) fn lay_out(
    file: &str,
    header: &csv::StringRecord,
    required: &[&'static str],
    optional: &[&'static str],
    mapping: &Mapping,
) -> Result<(Layout, Vec<String>), Text> {
    // Spreadsheets end a header with empty cells.
    let named = header
        .iter()
        .enumerate()
        .filter(|(_, name)| !name.trim().is_empty());
    let width = named.last().map_or(0, |(last, _)| last + 1);
    let spelled: Vec<String> = header
        .iter()
        .take(width)
        .map(|n| n.trim().to_owned())
        .collect();
    let all_known = || required.iter().chain(optional).copied();
    let mentioned = [&mapping.negate, &mapping.skip_empty]
        .into_iter()
        .flatten()
        .chain(mapping.columns.keys())
        .chain(mapping.constants.keys())
        .chain(mapping.values.keys());
    for name in mentioned {
        if !all_known().any(|known| known == name) {
            let all: Vec<&str> = all_known().collect();
            return Err(Text::new("csv-mapping-unknown")
                .with("column", name.as_str())
                .with("known", all.join(", ")));
        }
    }
    let place = |name: &str| -> Result<Option<usize>, Text> {
        let wanted = fold(name);
        let mut places = (0..width).filter(|i| fold(&spelled[*i]) == wanted);
        let first = places.next();
        match places.next() {
            Some(_) => Err(Text::new("csv-column-twice").with("column", name)),
            None => Ok(first),
        }
    };
    let mut missing = Vec::new();
    let mut columns = Vec::new();
    for name in all_known() {
        let mut places = Vec::new();
        match mapping.columns.get(name) {
            Some(theirs) => {
                for theirs in theirs.all() {
                    match place(theirs)? {
                        Some(place) => places.push(place),
                        None => missing.push(theirs.as_str()),
                    }
                }
            }
            None => places.extend(place(name)?),
        }
        let filled = mapping.constants.contains_key(name) || mapping.columns.contains_key(name);
        if places.is_empty() && !filled && required.contains(&name) {
            missing.push(name);
        }
        columns.push((name, places));
    }
    let mut only = Vec::new();
    for (theirs, values) in &mapping.only {
        match place(theirs)? {
            Some(place) => only.push((place, values.iter().map(|v| fold(v)).collect())),
            None => missing.push(theirs),
        }
    }
    if !missing.is_empty() {
        return Err(Text::new("csv-missing-columns")
            .with("missing", missing.join(", "))
            .with("present", spelled.join(", ")));
    }
    let is_read = |i: &usize| {
        columns.iter().any(|(_, places)| places.contains(i)) || only.iter().any(|(at, _)| at == i)
    };
    let unknown = (0..width).filter(|i| !is_read(i));
    let unknown = unknown.map(|i| spelled[i].clone()).collect();
    let layout = Layout {
        file: file.to_owned(),
        columns,
        width,
        header: spelled,
        mapping: mapping.clone(),
        only,
    };
    Ok((layout, unknown))
}

/// Lower case, without accents, spaces, underscores and other marks.
fn fold(name: &str) -> String {
    let letters = name.nfkd().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}
