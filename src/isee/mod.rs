//! ISEE statements of children (DPCM 159/2013): value, kind, validity, source; and the comune's rule
//! on when one counts. Values are facts: a newer record corrects an older one, none is changed.

mod certificates;
mod checking;
mod lodging;
mod parse;
mod policies;
mod rules;
mod withdrawing;

use std::collections::BTreeMap;

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, Row, Transaction};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::base::{
    Actor, Cents, Date, DocumentId, Error, Instant, IseeId, PersonId, PublicId, Result, Role, Text,
};
use crate::store::{self, AuditEvent};

pub use certificates::{read_certificate, store_certificate};
pub use checking::check_declared;
pub use lodging::{NewLodged, lodge, protocol_of_inps, why};
pub use parse::{LONGEST as LONGEST_POLICY, PolicyFault, parse as parse_policy};
pub use policies::{
    PUBLISHED, PolicyVersion, in_words, policy_of_version, policy_on, policy_versions,
    record_policy,
};
pub use rules::{
    BillingRun, Corrente, Counting, Deadline, Lodged, Looks, MonthException, Policy, Since, Start,
    Until, YearDay,
};
pub use withdrawing::{LONGEST_REASON, read_declared, withdraw_declared};

/// Which ISEE it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IseeKind {
    /// For services to minors (art. 7).
    Minorenni,
    /// The ordinary one.
    Ordinario,
    /// Recomputed after a loss of income (art. 9).
    Corrente,
}

impl IseeKind {
    /// As it is stored, and as files write it.
    pub fn as_str(self) -> &'static str {
        match self {
            IseeKind::Minorenni => "minorenni",
            IseeKind::Ordinario => "ordinario",
            IseeKind::Corrente => "corrente",
        }
    }

    /// Out of a form, a file or the database.
    pub fn parse(text: &str) -> Option<IseeKind> {
        [IseeKind::Minorenni, IseeKind::Ordinario, IseeKind::Corrente]
            .into_iter()
            .find(|kind| kind.as_str().eq_ignore_ascii_case(text.trim()))
    }
}

impl ToSql for IseeKind {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for IseeKind {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<IseeKind> {
        IseeKind::parse(value.as_str()?).ok_or(FromSqlError::InvalidType)
    }
}

/// An ISEE that is to be recorded as it counts, whatever the comune's rule says: out of an earlier
/// system. What is handed in now goes through [`lodge`].
pub struct NewIsee<'a> {
    /// The child.
    pub child: PersonId,
    /// Value.
    pub value: Cents,
    /// Kind.
    pub kind: IseeKind,
    /// Protocol of the DSU (`INPS-ISEE-2026-…`); empty where it is not known.
    pub protocol: &'a str,
    /// The statement says "omissioni o difformità" (art. 11 c. 5).
    pub omissions: bool,
    /// First day.
    pub valid_from: Date,
    /// Last day.
    pub valid_to: Date,
}

/// A recorded ISEE.
#[derive(Clone, Debug, Serialize)]
pub struct Isee {
    /// Inside.
    #[serde(skip)]
    pub id: IseeId,
    /// Outside.
    pub public_id: PublicId,
    /// Value.
    pub value: Cents,
    /// Kind.
    pub kind: IseeKind,
    /// Protocol of the DSU.
    pub protocol: String,
    /// With "omissioni o difformità".
    pub omissions: bool,
    /// First day on which it counts.
    pub valid_from: Date,
    /// Last day on which it counts.
    pub valid_to: Date,
    /// `declared` (by a parent), `office`, `uploaded` or `import`.
    pub source: String,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// When the comune got to know of it; an earlier system does not say.
    pub lodged_on: Option<Date>,
    /// Its own first day: when the DSU was presented; as far as it is known.
    pub own_from: Date,
    /// Its own last day; as far as it is known.
    pub own_to: Date,
    /// The version of the comune's rule that said when it counts; none: as recorded.
    #[serde(skip)]
    pub policy: Option<i64>,
    /// The parent who declared it.
    #[serde(skip)]
    pub declared_by: Option<PersonId>,
    /// Declared, and somebody compared it with what INPS says.
    pub checked: bool,
    /// The certificate came with it: [`read_certificate`].
    pub certificate: bool,
    /// The office did not accept it, for this reason: it counts on no day.
    pub withdrawn: Option<String>,
    #[serde(skip)]
    child: PersonId,
}

const COLUMNS: &str =
    "id, public_id, value, kind, protocol, omissions, valid_from, valid_to, source,
        recorded_at, lodged_on, coalesce(own_from, valid_from), coalesce(own_to, valid_to), policy_id,
        person_id,
        exists (select 1 from isee_check k where k.isee_id = isee.id), child_id,
        exists (select 1 from isee_document d where d.isee_id = isee.id),
        (select reason from isee_withdrawal w where w.isee_id = isee.id)";

