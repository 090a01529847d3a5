//! The command line: one file per subcommand, no rules of its own.
//!
//! Exit codes: 0 done, 1 refused or found something wrong, 2 wrong usage (docs/commands.md). Errors go to
//! stderr in one sentence that says what to do next.
//!
//! Every command has examples in its help, and an example of what `--json` prints. docs/commands.md
//! is made out of them, and tests/commands.rs reads them all.

mod attest;
mod backup;
mod bill;
mod check;
mod day;
mod demo;
mod export;
mod import;
mod init;
mod jobs;
mod manuals;
mod migrate;
mod notice;
mod output;
mod serve;
mod tariff;
mod user;
mod verify;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory, Parser, Subcommand};

use crate::app::{self, App};
use crate::base::{Clock, Error, Instant, Result};
use crate::catalogue::Catalogue;

/// The school-services desk of an Italian comune.
#[derive(Parser)]
#[command(name = "campanella", version, propagate_version = true)]
#[command(after_help = "\
Exit codes:
  0  done
  1  refused, or something wrong was found: one sentence on stderr says what to do
  2  wrong usage

Examples:
  campanella demo
  campanella help backup")]
pub struct Cli {
    /// The data folder
    #[arg(
        long,
        global = true,
        env = "CAMPANELLA_DATA",
        default_value = "campanella-data",
        value_name = "DIR"
    )]
    data: PathBuf,
    /// The file with the key of sealed data [default: DIR.key, beside the data folder]
    #[arg(long, global = true, env = "CAMPANELLA_KEY", value_name = "FILE")]
    key: Option<PathBuf>,
    /// What time it is in a demo, like 2026-11-03T08:30 (Rome); a real comune has the machine's clock
    #[arg(long, global = true, value_name = "T", value_parser = moment)]
    clock: Option<Instant>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a fictional comune and serve it on this machine only
    Demo(demo::Options),
    /// Make the data folder of a comune
    Init(init::Options),
    /// Serve the comune to browsers
    Serve(serve::Options),
    /// Check integrity, invariants and the audit chain
    Check(check::Options),
    /// Staff accounts
    #[command(subcommand)]
    User(user::Action),
    /// Bring data in from CSV files (tariffs: TOML)
    Import(import::Options),
    /// Write data out as CSV, JSON or a spreadsheet
    Export(export::Options),
    /// Close days: price and post what was eaten
    #[command(subcommand)]
    Day(day::Action),
    /// Draft and publish the bills of a period
    #[command(subcommand)]
    Bill(bill::Action),
    /// Issue the yearly attestations and write them into a folder
    Attest(attest::Options),
    /// Try a tariff's rule file before it is published
    #[command(subcommand)]
    Tariff(tariff::Action),
    /// Write a payment notice as PDF
    Notice(notice::Options),
    /// Say whether a PDF is an attestation as this comune issued it
    Verify(verify::Options),
    /// Long work: what ran, failed or waits
    #[command(subcommand)]
    Jobs(jobs::Action),
    /// Write the whole comune into one file, also while it is being served
    Backup(backup::BackupOptions),
    /// Put a backup into an empty data folder
    Restore(backup::RestoreOptions),
    /// Bring the database to this program's version
    Migrate(migrate::Options),
    /// Print what makes a shell complete commands
    Completions(manuals::CompletionsOptions),
    /// Write the manual pages into a folder
    Man(manuals::ManOptions),
}

/// Where the comune's things are.
pub(crate) struct Place {
    /// The data folder.
    pub(crate) folder: PathBuf,
    /// The key file.
    pub(crate) key: PathBuf,
    /// Where a demo's clock starts.
    pub(crate) clock: Option<Instant>,
}

fn moment(text: &str) -> Result<Instant, String> {
    let local: Result<jiff::civil::DateTime, _> = text.parse();
    local
        .map(Instant::from_rome)
        .map_err(|_| format!("`{text}` is not a moment: write 2026-11-03T08:30"))
}

impl Place {
    /// Opens the comune.
    fn open(&self) -> Result<Arc<App>> {
        let mut app = App::open(&self.folder, &self.key)?;
        if let Some(start) = self.clock {
            if !app.demo {
                return Err(Error::Internal(format!(
                    "{} holds a real comune: its clock is the machine's, leave --clock out",
                    self.folder.display()
                )));
            }
            app.clock = Clock::starting_at(start);
        }
        Ok(Arc::new(app))
    }
}

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let key = cli.key.unwrap_or_else(|| app::key_file(&cli.data));
    let place = Place {
        folder: cli.data,
        key,
        clock: cli.clock,
    };
    let done = match cli.command {
        Command::Demo(options) => demo::run(&place, &options),
        Command::Init(options) => init::run(&place, &options),
        Command::Serve(options) => serve::run(&place, &options),
        Command::Check(options) => check::run(&place, &options),
        Command::User(action) => user::run(&place, &action),
        Command::Import(options) => import::run(&place, &options),
        Command::Export(options) => export::run(&place, &options),
        Command::Day(action) => day::run(&place, &action),
        Command::Bill(action) => bill::run(&place, &action),
        Command::Attest(options) => attest::run(&place, &options),
        Command::Backup(options) => backup::backup(&place, &options),
        Command::Restore(options) => backup::restore(&place, &options),
        Command::Migrate(options) => migrate::run(&place, &options),
        Command::Tariff(action) => tariff::run(&action),
        Command::Notice(options) => notice::run(&place, &options),
        Command::Verify(options) => verify::run(&place, &options),
        Command::Jobs(action) => jobs::run(&place, &action),
        Command::Completions(options) => manuals::completions(&options),
        Command::Man(options) => manuals::man(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Found) => ExitCode::from(1),
        Err(Failure::Usage(why)) => {
            eprintln!("campanella: {why}");
            ExitCode::from(2)
        }
        Err(Failure::Error(error)) => {
            eprintln!("campanella: {}", sentence(&error));
            ExitCode::from(1)
        }
    }
}

/// Why a command ends with something else than 0.
pub(crate) enum Failure {
    /// The arguments contradict each other; nothing was looked at.
    Usage(String),
    /// It has said itself what it found.
    Found,
    /// Something went wrong.
    Error(Error),
}

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Failure {
        Failure::Error(error.into())
    }
}

/// How a command ends.
pub(crate) type Done = Result<(), Failure>;

fn sentence(error: &Error) -> String {
    match Catalogue::load() {
        Ok(catalogue) => catalogue.english(error),
        Err(_) => error.to_string(),
    }
}

/// The command tree, for tests, completions and man pages.
pub fn command() -> clap::Command {
    Cli::command()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_tree_is_sound() {
        super::command().debug_assert();
    }

    #[test]
    fn every_command_and_option_has_help() {
        fn walk(command: &clap::Command) {
            assert!(
                command.get_about().is_some(),
                "{} has no help",
                command.get_name()
            );
            for argument in command.get_arguments() {
                assert!(
                    argument.get_help().is_some(),
                    "{} {} has no help",
                    command.get_name(),
                    argument.get_id()
                );
            }
            command.get_subcommands().for_each(walk);
        }
        walk(&super::command());
    }
}
