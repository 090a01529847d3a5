//! What an application says: as it is typed into a draft, and as it is frozen when it is sent.

use serde::{Deserialize, Serialize};

use crate::base::{Cents, Date, Error, Instant, LegalTextId, PublicId, Result};
use crate::people::{FiscalCode, GuardianshipTitle, Sex};
use crate::store::SealingKey;

/// The six steps, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Step 1 – Dati del richiedente.
    Applicant = 1,
    /// Step 2 – Dati alunno utente.
    Child = 2,
    /// Step 3 – Dati obbligatori.
    Service = 3,
    /// Step 4 – Dichiarazioni.
    Declarations = 4,
    /// Step 5 – Documenti.
    Documents = 5,
    /// Step 6 – Invio richiesta.
    Sending = 6,
}

impl Step {
    /// All of them.
    pub const ALL: [Step; 6] = [
        Step::Applicant,
        Step::Child,
        Step::Service,
        Step::Declarations,
        Step::Documents,
        Step::Sending,
    ];

    /// 1 to 6.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// The step with a number.
    pub fn of(number: u8) -> Option<Step> {
        Step::ALL.into_iter().find(|step| step.number() == number)
    }

    /// The step after this one; the last is its own.
    pub fn next(self) -> Step {
        Step::of(self.number() + 1).unwrap_or(Step::Sending)
    }
}

/// The choice of step 1 that is no child of the register.
pub const OTHER_CHILD: &str = "other";

/// A draft's content: what was typed, faults included, so that leaving loses nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Content {
    /// Step 1.
    pub applicant: ApplicantChoice,
    /// Step 2.
    pub child: TypedChild,
    /// Step 3, without the diet.
    pub service: TypedService,
    /// Step 4.
    pub accepted: Accepted,
}

/// Step 1: in what quality, and for whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ApplicantChoice {
    /// [`GuardianshipTitle`], or empty.
    pub title: String,
    /// The public id of a child of the household, [`OTHER_CHILD`], or empty.
    pub child: String,
}

impl ApplicantChoice {
    /// The child of the residents' register that was chosen.
    pub fn register_child(&self) -> Option<PublicId> {
        self.child.parse().ok()
    }
}

/// Step 2, as typed or as the register has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TypedChild {
    /// Surname.
    pub surname: String,
    /// Given name.
    pub name: String,
    /// `F`, `M`, or empty.
    pub sex: String,
    /// Birth: `2019-05-04` or as typed, `4/5/2019`.
    pub birth_date: String,
    /// Comune or state of birth.
    pub birth_place: String,
    /// Fiscal code.
    pub fiscal_code: String,
    /// Street and number.
    pub address: String,
    /// Postal code.
    pub postal_code: String,
    /// Town.
    pub town: String,
}

/// Step 3, without the diet, which is in [`Special`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TypedService {
    /// The public id of a class, or empty.
    pub class: String,
    /// The comune may fetch the ISEE from INPS.
    pub isee_consent: bool,
    /// The ISEE value if the parent knows it, as typed.
    pub isee_value: String,
    /// Other discounts, in the parent's words.
    pub discounts: String,
}

/// Step 4: which version was accepted when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Accepted {
    /// The privacy notice.
    pub privacy: Option<Acceptance>,
    /// The general conditions.
    pub conditions: Option<Acceptance>,
}

/// A version of a legal text that somebody accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acceptance {
    /// Which.
    pub text: LegalTextId,
    /// When.
    pub at: Instant,
}

/// Health data (GDPR art. 9): sealed apart from the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Special {
    /// A code of the catalogue of diets; empty: the ordinary menu.
    pub diet_code: String,
}

impl Special {
    /// Seals it for one draft or application, which `context` names.
    pub(super) fn seal(&self, key: &SealingKey, context: &str) -> Result<Vec<u8>> {
        let clear = serde_json::to_vec(self).map_err(Error::internal)?;
        key.seal(context, &clear)
    }

    /// Opens what was sealed; nothing sealed is nothing said.
    pub(super) fn open(key: &SealingKey, context: &str, sealed: Option<&[u8]>) -> Result<Special> {
        match sealed {
            None => Ok(Special::default()),
            Some(sealed) => {
                serde_json::from_slice(&key.open(context, sealed)?).map_err(Error::internal)
            }
        }
    }
}

/// What was sent, checked and complete: the content of a submitted application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frozen {
    /// Who applies, and becomes the payer: the data of that day.
    pub applicant: FrozenApplicant,
    /// For whom.
    pub child: FrozenChild,
    /// What for.
    pub service: FrozenService,
    /// What was accepted.
    pub accepted: Vec<FrozenText>,
}

/// The applicant on the day of sending.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenApplicant {
    /// In what quality.
    pub title: GuardianshipTitle,
    /// Surname.
    pub surname: String,
    /// Given name.
    pub name: String,
    /// Fiscal code.
    pub fiscal_code: FiscalCode,
    /// Birth.
    pub birth_date: Option<Date>,
    /// Comune or state of birth.
    pub birth_place: String,
    /// Street and number.
    pub address: String,
    /// Postal code.
    pub postal_code: String,
    /// Town.
    pub town: String,
    /// Phone.
    pub phone: String,
    /// E-mail.
    pub email: String,
}

/// The child on the day of sending.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenChild {
    /// Taken out of the applicant's household in the residents' register.
    pub from_register: bool,
    /// Surname.
    pub surname: String,
    /// Given name.
    pub name: String,
    /// Sex.
    pub sex: Option<Sex>,
    /// Birth.
    pub birth_date: Option<Date>,
    /// Comune or state of birth.
    pub birth_place: String,
    /// Fiscal code.
    pub fiscal_code: FiscalCode,
    /// Street and number.
    pub address: String,
    /// Postal code.
    pub postal_code: String,
    /// Town.
    pub town: String,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenService {
    /// The class that was chosen.
    pub class: PublicId,
    /// Its name.
    pub class_name: String,
    /// Its school.
    pub school: String,
    /// The comune may fetch the ISEE from INPS.
    pub isee_consent: bool,
    /// The ISEE value that the parent gave.
    pub isee_value: Option<Cents>,
    /// Other discounts, in the parent's words.
    pub discounts: String,
}

/// An accepted text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenText {
    /// Which.
    pub text: LegalTextId,
    /// Its title.
    pub title: String,
    /// Its version.
    pub version: i64,
    /// When it was accepted.
    pub at: Instant,
}
