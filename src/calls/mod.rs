//! Calls for applications (avvisi): what can be asked for, from when until when, under which texts.

mod legal_texts;

use rusqlite::{Connection, Row, Transaction};
use serde::Serialize;
use serde_json::json;

use crate::base::{
    Actor, CallId, Error, Instant, LegalTextId, PublicId, Result, SchoolYear, ServiceId, Text,
    day_of,
};
use crate::store::{self, AuditEvent};

pub use legal_texts::{
    LegalKind, LegalText, NewLegalText, legal_text, newest_legal_text, publish_legal_text,
};

/// A deadline is written to the minute ("31/05/2027, 23:59"), and that minute still counts.
const LAST_MINUTE: i64 = 60_000;

/// A call that is to be made.
pub struct NewCall<'a> {
    /// "Avviso".
    pub title: &'a str,
    /// "Descrizione estesa".
    pub description: &'a str,
    /// The service that it opens.
    pub service: ServiceId,
    /// For which school year.
    pub year: SchoolYear,
    /// "Inizia dal".
    pub opens_at: Instant,
    /// "Scade il": the last minute in which an application can be sent.
    pub closes_at: Instant,
    /// The privacy notice that applicants accept.
    pub privacy: LegalTextId,
    /// The general conditions that applicants accept.
    pub conditions: LegalTextId,
    /// What families are asked to attach.
    pub documents_note: &'a str,
    /// Whether at least one attachment is needed.
    pub documents_required: bool,
}

/// Whether applications can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CallState {
    /// Not yet: it can be read.
    Upcoming,
    /// Now.
    Open,
    /// Not any more: it can be read.
    Closed,
}

/// A call.
#[derive(Clone, Debug, Serialize)]
pub struct Call {
    /// Inside.
    #[serde(skip)]
    pub id: CallId,
    /// Outside.
    pub public_id: PublicId,
    /// "Avviso".
    pub title: String,
    /// "Descrizione estesa".
    pub description: String,
    /// The service.
    #[serde(skip)]
    pub service_id: ServiceId,
    /// Its name.
    pub service: String,
    /// Its kind.
    pub service_kind: String,
    /// The calendar year in which the school year begins.
    pub year: i16,
    /// "Inizia dal".
    pub opens_at: Instant,
    /// "Scade il".
    pub closes_at: Instant,
    /// The privacy notice.
    #[serde(skip)]
    pub privacy: LegalTextId,
    /// The general conditions.
    #[serde(skip)]
    pub conditions: LegalTextId,
    /// What families are asked to attach; empty when nothing.
    pub documents_note: String,
    /// Whether at least one attachment is needed.
    pub documents_required: bool,
}

const SELECT: &str =
    "select c.id, c.public_id, c.title, c.description, c.service_id, s.name, s.kind,
        c.year, c.opens_at, c.closes_at, c.privacy_id, c.conditions_id, c.documents_note,
        c.documents_required
    from call c join service s on s.id = c.service_id";

impl Call {
    fn read(row: &Row<'_>) -> rusqlite::Result<Call> {
        Ok(Call {
            id: row.get(0)?,
            public_id: row.get(1)?,
            title: row.get(2)?,
            description: row.get(3)?,
            service_id: row.get(4)?,
            service: row.get(5)?,
            service_kind: row.get(6)?,
            year: row.get(7)?,
            opens_at: row.get(8)?,
            closes_at: row.get(9)?,
            privacy: row.get(10)?,
            conditions: row.get(11)?,
            documents_note: row.get(12)?,
            documents_required: row.get(13)?,
        })
    }

    /// The school year.
    pub fn school_year(&self) -> SchoolYear {
        SchoolYear::starting_in(self.year)
    }

    /// Whether a diet can be asked for: nobody is asked for health data without need.
    pub fn serves_food(&self) -> bool {
        matches!(self.service_kind.as_str(), "meals" | "nido")
    }

    /// Whether applications can be sent at a moment.
    pub fn state(&self, now: Instant) -> CallState {
        if now < self.opens_at {
            CallState::Upcoming
        } else if now < self.closes_at.plus_millis(LAST_MINUTE) {
            CallState::Open
        } else {
            CallState::Closed
        }
    }

    /// How many days are left, today not counted: 0 on the last day.
    pub fn days_left(&self, now: Instant) -> i32 {
        (day_of(self.closes_at) - day_of(now)).get_days()
    }

    /// Refuses when applications can't be sent at a moment.
    ///
    /// # Errors
    /// A refusal that says from when or until when.
    pub fn require_open(&self, now: Instant) -> Result<()> {
        match self.state(now) {
            CallState::Open => Ok(()),
            CallState::Upcoming => {
                let text = Text::new("error-call-upcoming").with("opens", self.opens_at);
                Err(Error::refused(text))
            }
            CallState::Closed => {
                let text = Text::new("error-call-closed").with("closed", self.closes_at);
                Err(Error::refused(text))
            }
        }
    }
}

