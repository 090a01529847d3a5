//! The services that the comune bills to families.

use jiff::civil::Time;
use rusqlite::{Connection, OptionalExtension, Row, Transaction};
use serde::{Deserialize, Serialize};

use super::{PagopaSettings, Rhythm};
use crate::base::{Cents, Date, PublicId, Result, SchoolYear, ServiceId};

/// What kind of service it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ServiceKind {
    /// Asilo nido.
    Nido,
    /// Refezione scolastica.
    Meals,
    /// Trasporto scolastico.
    Transport,
    /// Anything else that is billed.
    Other,
}

/// When families pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Billing {
    /// Credit first; closing a day charges it.
    Prepaid,
    /// A bill after the period.
    Postpaid,
}

/// A service that is to be added, as `init --config` reads it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewService {
    /// Short code: `mensa`.
    pub code: String,
    /// `Refezione scolastica`.
    pub name: String,
    /// Kind.
    pub kind: ServiceKind,
    /// Prepaid or postpaid.
    pub billing: Billing,
    /// pagoPA taxonomy, `9/0107101TS/`.
    #[serde(deserialize_with = "super::taxonomy::read")]
    pub taxonomy: String,
    /// `12`, `33`, or nothing for what can't be deducted.
    #[serde(default)]
    pub deduction_code: Option<String>,
    /// Weekdays: `[1, 2, 3, 4, 5]` is Monday to Friday.
    pub weekdays: Vec<u8>,
    /// First day in the school year, `MM-DD`.
    pub first_day: String,
    /// Last day in the school year, `MM-DD`.
    pub last_day: String,
    /// Until when a family may cancel, `HH:MM`.
    pub family_cutoff: String,
    /// So many days before.
    #[serde(default)]
    pub family_cutoff_days: i64,
    /// Until when the school confirms.
    pub school_cutoff: String,
    /// When the kitchen's order freezes.
    pub kitchen_freeze: String,
    /// How many days ahead a family may cancel.
    #[serde(default = "thirty")]
    pub cancel_ahead_days: i64,
    /// Whether an absence that was not cancelled in time is charged.
    pub charge_absent: bool,
    /// Smallest payment.
    pub minimum_top_up: Cents,
    /// Where its takings stand in the comune's budget: `3010200/15`.
    #[serde(default)]
    pub budget_chapter: String,
    /// Whether it is a "servizio a domanda individuale" (D.M. 31/12/1983), whose costs families must
    /// cover in part; all but transport, unless it is said.
    #[serde(default)]
    pub individual_demand: Option<bool>,
    /// In which rhythm it is billed; none: the office chooses each period.
    #[serde(default)]
    pub bill_rhythm: Rhythm,
    /// The account that its payments go to, where it has one of its own.
    #[serde(default)]
    pub iban: String,
    /// Whether a notice can still be paid when its day is past.
    #[serde(default = "yes")]
    pub pays_after_due: bool,
}

fn yes() -> bool {
    true
}

fn thirty() -> i64 {
    30
}

/// A service.
#[derive(Clone, Debug, Serialize)]
pub struct Service {
    /// Inside.
    #[serde(skip)]
    pub id: ServiceId,
    /// Outside.
    pub public_id: PublicId,
    /// Short code.
    pub code: String,
    /// Name.
    pub name: String,
    /// `nido`, `meals`, `transport`, `other`.
    pub kind: String,
    /// Charged when the day closes.
    pub prepaid: bool,
    /// pagoPA taxonomy.
    pub taxonomy: String,
    /// Quadro E code.
    pub deduction_code: Option<String>,
    #[serde(skip)]
    weekdays: u8,
    #[serde(skip)]
    first_day: String,
    #[serde(skip)]
    last_day: String,
    /// Until when a family may cancel.
    pub family_cutoff: String,
    /// So many days before.
    pub family_cutoff_days: i64,
    /// Until when the school confirms.
    pub school_cutoff: String,
    /// When the kitchen's order freezes.
    pub kitchen_freeze: String,
    /// How many days ahead a family may cancel.
    pub cancel_ahead_days: i64,
    /// Whether an absence that was not cancelled in time is charged.
    pub charge_absent: bool,
    /// Smallest payment.
    pub minimum_top_up: Cents,
    /// Where its takings stand in the comune's budget; empty: not said.
    pub budget_chapter: String,
    /// Whether it is a "servizio a domanda individuale".
    pub individual_demand: bool,
    /// In which rhythm it is billed.
    pub bill_rhythm: Rhythm,
    /// The account that its payments go to, where it has one of its own; empty: the comune's.
    pub iban: String,
    /// Whether a notice can still be paid when its day is past.
    pub pays_after_due: bool,
}

