//! Where money paid through pagoPA goes, and how notices are numbered and printed.

use rusqlite::{Connection, Transaction};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{service, taxonomy};
use crate::base::{Actor, Error, FieldError, Instant, Permission, Result, ServiceId, Text, iban};
use crate::store::{self, AuditEvent};

/// The series that bases of notice numbers are taken from.
pub const NOTICE_BASES: &str = "notice-base";
/// Bases have 13 digits: this is the last.
pub const LAST_BASE: i64 = 9_999_999_999_999;
/// `campanella check` warns when fewer bases than these are left.
pub const FEW_BASES: i64 = 10_000_000;

/// What the accountant says once about pagoPA. What the platform's key is and where it answers stands
/// in `campanella.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PagopaSettings {
    /// The account that takings go to, registered with pagoPA; empty: not said yet.
    pub iban: String,
    /// The postal account (conto corrente postale), up to 12 digits; empty: the comune has none.
    pub postal_account: String,
    /// Its IBAN.
    pub postal_iban: String,
    /// Its holder, as Poste know it.
    pub postal_holder: String,
    /// The authorisation that Poste gave to print notices (`AUT. DB/…`).
    pub postal_authorisation: String,
    /// The first base of a notice number that this program gives.
    pub first_base: i64,
    /// Changes with each saving.
    pub revision: i64,
}

/// The settings as they are typed, and as `init --config` reads them (`[pagopa]`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NewPagopa {
    /// As in [`PagopaSettings`]; spaces don't matter.
    pub iban: String,
    /// As in [`PagopaSettings`].
    pub postal_account: String,
    /// As in [`PagopaSettings`].
    pub postal_iban: String,
    /// As in [`PagopaSettings`], at most 50 characters.
    pub postal_holder: String,
    /// As in [`PagopaSettings`], at most 60 characters.
    pub postal_authorisation: String,
    /// 1 to [`LAST_BASE`].
    pub first_base: i64,
}

impl Default for NewPagopa {
    fn default() -> NewPagopa {
        NewPagopa {
            iban: String::new(),
            postal_account: String::new(),
            postal_iban: String::new(),
            postal_holder: String::new(),
            postal_authorisation: String::new(),
            first_base: 1,
        }
    }
}

impl NewPagopa {
    /// Brings the fields into the form that is stored, and says everything that is wrong.
    fn checked(&self) -> Result<NewPagopa> {
        let mut wrong = Vec::new();
        let mut say = |field: &str, key: &'static str| {
            wrong.push(FieldError::new(field, Text::new(key)));
        };
        let mut account = |field: &str, typed: &str| match typed.trim() {
            "" => String::new(),
            typed => match iban(typed).filter(|iban| iban.starts_with("IT")) {
                Some(iban) => iban,
                None => {
                    say(field, "error-iban");
                    String::new()
                }
            },
        };
        let iban = account("iban", &self.iban);
        let postal_iban = account("postal_iban", &self.postal_iban);
        let digits: String = self.postal_account.split_whitespace().collect();
        let given = !digits.is_empty();
        if given && (digits.len() > 12 || !digits.bytes().all(|b| b.is_ascii_digit())) {
            say("postal_account", "error-postal-account");
        } else if given && self.postal_iban.trim().is_empty() {
            say("postal_iban", "error-required");
        } else if !postal_iban.is_empty() && !given {
            say("postal_account", "error-required");
        } else if !postal_iban.is_empty()
            && (postal_iban.get(5..10) != Some("07601")
                || postal_iban.get(15..) != Some(format!("{digits:0>12}").as_str()))
        {
            // The IBAN of a postal account has the ABI of Poste Italiane, and ends with the account.
            say("postal_iban", "error-postal-iban");
        }
        let holder = self.postal_holder.trim();
        let authorisation = self.postal_authorisation.trim();
        if given && holder.is_empty() {
            say("postal_holder", "error-required");
        }
        if holder.chars().count() > 50 {
            say("postal_holder", "error-postal-holder");
        }
        if !authorisation.is_empty() && !given {
            say(
                "postal_authorisation",
                "error-authorisation-without-account",
            );
        } else if !authorisation.is_empty()
            && (authorisation.chars().count() > 60
                || !authorisation.to_uppercase().starts_with("AUT"))
        {
            say("postal_authorisation", "error-postal-authorisation");
        }
        if !(1..=LAST_BASE).contains(&self.first_base) {
            say("first_base", "error-first-base");
        }
        if !wrong.is_empty() {
            return Err(Error::Invalid(wrong));
        }
        Ok(NewPagopa {
            iban,
            postal_account: digits,
            postal_iban,
            postal_holder: holder.to_owned(),
            postal_authorisation: authorisation.to_owned(),
            first_base: self.first_base,
        })
    }
}

/// Reads the settings.
///
/// # Errors
/// The database's own failure.
pub fn pagopa_settings(db: &Connection) -> Result<PagopaSettings> {
    let sql = "select iban, postal_account, postal_iban, postal_holder, postal_authorisation,
                      first_base, revision
               from pagopa_setting where id = 1";
    Ok(db.prepare_cached(sql)?.query_row([], |row| {
        Ok(PagopaSettings {
            iban: row.get(0)?,
            postal_account: row.get(1)?,
            postal_iban: row.get(2)?,
            postal_holder: row.get(3)?,
            postal_authorisation: row.get(4)?,
            first_base: row.get(5)?,
            revision: row.get(6)?,
        })
    })?)
}

