//! Five schools, their classes, and who goes where.

use jiff::civil::Date;
use rusqlite::Transaction;

use crate::base::{ClassId, Result, SchoolYear};
use crate::municipality::{self, Grade, NewSchool};

/// Code, name, grade, address.
pub(super) const SCHOOLS: &[(&str, &str, Grade, &str)] = &[
    (
        "NIDO1",
        "Nido d’infanzia Aquilone",
        Grade::Nido,
        "Via Maria Montessori 3",
    ),
    (
        "INF1",
        "Scuola dell’infanzia Gianni Rodari",
        Grade::Infanzia,
        "Via Gianni Rodari 8",
    ),
    (
        "PRIM1",
        "Scuola primaria Carlo Collodi",
        Grade::Primaria,
        "Via delle Scuole 12",
    ),
    (
        "PRIM2",
        "Scuola primaria Renata Fucini",
        Grade::Primaria,
        "Via del Mulino 40",
    ),
    (
        "SEC1",
        "Scuola secondaria Galileo Galilei",
        Grade::Secondaria,
        "Viale della Repubblica 101",
    ),
];

/// The classes of one school year: by years of age of the children on 31 December.
pub(super) struct Classes {
    year: SchoolYear,
    by_age: Vec<(i16, Vec<ClassId>)>,
}

/// Makes the schools and the classes of a school year.
pub(super) fn make(tx: &Transaction<'_>, year: SchoolYear) -> Result<Classes> {
    let mut by_age: Vec<(i16, Vec<ClassId>)> = Vec::new();
    for (code, name, grade, address) in SCHOOLS {
        let new = NewSchool {
            code,
            name,
            grade: *grade,
            address,
        };
        let school = municipality::add_school(tx, &new)?;
        for (age, name) in class_names(*grade) {
            let class = municipality::add_class(tx, school, year, &name)?;
            match by_age.iter_mut().find(|(known, _)| *known == age) {
                Some((_, classes)) => classes.push(class),
                None => by_age.push((age, vec![class])),
            }
        }
    }
    Ok(Classes { year, by_age })
}

fn class_names(grade: Grade) -> Vec<(i16, String)> {
    match grade {
        Grade::Nido => [(1, "Piccoli"), (2, "Medi e grandi")]
            .map(|(age, n)| (age, n.to_owned()))
            .into(),
        Grade::Infanzia => [(3, "Gialli"), (4, "Verdi"), (5, "Blu")]
            .map(|(age, n)| (age, n.to_owned()))
            .into(),
        Grade::Primaria => (1..=5).map(|n| (5 + n, format!("{n}A"))).collect(),
        Grade::Secondaria => [(11, "1A".to_owned())].into(),
    }
}

impl Classes {
    /// The class of a child, by birth; `choice` spreads children over the schools of one grade.
    pub(super) fn of(&self, born: Date, choice: usize) -> Option<ClassId> {
        let age = self.year.first_year() - born.year();
        let (_, classes) = self.by_age.iter().find(|(known, _)| *known == age)?;
        classes.get(choice % classes.len()).copied()
    }

    /// Whether the child is of the nido's age.
    pub(super) fn is_nido(&self, born: Date) -> bool {
        (1..=2).contains(&(self.year.first_year() - born.year()))
    }

    /// The school year.
    pub(super) fn year(&self) -> SchoolYear {
        self.year
    }
}
