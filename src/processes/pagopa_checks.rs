//! What `check` says of the way to pagoPA. All of it warns; none of it makes a database unsound.

use rusqlite::Connection;

use super::checks::Finding;
use crate::app::App;
use crate::base::{Error, Result};
use crate::config::GatewayKind;
use crate::municipality;
use crate::payments::{self, Which};

/// Looks at what payments through pagoPA need.
///
/// # Errors
/// The database's own failure.
pub(super) fn look(app: &App, db: &Connection) -> Result<Vec<Finding>> {
    let mut findings = lacking(db)?;
    findings.extend(gateway(app, db)?);
    Ok(findings)
}

/// A warning where there is something to say.
fn warned(check: &'static str, detail: String) -> Finding {
    Finding {
        check,
        ok: true,
        warning: !detail.is_empty(),
        detail,
    }
}

fn said(wrong: bool, detail: String) -> String {
    if wrong { detail } else { String::new() }
}

/// What payments through pagoPA will lack: an account to pay to, numbers to give. A comune that has not
/// been founded yet is asked for nothing.
fn lacking(db: &Connection) -> Result<Vec<Finding>> {
    let comune = match municipality::municipality(db) {
        Ok(comune) => comune,
        Err(Error::NotFound) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let settings = municipality::pagopa_settings(db)?;
    let left = municipality::LAST_BASE - municipality::next_base(db)? + 1;
    let services = municipality::services(db)?;
    let without = services.iter().filter(|service| service.iban.is_empty());
    let lacking = settings.iban.is_empty() && without.count() > 0;
    let long = comune.too_long_for_notices();
    let long = long.iter().map(|(field, length, room)| {
        format!("{field} has {length} characters, a notice prints {room}")
    });
    let long: Vec<String> = long.collect();
    Ok(vec![
        warned("what notices print of the comune fits", long.join("; ")),
        warned(
            "payments through pagoPA have an account to go to",
            said(
                lacking,
                "no IBAN is set: the accountant writes it in “Impostazioni di pagoPA”".to_owned(),
            ),
        ),
        warned(
            "numbers for notices are left",
            said(
                left < municipality::FEW_BASES,
                format!("{left} left with this segregation code: ask PagoPA for another"),
            ),
        ),
    ])
}

/// Whether the way to pagoPA can work: its keys, what the platform did not take. Nothing
/// is asked of the network, and nothing of a key is said.
fn gateway(app: &App, db: &Connection) -> Result<Vec<Finding>> {
    let pagopa = &app.config.pagopa;
    if pagopa.gateway != GatewayKind::Gpd {
        return Ok(Vec::new());
    }
    let keys = pagopa.gpd.keys();
    let unread = keys.iter().filter_map(|(name, key)| {
        key.read()
            .err()
            .map(|why| format!("pagopa.gpd.{name}: {why}"))
    });
    let open = keys.iter().filter_map(|(name, key)| {
        let file = key.too_open()?;
        Some(format!(
            "pagopa.gpd.{name}: others can read {}",
            file.display()
        ))
    });
    let keys: Vec<String> = unread.chain(open).collect();
    let which = Which {
        dead: true,
        errand: None,
    };
    let dead = match payments::deliveries_count(db, which)? {
        0 => String::new(),
        count => format!("{count} wait for the office, see \"Invii a pagoPA\""),
    };
    Ok(vec![
        warned(
            "the keys of pagoPA can be read, by nobody else",
            keys.join("; "),
        ),
        warned("pagoPA took what it was sent", dead),
    ])
}