/// The base of the next notice number.
///
/// # Errors
/// The database's own failure.
pub fn next_base(db: &Connection) -> Result<i64> {
    let first = pagopa_settings(db)?.first_base;
    Ok(store::upcoming_number(db, NOTICE_BASES)?.map_or(first, |next| next.max(first)))
}

/// The settings as `init --config` reads them: a copy of the comune goes on where this one is.
///
/// # Errors
/// The database's own failure.
pub fn exported_pagopa(db: &Connection) -> Result<NewPagopa> {
    let now = pagopa_settings(db)?;
    Ok(NewPagopa {
        first_base: next_base(db)?.min(LAST_BASE),
        iban: now.iban,
        postal_account: now.postal_account,
        postal_iban: now.postal_iban,
        postal_holder: now.postal_holder,
        postal_authorisation: now.postal_authorisation,
    })
}

/// Writes the settings at `init`.
///
/// # Errors
/// Field errors that say what is wrong.
pub fn found_pagopa(tx: &Transaction<'_>, new: &NewPagopa) -> Result<()> {
    write(tx, &new.checked()?)
}

/// Changes the settings: the accountant, who saw them at `revision`. A first base above the last
/// number raises the counter; numbers that were given are never given again.
///
/// # Errors
/// `Forbidden`; field errors; a conflict when somebody else saved meanwhile.
pub fn change_pagopa(
    tx: &Transaction<'_>,
    actor: &Actor,
    new: &NewPagopa,
    revision: i64,
    now: Instant,
) -> Result<()> {
    let before = unchanged(tx, actor, revision)?;
    let new = new.checked()?;
    let next = next_base(tx)?;
    if new.first_base != before.first_base && new.first_base < next {
        let text = Text::new("error-first-base-given").with("next", next.to_string());
        return Err(Error::field("first_base", text));
    }
    write(tx, &new)?;
    let event = AuditEvent {
        action: "change-pagopa",
        subject: "pagopa_setting",
        subject_id: Some(1),
        payload: json!({ "before": before, "after": new }),
    };
    store::audit(tx, actor, now, &event)
}

/// What the accountant says of one service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ServicePagopa {
    /// `9/0107101TS/`.
    pub taxonomy: String,
    /// The account that its payments go to; empty: the comune's.
    pub iban: String,
    /// Whether a notice can still be paid when its day is past.
    pub pays_after_due: bool,
}

/// Changes how a service's payments are classed, where they go, and until when; `revision` is that of
/// the settings.
///
/// # Errors
/// As [`change_pagopa`].
pub fn change_service_pagopa(
    tx: &Transaction<'_>,
    actor: &Actor,
    id: ServiceId,
    new: &ServicePagopa,
    revision: i64,
    now: Instant,
) -> Result<()> {
    unchanged(tx, actor, revision)?;
    let before = service(tx, id)?;
    let new = ServicePagopa {
        taxonomy: taxonomy::taxonomy(&new.taxonomy)?,
        iban: service_iban(&new.iban)?,
        pays_after_due: new.pays_after_due,
    };
    tx.prepare_cached(
        "update service set taxonomy = ?2, iban = ?3, pays_after_due = ?4 where id = ?1",
    )?
    .execute((id, &new.taxonomy, &new.iban, new.pays_after_due))?;
    tx.prepare_cached("update pagopa_setting set revision = revision + 1 where id = 1")?
        .execute([])?;
    let before = ServicePagopa {
        taxonomy: before.taxonomy,
        iban: before.iban,
        pays_after_due: before.pays_after_due,
    };
    let event = AuditEvent {
        action: "change-service-pagopa",
        subject: "service",
        subject_id: Some(id.0),
        payload: json!({ "before": before, "after": new }),
    };
    store::audit(tx, actor, now, &event)
}

/// The account of a service's own, if one was typed.
pub(super) fn service_iban(typed: &str) -> Result<String> {
    if typed.trim().is_empty() {
        return Ok(String::new());
    }
    iban(typed)
        .filter(|iban| iban.starts_with("IT"))
        .ok_or_else(|| Error::field("iban", Text::new("error-iban")))
}

fn unchanged(tx: &Transaction<'_>, actor: &Actor, revision: i64) -> Result<PagopaSettings> {
    if actor.staff().is_none() || !actor.may(Permission::Accounting) {
        return Err(Error::Forbidden);
    }
    let before = pagopa_settings(tx)?;
    if before.revision != revision {
        return Err(Error::conflict(Text::new("error-changed-elsewhere")));
    }
    Ok(before)
}

fn write(tx: &Transaction<'_>, new: &NewPagopa) -> Result<()> {
    tx.prepare_cached(
        "update pagopa_setting set iban = ?1, postal_account = ?2, postal_iban = ?3,
                postal_holder = ?4, postal_authorisation = ?5, first_base = ?6,
                revision = revision + 1
         where id = 1",
    )?
    .execute((
        &new.iban,
        &new.postal_account,
        &new.postal_iban,
        &new.postal_holder,
        &new.postal_authorisation,
        new.first_base,
    ))?;
    store::raise_number(tx, NOTICE_BASES, new.first_base)
}

#[cfg(test)]
mod tests;
