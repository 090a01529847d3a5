//! The register of the day: everybody booked is present, tap the absent, save.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::attendance::{self, ClassOfDay, RegisterRow, Sent};
use crate::base::Permission::School;
use crate::base::{Date, Error, PublicId, Result, Text, parse_date};
use crate::charging;
use crate::municipality::{self, SchoolClassRow, Service};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/scuola", School, classes),
        get("/scuola/registro/:class/:service", School, show),
        post("/scuola/registro/:class/:service", School, save),
    ]
}

/// The day that is asked for, today otherwise.
fn day_of(cx: &Cx, text: &str) -> Date {
    parse_date(text).unwrap_or_else(|| cx.today())
}

/// The classes of the person's schools, with what is still to be done.
fn classes(cx: &mut Cx) -> Result<Reply> {
    let day = day_of(cx, cx.query.text("giorno"));
    let actor = cx.actor.clone();
    let services = cx.read(|db| {
        let services = municipality::services(db)?;
        let groups = services.into_iter().map(|service| {
            let classes = attendance::classes_of_day(db, &actor, &service, day)?;
            Ok((service, classes))
        });
        groups.collect::<Result<Vec<(Service, Vec<ClassOfDay>)>>>()
    })?;
    let groups: Vec<Value> = services
        .iter()
        .filter(|(service, classes)| !classes.is_empty() && service.kind != "transport")
        .map(|(service, classes)| {
            let running = || classes.iter().filter(|class| class.runs);
            let waiting = running().filter(|class| class.saved_at.is_none()).count();
            json!({ "service": service, "classes": classes, "waiting": waiting, "runs": running().count() > 0 })
        })
        .collect();
    let data = json!({ "day": day, "is_today": day == cx.today(), "groups": groups });
    cx.page("school/classes.html", "Registro delle presenze", data)
}

fn named(cx: &Cx) -> Result<(SchoolClassRow, Service)> {
    let (class, service) = (cx.id("class")?, cx.id("service")?);
    let (class, service) = cx.read(|db| {
        Ok((
            municipality::class_by_public_id(db, &class)?,
            municipality::service_by_public_id(db, &service)?,
        ))
    })?;
    // Riders are counted on the bus, not in a class register.
    if service.kind == "transport" {
        return Err(Error::NotFound);
    }
    Ok((class, service))
}

fn page_data(cx: &Cx, class: &SchoolClassRow, service: &Service, day: Date) -> Result<Value> {
    let (mut register, locked) = cx.read(|db| {
        let register = attendance::register(db, &cx.actor, class, service, day)?;
        Ok((register, charging::is_locked(db, service, day)?))
    })?;
    keep_what_was_tapped(cx, &mut register.rows);
    let present = register.rows.iter().filter(|row| row.present).count();
    Ok(json!({
        "class": class, "service": service, "day": day, "register": register, "locked": locked,
        "present": present, "absent": register.rows.len() - present, "future": day > cx.today(),
    }))
}

/// A form that could not be saved comes back with its marks, but for who was cancelled meanwhile, or
/// is expected again.
fn keep_what_was_tapped(cx: &Cx, rows: &mut [RegisterRow]) {
    let of = |name| cx.form.all(name).collect::<HashSet<&str>>();
    let (shown, present) = (of("shown"), of("present"));
    for row in rows.iter_mut().filter(|row| row.cancelled.is_none()) {
        let id = row.enrolment.as_str();
        if shown.contains(id) {
            row.present = present.contains(id);
        }
    }
}

fn title(class: &SchoolClassRow) -> String {
    format!("{}, {}", class.name, class.school)
}

fn show(cx: &mut Cx) -> Result<Reply> {
    let (class, service) = named(cx)?;
    let day = day_of(cx, cx.query.text("giorno"));
    let data = page_data(cx, &class, &service, day)?;
    cx.page("school/register.html", title(&class), data)
}

fn save(cx: &mut Cx) -> Result<Reply> {
    let (class, service) = named(cx)?;
    // Never today instead: a form without its day is not one of ours.
    let day = parse_date(cx.form.text("day")).ok_or(Error::NotFound)?;
    let drawn_from = cx.form.text("version").to_owned();
    let present = cx
        .form
        .all("present")
        .map(|id| id.parse().map_err(|()| Error::NotFound));
    let present = present.collect::<Result<Vec<PublicId>>>()?;
    let (actor, now) = (cx.actor.clone(), cx.now);
    let (its_class, its_service) = (class.clone(), service.clone());
    let here = format!(
        "/scuola/registro/{}/{}?giorno={day}",
        class.public_id, service.public_id
    );
    let saved = cx.write_once(move |tx| {
        let locked = charging::is_locked(tx, &its_service, day)?;
        let sent = Sent {
            present: &present,
            drawn_from: Some(&drawn_from),
            locked,
        };
        let place = (&its_class, &its_service, day);
        attendance::save_register(tx, &actor, place, &sent, now)?;
        Ok(here)
    });
    match saved {
        Ok(Reply::Redirect(here)) => {
            let rows = cx
                .read(|db| attendance::register(db, &cx.actor, &class, &service, day))?
                .rows;
            let present = rows.iter().filter(|row| row.present).count();
            let text = Text::new("register-saved")
                .with("present", present)
                .with("absent", rows.len() - present);
            cx.redirect_saying(here, &text)
        }
        Ok(other) => Ok(other),
        Err(error) => {
            let data = page_data(cx, &class, &service, day)?;
            cx.page_again(error, "school/register.html", title(&class), data)
        }
    }
}
