//! "Registro di cassa": what the cash desk took, by day and means and receipt by receipt, what went to
//! the treasurer; and the setting that opens the desk.

use serde_json::{Value, json};

use super::charts::{self, In};
use super::period::{Period, Usual};
use super::shape::{self, Cell, Report, Section, Table};
use crate::base::{Cents, Date, Error, Result, Text, date_it};
use crate::cash_desk::{self, Day, DeskReceipt, Filter, Means, NewDeposit};
use crate::web::cx::Cx;
use crate::web::reply::Reply;

const HERE: &str = "/ufficio/rendiconti/cassa";

fn filters(cx: &Cx, period: &Period) -> Result<(Filter, Vec<shape::Filter>)> {
    let means = Means::parse(cx.query.text("mezzo"));
    let takers = cx.read(cash_desk::takers)?;
    let taker = takers
        .iter()
        .find(|(_, id, _)| id.as_str() == cx.query.text("operatore"));
    let all = |word: &str| vec![(String::new(), word.to_owned())];
    let mut of_means = all("Tutti i mezzi");
    of_means.extend(Means::ALL.map(|m| (m.as_str().to_owned(), m.italian().to_owned())));
    let mut of_takers = all("Tutti gli operatori");
    of_takers.extend(
        takers
            .iter()
            .map(|(_, id, name)| (id.to_string(), name.clone())),
    );
    let choice = |name, label, value: String, options| shape::Filter {
        name,
        label,
        kind: "select",
        value,
        options,
    };
    let mut shown = period.filters(cx, Usual::Month);
    let chosen = means.map_or_else(String::new, |m| m.as_str().to_owned());
    shown.push(choice("mezzo", "Mezzo", chosen, of_means));
    let chosen = taker.map_or_else(String::new, |(_, id, _)| id.to_string());
    shown.push(choice("operatore", "Operatore", chosen, of_takers));
    let filter = Filter {
        from: period.from,
        to: period.to,
        means,
        taken_by: taker.map(|(id, ..)| *id),
    };
    Ok((filter, shown))
}

pub(super) fn build(cx: &Cx) -> Result<Report> {
    let period = Period::of(cx, Usual::Month);
    let (filter, shown) = filters(cx, &period)?;
    let (days, receipts, means) = cx.read(|db| {
        Ok((
            cash_desk::register(db, &filter)?,
            cash_desk::receipts(db, &filter)?,
            cash_desk::allowed_means(db)?,
        ))
    })?;
    let days: Vec<(Date, Day)> = days.into_iter().collect();
    // A part of the desk's cash is not what goes to the treasurer.
    let whole = filter.means.is_none() && filter.taken_by.is_none();
    let mut figures = vec![("Incassato".to_owned(), sum(&days, &Day::total).to_string())];
    let mut sections = vec![by_day(&period, &days), by_receipt(&period, &receipts)];
    if whole {
        let missing = sum(&days, &Day::missing).to_string();
        figures.push(("Ancora da versare".to_owned(), missing));
        sections.push(deposits(&period, &days));
    }
    let waiting = days
        .iter()
        .filter(|(_, day)| day.missing() != Cents::ZERO && day.to_hand_over().is_positive());
    let waiting = waiting.map(|(day, held)| {
        json!({ "value": day, "label": format!("{}: {}", date_it(*day), held.to_hand_over()) })
    });
    Ok(Report {
        filters: shown,
        period: period.label.clone(),
        figures,
        notes: vec![
            "Ogni incasso conta nel giorno in cui il denaro è arrivato. Una ricevuta annullata resta con il \
             suo numero, e si toglie dal giorno in cui è stata annullata."
                .to_owned(),
            "Da versare in tesoreria sono i contanti e gli assegni del giorno. Se dopo il versamento il giorno \
             cambia, la differenza resta da versare: annota di nuovo il versamento, vale l’ultimo."
                .to_owned(),
        ],
        sections,
        more: json!({
            "off": means.is_empty(),
            "waiting": if whole { waiting.collect::<Vec<_>>() } else { Vec::new() },
            "query": shape::query_without(cx, &[]),
            "today": cx.today(),
            "typed": cx.form.typed(),
        }),
        ..Report::default()
    })
}

fn by_day(period: &Period, days: &[(Date, Day)]) -> Section {
    let row = |(date, day): &(Date, Day)| {
        let mut cells = vec![Cell::Day(*date)];
        cells.extend(day.sums.map(Cell::Money));
        cells.push(Cell::Money(day.total()));
        cells
    };
    let mut total = vec![Cell::text("Totale")];
    total.extend((0..4).map(|at| Cell::Money(sum(days, &|day| day.sums[at]))));
    total.push(Cell::Money(sum(days, &Day::total)));
    let labels: Vec<String> = days
        .iter()
        .map(|(day, _)| format!("{}/{}", day.day(), day.month()))
        .collect();
    let values = days.iter().map(|(_, day)| day.total().0.max(0)).collect();
    Section {
        title: "Per giorno".to_owned(),
        text: String::new(),
        chart: charts::columns(
            "giorni",
            &format!("Incassi della cassa per giorno, {}", period.label),
            In::Euros,
            &labels,
            &[("Incassato", values)],
        ),
        table: Table {
            slug: "giorni".to_owned(),
            caption: format!("Registro di cassa per giorno, {}", period.label),
            columns: vec![
                ("Giorno", "giorno", false),
                ("Contanti", "contanti", true),
                ("Carta", "carta", true),
                ("Assegni", "assegni", true),
                ("Bonifici e bollettini", "bonifici", true),
                ("Totale", "totale", true),
            ],
            rows: days.iter().map(row).collect(),
            total: (!days.is_empty()).then_some(total),
            empty: "Nessun incasso nel periodo scelto.",
        },
    }
}

