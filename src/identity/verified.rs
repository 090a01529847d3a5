//! What every identity provider ends in, and how it becomes a person.

use rusqlite::Transaction;

use crate::base::{Instant, PersonId, Result};
use crate::people::{self, FiscalCode};

/// How an identity was proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// The test identity provider of a demo folder.
    Demo,
}

impl Method {
    /// As it is written in sessions and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Demo => "demo",
        }
    }
}

/// An identity that a provider vouched for. Only the verifiers of this slice can make one.
pub struct VerifiedIdentity {
    pub(super) fiscal_code: FiscalCode,
    pub(super) surname: String,
    pub(super) name: String,
    pub(super) method: Method,
}

impl VerifiedIdentity {
    /// How it was proved.
    pub fn method(&self) -> Method {
        self.method
    }
}

/// Finds the person of an identity, or registers a new one at the first login.
///
/// # Errors
/// The database's own failure.
pub fn register_identity(
    tx: &Transaction<'_>,
    identity: &VerifiedIdentity,
    now: Instant,
) -> Result<PersonId> {
    if let Some(person) = people::find_by_fiscal_code(tx, &identity.fiscal_code)? {
        return Ok(person);
    }
    people::add_person(
        tx,
        &people::NewPerson::of(
            &identity.fiscal_code,
            &identity.surname,
            &identity.name,
            now,
        ),
        now,
    )
}
