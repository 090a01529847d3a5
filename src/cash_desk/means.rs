//! How money reaches the cash desk.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::Serialize;

use crate::base::Cents;
use crate::payments::Traceable;

/// By which means money came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Means {
    /// Coins and notes.
    Cash,
    /// A card at the comune's own terminal (POS).
    Card,
    /// A cheque.
    Cheque,
    /// A transfer or a postal payment slip, of which the payer shows the proof.
    Transfer,
}

impl Means {
    /// Every means, in the order of pages.
    pub const ALL: [Means; 4] = [Means::Cash, Means::Card, Means::Cheque, Means::Transfer];

    /// As it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Means::Cash => "cash",
            Means::Card => "card",
            Means::Cheque => "cheque",
            Means::Transfer => "transfer",
        }
    }

    /// Out of the database or a form.
    pub fn parse(text: &str) -> Option<Means> {
        Means::ALL.into_iter().find(|means| means.as_str() == text)
    }

    /// As receipts and attestations name it.
    pub fn italian(self) -> &'static str {
        match self {
            Means::Cash => "contanti",
            Means::Card => "carta (POS)",
            Means::Cheque => "assegno",
            Means::Transfer => "bonifico o bollettino",
        }
    }

    /// Whether what is paid so can be deducted (L. 160/2019 art. 1 c. 679; D.Lgs. 241/1997 art. 23).
    pub fn traceable(self) -> Traceable {
        match self {
            Means::Cash => Traceable::No,
            Means::Card | Means::Cheque | Means::Transfer => Traceable::Yes,
        }
    }

    /// Whether the desk holds it in its hands until it is brought to the treasurer.
    pub fn is_handed_over(self) -> bool {
        matches!(self, Means::Cash | Means::Cheque)
    }

    /// The most that may be taken at once so, in cents: of cash less than 5,000 euros (D.Lgs. 231/2007
    /// art. 49 c. 1).
    pub fn most(self) -> Cents {
        match self {
            Means::Cash => Cents(499_999),
            Means::Card | Means::Cheque | Means::Transfer => crate::payments::notices::LARGEST,
        }
    }
}

impl ToSql for Means {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for Means {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Means> {
        Means::parse(value.as_str()?).ok_or(FromSqlError::InvalidType)
    }
}
