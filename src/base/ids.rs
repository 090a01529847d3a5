//! Ids: integer keys inside, random public ids outside, each kind a type of its own so that a
//! child's id can't be passed where a payer's is meant.

use std::fmt;
use std::str::FromStr;

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::{Deserialize, Serialize};

macro_rules! row_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub i64);

        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(ToSqlOutput::from(self.0))
            }
        }

        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                i64::column_result(value).map($name)
            }
        }
    )+};
}

row_ids! {
    /// A person: parent, child, payer. Not the fiscal code, which can change.
    PersonId,
    /// A household of the residents' register.
    HouseholdId,
    /// A member of staff.
    StaffId,
    /// A school (plesso).
    SchoolId,
    /// A class of one school in one school year.
    ClassId,
    /// A service that the comune bills to families.
    ServiceId,
    /// A call for applications (avviso).
    CallId,
    /// A version of the privacy notice or of the general conditions.
    LegalTextId,
    /// A draft of an application.
    DraftId,
    /// A submitted application.
    ApplicationId,
    /// A stored document: attachment or issued PDF.
    DocumentId,
    /// The enrolment of a child in a service.
    EnrolmentId,
    /// Days on which an enrolled child is not expected.
    InterruptionId,
    /// A service that was suspended for one child.
    SuspensionId,
    /// An ISEE statement of a child.
    IseeId,
    /// A version of a service's tariff.
    TariffId,
    /// A ledger account.
    AccountId,
    /// A ledger entry.
    EntryId,
    /// A charge of one enrolment on one day.
    ChargeId,
    /// Why charges cost what they cost.
    ExplanationId,
    /// A bill run.
    BillRunId,
    /// A line of a bill run.
    BillLineId,
    /// A bill.
    BillId,
    /// A debt position, with its payment notice.
    NoticeId,
    /// A basket of notices that is being paid online.
    CartId,
    /// A telematic receipt.
    ReceiptId,
    /// A payment that a settlement flow declares and no receipt proves.
    SettledId,
    /// A settlement flow.
    FlowId,
    /// A payment of a settlement flow.
    FlowRowId,
    /// A movement of the treasurer's account.
    TreasuryLineId,
    /// Money moved between two accounts of a payer.
    TransferId,
    /// A debt given up, or a credit kept.
    WriteOffId,
    /// The case of a refund.
    RefundId,
    /// A debt divided into instalments, or the request for it.
    PlanId,
    /// An issued attestation.
    AttestationId,
    /// A message between a family and the office.
    MessageId,
    /// A long work.
    JobId,
}

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// What names a thing in addresses: 128 random bits as 26 characters of Crockford's base 32.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicId(String);

impl PublicId {
    /// Makes a public id out of 128 random bits.
    pub fn from_bits(bits: [u8; 16]) -> PublicId {
        let mut n = u128::from_be_bytes(bits);
        let mut text = [0u8; 26];
        for place in text.iter_mut().rev() {
            *place = ALPHABET[(n & 31) as usize];
            n >>= 5;
        }
        PublicId(text.iter().map(|b| char::from(*b)).collect())
    }

    /// A fresh one out of the system's random source.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn random() -> Result<PublicId, crate::base::Error> {
        let mut bits = [0u8; 16];
        getrandom::fill(&mut bits).map_err(|e| crate::base::Error::Internal(e.to_string()))?;
        Ok(PublicId::from_bits(bits))
    }

    /// The 26 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PublicId {
    type Err = ();

    fn from_str(text: &str) -> Result<PublicId, ()> {
        let well_formed = text.len() == 26 && text.bytes().all(|b| ALPHABET.contains(&b));
        if well_formed {
            Ok(PublicId(text.to_owned()))
        } else {
            Err(())
        }
    }
}

impl TryFrom<String> for PublicId {
    type Error = &'static str;
    fn try_from(text: String) -> Result<PublicId, &'static str> {
        text.parse().map_err(|()| "not a public id")
    }
}

impl From<PublicId> for String {
    fn from(id: PublicId) -> String {
        id.0
    }
}

impl fmt::Display for PublicId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for PublicId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl ToSql for PublicId {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.0.as_str()))
    }
}

impl FromSql for PublicId {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value
            .as_str()?
            .parse()
            .map_err(|()| FromSqlError::InvalidType)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_id_keeps_all_its_bits() {
        let id = PublicId::from_bits([0xff; 16]);
        assert_eq!(id.as_str(), "7zzzzzzzzzzzzzzzzzzzzzzzzz");
        assert_eq!(id.as_str().parse(), Ok(id));
        assert!("short".parse::<PublicId>().is_err());
        assert!("7ZZZZZZZZZZZZZZZZZZZZZZZZZ".parse::<PublicId>().is_err());
    }
}
