//! "Esenzioni dei servizi sociali": child, service, days and what was left off. The reason is told
//! only to the office, only when it is asked for; each reading and each file is logged.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::charts::{self, In};
use super::period::{Period, Usual, chosen, service_filter};
use super::shape::{Cell, Filter, Report, Section, Table, count, grouped, query_without};
use crate::base::Permission::Office;
use crate::base::{Cents, Result, day_of};
use crate::enrolments::{self, Exemption};
use crate::municipality;
use crate::reports::{self, Spared};
use crate::web::cx::Cx;

const PAGE: &str = "/ufficio/rendiconti/esenzioni";
const HIDDEN: &str = "riservato";
const BY_SERVICE: &str = "servizi";
const EVERY_SERVICE: &str = "Tutti i servizi";

/// The reasons, where the address asks for them and who asks may read them; a file is logged too.
fn reasons(cx: &Cx, period: &Period, found: &[Exemption]) -> Result<Option<Vec<String>>> {
    let wanted = cx.query.text("motivi") == "si" && cx.actor.may(Office);
    // The sums by service name nobody.
    let as_file = cx.path != PAGE && cx.query.text("tabella") != BY_SERVICE;
    if !wanted && !as_file {
        return Ok(None);
    }
    let (app, actor, now) = (Arc::clone(&cx.app), cx.actor.clone(), cx.now);
    let (found, days) = (found.to_vec(), (period.from, period.to));
    // Reading is logged, so it is a write.
    cx.write(move |tx| {
        if as_file {
            enrolments::log_exemptions_file(tx, &actor, days, found.len(), wanted, now)?;
        }
        let read = || enrolments::exemption_reasons(tx, &app.key, &actor, &found, now);
        wanted.then(read).transpose()
    })
}

/// With and without the reasons.
fn tabs(cx: &Cx, shown: bool) -> Vec<(String, &'static str, bool)> {
    if !cx.actor.may(Office) {
        return Vec::new();
    }
    let rest = query_without(cx, &["page", "tabella", "motivi"]);
    let and = if rest.is_empty() { "" } else { "&" };
    vec![
        (format!("{PAGE}?{rest}"), "Senza i motivi", !shown),
        (
            format!("{PAGE}?{rest}{and}motivi=si"),
            "Con i motivi (la lettura viene registrata)",
            shown,
        ),
    ]
}

pub(super) fn build(cx: &Cx) -> Result<Report> {
    let period = Period::of(cx, Usual::SchoolYear);
    let services = cx.read(municipality::services)?;
    let service = chosen(cx, "servizio", &services, |s| &s.public_id)?;
    let days = (period.from, period.to);
    let (found, spared) = cx.read(|db| {
        let found = enrolments::exemptions(db, &cx.actor, service.map(|s| s.id), days)?;
        let spared = reports::spared(db, &found, days)?;
        Ok((found, spared))
    })?;
    let reasons = reasons(cx, &period, &found)?;
    let name = |one: &Exemption| {
        let own = one
            .service
            .and_then(|id| services.iter().find(|s| s.id == id));
        own.map_or(EVERY_SERVICE, |s| s.name.as_str())
    };
    let mut by_service: BTreeMap<&str, (i64, Spared)> = BTreeMap::new();
    for (one, spared) in found.iter().zip(&spared) {
        let (exemptions, sum) = by_service.entry(name(one)).or_default();
        *exemptions += 1;
        sum.charges += spared.charges;
        sum.amount += spared.amount;
    }
    let row = |(number, (one, spared)): (usize, (&Exemption, &Spared))| {
        let reason = reasons.as_ref().and_then(|all| all.get(number));
        vec![
            match &one.payer {
                Some(payer) => {
                    Cell::Link(one.child_name.clone(), format!("/ufficio/famiglie/{payer}"))
                }
                None => Cell::text(&one.child_name),
            },
            Cell::text(name(one)),
            Cell::Day(one.from),
            one.to.map_or(Cell::Empty, Cell::Day),
            Cell::text(match one.staff.as_str() {
                "" => "Importata",
                staff => staff,
            }),
            Cell::Day(day_of(one.recorded_at)),
            Cell::text(reason.map_or(HIDDEN, String::as_str)),
            Cell::Count(spared.charges),
            Cell::Money(spared.amount),
        ]
    };
    let rows: Vec<Vec<Cell>> = found.iter().zip(&spared).enumerate().map(row).collect();
    let left_off: Cents = spared.iter().map(|one| one.amount).sum();
    let children: BTreeSet<_> = found.iter().map(|one| one.child).collect();
    let mut filters = period.filters(cx, Usual::SchoolYear);
    filters.push(service_filter(cx, &services));
    if reasons.is_some() {
        // The form keeps what is shown.
        filters.push(Filter {
            name: "motivi",
            label: "Motivi",
            kind: "select",
            value: "si".to_owned(),
            options: vec![
                (String::new(), "Riservati".to_owned()),
                ("si".to_owned(), "In chiaro".to_owned()),
            ],
        });
    }
    Ok(Report {
        tabs: tabs(cx, reasons.is_some()),
        filters,
        period: period.label.clone(),
        figures: vec![
            ("Minore entrata".to_owned(), left_off.to_string()),
            ("Esenzioni".to_owned(), grouped(count(found.len()))),
            ("Bambini".to_owned(), grouped(count(children.len()))),
        ],
        notes: notes(),
        sections: vec![
            Section {
                title: String::new(),
                text: String::new(),
                chart: None,
                table: table(rows, &period.label),
            },
            summary(&by_service, &period.label),
        ],
        ..Report::default()
    })
}

