//! A small comune for the tests of slices: a real database in a folder of its own.

use jiff::civil::date;
use rusqlite::Transaction;
use tempfile::TempDir;

use crate::base::{
    Actor, Cents, ClassId, Instant, PersonId, Result, Role, SchoolId, SchoolYear, ServiceId,
    StaffActor,
};
use crate::enrolments;
use crate::identity;
use crate::municipality::{self, Billing, Grade, Municipality, NewSchool, NewService, ServiceKind};
use crate::people::{
    self, FiscalCode, GuardianshipTitle, NewGuardianship, NewHouseholdMember, NewPerson,
};
use crate::store::{self, SealingKey, Store, Urgency};

/// The comune: one primary school with class 1A in 2025/2026 and 2026/2027, one nido; services
/// `mensa`, `nido` and `scuolabus`; one mother with two children.
pub struct Comune {
    /// Keeps the folder alive.
    pub folder: TempDir,
    pub store: Store,
    pub school: SchoolId,
    pub class: ClassId,
    pub meals: ServiceId,
    pub mother: PersonId,
    pub luca: PersonId,
    pub sara: PersonId,
    pub clerk: StaffActor,
}

/// A weekday morning in school: Tuesday 3 November 2026, 08:00 in Rome.
pub fn morning() -> Instant {
    Instant::from_rome(date(2026, 11, 3).at(8, 0, 0, 0))
}

pub fn service(
    code: &str,
    name: &str,
    kind: ServiceKind,
    taxonomy: &str,
    deduction: &str,
) -> NewService {
    NewService {
        code: code.to_owned(),
        name: name.to_owned(),
        kind,
        billing: Billing::Prepaid,
        taxonomy: taxonomy.to_owned(),
        deduction_code: Some(deduction.to_owned()),
        weekdays: vec![1, 2, 3, 4, 5],
        first_day: "09-15".to_owned(),
        last_day: "06-10".to_owned(),
        family_cutoff: "09:00".to_owned(),
        family_cutoff_days: 0,
        school_cutoff: "09:30".to_owned(),
        kitchen_freeze: "09:45".to_owned(),
        cancel_ahead_days: 30,
        charge_absent: false,
        minimum_top_up: Cents(500),
        budget_chapter: String::new(),
        individual_demand: None,
        bill_rhythm: crate::municipality::Rhythm::None,
        iban: String::new(),
        pays_after_due: true,
    }
}

pub fn new_person(code: &str, surname: &str, name: &str) -> NewPerson {
    let code = FiscalCode::parse(code).unwrap();
    NewPerson {
        resident: true,
        ..NewPerson::of(&code, surname, name, morning())
    }
}

impl Comune {
    pub fn new() -> Comune {
        let folder = tempfile::tempdir().unwrap();
        store::migrate(folder.path()).unwrap();
        SealingKey::create(&folder.path().join("test.key")).unwrap();
        let store = Store::open(folder.path()).unwrap();
        let now = morning();
        let ids = store
            .write(Urgency::Interactive, move |tx| {
                store::set_stamp(tx, true, now)?;
                municipality::save_municipality(tx, &settings())?;
                let primary = NewSchool {
                    code: "PRIM1",
                    name: "Primaria Collodi",
                    grade: Grade::Primaria,
                    address: "Via Roma 1",
                };
                let school = municipality::add_school(tx, &primary)?;
                let year = SchoolYear::starting_in(2026);
                municipality::add_class(tx, school, SchoolYear::starting_in(2025), "1A")?;
                let class = municipality::add_class(tx, school, year, "1A")?;
                let nursery = NewSchool {
                    code: "NIDO1",
                    name: "Nido Aquilone",
                    grade: Grade::Nido,
                    address: "Via Verdi 2",
                };
                let nursery = municipality::add_school(tx, &nursery)?;
                municipality::add_class(tx, nursery, year, "Medi")?;
                let meals = municipality::add_service(
                    tx,
                    &service(
                        "mensa",
                        "Refezione scolastica",
                        ServiceKind::Meals,
                        "9/0107101TS/",
                        "12",
                    ),
                )?;
                municipality::add_service(
                    tx,
                    &service(
                        "nido",
                        "Asilo nido",
                        ServiceKind::Nido,
                        "9/0107106SP/",
                        "33",
                    ),
                )?;
                municipality::add_service(
                    tx,
                    &service(
                        "scuolabus",
                        "Trasporto scolastico",
                        ServiceKind::Transport,
                        "9/0107102SP/",
                        "12",
                    ),
                )?;
                let (mother, luca, sara) = family(tx, now)?;
                let clerk = identity::add_staff(
                    tx,
                    &identity::NewStaff {
                        username: "ufficio".to_owned(),
                        name: "Carla Neri".to_owned(),
                        password: identity::hash_password("una-parola-lunga")?,
                        roles: vec![Role::Office, Role::Diets],
                    },
                    now,
                )?;
                Ok((school, class, meals, mother, luca, sara, clerk))
            })
            .unwrap();
        let (school, class, meals, mother, luca, sara, clerk) = ids;
        let clerk = StaffActor {
            id: clerk,
            roles: vec![Role::Office, Role::Diets],
        };
        Comune {
            folder,
            store,
            school,
            class,
            meals,
            mother,
            luca,
            sara,
            clerk,
        }
    }

