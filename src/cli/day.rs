//! `campanella day close`: price and post what was eaten.

use jiff::civil::Date;

use super::{Done, Failure, Place, output};
use crate::app::App;
use crate::base::{Actor, Cents, Error, Result, parse_date};
use crate::charging;
use crate::municipality::{self, Service};

/// The days of services.
#[derive(clap::Subcommand)]
pub enum Action {
    /// Close days: every enrolled child that ate is charged, once
    Close(CloseOptions),
}

/// Which days.
#[derive(clap::Args)]
#[group(skip)]
#[command(after_help = "\
Examples:
  campanella day close --date 2026-11-03
  campanella day close --from 2026-10-01 --to 2026-10-31 --service mensa

JSON:
  {\"days\": 1, \"charges\": 312, \"total\": \"1284.40\"}")]
pub struct CloseOptions {
    /// One day
    #[arg(long, value_parser = day, value_name = "DAY", conflicts_with_all = ["from", "to"], required_unless_present = "from")]
    date: Option<Date>,
    /// The first of several days
    #[arg(long, value_parser = day, value_name = "DAY", requires = "to")]
    from: Option<Date>,
    /// The last of several days
    #[arg(long, value_parser = day, value_name = "DAY", requires = "from")]
    to: Option<Date>,
    /// Only this service, by its code
    #[arg(long, value_name = "CODE")]
    service: Option<String>,
    /// For machines
    #[arg(long)]
    json: bool,
}

fn day(text: &str) -> Result<Date, String> {
    parse_date(text).ok_or_else(|| format!("`{text}` is not a day: write 2026-11-03"))
}

pub(super) fn run(place: &Place, action: &Action) -> Done {
    let Action::Close(options) = action;
    let (from, to) = match (options.date, options.from, options.to) {
        (Some(day), _, _) => (day, day),
        (None, Some(from), Some(to)) if from <= to => (from, to),
        _ => {
            let why = "--from comes after --to: give the first day with --from".to_owned();
            return Err(Failure::Usage(why));
        }
    };
    let app = place.open()?;
    let services = prepaid_services(&app, options.service.as_deref())?;
    let (mut closed, mut charges, mut total) = (0, 0, Cents::ZERO);
    for service in &services {
        // One day asks for itself and hears why not; a range takes the days that wait.
        let days = if from == to {
            vec![from]
        } else {
            waiting(&app, service, from, to)?
        };
        let bar = output::bar(days.len() as u64, &service.name);
        for day in days {
            let job = charging::close_day(
                &app.store,
                &Actor::System("cli"),
                service.id,
                day,
                app.now(),
                |_| {},
            )?;
            closed += 1;
            charges += job.result["charges"].as_i64().unwrap_or(0);
            total += amount(&job.result["total"])?;
            bar.inc(1);
        }
        bar.finish_and_clear();
    }
    if options.json {
        output::json(&serde_json::json!({ "days": closed, "charges": charges, "total": total }));
    } else {
        output::line(format!(
            "{closed} days closed, {charges} charges, {} euros",
            total.to_decimal()
        ));
    }
    Ok(())
}

fn amount(value: &serde_json::Value) -> Result<Cents> {
    Cents::parse_decimal(value.as_str().unwrap_or("0")).map_err(Error::internal)
}

fn waiting(app: &App, service: &Service, from: Date, to: Date) -> Result<Vec<Date>> {
    let last = to.min(charging::last_closable_day(service, app.now()));
    let days = app
        .store
        .read(|db| charging::days_to_close(db, service, last))?;
    Ok(days.into_iter().filter(|day| *day >= from).collect())
}

fn prepaid_services(app: &App, code: Option<&str>) -> Result<Vec<Service>> {
    let all = app.store.read(municipality::services)?;
    match code {
        None => Ok(all.into_iter().filter(|service| service.prepaid).collect()),
        Some(code) => match all.into_iter().find(|service| service.code == code) {
            Some(service) => Ok(vec![service]),
            None => Err(Error::Internal(format!("there is no service `{code}`"))),
        },
    }
}
