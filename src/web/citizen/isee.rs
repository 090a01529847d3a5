//! "ISEE": what counts for each child, from when, until when and why; and the parent's own
//! declaration of a new one.

use std::sync::Arc;

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::base::Permission::Citizen;
use crate::base::{Date, Error, PersonId, PublicId, Result, Text, day_of};
use crate::documents::LARGEST;
use crate::enrolments;
use crate::isee::{self, Isee, IseeKind, NewLodged};
use crate::people;
use crate::web::cx::Cx;
use crate::web::form::Upload;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

const TEMPLATE: &str = "citizen/isee.html";

/// More than the file may weigh, so that a photo that is too large is answered beside its field.
const LARGEST_FORM_MIB: usize = 24;

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/area/isee", Citizen, show),
        post("/area/isee", Citizen, declare).mib(LARGEST_FORM_MIB),
        get("/area/isee/attestazioni/:isee", Citizen, certificate),
    ]
}

fn show(cx: &mut Cx) -> Result<Reply> {
    cx.page(TEMPLATE, cx.say("isee-title"), data(cx)?)
}

fn data(cx: &Cx) -> Result<Value> {
    let today = cx.today();
    cx.read(|db| {
        let (_, rule) = isee::policy_on(db, today)?;
        let own_rule = !isee::policy_versions(db)?.is_empty();
        let words = isee::in_words(&rule);
        Ok(json!({
            "children": children(cx, db)?,
            "kinds": [
                { "value": IseeKind::Minorenni, "label": cx.say("isee-kind-minorenni") },
                { "value": IseeKind::Ordinario, "label": cx.say("isee-kind-ordinario") },
                { "value": IseeKind::Corrente, "label": cx.say("isee-kind-corrente") },
            ],
            "year_end": format!("{}-12-31", today.year()),
            "max_mb": LARGEST / (1024 * 1024),
            "rule": if own_rule {
                words.iter().map(|text| cx.say_text(text)).collect()
            } else {
                Vec::new()
            },
            "typed": cx.form.typed(),
            "chosen": cx.form.all("child").collect::<Vec<_>>(),
        }))
    })
}

/// The children of who looks. A value is shown to who declared it and to who pays for the child: the
/// other parent's household is not everybody's business.
fn children(cx: &Cx, db: &Connection) -> Result<Vec<Value>> {
    let (me, today) = (cx.person()?, cx.today());
    let enrolments = enrolments::of_family(db, &cx.actor, today)?;
    let mut shown = Vec::new();
    for tie in people::children_of(db, &cx.actor, today)? {
        let child = people::person(db, tie.child)?;
        let pays = enrolments
            .iter()
            .any(|e| e.child_id == tie.child && e.payer_id == me);
        let records = isee::of_child(db, tie.child)?;
        let row = |isee: &Isee| drawn(cx, db, isee, me, pays);
        let coming = records
            .iter()
            .find(|isee| isee.valid_from > today && isee.withdrawn.is_none());
        shown.push(json!({
            "id": child.public_id,
            "name": child.name,
            "counts": isee::counting(&records, today).map(row).transpose()?,
            "coming": coming.map(row).transpose()?,
            "history": records.iter().map(row).collect::<Result<Vec<_>>>()?,
        }));
    }
    Ok(shown)
}

fn drawn(cx: &Cx, db: &Connection, isee: &Isee, me: PersonId, pays: bool) -> Result<Value> {
    let (from, to) = isee::why(db, isee)?;
    let mine = isee.declared_by == Some(me);
    let visible = mine || pays;
    Ok(json!({
        "value": visible.then_some(isee.value),
        "protocol": if visible { isee.protocol.as_str() } else { "" },
        "kind": isee.kind,
        "omissions": isee.omissions,
        "from": isee.valid_from,
        "to": isee.valid_to,
        "why_from": cx.say_text(&from),
        "why_to": cx.say_text(&to),
        "mine": mine,
        "declared": isee.declared_by.is_some(),
        "checked": isee.checked,
        "certificate": (mine && isee.certificate)
            .then(|| format!("/area/isee/attestazioni/{}", isee.public_id)),
        "withdrawn": isee.withdrawn.is_some(),
        "reason": if mine { isee.withdrawn.as_deref() } else { None },
        "day": day_of(isee.recorded_at),
    }))
}

