//! `campanella bill`: draft and publish the bills of a period.

use jiff::civil::Date;

use super::{Done, Failure, Place, output};
use crate::app::App;
use crate::base::{Actor, Cents, Error, Result, ServiceId, Text, parse_date, today};
use crate::billing::{self, NewRun, Run, RunState};
use crate::jobs;
use crate::municipality;
use crate::store::Urgency;

/// The bills of a period.
#[derive(clap::Subcommand)]
pub enum Action {
    /// Draft a period: every line, nothing is charged yet
    Draft(DraftOptions),
    /// Publish the draft of a period: charges, bills and payment notices
    Publish(PublishOptions),
}

/// Which days.
#[derive(clap::Args)]
#[group(skip)]
pub struct Period {
    /// The first day
    #[arg(long, value_parser = day, value_name = "DAY")]
    from: Date,
    /// The last day
    #[arg(long, value_parser = day, value_name = "DAY")]
    to: Date,
    #[command(flatten)]
    whose: Whose,
}

/// Which days, where the rhythm of the services may say them.
#[derive(clap::Args)]
#[group(skip)]
pub struct PerhapsPeriod {
    /// The first day; without --from and --to, the next period that was not billed, by the rhythm of the service
    #[arg(long, value_parser = day, value_name = "DAY", requires = "to")]
    from: Option<Date>,
    /// The last day
    #[arg(long, value_parser = day, value_name = "DAY", requires = "from")]
    to: Option<Date>,
    #[command(flatten)]
    whose: Whose,
}

/// Which services, and for whom it is printed.
#[derive(clap::Args)]
#[group(skip)]
pub struct Whose {
    /// Only this service, by its code
    #[arg(long, value_name = "CODE")]
    service: Option<String>,
    /// For machines
    #[arg(long)]
    json: bool,
}

/// What is drafted.
#[derive(clap::Args)]
#[group(skip)]
#[command(after_help = "\
A period that was published already is drafted as a correction: only differences have lines.

Examples:
  campanella bill draft --from 2026-10-01 --to 2026-10-31
  campanella bill draft --service mensa
  campanella bill draft --from 2026-10-01 --to 2026-10-31 --service nido

JSON:
  {\"from\": \"2026-10-01\", \"to\": \"2026-10-31\", \"payers\": 208, \"lines\": 312, \"faults\": 0, \"total\": \"12844.40\"}")]
pub struct DraftOptions {
    #[command(flatten)]
    period: PerhapsPeriod,
    /// Throw an open draft of the same period away first
    #[arg(long)]
    again: bool,
    /// Also bill what the ISEE rule of the comune lets wait for the new ISEE
    #[arg(long)]
    include_held: bool,
}

/// What is published.
#[derive(clap::Args)]
#[group(skip)]
#[command(after_help = "\
Examples:
  campanella bill publish --from 2026-10-01 --to 2026-10-31 --due 2026-11-30

JSON:
  {\"bills\": 208, \"failed\": 0, \"notices\": 201, \"total\": \"12844.40\"}")]
pub struct PublishOptions {
    #[command(flatten)]
    period: Period,
    /// The last day to pay
    #[arg(long, value_parser = day, value_name = "DAY")]
    due: Date,
    /// Publish without the lines that have no price; the next draft has them again
    #[arg(long)]
    leave_faults: bool,
}

fn day(text: &str) -> Result<Date, String> {
    parse_date(text).ok_or_else(|| format!("`{text}` is not a day: write 2026-11-03"))
}

pub(super) fn run(place: &Place, action: &Action) -> Done {
    match action {
        Action::Draft(options) => draft(place, options),
        Action::Publish(options) => publish(place, options),
    }
}

fn draft(place: &Place, options: &DraftOptions) -> Done {
    let app = place.open()?;
    let whose = &options.period.whose;
    let actor = Actor::System("cli");
    let one = service(&app, whose.service.as_deref())?;
    let days = match (options.period.from, options.period.to) {
        (Some(from), Some(to)) => (from, to),
        _ => next_period(&app, one)?,
    };
    let new = NewRun {
        include_held: options.include_held,
        ..NewRun::period(days, one)
    };
    let (again, now) = (options.again, app.now());
    let (run, job) = app.store.write(Urgency::Interactive, move |tx| {
        if again && let Some(open) = same_period(billing::open_run(tx)?, &new) {
            billing::discard(tx, &actor, &open.public_id, now)?;
        }
        billing::start_draft(tx, &actor, &new, now)
    })?;
    work_off(&app, &job, "drafting")?;
    let totals = app.store.read(|db| billing::totals(db, &run))?;
    if totals.lines == 0 {
        // Nothing to look at, and an open run stands in the way of the next.
        app.store.write(Urgency::Interactive, move |tx| {
            billing::discard(tx, &Actor::System("cli"), &run.public_id, now)
        })?;
    }
    if totals.lines == 0 && !whose.json {
        output::line(format!(
            "nothing to charge from {} to {}: these days are billed, or nobody used the service",
            days.0, days.1
        ));
    } else if whose.json {
        output::json(&serde_json::json!({
            "from": days.0, "to": days.1, "payers": totals.payers, "lines": totals.lines, "faults": totals.faults,
            "total": totals.total,
        }));
    } else {
        output::line(format!(
            "from {} to {}: {} payers, {} lines, {} of them without a price, {} euros: look at it, then publish it",
            days.0,
            days.1,
            totals.payers,
            totals.lines,
            totals.faults,
            totals.total.to_decimal()
        ));
    }
    Ok(())
}

