//! Sessions: a random token in the browser, its SHA-256 here; idle and absolute expiry; a new token
//! at every login, so that a planted one is worth nothing.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rusqlite::{Connection, OptionalExtension, Transaction};
use sha2::{Digest, Sha256};

use crate::base::{Error, Instant, PersonId, Result, StaffId};
use crate::store::random_bytes;

const MINUTE: i64 = 60_000;
/// A session ends after so much silence.
const IDLE: i64 = 30 * MINUTE;
/// A citizen's session ends after so long in any case.
const CITIZEN_ABSOLUTE: i64 = 8 * 60 * MINUTE;
/// A staff session ends after so long in any case.
const STAFF_ABSOLUTE: i64 = 12 * 60 * MINUTE;
/// A visitor's session carries a form token until the login, no longer.
const VISITOR_ABSOLUTE: i64 = 60 * MINUTE;
/// `last_seen_at` is written at most this often, so that reading pages does not write each time.
const TOUCH_EVERY: i64 = MINUTE;

/// The secret in the cookie: 256 random bits.
pub struct SessionToken(String);

impl SessionToken {
    fn random() -> Result<SessionToken> {
        Ok(SessionToken(URL_SAFE_NO_PAD.encode(random_bytes::<32>()?)))
    }

    /// What a browser sent.
    pub fn from_cookie(value: &str) -> SessionToken {
        SessionToken(value.to_owned())
    }

    /// The cookie's value.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

/// Whose session it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionKind {
    /// Nobody's yet: it carries the form token of the login pages.
    Visitor,
    /// A citizen's.
    Citizen(PersonId),
    /// A member of staff's.
    Staff(StaffId),
}

/// A live session.
#[derive(Clone, Debug)]
pub struct Session {
    /// SHA-256 of the token: the row's key.
    pub token_hash: [u8; 32],
    /// Whose.
    pub kind: SessionKind,
    /// The token that every form of this session carries.
    pub csrf: String,
    /// The page that was asked for before the login.
    pub return_to: Option<String>,
    last_seen_at: Instant,
}

fn open(
    tx: &Transaction<'_>,
    kind: SessionKind,
    method: &str,
    return_to: Option<&str>,
    now: Instant,
) -> Result<(SessionToken, Session)> {
    let token = SessionToken::random()?;
    let (name, person, staff, life) = match kind {
        SessionKind::Visitor => ("visitor", None, None, VISITOR_ABSOLUTE),
        SessionKind::Citizen(person) => ("citizen", Some(person), None, CITIZEN_ABSOLUTE),
        SessionKind::Staff(staff) => ("staff", None, Some(staff), STAFF_ABSOLUTE),
    };
    let session = Session {
        token_hash: token.hash(),
        kind,
        csrf: URL_SAFE_NO_PAD.encode(random_bytes::<24>()?),
        return_to: return_to.map(str::to_owned),
        last_seen_at: now,
    };
    tx.prepare_cached(
        "insert into session (token_hash, kind, person_id, staff_id, csrf, return_to, method,
                              created_at, last_seen_at, expires_at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9)",
    )?
    .execute((
        session.token_hash,
        name,
        person,
        staff,
        &session.csrf,
        return_to,
        method,
        now,
        now.plus_millis(life),
    ))?;
    Ok((token, session))
}

/// Opens a visitor's session.
///
/// # Errors
/// The database's own failure.
pub fn open_visitor(
    tx: &Transaction<'_>,
    return_to: Option<&str>,
    now: Instant,
) -> Result<(SessionToken, Session)> {
    open(tx, SessionKind::Visitor, "visitor", return_to, now)
}

/// Opens a citizen's session; the visitor's session before it ends.
///
/// # Errors
/// The database's own failure.
pub fn open_citizen(
    tx: &Transaction<'_>,
    before: Option<&Session>,
    person: PersonId,
    method: &str,
    now: Instant,
) -> Result<(SessionToken, Session)> {
    if let Some(before) = before {
        end_session(tx, before)?;
    }
    tx.execute(
        "insert into login_log (at, method, person_id, good) values (?1, ?2, ?3, 1)",
        (now, method, person),
    )?;
    open(tx, SessionKind::Citizen(person), method, None, now)
}

/// Opens a staff session; the visitor's session before it ends.
///
/// # Errors
/// The database's own failure.
pub fn open_staff(
    tx: &Transaction<'_>,
    before: Option<&Session>,
    staff: StaffId,
    now: Instant,
) -> Result<(SessionToken, Session)> {
    if let Some(before) = before {
        end_session(tx, before)?;
    }
    open(tx, SessionKind::Staff(staff), "password", None, now)
}

