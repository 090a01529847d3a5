//! `campanella check`.

use super::{Done, Failure, Place, output};
use crate::processes::checks;

/// Looks at integrity, invariants and the audit chain; exit code 1 when something is wrong.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  campanella check
  campanella check --json

JSON:
  {\"ok\": true, \"checks\": [{\"check\": \"the audit chain is unbroken\", \"ok\": true, \"warning\": false, \"detail\": \"\"}]}")]
pub struct Options {
    /// For machines
    #[arg(long)]
    json: bool,
}

pub(super) fn run(place: &Place, options: &Options) -> Done {
    let app = place.open()?;
    let findings = checks::check(&app)?;
    let sound = findings.iter().all(|finding| finding.ok);
    if options.json {
        output::json(&serde_json::json!({ "ok": sound, "checks": findings }));
    } else {
        for finding in &findings {
            let mark = match (finding.ok, finding.warning) {
                (false, _) => "WRONG",
                (true, true) => "warn ",
                (true, false) => "ok   ",
            };
            let detail = match finding.detail.as_str() {
                "" => String::new(),
                detail => format!(": {detail}"),
            };
            output::line(format!("{mark} {}{detail}", finding.check));
        }
    }
    if sound { Ok(()) } else { Err(Failure::Found) }
}
