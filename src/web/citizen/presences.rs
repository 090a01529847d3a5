//! "Presenze": the month of a child as a calendar, each day with its price.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::date;
use serde_json::{Value, json};

use crate::attendance::{self, DayState, DayView};
use crate::base::Permission::Citizen;
use crate::base::{Cents, Date, Error, Result, SchoolYear, month_it};
use crate::charging::{self, DayCharge};
use crate::enrolments::{self, Enrolment};
use crate::municipality;
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get};

pub(super) fn routes() -> Vec<Route> {
    vec![get("/area/presenze", Citizen, show)]
}

fn show(cx: &mut Cx) -> Result<Reply> {
    let (actor, today) = (cx.actor.clone(), cx.today());
    let all = cx.read(|db| enrolments::of_family(db, &actor, today))?;
    let all: Vec<Enrolment> = all.into_iter().filter(|e| e.kind != "transport").collect();
    let title = cx.say("presences-title");
    let Some(chosen) = chosen(cx, &all)? else {
        return cx.page(
            "citizen/presences.html",
            title,
            json!({ "enrolments": [], "month": Value::Null }),
        );
    };
    let first = month_of(cx.query.text("mese")).unwrap_or_else(|| newest_month(chosen, today));
    let last = first.last_of_month();
    let (days, charges, suspended) = cx.read(|db| {
        let service = municipality::service(db, chosen.service_id)?;
        let days = attendance::days_of_enrolment(db, chosen, &service, (first, last), cx.now)?;
        let suspended = super::suspended::shown(db, cx, std::iter::once(chosen.id))?;
        let charges = charging::charges_of(db, chosen.id, first, last)?;
        Ok((days, charges, suspended))
    })?;
    let charges: BTreeMap<Date, DayCharge> = charges.into_iter().map(|c| (c.day, c)).collect();
    let link = |month: Date| {
        format!(
            "?iscrizione={}&mese={:04}-{:02}",
            chosen.public_id,
            month.year(),
            month.month()
        )
    };
    let data = json!({
        "suspended": suspended,
        "enrolments": all.iter().map(|e| json!({
            "id": e.public_id, "child": e.child_name, "service": e.service, "school": e.school,
            "class": e.class, "year": SchoolYear::of(e.from).to_string(), "chosen": e.id == chosen.id,
        })).collect::<Vec<_>>(),
        "month": {
            "title": format!("{} {}", month_it(first.month()), first.year()),
            "weeks": weeks(&days, &charges, today),
            "days": days.iter().filter(|d| d.state != DayState::Out).map(|d| cell(d, &charges, today)).collect::<Vec<_>>(),
            "before": link(first.saturating_sub(1.month())),
            "after": link(first.saturating_add(1.month())),
            "present": count(&days, DayState::Present),
            "cancelled": count(&days, DayState::Cancelled),
            "absent": count(&days, DayState::Absent),
            "interrupted": count(&days, DayState::Interrupted),
            "closed": count(&days, DayState::Closed),
            "total": charges.values().map(|charge| charge.amount).sum::<Cents>(),
        },
    });
    cx.page("citizen/presences.html", title, data)
}

/// The enrolment that was asked for, else the first that holds now, else the newest.
fn chosen<'a>(cx: &Cx, all: &'a [Enrolment]) -> Result<Option<&'a Enrolment>> {
    if let Some(id) = cx.query.some("iscrizione") {
        return all
            .iter()
            .find(|e| e.public_id.as_str() == id)
            .map(Some)
            .ok_or(Error::NotFound);
    }
    let today = cx.today();
    Ok(all
        .iter()
        .find(|e| e.holds_on(today))
        .or_else(|| all.first()))
}

fn month_of(text: &str) -> Option<Date> {
    let (year, month) = text.split_once('-')?;
    Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()
}

/// This month; for an enrolment that has ended, its last one.
fn newest_month(enrolment: &Enrolment, today: Date) -> Date {
    let day = enrolment
        .to
        .map_or(today, |to| to.min(today))
        .max(enrolment.from);
    date(day.year(), day.month(), 1)
}

fn count(days: &[DayView], state: DayState) -> usize {
    days.iter().filter(|day| day.state == state).count()
}

fn cell(day: &DayView, charges: &BTreeMap<Date, DayCharge>, today: Date) -> Value {
    let charge = charges.get(&day.day);
    json!({
        "day": day.day, "number": day.day.day(), "state": day.state, "reason": day.reason,
        "cancelled": day.cancelled, "can_cancel": day.can_cancel, "today": day.day == today,
        "amount": charge.map(|c| c.amount), "charge": charge.map(|c| &c.public_id),
    })
}

/// Weeks of five days: school days only. Days of other months are null.
fn weeks(days: &[DayView], charges: &BTreeMap<Date, DayCharge>, today: Date) -> Vec<Vec<Value>> {
    let mut weeks: Vec<Vec<Value>> = Vec::new();
    for day in days {
        let column = usize::from(day.day.weekday().to_monday_zero_offset().unsigned_abs());
        if column > 4 {
            continue;
        }
        if weeks.is_empty() || column == 0 {
            weeks.push(vec![Value::Null; 5]);
        }
        if let Some(week) = weeks.last_mut() {
            week[column] = cell(day, charges, today);
        }
    }
    weeks
}