    /// The mother, logged in.
    pub fn as_mother(&self) -> Actor {
        Actor::Citizen(self.mother)
    }

    /// The office clerk, logged in.
    pub fn as_clerk(&self) -> Actor {
        Actor::Staff(self.clerk.clone())
    }

    /// The social services pay for a child, in all services, from 15 September 2026 on.
    pub fn exempt(&self, child: PersonId) {
        let clerk = self.as_clerk();
        let key = SealingKey::load(&self.folder.path().join("test.key")).unwrap();
        self.write(move |tx| {
            let new = enrolments::NewFact {
                child,
                service: None,
                name: enrolments::SOCIAL_SERVICES_EXEMPTION,
                value: "yes",
                from: date(2026, 9, 15),
                to: None,
                reason: "Relazione",
            };
            enrolments::record_fact(tx, &key, &clerk, &new, morning())
        })
        .unwrap();
    }

    /// The same member of staff as accountant and nothing else.
    pub fn as_accountant(&self) -> Actor {
        Actor::Staff(StaffActor {
            id: self.clerk.id,
            roles: vec![Role::Accountant],
        })
    }

    /// Writes in the foreground.
    pub fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.store.write(Urgency::Interactive, work)
    }
}

fn family(tx: &Transaction<'_>, now: Instant) -> Result<(PersonId, PersonId, PersonId)> {
    let mother = people::add_person(tx, &new_person("RSSMRA85T50A562W", "Rossi", "Mara"), now)?;
    let luca = people::add_person(
        tx,
        &child("Rossi", "Luca", people::Sex::M, date(2019, 5, 4)),
        now,
    )?;
    let sara = people::add_person(
        tx,
        &child("Rossi", "Sara", people::Sex::F, date(2024, 2, 9)),
        now,
    )?;
    for (person, relation) in [
        (mother, "intestatario scheda"),
        (luca, "figlio"),
        (sara, "figlia"),
    ] {
        let member = NewHouseholdMember {
            registry_code: "F001",
            address: "Via dei Tigli 4",
            person,
            relation,
            since: None,
        };
        people::record_household_member(tx, &member, now)?;
    }
    for child in [luca, sara] {
        let guardianship = NewGuardianship {
            adult: mother,
            child,
            title: GuardianshipTitle::Parent,
            verified_by: "office",
            from: date(2026, 1, 1),
        };
        people::grant_guardianship(tx, &guardianship, now)?;
    }
    Ok((mother, luca, sara))
}

fn child(surname: &str, name: &str, sex: people::Sex, born: jiff::civil::Date) -> NewPerson {
    let place = people::BelfioreCode::parse("A562").unwrap();
    let code = FiscalCode::compute(surname, name, sex, born, place);
    NewPerson {
        resident: true,
        ..NewPerson::of(&code, surname, name, morning())
    }
}

/// The settings of the fictional comune.
pub fn settings() -> Municipality {
    toml::from_str(
        r#"
        name = "Comune di Borgo San Lieto"
        department = "Settore Servizi educativi e scolastici"
        fiscal_code = "01199250158"
        belfiore = "A562"
        address = "Piazza della Libertà 1, 56017 Borgo San Lieto (PI)"
        phone = "050 123456"
        email = "scuola@comune.borgosanlieto.example"
        pec = "protocollo@pec.comune.borgosanlieto.example"
        responsible = "Dott.ssa Anna Bianchi"
        privacy_contact = "dpo@comune.borgosanlieto.example"
        segregation_code = "02"
        "#,
    )
    .unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stranger_to_the_family_sees_no_children() {
        let comune = Comune::new();
        let today = date(2026, 11, 3);
        let children = |actor: &Actor| {
            comune
                .store
                .read(|db| people::children_of(db, actor, today))
                .unwrap()
                .len()
        };
        assert_eq!(children(&comune.as_mother()), 2);
        assert_eq!(children(&Actor::Citizen(comune.luca)), 0);
        assert_eq!(children(&Actor::Stranger), 0);
    }

    #[test]
    fn a_household_suggests_and_does_not_grant() {
        let comune = Comune::new();
        let found = comune
            .store
            .read(|db| people::children_in_household(db, &comune.as_mother(), date(2026, 11, 3)));
        assert_eq!(found.unwrap().len(), 2);
    }
}
