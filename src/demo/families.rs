//! The families of the fictional comune: adults, children, households, guardianships.

use fastrand::Rng;
use jiff::civil::{Date, date};
use rusqlite::Transaction;

use super::names::{FROM_ABROAD, MEN, NEIGHBOURS, STREETS, SURNAMES, WOMEN};
use crate::base::{Error, Instant, PersonId, Result, SchoolYear, today};
use crate::people::{
    self, BelfioreCode, FiscalCode, GuardianshipTitle, NewGuardianship, NewHouseholdMember,
    NewPerson, Sex,
};

/// A family as the rest of the demo needs it.
pub(super) struct Family {
    /// Who pays.
    pub payer: PersonId,
    /// The children, oldest first.
    pub children: Vec<Child>,
    /// ISEE value in cents, for the two in three that handed one in.
    pub isee: Option<i64>,
}

/// A child.
pub(super) struct Child {
    /// The person.
    pub id: PersonId,
    /// Birth.
    pub born: Date,
}

/// Where the demo's people live and were born.
struct Home {
    address: String,
    postal_code: String,
    town: String,
    resident: bool,
}

/// Makes so many families.
pub(super) fn make(
    tx: &Transaction<'_>,
    rng: &mut Rng,
    count: usize,
    now: Instant,
) -> Result<Vec<Family>> {
    (0..count)
        .map(|index| family(tx, rng, index, now))
        .collect()
}

fn pick<'a, T>(rng: &mut Rng, all: &'a [T]) -> &'a T {
    &all[rng.usize(..all.len())]
}

fn family(tx: &Transaction<'_>, rng: &mut Rng, index: usize, now: Instant) -> Result<Family> {
    let home = home(rng, index);
    let abroad = (rng.u8(..) < 30).then(|| *pick(rng, FROM_ABROAD));
    let father_surname = abroad.map_or_else(|| *pick(rng, SURNAMES), |family| family.0);
    let born_abroad = abroad.map(|family| family.3);
    let mother_name = abroad.map_or_else(|| *pick(rng, WOMEN), |family| family.1);
    let mother_surname = if abroad.is_some() {
        father_surname
    } else {
        *pick(rng, SURNAMES)
    };
    let mother = adult(
        tx,
        rng,
        (mother_surname, mother_name, Sex::F),
        born_abroad,
        &home,
        now,
    )?;
    // One family in eight has one parent only.
    let father = if rng.u8(..) < 32 {
        None
    } else {
        let name = abroad.map_or_else(|| *pick(rng, MEN), |family| family.2);
        Some(adult(
            tx,
            rng,
            (father_surname, name, Sex::M),
            born_abroad,
            &home,
            now,
        )?)
    };
    let surname = if father.is_some() {
        father_surname
    } else {
        mother_surname
    };
    let mut children = Vec::new();
    let how_many = [1, 1, 1, 2, 2, 2, 2, 3][rng.usize(..8)];
    let mut age = rng.i32(1..=11);
    for _ in 0..how_many {
        children.push(child(tx, rng, surname, age, &home, now)?);
        age -= rng.i32(2..=4);
        if age < 1 {
            break;
        }
    }
    let code = format!("{:05}", 10_000 + index);
    for adult in [Some(mother), father].into_iter().flatten() {
        for child in &children {
            let new = NewGuardianship {
                adult,
                child: child.id,
                title: GuardianshipTitle::Parent,
                verified_by: "office",
                from: child.born,
            };
            people::grant_guardianship(tx, &new, now)?;
        }
    }
    if home.resident {
        register(tx, &code, &home, mother, father, &children, now)?;
    }
    let payer = match father {
        Some(father) if rng.u8(..) < 80 => father,
        _ => mother,
    };
    let isee = (rng.u8(..) < 170).then(|| isee_value(rng));
    Ok(Family {
        payer,
        children,
        isee,
    })
}

/// Most values lie between 6,000 and 30,000 euros, a few far below and above.
fn isee_value(rng: &mut Rng) -> i64 {
    let euros = match rng.u8(..) {
        0..=30 => rng.i64(0..4_000),
        31..=120 => rng.i64(4_000..14_000),
        121..=220 => rng.i64(14_000..28_000),
        _ => rng.i64(28_000..60_000),
    };
    euros * 100 + rng.i64(0..100)
}

