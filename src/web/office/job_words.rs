//! Long work in the office's words: what it is, what came out, why it stopped and what to do.

use rusqlite::Connection;
use serde::Serialize;

use crate::base::{Cents, Date, Instant, Result, StaffId, Text, date_long_it};
use crate::jobs::{self, Job};
use crate::municipality::{self, Service};
use crate::processes::work;
use crate::store::AuditTrace;
use crate::{attestations, billing, charging, identity, refunds};

/// The kinds of work: how they are stored, how addresses name them, how pages do.
pub(super) const KINDS: [(&str, &str, &str); 8] = [
    (charging::DAY_CLOSE, "giornate", "Chiusura di una giornata"),
    (billing::BILL_DRAFT, "bozze", "Bozza di bollette"),
    (
        billing::BILL_PUBLISH,
        "bollette",
        "Pubblicazione di bollette",
    ),
    (charging::WHAT_IF, "confronti", "Confronto di una tariffa"),
    (refunds::REMIND, "solleciti", "Invio di solleciti"),
    (
        refunds::COLLECT,
        "atti",
        "Preparazione degli atti di riscossione",
    ),
    (
        billing::BILL_DISCARD,
        "bozze-scartate",
        "Pulizia di una bozza scartata",
    ),
    (
        attestations::ATTEST,
        "attestazioni",
        "Attestazioni di un anno",
    ),
];

/// The states of work: stored, in addresses, on pages.
pub(super) const STATES: [(&str, &str, &str); 4] = [
    ("failed", "fermi", "Fermi"),
    ("waiting", "in-attesa", "In attesa"),
    ("running", "in-corso", "In corso"),
    ("done", "finiti", "Finiti"),
];

/// Why a job stopped, and what to do.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Stopped {
    /// The reason.
    pub(super) why: String,
    /// What to do before, or instead of, trying again.
    pub(super) next: &'static str,
    /// What the administrator is told, as the program wrote it.
    pub(super) technical: String,
}

/// A line of a job's history.
#[derive(Debug, Serialize)]
pub(super) struct Event {
    at: Instant,
    what: String,
}

/// A job as pages show it.
#[derive(Debug, Serialize)]
pub(super) struct Told {
    /// What it is.
    pub(super) what: String,
    /// What it works on: the service and the day, the year.
    pub(super) about: String,
    /// Who started it: "da Anna Bianchi".
    pub(super) by: String,
    /// How long it took, or has been going since it was started or resumed.
    pub(super) lasted: String,
    /// What came out; empty while nothing has.
    pub(super) outcome: String,
    /// Why it stopped.
    pub(super) stopped: Option<Stopped>,
    /// It went on after its worker was gone.
    pub(super) caught_up: bool,
    /// Somebody may have it try again.
    pub(super) resumable: bool,
    /// Everything that happened to it.
    pub(super) events: Vec<Event>,
}

/// Says what a job is and how it went. `say` speaks Italian.
pub(super) fn tell(
    db: &Connection,
    job: &Job,
    now: Instant,
    say: &dyn Fn(&Text) -> String,
) -> Result<Told> {
    let history = jobs::history(db, job.id)?;
    let service = match job.params.get("service").and_then(|code| code.as_str()) {
        Some(code) => municipality::service_by_code(db, code)?,
        None => None,
    };
    let day: Option<Date> = job.param("day").ok().and_then(|day| day.parse().ok());
    let by = match history.first() {
        Some(start) => by(db, start)?,
        None => String::new(),
    };
    let restarted =
        |trace: &&AuditTrace| trace.action != jobs::FAIL && trace.action != jobs::CATCH_UP;
    let started = history.iter().rfind(restarted);
    let started = started.map_or(job.created_at, |trace| trace.at);
    let until = match job.state.as_str() {
        "waiting" | "running" => now,
        _ => job.updated_at,
    };
    Ok(Told {
        what: kind_word(&job.kind).to_owned(),
        about: about(job, service.as_ref(), day),
        by,
        lasted: duration((until.0 - started.0).max(0)),
        outcome: outcome(job, service.as_ref()),
        stopped: (job.state == "failed").then(|| stopped(&job.error, day, say)),
        caught_up: history.iter().any(|trace| trace.action == jobs::CATCH_UP),
        resumable: job.state == "failed" && work::step_of(&job.kind).is_some(),
        events: events(db, job, &history)?,
    })
}

