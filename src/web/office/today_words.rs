//! What a child does today, in the words that a clerk says on the phone.

use serde_json::{Value, json};

use crate::attendance::{Cancelled, DayState, DayView};
use crate::base::{date_it, day_of, time_it};
use crate::enrolments::Enrolment;
use crate::municipality::Service;

/// Today of an enrolment: the words, and the tone of their badge. `locked`: the day counts no more.
pub(super) fn today_words(
    enrolment: &Enrolment,
    service: &Service,
    view: &DayView,
    locked: bool,
) -> Value {
    let (mut word, tone) = words(enrolment, service, view);
    if locked && !matches!(view.state, DayState::Out | DayState::Closed) {
        word.push_str(". Giornata chiusa");
    }
    json!({ "word": word, "tone": tone })
}

fn words(enrolment: &Enrolment, service: &Service, view: &DayView) -> (String, &'static str) {
    let charged = if service.charge_absent {
        "resta addebitato"
    } else {
        "non si addebita"
    };
    let said = view.cancelled.as_ref().map(said);
    match (view.state, said) {
        (DayState::Out, _) if enrolment.from > view.day => {
            (format!("Inizia il {}", date_it(enrolment.from)), "off")
        }
        (DayState::Out, _) => ("Oggi il servizio non c’è".to_owned(), "off"),
        (DayState::Closed, _) => (format!("Chiuso: {}", view.reason), "off"),
        (DayState::Present, None) => ("Presente".to_owned(), "ok"),
        (DayState::Present, Some(said)) => (format!("Presente a scuola, anche se {said}"), "warn"),
        (DayState::Absent, None) => (format!("Assente senza disdetta: {charged}"), "warn"),
        (DayState::Absent, Some(said)) => (format!("Assente, {said}: {charged}"), "warn"),
        (DayState::Interrupted, _) => ("Servizio sospeso".to_owned(), "bad"),
        (DayState::Booked, _) => ("Prenotato, registro non ancora inviato".to_owned(), "info"),
        (DayState::Cancelled, said) => {
            let late = view.cancelled.as_ref().is_some_and(|c| c.late);
            let said = said.unwrap_or_default();
            if late {
                (format!("Assenza annunciata, {said}: {charged}"), "warn")
            } else {
                (format!("Non c’è: {said}"), "off")
            }
        }
    }
}

/// "disdetto alle 08:12, ricevuta P-2026-000012".
fn said(cancelled: &Cancelled) -> String {
    let day = day_of(cancelled.at);
    let when = if day == cancelled.day {
        format!("alle {}", time_it(cancelled.at))
    } else {
        format!("il {} alle {}", date_it(day), time_it(cancelled.at))
    };
    let who = if cancelled.by_office {
        "dall’ufficio "
    } else {
        ""
    };
    let late = if cancelled.late {
        " dopo l’orario"
    } else {
        ""
    };
    format!("disdetto {who}{when}{late}, ricevuta {}", cancelled.number)
}
