//! Step 5: attachments. One form holds the file and every button, so that a chosen file is never
//! left behind.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Found, address, already_sent, download, find, listed, save, show_step, too_far};
use crate::applications::{self, Draft, MOST_ATTACHMENTS, Step};
use crate::base::Permission::Citizen;
use crate::base::{Error, FieldError, PublicId, Result, Text, time_it};
use crate::documents::{LARGEST, NewUpload};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

const TEMPLATE: &str = "citizen/applications/step5.html";

/// More than one file may weigh, so that a photo that is too large is answered beside its field.
const LARGEST_FORM_MIB: usize = 24;

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/area/domande/bozza/:id/documenti", Citizen, show),
        post("/area/domande/bozza/:id/documenti", Citizen, store).mib(LARGEST_FORM_MIB),
        get("/area/domande/bozza/:id/documenti/:document", Citizen, open),
        post(
            "/area/domande/bozza/:id/documenti/:document/elimina",
            Citizen,
            remove,
        ),
    ]
}

fn data(draft: &Draft) -> Value {
    let base = format!("/area/domande/bozza/{}/documenti", draft.public_id);
    let attachments: Vec<_> = draft.attachments.iter().map(|d| listed(d, &base)).collect();
    json!({
        "attachments": attachments,
        "most": MOST_ATTACHMENTS,
        "full": draft.attachments.len() >= MOST_ATTACHMENTS,
        "max_mb": LARGEST / (1024 * 1024),
        "with_diet": !draft.special.diet_code.is_empty(),
        "typed_certificate": false,
    })
}

fn show(cx: &mut Cx) -> Result<Reply> {
    match find(cx)? {
        Found::Sent(sent) => already_sent(cx, &sent),
        Found::Draft(draft) => match too_far(cx, &draft, Step::Documents) {
            Some(back) => back,
            None => show_step(cx, &draft, Step::Documents, TEMPLATE, data(&draft), None),
        },
    }
}

fn again(cx: &Cx, error: Error) -> Result<Reply> {
    let Found::Draft(draft) = find(cx)? else {
        return Err(error);
    };
    let mut data = data(&draft);
    data["typed_certificate"] = json!(cx.form.has("certificate"));
    show_step(cx, &draft, Step::Documents, TEMPLATE, data, Some(error))
}

fn store(cx: &mut Cx) -> Result<Reply> {
    let draft = match find(cx)? {
        Found::Draft(draft) => draft,
        Found::Sent(sent) => return already_sent(cx, &sent),
    };
    if let Some(back) = too_far(cx, &draft, Step::Documents) {
        return back;
    }
    let id = draft.public_id;
    let attached = match attach(cx, &id) {
        Ok(attached) => attached,
        Err(error @ Error::Invalid(_)) => return again(cx, error),
        Err(error) => return Err(error),
    };
    if cx.form.has("attach") {
        if !attached {
            let nothing = FieldError::new("file", Text::new("error-document-none"));
            return again(cx, Error::Invalid(vec![nothing]));
        }
        return cx.redirect_saying(
            address(&id, Step::Documents),
            &Text::new("app-document-attached"),
        );
    }
    let Found::Draft(draft) = find(cx)? else {
        return Err(Error::NotFound);
    };
    if cx.form.has("save_draft") {
        save(cx, &draft, Step::Documents)?;
        let text = Text::new("app-draft-saved").with("time", time_it(cx.now));
        return cx.redirect_saying(address(&id, Step::Documents), &text);
    }
    let faults =
        cx.read(|db| applications::faults(db, &cx.actor, &draft, Step::Documents, cx.now))?;
    if !faults.is_empty() {
        return again(cx, Error::Invalid(faults));
    }
    save(cx, &draft, Step::Sending)?;
    cx.redirect(address(&id, Step::Sending))
}

/// Attaches the file that came with the form, if one came.
fn attach(cx: &mut Cx, draft: &PublicId) -> Result<bool> {
    let Some(file) = cx.form.take_files().into_iter().next() else {
        return Ok(false);
    };
    let upload = NewUpload {
        field: "file",
        filename: file.filename,
        bytes: file.bytes,
        certificate: cx.form.has("certificate"),
    };
    let (app, actor, draft) = (Arc::clone(&cx.app), cx.actor.clone(), draft.clone());
    let now = cx.now;
    cx.write(move |tx| applications::attach(tx, &app.key, &actor, &draft, &upload, now))?;
    Ok(true)
}

fn open(cx: &mut Cx) -> Result<Reply> {
    let wanted = cx.id("document")?;
    match find(cx)? {
        Found::Sent(sent) => already_sent(cx, &sent),
        Found::Draft(draft) => {
            let found = draft.attachments.into_iter();
            let document = found.into_iter().find(|d| d.public_id == wanted);
            download(cx, document.ok_or(Error::NotFound)?)
        }
    }
}

fn remove(cx: &mut Cx) -> Result<Reply> {
    let document = cx.id("document")?;
    let draft = match find(cx)? {
        Found::Draft(draft) => draft,
        Found::Sent(sent) => return already_sent(cx, &sent),
    };
    let (app, actor, now) = (Arc::clone(&cx.app), cx.actor.clone(), cx.now);
    let id = draft.public_id.clone();
    cx.write(move |tx| applications::detach(tx, &app.key, &actor, &id, &document, now))?;
    cx.redirect_saying(
        address(&draft.public_id, Step::Documents),
        &Text::new("app-document-deleted"),
    )
}
