//! Who the office looks at: the bar on top of every page that is about one family.

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::base::{Cents, Date, Result};
use crate::ledger;
use crate::people::{self, GuardianshipTitle, Person};

/// Where a family's sheet is.
pub(super) fn href(person: &Person) -> String {
    format!("/ufficio/famiglie/{}", person.public_id)
}

/// Name, contacts, balance and children.
///
/// # Errors
/// The database's own failure.
pub(super) fn identity_bar(db: &Connection, person: &Person, today: Date) -> Result<Value> {
    let accounts = ledger::accounts_of_person(db, person.id)?;
    let balance: Cents = accounts.iter().map(|account| account.balance).sum();
    let mut children = Vec::new();
    for tie in people::ties_of(db, person.id, today)? {
        if tie.adult == person.id {
            children.push(people::person(db, tie.child)?.name);
        }
    }
    Ok(json!({
        "name": person.full_name(),
        "fiscal_code": person.fiscal_code,
        "phone": person.phone,
        "email": person.email,
        "owes": balance < Cents::ZERO,
        "balance": if accounts.is_empty() { Value::Null } else { json!(balance.abs()) },
        "children": children,
        "href": href(person),
        "thread": format!("/ufficio/messaggi/{}", person.public_id),
    }))
}

/// In what quality somebody answers for a child.
pub(super) fn title_word(title: GuardianshipTitle) -> &'static str {
    match title {
        GuardianshipTitle::Parent => "genitore",
        GuardianshipTitle::Guardian => "tutore",
        GuardianshipTitle::Foster => "affidatario",
    }
}