/// What went to the treasurer, and what has to.
fn deposits(period: &Period, days: &[(Date, Day)]) -> Section {
    let held = days
        .iter()
        .filter(|(_, day)| day.deposit.is_some() || day.to_hand_over() != Cents::ZERO);
    let row = |(date, day): &(Date, Day)| {
        let deposit = day.deposit.as_ref();
        vec![
            Cell::Day(*date),
            Cell::Money(day.to_hand_over()),
            deposit.map_or(Cell::Empty, |one| Cell::Money(one.amount)),
            deposit.map_or(Cell::Empty, |one| Cell::Day(one.on)),
            deposit.map_or(Cell::Empty, |one| Cell::text(&one.reference)),
            Cell::Money(day.missing()),
        ]
    };
    let deposited = |day: &Day| day.deposit.as_ref().map_or(Cents::ZERO, |one| one.amount);
    let rows: Vec<Vec<Cell>> = held.map(row).collect();
    let total = vec![
        Cell::text("Totale"),
        Cell::Money(sum(days, &Day::to_hand_over)),
        Cell::Money(sum(days, &deposited)),
        Cell::Text(String::new()),
        Cell::Text(String::new()),
        Cell::Money(sum(days, &Day::missing)),
    ];
    Section {
        title: "Versamenti in tesoreria".to_owned(),
        text: String::new(),
        chart: None,
        table: Table {
            slug: "versamenti".to_owned(),
            caption: format!(
                "Contanti e assegni da versare in tesoreria, {}",
                period.label
            ),
            columns: vec![
                ("Giorno", "giorno", false),
                ("Contanti e assegni", "contanti_e_assegni", true),
                ("Versato", "versato", true),
                ("Versato il", "versato_il", false),
                ("Quietanza", "quietanza", false),
                ("Ancora da versare", "da_versare", true),
            ],
            total: (!rows.is_empty()).then_some(total),
            rows,
            empty: "Niente da versare nel periodo scelto.",
        },
    }
}

fn sum(days: &[(Date, Day)], of: &dyn Fn(&Day) -> Cents) -> Cents {
    days.iter().map(|(_, day)| of(day)).sum()
}

fn by_receipt(period: &Period, receipts: &[DeskReceipt]) -> Section {
    let row = |one: &DeskReceipt| {
        let href = format!("/ufficio/cassa/{}", one.public_id);
        let state = match &one.cancelled {
            Some(cancelled) => format!("annullata il {}", date_it(cancelled.on)),
            None => "valida".to_owned(),
        };
        vec![
            Cell::Link(one.number.clone(), href),
            Cell::Day(one.received_on),
            Cell::text(&one.payer),
            Cell::text(one.means.italian()),
            Cell::text(&one.reference),
            Cell::text(&one.taken_by),
            Cell::Text(state),
            Cell::Money(one.amount),
        ]
    };
    let good = receipts.iter().filter(|one| one.cancelled.is_none());
    let mut total = vec![Cell::text("Totale")];
    total.extend((0..6).map(|_| Cell::Text(String::new())));
    total.push(Cell::Money(good.map(|one| one.amount).sum()));
    Section {
        title: "Ricevute".to_owned(),
        text: "Quelle annullate non contano nel totale.".to_owned(),
        chart: None,
        table: Table {
            slug: "ricevute".to_owned(),
            caption: format!("Ricevute di cassa, {}", period.label),
            columns: vec![
                ("Numero", "numero", false),
                ("Ricevuta il", "ricevuta_il", false),
                ("Intestatario", "intestatario", false),
                ("Mezzo", "mezzo", false),
                ("Riferimento", "riferimento", false),
                ("Operatore", "operatore", false),
                ("Stato", "stato", false),
                ("Importo", "importo", true),
            ],
            rows: receipts.iter().map(row).collect(),
            total: (!receipts.is_empty()).then_some(total),
            empty: "Nessuna ricevuta nel periodo scelto.",
        },
    }
}

/// Notes that a day's cash went to the treasurer.
pub(super) fn deposit(cx: &mut Cx) -> Result<Reply> {
    let mut checks = cx.form.check();
    let day = checks.choice("day", crate::base::parse_date);
    let on = checks.date("deposited_on", true);
    let reference = checks.required("reference", 100);
    let (actor, now) = (cx.actor.clone(), cx.now);
    let done = checks.done().and_then(|()| {
        let (day, on) = (day.ok_or(Error::NotFound)?, on.ok_or(Error::NotFound)?);
        cx.write(move |tx| {
            let new = NewDeposit {
                day,
                on,
                reference: &reference,
            };
            cash_desk::record_deposit(tx, &actor, &new, now)
        })
    });
    match done {
        Ok(()) => {
            let place = format!("{HERE}?{}", shape::query_without(cx, &[]));
            cx.redirect_saying(place, &Text::new("office-cash-deposited"))
        }
        Err(error @ (Error::Invalid(_) | Error::Refused(_))) => {
            let kind = super::kind(cx)?;
            let data: Value = build(cx)?.data(cx, kind);
            cx.page_again(error, kind.template, kind.title, data)
        }
        Err(other) => Err(other),
    }
}

/// Says which means the desk takes; none switches it off.
pub(super) fn open(cx: &mut Cx) -> Result<Reply> {
    let means: Vec<Means> = Means::ALL
        .into_iter()
        .filter(|means| cx.form.has(means.as_str()))
        .collect();
    let (actor, now) = (cx.actor.clone(), cx.now);
    cx.write(move |tx| cash_desk::allow_means(tx, &actor, &means, now))?;
    let place = "/ufficio/rendiconti/impostazioni";
    cx.redirect_saying(place, &Text::new("office-reports-saved"))
}
