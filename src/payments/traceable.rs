//! Whether a payment can be deducted: only what was paid by traceable means can (L. 160/2019 art. 1
//! c. 679). Through pagoPA one can also pay in cash, at a tobacconist or a post counter.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::{Deserialize, Serialize};

/// What is known of a payment's means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Traceable {
    /// Card, account, app.
    Yes,
    /// Cash.
    No,
    /// Paid where both are possible.
    Unknown,
}

/// Words in the names of those who take cash at a counter as well as cards.
const COUNTERS: [&str; 9] = [
    "mooney",
    "sisal",
    "lottomatica",
    "puntolis",
    "lis pay",
    "tabacc",
    "poste",
    "postale",
    "farmaci",
];

impl Traceable {
    /// Out of the means in words and the name of who took the payment: what the means says counts
    /// first, then who took it; whoever is not a counter takes no cash.
    pub fn of(means: &str, psp: &str) -> Traceable {
        let (means, psp) = (means.to_lowercase(), psp.to_lowercase());
        if means.contains("contant") || means == "cash" {
            return Traceable::No;
        }
        let says_nothing = means.is_empty() || means == "pagopa" || means == "altro";
        if says_nothing && COUNTERS.iter().any(|counter| psp.contains(counter)) {
            return Traceable::Unknown;
        }
        Traceable::Yes
    }

    /// As it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Traceable::Yes => "yes",
            Traceable::No => "no",
            Traceable::Unknown => "unknown",
        }
    }
}

impl ToSql for Traceable {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for Traceable {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Traceable> {
        match value.as_str()? {
            "yes" => Ok(Traceable::Yes),
            "no" => Ok(Traceable::No),
            "unknown" => Ok(Traceable::Unknown),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_means_counts_first_then_who_took_it() {
        for (means, psp, traceable) in [
            ("carta", "Mooney S.p.A.", Traceable::Yes),
            ("contanti", "Banca di Prova", Traceable::No),
            ("Contanti allo sportello", "", Traceable::No),
            ("", "Mooney S.p.A.", Traceable::Unknown),
            ("", "Poste Italiane S.p.A.", Traceable::Unknown),
            ("pagoPA", "", Traceable::Yes),
            ("", "Banca di Prova", Traceable::Yes),
            ("bonifico", "", Traceable::Yes),
        ] {
            assert_eq!(Traceable::of(means, psp), traceable, "{means} {psp}");
        }
    }
}
