//! VAT on what families pay, where the comune says that it is due, and the register of takings.
//!
//! School meals that the comune itself serves are taxed at 4 % (D.P.R. 633/1972, tab. A, part II,
//! no. 37; L. 342/2000 art. 43). Whether and how a comune is concerned, it confirms itself: nothing is
//! taxed before the accountant has typed a rate. Prices include the tax, which is due when the money
//! comes in (D.P.R. 633/1972 art. 6): on prepaid services with the top-up.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, Transaction};
use serde_json::json;

use super::require_accounting;
use crate::base::{Actor, Cents, Date, Error, Instant, Result, ServiceId, Text};
use crate::ledger;
use crate::store::{self, AuditEvent};

/// A rate in hundredths of a percent: above zero, below a hundred percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct VatRate(i64);

impl VatRate {
    /// Reads `4`, `4,5`, `22.00`.
    ///
    /// # Errors
    /// A field error of `rate`.
    pub fn parse(text: &str) -> Result<VatRate> {
        let text = text.trim().trim_end_matches('%').trim().replace(',', ".");
        let hundredths = Cents::parse_decimal(&text).ok().map(|rate| rate.0);
        match hundredths {
            Some(rate @ 1..=9999) => Ok(VatRate(rate)),
            _ => Err(Error::field("rate", Text::new("error-vat-rate"))),
        }
    }

    /// The tax inside an amount that includes it, half up to the cent.
    pub fn within(self, gross: Cents) -> Cents {
        let (rate, all) = (i128::from(self.0), i128::from(10_000 + self.0));
        let tax = (i128::from(gross.0.abs()) * rate * 2 + all) / (2 * all);
        let tax = i64::try_from(tax).unwrap_or(i64::MAX);
        Cents(if gross.0 < 0 { -tax } else { tax })
    }
}

/// `4 %`, `4,50 %`.
impl fmt::Display for VatRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0 / 100, self.0 % 100) {
            (whole, 0) => write!(f, "{whole}\u{a0}%"),
            (whole, part) => write!(f, "{whole},{part:02}\u{a0}%"),
        }
    }
}

impl ToSql for VatRate {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.into())
    }
}

impl FromSql for VatRate {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<VatRate> {
        i64::column_result(value).map(VatRate)
    }
}

/// From which day at which rate a service is taxed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VatSetting {
    /// The service.
    pub service: ServiceId,
    /// The first day.
    pub from: Date,
    /// None: not any more.
    pub rate: Option<VatRate>,
    /// Why; which act confirms it.
    pub note: String,
}

/// A setting as it is typed.
pub struct NewVat<'a> {
    /// The service.
    pub service: ServiceId,
    /// The first day.
    pub from: Date,
    /// None: not any more.
    pub rate: Option<VatRate>,
    /// Why; which act confirms it.
    pub note: &'a str,
}

/// The settings of all services, by service and day; of two for a day the newer counts.
///
/// # Errors
/// The database's own failure.
pub fn vat_settings(db: &Connection) -> Result<Vec<VatSetting>> {
    let mut statement = db.prepare_cached(
        "select service_id, from_day, rate, note from service_vat v
         where id = (select max(n.id) from service_vat n
           where n.service_id = v.service_id and n.from_day = v.from_day)
         order by service_id, from_day",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(VatSetting {
            service: row.get(0)?,
            from: row.get(1)?,
            rate: row.get(2)?,
            note: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Records from which day at which rate a service is taxed.
///
/// # Errors
/// `Forbidden` for who is no accountant.
pub fn record_vat(
    tx: &Transaction<'_>,
    actor: &Actor,
    new: &NewVat<'_>,
    now: Instant,
) -> Result<()> {
    let staff = require_accounting(actor)?;
    tx.prepare_cached(
        "insert into service_vat (service_id, from_day, rate, note, staff_id, recorded_at)
         values (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute((new.service, new.from, new.rate, new.note, staff, now))?;
    let event = AuditEvent {
        action: "record-vat",
        subject: "service",
        subject_id: Some(new.service.0),
        payload: json!({
            "from": new.from, "rate": new.rate.map(|rate| rate.to_string()), "note": new.note,
        }),
    };
    store::audit(tx, actor, now, &event)
}

/// A line of the register: what came in on a day at a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VatTakings {
    /// The day of the payments, in Rome.
    pub day: Date,
    /// The rate.
    pub rate: VatRate,
    /// How many payments.
    pub payments: i64,
    /// With the tax, in cents.
    pub gross: Cents,
    /// The tax, in cents, half up for the day and the rate.
    pub tax: Cents,
}

impl VatTakings {
    /// Without the tax, in cents.
    pub fn net(&self) -> Cents {
        self.gross - self.tax
    }
}

/// The register of takings between two days, both included. Services without a rate are not in it.
///
/// # Errors
/// The database's own failure.
pub fn vat_register(db: &Connection, from: Date, to: Date) -> Result<Vec<VatTakings>> {
    let mut settings: HashMap<ServiceId, Vec<VatSetting>> = HashMap::new();
    for setting in vat_settings(db)? {
        settings.entry(setting.service).or_default().push(setting);
    }
    let rate_on = |service: ServiceId, day: Date| {
        let settings = settings.get(&service)?;
        settings.iter().rev().find(|one| one.from <= day)?.rate
    };
    let mut lines: BTreeMap<(Date, VatRate), (i64, Cents)> = BTreeMap::new();
    for taking in ledger::takings(db, from, to)? {
        if let Some(rate) = rate_on(taking.service, taking.day) {
            let line = lines.entry((taking.day, rate)).or_default();
            line.0 += taking.payments;
            line.1 += taking.amount;
        }
    }
    let lines = lines
        .into_iter()
        .map(|((day, rate), (payments, gross))| VatTakings {
            day,
            rate,
            payments,
            gross,
            tax: rate.within(gross),
        });
    Ok(lines.collect())
}
