//! Drafts of tariffs: the rule file as the office has it so far. A draft may be faulty; publishing
//! asks for more.

use rusqlite::{Connection, Row, Transaction};
use serde::Serialize;
use serde_json::json;
use toml_edit::{DocumentMut, InlineTable, Value};

use super::published;
use crate::base::{
    Actor, Date, Error, Instant, Permission, PublicId, Refusal, Result, ServiceId, StaffId, Text,
};
use crate::store::{self, AuditEvent};

/// A rule file is some hundred lines: at most so many bytes are kept.
pub const LONGEST_SOURCE: usize = 100_000;

/// A tariff under way.
#[derive(Clone, Debug, Serialize)]
pub struct Draft {
    #[serde(skip)]
    id: i64,
    /// Outside.
    pub public_id: PublicId,
    /// The service that it will price.
    #[serde(skip)]
    pub service: ServiceId,
    /// Grows with every change: two tabs don't overwrite each other silently.
    pub revision: i64,
    /// The rule file.
    pub source: String,
    /// The file before the last change, to go back to.
    #[serde(skip)]
    pub previous: Option<String>,
    /// Who changed it last.
    #[serde(skip)]
    pub staff: Option<StaffId>,
    /// When it was begun.
    pub created_at: Instant,
    /// When it was changed last.
    pub updated_at: Instant,
}

impl Draft {
    fn read(row: &Row<'_>) -> rusqlite::Result<Draft> {
        Ok(Draft {
            id: row.get(0)?,
            public_id: row.get(1)?,
            service: row.get(2)?,
            revision: row.get(3)?,
            source: row.get(4)?,
            staff: row.get(5)?,
            created_at: row.get(6)?,
            updated_at: row.get(7)?,
            previous: row.get(8)?,
        })
    }

    /// What the rule is called; empty while it has no name.
    pub fn name(&self) -> String {
        let file = self.source.parse::<DocumentMut>().ok();
        let name = file.as_ref().and_then(|file| file.get("name")?.as_str());
        name.unwrap_or_default().trim().to_owned()
    }
}

/// Begins a draft.
///
/// # Errors
/// `Forbidden` for who is not of the office; a refusal for a text that is too long.
pub fn begin_draft(
    tx: &Transaction<'_>,
    actor: &Actor,
    service: ServiceId,
    source: &str,
    now: Instant,
) -> Result<PublicId> {
    let staff = editor(actor, source)?;
    let public_id = PublicId::random()?;
    tx.prepare_cached(
        "insert into tariff_draft (public_id, service_id, source, staff_id, created_at, updated_at)
         values (?1, ?2, ?3, ?4, ?5, ?5)",
    )?
    .execute((&public_id, service, source, staff, now))?;
    let id = tx.last_insert_rowid();
    note(
        tx,
        actor,
        "begin-tariff-draft",
        id,
        json!({ "source": source }),
        now,
    )?;
    Ok(public_id)
}

/// A draft.
///
/// # Errors
/// `NotFound`.
pub fn draft(db: &Connection, id: &PublicId) -> Result<Draft> {
    let sql =
        "select id, public_id, service_id, revision, source, staff_id, created_at, updated_at,
                 previous
               from tariff_draft where public_id = ?1";
    Ok(db.prepare_cached(sql)?.query_row([id], Draft::read)?)
}

