//! Persons, fiscal codes, households, guardianships.
//!
//! A person is not their fiscal code: `identity_link` says which codes are known for whom. The only
//! way from an adult to a child is a dated guardianship; living in one household suggests it.

mod belfiore;
mod fiscal_code;
mod guardianships;
mod households;
mod persons;
mod residence;
mod residence_desk;
mod search;

pub use belfiore::*;
pub use fiscal_code::*;
pub use guardianships::{
    Guardianship, GuardianshipTitle, NewGuardianship, Tie, children_of, grant_guardianship,
    require_guardian, ties_of,
};
pub use households::{
    HouseholdMember, NewHouseholdMember, children_in_household, household_mates, household_of,
    record_household_member,
};
pub use persons::{
    NewPerson, Person, add_person, birth_dates, find_by_fiscal_code, find_or_add, full_names,
    person, person_by_public_id, update_contacts, update_from_register,
};
pub use residence::{Residences, record_residence, residences};
pub use residence_desk::{
    KnownResidence, NewResidence, known_residences, register_residence, residence_changed_since,
    withdraw_residence,
};
pub use search::{search_name, search_people};
