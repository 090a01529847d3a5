//! Who the comune is: printed on every document and shown on every page.

use rusqlite::{Connection, Transaction};
use serde::{Deserialize, Serialize};

use super::SegregationCode;
use crate::base::Result;
use crate::people::{BelfioreCode, EntityFiscalCode};

/// The comune, as `init --config` reads it and as documents print it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Municipality {
    /// `Comune di Borgo San Lieto`.
    pub name: String,
    /// The department that answers.
    pub department: String,
    /// Fiscal code of the entity: 11 digits.
    pub fiscal_code: EntityFiscalCode,
    /// Land-registry code of the comune.
    pub belfiore: BelfioreCode,
    /// Address of the office.
    pub address: String,
    /// Phone of the office.
    pub phone: String,
    /// E-mail of the office.
    pub email: String,
    /// Certified e-mail.
    pub pec: String,
    /// The responsible person whose printed name replaces the signature (D.Lgs. 39/1993 art. 3).
    pub responsible: String,
    /// Data protection officer.
    pub privacy_contact: String,
    /// The privacy notice on the comune's site.
    #[serde(default)]
    pub privacy_url: Option<String>,
    /// The accessibility declaration on form.agid.gov.it.
    #[serde(default)]
    pub accessibility_url: Option<String>,
    /// pagoPA segregation code, 00 to 45.
    pub segregation_code: SegregationCode,
    /// CBILL code, where the bank gave one.
    #[serde(default)]
    pub cbill: Option<String>,
}

/// What every page shows of the comune.
#[derive(Serialize)]
pub struct Shown {
    name: String,
    department: String,
    address: String,
    phone: String,
    email: String,
    pec: String,
    privacy_url: Option<String>,
    accessibility_url: Option<String>,
}

/// Reads the comune.
///
/// # Errors
/// `NotFound` before `init`.
pub fn municipality(db: &Connection) -> Result<Municipality> {
    let sql = "select name, department, fiscal_code, belfiore, address, phone, email, pec,
                      responsible, privacy_contact, privacy_url, accessibility_url,
                      segregation_code, cbill
               from municipality where id = 1";
    Ok(db.prepare_cached(sql)?.query_row([], |row| {
        Ok(Municipality {
            name: row.get(0)?,
            department: row.get(1)?,
            fiscal_code: row.get(2)?,
            belfiore: row.get(3)?,
            address: row.get(4)?,
            phone: row.get(5)?,
            email: row.get(6)?,
            pec: row.get(7)?,
            responsible: row.get(8)?,
            privacy_contact: row.get(9)?,
            privacy_url: row.get(10)?,
            accessibility_url: row.get(11)?,
            segregation_code: row.get(12)?,
            cbill: row.get(13)?,
        })
    })?)
}

/// What every page shows.
///
/// # Errors
/// `NotFound` before `init`.
pub fn shown(db: &Connection) -> Result<Shown> {
    let m = municipality(db)?;
    Ok(Shown {
        name: m.name,
        department: m.department,
        address: m.address,
        phone: m.phone,
        email: m.email,
        pec: m.pec,
        privacy_url: m.privacy_url,
        accessibility_url: m.accessibility_url,
    })
}

/// Writes the comune, at `init` or when the administrator changes it.
///
/// # Errors
/// The database's own failure.
pub fn save_municipality(tx: &Transaction<'_>, m: &Municipality) -> Result<()> {
    tx.execute(
        "insert into municipality (id, name, department, fiscal_code, belfiore, address, phone,
           email, pec, responsible, privacy_contact, privacy_url, accessibility_url,
           segregation_code, cbill)
         values (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
         on conflict (id) do update set name = excluded.name, department = excluded.department,
           fiscal_code = excluded.fiscal_code, belfiore = excluded.belfiore,
           address = excluded.address, phone = excluded.phone, email = excluded.email,
           pec = excluded.pec, responsible = excluded.responsible,
           privacy_contact = excluded.privacy_contact, privacy_url = excluded.privacy_url,
           accessibility_url = excluded.accessibility_url,
           segregation_code = excluded.segregation_code, cbill = excluded.cbill,
           revision = revision + 1",
        (
            &m.name,
            &m.department,
            &m.fiscal_code,
            &m.belfiore,
            &m.address,
            &m.phone,
            &m.email,
            &m.pec,
            &m.responsible,
            &m.privacy_contact,
            &m.privacy_url,
            &m.accessibility_url,
            m.segregation_code,
            &m.cbill,
        ),
    )?;
    Ok(())
}