const COLUMNS: &str =
    "id, public_id, code, name, kind, billing, taxonomy, deduction_code, weekdays,
    first_day, last_day, family_cutoff, family_cutoff_days, school_cutoff, kitchen_freeze,
    cancel_ahead_days, charge_absent, minimum_top_up, budget_chapter, individual_demand,
    bill_rhythm, iban, pays_after_due";

impl Service {
    fn read(row: &Row<'_>) -> rusqlite::Result<Service> {
        Ok(Service {
            id: row.get(0)?,
            public_id: row.get(1)?,
            code: row.get(2)?,
            name: row.get(3)?,
            kind: row.get(4)?,
            prepaid: row.get::<_, String>(5)? == "prepaid",
            taxonomy: row.get(6)?,
            deduction_code: row.get(7)?,
            weekdays: row.get(8)?,
            first_day: row.get(9)?,
            last_day: row.get(10)?,
            family_cutoff: row.get(11)?,
            family_cutoff_days: row.get(12)?,
            school_cutoff: row.get(13)?,
            kitchen_freeze: row.get(14)?,
            cancel_ahead_days: row.get(15)?,
            charge_absent: row.get(16)?,
            minimum_top_up: row.get(17)?,
            budget_chapter: row.get(18)?,
            individual_demand: row.get(19)?,
            bill_rhythm: row.get(20)?,
            iban: row.get(21)?,
            pays_after_due: row.get(22)?,
        })
    }

    /// The service as `init --config` reads it: for the export of a whole comune.
    pub fn as_new(&self) -> NewService {
        NewService {
            code: self.code.clone(),
            name: self.name.clone(),
            kind: match self.kind.as_str() {
                "nido" => ServiceKind::Nido,
                "meals" => ServiceKind::Meals,
                "transport" => ServiceKind::Transport,
                _ => ServiceKind::Other,
            },
            billing: if self.prepaid {
                Billing::Prepaid
            } else {
                Billing::Postpaid
            },
            taxonomy: self.taxonomy.clone(),
            deduction_code: self.deduction_code.clone(),
            weekdays: (1..=7)
                .filter(|day| self.weekdays & (1 << (day - 1)) != 0)
                .collect(),
            first_day: self.first_day.clone(),
            last_day: self.last_day.clone(),
            family_cutoff: self.family_cutoff.clone(),
            family_cutoff_days: self.family_cutoff_days,
            school_cutoff: self.school_cutoff.clone(),
            kitchen_freeze: self.kitchen_freeze.clone(),
            cancel_ahead_days: self.cancel_ahead_days,
            charge_absent: self.charge_absent,
            minimum_top_up: self.minimum_top_up,
            budget_chapter: self.budget_chapter.clone(),
            individual_demand: Some(self.individual_demand),
            bill_rhythm: self.bill_rhythm.clone(),
            iban: self.iban.clone(),
            pays_after_due: self.pays_after_due,
        }
    }

    /// The account that its payments go to; empty: none is said yet.
    pub fn takings_iban<'a>(&'a self, settings: &'a PagopaSettings) -> &'a str {
        match self.iban.as_str() {
            "" => &settings.iban,
            own => own,
        }
    }

    /// Whether it runs on a day by its own calendar: weekday, and first and last day of the school
    /// year. Closures are the calendar's.
    pub fn runs_on(&self, day: Date) -> bool {
        let bit = day.weekday().to_monday_zero_offset();
        let season = SchoolYear::of(day);
        let (first, last) = (
            self.in_year(&self.first_day, season),
            self.in_year(&self.last_day, season),
        );
        let in_season =
            first.is_none_or(|first| day >= first) && last.is_none_or(|last| day <= last);
        self.weekdays & (1 << bit) != 0 && in_season
    }

    fn in_year(&self, month_day: &str, year: SchoolYear) -> Option<Date> {
        let (month, day) = month_day.split_once('-')?;
        let (month, day): (i8, i8) = (month.parse().ok()?, day.parse().ok()?);
        let calendar_year = if month >= 9 {
            year.first_year()
        } else {
            year.first_year() + 1
        };
        Date::new(calendar_year, month, day).ok()
    }

    /// The time of day of the family's cut-off.
    pub fn family_cutoff_time(&self) -> Time {
        self.family_cutoff.parse().unwrap_or(Time::midnight())
    }
}