impl Isee {
    fn read(row: &Row<'_>) -> rusqlite::Result<Isee> {
        Ok(Isee {
            id: row.get(0)?,
            public_id: row.get(1)?,
            value: row.get(2)?,
            kind: row.get(3)?,
            protocol: row.get(4)?,
            omissions: row.get(5)?,
            valid_from: row.get(6)?,
            valid_to: row.get(7)?,
            source: row.get(8)?,
            recorded_at: row.get(9)?,
            lodged_on: row.get(10)?,
            own_from: row.get(11)?,
            own_to: row.get(12)?,
            policy: row.get(13)?,
            declared_by: row.get(14)?,
            checked: row.get(15)?,
            child: row.get(16)?,
            certificate: row.get(17)?,
            withdrawn: row.get(18)?,
        })
    }
}

/// An ISEE as a row.
struct NewRow<'a> {
    new: &'a NewIsee<'a>,
    /// When it was handed in, its own first day, its own last day.
    handed_in: Option<(Date, Date, Date)>,
    policy: Option<i64>,
    certificate: Option<DocumentId>,
}

/// Records an ISEE: by the office, or by an import.
///
/// # Errors
/// `Forbidden` for others; field errors for a negative value or a validity that ends before it
/// begins.
pub fn record_isee(
    tx: &Transaction<'_>,
    actor: &Actor,
    new: &NewIsee<'_>,
    now: Instant,
) -> Result<IseeId> {
    let row = NewRow {
        new,
        handed_in: None,
        policy: None,
        certificate: None,
    };
    match actor {
        Actor::Citizen(_) => Err(Error::Forbidden),
        _ => insert(tx, actor, &row, now),
    }
}

fn insert(tx: &Transaction<'_>, actor: &Actor, row: &NewRow<'_>, now: Instant) -> Result<IseeId> {
    let new = row.new;
    let (source, person, staff) = match actor {
        Actor::Staff(staff) | Actor::Desk { staff, .. } if staff.has(Role::Office) => {
            ("office", None, Some(staff.id))
        }
        Actor::Citizen(person) if row.certificate.is_some() => ("uploaded", Some(*person), None),
        Actor::Citizen(person) => ("declared", Some(*person), None),
        Actor::System(_) => ("import", None, None),
        _ => return Err(Error::Forbidden),
    };
    if new.value < Cents::ZERO {
        return Err(Error::field("value", Text::new("error-isee-negative")));
    }
    if new.valid_to < new.valid_from {
        return Err(Error::field(
            "valid_to",
            Text::new("error-period-backwards"),
        ));
    }
    tx.prepare_cached(
        "insert into isee (public_id, child_id, value, kind, protocol, omissions, lodged_on, own_from,
                           own_to, valid_from, valid_to, policy_id, source, person_id, staff_id,
                           recorded_at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
    )?
    .execute((
        PublicId::random()?,
        new.child,
        new.value,
        new.kind,
        new.protocol.trim(),
        new.omissions,
        row.handed_in.map(|days| days.0),
        row.handed_in.map(|days| days.1),
        row.handed_in.map(|days| days.2),
        new.valid_from,
        new.valid_to,
        row.policy,
        source,
        person,
        staff,
        now,
    ))?;
    let id = IseeId(tx.last_insert_rowid());
    if let Some(document) = row.certificate {
        certificates::keep(tx, id, document)?;
    }
    if actor.staff().is_some() {
        let event = AuditEvent {
            action: "record-isee",
            subject: "isee",
            subject_id: Some(id.0),
            payload: json!({
                "child": new.child, "value": new.value, "kind": new.kind,
                "valid_from": new.valid_from, "valid_to": new.valid_to, "omissions": new.omissions,
            }),
        };
        store::audit(tx, actor, now, &event)?;
    }
    Ok(id)
}

