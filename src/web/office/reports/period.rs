//! The days and services that a report looks at, as its address names them.

use jiff::ToSpan;

use super::shape::Filter;
use crate::base::{Date, PublicId, Result, SchoolYear, month_it, parse_date};
use crate::municipality::{SchoolRow, Service};
use crate::web::cx::Cx;

/// Some days, both ends included.
pub(super) struct Period {
    pub(super) from: Date,
    pub(super) to: Date,
    value: String,
    /// `anno scolastico 2026/2027`.
    pub(super) label: String,
}

/// What is looked at when the address does not say.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Usual {
    SchoolYear,
    Month,
}

impl Period {
    /// What the address asks for: `a2026` is a school year, `2026` a calendar year, `2026-11` a month.
    pub(super) fn of(cx: &Cx, usual: Usual) -> Period {
        let asked = cx.query.text("periodo");
        let mut period = named(asked).unwrap_or_else(|| {
            let today = cx.today();
            let year = SchoolYear::of(today);
            let value = match usual {
                Usual::SchoolYear => format!("a{}", year.first_year()),
                Usual::Month => today.strftime("%Y-%m").to_string(),
            };
            named(&value).unwrap_or(Period {
                from: year.starts_on(),
                to: year.ends_on(),
                value,
                label: format!("anno scolastico {year}"),
            })
        });
        let (from, to) = (
            parse_date(cx.query.text("dal")),
            parse_date(cx.query.text("al")),
        );
        if from.is_some() || to.is_some() {
            period.from = from.unwrap_or(period.from);
            period.to = to.unwrap_or(period.to).max(period.from);
            period.label = format!(
                "dal {} al {}",
                crate::base::date_it(period.from),
                crate::base::date_it(period.to)
            );
        }
        period
    }

    /// The fields that choose it.
    pub(super) fn filters(&self, cx: &Cx, usual: Usual) -> Vec<Filter> {
        let today = cx.today();
        let year = SchoolYear::of(today).first_year();
        let mut options = Vec::new();
        if usual == Usual::Month {
            let first = today.first_of_month();
            let months = (0..15).filter_map(|back| first.checked_sub(back.months()).ok());
            options.extend(months.filter_map(|day| named(&day.strftime("%Y-%m").to_string())));
        }
        options.extend((0..4).filter_map(|back| named(&format!("a{}", year - back))));
        options.extend((0..4).filter_map(|back| named(&(today.year() - back).to_string())));
        let date = |name, label| Filter {
            name,
            label,
            kind: "date",
            value: parse_date(cx.query.text(name)).map_or_else(String::new, |day| day.to_string()),
            options: Vec::new(),
        };
        vec![
            Filter {
                name: "periodo",
                label: "Periodo",
                kind: "select",
                value: self.value.clone(),
                options: options
                    .into_iter()
                    .map(|p| (p.value, capital(&p.label)))
                    .collect(),
            },
            date("dal", "Oppure dal"),
            date("al", "al"),
        ]
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

fn named(value: &str) -> Option<Period> {
    let value = value.trim();
    let (from, to, label) = if let Some(year) = value.strip_prefix('a') {
        let year: SchoolYear = year.parse().ok()?;
        (
            year.starts_on(),
            year.ends_on(),
            format!("anno scolastico {year}"),
        )
    } else if let Some((year, month)) = value.split_once('-') {
        let first = Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()?;
        let label = format!("{} {}", month_it(first.month()), first.year());
        (first, first.last_of_month(), label)
    } else {
        let year: i16 = value
            .parse()
            .ok()
            .filter(|year| (1950..=2200).contains(year))?;
        let (first, last) = (Date::new(year, 1, 1).ok()?, Date::new(year, 12, 31).ok()?);
        (first, last, format!("anno {year}"))
    };
    Some(Period {
        from,
        to,
        value: value.to_owned(),
        label,
    })
}

/// The service that the address names, of all of them.
pub(super) fn service_filter(cx: &Cx, services: &[Service]) -> Filter {
    choice(
        cx,
        ("servizio", "Servizio", "Tutti i servizi"),
        services.iter().map(|s| (&s.public_id, &s.name)),
    )
}

/// The school that the address names, of all of them.
pub(super) fn school_filter(cx: &Cx, schools: &[SchoolRow]) -> Filter {
    choice(
        cx,
        ("plesso", "Plesso", "Tutti i plessi"),
        schools.iter().map(|s| (&s.public_id, &s.name)),
    )
}

fn choice<'a>(
    cx: &Cx,
    (name, label, all): (&'static str, &'static str, &str),
    of: impl Iterator<Item = (&'a PublicId, &'a String)>,
) -> Filter {
    let mut options = vec![(String::new(), all.to_owned())];
    options.extend(of.map(|(id, name)| (id.to_string(), name.clone())));
    Filter {
        name,
        label,
        kind: "select",
        value: cx.query.text(name).to_owned(),
        options,
    }
}

/// What of some rows the address names; one that is not there is not found.
pub(super) fn chosen<'a, T>(
    cx: &Cx,
    name: &str,
    of: &'a [T],
    id: impl Fn(&T) -> &PublicId,
) -> Result<Option<&'a T>> {
    match cx.query.text(name) {
        "" => Ok(None),
        asked => {
            let found = of.iter().find(|one| id(one).to_string() == asked);
            found.map(Some).ok_or(crate::base::Error::NotFound)
        }
    }
}
