//! `campanella jobs`: long work, on the command line.

use serde_json::json;

use super::{Done, Failure, Place, output, sentence};
use crate::app::App;
use crate::base::{Actor, Error, PublicId, Result};
use crate::jobs::{self, Job};
use crate::processes::work;
use crate::store::Urgency;

/// Long work.
#[derive(clap::Subcommand)]
pub enum Action {
    /// The last jobs, the newest first
    List(ListOptions),
    /// Work off what waits or was cut off; with an id one that failed
    Resume(ResumeOptions),
}

/// How many.
#[derive(clap::Args)]
#[group(skip)]
#[command(after_help = "\
Examples:
  campanella jobs list
  campanella jobs list --last 5 --json

JSON:
  {\"jobs\": [{\"public_id\": \"…\", \"kind\": \"day-close\", \"params\": {}, \"state\": \"done\", \"cursor\": \"\", \"done\": 3, \"total\": 3, \"result\": {}, \"error\": \"\", \"created_at\": 1790000000000, \"updated_at\": 1790000000000}]}")]
pub struct ListOptions {
    /// So many
    #[arg(long, value_name = "N", default_value_t = 50)]
    last: u32,
    /// For machines
    #[arg(long)]
    json: bool,
}

/// Which job.
#[derive(clap::Args)]
#[group(skip)]
#[command(after_help = "\
Examples:
  campanella jobs resume
  campanella jobs resume 0v6k3m9q2x4r8t1w5y7z0b2d4f

JSON:
  {\"done\": 1, \"failed\": 0, \"jobs\": []}")]
pub struct ResumeOptions {
    /// The job's id, as `jobs list` shows it [default: all that wait or were cut off]
    id: Option<String>,
    /// For machines
    #[arg(long)]
    json: bool,
}

pub(super) fn run(place: &Place, action: &Action) -> Done {
    let app = place.open()?;
    match action {
        Action::List(options) => list(&app, options),
        Action::Resume(options) => resume(&app, options),
    }
}

fn list(app: &App, options: &ListOptions) -> Done {
    let all = app.store.read(|db| jobs::recent(db, options.last))?;
    if options.json {
        output::json(&json!({ "jobs": all }));
        return Ok(());
    }
    for job in &all {
        output::line(line(job));
    }
    Ok(())
}

fn line(job: &Job) -> String {
    let why = match job.error.as_str() {
        "" => String::new(),
        error => format!(": {error}"),
    };
    format!(
        "{} {:<10} {:<8} {}/{} since {}{why}",
        job.public_id, job.kind, job.state, job.done, job.total, job.created_at
    )
}

fn resume(app: &App, options: &ResumeOptions) -> Done {
    let waiting = match &options.id {
        Some(id) => vec![one(app, id)?],
        None => app.store.read(|db| jobs::unfinished(db, app.now()))?,
    };
    let (mut ended, mut failed) = (Vec::new(), 0);
    for job in waiting {
        let step = work::step_of(&job.kind)
            .ok_or_else(|| Error::Internal(format!("no step is known for {}", job.kind)))?;
        let bar = output::bar(u64::try_from(job.total).unwrap_or(0), &job.kind);
        let worked = jobs::run(
            &app.store,
            job.id,
            step,
            || app.now(),
            |job| output::show(&bar, job),
        );
        bar.finish_and_clear();
        if let Err(error) = worked {
            failed += 1;
            eprintln!(
                "campanella: job {} failed: {}",
                job.public_id,
                sentence(&error)
            );
        }
        ended.push(app.store.read(|db| jobs::job(db, job.id))?);
    }
    if options.json {
        output::json(&json!({ "done": ended.len() - failed, "failed": failed, "jobs": ended }));
    } else if ended.is_empty() {
        output::line("Nothing waits.");
    } else {
        for job in &ended {
            output::line(line(job));
        }
    }
    if failed == 0 {
        Ok(())
    } else {
        Err(Failure::Found)
    }
}

/// A job by its id; a failed one waits again.
fn one(app: &App, text: &str) -> Result<Job> {
    let none = || {
        Error::Internal(format!(
            "there is no job {text}: `campanella jobs list` names them"
        ))
    };
    let id: PublicId = text.parse().map_err(|_| none())?;
    let found = app.store.read(|db| jobs::job_by_public_id(db, &id));
    let job = match found {
        Err(Error::NotFound) => return Err(none()),
        found => found?,
    };
    if job.state == "failed" {
        let now = app.now();
        app.store.write(Urgency::Interactive, move |tx| {
            jobs::retry(tx, &Actor::System("cli"), &id, now)
        })?;
    }
    Ok(job)
}