/// Makes a call.
///
/// # Errors
/// Field errors for an empty title, a window that ends before it begins, a text of the wrong kind.
pub fn add_call(
    tx: &Transaction<'_>,
    actor: &Actor,
    new: &NewCall<'_>,
    now: Instant,
) -> Result<CallId> {
    if new.title.trim().is_empty() {
        return Err(Error::field("title", Text::new("error-required")));
    }
    if new.closes_at <= new.opens_at {
        return Err(Error::field("closes_at", Text::new("error-call-window")));
    }
    for (field, id, kind) in [
        ("privacy", new.privacy, LegalKind::Privacy),
        ("conditions", new.conditions, LegalKind::Conditions),
    ] {
        if legal_text(tx, id)?.kind != kind {
            return Err(Error::field(field, Text::new("error-choose")));
        }
    }
    tx.prepare_cached(
        "insert into call (public_id, title, description, service_id, year, opens_at, closes_at,
                           privacy_id, conditions_id, documents_note, documents_required)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute((
        PublicId::random()?,
        new.title.trim(),
        new.description.trim(),
        new.service,
        new.year,
        new.opens_at,
        new.closes_at,
        new.privacy,
        new.conditions,
        new.documents_note.trim(),
        new.documents_required,
    ))?;
    let id = CallId(tx.last_insert_rowid());
    if actor.staff().is_some() {
        let event = AuditEvent {
            action: "add-call",
            subject: "call",
            subject_id: Some(id.0),
            payload: json!({
                "title": new.title.trim(), "opens_at": new.opens_at, "closes_at": new.closes_at,
            }),
        };
        store::audit(tx, actor, now, &event)?;
    }
    Ok(id)
}

/// The calls as a family reads them: open ones first, the nearest deadline on top, then those to
/// come, then what has closed in the last two years. Calls are public: no actor is asked for.
///
/// # Errors
/// The database's own failure.
pub fn calls(db: &Connection, now: Instant) -> Result<Vec<Call>> {
    let two_years_ago = now.plus_millis(-2 * 366 * 24 * 3600 * 1000);
    let sql = format!("{SELECT} where c.closes_at > ?1 order by c.closes_at, c.id");
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map([two_years_ago], Call::read)?;
    let mut calls: Vec<Call> = rows.collect::<rusqlite::Result<_>>()?;
    calls.sort_by_key(|call| match call.state(now) {
        CallState::Open => (0, call.closes_at.0),
        CallState::Upcoming => (1, call.opens_at.0),
        CallState::Closed => (2, -call.closes_at.0),
    });
    Ok(calls)
}

/// A call.
///
/// # Errors
/// `NotFound`.
pub fn call(db: &Connection, id: CallId) -> Result<Call> {
    let sql = format!("{SELECT} where c.id = ?1");
    Ok(db.prepare_cached(&sql)?.query_row([id], Call::read)?)
}

/// A call by its public id.
///
/// # Errors
/// `NotFound`.
pub fn call_by_public_id(db: &Connection, id: &PublicId) -> Result<Call> {
    let sql = format!("{SELECT} where c.public_id = ?1");
    Ok(db.prepare_cached(&sql)?.query_row([id], Call::read)?)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::testing::{Comune, morning};

    fn texts(comune: &Comune) -> (LegalTextId, LegalTextId) {
        let actor = comune.as_clerk();
        comune
            .write(move |tx| {
                let publish = |kind, body| {
                    let new = NewLegalText {
                        kind,
                        service: None,
                        title: "Testo",
                        body,
                    };
                    publish_legal_text(tx, &actor, &new, morning())
                };
                let privacy = publish(LegalKind::Privacy, "Prima.")?;
                publish(LegalKind::Privacy, "Seconda.")?;
                Ok((privacy, publish(LegalKind::Conditions, "Condizioni.")?))
            })
            .unwrap()
    }

    #[test]
    fn the_last_minute_of_a_call_still_counts() {
        let comune = Comune::new();
        let (privacy, conditions) = texts(&comune);
        let (actor, meals) = (comune.as_clerk(), comune.meals);
        let at = |d: i8, h: i8, m: i8, s: i8| Instant::from_rome(date(2026, 11, d).at(h, m, s, 0));
        let (opens_at, closes_at) = (at(3, 8, 0, 0), at(15, 23, 59, 0));
        let call = comune
            .write(move |tx| {
                let new = NewCall {
                    title: "Mensa",
                    description: "Iscrizione alla mensa",
                    service: meals,
                    year: SchoolYear::starting_in(2026),
                    opens_at,
                    closes_at,
                    privacy,
                    conditions,
                    documents_note: "",
                    documents_required: false,
                };
                let wrong = NewCall {
                    privacy: conditions,
                    ..NewCall { ..new }
                };
                assert!(matches!(
                    add_call(tx, &actor, &wrong, morning()),
                    Err(Error::Invalid(_))
                ));
                let id = add_call(tx, &actor, &NewCall { privacy, ..wrong }, morning())?;
                call(tx, id)
            })
            .unwrap();
        assert_eq!(call.state(at(3, 7, 59, 59)), CallState::Upcoming);
        assert_eq!(call.state(at(3, 8, 0, 0)), CallState::Open);
        assert_eq!(call.state(at(15, 23, 59, 59)), CallState::Open);
        assert_eq!(call.state(at(16, 0, 0, 0)), CallState::Closed);
        assert_eq!(call.days_left(at(3, 23, 0, 0)), 12);
        assert_eq!(call.days_left(at(15, 1, 0, 0)), 0);
    }

    #[test]
    fn a_published_text_is_final_and_gets_a_next_version() {
        let comune = Comune::new();
        let (privacy, _) = texts(&comune);
        let newest = comune
            .store
            .read(|db| newest_legal_text(db, LegalKind::Privacy, None))
            .unwrap()
            .unwrap();
        assert_eq!((newest.version, newest.body.as_str()), (2, "Seconda."));
        let changed = comune.write(move |tx| {
            tx.execute(
                "update legal_text set body = 'altro' where id = ?1",
                [privacy],
            )?;
            Ok(())
        });
        assert!(changed.is_err());
    }
}