fn kind_word(kind: &str) -> &str {
    let known = KINDS.iter().find(|(stored, ..)| *stored == kind);
    known.map_or(kind, |(_, _, word)| word)
}

fn about(job: &Job, service: Option<&Service>, day: Option<Date>) -> String {
    let year = job.params.get("year").and_then(|year| year.as_str());
    let parts = [
        service.map(|service| service.name.clone()),
        day.map(date_long_it),
        year.map(str::to_owned),
        period(job),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// `dal 1 ottobre 2026 al 31 ottobre 2026`, of work on a period.
fn period(job: &Job) -> Option<String> {
    let day = |name| -> Option<Date> { job.param(name).ok()?.parse().ok() };
    let (from, to) = day("from").zip(day("to"))?;
    Some(format!(
        "dal {} al {}",
        date_long_it(from),
        date_long_it(to)
    ))
}

/// Who did something, after a verb: "Avviato …".
fn by(db: &Connection, trace: &AuditTrace) -> Result<String> {
    Ok(match (trace.actor.as_str(), trace.actor_id) {
        ("staff" | "desk", Some(id)) => format!("da {}", identity::staff_name(db, StaffId(id))?),
        ("cli", _) => "dalla riga di comando".to_owned(),
        _ => "dal programma".to_owned(),
    })
}

fn events(db: &Connection, job: &Job, history: &[AuditTrace]) -> Result<Vec<Event>> {
    let mut events = Vec::new();
    for (number, trace) in history.iter().enumerate() {
        let what = match trace.action.as_str() {
            jobs::FAIL => "Si è fermato".to_owned(),
            jobs::CATCH_UP => "Ripreso dopo un’interruzione".to_owned(),
            jobs::RESUME => format!("Fatto ripartire {}", by(db, trace)?),
            _ if number == 0 => format!("Avviato {}", by(db, trace)?),
            _ => format!("Chiesto di nuovo {}", by(db, trace)?),
        };
        events.push(Event { at: trace.at, what });
    }
    // A job that failed before failures were written down still says when.
    if job.state == "failed" && history.last().is_none_or(|last| last.action != jobs::FAIL) {
        let what = "Si è fermato".to_owned();
        events.push(Event {
            at: job.updated_at,
            what,
        });
    }
    if job.state == "done" {
        let what = "Finito".to_owned();
        // Who asks again for work that is done finds it done.
        let place = events.partition_point(|event| event.at <= job.updated_at);
        events.insert(
            place,
            Event {
                at: job.updated_at,
                what,
            },
        );
    }
    Ok(events)
}

/// So many of a thing.
fn counted(n: i64, one: &str, more: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { more })
}

/// What came out of a finished job.
fn outcome(job: &Job, service: Option<&Service>) -> String {
    if job.state != "done" {
        return String::new();
    }
    let number = |name: &str| {
        job.result
            .get(name)
            .and_then(serde_json::Value::as_i64)
            .unwrap_or(0)
    };
    match job.kind.as_str() {
        charging::DAY_CLOSE => {
            let total = job.result.get("total").and_then(|total| total.as_str());
            let total = total
                .and_then(|text| Cents::parse_decimal(text).ok())
                .unwrap_or(Cents::ZERO);
            let meals = service.is_some_and(|service| service.kind == "meals");
            match (number("charges"), meals) {
                (0, _) => "Nessun addebito".to_owned(),
                (n, true) => format!(
                    "{}, {total}",
                    counted(n, "pasto addebitato", "pasti addebitati")
                ),
                (n, false) => format!("{}, {total}", counted(n, "addebito", "addebiti")),
            }
        }
        billing::BILL_DRAFT => match number("lines") {
            0 => "Niente da addebitare".to_owned(),
            n => counted(n, "riga", "righe"),
        },
        billing::BILL_PUBLISH => {
            let (one, many) = ("avviso di pagamento", "avvisi di pagamento");
            let mut parts = vec![
                counted(number("bills"), "bolletta", "bollette"),
                counted(number("notices"), one, many),
            ];
            if number("failed") > 0 {
                let (one, many) = ("intestatario senza bolletta", "intestatari senza bolletta");
                parts.push(counted(number("failed"), one, many));
            }
            parts.join(", ")
        }
        refunds::REMIND => match number("count") {
            0 => "Nessun sollecito: i debiti sono cambiati".to_owned(),
            n => counted(n, "sollecito", "solleciti"),
        },
        charging::WHAT_IF => counted(
            number("charges"),
            "addebito confrontato",
            "addebiti confrontati",
        ),
        refunds::COLLECT => {
            let mut parts = vec![counted(number("count"), "atto pronto", "atti pronti")];
            if job.total > number("count") {
                let (one, many) = (
                    "debitore non è più da riscuotere",
                    "debitori non sono più da riscuotere",
                );
                parts.push(counted(job.total - number("count"), one, many));
            }
            parts.join(", ")
        }
        attestations::ATTEST => {
            let mut parts = vec![counted(
                number("new"),
                "attestazione nuova",
                "attestazioni nuove",
            )];
            if number("unchanged") > 0 {
                parts.push(counted(
                    number("unchanged"),
                    "già emessa e ancora valida",
                    "già emesse e ancora valide",
                ));
            }
            if number("nothing") > 0 {
                parts.push(counted(
                    number("nothing"),
                    "famiglia senza pagamenti da attestare",
                    "famiglie senza pagamenti da attestare",
                ));
            }
            parts.join(", ")
        }
        _ => String::new(),
    }
}

/// A job keeps the name of the refusal that stopped it, never its values: those that a sentence
/// needs are the job's own.
fn stopped(error: &str, day: Option<Date>, say: &dyn Fn(&Text) -> String) -> Stopped {
    let refusal = error.strip_prefix("refused: ").unwrap_or("");
    let (why, next) = match (refusal, day) {
        ("error-no-tariff", Some(day)) => (
            say(&Text::new("error-no-tariff").with("day", day)),
            "Quando la tariffa è pubblicata, premi Riprova.",
        ),
        ("error-collection-too-old", _) => (
            say(&Text::new("error-collection-too-old")),
            "Torna a «Riscossione» e prepara gli atti di nuovo.",
        ),
        (rule, _) if rule.starts_with("error-rule") => (
            "La tariffa pubblicata per questo servizio non si legge.".to_owned(),
            "Avvisa l’amministratore del sistema: va ripubblicata. Poi premi Riprova.",
        ),
        _ if error == "not found" => (
            "Manca qualcosa che c’era quando il lavoro è stato avviato: un servizio, una classe o una persona.".to_owned(),
            "Avvisa l’amministratore del sistema prima di riprovare.",
        ),
        _ => (
            "C’è stato un errore del programma o del computer.".to_owned(),
            "Premi Riprova. Se si ferma di nuovo, avvisa l’amministratore del sistema e leggigli il messaggio tecnico.",
        ),
    };
    Stopped {
        why,
        next,
        technical: error.to_owned(),
    }
}

/// How long, in words, with the two largest units.
fn duration(millis: i64) -> String {
    let seconds = millis / 1000;
    let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
    let (minutes, rest) = (seconds / 60 % 60, seconds % 60);
    let units = [
        (days, "giorno", "giorni"),
        (hours, "ora", "ore"),
        (minutes, "minuto", "minuti"),
        (rest, "secondo", "secondi"),
    ];
    let first = units.iter().position(|(n, ..)| *n > 0);
    let Some(first) = first else {
        return "meno di un secondo".to_owned();
    };
    let shown = units.iter().skip(first).take(2).filter(|(n, ..)| *n > 0);
    let words: Vec<String> = shown.map(|(n, one, more)| counted(*n, one, more)).collect();
    words.join(" e ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_said_with_two_units() {
        for (millis, words) in [
            (0, "meno di un secondo"),
            (1_999, "1 secondo"),
            (61_000, "1 minuto e 1 secondo"),
            (7_200_000, "2 ore"),
            (3_905_000, "1 ora e 5 minuti"),
            (90_000_000, "1 giorno e 1 ora"),
        ] {
            assert_eq!(duration(millis), words);
        }
    }

    #[test]
    fn a_reason_is_italian_and_says_what_to_do() {
        let say = |text: &Text| text.key.to_owned();
        let day = jiff::civil::date(2026, 11, 3);
        let tariff = stopped("refused: error-no-tariff", Some(day), &say);
        assert_eq!(tariff.why, "error-no-tariff");
        assert!(tariff.next.contains("tariffa"));
        let rule = stopped("refused: error-rule-price", Some(day), &say);
        assert!(rule.why.contains("non si legge"));
        let other = stopped("database: constraint", None, &say);
        assert!(other.next.contains("amministratore"));
        assert_eq!(other.technical, "database: constraint");
    }
}
