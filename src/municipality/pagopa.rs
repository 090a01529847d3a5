//! Where money paid through pagoPA goes, and how notices are numbered and printed.

use rusqlite::Connection;
use serde::Serialize;

use crate::base::Result;

/// What the accountant says once about pagoPA. What the platform's key is and where it answers stands
/// in `campanella.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PagopaSettings {
    /// The account that takings go to, registered with pagoPA; empty: not said yet.
    pub iban: String,
    /// The postal account (conto corrente postale), up to 12 digits; empty: the comune has none.
    pub postal_account: String,
    /// Its IBAN.
    pub postal_iban: String,
    /// Its holder, as Poste know it.
    pub postal_holder: String,
    /// The authorisation that Poste gave to print notices (`AUT. DB/…`).
    pub postal_authorisation: String,
    /// The first base of a notice number that this program gives.
    pub first_base: i64,
    /// Changes with each saving.
    pub revision: i64,
}

/// Reads the settings.
///
/// # Errors
/// The database's own failure.
pub fn pagopa_settings(db: &Connection) -> Result<PagopaSettings> {
    let sql = "select iban, postal_account, postal_iban, postal_holder, postal_authorisation,
                      first_base, revision
               from pagopa_setting where id = 1";
    Ok(db.prepare_cached(sql)?.query_row([], |row| {
        Ok(PagopaSettings {
            iban: row.get(0)?,
            postal_account: row.get(1)?,
            postal_iban: row.get(2)?,
            postal_holder: row.get(3)?,
            postal_authorisation: row.get(4)?,
            first_base: row.get(5)?,
            revision: row.get(6)?,
        })
    })?)
}