/// The drafts of a service, the one that was changed last first.
///
/// # Errors
/// The database's own failure.
pub fn drafts_of(db: &Connection, service: ServiceId) -> Result<Vec<Draft>> {
    let mut statement = db.prepare_cached(
        "select id, public_id, service_id, revision, source, staff_id, created_at, updated_at,
           previous
         from tariff_draft where service_id = ?1 order by updated_at desc, id desc",
    )?;
    let rows = statement.query_map([service], Draft::read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Changes a draft that is still what its editor saw.
///
/// # Errors
/// `NotFound`; `Forbidden`; a conflict when somebody else changed it meanwhile.
pub fn save_draft(
    tx: &Transaction<'_>,
    actor: &Actor,
    id: &PublicId,
    revision: i64,
    source: &str,
    now: Instant,
) -> Result<()> {
    let staff = editor(actor, source)?;
    let before = unchanged(tx, id, revision)?;
    if before.source == source {
        return Ok(());
    }
    tx.prepare_cached(
        "update tariff_draft set previous = source, source = ?2, staff_id = ?3, updated_at = ?4, revision = revision + 1
         where id = ?1",
    )?
    .execute((before.id, source, staff, now))?;
    let payload = json!({ "before": before.source, "after": source });
    note(tx, actor, "change-tariff-draft", before.id, payload, now)
}

/// Takes the last change of a draft back; a second time does it again.
///
/// # Errors
/// Those of [`save_draft`]; a refusal where nothing was changed yet.
pub fn undo_draft(
    tx: &Transaction<'_>,
    actor: &Actor,
    id: &PublicId,
    revision: i64,
    now: Instant,
) -> Result<()> {
    let before = unchanged(tx, id, revision)?;
    match before.previous {
        Some(previous) => save_draft(tx, actor, id, revision, &previous, now),
        None => Err(Error::refused(Text::new("error-tariff-draft-no-undo"))),
    }
}

/// Throws a draft away.
///
/// # Errors
/// Those of [`save_draft`].
pub fn drop_draft(
    tx: &Transaction<'_>,
    actor: &Actor,
    id: &PublicId,
    revision: i64,
    now: Instant,
) -> Result<()> {
    editor(actor, "")?;
    let before = unchanged(tx, id, revision)?;
    tx.prepare_cached("delete from tariff_draft where id = ?1")?
        .execute([before.id])?;
    let payload = json!({ "before": before.source });
    note(tx, actor, "drop-tariff-draft", before.id, payload, now)
}

/// Publishes a draft for the days from `valid_from` on; the file then says so itself, and the draft
/// is gone. Whether the service can be charged by it is asked before (`charging`).
///
/// # Errors
/// Those of [`save_draft`]; the faults of the file, its own examples included.
pub fn publish_draft(
    tx: &Transaction<'_>,
    actor: &Actor,
    (id, revision): (&PublicId, i64),
    service_code: &str,
    valid_from: Date,
    now: Instant,
) -> Result<PublicId> {
    editor(actor, "")?;
    let draft = unchanged(tx, id, revision)?;
    let source = applying(&draft.source, service_code, valid_from);
    let tariff = published::publish(tx, draft.service, &source, valid_from, now)?;
    tx.prepare_cached("delete from tariff_draft where id = ?1")?
        .execute([draft.id])?;
    let event = AuditEvent {
        action: "publish-tariff",
        subject: "tariff",
        subject_id: Some(tariff.0),
        payload: json!({ "service": service_code, "from": valid_from, "draft": draft.id }),
    };
    store::audit(tx, actor, now, &event)?;
    published::public_id(tx, tariff)
}

/// The file with the service and the first day that it applies to.
fn applying(source: &str, service_code: &str, from: Date) -> String {
    let Ok(mut file) = source.parse::<DocumentMut>() else {
        return source.to_owned();
    };
    let mut applies = InlineTable::new();
    applies.insert("service", Value::from(service_code));
    applies.insert("from", Value::from(from.to_string()));
    file["applies"] = toml_edit::value(applies);
    file.to_string()
}

/// Who may edit drafts, and how long they may be.
fn editor(actor: &Actor, source: &str) -> Result<Option<StaffId>> {
    if !actor.may(Permission::Office) {
        return Err(Error::Forbidden);
    }
    if source.len() > LONGEST_SOURCE {
        let text = Text::new("error-too-long").with("max", LONGEST_SOURCE);
        return Err(Error::field("source", text));
    }
    Ok(actor.staff().map(|staff| staff.id))
}

fn unchanged(tx: &Transaction<'_>, id: &PublicId, revision: i64) -> Result<Draft> {
    let draft = draft(tx, id)?;
    if draft.revision == revision {
        return Ok(draft);
    }
    Err(Error::Refused(Refusal {
        text: Text::new("error-tariff-draft-changed"),
        conflict: true,
    }))
}

fn note(
    tx: &Transaction<'_>,
    actor: &Actor,
    action: &'static str,
    id: i64,
    payload: serde_json::Value,
    now: Instant,
) -> Result<()> {
    let event = AuditEvent {
        action,
        subject: "tariff_draft",
        subject_id: Some(id),
        payload,
    };
    store::audit(tx, actor, now, &event)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::tariffs::{parse, tariff_on};
    use crate::testing::{Comune, morning};

    const SOURCE: &str = "# 2026\nname = \"Mensa\"\n\n[[component]]\ncode = \"meal\"\nunit = \"meal\"\nprice = \"4.00\" # intero\n";

    #[test]
    fn what_somebody_else_changed_meanwhile_is_not_overwritten() {
        let comune = Comune::new();
        let (clerk, meals) = (comune.as_clerk(), comune.meals);
        let refused = comune
            .write(move |tx| {
                let id = begin_draft(tx, &clerk, meals, SOURCE, morning())?;
                let other = SOURCE.replace("4.00", "4.10");
                save_draft(tx, &clerk, &id, 1, &other, morning())?;
                assert_eq!(draft(tx, &id)?.revision, 2);
                assert_eq!(draft(tx, &id)?.name(), "Mensa");
                save_draft(tx, &clerk, &id, 1, SOURCE, morning())
            })
            .unwrap_err();
        assert!(matches!(refused, Error::Refused(refusal) if refusal.conflict));
    }

    #[test]
    fn a_published_draft_says_where_it_applies_and_is_gone() {
        let comune = Comune::new();
        let (clerk, meals) = (comune.as_clerk(), comune.meals);
        comune
            .write(move |tx| {
                let id = begin_draft(tx, &clerk, meals, SOURCE, morning())?;
                publish_draft(tx, &clerk, (&id, 1), "mensa", date(2027, 1, 7), morning())?;
                assert!(drafts_of(tx, meals)?.is_empty());
                assert!(matches!(draft(tx, &id), Err(Error::NotFound)));
                let (_, rule) = tariff_on(tx, meals, date(2027, 1, 7))?;
                let applies = rule.applies.unwrap();
                assert_eq!(
                    (applies.service.as_str(), applies.from),
                    ("mensa", date(2027, 1, 7))
                );
                Ok(())
            })
            .unwrap();
        let kept = applying(SOURCE, "mensa", date(2027, 1, 7));
        assert!(
            kept.starts_with("# 2026\n") && kept.contains("# intero"),
            "{kept}"
        );
        assert!(parse(&kept).is_ok());
    }

    #[test]
    fn families_edit_no_tariffs() {
        let comune = Comune::new();
        let (mother, meals) = (comune.as_mother(), comune.meals);
        let refused = comune.write(move |tx| begin_draft(tx, &mother, meals, SOURCE, morning()));
        assert!(matches!(refused, Err(Error::Forbidden)));
    }
}
