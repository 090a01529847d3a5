//! Where a code and the written data of a person differ.

use super::compute::{name_part, surname_part};
use super::{FiscalCode, Sex};
use crate::base::{Date, Text};
use crate::people::belfiore::BelfioreCode;

/// What of a person's data doesn't fit the code. A warning and never a refusal: the code that the
/// tax agency assigned is the right one, and spellings differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// The surname.
    Surname,
    /// The given name.
    Name,
    /// The day of birth.
    BirthDate,
    /// The sex.
    Sex,
    /// The comune or state of birth.
    BirthPlace,
}

impl Mismatch {
    /// The sentence for who typed the data.
    pub fn text(self) -> Text {
        Text::new(match self {
            Mismatch::Surname => "fiscal-code-other-surname",
            Mismatch::Name => "fiscal-code-other-name",
            Mismatch::BirthDate => "fiscal-code-other-birth-date",
            Mismatch::Sex => "fiscal-code-other-sex",
            Mismatch::BirthPlace => "fiscal-code-other-birth-place",
        })
    }
}

impl FiscalCode {
    /// Compares the code with what is known of the person; what is unknown is not compared, and a
    /// provisional code says nothing.
    pub fn mismatches(
        &self,
        surname: &str,
        name: &str,
        birth_date: Option<Date>,
        sex: Option<Sex>,
        place: Option<BelfioreCode>,
    ) -> Vec<Mismatch> {
        let Some(birth) = self.birth_parts() else {
            return Vec::new();
        };
        let written = |date: Date| (date.year().rem_euclid(100), date.month(), date.day());
        let comparisons = [
            (Mismatch::Surname, self.0[..3] != surname_part(surname)),
            (Mismatch::Name, self.0[3..6] != name_part(name)),
            (
                Mismatch::BirthDate,
                birth_date.is_some_and(|date| written(date) != birth),
            ),
            (Mismatch::Sex, sex.is_some() && sex != self.sex()),
            (
                Mismatch::BirthPlace,
                place.is_some() && place != self.birth_place_code(),
            ),
        ];
        comparisons
            .into_iter()
            .filter(|(_, differs)| *differs)
            .map(|(what, _)| what)
            .collect()
    }
}
