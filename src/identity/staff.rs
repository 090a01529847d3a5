//! Staff accounts: who works here, with which roles; login with a password.

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::passwords::{PasswordHash, password_matches};
use crate::base::{Error, Instant, PublicId, Result, Role, SchoolId, StaffActor, StaffId, Text};

/// After so many wrong passwords within [`WINDOW`] the account waits.
const ATTEMPTS: i64 = 5;
const WINDOW: i64 = 15 * 60_000;

/// An account that is to be made.
pub struct NewStaff {
    /// What is typed at the login: lower case.
    pub username: String,
    /// Shown to colleagues and in histories.
    pub name: String,
    /// Already hashed.
    pub password: PasswordHash,
    /// What they may do.
    pub roles: Vec<Role>,
}

/// An account, as the login page needs it.
pub struct StaffAccount {
    /// Who.
    pub id: StaffId,
    /// Shown name.
    pub name: String,
    hash: String,
}

/// A line of the list of accounts.
pub struct StaffRow {
    /// What is typed at the login.
    pub username: String,
    /// Shown name.
    pub name: String,
    /// Roles, as text: `office`, `school:PRIM1` …
    pub roles: String,
    /// May not log in.
    pub disabled: bool,
}

/// Adds an account.
///
/// # Errors
/// When the user name is taken.
pub fn add_staff(tx: &Transaction<'_>, staff: &NewStaff, now: Instant) -> Result<StaffId> {
    let taken = "select 1 from staff where username = ?1";
    if tx
        .query_row(taken, [&staff.username], |_| Ok(()))
        .optional()?
        .is_some()
    {
        let text = Text::new("error-username-taken").with("username", staff.username.as_str());
        return Err(Error::field("username", text));
    }
    tx.execute(
        "insert into staff (public_id, username, name, password_hash, created_at)
         values (?1, ?2, ?3, ?4, ?5)",
        (
            PublicId::random()?,
            &staff.username,
            &staff.name,
            &staff.password.0,
            now,
        ),
    )?;
    let id = StaffId(tx.last_insert_rowid());
    give_roles(tx, id, &staff.roles)?;
    Ok(id)
}

fn give_roles(tx: &Transaction<'_>, id: StaffId, roles: &[Role]) -> Result<()> {
    for role in roles {
        let (name, scope) = stored(*role);
        tx.execute(
            "insert into staff_role (staff_id, role, scope) values (?1, ?2, ?3)",
            (id, name, scope),
        )?;
    }
    Ok(())
}

/// Gives an account these roles and takes every other from it, at once also for who is logged in.
///
/// # Errors
/// `NotFound` when there is no such user name.
pub fn set_roles(tx: &Transaction<'_>, username: &str, roles: &[Role]) -> Result<StaffId> {
    let id = by_username(tx, username)?;
    tx.execute("delete from staff_role where staff_id = ?1", [id])?;
    give_roles(tx, id, roles)?;
    Ok(id)
}

fn stored(role: Role) -> (&'static str, Option<SchoolId>) {
    match role {
        Role::Admin => ("admin", None),
        Role::Office => ("office", None),
        Role::Accountant => ("accountant", None),
        Role::Diets => ("diets", None),
        Role::Cashier => ("cashier", None),
        Role::School(school) => ("school", Some(school)),
    }
}

fn role(name: &str, scope: Option<SchoolId>) -> Option<Role> {
    Some(match (name, scope) {
        ("admin", _) => Role::Admin,
        ("office", _) => Role::Office,
        ("accountant", _) => Role::Accountant,
        ("diets", _) => Role::Diets,
        ("cashier", _) => Role::Cashier,
        ("school", Some(school)) => Role::School(school),
        _ => return None,
    })
}

/// Who a staff session belongs to; `NotFound` for a disabled account.
///
/// # Errors
/// The database's own failure.
pub fn staff_actor(db: &Connection, id: StaffId) -> Result<(StaffActor, String)> {
    let name = db
        .prepare_cached("select name from staff where id = ?1 and disabled = 0")?
        .query_row([id], |row| row.get(0))?;
    let mut statement =
        db.prepare_cached("select role, scope from staff_role where staff_id = ?1")?;
    let rows = statement.query_map([id], |row| Ok(role(&row.get::<_, String>(0)?, row.get(1)?)))?;
    let roles = rows
        .filter_map(std::result::Result::transpose)
        .collect::<rusqlite::Result<Vec<_>>>()?;
    Ok((StaffActor { id, roles }, name))
}

