//! Who the comune is: printed on every document and shown on every page.

use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, Transaction, params};
use serde::{Deserialize, Serialize};

use super::SegregationCode;
use crate::base::Result;
use crate::pdf::Letterhead;
use crate::people::{BelfioreCode, EntityFiscalCode};

/// An address that a page may lead to: `https://…` or `http://…`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct WebAddress(String);

impl WebAddress {
    /// As it is typed into a browser.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for WebAddress {
    type Error = String;

    fn try_from(text: String) -> std::result::Result<WebAddress, String> {
        let rest = text
            .strip_prefix("https://")
            .or(text.strip_prefix("http://"));
        match rest {
            Some(rest) if !rest.is_empty() && !text.contains(char::is_whitespace) => {
                Ok(WebAddress(text))
            }
            _ => Err(format!(
                "“{text}” is no address: it must begin with https:// or http://"
            )),
        }
    }
}

impl ToSql for WebAddress {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.as_str().into())
    }
}

impl FromSql for WebAddress {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<WebAddress> {
        Ok(WebAddress(value.as_str()?.to_owned()))
    }
}

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
    pub privacy_url: Option<WebAddress>,
    /// The accessibility declaration on form.agid.gov.it.
    #[serde(default)]
    pub accessibility_url: Option<WebAddress>,
    /// Frequent questions about the services (AgID criterion C.SI.2.3).
    #[serde(default)]
    pub faq_url: Option<WebAddress>,
    /// Note legali (C.SI.3.4).
    #[serde(default)]
    pub legal_url: Option<WebAddress>,
    /// Segnalazione disservizio (C.SI.2.4).
    #[serde(default)]
    pub report_url: Option<WebAddress>,
    /// Prenotazione di un appuntamento (C.SI.2.1).
    #[serde(default)]
    pub booking_url: Option<WebAddress>,
    /// pagoPA segregation code, 00 to 45.
    pub segregation_code: SegregationCode,
    /// CBILL code, where the bank gave one.
    #[serde(default)]
    pub cbill: Option<String>,
}

/// What a payment notice has room for (Avvisi 3.5): name, department, and how to reach them.
const ROOM: [usize; 3] = [50, 50, 100];

impl Municipality {
    /// Phone and e-mail, as a notice prints them.
    pub fn contacts(&self) -> String {
        let both = [self.phone.as_str(), self.email.as_str()];
        let both: Vec<&str> = both.into_iter().filter(|text| !text.is_empty()).collect();
        both.join(" · ")
    }

    /// The fields that are longer than a payment notice has room for, each with its length and what
    /// fits.
    pub fn too_long_for_notices(&self) -> Vec<(&'static str, usize, usize)> {
        let contacts = self.contacts();
        let fields = [
            ("name", self.name.as_str()),
            ("department", self.department.as_str()),
            ("phone and email", contacts.as_str()),
        ];
        let lengths = fields.map(|(field, text)| (field, text.chars().count()));
        let all = lengths.into_iter().zip(ROOM);
        all.filter(|((_, length), room)| length > room)
            .map(|((field, length), room)| (field, length, room))
            .collect()
    }

    /// The head of what it prints.
    pub fn letterhead(&self) -> Letterhead {
        Letterhead {
            name: self.name.clone(),
            department: self.department.clone(),
            address: self.address.clone(),
            fiscal_code: self.fiscal_code.to_string(),
            vat_number: String::new(),
            certified_mail: self.pec.clone(),
            contacts: format!("Tel. {} · {}", self.phone, self.email),
        }
    }
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
    privacy_url: Option<WebAddress>,
    accessibility_url: Option<WebAddress>,
    faq_url: Option<WebAddress>,
    legal_url: Option<WebAddress>,
    report_url: Option<WebAddress>,
    booking_url: Option<WebAddress>,
    /// Changes with the coat of arms; none where the comune has set none.
    crest: Option<String>,
}

/// Reads the comune.
///
/// # Errors
/// `NotFound` before `init`.
pub fn municipality(db: &Connection) -> Result<Municipality> {
    let sql = "select name, department, fiscal_code, belfiore, address, phone, email, pec,
                      responsible, privacy_contact, privacy_url, accessibility_url,
                      segregation_code, cbill, faq_url, legal_url, report_url, booking_url
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
            faq_url: row.get(14)?,
            legal_url: row.get(15)?,
            report_url: row.get(16)?,
            booking_url: row.get(17)?,
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
        faq_url: m.faq_url,
        legal_url: m.legal_url,
        report_url: m.report_url,
        booking_url: m.booking_url,
        crest: super::crest::crest_version(db)?,
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
           segregation_code, cbill, faq_url, legal_url, report_url, booking_url)
         values (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)
         on conflict (id) do update set name = excluded.name, department = excluded.department,
           fiscal_code = excluded.fiscal_code, belfiore = excluded.belfiore,
           address = excluded.address, phone = excluded.phone, email = excluded.email,
           pec = excluded.pec, responsible = excluded.responsible,
           privacy_contact = excluded.privacy_contact, privacy_url = excluded.privacy_url,
           accessibility_url = excluded.accessibility_url,
           segregation_code = excluded.segregation_code, cbill = excluded.cbill,
           faq_url = excluded.faq_url, legal_url = excluded.legal_url,
           report_url = excluded.report_url, booking_url = excluded.booking_url,
           revision = revision + 1",
        params![
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
            &m.faq_url,
            &m.legal_url,
            &m.report_url,
            &m.booking_url,
        ],
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_leads_to_web_addresses_only() {
        let read = |text: &str| WebAddress::try_from(text.to_owned());
        assert!(read("https://www.comune.example/faq").is_ok());
        for wrong in [
            "javascript:alert(1)",
            "www.comune.example",
            "https://",
            "https://a b",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
