//! Tariff rules: the file says which service it prices and from which day.

use std::path::Path;
use std::sync::Arc;

use super::{Fault, Report};
use crate::app::App;
use crate::base::{Actor, Error, FieldError, Text};
use crate::municipality;
use crate::store::{self, AuditEvent, Urgency};
use crate::tariffs::{self, RuleFault};

/// Publishes a rule file, unless the newest published one is this very file.
pub(super) fn import(app: &Arc<App>, path: &Path, dry_run: bool) -> Result<Report, Fault> {
    let source = std::fs::read_to_string(path).map_err(|e| Error::io(path, e))?;
    let rule = tariffs::check(&source).map_err(RuleFault::into_error)?;
    let Some(applies) = rule.applies else {
        return Err(Error::field("applies", Text::new("import-tariff-applies")).into());
    };
    let service = app
        .store
        .read(|db| municipality::service_by_code(db, &applies.service))?;
    let Some(service) = service else {
        let text = Text::new("import-no-service").with("code", applies.service.as_str());
        return Err(Error::Invalid(vec![FieldError::new("applies.service", text)]).into());
    };
    let known = app
        .store
        .read(|db| tariffs::is_published(db, service.id, applies.from, &source))?;
    if known {
        return Ok(Report {
            unchanged: 1,
            written: !dry_run,
            ..Report::default()
        });
    }
    if !dry_run {
        let now = app.now();
        let name = path
            .file_name()
            .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        app.store.write(Urgency::Background, move |tx| {
            let id = tariffs::publish(tx, service.id, &source, applies.from, now)?;
            let event = AuditEvent {
                action: "publish-tariff",
                subject: "tariff",
                subject_id: Some(id.0),
                payload: serde_json::json!({ "file": name, "from": applies.from }),
            };
            store::audit(tx, &Actor::System("import"), now, &event)
        })?;
    }
    Ok(Report {
        added: 1,
        written: !dry_run,
        ..Report::default()
    })
}
