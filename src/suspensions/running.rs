//! The suspensions that hold or are going to, for lists, for the family and for the round that ends them.

use rusqlite::{Connection, Row};
use serde::Serialize;

use crate::base::{
    AccountId, Cents, Date, EnrolmentId, Error, Instant, InterruptionId, PersonId, PublicId,
    Result, SuspensionId, stored_words,
};

stored_words! {
    /// Why a suspension ended.
    Ending {
        /// The balance is above the limit again.
        Covered = "covered",
        /// The social services have exempted the child.
        Exempted = "exempted",
        /// A running plan divides what is owed.
        Plan = "plan",
        /// The comune's rule suspends nothing any more, or not this service.
        Rule = "rule",
        /// The child does not use the service any more, or somebody else pays.
        Left = "left",
        /// The office said so.
        Office = "office",
    }
}

/// A suspension that has not ended.
#[derive(Clone, Debug, Serialize)]
pub struct Suspension {
    /// Inside.
    #[serde(skip)]
    pub id: SuspensionId,
    /// Outside.
    pub public_id: PublicId,
    #[serde(skip)]
    pub(super) interruption: InterruptionId,
    /// The enrolment that is interrupted.
    #[serde(skip)]
    pub enrolment: EnrolmentId,
    /// The account that owes.
    #[serde(skip)]
    pub account: AccountId,
    /// Names the account outside.
    pub account_public: PublicId,
    /// Who pays.
    #[serde(skip)]
    pub payer_id: PersonId,
    /// Names the payer outside.
    pub payer_public: PublicId,
    /// Surname and name of the payer.
    pub payer: String,
    /// Surname and name of the child.
    pub child: String,
    /// Given name of the child.
    pub child_name: String,
    /// The service.
    pub service: String,
    /// School and class.
    pub class: String,
    /// The first day.
    pub from: Date,
    /// Why, as the family reads it.
    pub reason: String,
    /// The balance when it was decided: cents, below zero.
    pub balance: Cents,
    /// Who decided it.
    pub staff: String,
    /// When.
    pub recorded_at: Instant,
    /// The names as searches write them.
    #[serde(skip)]
    pub words: String,
}

const SELECT: &str = "select u.id, u.public_id, i.id, i.enrolment_id, a.id, a.public_id, p.id, p.public_id,
       p.surname || ' ' || p.name, k.surname || ' ' || k.name, k.name, s.name, c.name || ', ' || o.name,
       i.from_day, u.reason, u.balance, w.name, u.recorded_at, p.search_name || ' ' || k.search_name";
const NAMES: &str = "join enrolment e on e.id = i.enrolment_id
     join school_class c on c.id = e.class_id join school o on o.id = c.school_id
     join account a on a.id = u.account_id join person p on p.id = a.payer_id
     join person k on k.id = a.child_id join service s on s.id = a.service_id
     join staff w on w.id = u.staff_id";

impl Suspension {
    fn read(row: &Row<'_>) -> rusqlite::Result<Suspension> {
        Ok(Suspension {
            id: row.get(0)?,
            public_id: row.get(1)?,
            interruption: row.get(2)?,
            enrolment: row.get(3)?,
            account: row.get(4)?,
            account_public: row.get(5)?,
            payer_id: row.get(6)?,
            payer_public: row.get(7)?,
            payer: row.get(8)?,
            child: row.get(9)?,
            child_name: row.get(10)?,
            service: row.get(11)?,
            class: row.get(12)?,
            from: row.get(13)?,
            reason: row.get(14)?,
            balance: row.get(15)?,
            staff: row.get(16)?,
            recorded_at: row.get(17)?,
            words: row.get(18)?,
        })
    }
}

/// Every suspension that has not ended, the oldest first.
///
/// # Errors
/// The database's own failure.
pub fn running(db: &Connection) -> Result<Vec<Suspension>> {
    let sql = format!(
        "{SELECT} from suspension u indexed by suspension_by_ending
         cross join interruption i on i.id = u.interruption_id {NAMES}
         where u.ended_at is null order by u.id"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map([], Suspension::read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// One that has not ended.
///
/// # Errors
/// `NotFound`.
pub fn suspension(db: &Connection, id: &PublicId) -> Result<Suspension> {
    let sql = format!(
        "{SELECT} from suspension u join interruption i on i.id = u.interruption_id {NAMES}
         where u.public_id = ?1 and u.ended_at is null"
    );
    Ok(db.prepare_cached(&sql)?.query_row([id], Suspension::read)?)
}

/// The suspensions of some enrolments that have not ended. Who may see the enrolments is decided before.
///
/// # Errors
/// The database's own failure.
pub fn of_enrolments(db: &Connection, enrolments: &[EnrolmentId]) -> Result<Vec<Suspension>> {
    let sql = format!(
        "{SELECT} from json_each(?1) j
         cross join interruption i on i.enrolment_id = j.value and i.until_day is null
         cross join suspension u on u.interruption_id = i.id {NAMES}
         where u.ended_at is null order by k.birth_date, s.name"
    );
    let enrolments = serde_json::to_string(enrolments).map_err(Error::internal)?;
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map([enrolments], Suspension::read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