fn publish(place: &Place, options: &PublishOptions) -> Done {
    let app = place.open()?;
    let period = &options.period;
    let days = (period.from, period.to);
    let wanted = NewRun::period(days, service(&app, period.whose.service.as_deref())?);
    let open = app.store.read(billing::open_run)?;
    let other = open.clone();
    let Some(run) = same_period(open, &wanted) else {
        return Err(no_draft(&app, period, other.as_ref())?);
    };
    let (due, leave, now) = (options.due, options.leave_faults, app.now());
    let job = match (run.state, run.job) {
        // A publication that was cut goes on, one that failed tries again.
        (RunState::Publishing, Some(job)) => {
            let job = app.store.read(|db| jobs::job(db, job))?;
            let id = job.public_id.clone();
            app.store.write(Urgency::Interactive, move |tx| {
                jobs::retry(tx, &Actor::System("cli"), &id, now)
            })?;
            job
        }
        _ => app.store.write(Urgency::Interactive, move |tx| {
            let actor = Actor::System("cli");
            billing::start_publish(tx, &actor, &run.public_id, due, leave, now)
        })?,
    };
    let done = work_off(&app, &job, "publishing")?;
    if period.whose.json {
        output::json(&done.result);
    } else {
        let total = done.result["total"].as_str().unwrap_or("0");
        output::line(format!(
            "{} bills, {} payment notices, {} euros",
            done.result["bills"],
            done.result["notices"],
            Cents::parse_decimal(total)
                .map_err(Error::internal)?
                .to_decimal()
        ));
    }
    match done.result["failed"].as_i64() {
        None | Some(0) => Ok(()),
        Some(failed) => Err(Failure::from(Error::Internal(format!(
            "{failed} payers got no bill: their lines say why, and come again in the next draft"
        )))),
    }
}

/// Says which draft is open instead.
fn no_draft(app: &App, period: &Period, open: Option<&Run>) -> Result<Failure> {
    let Some(open) = open else {
        return Ok(Failure::from(Error::Internal(format!(
            "there is no draft from {} to {}: make one with `campanella bill draft`",
            period.from, period.to
        ))));
    };
    let of = match open.service_id {
        Some(id) => {
            let code = app.store.read(|db| municipality::service(db, id))?.code;
            format!(" --service {code}")
        }
        None => String::new(),
    };
    Ok(Failure::from(Error::Internal(format!(
        "there is no such draft: the open one is that of `--from {} --to {}{of}`",
        open.from, open.to
    ))))
}

/// The period that the rhythm of a service, or of all, proposes.
fn next_period(app: &App, service: Option<ServiceId>) -> Result<(Date, Date)> {
    let today = today(app.now());
    let next = app.store.read(|db| match service {
        Some(id) => billing::next_period(db, &municipality::service(db, id)?, today),
        None => billing::next_period_of_all(db, &municipality::services(db)?, today),
    })?;
    next.ok_or_else(|| Error::refused(Text::new("error-bill-no-rhythm")))
}

fn same_period(open: Option<Run>, wanted: &NewRun) -> Option<Run> {
    let same =
        |run: &Run| (run.from, run.to, run.service_id) == (wanted.from, wanted.to, wanted.service);
    open.filter(same)
}

fn service(app: &App, code: Option<&str>) -> Result<Option<ServiceId>> {
    let Some(code) = code else {
        return Ok(None);
    };
    match app
        .store
        .read(|db| municipality::service_by_code(db, code))?
    {
        Some(service) => Ok(Some(service.id)),
        None => Err(Error::Internal(format!("there is no service `{code}`"))),
    }
}

fn work_off(app: &App, job: &jobs::Job, what: &str) -> Result<jobs::Job> {
    let bar = output::bar(u64::try_from(job.total).unwrap_or(0), what);
    let step = crate::processes::work::step_of(&job.kind);
    let step = step.ok_or_else(|| Error::Internal(format!("no step for {}", job.kind)))?;
    let done = jobs::run(
        &app.store,
        job.id,
        step,
        || app.now(),
        |job| {
            bar.set_position(u64::try_from(job.done).unwrap_or(0));
        },
    );
    bar.finish_and_clear();
    let done = done?;
    match done.state.as_str() {
        "done" => Ok(done),
        state => Err(Error::Internal(format!(
            "{what} is {state} ({}): see `campanella jobs list`, then try again",
            done.error
        ))),
    }
}