/// The name of a member of staff, also of one who has left: for histories.
///
/// # Errors
/// `NotFound`.
pub fn staff_name(db: &Connection, id: StaffId) -> Result<String> {
    Ok(db
        .prepare_cached("select name from staff where id = ?1")?
        .query_row([id], |row| row.get(0))?)
}

/// Tries a login: it only reads, and takes its time for the password. The caller then writes the
/// outcome down with [`note_login`]. A failure tells neither whether the name exists nor whether
/// the password was near; it carries the account that it counts against.
///
/// # Errors
/// The database's own failure.
pub fn attempt_login(
    db: &Connection,
    username: &str,
    password: &str,
    now: Instant,
) -> Result<std::result::Result<StaffAccount, (Option<StaffId>, Text)>> {
    let account = db
        .prepare_cached(
            "select id, name, password_hash from staff where username = ?1 and disabled = 0",
        )?
        .query_row([username.trim().to_lowercase()], |row| {
            Ok(StaffAccount {
                id: row.get(0)?,
                name: row.get(1)?,
                hash: row.get(2)?,
            })
        })
        .optional()?;
    if let Some(account) = &account {
        let recent: i64 = db
            .prepare_cached(
                "select count(*) from login_log where staff_id = ?1 and at > ?2 and good = 0",
            )?
            .query_row((account.id, now.plus_millis(-WINDOW)), |row| row.get(0))?;
        if recent >= ATTEMPTS {
            let wait = Text::new("error-login-locked").with("minutes", WINDOW / 60_000);
            return Ok(Err((None, wait)));
        }
    }
    let hash = account.as_ref().map(|a| a.hash.as_str());
    if password_matches(hash, password)?
        && let Some(account) = account
    {
        return Ok(Ok(account));
    }
    Ok(Err((account.map(|a| a.id), Text::new("error-login"))))
}

/// Writes down how a login went.
///
/// # Errors
/// The database's own failure.
pub fn note_login(tx: &Transaction<'_>, staff: StaffId, good: bool, now: Instant) -> Result<()> {
    tx.execute(
        "insert into login_log (at, method, staff_id, good) values (?1, 'password', ?2, ?3)",
        (now, staff, good),
    )?;
    Ok(())
}

/// The accounts, by user name.
///
/// # Errors
/// The database's own failure.
pub fn list_staff(db: &Connection) -> Result<Vec<StaffRow>> {
    let mut statement = db.prepare(
        "select s.username, s.name, s.disabled,
                coalesce((select group_concat(r.role || coalesce(':' || school.code, ''), ', ')
                          from staff_role r left join school on school.id = r.scope
                          where r.staff_id = s.id), '')
         from staff s order by s.username",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(StaffRow {
            username: row.get(0)?,
            name: row.get(1)?,
            disabled: row.get(2)?,
            roles: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Disables an account and ends its sessions.
///
/// # Errors
/// `NotFound` when there is no such user name.
pub fn disable_staff(tx: &Transaction<'_>, username: &str) -> Result<StaffId> {
    let id = by_username(tx, username)?;
    tx.execute("update staff set disabled = 1 where id = ?1", [id])?;
    tx.execute("delete from session where staff_id = ?1", [id])?;
    Ok(id)
}

/// Gives an account a new password and ends its sessions.
///
/// # Errors
/// `NotFound` when there is no such user name.
pub fn set_password(
    tx: &Transaction<'_>,
    username: &str,
    password: &PasswordHash,
) -> Result<StaffId> {
    let id = by_username(tx, username)?;
    tx.execute(
        "update staff set password_hash = ?2 where id = ?1",
        (id, &password.0),
    )?;
    tx.execute("delete from session where staff_id = ?1", [id])?;
    Ok(id)
}

fn by_username(db: &Connection, username: &str) -> Result<StaffId> {
    let sql = "select id from staff where username = ?1";
    Ok(db.query_row(sql, [username.trim().to_lowercase()], |row| row.get(0))?)
}