/// Adds a service, or changes the one with this code.
///
/// # Errors
/// When a value breaks one of the table's rules.
pub fn add_service(tx: &Transaction<'_>, new: &NewService) -> Result<ServiceId> {
    let weekdays = new
        .weekdays
        .iter()
        .filter(|d| (1..=7).contains(*d))
        .fold(0u8, |all, d| all | 1 << (d - 1));
    let kind = match new.kind {
        ServiceKind::Nido => "nido",
        ServiceKind::Meals => "meals",
        ServiceKind::Transport => "transport",
        ServiceKind::Other => "other",
    };
    let billing = if new.billing == Billing::Prepaid {
        "prepaid"
    } else {
        "postpaid"
    };
    let sql = "insert into service (public_id, code, name, kind, billing, taxonomy, deduction_code,
           weekdays, first_day, last_day, family_cutoff, family_cutoff_days, school_cutoff,
           kitchen_freeze, cancel_ahead_days, charge_absent, minimum_top_up, budget_chapter,
           individual_demand, bill_rhythm, iban, pays_after_due)
         values (:public_id, :code, :name, :kind, :billing, :taxonomy, :deduction_code, :weekdays,
           :first_day, :last_day, :family_cutoff, :family_cutoff_days, :school_cutoff,
           :kitchen_freeze, :cancel_ahead_days, :charge_absent, :minimum_top_up,
           :budget_chapter, :individual_demand, :bill_rhythm, :iban, :pays_after_due)
         on conflict (code) do update set name = excluded.name, taxonomy = excluded.taxonomy,
           deduction_code = excluded.deduction_code, weekdays = excluded.weekdays,
           first_day = excluded.first_day, last_day = excluded.last_day,
           family_cutoff = excluded.family_cutoff, family_cutoff_days = excluded.family_cutoff_days,
           school_cutoff = excluded.school_cutoff, kitchen_freeze = excluded.kitchen_freeze,
           cancel_ahead_days = excluded.cancel_ahead_days, charge_absent = excluded.charge_absent,
           minimum_top_up = excluded.minimum_top_up, budget_chapter = excluded.budget_chapter,
           individual_demand = excluded.individual_demand, bill_rhythm = excluded.bill_rhythm,
           iban = excluded.iban, pays_after_due = excluded.pays_after_due
         returning id";
    let values = rusqlite::named_params! {
        ":public_id": PublicId::random()?, ":code": new.code, ":name": new.name, ":kind": kind,
        ":billing": billing, ":taxonomy": new.taxonomy, ":deduction_code": new.deduction_code,
        ":weekdays": weekdays, ":first_day": new.first_day, ":last_day": new.last_day,
        ":family_cutoff": new.family_cutoff, ":family_cutoff_days": new.family_cutoff_days,
        ":school_cutoff": new.school_cutoff, ":kitchen_freeze": new.kitchen_freeze,
        ":cancel_ahead_days": new.cancel_ahead_days, ":charge_absent": new.charge_absent,
        ":minimum_top_up": new.minimum_top_up, ":budget_chapter": new.budget_chapter,
        ":individual_demand": new.individual_demand.unwrap_or(new.kind != ServiceKind::Transport),
        ":bill_rhythm": new.bill_rhythm, ":iban": super::pagopa::service_iban(&new.iban)?,
        ":pays_after_due": new.pays_after_due,
    };
    Ok(tx
        .prepare_cached(sql)?
        .query_row(values, |row| row.get(0))?)
}

/// Says where the takings of a service stand in the budget, and whether it is a "servizio a domanda
/// individuale".
///
/// # Errors
/// The database's own failure.
pub fn place_in_budget(
    tx: &Transaction<'_>,
    service: ServiceId,
    chapter: &str,
    individual_demand: bool,
) -> Result<()> {
    tx.prepare_cached(
        "update service set budget_chapter = ?2, individual_demand = ?3 where id = ?1",
    )?
    .execute((service, chapter, individual_demand))?;
    Ok(())
}

/// Says in which rhythm a service is billed.
///
/// # Errors
/// The database's own failure.
pub fn set_bill_rhythm(tx: &Transaction<'_>, service: ServiceId, rhythm: &Rhythm) -> Result<()> {
    tx.prepare_cached("update service set bill_rhythm = ?2 where id = ?1")?
        .execute((service, rhythm))?;
    Ok(())
}

/// The services, by name.
///
/// # Errors
/// The database's own failure.
pub fn services(db: &Connection) -> Result<Vec<Service>> {
    let sql = format!("select {COLUMNS} from service order by name");
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map([], Service::read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A service.
///
/// # Errors
/// `NotFound`.
pub fn service(db: &Connection, id: ServiceId) -> Result<Service> {
    let sql = format!("select {COLUMNS} from service where id = ?1");
    Ok(db.prepare_cached(&sql)?.query_row([id], Service::read)?)
}

/// The service with a code.
///
/// # Errors
/// The database's own failure.
pub fn service_by_code(db: &Connection, code: &str) -> Result<Option<Service>> {
    let sql = format!("select {COLUMNS} from service where code = ?1");
    Ok(db
        .prepare_cached(&sql)?
        .query_row([code], Service::read)
        .optional()?)
}

/// A service by its public id.
///
/// # Errors
/// `NotFound`.
pub fn service_by_public_id(db: &Connection, id: &PublicId) -> Result<Service> {
    let sql = format!("select {COLUMNS} from service where public_id = ?1");
    Ok(db.prepare_cached(&sql)?.query_row([id], Service::read)?)
}