fn table(rows: Vec<Vec<Cell>>, label: &str) -> Table {
    Table {
        slug: "esenzioni".to_owned(),
        caption: format!("Esenzioni dei servizi sociali, {label}"),
        columns: vec![
            ("Bambino", "bambino", false),
            ("Servizio", "servizio", false),
            ("Dal", "dal", false),
            ("Al", "al", false),
            ("Registrata da", "registrata_da", false),
            ("Registrata il", "registrata_il", false),
            ("Motivo", "motivo", false),
            ("Addebiti ridotti", "addebiti_ridotti", true),
            ("Minore entrata", "minore_entrata", true),
        ],
        rows,
        total: None,
        empty: "Nessuna esenzione vale nel periodo scelto.",
    }
}

fn summary(by_service: &BTreeMap<&str, (i64, Spared)>, label: &str) -> Section {
    let items: Vec<(String, i64)> = by_service
        .iter()
        .map(|(service, (exemptions, _))| ((*service).to_owned(), *exemptions))
        .collect();
    let rows = by_service.iter().map(|(service, (exemptions, sum))| {
        vec![
            Cell::text(service),
            Cell::Count(*exemptions),
            Cell::Count(sum.charges),
            Cell::Money(sum.amount),
        ]
    });
    let caption = format!("Esenzioni per servizio, {label}");
    Section {
        title: "Per servizio".to_owned(),
        text: String::new(),
        chart: charts::bars("esenzioni", &caption, In::Numbers, &items),
        table: Table {
            slug: BY_SERVICE.to_owned(),
            caption,
            columns: vec![
                ("Servizio", "servizio", false),
                ("Esenzioni", "esenzioni", true),
                ("Addebiti ridotti", "addebiti_ridotti", true),
                ("Minore entrata", "minore_entrata", true),
            ],
            rows: rows.collect(),
            total: None,
            empty: "Nessuna esenzione vale nel periodo scelto.",
        },
    }
}

fn notes() -> Vec<String> {
    [
        "Ci sono le esenzioni disposte dai servizi sociali che valgono almeno un giorno del periodo. Quelle \
         annullate non ci sono.",
        "La minore entrata è quanto le voci del regolamento tariffario per gli esentati hanno tolto agli \
         addebiti del periodo; è stimata quando dopo viene un tetto o un arrotondamento. Se il regolamento \
         non ha una voce per gli esentati, o li mette in una riga della tabella dei prezzi, resta zero. Le \
         rettifiche non contano.",
        "Il motivo può dire qualcosa della salute o del bisogno di una famiglia: lo legge solo l’ufficio, \
         quando lo chiede. Ogni lettura e ogni file scaricato restano nel registro delle operazioni.",
    ]
    .map(str::to_owned)
    .to_vec()
}