fn home(rng: &mut Rng, index: usize) -> Home {
    let address = format!("{} {}", pick(rng, STREETS), rng.u32(1..120));
    // Every fourteenth family lives in a neighbouring town: their children are typed by hand.
    if index % 14 == 13 {
        let (town, postal_code) = pick(rng, NEIGHBOURS);
        return Home {
            address,
            postal_code: (*postal_code).to_owned(),
            town: (*town).to_owned(),
            resident: false,
        };
    }
    Home {
        address,
        postal_code: "56017".to_owned(),
        town: "Borgo San Lieto".to_owned(),
        resident: true,
    }
}

fn register(
    tx: &Transaction<'_>,
    code: &str,
    home: &Home,
    mother: PersonId,
    father: Option<PersonId>,
    children: &[Child],
    now: Instant,
) -> Result<()> {
    let adults = [(Some(mother), "intestatario scheda"), (father, "coniuge")];
    let adults = adults
        .into_iter()
        .filter_map(|(id, relation)| Some((id?, relation)));
    for (person, relation) in adults.chain(children.iter().map(|child| (child.id, "figlio/a"))) {
        let member = NewHouseholdMember {
            registry_code: code,
            address: &home.address,
            person,
            relation,
            since: None,
        };
        people::record_household_member(tx, &member, now)?;
    }
    Ok(())
}

fn adult(
    tx: &Transaction<'_>,
    rng: &mut Rng,
    (surname, name, sex): (&str, &str, Sex),
    abroad: Option<&str>,
    home: &Home,
    now: Instant,
) -> Result<PersonId> {
    let born =
        date(rng.i16(1978..=1996), 1, 1).saturating_add(jiff::Span::new().days(rng.i64(0..365)));
    let mut new = person(rng, (surname, name, sex), born, abroad, home, now)?;
    let mail = people::search_name(&format!("{name} {surname}")).replace(' ', ".");
    new.email = Some(format!("{mail}@posta.example"));
    new.phone = Some(format!("333 555 {:04}", rng.u32(0..10_000)));
    add(tx, rng, new, now)
}

fn child(
    tx: &Transaction<'_>,
    rng: &mut Rng,
    surname: &str,
    age: i32,
    home: &Home,
    now: Instant,
) -> Result<Child> {
    // The age on 31 December of the year in which this school year began decides the class.
    let year = SchoolYear::of(today(now)).first_year() - i16::try_from(age).unwrap_or(0);
    let born = date(year, 1, 1).saturating_add(jiff::Span::new().days(rng.i64(0..365)));
    let (name, sex) = if rng.bool() {
        (*pick(rng, WOMEN), Sex::F)
    } else {
        (*pick(rng, MEN), Sex::M)
    };
    let new = person(rng, (surname, name, sex), born, None, home, now)?;
    let born = new.birth_date.unwrap_or(born);
    Ok(Child {
        id: add(tx, rng, new, now)?,
        born,
    })
}

fn person(
    rng: &mut Rng,
    (surname, name, sex): (&str, &str, Sex),
    born: Date,
    abroad: Option<&str>,
    home: &Home,
    now: Instant,
) -> Result<NewPerson> {
    let towns = ["G702", "G843", "B950", "A562", "D612", "E625"];
    let place = abroad.unwrap_or_else(|| *pick(rng, &towns));
    let place = BelfioreCode::parse(place).map_err(Error::internal)?;
    let code = FiscalCode::compute(surname, name, sex, born, place);
    Ok(NewPerson {
        address: Some(home.address.clone()),
        postal_code: Some(home.postal_code.clone()),
        town: Some(home.town.clone()),
        resident: home.resident,
        ..NewPerson::of(&code, surname, name, now)
    })
}

/// Two people of the demo with the same fiscal code: the second was born some days later.
fn add(tx: &Transaction<'_>, rng: &mut Rng, mut new: NewPerson, now: Instant) -> Result<PersonId> {
    while people::find_by_fiscal_code(tx, &new.fiscal_code)?.is_some() {
        let (Some(sex), Some(born), Some(place)) =
            (new.sex, new.birth_date, new.fiscal_code.birth_place_code())
        else {
            break;
        };
        let later = born.saturating_add(jiff::Span::new().days(rng.i64(1..20)));
        new.birth_date = Some(later);
        new.fiscal_code = FiscalCode::compute(&new.surname, &new.name, sex, later, place);
    }
    people::add_person(tx, &new, now)
}
