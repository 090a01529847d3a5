//! The residents' register, and children with who answers for them.

use super::schools::changed;
use super::{Fault, Import, Outcome, Plan};
use crate::base::{CsvRow, Date, PersonId, Text};
use crate::people::{
    self, FiscalCode, FiscalCodeError, GuardianshipTitle, NewGuardianship, NewHouseholdMember,
    NewPerson, Person, Sex,
};

/// One row per person of a household (facts: anagrafe exports have these columns).
pub(super) const RESIDENTS: Plan = Plan {
    required: &[
        "id_famiglia",
        "codice_fiscale",
        "cognome",
        "nome",
        "relazione",
        "indirizzo",
    ],
    optional: &[
        "sesso",
        "data_nascita",
        "luogo_nascita",
        "civico",
        "cap",
        "comune",
        "data_decorrenza",
    ],
    row: resident,
};

/// One row per person: payers who are nobody's guardian, contacts, whoever is in no other file.
pub(super) const PEOPLE: Plan = Plan {
    required: &["codice_fiscale", "cognome", "nome"],
    optional: &[
        "sesso",
        "data_nascita",
        "luogo_nascita",
        "indirizzo",
        "civico",
        "cap",
        "comune",
        "residente",
        "telefono",
        "email",
    ],
    row: anybody,
};

/// One row per child and adult who answers for it.
pub(super) const CHILDREN: Plan = Plan {
    required: &[
        "codice_fiscale",
        "cognome",
        "nome",
        "adulto_codice_fiscale",
        "adulto_cognome",
        "adulto_nome",
    ],
    optional: &[
        "sesso",
        "data_nascita",
        "luogo_nascita",
        "indirizzo",
        "civico",
        "cap",
        "comune",
        "titolo",
        "adulto_email",
        "adulto_telefono",
    ],
    row: child,
};

fn fiscal_code(row: &CsvRow, column: &'static str) -> Result<FiscalCode, Fault> {
    Ok(row.required_as(column, FiscalCodeError::text)?)
}

fn street(row: &CsvRow) -> Option<String> {
    let street = row.optional("indirizzo")?;
    Some(match row.optional("civico") {
        Some(number) => format!("{street} {number}"),
        None => street.to_owned(),
    })
}

/// The person of a row; what the file leaves out is read from the fiscal code.
fn person(import: &Import<'_>, row: &CsvRow, resident: bool) -> Result<NewPerson, Fault> {
    let code = fiscal_code(row, "codice_fiscale")?;
    let read = NewPerson::of(&code, row.text("cognome")?, row.text("nome")?, import.now);
    let sex = match row.optional("sesso") {
        Some(text) => {
            Some(Sex::parse(text).ok_or_else(|| row.error("sesso", Text::new("import-sex")))?)
        }
        None => read.sex,
    };
    Ok(NewPerson {
        sex,
        birth_date: row.optional_date("data_nascita")?.or(read.birth_date),
        birth_place: row
            .optional("luogo_nascita")
            .map(str::to_owned)
            .or(read.birth_place),
        address: street(row),
        postal_code: row.optional("cap").map(str::to_owned),
        town: row.optional("comune").map(str::to_owned),
        resident,
        ..read
    })
}

fn find_or_add(
    import: &Import<'_>,
    new: &NewPerson,
    since: Option<Date>,
) -> Result<(PersonId, Outcome), Fault> {
    if let Some(id) = people::find_by_fiscal_code(import.tx, &new.fiscal_code)? {
        let known = people::person(import.tx, id)?;
        let outcome = differences(&known, new);
        if outcome != Outcome::Unchanged {
            people::update_from_register(import.tx, id, (new, since), import.now)?;
        }
        return Ok((id, outcome));
    }
    Ok((
        people::add_person(import.tx, new, import.now)?,
        Outcome::Added,
    ))
}

/// What the register says otherwise than we know it.
fn differences(known: &Person, new: &NewPerson) -> Outcome {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let day = |value: Option<Date>| value.map_or_else(String::new, |day| day.to_string());
    let sex = |value: Option<Sex>| value.map_or_else(String::new, |sex| format!("{sex:?}"));
    let resident = |value: bool| if value { "si" } else { "no" };
    changed(&[
        ("cognome", &known.surname, new.surname.trim()),
        ("nome", &known.name, new.name.trim()),
        ("sesso", &sex(known.sex), &sex(new.sex)),
        ("data_nascita", &day(known.birth_date), &day(new.birth_date)),
        (
            "luogo_nascita",
            &text(&known.birth_place),
            &text(&new.birth_place),
        ),
        ("indirizzo", &text(&known.address), &text(&new.address)),
        ("cap", &text(&known.postal_code), &text(&new.postal_code)),
        ("comune", &text(&known.town), &text(&new.town)),
        (
            "residente",
            resident(known.resident),
            resident(new.resident),
        ),
    ])
}