/// What was typed.
struct Declared {
    children: Vec<PublicId>,
    value: crate::base::Cents,
    kind: IseeKind,
    protocol: String,
    omissions: bool,
    own_from: Date,
    own_to: Date,
}

fn typed(cx: &Cx) -> Result<Declared> {
    let mut checks = cx.form.check();
    let children: Result<Vec<PublicId>, ()> = cx.form.all("child").map(str::parse).collect();
    let children = children.map_err(|()| Error::NotFound)?;
    let value = checks.amount("value");
    let kind = checks.choice("kind", IseeKind::parse);
    let protocol = checks.required("protocol", 60);
    if !protocol.is_empty() && isee::protocol_of_inps(&protocol).is_none() {
        checks.wrong("protocol", Text::new("error-isee-protocol"));
    }
    let own_from = checks.date("valid_from", true);
    let own_to = checks.date("valid_to", true);
    if children.is_empty() {
        checks.wrong("child", Text::new("error-isee-children"));
    }
    if !cx.form.has("truth") {
        checks.wrong("truth", Text::new("error-isee-truth"));
    }
    checks.done()?;
    let (Some(kind), Some(own_from), Some(own_to)) = (kind, own_from, own_to) else {
        return Err(Error::refused(Text::new("error-choose")));
    };
    Ok(Declared {
        children,
        value,
        kind,
        protocol,
        omissions: cx.form.has("omissions"),
        own_from,
        own_to,
    })
}

fn declare(cx: &mut Cx) -> Result<Reply> {
    let done = match typed(cx) {
        Ok(declared) => record(cx, declared),
        Err(error) => Err(error),
    };
    match done {
        Ok(Reply::Redirect(location)) => cx.redirect_saying(location, &Text::new("isee-saved")),
        Err(error @ (Error::Invalid(_) | Error::Refused(_))) => {
            cx.page_again(error, TEMPLATE, cx.say("isee-title"), data(cx)?)
        }
        other => other,
    }
}

fn record(cx: &mut Cx, declared: Declared) -> Result<Reply> {
    let file = cx.form.take_files().into_iter().next();
    let (app, actor) = (Arc::clone(&cx.app), cx.actor.clone());
    let (now, today) = (cx.now, cx.today());
    cx.write_once(move |tx| {
        let store =
            |file: Upload| isee::store_certificate(tx, &app.key, &file.filename, file.bytes, now);
        let certificate = file.map(store).transpose()?;
        for child in &declared.children {
            // Whose child it is, is decided where it is recorded.
            let new = NewLodged {
                child: people::person_by_public_id(tx, child)?.id,
                value: declared.value,
                kind: declared.kind,
                protocol: &declared.protocol,
                omissions: declared.omissions,
                lodged_on: today,
                own_from: declared.own_from,
                own_to: declared.own_to,
                certificate,
            };
            isee::lodge(tx, &actor, &new, now)?;
        }
        Ok("/area/isee".to_owned())
    })
}

fn certificate(cx: &mut Cx) -> Result<Reply> {
    let (id, app, actor, now) = (
        cx.id("isee")?,
        Arc::clone(&cx.app),
        cx.actor.clone(),
        cx.now,
    );
    let (document, bytes) =
        cx.write(move |tx| isee::read_certificate(tx, &app.key, &actor, &id, now))?;
    cx.file(document.filename, document.media_type.as_str(), bytes)
}

/// The names of the children who have an enrolment that an actor sees today and no ISEE that counts.
///
/// # Errors
/// The database's own failure.
pub(super) fn without(db: &Connection, cx: &Cx) -> Result<Vec<String>> {
    let today = cx.today();
    let mut names = Vec::new();
    let mut children = Vec::new();
    for enrolment in enrolments::of_family(db, &cx.actor, today)? {
        if enrolment.holds_on(today) && !children.contains(&enrolment.child_id) {
            children.push(enrolment.child_id);
            names.push(enrolment.child_name);
        }
    }
    let known = isee::isee_of_each(db, &children, today)?;
    let named = children.into_iter().zip(names);
    Ok(named
        .filter(|(child, _)| !known.contains_key(child))
        .map(|(_, name)| name)
        .collect())
}
