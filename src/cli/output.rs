//! What commands print. A closed pipe (`campanella check | head`) is no error.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};

use crate::jobs::Job;

/// Prints a line to stdout.
pub(super) fn line(text: impl std::fmt::Display) {
    // A reader that has gone wants no more lines.
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Prints JSON to stdout.
pub(super) fn json(value: &serde_json::Value) {
    line(format!("{value:#}"));
}

/// A progress bar on a terminal, nothing elsewhere.
pub(super) fn bar(total: u64, what: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(total);
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}") {
        bar.set_style(style);
    }
    bar.set_message(what.to_owned());
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// On a terminal, a sign that something is going on whose end nobody can tell; it goes by itself.
pub(super) fn busy(what: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let busy = ProgressBar::new_spinner().with_finish(ProgressFinish::AndClear);
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
        busy.set_style(style);
    }
    busy.set_message(what.to_owned());
    busy.enable_steady_tick(Duration::from_millis(200));
    busy
}

/// Shows how far a job is.
pub(super) fn show(bar: &ProgressBar, job: &Job) {
    bar.set_length(u64::try_from(job.total).unwrap_or(0));
    bar.set_position(u64::try_from(job.done).unwrap_or(0));
}
