//! ISEE values, as the office read them. With the day on which one was handed in (`presentato_il`) the
//! comune's rule says when it counts; without it counts as the earlier system says.

use super::enrolments::known_person;
use super::{Fault, Import, Outcome, Plan};
use crate::base::{Actor, CsvRow, Text};
use crate::isee::{self, IseeKind, NewIsee, NewLodged};

pub(super) const PLAN: Plan = Plan {
    required: &["codice_fiscale", "valore", "valido_dal", "valido_al"],
    optional: &["tipo", "protocollo", "omissioni", "presentato_il"],
    row,
};

fn row(import: &mut Import<'_>, row: &CsvRow) -> Result<Outcome, Fault> {
    let child = known_person(import, row, "codice_fiscale")?;
    let value = row.cents("valore")?;
    import.total += value;
    let kind = IseeKind::parse(row.optional("tipo").unwrap_or("minorenni"))
        .ok_or_else(|| row.error("tipo", Text::new("import-isee-kind")))?;
    let omissions = match row.optional("omissioni").map(str::to_lowercase).as_deref() {
        None | Some("no" | "0") => false,
        Some("si" | "sì" | "1") => true,
        Some(_) => return Err(row.error("omissioni", Text::new("import-yes-no")).into()),
    };
    let new = NewIsee {
        child,
        value,
        kind,
        protocol: row.optional("protocollo").unwrap_or(""),
        omissions,
        valid_from: row.date("valido_dal")?,
        valid_to: row.date("valido_al")?,
    };
    if row.optional("presentato_il").is_some() {
        return handed_in(import, row, &new);
    }
    let same = |known: &isee::Isee| {
        (
            known.value,
            known.valid_from,
            known.valid_to,
            known.kind,
            known.omissions,
        ) == (value, new.valid_from, new.valid_to, kind, omissions)
    };
    if isee::of_child(import.tx, child)?.iter().any(same) {
        return Ok(Outcome::Unchanged);
    }
    isee::record_isee(import.tx, &Actor::System("import"), &new, import.now)?;
    Ok(Outcome::Added)
}

fn handed_in(import: &mut Import<'_>, row: &CsvRow, new: &NewIsee<'_>) -> Result<Outcome, Fault> {
    let lodged_on = row.date("presentato_il")?;
    let lodged = NewLodged {
        child: new.child,
        value: new.value,
        kind: new.kind,
        protocol: new.protocol,
        omissions: new.omissions,
        lodged_on,
        own_from: new.valid_from,
        own_to: new.valid_to,
        certificate: None,
    };
    let same = |known: &isee::Isee| {
        (
            known.lodged_on,
            known.value,
            known.own_from,
            known.own_to,
            known.kind,
            known.omissions,
        ) == (
            Some(lodged_on),
            new.value,
            new.valid_from,
            new.valid_to,
            new.kind,
            new.omissions,
        )
    };
    if isee::of_child(import.tx, new.child)?.iter().any(same) {
        return Ok(Outcome::Unchanged);
    }
    isee::lodge(import.tx, &Actor::System("import"), &lodged, import.now)?;
    Ok(Outcome::Added)
}
