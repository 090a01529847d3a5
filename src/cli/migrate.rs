//! `campanella migrate`: the database of an older program.

use super::{Done, Place, output};
use crate::base::Error;
use crate::store;

/// Brings the database to this program's version.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  campanella migrate
  campanella --data /var/lib/campanella/data migrate --json

JSON:
  {\"from\": 3, \"to\": 4}")]
pub struct Options {
    /// For machines
    #[arg(long)]
    json: bool,
}

pub(super) fn run(place: &Place, options: &Options) -> Done {
    if !place.folder.join(store::DATABASE_FILE).exists() {
        return Err(
            Error::Internal(format!("{} holds no database", place.folder.display())).into(),
        );
    }
    let _alone = store::take_folder(&place.folder)?;
    let migrated = store::migrate(&place.folder)?;
    if options.json {
        output::json(&serde_json::json!({ "from": migrated.from, "to": migrated.to }));
    } else if migrated.from == migrated.to {
        output::line(format!("Nothing to do: schema version {}.", migrated.to));
    } else {
        output::line(format!(
            "Schema version {} is now {}.",
            migrated.from, migrated.to
        ));
    }
    Ok(())
}
