//! The intake list of the office: what was sent, oldest first, narrowed down, counted, exported.

use rusqlite::{Connection, ToSql, Transaction};
use serde::Serialize;
use serde_json::json;

use super::office::require_office;
use super::sent::{ROWS, SentRow, State};
use crate::base::{Actor, Error, Instant, PersonId, PublicId, Result};
use crate::calls;
use crate::people;
use crate::store::{self, AuditEvent};

/// So many rows on a page of the list.
pub const PAGE: u32 = 50;
/// A search that finds more persons than this asks for more letters.
const MOST_PERSONS: u32 = 200;

/// What the list is narrowed down to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// A number, a fiscal code, or the beginning of a surname and a name (child or applicant).
    pub text: String,
    /// Only in this state.
    pub state: Option<State>,
    /// Only of this call.
    pub call: Option<PublicId>,
}

/// One page of the list.
#[derive(Debug, Serialize)]
pub struct Listed {
    /// The rows: oldest first, because they wait longest.
    pub rows: Vec<SentRow>,
    /// How many there are on all pages.
    pub total: i64,
}

/// How many applications are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// The office has not decided.
    pub submitted: i64,
    /// Accolte.
    pub accepted: i64,
    /// Respinte.
    pub refused: i64,
}

/// A filter as SQL: what stands behind `from`, and its values.
struct Narrowed {
    from: &'static str,
    values: [Box<dyn ToSql>; 4],
}

impl Narrowed {
    /// `state` is apart from the filter's own, because counting looks at all of them.
    fn by(db: &Connection, filter: &Filter, state: Option<State>) -> Result<Narrowed> {
        let call = match &filter.call {
            Some(id) => Some(calls::call_by_public_id(db, id)?.id),
            None => None,
        };
        let states = match state {
            Some(state) => json!([state]),
            None => json!([State::Submitted, State::Accepted, State::Refused]),
        };
        let text = filter.text.trim();
        let persons: Vec<PersonId> = people::search_people(db, text, MOST_PERSONS)?
            .into_iter()
            .map(|person| person.id)
            .collect();
        let persons = serde_json::to_string(&persons).map_err(Error::internal)?;
        // Two statements, so that each can go along an index: by state, or from what was searched.
        let from = if text.is_empty() {
            "from application_state s join application a on a.id = s.application_id
               join call c on c.id = a.call_id
             where s.state in (select value from json_each(?1)) and (?2 is null or a.call_id = ?2)
               and ?3 is not null and ?4 is not null"
        } else {
            "from application a join application_state s on s.application_id = a.id
               join call c on c.id = a.call_id
             where (a.number = upper(?3) or a.child_id in (select value from json_each(?4))
                    or a.applicant_id in (select value from json_each(?4)))
               and s.state in (select value from json_each(?1)) and (?2 is null or a.call_id = ?2)"
        };
        Ok(Narrowed {
            from,
            values: [
                Box::new(states.to_string()),
                Box::new(call),
                Box::new(text.to_owned()),
                Box::new(persons),
            ],
        })
    }

    fn values(&self) -> Vec<&dyn ToSql> {
        self.values.iter().map(AsRef::as_ref).collect()
    }

    /// The rows, oldest first; a negative limit means all of them.
    fn rows(&self, db: &Connection, limit: i64, offset: i64) -> Result<Vec<SentRow>> {
        let sql = format!(
            "{ROWS} {} order by a.submitted_at, a.id limit ?5 offset ?6",
            self.from
        );
        let mut values = self.values();
        values.extend([&limit as &dyn ToSql, &offset]);
        let mut statement = db.prepare_cached(&sql)?;
        let rows = statement.query_map(values.as_slice(), SentRow::read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

/// The applications that the office sees; pages count from 1.
///
/// # Errors
/// `Forbidden` for who is not of the office; `NotFound` for a call that there is not.
pub fn list_for_office(
    db: &Connection,
    actor: &Actor,
    filter: &Filter,
    page: u32,
) -> Result<Listed> {
    require_office(actor)?;
    let narrowed = Narrowed::by(db, filter, filter.state)?;
    let total = db
        .prepare_cached(&format!("select count(*) {}", narrowed.from))?
        .query_row(narrowed.values().as_slice(), |row| row.get(0))?;
    let offset = page.saturating_sub(1).saturating_mul(PAGE);
    let rows = narrowed.rows(db, PAGE.into(), offset.into())?;
    Ok(Listed { rows, total })
}

/// How many of what the filter lets through are in each state, whatever state it asks for.
///
/// # Errors
/// As [`list_for_office`].
pub fn counts_for_office(db: &Connection, actor: &Actor, filter: &Filter) -> Result<Counts> {
    require_office(actor)?;
    let narrowed = Narrowed::by(db, filter, None)?;
    let sql = format!(
        "select s.state, count(*) {} group by s.state",
        narrowed.from
    );
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query(narrowed.values().as_slice())?;
    let mut counts = Counts::default();
    while let Some(row) = rows.next()? {
        match row.get(0)? {
            State::Submitted => counts.submitted = row.get(1)?,
            State::Accepted => counts.accepted = row.get(1)?,
            State::Refused => counts.refused = row.get(1)?,
        }
    }
    Ok(counts)
}

/// Everything that the filter lets through, for a file that leaves the program: it is logged.
///
/// # Errors
/// As [`list_for_office`].
pub fn export_for_office(
    tx: &Transaction<'_>,
    actor: &Actor,
    filter: &Filter,
    now: Instant,
) -> Result<Vec<SentRow>> {
    require_office(actor)?;
    let rows = Narrowed::by(tx, filter, filter.state)?.rows(tx, -1, 0)?;
    let event = AuditEvent {
        action: "export-applications",
        subject: "application",
        subject_id: None,
        payload: json!({
            "rows": rows.len(), "text": filter.text, "state": filter.state, "call": filter.call,
        }),
    };
    store::audit(tx, actor, now, &event)?;
    Ok(rows)
}
