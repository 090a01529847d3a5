//! The exemptions that the social services decided, as who answers for the takings reads them: child,
//! service and days. The reason stays sealed until somebody of the office asks for it.

use std::collections::BTreeSet;

use rusqlite::{Connection, Transaction};
use serde_json::json;

use super::facts::{SOCIAL_SERVICES_EXEMPTION, log, open_reason, require_office};
use crate::base::{Actor, Date, Error, Instant, Permission, PersonId, PublicId, Result, ServiceId};
use crate::store::{self, AuditEvent, SealingKey};

/// An exemption of a child.
#[derive(Clone, Debug)]
pub struct Exemption {
    id: i64,
    /// The child.
    pub child: PersonId,
    /// Surname and name.
    pub child_name: String,
    /// Whom the child's newest enrolment makes pay: whose sheet tells more. None: never enrolled.
    pub payer: Option<PublicId>,
    /// The service; none: every one.
    pub service: Option<ServiceId>,
    /// First day.
    pub from: Date,
    /// Last day, if it is known.
    pub to: Option<Date>,
    /// Who recorded it; empty for an import.
    pub staff: String,
    /// When.
    pub recorded_at: Instant,
}

impl Exemption {
    /// Whether it holds for a service on a day between two, both included.
    pub fn covers(&self, service: ServiceId, from: Date, to: Date) -> bool {
        self.service.is_none_or(|own| own == service)
            && self.from <= to
            && self.to.is_none_or(|last| last >= from)
    }
}

/// The exemptions that hold on a day between two, both included, by name of the child; those that
/// were withdrawn never held. For a service: with those that are for every one.
///
/// # Errors
/// `Forbidden` for who neither is of the office nor handles money.
pub fn exemptions(
    db: &Connection,
    actor: &Actor,
    service: Option<ServiceId>,
    (from, to): (Date, Date),
) -> Result<Vec<Exemption>> {
    if !actor.may(Permission::Money) {
        return Err(Error::Forbidden);
    }
    let mut statement = db.prepare_cached(
        "select f.id, f.child_id, p.surname || ' ' || p.name,
           (select y.public_id from enrolment e join person y on y.id = e.payer_id
            where e.child_id = f.child_id order by e.id desc limit 1),
           f.service_id, f.from_date, f.to_date, coalesce(w.name, ''), f.recorded_at
         from child_fact f join person p on p.id = f.child_id left join staff w on w.id = f.staff_id
         where f.name = ?1 and f.value = 'yes' and f.from_date <= ?3
           and coalesce(f.to_date, '9999-12-31') >= ?2 and f.withdrawn_at is null
           and (?4 is null or f.service_id is null or f.service_id = ?4)
         order by p.surname, p.name, f.child_id, f.from_date, f.id",
    )?;
    let rows = statement.query_map((SOCIAL_SERVICES_EXEMPTION, from, to, service), |row| {
        Ok(Exemption {
            id: row.get(0)?,
            child: row.get(1)?,
            child_name: row.get(2)?,
            payer: row.get(3)?,
            service: row.get(4)?,
            from: row.get(5)?,
            to: row.get(6)?,
            staff: row.get(7)?,
            recorded_at: row.get(8)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The reasons of some exemptions, in their order; the reading is logged for each child.
///
/// # Errors
/// `Forbidden` for who is not of the office; when the key does not open what is sealed.
pub fn exemption_reasons(
    tx: &Transaction<'_>,
    key: &SealingKey,
    actor: &Actor,
    of: &[Exemption],
    now: Instant,
) -> Result<Vec<String>> {
    require_office(actor)?;
    let children: BTreeSet<PersonId> = of.iter().map(|one| one.child).collect();
    for child in children {
        log(tx, actor, "read-child-facts", child, json!({}), now)?;
    }
    let mut statement = tx.prepare_cached("select sealed from child_fact where id = ?1")?;
    of.iter()
        .map(|one| {
            let sealed: Vec<u8> = statement.query_row([one.id], |row| row.get(0))?;
            open_reason(key, one.child, SOCIAL_SERVICES_EXEMPTION, &sealed)
        })
        .collect()
}

/// Notes that a list of exemptions left the program as a file: of which days, how many, and whether
/// with their reasons.
///
/// # Errors
/// `Forbidden` for who neither is of the office nor handles money.
pub fn log_exemptions_file(
    tx: &Transaction<'_>,
    actor: &Actor,
    (from, to): (Date, Date),
    exemptions: usize,
    with_reasons: bool,
    now: Instant,
) -> Result<()> {
    if !actor.may(Permission::Money) {
        return Err(Error::Forbidden);
    }
    let event = AuditEvent {
        action: "download-exemptions",
        subject: "report",
        subject_id: None,
        payload: json!({ "from": from, "to": to, "exemptions": exemptions, "reasons": with_reasons }),
    };
    store::audit(tx, actor, now, &event)
}
