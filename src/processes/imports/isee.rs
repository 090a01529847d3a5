//! ISEE values, as the office read them.

use super::enrolments::known_person;
use super::{Fault, Import, Outcome, Plan};
use crate::base::{Actor, CsvRow, Text};
use crate::isee::{self, IseeKind, NewIsee};

pub(super) const PLAN: Plan = Plan {
    required: &["codice_fiscale", "valore", "valido_dal", "valido_al"],
    optional: &["tipo", "protocollo", "omissioni"],
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