/// The ISEE that counts on a day for each of some children who have one: the newest record that
/// covers the day and was not withdrawn.
///
/// # Errors
/// The database's own failure.
pub fn isee_of_each(
    db: &Connection,
    children: &[PersonId],
    day: Date,
) -> Result<BTreeMap<PersonId, Isee>> {
    // The newest record comes last and takes the place of the earlier ones.
    let mut statement = db.prepare_cached(&format!(
        "select {COLUMNS}
         from isee where child_id in (select value from json_each(?1))
           and valid_from <= ?2 and valid_to >= ?2
           and not exists (select 1 from isee_withdrawal w where w.isee_id = isee.id)
         order by recorded_at, id",
    ))?;
    let children = serde_json::to_string(children).map_err(Error::internal)?;
    let rows = statement.query_map((children, day), |row| Ok((row.get(16)?, Isee::read(row)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Every ISEE of a child, newest record first, for the office; the reading is logged.
///
/// # Errors
/// `Forbidden` for who is not of the office.
pub fn read_for_office(
    tx: &Transaction<'_>,
    actor: &Actor,
    child: PersonId,
    now: Instant,
) -> Result<Vec<Isee>> {
    if !actor.staff().is_some_and(|staff| staff.has(Role::Office)) {
        return Err(Error::Forbidden);
    }
    let found = of_child(tx, child)?;
    if !found.is_empty() {
        let event = AuditEvent {
            action: "read-isee",
            subject: "person",
            subject_id: Some(child.0),
            payload: json!({ "records": found.len() }),
        };
        store::audit(tx, actor, now, &event)?;
    }
    Ok(found)
}

/// Every ISEE of a child, newest record first: for staff; who shows it to families decides whose.
///
/// # Errors
/// The database's own failure.
pub fn of_child(db: &Connection, child: PersonId) -> Result<Vec<Isee>> {
    let mut statement = db.prepare_cached(&format!(
        "select {COLUMNS} from isee where child_id = ?1 order by recorded_at desc, id desc"
    ))?;
    let rows = statement.query_map([child], Isee::read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Of a child's records, newest first, the one that counts on a day: the rule of [`isee_of_each`].
pub fn counting(records: &[Isee], day: Date) -> Option<&Isee> {
    records
        .iter()
        .find(|isee| isee.withdrawn.is_none() && isee.valid_from <= day && day <= isee.valid_to)
}

fn by_public_id(db: &Connection, id: &PublicId) -> Result<Isee> {
    let sql = format!("select {COLUMNS} from isee where public_id = ?1");
    Ok(db.prepare_cached(&sql)?.query_row([id], Isee::read)?)
}

/// Whether an ISEE that holds on a day between two, both included, was recorded after an instant.
///
/// # Errors
/// The database's own failure.
pub fn recorded_since(db: &Connection, (from, to): (Date, Date), since: Instant) -> Result<bool> {
    let sql = "select exists (select 1 from isee indexed by isee_by_recording
               where recorded_at > ?1 and valid_from <= ?3 and valid_to >= ?2)";
    Ok(db
        .prepare_cached(sql)?
        .query_row((since, from, to), |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::testing::{Comune, morning};

    fn isee(child: PersonId, cents: i64, from: Date, to: Date) -> NewIsee<'static> {
        NewIsee {
            child,
            value: Cents(cents),
            kind: IseeKind::Minorenni,
            protocol: "",
            omissions: false,
            valid_from: from,
            valid_to: to,
        }
    }

    #[test]
    fn the_newest_record_that_covers_the_day_counts() {
        let comune = Comune::new();
        let (clerk, mother, luca) = (comune.as_clerk(), comune.as_mother(), comune.luca);
        comune
            .write(move |tx| {
                let (first, last) = (date(2026, 1, 15), date(2026, 12, 31));
                let value_on = |day| {
                    let each = isee_of_each(tx, &[luca], day)?;
                    Ok::<_, Error>(each.get(&luca).map(|isee| isee.value.0))
                };
                let old = isee(luca, 1_200_000, first, last);
                let import = Actor::System("import");
                record_isee(tx, &import, &old, morning())?;
                let corrected = isee(luca, 900_000, date(2026, 6, 1), last);
                let later = morning().plus_millis(1000);
                record_isee(tx, &clerk, &corrected, later)?;
                assert_eq!(value_on(date(2026, 1, 14))?, None);
                assert_eq!(value_on(date(2026, 5, 31))?, Some(1_200_000));
                assert_eq!(value_on(date(2026, 6, 1))?, Some(900_000));
                assert_eq!(value_on(date(2027, 1, 1))?, None);
                let sources: Vec<_> = of_child(tx, luca)?.into_iter().map(|i| i.source).collect();
                assert_eq!(sources, ["office", "import"]);
                assert!(matches!(
                    record_isee(tx, &mother, &old, morning()),
                    Err(Error::Forbidden)
                ));
                assert!(record_isee(tx, &clerk, &isee(luca, -1, first, last), later).is_err());
                assert!(record_isee(tx, &clerk, &isee(luca, 1, last, first), later).is_err());
                Ok(())
            })
            .unwrap();
        let changed = comune.write(|tx| Ok(tx.execute("update isee set value = 0", [])?));
        assert!(changed.is_err());
    }
}
