//! Opening balances, and the charges of an earlier system line by line.

use sha2::{Digest, Sha256};

use super::enrolments::{known_person, known_service};
use super::{Fault, Import, Outcome, Plan, order_of};
use crate::base::{AccountId, Cents, CsvRow, Date, Text, today};
use crate::ledger::{self, ImportedKind, NewImported};
use crate::tariffs::Explanation;
use crate::{charging, municipality};

/// One balance of an account: what the family has (above zero) or owes (below).
pub(super) const BALANCES: Plan = Plan {
    required: &[
        "intestatario",
        "codice_fiscale",
        "servizio",
        "saldo",
        "data",
    ],
    optional: &["descrizione", "sistema", "ordine"],
    row: balance,
};

/// What was charged or credited elsewhere, payments apart.
pub(super) const CHARGES: Plan = Plan {
    required: &[
        "intestatario",
        "codice_fiscale",
        "servizio",
        "data",
        "importo",
    ],
    optional: &[
        "tipo",
        "descrizione",
        "riferimento",
        "spiegazione",
        "sistema",
        "ordine",
    ],
    row: charge,
};

/// Days that the earlier system has charged.
pub(super) const CLOSINGS: Plan = Plan {
    required: &["servizio", "dal", "al"],
    optional: &[],
    row: closing,
};

fn account(import: &Import<'_>, row: &CsvRow) -> Result<AccountId, Fault> {
    let payer = known_person(import, row, "intestatario")?;
    let child = known_person(import, row, "codice_fiscale")?;
    let service = known_service(import, row)?;
    Ok(ledger::family_account(import.tx, payer, child, service.id)?)
}

fn past_day(import: &Import<'_>, row: &CsvRow, column: &str) -> Result<Date, Fault> {
    let day = row.date(column)?;
    if day > today(import.now) {
        return Err(row.error(column, Text::new("error-date-in-future")).into());
    }
    Ok(day)
}

fn balance(import: &mut Import<'_>, row: &CsvRow) -> Result<Outcome, Fault> {
    let amount = row.cents("saldo")?;
    import.total += amount;
    let (account, day) = (account(import, row)?, past_day(import, row, "data")?);
    let description = row.optional("descrizione").unwrap_or("");
    let key = format!("balance:{}:{day}:{description}", account.0);
    import.once(row, key.clone())?;
    if let Some((_, _, known)) = ledger::imported_by_key(import.tx, &key)? {
        if known == amount {
            return Ok(Outcome::Unchanged);
        }
        let text = Text::new("import-balance-known").with("amount", known);
        return Err(row.error("saldo", text).into());
    }
    let origin = import.origin.clone();
    let new = NewImported {
        account,
        kind: ImportedKind::Balance,
        day,
        amount,
        description,
        explanation: None,
        key: &key,
        origin: row.optional("sistema").unwrap_or(&origin),
    };
    record(import, row, &new)
}

fn charge(import: &mut Import<'_>, row: &CsvRow) -> Result<Outcome, Fault> {
    let amount = row.cents("importo")?;
    import.total += amount;
    let (account, day) = (account(import, row)?, past_day(import, row, "data")?);
    let (kind, amount) = match row.optional("tipo").map(str::to_lowercase).as_deref() {
        None | Some("addebito") => (ImportedKind::Charge, -amount),
        Some("accredito") => (ImportedKind::Credit, amount),
        Some("storno") => (ImportedKind::Reversal, amount),
        Some(_) => return Err(row.error("tipo", Text::new("import-charge-kind")).into()),
    };
    let explanation = row.optional("spiegazione");
    if explanation.is_some_and(|json| serde_json::from_str::<Explanation>(json).is_err()) {
        return Err(row
            .error("spiegazione", Text::new("import-explanation"))
            .into());
    }
    let description = row.optional("descrizione").unwrap_or("");
    let key = match row.optional("riferimento") {
        Some(reference) => format!("charge:{}:{reference}", account.0),
        None => {
            let line = format!(
                "{}|{day}|{}|{amount:?}|{description}",
                account.0,
                kind.as_str()
            );
            let digest: [u8; 32] = Sha256::digest(line.as_bytes()).into();
            let hex: String = digest.iter().take(16).map(|b| format!("{b:02x}")).collect();
            format!("charge:{hex}")
        }
    };
    import.once(row, key.clone())?;
    if let Some(known) = ledger::imported_by_key(import.tx, &key)? {
        if known == (account, day, amount) {
            return Ok(Outcome::Unchanged);
        }
        let reference = row.optional("riferimento").unwrap_or("");
        let text = Text::new("import-charge-known").with("reference", reference);
        return Err(row.error("riferimento", text).into());
    }
    // What this folder charged itself and exported comes back: it is here already.
    if let Some(reference) = row.optional("riferimento")
        && charging::billed_here(import.tx, account, reference)? == Some(-amount)
    {
        return Ok(Outcome::Unchanged);
    }
    if kind == ImportedKind::Charge
        && let Some(here) = charging::charged_here(import.tx, account, day)?
    {
        if here == -amount {
            return Ok(Outcome::Unchanged);
        }
        let text = Text::new("import-charged-here").with("amount", here);
        return Err(row.error("data", text).into());
    }
    // So do a transfer, a refund, a write-off and their reversal.
    if let Some(reference) = row.optional("riferimento")
        && ledger::moved_here(import.tx, account, reference, amount)?
    {
        return Ok(Outcome::Unchanged);
    }
    let origin = import.origin.clone();
    let new = NewImported {
        account,
        kind,
        day,
        amount,
        description,
        explanation,
        key: &key,
        origin: row.optional("sistema").unwrap_or(&origin),
    };
    record(import, row, &new)
}

fn record(import: &mut Import<'_>, row: &CsvRow, new: &NewImported<'_>) -> Result<Outcome, Fault> {
    let order = order_of(row)?;
    if let Some(entry) = ledger::record_imported(import.tx, new, import.now)? {
        import.post_later(order, entry);
    }
    Ok(Outcome::Added)
}

fn closing(import: &mut Import<'_>, row: &CsvRow) -> Result<Outcome, Fault> {
    let service = known_service(import, row)?;
    let (from, to) = (row.date("dal")?, past_day(import, row, "al")?);
    let new = charging::record_closed_elsewhere(import.tx, service.id, from, to)?;
    Ok(if new {
        Outcome::Added
    } else {
        Outcome::Unchanged
    })
}

/// Credits and debts of all accounts of a service, for the comparison with the earlier system.
pub(super) fn balances_by_service(
    tx: &rusqlite::Transaction<'_>,
) -> crate::base::Result<Vec<(String, Cents, Cents)>> {
    let sql = "/* import */ select coalesce(sum(max(b, 0)), 0), coalesce(sum(min(b, 0)), 0) from (
                 select (select coalesce(sum(amount), 0) from ledger_entry where credit_id = a.id)
                      - (select coalesce(sum(amount), 0) from ledger_entry where debit_id = a.id) as b
                 from account a where a.kind = 'family' and a.service_id = ?1)";
    let mut found = Vec::new();
    for service in municipality::services(tx)? {
        let (credit, debt) = tx.query_row(sql, [service.id], |r| Ok((r.get(0)?, r.get(1)?)))?;
        found.push((service.code, credit, debt));
    }
    Ok(found)
}
