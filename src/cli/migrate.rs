//! `campanella migrate`: the database of an older program.

use super::{Done, Place, output};
use crate::base::Error;
use crate::store;

pub(super) fn run(place: &Place) -> Done {
    if !place.folder.join(store::DATABASE_FILE).exists() {
        return Err(
            Error::Internal(format!("{} holds no database", place.folder.display())).into(),
        );
    }
    let _alone = store::take_folder(&place.folder)?;
    let migrated = store::migrate(&place.folder)?;
    if migrated.from == migrated.to {
        output::line(format!("Nothing to do: schema version {}.", migrated.to));
    } else {
        output::line(format!(
            "Schema version {} is now {}.",
            migrated.from, migrated.to
        ));
    }
    Ok(())
}
