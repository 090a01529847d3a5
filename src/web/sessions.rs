//! Whose request it is: the session behind the cookie, and whether a clerk looks with a family's eyes.

use super::cx::{Cx, Shown};
use crate::base::{Actor, Error, Permission, Result};
use crate::identity::{self, SessionKind, SessionToken};
use crate::people;

pub(super) fn load_session(cx: &mut Cx, cookie: Option<&str>) -> Result<()> {
    let Some(cookie) = cookie else { return Ok(()) };
    let (token, now) = (SessionToken::from_cookie(cookie), cx.now);
    let found = cx.read(|db| {
        let Some(session) = identity::find_session(db, &token, now)? else {
            return Ok(None);
        };
        let (actor, name) = match session.kind {
            SessionKind::Visitor => (Actor::Stranger, None),
            SessionKind::Citizen(id) => (
                Actor::Citizen(id),
                Some(people::person(db, id)?.full_name()),
            ),
            SessionKind::Staff(id) => match identity::staff_actor(db, id) {
                Ok((staff, name)) => (Actor::Staff(staff), Some(name)),
                Err(Error::NotFound) => return Ok(None),
                Err(error) => return Err(error),
            },
        };
        Ok(Some((session, actor, name)))
    })?;
    let Some((session, actor, name)) = found else {
        return Ok(());
    };
    if session.is_stale(now) {
        let hash = session.token_hash;
        let touched = cx.write(move |tx| identity::touch(tx, &hash, now));
        readable_all_the_same(cx, touched)?;
    }
    cx.actor = actor;
    cx.shown = name.map(|name| Shown { name });
    cx.session = Some(session);
    Ok(())
}

/// A member of the office who opened a look at a family sees its pages instead of any of their own;
/// the dispatcher lets no form through meanwhile and [`Cx::write`] no write.
pub(super) fn load_view(cx: &mut Cx, cookie: Option<&str>) -> Result<()> {
    let Some(cookie) = cookie else { return Ok(()) };
    let (token, now) = (SessionToken::from_cookie(cookie), cx.now);
    let found = cx.read(|db| {
        let Some(session) = identity::find_session(db, &token, now)? else {
            return Ok(None);
        };
        let SessionKind::Staff(id) = session.kind else {
            return Ok(None);
        };
        let Some(person) = identity::viewed(db, &session, now)? else {
            return Ok(None);
        };
        match identity::staff_actor(db, id) {
            Ok((staff, _)) if Actor::Staff(staff.clone()).may(Permission::Office) => {}
            Ok(_) | Err(Error::NotFound) => return Ok(None),
            Err(error) => return Err(error),
        }
        let name = people::person(db, person)?.full_name();
        Ok(Some((session, person, name)))
    })?;
    if let Some((session, person, name)) = found {
        cx.actor = Actor::Citizen(person);
        cx.shown = Some(Shown { name });
        cx.session = Some(session);
        cx.viewing = true;
    }
    Ok(())
}

/// What a page writes on the side must not keep it from being read while nothing can be written.
pub(super) fn readable_all_the_same<T>(cx: &Cx, written: Result<T>) -> Result<Option<T>> {
    match written {
        Err(error @ Error::Storage(..)) => {
            tracing::error!(request_id = cx.request_id, %error, "a page is shown, but nothing can be written");
            Ok(None)
        }
        other => other.map(Some),
    }
}