/// Anybody: who is known stays as they are, but for the contacts that nobody has filled in yet.
fn anybody(import: &mut Import<'_>, row: &CsvRow) -> Result<Outcome, Fault> {
    let resident = match row.optional("residente").map(str::to_lowercase).as_deref() {
        None | Some("no" | "0") => false,
        Some("si" | "sì" | "1") => true,
        Some(_) => return Err(row.error("residente", Text::new("import-yes-no")).into()),
    };
    let new = NewPerson {
        email: row.optional("email").map(str::to_owned),
        phone: row.optional("telefono").map(str::to_owned),
        ..person(import, row, resident)?
    };
    let Some(id) = people::find_by_fiscal_code(import.tx, &new.fiscal_code)? else {
        people::add_person(import.tx, &new, import.now)?;
        return Ok(Outcome::Added);
    };
    let mut known = people::person(import.tx, id)?;
    let mut filled = Vec::new();
    for (name, here, theirs) in [
        ("indirizzo", &mut known.address, &new.address),
        ("cap", &mut known.postal_code, &new.postal_code),
        ("comune", &mut known.town, &new.town),
        ("telefono", &mut known.phone, &new.phone),
        ("email", &mut known.email, &new.email),
    ] {
        if let (None, Some(value)) = (&here, theirs) {
            filled.push(format!("{name}: → {value}"));
            *here = Some(value.clone());
        }
    }
    if filled.is_empty() {
        return Ok(Outcome::Unchanged);
    }
    people::update_contacts(import.tx, &known, import.now)?;
    Ok(Outcome::Changed(filled.join("; ")))
}

fn resident(import: &mut Import<'_>, row: &CsvRow) -> Result<Outcome, Fault> {
    let new = person(import, row, true)?;
    let since = row.optional_date("data_decorrenza")?;
    let (id, outcome) = find_or_add(import, &new, since)?;
    let member = NewHouseholdMember {
        registry_code: row.text("id_famiglia")?,
        address: new.address.as_deref().unwrap_or(""),
        person: id,
        relation: row.text("relazione")?,
        since,
    };
    people::record_household_member(import.tx, &member, import.now)?;
    Ok(outcome)
}

fn child(import: &mut Import<'_>, row: &CsvRow) -> Result<Outcome, Fault> {
    let known = people::find_by_fiscal_code(import.tx, &fiscal_code(row, "codice_fiscale")?)?;
    let (child, outcome) = match known {
        // What the residents' register says of a child is not changed by the old supplier's file.
        Some(id) => (id, Outcome::Unchanged),
        None => find_or_add(import, &person(import, row, false)?, None)?,
    };
    let code = fiscal_code(row, "adulto_codice_fiscale")?;
    let adult = NewPerson {
        email: row.optional("adulto_email").map(str::to_owned),
        phone: row.optional("adulto_telefono").map(str::to_owned),
        ..NewPerson::of(
            &code,
            row.text("adulto_cognome")?,
            row.text("adulto_nome")?,
            import.now,
        )
    };
    let adult = people::find_or_add(import.tx, &adult, import.now)?;
    let title = match row.optional("titolo").map(str::to_lowercase).as_deref() {
        None | Some("genitore" | "padre" | "madre") => GuardianshipTitle::Parent,
        Some("tutore" | "tutrice") => GuardianshipTitle::Guardian,
        Some("affidatario" | "affidataria") => GuardianshipTitle::Foster,
        Some(_) => return Err(row.error("titolo", Text::new("import-title")).into()),
    };
    let today = crate::base::today(import.now);
    let born = people::person(import.tx, child)?
        .birth_date
        .unwrap_or(today);
    let new = NewGuardianship {
        adult,
        child,
        title,
        verified_by: "office",
        from: born.min(today),
    };
    let granted = people::grant_guardianship(import.tx, &new, import.now)?;
    Ok(if granted && outcome == Outcome::Unchanged {
        Outcome::Changed(format!("adulto: → {code}"))
    } else {
        outcome
    })
}
