//! Tariff rules: the file says which service it prices and from which day.

use std::path::Path;
use std::sync::Arc;

use rusqlite::Transaction;

use super::{Fault, Report};
use crate::app::App;
use crate::base::{Actor, Error, FieldError, Instant, Text};
use crate::charging;
use crate::municipality;
use crate::store::{self, AuditEvent, Urgency};
use crate::tariffs::{self, RuleFault};

/// Publishes a rule file, unless the newest published one is this very file.
pub(super) fn import(app: &Arc<App>, path: &Path, dry_run: bool) -> Result<Report, Fault> {
    let source = tariffs::text_of(std::fs::read(path).map_err(|e| Error::io(path, e))?)?;
    let now = app.now();
    let name = path
        .file_name()
        .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    // The transaction's error carries the answer out when nothing is to be written.
    let (tell, told) = std::sync::mpsc::channel();
    let written = app.store.write(Urgency::Background, move |tx| {
        let outcome = publish_once(tx, &name, &source, now);
        let keep = outcome.is_ok() && !dry_run;
        // The receiver lives as long as this call.
        let _ = tell.send(outcome);
        if keep { Ok(()) } else { Err(Error::Forbidden) }
    });
    let new = match (told.try_recv(), written) {
        (Ok(outcome), Ok(()) | Err(Error::Forbidden)) => outcome?,
        (_, Err(error)) => return Err(error.into()),
        (Err(_), Ok(())) => {
            return Err(Error::Internal("the import gave no report".to_owned()).into());
        }
    };
    Ok(Report {
        added: u64::from(new),
        unchanged: u64::from(!new),
        written: !dry_run,
        ..Report::default()
    })
}

/// Publishes a rule in a transaction; says whether it is new.
pub(super) fn publish_once(
    tx: &Transaction<'_>,
    name: &str,
    source: &str,
    now: Instant,
) -> Result<bool, Fault> {
    let rule = tariffs::ready(source).map_err(RuleFault::into_error)?;
    let Some(applies) = &rule.applies else {
        return Err(Error::field("applies", Text::new("import-tariff-applies")).into());
    };
    let Some(service) = municipality::service_by_code(tx, &applies.service)? else {
        let text = Text::new("import-no-service").with("code", applies.service.as_str());
        return Err(Error::Invalid(vec![FieldError::new("applies.service", text)]).into());
    };
    if tariffs::is_published(tx, service.id, applies.from, source)? {
        return Ok(false);
    }
    charging::require_chargeable(&rule, service.prepaid)?;
    let id = tariffs::publish(tx, service.id, source, applies.from, now)?;
    let event = AuditEvent {
        action: "publish-tariff",
        subject: "tariff",
        subject_id: Some(id.0),
        payload: serde_json::json!({ "file": name, "from": applies.from }),
    };
    store::audit(tx, &Actor::System("import"), now, &event)?;
    Ok(true)
}