/// The live session of a token; `None` when there is none or it has expired.
///
/// # Errors
/// The database's own failure.
pub fn find_session(
    db: &Connection,
    token: &SessionToken,
    now: Instant,
) -> Result<Option<Session>> {
    let token_hash = token.hash();
    let session = db
        .prepare_cached(
            "select kind, person_id, staff_id, csrf, return_to, last_seen_at from session
             where token_hash = ?1 and expires_at > ?2 and last_seen_at > ?3",
        )?
        .query_row((token_hash, now, now.plus_millis(-IDLE)), |row| {
            let kind = match (row.get(1)?, row.get(2)?) {
                (Some(person), _) => SessionKind::Citizen(person),
                (None, Some(staff)) => SessionKind::Staff(staff),
                (None, None) => SessionKind::Visitor,
            };
            Ok(Session {
                token_hash,
                kind,
                csrf: row.get(3)?,
                return_to: row.get(4)?,
                last_seen_at: row.get(5)?,
            })
        })
        .optional()?;
    Ok(session)
}

impl Session {
    /// Whether [`touch`] has something to write.
    pub fn is_stale(&self, now: Instant) -> bool {
        now.0 - self.last_seen_at.0 >= TOUCH_EVERY
    }
}

/// Notes that the session is in use.
///
/// # Errors
/// The database's own failure.
pub fn touch(tx: &Transaction<'_>, token_hash: &[u8; 32], now: Instant) -> Result<()> {
    tx.prepare_cached("update session set last_seen_at = ?2 where token_hash = ?1")?
        .execute((token_hash, now))?;
    Ok(())
}

/// Logs out: the token is worth nothing afterwards.
///
/// # Errors
/// The database's own failure.
pub fn end_session(tx: &Transaction<'_>, session: &Session) -> Result<()> {
    tx.prepare_cached("delete from session where token_hash = ?1")?
        .execute([session.token_hash])?;
    Ok(())
}

/// A clerk's look at a family's pages ends after so long.
const VIEW: i64 = 10 * MINUTE;

/// Lets a staff session look at a family's pages for ten minutes; a look at another family ends.
///
/// # Errors
/// The database's own failure.
pub fn open_view(
    tx: &Transaction<'_>,
    session: &Session,
    person: PersonId,
    now: Instant,
) -> Result<()> {
    tx.execute(
        "insert into family_view (token_hash, person_id, until) values (?1, ?2, ?3)
         on conflict (token_hash) do update set person_id = excluded.person_id, until = excluded.until",
        (session.token_hash, person, now.plus_millis(VIEW)),
    )?;
    Ok(())
}

/// Ends the look; says at whom it was.
///
/// # Errors
/// The database's own failure.
pub fn close_view(tx: &Transaction<'_>, session: &Session) -> Result<Option<PersonId>> {
    let sql = "delete from family_view where token_hash = ?1 returning person_id";
    Ok(tx
        .prepare_cached(sql)?
        .query_row([session.token_hash], |row| row.get(0))
        .optional()?)
}

/// At whom a staff session looks now.
///
/// # Errors
/// The database's own failure.
pub fn viewed(db: &Connection, session: &Session, now: Instant) -> Result<Option<PersonId>> {
    let sql = "select person_id from family_view where token_hash = ?1 and until > ?2";
    Ok(db
        .prepare_cached(sql)?
        .query_row((session.token_hash, now), |row| row.get(0))
        .optional()?)
}

/// What the next page shows once.
///
/// # Errors
/// The database's own failure.
pub fn set_flash(tx: &Transaction<'_>, session: &Session, sentence: &str) -> Result<()> {
    tx.prepare_cached("update session set flash = ?2 where token_hash = ?1")?
        .execute((session.token_hash, sentence))?;
    Ok(())
}

/// Whether the next page has something to show once.
///
/// # Errors
/// The database's own failure.
pub fn has_flash(db: &Connection, token_hash: &[u8; 32]) -> Result<bool> {
    let sql = "select flash is not null from session where token_hash = ?1";
    let found = db
        .prepare_cached(sql)?
        .query_row([token_hash], |row| row.get(0))
        .optional()?;
    Ok(found.unwrap_or(false))
}

/// Takes what is to be shown once.
///
/// # Errors
/// The database's own failure.
pub fn take_flash(tx: &Transaction<'_>, token_hash: &[u8; 32]) -> Result<Option<String>> {
    let flash: Option<String> = tx
        .prepare_cached("select flash from session where token_hash = ?1")?
        .query_row([token_hash], |row| row.get(0))
        .optional()?
        .flatten();
    if flash.is_some() {
        tx.prepare_cached("update session set flash = null where token_hash = ?1")?
            .execute([token_hash])?;
    }
    Ok(flash)
}

/// Deletes sessions that are over.
///
/// # Errors
/// The database's own failure.
pub fn forget_expired(tx: &Transaction<'_>, now: Instant) -> Result<usize> {
    tx.execute("delete from session where expires_at <= ?1", [now])
        .map_err(Error::from)
}
